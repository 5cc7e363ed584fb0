#include "pagebook.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"

static const uint8_t zeroes[PAGE_BYTES];

/* The image of mark 0: only what is not zero is kept. */
static bool keep_image(struct pagebook *book, const struct ram *ram)
{
    size_t count = 0, slot = 0;
    for (size_t page = machine_next_dirty(ram, 0); page < book->npages; page = machine_next_dirty(ram, page + 1))
        count++;
    book->image_slot = calloc(book->npages + 1, sizeof *book->image_slot);
    book->image = malloc(count * PAGE_BYTES + 1);
    if (!book->image_slot || !book->image)
        return false;
    for (size_t page = machine_next_dirty(ram, 0); page < book->npages; page = machine_next_dirty(ram, page + 1)) {
        memcpy(book->image + slot * PAGE_BYTES, ram->bytes + (page << PAGE_SHIFT), PAGE_BYTES);
        book->image_slot[page] = (uint32_t)++slot;
    }
    return true;
}

/* Counts each page's places: first[p + 1] is how many page p has. False: a page that is not in RAM. */
static bool count_places(struct pagebook *book, struct recording *recording, size_t nsnapshots)
{
    for (size_t snapshot = 1; snapshot < nsnapshots; snapshot++) {
        size_t count;
        const uint32_t *pages = recording_pages(recording, snapshot, &count);
        for (size_t i = 0; i < count; i++) {
            if (pages[i] >= book->npages)
                return false;
            book->first[pages[i] + 1]++;
        }
    }
    for (size_t page = 0; page < book->npages; page++)
        book->first[page + 1] += book->first[page];
    return true;
}

/* first[p] moves to the end of page p's places and is moved back. */
static void fill_places(struct pagebook *book, struct recording *recording, size_t nsnapshots)
{
    for (size_t snapshot = 1; snapshot < nsnapshots; snapshot++) {
        size_t count;
        const uint32_t *pages = recording_pages(recording, snapshot, &count);
        for (size_t i = 0; i < count; i++)
            book->places[book->first[pages[i]]++] = (struct page_place){(uint32_t)snapshot, (uint32_t)i};
    }
    memmove(book->first + 1, book->first, book->npages * sizeof *book->first);
    book->first[0] = 0;
}

static err_t fill(struct pagebook *book, struct recording *recording, const struct ram *ram)
{
    size_t nsnapshots;
    recording_snapshots(recording, &nsnapshots);
    book->npages = machine_npages(ram);
    book->first = calloc(book->npages + 1, sizeof *book->first);
    if (!book->first || !keep_image(book, ram))
        return err_make(ERR_NO_MEMORY, "the index of %zu pages", book->npages);
    if (!count_places(book, recording, nsnapshots))
        return err_make(ERR_DAMAGED, "%s: a page outside of RAM", recording_name(recording));
    book->places = malloc((book->first[book->npages] + 1) * sizeof *book->places);
    if (!book->places)
        return err_make(ERR_NO_MEMORY, "the index of %zu pages", book->npages);
    fill_places(book, recording, nsnapshots);
    return err_ok();
}

err_t pagebook_open(struct pagebook *book, struct recording *recording, const struct ram *ram)
{
    *book = (struct pagebook){0};
    err_t error = fill(book, recording, ram);
    if (err_is(error))
        pagebook_close(book);
    return error;
}

void pagebook_close(struct pagebook *book)
{
    free(book->first);
    free(book->places);
    free(book->image_slot);
    free(book->image);
    *book = (struct pagebook){0};
}

struct page_place pagebook_find(const struct pagebook *book, uint32_t page, size_t snapshot)
{
    uint64_t low = book->first[page], high = book->first[page + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (book->places[middle].snapshot <= snapshot)
            low = middle + 1;
        else
            high = middle;
    }
    return low > book->first[page] ? book->places[low - 1] : (struct page_place){0, 0};
}

const uint8_t *pagebook_image(const struct pagebook *book, uint32_t page)
{
    uint32_t slot = book->image_slot[page];
    return slot ? book->image + (size_t)(slot - 1) * PAGE_BYTES : zeroes;
}

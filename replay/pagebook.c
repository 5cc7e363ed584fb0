#include "pagebook.h"

#include <stdlib.h>
#include <string.h>

#include "image_trail.h"
#include "machine.h"

/* ---- the images ---------------------------------------------------------------------------------------------------- */

/* A copy of a page that no image holds as it is: of an ELF, of what was packed, of the device tree. */
static const uint8_t *copy(struct pagebook *book, const uint8_t *page)
{
    struct page_copies *copies = book->copies;
    if (!copies || copies->count == PAGE_COPIES) {
        copies = memory_get(sizeof *copies);
        if (!copies)
            return NULL;
        copies->next = book->copies;
        book->copies = copies;
    }
    return memcpy(copies->pages[copies->count++], page, PAGE_BYTES);
}

/* The content of mark 0: the recording holds most of it already. */
static bool keep_images(struct pagebook *book, const struct board_config *config, const struct ram *ram)
{
    struct image_trail trail = image_trail_begin(config);
    book->images = calloc(book->npages + 1, sizeof *book->images); /* untouched, it costs no memory */
    if (!book->images)
        return false;
    for (size_t page = machine_next_dirty(ram, 0); page < book->npages; page = machine_next_dirty(ram, page + 1)) {
        const uint8_t *bytes = ram->bytes + (page << PAGE_SHIFT);
        const uint8_t *image = image_trail_find(&trail, page, bytes);
        book->images[page] = image ? image : copy(book, bytes);
        if (!book->images[page])
            return false;
    }
    return true;
}

/* ---- the places ---------------------------------------------------------------------------------------------------- */

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
    if (!book->first || !keep_images(book, recording_config(recording), ram))
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
    free(book->images);
    while (book->copies) {
        struct page_copies *next = book->copies->next;
        memory_put(book->copies, sizeof *book->copies);
        book->copies = next;
    }
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
    return book->images[page] ? book->images[page] : page_of_zeroes;
}

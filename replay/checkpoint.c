#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

/* Room for so many pages' numbers and places. */
static bool allocate(size_t npages, uint32_t **pages, uint8_t ***contents)
{
    *pages = malloc((npages + 1) * sizeof **pages);
    *contents = calloc(npages + 1, sizeof **contents);
    if (*pages && *contents)
        return true;
    free(*pages);
    free(*contents);
    return false;
}

/* Copies the pages that it lists. */
static bool copy_pages(struct checkpoint *checkpoint, const struct ram *ram, struct pagestore *store)
{
    for (size_t i = 0; i < checkpoint->npages; i++) {
        checkpoint->contents[i] = pagestore_get(store);
        if (!checkpoint->contents[i])
            return false;
        memcpy(checkpoint->contents[i], ram->bytes + ((uint64_t)checkpoint->pages[i] << PAGE_SHIFT), PAGE_BYTES);
    }
    return true;
}

struct checkpoint *checkpoint_make(struct board *board, struct pageset *pages, struct pagestore *store)
{
    struct checkpoint *made = calloc(1, sizeof *made);
    if (!made || !allocate(pages->count, &made->pages, &made->contents)) {
        free(made);
        return NULL;
    }
    pageset_sort(pages);
    memcpy(made->pages, pages->pages, pages->count * sizeof *made->pages);
    made->npages = pages->count;
    made->at = board_now(board);
    made->when = board_vtime(board);
    if (!copy_pages(made, engine_ram(board_engine(board)), store) || err_is(machine_encode(board, &made->state))) {
        checkpoint_free(made, store);
        return NULL;
    }
    return made;
}

void checkpoint_free(struct checkpoint *checkpoint, struct pagestore *store)
{
    if (!checkpoint)
        return;
    for (size_t i = 0; i < checkpoint->npages; i++)
        pagestore_put(store, checkpoint->contents[i]);
    free(checkpoint->state.bytes);
    free(checkpoint->pages);
    free(checkpoint->contents);
    free(checkpoint);
}

size_t checkpoint_bytes(const struct checkpoint *checkpoint)
{
    size_t page_bytes = PAGE_BYTES + sizeof *checkpoint->pages + sizeof *checkpoint->contents;
    return sizeof *checkpoint + checkpoint->state.size_bytes + checkpoint->npages * page_bytes;
}

const uint8_t *checkpoint_page(const struct checkpoint *checkpoint, uint32_t number)
{
    size_t at = page_list_find(checkpoint->pages, checkpoint->npages, number);
    return at < checkpoint->npages ? checkpoint->contents[at] : NULL;
}

bool checkpoint_inherit(struct checkpoint *checkpoint, struct checkpoint *earlier)
{
    uint32_t *pages;
    uint8_t **contents;
    size_t i = 0, j = 0, count = 0;
    if (!allocate(checkpoint->npages + earlier->npages, &pages, &contents))
        return false;
    while (i < checkpoint->npages || j < earlier->npages) {
        bool own = j == earlier->npages || (i < checkpoint->npages && checkpoint->pages[i] <= earlier->pages[j]);
        struct checkpoint *from = own ? checkpoint : earlier;
        size_t k = own ? i : j;
        pages[count] = from->pages[k];
        contents[count++] = from->contents[k];
        j += j < earlier->npages && earlier->pages[j] == from->pages[k];
        i += own;
        from->contents[k] = NULL; /* it has gone over */
    }
    free(checkpoint->pages);
    free(checkpoint->contents);
    checkpoint->pages = pages;
    checkpoint->contents = contents;
    checkpoint->npages = count;
    return true;
}

#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

/* Room for pages. */
static bool allocate(size_t npages, uint32_t **pages, uint8_t **bytes)
{
    *pages = malloc((npages + 1) * sizeof **pages);
    *bytes = malloc(npages * PAGE_BYTES + 1);
    if (*pages && *bytes)
        return true;
    free(*pages);
    free(*bytes);
    return false;
}

struct checkpoint *checkpoint_make(struct board *board, struct pageset *pages)
{
    const struct ram *ram = engine_ram(board_engine(board));
    struct checkpoint *made = calloc(1, sizeof *made);
    if (!made || !allocate(pages->count, &made->pages, &made->bytes)) {
        free(made);
        return NULL;
    }
    if (err_is(machine_encode(board, &made->state))) {
        checkpoint_free(made);
        return NULL;
    }
    pageset_sort(pages);
    made->at = board_now(board);
    made->when = board_vtime(board);
    made->npages = pages->count;
    for (size_t i = 0; i < pages->count; i++) {
        made->pages[i] = pages->pages[i];
        memcpy(made->bytes + i * PAGE_BYTES, ram->bytes + ((uint64_t)pages->pages[i] << PAGE_SHIFT), PAGE_BYTES);
    }
    return made;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    free(checkpoint->state.bytes);
    free(checkpoint->pages);
    free(checkpoint->bytes);
    free(checkpoint);
}

size_t checkpoint_bytes(const struct checkpoint *checkpoint)
{
    return sizeof *checkpoint + checkpoint->state.size_bytes + checkpoint->npages * (PAGE_BYTES + sizeof(uint32_t));
}

const uint8_t *checkpoint_page(const struct checkpoint *checkpoint, uint32_t number)
{
    size_t at = page_list_find(checkpoint->pages, checkpoint->npages, number);
    return at < checkpoint->npages ? checkpoint->bytes + at * PAGE_BYTES : NULL;
}

bool checkpoint_inherit(struct checkpoint *checkpoint, const struct checkpoint *earlier)
{
    uint32_t *pages;
    uint8_t *bytes;
    size_t i = 0, j = 0, count = 0;
    if (!allocate(checkpoint->npages + earlier->npages, &pages, &bytes))
        return false;
    while (i < checkpoint->npages || j < earlier->npages) {
        bool own = j == earlier->npages || (i < checkpoint->npages && checkpoint->pages[i] <= earlier->pages[j]);
        const struct checkpoint *from = own ? checkpoint : earlier;
        size_t k = own ? i : j;
        pages[count] = from->pages[k];
        memcpy(bytes + count * PAGE_BYTES, from->bytes + k * PAGE_BYTES, PAGE_BYTES);
        count++;
        j += j < earlier->npages && earlier->pages[j] == from->pages[k];
        i += own;
    }
    free(checkpoint->pages);
    free(checkpoint->bytes);
    checkpoint->pages = pages;
    checkpoint->bytes = bytes;
    checkpoint->npages = count;
    return true;
}

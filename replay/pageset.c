#include "pageset.h"

#include <stdlib.h>

bool pageset_init(struct pageset *set, size_t npages)
{
    set->count = 0;
    set->bits = calloc(npages / 64 + 1, sizeof *set->bits);
    set->pages = malloc((npages + 1) * sizeof *set->pages); /* untouched, it costs no memory */
    if (set->bits && set->pages)
        return true;
    pageset_free(set);
    return false;
}

void pageset_free(struct pageset *set)
{
    free(set->bits);
    free(set->pages);
    *set = (struct pageset){0};
}

void pageset_clear(struct pageset *set)
{
    for (size_t i = 0; i < set->count; i++)
        set->bits[set->pages[i] / 64] = 0;
    set->count = 0;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void pageset_sort(struct pageset *set) { qsort(set->pages, set->count, sizeof *set->pages, ascending); }

size_t page_list_find(const uint32_t *pages, size_t count, uint32_t page)
{
    const uint32_t *found = count ? bsearch(&page, pages, count, sizeof *pages, ascending) : NULL;
    return found ? (size_t)(found - pages) : count;
}

/* pageset: a set of page numbers that is cheap to fill, ask and empty. Inner header of replay/. */
#ifndef DEJA_PAGESET_H
#define DEJA_PAGESET_H

#include "../icount/icount.h"

struct pageset {
    uint64_t *bits;
    uint32_t *pages; /* the members, in the order they came */
    size_t count;
};

NODISCARD bool pageset_init(struct pageset *set, size_t npages);
void pageset_free(struct pageset *set);
void pageset_clear(struct pageset *set); /* costs as much as it has members */
void pageset_sort(struct pageset *set);  /* members in ascending order */

/* Where a page stands in a list in ascending order; `count` when it does not. */
size_t page_list_find(const uint32_t *pages, size_t count, uint32_t page);

static inline bool pageset_has(const struct pageset *set, uint32_t page)
{
    return set->bits[page / 64] >> page % 64 & 1;
}

static inline void pageset_add(struct pageset *set, uint32_t page)
{
    if (pageset_has(set, page))
        return;
    set->bits[page / 64] |= (uint64_t)1 << page % 64;
    set->pages[set->count++] = page;
}

#endif

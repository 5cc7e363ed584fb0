#include "pagestore.h"

enum { SLAB_PAGES = 1023 }; /* with the last one, for the link, 4 MiB */

struct page_slab {
    uint8_t pages[SLAB_PAGES][PAGE_BYTES];
    struct page_slab *next;
    unsigned used; /* pages handed out once: the others need not be touched */
};

struct page_spare {
    struct page_spare *next;
};

uint8_t *pagestore_get(struct pagestore *store)
{
    struct page_spare *spare = store->spare;
    struct page_slab *slab = store->slabs;
    if (spare) {
        store->spare = spare->next;
        return (uint8_t *)spare;
    }
    if (!slab || slab->used == SLAB_PAGES) {
        slab = memory_get(sizeof *slab);
        if (!slab)
            return NULL;
        slab->next = store->slabs;
        store->slabs = slab;
    }
    return slab->pages[slab->used++];
}

void pagestore_put(struct pagestore *store, uint8_t *page)
{
    struct page_spare *spare = (struct page_spare *)(void *)page;
    if (!spare)
        return;
    spare->next = store->spare;
    store->spare = spare;
}

void pagestore_free(struct pagestore *store)
{
    while (store->slabs) {
        struct page_slab *next = store->slabs->next;
        memory_put(store->slabs, sizeof *store->slabs);
        store->slabs = next;
    }
    store->spare = NULL;
}

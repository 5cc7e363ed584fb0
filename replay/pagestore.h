/* pagestore: room for pages that come and go, given back to nobody but the next one. Inner header of replay/.
 *
 * Checkpoints are made and dropped with every seek: memory that went back to the host each time would cost a page fault
 * for each of their pages. */
#ifndef DEJA_PAGESTORE_H
#define DEJA_PAGESTORE_H

#include "../snapshot/snapshot.h"

struct pagestore {
    struct page_slab *slabs;
    struct page_spare *spare; /* pages that are free */
};

/* Room for a page, its content undefined; NULL: no memory. A store that is all zeroes is empty. */
uint8_t *pagestore_get(struct pagestore *store);
void pagestore_put(struct pagestore *store, uint8_t *page); /* also NULL */

/* All pages are gone. */
void pagestore_free(struct pagestore *store);

#endif

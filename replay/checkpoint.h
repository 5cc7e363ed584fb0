/* checkpoint: a state kept in memory: the encoded parts, and the pages that changed since the known state before it.
 * Inner header of replay/. */
#ifndef DEJA_CHECKPOINT_H
#define DEJA_CHECKPOINT_H

#include "machine.h"
#include "pageset.h"
#include "pagestore.h"

struct checkpoint {
    icount_t at;
    vtime_t when;
    uint64_t used; /* grows with every use, to find the one that was not needed longest */
    struct machine_state state;
    uint32_t *pages;    /* ascending */
    uint8_t **contents; /* in a store */
    size_t npages;
};

/* The board as it stands, with these pages. NULL: no memory. */
struct checkpoint *checkpoint_make(struct board *board, struct pageset *pages, struct pagestore *store);
void checkpoint_free(struct checkpoint *checkpoint, struct pagestore *store);

size_t checkpoint_bytes(const struct checkpoint *checkpoint);

/* The content of page `number`; NULL when the checkpoint does not list it. */
const uint8_t *checkpoint_page(const struct checkpoint *checkpoint, uint32_t number);

/* Takes over the pages of an earlier one, which must go then (H2 of history.h). False: no memory, nothing changed. */
NODISCARD bool checkpoint_inherit(struct checkpoint *checkpoint, struct checkpoint *earlier);

#endif

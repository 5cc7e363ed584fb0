/* touch: what the instruction that a hart stands before is about to do to memory, read off its bytes by the manuals.
 * Shares nothing with the engine but the registers and the memory that it looks at. */
#ifndef DEJA_TESTS_TOUCH_H
#define DEJA_TESTS_TOUCH_H

#include "engine/engine.h"

enum { TOUCH_PIECES = 2 };

struct touch {
    uint64_t pc;
    unsigned length; /* of the instruction, in bytes */
    uint64_t vaddr;
    unsigned size_bytes;
    uint8_t kinds;    /* enum access_kind, OR-ed; a store-conditional is a store even when it fails */
    bool paged;       /* the address is translated, by */
    uint64_t satp;    /* this */
    unsigned npieces; /* 0: not all of it is mapped, as far as page tables go */
    struct touch_piece {
        uint64_t paddr;
        unsigned size_bytes;
    } pieces[TOUCH_PIECES];
};

/* False: it is no load and no store, or it cannot be fetched. */
bool touch_next(struct engine *engine, struct touch *touch);

/* The hart has executed it: did it do what it was about to do? False: it trapped. */
bool touch_done(struct engine *engine, const struct touch *touch);

/* The bytes touched that a watch means; 0: none. *first: the first of them, by the watch's numbering. */
unsigned touch_watched(const struct touch *touch, const struct watch_range *watch, uint64_t *first);

/* Does it touch some of this memory? */
bool touch_memory(const struct touch *touch, uint64_t paddr, uint64_t size_bytes);

#endif

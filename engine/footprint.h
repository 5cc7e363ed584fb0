/* footprint: which memory is stored to and which code executed, to the word, for an engine that was asked to note it
 * (tuning.footprint). Inner header of engine/.
 *
 * A store marks a byte for each 8 bytes of RAM that it touches: translated code right behind it, the interpreter and
 * all others through mmu.c. Marks lie in dirty pages only. A superblock notes that it was entered, which stands for all
 * of its instructions; blocks that are interpreted are noted by their addresses. More may be noted than happened, never
 * less. */
#ifndef DEJA_FOOTPRINT_H
#define DEJA_FOOTPRINT_H

#include <string.h>

#include "hart.h"
#include "jit.h"

enum { SEEN_RANGES = 1 << 12 };

struct marks {
    uint8_t *stored; /* by 8 bytes of RAM */
    struct code_range *ranges;
    size_t nranges, room;
    uint64_t spaces[FOOTPRINT_SPACES];
    size_t nspaces;
    bool lost;                           /* there was no memory for some */
    struct jit_block *blocks;            /* every one that may have been entered and is not in ranges (next_made) */
    struct code_range seen[SEEN_RANGES]; /* some of those in ranges, lest they be added again */
};

/* False: out of memory. */
NODISCARD bool footprint_create(struct engine *engine);
void footprint_destroy(struct engine *engine);

/* A new interval begins; call before the dirty flags go. */
void footprint_clear(struct engine *engine);

/* Instructions in [pc, end) are about to be executed. */
void footprint_enter(struct engine *engine, uint64_t pc, uint64_t end);

/* An address space is in force from now on. */
void footprint_switch(struct engine *engine, uint64_t satp);

/* A superblock has been made. */
void footprint_add_block(struct engine *engine, struct jit_block *block);

/* All superblocks are about to be dropped. */
void footprint_drop_blocks(struct engine *engine);

/* RAM is about to be stored to, or has been. size_bytes > 0. */
static inline void footprint_store(struct engine *engine, uint64_t offset, uint64_t size_bytes)
{
    uint64_t first = offset >> FOOTPRINT_SHIFT, last = (offset + size_bytes - 1) >> FOOTPRINT_SHIFT;
    if (engine->marks)
        memset(engine->marks->stored + first, 1, last - first + 1);
}

#endif

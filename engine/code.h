/* code: blocks of decoded instructions, found by physical address, dropped when their bytes are stored to (law 4).
 * Inner header of engine/. */
#ifndef DEJA_CODE_H
#define DEJA_CODE_H

#include "hart.h"

struct jit_block;

/* A straight run of instructions inside one page. insns[ninsns] is the pseudo-instruction that leaves the block. */
struct block {
    uint64_t paddr;
    struct block *next_in_bucket;
    struct block *next_in_page;
    uint16_t ninsns;
    uint16_t size_bytes;
    uint16_t heat;  /* how often it was interpreted, before it is translated */
    uint32_t apart; /* for jit_translate() */
    struct insn insns[];
};

NODISCARD bool code_create(struct engine *engine); /* false: out of memory */
void code_destroy(struct engine *engine);

/* The block that starts at `paddr`, which lies in RAM; made when there is none. NULL when the only instruction that
 * could be in it crosses the end of the page. */
const struct block *code_block(struct engine *engine, uint64_t paddr);

/* Decodes the one instruction `raw` as a block of its own into insns[0] and insns[1]. */
void code_single(const struct engine *engine, uint32_t raw, struct insn insns[2]);

/* Translated code for the hart's pc: NULL while it is cold, or when it cannot be translated. Chains the exit by which
 * translated code was left last, if it led here. */
const uint8_t *code_entry(struct hart *hart);

/* hart->context has changed: makes hart->entries the table of that context. */
void code_choose_entries(struct hart *hart);

/* Whatever is awake in the tables of entries falls asleep. */
void code_sleep(struct hart *hart);

/* Drops the translated code that would run over a breakpoint of the probe. From then on superblocks end before one, and
 * none begins at one, so that translated code never passes it. */
void code_split_at_breaks(struct engine *engine);

/* Copies the first `ninsns` instructions of a block and closes them. `to` holds ninsns + 1. */
void code_clip(const struct insn *from, unsigned ninsns, struct insn *to);

/* Bytes of a PAGE_CODE page are about to be stored to. */
void code_written(struct engine *engine, uint64_t paddr, unsigned size_bytes);

/* Instructions in a block at most, 1..BLOCK_INSNS_MAX. */
unsigned block_insns_most(const struct engine *engine);

/* Accesses off integer register `reg` in the running superblock were to share a page, and do not. When that has
 * happened often, it is translated anew the next time. */
void code_strained(struct hart *hart, struct jit_block *block, unsigned reg);

/* Has the harts come out of translated code, and look up anew where they go on: what is at an address may have changed.
 */
void code_leave(struct engine *engine);

/* Drops every block. */
void code_forget(struct engine *engine);

#endif

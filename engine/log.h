/* log: tells the sink that was handed in what the engine does. Inner header of engine/.
 *
 * Ask log_wants() first: without a sink nothing is computed, and nothing of this is on the way of translated code. What
 * translated code does by itself must come back here while somebody wants it: see log_wants(engine, LOG_EXEC) in
 * code.c, and keep to the interpreter's functions what traps or walks. */
#ifndef DEJA_LOG_H
#define DEJA_LOG_H

#include "hart.h"

static inline bool log_wants(const struct engine *engine, enum log_kind kind)
{
    const struct engine_log *log = engine->config.tuning.log;
    return __builtin_expect(log && (log->kinds & kind), 0);
}

/* The hart stands at the pc of a block that has been decoded, or translated: `size_bytes` from `paddr` on. */
void log_in_asm(const struct hart *hart, uint64_t pc, uint64_t paddr, const uint8_t *bytes, size_t size_bytes,
                bool translated);

/* And this is the host's code for it; pc 0 and nothing translated: the code around all superblocks. */
void log_out_asm(const struct hart *hart, const uint8_t *code, size_t size_bytes);
void log_entry_points(const struct engine *engine, const uint8_t *code, size_t size_bytes);

/* The hart is about to execute the block at its pc. */
void log_exec(const struct hart *hart, bool translated);

/* A trap is about to be taken: the hart is still where it happened. */
void log_int(const struct hart *hart, enum privilege to, uint64_t cause, uint64_t tval, bool interrupt);

/* A page table walk has ended. */
void log_mmu(const struct hart *hart, uint64_t vaddr, enum access_kind kind, enum tlb_view view, enum cause cause,
             uint64_t paddr, unsigned kinds);

#endif

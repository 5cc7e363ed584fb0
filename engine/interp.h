/* interp: what each row of rv64.def does. Inner header of engine/. */
#ifndef DEJA_INTERP_H
#define DEJA_INTERP_H

#include "hart.h"

/* By enum op. The slow ones do every access through mmu.c, where it is noted. */
extern run_fn *const interp_ops[OP_COUNT], *const interp_slow_ops[OP_COUNT];

static inline run_fn *const *interp_of(const struct engine *engine)
{
    return engine->marks ? interp_slow_ops : interp_ops;
}

/* Ends a block that runs on: at and index of its insn say where. */
run_fn interp_leave;

#endif

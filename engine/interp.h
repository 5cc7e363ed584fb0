/* interp: what each row of rv64.def does. Inner header of engine/. */
#ifndef DEJA_INTERP_H
#define DEJA_INTERP_H

#include "decode.h"

/* By enum op. */
extern run_fn *const interp_ops[OP_COUNT];

/* Ends a block that runs on: at and index of its insn say where. */
run_fn interp_leave;

#endif

/* system: the instructions of rv64.def that more than compute: SYSTEM(name). Inner header of engine/. */
#ifndef DEJA_SYSTEM_H
#define DEJA_SYSTEM_H

#include "hart.h"

/* True: done, the next instruction follows. False: the hart's pc and mark say where it goes on. */
typedef bool system_fn(struct hart *hart, const struct insn *insn);

system_fn system_ecall, system_ebreak, system_mret, system_sret, system_wfi;
system_fn system_sfence_vma, system_sfence_inval;
system_fn system_cbo_inval, system_cbo_clean, system_cbo_zero;

#endif

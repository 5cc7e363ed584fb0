/* csr: control and status registers, from the rows of csr.def. Inner header of engine/. */
#ifndef DEJA_CSR_H
#define DEJA_CSR_H

#include "hart.h"

enum { CSR_FFLAGS = 0x001, CSR_FCSR = 0x003, CSR_SSTATUS = 0x100, CSR_MSTATUS = 0x300 };

enum csr_how { CSR_WRITE, CSR_SET, CSR_CLEAR };

/* csrrw and its five relatives: rd gets the old value. False: it trapped. May set hart->leave. */
NODISCARD bool csr_insn(struct hart *hart, const struct insn *insn, enum csr_how how, uint64_t operand);

/* The time CSR at a mark. */
uint64_t csr_time(const struct hart *hart, icount_t mark);

/* Architectural state at reset. */
void csr_reset(struct hart_state *state, uint64_t reset_pc);

#endif

/* trap: exceptions, interrupts and the returns from them (privileged specification, 3.1.6 to 3.1.9, 3.3.2).
 * Inner header of engine/. */
#ifndef DEJA_TRAP_H
#define DEJA_TRAP_H

#include "hart.h"

/* `insn` of the running block traps: it counts as executed, it does not retire. */
void trap_raise(struct hart *hart, const struct insn *insn, enum cause cause, uint64_t tval);

/* The instruction at pc cannot be fetched. */
void trap_fetch(struct hart *hart, enum cause cause, uint64_t tval);

/* Would one be taken? For whoever has made that possible: then the hart needs attention. */
bool trap_due(const struct hart *hart);

/* Takes the interrupt that is due, if one is. */
void trap_interrupt(struct hart *hart);

/* mret and sret, privileges checked already: the hart goes on at its epc. */
void trap_mret(struct hart *hart);
void trap_sret(struct hart *hart);

/* Goes on after `insn` in a new block. */
static inline void leave_after(struct hart *hart, const struct insn *insn)
{
    hart->now.n += insn->index + 1u;
    hart->s.pc += 2u * insn->at + raw_bytes(insn->raw);
}

/* Stops before `insn`, as if it had not begun. */
static inline void leave_before(struct hart *hart, const struct insn *insn)
{
    hart->now.n += insn->index;
    hart->s.pc += 2u * insn->at;
}

#endif

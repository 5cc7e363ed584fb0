#include "trap.h"

#include "log.h"

/* Interrupts by falling priority (3.1.9). */
static const uint8_t interrupt_order[] = {11, 3, 7, 9, 1, 5};

/* Enters the handler of privilege `to` for the instruction or interrupt at pc. */
static void enter(struct hart *hart, enum privilege to, uint64_t cause, uint64_t tval, bool interrupt)
{
    struct hart_state *s = &hart->s;
    uint64_t tvec;
    if (log_wants(hart->engine, LOG_INT))
        log_int(hart, to, cause, tval, interrupt);
    if (to == PRIV_M) {
        s->mepc = s->pc;
        s->mcause = cause | (uint64_t)interrupt << 63;
        s->mtval = tval;
        uint64_t was_enabled = s->mstatus & MSTATUS_MIE ? MSTATUS_MPIE : 0;
        s->mstatus &= ~(MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP);
        s->mstatus |= was_enabled | (uint64_t)s->priv << MSTATUS_MPP_SHIFT;
        tvec = s->mtvec;
    } else {
        s->sepc = s->pc;
        s->scause = cause | (uint64_t)interrupt << 63;
        s->stval = tval;
        uint64_t was_enabled = s->mstatus & MSTATUS_SIE ? MSTATUS_SPIE : 0;
        s->mstatus &= ~(MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP);
        s->mstatus |= was_enabled | (s->priv == PRIV_S ? MSTATUS_SPP : 0);
        tvec = s->stvec;
    }
    s->priv = (uint8_t)to;
    s->reservation = UINT64_MAX;
    s->pc = (tvec & ~UINT64_C(3)) + (interrupt && (tvec & 1) ? 4 * cause : 0);
    hart_update_views(hart);
}

static void take_exception(struct hart *hart, enum cause cause, uint64_t tval)
{
    bool delegated = hart->s.priv <= PRIV_S && (hart->s.medeleg >> cause & 1);
    if (!(hart->s.mcountinhibit & 4))
        hart->s.instret_offset--; /* it was executed, but does not retire */
    enter(hart, delegated ? PRIV_S : PRIV_M, cause, tval, false);
}

void trap_raise(struct hart *hart, const struct insn *insn, enum cause cause, uint64_t tval)
{
    hart->now.n += insn->index + 1u;
    hart->s.pc += 2u * insn->at;
    take_exception(hart, cause, tval);
}

void trap_fetch(struct hart *hart, enum cause cause, uint64_t tval)
{
    hart->now.n++;
    take_exception(hart, cause, tval);
}

/* Which of the pending interrupts may be taken at `level`, given where the hart is. */
static bool level_enabled(const struct hart *hart, enum privilege level, uint64_t enable_bit)
{
    return hart->s.priv < level || (hart->s.priv == level && (hart->s.mstatus & enable_bit));
}

/* The interrupts to be taken now at `level`. */
static uint64_t due_at(const struct hart *hart, enum privilege level)
{
    uint64_t pending = hart_pending(hart);
    if (level == PRIV_M)
        return pending && level_enabled(hart, PRIV_M, MSTATUS_MIE) ? pending & ~hart->s.mideleg : 0;
    return pending && level_enabled(hart, PRIV_S, MSTATUS_SIE) ? pending & hart->s.mideleg : 0;
}

bool trap_due(const struct hart *hart) { return due_at(hart, PRIV_M) | due_at(hart, PRIV_S); }

void trap_interrupt(struct hart *hart)
{
    enum privilege to = PRIV_M;
    uint64_t due = due_at(hart, PRIV_M);
    if (!due) {
        to = PRIV_S;
        due = due_at(hart, PRIV_S);
    }
    for (size_t n = 0; due && n < sizeof interrupt_order; n++) {
        if (due >> interrupt_order[n] & 1) {
            enter(hart, to, interrupt_order[n], 0, true);
            return;
        }
    }
}

void trap_mret(struct hart *hart)
{
    struct hart_state *s = &hart->s;
    uint64_t previous = (s->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT;
    uint64_t enable = s->mstatus & MSTATUS_MPIE ? MSTATUS_MIE : 0;
    s->mstatus &= ~(MSTATUS_MIE | MSTATUS_MPP);
    s->mstatus |= enable | MSTATUS_MPIE;
    if (previous != PRIV_M)
        s->mstatus &= ~MSTATUS_MPRV;
    s->priv = (uint8_t)previous;
    s->pc = s->mepc;
    hart->attention |= trap_due(hart);
    hart_update_views(hart);
}

void trap_sret(struct hart *hart)
{
    struct hart_state *s = &hart->s;
    uint64_t enable = s->mstatus & MSTATUS_SPIE ? MSTATUS_SIE : 0;
    s->priv = s->mstatus & MSTATUS_SPP ? PRIV_S : PRIV_U;
    s->mstatus &= ~(MSTATUS_SIE | MSTATUS_SPP | MSTATUS_MPRV);
    s->mstatus |= enable | MSTATUS_SPIE;
    s->pc = s->sepc;
    hart->attention |= trap_due(hart);
    hart_update_views(hart);
}

#include "system.h"

#include <string.h>

#include "csr.h"
#include "mmu.h"
#include "trap.h"

static bool illegal(struct hart *hart, const struct insn *insn)
{
    trap_raise(hart, insn, CAUSE_ILLEGAL, insn->raw);
    return false;
}

bool system_ecall(struct hart *hart, const struct insn *insn)
{
    trap_raise(hart, insn, (enum cause)(CAUSE_ECALL_U + hart->s.priv), 0);
    return false;
}

/* ---- ebreak, and the semihosting call that it may be the middle of ---- */

enum { SEMIHOST_ENTRY = 0x01f01013, SEMIHOST_EXIT = 0x40705013 }; /* slli x0,x0,0x1f; srai x0,x0,7 */

static bool fetch_word(const struct hart *hart, uint64_t vaddr, uint32_t *word)
{
    uint16_t halves[2];
    for (unsigned n = 0; n < 2; n++) {
        uint64_t paddr;
        if (!engine_translate(hart->engine, hart->id, vaddr + 2 * n, &paddr) ||
            !engine_ram_load(hart->engine, paddr, &halves[n], 2))
            return false;
    }
    *word = (uint32_t)halves[1] << 16 | halves[0];
    return true;
}

static bool is_semihosting(const struct hart *hart, const struct insn *insn)
{
    uint64_t pc = insn_pc(hart, insn);
    uint32_t before, after;
    return raw_bytes(insn->raw) == 4 && hart->s.priv != PRIV_U && fetch_word(hart, pc - 4, &before) &&
           before == SEMIHOST_ENTRY && fetch_word(hart, pc + 4, &after) && after == SEMIHOST_EXIT;
}

bool system_ebreak(struct hart *hart, const struct insn *insn)
{
    const struct bus *bus = &hart->engine->config.bus;
    enum host_call call = HOST_CALL_NONE;
    if (bus->host_call && is_semihosting(hart, insn))
        call = bus->host_call(bus->owner, hart->id, hart_mark(hart, insn));
    switch (call) {
    case HOST_CALL_NONE:
        trap_raise(hart, insn, CAUSE_BREAKPOINT, insn_pc(hart, insn));
        return false;
    case HOST_CALL_DONE:
        return true;
    case HOST_CALL_WAIT: /* made again when there is input */
        break;
    }
    hart->s.waiting = 1;
    hart->attention = true;
    hart->now.n += insn->index + 1u;
    hart->s.pc += 2u * insn->at;
    return false;
}

/* ---- returns and waiting ---- */

bool system_mret(struct hart *hart, const struct insn *insn)
{
    if (hart->s.priv != PRIV_M)
        return illegal(hart, insn);
    hart->now.n += insn->index + 1u;
    trap_mret(hart);
    return false;
}

bool system_sret(struct hart *hart, const struct insn *insn)
{
    if (hart->s.priv == PRIV_U || (hart->s.priv == PRIV_S && (hart->s.mstatus & MSTATUS_TSR)))
        return illegal(hart, insn);
    hart->now.n += insn->index + 1u;
    trap_sret(hart);
    return false;
}

bool system_wfi(struct hart *hart, const struct insn *insn)
{
    if (hart->s.priv == PRIV_U || (hart->s.priv == PRIV_S && (hart->s.mstatus & MSTATUS_TW)))
        return illegal(hart, insn);
    if (!hart_pending(hart)) {
        hart->s.waiting = 1;
        hart->attention = true;
    }
    return true;
}

/* ---- fences: the TLB never shows (law 3), so that only the privilege is left to check ---- */

bool system_sfence_vma(struct hart *hart, const struct insn *insn)
{
    if (hart->s.priv == PRIV_U || (hart->s.priv == PRIV_S && (hart->s.mstatus & MSTATUS_TVM)))
        return illegal(hart, insn);
    return true;
}

bool system_sfence_inval(struct hart *hart, const struct insn *insn)
{
    return hart->s.priv == PRIV_U ? illegal(hart, insn) : true;
}

/* ---- cache blocks: menvcfg and senvcfg say who may (unprivileged specification, 19.3) ---- */

static bool enabled_below(const struct hart *hart, uint64_t bits)
{
    return (hart->s.priv == PRIV_M || (hart->s.menvcfg & bits)) && (hart->s.priv != PRIV_U || (hart->s.senvcfg & bits));
}

bool system_cbo_inval(struct hart *hart, const struct insn *insn)
{
    if (!enabled_below(hart, ENVCFG_CBIE))
        return illegal(hart, insn);
    return mmu_check_block(hart, insn, hart->s.x[insn->rs1], CACHE_BLOCK_BYTES);
}

bool system_cbo_clean(struct hart *hart, const struct insn *insn)
{
    if (!enabled_below(hart, ENVCFG_CBCFE))
        return illegal(hart, insn);
    return mmu_check_block(hart, insn, hart->s.x[insn->rs1], CACHE_BLOCK_BYTES);
}

bool system_cbo_zero(struct hart *hart, const struct insn *insn)
{
    if (!enabled_below(hart, ENVCFG_CBZE))
        return illegal(hart, insn);
    uint8_t *block = mmu_block(hart, insn, hart->s.x[insn->rs1], CACHE_BLOCK_BYTES);
    if (block)
        memset(block, 0, CACHE_BLOCK_BYTES);
    return block != NULL;
}

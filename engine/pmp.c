#include "pmp.h"

enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, PMP_A = 0x18, PMP_TOR = 0x08, PMP_NA4 = 0x10, PMP_L = 0x80 };
enum { ALL_KINDS = ACCESS_FETCH | ACCESS_LOAD | ACCESS_STORE };

#define PMP_ADDR_MASK ((UINT64_C(1) << 54) - 1)

/* Bytes [first, last] that an entry matches; false when it is off or empty. */
static bool entry_range(const struct hart_state *state, unsigned entry, uint64_t *first, uint64_t *last)
{
    uint64_t addr = state->pmpaddr[entry];
    switch (state->pmpcfg[entry] & PMP_A) {
    case 0:
        return false;
    case PMP_TOR:
        *first = entry ? state->pmpaddr[entry - 1] << 2 : 0;
        *last = (addr << 2) - 1;
        return *first < addr << 2;
    case PMP_NA4:
        *first = addr << 2;
        *last = *first + 3;
        return true;
    default: {
        uint64_t ones = addr ^ (addr + 1); /* the trailing ones and the zero above them */
        *first = (addr & ~ones) << 2;
        *last = *first + (ones << 2 | 3);
        return true;
    }
    }
}

static unsigned entry_kinds(uint8_t cfg, enum privilege priv)
{
    if (priv == PRIV_M && !(cfg & PMP_L))
        return ALL_KINDS;
    return (cfg & PMP_R ? ACCESS_LOAD : 0u) | (cfg & PMP_W ? ACCESS_STORE : 0u) | (cfg & PMP_X ? ACCESS_FETCH : 0u);
}

/* The first entry that matches any byte decides; it must match them all (3.7.1.3). */
static bool decide(const struct hart_state *state, enum privilege priv, uint64_t first, uint64_t last, unsigned *kinds)
{
    for (unsigned entry = 0; entry < PMP_ENTRIES; entry++) {
        uint64_t low, high;
        if (!entry_range(state, entry, &low, &high) || high < first || low > last)
            continue;
        *kinds = entry_kinds(state->pmpcfg[entry], priv);
        return low <= first && last <= high;
    }
    *kinds = priv == PRIV_M ? ALL_KINDS : 0;
    return true;
}

unsigned pmp_allowed(const struct hart_state *state, enum privilege priv, uint64_t paddr, uint64_t size_bytes)
{
    unsigned kinds;
    return decide(state, priv, paddr, paddr + size_bytes - 1, &kinds) ? kinds : 0;
}

bool pmp_page_allowed(const struct hart_state *state, enum privilege priv, uint64_t paddr, unsigned *kinds)
{
    uint64_t first = paddr & ~(uint64_t)(PAGE_BYTES - 1);
    return decide(state, priv, first, first + PAGE_BYTES - 1, kinds);
}

void pmp_write_cfg(struct hart_state *state, unsigned entry, uint8_t value)
{
    if (state->pmpcfg[entry] & PMP_L)
        return;
    value &= PMP_L | PMP_A | PMP_X | PMP_W | PMP_R;
    if ((value & PMP_W) && !(value & PMP_R)) /* reserved */
        value &= (uint8_t)~PMP_W;
    state->pmpcfg[entry] = value;
}

void pmp_write_addr(struct hart_state *state, unsigned entry, uint64_t value)
{
    bool next_locks = entry + 1 < PMP_ENTRIES && (state->pmpcfg[entry + 1] & (PMP_L | PMP_A)) == (PMP_L | PMP_TOR);
    if (!(state->pmpcfg[entry] & PMP_L) && !next_locks)
        state->pmpaddr[entry] = value & PMP_ADDR_MASK;
}

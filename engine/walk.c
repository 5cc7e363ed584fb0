#include "walk.h"

#include <string.h>

#include "log.h"
#include "mmu.h"
#include "pmp.h"
#include "tables.h"

/* Levels by satp.MODE. */
unsigned walk_levels(uint64_t satp)
{
    switch (satp >> 60) {
    case 8:
        return 3;
    case 9:
        return 4;
    default:
        return 0;
    }
}

bool walk_paged(const struct hart_state *state, enum tlb_view view)
{
    return view != VIEW_M && walk_levels(state->satp) != 0;
}

enum cause walk_page_fault(enum access_kind kind)
{
    return kind == ACCESS_FETCH ? CAUSE_FETCH_PAGE : kind == ACCESS_LOAD ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE;
}

enum cause walk_access_fault(enum access_kind kind)
{
    return kind == ACCESS_FETCH ? CAUSE_FETCH_ACCESS : kind == ACCESS_LOAD ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

/* A step of the descent. */
struct leaf {
    uint64_t pte, pte_paddr;
    unsigned level;
};

static uint64_t read_pte(const struct ram *ram, uint64_t paddr)
{
    uint64_t pte;
    memcpy(&pte, ram->bytes + (paddr - ram->base), sizeof pte);
    return pte;
}

static bool reserved_bits(const struct hart_state *state, uint64_t pte)
{
    uint64_t reserved = PTE_RESERVED | (state->menvcfg & ENVCFG_PBMTE ? 0 : PTE_PBMT);
    return (pte & reserved) || (pte & PTE_PBMT) == PTE_PBMT;
}

static bool canonical(uint64_t vaddr, unsigned levels)
{
    unsigned unused = 64 - (PAGE_SHIFT + 9 * levels);
    return (uint64_t)((int64_t)(vaddr << unused) >> unused) == vaddr;
}

enum descent { DESCENT_LEAF, DESCENT_PAGE_FAULT, DESCENT_ACCESS_FAULT };

uint64_t walk_root(uint64_t satp) { return (satp & ((UINT64_C(1) << 44) - 1)) << PAGE_SHIFT; }

bool walk_begins_at(uint64_t satp, uint64_t paddr) { return walk_levels(satp) && walk_root(satp) == paddr; }

bool walk_same_space(uint64_t satp, uint64_t other)
{
    return satp >> 60 == other >> 60 && walk_root(satp) == walk_root(other);
}

/* Goes down to the leaf of `vaddr` under `satp`. `engine` is NULL for a look that leaves no flags; `trail`, if any,
 * gets the entries that are read. */
static enum descent descend(const struct hart *hart, uint64_t satp, struct engine *engine, uint64_t vaddr,
                            struct leaf *leaf, struct page_walk *trail)
{
    const struct ram *ram = &hart->engine->ram;
    unsigned levels = walk_levels(satp);
    uint64_t table = walk_root(satp);
    if (!canonical(vaddr, levels))
        return DESCENT_PAGE_FAULT;
    for (unsigned level = levels; level-- > 0;) {
        uint64_t index = vaddr >> (PAGE_SHIFT + 9 * level) & 511;
        leaf->pte_paddr = table + index * 8;
        if (!ram_holds(ram, leaf->pte_paddr, 8) || !(pmp_allowed(&hart->s, PRIV_S, leaf->pte_paddr, 8) & ACCESS_LOAD))
            return DESCENT_ACCESS_FAULT;
        if (engine)
            tables_note(engine, table, vaddr, level, level + 1 == levels);
        if (trail)
            trail->entries[trail->nentries++] = leaf->pte_paddr;
        leaf->pte = read_pte(ram, leaf->pte_paddr);
        leaf->level = level;
        if (!(leaf->pte & PTE_V) || (leaf->pte & (PTE_R | PTE_W)) == PTE_W || reserved_bits(&hart->s, leaf->pte))
            return DESCENT_PAGE_FAULT;
        if (leaf->pte & (PTE_R | PTE_X))
            return DESCENT_LEAF;
        if (leaf->pte & (PTE_A | PTE_D | PTE_U | PTE_PBMT | PTE_N))
            return DESCENT_PAGE_FAULT;
        table = (leaf->pte & PTE_PPN) << 2;
    }
    return DESCENT_PAGE_FAULT;
}

/* The physical address through a leaf; false for a misaligned superpage or a reserved NAPOT size. */
static bool leaf_paddr(const struct leaf *leaf, uint64_t vaddr, uint64_t *paddr)
{
    uint64_t ppn = (leaf->pte & PTE_PPN) >> 10;
    uint64_t low_ppn = (UINT64_C(1) << 9 * leaf->level) - 1;
    if (ppn & low_ppn)
        return false;
    if (leaf->pte & PTE_N) {
        low_ppn = (1 << NAPOT_PPN_BITS) - 1;
        if (leaf->level != 0 || (ppn & low_ppn) != NAPOT_PPN_MARK)
            return false;
        ppn &= ~low_ppn;
    }
    *paddr = (ppn | (vaddr >> PAGE_SHIFT & low_ppn)) << PAGE_SHIFT | (vaddr & (PAGE_BYTES - 1));
    return true;
}

/* What the permission bits allow `view`, A and D aside. */
static unsigned leaf_permits(const struct hart_state *state, uint64_t pte, enum tlb_view view)
{
    bool readable = (pte & PTE_R) || ((pte & PTE_X) && (state->mstatus & MSTATUS_MXR));
    unsigned kinds =
        (readable ? ACCESS_LOAD : 0u) | (pte & PTE_W ? ACCESS_STORE : 0u) | (pte & PTE_X ? ACCESS_FETCH : 0u);
    if (view == VIEW_U)
        return pte & PTE_U ? kinds : 0;
    if (pte & PTE_U)
        return view == VIEW_S_SUM ? kinds & ~(unsigned)ACCESS_FETCH : 0;
    return kinds;
}

/* Sets A, and D for a store, as ADUE allows; the kinds that are now possible without an update. */
static enum cause update_leaf(struct hart *hart, struct leaf *leaf, enum access_kind kind)
{
    uint64_t wanted = PTE_A | (kind == ACCESS_STORE ? PTE_D : 0);
    if ((leaf->pte & wanted) == wanted)
        return CAUSE_NONE;
    if (!(hart->s.menvcfg & ENVCFG_ADUE))
        return walk_page_fault(kind);
    if (!(pmp_allowed(&hart->s, PRIV_S, leaf->pte_paddr, 8) & ACCESS_STORE))
        return walk_access_fault(kind);
    if (hart->dry)
        return CAUSE_NONE;
    struct ram *ram = &hart->engine->ram;
    leaf->pte |= wanted;
    /* What was derived from this entry stays true: only the dirty flag is owed. A page that is code as well is not. */
    mmu_touch_table(hart->engine, leaf->pte_paddr);
    memcpy(ram->bytes + (leaf->pte_paddr - ram->base), &leaf->pte, 8);
    return CAUSE_NONE;
}

static enum cause walk_tables(struct hart *hart, uint64_t vaddr, enum access_kind kind, enum tlb_view view,
                              struct translation *result)
{
    struct leaf leaf = {0};
    switch (descend(hart, hart->s.satp, hart->engine, vaddr, &leaf, NULL)) {
    case DESCENT_PAGE_FAULT:
        return walk_page_fault(kind);
    case DESCENT_ACCESS_FAULT:
        return walk_access_fault(kind);
    case DESCENT_LEAF:
        break;
    }
    unsigned permitted = leaf_permits(&hart->s, leaf.pte, view);
    if (!(permitted & kind) || !leaf_paddr(&leaf, vaddr, &result->paddr))
        return walk_page_fault(kind);
    enum cause cause = update_leaf(hart, &leaf, kind);
    result->kinds = leaf.pte & PTE_D ? permitted : permitted & ~(unsigned)ACCESS_STORE;
    return cause;
}

enum cause walk(struct hart *hart, uint64_t vaddr, enum access_kind kind, enum tlb_view view,
                struct translation *result)
{
    if (!walk_paged(&hart->s, view)) {
        result->paddr = vaddr;
        result->kinds = ACCESS_FETCH | ACCESS_LOAD | ACCESS_STORE;
        return CAUSE_NONE;
    }
    enum cause cause = walk_tables(hart, vaddr, kind, view, result);
    if (log_wants(hart->engine, LOG_MMU) && !hart->dry)
        log_mmu(hart, vaddr, kind, view, cause, cause == CAUSE_NONE ? result->paddr : 0,
                cause == CAUSE_NONE ? result->kinds : 0);
    return cause;
}

bool walk_look(const struct hart *hart, enum privilege priv, uint64_t vaddr, uint64_t *paddr)
{
    struct leaf leaf = {0};
    if (!walk_levels(hart->s.satp) || priv == PRIV_M) {
        *paddr = vaddr;
        return true;
    }
    return descend(hart, hart->s.satp, NULL, vaddr, &leaf, NULL) == DESCENT_LEAF && leaf_paddr(&leaf, vaddr, paddr);
}

/* Whether nothing is mapped there as long as the tables stay as they are. Which memory types are reserved depends on
 * menvcfg, and what may be read on the PMP: what fails for such a reason may be mapped at another time. */
static bool is_fault_of_tables(const struct ram *ram, enum descent descent, const struct leaf *leaf)
{
    uint64_t type = leaf->pte & PTE_PBMT;
    if (descent == DESCENT_ACCESS_FAULT)
        return !ram_holds(ram, leaf->pte_paddr, 8);
    if (descent == DESCENT_LEAF) /* misaligned */
        return true;
    return !(leaf->pte & PTE_V) || (leaf->pte & (PTE_R | PTE_W)) == PTE_W || (leaf->pte & PTE_RESERVED) || !type ||
           type == PTE_PBMT;
}

void walk_follow(const struct hart *hart, uint64_t satp, uint64_t vaddr, struct page_walk *walk)
{
    struct leaf leaf = {0};
    *walk = (struct page_walk){.mapped = false};
    enum descent descent = descend(hart, satp, NULL, vaddr, &leaf, walk);
    walk->mapped = descent == DESCENT_LEAF && leaf_paddr(&leaf, vaddr, &walk->paddr);
    walk->fixed = walk->mapped || (walk->nentries && is_fault_of_tables(&hart->engine->ram, descent, &leaf));
}

/* walk: one page table walk (privileged specification, 10.3 to 10.5). Inner header of engine/. */
#ifndef DEJA_WALK_H
#define DEJA_WALK_H

#include "hart.h"

/* ---- page table entries (10.3.1) ---- */
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
#define PTE_PPN      UINT64_C(0x003ffffffffffc00)
#define PTE_RESERVED UINT64_C(0x1fc0000000000000)
#define PTE_PBMT     UINT64_C(0x6000000000000000)
#define PTE_N        UINT64_C(0x8000000000000000)

/* Svnapot: the one size there is, 64 KiB (chapter 14 of the privileged specification). */
enum { NAPOT_PPN_BITS = 4, NAPOT_PPN_MARK = 8, NAPOT_BYTES = PAGE_BYTES << NAPOT_PPN_BITS };

struct translation {
    uint64_t paddr;
    unsigned kinds; /* accesses (enum access_kind) that the leaf allows as it now is: without setting A or D */
};

/* Walks for an access of `kind` seen through `view`. Sets A and D where menvcfg.ADUE says so, and flags the tables it
 * read. CAUSE_NONE, or the cause of the trap. */
enum cause walk(struct hart *hart, uint64_t vaddr, enum access_kind kind, enum tlb_view view,
                struct translation *result);

/* Walks as the hart would in mode `priv`, without permissions and without a trace. */
bool walk_look(const struct hart *hart, enum privilege priv, uint64_t vaddr, uint64_t *paddr);

/* The same under another satp; see engine_walk(). */
void walk_follow(const struct hart *hart, uint64_t satp, uint64_t vaddr, struct page_walk *walk);

/* Does a walk under satp begin at the table at `paddr`? */
bool walk_begins_at(uint64_t satp, uint64_t paddr);

/* How many levels of tables a walk under satp goes down, 0: none; and the physical address of the first one. */
unsigned walk_levels(uint64_t satp);
uint64_t walk_root(uint64_t satp);

/* Do both translate by the same tables? */
bool walk_same_space(uint64_t satp, uint64_t other);

/* True when satp translates what `view` sees. */
bool walk_paged(const struct hart_state *state, enum tlb_view view);

/* The page fault and access fault of a kind of access. */
enum cause walk_page_fault(enum access_kind kind);
enum cause walk_access_fault(enum access_kind kind);

#endif

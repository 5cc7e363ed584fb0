/* A page table in S-mode's hands: identity for our own first gigabyte-aligned memory, and windows to play with. */
#ifndef DEJA_TESTS_GUEST_PAGING_H
#define DEJA_TESTS_GUEST_PAGING_H

#include "guest.h"

enum pte { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };

#ifndef LEVELS
#define LEVELS 3 /* Sv39; 4: Sv48 */
#endif

static uint64_t tables[16][512] __attribute__((aligned(4096)));
static unsigned tables_used = 1;

static inline void fence(void) { __asm__ volatile("sfence.vma" ::: "memory"); }

static uint64_t pte_of(const void *physical, uint64_t flags) { return (uint64_t)physical >> 12 << 10 | flags; }

/* The entry of `vaddr` at `level` (0: 4 KiB pages), making the tables above it. */
static uint64_t *pte_at(uint64_t vaddr, int level)
{
    uint64_t *table = tables[0];

    for (int above = LEVELS - 1; above > level; above--) {
        uint64_t *pte = &table[vaddr >> (12 + 9 * above) & 511];
        if ((*pte & V) == 0)
            *pte = pte_of(tables[tables_used++], V);
        table = (uint64_t *)(*pte >> 10 << 12);
    }
    return &table[vaddr >> (12 + 9 * level) & 511];
}

/* Our gigabyte at 0x80000000 and the devices below it, for S-mode. */
static void paging_on(void)
{
    *pte_at(0x80000000, 2) = pte_of((void *)0x80000000, V | R | W | X | A | D);
    *pte_at(0, 2) = pte_of((void *)0, V | R | W | A | D);
    write_csr(satp, (LEVELS == 3 ? 8ull : 9ull) << 60 | (uint64_t)tables[0] >> 12);
    fence();
}

#endif

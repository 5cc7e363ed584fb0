/* What is wrong with a page table, where some QEMU versions look away: checked against the specification only. */
#include "lib/paging.h"

static const uint64_t WINDOW = 0x140000000, PBMTE = 1ull << 62;
static uint64_t page[512] __attribute__((aligned(4096)));

static uint64_t load(uint64_t vaddr) { return CAUSE_OF((void)*(volatile uint64_t *)vaddr); }

static uint64_t fetch(uint64_t vaddr)
{
    caught.cause = NO_TRAP;
    __asm__ volatile(
        "la t0, 1f\n la t1, resume_at\n sd t0, 0(t1)\n jalr %0\n 1: la t1, resume_at\n sd zero, 0(t1)" ::"r"(vaddr)
        : "t0", "t1", "ra", "memory");
    return caught.cause;
}

static uint64_t load_with(uint64_t pte)
{
    *pte_at(WINDOW, 0) = pte;
    fence();
    return in_mode(S_MODE, load, WINDOW);
}

int main(void)
{
    uint64_t good = pte_of(page, V | R | A | D);

    open_pmp();
    paging_on();
    expect_equal(load_with(good), NO_TRAP);

    /* S-mode never fetches from a page of U, whatever SUM says, and whatever it has loaded from there before */
    set_csr(mstatus, MSTATUS_SUM);
    expect_equal(load_with(good | U | X), NO_TRAP);
    expect_equal(in_mode(S_MODE, fetch, WINDOW), FETCH_PAGE);
    clear_csr(mstatus, MSTATUS_SUM);

    for (int bit = 54; bit < 61; bit++)
        expect_equal(load_with(good | 1ull << bit), LOAD_PAGE); /* reserved */

    for (uint64_t type = 1; type < 4; type++)
        expect_equal(load_with(good | type << 61), LOAD_PAGE); /* Svpbmt is off */
    set_csr(0x30a, PBMTE);
    expect_equal(load_with(good | 1ull << 61), NO_TRAP);
    expect_equal(load_with(good | 2ull << 61), NO_TRAP);
    expect_equal(load_with(good | 3ull << 61), LOAD_PAGE); /* no such type */

    /* memory types and N mean nothing in a pointer: they must be 0 */
    *pte_at(0x180000000, 1) = pte_of(tables[0], V) | 1ull << 61;
    fence();
    expect_equal(in_mode(S_MODE, load, 0x180000000), LOAD_PAGE);
    *pte_at(0x180000000, 1) = pte_of(tables[0], V) | 1ull << 63;
    fence();
    expect_equal(in_mode(S_MODE, load, 0x180000000), LOAD_PAGE);

    /* a table where no memory is: the walk itself meets an access fault */
    *pte_at(0x180000000, 1) = pte_of((void *)0x1000000000, V);
    fence();
    expect_equal(in_mode(S_MODE, load, 0x180000000), LOAD_ACCESS);
    return 0;
}

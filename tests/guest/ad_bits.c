/* The A and D bits: page faults when menvcfg.ADUE is 0 (Svade), set by the walk when it is 1 (Svadu). Self-checking:
 * QEMU before 8.2 knows neither. */
#include "lib/paging.h"

static const uint64_t ADUE = 1ull << 61;
static const uint64_t WINDOW = 0x140000000;
static uint64_t page[512] __attribute__((aligned(4096)));

static uint64_t load(uint64_t vaddr) { return CAUSE_OF((void)*(volatile uint64_t *)vaddr); }
static uint64_t store(uint64_t vaddr) { return CAUSE_OF(*(volatile uint64_t *)vaddr = 1); }
static uint64_t swap(uint64_t vaddr)
{
    return CAUSE_OF(__asm__ volatile("amoswap.d t0, zero, (%0)" ::"r"(vaddr) : "t0", "memory"));
}

static uint64_t with(uint64_t flags, uint64_t (*access)(uint64_t), uint64_t cause)
{
    uint64_t *pte = pte_at(WINDOW, 0);

    *pte = pte_of(page, flags);
    fence();
    expect_equal(in_mode(S_MODE, access, WINDOW), cause);
    return *pte & 0xff;
}

int main(void)
{
    const uint64_t rw = V | R | W;

    open_pmp();
    paging_on();

    clear_csr(0x30a, ADUE);
    expect_equal(with(rw, load, LOAD_PAGE), rw);
    expect_equal(with(rw, store, STORE_PAGE), rw);
    expect_equal(with(rw | A, load, NO_TRAP), rw | A);
    expect_equal(with(rw | A, store, STORE_PAGE), rw | A);
    expect_equal(with(rw | A, swap, STORE_PAGE), rw | A);
    expect_equal(with(rw | A | D, store, NO_TRAP), rw | A | D);
    expect_equal(with(rw | D, load, LOAD_PAGE), rw | D);

    set_csr(0x30a, ADUE);
    expect_equal(read_csr(0x30a) & ADUE, ADUE);
    expect_equal(with(rw, load, NO_TRAP), rw | A);
    expect_equal(with(rw, store, NO_TRAP), rw | A | D);
    expect_equal(with(rw | A, store, NO_TRAP), rw | A | D);
    expect_equal(with(rw | A, swap, NO_TRAP), rw | A | D);
    expect_equal(with(V | R, store, STORE_PAGE), V | R); /* refused: nothing is marked */

    /* a load first, then a store through what a TLB would hold by now: D appears all the same */
    expect_equal(with(rw, load, NO_TRAP), rw | A);
    expect_equal(in_mode(S_MODE, store, WINDOW), NO_TRAP);
    expect_equal(*pte_at(WINDOW, 0) & 0xff, rw | A | D);

    /* software takes the bits away without a fence: marked again (law 3: as if walked afresh) */
    *pte_at(WINDOW, 0) = pte_of(page, rw);
    expect_equal(in_mode(S_MODE, store, WINDOW), NO_TRAP);
    expect_equal(*pte_at(WINDOW, 0) & 0xff, rw | A | D);
    return 0;
}

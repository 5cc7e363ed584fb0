/* Page tables edited without sfence.vma. What a real hart does is not defined; here an address translates as if the
 * tables were walked afresh at every access (law 3). */
#include "lib/paging.h"

static const uint64_t WINDOW = 0x140000000;
static uint64_t pages[4][512] __attribute__((aligned(4096)));

static uint64_t load(uint64_t vaddr)
{
    uint64_t value = 0, cause;

    cause = CAUSE_OF(value = *(volatile uint64_t *)vaddr);
    return cause == NO_TRAP ? value : cause << 32;
}

int main(void)
{
    uint64_t *pte = pte_at(WINDOW, 0);

    open_pmp();
    paging_on();
    for (unsigned i = 0; i < 4; i++)
        pages[i][0] = 100 + i;
    for (unsigned i = 0; i < 4000; i++) {
        *pte = i % 5 == 4 ? 0 : pte_of(pages[i % 5], V | R | A | D);
        expect_equal(in_mode(S_MODE, load, WINDOW), i % 5 == 4 ? (uint64_t)LOAD_PAGE << 32 : 100 + i % 5);
    }

    /* the table above it, exchanged for another one */
    static uint64_t other[512] __attribute__((aligned(4096)));
    uint64_t *above = pte_at(WINDOW, 1), was = *above;
    other[0] = pte_of(pages[3], V | R | A | D);
    *pte = pte_of(pages[1], V | R | A | D);
    expect_equal(in_mode(S_MODE, load, WINDOW), 101);
    *above = pte_of(other, V);
    expect_equal(in_mode(S_MODE, load, WINDOW), 103);
    *above = was;
    expect_equal(in_mode(S_MODE, load, WINDOW), 101);

    /* satp alone switches */
    static uint64_t root[512] __attribute__((aligned(4096)));
    for (unsigned i = 0; i < 512; i++)
        root[i] = tables[0][i];
    root[WINDOW >> 30] = 0;
    uint64_t satp = read_csr(satp);
    write_csr(satp, 8ull << 60 | (uint64_t)root >> 12);
    expect_equal(in_mode(S_MODE, load, WINDOW), (uint64_t)LOAD_PAGE << 32);
    write_csr(satp, satp);
    expect_equal(in_mode(S_MODE, load, WINDOW), 101);
    put("as if walked afresh\n");
    return 0;
}

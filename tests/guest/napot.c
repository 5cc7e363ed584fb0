/* Svnapot: 64 KiB pages made of sixteen entries. */
#include "lib/paging.h"

static const uint64_t WINDOW = 0x140000000, N = 1ull << 63;
static uint64_t pages[16][512] __attribute__((aligned(65536)));

static uint64_t load(uint64_t vaddr)
{
    uint64_t value = 0, cause;

    cause = CAUSE_OF(value = *(volatile uint64_t *)vaddr);
    return cause == NO_TRAP ? value : cause << 32;
}

static void napot(void)
{
    for (unsigned i = 0; i < 16; i++) {
        pages[i][0] = 100 + i;
        *pte_at(WINDOW + i * 4096, 0) = N | pte_of(pages[8], V | R | W | A | D); /* ppn[3:0] = 8: 64 KiB */
    }
    fence();
    for (unsigned i = 0; i < 16; i++)
        line("napot", in_mode(S_MODE, load, WINDOW + i * 4096));
    *pte_at(WINDOW, 0) = N | pte_of(pages[4], V | R | W | A | D); /* a size that is reserved */
    fence();
    line("reserved size", in_mode(S_MODE, load, WINDOW));
    *pte_at(0x180000000, 1) = N | pte_of((void *)0x80000000, V | R | W | A | D);
    fence();
    line("N above level 0", in_mode(S_MODE, load, 0x180000000));
}

int main(void)
{
    open_pmp();
    paging_on();
    napot();
    return 0;
}

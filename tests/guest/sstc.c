/* Sstc: S-mode's own timer. */
#include "lib/guest.h"

void trap_entry_s(void);
extern char trap_stack_top[];
static volatile uint64_t seen;

static void taken(struct trap_frame *frame)
{
    uint64_t now;

    seen = frame->cause << 4 | frame->mode;
    __asm__ volatile("csrr %0, time" : "=r"(now));
    __asm__ volatile("csrw 0x14d, %0" ::"r"(now + 10000)); /* again, for one who was interrupted just before wfi */
}

static uint64_t wait_for_timer(uint64_t ticks)
{
    uint64_t now;

    __asm__ volatile("csrr %0, time" : "=r"(now));
    __asm__ volatile("csrw 0x14d, %0" ::"r"(now + ticks));
    while (seen == 0)
        __asm__ volatile("wfi");
    clear_csr(sstatus, MSTATUS_SIE);
    __asm__ volatile("csrw 0x14d, %0" ::"r"(UINT64_MAX));
    return seen;
}

static uint64_t touch_stimecmp(uint64_t ignored)
{
    (void)ignored;
    return CAUSE_OF(__asm__ volatile("csrr t0, 0x14d" ::: "t0"));
}

int main(void)
{
    const uint64_t stce = 1ull << 63;

    open_pmp();
    MMIO64(MTIMECMP) = UINT64_MAX;
    write_csr(0x14d, UINT64_MAX);
    write_csr(mcounteren, 7);
    clear_csr(0x30a, stce);
    line("without STCE", in_mode(S_MODE, touch_stimecmp, 0));
    set_csr(0x30a, stce);
    line("with STCE", in_mode(S_MODE, touch_stimecmp, 0));
    write_csr(mcounteren, 5);
    line("without TM", in_mode(S_MODE, touch_stimecmp, 0));
    write_csr(mcounteren, 7);

    write_csr(stvec, (uint64_t)trap_entry_s);
    write_csr(sscratch, (uint64_t)trap_stack_top - 8192);
    on_interrupt = taken;
    write_csr(mideleg, 0x20);
    write_csr(mie, 0x20);
    set_csr(mstatus, MSTATUS_SIE);
    line("taken", in_mode(S_MODE, wait_for_timer, 1000));
    set_csr(mip, 0x20); /* read-only while stimecmp drives it */
    line("mip.STIP", read_csr(mip) & 0x20);
    write_csr(0x14d, 0);
    while ((read_csr(mip) & 0x20) == 0)
        ;
    write_csr(0x14d, UINT64_MAX);
    while (read_csr(mip) & 0x20)
        ;
    line("mip.STIP", read_csr(mip) & 0x20);
    return 0;
}

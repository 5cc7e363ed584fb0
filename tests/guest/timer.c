/* The machine timer, wfi, and delegated interrupts. Nothing here depends on how long anything
 * takes: interrupts are waited for. */
#include "lib/guest.h"

static volatile uint64_t seen;

static void taken(struct trap_frame *frame)
{
    seen |= 1ull << (frame->cause & 0xff);
    MMIO64(MTIMECMP) = MMIO64(MTIME) + 10000; /* again, for one who was interrupted just before wfi */
}

static void timer(void)
{
    MMIO64(MTIMECMP) = MMIO64(MTIME) + 100;
    write_csr(mie, 0x80);
    set_csr(mstatus, MSTATUS_MIE);
    while ((seen & 0x80) == 0)
        __asm__ volatile("wfi");
    line("timer", seen);
    clear_csr(mstatus, MSTATUS_MIE);
    MMIO64(MTIMECMP) = 0;
    while ((read_csr(mip) & 0x80) == 0)
        ;
    MMIO64(MTIMECMP) = UINT64_MAX;
    while (read_csr(mip) & 0x80)
        ;
    seen = 0;
}

/* wfi with interrupts off: it wakes, nothing is taken. */
static void wake_only(void)
{
    MMIO64(MTIMECMP) = MMIO64(MTIME) + 1000;
    __asm__ volatile("wfi");
    while ((read_csr(mip) & 0x80) == 0)
        ;
    line("pending, not taken", seen);
    MMIO64(MTIMECMP) = UINT64_MAX;
}

static uint64_t spin_until_taken(uint64_t ignored)
{
    (void)ignored;
    while ((seen & 0x20) == 0)
        ;
    return seen;
}

void trap_entry_s(void);
extern char trap_stack_top[];

static void taken_in_s(struct trap_frame *frame)
{
    seen |= 1ull << (frame->cause & 0xff) | (frame->mode << 16);
    clear_csr(sie, 0x20);
}

/* A delegated interrupt goes to S-mode, from U too, and waits while M-mode runs. */
static void delegated(void)
{
    seen = 0;
    on_interrupt = taken_in_s;
    write_csr(stvec, (uint64_t)trap_entry_s);
    write_csr(sscratch, (uint64_t)trap_stack_top - 8192);
    write_csr(mideleg, 0x20);
    write_csr(mie, 0x20);
    set_csr(mip, 0x20);
    set_csr(mstatus, MSTATUS_MIE | MSTATUS_SIE);
    line("in M", seen);
    clear_csr(mstatus, MSTATUS_SIE); /* U does not care */
    line("in U", in_mode(U_MODE, spin_until_taken, 0));
    seen = 0;
    set_csr(mie, 0x20);
    set_csr(mstatus, MSTATUS_SIE);
    line("in S", in_mode(S_MODE, spin_until_taken, 0));
    clear_csr(mip, 0x20);
}

int main(void)
{
    open_pmp();
    on_interrupt = taken;
    MMIO64(MTIMECMP) = UINT64_MAX;
    timer();
    wake_only();
    delegated();
    return 0;
}

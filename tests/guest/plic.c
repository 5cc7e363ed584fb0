/* External interrupts: the UART's, through the PLIC, claimed and completed; enables, priorities, thresholds. */
#include "lib/guest.h"

enum { UART_IRQ = 10, IER = 1, IIR = 2, THRE = 2 };

#define PRIORITY(irq)      MMIO32(PLIC + 4 * (irq))
#define PENDING            MMIO32(PLIC + 0x1000)
#define ENABLE(context)    MMIO32(PLIC + 0x2000 + 0x80 * (context))
#define THRESHOLD(context) MMIO32(PLIC + 0x200000 + 0x1000 * (context))
#define CLAIM(context)     MMIO32(PLIC + 0x200004 + 0x1000 * (context))

static volatile uint64_t claimed, taken_count, taken_cause;

static void taken(struct trap_frame *frame)
{
    uint32_t irq = CLAIM(frame->mode == 3 ? 0 : 1);

    taken_count++;
    taken_cause = frame->cause;
    claimed = irq;
    MMIO8(UART + IER) = 0;
    CLAIM(frame->mode == 3 ? 0 : 1) = irq;
}

/* put() polls for room; let what it sent drain so that only this interrupt is about. */
static void raise(void)
{
    while ((MMIO8(UART + 5) & 0x40) == 0)
        ;
    MMIO8(UART + IER) = THRE; /* the transmitter is empty: interrupts at once */
}

static void machine(void)
{
    PRIORITY(UART_IRQ) = 1;
    ENABLE(0) = 1 << UART_IRQ;
    THRESHOLD(0) = 0;
    write_csr(mie, 0x800);
    set_csr(mstatus, MSTATUS_MIE);
    raise();
    while (taken_count == 0)
        ;
    clear_csr(mstatus, MSTATUS_MIE);
    line("cause", taken_cause);
    line("claimed", claimed);
    line("claim again", CLAIM(0));
}

static void masked(void)
{
    uint64_t before;

    THRESHOLD(0) = 1; /* not above the threshold */
    raise();
    while ((PENDING & 1 << UART_IRQ) == 0)
        ;
    before = read_csr(mip) & 0x800;
    THRESHOLD(0) = 0;
    while ((read_csr(mip) & 0x800) == 0)
        ;
    MMIO8(UART + IER) = 0;
    line("masked", before);
    line("claimed", CLAIM(0));
    CLAIM(0) = UART_IRQ;
    line("mip after", read_csr(mip) & 0x800);
    PRIORITY(UART_IRQ) = 0; /* never */
    raise();
    before = read_csr(mip) & 0x800;
    MMIO8(UART + IER) = 0;
    line("priority 0", before);
    line("claim", CLAIM(0));
}

void trap_entry_s(void);
extern char trap_stack_top[];

static uint64_t wait_in_s(uint64_t ignored)
{
    (void)ignored;
    raise();
    while (taken_count == 0)
        ;
    return taken_cause;
}

static void supervisor(void)
{
    taken_count = 0;
    ENABLE(0) = 0;
    ENABLE(1) = 1 << UART_IRQ;
    THRESHOLD(1) = 0;
    PRIORITY(UART_IRQ) = 7;
    write_csr(mideleg, 0x200);
    write_csr(mie, 0x200);
    write_csr(stvec, (uint64_t)trap_entry_s);
    write_csr(sscratch, (uint64_t)trap_stack_top - 8192);
    set_csr(mstatus, MSTATUS_SIE);
    line("S cause", in_mode(S_MODE, wait_in_s, 0));
    line("S claimed", claimed);
}

int main(void)
{
    open_pmp();
    on_interrupt = taken;
    MMIO64(MTIMECMP) = UINT64_MAX;
    MMIO8(UART + 2) = 7; /* FIFOs on and clear */
    machine();
    masked();
    supervisor();
    return 0;
}

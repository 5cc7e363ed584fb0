/* Reads the console until 'q' and answers each line: half by polling, half by interrupt. When the bytes come is the
 * world's business; the answers are the same whenever. */
#include "lib/guest.h"

static volatile char last;

static void take_byte(struct trap_frame *frame)
{
    uint32_t irq = MMIO32(PLIC + 0x200004);

    (void)frame;
    if (last == 0 && (MMIO8(UART + 5) & 1) != 0) { /* a PLIC may hand out a request that is no longer there */
        last = (char)MMIO8(UART);
        MMIO8(UART + 1) = 0; /* one is enough: the next would overwrite it */
    }
    MMIO32(PLIC + 0x200004) = irq;
}

static char poll(void)
{
    while ((MMIO8(UART + 5) & 1) == 0)
        ;
    return (char)MMIO8(UART);
}

static char wait(void)
{
    last = 0;
    MMIO8(UART + 1) = 1; /* received data */
    write_csr(mie, 0x800);
    while (last == 0) { /* waits with interrupts off: none can come between the question and wfi */
        __asm__ volatile("wfi");
        set_csr(mstatus, MSTATUS_MIE);
        clear_csr(mstatus, MSTATUS_MIE);
    }
    return last;
}

int main(void)
{
    uint64_t hash = FOLD_BEGIN, count = 0;

    on_interrupt = take_byte;
    MMIO64(MTIMECMP) = UINT64_MAX;
    MMIO32(PLIC + 4 * 10) = 1;
    MMIO32(PLIC + 0x2000) = 1 << 10;
    MMIO32(PLIC + 0x200000) = 0;
    put("say something\n");
    for (;;) {
        char c = count++ & 1 ? wait() : poll();
        if (c == 'q')
            break;
        hash = fold(hash, (uint64_t)(uint8_t)c);
        if (c == '\n')
            line("heard", hash);
    }
    line("bytes", count);
    return 0;
}

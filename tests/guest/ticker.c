/* Never ends, and costs little: a timer interrupt every 5 ms, a line and some writing, and waiting in between. */
#include "lib/guest.h"

static volatile uint64_t field[1 << 14];
static uint64_t due;

static void tick(struct trap_frame *frame)
{
    static uint64_t hash = FOLD_BEGIN;

    (void)frame;
    for (unsigned i = 0; i < 200; i++) {
        hash = fold(hash, i);
        field[hash % (sizeof field / sizeof field[0])] = hash;
    }
    line("tick", hash);
    MMIO64(MTIMECMP) = due += 50000;
}

int main(void)
{
    on_interrupt = tick;
    MMIO64(MTIMECMP) = due = MMIO64(MTIME) + 50000;
    write_csr(mie, 0x80);
    set_csr(mstatus, MSTATUS_MIE);
    for (;;)
        __asm__ volatile("wfi");
}

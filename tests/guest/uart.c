/* The 16550: registers that hold what they are given, the divisor latch. */
#include "lib/guest.h"

enum { THR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static uint8_t reg(unsigned number) { return MMIO8(UART + number); }
static void set_reg(unsigned number, uint8_t value) { MMIO8(UART + number) = value; }

int main(void)
{
    uint64_t divisor;

    set_reg(SCR, 0x5a);
    line("SCR", reg(SCR));
    line("LSR", reg(LSR) & 0x9f); /* but for "empty" */
    set_reg(LCR, 0x83);
    set_reg(THR, 12); /* the divisor */
    set_reg(IER, 0);
    divisor = reg(THR) | (uint64_t)reg(IER) << 8;
    set_reg(LCR, 3);
    line("divisor", divisor);
    line("LCR", reg(LCR));
    set_reg(IER, 0x0f);
    line("IER", reg(IER));
    set_reg(IER, 0xf0);
    line("IER high", reg(IER)); /* no such enables */
    set_reg(IIR, 1);            /* FCR: FIFOs on */
    line("IIR", reg(IIR));
    set_reg(IIR, 0);
    line("IIR", reg(IIR));
    set_reg(IIR, 7);
    return 0;
}

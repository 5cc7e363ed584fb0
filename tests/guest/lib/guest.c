#include "guest.h"

/* ---- printing -------------------------------------------------------------------------------------------------- */

void put_char(char c)
{
    while ((MMIO8(UART + 5) & 0x20) == 0) /* LSR.THRE */
        ;
    MMIO8(UART) = (uint8_t)c;
}

void put(const char *text)
{
    while (*text != '\0')
        put_char(*text++);
}

void put_hex(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        put_char("0123456789abcdef"[value >> shift & 15]);
}

void put_decimal(uint64_t value)
{
    if (value >= 10)
        put_decimal(value / 10);
    put_char((char)('0' + value % 10));
}

void line(const char *name, uint64_t value)
{
    put(name);
    put_char(' ');
    put_hex(value);
    put_char('\n');
}

static uint64_t nfailures;

uint64_t failures(void) { return nfailures; }

void expectation_failed(const char *condition, int at_line)
{
    put("line ");
    put_decimal((uint64_t)at_line);
    put(": not so: ");
    put(condition);
    put_char('\n');
    nfailures++;
}

void equal_or_fail(uint64_t a, uint64_t b, const char *condition, int at_line)
{
    if (a == b)
        return;
    expectation_failed(condition, at_line);
    line("  left ", a);
    line("  right", b);
}

void finish(uint64_t status)
{
    if (nfailures > 0)
        status = 1;
    MMIO32(FINISHER) = status == 0 ? 0x5555 : (uint32_t)(status << 16 | 0x3333);
    for (;;)
        ;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

uint64_t fold(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        hash = (hash ^ (value & 255)) * 0x100000001b3ull;
    return hash;
}

const uint64_t interesting[] = {
    0,
    1,
    2,
    3,
    7,
    31,
    32,
    63,
    64,
    255,
    0x7f,
    0x80,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0xffffffff80000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xffffffffffffffff,
    0xfffffffffffffffe,
    0x5555555555555555,
    0xaaaaaaaaaaaaaaaa,
    0x0123456789abcdef,
    0xfedcba9876543210,
    0x00ff00ff00ff00ff,
    0xdeadbeefcafebabe,
};
const unsigned ninteresting = sizeof interesting / sizeof interesting[0];

/* ---- traps --------------------------------------------------------------------------------------------------------- */

volatile struct caught caught = {.cause = NO_TRAP};
void (*volatile on_interrupt)(struct trap_frame *frame);
volatile uint64_t resume_at;

enum { IN_MODE_DONE = 0x44454a41 };

/* The instruction at a virtual address is not always ours to read; its length is in the two bits that we stepped on.
 * Programs that make pages unreadable give resume_at instead. */
static uint64_t next_instruction(const struct trap_frame *frame)
{
    return frame->epc + ((*(const volatile uint16_t *)frame->epc & 3) == 3 ? 4 : 2);
}

void trap_handle(struct trap_frame *frame);
void trap_handle(struct trap_frame *frame)
{
    if (frame->cause & INTERRUPT) {
        if (on_interrupt != NULL) {
            on_interrupt(frame);
            return;
        }
        line("an interrupt that nobody expected", frame->cause);
        finish(2);
    }
    if ((frame->cause == ECALL_U || frame->cause == ECALL_S) && frame->x[17] == IN_MODE_DONE) {
        frame->epc += 4;
        frame->status |= 3ull << 11;   /* back to M, */
        frame->status &= ~(1ull << 7); /* with interrupts off */
        return;
    }
    caught.cause = frame->cause;
    caught.epc = frame->epc;
    caught.tval = frame->tval;
    caught.status = frame->status;
    caught.mode = frame->mode;
    if (++caught.count > 100000) {
        line("traps without end, cause", frame->cause);
        line("at", frame->epc);
        finish(3);
    }
    frame->epc = resume_at != 0 ? resume_at : next_instruction(frame);
    resume_at = 0;
}

void open_pmp(void)
{
    write_csr(pmpaddr0, UINT64_MAX >> 10);
    write_csr(pmpcfg0, 0x1f); /* NAPOT, RWX */
}

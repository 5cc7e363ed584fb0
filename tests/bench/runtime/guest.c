/* A kernel on the bare machine: its page tables, its console, its end. */
#include "../kernels/kernel.h"

enum {
    UART = 0x10000000,
    FINISHER = 0x100000,
    RAM = (int)0x80000000u,
    PAGE = 4096,
    POWER_OFF = 0x5555,
    FAILED = 0x13333
};
enum pte { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128 };

extern char image_end[];
uint64_t tables_make(void);
_Noreturn void supervisor(void);
_Noreturn void trapped(uint64_t cause, uint64_t pc, uint64_t value);

/* ---- paging -------------------------------------------------------------------------------------------------- */

static uint64_t tables[32][512] __attribute__((aligned(PAGE)));
static unsigned tables_used = 1;

static uint64_t *table_below(uint64_t *pte)
{
    if (*pte == 0)
        *pte = (uint64_t)tables[tables_used++] >> 12 << 10 | V;
    return (uint64_t *)(*pte >> 10 << 12);
}

/* One 4 KiB page, where it is. Accessed and dirty from the start: no walk has to write. */
static void map(uint64_t address, uint64_t flags)
{
    uint64_t *middle = table_below(&tables[0][address >> 30 & 511]);
    uint64_t *last = table_below(&middle[address >> 21 & 511]);

    last[address >> 12 & 511] = address >> 12 << 10 | flags | V | A | D;
}

/* Returns what satp shall be: Sv39. */
uint64_t tables_make(void)
{
    for (uint64_t at = (uint32_t)RAM; at < (uint64_t)image_end; at += PAGE)
        map(at, R | W | X);
    map(UART, R | W);
    map(FINISHER, R | W);
    return 8ull << 60 | (uint64_t)tables[0] >> 12;
}

/* ---- console ------------------------------------------------------------------------------------------------- */

static void put(char c)
{
    while ((*(volatile uint8_t *)(UART + 5) & 0x20) == 0)
        ;
    *(volatile uint8_t *)UART = (uint8_t)c;
}

static void puts_plain(const char *text)
{
    while (*text != 0)
        put(*text++);
}

static void put_hex(uint64_t x)
{
    put(' ');
    for (int shift = 60; shift >= 0; shift -= 4)
        put("0123456789abcdef"[x >> shift & 15]);
}

static _Noreturn void finish(uint32_t how)
{
    *(volatile uint32_t *)FINISHER = how;
    for (;;)
        ;
}

_Noreturn void trapped(uint64_t cause, uint64_t pc, uint64_t value)
{
    puts_plain("trap");
    put_hex(cause);
    put_hex(pc);
    put_hex(value);
    put('\n');
    finish(FAILED);
}

_Noreturn void supervisor(void)
{
    struct sums sums;

    kernel_prepare();
    puts_plain("start\n");
    sums = kernel_run(ROUNDS);
    puts_plain("end");
    put_hex(sums.portable);
    put_hex(sums.exact);
    put('\n');
    finish(POWER_OFF);
}

/* ---- what the compiler calls --------------------------------------------------------------------------------- */

void *memset(void *to, int c, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
double sqrt(double x);

/* By words where both sides allow, as a C library for this machine does. */
void *memset(void *to, int c, size_t n)
{
    uint64_t word = (uint8_t)c * 0x0101010101010101u;
    uint8_t *p = to;

    for (; n > 0 && ((uintptr_t)p & 7) != 0; n--)
        *p++ = (uint8_t)c;
    for (; n >= 8; n -= 8, p += 8)
        *(uint64_t *)p = word;
    for (; n > 0; n--)
        *p++ = (uint8_t)c;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    const uint8_t *in = from;
    uint8_t *out = to;

    if ((((uintptr_t)in | (uintptr_t)out) & 7) == 0)
        for (; n >= 8; n -= 8, in += 8, out += 8)
            *(uint64_t *)out = *(const uint64_t *)in;
    for (; n > 0; n--)
        *out++ = *in++;
    return to;
}

double sqrt(double x)
{
    double root;

    __asm__("fsqrt.d %0, %1" : "=f"(root) : "f"(x));
    return root;
}

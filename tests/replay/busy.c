/* A machine that is never at rest, for walking through its past: memory written all over, a timer that interrupts at
 * uneven times, sleep with and without interrupts, console input polled and waited for, calls, page tables, code that
 * changes, traps. Ends by itself after some two million instructions, when it has been sent an 'x'; with other ROUNDS
 * it asks for nothing. */
#include "../guest/lib/guest.h"
#include "../guest/lib/paging.h"

#ifndef ROUNDS
#define ROUNDS 40
#endif

enum { FIELD_PAGES = 64, WORDS = 512 };

uint64_t field[FIELD_PAGES][WORDS] __attribute__((aligned(4096)));
volatile uint64_t ticks, watched, straddled[2];
static volatile uint8_t received;
volatile uint64_t heard;
static uint64_t noise_state = 1;

static uint64_t noise(void)
{
    uint64_t z = noise_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void take(struct trap_frame *frame)
{
    if ((frame->cause & 0xff) == 11) {
        uint32_t irq = MMIO32(PLIC + 0x200004);
        if (MMIO8(UART + 5) & 1)
            heard = heard * 31 + (received = MMIO8(UART));
        MMIO32(PLIC + 0x200004) = irq;
        return;
    }
    ticks++;
    watched += ticks & 1;
    MMIO64(MTIMECMP) = MMIO64(MTIME) + 5 + noise() % 200;
}

NOINLINE uint64_t churn(uint64_t depth, uint64_t seed)
{
    uint64_t sum = seed;
    for (unsigned i = 0; i < 200; i++) {
        uint64_t at = noise();
        field[at % FIELD_PAGES][at >> 32 & (WORDS - 1)] += sum;
        sum = sum * 31 + field[at >> 8 & (FIELD_PAGES - 1)][at >> 40 & (WORDS - 1)];
    }
    return depth ? churn(depth - 1, sum) ^ sum : sum;
}

/* A store across two words, one across two pages, an atomic, one that writes what is there already. */
NOINLINE void touch(uint64_t n)
{
    uint8_t *bytes = (uint8_t *)straddled;
    *(volatile uint32_t *)(bytes + 6) = (uint32_t)n;
    *(volatile uint64_t *)((uint8_t *)field[1] - 3) = n;
    __atomic_fetch_add(&watched, n & 3, __ATOMIC_RELAXED);
    watched = watched;
}

static uint64_t in_supervisor(uint64_t n)
{
    uint64_t *window = (uint64_t *)0x40000000;
    *pte_at(0x40000000, 0) = pte_of(field[n % FIELD_PAGES], V | R | W | (n & 1 ? A | D : 0));
    fence();
    for (unsigned i = 0; i < 32; i++)
        window[i * 7 % WORDS] += n;
    return window[5];
}

/* addi a0, a0, n; ret */
static uint32_t code[2] __attribute__((aligned(4096)));

static uint64_t changed_code(uint64_t n)
{
    code[0] = 0x00050513u | (uint32_t)(n & 0x7ff) << 20;
    code[1] = 0x00008067u;
    __asm__ volatile("fence.i" ::: "memory");
    return ((uint64_t(*)(uint64_t))code)(n);
}

static void sleep_until_tick(void)
{
    uint64_t before = ticks;
    while (ticks == before)
        __asm__ volatile("wfi");
}

static void wait_for_x(void)
{
    put("x?\n");
    clear_csr(mie, 0x80); /* the timer is off: only the console can end this */
    while (received != 'x')
        __asm__ volatile("wfi");
    set_csr(mie, 0x80);
}

int main(void)
{
    uint64_t hash = FOLD_BEGIN;
    open_pmp();
    paging_on();
    on_interrupt = take;
    MMIO32(PLIC + 4 * 10) = 1;
    MMIO32(PLIC + 0x2000) = 1u << 10;
    MMIO8(UART + 1) = 1;
    MMIO64(MTIMECMP) = MMIO64(MTIME) + 50;
    write_csr(mie, 0x880);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        set_csr(mstatus, MSTATUS_MIE);
        hash = fold(hash, churn(round % 7, round));
        touch(round);
        hash = fold(hash, changed_code(round));
        if (round % 5 == 0)
            sleep_until_tick();
        clear_csr(mstatus, MSTATUS_MIE);
        hash = fold(hash, in_mode(S_MODE, in_supervisor, round));
        hash = fold(hash, CAUSE_OF(__asm__ volatile(".word 0")));
        caught.count = 0; /* a trap each round is what we want */
        if (round % 16 == 0)
            line("round", round);
        set_csr(mstatus, MSTATUS_MIE);
        if (round == 20 && ROUNDS == 40)
            wait_for_x();
    }
    put("done\n");
    finish(hash == 0);
}

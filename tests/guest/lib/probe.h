/* One access in another mode, and all that comes of it. The program itself stays in M-mode: loads and stores go through
 * mstatus.MPRV, a fetch is an mret to an ecall. So nothing of ours needs to be reachable from there. */
#ifndef DEJA_TESTS_GUEST_PROBE_H
#define DEJA_TESTS_GUEST_PROBE_H

#include "guest.h"

struct outcome {
    uint64_t cause; /* NO_TRAP, or of the trap; a fetch that succeeds ends in ECALL_U, ECALL_S or ECALL_M */
    uint64_t tval, epc;
    uint64_t value;  /* loaded */
    uint64_t status; /* mstatus behind it */
};

#define PROBE_ECALL 0x73u /* what a fetched cell must hold */

/* `status` is what mstatus.MPP, SUM and MXR shall be; `value` what a store stores. */
void probe_load8(uint64_t vaddr, uint64_t status, struct outcome *outcome);
void probe_load1(uint64_t vaddr, uint64_t status, struct outcome *outcome);
void probe_store8(uint64_t vaddr, uint64_t status, struct outcome *outcome, uint64_t value);
void probe_store1(uint64_t vaddr, uint64_t status, struct outcome *outcome, uint64_t value);
void probe_fetch(uint64_t vaddr, uint64_t status, struct outcome *outcome);

__asm__(".macro PROBE name, access:vararg\n"
        ".balign 4\n"
        "\\name:\n"
        "csrr t0, mtvec\n"
        "la t1, 1f\n"
        "csrw mtvec, t1\n"
        "csrw mepc, a0\n"
        "li t2, 0xe1800\n" /* MPP, MPRV, SUM, MXR */
        "li t3, 0x20000\n" /* MPRV; an mret below M clears it */
        "csrc mstatus, t2\n"
        "or a1, a1, t3\n"
        "li t4, 0\n"
        "csrs mstatus, a1\n"
        "\\access\n"
        "li t5, -1\n"
        "li t6, 0\n"
        "j 2f\n"
        ".balign 4\n"
        "1: csrr t5, mcause\n"
        "csrr t6, mtval\n"
        "2: csrrc t1, mstatus, t2\n"
        "sd t1, 32(a2)\n"
        "sd t5, 0(a2)\n"
        "sd t6, 8(a2)\n"
        "csrr t6, mepc\n"
        "sd t6, 16(a2)\n"
        "sd t4, 24(a2)\n"
        "csrw mtvec, t0\n"
        "ret\n"
        ".endm\n"
        ".text\n"
        "PROBE probe_load8, ld t4, 0(a0)\n"
        "PROBE probe_load1, lbu t4, 0(a0)\n"
        "PROBE probe_store8, sd a3, 0(a0)\n"
        "PROBE probe_store1, sb a3, 0(a0)\n"
        "PROBE probe_fetch, mret\n"
        ".purgem PROBE\n");

/* The same numbers in every run. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t random64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1d;
}

static uint64_t below(uint64_t n) { return (random64() >> 32) % n; }
static bool one_in(uint64_t n) { return below(n) == 0; }

#endif

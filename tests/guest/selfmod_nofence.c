/* Code that writes code and forgets the fence. What a real hart does is not defined; here a store to code takes effect
 * at the next instruction, always (law 4), so that a replay from any snapshot does what the recording did. */
#include "lib/guest.h"

static uint32_t code[2048] __attribute__((aligned(4096)));

static uint32_t li_a0(unsigned value) { return 0x00000513 | value << 20; }
static const uint32_t RET = 0x00008067;

static uint64_t call(void)
{
    uint64_t (*function)(void) = (uint64_t(*)(void))(void *)code;

    __asm__ volatile("" ::: "memory");
    return function();
}

/* Writes over the instruction that comes next, in the same straight line. */
static uint64_t just_ahead(void)
{
    register uint64_t result __asm__("a0");

    __asm__ volatile(".option push\n .option norvc\n"
                     "la t0, 1f\n la t1, 2f\n lw t1, 0(t1)\n sw t1, 0(t0)\n"
                     "1: li a0, 1\n"
                     "j 3f\n 2: li a0, 2\n 3:\n"
                     "la t0, 1b\n la t1, 4f\n lw t1, 0(t1)\n sw t1, 0(t0)\n j 5f\n 4: li a0, 1\n 5:\n .option pop"
                     : "=r"(result)::"t0", "t1", "memory");
    return result;
}

int main(void)
{
    uint64_t sum = 0;

    code[1] = RET;
    for (unsigned i = 0; i < 2000; i++) {
        code[0] = li_a0(i % 7);
        sum += call();
        expect_equal(call(), i % 7);
    }
    line("sum", sum);
    for (unsigned i = 0; i < 10; i++)
        expect_equal(just_ahead(), 2);
    return 0;
}

/* Branches, jumps and links. */
#include "lib/guest.h"

#define EACH(OP) OP(beq) OP(bne) OP(blt) OP(bge) OP(bltu) OP(bgeu)

static void branches(void)
{
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++)                                                                    \
            for (unsigned j = 0; j < ninteresting; j++) {                                                              \
                uint64_t taken = 1;                                                                                    \
                __asm__ volatile(#name " %1, %2, 1f\n li %0, 0\n 1:"                                                   \
                                 : "+r"(taken)                                                                         \
                                 : "r"(interesting[i]), "r"(interesting[j]));                                          \
                hash = fold(hash, taken);                                                                              \
            }                                                                                                          \
        line(#name, hash);                                                                                             \
    }
    EACH(OP)
#undef OP
}

static void jumps(void)
{
    uint64_t link, target;

    /* the link is what follows jalr, and bit 0 of the target is dropped */
    __asm__ volatile("la %1, 1f\n la %0, 2f\n sub %1, %1, %0\n add %0, %0, %1\n"
                     " .option push\n .option norvc\n jalr %0, 1(%0)\n .option pop\n"
                     "2: li %0, 0\n 1: la %1, 2b\n sub %0, %0, %1"
                     : "=&r"(link), "=&r"(target));
    expect_equal(link, 0);
    __asm__ volatile("j 2f\n 1: li %0, 77\n j 3f\n 2: jal %1, 1b\n 3:" : "=&r"(target), "=&r"(link));
    expect_equal(target, 77);
}

/* A loop over a backward branch, long enough to become hot. */
static uint64_t collatz(uint64_t n)
{
    uint64_t steps = 0;

    for (; n != 1; steps++)
        n = n % 2 ? 3 * n + 1 : n / 2;
    return steps;
}

int main(void)
{
    uint64_t hash = FOLD_BEGIN;

    branches();
    jumps();
    for (uint64_t n = 1; n < 400; n++)
        hash = fold(hash, collatz(n));
    line("collatz", hash);
    return 0;
}

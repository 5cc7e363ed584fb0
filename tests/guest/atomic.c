/* The A extension. */
#include "lib/guest.h"

static uint64_t cell[16] __attribute__((aligned(128)));

#define EACH(OP) OP(amoswap) OP(amoadd) OP(amoxor) OP(amoand) OP(amoor) OP(amomin) OP(amomax) OP(amominu) OP(amomaxu)

static void amo(void)
{
#define WIDTH(name, width)                                                                                             \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++)                                                                    \
            for (unsigned j = 0; j < ninteresting; j++) {                                                              \
                uint64_t old;                                                                                          \
                cell[0] = interesting[i];                                                                              \
                __asm__ volatile(#name "." #width ".aqrl %0, %1, (%2)"                                                 \
                                 : "=&r"(old)                                                                          \
                                 : "r"(interesting[j]), "r"(cell)                                                      \
                                 : "memory");                                                                          \
                hash = fold(fold(hash, old), cell[0]);                                                                 \
            }                                                                                                          \
        line(#name "." #width, hash);                                                                                  \
    }
#define OP(name) WIDTH(name, w) WIDTH(name, d)
    EACH(OP)
#undef OP
}

static uint64_t store_conditional(uint64_t *at, uint64_t value)
{
    uint64_t failed;

    __asm__ volatile("sc.d %0, %1, (%2)" : "=&r"(failed) : "r"(value), "r"(at) : "memory");
    return failed;
}

static uint64_t load_reserved(uint64_t *at)
{
    uint64_t value;

    __asm__ volatile("lr.d %0, (%1)" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static void reservations(void)
{
    uint64_t failed;

    cell[0] = 1;
    expect_equal(load_reserved(cell), 1);
    expect_equal(store_conditional(cell, 2), 0);
    expect_equal(cell[0], 2);
    expect(store_conditional(cell, 3) != 0); /* the reservation is used up */
    expect_equal(cell[0], 2);
    load_reserved(cell);
    expect(store_conditional(cell + 8, 3) != 0); /* elsewhere */
    expect(store_conditional(cell, 3) != 0);     /* any sc drops it */
    cell[0] = 0xffffffff80000000;
    __asm__ volatile("lr.w %0, (%1)" : "=r"(failed) : "r"(cell) : "memory");
    expect_equal(failed, 0xffffffff80000000);
    __asm__ volatile("sc.w %0, %1, (%2)" : "=&r"(failed) : "r"(7ull), "r"(cell) : "memory");
    expect_equal(failed, 0);
    expect_equal(cell[0], 0xffffffff00000007);
}

/* The loop that every lock is made of. */
static void counter(void)
{
    cell[1] = 0;
    for (int i = 0; i < 10000; i++) {
        uint64_t value, failed;
        __asm__ volatile("1: lr.d.aq %0, (%2)\n addi %0, %0, 3\n sc.d.rl %1, %0, (%2)\n bnez %1, 1b"
                         : "=&r"(value), "=&r"(failed)
                         : "r"(cell + 1)
                         : "memory");
    }
    expect_equal(cell[1], 30000);
}

int main(void)
{
    amo();
    reservations();
    counter();
    return 0;
}

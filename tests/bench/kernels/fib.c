/* Calls and returns. */
#include "kernel.h"

void kernel_prepare(void) {}

/* Neither inlined into itself nor computed twice less often than written. */
static __attribute__((noinline, noclone)) uint64_t fib(uint64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

struct sums kernel_run(uint64_t rounds)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++)
        sum = sum * 31 + fib(30);
    return sums_both(sum);
}

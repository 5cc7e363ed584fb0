/* Stores with a stride, and a scan. */
#include "kernel.h"

enum { FLAGS = 4000000 };

static uint8_t composite[FLAGS];

void kernel_prepare(void) {}

static uint64_t sieve(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < FLAGS; i++)
        composite[i] = 0;
    for (size_t i = 2; i < FLAGS; i++) {
        if (composite[i])
            continue;
        sum += i;
        for (size_t k = i * i; k < FLAGS; k += i)
            composite[k] = 1;
    }
    return sum;
}

struct sums kernel_run(uint64_t rounds)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++)
        sum = sum * 31 + sieve();
    return sums_both(sum);
}

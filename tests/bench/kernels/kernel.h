/* A kernel: one piece of plain C, the same for the guest and for the host. Each file defines the two functions. */
#ifndef DEJA_TESTS_BENCH_KERNEL_H
#define DEJA_TESTS_BENCH_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct sums {
    uint64_t portable; /* equal wherever the same C runs */
    uint64_t exact;    /* equal wherever the same instructions run: compilers may contract a * b + c, or not */
};

/* Makes the input; not timed. */
void kernel_prepare(void);

/* Does the work, about proportional to `rounds` (kernels.def). */
struct sums kernel_run(uint64_t rounds);

static inline struct sums sums_both(uint64_t sum) { return (struct sums){.portable = sum, .exact = sum}; }

/* Any sequence without a pattern, the same everywhere. */
static inline uint64_t mix_next(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

#endif

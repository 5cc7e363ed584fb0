/* random: repeatable noise for tests. splitmix64. */
#ifndef DEJA_TEST_RANDOM_H
#define DEJA_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_u64(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* 0..bound-1 */
static inline uint64_t random_below(uint64_t *seed, uint64_t bound) { return random_u64(seed) % bound; }

/* Every magnitude is as likely as any other: edges are where arithmetic breaks. */
static inline uint64_t random_magnitude(uint64_t *seed)
{
    uint64_t value = random_u64(seed) >> random_below(seed, 64);
    return random_below(seed, 4) ? value : ~value;
}

static inline void random_fill(uint64_t *seed, void *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)random_u64(seed);
}

#endif

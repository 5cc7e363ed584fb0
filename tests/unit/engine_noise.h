/* engine_noise: random instructions that do something: loads and stores through x8..x15, arithmetic on x16..x31, short
 * branches, jumps, atomics, the CSRs of supervisor mode, and now and then any word at all. */
#ifndef DEJA_TEST_ENGINE_NOISE_H
#define DEJA_TEST_ENGINE_NOISE_H

#include "random.h"

static inline uint64_t pick(uint64_t *seed, const uint64_t *list, size_t count)
{
    return list[random_below(seed, count)];
}
/* One of the values that are listed; all of them are computed. */
#define PICK(seed, ...)                                                                                                \
    pick(seed, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static inline uint32_t pointer_register(uint64_t *seed) { return 8 + (uint32_t)random_below(seed, 8); }
static inline uint32_t value_register(uint64_t *seed) { return 16 + (uint32_t)random_below(seed, 16); }

static inline uint32_t small_offset(uint64_t *seed)
{
    return (uint32_t)PICK(seed, 0, 0, 0, 1, 2, 4, 8, 16, 0xff8, 0xfff, random_u64(seed)) & 0xfff;
}

static inline uint32_t random_load(uint64_t *seed)
{
    uint32_t kind = (uint32_t)random_below(seed, 7);
    return small_offset(seed) << 20 | pointer_register(seed) << 15 | kind << 12 | value_register(seed) << 7 | 0x03;
}

static inline uint32_t random_store(uint64_t *seed)
{
    uint32_t offset = small_offset(seed), kind = (uint32_t)random_below(seed, 4);
    return offset >> 5 << 25 | value_register(seed) << 20 | pointer_register(seed) << 15 | kind << 12 |
           (offset & 31) << 7 | 0x23;
}

static inline uint32_t random_atomic(uint64_t *seed)
{
    uint32_t operation = (uint32_t)PICK(seed, 0, 1, 2, 3, 2, 3, 4, 8, 12, 16, 28);
    uint32_t second = operation == 2 ? 0 : value_register(seed);
    return operation << 27 | second << 20 | pointer_register(seed) << 15 | (2 + (uint32_t)random_below(seed, 2)) << 12 |
           value_register(seed) << 7 | 0x2f;
}

static inline uint32_t random_arithmetic(uint64_t *seed)
{
    uint32_t word = (uint32_t)random_u64(seed) & ~UINT32_C(0xfff);
    return word | value_register(seed) << 7 | (uint32_t)PICK(seed, 0x13, 0x33, 0x1b, 0x3b);
}

/* Arithmetic and comparisons of all formats, any rounding mode, and loads and stores of floating registers. */
static inline uint32_t random_float(uint64_t *seed)
{
    uint32_t operation =
        (uint32_t)PICK(seed, 0x00, 0x04, 0x08, 0x0c, 0x2c, 0x10, 0x14, 0x50, 0x60, 0x68, 0x70, 0x78, 0x20);
    uint32_t word = ((uint32_t)random_u64(seed) & 0x00fff000) | (uint32_t)PICK(seed, 0, 1, 2) << 25;
    if (random_below(seed, 3) == 0)
        return (small_offset(seed) & 0xfe0) << 20 | value_register(seed) << 20 | pointer_register(seed) << 15 |
               (uint32_t)PICK(seed, 1, 2, 3) << 12 | value_register(seed) << 7 | (uint32_t)PICK(seed, 0x07, 0x27);
    return word | operation << 25 | value_register(seed) << 7 | 0x53;
}

static inline uint32_t random_branch(uint64_t *seed)
{
    uint32_t backwards = random_below(seed, 3) == 0, halfwords = 1 + (uint32_t)random_below(seed, 12);
    uint32_t offset = backwards ? (0 - 2 * halfwords) & 0x1fff : 2 * halfwords;
    return (offset >> 12) << 31 | (offset >> 5 & 63) << 25 | value_register(seed) << 20 | value_register(seed) << 15 |
           (uint32_t)PICK(seed, 0, 1, 4, 5, 6, 7) << 12 | (offset >> 1 & 15) << 8 | (offset >> 11 & 1) << 7 | 0x63;
}

static inline uint32_t random_system(uint64_t *seed)
{
    uint32_t csr = (uint32_t)PICK(seed, 0x180, 0x180, 0x100, 0x105, 0x140, 0x141, 0x10a, 0x001, 0x003, 0xc00, 0xc02);
    uint32_t how = (uint32_t)PICK(seed, 1, 2, 3, 5, 6, 7);
    if (random_below(seed, 2))
        return (uint32_t)PICK(seed, 0x0000100f, 0x12000073, 0x10200073, 0x00000073, 0x0ff0000f, 0x10500073, 0x00100073);
    return csr << 20 | value_register(seed) << 15 | how << 12 | value_register(seed) << 7 | 0x73;
}

static inline uint32_t random_jump(uint64_t *seed)
{
    return pointer_register(seed) << 15 | value_register(seed) << 7 | 0x67;
}

static inline uint32_t zero_block(uint64_t *seed) { return 0x0040200f | pointer_register(seed) << 15; }

static inline uint32_t anything(uint64_t *seed) { return (uint32_t)random_u64(seed); }

static inline uint32_t random_insn(uint64_t *seed)
{
    static uint32_t (*const kinds[])(uint64_t *) = {
        random_load,   random_load,   random_load,       random_store,      random_store,  random_store,
        random_store,  random_atomic, random_arithmetic, random_arithmetic, random_branch, random_branch,
        random_system, random_jump,   random_float,      random_float,      zero_block,    anything};
    return kinds[random_below(seed, sizeof kinds / sizeof kinds[0])](seed);
}

#endif

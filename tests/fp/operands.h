/* operands: numbers that are hard on floating-point arithmetic, the same ones at every run. */
#ifndef DEJA_TESTS_FP_OPERANDS_H
#define DEJA_TESTS_FP_OPERANDS_H

#include "engine/softfloat.h"
#include "tests/unit/random.h"

static const struct layout {
    unsigned exponent_bits, fraction_bits;
} layouts[] = {[FP16] = {5, 10}, [FP32] = {8, 23}, [FP64] = {11, 52}};

static inline uint64_t width_mask(enum fp_format format)
{
    return UINT64_MAX >> (63 - layouts[format].exponent_bits - layouts[format].fraction_bits);
}

static inline uint64_t sign_of(enum fp_format format) { return width_mask(format) / 2 + 1; }

/* A fraction of the kind that rounds badly: few bits, long runs, or anything. */
static inline uint64_t hard_fraction(unsigned bits, uint64_t *seed)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t one = UINT64_C(1) << random_below(seed, bits), other = UINT64_C(1) << random_below(seed, bits);
    switch (random_below(seed, 6)) {
    case 0:
        return one | other;
    case 1:
        return one - other;
    case 2:
        return ~(one | other);
    case 3:
        return one - 1;
    case 4:
        return mask - (one - 1);
    default:
        return random_u64(seed);
    }
}

/* An exponent field near one of its corners: 0, the bias, where integers end, the maximum; or any. */
static inline uint64_t hard_exponent(struct layout layout, uint64_t *seed)
{
    uint64_t max = (UINT64_C(1) << layout.exponent_bits) - 1, bias = max / 2;
    const uint64_t corners[] = {
        0,         1,       2,  bias - layout.fraction_bits, bias - 1, bias, bias + layout.fraction_bits, bias + 31,
        bias + 63, max - 1, max};
    uint64_t corner = corners[random_below(seed, sizeof corners / sizeof *corners)];
    return random_below(seed, 3) ? corner + random_below(seed, 5) - 2 : random_u64(seed);
}

/* Any bits of a format, most of them hard. */
static inline uint64_t hard_number(enum fp_format format, uint64_t *seed)
{
    struct layout layout = layouts[format];
    if (!random_below(seed, 8))
        return random_u64(seed) & width_mask(format);
    uint64_t fraction_mask = (UINT64_C(1) << layout.fraction_bits) - 1;
    uint64_t fraction = hard_fraction(layout.fraction_bits, seed) & fraction_mask;
    fraction = random_below(seed, 8) ? fraction : 0;
    uint64_t sign = random_u64(seed) << (layout.exponent_bits + layout.fraction_bits);
    uint64_t exponent = hard_exponent(layout, seed) << layout.fraction_bits;
    return (sign | (exponent & width_mask(format) / 2 & ~fraction_mask) | fraction) & width_mask(format);
}

/* A number a few units in the last place away, its sign perhaps flipped. */
static inline uint64_t near_number(enum fp_format format, uint64_t number, uint64_t *seed)
{
    uint64_t sign = random_u64(seed) & sign_of(format);
    return ((number + random_below(seed, 9) - 4) ^ sign) & width_mask(format);
}

static inline uint64_t hard_integer(uint64_t *seed)
{
    uint64_t integer = hard_fraction(63, seed) << random_below(seed, 2) >> random_below(seed, 64);
    integer += random_below(seed, 5) - 2;
    return random_u64(seed) & 1 ? -integer : integer;
}

/* Three operands that belong together: unrelated, cancelling, or a product and what is nearly its opposite. */
static inline void hard_operands(enum fp_format format, uint64_t operands[3], uint64_t *seed)
{
    struct fp_env env = {.rm = (uint8_t)random_below(seed, 5)};
    for (int i = 0; i < 3; i++)
        operands[i] = hard_number(format, seed);
    switch (random_below(seed, 5)) {
    case 0:
        operands[1] = near_number(format, operands[0], seed);
        break;
    case 1:
        operands[2] = near_number(format, fp_mul(format, operands[0], operands[1], &env), seed);
        break;
    case 2:
        operands[0] = near_number(format, fp_mul(format, operands[1], operands[2], &env), seed);
        break;
    }
}

#endif

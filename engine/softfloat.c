/* softfloat: sums, products, quotients, roots. */
#include "softfloat_core.h"

/* ---- sums ------------------------------------------------------------------------------------------------------ */

/* One operand at least is an infinity or a NaN. */
FP_COLD uint64_t add_special(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    if (fp_is_nan(s, a) || fp_is_nan(s, b))
        return fp_propagate(s, a, b, env);
    bool both = fp_magnitude(s, a) == fp_magnitude(s, b);
    if (both && a != b)
        return fp_invalid(s, env); /* infinity less infinity */
    return fp_magnitude(s, a) == fp_infinity(s) ? a : b;
}

/* The sign of a sum that is exactly zero (IEEE 754-2019, 6.3). */
FP_INLINE uint64_t cancel(struct fp_spec s, const struct fp_env *env) { return fp_signed(s, env->rm == FP_RDN, 0); }

/* |x| - |y| for |x| >= |y|, with the sign of x. */
FP_INLINE uint64_t subtract(struct fp_spec s, struct fp_parts x, uint64_t aligned, struct fp_env *env)
{
    x.significand -= aligned;
    if (FP_RARE(!x.significand))
        return cancel(s, env);
    int shift = __builtin_clzll(x.significand) - 1;
    x.significand <<= shift;
    x.exponent -= shift;
    return fp_round(s, x, env);
}

FP_INLINE uint64_t add(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    bool swap = fp_magnitude(s, a) < fp_magnitude(s, b);
    struct fp_parts x = fp_unpack(s, swap ? b : a);
    struct fp_parts y = fp_unpack(s, swap ? a : b);
    if (FP_RARE(!fp_is_finite(s, x)))
        return add_special(s, a, b, env);
    uint64_t aligned = fp_shift_jam(y.significand, x.exponent - y.exponent);
    if (x.sign != y.sign)
        return subtract(s, x, aligned, env);
    x.significand += aligned; /* stays below 2^62 only when both are subnormal: then it is exact */
    return fp_round_carry(s, x, env);
}

FP_INLINE uint64_t sub(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    return add(s, a, b ^ fp_signed(s, true, 0), env);
}

uint64_t fp_add(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, add, a, b, env);
}

uint64_t fp_sub(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, sub, a, b, env);
}

/* ---- products -------------------------------------------------------------------------------------------------- */

/* One operand at least is an infinity or a NaN. */
FP_COLD uint64_t multiply_special(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    if (fp_is_nan(s, a) || fp_is_nan(s, b))
        return fp_propagate(s, a, b, env);
    if (!fp_magnitude(s, a) || !fp_magnitude(s, b))
        return fp_invalid(s, env); /* infinity times zero */
    return fp_signed(s, fp_sign(s, a) != fp_sign(s, b), fp_infinity(s));
}

FP_INLINE uint64_t multiply(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(s, a), y = fp_unpack(s, b);
    if (FP_RARE(!fp_is_finite(s, x) || !fp_is_finite(s, y)))
        return multiply_special(s, a, b, env);
    bool sign = x.sign != y.sign;
    if (FP_RARE(!x.significand || !y.significand))
        return fp_signed(s, sign, 0);
    fp_normalise(&x);
    fp_normalise(&y);
    fp_wide_t product = (fp_wide_t)x.significand * y.significand;
    bool lost = product & ((UINT64_C(1) << FP_LEAD) - 1);
    struct fp_parts result = {
        .sign = sign,
        .exponent = x.exponent + y.exponent - fp_bias(s),
        .significand = (uint64_t)(product >> FP_LEAD) | lost,
    };
    return fp_round_carry(s, result, env);
}

uint64_t fp_mul(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, multiply, a, b, env);
}

/* ---- fused ----------------------------------------------------------------------------------------------------- */

/* One operand at least is an infinity or a NaN. */
FP_COLD uint64_t fuse_special(struct fp_spec s, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env)
{
    bool any_nan = fp_is_nan(s, a) || fp_is_nan(s, b);
    if (!any_nan && fp_magnitude(s, a) != fp_infinity(s) && fp_magnitude(s, b) != fp_infinity(s))
        return fp_is_nan(s, c) ? fp_propagate(s, c, c, env) : c;
    return add_special(s, multiply_special(s, a, b, env), c, env);
}

/* A sum of 128 bits, its unit at bit 124, to a value. */
FP_INLINE uint64_t round_wide(struct fp_spec s, bool sign, int exponent, fp_wide_t sum, struct fp_env *env)
{
    uint64_t high = (uint64_t)(sum >> 64);
    int shift = (high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)sum)) - 1;
    sum <<= shift;
    struct fp_parts result = {
        .sign = sign,
        .exponent = exponent + 2 - shift,
        .significand = (uint64_t)(sum >> 64) | ((uint64_t)sum != 0),
    };
    return fp_round(s, result, env);
}

FP_INLINE uint64_t fuse(struct fp_spec s, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(s, a), y = fp_unpack(s, b), z = fp_unpack(s, c);
    if (FP_RARE(!fp_is_finite(s, x) || !fp_is_finite(s, y) || !fp_is_finite(s, z)))
        return fuse_special(s, a, b, c, env);
    bool sign = x.sign != y.sign;
    if (FP_RARE(!x.significand || !y.significand))
        return add(s, fp_signed(s, sign, 0), c, env);
    fp_normalise(&x);
    fp_normalise(&y);
    /* Both are exact: a binary64 product leaves 20 bits free below, so that jamming cannot reach what is rounded. */
    fp_wide_t product = (fp_wide_t)x.significand * y.significand;
    fp_wide_t addend = (fp_wide_t)z.significand << FP_LEAD;
    int exponent = x.exponent + y.exponent - fp_bias(s);
    int distance = exponent - z.exponent;
    if (distance >= 0)
        addend = fp_shift_jam_wide(addend, distance);
    else
        product = fp_shift_jam_wide(product, -distance);
    exponent = distance >= 0 ? exponent : z.exponent;
    if (sign == z.sign)
        return round_wide(s, sign, exponent, product + addend, env);
    if (product == addend)
        return cancel(s, env);
    if (product > addend)
        return round_wide(s, sign, exponent, product - addend, env);
    return round_wide(s, z.sign, exponent, addend - product, env);
}

uint64_t fp_fma(enum fp_format format, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env)
{
    return FP_BY_FORMAT(format, fuse, a, b, c, env);
}

/* ---- quotients ------------------------------------------------------------------------------------------------- */

/* (high, digit) / divisor, one digit of 32 bits, where high < divisor and the divisor's bit 63 is set; the remainder
 * goes to *high. An estimate with the divisor's upper half is at most two too large (Knuth, TAOCP 2, 4.3.1, theorem B).
 */
FP_INLINE uint64_t divide_digit(uint64_t *high, uint32_t digit, uint64_t divisor)
{
    uint64_t quotient = *high / (divisor >> 32);
    fp_wide_t dividend = (fp_wide_t)*high << 32 | digit;
    while ((fp_wide_t)quotient * divisor > dividend)
        quotient--;
    *high = (uint64_t)dividend - quotient * divisor;
    return quotient;
}

/* a / b * 2^63 jammed, for two significands: in (2^62, 2^64). Done by digits because a division of 128 bits is a call
 * into the compiler's library. */
FP_INLINE uint64_t divide_long(struct fp_spec s, uint64_t a, uint64_t b)
{
    if (s.fraction_bits < 31) {
        uint64_t divisor = b >> 32; /* exact: the bits below are zero */
        return a / divisor << 31 | (a % divisor != 0);
    }
    uint64_t rest = a, divisor = b << 1;
    uint64_t upper = divide_digit(&rest, 0, divisor);
    uint64_t lower = divide_digit(&rest, 0, divisor);
    return upper << 32 | lower | (rest != 0);
}

/* One operand at least is an infinity, a NaN or a zero. */
FP_COLD uint64_t divide_special(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    if (fp_is_nan(s, a) || fp_is_nan(s, b))
        return fp_propagate(s, a, b, env);
    uint64_t x = fp_magnitude(s, a), y = fp_magnitude(s, b);
    if (x == y)
        return fp_invalid(s, env); /* zero by zero, infinity by infinity */
    bool sign = fp_sign(s, a) != fp_sign(s, b);
    if (!x || y == fp_infinity(s))
        return fp_signed(s, sign, 0);
    env->flags |= x == fp_infinity(s) ? 0 : FP_DZ;
    return fp_signed(s, sign, fp_infinity(s));
}

FP_INLINE uint64_t divide(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(s, a), y = fp_unpack(s, b);
    if (FP_RARE(!fp_is_finite(s, x) || !fp_is_finite(s, y) || !x.significand || !y.significand))
        return divide_special(s, a, b, env);
    fp_normalise(&x);
    fp_normalise(&y);
    struct fp_parts result = {
        .sign = x.sign != y.sign,
        .exponent = x.exponent - y.exponent + fp_bias(s) - 1,
        .significand = divide_long(s, x.significand, y.significand),
    };
    return fp_round_carry(s, result, env);
}

uint64_t fp_div(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, divide, a, b, env);
}

/* ---- roots ----------------------------------------------------------------------------------------------------- */

/* n = root^2 + rest, 0 <= rest <= 2 * root */
struct root {
    uint64_t root, rest;
};

/* Digit by digit; n is in [2^12, 2^14). */
FP_INLINE struct root root_start(uint64_t n)
{
    struct root r = {0, n};
    for (int bit = 6; bit >= 0; bit--) {
        uint64_t step = (2 * r.root + (UINT64_C(1) << bit)) << bit; /* (root + 2^bit)^2 - root^2 */
        uint64_t mask = -(uint64_t)(step <= r.rest);
        r.rest -= step & mask;
        r.root |= UINT64_C(1) << bit & mask;
    }
    return r;
}

/* From the root of n / 2^(2 * bits) to the root of n, whose low 2 * bits are `low`: twice as many digits at once, by
 * dividing the rest by twice the root. The quotient is at most one too large (P. Zimmermann, "Karatsuba Square Root",
 * INRIA RR-3805). */
FP_INLINE struct root root_double(struct root high, uint64_t low, unsigned bits)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t dividend = high.rest << bits | low >> bits;
    uint64_t quotient = dividend / (2 * high.root);
    struct root r = {.root = (high.root << bits) + quotient};
    uint64_t rest = (dividend - quotient * 2 * high.root) << bits | (low & mask);
    bool too_large = rest < quotient * quotient;
    r.root -= too_large;
    r.rest = rest - quotient * quotient + (too_large ? 2 * r.root + 1 : 0);
    return r;
}

/* sqrt(n / 2^54) * 2^62 jammed, n in [2^54, 2^56): a root of 14, 28 or 56 bits, whichever the format needs. */
FP_INLINE uint64_t root_digits(struct fp_spec s, uint64_t n)
{
    struct root r = root_double(root_start(n >> 42), n >> 28 & 0x3fff, 7);
    if (s.fraction_bits < 12)
        return r.root << 49 | (r.rest != 0);
    r = root_double(r, n & 0xfffffff, 14);
    if (s.fraction_bits < 26)
        return r.root << 35 | (r.rest != 0);
    r = root_double(r, 0, 28);
    return r.root << 7 | (r.rest != 0);
}

FP_INLINE uint64_t take_root(struct fp_spec s, uint64_t a, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(s, a);
    if (FP_RARE(fp_is_nan(s, a)))
        return fp_propagate(s, a, a, env);
    if (FP_RARE(!x.significand))
        return a; /* -0 too */
    if (FP_RARE(x.sign))
        return fp_invalid(s, env);
    if (FP_RARE(!fp_is_finite(s, x)))
        return a;
    fp_normalise(&x);
    int power = x.exponent - fp_bias(s);
    unsigned odd = (unsigned)power & 1;
    struct fp_parts result = {
        .exponent = (power - (int)odd) / 2 + fp_bias(s),
        .significand = root_digits(s, x.significand >> (8 - odd)),
    };
    return fp_round(s, result, env);
}

uint64_t fp_sqrt(enum fp_format format, uint64_t a, struct fp_env *env)
{
    return FP_BY_FORMAT(format, take_root, a, env);
}

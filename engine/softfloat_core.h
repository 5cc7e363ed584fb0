/* softfloat_core: what every operation of softfloat is made of: taking a value apart, and rounding one back together.
 *
 * Everything is written once for any binary interchange format and inlined with a constant description, which the
 * compiler folds away. Inner header of engine/softfloat*.c.
 *
 * Between fp_unpack() and fp_round() a significand is a fixed-point number with its leading one at bit 62: bits 62.. 0
 * are 1.fraction, bit 63 has room for a carry, and the bits under the format's fraction (10 of them for binary64) hold
 * what rounding needs. Bit 0 is sticky: it stands for everything that was lost below it ("jamming"), which rounds the
 * same as the exact value does as long as two more bits separate it from the fraction.
 */
#ifndef DEJA_SOFTFLOAT_CORE_H
#define DEJA_SOFTFLOAT_CORE_H

#include "softfloat.h"

#define FP_INLINE          static inline __attribute__((always_inline))
#define FP_COLD            static __attribute__((noinline, cold, unused))
#define FP_RARE(condition) __builtin_expect((condition), 0)

typedef unsigned __int128 fp_wide_t;

enum { FP_LEAD = 62 }; /* the bit of a significand's leading one */

/* A binary interchange format (IEEE 754-2019, 3.4). */
struct fp_spec {
    unsigned exponent_bits, fraction_bits;
};

/* `function` for the description of `format`, inlined once for each. */
#define FP_BY_FORMAT(format, function, ...)                                                                            \
    ((format) == FP64   ? function((struct fp_spec){11, 52}, __VA_ARGS__)                                              \
     : (format) == FP32 ? function((struct fp_spec){8, 23}, __VA_ARGS__)                                               \
                        : function((struct fp_spec){5, 10}, __VA_ARGS__))

/* The exponent field of infinities and NaNs. */
FP_INLINE int fp_exponent_max(struct fp_spec s) { return (1 << s.exponent_bits) - 1; }

FP_INLINE int fp_bias(struct fp_spec s) { return fp_exponent_max(s) >> 1; }

FP_INLINE uint64_t fp_infinity(struct fp_spec s) { return (uint64_t)fp_exponent_max(s) << s.fraction_bits; }

FP_INLINE uint64_t fp_quiet_bit(struct fp_spec s) { return UINT64_C(1) << (s.fraction_bits - 1); }

FP_INLINE uint64_t fp_signed(struct fp_spec s, bool sign, uint64_t magnitude)
{
    return (uint64_t)sign << (s.exponent_bits + s.fraction_bits) | magnitude;
}

FP_INLINE bool fp_sign(struct fp_spec s, uint64_t bits) { return bits >> (s.exponent_bits + s.fraction_bits) & 1; }

FP_INLINE uint64_t fp_magnitude(struct fp_spec s, uint64_t bits) { return bits & (fp_signed(s, true, 0) - 1); }

FP_INLINE bool fp_is_nan(struct fp_spec s, uint64_t bits) { return fp_magnitude(s, bits) > fp_infinity(s); }

FP_INLINE bool fp_is_signaling(struct fp_spec s, uint64_t bits)
{
    return fp_is_nan(s, bits) && !(bits & fp_quiet_bit(s));
}

/* A NaN that no operand brought along. */
FP_INLINE uint64_t fp_default_nan(struct fp_spec s) { return fp_infinity(s) | fp_quiet_bit(s); }

FP_INLINE uint64_t fp_invalid(struct fp_spec s, struct fp_env *env)
{
    env->flags |= FP_NV;
    return fp_default_nan(s);
}

/* ---- taking apart -------------------------------------------------------------------------------------------- */

/* A finite value is significand / 2^62 * 2^(exponent - bias). */
struct fp_parts {
    bool sign;
    int exponent; /* biased; fp_exponent_max() for an infinity or a NaN, 1 for a subnormal or a zero */
    uint64_t significand;
};

/* Leaves subnormals as they are: their leading one is below bit 62. */
FP_INLINE struct fp_parts fp_unpack(struct fp_spec s, uint64_t bits)
{
    uint64_t magnitude = fp_magnitude(s, bits);
    int field = (int)(magnitude >> s.fraction_bits);
    uint64_t fraction = magnitude & ((UINT64_C(1) << s.fraction_bits) - 1);
    uint64_t hidden = (uint64_t)(field != 0) << s.fraction_bits;
    return (struct fp_parts){
        .sign = fp_sign(s, bits),
        .exponent = field + (field == 0),
        .significand = (hidden | fraction) << (FP_LEAD - s.fraction_bits),
    };
}

/* Brings the leading one of a subnormal to bit 62. The significand must not be 0. */
FP_INLINE void fp_normalise(struct fp_parts *parts)
{
    if (FP_RARE(!(parts->significand >> FP_LEAD))) {
        int shift = __builtin_clzll(parts->significand) - 1;
        parts->significand <<= shift;
        parts->exponent -= shift;
    }
}

FP_INLINE bool fp_is_finite(struct fp_spec s, struct fp_parts parts) { return parts.exponent != fp_exponent_max(s); }

/* ---- putting together ---------------------------------------------------------------------------------------- */

/* significand >> shift, what is lost jammed into bit 0. significand < 2^63, shift >= 0. */
FP_INLINE uint64_t fp_shift_jam(uint64_t significand, int shift)
{
    unsigned places = shift < 63 ? (unsigned)shift : 63;
    return significand >> places | ((significand & ((UINT64_C(1) << places) - 1)) != 0);
}

/* The same for 128 bits: value < 2^127. */
FP_INLINE fp_wide_t fp_shift_jam_wide(fp_wide_t value, int shift)
{
    unsigned places = shift < 127 ? (unsigned)shift : 127;
    return value >> places | ((value & (((fp_wide_t)1 << places) - 1)) != 0);
}

/* What to add before cutting `mask` off so that the cut rounds as the mode says; a tie of FP_RNE has to be mended. */
FP_INLINE uint64_t fp_increment(unsigned rm, bool sign, uint64_t mask)
{
    uint64_t away = rm == (sign ? FP_RDN : FP_RUP) ? mask : 0;
    return rm == FP_RTZ || rm == FP_RDN || rm == FP_RUP ? away : mask / 2 + 1;
}

/* (value + increment) >> bits with ties to even for FP_RNE; raises NX. The sum must not overflow. bits: 1..63 */
FP_INLINE uint64_t fp_cut(uint64_t value, unsigned bits, bool sign, struct fp_env *env)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t rest = value & mask;
    uint64_t kept = (value + fp_increment(env->rm, sign, mask)) >> bits;
    env->flags |= rest ? FP_NX : 0;
    return kept & ~(uint64_t)(env->rm == FP_RNE && rest == mask / 2 + 1);
}

/* The magnitude of a rounded value. A carry out of the fraction lands in the exponent, as it should, and so does the
 * leading one: that is why the exponent goes in less one. */
FP_INLINE uint64_t fp_assemble(struct fp_spec s, struct fp_parts parts, struct fp_env *env)
{
    uint64_t kept = fp_cut(parts.significand, FP_LEAD - s.fraction_bits, parts.sign, env);
    return ((uint64_t)(parts.exponent - 1) << s.fraction_bits) + kept;
}

/* IEEE 754-2019, 7.4: infinity, or the largest finite number when the mode rounds towards zero on this side. */
FP_INLINE uint64_t fp_overflow(struct fp_spec s, bool sign, struct fp_env *env)
{
    env->flags |= FP_OF | FP_NX;
    return fp_signed(s, sign, fp_infinity(s) - (fp_increment(env->rm, sign, 1) == 0));
}

/* 7.5: underflow is raised when a result is both inexact and tiny. Tiny "after rounding": when rounded to the format's
 * precision with an exponent that has no bounds, it still lies under the smallest normal number. */
FP_INLINE uint64_t fp_round_tiny(struct fp_spec s, struct fp_parts parts, struct fp_env *env)
{
    uint64_t mask = (UINT64_C(1) << (FP_LEAD - s.fraction_bits)) - 1;
    bool carries = (parts.significand + fp_increment(env->rm, parts.sign, mask)) >> (FP_LEAD + 1);
    bool tiny = parts.exponent < 0 || !carries;
    parts.significand = fp_shift_jam(parts.significand, 1 - parts.exponent);
    parts.exponent = 1;
    env->flags |= tiny && (parts.significand & mask) ? FP_UF : 0;
    return fp_signed(s, parts.sign, fp_assemble(s, parts, env));
}

FP_COLD uint64_t fp_round_edge(struct fp_spec s, struct fp_parts parts, struct fp_env *env)
{
    if (parts.exponent < 1)
        return fp_round_tiny(s, parts, env);
    if (parts.exponent >= fp_exponent_max(s))
        return fp_overflow(s, parts.sign, env);
    uint64_t magnitude = fp_assemble(s, parts, env);
    if (magnitude >= fp_infinity(s))
        return fp_overflow(s, parts.sign, env);
    return fp_signed(s, parts.sign, magnitude);
}

/* Rounds a finite value into the format: the significand has its leading one at bit 62, or is exact with exponent 1. */
FP_INLINE uint64_t fp_round(struct fp_spec s, struct fp_parts parts, struct fp_env *env)
{
    /* Nothing can happen to an exponent that rounding cannot carry to either end. */
    if (FP_RARE(parts.exponent < 1 || parts.exponent >= fp_exponent_max(s) - 1))
        return fp_round_edge(s, parts, env);
    return fp_signed(s, parts.sign, fp_assemble(s, parts, env));
}

/* The same for a significand in [2^62, 2^64). */
FP_INLINE uint64_t fp_round_carry(struct fp_spec s, struct fp_parts parts, struct fp_env *env)
{
    uint64_t carry = parts.significand >> 63;
    parts.significand = parts.significand >> carry | (parts.significand & carry);
    parts.exponent += (int)carry;
    return fp_round(s, parts, env);
}

/* ---- NaNs ------------------------------------------------------------------------------------------------------ */

/* The result when an operand is a NaN: always the canonical one; a signaling operand raises NV. */
FP_INLINE uint64_t fp_propagate(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    env->flags |= fp_is_signaling(s, a) || fp_is_signaling(s, b) ? FP_NV : 0;
    return fp_default_nan(s);
}

#endif

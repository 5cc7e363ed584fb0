/* softfloat_convert: between formats, to and from integers; comparisons and classes. */
#include "softfloat_core.h"

/* ---- between formats ------------------------------------------------------------------------------------------- */

FP_INLINE uint64_t convert(struct fp_spec to, struct fp_spec from, uint64_t a, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(from, a);
    if (FP_RARE(fp_is_nan(from, a))) {
        env->flags |= fp_is_signaling(from, a) ? FP_NV : 0;
        return fp_default_nan(to);
    }
    if (FP_RARE(!fp_is_finite(from, x)))
        return fp_signed(to, x.sign, fp_infinity(to));
    if (!x.significand)
        return fp_signed(to, x.sign, 0);
    fp_normalise(&x);
    x.exponent += fp_bias(to) - fp_bias(from);
    return fp_round(to, x, env);
}

FP_INLINE uint64_t convert_from(struct fp_spec from, enum fp_format to, uint64_t a, struct fp_env *env)
{
    return FP_BY_FORMAT(to, convert, from, a, env);
}

uint64_t fp_convert(enum fp_format from, enum fp_format to, uint64_t a, struct fp_env *env)
{
    return FP_BY_FORMAT(from, convert_from, to, a, env);
}

/* ---- to integers ------------------------------------------------------------------------------------------------ */

/* An integer type: 32 or 64 bits. */
struct int_range {
    bool is_signed;
    unsigned bits;
};

static uint64_t int_max(struct int_range range) { return UINT64_MAX >> (64 - range.bits + range.is_signed); }

/* The largest magnitude of a negative number. */
static uint64_t int_min(struct int_range range) { return range.is_signed ? int_max(range) + 1 : 0; }

/* As a register holds it. */
static uint64_t extend(struct int_range range, uint64_t value)
{
    return range.bits == 32 ? (uint64_t)(int64_t)(int32_t)(uint32_t)value : value;
}

/* Unprivileged specification, table "Domains of float-to-integer conversions and behavior for invalid inputs". */
static uint64_t saturate(struct int_range range, bool negative, struct fp_env *env)
{
    env->flags |= FP_NV;
    return extend(range, negative ? -int_min(range) : int_max(range));
}

/* Rounds significand / 2^62 * 2^power, power <= 61, to an integer. */
static uint64_t round_to_int(struct fp_parts x, int power, struct fp_env *env)
{
    if (power < -1) { /* under a half it only matters that something is there */
        x.significand = fp_shift_jam(x.significand, -1 - power);
        power = -1;
    }
    return fp_cut(x.significand, (unsigned)(FP_LEAD - power), x.sign, env);
}

FP_INLINE uint64_t to_int(struct fp_spec s, uint64_t a, struct int_range range, struct fp_env *env)
{
    struct fp_parts x = fp_unpack(s, a);
    int power = x.exponent - fp_bias(s);
    if (fp_is_nan(s, a))
        return saturate(range, false, env);
    if (power > 63 || !fp_is_finite(s, x))
        return saturate(range, x.sign, env);
    struct fp_env rounding = {.rm = env->rm};
    uint64_t magnitude = power > 61 ? x.significand << (power - FP_LEAD) : round_to_int(x, power, &rounding);
    if (magnitude > (x.sign ? int_min(range) : int_max(range)))
        return saturate(range, x.sign, env);
    env->flags |= rounding.flags;
    return extend(range, x.sign ? -magnitude : magnitude);
}

uint64_t fp_to_int(enum fp_format format, uint64_t a, bool is_signed, unsigned bits, struct fp_env *env)
{
    struct int_range range = {is_signed, bits};
    return FP_BY_FORMAT(format, to_int, a, range, env);
}

/* ---- from integers ---------------------------------------------------------------------------------------------- */

FP_INLINE uint64_t from_int(struct fp_spec s, bool sign, uint64_t magnitude, struct fp_env *env)
{
    if (!magnitude)
        return 0;
    int shift = __builtin_clzll(magnitude);
    magnitude <<= shift;
    struct fp_parts x = {
        .sign = sign,
        .exponent = fp_bias(s) + 63 - shift,
        .significand = magnitude >> 1 | (magnitude & 1),
    };
    return fp_round(s, x, env);
}

uint64_t fp_from_int(enum fp_format format, uint64_t value, bool is_signed, unsigned bits, struct fp_env *env)
{
    if (bits == 32)
        value = is_signed ? (uint64_t)(int64_t)(int32_t)(uint32_t)value : (uint32_t)value;
    bool sign = is_signed && value >> 63;
    uint64_t magnitude = sign ? -value : value;
    return FP_BY_FORMAT(format, from_int, sign, magnitude, env);
}

/* ---- comparisons ------------------------------------------------------------------------------------------------ */

/* An integer that orders as the numbers do; both zeros are 0. Not for NaNs. */
FP_INLINE int64_t rank(struct fp_spec s, uint64_t bits)
{
    int64_t magnitude = (int64_t)fp_magnitude(s, bits);
    return fp_sign(s, bits) ? -magnitude : magnitude;
}

/* True when one is a NaN; then raises NV, for a `quiet` comparison only when it is a signaling one. */
FP_INLINE bool unordered(struct fp_spec s, uint64_t a, uint64_t b, bool quiet, struct fp_env *env)
{
    if (!FP_RARE(fp_is_nan(s, a) || fp_is_nan(s, b)))
        return false;
    env->flags |= !quiet || fp_is_signaling(s, a) || fp_is_signaling(s, b) ? FP_NV : 0;
    return true;
}

FP_INLINE bool equal(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    return !unordered(s, a, b, true, env) && rank(s, a) == rank(s, b);
}

FP_INLINE bool less(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    return !unordered(s, a, b, false, env) && rank(s, a) < rank(s, b);
}

FP_INLINE bool less_equal(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    return !unordered(s, a, b, false, env) && rank(s, a) <= rank(s, b);
}

bool fp_eq(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, equal, a, b, env);
}

bool fp_lt(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, less, a, b, env);
}

bool fp_le(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, less_equal, a, b, env);
}

/* The number of two of which one at least is a NaN. */
FP_COLD uint64_t select_number(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    env->flags |= fp_is_signaling(s, a) || fp_is_signaling(s, b) ? FP_NV : 0;
    if (!fp_is_nan(s, a))
        return a;
    return fp_is_nan(s, b) ? fp_default_nan(s) : b;
}

/* Of equal ranks the sign decides: either the bits are the same or these are the two zeros. */
FP_INLINE uint64_t minimum(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    if (FP_RARE(fp_is_nan(s, a) || fp_is_nan(s, b)))
        return select_number(s, a, b, env);
    if (rank(s, a) == rank(s, b))
        return a | b;
    return rank(s, a) < rank(s, b) ? a : b;
}

FP_INLINE uint64_t maximum(struct fp_spec s, uint64_t a, uint64_t b, struct fp_env *env)
{
    if (FP_RARE(fp_is_nan(s, a) || fp_is_nan(s, b)))
        return select_number(s, a, b, env);
    if (rank(s, a) == rank(s, b))
        return a & b;
    return rank(s, a) > rank(s, b) ? a : b;
}

uint64_t fp_min(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, minimum, a, b, env);
}

uint64_t fp_max(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env)
{
    return FP_BY_FORMAT(format, maximum, a, b, env);
}

/* Bits of fclass: infinity, normal, subnormal and zero are 0..3 when negative and 7..4 when positive; then NaNs. */
FP_INLINE uint64_t classify(struct fp_spec s, uint64_t a)
{
    if (fp_is_nan(s, a))
        return fp_is_signaling(s, a) ? 1 << 8 : 1 << 9;
    uint64_t magnitude = fp_magnitude(s, a);
    bool normal = magnitude >> s.fraction_bits;
    unsigned kind = magnitude == fp_infinity(s) ? 0 : normal ? 1 : magnitude ? 2 : 3;
    return UINT64_C(1) << (fp_sign(s, a) ? kind : 7 - kind);
}

uint64_t fp_classify(enum fp_format format, uint64_t a) { return FP_BY_FORMAT(format, classify, a); }

/* softfloat: IEEE 754-2019 arithmetic in integers, bit for bit what RISC-V asks for (unprivileged specification,
 * chapters "F", "D" and "Zfh"): canonical NaNs, tininess detected after rounding, a fused multiply-add that rounds
 * once.
 *
 * Operands and results are the bits of the value in the low part of a uint64_t, unboxed, the rest zero. Flags are ORed
 * into env->flags. Every function is total: any bits are a value, and a rounding mode above 4 rounds as 0.
 */
#ifndef DEJA_SOFTFLOAT_H
#define DEJA_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

enum fp_format { FP16, FP32, FP64 };

/* The encodings of frm. */
enum fp_rounding {
    FP_RNE, /* to nearest, ties to even */
    FP_RTZ, /* towards zero */
    FP_RDN, /* down */
    FP_RUP, /* up */
    FP_RMM, /* to nearest, ties to max magnitude */
};

/* The bits of fflags. */
enum fp_flag {
    FP_NX = 1,  /* inexact */
    FP_UF = 2,  /* underflow */
    FP_OF = 4,  /* overflow */
    FP_DZ = 8,  /* divide by zero */
    FP_NV = 16, /* invalid operation */
};

struct fp_env {
    uint8_t rm;    /* enum fp_rounding, 0..4: a dynamic mode has been resolved already */
    uint8_t flags; /* enum fp_flag, sticky */
};

uint64_t fp_add(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
uint64_t fp_sub(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
uint64_t fp_mul(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
uint64_t fp_div(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
uint64_t fp_sqrt(enum fp_format format, uint64_t a, struct fp_env *env);

/* a * b + c, rounded once. fmsub, fnmsub and fnmadd flip the signs of a and c. Infinity times zero plus a quiet NaN
 * raises NV. */
uint64_t fp_fma(enum fp_format format, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env);

/* IEEE 754-2019 minimumNumber and maximumNumber: a number wins over a NaN, -0 is less than +0, a signaling NaN raises
 * NV even when the number wins. */
uint64_t fp_min(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
uint64_t fp_max(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);

/* Comparisons; false when unordered. NV: fp_eq for a signaling NaN, fp_lt and fp_le for any NaN. */
bool fp_eq(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
bool fp_lt(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);
bool fp_le(enum fp_format format, uint64_t a, uint64_t b, struct fp_env *env);

/* The mask of fclass: one of bits 0 (-infinity) to 9 (quiet NaN). */
uint64_t fp_classify(enum fp_format format, uint64_t a);

/* Rounds to an integer of 32 or 64 bits, as the register gets it: a 32-bit result is sign-extended, also an unsigned
 * one. What does not fit saturates and raises NV alone; a NaN gives the largest value. */
uint64_t fp_to_int(enum fp_format format, uint64_t a, bool is_signed, unsigned bits, struct fp_env *env);

/* From the low 32 or 64 bits of `value`. */
uint64_t fp_from_int(enum fp_format format, uint64_t value, bool is_signed, unsigned bits, struct fp_env *env);

uint64_t fp_convert(enum fp_format from, enum fp_format to, uint64_t a, struct fp_env *env);

/* The quiet NaN with a clear sign and an empty payload: the only NaN that arithmetic returns. */
static inline uint64_t fp_canonical_nan(enum fp_format format)
{
    static const uint64_t nan[] = {[FP16] = 0x7e00, [FP32] = 0x7fc00000, [FP64] = 0x7ff8000000000000};
    return nan[format];
}

/* The ones above a value in a 64-bit f register (chapter "D", NaN boxing). */
static inline uint64_t fp_box_mask(enum fp_format format)
{
    static const uint64_t mask[] = {[FP16] = ~(uint64_t)0xffff, [FP32] = ~(uint64_t)0xffffffff, [FP64] = 0};
    return mask[format];
}

/* The value in an f register; the canonical NaN when it is not boxed. */
static inline uint64_t fp_unbox(enum fp_format format, uint64_t reg)
{
    uint64_t mask = fp_box_mask(format);
    return (reg & mask) == mask ? reg & ~mask : fp_canonical_nan(format);
}

static inline uint64_t fp_box(enum fp_format format, uint64_t bits) { return bits | fp_box_mask(format); }

#endif

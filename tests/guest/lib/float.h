/* Shared by float.c, double.c and half.c, which say how their format is moved and named: every operation on all pairs
 * of operands under all rounding modes, results and flags folded into one line each. */
#ifndef DEJA_TESTS_GUEST_FLOAT_H
#define DEJA_TESTS_GUEST_FLOAT_H

#include "guest.h"

/* The includer defines OPERANDS (an array), SUFFIX ("s"), MV_TO ("fmv.w.x"), MV_FROM ("fmv.x.w"), WITH(text). */
static const unsigned noperands = sizeof OPERANDS / sizeof OPERANDS[0];

enum { ROUNDING_MODES = 5 };

static uint64_t with_flags(uint64_t hash, uint64_t result)
{
    uint64_t flags;

    __asm__ volatile("csrrw %0, fflags, zero" : "=r"(flags));
    return fold(fold(hash, result), flags);
}

static void set_rounding(unsigned mode) { __asm__ volatile("csrw frm, %0\n csrwi fflags, 0" ::"r"((uint64_t)mode)); }

/* f <- op f, f */
#define F_FF(op)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        for (unsigned mode = 0; mode < ROUNDING_MODES; mode++) {                                                       \
            set_rounding(mode);                                                                                        \
            for (unsigned i = 0; i < noperands; i++)                                                                   \
                for (unsigned j = 0; j < noperands; j++) {                                                             \
                    __asm__ volatile(WITH(MV_TO " ft0, %1\n " MV_TO " ft1, %2\n " op "." SUFFIX                        \
                                                " ft2, ft0, ft1\n " MV_FROM " %0, ft2")                                \
                                     : "=r"(result)                                                                    \
                                     : "r"(OPERANDS[i]), "r"(OPERANDS[j])                                              \
                                     : "ft0", "ft1", "ft2");                                                           \
                    hash = with_flags(hash, result);                                                                   \
                }                                                                                                      \
        }                                                                                                              \
        line(op "." SUFFIX, hash);                                                                                     \
    }

/* x <- op f, f */
#define X_FF(op)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        set_rounding(0);                                                                                               \
        for (unsigned i = 0; i < noperands; i++)                                                                       \
            for (unsigned j = 0; j < noperands; j++) {                                                                 \
                __asm__ volatile(WITH(MV_TO " ft0, %1\n " MV_TO " ft1, %2\n " op "." SUFFIX " %0, ft0, ft1")           \
                                 : "=r"(result)                                                                        \
                                 : "r"(OPERANDS[i]), "r"(OPERANDS[j])                                                  \
                                 : "ft0", "ft1");                                                                      \
                hash = with_flags(hash, result);                                                                       \
            }                                                                                                          \
        line(op "." SUFFIX, hash);                                                                                     \
    }

/* f <- op f, f, f */
#define F_FFF(op)                                                                                                      \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        for (unsigned mode = 0; mode < ROUNDING_MODES; mode++) {                                                       \
            set_rounding(mode);                                                                                        \
            for (unsigned n = 0; n < noperands * noperands; n++) {                                                     \
                unsigned i = n % noperands, j = n / noperands, k = (n * 7 + mode) % noperands;                         \
                __asm__ volatile(WITH(MV_TO " ft0, %1\n " MV_TO " ft1, %2\n " MV_TO " ft2, %3\n " op "." SUFFIX        \
                                            " ft3, ft0, ft1, ft2\n " MV_FROM " %0, ft3")                               \
                                 : "=r"(result)                                                                        \
                                 : "r"(OPERANDS[i]), "r"(OPERANDS[j]), "r"(OPERANDS[k])                                \
                                 : "ft0", "ft1", "ft2", "ft3");                                                        \
                hash = with_flags(hash, result);                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        line(op "." SUFFIX, hash);                                                                                     \
    }

/* f <- op f: fsqrt, conversions between formats; `from` moves the source in, `back` moves the result out */
#define F_F(op, from, back, sources)                                                                                   \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        for (unsigned mode = 0; mode < ROUNDING_MODES; mode++) {                                                       \
            set_rounding(mode);                                                                                        \
            for (unsigned i = 0; i < sizeof sources / sizeof sources[0]; i++) {                                        \
                __asm__ volatile(WITH(from " ft0, %1\n " op " ft1, ft0\n " back " %0, ft1")                            \
                                 : "=r"(result)                                                                        \
                                 : "r"(sources[i])                                                                     \
                                 : "ft0", "ft1");                                                                      \
                hash = with_flags(hash, result);                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        line(op, hash);                                                                                                \
    }

/* x <- op f */
#define X_F(op)                                                                                                        \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        for (unsigned mode = 0; mode < ROUNDING_MODES; mode++) {                                                       \
            set_rounding(mode);                                                                                        \
            for (unsigned i = 0; i < noperands; i++) {                                                                 \
                __asm__ volatile(WITH(MV_TO " ft0, %1\n " op " %0, ft0") : "=r"(result) : "r"(OPERANDS[i]) : "ft0");   \
                hash = with_flags(hash, result);                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        line(op, hash);                                                                                                \
    }

/* f <- op x */
#define F_X(op)                                                                                                        \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN, result;                                                                            \
        for (unsigned mode = 0; mode < ROUNDING_MODES; mode++) {                                                       \
            set_rounding(mode);                                                                                        \
            for (unsigned i = 0; i < ninteresting; i++) {                                                              \
                __asm__ volatile(WITH(op " ft0, %1\n " MV_FROM " %0, ft0")                                             \
                                 : "=r"(result)                                                                        \
                                 : "r"(interesting[i])                                                                 \
                                 : "ft0");                                                                             \
                hash = with_flags(hash, result);                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        line(op, hash);                                                                                                \
    }

/* clang-format off */
/* What every format has. */
#define COMMON_OPERATIONS                                                                                              \
    F_FF("fadd") F_FF("fsub") F_FF("fmul") F_FF("fdiv") F_FF("fmin") F_FF("fmax") F_FF("fsgnj") F_FF("fsgnjn")         \
    F_FF("fsgnjx") X_FF("feq") X_FF("flt") X_FF("fle") F_FFF("fmadd") F_FFF("fmsub") F_FFF("fnmadd") F_FFF("fnmsub")   \
    F_F("fsqrt." SUFFIX, MV_TO, MV_FROM, OPERANDS) X_F("fclass." SUFFIX) X_F("fcvt.w." SUFFIX) X_F("fcvt.wu." SUFFIX)  \
    X_F("fcvt.l." SUFFIX) X_F("fcvt.lu." SUFFIX) F_X("fcvt." SUFFIX ".w") F_X("fcvt." SUFFIX ".wu")                    \
    F_X("fcvt." SUFFIX ".l") F_X("fcvt." SUFFIX ".lu")
/* clang-format on */

#endif

/* Zba, Zbb, Zbc and Zbs. */
#include "lib/guest.h"

/* clang-format off */
#define REG_REG(OP)                                                                                                    \
    OP(add.uw) OP(sh1add) OP(sh2add) OP(sh3add) OP(sh1add.uw) OP(sh2add.uw) OP(sh3add.uw) OP(andn) OP(orn) OP(xnor)    \
    OP(max) OP(maxu) OP(min) OP(minu) OP(rol) OP(ror) OP(rolw) OP(rorw) OP(clmul) OP(clmulh) OP(clmulr) OP(bclr)       \
    OP(bext) OP(binv) OP(bset)

#define REG(OP)                                                                                                        \
    OP(clz) OP(ctz) OP(cpop) OP(clzw) OP(cpopw) OP(sext.b) OP(sext.h) OP(zext.h) OP(orc.b) OP(rev8)

#define REG_IMM(OP)                                                                                                    \
    OP(rori, 0) OP(rori, 1) OP(rori, 63) OP(roriw, 1) OP(roriw, 31) OP(slli.uw, 0) OP(slli.uw, 1) OP(slli.uw, 63)      \
    OP(bclri, 0) OP(bclri, 63) OP(bexti, 31) OP(bexti, 63) OP(binvi, 32) OP(bseti, 33)
/* clang-format on */

#define WITH(text) ".option push\n .option arch, +zba, +zbb, +zbc, +zbs\n " text "\n .option pop"

int main(void)
{
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++)                                                                    \
            for (unsigned j = 0; j < ninteresting; j++) {                                                              \
                uint64_t result;                                                                                       \
                __asm__(WITH(#name " %0, %1, %2") : "=r"(result) : "r"(interesting[i]), "r"(interesting[j]));          \
                hash = fold(hash, result);                                                                             \
            }                                                                                                          \
        line(#name, hash);                                                                                             \
    }
    REG_REG(OP)
#undef OP
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++) {                                                                  \
            uint64_t result;                                                                                           \
            __asm__(WITH(#name " %0, %1") : "=r"(result) : "r"(interesting[i]));                                       \
            hash = fold(hash, result);                                                                                 \
        }                                                                                                              \
        line(#name, hash);                                                                                             \
    }
    REG(OP)
#undef OP
#define OP(name, immediate)                                                                                            \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++) {                                                                  \
            uint64_t result;                                                                                           \
            __asm__(WITH(#name " %0, %1, %2") : "=r"(result) : "r"(interesting[i]), "i"(immediate));                   \
            hash = fold(hash, result);                                                                                 \
        }                                                                                                              \
        line(#name " " #immediate, hash);                                                                              \
    }
    REG_IMM(OP)
#undef OP
    return 0;
}

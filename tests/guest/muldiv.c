/* The M extension on all pairs of interesting values: division by zero and overflow have results, not traps. */
#include "lib/guest.h"

#define EACH(OP)                                                                                                       \
    OP(mul)                                                                                                            \
    OP(mulh) OP(mulhsu) OP(mulhu) OP(div) OP(divu) OP(rem) OP(remu) OP(mulw) OP(divw) OP(divuw) OP(remw) OP(remuw)

int main(void)
{
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++)                                                                    \
            for (unsigned j = 0; j < ninteresting; j++) {                                                              \
                uint64_t result;                                                                                       \
                __asm__(#name " %0, %1, %2" : "=r"(result) : "r"(interesting[i]), "r"(interesting[j]));                \
                hash = fold(hash, result);                                                                             \
            }                                                                                                          \
        line(#name, hash);                                                                                             \
    }
    EACH(OP)
#undef OP
    uint64_t result;
    __asm__("div %0, %1, zero" : "=r"(result) : "r"(42ull));
    expect_equal(result, -1);
    __asm__("rem %0, %1, %2" : "=r"(result) : "r"(1ull << 63), "r"(-1ll));
    expect_equal(result, 0);
    return 0;
}

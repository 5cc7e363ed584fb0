/* alu: the operations of alu.def as functions, named as in the rows. Inner header of engine/. */
#ifndef DEJA_ALU_H
#define DEJA_ALU_H

#include <stdint.h>

static inline uint64_t alu_orcb(uint64_t a)
{
    const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t nonzero = (((a & low7) + low7) | a) & ~low7; /* bit 7 of each byte that is not zero */
    return (nonzero >> 7) * 0xff;
}

static inline uint64_t alu_clmul(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        product ^= (b >> bit & 1) ? a << bit : 0;
    return product;
}

static inline uint64_t alu_clmulh(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (unsigned bit = 1; bit < 64; bit++)
        product ^= (b >> bit & 1) ? a >> (64 - bit) : 0;
    return product;
}

static inline uint64_t alu_clmulr(uint64_t a, uint64_t b) { return alu_clmulh(a, b) << 1 | alu_clmul(a, b) >> 63; }

#define ALU1(name, expression)                                                                                         \
    static inline uint64_t name(uint64_t a) { return (expression); }
#define ALU2(name, expression)                                                                                         \
    static inline uint64_t name(uint64_t a, uint64_t b)                                                                \
    {                                                                                                                  \
        (void)a; /* SECOND has no use for it */                                                                        \
        return (expression);                                                                                           \
    }
#include "alu.def"
#undef ALU1
#undef ALU2

#endif

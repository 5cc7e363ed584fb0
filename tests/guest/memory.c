/* Loads and stores of every width at every alignment, across page borders too: misaligned is done in hardware. */
#include "lib/guest.h"

static uint8_t area[3 * 4096] __attribute__((aligned(4096)));

static void fill(void)
{
    for (unsigned i = 0; i < sizeof area; i++)
        area[i] = (uint8_t)(i * 0x9d + (i >> 8) * 3);
}

#define LOADS(OP)  OP(lb) OP(lbu) OP(lh) OP(lhu) OP(lw) OP(lwu) OP(ld)
#define STORES(OP) OP(sb) OP(sh) OP(sw) OP(sd)

static void loads(void)
{
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (uint8_t *at = area + 4096 - 24; at < area + 4096 + 24; at++) {                                            \
            uint64_t value;                                                                                            \
            __asm__ volatile(#name " %0, 0(%1)" : "=r"(value) : "r"(at) : "memory");                                   \
            hash = fold(hash, value);                                                                                  \
            __asm__ volatile(#name " %0, -2048(%1)" : "=r"(value) : "r"(at) : "memory");                               \
            hash = fold(hash, value);                                                                                  \
            __asm__ volatile(#name " %0, 2047(%1)" : "=r"(value) : "r"(at) : "memory");                                \
            hash = fold(hash, value);                                                                                  \
        }                                                                                                              \
        line(#name, hash);                                                                                             \
    }
    LOADS(OP)
#undef OP
}

static uint64_t area_hash(void)
{
    uint64_t hash = FOLD_BEGIN;

    for (unsigned i = 0; i < sizeof area; i += 8)
        hash = fold(hash, *(const uint64_t *)(const void *)(area + i));
    return hash;
}

static void stores(void)
{
#define OP(name)                                                                                                       \
    for (uint8_t *at = area + 8192 - 24; at < area + 8192 + 24; at += 3)                                               \
        __asm__ volatile(#name " %0, 0(%1)" ::"r"(0x8877665544332211ull + (uint64_t)(at - area)), "r"(at) : "memory"); \
    line(#name, area_hash());
    STORES(OP)
#undef OP
}

static void floats(void)
{
    uint64_t bits;

    __asm__ volatile("fld ft0, 0(%1)\n fmv.x.d %0, ft0" : "=r"(bits) : "r"(area + 4093) : "ft0", "memory");
    line("fld", bits);
    __asm__ volatile("flw ft0, 0(%1)\n fmv.x.d %0, ft0" : "=r"(bits) : "r"(area + 4094) : "ft0", "memory");
    line("flw", bits); /* NaN-boxed */
    __asm__ volatile("fsd ft0, 0(%0)\n fsw ft0, 0(%1)" ::"r"(area + 4090), "r"(area + 8190) : "memory");
    line("fsd fsw", area_hash());
}

int main(void)
{
    fill();
    loads();
    stores();
    floats();
    return 0;
}

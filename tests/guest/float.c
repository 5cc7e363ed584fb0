/* The F extension. */
#include <stdint.h>

static const uint64_t OPERANDS[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40400000, 0x3eaaaaab, 0x3f800001, 0x3f7fffff,
    0x4b000000, 0x4b800000, 0x4b800001, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000,
    0x5effffff, 0x5f000000, 0xdf000000, 0x5f800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
    0xffc00001, 0x7f800001, 0xffa00000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x0c000000,
    0x41200000, 0x42c80000, 0xc0490fdb, 0x33d6bf95, 0x7f000000,
};

#define SUFFIX     "s"
#define MV_TO      "fmv.w.x"
#define MV_FROM    "fmv.x.w"
#define WITH(text) text
#include "lib/float.h"

/* A narrower value that is not NaN-boxed reads as the canonical NaN. */
static void boxing(void)
{
    uint64_t bits;

    set_rounding(0);
    __asm__ volatile("fmv.d.x ft0, %1\n fadd.s ft1, ft0, ft0\n fmv.x.d %0, ft1"
                     : "=r"(bits)
                     : "r"(0x000000003f800000ull)
                     : "ft0", "ft1");
    line("unboxed fadd.s", bits);
    __asm__ volatile("fmv.d.x ft0, %1\n fmv.x.w %0, ft0" : "=r"(bits) : "r"(0x123456783f800000ull) : "ft0");
    line("unboxed fmv.x.w", bits); /* moves bits, checks no box */
    __asm__ volatile("fmv.d.x ft0, %1\n fclass.s %0, ft0" : "=r"(bits) : "r"(0x7fffffff00000000ull) : "ft0");
    line("unboxed fclass.s", bits);
    __asm__ volatile("fmv.w.x ft0, %1\n fmv.x.d %0, ft0" : "=r"(bits) : "r"(0x3f800000ull) : "ft0");
    line("boxed fmv.w.x", bits);
}

int main(void)
{
    COMMON_OPERATIONS
    boxing();
    return 0;
}

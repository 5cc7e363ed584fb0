/* Zfh. */
#include <stdint.h>

static const uint64_t OPERANDS[] = {
    0x0000, 0x8000, 0x3c00, 0xbc00, 0x3800, 0x4200, 0x3555, 0x3c01, 0x3bff, 0x6400,
    0x6800, 0x6801, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 0xfd00,
    0x0001, 0x8001, 0x03ff, 0x0400, 0x8400, 0x1400, 0x4900, 0x5640, 0xc248, 0x7800,
};

#define SUFFIX     "h"
#define MV_TO      "fmv.h.x"
#define MV_FROM    "fmv.x.h"
#define WITH(text) ".option push\n .option arch, +zfh\n " text "\n .option pop"
#include "lib/float.h"

int main(void)
{
    static const uint64_t singles[] = {0xffffffff00000000, 0xffffffff3f800000, 0xffffffff7f800001, 0xffffffff7fc00000,
                                       0xffffffff33800000, 0xffffffff477fefff, 0xffffffff477ff000, 0xffffffff38800000,
                                       0xffffffff387fffff, 0xffffffffc7800000, 0x000000003f800000};
    static const uint64_t doubles[] = {0x3ff0000000000000, 0x40effdffffffffff, 0x40effe0000000000, 0x3e70000000000000,
                                       0x3f0fffffffffffff, 0x7ff4000000000000, 0xfff0000000000000, 0x3f10000000000000};
    COMMON_OPERATIONS
    F_F("fcvt.s.h", MV_TO, "fmv.x.w", OPERANDS)
    F_F("fcvt.d.h", MV_TO, "fmv.x.d", OPERANDS)
    F_F("fcvt.h.s", "fmv.d.x", MV_FROM, singles)
    F_F("fcvt.h.d", "fmv.d.x", MV_FROM, doubles)
    return 0;
}

/* The D extension, and conversions between D and F. */
#include <stdint.h>

static const uint64_t OPERANDS[] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x3fe0000000000000,
    0x4008000000000000, 0x3fd5555555555555, 0x3ff0000000000001, 0x3fefffffffffffff, 0x4340000000000000,
    0x4340000000000001, 0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000200000, 0x43e0000000000000,
    0xc3e0000000000000, 0x43f0000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000001, 0x7ff0000000000001, 0xfff4000000000000,
    0x0000000000000001, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x8010000000000000,
    0x380fffffe0000000, 0x36a0000000000000, 0x47efffffe0000000, 0x47efffffefffffff, 0x3810000000000000,
    0x4024000000000000, 0x4059000000000000, 0xc00921fb54442d18, 0x3e112e0be826d695, 0x7fe0000000000000,
};

#define SUFFIX     "d"
#define MV_TO      "fmv.d.x"
#define MV_FROM    "fmv.x.d"
#define WITH(text) text
#include "lib/float.h"

int main(void)
{
    static const uint64_t singles[] = {0xffffffff00000000, 0xffffffff3f800000, 0xffffffff7f800001, 0xffffffff7fc00000,
                                       0xffffffff00000001, 0xffffffff7f7fffff, 0xfffffffe3f800000, 0x000000003f800000};
    COMMON_OPERATIONS
    F_F("fcvt.s.d", MV_TO, "fmv.x.w", OPERANDS)
    F_F("fcvt.d.s", MV_TO, MV_FROM, singles) /* the last two are not NaN-boxed */
    return 0;
}

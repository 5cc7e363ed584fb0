/* rvc: compressed instructions, expanded to their twins by the rows of rvc.def. */
#include "decode.h"

#include <stddef.h>

enum {
#define INSN(name, format, match, ...) MATCH_##name = (int)(match),
#include "rv64.def"
#undef INSN
};

static uint32_t field(uint16_t half, unsigned high, unsigned low, unsigned to)
{
    return (half >> low & ((2u << (high - low)) - 1)) << to;
}

static int32_t sign_extend(uint32_t value, unsigned width) { return (int32_t)(value << (32 - width)) >> (32 - width); }

#define AT(high, low, to) field(half_, high, low, to)

/* ---- operands ---- */
#define RA   1u
#define SP   2u
#define RD   AT(11, 7, 0)
#define RS2  AT(6, 2, 0)
#define RDP  (8 + AT(4, 2, 0))
#define RS1P (8 + AT(9, 7, 0))

/* ---- immediates ---- */
#define IMM_CI       sign_extend(AT(12, 12, 5) | AT(6, 2, 0), 6)
#define IMM_SHAMT    (int32_t)(AT(12, 12, 5) | AT(6, 2, 0))
#define IMM_ADDI4SPN (int32_t)(AT(12, 11, 4) | AT(10, 7, 6) | AT(6, 6, 2) | AT(5, 5, 3))
#define IMM_ADDI16SP sign_extend(AT(12, 12, 9) | AT(6, 6, 4) | AT(5, 5, 6) | AT(4, 3, 7) | AT(2, 2, 5), 10)
#define IMM_W        (int32_t)(AT(12, 10, 3) | AT(6, 6, 2) | AT(5, 5, 6))
#define IMM_D        (int32_t)(AT(12, 10, 3) | AT(6, 5, 6))
#define IMM_LWSP     (int32_t)(AT(12, 12, 5) | AT(6, 4, 2) | AT(3, 2, 6))
#define IMM_LDSP     (int32_t)(AT(12, 12, 5) | AT(6, 5, 3) | AT(4, 2, 6))
#define IMM_SWSP     (int32_t)(AT(12, 9, 2) | AT(8, 7, 6))
#define IMM_SDSP     (int32_t)(AT(12, 10, 3) | AT(9, 7, 6))
#define IMM_J                                                                                                          \
    sign_extend(AT(12, 12, 11) | AT(11, 11, 4) | AT(10, 9, 8) | AT(8, 8, 10) | AT(7, 7, 6) | AT(6, 6, 7) |             \
                    AT(5, 3, 1) | AT(2, 2, 5),                                                                         \
                12)
#define IMM_B sign_extend(AT(12, 12, 8) | AT(11, 10, 3) | AT(6, 5, 6) | AT(4, 3, 1) | AT(2, 2, 5), 9)

/* ---- twins: the formats of the 32-bit words ---- */

static uint32_t twin_r(uint32_t match, uint32_t rd, uint32_t rs1, uint32_t rs2)
{
    return match | rd << 7 | rs1 << 15 | rs2 << 20;
}

static uint32_t twin_i(uint32_t match, uint32_t rd, uint32_t rs1, int32_t imm)
{
    return match | rd << 7 | rs1 << 15 | (uint32_t)imm << 20;
}

static uint32_t twin_s(uint32_t match, uint32_t rs1, uint32_t rs2, int32_t imm)
{
    uint32_t value = (uint32_t)imm;
    return match | rs1 << 15 | rs2 << 20 | (value & 0x1f) << 7 | (value >> 5 & 0x7f) << 25;
}

static uint32_t twin_u(uint32_t match, uint32_t rd, int32_t imm)
{
    return match | rd << 7 | ((uint32_t)imm & 0xfffff000);
}

static uint32_t twin_b(uint32_t match, uint32_t rs1, uint32_t rs2, int32_t imm)
{
    uint32_t value = (uint32_t)imm;
    return match | rs1 << 15 | rs2 << 20 | (value >> 11 & 1) << 7 | (value >> 1 & 0xf) << 8 |
           (value >> 5 & 0x3f) << 25 | (value >> 12 & 1) << 31;
}

static uint32_t twin_j(uint32_t match, uint32_t rd, int32_t imm)
{
    uint32_t value = (uint32_t)imm;
    return match | rd << 7 | (value & 0xff000) | (value >> 11 & 1) << 20 | (value >> 1 & 0x3ff) << 21 |
           (value >> 20 & 1) << 31;
}

#define TWIN_0(name)                (uint32_t) MATCH_##name
#define TWIN_R(name, rd, rs1, rs2)  twin_r((uint32_t)MATCH_##name, rd, rs1, rs2)
#define TWIN_I(name, rd, rs1, imm)  twin_i((uint32_t)MATCH_##name, rd, rs1, imm)
#define TWIN_S(name, rs1, rs2, imm) twin_s((uint32_t)MATCH_##name, rs1, rs2, imm)
#define TWIN_U(name, rd, imm)       twin_u((uint32_t)MATCH_##name, rd, (int32_t)((uint32_t)(imm)))
#define TWIN_B(name, rs1, rs2, imm) twin_b((uint32_t)MATCH_##name, rs1, rs2, imm)
#define TWIN_J(name, rd, imm)       twin_j((uint32_t)MATCH_##name, rd, imm)

uint32_t decode_expand(uint16_t half_)
{
#define RVC(name, match, mask, when, operands, twin)                                                                   \
    if ((half_ & (mask)) == (match) && (when))                                                                         \
        return twin;
#include "rvc.def"
#undef RVC
    return 0;
}

const struct rvc_row *decode_compressed(uint16_t half_)
{
#define RVC(name, match, mask, when, operands, twin)                                                                   \
    if ((half_ & (mask)) == (match) && (when)) {                                                                       \
        static const struct rvc_row row_ = {#name, operands};                                                          \
        return &row_;                                                                                                  \
    }
#include "rvc.def"
#undef RVC
    return NULL;
}

/* x64: encodes x86-64 instructions (Intel SDM, volume 2). Knows nothing of what they are for. Inner header of engine/.
 *
 * Emitting past the end is remembered in `full` and otherwise ignored, so that nobody checks after every instruction.
 * `wide` operands have 64 bits, others 32. */
#ifndef DEJA_X64_H
#define DEJA_X64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum x64_reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, X64_NO_REG };

/* Condition codes as the encodings want them. */
enum x64_cond {
    CC_O,
    CC_NO,
    CC_B,
    CC_AE,
    CC_E,
    CC_NE,
    CC_BE,
    CC_A,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_GE,
    CC_LE,
    CC_G
};

/* The eight that share an encoding. */
enum x64_alu { X64_ADD, X64_OR, X64_ADC, X64_SBB, X64_AND, X64_SUB, X64_XOR, X64_CMP };
enum x64_shift { X64_ROL, X64_ROR, X64_SHL = 4, X64_SHR, X64_SAR = 7 };
/* One-operand group F7. */
enum x64_unary { X64_NOT = 2, X64_NEG, X64_MUL, X64_IMUL, X64_DIV, X64_IDIV };

struct x64 {
    uint8_t *at, *end;
    bool full;
    uint32_t written; /* registers, a bit each, that have been or may have been since somebody cleared it */
};

/* base + index * scale + disp; scale 1, 2, 4, 8; index X64_NO_REG: none. */
struct x64_mem {
    enum x64_reg base, index;
    uint8_t scale;
    int32_t disp;
};

static inline struct x64_mem x64_at(enum x64_reg base, int32_t disp)
{
    return (struct x64_mem){base, X64_NO_REG, 1, disp};
}

static inline struct x64_mem x64_indexed(enum x64_reg base, enum x64_reg index, uint8_t scale, int32_t disp)
{
    return (struct x64_mem){base, index, scale, disp};
}

void x64_mov_rr(struct x64 *code, enum x64_reg to, enum x64_reg from, bool wide);
void x64_mov_ri(struct x64 *code, enum x64_reg to, uint64_t value);   /* shortest form; flags survive */
void x64_mov_ri64(struct x64 *code, enum x64_reg to, uint64_t value); /* ten bytes always */
void x64_load(struct x64 *code, enum x64_reg to, struct x64_mem from, bool wide);
void x64_store(struct x64 *code, struct x64_mem to, enum x64_reg from, unsigned size_bytes);
void x64_store_imm(struct x64 *code, struct x64_mem to, int32_t value, unsigned size_bytes); /* 1, 4 or 8 bytes */
void x64_lea(struct x64 *code, enum x64_reg to, struct x64_mem from);

/* Loads 1, 2 or 4 bytes, extended to 64 bits. */
void x64_load_extend(struct x64 *code, enum x64_reg to, struct x64_mem from, unsigned size_bytes, bool is_signed);
void x64_extend(struct x64 *code, enum x64_reg to, enum x64_reg from, unsigned size_bytes, bool is_signed);

void x64_alu_rr(struct x64 *code, enum x64_alu op, enum x64_reg to, enum x64_reg from, bool wide);
void x64_alu_ri(struct x64 *code, enum x64_alu op, enum x64_reg to, int32_t value, bool wide);
void x64_alu_rm(struct x64 *code, enum x64_alu op, enum x64_reg to, struct x64_mem from, bool wide);
void x64_alu_mr(struct x64 *code, enum x64_alu op, struct x64_mem to, enum x64_reg from, bool wide);
void x64_alu_mi(struct x64 *code, enum x64_alu op, struct x64_mem to, int32_t value, bool wide);
void x64_cmp_mem8(struct x64 *code, struct x64_mem mem, uint8_t value);
void x64_bts_mr(struct x64 *code, struct x64_mem to, enum x64_reg bit); /* of 64-bit words, from `to` on */
void x64_test_rr(struct x64 *code, enum x64_reg a, enum x64_reg b, bool wide);
void x64_imul_rr(struct x64 *code, enum x64_reg to, enum x64_reg from, bool wide);
void x64_imul_rm(struct x64 *code, enum x64_reg to, struct x64_mem from, bool wide);
void x64_imul_rri(struct x64 *code, enum x64_reg to, enum x64_reg from, int32_t factor, bool wide);
void x64_unary(struct x64 *code, enum x64_unary op, enum x64_reg reg, bool wide);
void x64_sign_rax(struct x64 *code, bool wide); /* cqo, cdq */
void x64_shift_ri(struct x64 *code, enum x64_shift op, enum x64_reg reg, uint8_t count, bool wide);
void x64_shift_cl(struct x64 *code, enum x64_shift op, enum x64_reg reg, bool wide);
void x64_bit_count(struct x64 *code, uint8_t opcode, enum x64_reg to, enum x64_reg from, bool wide); /* F3 0F xx */
enum { X64_POPCNT = 0xb8, X64_TZCNT = 0xbc, X64_LZCNT = 0xbd };
void x64_bswap(struct x64 *code, enum x64_reg reg);
void x64_setcc(struct x64 *code, enum x64_cond cond, enum x64_reg to); /* and zero-extends with a movzx */
void x64_cmov(struct x64 *code, enum x64_cond cond, enum x64_reg to, enum x64_reg from);

void x64_push(struct x64 *code, enum x64_reg reg);
void x64_pop(struct x64 *code, enum x64_reg reg);
void x64_ret(struct x64 *code);
void x64_nop(struct x64 *code, unsigned size_bytes); /* one instruction of 1, 4 or 8 bytes */
void x64_call_r(struct x64 *code, enum x64_reg target);
void x64_call_m(struct x64 *code, struct x64_mem target);
void x64_jmp_r(struct x64 *code, enum x64_reg target);
void x64_jmp_m(struct x64 *code, struct x64_mem target);

/* Jumps with a 32-bit displacement; each returns where the displacement is, for x64_aim(). NULL when full. */
uint8_t *x64_jmp(struct x64 *code);
uint8_t *x64_call(struct x64 *code);
uint8_t *x64_jcc(struct x64 *code, enum x64_cond cond);

/* Points a displacement at `target` (both in the mapping that is written). NULL displacement: nothing. */
void x64_aim(uint8_t *displacement, const uint8_t *target);

/* ---- SSE2 and FMA3: scalar, `wide` is binary64 ---- */
enum x64_sse {
    X64_ADDS = 0x58,
    X64_MULS = 0x59,
    X64_SUBS = 0x5c,
    X64_MINS = 0x5d,
    X64_DIVS = 0x5e,
    X64_MAXS = 0x5f,
    X64_SQRTS = 0x51
};
void x64_sse_rr(struct x64 *code, enum x64_sse op, unsigned to, unsigned from, bool wide);
void x64_sse_rm(struct x64 *code, enum x64_sse op, unsigned to, struct x64_mem from, bool wide);
void x64_movs_load(struct x64 *code, unsigned to, struct x64_mem from, bool wide);
void x64_movs_store(struct x64 *code, struct x64_mem to, unsigned from, bool wide);
void x64_movs_rr(struct x64 *code, unsigned to, unsigned from);                   /* movapd: all of it */
void x64_ucomis(struct x64 *code, unsigned a, unsigned b, bool wide);             /* quiet */
void x64_comis(struct x64 *code, unsigned a, unsigned b, bool wide);              /* signaling */
void x64_cvt_float(struct x64 *code, unsigned to, unsigned from, bool from_wide); /* cvtsd2ss, cvtss2sd */
void x64_cvt_int_to_float(struct x64 *code, unsigned to, enum x64_reg from, bool wide, bool int_wide);
void x64_cvt_float_to_int(struct x64 *code, enum x64_reg to, unsigned from, bool wide, bool int_wide, bool truncate);
void x64_mov_xmm_to_reg(struct x64 *code, enum x64_reg to, unsigned from, bool wide); /* movq, movd */
void x64_mov_reg_to_xmm(struct x64 *code, unsigned to, enum x64_reg from, bool wide);
void x64_ones(struct x64 *code, unsigned to); /* every bit set */
/* to = +-(a * b) +- to, rounded once */
void x64_fma231(struct x64 *code, bool minus_product, bool minus_addend, unsigned to, unsigned a, unsigned b,
                bool wide);
void x64_ldmxcsr(struct x64 *code, struct x64_mem from);
void x64_stmxcsr(struct x64 *code, struct x64_mem to);

#endif

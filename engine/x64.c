#include "x64.h"

#include <string.h>

static void byte(struct x64 *code, unsigned value)
{
    if (code->at == code->end) {
        code->full = true;
        return;
    }
    *code->at++ = (uint8_t)value;
}

static void bytes(struct x64 *code, uint64_t value, unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        byte(code, (unsigned)(value >> 8 * n) & 0xff);
}

static void wrote(struct x64 *code, enum x64_reg reg) { code->written |= UINT32_C(1) << reg; }

/* ---- prefixes and operands (SDM 2.1, 2.2) ---- */

static void rex(struct x64 *code, bool wide, unsigned reg, unsigned index, unsigned base, bool force)
{
    unsigned value = 0x40 | (wide ? 8u : 0u) | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (base >> 3 & 1);
    if (value != 0x40 || force)
        byte(code, value);
}

/* One or two bytes of opcode: 0x0fXX is the two-byte map. */
static void opcode(struct x64 *code, unsigned value)
{
    if (value > 0xff)
        byte(code, value >> 8);
    byte(code, value & 0xff);
}

static void modrm_reg(struct x64 *code, unsigned reg, unsigned rm) { byte(code, 0xc0 | (reg & 7) << 3 | (rm & 7)); }

static void modrm_mem(struct x64 *code, unsigned reg, struct x64_mem mem)
{
    bool sib = mem.index != X64_NO_REG || (mem.base & 7) == RSP;
    unsigned mod = mem.disp == 0 && (mem.base & 7) != RBP ? 0 : mem.disp == (int8_t)mem.disp ? 1 : 2;
    byte(code, mod << 6 | (reg & 7) << 3 | (sib ? 4u : mem.base & 7u));
    if (sib) {
        unsigned scale = mem.scale == 8 ? 3 : mem.scale == 4 ? 2 : mem.scale == 2 ? 1 : 0;
        unsigned index = mem.index == X64_NO_REG ? 4u : mem.index & 7u;
        byte(code, scale << 6 | index << 3 | (mem.base & 7u));
    }
    if (mod)
        bytes(code, (uint32_t)mem.disp, mod == 1 ? 1 : 4);
}

static unsigned index_of(struct x64_mem mem) { return mem.index == X64_NO_REG ? 0u : (unsigned)mem.index; }

/* prefix: 0, 0x66, 0xf2 or 0xf3, before REX */
static void op_reg(struct x64 *code, unsigned prefix, unsigned op, unsigned reg, unsigned rm, bool wide, bool force_rex)
{
    if (prefix)
        byte(code, prefix);
    rex(code, wide, reg, 0, rm, force_rex);
    opcode(code, op);
    modrm_reg(code, reg, rm);
}

static void op_mem(struct x64 *code, unsigned prefix, unsigned op, unsigned reg, struct x64_mem mem, bool wide,
                   bool force_rex)
{
    if (prefix)
        byte(code, prefix);
    rex(code, wide, reg, index_of(mem), mem.base, force_rex);
    opcode(code, op);
    modrm_mem(code, reg, mem);
}

/* ---- moves ---- */

void x64_mov_rr(struct x64 *code, enum x64_reg to, enum x64_reg from, bool wide)
{
    if (to != from || !wide)
        op_reg(code, 0, 0x8b, to, from, wide, false);
    wrote(code, to);
}

void x64_mov_ri64(struct x64 *code, enum x64_reg to, uint64_t value)
{
    rex(code, true, 0, 0, to, false);
    byte(code, 0xb8 | (to & 7u));
    bytes(code, value, 8);
    wrote(code, to);
}

void x64_mov_ri(struct x64 *code, enum x64_reg to, uint64_t value)
{
    if (value <= UINT32_MAX) {
        rex(code, false, 0, 0, to, false);
        byte(code, 0xb8 | (to & 7u));
        bytes(code, value, 4);
    } else if ((uint64_t)(int64_t)(int32_t)value == value) {
        rex(code, true, 0, 0, to, false);
        byte(code, 0xc7);
        modrm_reg(code, 0, to);
        bytes(code, value, 4);
    } else
        x64_mov_ri64(code, to, value);
    wrote(code, to);
}

void x64_load(struct x64 *code, enum x64_reg to, struct x64_mem from, bool wide)
{
    op_mem(code, 0, 0x8b, to, from, wide, false);
    wrote(code, to);
}

void x64_store(struct x64 *code, struct x64_mem to, enum x64_reg from, unsigned size_bytes)
{
    bool low_byte = size_bytes == 1 && from >= RSP; /* spl, bpl, sil, dil need a REX */
    op_mem(code, size_bytes == 2 ? 0x66 : 0, size_bytes == 1 ? 0x88 : 0x89, from, to, size_bytes == 8, low_byte);
}

void x64_store_imm(struct x64 *code, struct x64_mem to, int32_t value, unsigned size_bytes)
{
    op_mem(code, 0, size_bytes == 1 ? 0xc6 : 0xc7, 0, to, size_bytes == 8, false);
    bytes(code, (uint32_t)value, size_bytes == 1 ? 1 : 4);
}

void x64_lea(struct x64 *code, enum x64_reg to, struct x64_mem from)
{
    op_mem(code, 0, 0x8d, to, from, true, false);
    wrote(code, to);
}

static unsigned extend_opcode(unsigned size_bytes, bool is_signed)
{
    if (size_bytes == 4)
        return is_signed ? 0x63 : 0x8b;
    return (is_signed ? 0x0fbe : 0x0fb6) + (size_bytes == 2);
}

void x64_load_extend(struct x64 *code, enum x64_reg to, struct x64_mem from, unsigned size_bytes, bool is_signed)
{
    op_mem(code, 0, extend_opcode(size_bytes, is_signed), to, from, is_signed, false);
    wrote(code, to);
}

void x64_extend(struct x64 *code, enum x64_reg to, enum x64_reg from, unsigned size_bytes, bool is_signed)
{
    bool low_byte = size_bytes == 1 && from >= RSP;
    op_reg(code, 0, extend_opcode(size_bytes, is_signed), to, from, is_signed, low_byte);
    wrote(code, to);
}

/* ---- integer arithmetic ---- */

void x64_alu_rr(struct x64 *code, enum x64_alu op, enum x64_reg to, enum x64_reg from, bool wide)
{
    op_reg(code, 0, (unsigned)op << 3 | 3, to, from, wide, false);
    wrote(code, to);
}

void x64_alu_rm(struct x64 *code, enum x64_alu op, enum x64_reg to, struct x64_mem from, bool wide)
{
    op_mem(code, 0, (unsigned)op << 3 | 3, to, from, wide, false);
    wrote(code, to);
}

void x64_alu_mr(struct x64 *code, enum x64_alu op, struct x64_mem to, enum x64_reg from, bool wide)
{
    op_mem(code, 0, (unsigned)op << 3 | 1, from, to, wide, false);
}

static void alu_imm(struct x64 *code, int32_t value) { bytes(code, (uint32_t)value, value == (int8_t)value ? 1 : 4); }

void x64_alu_ri(struct x64 *code, enum x64_alu op, enum x64_reg to, int32_t value, bool wide)
{
    op_reg(code, 0, value == (int8_t)value ? 0x83 : 0x81, op, to, wide, false);
    alu_imm(code, value);
    wrote(code, to);
}

void x64_alu_mi(struct x64 *code, enum x64_alu op, struct x64_mem to, int32_t value, bool wide)
{
    op_mem(code, 0, value == (int8_t)value ? 0x83 : 0x81, op, to, wide, false);
    alu_imm(code, value);
}

void x64_cmp_mem8(struct x64 *code, struct x64_mem mem, uint8_t value)
{
    op_mem(code, 0, 0x80, X64_CMP, mem, false, false);
    byte(code, value);
}

void x64_bts_mr(struct x64 *code, struct x64_mem to, enum x64_reg bit)
{
    op_mem(code, 0, 0x0fab, bit, to, true, false);
}

void x64_test_rr(struct x64 *code, enum x64_reg a, enum x64_reg b, bool wide)
{
    op_reg(code, 0, 0x85, b, a, wide, false);
}

void x64_imul_rr(struct x64 *code, enum x64_reg to, enum x64_reg from, bool wide)
{
    op_reg(code, 0, 0x0faf, to, from, wide, false);
    wrote(code, to);
}

void x64_imul_rm(struct x64 *code, enum x64_reg to, struct x64_mem from, bool wide)
{
    op_mem(code, 0, 0x0faf, to, from, wide, false);
    wrote(code, to);
}

void x64_imul_rri(struct x64 *code, enum x64_reg to, enum x64_reg from, int32_t factor, bool wide)
{
    op_reg(code, 0, 0x69, to, from, wide, false);
    bytes(code, (uint32_t)factor, 4);
    wrote(code, to);
}

void x64_unary(struct x64 *code, enum x64_unary op, enum x64_reg reg, bool wide)
{
    op_reg(code, 0, 0xf7, op, reg, wide, false);
    wrote(code, reg);
    if (op >= X64_MUL) {
        wrote(code, RAX);
        wrote(code, RDX);
    }
}

void x64_sign_rax(struct x64 *code, bool wide)
{
    rex(code, wide, 0, 0, 0, false);
    byte(code, 0x99);
    wrote(code, RDX);
}

void x64_shift_ri(struct x64 *code, enum x64_shift op, enum x64_reg reg, uint8_t count, bool wide)
{
    op_reg(code, 0, 0xc1, op, reg, wide, false);
    byte(code, count);
    wrote(code, reg);
}

void x64_shift_cl(struct x64 *code, enum x64_shift op, enum x64_reg reg, bool wide)
{
    op_reg(code, 0, 0xd3, op, reg, wide, false);
    wrote(code, reg);
}

void x64_bit_count(struct x64 *code, uint8_t op, enum x64_reg to, enum x64_reg from, bool wide)
{
    op_reg(code, 0xf3, 0x0f00u | op, to, from, wide, false);
    wrote(code, to);
}

void x64_bswap(struct x64 *code, enum x64_reg reg)
{
    rex(code, true, 0, 0, reg, false);
    byte(code, 0x0f);
    byte(code, 0xc8 | (reg & 7u));
    wrote(code, reg);
}

void x64_setcc(struct x64 *code, enum x64_cond cond, enum x64_reg to)
{
    op_reg(code, 0, 0x0f90u | cond, 0, to, false, to >= RSP);
    x64_extend(code, to, to, 1, false);
}

void x64_cmov(struct x64 *code, enum x64_cond cond, enum x64_reg to, enum x64_reg from)
{
    op_reg(code, 0, 0x0f40u | cond, to, from, true, false);
    wrote(code, to);
}

/* ---- control ---- */

void x64_push(struct x64 *code, enum x64_reg reg)
{
    rex(code, false, 0, 0, reg, false);
    byte(code, 0x50 | (reg & 7u));
}

void x64_pop(struct x64 *code, enum x64_reg reg)
{
    rex(code, false, 0, 0, reg, false);
    byte(code, 0x58 | (reg & 7u));
    wrote(code, reg);
}

void x64_ret(struct x64 *code) { byte(code, 0xc3); }

void x64_nop(struct x64 *code, unsigned size_bytes)
{
    static const uint8_t encodings[][8] = {[1] = {0x90}, [4] = {0x0f, 0x1f, 0x40}, [8] = {0x0f, 0x1f, 0x84}};
    for (unsigned n = 0; n < size_bytes; n++)
        byte(code, encodings[size_bytes][n]);
}

void x64_call_r(struct x64 *code, enum x64_reg target)
{
    op_reg(code, 0, 0xff, 2, target, false, false);
    code->written = UINT32_MAX;
}

void x64_call_m(struct x64 *code, struct x64_mem target)
{
    op_mem(code, 0, 0xff, 2, target, false, false);
    code->written = UINT32_MAX;
}

void x64_jmp_r(struct x64 *code, enum x64_reg target) { op_reg(code, 0, 0xff, 4, target, false, false); }

void x64_jmp_m(struct x64 *code, struct x64_mem target) { op_mem(code, 0, 0xff, 4, target, false, false); }

static uint8_t *displacement(struct x64 *code)
{
    bytes(code, 0, 4);
    return code->full ? NULL : code->at - 4;
}

uint8_t *x64_jmp(struct x64 *code)
{
    byte(code, 0xe9);
    return displacement(code);
}

uint8_t *x64_call(struct x64 *code)
{
    byte(code, 0xe8);
    code->written = UINT32_MAX;
    return displacement(code);
}

uint8_t *x64_jcc(struct x64 *code, enum x64_cond cond)
{
    byte(code, 0x0f);
    byte(code, 0x80u | cond);
    return displacement(code);
}

void x64_aim(uint8_t *at, const uint8_t *target)
{
    if (!at)
        return;
    int32_t distance = (int32_t)(target - (at + 4));
    memcpy(at, &distance, 4);
}

/* ---- SSE2, FMA3 ---- */

static unsigned scalar_prefix(bool wide) { return wide ? 0xf2 : 0xf3; }

void x64_sse_rr(struct x64 *code, enum x64_sse op, unsigned to, unsigned from, bool wide)
{
    op_reg(code, scalar_prefix(wide), 0x0f00u | op, to, from, false, false);
}

void x64_sse_rm(struct x64 *code, enum x64_sse op, unsigned to, struct x64_mem from, bool wide)
{
    op_mem(code, scalar_prefix(wide), 0x0f00u | op, to, from, false, false);
}

void x64_movs_load(struct x64 *code, unsigned to, struct x64_mem from, bool wide)
{
    op_mem(code, scalar_prefix(wide), 0x0f10, to, from, false, false);
}

void x64_movs_store(struct x64 *code, struct x64_mem to, unsigned from, bool wide)
{
    op_mem(code, scalar_prefix(wide), 0x0f11, from, to, false, false);
}

void x64_movs_rr(struct x64 *code, unsigned to, unsigned from)
{
    if (to != from)
        op_reg(code, 0x66, 0x0f28, to, from, false, false);
}

void x64_ucomis(struct x64 *code, unsigned a, unsigned b, bool wide)
{
    op_reg(code, wide ? 0x66 : 0, 0x0f2e, a, b, false, false);
}

void x64_comis(struct x64 *code, unsigned a, unsigned b, bool wide)
{
    op_reg(code, wide ? 0x66 : 0, 0x0f2f, a, b, false, false);
}

void x64_cvt_float(struct x64 *code, unsigned to, unsigned from, bool from_wide)
{
    op_reg(code, scalar_prefix(from_wide), 0x0f5a, to, from, false, false);
}

void x64_cvt_int_to_float(struct x64 *code, unsigned to, enum x64_reg from, bool wide, bool int_wide)
{
    op_reg(code, scalar_prefix(wide), 0x0f2a, to, from, int_wide, false);
}

void x64_cvt_float_to_int(struct x64 *code, enum x64_reg to, unsigned from, bool wide, bool int_wide, bool truncate)
{
    op_reg(code, scalar_prefix(wide), truncate ? 0x0f2c : 0x0f2d, to, from, int_wide, false);
    wrote(code, to);
}

void x64_mov_xmm_to_reg(struct x64 *code, enum x64_reg to, unsigned from, bool wide)
{
    op_reg(code, 0x66, 0x0f7e, from, to, wide, false);
    wrote(code, to);
}

void x64_mov_reg_to_xmm(struct x64 *code, unsigned to, enum x64_reg from, bool wide)
{
    op_reg(code, 0x66, 0x0f6e, to, from, wide, false);
}

void x64_ones(struct x64 *code, unsigned to) { op_reg(code, 0x66, 0x0f76, to, to, false, false); /* pcmpeqd */ }

/* vf[n]m{add,sub}231s{d,s}: VEX.LIG.66.0F38.W1/W0 B9, BB, BD, BF /r (SDM 2.3.5) */
void x64_fma231(struct x64 *code, bool minus_product, bool minus_addend, unsigned to, unsigned a, unsigned b, bool wide)
{
    byte(code, 0xc4);
    byte(code, (~to >> 3 & 1) << 7 | 1u << 6 | (~b >> 3 & 1) << 5 | 2);
    byte(code, (wide ? 0x80u : 0u) | (~a & 15) << 3 | 1);
    byte(code, 0xb9u + (minus_addend ? 2u : 0u) + (minus_product ? 4u : 0u));
    modrm_reg(code, to, b);
}

void x64_ldmxcsr(struct x64 *code, struct x64_mem from) { op_mem(code, 0, 0x0fae, 2, from, false, false); }

void x64_stmxcsr(struct x64 *code, struct x64_mem to) { op_mem(code, 0, 0x0fae, 3, to, false, false); }

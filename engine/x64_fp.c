#include "x64_fp.h"

#include "x64_lower.h"

enum { XMM_SCRATCH = 3, NOT_PINNED = 0xff };

/* f register -> XMM register */
static const uint8_t pinned[32] = {
    3,          4,          5,          NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, /* ft0-ft7 */
    6,          7,                                                                                  /* fs0, fs1 */
    8,          9,          10,         11,         12,         13,         14,         15,         /* fa0-fa7 */
    NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED,
    NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED, NOT_PINNED,
};

static struct x64_mem f_mem(unsigned reg)
{
    return x64_at(HART_REG, (int32_t)(offsetof(struct hart, s.f) + 8 * reg) - HART_BIAS);
}

void fp_emit_save(struct x64 *code)
{
    for (unsigned f = 0; f < 32; f++)
        if (pinned[f] != NOT_PINNED)
            x64_movs_store(code, f_mem(f), pinned[f], true);
}

void fp_emit_restore(struct x64 *code)
{
    for (unsigned f = 0; f < 32; f++)
        if (pinned[f] != NOT_PINNED)
            x64_movs_load(code, pinned[f], f_mem(f), true);
}

/* ---- what the host can do ---- */

enum fp_how {
    FP_HOW_NONE,
    FP_HOW_BINARY, /* detail: enum x64_sse */
    FP_HOW_SQRT,
    FP_HOW_FMA,
    FP_HOW_MIN_MAX, /* detail: enum x64_sse */
    FP_HOW_COMPARE,
    FP_HOW_SIGN,
    FP_HOW_TO_INT,
    FP_HOW_FROM_INT,
    FP_HOW_CONVERT,
};

static const struct {
    uint8_t how, detail;
    bool rounds;
} table[NODE_COUNT] = {
    [NODE_fp_add] = {FP_HOW_BINARY, X64_ADDS, true},   [NODE_fp_sub] = {FP_HOW_BINARY, X64_SUBS, true},
    [NODE_fp_mul] = {FP_HOW_BINARY, X64_MULS, true},   [NODE_fp_div] = {FP_HOW_BINARY, X64_DIVS, true},
    [NODE_fp_sqrt] = {FP_HOW_SQRT, 0, true},           [NODE_fp_fma] = {FP_HOW_FMA, 0, true},
    [NODE_fp_min] = {FP_HOW_MIN_MAX, X64_MINS, false}, [NODE_fp_max] = {FP_HOW_MIN_MAX, X64_MAXS, false},
    [NODE_fp_eq] = {FP_HOW_COMPARE, 0, false},         [NODE_fp_lt] = {FP_HOW_COMPARE, CC_A, false},
    [NODE_fp_le] = {FP_HOW_COMPARE, CC_AE, false},     [NODE_FSIGN] = {FP_HOW_SIGN, 0, false},
    [NODE_FSIGN_NOT] = {FP_HOW_SIGN, 0, false},        [NODE_FSIGN_XOR] = {FP_HOW_SIGN, 0, false},
    [NODE_FP_TO_INT] = {FP_HOW_TO_INT, 0, true},       [NODE_FP_FROM_INT] = {FP_HOW_FROM_INT, 0, true},
    [NODE_FP_CONVERT] = {FP_HOW_CONVERT, 0, true},
};

static unsigned rounding_field(const struct gen *gen) { return gen->insn->raw >> 12 & 7; }

/* RNE, said so or dynamically: backend_need_fp() has seen to frm. Conversions to integers may also truncate. */
static bool rounding_ok(const struct gen *gen, const struct node *node)
{
    unsigned rm = rounding_field(gen);
    return !table[node->op].rounds || rm == FP_RNE || rm == 7 || (node->op == NODE_FP_TO_INT && rm == FP_RTZ);
}

static bool signed_conversion(const struct node *node) { return node->value >> 8; }
static unsigned conversion_bits(const struct node *node) { return node->value & 0xff; }

static bool conversion_ok(const struct node *node)
{
    switch (node->op) {
    case NODE_FP_TO_INT: /* an unsigned one could raise flags that it must not */
        return signed_conversion(node);
    case NODE_FP_FROM_INT:
        return signed_conversion(node) || conversion_bits(node) == 32;
    default:
        return true;
    }
}

bool fp_can(const struct gen *gen, const struct node *node)
{
    if (node->op == NODE_F)
        return true;
    return table[node->op].how != FP_HOW_NONE && node->format != FP16 && node->format2 != FP16 &&
           rounding_ok(gen, node) && conversion_ok(node) && (node->op != NODE_fp_fma || gen->jit->fma);
}

/* ---- registers ---- */

static uint32_t bit(unsigned reg) { return UINT32_C(1) << reg; }

/* Where a result may be computed: in place unless an operand would be lost. */
static void set_xmm(struct gen *gen, unsigned rd, enum fp_format format, unsigned from)
{
    if (pinned[rd] != NOT_PINNED)
        x64_movs_rr(code_of(gen), pinned[rd], from);
    else
        x64_movs_store(code_of(gen), f_mem(rd), from, true);
    gen->boxed = format == FP32 ? gen->boxed | bit(rd) : gen->boxed & ~bit(rd);
}

void fp_bits_to_rdx(struct gen *gen, unsigned reg)
{
    if (pinned[reg] != NOT_PINNED)
        x64_mov_xmm_to_reg(code_of(gen), RDX, pinned[reg], true);
    else
        x64_load(code_of(gen), RDX, f_mem(reg), true);
}

/* The instruction is the interpreter's unless the register holds a boxed binary32; told once in a superblock. */
static void need_boxed(struct gen *gen, unsigned reg)
{
    struct x64 *code = code_of(gen);
    if (gen->boxed & bit(reg))
        return;
    fp_bits_to_rdx(gen, reg);
    x64_shift_ri(code, X64_SAR, RDX, 32, true);
    x64_alu_ri(code, X64_CMP, RDX, -1, false);
    x64_interpret_instead(gen, x64_jcc(code, CC_NE));
}

/* The XMM register of an operand: its own, or `scratch`. */
static unsigned operand(struct gen *gen, const struct node *node, unsigned scratch)
{
    if (node->format == FP32)
        need_boxed(gen, node->reg);
    if (pinned[node->reg] != NOT_PINNED)
        return pinned[node->reg];
    x64_movs_load(code_of(gen), scratch, f_mem(node->reg), true);
    return scratch;
}

/* What has been computed in XMM0 becomes the result, unless it is a NaN: those are made canonical elsewhere. */
static void finish(struct gen *gen, unsigned rd, enum fp_format format)
{
    struct x64 *code = code_of(gen);
    x64_ucomis(code, 0, 0, format == FP64);
    x64_interpret_instead(gen, x64_jcc(code, CC_P));
    set_xmm(gen, rd, format, 0);
}

/* ---- arithmetic ---- */

static void set_binary(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    unsigned a = operand(gen, node->a, 0), b = operand(gen, node->b, 1);
    x64_movs_rr(code, 0, a);
    x64_sse_rr(code, (enum x64_sse)table[node->op].detail, 0, b, node->format == FP64);
    finish(gen, rd, node->format);
}

static void set_sqrt(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    unsigned a = operand(gen, node->a, 0);
    x64_movs_rr(code, 0, a);
    x64_sse_rr(code, X64_SQRTS, 0, a, node->format == FP64);
    finish(gen, rd, node->format);
}

static const struct node *without_sign(const struct node *node, bool *negated)
{
    *negated = node->op == NODE_FNEG;
    return *negated ? node->a : node;
}

static void set_fma(struct gen *gen, unsigned rd, const struct node *node)
{
    bool minus_product, minus_addend;
    unsigned a = operand(gen, without_sign(node->a, &minus_product), 1), b = operand(gen, node->b, 2);
    unsigned c = operand(gen, without_sign(node->c, &minus_addend), 0);
    x64_movs_rr(code_of(gen), 0, c);
    x64_fma231(code_of(gen), minus_product, minus_addend, 0, a, b, node->format == FP64);
    finish(gen, rd, node->format);
}

/* The host's minimum is RISC-V's where the operands are ordered and differ. */
static void set_min_max(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    unsigned a = operand(gen, node->a, 0), b = operand(gen, node->b, 1);
    x64_movs_rr(code, 0, a);
    x64_ucomis(code, 0, b, node->format == FP64);
    x64_interpret_instead(gen, x64_jcc(code, CC_P));
    x64_interpret_instead(gen, x64_jcc(code, CC_E));
    x64_sse_rr(code, (enum x64_sse)table[node->op].detail, 0, b, node->format == FP64);
    set_xmm(gen, rd, node->format, 0);
}

/* ---- signs: on the bits ---- */

static void set_sign(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    bool wide = node->format == FP64, same = node->a->reg == node->b->reg;
    unsigned a = operand(gen, node->a, 0), b = operand(gen, node->b, 1);
    if (node->op == NODE_FSIGN && same) { /* fmv */
        set_xmm(gen, rd, node->format, a);
        return;
    }
    uint64_t sign = UINT64_C(1) << (wide ? 63 : 31);
    x64_mov_xmm_to_reg(code, RAX, a, true);
    x64_mov_xmm_to_reg(code, RDX, b, true);
    x64_mov_ri(code, RCX, sign);
    if (node->op == NODE_FSIGN_NOT)
        x64_unary(code, X64_NOT, RDX, true);
    x64_alu_rr(code, X64_AND, RDX, RCX, true); /* the sign to take */
    if (node->op != NODE_FSIGN_XOR) {
        x64_unary(code, X64_NOT, RCX, true);
        x64_alu_rr(code, X64_AND, RAX, RCX, true);
    }
    x64_alu_rr(code, X64_XOR, RAX, RDX, true);
    x64_mov_reg_to_xmm(code, 0, RAX, true);
    set_xmm(gen, rd, node->format, 0);
}

/* ---- conversions ---- */

static void set_from_int(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    bool is_signed = signed_conversion(node), word = conversion_bits(node) == 32;
    x64_eval(gen, RAX, node->a);
    if (!is_signed)
        x64_extend(code, RAX, RAX, 4, false);
    x64_ones(code, 0); /* boxes a binary32 */
    x64_cvt_int_to_float(code, 0, RAX, node->format == FP64, !(word && is_signed));
    set_xmm(gen, rd, node->format, 0);
}

static void set_converted(struct gen *gen, unsigned rd, const struct node *node)
{
    struct x64 *code = code_of(gen);
    unsigned a = operand(gen, node->a, 1);
    x64_ones(code, 0);
    x64_cvt_float(code, 0, a, node->format == FP64);
    finish(gen, rd, node->format2);
}

static void to_int(struct gen *gen, const struct node *node)
{
    struct x64 *code = code_of(gen);
    bool wide = conversion_bits(node) == 64;
    unsigned a = operand(gen, node->a, 0);
    x64_cvt_float_to_int(code, RAX, a, node->format == FP64, wide, rounding_field(gen) == FP_RTZ);
    x64_mov_ri(code, RCX, wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31); /* also what an invalid one gives */
    x64_alu_rr(code, X64_CMP, RAX, RCX, wide);
    x64_interpret_instead(gen, x64_jcc(code, CC_E));
    if (!wide)
        x64_extend(code, RAX, RAX, 4, true);
}

/* ---- comparisons ---- */

static void compare_to_int(struct gen *gen, const struct node *node)
{
    struct x64 *code = code_of(gen);
    bool wide = node->format == FP64;
    unsigned a = operand(gen, node->a, 0), b = operand(gen, node->b, 1);
    if (node->op == NODE_fp_eq) {
        x64_ucomis(code, a, b, wide);
        x64_setcc(code, CC_NP, RAX);
        x64_mov_ri(code, RCX, 0);
        x64_cmov(code, CC_NE, RAX, RCX);
        return;
    }
    x64_comis(code, b, a, wide); /* b above a: false when unordered */
    x64_setcc(code, (enum x64_cond)table[node->op].detail, RAX);
}

/* ---- effects ---- */

bool fp_gives_x(const struct node *value)
{
    return value->op >= NODE_fp_add || value->op == NODE_F || (value->a && value->a->op == NODE_F);
}

void fp_to_x(struct gen *gen, const struct node *value)
{
    struct x64 *code = code_of(gen);
    if (value->op == NODE_FP_TO_INT)
        to_int(gen, value);
    else if (table[value->op].how == FP_HOW_COMPARE)
        compare_to_int(gen, value);
    else {
        fp_bits_to_rdx(gen, value->op == NODE_F ? value->reg : value->a->reg);
        unsigned size_bytes = value->op == NODE_SEXT32 ? 4 : value->op == NODE_SEXT16 ? 2 : 8;
        if (size_bytes == 8)
            x64_mov_rr(code, RAX, RDX, true);
        else
            x64_extend(code, RAX, RDX, size_bytes, true);
    }
}

static void box_rax(struct gen *gen, unsigned size_bytes)
{
    struct x64 *code = code_of(gen);
    if (size_bytes == 8)
        return;
    if (size_bytes == 4)
        x64_mov_rr(code, RAX, RAX, false); /* the low half only */
    else
        x64_extend(code, RAX, RAX, 2, false);
    x64_mov_ri(code, RCX, size_bytes == 4 ? UINT64_C(0xffffffff) << 32 : ~UINT64_C(0xffff));
    x64_alu_rr(code, X64_OR, RAX, RCX, true);
}

static void set_rax(struct gen *gen, unsigned rd, enum fp_format format)
{
    struct x64 *code = code_of(gen);
    if (pinned[rd] != NOT_PINNED)
        x64_mov_reg_to_xmm(code, pinned[rd], RAX, true);
    else
        x64_store(code, f_mem(rd), RAX, 8);
    gen->boxed = format == FP32 ? gen->boxed | bit(rd) : gen->boxed & ~bit(rd);
}

void fp_set_loaded(struct gen *gen, unsigned rd, enum memory_kind kind)
{
    unsigned size_bytes = kind_bytes(kind);
    box_rax(gen, size_bytes);
    set_rax(gen, rd, size_bytes == 8 ? FP64 : size_bytes == 4 ? FP32 : FP16);
}

bool fp_load_direct(struct gen *gen, unsigned rd, struct x64_mem from)
{
    if (pinned[rd] == NOT_PINNED)
        return false;
    x64_movs_load(code_of(gen), pinned[rd], from, true);
    gen->boxed &= ~bit(rd);
    return true;
}

bool fp_store_direct(struct gen *gen, struct x64_mem to, unsigned reg, unsigned size_bytes)
{
    if (pinned[reg] == NOT_PINNED || size_bytes < 4)
        return false;
    x64_movs_store(code_of(gen), to, pinned[reg], size_bytes == 8);
    return true;
}

static void set_moved(struct gen *gen, unsigned rd, enum fp_format format, const struct node *value)
{
    x64_eval(gen, RAX, value);
    box_rax(gen, format == FP64 ? 8 : format == FP32 ? 4 : 2);
    set_rax(gen, rd, format);
}

static void set_result(struct gen *gen, unsigned rd, const struct node *value)
{
    static void (*const setters[])(struct gen *, unsigned, const struct node *) = {
        [FP_HOW_BINARY] = set_binary,     [FP_HOW_SQRT] = set_sqrt, [FP_HOW_FMA] = set_fma,
        [FP_HOW_MIN_MAX] = set_min_max,   [FP_HOW_SIGN] = set_sign, [FP_HOW_FROM_INT] = set_from_int,
        [FP_HOW_CONVERT] = set_converted,
    };
    setters[table[value->op].how](gen, rd, value);
}

void backend_set_f(struct gen *gen, unsigned rd, enum fp_format format, const struct node *value)
{
    if (value->op == NODE_LOAD)
        x64_load_f(gen, rd, value);
    else if (value->op >= NODE_fp_add)
        set_result(gen, rd, value);
    else
        set_moved(gen, rd, format, value);
    x64_interpret_back(gen);
}

/* ---- fflags: what MXCSR has collected, and what was merged before ---- */

void backend_fflags(struct gen *gen, unsigned rd, const struct node *value)
{
    struct x64 *code = code_of(gen);
    if (value) {
        x64_eval(gen, RAX, value);
        x64_mov_rr(code, RDX, RAX, true);
        x64_alu_ri(code, X64_AND, RDX, 31, false);
    }
    x64_stmxcsr(code, HART_FIELD(mxcsr));
    x64_load(code, RAX, HART_FIELD(mxcsr), false);
    x64_alu_ri(code, X64_AND, RAX, 63, false);
    x64_mov_ri64(code, RCX, (uint64_t)gen->jit->fflags_of);
    x64_load_extend(code, RAX, x64_indexed(RCX, RAX, 1, 0), 1, false);
    x64_load_extend(code, RCX, HART_FIELD(s.fflags), 1, false);
    x64_alu_rr(code, X64_OR, RCX, RAX, false);
    if (value) {
        x64_store(code, HART_FIELD(s.fflags), RDX, 1);
        x64_unary(code, X64_NOT, RDX, false);
        x64_test_rr(code, RAX, RDX, false); /* has MXCSR flags that must go? */
        uint8_t *none = x64_jcc(code, CC_E);
        x64_ldmxcsr(code, HART_FIELD(mxcsr_clear));
        x64_aim(none, code->at);
    }
    if (rd)
        x64_set_from_rcx(gen, rd);
}

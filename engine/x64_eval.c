/* x64_eval: trees of integer operations as x86-64 code.
 *
 * x64_eval(gen, R, tree) leaves the tree's value in R and may use RCX, and RDX unless R is it. RAX is the accumulator
 * of whatever cannot be computed in its final place. Guest registers are pinned or lie at [RBP + 8 * n - 128]. */
#include "x64_fp.h"
#include "x64_lower.h"

static bool is_leaf(const struct node *node) { return node->op == NODE_X || node->op == NODE_CONST; }

static bool reads(const struct node *node, enum x64_reg reg)
{
    if (!node)
        return false;
    return x64_home(node) == reg || reads(node->a, reg) || reads(node->b, reg);
}

/* ---- which operations are done how ---- */

enum how {
    HOW_NONE,
    HOW_ALU,     /* add, sub, and, or, xor */
    HOW_ALU_NOT, /* with the complement of the second operand */
    HOW_SHIFT,   /* 64 bits */
    HOW_SHIFT32, /* 32 bits, then sign-extended */
    HOW_EXTEND,  /* one operand */
    HOW_COMPARE,
    HOW_MUL,
    HOW_MUL_HIGH,
    HOW_MIN_MAX,
    HOW_COUNT, /* lzcnt, tzcnt, popcnt */
    HOW_REV8,
};

struct lowering {
    enum how how;
    uint8_t detail; /* opcode, condition or size */
    bool is_signed;
};

static const struct lowering lowerings[NODE_COUNT] = {
    [NODE_ADD] = {HOW_ALU, X64_ADD, 0},
    [NODE_SUB] = {HOW_ALU, X64_SUB, 0},
    [NODE_AND] = {HOW_ALU, X64_AND, 0},
    [NODE_OR] = {HOW_ALU, X64_OR, 0},
    [NODE_XOR] = {HOW_ALU, X64_XOR, 0},
    [NODE_ANDN] = {HOW_ALU_NOT, X64_AND, 0},
    [NODE_ORN] = {HOW_ALU_NOT, X64_OR, 0},
    [NODE_XNOR] = {HOW_ALU_NOT, X64_XOR, 0},
    [NODE_SLL] = {HOW_SHIFT, X64_SHL, 0},
    [NODE_SRL] = {HOW_SHIFT, X64_SHR, 0},
    [NODE_SRA] = {HOW_SHIFT, X64_SAR, 0},
    [NODE_ROL] = {HOW_SHIFT, X64_ROL, 0},
    [NODE_ROR] = {HOW_SHIFT, X64_ROR, 0},
    [NODE_SLL32] = {HOW_SHIFT32, X64_SHL, 0},
    [NODE_SRL32] = {HOW_SHIFT32, X64_SHR, 0},
    [NODE_SRA32] = {HOW_SHIFT32, X64_SAR, 0},
    [NODE_ROL32] = {HOW_SHIFT32, X64_ROL, 0},
    [NODE_ROR32] = {HOW_SHIFT32, X64_ROR, 0},
    [NODE_SEXT32] = {HOW_EXTEND, 4, true},
    [NODE_ZEXT32] = {HOW_EXTEND, 4, false},
    [NODE_SEXT16] = {HOW_EXTEND, 2, true},
    [NODE_ZEXT16] = {HOW_EXTEND, 2, false},
    [NODE_SEXT8] = {HOW_EXTEND, 1, true},
    [NODE_ZEXT8] = {HOW_EXTEND, 1, false},
    [NODE_EQ] = {HOW_COMPARE, CC_E, 0},
    [NODE_NE] = {HOW_COMPARE, CC_NE, 0},
    [NODE_LT] = {HOW_COMPARE, CC_L, 0},
    [NODE_GE] = {HOW_COMPARE, CC_GE, 0},
    [NODE_LTU] = {HOW_COMPARE, CC_B, 0},
    [NODE_GEU] = {HOW_COMPARE, CC_AE, 0},
    [NODE_MUL] = {HOW_MUL, 0, 0},
    [NODE_MULH] = {HOW_MUL_HIGH, X64_IMUL, 0},
    [NODE_MULHU] = {HOW_MUL_HIGH, X64_MUL, 0},
    [NODE_MIN] = {HOW_MIN_MAX, CC_L, 0},
    [NODE_MAX] = {HOW_MIN_MAX, CC_G, 0},
    [NODE_MINU] = {HOW_MIN_MAX, CC_B, 0},
    [NODE_MAXU] = {HOW_MIN_MAX, CC_A, 0},
    [NODE_CLZ] = {HOW_COUNT, X64_LZCNT, true},
    [NODE_CLZ32] = {HOW_COUNT, X64_LZCNT, 0},
    [NODE_CTZ] = {HOW_COUNT, X64_TZCNT, true},
    [NODE_CTZ32] = {HOW_COUNT, X64_TZCNT, 0},
    [NODE_CPOP] = {HOW_COUNT, X64_POPCNT, true},
    [NODE_REV8] = {HOW_REV8, 0, 0},
};

/* Without the host's instruction the operation is called. */
static enum how how_of(const struct gen *gen, const struct node *node)
{
    const struct lowering *lowering = &lowerings[node->op];
    const struct jit *jit = gen->jit;
    bool missing = (lowering->detail == X64_LZCNT && !jit->lzcnt) || (lowering->detail == X64_TZCNT && !jit->bmi1) ||
                   (lowering->detail == X64_POPCNT && !jit->popcnt);
    return lowering->how == HOW_COUNT && missing ? HOW_NONE : lowering->how;
}

bool backend_can(const struct gen *gen, const struct node *node)
{
    if (node->op >= NODE_fp_add || node->op == NODE_F || node->op == NODE_UNBOX)
        return fp_can(gen, node);
    if (node->op == NODE_LOAD)
        return backend_can(gen, node->a);
    if (is_leaf(node))
        return true;
    return backend_can(gen, node->a) && (!node->b || backend_can(gen, node->b));
}

/* ---- evaluating ---- */

static void x64_eval_leaf(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    if (node->op == NODE_CONST)
        x64_mov_ri(code, to, node->value);
    else if (x64_home(node) != X64_NO_REG)
        x64_mov_rr(code, to, x64_home(node), true);
    else
        x64_load(code, to, x_mem(node->reg), true);
}

enum x64_reg x64_in_reg(struct gen *gen, const struct node *node, enum x64_reg scratch)
{
    if (x64_home(node) != X64_NO_REG)
        return x64_home(node);
    x64_eval(gen, scratch, node);
    return scratch;
}

/* to = to OP b, for a leaf b or one that is in RDX */
static void alu_with(struct gen *gen, enum x64_alu op, enum x64_reg to, const struct node *b, bool wide)
{
    struct x64 *code = code_of(gen);
    if (!is_leaf(b))
        x64_alu_rr(code, op, to, RDX, wide);
    else if (b->op == NODE_CONST && fits32(b->value))
        x64_alu_ri(code, op, to, (int32_t)b->value, wide);
    else if (b->op == NODE_CONST) {
        x64_mov_ri(code, RCX, b->value);
        x64_alu_rr(code, op, to, RCX, wide);
    } else if (x64_home(b) != X64_NO_REG)
        x64_alu_rr(code, op, to, x64_home(b), wide);
    else
        x64_alu_rm(code, op, to, x_mem(b->reg), wide);
}

static bool commutes(enum node_op op)
{
    return op == NODE_ADD || op == NODE_AND || op == NODE_OR || op == NODE_XOR || op == NODE_MUL;
}

static void eval_alu(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    const struct node *a = node->a, *b = node->b;
    if (commutes(node->op) && x64_home(b) == to && is_leaf(a)) {
        a = node->b;
        b = node->a;
    }
    if (node->op == NODE_ADD && x64_home(a) != X64_NO_REG && x64_home(a) != to) {
        if (b->op == NODE_CONST && fits32(b->value)) {
            x64_lea(code, to, x64_at(x64_home(a), (int32_t)b->value));
            return;
        }
        if (x64_home(b) != X64_NO_REG) {
            x64_lea(code, to, x64_indexed(x64_home(a), x64_home(b), 1, 0));
            return;
        }
    }
    if (!is_leaf(b))
        x64_eval(gen, RDX, b);
    x64_eval(gen, to, a);
    alu_with(gen, (enum x64_alu)lowerings[node->op].detail, to, b, true);
}

static void eval_alu_not(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    x64_eval(gen, RDX, node->b);
    x64_unary(code, X64_NOT, RDX, true);
    x64_eval(gen, to, node->a);
    x64_alu_rr(code, (enum x64_alu)lowerings[node->op].detail, to, RDX, true);
}

static void eval_shift(struct gen *gen, enum x64_reg to, const struct node *node, bool wide)
{
    struct x64 *code = code_of(gen);
    enum x64_shift op = (enum x64_shift)lowerings[node->op].detail;
    if (node->b->op == NODE_CONST) {
        x64_eval(gen, to, node->a);
        x64_shift_ri(code, op, to, (uint8_t)(node->b->value & (wide ? 63 : 31)), wide);
    } else {
        x64_eval(gen, to, node->a);
        x64_eval(gen, RCX, node->b);
        x64_shift_cl(code, op, to, wide);
    }
    if (!wide)
        x64_extend(code, to, to, 4, true);
}

static void eval_extend(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_reg from = x64_in_reg(gen, node->a, to);
    x64_extend(code_of(gen), to, from, lowerings[node->op].detail, lowerings[node->op].is_signed);
}

enum x64_cond x64_compare(struct gen *gen, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg a = x64_in_reg(gen, node->a, RAX);
    if (node->b->op == NODE_CONST && node->b->value == 0)
        x64_test_rr(code, a, a, true);
    else
        alu_with(gen, X64_CMP, a, node->b, true);
    return (enum x64_cond)lowerings[node->op].detail;
}

static void eval_compare(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_cond cond = x64_compare(gen, node);
    x64_setcc(code_of(gen), cond, RAX);
    x64_mov_rr(code_of(gen), to, RAX, true);
}

static void eval_mul(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    const struct node *a = node->a, *b = node->b;
    if (x64_home(b) == to) {
        a = node->b;
        b = node->a;
    }
    x64_eval(gen, to, a);
    if (b->op == NODE_X && x64_home(b) == X64_NO_REG)
        x64_imul_rm(code, to, x_mem(b->reg), true);
    else
        x64_imul_rr(code, to, x64_in_reg(gen, b, RCX), true);
}

static void eval_mul_high(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg b = x64_in_reg(gen, node->b, RCX);
    x64_eval(gen, RAX, node->a);
    x64_unary(code, (enum x64_unary)lowerings[node->op].detail, b, true);
    x64_mov_rr(code, to, RDX, true);
}

static void eval_min_max(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg a = x64_in_reg(gen, node->a, RCX);
    x64_eval(gen, RAX, node->b);
    x64_alu_rr(code, X64_CMP, a, RAX, true);
    x64_cmov(code, (enum x64_cond)lowerings[node->op].detail, RAX, a);
    x64_mov_rr(code, to, RAX, true);
}

static void eval_count(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_reg from = x64_in_reg(gen, node->a, RAX);
    x64_bit_count(code_of(gen), lowerings[node->op].detail, to, from, lowerings[node->op].is_signed);
}

/* By calling the operation. */
static void eval_call(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    if (node->b)
        x64_eval(gen, RDX, node->b);
    x64_eval(gen, RAX, node->a);
    x64_mov_ri64(code, RCX, (uint64_t)node_alu(node->op));
    x64_aim(x64_call(code), gen->jit->call_alu);
    x64_mov_rr(code, to, RAX, true);
}

static void eval_in_place(struct gen *gen, enum x64_reg to, const struct node *node)
{
    switch (how_of(gen, node)) {
    case HOW_ALU:
        eval_alu(gen, to, node);
        break;
    case HOW_ALU_NOT:
        eval_alu_not(gen, to, node);
        break;
    case HOW_SHIFT:
        eval_shift(gen, to, node, true);
        break;
    case HOW_SHIFT32:
        eval_shift(gen, to, node, false);
        break;
    case HOW_EXTEND:
        eval_extend(gen, to, node);
        break;
    case HOW_COMPARE:
        eval_compare(gen, to, node);
        break;
    case HOW_MUL:
        eval_mul(gen, to, node);
        break;
    case HOW_MUL_HIGH:
        eval_mul_high(gen, to, node);
        break;
    case HOW_MIN_MAX:
        eval_min_max(gen, to, node);
        break;
    case HOW_COUNT:
        eval_count(gen, to, node);
        break;
    case HOW_REV8:
        x64_eval(gen, to, node->a);
        x64_bswap(code_of(gen), to);
        break;
    case HOW_NONE:
        eval_call(gen, to, node);
        break;
    }
}

/* The second operand would be overwritten by computing the first one in its final place. */
static bool clobbers(enum x64_reg to, const struct node *node)
{
    bool swapped = commutes(node->op) && x64_home(node->b) == to && is_leaf(node->a);
    return node->b && reads(node->b, to) && !(swapped && !reads(node->a, to));
}

void x64_eval(struct gen *gen, enum x64_reg to, const struct node *node)
{
    if (is_leaf(node))
        x64_eval_leaf(gen, to, node);
    else if (clobbers(to, node)) {
        eval_in_place(gen, RAX, node);
        x64_mov_rr(code_of(gen), to, RAX, true);
    } else
        eval_in_place(gen, to, node);
}

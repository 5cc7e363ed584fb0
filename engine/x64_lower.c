/* x64_lower: trees of integer operations, memory accesses and control transfer as x86-64 code.
 *
 * eval(gen, R, tree) leaves the tree's value in R and may use RCX, and RDX unless R is it. RAX is the accumulator of
 * whatever cannot be computed in its final place. Guest registers are pinned or lie at [RBP + 8 * n - 128]. */
#include "x64_host.h"

#include <string.h>

#include "x64_fp.h"

static struct x64 *code_of(struct gen *gen) { return &gen->jit->code; }

static struct x64_mem x_mem(unsigned x) { return x64_at(HART_REG, (int32_t)(8 * x) - HART_BIAS); }

static bool fits32(uint64_t value) { return (uint64_t)(int64_t)(int32_t)value == value; }

/* The host register that holds the leaf already, or X64_NO_REG. */
static enum x64_reg home(const struct node *node)
{
    return node->op == NODE_X ? (enum x64_reg)x64_pinned[node->reg] : X64_NO_REG;
}

static bool is_leaf(const struct node *node) { return node->op == NODE_X || node->op == NODE_CONST; }

static bool reads(const struct node *node, enum x64_reg reg)
{
    if (!node)
        return false;
    return home(node) == reg || reads(node->a, reg) || reads(node->b, reg);
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
    if (node->op == NODE_OTHER)
        return false;
    if (node->op >= NODE_fp_add || node->op == NODE_F || node->op == NODE_UNBOX)
        return fp_can(gen, node);
    if (node->op == NODE_LOAD)
        return backend_can(gen, node->a);
    if (is_leaf(node))
        return true;
    return backend_can(gen, node->a) && (!node->b || backend_can(gen, node->b));
}

/* ---- evaluating ---- */

static void eval(struct gen *gen, enum x64_reg to, const struct node *node);

static void eval_leaf(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    if (node->op == NODE_CONST)
        x64_mov_ri(code, to, node->value);
    else if (home(node) != X64_NO_REG)
        x64_mov_rr(code, to, home(node), true);
    else
        x64_load(code, to, x_mem(node->reg), true);
}

/* The value in some register: its home, or `scratch`. */
static enum x64_reg in_reg(struct gen *gen, const struct node *node, enum x64_reg scratch)
{
    if (home(node) != X64_NO_REG)
        return home(node);
    eval(gen, scratch, node);
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
    } else if (home(b) != X64_NO_REG)
        x64_alu_rr(code, op, to, home(b), wide);
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
    if (commutes(node->op) && home(b) == to && is_leaf(a)) {
        a = node->b;
        b = node->a;
    }
    if (node->op == NODE_ADD && home(a) != X64_NO_REG && home(a) != to) {
        if (b->op == NODE_CONST && fits32(b->value)) {
            x64_lea(code, to, x64_at(home(a), (int32_t)b->value));
            return;
        }
        if (home(b) != X64_NO_REG) {
            x64_lea(code, to, x64_indexed(home(a), home(b), 1, 0));
            return;
        }
    }
    if (!is_leaf(b))
        eval(gen, RDX, b);
    eval(gen, to, a);
    alu_with(gen, (enum x64_alu)lowerings[node->op].detail, to, b, true);
}

static void eval_alu_not(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    eval(gen, RDX, node->b);
    x64_unary(code, X64_NOT, RDX, true);
    eval(gen, to, node->a);
    x64_alu_rr(code, (enum x64_alu)lowerings[node->op].detail, to, RDX, true);
}

static void eval_shift(struct gen *gen, enum x64_reg to, const struct node *node, bool wide)
{
    struct x64 *code = code_of(gen);
    enum x64_shift op = (enum x64_shift)lowerings[node->op].detail;
    if (node->b->op == NODE_CONST) {
        eval(gen, to, node->a);
        x64_shift_ri(code, op, to, (uint8_t)(node->b->value & (wide ? 63 : 31)), wide);
    } else {
        eval(gen, to, node->a);
        eval(gen, RCX, node->b);
        x64_shift_cl(code, op, to, wide);
    }
    if (!wide)
        x64_extend(code, to, to, 4, true);
}

static void eval_extend(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_reg from = in_reg(gen, node->a, to);
    x64_extend(code_of(gen), to, from, lowerings[node->op].detail, lowerings[node->op].is_signed);
}

/* Compares so that the returned condition tells a OP b. */
static enum x64_cond compare(struct gen *gen, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg a = in_reg(gen, node->a, RAX);
    if (node->b->op == NODE_CONST && node->b->value == 0)
        x64_test_rr(code, a, a, true);
    else
        alu_with(gen, X64_CMP, a, node->b, true);
    return (enum x64_cond)lowerings[node->op].detail;
}

static void eval_compare(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_cond cond = compare(gen, node);
    x64_setcc(code_of(gen), cond, RAX);
    x64_mov_rr(code_of(gen), to, RAX, true);
}

static void eval_mul(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    const struct node *a = node->a, *b = node->b;
    if (home(b) == to) {
        a = node->b;
        b = node->a;
    }
    eval(gen, to, a);
    if (b->op == NODE_X && home(b) == X64_NO_REG)
        x64_imul_rm(code, to, x_mem(b->reg), true);
    else
        x64_imul_rr(code, to, in_reg(gen, b, RCX), true);
}

static void eval_mul_high(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg b = in_reg(gen, node->b, RCX);
    eval(gen, RAX, node->a);
    x64_unary(code, (enum x64_unary)lowerings[node->op].detail, b, true);
    x64_mov_rr(code, to, RDX, true);
}

static void eval_min_max(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    enum x64_reg a = in_reg(gen, node->a, RCX);
    eval(gen, RAX, node->b);
    x64_alu_rr(code, X64_CMP, a, RAX, true);
    x64_cmov(code, (enum x64_cond)lowerings[node->op].detail, RAX, a);
    x64_mov_rr(code, to, RAX, true);
}

static void eval_count(struct gen *gen, enum x64_reg to, const struct node *node)
{
    enum x64_reg from = in_reg(gen, node->a, RAX);
    x64_bit_count(code_of(gen), lowerings[node->op].detail, to, from, lowerings[node->op].is_signed);
}

/* By calling the operation. */
static void eval_call(struct gen *gen, enum x64_reg to, const struct node *node)
{
    struct x64 *code = code_of(gen);
    if (node->b)
        eval(gen, RDX, node->b);
    eval(gen, RAX, node->a);
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
        eval(gen, to, node->a);
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
    bool swapped = commutes(node->op) && home(node->b) == to && is_leaf(node->a);
    return node->b && reads(node->b, to) && !(swapped && !reads(node->a, to));
}

static void eval(struct gen *gen, enum x64_reg to, const struct node *node)
{
    if (is_leaf(node))
        eval_leaf(gen, to, node);
    else if (clobbers(to, node)) {
        eval_in_place(gen, RAX, node);
        x64_mov_rr(code_of(gen), to, RAX, true);
    } else
        eval_in_place(gen, to, node);
}

void eval_to_rax(struct gen *gen, const struct node *node) { eval(gen, RAX, node); }

/* ---- cold code ---- */

static struct cold *add_cold(struct gen *gen, void (*emit)(struct gen *, const struct cold *), uint8_t *from)
{
    if (gen->ncold == GEN_COLD) {
        gen->failed = true;
        return &gen->cold[0];
    }
    struct cold *cold = &gen->cold[gen->ncold++];
    *cold = (struct cold){.emit = emit, .from = from, .insn = gen->insn};
    return cold;
}

/* ---- memory ---- */

/* The address of an access into RAX; RCX + RAX is then the host's. A jump is taken when the TLB misses; `found` is
 * where it goes on with an addend in RCX. */
static uint8_t *look_up(struct gen *gen, const struct node *address, unsigned size_bytes, size_t set_offset,
                        uint8_t **found)
{
    struct x64 *code = code_of(gen);
    size_t set = offsetof(struct hart, tlb) + gen->block->view * sizeof(struct tlb) + set_offset;
    struct x64_mem tag = x64_indexed(HART_REG, RCX, 1, (int32_t)(set + offsetof(struct tlb_entry, tag)) - HART_BIAS);
    struct x64_mem addend = tag;
    addend.disp += (int32_t)(offsetof(struct tlb_entry, addend) - offsetof(struct tlb_entry, tag));
    eval(gen, RAX, address);
    x64_mov_rr(code, RCX, RAX, false);
    x64_shift_ri(code, X64_SHR, RCX, PAGE_SHIFT - 4, false);
    x64_alu_ri(code, X64_AND, RCX, (TLB_ENTRIES - 1) << 4, false);
    x64_lea(code, RDX, x64_at(RAX, (int32_t)size_bytes - 1));
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    x64_alu_rm(code, X64_CMP, RDX, tag, true);
    uint8_t *miss = x64_jcc(code, CC_NE);
    x64_load(code, RCX, addend, true);
    *found = code->at;
    return miss;
}

_Static_assert(sizeof(struct tlb_entry) == 16, "look_up scales by it");

static void emit_site(struct gen *gen, const struct insn *insn, unsigned size_bytes)
{
    const struct insn *current = gen->insn;
    gen->insn = insn;
    x64_mov_ri64(code_of(gen), RCX, (uint64_t)gen_site(gen, size_bytes));
    gen->insn = current;
}

static void extend_loaded(struct x64 *code, enum x64_reg to, enum x64_reg from, enum memory_kind kind)
{
    if (kind == KIND_U64)
        x64_mov_rr(code, to, from, true);
    else
        x64_extend(code, to, from, kind_bytes(kind), kind >= KIND_S8);
}

/* After a slow load's value has gone where it belongs: on, or out. */
static void go_on_or_leave(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_cmp_mem8(code, HART_FIELD(leave), 0);
    x64_aim(x64_jcc(code, CC_E), cold->back);
    emit_site(gen, cold->insn, 0);
    x64_aim(x64_jmp(code), gen->jit->leave_after);
}

/* A load that missed may be found behind: then it goes on as if it had hit. */
static void look_behind(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_aim(x64_call(code), gen->jit->behind[gen->block->view]);
    x64_aim(x64_jcc(code, CC_E), cold->found);
}

static void cold_load(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    enum memory_kind kind = (enum memory_kind)cold->kind;
    look_behind(gen, cold);
    emit_site(gen, cold->insn, kind_bytes(kind));
    x64_aim(x64_call(code), gen->jit->slow_load);
    enum x64_reg home_reg = (enum x64_reg)x64_pinned[cold->to];
    enum x64_reg to = home_reg == X64_NO_REG ? RAX : home_reg;
    extend_loaded(code, to, RAX, kind);
    if (home_reg == X64_NO_REG)
        x64_store(code, x_mem(cold->to), RAX, 8);
    go_on_or_leave(gen, cold);
}

static void load_x(struct gen *gen, unsigned rd, const struct node *load)
{
    struct x64 *code = code_of(gen);
    unsigned size_bytes = kind_bytes(load->kind);
    uint8_t *found, *miss = look_up(gen, load->a, size_bytes, offsetof(struct tlb, load), &found);
    enum x64_reg to = x64_pinned[rd] == X64_NO_REG ? RAX : (enum x64_reg)x64_pinned[rd];
    struct x64_mem from = x64_indexed(RAX, RCX, 1, 0);
    if (load->kind == KIND_U64)
        x64_load(code, to, from, true);
    else
        x64_load_extend(code, to, from, size_bytes, load->kind >= KIND_S8);
    if (to == RAX)
        x64_store(code, x_mem(rd), RAX, 8);
    struct cold *cold = add_cold(gen, cold_load, miss);
    cold->to = (uint8_t)rd;
    cold->kind = (uint8_t)load->kind;
    cold->found = found;
    cold->back = code->at;
}

static void cold_load_f(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    uint32_t boxed = gen->boxed;
    look_behind(gen, cold);
    emit_site(gen, cold->insn, kind_bytes((enum memory_kind)cold->kind));
    x64_aim(x64_call(code), gen->jit->slow_load);
    fp_set_loaded(gen, cold->to, (enum memory_kind)cold->kind);
    gen->boxed = boxed;
    go_on_or_leave(gen, cold);
}

void load_f(struct gen *gen, unsigned rd, const struct node *load)
{
    struct x64 *code = code_of(gen);
    unsigned size_bytes = kind_bytes(load->kind);
    uint8_t *found, *miss = look_up(gen, load->a, size_bytes, offsetof(struct tlb, load), &found);
    struct x64_mem from = x64_indexed(RAX, RCX, 1, 0);
    if (size_bytes != 8 || !fp_load_direct(gen, rd, from)) {
        if (size_bytes == 8)
            x64_load(code, RAX, from, true);
        else
            x64_load_extend(code, RAX, from, size_bytes, false);
        fp_set_loaded(gen, rd, load->kind);
    }
    struct cold *cold = add_cold(gen, cold_load_f, miss);
    cold->to = (uint8_t)rd;
    cold->kind = (uint8_t)load->kind;
    cold->found = found;
    cold->back = code->at;
}

/* The value to store, as it lies: in a register, or loaded into RDX. */
static enum x64_reg stored_value(struct gen *gen, const struct node *value)
{
    if (home(value) != X64_NO_REG)
        return home(value);
    if (value->op == NODE_F)
        fp_bits_to_rdx(gen, value->reg);
    else
        eval_leaf(gen, RDX, value);
    return RDX;
}

static void cold_store(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    if (cold->from_reg != RDX)
        x64_mov_rr(code, RDX, (enum x64_reg)cold->from_reg, true);
    else
        stored_value(gen, cold->node);
    emit_site(gen, cold->insn, kind_bytes((enum memory_kind)cold->kind));
    x64_aim(x64_call(code), gen->jit->slow_store);
    x64_aim(x64_jmp(code), cold->back);
}

void backend_store(struct gen *gen, enum memory_kind kind, const struct node *address, const struct node *value)
{
    struct x64 *code = code_of(gen);
    unsigned size_bytes = kind_bytes(kind);
    uint8_t *found, *miss = look_up(gen, address, size_bytes, offsetof(struct tlb, store), &found);
    struct x64_mem to = x64_indexed(RAX, RCX, 1, 0);
    enum x64_reg from = RDX;
    if (value->op != NODE_F || !fp_store_direct(gen, to, value->reg, size_bytes)) {
        from = stored_value(gen, value);
        x64_store(code, to, from, size_bytes);
    }
    struct cold *cold = add_cold(gen, cold_store, miss);
    struct node *kept = gen_data(gen, sizeof *kept);
    if (kept)
        *kept = *value;
    cold->node = kept;
    cold->from_reg = (uint8_t)from;
    cold->kind = (uint8_t)kind;
    cold->back = code->at;
}

/* ---- setting registers ---- */

void backend_set_x(struct gen *gen, unsigned rd, const struct node *value)
{
    struct x64 *code = code_of(gen);
    enum x64_reg to = (enum x64_reg)x64_pinned[rd];
    if (value->op == NODE_LOAD)
        load_x(gen, rd, value);
    else if (fp_gives_x(value)) {
        fp_to_x(gen, value);
        if (to != X64_NO_REG)
            x64_mov_rr(code, to, RAX, true);
        else
            x64_store(code, x_mem(rd), RAX, 8);
        interpret_back(gen);
    } else if (to != X64_NO_REG)
        eval(gen, to, value);
    else if (value->op == NODE_CONST && fits32(value->value))
        x64_store_imm(code, x_mem(rd), (int32_t)value->value, 8);
    else {
        enum x64_reg from = in_reg(gen, value, RAX);
        x64_store(code, x_mem(rd), from, 8);
    }
}

void set_x_from_rcx(struct gen *gen, unsigned rd)
{
    if (x64_pinned[rd] != X64_NO_REG)
        x64_mov_rr(code_of(gen), (enum x64_reg)x64_pinned[rd], RCX, true);
    else
        x64_store(code_of(gen), x_mem(rd), RCX, 8);
}

/* ---- leaving ---- */

/* Instructions of the superblock that lie behind `insn`. */
static int32_t behind(const struct gen *gen, const struct insn *insn) { return gen->block->ninsns - insn->index - 1; }

static bool same_page(const struct gen *gen, uint64_t target)
{
    return target >> PAGE_SHIFT == gen->block->pc >> PAGE_SHIFT;
}

/* A jump (whose displacement is given) that leaves for a place in the same page: its stub, and what chains it. */
static void emit_exit(struct gen *gen, uint8_t *displacement, uint64_t target)
{
    struct x64 *code = code_of(gen);
    struct jit_exit *exit = gen_exit(gen, target);
    if (!exit)
        return;
    exit->patch = displacement;
    exit->stub = code->at;
    x64_aim(displacement, code->at);
    x64_mov_ri64(code, RAX, (uint64_t)exit);
    x64_aim(x64_jmp(code), gen->jit->unchained);
}

/* Leaves for `target` from here, the budget being right. */
static void emit_goto(struct gen *gen, uint64_t target)
{
    struct x64 *code = code_of(gen);
    if (same_page(gen, target)) {
        uint8_t *displacement = x64_jmp(code);
        emit_exit(gen, displacement, target);
        return;
    }
    x64_mov_ri(code, RDX, target);
    x64_aim(x64_jmp(code), gen->jit->lookup);
}

static void refund(struct gen *gen, const struct insn *insn)
{
    if (behind(gen, insn))
        x64_alu_ri(code_of(gen), X64_ADD, BUDGET_REG, behind(gen, insn), true);
}

static void cold_branch(struct gen *gen, const struct cold *cold)
{
    refund(gen, cold->insn);
    emit_goto(gen, cold->target);
}

void backend_branch(struct gen *gen, const struct node *condition, uint64_t target)
{
    struct x64 *code = code_of(gen);
    if (condition->op == NODE_CONST) {
        if (condition->value) {
            refund(gen, gen->insn);
            emit_goto(gen, target);
            gen->ended = true;
        }
        return;
    }
    enum x64_cond cond = compare(gen, condition);
    struct cold *cold = add_cold(gen, cold_branch, x64_jcc(code, cond));
    cold->target = target;
}

void backend_jump(struct gen *gen, unsigned rd, uint64_t link, const struct node *target)
{
    struct x64 *code = code_of(gen);
    struct node address = {.gen = gen, .op = NODE_CONST, .value = link};
    if (target->op != NODE_CONST)
        eval(gen, RAX, target);
    if (rd) {
        x64_mov_rr(code, RDX, RAX, true); /* what writing the link may clobber */
        backend_set_x(gen, rd, &address);
    }
    if (target->op == NODE_CONST) {
        emit_goto(gen, target->value);
        return;
    }
    if (!rd)
        x64_mov_rr(code, RDX, RAX, true);
    x64_aim(x64_jmp(code), gen->jit->lookup);
}

void backend_leave(struct gen *gen, uint64_t pc) { emit_goto(gen, pc); }

void backend_interpret(struct gen *gen)
{
    gen->boxed = 0; /* it may have set any of them */
    emit_site(gen, gen->insn, 0);
    x64_aim(x64_call(code_of(gen)), gen->jit->interpret);
}

static void cold_interpret(struct gen *gen, const struct cold *cold)
{
    emit_site(gen, cold->insn, 0);
    x64_aim(x64_call(code_of(gen)), gen->jit->interpret);
    x64_aim(x64_jmp(code_of(gen)), cold->back);
}

void interpret_instead(struct gen *gen, uint8_t *from) { add_cold(gen, cold_interpret, from); }

void interpret_back(struct gen *gen)
{
    for (; gen->interpreted < gen->ncold; gen->interpreted++)
        if (gen->cold[gen->interpreted].emit == cold_interpret)
            gen->cold[gen->interpreted].back = code_of(gen)->at;
}

/* Gives back everything from the current instruction on, and leaves before it. */
static void cold_give_up(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_alu_ri(code, X64_ADD, BUDGET_REG, behind(gen, cold->insn) + 1, true);
    x64_mov_ri(code, RAX, gen->block->pc + 2u * cold->insn->at);
    x64_store(code, HART_FIELD(s.pc), RAX, 8);
    x64_aim(x64_jmp(code), gen->jit->leave);
}

static void cold_load_fp(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_cmp_mem8(code, HART_FIELD(fp_state), FP_READY);
    uint8_t *off = x64_jcc(code, CC_NE);
    x64_aim(x64_call(code), gen->jit->load_fp);
    x64_aim(x64_jmp(code), cold->back);
    x64_aim(off, code->at);
    cold_give_up(gen, cold);
}

void backend_need_fp(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    if (gen->fp_checked)
        return;
    x64_cmp_mem8(code, HART_FIELD(fp_state), FP_LOADED);
    struct cold *cold = add_cold(gen, cold_load_fp, x64_jcc(code, CC_NE));
    cold->back = code->at;
    gen->fp_checked = true;
}

/* ---- a superblock ---- */

void backend_begin(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    gen->insn = &gen->block->insns[0];
    gen->block->entry_written = code->at;
    x64_alu_ri(code, X64_SUB, BUDGET_REG, gen->block->ninsns, true);
    add_cold(gen, cold_give_up, x64_jcc(code, CC_S));
}

const uint8_t *backend_end(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    for (unsigned n = 0; n < gen->ncold; n++) {
        x64_aim(gen->cold[n].from, code->at);
        gen->cold[n].emit(gen, &gen->cold[n]);
    }
    if (code->full || gen->failed) {
        code->at = gen->block->entry_written;
        code->full = false;
        return NULL;
    }
    return x64_executed(gen->jit, gen->block->entry_written);
}

struct jit_site *gen_site(struct gen *gen, unsigned size_bytes)
{
    struct jit_site *site = gen_data(gen, sizeof *site);
    if (site)
        *site = (struct jit_site){.insn = gen->insn,
                                  .block_pc = gen->block->pc,
                                  .charged = gen->block->ninsns,
                                  .size_bytes = (uint8_t)size_bytes};
    return site;
}

struct jit_exit *gen_exit(struct gen *gen, uint64_t target)
{
    struct jit_exit *exit = gen_data(gen, sizeof *exit);
    if (!exit)
        return NULL;
    *exit = (struct jit_exit){.target = target, .from = gen->block, .next_of_block = gen->block->exits};
    gen->block->exits = exit;
    return exit;
}

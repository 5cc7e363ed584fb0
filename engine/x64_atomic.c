/* x64_atomic: LR, SC and AMO as x86-64 code. Harts take turns, so that plain loads and stores do it. */
#include "x64_lower.h"

/* With a naturally aligned address that the TLB knows: its host address in RAX. Else the interpreter does all of it;
 * an address that is not aligned differs from every tag. */
static void place_aligned(struct gen *gen, const struct node *node, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    x64_eval(gen, RAX, node->a);
    x64_mov_rr(code, RDX, RAX, true);
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES | (int32_t)(kind_bytes(node->kind) - 1), true);
    x64_interpret_instead(gen, x64_emit_tlb(code, RAX, 0, (enum tlb_view)gen->block->view, set_offset));
    x64_alu_rr(code, X64_ADD, RAX, RCX, true);
}

/* What lies at RAX into RCX. */
static void load_old(struct gen *gen, enum memory_kind kind)
{
    if (kind == KIND_U64)
        x64_load(code_of(gen), RCX, x64_at(RAX, 0), true);
    else
        x64_load_extend(code_of(gen), RCX, x64_at(RAX, 0), kind_bytes(kind), true);
}

/* The physical address of RAX into `to`. */
static void physical(struct gen *gen, enum x64_reg to)
{
    const struct ram *ram = &gen->hart->engine->ram;
    x64_mov_ri64(code_of(gen), to, ram->base - (uint64_t)ram->bytes);
    x64_alu_rr(code_of(gen), X64_ADD, to, RAX, true);
}

static void load_reserved(struct gen *gen, const struct node *node)
{
    place_aligned(gen, node, LOADS);
    load_old(gen, node->kind);
    physical(gen, RDX);
    x64_store(code_of(gen), HART_FIELD(s.reservation), RDX, 8);
}

static void store_conditional(struct gen *gen, const struct node *node)
{
    struct x64 *code = code_of(gen);
    place_aligned(gen, node, STORES);
    x64_mark_stored(gen, x64_at(RAX, 0), 1);
    physical(gen, RCX);
    x64_eval(gen, RDX, node->b);
    x64_alu_rm(code, X64_CMP, RCX, HART_FIELD(s.reservation), true);
    x64_store_imm(code, HART_FIELD(s.reservation), -1, 8);
    uint8_t *failed = x64_jcc(code, CC_NE);
    x64_store(code, x64_at(RAX, 0), RDX, kind_bytes(node->kind));
    x64_aim(failed, code->at);
    x64_setcc(code, CC_NE, RCX); /* no store changes the flags */
}

/* How old RCX and operand RDX become the new value in RDX: by an operation, or by taking the old one on a condition. */
struct combination {
    bool chooses;
    uint8_t detail;
};
static const struct combination combinations[NODE_COUNT] = {
    [NODE_ADD] = {false, X64_ADD}, [NODE_XOR] = {false, X64_XOR}, [NODE_AND] = {false, X64_AND},
    [NODE_OR] = {false, X64_OR},   [NODE_MIN] = {true, CC_L},     [NODE_MAX] = {true, CC_G},
    [NODE_MINU] = {true, CC_B},    [NODE_MAXU] = {true, CC_A},
};

static void combine(struct gen *gen, enum node_op op)
{
    struct x64 *code = code_of(gen);
    if (op == NODE_SECOND)
        return;
    if (!combinations[op].chooses) {
        x64_alu_rr(code, (enum x64_alu)combinations[op].detail, RDX, RCX, true);
        return;
    }
    x64_alu_rr(code, X64_CMP, RCX, RDX, true);
    x64_cmov(code, (enum x64_cond)combinations[op].detail, RDX, RCX);
}

static void read_modify_write(struct gen *gen, const struct node *node)
{
    place_aligned(gen, node, STORES);
    x64_mark_stored(gen, x64_at(RAX, 0), 1);
    x64_eval(gen, RDX, node->b);
    load_old(gen, node->kind);
    combine(gen, (enum node_op)node->value);
    x64_store(code_of(gen), x64_at(RAX, 0), RDX, kind_bytes(node->kind));
}

void backend_atomic(struct gen *gen, unsigned rd, const struct node *node)
{
    if (node->op == NODE_LOAD_RESERVED)
        load_reserved(gen, node);
    else if (node->op == NODE_STORE_CONDITIONAL)
        store_conditional(gen, node);
    else
        read_modify_write(gen, node);
    if (rd)
        x64_set_from_rcx(gen, rd);
    x64_interpret_back(gen);
}

#include "x64_fp.h"

struct x64_mem fp_mem(unsigned reg)
{
    return x64_at(HART_REG, (int32_t)(offsetof(struct hart, s.f) + 8 * reg) - HART_BIAS);
}

static bool is_raw_load(const struct node *node) { return node->op == NODE_LOAD; }

bool fp_can(const struct gen *gen, const struct node *node)
{
    (void)gen;
    return node->op == NODE_F;
}

void fp_set_bits(struct gen *gen, unsigned rd, enum memory_kind kind, enum x64_reg bits)
{
    struct x64 *code = &gen->jit->code;
    struct x64_mem high = fp_mem(rd);
    switch (kind_bytes(kind)) {
    case 8:
        x64_store(code, fp_mem(rd), bits, 8);
        break;
    case 4:
        high.disp += 4;
        x64_store(code, fp_mem(rd), bits, 4);
        x64_store_imm(code, high, -1, 4);
        break;
    default:
        x64_alu_ri(code, X64_OR, bits, -65536, true);
        x64_store(code, fp_mem(rd), bits, 8);
    }
}

void fp_to_x(struct gen *gen, const struct node *value)
{
    struct x64 *code = &gen->jit->code;
    const struct node *from = value->op == NODE_F ? value : value->a;
    if (value->op == NODE_SEXT32)
        x64_load_extend(code, RAX, fp_mem(from->reg), 4, true);
    else if (value->op == NODE_SEXT16)
        x64_load_extend(code, RAX, fp_mem(from->reg), 2, true);
    else
        x64_load(code, RAX, fp_mem(from->reg), true);
}

void backend_set_f(struct gen *gen, unsigned rd, enum fp_format format, const struct node *value)
{
    (void)format;
    if (is_raw_load(value))
        load_f(gen, rd, value);
    else
        backend_interpret(gen);
}

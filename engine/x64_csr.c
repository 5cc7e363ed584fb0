/* x64_csr: CSRs that are a field of the hart, and SIE in sstatus, as x86-64 code. */
#include "x64_lower.h"

/* RDX becomes what the instruction makes of the old value, RCX, and RDX. */
static void modify(struct gen *gen, enum csr_how how)
{
    struct x64 *code = code_of(gen);
    if (how == CSR_SET)
        x64_alu_rr(code, X64_OR, RDX, RCX, true);
    else if (how == CSR_CLEAR) {
        x64_unary(code, X64_NOT, RDX, true);
        x64_alu_rr(code, X64_AND, RDX, RCX, true);
    }
}

bool backend_csr_field(struct gen *gen, enum csr_how how, size_t field, uint64_t writable, const struct node *value)
{
    struct x64 *code = code_of(gen);
    const struct x64_mem mem = x64_at(HART_REG, (int32_t)field - HART_BIAS);
    if (value && !fits32(writable))
        return false;
    if (value)
        x64_eval(gen, RDX, value);
    x64_load(code, RCX, mem, true);
    if (value) {
        modify(gen, how);
        if (writable != UINT64_MAX) { /* RDX = RCX ^ ((RDX ^ RCX) & writable) */
            x64_alu_rr(code, X64_XOR, RDX, RCX, true);
            x64_alu_ri(code, X64_AND, RDX, (int32_t)writable, true);
            x64_alu_rr(code, X64_XOR, RDX, RCX, true);
        }
        x64_store(code, mem, RDX, 8);
    }
    if (gen->insn->rd)
        x64_set_from_rcx(gen, gen->insn->rd);
    return true;
}

/* RCX, which is mstatus, becomes sstatus as it is read. */
static void as_sstatus(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    x64_mov_rr(code, RDX, RCX, false);
    x64_unary(code, X64_NOT, RDX, false);
    x64_alu_ri(code, X64_AND, RDX, (int32_t)MSTATUS_FS, false); /* 0: Dirty */
    x64_setcc(code, CC_E, RDX);
    x64_shift_ri(code, X64_SHL, RDX, 63, true);
    x64_mov_ri64(code, RAX, SSTATUS_MASK & ~MSTATUS_SD);
    x64_alu_rr(code, X64_AND, RCX, RAX, true);
    x64_alu_rr(code, X64_OR, RCX, RDX, true);
}

/* Anything in RDX but SIE is the interpreter's; and so is SIE when an interrupt waits for it. */
static void only_harmless(struct gen *gen, enum csr_how how)
{
    struct x64 *code = code_of(gen);
    x64_mov_rr(code, RAX, RDX, true);
    x64_alu_ri(code, X64_AND, RAX, ~(int32_t)MSTATUS_SIE, true);
    x64_interpret_instead(gen, x64_jcc(code, CC_NE));
    if (how == CSR_CLEAR)
        return;
    x64_load(code, RAX, HART_FIELD(s.mip_soft), true);
    x64_alu_rm(code, X64_OR, RAX, HART_FIELD(s.mip_lines), true);
    x64_alu_rm(code, X64_AND, RAX, HART_FIELD(s.mie), true);
    x64_interpret_instead(gen, x64_jcc(code, CC_NE));
}

void backend_sstatus(struct gen *gen, enum csr_how how, const struct node *value)
{
    struct x64 *code = code_of(gen);
    if (value) {
        x64_eval(gen, RDX, value);
        only_harmless(gen, how);
    }
    x64_load(code, RCX, HART_FIELD(s.mstatus), true);
    if (value) {
        modify(gen, how);
        x64_store(code, HART_FIELD(s.mstatus), RDX, 8);
    }
    if (gen->insn->rd) {
        as_sstatus(gen);
        x64_set_from_rcx(gen, gen->insn->rd);
    }
    x64_interpret_back(gen);
}

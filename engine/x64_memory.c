/* x64_memory: loads, stores and registers as x86-64 code. */
#include "x64_fp.h"
#include "x64_lower.h"

/* ---- memory ---- */

/* The TLB's sets of a kind of access: offset in struct tlb. */
enum { LOADS = offsetof(struct tlb, load), STORES = offsetof(struct tlb, store) };

/* With an address in RAX: RCX gets the addend of its page. A jump is taken when the TLB does not know the page of
 * RAX, or the last of size_bytes lies in another; RDX is then that page. */
static uint8_t *look_up(struct gen *gen, unsigned size_bytes, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    size_t set = offsetof(struct hart, tlb) + gen->block->view * sizeof(struct tlb) + set_offset;
    struct x64_mem tag = x64_indexed(HART_REG, RCX, 1, (int32_t)(set + offsetof(struct tlb_entry, tag)) - HART_BIAS);
    struct x64_mem addend = tag;
    addend.disp += (int32_t)(offsetof(struct tlb_entry, addend) - offsetof(struct tlb_entry, tag));
    x64_mov_rr(code, RCX, RAX, false);
    x64_shift_ri(code, X64_SHR, RCX, PAGE_SHIFT - 4, false);
    x64_alu_ri(code, X64_AND, RCX, (TLB_ENTRIES - 1) << 4, false);
    x64_lea(code, RDX, x64_at(RAX, (int32_t)size_bytes - 1));
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    x64_alu_rm(code, X64_CMP, RDX, tag, true);
    uint8_t *miss = x64_jcc(code, CC_NE);
    x64_load(code, RCX, addend, true);
    return miss;
}

_Static_assert(sizeof(struct tlb_entry) == 16, "look_up scales by it");

/* ---- windows ---- */

static struct x64_mem slot(unsigned window) { return x64_at(RSP, (int32_t)(8 * window)); }

static void cold_window_load(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_aim(x64_call(code), gen->jit->behind[gen->block->view]);
    x64_aim(x64_jcc(code, CC_E), cold->found);
    x64_give_up(gen, cold);
}

/* The base register into RAX, plus an offset. */
static void base_to_rax(struct gen *gen, int32_t offset)
{
    struct x64 *code = code_of(gen);
    const struct node base = {.gen = gen, .op = NODE_X, .reg = gen->insn->rs1};
    if (x64_home(&base) != X64_NO_REG) {
        x64_lea(code, RAX, x64_at(x64_home(&base), offset));
        return;
    }
    x64_eval(gen, RAX, &base);
    if (offset)
        x64_alu_ri(code, X64_ADD, RAX, offset, true);
}

/* The current instruction's place in its window (numbered from 0). */
static struct x64_mem place_in_window(struct gen *gen, unsigned number, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[number];
    const struct node base = {.gen = gen, .op = NODE_X, .reg = gen->insn->rs1};
    if (window->first == gen->insn->index) {
        base_to_rax(gen, window->min);
        uint8_t *miss = look_up(gen, (unsigned)(window->end - window->min), set_offset);
        struct cold *cold = x64_add_cold(gen, set_offset == LOADS ? cold_window_load : x64_give_up, miss);
        cold->found = code->at;
        x64_store(code, slot(number), RCX, 8);
        return x64_indexed(RAX, RCX, 1, gen->insn->imm - window->min);
    }
    x64_load(code, RCX, slot(number), true);
    return x64_indexed(x64_in_reg(gen, &base, RAX), RCX, 1, gen->insn->imm);
}

/* Where the current instruction's access finds its bytes. *miss: the jump taken when that is not known, NULL when it
 * is certain; *found: where it goes on with an addend in RCX. */
static struct x64_mem place(struct gen *gen, const struct node *address, unsigned size_bytes, size_t set_offset,
                            uint8_t **miss, uint8_t **found)
{
    unsigned window = gen->window_of[gen->insn->index];
    *miss = *found = NULL;
    if (window)
        return place_in_window(gen, window - 1, set_offset);
    x64_eval(gen, RAX, address);
    *miss = look_up(gen, size_bytes, set_offset);
    *found = code_of(gen)->at;
    return x64_indexed(RAX, RCX, 1, 0);
}

/* ---- slow accesses ---- */

void x64_emit_site(struct gen *gen, const struct insn *insn, unsigned size_bytes)
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
    x64_emit_site(gen, cold->insn, 0);
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
    x64_emit_site(gen, cold->insn, kind_bytes(kind));
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
    uint8_t *found, *miss;
    struct x64_mem from = place(gen, load->a, size_bytes, LOADS, &miss, &found);
    enum x64_reg to = x64_pinned[rd] == X64_NO_REG ? RAX : (enum x64_reg)x64_pinned[rd];
    if (load->kind == KIND_U64)
        x64_load(code, to, from, true);
    else
        x64_load_extend(code, to, from, size_bytes, load->kind >= KIND_S8);
    if (to == RAX)
        x64_store(code, x_mem(rd), RAX, 8);
    if (!miss)
        return;
    struct cold *cold = x64_add_cold(gen, cold_load, miss);
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
    x64_emit_site(gen, cold->insn, kind_bytes((enum memory_kind)cold->kind));
    x64_aim(x64_call(code), gen->jit->slow_load);
    fp_set_loaded(gen, cold->to, (enum memory_kind)cold->kind);
    gen->boxed = boxed;
    go_on_or_leave(gen, cold);
}

void x64_load_f(struct gen *gen, unsigned rd, const struct node *load)
{
    struct x64 *code = code_of(gen);
    unsigned size_bytes = kind_bytes(load->kind);
    uint8_t *found, *miss;
    struct x64_mem from = place(gen, load->a, size_bytes, LOADS, &miss, &found);
    if (size_bytes != 8 || !fp_load_direct(gen, rd, from)) {
        if (size_bytes == 8)
            x64_load(code, RAX, from, true);
        else
            x64_load_extend(code, RAX, from, size_bytes, false);
        fp_set_loaded(gen, rd, load->kind);
    }
    if (!miss)
        return;
    struct cold *cold = x64_add_cold(gen, cold_load_f, miss);
    cold->to = (uint8_t)rd;
    cold->kind = (uint8_t)load->kind;
    cold->found = found;
    cold->back = code->at;
}

/* The value to store, as it lies: in a register, or loaded into RDX. */
static enum x64_reg stored_value(struct gen *gen, const struct node *value)
{
    if (x64_home(value) != X64_NO_REG)
        return x64_home(value);
    if (value->op == NODE_F)
        fp_bits_to_rdx(gen, value->reg);
    else
        x64_eval(gen, RDX, value);
    return RDX;
}

static void cold_store(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    if (cold->from_reg != RDX)
        x64_mov_rr(code, RDX, (enum x64_reg)cold->from_reg, true);
    else
        stored_value(gen, cold->node);
    x64_emit_site(gen, cold->insn, kind_bytes((enum memory_kind)cold->kind));
    x64_aim(x64_call(code), gen->jit->slow_store);
    x64_aim(x64_jmp(code), cold->back);
}

void backend_store(struct gen *gen, enum memory_kind kind, const struct node *address, const struct node *value)
{
    struct x64 *code = code_of(gen);
    unsigned size_bytes = kind_bytes(kind);
    uint8_t *found, *miss;
    struct x64_mem to = place(gen, address, size_bytes, STORES, &miss, &found);
    enum x64_reg from = RDX;
    if (value->op != NODE_F || !fp_store_direct(gen, to, value->reg, size_bytes)) {
        from = stored_value(gen, value);
        x64_store(code, to, from, size_bytes);
    }
    if (!miss)
        return;
    struct cold *cold = x64_add_cold(gen, cold_store, miss);
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
        x64_interpret_back(gen);
    } else if (to != X64_NO_REG)
        x64_eval(gen, to, value);
    else if (value->op == NODE_CONST && fits32(value->value))
        x64_store_imm(code, x_mem(rd), (int32_t)value->value, 8);
    else {
        enum x64_reg from = x64_in_reg(gen, value, RAX);
        x64_store(code, x_mem(rd), from, 8);
    }
}

void x64_set_from_rcx(struct gen *gen, unsigned rd)
{
    if (x64_pinned[rd] != X64_NO_REG)
        x64_mov_rr(code_of(gen), (enum x64_reg)x64_pinned[rd], RCX, true);
    else
        x64_store(code_of(gen), x_mem(rd), RCX, 8);
}

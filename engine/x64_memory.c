/* x64_memory: loads, stores and registers as x86-64 code. */
#include "x64_fp.h"
#include "x64_lower.h"

/* ---- memory ---- */

uint8_t *x64_look_up(struct gen *gen, unsigned size_bytes, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    x64_lea(code, RDX, x64_at(RAX, (int32_t)size_bytes - 1));
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    return x64_emit_tlb(code, (enum tlb_view)gen->block->view, set_offset);
}

/* Where the current instruction's access finds its bytes. *miss: the jump taken when that is not known, NULL when it
 * is certain; *found: where it goes on with an addend in RCX. */
static struct x64_mem place(struct gen *gen, const struct node *address, unsigned size_bytes, size_t set_offset,
                            uint8_t **miss, uint8_t **found)
{
    unsigned window = gen->window_of[gen->insn->index];
    *miss = *found = NULL;
    if (window)
        return x64_place_in_window(gen, window - 1, miss, found);
    x64_eval(gen, RAX, address);
    *miss = x64_look_up(gen, size_bytes, set_offset);
    *found = code_of(gen)->at;
    return x64_indexed(RAX, RCX, 1, 0);
}

/* ---- marking ---- */

static void mark(struct x64 *code, enum x64_reg host)
{
    x64_shift_ri(code, X64_SHR, host, FOOTPRINT_SHIFT, true);
    x64_alu_rm(code, X64_ADD, host, HART_FIELD(mark_bias), true);
    x64_store_imm(code, x64_at(host, 0), 1, 1);
}

void x64_mark_stored(struct gen *gen, struct x64_mem to, unsigned size_bytes)
{
    struct x64 *code = code_of(gen);
    if (!gen->hart->engine->marks)
        return;
    struct x64_mem last = to;
    last.disp += (int32_t)size_bytes - 1;
    if (size_bytes > 1)
        x64_lea(code, RDX, last);
    x64_lea(code, RCX, to);
    mark(code, RCX);
    if (size_bytes > 1)
        mark(code, RDX);
}

/* ---- slow accesses ---- */

struct jit_site *x64_emit_site(struct gen *gen, const struct insn *insn, unsigned size_bytes)
{
    const struct insn *current = gen->insn;
    gen->insn = insn;
    struct jit_site *site = gen_site(gen, size_bytes);
    x64_mov_ri64(code_of(gen), RCX, (uint64_t)site);
    gen->insn = current;
    return site;
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
    if (gen->window_of[cold->insn->index]) {
        x64_refill_slot(gen, cold);
        return;
    }
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
    bool pinned = x64_pinned[rd] != X64_NO_REG;
    enum x64_reg to = pinned ? (enum x64_reg)x64_pinned[rd] : RDX;
    if (load->kind == KIND_U64)
        x64_load(code, to, from, true);
    else
        x64_load_extend(code, to, from, size_bytes, load->kind >= KIND_S8);
    if (!pinned)
        x64_store(code, x_mem(rd), to, 8);
    if (!miss)
        return;
    struct cold *cold = x64_add_cold(gen, cold_load, miss);
    cold->to = (uint8_t)rd;
    cold->kind = (uint8_t)load->kind;
    cold->found = found;
    cold->back = x64_come_back(gen);
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
    cold->back = x64_come_back(gen);
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
    if (gen->window_of[cold->insn->index])
        x64_refill_slot(gen, cold);
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
    x64_mark_stored(gen, to, size_bytes);
    if (!miss)
        return;
    struct cold *cold = x64_add_cold(gen, cold_store, miss);
    struct node *kept = gen_data(gen, sizeof *kept);
    if (kept)
        *kept = *value;
    cold->node = kept;
    cold->from_reg = (uint8_t)from;
    cold->kind = (uint8_t)kind;
    cold->found = found;
    cold->back = x64_come_back(gen);
}

/* The cache block at RAX + RCX. */
static void mark_block(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    _Static_assert(CACHE_BLOCK_BYTES >> FOOTPRINT_SHIFT == 8, "eight marks");
    if (!gen->hart->engine->marks)
        return;
    x64_alu_rr(code, X64_ADD, RCX, RAX, true);
    x64_shift_ri(code, X64_SHR, RCX, FOOTPRINT_SHIFT, true);
    x64_alu_rm(code, X64_ADD, RCX, HART_FIELD(mark_bias), true);
    x64_mov_ri64(code, RDX, UINT64_C(0x0101010101010101));
    x64_store(code, x64_at(RCX, 0), RDX, 8);
}

bool backend_zero_block(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    const struct node base = {.gen = gen, .op = NODE_X, .reg = gen->insn->rs1};
    if (gen->block->view == VIEW_U)
        return false;
    if (gen->block->view != VIEW_M) {
        x64_load(code, RAX, HART_FIELD(s.menvcfg), true);
        x64_alu_ri(code, X64_AND, RAX, (int32_t)ENVCFG_CBZE, true);
        x64_interpret_instead(gen, x64_jcc(code, CC_E));
    }
    x64_eval(gen, RAX, &base);
    x64_alu_ri(code, X64_AND, RAX, -CACHE_BLOCK_BYTES, true);
    x64_interpret_instead(gen, x64_look_up(gen, CACHE_BLOCK_BYTES, STORES));
    for (int32_t at = 0; at < CACHE_BLOCK_BYTES; at += 8)
        x64_store_imm(code, x64_indexed(RAX, RCX, 1, at), 0, 8);
    mark_block(gen);
    x64_interpret_back(gen);
    return true;
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

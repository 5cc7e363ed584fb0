/* x64_memory: loads, stores and registers as x86-64 code. */
#include "x64_fp.h"
#include "x64_lower.h"

/* ---- memory ---- */

struct address x64_address_of(struct gen *gen, const struct insn *insn, int32_t offset)
{
    const struct node base = {.gen = gen, .op = NODE_X, .reg = insn->rs1};
    if (x64_home(&base) != X64_NO_REG)
        return (struct address){x64_home(&base), offset};
    x64_eval(gen, RAX, &base);
    if (offset)
        x64_alu_ri(code_of(gen), X64_ADD, RAX, offset, true);
    return (struct address){RAX, 0};
}

void x64_address_to_rax(struct gen *gen, struct address address)
{
    struct x64 *code = code_of(gen);
    if (address.reg == X64_NO_REG)
        x64_mov_ri(code, RAX, (uint64_t)(int64_t)address.offset);
    else if (address.offset)
        x64_lea(code, RAX, x64_at(address.reg, address.offset));
    else
        x64_mov_rr(code, RAX, address.reg, true);
}

uint8_t *x64_look_up(struct gen *gen, enum x64_reg base, int32_t offset, unsigned size_bytes, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    x64_lea(code, RDX, x64_at(base, offset + (int32_t)size_bytes - 1));
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    return x64_emit_tlb(code, base, offset, (enum tlb_view)gen->block->view, set_offset);
}

/* The same for an address that is known, and may be anywhere in its page. */
static uint8_t *look_up_constant(struct gen *gen, uint64_t address, size_t set_offset)
{
    struct x64 *code = code_of(gen);
    const size_t slot = (address >> PAGE_SHIFT) % TLB_ENTRIES * sizeof(struct tlb_entry);
    const int32_t entry = x64_tlb_set((enum tlb_view)gen->block->view, set_offset) + (int32_t)slot;
    x64_mov_ri(code, RDX, address & -(uint64_t)PAGE_BYTES);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(HART_REG, entry + (int32_t)offsetof(struct tlb_entry, tag)), true);
    uint8_t *miss = x64_jcc(code, CC_NE);
    x64_load(code, RCX, x64_at(HART_REG, entry + (int32_t)offsetof(struct tlb_entry, addend)), true);
    return miss;
}

/* Where the current instruction's access finds its bytes. */
struct place {
    struct x64_mem at;
    uint8_t *miss;  /* the jump taken when that is not known, NULL when it is certain */
    uint8_t *found; /* where it goes on with an addend in RCX */
    struct address address;
};

static bool is_near_constant(const struct node *address, unsigned size_bytes)
{
    return address->op == NODE_CONST && fits32(address->value) &&
           (address->value & (PAGE_BYTES - 1)) + size_bytes <= PAGE_BYTES;
}

static struct place place_alone(struct gen *gen, const struct node *address, unsigned size_bytes, size_t set_offset)
{
    struct place place = {.address = {.reg = RAX}};
    if (is_near_constant(address, size_bytes)) {
        place.address = (struct address){.reg = X64_NO_REG, .offset = (int32_t)address->value};
        place.miss = look_up_constant(gen, address->value, set_offset);
        place.at = x64_at(RCX, place.address.offset);
    } else {
        if (address->op == NODE_CONST)
            x64_eval(gen, RAX, address);
        else
            place.address = x64_address_of(gen, gen->insn, gen->insn->imm);
        place.miss = x64_look_up(gen, place.address.reg, place.address.offset, size_bytes, set_offset);
        place.at = x64_indexed(place.address.reg, RCX, 1, place.address.offset);
    }
    place.found = code_of(gen)->at;
    return place;
}

static struct place find_place(struct gen *gen, const struct node *address, unsigned size_bytes, size_t set_offset)
{
    unsigned window = gen->window_of[gen->insn->index];
    if (!window)
        return place_alone(gen, address, size_bytes, set_offset);
    struct place place = {.address = {.reg = RAX}};
    place.at = x64_place_in_window(gen, window - 1, &place.miss, &place.found);
    return place;
}

/* For a miss of the current instruction's access; it must be emitted already. */
static struct cold *add_miss(struct gen *gen, void (*emit)(struct gen *, const struct cold *),
                             const struct place *place, enum memory_kind kind)
{
    struct cold *cold = x64_add_cold(gen, emit, place->miss);
    cold->kind = (uint8_t)kind;
    cold->address = place->address;
    cold->found = place->found;
    cold->back = x64_come_back(gen);
    return cold;
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
    x64_address_to_rax(gen, cold->address);
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
    const struct place place = find_place(gen, load->a, size_bytes, LOADS);
    bool pinned = x64_pinned[rd] != X64_NO_REG;
    enum x64_reg to = pinned ? (enum x64_reg)x64_pinned[rd] : RDX;
    if (load->kind == KIND_U64)
        x64_load(code, to, place.at, true);
    else
        x64_load_extend(code, to, place.at, size_bytes, load->kind >= KIND_S8);
    if (!pinned)
        x64_store(code, x_mem(rd), to, 8);
    if (place.miss)
        add_miss(gen, cold_load, &place, load->kind)->to = (uint8_t)rd;
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
    const struct place place = find_place(gen, load->a, size_bytes, LOADS);
    if (size_bytes != 8 || !fp_load_direct(gen, rd, place.at)) {
        if (size_bytes == 8)
            x64_load(code, RAX, place.at, true);
        else
            x64_load_extend(code, RAX, place.at, size_bytes, false);
        fp_set_loaded(gen, rd, load->kind);
    }
    if (place.miss)
        add_miss(gen, cold_load_f, &place, load->kind)->to = (uint8_t)rd;
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
    x64_address_to_rax(gen, cold->address);
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
    const struct place place = find_place(gen, address, size_bytes, STORES);
    enum x64_reg from = RDX;
    if (value->op != NODE_F || !fp_store_direct(gen, place.at, value->reg, size_bytes)) {
        from = stored_value(gen, value);
        x64_store(code, place.at, from, size_bytes);
    }
    x64_mark_stored(gen, place.at, size_bytes);
    if (!place.miss)
        return;
    struct cold *cold = add_miss(gen, cold_store, &place, kind);
    struct node *kept = gen_data(gen, sizeof *kept);
    if (kept)
        *kept = *value;
    cold->node = kept;
    cold->from_reg = (uint8_t)from;
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
    x64_interpret_instead(gen, x64_look_up(gen, RAX, 0, CACHE_BLOCK_BYTES, STORES));
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

/* x64_flow: leaving a superblock, going on elsewhere, and putting one together. */
#include "x64_fp.h"
#include "x64_lower.h"

/* ---- cold code ---- */

struct cold *x64_add_cold(struct gen *gen, void (*emit)(struct gen *, const struct cold *), uint8_t *from)
{
    if (gen->ncold == GEN_COLD) {
        gen->failed = true;
        return &gen->cold[0];
    }
    struct cold *cold = &gen->cold[gen->ncold++];
    *cold = (struct cold){.emit = emit, .from = from, .insn = gen->insn};
    return cold;
}

uint8_t *x64_come_back(struct gen *gen)
{
    code_of(gen)->written = UINT32_MAX;
    return code_of(gen)->at;
}

/* ---- leaving ---- */

/* Instructions of the superblock that lie behind `insn`. */
static int32_t behind(const struct gen *gen, const struct insn *insn) { return gen->block->ninsns - insn->index - 1; }

/* Is all that is executed there as long in this page as this superblock is? An instruction that begins with the last
 * two bytes hangs on the next page as well. */
static bool same_page(const struct gen *gen, uint64_t target)
{
    return target >> PAGE_SHIFT == gen->block->pc >> PAGE_SHIFT && (target & (PAGE_BYTES - 1)) != PAGE_BYTES - 2;
}

/* A jump that leaves for a place in the same page: its stub, and what chains it. */
static void cold_exit(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    struct jit_exit *exit = gen_exit(gen, cold->target);
    if (!exit)
        return;
    exit->patch = cold->from;
    exit->stub = code->at;
    x64_mov_ri64(code, RAX, (uint64_t)exit);
    x64_aim(x64_jmp(code), gen->jit->unchained);
}

/* Leaves for `target` from here, the budget being right. */
static void emit_goto(struct gen *gen, uint64_t target)
{
    struct x64 *code = code_of(gen);
    if (same_page(gen, target)) {
        x64_add_cold(gen, cold_exit, x64_jmp(code))->target = target;
        return;
    }
    const int32_t place = (int32_t)(jump_slot(target) * sizeof(struct entry));
    x64_mov_ri(code, RDX, target);
    x64_load(code, RAX, HART_FIELD(entries), true);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RAX, place + (int32_t)offsetof(struct entry, pc)), true);
    x64_aim(x64_jcc(code, CC_NE), gen->jit->missed);
    x64_jmp_m(code, x64_at(RAX, place + (int32_t)offsetof(struct entry, code)));
}

static void give_back(struct gen *gen, int32_t ninsns)
{
    int32_t charge = (int32_t)jit_charge((unsigned)ninsns);
    if (charge)
        x64_alu_ri(code_of(gen), X64_ADD, BUDGET_REG, charge, true);
}

static void refund(struct gen *gen, const struct insn *insn) { give_back(gen, behind(gen, insn)); }

/* Another turn of the loop, or a jump out. */
static void emit_turn_or_goto(struct gen *gen, uint64_t target)
{
    if (gen->block->turn_insns && target == gen->block->pc)
        x64_aim(x64_jmp(code_of(gen)), gen->again);
    else
        emit_goto(gen, target);
}

static void cold_branch(struct gen *gen, const struct cold *cold)
{
    refund(gen, cold->insn);
    emit_turn_or_goto(gen, cold->target);
}

void backend_branch(struct gen *gen, const struct node *condition, uint64_t target)
{
    struct x64 *code = code_of(gen);
    if (condition->op == NODE_CONST) {
        if (condition->value) {
            refund(gen, gen->insn);
            emit_turn_or_goto(gen, target);
            gen->ended = true;
        }
        return;
    }
    enum x64_cond cond = x64_compare(gen, condition);
    if (gen->block->turn_insns && target == gen->block->pc && behind(gen, gen->insn) == 0) {
        x64_aim(x64_jcc(code, cond), gen->again);
        return;
    }
    struct cold *cold = x64_add_cold(gen, cold_branch, x64_jcc(code, cond));
    cold->target = target;
    cold->near = true;
}

/* The tree of a jump's target without the AND that clears bit 0, which the look-up does not need. */
static const struct node *without_bit_0(const struct node *target)
{
    bool cleared = target->op == NODE_AND && target->b->op == NODE_CONST && target->b->value == ~UINT64_C(1);
    return cleared ? target->a : target;
}

void backend_jump(struct gen *gen, unsigned rd, uint64_t link, const struct node *target)
{
    struct x64 *code = code_of(gen);
    struct node address = {.gen = gen, .op = NODE_CONST, .value = link};
    if (target->op != NODE_CONST)
        x64_eval(gen, RDX, without_bit_0(target));
    if (rd)
        backend_set_x(gen, rd, &address);
    if (target->op == NODE_CONST) {
        if (rd)
            emit_goto(gen, target->value);
        else
            emit_turn_or_goto(gen, target->value);
        return;
    }
    x64_emit_lookup(code);
    x64_aim(x64_jmp(code), gen->jit->missed);
}

void backend_leave(struct gen *gen, uint64_t pc) { emit_goto(gen, pc); }

void backend_interpret(struct gen *gen)
{
    gen->boxed = 0; /* it may have set any of them */
    x64_emit_site(gen, gen->insn, 0);
    x64_aim(x64_call(code_of(gen)), gen->jit->interpret);
}

static void cold_interpret(struct gen *gen, const struct cold *cold)
{
    x64_emit_site(gen, cold->insn, 0);
    x64_aim(x64_call(code_of(gen)), gen->jit->interpret);
    x64_aim(x64_jmp(code_of(gen)), cold->back);
}

void x64_interpret_instead(struct gen *gen, uint8_t *from) { x64_add_cold(gen, cold_interpret, from); }

void x64_interpret_back(struct gen *gen)
{
    for (; gen->interpreted < gen->ncold; gen->interpreted++)
        if (gen->cold[gen->interpreted].emit == cold_interpret)
            gen->cold[gen->interpreted].back = x64_come_back(gen);
}

void x64_give_up(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    give_back(gen, behind(gen, cold->insn) + 1);
    x64_mov_ri(code, RAX, gen->block->base + 2u * cold->insn->at);
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
    x64_give_up(gen, cold);
}

void backend_need_fp(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    if (gen->fp_checked)
        return;
    x64_cmp_mem8(code, HART_FIELD(fp_state), FP_LOADED);
    struct cold *cold = x64_add_cold(gen, cold_load_fp, x64_jcc(code, CC_NE));
    cold->back = x64_come_back(gen);
    gen->fp_checked = true;
}

/* ---- a superblock ---- */

static void mark_entered(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    if (!gen->hart->engine->marks)
        return;
    x64_mov_ri64(code, RAX, (uint64_t)&gen->block->entered);
    x64_store_imm(code, x64_at(RAX, 0), 1, 1);
}

/* What is jumped to runs faster where the host fetches it, and a loop where it keeps it decoded, in one piece. */
enum { FETCH_BYTES = 16, DECODED_BYTES = 32 };

static void align(struct x64 *code, unsigned to_bytes)
{
    for (unsigned left = -(uintptr_t)code->at % to_bytes, one; left; left -= one) {
        one = left >= 8 ? 8 : left >= 4 ? 4 : 1;
        x64_nop(code, one);
    }
}

void backend_begin(struct gen *gen)
{
    struct x64 *code = gen->part = &gen->jit->code;
    x64_make_ready(gen->jit);
    gen->insn = &gen->block->insns[0];
    align(code, FETCH_BYTES);
    gen->block->entry_written = code->at;
    mark_entered(gen);
    x64_begin_windows(gen);
    if (gen->block->turn_insns)
        align(code, DECODED_BYTES);
    gen->again = code->at;
    if (!jit_charge(gen->block->ninsns))
        return;
    x64_alu_ri(code, X64_SUB, BUDGET_REG, gen->block->ninsns, true);
    x64_add_cold(gen, x64_give_up, x64_jcc(code, CC_B));
}

/* Emitting one may add others, that are not near. */
static void emit_cold(struct gen *gen, bool near)
{
    for (unsigned n = 0; n < gen->ncold; n++) {
        if (gen->cold[n].near != near)
            continue;
        x64_aim(gen->cold[n].from, code_of(gen)->at);
        gen->cold[n].emit(gen, &gen->cold[n]);
    }
}

const uint8_t *backend_end(struct gen *gen)
{
    struct jit *jit = gen->jit;
    struct jit_block *block = gen->block;
    uint8_t *cold = jit->cold.at;
    emit_cold(gen, true);
    gen->part = &jit->cold;
    emit_cold(gen, false);
    if (jit->code.full || jit->cold.full || gen->failed) {
        jit->code.at = block->entry_written;
        jit->cold.at = cold;
        jit->code.full = jit->cold.full = false;
        return NULL;
    }
    block->host_bytes = (size_t)(jit->code.at - block->entry_written);
    block->cold = x64_executed(jit, cold);
    block->cold_bytes = (size_t)(jit->cold.at - cold);
    return x64_executed(jit, block->entry_written);
}

struct jit_site *gen_site(struct gen *gen, unsigned size_bytes)
{
    struct jit_site *site = gen_data(gen, sizeof *site);
    if (site)
        *site = (struct jit_site){.insn = gen->insn, .block = gen->block, .size_bytes = (uint16_t)size_bytes};
    return site;
}

struct jit_exit *gen_exit(struct gen *gen, uint64_t target)
{
    struct jit_exit *exit = gen_data(gen, sizeof *exit);
    if (!exit)
        return NULL;
    *exit = (struct jit_exit){.target = target, .from = gen->block};
    return exit;
}

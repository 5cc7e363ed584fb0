/* jit: the front end. The words of rv64.def build trees here; see interp.c for the other reader. */
#include "jit.h"

#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "code.h"
#include "csr.h"
#include "footprint.h"
#include "interp.h"
#include "log.h"
#include "mmu.h"
#include "trap.h"

/* ---- making trees ---- */

static struct node *new_node(struct gen *gen, enum node_op op)
{
    check(gen->nnodes < GEN_NODES);
    struct node *node = &gen->nodes[gen->nnodes++];
    *node = (struct node){.gen = gen, .op = op};
    return node;
}

static const struct node *constant(struct gen *gen, uint64_t value)
{
    struct node *node = new_node(gen, NODE_CONST);
    node->value = value;
    return node;
}

static const struct node *leaf(struct gen *gen, enum node_op op, unsigned reg, enum fp_format format)
{
    if (op == NODE_X && reg == 0)
        return constant(gen, 0);
    struct node *node = new_node(gen, op);
    node->reg = (uint8_t)reg;
    node->format = format;
    return node;
}

/* Does it become simpler when its first operand is known: an address, a constant in two pieces? */
static bool folds(const struct insn *insn)
{
    switch (insn_rows[insn->op].format) {
    case FORMAT_LOAD:
    case FORMAT_STORE:
    case FORMAT_FLOAD:
    case FORMAT_FSTORE:
    case FORMAT_JALR:
        return true;
    default:
        return insn->op == OP_addi || insn->op == OP_addiw;
    }
}

static const struct node *first_source(struct gen *gen)
{
    unsigned reg = gen->insn->rs1;
    if ((gen->known >> reg & 1) && folds(gen->insn))
        return constant(gen, gen->values[reg]);
    return leaf(gen, NODE_X, reg, FP64);
}

static const struct node *operation(enum node_op op, const struct node *a, const struct node *b)
{
    struct gen *gen = a->gen;
    alu_fn *alu = node_alu(op);
    if (alu && a->op == NODE_CONST && (!b || b->op == NODE_CONST))
        return constant(gen, alu(a->value, b ? b->value : 0));
    if ((op == NODE_ADD || op == NODE_OR || op == NODE_XOR) && b->op == NODE_CONST && b->value == 0)
        return a;
    if ((op == NODE_ADD || op == NODE_OR || op == NODE_XOR) && a->op == NODE_CONST && a->value == 0)
        return b;
    struct node *node = new_node(gen, op);
    node->a = a;
    node->b = b;
    return node;
}

static const struct node *fp_operation(struct gen *gen, enum node_op op, enum fp_format format, const struct node *a,
                                       const struct node *b, const struct node *c)
{
    struct node *node = new_node(gen, op);
    node->format = node->format2 = format;
    node->a = a;
    node->b = b;
    node->c = c;
    return node;
}

static const struct node *conversion(struct gen *gen, enum node_op op, enum fp_format from, enum fp_format to,
                                     const struct node *a, uint64_t value)
{
    struct node *node = new_node(gen, op);
    node->format = from;
    node->format2 = to;
    node->a = a;
    node->value = value;
    return node;
}

static const struct node *load(struct gen *gen, enum memory_kind kind, const struct node *address)
{
    struct node *node = new_node(gen, NODE_LOAD);
    node->kind = kind;
    node->a = address;
    return node;
}

static const struct node *atomic(struct gen *gen, enum node_op op, enum memory_kind kind, const struct node *address,
                                 const struct node *operand, enum node_op combination)
{
    struct node *node = new_node(gen, op);
    node->kind = kind;
    node->a = address;
    node->b = operand;
    node->value = combination;
    return node;
}

/* ---- effects ---- */

static bool is_atomic(const struct node *node)
{
    return node->op == NODE_LOAD_RESERVED || node->op == NODE_STORE_CONDITIONAL || node->op == NODE_AMO;
}

/* Is what it writes written again before anybody can see it? */
static bool is_overwritten(const struct gen *gen)
{
    const struct insn *next = gen->insn + 2;
    return gen->insn->index + 1u < gen->block->ninsns && next->rd == gen->insn->rd && next->rs1 == next->rd &&
           (next->op == OP_addi || next->op == OP_addiw || next->op == OP_jalr);
}

static void set_known(struct gen *gen, unsigned rd, uint64_t value)
{
    gen->known |= UINT32_C(1) << rd;
    gen->values[rd] = value;
    gen->sets_known = true;
}

static void set_x(struct gen *gen, unsigned rd, const struct node *value)
{
    if (value->op == NODE_CONST && rd) {
        set_known(gen, rd, value->value);
        if (is_overwritten(gen))
            return;
    }
    if (is_atomic(value)) {
        backend_atomic(gen, rd, value);
        return;
    }
    bool has_effect = value->op == NODE_LOAD || value->op >= NODE_fp_add; /* even when nobody wants the result */
    if (!backend_can(gen, value) || (rd == 0 && has_effect))
        backend_interpret(gen);
    else if (rd != 0)
        backend_set_x(gen, rd, value);
}

static void set_f(struct gen *gen, unsigned rd, enum fp_format format, const struct node *value)
{
    if (backend_can(gen, value))
        backend_set_f(gen, rd, format, value);
    else
        backend_interpret(gen);
}

static void store(struct gen *gen, enum memory_kind kind, const struct node *address, const struct node *value)
{
    backend_store(gen, kind, address, value);
}

/* Does the superblock go on where the branch or jump leads to? */
static bool goes_on(const struct gen *gen)
{
    const struct insn *insn = gen->insn, *next = insn + 2;
    return insn->index + 1u < gen->block->ninsns && 2 * next->at == 2 * insn->at + insn->imm;
}

static const struct node *opposite(struct gen *gen, const struct node *condition)
{
    static const uint8_t opposites[NODE_COUNT] = {
        [NODE_EQ] = NODE_NE, [NODE_NE] = NODE_EQ,   [NODE_LT] = NODE_GE,
        [NODE_GE] = NODE_LT, [NODE_LTU] = NODE_GEU, [NODE_GEU] = NODE_LTU,
    };
    if (condition->op == NODE_CONST)
        return constant(gen, !condition->value);
    check(opposites[condition->op]);
    return operation((enum node_op)opposites[condition->op], condition->a, condition->b);
}

static void branch(struct gen *gen, const struct node *condition)
{
    if (goes_on(gen))
        backend_branch(gen, opposite(gen, condition), gen->pc + raw_bytes(gen->insn->raw));
    else
        backend_branch(gen, condition, gen->pc + (uint64_t)(int64_t)gen->insn->imm);
}

static void jump(struct gen *gen, const struct node *target)
{
    if (goes_on(gen))
        return;
    backend_jump(gen, gen->insn->rd, gen->pc + raw_bytes(gen->insn->raw), target);
    gen->ended = true;
}

static void system_insn(struct gen *gen)
{
    if (gen->insn->op == OP_cbo_zero && backend_zero_block(gen))
        return;
    backend_interpret(gen);
    gen->fp_checked = false;
    gen->ended |= insn_rows[gen->insn->op].ends_block;
}

static void csr(struct gen *gen, enum csr_how how, const struct node *value)
{
    if (!csr_translate(gen, how, value))
        system_insn(gen);
}

/* ---- the words: the operations of alu.def under their own names, the rest in jit_words.h ---- */

#define ALU1(name, expression)                                                                                         \
    __attribute__((unused)) static const struct node *name(const struct node *a)                                       \
    {                                                                                                                  \
        return operation(NODE_##name, a, NULL);                                                                        \
    }
#define ALU2(name, expression)                                                                                         \
    __attribute__((unused)) static const struct node *name(const struct node *a, const struct node *b)                 \
    {                                                                                                                  \
        return operation(NODE_##name, a, b);                                                                           \
    }
#include "alu.def"
#undef ALU1
#undef ALU2
#include "jit_words.h"

#define BEFORE_ANY(gen)  ((void)0)
#define BEFORE_FP(gen)   backend_need_fp(gen)
#define BEFORE_FPRM(gen) backend_need_fp(gen)

#define INSN(name, format, match, mask, flow, needs, ...)                                                              \
    static void translate_##name(struct gen *g_)                                                                       \
    {                                                                                                                  \
        const struct insn *i_ = g_->insn;                                                                              \
        (void)i_;                                                                                                      \
        BEFORE_##needs(g_);                                                                                            \
        __VA_ARGS__;                                                                                                   \
    }
#include "rv64.def"
#undef INSN

static void translate_illegal(struct gen *gen)
{
    backend_interpret(gen);
    gen->ended = true;
}

static void (*const translators[OP_COUNT])(struct gen *gen) = {
#define INSN(name, ...) [OP_##name] = translate_##name,
#include "rv64.def"
#undef INSN
    [OP_illegal] = translate_illegal,
};

/* ---- superblocks ---- */

enum { TURNS_MOST = 4, UNROLLED_INSNS_MOST = 48, SPAN_BYTES_MOST = 2 * UINT8_MAX };

/* Stops the interpreter's function after one instruction. */
static void stop_here(struct hart *hart, const struct insn *insn)
{
    (void)insn;
    hart->resumed = true;
}

/* Does the superblock end with this instruction? A branch only leaves it when taken. */
static bool ends(const struct insn *insn)
{
    return insn_rows[insn->op].ends_block && insn_rows[insn->op].format != FORMAT_BRANCH;
}

/* Is it a branch, or a jump that leaves no link? */
static bool leads_on(const struct insn *insn)
{
    unsigned format = insn_rows[insn->op].format;
    return format == FORMAT_BRANCH || (format == FORMAT_JAL && insn->rd == 0);
}

/* Up to the last of the instructions that leads to the place `at`: so many, or 0 when none does. */
static unsigned turn_insns(const struct insn *pairs, unsigned count, unsigned at)
{
    for (; count; count--) {
        const struct insn *last = &pairs[2 * (count - 1)];
        if (leads_on(last) && 2 * last->at + last->imm == 2 * (int32_t)at)
            break;
    }
    return count;
}

/* Repeats the turn of a loop, so that what is done once for all instructions is done for several turns: how many
 * instructions there are then. */
static unsigned unroll(const struct engine *engine, struct insn *pairs, unsigned turn)
{
    unsigned most = block_insns_most(engine) < UNROLLED_INSNS_MOST ? block_insns_most(engine) : UNROLLED_INSNS_MOST;
    unsigned count = turn;
    for (unsigned turns = 1; turns < TURNS_MOST && count + turn <= most; turns++)
        for (unsigned n = 0; n < turn; n++, count++) {
            memcpy(&pairs[2 * count], &pairs[2 * n], 2 * sizeof *pairs);
            pairs[2 * count].index = (uint8_t)count;
        }
    return count;
}

/* What has been decoded, see struct jit_block; it begins `ahead` halfwords behind base. */
struct run {
    unsigned ninsns, turn_insns, size_bytes, ahead;
};

/* Decodes what lies in [from, end), in bytes from pc on, behind the `count` instructions that there are: how many there
 * are then. The places count from `from`. */
static unsigned decode_span(const struct engine *engine, uint64_t pc, const uint8_t *bytes, int from, int end,
                            struct insn *pairs, unsigned count)
{
    for (int offset = from; count < block_insns_most(engine) && end - offset >= 2;) {
        uint32_t raw = 0;
        memcpy(&raw, bytes + offset, end - offset >= 4 ? 4 : 2);
        if ((int)raw_bytes(raw) > end - offset || is_break(engine, pc + (uint64_t)(int64_t)offset))
            break;
        struct insn *insn = &pairs[2 * count];
        decode(&engine->decoder, raw, insn);
        insn->run = interp_of(engine)[insn->op];
        insn->at = (uint8_t)((offset - from) / 2);
        insn->index = (uint8_t)count++;
        insn[1] = (struct insn){.run = stop_here};
        offset += (int)raw_bytes(raw);
        if (ends(insn))
            break;
    }
    return count;
}

static unsigned end_of(const struct insn *insn) { return 2u * insn->at + raw_bytes(insn->raw); }

/* The superblock may begin in a loop, not far from its end, where a jump leads back to before it. Then the turn of the
 * loop goes on from there, up to what leads to the superblock's beginning. Changes nothing when it is not so. */
static void join_loop(const struct engine *engine, uint64_t pc, const struct jit_source *source, struct insn *pairs,
                      struct run *run)
{
    const struct insn *jump = &pairs[2 * (run->ninsns - 1)];
    int32_t target = 2 * jump->at + jump->imm;
    if (!ends(jump) || !leads_on(jump) || target >= 0 || -target > (int32_t)source->before ||
        (int32_t)run->size_bytes - target > SPAN_BYTES_MOST)
        return;
    unsigned first = run->ninsns, ahead = (unsigned)-target / 2;
    unsigned all = decode_span(engine, pc, source->bytes, target, 0, pairs, first);
    unsigned turn = turn_insns(&pairs[2 * first], all - first, ahead);
    if (turn == 0)
        return;
    for (unsigned n = 0; n < first; n++)
        pairs[2 * n].at = (uint8_t)(pairs[2 * n].at + ahead);
    run->ninsns = run->turn_insns = first + turn;
    run->size_bytes += 2 * ahead;
    run->ahead = ahead;
}

/* Decodes into pairs. */
static struct run decode_run(const struct engine *engine, uint64_t pc, const struct jit_source *source,
                             struct insn *pairs)
{
    struct run run = {.ninsns = decode_span(engine, pc, source->bytes, 0, (int)source->room_bytes, pairs, 0)};
    if (run.ninsns == 0)
        return run;
    run.turn_insns = turn_insns(pairs, run.ninsns, 0);
    if (run.turn_insns)
        run.ninsns = run.turn_insns;
    run.size_bytes = end_of(&pairs[2 * (run.ninsns - 1)]);
    if (!run.turn_insns)
        join_loop(engine, pc, source, pairs, &run);
    if (log_wants(engine, LOG_EXEC)) /* whoever logs wants to see every turn */
        run.turn_insns = 0;
    if (run.turn_insns)
        run.ninsns = unroll(engine, pairs, run.turn_insns);
    return run;
}

static void translate_all(struct gen *gen)
{
    struct jit_block *block = gen->block;
    windows_find(gen);
    backend_begin(gen);
    for (unsigned n = 0; n < block->ninsns && !gen->ended && !gen->failed; n++) {
        gen->insn = &block->insns[2 * n];
        gen->pc = block->base + 2u * gen->insn->at;
        gen->nnodes = 0;
        gen->sets_known = false;
        translators[gen->insn->op](gen);
        if (jit_writes_x(gen->insn) && !gen->sets_known)
            gen->known &= ~(UINT32_C(1) << gen->insn->rd);
    }
    if (!gen->ended)
        backend_leave(gen, gen->pc + raw_bytes(gen->insn->raw));
}

struct jit_block *jit_translate(struct hart *hart, const struct jit_source *source)
{
    struct engine *engine = hart->engine;
    struct insn pairs[2 * JIT_INSNS_MAX];
    const struct run run = decode_run(engine, hart->s.pc, source, pairs);
    if (run.ninsns == 0)
        return NULL;
    struct gen gen = {.jit = engine->jit, .hart = hart, .apart = source->apart};
    struct jit_block *block = gen_data(&gen, sizeof *block);
    struct insn *insns = gen_data(&gen, 2 * run.ninsns * sizeof *insns);
    if (gen.failed)
        return NULL;
    memcpy(insns, pairs, 2 * run.ninsns * sizeof *insns);
    *block = (struct jit_block){.paddr = source->paddr,
                                .pc = hart->s.pc,
                                .base = hart->s.pc - 2u * run.ahead,
                                .view = hart->data_view,
                                .turn_insns = (uint16_t)run.turn_insns,
                                .insns = insns,
                                .ninsns = (uint16_t)run.ninsns,
                                .size_bytes = (uint16_t)run.size_bytes};
    gen.block = block;
    translate_all(&gen);
    block->entry = backend_end(&gen);
    if (!block->entry)
        return NULL;
    if (engine->marks)
        footprint_add_block(engine, block);
    return block;
}

/* ---- called from translated code ---- */

/* Puts pc and mark where the interpreter has them in mid-block. */
static void resume_interpreter(struct hart *hart, const struct jit_site *site, uint64_t left)
{
    hart->now.n = hart->limit.n - (left + jit_charge(site->block->ninsns));
    hart->s.pc = site->block->base;
}

unsigned jit_slow_load(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t value, uint64_t left)
{
    (void)value;
    resume_interpreter(hart, site, left);
    return mmu_load(hart, site->insn, vaddr, site->size_bytes);
}

unsigned jit_slow_store(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t value, uint64_t left)
{
    resume_interpreter(hart, site, left);
    if (!mmu_store(hart, site->insn, vaddr, site->size_bytes, value))
        return false;
    if (!hart->leave)
        return true;
    leave_after(hart, site->insn);
    return false;
}

/* Interpreting a turn of a loop costs about what so many instructions gain by windows. In a loop that goes through
 * memory some turns cross from page to page; in one whose data lie across the end of a page many do. */
enum { TURN_WORTH_INSNS = 512 };

static void forgive_strains(struct jit_block *block, icount_t now)
{
    uint64_t forgiven = (now.n - block->strained_at.n) / TURN_WORTH_INSNS;
    block->strains = forgiven < block->strains ? (uint8_t)(block->strains - forgiven) : 0;
    block->strained_at = now;
}

uint64_t jit_window(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t left)
{
    uint64_t addend = mmu_window(hart, vaddr, site->size_bytes, site->kinds);
    bool crosses = (vaddr & (PAGE_BYTES - 1)) + site->size_bytes > PAGE_BYTES;
    bool seen = (site->kinds & ACCESS_STORE) && mmu_sees_stores(hart, vaddr);
    if (!addend && (crosses || seen)) {
        if (site->block->turn_insns)
            forgive_strains(site->block, icount_of(hart->limit.n - left));
        code_strained(hart, site->block, site->insn->rs1);
    }
    return addend;
}

uint64_t jit_open_slot(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t left)
{
    (void)left;
    return mmu_open_slot(hart, vaddr, site->size_bytes, site->kinds, &hart->slots[site->slot]);
}

void jit_leave_after(struct hart *hart, const struct jit_site *site, uint64_t left)
{
    resume_interpreter(hart, site, left);
    leave_after(hart, site->insn);
}

/* What of an instruction concerns what translated code has elsewhere: fflags in the host's register, and whether
 * mstatus.FS and frm allow it the host's arithmetic. */
struct fp_concern {
    bool flags, state;
};

static struct fp_concern fp_concern(const struct insn *insn)
{
    unsigned format = insn_rows[insn->op].format;
    bool csr = format == FORMAT_CSR || format == FORMAT_CSRI;
    bool fcsr = csr && insn->imm <= CSR_FCSR;
    return (struct fp_concern){fcsr, fcsr || (csr && (insn->imm == CSR_SSTATUS || insn->imm == CSR_MSTATUS))};
}

unsigned jit_interpret(struct hart *hart, const struct jit_site *site, uint64_t left)
{
    const struct fp_concern concern = fp_concern(site->insn);
    resume_interpreter(hart, site, left);
    hart->resumed = false;
    if (concern.flags)
        backend_sync_fp(hart);
    site->insn->run(hart, site->insn);
    if (concern.state)
        backend_update_fp(hart);
    return hart->resumed;
}

/* ---- chains ---- */

void jit_drop(struct jit *jit, struct jit_block *list)
{
    (void)jit;
    for (struct jit_block *block = list; block; block = block->next_in_page) {
        block->dropped = true;
        for (struct jit_exit *exit = block->incoming; exit; exit = exit->next_incoming)
            if (exit->to == block)
                jit_chain(exit, NULL);
        block->incoming = NULL;
    }
}

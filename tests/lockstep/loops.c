#include "loops.h"

#include <stdlib.h>
#include <string.h>

#include "asm.h"
#include "icount/icount.h"

enum { ITEMS_MOST = 18, BASES_MOST = 3, VALUES = 5, EXITS_MOST = 4 };

/* Registers of a loop: none of them twice. The outer loop has its own, which no inner one takes. */
static const uint8_t pool[] = {13, 14, 16, 17, 3, 4, 19, 20, 21, 23, 24, 25, 26, 27, 30};
enum { POOL = sizeof pool, OUTER_COUNTER = 22 };

struct loop {
    uint64_t *seed;
    uint8_t *code;
    size_t at, head, anchor;
    bool dense;       /* compressed where that can be */
    unsigned leaning; /* what it mostly does: enum leaning */
    unsigned format;  /* of its floating-point instructions, as in struct taste */
    uint8_t bases[BASES_MOST], values[VALUES];
    int32_t steps[BASES_MOST];
    unsigned nbases;
    uint8_t counter, end, stride, pointed, self;
    size_t skip; /* a branch ahead whose target is not known yet; 0: none */
    unsigned skip_items;
    size_t exits[EXITS_MOST];
    unsigned nexits;
    size_t items[ITEMS_MOST]; /* where instructions of four bytes begin */
    unsigned nitems;
};

/* ---- words ---------------------------------------------------------------------------------------------------------- */

struct twin {
    uint32_t word;
    uint16_t half;
};

static int by_word(const void *a, const void *b)
{
    uint32_t x = ((const struct twin *)a)->word, y = ((const struct twin *)b)->word;
    return (x > y) - (x < y);
}

/* The compressed form of a word, or 0: rvc.def read backwards. */
static uint16_t compressed_form(uint32_t word)
{
    static struct twin twins[3 << 14];
    static size_t count;
    for (uint32_t half = 0; !count && half < 0x10000; half++)
        if ((half & 3) != 3)
            twins[(half & 3) << 14 | half >> 2] = (struct twin){decode_expand((uint16_t)half), (uint16_t)half};
    if (!count) {
        count = sizeof twins / sizeof twins[0];
        qsort(twins, count, sizeof twins[0], by_word);
    }
    const struct twin wanted = {.word = word}, *found = bsearch(&wanted, twins, count, sizeof wanted, by_word);
    return found ? found->half : 0;
}

static size_t emit(struct loop *loop, uint32_t word)
{
    size_t at = loop->at;
    uint16_t half = loop->dense ? compressed_form(word) : 0;
    check(at + 4 <= LOOP_BYTES_MOST);
    if (half)
        memcpy(loop->code + at, &half, 2);
    else
        memcpy(loop->code + at, &word, 4);
    loop->at += half ? 2 : 4;
    return at;
}

/* One whose offset is known later: it must not shrink. */
static size_t emit_wide(struct loop *loop, uint32_t word)
{
    bool dense = loop->dense;
    loop->dense = false;
    size_t at = emit(loop, word);
    loop->dense = dense;
    return at;
}

static uint32_t three(unsigned op, uint32_t rd, uint32_t rs1, uint32_t rs2)
{
    return R_TYPE(insn_rows[op].match, rd, rs1, rs2);
}

static uint32_t immediate(unsigned op, uint32_t rd, uint32_t rs1, int32_t imm)
{
    return I_TYPE(insn_rows[op].match, 0u, rd, rs1, imm);
}

static uint32_t branch(unsigned op, uint32_t rs1, uint32_t rs2, size_t from, size_t to)
{
    return word_branch_to(three(op, 0, rs1, rs2), (uint32_t)(to - from));
}

static void emit_li(struct loop *loop, uint32_t rd, int32_t value)
{
    int32_t high = (value + 0x800) >> 12;
    if (high)
        emit(loop, insn_rows[OP_lui].match | rd << 7 | (uint32_t)high << 12);
    emit(loop, immediate(high ? OP_addiw : OP_addi, rd, high ? rd : 0, value));
}

static void patch_branch(const struct loop *loop, size_t at, size_t target)
{
    uint32_t word;
    memcpy(&word, loop->code + at, 4);
    word = word_branch_to(word, (uint32_t)(target - at));
    memcpy(loop->code + at, &word, 4);
}

static uint32_t any_base(const struct loop *loop) { return loop->bases[random_below(loop->seed, loop->nbases)]; }
static uint32_t any_value(const struct loop *loop) { return loop->values[random_below(loop->seed, VALUES)]; }

/* Off a base: in a window around it mostly. */
static int32_t any_offset(const struct loop *loop)
{
    return (int32_t)PICK(loop->seed, 0, 0, 0, 8, 16, 24, 1, 2, 4, 12, 40, 64, -8, -4, -1, -64, 0x7f8, -0x800,
                         random_u64(loop->seed) % 64, random_u64(loop->seed) % 0x800);
}

/* ---- what a body is made of ----------------------------------------------------------------------------------------- */

static uint32_t load_of(const struct loop *loop, uint32_t rd, uint32_t base)
{
    uint32_t word = with(word_of_format(loop->seed, F(LOAD)), 7, 5, rd);
    return with(with(word, 15, 5, base), 20, 12, (uint32_t)any_offset(loop));
}

static void item_load(struct loop *loop) { emit(loop, load_of(loop, any_value(loop), any_base(loop))); }

static void item_store(struct loop *loop)
{
    uint32_t word = word_of_format(loop->seed, F(STORE));
    emit(loop, word_store(word, any_base(loop), any_value(loop), any_offset(loop)));
}

static void item_float_memory(struct loop *loop)
{
    uint32_t freg = (uint32_t)random_below(loop->seed, 4);
    if (one_in(loop->seed, 2)) {
        emit(loop, word_store(word_of_format(loop->seed, F(FSTORE)), any_base(loop), freg, any_offset(loop)));
        return;
    }
    uint32_t word = with(with(word_of_format(loop->seed, F(FLOAD)), 7, 5, freg), 15, 5, any_base(loop));
    emit(loop, with(word, 20, 12, (uint32_t)any_offset(loop)));
}

/* On few registers, so that results are used. */
static void item_float(struct loop *loop)
{
    static const unsigned lows[] = {7, 15, 20};
    uint32_t word = word_of_float(loop->seed, F(FR) | F(FR4) | F(FSGNJ), loop->format);
    for (unsigned n = 0; n < 3; n++)
        word = with(word, lows[n], 5, (uint32_t)random_below(loop->seed, 4));
    emit(loop, word);
}

static void item_compute(struct loop *loop)
{
    uint32_t word = word_of_format(loop->seed, F(R) | F(I) | F(SH5) | F(SH6) | F(U));
    struct insn insn;
    decode(NULL, word, &insn);
    const struct insn_row *row = &insn_rows[insn.op];
    uint32_t placed = with(with(word, 7, 5, any_value(loop)), 15, 5, any_value(loop));
    if (row->format == FORMAT_R)
        placed = with(placed, 20, 5, any_value(loop));
    emit(loop, (placed & ~row->mask) | row->match);
}

/* p++ in the middle of things, by what it always goes on by or by something else. */
static void item_step(struct loop *loop)
{
    unsigned n = (unsigned)random_below(loop->seed, loop->nbases);
    int32_t step = one_in(loop->seed, 3) ? any_offset(loop) : loop->steps[n];
    emit(loop, step >= -0x800 && step < 0x800 ? immediate(OP_addi, loop->bases[n], loop->bases[n], step)
                                              : three(OP_add, loop->bases[n], loop->bases[n], loop->stride));
}

/* p = p->next; also by parts of a pointer, and by way of another one. */
static void item_chase(struct loop *loop)
{
    uint32_t base = any_base(loop);
    if (one_in(loop->seed, 6))
        emit(loop, load_of(loop, base, any_base(loop)));
    else
        emit(loop, immediate(OP_ld, base, one_in(loop->seed, 3) ? any_base(loop) : base, any_offset(loop) & ~7));
}

static void item_copy(struct loop *loop)
{
    uint32_t from = one_in(loop->seed, 3) ? any_base(loop) : ANY_OF(loop->seed, word_pointer_regs);
    emit(loop, immediate(OP_addi, any_base(loop), from, one_in(loop->seed, 2) ? 0 : any_offset(loop)));
}

/* p[i], i from what has been computed. */
static void item_indexed(struct loop *loop)
{
    uint32_t index = any_value(loop);
    emit(loop, immediate(OP_andi, loop->pointed, index, (int32_t)PICK(loop->seed, 7, 0x3f, 0x7f8, 0x7ff, 0x600)));
    emit(loop, three((unsigned)PICK(loop->seed, OP_add, OP_add, OP_sh1add, OP_sh3add, OP_add_uw), loop->pointed,
                     loop->pointed, any_base(loop)));
    if (one_in(loop->seed, 2))
        emit(loop, load_of(loop, any_value(loop), loop->pointed));
    else
        emit(loop, word_store(word_of_format(loop->seed, F(STORE)), loop->pointed, any_value(loop), any_offset(loop)));
}

static void item_atomic(struct loop *loop)
{
    uint32_t word = word_of_format(loop->seed, F(LR) | F(AMO));
    uint32_t rd = one_in(loop->seed, 8) ? any_base(loop) : any_value(loop);
    struct insn insn;
    decode(NULL, word, &insn);
    word = with(with(word, 7, 5, rd), 15, 5, any_base(loop));
    emit(loop, insn_rows[insn.op].format == FORMAT_AMO ? with(word, 20, 5, any_value(loop)) : word);
}

/* SUM, MXR, FS and SIE come and go. */
static void item_status(struct loop *loop)
{
    if (one_in(loop->seed, 2))
        emit(loop, immediate(one_in(loop->seed, 2) ? OP_csrrs : OP_csrrc, any_value(loop), STATUS_REG, SSTATUS));
    else
        emit(loop, immediate(one_in(loop->seed, 2) ? OP_csrrsi : OP_csrrci, any_value(loop),
                             (uint32_t)PICK(loop->seed, 2, 2, 2, 0, 1, 3), SSTATUS));
}

static void item_csr(struct loop *loop)
{
    if (one_in(loop->seed, 3)) {
        emit(loop, word_rounding(loop->seed));
        return;
    }
    uint32_t csr = (uint32_t)PICK(loop->seed, FFLAGS, FFLAGS, CYCLE, TIME, INSTRET, SSTATUS, SSCRATCH, SEPC);
    bool written = (csr == FFLAGS || csr == SSCRATCH || csr == SEPC) && one_in(loop->seed, 2);
    uint32_t source = written && one_in(loop->seed, 2) ? any_value(loop) : 0;
    emit(loop, immediate(written ? (unsigned)PICK(loop->seed, OP_csrrw, OP_csrrw, OP_csrrs, OP_csrrc) : OP_csrrs,
                         any_value(loop), source, (int32_t)csr));
}

static void item_fence(struct loop *loop)
{
    emit(loop, insn_rows[PICK(loop->seed, OP_sfence_vma, OP_sfence_vma, OP_fence_i, OP_fence, OP_ecall)].match);
}

static void item_any(struct loop *loop)
{
    const struct taste mixed = {THEME_MIXED, 1};
    unsigned size_bytes;
    uint32_t word = word_at_random(loop->seed, mixed, &size_bytes);
    memcpy(loop->code + loop->at, &word, size_bytes);
    loop->at += size_bytes;
}

static unsigned any_branch(const struct loop *loop)
{
    return (unsigned)PICK(loop->seed, OP_beq, OP_bne, OP_blt, OP_bge, OP_bltu, OP_bgeu);
}

/* if (...) { the next items } */
static void item_skip(struct loop *loop)
{
    if (loop->skip)
        return;
    loop->skip =
        emit_wide(loop, three(any_branch(loop), 0, any_value(loop), one_in(loop->seed, 2) ? 0 : any_value(loop)));
    loop->skip_items = 2 + (unsigned)random_below(loop->seed, 3);
}

/* if (...) break, or continue */
static void item_break(struct loop *loop)
{
    unsigned op = one_in(loop->seed, 2) ? OP_beq : any_branch(loop);
    if (one_in(loop->seed, 4))
        emit(loop, branch(op, any_value(loop), any_value(loop), loop->at, loop->head));
    else if (loop->nexits < EXITS_MOST)
        loop->exits[loop->nexits++] =
            emit_wide(loop, three(op, 0, any_value(loop), one_in(loop->seed, 2) ? 0 : loop->end));
}

/* An instruction of the loop becomes another one of it. */
static void item_overwrite(struct loop *loop)
{
    if (!loop->nitems)
        return;
    size_t from = loop->items[random_below(loop->seed, loop->nitems)] - loop->anchor;
    size_t to = loop->items[random_below(loop->seed, loop->nitems)] - loop->anchor;
    uint32_t value = any_value(loop);
    emit(loop, immediate(OP_lw, value, loop->self, (int32_t)from));
    emit(loop, word_store(insn_rows[OP_sw].match, loop->self, value, (int32_t)to));
}

/* What a loop mostly does. */
enum leaning { LEANS_NOWHERE, LEANS_TO_MEMORY, LEANS_TO_FLOAT, LEANINGS };

static const struct {
    void (*make)(struct loop *loop);
    uint8_t weight[LEANINGS];
} kinds[] = {
    {item_load, {22, 30, 6}},    {item_store, {18, 30, 6}}, {item_float_memory, {5, 4, 20}}, {item_float, {3, 0, 30}},
    {item_compute, {14, 4, 4}},  {item_step, {5, 4, 2}},    {item_chase, {6, 4, 0}},         {item_copy, {2, 1, 0}},
    {item_indexed, {5, 2, 0}},   {item_atomic, {2, 1, 0}},  {item_status, {2, 1, 3}},        {item_csr, {2, 0, 5}},
    {item_fence, {1, 0, 0}},     {item_any, {2, 0, 1}},     {item_skip, {4, 2, 3}},          {item_break, {3, 1, 1}},
    {item_overwrite, {1, 0, 0}},
};

static void emit_item(struct loop *loop)
{
    unsigned sum = 0, n = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        sum += kinds[k].weight[loop->leaning];
    unsigned at = (unsigned)random_below(loop->seed, sum);
    while (at >= kinds[n].weight[loop->leaning])
        at -= kinds[n++].weight[loop->leaning];
    size_t begin = loop->at;
    kinds[n].make(loop);
    if (loop->at == begin + 4)
        loop->items[loop->nitems++] = begin;
    if (loop->skip && loop->skip_items-- == 0) {
        patch_branch(loop, loop->skip, loop->at);
        loop->skip = 0;
    }
}

/* ---- around the body ------------------------------------------------------------------------------------------------ */

/* How a loop comes to its end. */
enum close { COUNT_NE, COUNT_LT, COUNT_GE, POINTER_LTU, POINTER_NE, JUMP_BACK, VALUE_NE };

static void choose(struct loop *loop)
{
    uint8_t free[POOL];
    memcpy(free, pool, sizeof pool);
    for (unsigned n = POOL - 1; n > 0; n--) {
        unsigned other = (unsigned)random_below(loop->seed, n + 1);
        uint8_t kept = free[n];
        free[n] = free[other];
        free[other] = kept;
    }
    unsigned next = 0;
    loop->counter = free[next++];
    loop->end = free[next++];
    loop->stride = free[next++];
    loop->pointed = free[next++];
    loop->self = free[next++];
    memcpy(loop->values, free + next, VALUES);
    next += VALUES;
    loop->nbases = 1 + (unsigned)random_below(loop->seed, BASES_MOST);
    int32_t step = (int32_t)PICK(loop->seed, 1, 2, 4, 8, 8, 16, 64, 4096, 256, 2040, -1, -2, -4, -8, -16, -64, -4096);
    for (unsigned n = 0; n < loop->nbases; n++) {
        bool direct = one_in(loop->seed, 4); /* a pointer itself, not a copy: it is elsewhere in the next loop */
        loop->bases[n] = direct ? ANY_OF(loop->seed, word_pointer_regs) : free[next++];
        loop->steps[n] = one_in(loop->seed, 4) ? 0 : one_in(loop->seed, 4) ? 0 - step : step;
    }
    loop->dense = one_in(loop->seed, 2);
    loop->format = (unsigned)random_below(loop->seed, 2);
    loop->leaning = (unsigned)PICK(loop->seed, LEANS_NOWHERE, LEANS_NOWHERE, LEANS_TO_MEMORY, LEANS_TO_FLOAT);
}

static void set_up(struct loop *loop, int32_t turns)
{
    loop->anchor = emit_wide(loop, insn_rows[OP_auipc].match | (uint32_t)loop->self << 7);
    emit_li(loop, loop->counter, turns);
    emit_li(loop, loop->stride, loop->steps[0]);
    for (unsigned n = 0; n < loop->nbases; n++) {
        uint32_t from = ANY_OF(loop->seed, word_pointer_regs);
        if (memchr(word_pointer_regs, loop->bases[n], sizeof word_pointer_regs))
            continue;
        if (one_in(loop->seed, 6)) /* near the end of a page, sooner or later */
            emit(loop, immediate(OP_ori, loop->bases[n], from, 0x7f8));
        else
            emit(loop, immediate(OP_addi, loop->bases[n], from, one_in(loop->seed, 2) ? 0 : any_offset(loop)));
    }
    emit_li(loop, loop->end, (int32_t)((uint32_t)turns * (uint32_t)loop->steps[0]));
    emit(loop, three(OP_add, loop->end, loop->end, loop->bases[0]));
}

static void emit_steps(struct loop *loop)
{
    for (unsigned n = 0; n < loop->nbases; n++) {
        int32_t step = loop->steps[n];
        if (step >= -0x800 && step < 0x800 && step != 0)
            emit(loop, immediate(OP_addi, loop->bases[n], loop->bases[n], step));
        else if (step != 0)
            emit(loop, three(step == loop->steps[0] ? OP_add : OP_sub, loop->bases[n], loop->bases[n], loop->stride));
    }
}

static void close_loop(struct loop *loop, enum close close)
{
    static const uint8_t count_ops[] = {[COUNT_NE] = OP_bne, [COUNT_LT] = OP_blt, [COUNT_GE] = OP_bge};
    uint32_t counter = loop->counter, base = loop->bases[0];
    switch (close) {
    case COUNT_NE:
    case COUNT_LT:
    case COUNT_GE:
        emit(loop, immediate(OP_addi, counter, counter, -1));
        emit(loop, branch(count_ops[close], close == COUNT_LT ? 0 : counter, close == COUNT_LT ? counter : 0, loop->at,
                          loop->head));
        return;
    case POINTER_LTU: /* upwards or downwards, also when it is not the last bytes that are hit exactly */
        emit(loop, loop->steps[0] > 0 ? branch(OP_bltu, base, loop->end, loop->at, loop->head)
                                      : branch(OP_bltu, loop->end, base, loop->at, loop->head));
        return;
    case POINTER_NE:
        emit(loop, branch(OP_bne, base, loop->end, loop->at, loop->head));
        return;
    case VALUE_NE:
        emit(loop, branch(OP_bne, any_value(loop), 0, loop->at, loop->head));
        return;
    default:
        emit(loop, immediate(OP_addi, counter, counter, -1));
        emit(loop, word_jump_to(insn_rows[OP_jal].match, (uint32_t)(loop->head - loop->at)));
    }
}

static void lay_inner(struct loop *loop)
{
    enum close close = (enum close)PICK(loop->seed, COUNT_NE, COUNT_NE, COUNT_LT, COUNT_GE, POINTER_LTU, POINTER_LTU,
                                        POINTER_NE, JUMP_BACK, JUMP_BACK, VALUE_NE);
    int32_t turns = (int32_t)PICK(loop->seed, 1, 2, 3, 4, 7, 12, 20, 33, 64, 100, 200, 511, 2000);
    unsigned items = (unsigned)random_below(loop->seed, one_in(loop->seed, 2) ? 6 : ITEMS_MOST);
    choose(loop);
    set_up(loop, turns);
    loop->head = loop->at;
    loop->nitems = loop->nexits = 0;
    loop->skip = 0;
    if (close == JUMP_BACK)
        loop->exits[loop->nexits++] = emit_wide(loop, three(OP_beq, 0, loop->counter, 0));
    bool first = one_in(loop->seed, 6); /* step, then use */
    if (first)
        emit_steps(loop);
    for (unsigned n = 0; n < items; n++)
        emit_item(loop);
    if (loop->skip)
        patch_branch(loop, loop->skip, loop->at);
    if (!first)
        emit_steps(loop);
    close_loop(loop, close);
    for (unsigned n = 0; n < loop->nexits; n++)
        patch_branch(loop, loop->exits[n], loop->at);
}

/* A loop that is a single instruction. It ends when somebody else changes the register, or never. */
static void lay_alone(struct loop *loop)
{
    loop->head = loop->at;
    emit(loop, one_in(loop->seed, 8) ? insn_rows[OP_jal].match
                                     : word_branch_to(three(any_branch(loop), 0, word_value_reg(loop->seed), 0), 0));
}

size_t loop_lay(uint64_t *seed, uint8_t *code, size_t *head_bytes)
{
    struct loop loop = {.seed = seed, .code = code};
    if (one_in(seed, 150)) {
        lay_alone(&loop);
    } else if (one_in(seed, 5)) {
        emit_li(&loop, OUTER_COUNTER, (int32_t)PICK(seed, 2, 3, 30));
        size_t outer = loop.at;
        lay_inner(&loop);
        if (one_in(seed, 2))
            lay_inner(&loop);
        emit(&loop, immediate(OP_addi, OUTER_COUNTER, OUTER_COUNTER, -1));
        emit(&loop, branch(OP_bne, OUTER_COUNTER, 0, loop.at, outer));
    } else {
        lay_inner(&loop);
    }
    *head_bytes = loop.head;
    return loop.at;
}

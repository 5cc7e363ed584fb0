/* jit_window: which accesses of a superblock can share one look at the TLB.
 *
 * A window is two or more loads and stores whose addresses differ from each other by constants: the frame of a
 * function, whether found by sp or by s0, the fields of a struct, whatever register points to it by then. The first of
 * them makes sure that all of its bytes lie in one page that the TLB knows; the others only add. What could take the
 * page away meanwhile also ends the superblock (hart->leave). */
#include "backend.h"

#include <string.h>

enum { SPAN_MOST = 1024, STRIDE_MOST = 512 };

/* What is known of a register's value: how much more it is than the sum of its roots. A root is 0, or what some
 * register held when the superblock was entered or a turn began (in the first turn: the register's number), or
 * something that nothing is known of. */
enum { ROOT_CONSTANT, FIRST_TURN_ROOTS = 32 };
struct value {
    uint16_t roots[2]; /* the second one is ROOT_CONSTANT unless there are two */
    uint64_t more;
};

static bool same_roots(struct value a, struct value b) { return a.roots[0] == b.roots[0] && a.roots[1] == b.roots[1]; }

/* An access. */
struct reach {
    bool is_one, store;
    bool steady; /* a turn of the loop changes the address by little, whatever that is */
    struct value at;
    uint8_t size_bytes;
};

/* ---- what instructions do ---- */

/* Formats whose first operand is an integer register that is written. */
bool jit_writes_x(const struct insn *insn)
{
    static const char first_operand[] = {
#define FORMAT(name, immediate, operands) [FORMAT_##name] = (operands)[0],
#include "format.def"
#undef FORMAT
    };
    return first_operand[insn_rows[insn->op].format] == 'd' && insn->rd != 0;
}

static bool stores(const struct insn *insn)
{
    return insn_rows[insn->op].format == FORMAT_STORE || insn_rows[insn->op].format == FORMAT_FSTORE;
}

/* Is it translated as an access? A load into x0 is not. */
static bool accesses(const struct insn *insn)
{
    unsigned format = insn_rows[insn->op].format;
    return stores(insn) || format == FORMAT_FLOAD || (format == FORMAT_LOAD && insn->rd != 0);
}

/* Loads and stores have the binary logarithm of their size in the low bits of funct3. */
static uint8_t access_bytes(const struct insn *insn) { return (uint8_t)(1 << (insn_rows[insn->op].match >> 12 & 3)); }

static struct value plus(struct value value, int32_t more)
{
    value.more += (uint64_t)(int64_t)more;
    return value;
}

static struct value unknown(unsigned *next_root) { return (struct value){{(uint16_t)(*next_root)++}, 0}; }

static struct value sum(struct value a, struct value b, unsigned *next_root)
{
    if (a.roots[0] == ROOT_CONSTANT)
        return (struct value){{b.roots[0], b.roots[1]}, a.more + b.more};
    if (b.roots[0] == ROOT_CONSTANT)
        return (struct value){{a.roots[0], a.roots[1]}, a.more + b.more};
    if (a.roots[1] || b.roots[1])
        return unknown(next_root);
    bool ordered = a.roots[0] < b.roots[0];
    uint16_t low = ordered ? a.roots[0] : b.roots[0], high = ordered ? b.roots[0] : a.roots[0];
    return (struct value){{low, high}, a.more + b.more};
}

/* What the instruction leaves in its destination; *next_root is for what nothing is known of. */
static struct value result(const struct value *x, const struct insn *insn, uint64_t pc, unsigned *next_root)
{
    switch (insn->op) {
    case OP_addi:
        return plus(x[insn->rs1], insn->imm);
    case OP_lui:
        return plus(x[0], insn->imm);
    case OP_auipc:
        return plus((struct value){{ROOT_CONSTANT}, pc}, insn->imm);
    case OP_add:
        return sum(x[insn->rs1], x[insn->rs2], next_root);
    default:
        return unknown(next_root);
    }
}

/* Of x0 all is known always. */
static void forget_values(struct value *x, unsigned *next_root)
{
    x[0] = (struct value){{ROOT_CONSTANT}, 0};
    for (unsigned reg = 1; reg < 32; reg++)
        x[reg] = unknown(next_root);
}

/* Follows from register to register so many times. */
enum { HOPS_MOST = 4 };

/* Does a turn always add the same to what lies in `root` when it begins? Then that is added to *stride. */
static bool turn_adds(const struct value after_turn[32], unsigned root, unsigned hops, int64_t *stride)
{
    if (root == ROOT_CONSTANT)
        return true;
    if (root >= FIRST_TURN_ROOTS || hops == 0)
        return false;
    const struct value *after = &after_turn[root];
    if (after->roots[0] == root && after->roots[1] == ROOT_CONSTANT) {
        *stride += (int64_t)after->more;
        return true;
    }
    return after->roots[0] != root && after->roots[1] != root &&
           turn_adds(after_turn, after->roots[0], hops - 1, stride) &&
           turn_adds(after_turn, after->roots[1], hops - 1, stride);
}

/* Does what is there change by little, and always the same, while the superblock is gone through? */
static bool is_steady(const struct jit_block *block, const struct value after_turn[32], struct value at)
{
    int64_t stride = 0, turns = block->ninsns / block->turn_insns;
    return at.roots[0] != ROOT_CONSTANT && turn_adds(after_turn, at.roots[0], HOPS_MOST, &stride) &&
           turn_adds(after_turn, at.roots[1], HOPS_MOST, &stride) && stride <= STRIDE_MOST / turns &&
           stride >= -STRIDE_MOST / turns;
}

/* `reaches` of a loop, the first turn's being known. */
static void find_steady(const struct jit_block *block, const struct value after_turn[32], struct reach *reaches)
{
    for (unsigned n = 0; n < block->ninsns; n++) {
        const struct reach *first = &reaches[n % block->turn_insns];
        reaches[n].steady = first->is_one && is_steady(block, after_turn, first->at);
    }
}

/* Turns of a loop share nothing: where they go through a page to its end, a window of several would lie across. */
static void follow_values(const struct jit_block *block, struct reach *reaches)
{
    struct value x[32], after_turn[32];
    unsigned next_root = 1;
    for (unsigned n = 0; n < block->ninsns; n++) {
        if (n == 0 || (block->turn_insns && n % block->turn_insns == 0))
            forget_values(x, &next_root);
        const struct insn *insn = &block->insns[2 * n];
        reaches[n] = (struct reach){.is_one = accesses(insn), .store = stores(insn)};
        if (reaches[n].is_one) {
            reaches[n].at = plus(x[insn->rs1], insn->imm);
            reaches[n].size_bytes = access_bytes(insn);
        }
        if (jit_writes_x(insn))
            x[insn->rd] = result(x, insn, block->base + 2u * insn->at, &next_root);
        if (n + 1u == block->turn_insns)
            memcpy(after_turn, x, sizeof x);
    }
    if (block->turn_insns)
        find_steady(block, after_turn, reaches);
}

/* ---- windows ---- */

static bool same_page(const struct reach *a, const struct reach *b)
{
    uint64_t first = a->at.more, last = b->at.more + b->size_bytes - 1;
    return first >> PAGE_SHIFT == last >> PAGE_SHIFT && first >> PAGE_SHIFT == b->at.more >> PAGE_SHIFT;
}

/* How far from the opener's base register; false: too far, or nothing is known of that. */
static bool distance(const struct gen *gen, const struct reach *reaches, const struct window *window, unsigned n,
                     int32_t *from)
{
    const struct reach *first = &reaches[window->first], *other = &reaches[n];
    int64_t apart = (int64_t)(other->at.more - first->at.more);
    if (!other->is_one || !same_roots(other->at, first->at) || apart > SPAN_MOST || apart < -SPAN_MOST ||
        (first->at.roots[0] == ROOT_CONSTANT && !same_page(first, other)))
        return false;
    *from = gen->block->insns[2 * window->first].imm + (int32_t)apart;
    return true;
}

static bool widen(struct window *window, int32_t from, unsigned size_bytes)
{
    int32_t min = from < window->min ? from : window->min;
    int32_t end = from + (int32_t)size_bytes > window->end ? from + (int32_t)size_bytes : window->end;
    if (end - min > SPAN_MOST)
        return false;
    window->min = min;
    window->end = end;
    return true;
}

static bool is_alone(const struct gen *gen, unsigned n)
{
    unsigned reg = gen->block->insns[2 * n].rs1;
    return reg == 0 || (gen->apart >> reg & 1) || gen->window_of[n];
}

/* Collects into `members` what can share the look of the first access. Whoever looks for a load looks for a store as
 * well when one is certain to follow: what may be stored to may be loaded from. */
static unsigned collect(struct gen *gen, const struct reach *reaches, struct window *window,
                        uint8_t members[JIT_INSNS_MAX])
{
    unsigned nmembers = 0;
    bool certain = true;
    for (unsigned n = window->first; n < gen->block->ninsns; n++) {
        int32_t from;
        const struct reach *reach = &reaches[n];
        certain &= insn_rows[gen->block->insns[2 * n].op].format != FORMAT_BRANCH;
        if (is_alone(gen, n) || !distance(gen, reaches, window, n, &from) ||
            (reach->store && !certain && !(window->kinds & ACCESS_STORE)) || !widen(window, from, reach->size_bytes))
            continue;
        window->kinds |= reach->store ? ACCESS_STORE : ACCESS_LOAD;
        gen->window_at[n] = (int16_t)from;
        members[nmembers++] = (uint8_t)n;
    }
    return nmembers;
}

static void open_window(struct gen *gen, const struct reach *reaches, unsigned first)
{
    const struct insn *opener = &gen->block->insns[2 * first];
    struct window window = {
        .first = (uint8_t)first, .min = opener->imm, .end = opener->imm + reaches[first].size_bytes};
    uint8_t members[JIT_INSNS_MAX];
    unsigned nmembers = collect(gen, reaches, &window, members);
    window.steady = reaches[first].steady;
    if (nmembers < 2 && !window.steady)
        return;
    window.members = (uint8_t)nmembers;
    gen->windows[gen->nwindows++] = window;
    for (unsigned n = 0; n < nmembers; n++)
        gen->window_of[members[n]] = (uint8_t)gen->nwindows;
}

void windows_find(struct gen *gen)
{
    struct reach reaches[JIT_INSNS_MAX];
    follow_values(gen->block, reaches);
    for (unsigned n = 0; n < gen->block->ninsns && gen->nwindows < GEN_WINDOWS; n++)
        if (reaches[n].is_one && !is_alone(gen, n))
            open_window(gen, reaches, n);
}

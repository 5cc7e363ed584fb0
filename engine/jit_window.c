/* jit_window: which accesses of a superblock can share one look at the TLB.
 *
 * A window is two or more loads, or stores, off the same base register while nothing writes it: the frame of a
 * function, the fields of a struct. The first of them makes sure that all of its bytes lie in one page that the TLB
 * knows; the others only add. What could take the page away meanwhile also ends the superblock (hart->leave). */
#include "backend.h"

#include <stdlib.h>

enum { SPAN_MOST = 1024, STRIDE_MOST = 512 };

/* Formats whose first operand is an integer register that is written. */
static bool writes_x(const struct insn *insn, unsigned reg)
{
    static const char first_operand[] = {
#define FORMAT(name, immediate, operands) [FORMAT_##name] = (operands)[0],
#include "format.def"
#undef FORMAT
    };
    return first_operand[insn_rows[insn->op].format] == 'd' && insn->rd == reg;
}

bool jit_stores(const struct insn *insn)
{
    return insn_rows[insn->op].format == FORMAT_STORE || insn_rows[insn->op].format == FORMAT_FSTORE;
}

/* Is it translated as an access? A load into x0 is not. */
static bool accesses(const struct insn *insn, bool store)
{
    unsigned format = insn_rows[insn->op].format;
    if (store)
        return jit_stores(insn);
    return format == FORMAT_FLOAD || (format == FORMAT_LOAD && insn->rd != 0);
}

/* Loads and stores have the binary logarithm of their size in the low bits of funct3. */
static int32_t access_bytes(const struct insn *insn) { return 1 << (insn_rows[insn->op].match >> 12 & 3); }

static bool widen(struct window *window, const struct insn *insn)
{
    int32_t min = insn->imm < window->min ? insn->imm : window->min;
    int32_t end = insn->imm + access_bytes(insn) > window->end ? insn->imm + access_bytes(insn) : window->end;
    if (end - min > SPAN_MOST)
        return false;
    window->min = min;
    window->end = end;
    return true;
}

/* Does a turn of the superblock change the register by little, whatever it holds? */
static bool is_steady(const struct jit_block *block, unsigned reg)
{
    int32_t stride = 0;
    for (unsigned n = 0; n < block->ninsns; n++) {
        const struct insn *insn = &block->insns[2 * n];
        if (!writes_x(insn, reg))
            continue;
        if (insn->op != OP_addi || insn->rs1 != reg)
            return false;
        stride += insn->imm;
    }
    return abs(stride) <= STRIDE_MOST;
}

/* Collects what can share the look of instruction `first`. */
static void open_window(struct gen *gen, unsigned first, bool store)
{
    const struct jit_block *block = gen->block;
    const struct insn *opener = &block->insns[2 * first];
    struct window window = {.first = (uint8_t)first, .min = opener->imm, .end = opener->imm + access_bytes(opener)};
    uint8_t members[JIT_INSNS_MAX];
    unsigned nmembers = 0;
    for (unsigned n = first; n < block->ninsns; n++) {
        const struct insn *insn = &block->insns[2 * n];
        if (accesses(insn, store) && insn->rs1 == opener->rs1 && !gen->window_of[n] && widen(&window, insn))
            members[nmembers++] = (uint8_t)n;
        if (writes_x(insn, opener->rs1))
            break;
    }
    window.steady = gen->block->loop && is_steady(block, opener->rs1);
    if (nmembers < 2 && !window.steady)
        return;
    window.members = (uint8_t)nmembers;
    gen->windows[gen->nwindows++] = window;
    for (unsigned n = 0; n < nmembers; n++)
        gen->window_of[members[n]] = (uint8_t)gen->nwindows;
}

void windows_find(struct gen *gen)
{
    const struct jit_block *block = gen->block;
    for (unsigned n = 0; n < block->ninsns && gen->nwindows < GEN_WINDOWS; n++) {
        const struct insn *insn = &block->insns[2 * n];
        bool store = accesses(insn, true);
        bool alone = insn->rs1 == 0 || (gen->apart >> insn->rs1 & 1);
        if ((store || accesses(insn, false)) && !gen->window_of[n] && !alone)
            open_window(gen, n, store);
    }
}

/* Evaluates bytecode by the table ax.def; see ax.h. */
#include "ax.h"

#include <string.h>

/* An expression has a few dozen codes and a loop has no use in a condition: whatever needs more is hostile. */
enum { STACK_MOST = 64, STEPS_MOST = 10000, POPS_MOST = 3 };

struct run {
    const struct ax_view *view;
    const uint8_t *code;
    uint64_t size_bytes, at;
    uint64_t stack[STACK_MOST];
    size_t depth;
    bool ended;
};

/* ---- words of the table ------------------------------------------------------------------------------------------- */

static uint64_t quotient(uint64_t a, uint64_t b, bool *ok)
{
    *ok = b != 0;
    if (!b || b == UINT64_MAX) /* INT64_MIN / -1 wraps around, as the machine's does */
        return -a;
    return (uint64_t)((int64_t)a / (int64_t)b);
}

/* The low `bits` of a value, sign-extended or not; 0 and more than 64 are all of it. */
static uint64_t extended(uint64_t value, uint64_t bits, bool is_signed)
{
    if (bits == 0 || bits >= 64)
        return value;
    uint64_t high = value << (64 - bits);
    return is_signed ? (uint64_t)((int64_t)high >> (64 - bits)) : high >> (64 - bits);
}

static bool load(struct run *run, uint64_t address, unsigned size_bytes, uint64_t *value)
{
    uint8_t bytes[8];
    *value = 0;
    if (!run->view->memory(run->view->context, address, bytes, size_bytes))
        return false;
    for (unsigned i = size_bytes; i-- > 0;)
        *value = *value << 8 | bytes[i];
    return true;
}

/* ---- the codes ----------------------------------------------------------------------------------------------------- */

#define AX(name, opcode, operand, popped, pushed, does)                                                                \
    static bool do_##name(struct run *run, uint64_t n, const uint64_t *in, uint64_t *out)                              \
    {                                                                                                                  \
        bool ok = true;                                                                                                \
        (void)run, (void)n, (void)in, (void)out;                                                                       \
        does;                                                                                                          \
        return ok;                                                                                                     \
    }
#include "ax.def"
#undef AX

static const struct code {
    bool (*run)(struct run *run, uint64_t n, const uint64_t *in, uint64_t *out);
    uint8_t operand_bytes, popped, pushed;
} codes[256] = {
#define AX(name, opcode, operand, popped, pushed, does) [opcode] = {do_##name, operand, popped, pushed},
#include "ax.def"
#undef AX
};

#define AX(name, opcode, operand, popped, pushed, does) _Static_assert(popped <= POPS_MOST && pushed <= POPS_MOST, "");
#include "ax.def"
#undef AX

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* Operands have their most significant byte first. */
static bool operand(struct run *run, unsigned size_bytes, uint64_t *value)
{
    *value = 0;
    if (size_bytes > run->size_bytes - run->at)
        return false;
    for (unsigned i = 0; i < size_bytes; i++)
        *value = *value << 8 | run->code[run->at++];
    return true;
}

static bool step(struct run *run)
{
    uint64_t n, out[POPS_MOST];
    if (run->at >= run->size_bytes)
        return false;
    const struct code *code = &codes[run->code[run->at++]];
    if (!code->run || !operand(run, code->operand_bytes, &n) || run->depth < code->popped ||
        run->depth - code->popped + code->pushed > STACK_MOST)
        return false;
    size_t base = run->depth - code->popped;
    if (!code->run(run, n, run->stack + base, out))
        return false;
    memcpy(run->stack + base, out, code->pushed * sizeof *out);
    run->depth = base + code->pushed;
    return true;
}

bool ax_evaluate(const uint8_t *code, size_t size_bytes, const struct ax_view *view, uint64_t *value)
{
    struct run run = {.view = view, .code = code, .size_bytes = size_bytes};
    for (unsigned steps = 0; !run.ended; steps++)
        if (steps == STEPS_MOST || !step(&run))
            return false;
    *value = run.stack[run.depth - 1];
    return true;
}

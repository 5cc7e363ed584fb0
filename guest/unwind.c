/* A kernel without debug information does not say how its functions lay out their frames, but they show it: compilers
 * lower sp, save ra and s0 to s11 relative to it, and make s0 the frame pointer if there is one; and undo it before
 * each return. So a function is read once, front to back, with a note of what holds at each place that is jumped to.
 * Where nothing is known of code behind a jump, because a table leads there, it is in the middle of the function: all
 * that is ever saved has been saved.
 */
#include "unwind.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "insn.h"

enum { RULES_MAX = UINT8_MAX, HALVES = 1 << 16 };

struct unwinder {
    const uint8_t *code;
    size_t size_bytes, at;
    uint32_t insn;
    bool leaves;  /* the next instruction is not reached from the one before it */
    bool changed; /* the rule may differ from the one before it */
    struct unwind_rule rule, middle;

    size_t nrules;
    struct unwind_rule rules[RULES_MAX];
    uint8_t arrives[UNWIND_BYTES_MOST / 2]; /* by halfword, 1 + which of the rules holds; 0: not known */

    uint8_t room[UNWIND_BYTES_MOST];
    uint32_t twins[HALVES]; /* of compressed instructions, once they have been asked for; else 0 */
};

static const uint8_t registers[UNWIND_REGISTERS] = {RA, FP, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27};

unsigned unwind_register(unsigned index) { return registers[index]; }

/* ---- instructions -------------------------------------------------------------------------------------------------- */

static uint32_t fetch(struct unwinder *unwinder)
{
    const uint8_t *at = unwinder->code + unwinder->at;
    uint16_t half = bytes_u16(at);
    if (insn_length(half) == 4)
        return unwinder->size_bytes - unwinder->at >= 4 ? bytes_u32(at) : 0;
    if (unwinder->twins[half] == 0)
        unwinder->twins[half] = engine_expand(half);
    return unwinder->twins[half];
}

/* ---- what they do to the rule -------------------------------------------------------------------------------------- */

/* Where the caller's value of a register is noted; NULL: a function need not keep it. */
static int32_t *saved(struct unwind_rule *rule, unsigned x)
{
    for (unsigned i = 0; i < UNWIND_REGISTERS; i++)
        if (registers[i] == x)
            return &rule->saved[i];
    return NULL;
}

static void clobber(struct unwinder *unwinder, unsigned x)
{
    if (x == SP)
        unwinder->rule.sp = UNWIND_UNKNOWN;
    else if (x == FP)
        unwinder->rule.fp = UNWIND_UNKNOWN;
    else
        return;
    unwinder->changed = true;
}

static void arrive(struct unwinder *unwinder, int32_t distance)
{
    size_t target = unwinder->at + (size_t)(int64_t)distance, i = 0;
    if (distance <= 0 || target >= unwinder->size_bytes || target % 2 != 0 || unwinder->arrives[target / 2] != 0)
        return;
    while (i < unwinder->nrules && memcmp(&unwinder->rules[i], &unwinder->rule, sizeof unwinder->rule) != 0)
        i++;
    if (i == RULES_MAX)
        return;
    if (i == unwinder->nrules)
        unwinder->rules[unwinder->nrules++] = unwinder->rule;
    unwinder->arrives[target / 2] = (uint8_t)(i + 1);
}

static void do_other(struct unwinder *unwinder, uint32_t insn) { clobber(unwinder, insn_rd(insn)); }

static void do_nothing(struct unwinder *unwinder, uint32_t insn) { (void)unwinder, (void)insn; }

/* addi: of sp, or of s0 from sp, or of sp back from s0. */
static void do_immediate(struct unwinder *unwinder, uint32_t insn)
{
    struct unwind_rule *rule = &unwinder->rule;
    unsigned rd = insn_rd(insn), rs1 = insn_rs1(insn);
    int32_t imm = insn_i_immediate(insn), from = rs1 == SP ? rule->sp : rs1 == FP ? rule->fp : UNWIND_UNKNOWN;

    clobber(unwinder, rd);
    if (insn_funct3(insn) != 0 || from == UNWIND_UNKNOWN)
        return;
    if (rd == SP)
        rule->sp = from - imm;
    else if (rd == FP && rule->saved[UNWIND_S0] != 0)
        rule->fp = from - imm;
    if (rd == FP || (rd == SP && imm < 0))
        unwinder->middle = *rule;
}

/* ld from the stack: the caller's value again. When sp is not known, as behind variable arrays, that tells it. */
static void do_load(struct unwinder *unwinder, uint32_t insn)
{
    struct unwind_rule *rule = &unwinder->rule;
    int32_t *slot = saved(rule, insn_rd(insn)), imm = insn_i_immediate(insn);
    bool gives_back = insn_funct3(insn) == INSN_WIDTH_64 && insn_rs1(insn) == SP && slot != NULL && *slot != 0;

    if (gives_back && rule->sp == UNWIND_UNKNOWN)
        rule->sp = *slot + imm;
    if (gives_back && rule->sp - imm == *slot)
        *slot = 0;
    unwinder->changed = gives_back;
    clobber(unwinder, insn_rd(insn));
}

static void do_store(struct unwinder *unwinder, uint32_t insn)
{
    struct unwind_rule *rule = &unwinder->rule;
    int32_t *slot = saved(rule, insn_rs2(insn)), imm = insn_s_immediate(insn);

    if (insn_funct3(insn) != INSN_WIDTH_64 || insn_rs1(insn) != SP || slot == NULL || *slot != 0 ||
        rule->sp == UNWIND_UNKNOWN || imm < 0 || rule->sp <= imm || (rule->sp - imm) % 8 != 0)
        return;
    *slot = rule->sp - imm;
    unwinder->middle = *rule;
    unwinder->changed = true;
}

static void do_branch(struct unwinder *unwinder, uint32_t insn) { arrive(unwinder, insn_b_immediate(insn)); }

static void do_jal(struct unwinder *unwinder, uint32_t insn)
{
    unwinder->leaves = insn_rd(insn) == 0;
    if (unwinder->leaves)
        arrive(unwinder, insn_j_immediate(insn));
}

static void do_jalr(struct unwinder *unwinder, uint32_t insn) { unwinder->leaves = insn_rd(insn) == 0; }

static void do_system(struct unwinder *unwinder, uint32_t insn)
{
    enum { SRET = 0x10200073, MRET = 0x30200073 };
    unwinder->leaves = insn == SRET || insn == MRET;
    clobber(unwinder, insn_rd(insn));
}

/* By bits 6 to 2 (unprivileged specification, table "RISC-V base opcode map"). */
static void (*const does[32])(struct unwinder *unwinder, uint32_t insn) = {
    [0x00] = do_load,    [0x01] = do_nothing, [0x03] = do_nothing, [0x04] = do_immediate, [0x05] = do_other,
    [0x06] = do_other,   [0x08] = do_store,   [0x09] = do_nothing, [0x0b] = do_other,     [0x0c] = do_other,
    [0x0d] = do_other,   [0x0e] = do_other,   [0x10] = do_nothing, [0x11] = do_nothing,   [0x12] = do_nothing,
    [0x13] = do_nothing, [0x14] = do_other,   [0x15] = do_nothing, [0x18] = do_branch,    [0x19] = do_jalr,
    [0x1b] = do_jal,     [0x1c] = do_system,
};

/* ---- through a function -------------------------------------------------------------------------------------------- */

struct unwinder *unwinder_new(void) { return calloc(1, sizeof(struct unwinder)); }

void unwinder_free(struct unwinder *unwinder) { free(unwinder); }

void unwind_begin(struct unwinder *unwinder, const uint8_t *code, size_t size_bytes)
{
    unwinder->code = code;
    unwinder->size_bytes = (size_bytes < UNWIND_BYTES_MOST ? size_bytes : UNWIND_BYTES_MOST) & ~(size_t)1;
    unwinder->at = unwinder->nrules = 0;
    unwinder->changed = false;
    unwinder->rule = unwinder->middle = (struct unwind_rule){.fp = UNWIND_UNKNOWN};
    memset(unwinder->arrives, 0, unwinder->size_bytes / 2);
    unwinder->insn = unwinder->size_bytes > 0 ? fetch(unwinder) : 0;
}

bool unwind_step(struct unwinder *unwinder)
{
    uint32_t insn = unwinder->insn;
    size_t next = unwinder->at;

    if (unwinder->size_bytes > 0)
        next += insn_length(bytes_u16(unwinder->code + next));
    if (next >= unwinder->size_bytes)
        return false;
    unwinder->leaves = unwinder->changed = false;
    if (insn != 0 && does[insn_opcode(insn)] != NULL)
        does[insn_opcode(insn)](unwinder, insn);
    unwinder->at = next;
    unwinder->changed |= unwinder->leaves || unwinder->arrives[next / 2] != 0;
    if (unwinder->arrives[next / 2] != 0)
        unwinder->rule = unwinder->rules[unwinder->arrives[next / 2] - 1];
    else if (unwinder->leaves)
        unwinder->rule = unwinder->middle;
    unwinder->insn = fetch(unwinder);
    return true;
}

uint8_t *unwind_room(struct unwinder *unwinder) { return unwinder->room; }

size_t unwind_at(const struct unwinder *unwinder) { return unwinder->at; }
uint32_t unwind_insn(const struct unwinder *unwinder) { return unwinder->insn; }
bool unwind_changed(const struct unwinder *unwinder) { return unwinder->changed; }
const struct unwind_rule *unwind_rule(const struct unwinder *unwinder) { return &unwinder->rule; }

const struct unwind_rule *unwind_to(struct unwinder *unwinder, const uint8_t *code, size_t size_bytes, size_t offset)
{
    unwind_begin(unwinder, code, size_bytes);
    if (unwinder->size_bytes == 0)
        return &unwinder->rule;
    while (unwinder->at + insn_length(bytes_u16(code + unwinder->at)) <= offset && unwind_step(unwinder))
        ;
    return &unwinder->rule;
}

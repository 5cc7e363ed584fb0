/* The entry code (arch/riscv/kernel/entry.S) must save registers before it can use any, and keeps them here and there
 * on its way: tp in sscratch, sp and a few others below tp, where struct thread_info is, all at last in struct pt_regs
 * at sp: register n at 8 n, and pc at 0 (uapi/asm/ptrace.h). As the code differs from kernel to kernel, it is followed:
 * what each register and each of these places holds. Only jumps forwards are known, and of several to one place the
 * first is believed.
 */
#include "saves.h"

#include "insn.h"
#include <stdlib.h>

enum { NOTHING = 0, MOVES_MOST = 16, OFFSET_MOST = 2048 };

/* CSRs by number, and how an instruction of SYSTEM reaches them (privileged specification, 2.1; unprivileged, 7.1). */
enum { CSR_SSCRATCH = 0x140, CSR_SEPC = 0x141, CSRRW = 1, CSRRS = 2 };

/* What holds what: 1 to 31 is that register of what was interrupted, SAVES_PC its pc. */
struct holding {
    uint8_t x[32], sscratch, sepc;
    struct place stored[SAVES_REGISTERS]; /* of kind PLACE_MEMORY, or PLACE_NOWHERE */
};

struct saves {
    struct unwinder *unwinder;
    struct holding now;
    size_t nmoves;
    struct {
        size_t to; /* in bytes */
        struct holding then;
    } moves[MOVES_MOST];
};

/* ---- what holds what ------------------------------------------------------------------------------------------------- */

/* Where something is stored relative to this register, it is not known any more. */
static void lose_base(struct holding *now, unsigned base)
{
    for (unsigned i = 1; i < SAVES_REGISTERS; i++)
        if (now->stored[i].kind == PLACE_MEMORY && now->stored[i].base == base)
            now->stored[i].kind = PLACE_NOWHERE;
}

static void set(struct holding *now, unsigned rd, unsigned what)
{
    if (rd == 0)
        return;
    now->x[rd] = (uint8_t)what;
    lose_base(now, rd);
}

/* sp goes down to where struct pt_regs will be; what is stored relative to it stays where it is. */
static void move_base(struct holding *now, unsigned base, int32_t distance)
{
    now->x[base] = NOTHING;
    for (unsigned i = 1; i < SAVES_REGISTERS; i++) {
        struct place *place = &now->stored[i];
        if (place->kind != PLACE_MEMORY || place->base != base)
            continue;
        place->offset = (int16_t)(place->offset - distance);
        if (place->offset <= -OFFSET_MOST || place->offset >= OFFSET_MOST)
            place->kind = PLACE_NOWHERE;
    }
}

/* What is stored there; NOTHING when nothing is that is looked for. */
static unsigned stored_at(const struct holding *now, unsigned base, int32_t offset)
{
    for (unsigned i = 1; i < SAVES_REGISTERS; i++) {
        const struct place *place = &now->stored[i];
        if (place->kind == PLACE_MEMORY && place->base == base && place->offset == offset)
            return i;
    }
    return NOTHING;
}

/* ---- instructions ---------------------------------------------------------------------------------------------------- */

static void do_other(struct holding *now, uint32_t insn) { set(now, insn_rd(insn), NOTHING); }

static void do_immediate(struct holding *now, uint32_t insn)
{
    bool adds = insn_funct3(insn) == 0;
    if (adds && insn_i_immediate(insn) == 0)
        set(now, insn_rd(insn), now->x[insn_rs1(insn)]);
    else if (adds && insn_rd(insn) == insn_rs1(insn) && insn_rd(insn) != 0)
        move_base(now, insn_rd(insn), insn_i_immediate(insn));
    else
        set(now, insn_rd(insn), NOTHING);
}

static void do_load(struct holding *now, uint32_t insn)
{
    bool whole = insn_funct3(insn) == INSN_WIDTH_64;
    set(now, insn_rd(insn), whole ? stored_at(now, insn_rs1(insn), insn_i_immediate(insn)) : NOTHING);
}

static void do_store(struct holding *now, uint32_t insn)
{
    unsigned over = stored_at(now, insn_rs1(insn), insn_s_immediate(insn)), what = now->x[insn_rs2(insn)];
    now->stored[over].kind = PLACE_NOWHERE;
    if (what != NOTHING && insn_funct3(insn) == INSN_WIDTH_64)
        now->stored[what] = (struct place){PLACE_MEMORY, (uint8_t)insn_rs1(insn), (int16_t)insn_s_immediate(insn)};
}

static void do_system(struct holding *now, uint32_t insn)
{
    unsigned number = insn >> 20, funct3 = insn_funct3(insn), from = now->x[insn_rs1(insn)], was;
    uint8_t *csr = number == CSR_SSCRATCH ? &now->sscratch : number == CSR_SEPC ? &now->sepc : NULL;
    if (funct3 == 0)
        return;
    was = csr != NULL ? *csr : NOTHING;
    if (csr != NULL && (funct3 != CSRRS || insn_rs1(insn) != 0))
        *csr = funct3 == CSRRW ? (uint8_t)from : NOTHING;
    set(now, insn_rd(insn), was);
}

static void do_nothing(struct holding *now, uint32_t insn) { (void)now, (void)insn; }

/* By bits 6 to 2 (unprivileged specification, table "RISC-V base opcode map"). */
static void (*const does[32])(struct holding *now, uint32_t insn) = {
    [0x00] = do_load,    [0x01] = do_nothing, [0x03] = do_nothing, [0x04] = do_immediate,
    [0x05] = do_other,   [0x06] = do_other,   [0x08] = do_store,   [0x09] = do_nothing,
    [0x0b] = do_other,   [0x0c] = do_other,   [0x0d] = do_other,   [0x0e] = do_other,
    [0x18] = do_nothing, [0x19] = do_other,   [0x1b] = do_other,   [0x1c] = do_system,
};

/* ---- through the code ------------------------------------------------------------------------------------------------ */

struct saves *saves_new(struct unwinder *unwinder)
{
    struct saves *saves = calloc(1, sizeof *saves);
    if (saves != NULL)
        saves->unwinder = unwinder;
    return saves;
}

void saves_free(struct saves *saves) { free(saves); }

void saves_begin(struct saves *saves, const uint8_t *code, size_t size_bytes, bool saved)
{
    struct holding *now = &saves->now;
    *now = (struct holding){.sepc = saved ? NOTHING : SAVES_PC};
    for (unsigned i = 1; i < 32; i++) {
        now->x[i] = saved ? NOTHING : (uint8_t)i;
        if (saved)
            now->stored[i] = (struct place){PLACE_MEMORY, SP, (int16_t)(8 * i)};
    }
    if (saved)
        now->stored[SAVES_PC] = (struct place){PLACE_MEMORY, SP, 0};
    saves->nmoves = 0;
    unwind_begin(saves->unwinder, code, size_bytes);
}

static const struct holding *arrived(const struct saves *saves, size_t at)
{
    for (size_t i = 0; i < saves->nmoves; i++)
        if (saves->moves[i].to == at)
            return &saves->moves[i].then;
    return NULL;
}

/* A branch, or a jump that is no call. */
static bool is_jump(uint32_t insn, int32_t *distance)
{
    enum { BRANCH = 0x18, JAL = 0x1b };
    bool branch = insn_opcode(insn) == BRANCH;
    *distance = branch ? insn_b_immediate(insn) : insn_j_immediate(insn);
    return branch || (insn_opcode(insn) == JAL && insn_rd(insn) == 0);
}

static void note_jump(struct saves *saves, uint32_t insn)
{
    int32_t distance;
    if (insn == 0 || !is_jump(insn, &distance) || distance <= 0 || saves->nmoves == MOVES_MOST)
        return;
    size_t to = unwind_at(saves->unwinder) + (size_t)distance;
    if (arrived(saves, to) != NULL)
        return;
    saves->moves[saves->nmoves].to = to;
    saves->moves[saves->nmoves++].then = saves->now;
}

bool saves_step(struct saves *saves)
{
    uint32_t insn = unwind_insn(saves->unwinder);
    note_jump(saves, insn);
    if (!unwind_step(saves->unwinder))
        return false;
    if (insn != 0 && does[insn_opcode(insn)] != NULL)
        does[insn_opcode(insn)](&saves->now, insn);
    const struct holding *then = arrived(saves, unwind_at(saves->unwinder));
    if (then != NULL)
        saves->now = *then;
    return true;
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

/* Memory first: what is called does not spare all registers. */
struct place saves_place(const struct saves *saves, unsigned index)
{
    const struct holding *now = &saves->now;
    if (index == 0)
        return (struct place){0};
    if (now->stored[index].kind == PLACE_MEMORY)
        return now->stored[index];
    if (index < 32 && now->x[index] == index)
        return (struct place){PLACE_REGISTER, (uint8_t)index, 0};
    if (now->sscratch == index)
        return (struct place){PLACE_SSCRATCH, 0, 0};
    if (now->sepc == index)
        return (struct place){PLACE_SEPC, 0, 0};
    for (unsigned i = 1; i < 32; i++)
        if (now->x[i] == index)
            return (struct place){PLACE_REGISTER, (uint8_t)i, 0};
    return (struct place){0};
}

bool saves_done(const struct saves *saves)
{
    const struct place *pc = &saves->now.stored[SAVES_PC];
    return pc->kind == PLACE_MEMORY && pc->base == SP && pc->offset == 0;
}

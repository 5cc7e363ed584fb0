/* Delivers an interrupt at every mark of some programs, one after the other, to two engines side by side: one that
 * interprets, and one whose translated code is warm and has to stop right there.
 *
 *     interrupts [MORE]
 *
 * A sample turns for ever. Its window is as many marks as a turn takes, or WINDOW, from a place in the turn to the same
 * place in a later one; to each of them the translated side runs from far away. What the right mark and pc are is what
 * the interpreter finds instruction by instruction. The second part does the same with random programs, MORE times as
 * many of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm.h"
#include "pair.h"

enum { WINDOW = 150, TURN_MOST = 2000, SAMPLE_WORDS = 256, RANDOM_PROGRAMS = 6, RANDOM_WINDOW = 300 };
/* Marks: until all is translated; more than a superblock holds; through a handler and on. */
enum { WARM = 3000, FAR = 150, AFTERWARDS = 90 };

static const struct engine_tuning tunings[] = {
    {.hot_after = 1},
    {.hot_after = 1, .block_insns_most = 1},
    {.hot_after = 1, .block_insns_most = 2},
    {.hot_after = 1, .block_insns_most = 16},
    {.hot_after = 0},
};
enum { TUNINGS = sizeof tunings / sizeof tunings[0] };

/* Lines, and whom they interrupt: machine mode, at once; supervisor mode, when it lets them. */
static const uint64_t kinds[] = {MIP_MTIP, MIP_SEIP, MIP_MTIP | MIP_SEIP};

/* ---- samples --------------------------------------------------------------------------------------------------------
 * s0 and s1 lead to data, s1 to some bytes before the end of a page; a4 and a5 too, and are not written; a3 is 1, s10
 * leads to the device, s11 counts turns. */

#define SAMPLE(...) {__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4

static const struct sample {
    const char *name;
    uint32_t words[32];
    size_t nwords;
} samples[] = {
    {"computing", SAMPLE(ADDI(A0, A0, 1), ADD(A1, A1, A0), MUL(A2, A1, A0), SLLI(A1, A1, 3), SRLI(A2, A2, 7),
                         ADD(T2, A2, A1), ANDI(A0, T2, 0x7f))},
    {"memory", SAMPLE(LD(A0, 0, S0), LD(A1, 8, S0), ADD(A0, A0, A1), SD(A0, 16, S0), SD(S11, -8, S0), LBU(A2, 3, S1),
                      LD(T2, 12, S1), SW(A2, 14, S1), SB(T2, 15, S1), SD(A0, 20, S1))},
    {"branches not taken", SAMPLE(ADDI(A0, A0, 1), BEQ(A3, X0, 8), ADDI(A1, A1, 1), BNE(X0, X0, 8), LD(A2, 0, S0),
                                  BLTU(A3, X0, 8), SD(A0, 8, S0), BGE(X0, A3, 8))},
    {"branches taken", SAMPLE(BNE(A3, X0, 8), ADDI(A0, A0, 1), BEQ(X0, X0, 12), ADDI(A1, A1, 1), ADDI(A1, A1, 1),
                              LD(A2, 0, S0), BGE(A3, X0, 8), SD(A0, 8, S0))},
    {"branches now and then",
     SAMPLE(ANDI(A0, S11, 1), BEQ(A0, X0, 12), ADDI(A1, A1, 1), SD(A1, 0, S0), ANDI(A0, S11, 3), BNE(A0, X0, 12),
            LD(A2, 8, S0), ADD(A1, A1, A2), ADDI(A0, A0, 1))},
    {"loop of two", SAMPLE(ADDI(A0, X0, 9), ADDI(A0, A0, -1), BNE(A0, X0, -4))},
    {"loop of three", SAMPLE(ADDI(A0, X0, 12), LD(A1, 8, S0), ADDI(A0, A0, -1), BNE(A0, X0, -8))},
    {"copy over the end of a page",
     SAMPLE(ADDI(S1, A5, 0), ADDI(A2, A4, 0), ADDI(A0, X0, 10), LD(A1, 0, S1), SD(A1, 8, A2), ADDI(S1, S1, 8),
            ADDI(A2, A2, 8), ADDI(A0, A0, -1), BNE(A0, X0, -20), ADDI(S1, A5, 0))},
    {"fill backwards by bytes", SAMPLE(ADDI(A2, A5, 24), SB(S11, 0, A2), ADDI(A2, A2, -1), BNE(A2, A5, -8))},
    {"chase", SAMPLE(SD(S0, 24, S0), SD(S0, 32, S0), ADDI(A2, S0, 0), ADDI(A0, X0, 7), LD(A2, 24, A2), LD(A1, 8, A2),
                     ADDI(A0, A0, -1), BNE(A0, X0, -12))},
    {"loop in a loop", SAMPLE(ADDI(A0, X0, 4), ADDI(A1, X0, 3), ADD(A2, A2, A1), ADDI(A1, A1, -1), BNE(A1, X0, -8),
                              ADDI(A0, A0, -1), BNE(A0, X0, -20))},
    {"loop with a condition", SAMPLE(ADDI(A0, X0, 8), ANDI(A1, A0, 1), BEQ(A1, X0, 8), LD(A2, 8, S0), SD(A2, 16, S0),
                                     ADDI(A0, A0, -1), BNE(A0, X0, -20))},
    {"loop entered in the middle",
     SAMPLE(ADDI(A0, X0, 9), JAL(X0, 20), ANDI(A1, A0, 1), BEQ(A1, X0, 12), LD(A2, 8, S0), SD(A2, 16, S0),
            ADDI(A0, A0, -1), BEQ(A0, X0, 8), JAL(X0, -24), ADDI(A1, A1, 1))},
    {"loop whose head leads to what is behind it",
     SAMPLE(ADDI(A0, X0, 9), ADDI(A1, A1, 1), JAL(X0, 4), ADDI(A0, A0, -1), BEQ(A0, X0, 8), JAL(X0, -16),
            ADDI(A1, A1, 1))},
    {"calls", SAMPLE(JAL(RA, 12), ADDI(A0, A0, 1), JAL(X0, 12), ADDI(A1, A1, 1), JALR(X0, RA), JAL(RA, -8))},
    {"counters", SAMPLE(CSRR(A0, INSTRET), ADDI(A1, A1, 1), CSRR(A2, CYCLE), SD(A0, 0, S0), CSRR(T2, TIME),
                        SD(A2, 8, S0), SD(T2, 16, S0))},
    {"status", SAMPLE(LUI(A0, 0x40), CSRS(SSTATUS, A0), LD(A1, 0, S0), CSRC(SSTATUS, A0), SD(A1, 8, S0),
                      CSRR(A2, SSTATUS), ADDI(A1, A1, 1))},
    {"interrupts off and on", SAMPLE(ADDI(A0, X0, 2), CSRC(SSTATUS, A0), ADDI(A1, A1, 1), LD(A2, 0, S0), SD(A1, 8, S0),
                                     CSRS(SSTATUS, A0), ADDI(A1, A1, 1), ADDI(A1, A1, 1))},
    {"floating point",
     SAMPLE(FLD(0, 0, S0), FCVT_D_L(1, S11), FADD_D(2, 0, 1), FMUL_D(3, 2, 1), FSD(3, 8, S0), CSRR(A0, FFLAGS),
            CSRW(FFLAGS, X0), FLT_D(A1, 2, 3), CSRW(FRM, A1), FADD_D(4, 3, 2), CSRW(FRM, X0))},
    {"sum of numbers", SAMPLE(ADDI(A2, A4, 0), ADDI(A0, X0, 6), FLD(0, 0, A2), FADD_D(1, 1, 0), ADDI(A2, A2, 8),
                              ADDI(A0, A0, -1), BNE(A0, X0, -16), FSD(1, 8, S0))},
    {"atomics",
     SAMPLE(LR_D(A0, S0), ADDI(A0, A0, 1), SC_D(A1, A0, S0), AMOADD_D(A2, A3, S0), BNE(A1, X0, 8), SD(A2, 8, S0))},
    {"fences", SAMPLE(SD(A0, 8, S0), SFENCE_VMA, LD(A1, 8, S0), ADDI(A0, A0, 1), FENCE_I, ADD(A2, A1, A0))},
    {"traps",
     SAMPLE(LD(A0, 0, S0), LD(A1, 0, X0), ADDI(A2, A2, 1), ECALL, SD(A2, 8, S0), SD(A2, 0, X0), 0, ADDI(A2, A2, 1))},
    {"device", SAMPLE(ADDI(A0, A0, 1), SD(A0, 8 * MMIO_KICK, S10), LD(A1, 8 * MMIO_RAISE, S10), SD(A1, 0, S0),
                      LD(A2, 8 * MMIO_KICK, S10), ADDI(A0, A0, 1))},
    {"device in a loop",
     SAMPLE(ADDI(A0, X0, 6), LD(A1, 8 * MMIO_RAISE, S10), SD(A1, 8, S0), ADDI(A0, A0, -1), BNE(A0, X0, -12))},
    {"code overwritten", SAMPLE(AUIPC(A0), ADDI(A1, A1, 1), LW(A2, 24, A0), SW(A2, 20, A0), ADDI(A1, A1, 1),
                                ADDI(A1, A1, 3), ADDI(A1, A1, 2))},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

/* Straight runs, about as long as blocks can be. */
static const unsigned lengths[] = {1, 2, 3, 13, 14, 15, 29, 30, 31, 61, 62, 63, 64, 65, 126, 200};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static struct sample straight(unsigned nwords, uint32_t *words)
{
    static const uint32_t pattern[] = {ADDI(A0, A0, 1), LD(A1, 8, S0),  ADD(A2, A2, A1), SD(A2, 16, S0),
                                       MUL(A1, A2, A0), BEQ(A3, X0, 4), SRLI(A2, A1, 5)};
    for (unsigned n = 0; n < nwords; n++)
        words[n] = pattern[n % (sizeof pattern / sizeof pattern[0])];
    return (struct sample){.name = "straight", .nwords = nwords};
}

/* ---- a program of a sample ------------------------------------------------------------------------------------------ */

enum { MENVCFG_ADUE_BIT = 61, SPARE_PAGE = PAGE_DATA + 8, START_BYTES = 0x100 };

static void set_state(struct program *program, uint64_t start)
{
    struct hart_state *state = &program->state;
    uint64_t data = RAM_BASE + SPARE_PAGE * PAGE_BYTES;
    state->priv = PRIV_S;
    state->pc = start;
    state->mstatus = UINT64_C(0xa00006002); /* FS dirty, SIE */
    state->satp = (uint64_t)SV39 << 60 | ((RAM_BASE >> PAGE_SHIFT) + PAGE_ROOT);
    state->medeleg = 0xb3ff;
    state->mideleg = MIP_SEIP;
    state->mie = MIP_MTIP | MIP_SEIP;
    state->menvcfg |= UINT64_C(1) << MENVCFG_ADUE_BIT;
    state->mcounteren = state->scounteren = 7;
    state->fflags = state->frm = 0;
    state->x[S0] = data + 64;
    state->x[S1] = state->x[A5] = data + 2 * PAGE_BYTES - 21;
    state->x[A4] = data + 3 * PAGE_BYTES - 40;
    state->x[A3] = 1;
    state->x[S10] = MMIO_BASE;
    state->x[S11] = 0;
}

/* The sample, and around it what makes it turn. It begins at an offset in its page. */
static uint64_t make_program(struct program *program, const struct sample *sample, const uint32_t *words,
                             uint64_t offset)
{
    uint64_t seed = 1;
    do
        program_make(program, seed++, NULL);
    while (program->user || (program->pages[PAGE_ROOT][0] & PTE_U)); /* the device is there for S-mode too */
    program->trap_page_paddr = 0;
    uint8_t *code = program->pages[PAGE_CODE_FIRST] + offset;
    uint64_t start = RAM_BASE + PAGE_CODE_FIRST * PAGE_BYTES + offset;
    const uint32_t turn[] = {ADDI(S11, S11, 1), JAL(X0, -4 * (int32_t)(sample->nwords + 1))};
    memcpy(code, words, 4 * sample->nwords);
    memcpy(code + 4 * sample->nwords, turn, sizeof turn);
    set_state(program, start);
    return start;
}

/* ---- delivering ----------------------------------------------------------------------------------------------------- */

struct tally {
    uint64_t deliveries, checked, loops, joined, translated;
    bool good;
};

static void complain(struct tally *tally, struct side *a, struct side *b, const char *name, uint64_t mark,
                     uint64_t lines)
{
    printf("%s, blocks of %u, hot %u: lines %#" PRIx64 " at mark %" PRIu64 " (pc %#" PRIx64 ")\n", name,
           b->tuning.block_insns_most, b->tuning.hot_after, lines, mark, engine_hart(a->engine, 0)->pc);
    (void)sides_agree(a, b, true);
    tally->good = false;
}

static void raise(struct side *side, uint64_t lines)
{
    engine_set_lines(side->engine, 0, lines, lines);
    if (engine_waiting(side->engine)) { /* in wfi: something must come */
        (void)engine_csr_write(side->engine, 0, 0x304, 0xaaa);
        engine_wake(side->engine, 0);
    }
    engine_settle(side->engine);
}

/* Where both sides are: an interrupt, and what comes after it. Is it machine mode that must be interrupted here, at
 * this pc? */
static void deliver(struct tally *tally, struct side *a, struct side *b, const char *name, uint64_t lines, bool at_once)
{
    icount_t mark = engine_now(a->engine);
    const struct hart_state *state = engine_hart(b->engine, 0);
    uint64_t pc = engine_hart(a->engine, 0)->pc;
    bool good = sides_agree(a, b, false);
    raise(a, lines);
    raise(b, lines);
    tally->deliveries++;
    if (at_once) {
        tally->checked++;
        good &= state->mcause == (UINT64_C(1) << 63 | 7) && state->mepc == pc && state->pc == RAM_BASE;
    }
    good &= engine_now(b->engine).n == mark.n && sides_agree(a, b, false);
    side_run(a, icount_of(mark.n + AFTERWARDS));
    side_run(b, icount_of(mark.n + AFTERWARDS));
    if (!good || !sides_agree(a, b, false) || !side_flags_right(b))
        complain(tally, a, b, name, mark.n, lines);
}

static void step(struct side *side) { side_run(side, icount_of(engine_now(side->engine).n + 1)); }

/* Runs instruction by instruction until the next turn begins; how many that were, TURN_MOST when it never does. */
static unsigned to_next_turn(struct side *side, uint64_t start)
{
    unsigned count = 0;
    do
        step(side);
    while (++count < TURN_MOST && engine_hart(side->engine, 0)->pc != start);
    return count;
}

/* To a turn that is far enough away for the translated side to run freely to it. */
static bool go_far(struct side *a, uint64_t start)
{
    side_run(a, icount_of(engine_now(a->engine).n + FAR));
    return to_next_turn(a, start) < TURN_MOST;
}

static void all_marks(struct tally *tally, struct side *a, struct side *b, const struct sample *sample, uint64_t start,
                      uint64_t lines)
{
    bool at_once = lines & MIP_MTIP;
    tally->good &= go_far(a, start);
    unsigned turn = to_next_turn(a, start), window = turn > WINDOW ? turn : WINDOW;
    side_run(b, engine_now(a->engine));
    for (unsigned n = 0; n < window && tally->good; n++) {
        if (!go_far(a, start))
            complain(tally, a, b, sample->name, engine_now(a->engine).n, 0);
        for (unsigned steps = 0; steps < n; steps++)
            step(a);
        side_run(b, engine_now(a->engine));
        deliver(tally, a, b, sample->name, lines, at_once);
    }
}

static void count_met(struct tally *tally, const struct side *side)
{
    tally->loops += side->met.loops;
    tally->joined += side->met.joined;
    for (unsigned op = 0; op < OP_COUNT; op++)
        tally->translated += side->met.translated[op];
}

static void check_sample(struct tally *tally, const struct sample *sample, const uint32_t *words, uint64_t offset)
{
    static struct program program;
    uint64_t start = make_program(&program, sample, words, offset);
    for (unsigned t = 0; t < TUNINGS && tally->good; t++) {
        static struct side a, b;
        side_create(&a, "interpreted", (struct engine_tuning){.interpreter_only = true});
        side_create(&b, "translated", tunings[t]);
        side_load(&a, &program, 0);
        side_load(&b, &program, 0);
        side_run(&a, icount_of(WARM));
        side_run(&b, icount_of(WARM));
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            all_marks(tally, &a, &b, sample, start, kinds[k]);
        count_met(tally, &b);
        side_destroy(&a);
        side_destroy(&b);
    }
}

/* ---- random programs ------------------------------------------------------------------------------------------------ */

/* The same window again and again from the beginning, each time one mark later: nothing need come round. */
static void check_random(struct tally *tally, uint64_t seed, struct engine_tuning tuning)
{
    static struct program program;
    static struct side a, b;
    const enum theme loops = THEME_LOOPS;
    uint64_t from = 200 + random_below(&seed, 400);
    program_make(&program, random_u64(&seed), random_below(&seed, 2) ? &loops : NULL);
    side_create(&a, "interpreted", (struct engine_tuning){.interpreter_only = true});
    side_create(&b, "translated", tuning);
    for (uint64_t mark = from; mark < from + RANDOM_WINDOW && tally->good; mark++) {
        side_load(&a, &program, 0);
        side_load(&b, &program, 0);
        side_run(&a, icount_of(mark));
        side_run(&b, icount_of(mark));
        deliver(tally, &a, &b, "random", kinds[mark % 3], false);
    }
    count_met(tally, &b);
    side_destroy(&a);
    side_destroy(&b);
}

int main(int argc, char **argv)
{
    unsigned more = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1;
    struct tally tally = {.good = true};
    for (unsigned n = 0; n < SAMPLES; n++) {
        check_sample(&tally, &samples[n], samples[n].words, START_BYTES);
        check_sample(&tally, &samples[n], samples[n].words, PAGE_BYTES - 4 * (samples[n].nwords / 2));
    }
    for (unsigned n = 0; n < LENGTHS; n++) {
        uint32_t words[SAMPLE_WORDS];
        struct sample sample = straight(lengths[n], words);
        check_sample(&tally, &sample, words, START_BYTES);
    }
    for (unsigned n = 0; n < RANDOM_PROGRAMS * more && tally.good; n++)
        check_random(&tally, n, tunings[n % TUNINGS]);
    printf("%" PRIu64 " interrupts, %" PRIu64 " of them at a pc that was known; %" PRIu64 " rows and %" PRIu64
           " loops translated\n",
           tally.deliveries, tally.checked, tally.translated, tally.loops);
    return tally.good && tally.checked && tally.loops && tally.joined ? 0 : 1;
}

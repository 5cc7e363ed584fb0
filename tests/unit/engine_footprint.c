/* What an engine notes of what it has touched: each way of storing marks its words and no others, translated and
 * interpreted; code is noted where it was entered. */
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"
#include "tests/lockstep/asm.h"

enum { RAM_BYTES = 1 << 20, DATA = RAM_BASE + 0x10000, STRIDE = 64, TURNS = 200, WORDS = RAM_BYTES / 8 };
enum { SH = 0x1023, CBO_ZERO = 0x0040200f, FS_DIRTY = 0x6000 };

static const struct engine_tuning tunings[] = {
    {.hot_after = 1, .footprint = true},
    {.footprint = true},
    {.hot_after = 1, .block_insns_most = 1, .footprint = true},
    {.interpreter_only = true, .footprint = true},
};
enum { TUNINGS = sizeof tunings / sizeof tunings[0] };

/* Stores at s0, which goes on by STRIDE with each turn, and puts something else there each time. */
struct row {
    const char *name;
    uint32_t code[3];
    unsigned insns;
    unsigned first, words; /* that each turn stores to, from s0 */
};

static const struct row rows[] = {
    {"sb", {SB(T0, 9, S0)}, 1, 1, 1},
    {"sh across two words", {S_TYPE(SH, T0, 15, S0)}, 1, 1, 2},
    {"sw in a word", {SW(T0, 20, S0)}, 1, 2, 1},
    {"sw across", {SW(T0, 30, S0)}, 1, 3, 2},
    {"sd", {SD(T0, 40, S0)}, 1, 5, 1},
    {"sd across", {SD(T0, 33, S0)}, 1, 4, 2},
    {"sd across pages", {SD(T0, 60, S0)}, 1, 7, 2},
    {"a window", {SD(T0, 0, S0), SD(T0, 24, S0)}, 2, 0, 1 | 1 << 3},
    {"fsd", {FSD(0, 16, S0)}, 1, 2, 1},
    {"sc", {LR_D(A0, S0), SC_D(A1, T0, S0)}, 2, 0, 1},
    {"amo", {AMOADD_D(A0, T0, S0)}, 1, 0, 1},
    {"cbo.zero", {CBO_ZERO | (uint32_t)S0 << 15}, 1, 0, 8},
    {"nothing", {LD(A0, 0, S0)}, 1, 0, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0], WINDOW_ROW = 7 };

/* `code` at the beginning of memory, where the hart stands. */
static struct engine *engine_with(struct engine_tuning tuning, const uint32_t *code, size_t code_bytes)
{
    struct engine *engine = bare_engine(RAM_BYTES, tuning, bare_bus);
    ck_assert(engine_ram_store(engine, RAM_BASE, code, code_bytes));
    return engine;
}

static struct engine *engine_for(const struct row *row, struct engine_tuning tuning, unsigned *insns)
{
    uint32_t code[8];
    unsigned count = 0;
    for (unsigned i = 0; i < row->insns; i++)
        code[count++] = row->code[i];
    code[count++] = ADDI(T0, T0, 1);
    code[count++] = ADDI(S0, S0, STRIDE);
    code[count] = JAL(X0, -4 * (int)count);
    *insns = ++count;
    struct engine *engine = engine_with(tuning, code, count * sizeof code[0]);
    struct hart_state *state = engine_hart(engine, 0);
    state->x[T0] = 1;
    state->x[S0] = DATA;
    state->f[0] = 77;
    state->mstatus |= FS_DIRTY;
    engine_forget(engine);
    engine_clean(engine);
    return engine;
}

static void expect_words(const struct row *row, const struct footprint *footprint, unsigned turns)
{
    static bool expected[WORDS];
    memset(expected, 0, sizeof expected);
    for (unsigned turn = 0; turn < turns; turn++) {
        unsigned word = (DATA - RAM_BASE + turn * STRIDE) / 8 + row->first;
        for (unsigned n = 0; n < 8; n++)
            expected[word + n] |= row == &rows[WINDOW_ROW] ? row->words >> n & 1 : n < row->words;
    }
    unsigned good = 0;
    while (good < WORDS && footprint_stored(footprint, good * 8u, 8) == expected[good])
        good++;
    ck_assert_msg(good == WORDS, "%s: word %u", row->name, good);
}

static struct footprint run_turns(struct engine *engine, unsigned insns, unsigned turns)
{
    struct footprint footprint;
    ck_assert_int_eq(engine_run(engine, icount_of(engine_now(engine).n + (uint64_t)insns * turns)), ENGINE_LIMIT);
    engine_settle(engine);
    ck_assert(engine_footprint(engine, &footprint));
    return footprint;
}

START_TEST(every_store_marks_its_words_and_no_others)
{
    for (unsigned i = 0; i < TUNINGS * ROWS; i++) {
        const struct row *row = &rows[i % ROWS];
        unsigned insns;
        struct engine *engine = engine_for(row, tunings[i / ROWS], &insns);
        struct footprint footprint = run_turns(engine, insns, TURNS);
        ck_assert_uint_eq(engine_hart(engine, 0)->mcause, 0);
        expect_words(row, &footprint, TURNS);
        footprint_free(&footprint);
        engine_destroy(engine);
    }
}
END_TEST

/* Part of a word asked for is as good as all of it; nothing asked for is nothing. */
START_TEST(any_byte_of_a_word_stands_for_it)
{
    unsigned insns;
    struct engine *engine = engine_for(&rows[0], tunings[0], &insns); /* sb to byte 9 */
    struct footprint footprint = run_turns(engine, insns, 1);
    const uint64_t at = DATA - RAM_BASE;
    ck_assert(footprint_stored(&footprint, at + 15, 1) && footprint_stored(&footprint, at + 8, 1));
    ck_assert(footprint_stored(&footprint, at, 9) && !footprint_stored(&footprint, at, 8));
    ck_assert(!footprint_stored(&footprint, at + 16, 64));
    ck_assert(footprint_stored(&footprint, at - 3 * PAGE_BYTES, 3 * PAGE_BYTES + 9));
    ck_assert(footprint_stored(&footprint, 0, RAM_BYTES));
    footprint_free(&footprint);
    engine_destroy(engine);
}
END_TEST

START_TEST(cleaning_begins_anew)
{
    for (unsigned i = 0; i < TUNINGS; i++) {
        unsigned insns;
        struct engine *engine = engine_for(&rows[4], tunings[i], &insns);
        struct footprint first = run_turns(engine, insns, TURNS);
        engine_clean(engine);
        struct footprint none = run_turns(engine, insns, 0), second = run_turns(engine, insns, TURNS);
        ck_assert_uint_eq(none.npages + none.nranges, 0);
        const uint64_t at = DATA - RAM_BASE + 40;
        ck_assert(footprint_stored(&first, at, 8) && !footprint_stored(&second, at, 8));
        ck_assert(!footprint_stored(&first, at + TURNS * STRIDE, 8));
        ck_assert(footprint_stored(&second, at + TURNS * STRIDE, 8));
        ck_assert(footprint_executed(&first, RAM_BASE) && footprint_executed(&second, RAM_BASE));
        footprint_free(&first);
        footprint_free(&none);
        footprint_free(&second);
        engine_destroy(engine);
    }
}
END_TEST

START_TEST(a_device_s_store_is_marked)
{
    static const uint8_t bytes[20];
    struct footprint footprint;
    struct engine *engine = bare_engine(RAM_BYTES, tunings[0], bare_bus);
    engine_clean(engine);
    ck_assert(engine_ram_store(engine, RAM_BASE + 2 * PAGE_BYTES - 4, bytes, sizeof bytes));
    ck_assert(engine_footprint(engine, &footprint));
    ck_assert_uint_eq(footprint.npages, 2);
    ck_assert(!footprint_stored(&footprint, 2 * PAGE_BYTES - 16, 8));
    ck_assert(footprint_stored(&footprint, 2 * PAGE_BYTES - 8, 1));
    ck_assert(footprint_stored(&footprint, 2 * PAGE_BYTES + 15, 1));
    ck_assert(!footprint_stored(&footprint, 2 * PAGE_BYTES + 16, 8));
    footprint_free(&footprint);
    engine_destroy(engine);
}
END_TEST

/* ---- code ------------------------------------------------------------------------------------------------------------- */

/* Two pieces of code that take turns, with something between them that never runs; then a jump to where nothing can be
 * fetched. */
START_TEST(code_is_noted_where_it_was_entered)
{
    static const uint32_t code[] = {
        /*  0 */ ADDI(T0, T0, 1),
        /*  4 */ JAL(X0, 16),
        /*  8 */ ADDI(T1, T1, 1), /* never */
        /* 12 */ ADDI(T1, T1, 1),
        /* 16 */ ADDI(T1, T1, 1),
        /* 20 */ BNE(T0, A0, -20),
        /* 24 */ JALR(X0, A1),
    };
    for (unsigned i = 0; i < TUNINGS; i++) {
        struct footprint footprint;
        struct engine *engine = engine_with(tunings[i], code, sizeof code);
        struct hart_state *state = engine_hart(engine, 0);
        state->x[A0] = 300;
        state->x[A1] = RAM_BASE - 64; /* no memory: its fetch traps, and counts as begun */
        state->mtvec = RAM_BASE + 64;
        engine_forget(engine);
        engine_clean(engine);
        ck_assert_int_eq(engine_run(engine, icount_of(3 * 300 + 2)), ENGINE_LIMIT);
        ck_assert_uint_eq(state->pc, state->mtvec);
        ck_assert(engine_footprint(engine, &footprint));
        for (uint64_t at = 0; at <= 64; at += 4)
            ck_assert_msg(footprint_executed(&footprint, RAM_BASE + at) == (at < 8 || (at >= 20 && at < 28)),
                          "tuning %u, at %llu", i, (unsigned long long)at);
        ck_assert(footprint_executed(&footprint, RAM_BASE - 64));
        footprint_free(&footprint);
        engine_destroy(engine);
    }
}
END_TEST

/* Translated code that is dropped has been entered all the same, whatever takes its place. */
START_TEST(code_that_is_dropped_was_executed)
{
    enum { ELSEWHERE = RAM_BASE + 0x4000 };
    for (unsigned i = 0; i < TUNINGS; i++) {
        unsigned insns;
        uint32_t loop[] = {ADDI(T0, T0, 2), ADDI(T1, T1, 2), JAL(X0, -8)};
        struct engine *engine = engine_for(&rows[4], tunings[i], &insns);
        ck_assert(engine_ram_store(engine, ELSEWHERE, loop, sizeof loop));
        ck_assert_int_eq(engine_run(engine, icount_of((uint64_t)insns * TURNS)), ENGINE_LIMIT);
        engine_forget(engine);
        engine_hart(engine, 0)->pc = ELSEWHERE;
        struct footprint footprint = run_turns(engine, insns, TURNS);
        for (unsigned at = 0; at < 4 * insns; at += 4)
            ck_assert(footprint_executed(&footprint, RAM_BASE + at));
        ck_assert(!footprint_executed(&footprint, RAM_BASE + 4 * insns));
        ck_assert(footprint_executed(&footprint, ELSEWHERE) && footprint_executed(&footprint, ELSEWHERE + 8));
        footprint_free(&footprint);
        engine_destroy(engine);
    }
}
END_TEST

/* A loop that becomes hot in its middle: its head is part of what begins there, and of nothing else. */
START_TEST(the_head_of_a_loop_that_was_entered_in_the_middle_is_noted)
{
    static const uint32_t code[] = {
        /*  0 */ ADDI(T0, T0, 1),
        /*  4 */ BNE(A0, X0, 16),
        /*  8 */ ADDI(T0, T0, 1), /* never */
        /* 12 */ ADDI(T0, T0, 1),
        /* 16 */ ADDI(T0, T0, 1),
        /* 20 */ ADDI(T1, T1, 1),
        /* 24 */ BEQ(T1, A1, 12),
        /* 28 */ BEQ(T2, X0, 12),
        /* 32 */ JAL(X0, -32),
        /* 36 */ JAL(X0, 0),
        /* 40 */ ADDI(T2, X0, 1), /* once */
        /* 44 */ JAL(X0, -24),
    };
    for (unsigned i = 0; i < TUNINGS; i++) {
        struct footprint footprint;
        struct engine *engine = engine_with(tunings[i], code, sizeof code);
        struct hart_state *state = engine_hart(engine, 0);
        state->pc = RAM_BASE + 20;
        state->x[A0] = 1;
        state->x[A1] = TURNS;
        engine_forget(engine);
        engine_clean(engine);
        ck_assert_int_eq(engine_run(engine, icount_of(20 * TURNS)), ENGINE_LIMIT);
        ck_assert_uint_eq(state->pc, RAM_BASE + 36);
        ck_assert(engine_footprint(engine, &footprint));
        ck_assert(footprint_executed(&footprint, RAM_BASE) && footprint_executed(&footprint, RAM_BASE + 4));
        ck_assert(!footprint_executed(&footprint, RAM_BASE + sizeof code));
        footprint_free(&footprint);
        engine_destroy(engine);
    }
}
END_TEST

/* Many small pieces, more than there is room for at first, some of them again and again: nothing is lost. */
START_TEST(many_pieces_of_code_are_all_noted)
{
    enum { PIECES = 20000, APART = 32 };
    struct footprint footprint;
    struct engine *engine = bare_engine(RAM_BYTES, (struct engine_tuning){.footprint = true}, bare_bus);
    for (unsigned n = 0; n < PIECES; n++) {
        uint32_t jump = JAL(X0, n + 1 < PIECES ? APART : -4096);
        ck_assert(engine_ram_store(engine, RAM_BASE + APART * n, &jump, sizeof jump));
    }
    engine_forget(engine);
    engine_clean(engine);
    ck_assert_int_eq(engine_run(engine, icount_of(PIECES + 5000)), ENGINE_LIMIT);
    ck_assert(engine_footprint(engine, &footprint));
    ck_assert_uint_eq(footprint.nranges, PIECES);
    for (unsigned n = 0; n < PIECES; n++) {
        ck_assert(footprint_executed(&footprint, RAM_BASE + APART * n));
        ck_assert(!footprint_executed(&footprint, RAM_BASE + APART * n + 4));
    }
    footprint_free(&footprint);
    engine_destroy(engine);
}
END_TEST

/* ---- address spaces ---------------------------------------------------------------------------------------------------- */

START_TEST(address_spaces_are_known_by_their_root)
{
    const uint64_t sv39 = UINT64_C(8) << 60, root = (RAM_BASE >> PAGE_SHIFT) + 3, asid = UINT64_C(5) << 44;
    struct footprint footprint;
    struct engine *engine = bare_engine(RAM_BYTES, tunings[0], bare_bus);
    engine_clean(engine);
    ck_assert(engine_csr_write(engine, 0, 0x180, sv39 | root));
    ck_assert(engine_csr_write(engine, 0, 0x180, sv39 | (root + 1)));
    ck_assert(engine_footprint(engine, &footprint));
    ck_assert(footprint_in_force(&footprint, 0) && footprint_in_force(&footprint, sv39 | asid | root));
    ck_assert(footprint_in_force(&footprint, sv39 | (root + 1)) && !footprint_in_force(&footprint, sv39 | (root + 2)));
    footprint_free(&footprint);
    engine_clean(engine);
    ck_assert(engine_footprint(engine, &footprint));
    ck_assert(footprint_in_force(&footprint, sv39 | (root + 1)) && !footprint_in_force(&footprint, sv39 | root));
    footprint_free(&footprint);
    for (uint64_t n = 0; n <= FOOTPRINT_SPACES; n++)
        ck_assert(engine_csr_write(engine, 0, 0x180, sv39 | (root + n)));
    ck_assert(engine_footprint(engine, &footprint));
    ck_assert(footprint_in_force(&footprint, sv39 | (root + 9999))); /* too many to tell */
    footprint_free(&footprint);
    engine_destroy(engine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine footprint");
    TCase *tcase = tcase_create("footprint");
    tcase_add_test(tcase, every_store_marks_its_words_and_no_others);
    tcase_add_test(tcase, any_byte_of_a_word_stands_for_it);
    tcase_add_test(tcase, cleaning_begins_anew);
    tcase_add_test(tcase, a_device_s_store_is_marked);
    tcase_add_test(tcase, code_is_noted_where_it_was_entered);
    tcase_add_test(tcase, code_that_is_dropped_was_executed);
    tcase_add_test(tcase, the_head_of_a_loop_that_was_entered_in_the_middle_is_noted);
    tcase_add_test(tcase, many_pieces_of_code_are_all_noted);
    tcase_add_test(tcase, address_spaces_are_known_by_their_root);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Two engines side by side: equal on a recording, and a difference that was planted at a known instruction is found
 * there, whatever the distance of the stops, and told. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"
#include "replay/lockstep.h"
#include "tests/unit/random.h"

enum { REPORT_BYTES = 8192, PLANTS = 8 };

static char path[64];
static struct recording *recording;
static struct oracle oracle;
static char report[REPORT_BYTES];

static void set_up(void)
{
    struct run_report ran;
    snprintf(path, sizeof path, "%s", scratch());
    struct take take = take_of("busy.elf", path, "abcx");
    must(take_run(&take, &ran));
    must(recording_open(path, &recording));
    recording_tune(recording, (struct engine_tuning){.hot_after = 1});
    oracle_run(&oracle, recording, NULL, 0);
}

static void tear_down(void)
{
    oracle_free(&oracle);
    recording_close(recording);
    unlink(path);
}

static void line(void *context, const char *text)
{
    (void)context;
    size_t used = strlen(report);
    snprintf(report + used, sizeof report - used, "%s\n", text);
}

static struct lockstep_options options_of(uint64_t stride)
{
    report[0] = '\0';
    return (struct lockstep_options){.stride = stride, .line = line};
}

START_TEST(engines_are_equal)
{
    static const uint64_t strides[] = {9973, 1000000000};
    for (size_t n = 0; n < sizeof strides / sizeof strides[0]; n++) {
        struct lockstep_options options = options_of(strides[n]);
        struct run_report ran;
        must(lockstep_run(recording, &options, &ran));
        ck_assert_uint_eq(ran.icount.n, oracle.end);
        ck_assert_uint_ge(ran.compared, oracle.end / strides[n]);
        ck_assert_int_eq(ran.end, RUN_HALTED);
        size_t count;
        (void)recording_snapshots(recording, &count);
        ck_assert_uint_eq(ran.snapshots, count);
        ck_assert_str_eq(report, "");
    }
}
END_TEST

/* ---- planted by a poke ---------------------------------------------------------------------------------------------- */

/* Pokes the second side from mark `at` on, and expects that to be found, and nothing before it. */
static void plant(struct poke *poke, uint64_t stride)
{
    struct lockstep_options options = options_of(stride);
    struct lockstep lockstep;
    struct lockstep_place place;
    struct run_report ran = {0};
    icount_t differ_at;
    must(lockstep_open(&lockstep, recording, &options));
    door_divert(lockstep.sides[1].session.door, poke, 1);
    must(lockstep_go(&lockstep, &ran, &differ_at));
    ck_assert_uint_ge(differ_at.n, poke->at.n);
    ck_assert_uint_lt(lockstep.good.at.n, poke->at.n);
    must(lockstep_bisect(&lockstep, differ_at, &place));
    ck_assert(place.reproduced && place.exact);
    ck_assert_uint_eq(place.bad.n, poke->at.n);
    ck_assert_uint_eq(place.good.n, poke->at.n - 1);
    err_t error = lockstep_find(&lockstep, differ_at);
    ck_assert_int_eq(error.code, ERR_DIVERGED);
    lockstep_close(&lockstep);
}

/* The report shows one instruction with an arrow, and it is that of the mark before the poke. */
static void expect_arrow(uint64_t mark)
{
    char number[GROUPED_BYTES], pc[24];
    const char *arrow = strstr(report, "-> ");
    ck_assert_ptr_nonnull(arrow);
    ck_assert_ptr_null(strstr(arrow + 1, "-> "));
    snprintf(pc, sizeof pc, "0x%016" PRIx64, oracle.pcs[mark]);
    const char *end = strchr(arrow, '\n'), *at = strstr(arrow, format_grouped(mark, number));
    ck_assert_msg(at && at < end && strstr(at, pc) && strstr(at, pc) < end, "%s", report);
}

START_TEST(a_poked_register_is_found)
{
    uint64_t seed = 5;
    for (unsigned n = 0; n < PLANTS; n++) {
        uint64_t mark = 1 + random_below(&seed, oracle.end - 1);
        struct poke poke = {.at = icount_of(mark),
                            .when = oracle.vtimes[mark],
                            .kind = POKE_REGISTER,
                            .reg_class = REG_CSR,
                            .number = 0x3bf, /* pmpaddr15: nobody uses it */
                            .value = 0x123456789 + n};
        plant(&poke, n % 3 ? 1000 + random_below(&seed, 100000) : 1 + random_below(&seed, 20));
        expect_arrow(mark - 1);
        ck_assert_msg(strstr(report, "hart 0 pmpaddr[15]") != NULL, "%s", report);
    }
}
END_TEST

START_TEST(poked_memory_is_found)
{
    uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint64_t seed = 6;
    for (unsigned n = 0; n < PLANTS; n++) {
        uint64_t mark = 1 + random_below(&seed, oracle.end - 1);
        struct poke poke = {.at = icount_of(mark),
                            .when = oracle.vtimes[mark],
                            .kind = POKE_PHYSICAL,
                            .address = 0x80e00008, /* nobody uses it */
                            .bytes = bytes,
                            .size_bytes = sizeof bytes};
        plant(&poke, 5000);
        expect_arrow(mark - 1);
        ck_assert_msg(strstr(report, "memory 0x80e00008") != NULL, "%s", report);
        ck_assert_msg(strstr(report, "0x807060504030201") != NULL, "%s", report);
        ck_assert_msg(strstr(report, "page 0x80e00000 is marked") != NULL, "%s", report);
    }
}
END_TEST

/* ---- planted in the engine ------------------------------------------------------------------------------------------ */

struct fault {
    struct lockstep_side *side;
    uint64_t mark;
};

/* A register goes wrong before the instruction at the mark. */
static bool corrupt(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    struct fault *fault = context;
    (void)pc;
    if (now.n == fault->mark)
        engine_hart(board_engine(fault->side->session.board), hart)->pmpaddr[15] = 77;
    return false;
}

/* What breakpoints hide (here, because they take the fault's place) is still found by limits, within a superblock. */
START_TEST(what_hides_from_breakpoints_is_narrowed_down)
{
    uint64_t seed = 7;
    for (unsigned n = 0; n < PLANTS; n++) {
        uint64_t mark = 1 + random_below(&seed, oracle.end - 2);
        struct lockstep_options options = options_of(10000);
        struct lockstep lockstep;
        struct lockstep_place place;
        struct run_report ran = {0};
        icount_t differ_at;
        must(lockstep_open(&lockstep, recording, &options));
        struct fault fault = {&lockstep.sides[1], mark};
        struct probe probe = {.context = &fault, .on_break = corrupt, .breaks = &oracle.pcs[mark], .nbreaks = 1};
        fault.side->usual = &probe;
        engine_set_probe(board_engine(fault.side->session.board), &probe);
        must(lockstep_go(&lockstep, &ran, &differ_at));
        ck_assert_uint_gt(differ_at.n, mark);
        uint64_t good = lockstep.good.at.n;
        must(lockstep_bisect(&lockstep, differ_at, &place));
        ck_assert(place.reproduced && !place.exact);
        ck_assert_uint_le(place.good.n, mark);
        ck_assert_uint_gt(place.bad.n, mark);
        ck_assert_uint_le(place.bad.n - place.good.n, 64);
        ck_assert_uint_ge(place.good.n, good);
        lockstep_close(&lockstep);
    }
}
END_TEST

/* ---- going back ----------------------------------------------------------------------------------------------------- */

START_TEST(both_ways_back_lead_to_the_same_place)
{
    uint64_t seed = 8;
    for (unsigned n = 0; n < 2; n++) {
        uint64_t mark = 20000 + random_below(&seed, oracle.end - 20000);
        struct lockstep_options options = options_of(7000);
        struct poke poke = {.at = icount_of(mark),
                            .when = oracle.vtimes[mark],
                            .kind = POKE_REGISTER,
                            .reg_class = REG_CSR,
                            .number = 0x3bf,
                            .value = 1};
        struct lockstep lockstep;
        struct run_report ran = {0};
        icount_t differ_at;
        must(lockstep_open(&lockstep, recording, &options));
        door_divert(lockstep.sides[1].session.door, &poke, 1);
        must(lockstep_go(&lockstep, &ran, &differ_at));
        for (unsigned way = 0; way < 2; way++) {
            lockstep.from_start = way == 1;
            must(lockstep_rewind(&lockstep));
            for (unsigned side = 0; side < LOCKSTEP_SIDES; side++) {
                struct board *board = lockstep.sides[side].session.board;
                ck_assert_uint_eq(parts_hash(board), oracle.hashes[lockstep.good.at.n]);
                ck_assert_uint_eq(board_now(board).n, lockstep.good.at.n);
                ck_assert_int_eq(memcmp(engine_ram(board_engine(board))->bytes, lockstep.good.ram, (size_t)16 << 20),
                                 0);
            }
            must(lockstep_side_run(&lockstep.sides[0], icount_of(mark)));
            must(lockstep_side_run(&lockstep.sides[1], icount_of(mark)));
            ck_assert(!lockstep_equal(&lockstep));
        }
        lockstep_close(&lockstep);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay_lockstep");
    TCase *tcase = tcase_create("lockstep");
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 280);
    tcase_add_test(tcase, engines_are_equal);
    tcase_add_test(tcase, a_poked_register_is_found);
    tcase_add_test(tcase, poked_memory_is_found);
    tcase_add_test(tcase, what_hides_from_breakpoints_is_narrowed_down);
    tcase_add_test(tcase, both_ways_back_lead_to_the_same_place);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

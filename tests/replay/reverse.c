/* Wherever a timeline goes, by whatever way, it must find what a straight run found there; and whatever stops it must
 * be what a straight run says comes next, or came last. */
#include "oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/history.h"
#include "replay/timeline.h"
#include "tests/unit/random.h"

enum { SEEKS = 200, SEARCHES = 150, WATCHES = 4 };

static char path[64];
static struct recording *recording;
static struct timeline *timeline;
static struct oracle oracle;
static struct watch_range watches[WATCHES];

/* ---- the machine under test ------------------------------------------------------------------------------------------ */

/* The address of a symbol of the guest program, which follows its name in the environment of the test. */
static uint64_t symbol(const char *name)
{
    const char *value = getenv(name);
    ck_assert_msg(value != NULL, "%s is not set", name);
    return strtoull(value, NULL, 16);
}

static struct watch_range watch_of(uint64_t vaddr, uint64_t size_bytes, uint8_t kinds)
{
    return (struct watch_range){.vaddr = vaddr, .size_bytes = size_bytes, .kinds = kinds};
}

static void set_up(void)
{
    struct run_report report;
    snprintf(path, sizeof path, "%s", scratch());
    struct take take = take_of("busy.elf", path, "abcx");
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_HALTED);
    ck_assert_uint_eq(report.halt.status, 0);
    ck_assert_uint_eq(report.inputs, 4);
    must(recording_open(path, &recording));
    uint64_t watched = symbol("GUEST_watched"), straddled = symbol("GUEST_straddled"), field = symbol("GUEST_field");
    watches[0] = watch_of(watched, 8, ACCESS_STORE);
    watches[1] = watch_of(straddled + 8, 1, ACCESS_STORE);              /* touched by a store that begins before it */
    watches[2] = watch_of(field + 4096, 4, ACCESS_STORE | ACCESS_LOAD); /* and across pages */
    watches[3] = watch_of(field + 5 * 4096 + 64, 8, ACCESS_LOAD);
    oracle_run(&oracle, recording, watches, WATCHES);
}

static void tear_down(void)
{
    oracle_free(&oracle);
    recording_close(recording);
    unlink(path);
}

static void open_timeline(void) { must(timeline_open(recording, &timeline)); }
static void close_timeline(void) { timeline_close(timeline); }

static void expect_here(uint64_t mark) { oracle_expect(&oracle, timeline, mark); }

/* ---- seeking ----------------------------------------------------------------------------------------------------------- */

/* RAM's sum at marks that are visited in order, without any restore. */
static void straight_sums(const uint64_t *marks, uint64_t *sums, size_t count)
{
    struct timeline *straight;
    must(timeline_open(recording, &straight));
    for (size_t i = 0; i < count; i++) {
        must(timeline_seek(straight, icount_of(marks[i])));
        ck_assert_uint_eq(timeline_now(straight).n, marks[i]);
        sums[i] = ram_sum(timeline_board(straight));
    }
    timeline_close(straight);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void seek_everywhere(size_t budget_bytes)
{
    uint64_t marks[SEEKS], sums[SEEKS], seed = 7;
    for (size_t i = 0; i < SEEKS; i++)
        marks[i] = random_below(&seed, oracle.end + 1);
    marks[0] = 0;
    marks[1] = oracle.end;
    qsort(marks, SEEKS, sizeof marks[0], ascending);
    straight_sums(marks, sums, SEEKS);
    history_set_budget(timeline->history, budget_bytes);
    for (size_t i = 0; i < 2 * SEEKS; i++) {
        size_t which = random_below(&seed, SEEKS);
        must(timeline_seek(timeline, icount_of(marks[which])));
        expect_here(marks[which]);
        ck_assert_msg(ram_sum(timeline_board(timeline)) == sums[which], "memory at %llu",
                      (unsigned long long)marks[which]);
    }
}

START_TEST(seeks_find_the_state_of_a_straight_run) { seek_everywhere((size_t)256 << 20); }
END_TEST

START_TEST(seeks_find_it_when_checkpoints_must_go) { seek_everywhere(200 << 10); }
END_TEST

START_TEST(snapshots_fall_where_the_state_is_whole)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    ck_assert_uint_gt(count, 10);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(marks[i].state_hash, oracle.hashes[marks[i].at.n]);
        must(timeline_seek(timeline, marks[i].at));
        ck_assert_uint_eq(ram_sum(timeline_board(timeline)), marks[i].ram_hash);
    }
}
END_TEST

/* ---- damage ------------------------------------------------------------------------------------------------------------ */

/* The recording with one byte changed. */
static void damage(const char *copy, uint64_t *seed)
{
    char bytes[1 << 16];
    size_t got, size_bytes = 0;
    FILE *from = fopen(path, "rb"), *to = fopen(copy, "wb");
    while ((got = fread(bytes, 1, sizeof bytes, from)) > 0) {
        fwrite(bytes, 1, got, to);
        size_bytes += got;
    }
    fclose(from);
    long at = (long)random_below(seed, size_bytes);
    fseek(to, at, SEEK_SET);
    fputc((int)random_below(seed, 256), to);
    fclose(to);
}

/* Every seek fails in words or finds what is right; where a page is spoilt, it is made again. */
static bool seeks_right(struct recording *damaged, const uint64_t *marks, const uint64_t *sums, size_t count)
{
    bool all = !err_is(timeline_open(damaged, &timeline));
    for (size_t i = 0; all && i < count; i++) {
        all = !err_is(timeline_seek(timeline, icount_of(marks[i])));
        if (!all)
            break;
        expect_here(marks[i]);
        ck_assert_uint_eq(ram_sum(timeline_board(timeline)), sums[i]);
    }
    return all;
}

START_TEST(damage_is_told_or_mended)
{
    enum { MARKS = 8, ROUNDS = 120 };
    uint64_t marks[MARKS], sums[MARKS], seed = 29;
    unsigned mended = 0, opened = 0;
    for (size_t i = 0; i < MARKS; i++)
        marks[i] = random_below(&seed, oracle.end + 1);
    qsort(marks, MARKS, sizeof marks[0], ascending);
    straight_sums(marks, sums, MARKS);
    for (unsigned i = 0; i < MARKS / 2; i++) { /* there and back */
        uint64_t mark = marks[i], sum = sums[i];
        marks[i] = marks[MARKS - 1 - i], sums[i] = sums[MARKS - 1 - i];
        marks[MARKS - 1 - i] = mark, sums[MARKS - 1 - i] = sum;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        const char *copy = scratch();
        struct recording *damaged;
        damage(copy, &seed);
        if (!err_is(recording_open(copy, &damaged))) {
            bool spoilt = err_is(recording_check(damaged, NULL));
            opened++;
            timeline = NULL;
            mended += seeks_right(damaged, marks, sums, MARKS) && spoilt;
            timeline_close(timeline);
            recording_close(damaged);
        }
        unlink(copy);
    }
    ck_assert_uint_gt(opened, 20);
    ck_assert_uint_gt(mended, 5);
}
END_TEST

/* ---- stepping ---------------------------------------------------------------------------------------------------------- */

static struct timeline_stop resume(enum direction direction, uint64_t steps, const uint64_t *breaks, size_t nbreaks,
                                   const struct watch_range *ranges, size_t nranges)
{
    struct timeline_resume request = {.direction = direction,
                                      .steps = steps,
                                      .breaks = breaks,
                                      .nbreaks = nbreaks,
                                      .watches = ranges,
                                      .nwatches = nranges};
    struct timeline_stop stop;
    must(timeline_resume(timeline, &request, &stop));
    return stop;
}

START_TEST(steps_go_both_ways)
{
    uint64_t seed = 11;
    for (unsigned i = 0; i < 40; i++) {
        uint64_t from = random_below(&seed, oracle.end - 2000) + 1000;
        must(timeline_seek(timeline, icount_of(from)));
        for (unsigned j = 0; j < 30; j++) {
            bool back = random_below(&seed, 3) != 0;
            uint64_t steps = random_below(&seed, 4) ? 1 : random_below(&seed, 30);
            uint64_t now = timeline_now(timeline).n;
            ck_assert_int_eq(resume(back ? BACKWARDS : FORWARDS, steps, NULL, 0, NULL, 0).reason, STOP_STEPPED);
            expect_here(back ? now - steps : now + steps);
        }
    }
}
END_TEST

struct work {
    uint64_t executed;
};

static bool count_work(void *context, const char *what, icount_t done, icount_t total, uint64_t executed)
{
    struct work *work = context;
    (void)what;
    (void)done;
    (void)total;
    work->executed = executed;
    return true;
}

/* Not a matter of time but of work: a burst of steps back re-executes little. */
START_TEST(a_burst_of_steps_back_is_cheap)
{
    struct work work = {0};
    struct progress progress = {&work, count_work};
    uint64_t total = 0, from = oracle.end - 1000;
    timeline_set_progress(timeline, &progress);
    must(timeline_seek(timeline, icount_of(from)));
    for (unsigned i = 1; i <= 1000; i++) {
        resume(BACKWARDS, 1, NULL, 0, NULL, 0);
        expect_here(from - i);
        total += work.executed;
    }
    ck_assert_uint_lt(total, 3000000);
}
END_TEST

START_TEST(history_has_two_ends)
{
    for (unsigned i = 0; i < 3; i++) {
        must(timeline_seek(timeline, icount_of(3)));
        ck_assert_int_eq(resume(BACKWARDS, 3, NULL, 0, NULL, 0).reason, STOP_STEPPED);
        expect_here(0);
        for (unsigned j = 0; j < 3; j++) {
            ck_assert_int_eq(resume(BACKWARDS, j ? 1 : UINT64_MAX, NULL, 0, NULL, 0).reason, STOP_BEGIN);
            expect_here(0);
        }
        ck_assert_int_eq(resume(FORWARDS, UINT64_MAX, NULL, 0, NULL, 0).reason, STOP_END);
        expect_here(oracle.end);
        for (unsigned j = 0; j < 3; j++) {
            ck_assert_int_eq(resume(FORWARDS, j ? 1 : UINT64_MAX, NULL, 0, NULL, 0).reason, STOP_END);
            expect_here(oracle.end);
        }
        ck_assert_int_eq(resume(BACKWARDS, oracle.end + 1, NULL, 0, NULL, 0).reason, STOP_BEGIN);
        expect_here(0);
    }
}
END_TEST

/* ---- searching --------------------------------------------------------------------------------------------------------- */

static void expect_answer(struct timeline_stop stop, struct oracle_stop answer, const struct watch_range *ranges,
                          size_t nranges)
{
    expect_here(answer.mark);
    ck_assert_int_eq(stop.reason, answer.reason);
    if (answer.reason != STOP_WATCH)
        return;
    ck_assert_int_eq(stop.kind, answer.access->kind);
    bool inside = false;
    for (size_t i = 0; i < nranges; i++)
        inside = inside || stop.vaddr - ranges[i].vaddr < ranges[i].size_bytes;
    ck_assert(inside && stop.vaddr - answer.access->vaddr < answer.access->size_bytes);
}

/* Some breakpoints and watchpoints, from places that are rare and places that are common. */
static void search(uint64_t *seed)
{
    uint64_t breaks[3], from = random_below(seed, oracle.end + 1);
    size_t nbreaks = random_below(seed, 4), nranges = random_below(seed, WATCHES + 1);
    for (size_t i = 0; i < nbreaks; i++)
        breaks[i] = oracle.pcs[random_below(seed, oracle.end)] + (random_below(seed, 4) ? 0 : 1);
    must(timeline_seek(timeline, icount_of(from)));
    for (unsigned turn = 0; turn < 4; turn++) {
        bool back = random_below(seed, 3) != 0;
        uint64_t now = timeline_now(timeline).n;
        struct oracle_stop answer = back ? oracle_back(&oracle, now, breaks, nbreaks, watches, nranges)
                                         : oracle_ahead(&oracle, now, breaks, nbreaks, watches, nranges);
        struct timeline_stop stop = resume(back ? BACKWARDS : FORWARDS, UINT64_MAX, breaks, nbreaks, watches, nranges);
        expect_answer(stop, answer, watches, nranges);
        /* as gdb does: off the place, without the points */
        if (answer.mark > 0 && answer.mark < oracle.end)
            resume(back ? BACKWARDS : FORWARDS, 1, NULL, 0, NULL, 0);
    }
}

START_TEST(searches_stop_where_a_straight_run_says)
{
    uint64_t seed = 13;
    for (unsigned i = 0; i < SEARCHES; i++)
        search(&seed);
}
END_TEST

/* ---- conditions ---------------------------------------------------------------------------------------------------------- */

/* Wants a breakpoint where the hash of the state, which is the straight run's there, says so. */
struct condition {
    uint64_t one_in, asked;
};

static bool wanted_here(uint64_t mark, uint64_t one_in) { return one_in && oracle.hashes[mark] % one_in == 0; }

static bool is_wanted(void *context, unsigned hart, uint64_t pc)
{
    struct condition *condition = context;
    struct board *board = timeline_board(timeline);
    uint64_t mark = board_now(board).n;
    condition->asked++;
    if (hart != 0 || oracle.pcs[mark] != pc || parts_hash(board) != oracle.hashes[mark])
        ck_abort_msg("asked at %llu in another state than it settles in", (unsigned long long)mark);
    return wanted_here(mark, condition->one_in);
}

/* The next mark from `from` (exclusive when going back) where one of the breakpoints is wanted. */
static struct oracle_stop answer_wanted(uint64_t from, bool back, const uint64_t *breaks, size_t nbreaks,
                                        uint64_t one_in)
{
    for (uint64_t mark = from; back ? mark > 0 : mark < oracle.end; mark += back ? UINT64_MAX : 1) {
        uint64_t place = back ? mark - 1 : mark;
        if (oracle_broken(&oracle, place, breaks, nbreaks) && wanted_here(place, one_in))
            return (struct oracle_stop){place, STOP_BREAK, NULL};
    }
    return back ? (struct oracle_stop){0, STOP_BEGIN, NULL} : (struct oracle_stop){oracle.end, STOP_END, NULL};
}

START_TEST(conditions_pass_over_hits)
{
    static const uint64_t rarities[] = {1, 3, 50, 2000, 0};
    uint64_t seed = 23, asked = 0;
    for (unsigned i = 0; i < SEARCHES; i++) {
        struct condition condition = {rarities[random_below(&seed, 5)], 0};
        bool back = random_below(&seed, 3) != 0;
        uint64_t breaks[2], from = random_below(&seed, oracle.end + 1);
        struct timeline_resume request = {.direction = back ? BACKWARDS : FORWARDS,
                                          .steps = UINT64_MAX,
                                          .breaks = breaks,
                                          .nbreaks = 2,
                                          .wanted = is_wanted,
                                          .context = &condition};
        struct timeline_stop stop;
        for (size_t b = 0; b < 2; b++)
            breaks[b] = oracle.pcs[random_below(&seed, oracle.end)];
        must(timeline_seek(timeline, icount_of(from)));
        must(timeline_resume(timeline, &request, &stop));
        expect_answer(stop, answer_wanted(from, back, breaks, 2, condition.one_in), NULL, 0);
        asked += condition.asked;
    }
    ck_assert_uint_gt(asked, 1000);
}
END_TEST

/* The engine's reports against memory itself: a byte does not change without a hit, and a hit is next to its place. */
START_TEST(what_changes_has_been_reported)
{
    size_t changes = 0;
    for (size_t i = 0; i < 2; i++)
        for (uint64_t mark = 0; mark < oracle.end; mark++) {
            bool changed = oracle.contents[mark * WATCHES + i] != oracle.contents[(mark + 1) * WATCHES + i];
            changes += changed;
            if (changed && !oracle_access(&oracle, mark, &watches[i], 1))
                ck_abort_msg("watch %zu changed unseen at %llu", i, (unsigned long long)mark);
        }
    ck_assert_uint_gt(changes, 50);
}
END_TEST

struct patience {
    unsigned left;
};

static bool impatient(void *context)
{
    struct patience *patience = context;
    return patience->left-- == 0;
}

START_TEST(an_interrupt_answers_at_a_settled_mark)
{
    uint64_t nowhere = 1;
    unsigned interrupts = 0;
    for (unsigned left = 0; left < 12; left++) {
        for (unsigned back = 0; back < 2; back++) {
            struct patience patience = {left};
            struct timeline_stop stop;
            struct timeline_resume request = {.direction = back ? BACKWARDS : FORWARDS,
                                              .steps = UINT64_MAX,
                                              .breaks = &nowhere,
                                              .nbreaks = 1,
                                              .interrupted = impatient,
                                              .context = &patience};
            must(timeline_seek(timeline, icount_of(oracle.end / 2)));
            must(timeline_resume(timeline, &request, &stop));
            expect_here(timeline_now(timeline).n);
            bool asked = patience.left == UINT32_MAX; /* at the end it may come too late */
            ck_assert(stop.reason == (back ? STOP_BEGIN : STOP_END) || (asked && stop.reason == STOP_INTERRUPTED));
            interrupts += stop.reason == STOP_INTERRUPTED;
        }
    }
    ck_assert_uint_gt(interrupts, 5);
}
END_TEST

/* ---- marks --------------------------------------------------------------------------------------------------------------- */

START_TEST(a_time_is_the_first_mark_not_before_it)
{
    uint64_t seed = 17, from = oracle.end / 3;
    must(timeline_seek(timeline, icount_of(from)));
    for (unsigned i = 0; i < 60; i++) {
        char text[32];
        icount_t mark;
        uint64_t near = oracle.vtimes[random_below(&seed, oracle.end + 1)].ns + random_below(&seed, 3) - 1;
        snprintf(text, sizeof text, "%lluns", (unsigned long long)near);
        uint64_t wanted = 0;
        while (wanted <= oracle.end && oracle.vtimes[wanted].ns < near)
            wanted++;
        if (wanted > oracle.end)
            wanted = UINT64_MAX; /* a time after the end */
        must(timeline_parse_mark(timeline, text, &mark));
        ck_assert_msg(mark.n == wanted, "%s is %llu, not %llu", text, (unsigned long long)mark.n,
                      (unsigned long long)wanted);
        expect_here(from);
    }
}
END_TEST

/* ---- diverting ----------------------------------------------------------------------------------------------------------- */

static uint64_t register_now(unsigned number)
{
    return engine_hart(board_engine(timeline_board(timeline)), 0)->x[number];
}

START_TEST(pokes_divert_and_are_met_again)
{
    uint64_t at = oracle.end / 2, word = 0x1122334455667788, seed = 19;
    must(timeline_seek(timeline, icount_of(at)));
    must(timeline_poke_register(timeline, 0, REG_X, 5, 0xdeadbeef));
    must(timeline_poke_memory(timeline, 0, watches[0].vaddr, &word, sizeof word));
    ck_assert(timeline_diverted(timeline));
    ck_assert_uint_eq(timeline_end(timeline).n, ICOUNT_MAX.n);
    uint64_t after[3], sums[3];
    for (unsigned i = 0; i < 3; i++) {
        must(timeline_seek(timeline, icount_of(at + 700 * i)));
        after[i] = parts_hash(timeline_board(timeline));
        sums[i] = ram_sum(timeline_board(timeline));
    }
    ck_assert_uint_ne(after[0], oracle.hashes[at]);
    for (unsigned i = 0; i < 40; i++) {
        unsigned which = (unsigned)random_below(&seed, 3);
        must(timeline_seek(timeline, icount_of(random_below(&seed, at))));
        expect_here(timeline_now(timeline).n);
        must(timeline_seek(timeline, icount_of(at + 700 * which)));
        ck_assert_uint_eq(parts_hash(timeline_board(timeline)), after[which]);
        ck_assert_uint_eq(ram_sum(timeline_board(timeline)), sums[which]);
    }
    must(timeline_seek(timeline, icount_of(at)));
    ck_assert_uint_eq(register_now(5), 0xdeadbeef);
    must(timeline_undivert(timeline));
    ck_assert(!timeline_diverted(timeline));
    expect_here(at);
    must(timeline_seek(timeline, icount_of(oracle.end)));
    expect_here(oracle.end);
}
END_TEST

START_TEST(a_poke_at_the_beginning_is_kept)
{
    must(timeline_poke_register(timeline, 0, REG_X, 9, 77));
    must(timeline_seek(timeline, icount_of(2000)));
    must(timeline_seek(timeline, icount_of(0)));
    ck_assert_uint_eq(register_now(9), 77);
    must(timeline_undivert(timeline));
    expect_here(0);
}
END_TEST

START_TEST(a_poke_in_the_past_replaces_later_ones)
{
    must(timeline_seek(timeline, icount_of(5000)));
    must(timeline_poke_register(timeline, 0, REG_X, 31, 1));
    must(timeline_seek(timeline, icount_of(4000)));
    must(timeline_poke_register(timeline, 0, REG_X, 30, 2));
    ck_assert_uint_eq(timeline->npokes, 1);
    must(timeline_seek(timeline, icount_of(3000)));
    expect_here(3000);
    must(timeline_seek(timeline, icount_of(4000)));
    ck_assert_uint_eq(register_now(30), 2);
}
END_TEST

START_TEST(what_cannot_be_poked_does_not_divert)
{
    uint8_t byte = 0;
    ck_assert(err_is(timeline_poke_register(timeline, 0, REG_X, 32, 0)));
    ck_assert(err_is(timeline_poke_register(timeline, 9, REG_X, 1, 0)));
    ck_assert(err_is(timeline_poke_register(timeline, 0, REG_PRIV, 0, 2)));
    ck_assert(err_is(timeline_poke_register(timeline, 0, REG_CSR, 0x7ff, 2)));
    ck_assert(err_is(timeline_poke_memory(timeline, 0, 0x12345, &byte, 1)));
    ck_assert(!timeline_diverted(timeline));
    expect_here(0);
}
END_TEST

START_TEST(past_its_end_a_diverted_run_goes_on_until_nothing_happens)
{
    must(timeline_seek(timeline, icount_of(oracle.end - 5)));
    /* Again a little of it: finish() from its first instruction. Farther back, loops would meet registers that they
     * have never seen, and might not end. */
    must(timeline_poke_register(timeline, 0, REG_PC, 0, oracle.pcs[oracle.end - 9]));
    ck_assert_int_eq(resume(FORWARDS, UINT64_MAX, NULL, 0, NULL, 0).reason, STOP_END);
    ck_assert_uint_gt(timeline_now(timeline).n, oracle.end);
    uint64_t end = timeline_now(timeline).n;
    ck_assert_int_eq(resume(BACKWARDS, 2, NULL, 0, NULL, 0).reason, STOP_STEPPED);
    ck_assert_uint_eq(timeline_now(timeline).n, end - 2);
    must(timeline_undivert(timeline));
    expect_here(oracle.end - 5); /* the last mark that both runs have */
    must(timeline_seek(timeline, icount_of(UINT64_MAX)));
    expect_here(oracle.end);
}
END_TEST

/* Nothing runs there any more, but it can be looked at, by whoever comes again too. */
START_TEST(what_is_poked_after_the_end_is_met_again)
{
    uint64_t word = 0x1122334455667788, was, is;
    must(timeline_seek(timeline, icount_of(oracle.end)));
    struct board *board = timeline_board(timeline);
    ck_assert_int_ne(board_halt(board).reason, HALT_NONE);
    ck_assert(engine_ram_load(board_engine(board), watches[0].vaddr, &was, sizeof was));
    must(timeline_poke_memory(timeline, 0, watches[0].vaddr, &word, sizeof word));
    must(timeline_poke_register(timeline, 0, REG_X, 5, 0xdeadbeef));
    uint64_t hash = parts_hash(board), sum = ram_sum(board);
    for (unsigned i = 1; i < 3; i++) {
        must(timeline_seek(timeline, icount_of(oracle.end - i)));
        expect_here(oracle.end - i);
        ck_assert(engine_ram_load(board_engine(board), watches[0].vaddr, &is, sizeof is));
        ck_assert_uint_eq(is, was);
        ck_assert_int_eq(resume(FORWARDS, UINT64_MAX, NULL, 0, NULL, 0).reason, STOP_END);
        ck_assert_uint_eq(timeline_now(timeline).n, oracle.end);
        ck_assert_uint_eq(parts_hash(board), hash);
        ck_assert_uint_eq(ram_sum(board), sum);
    }
    must(timeline_undivert(timeline));
    expect_here(oracle.end);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reverse");
    TCase *tcase = tcase_create("timeline");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_add_checked_fixture(tcase, open_timeline, close_timeline);
    tcase_add_test(tcase, seeks_find_the_state_of_a_straight_run);
    tcase_add_test(tcase, seeks_find_it_when_checkpoints_must_go);
    tcase_add_test(tcase, snapshots_fall_where_the_state_is_whole);
    TCase *damages = tcase_create("damage");
    tcase_set_timeout(damages, 120);
    tcase_add_unchecked_fixture(damages, set_up, tear_down);
    tcase_add_test(damages, damage_is_told_or_mended);
    suite_add_tcase(suite, damages);
    tcase_add_test(tcase, steps_go_both_ways);
    tcase_add_test(tcase, a_burst_of_steps_back_is_cheap);
    tcase_add_test(tcase, history_has_two_ends);
    tcase_add_test(tcase, searches_stop_where_a_straight_run_says);
    tcase_add_test(tcase, conditions_pass_over_hits);
    tcase_add_test(tcase, what_changes_has_been_reported);
    tcase_add_test(tcase, an_interrupt_answers_at_a_settled_mark);
    tcase_add_test(tcase, a_time_is_the_first_mark_not_before_it);
    tcase_add_test(tcase, pokes_divert_and_are_met_again);
    tcase_add_test(tcase, a_poke_at_the_beginning_is_kept);
    tcase_add_test(tcase, a_poke_in_the_past_replaces_later_ones);
    tcase_add_test(tcase, what_cannot_be_poked_does_not_divert);
    tcase_add_test(tcase, past_its_end_a_diverted_run_goes_on_until_nothing_happens);
    tcase_add_test(tcase, what_is_poked_after_the_end_is_met_again);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

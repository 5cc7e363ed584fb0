/* Going back leaves out the intervals in which nothing that is looked for can have happened: it must find what a
 * straight run finds all the same, and it must leave some out. */
#include "oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "replay/recording_inner.h"
#include "replay/timeline.h"
#include "replay/tracks.h"
#include "tests/unit/random.h"

enum { SEARCHES = 400, SNAPSHOT_EVERY = 700 };

#define WINDOW UINT64_C(0x40000000)
#define UPPER  UINT64_C(0xffffffc000000000)

enum watch {
    WATCH_OFTEN,
    WATCH_ONCE,
    WATCH_NEVER,
    WATCH_LATE,
    WATCH_READ,
    WATCH_UPPER,
    WATCH_FIRST,
    WATCH_OTHER,
    WATCH_EITHER,
    WATCHES
};

static char path[64];
static struct recording *recording;
static struct timeline *timeline;
static struct oracle oracle;
static struct watch_range watches[WATCHES];

/* ---- the machine under test ------------------------------------------------------------------------------------------ */

static uint64_t symbol(const char *name)
{
    const char *value = getenv(name);
    ck_assert_msg(value != NULL, "%s is not set", name);
    return strtoull(value, NULL, 16);
}

static uint64_t word(unsigned page, unsigned index) { return symbol("GUEST_data") + 4096 * page + 8 * index; }

static struct watch_range memory_at(uint64_t paddr, uint8_t kinds)
{
    return (struct watch_range){
        .vaddr = paddr, .size_bytes = 8, .kinds = kinds, .space = WATCH_PHYSICAL, .paddr = paddr};
}

static struct watch_range window_at(unsigned index, uint8_t space, const char *root)
{
    return (struct watch_range){.vaddr = WINDOW + 8 * index,
                                .size_bytes = 8,
                                .kinds = ACCESS_STORE,
                                .space = space,
                                .satp = root ? UINT64_C(8) << 60 | symbol(root) >> 12 : 0};
}

static void set_up(void)
{
    struct run_report report;
    snprintf(path, sizeof path, "%s", scratch());
    struct take take = take_of("tour.elf", path, NULL);
    take.options.snapshot_every = SNAPSHOT_EVERY;
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_HALTED);
    ck_assert_uint_eq(report.halt.status, 0);
    must(recording_open(path, &recording));
    watches[WATCH_OFTEN] = memory_at(word(0, 4), ACCESS_STORE);
    watches[WATCH_ONCE] = memory_at(word(3, 7), ACCESS_STORE);
    watches[WATCH_NEVER] = memory_at(word(7, 1), ACCESS_STORE);
    watches[WATCH_LATE] = memory_at(word(7, 0), ACCESS_STORE);
    watches[WATCH_READ] = memory_at(word(5, 2), ACCESS_LOAD);
    watches[WATCH_UPPER] = memory_at(word(4, 9), ACCESS_STORE | ACCESS_LOAD);
    watches[WATCH_FIRST] = window_at(1, WATCH_SPACE, "GUEST_tables");
    watches[WATCH_OTHER] = window_at(2, WATCH_SPACE, "GUEST_other_root");
    watches[WATCH_EITHER] = window_at(3, WATCH_ANY, NULL);
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

/* How long a thread may take for a recording of this size, on a busy machine; and between two looks at it. */
enum { PATIENCE_MS = 60000, LOOK_MS = 2 };

static void pause_ms(unsigned ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL); }

/* How many intervals are known in the end. */
static size_t await(const struct tracks *tracks)
{
    size_t known = 0, all = 0;
    for (unsigned waited = 0; !tracks_progress(tracks, &known, &all); waited += LOOK_MS) {
        ck_assert_uint_lt(waited, PATIENCE_MS);
        pause_ms(LOOK_MS);
    }
    return known;
}

static void open_followed(void)
{
    size_t known, all;
    open_timeline();
    ck_assert(timeline_followed(timeline, &known, &all));
    ck_assert_uint_eq(all, 0);
    must(timeline_follow(timeline));
    await(timeline->tracks);
    ck_assert(timeline_followed(timeline, &known, &all));
    ck_assert_uint_eq(known, all);
}

static void expect_here(uint64_t mark) { oracle_expect(&oracle, timeline, mark); }

/* ---- searching --------------------------------------------------------------------------------------------------------- */

struct points {
    uint64_t breaks[3];
    size_t nbreaks;
    struct watch_range watches[WATCHES];
    size_t nwatches;
};

static struct timeline_stop go(enum direction direction, uint64_t steps, const struct points *points)
{
    struct timeline_resume request = {.direction = direction, .steps = steps};
    struct timeline_stop stop;
    if (points) {
        request.breaks = points->breaks;
        request.nbreaks = points->nbreaks;
        request.watches = points->watches;
        request.nwatches = points->nwatches;
    }
    must(timeline_resume(timeline, &request, &stop));
    return stop;
}

/* Back to the last hit, as a straight run has it. How many intervals were left out. */
static uint64_t go_back(const struct points *points)
{
    struct oracle_stop wanted = oracle_back(&oracle, timeline_now(timeline).n, points->breaks, points->nbreaks,
                                            points->watches, points->nwatches);
    struct timeline_stop stop = go(BACKWARDS, UINT64_MAX, points);
    ck_assert_int_eq(stop.reason, wanted.reason);
    expect_here(wanted.mark);
    if (wanted.access) {
        ck_assert_int_eq(stop.kind, wanted.access->kind);
        ck_assert_uint_eq(stop.vaddr, wanted.access->vaddr);
    }
    return timeline->spared;
}

static void seek(uint64_t mark) { must(timeline_seek(timeline, icount_of(mark))); }

/* Intervals left out on the way from the end to the beginning, at each of some watches' hits; *hits: how many. */
static uint64_t all_the_way(const struct points *points, unsigned *hits)
{
    uint64_t spared = 0;
    seek(oracle.end);
    for (*hits = 0;; ++*hits) {
        spared += go_back(points);
        if (timeline_now(timeline).n == 0)
            return spared;
        go(BACKWARDS, 1, NULL);
    }
}

static size_t intervals(void)
{
    size_t count;
    recording_snapshots(recording, &count);
    return count;
}

static struct points watching(enum watch watch) { return (struct points){.watches = {watches[watch]}, .nwatches = 1}; }

START_TEST(what_is_not_stored_to_is_passed_over)
{
    static const struct {
        enum watch watch;
        unsigned hits; /* who clears memory at the start stores too */
        bool spares;   /* almost all, or nothing at all */
    } rows[] = {
        {WATCH_OFTEN, 7, true}, {WATCH_ONCE, 2, true},   {WATCH_NEVER, 1, true},    {WATCH_LATE, 2, true},
        {WATCH_READ, 1, false}, {WATCH_UPPER, 3, false}, {WATCH_EITHER, 12, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct points points = watching(rows[i].watch);
        unsigned hits;
        uint64_t spared = all_the_way(&points, &hits);
        ck_assert_uint_eq(hits, rows[i].hits);
        if (rows[i].spares)
            ck_assert_uint_gt(spared + 4 * rows[i].hits + 4, intervals());
        else
            ck_assert_uint_eq(spared, 0);
    }
}
END_TEST

/* An address of a process: its page and the tables on the way there decide. Where the tables cannot be read yet (there
 * is no PMP entry at the start), nothing is known. */
START_TEST(what_a_process_does_not_store_to_is_passed_over)
{
    for (enum watch watch = WATCH_FIRST; watch <= WATCH_OTHER; watch++) {
        struct points points = watching(watch);
        unsigned hits;
        uint64_t spared = all_the_way(&points, &hits);
        ck_assert_uint_eq(hits, 6);
        ck_assert_uint_gt(spared, intervals() / 4);
    }
}
END_TEST

/* ---- breakpoints ------------------------------------------------------------------------------------------------------- */

/* What a snapshot says of where code was executed is what a straight run saw: no page more, no page less. */
START_TEST(what_was_visited_is_what_was_executed)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    for (size_t i = 0; i < count; i++) {
        struct visited recorded, executed = {.bytes = {0}};
        for (uint64_t mark = i ? marks[i - 1].at.n : 0; mark < marks[i].at.n; mark++)
            visited_add(&executed, oracle.pcs[mark]);
        ck_assert(recording_visited(recording, i, &recorded));
        ck_assert_mem_eq(&recorded, &executed, sizeof recorded);
    }
}
END_TEST

/* A search believes it, so a replay must not. */
START_TEST(another_set_is_noticed)
{
    struct run_report report;
    char text[640];
    must(replay_run(recording, -1, NULL, &report));
    for (size_t i = 1; i < intervals(); i += 40) {
        struct bytes set = recording->visited[i];
        recording->visited[i] = recording->visited[0]; /* nowhere */
        err_t error = replay_run(recording, -1, NULL, &report);
        recording->visited[i] = set;
        ck_assert_int_eq(error.code, ERR_DIVERGED);
        err_format(error, text, sizeof text);
        ck_assert_msg(strstr(text, "not the same pages of code were executed") != NULL, "%s", text);
        ck_assert_uint_eq(report.snapshots, i);
    }
}
END_TEST

#define DOOR UINT64_C(0x40200000)

static struct points breaking(uint64_t vaddr) { return (struct points){.breaks = {vaddr}, .nbreaks = 1}; }

START_TEST(rooms_that_were_not_entered_are_passed_over)
{
    const struct {
        uint64_t vaddr;
        unsigned hits;
        uint64_t spared; /* at least so many of 100 intervals */
    } rows[] = {
        {symbol("GUEST_room_a") + 2, 6 * 60, 60},    /* at an odd halfword */
        {symbol("GUEST_room_a_across"), 6 * 60, 60}, /* across pages */
        {symbol("GUEST_room_d_across"), 2 * 60, 80}, /* entered in few rounds */
        {symbol("GUEST_room_b") + 2, 0, 95},         /* only by another address */
        {DOOR + 2, 12 * 60, 40},                     /* by that, in either process */
        {DOOR + 0x2000 - 2, 12 * 60, 40},            /* and across pages */
        {symbol("GUEST_room_a") + 4096, 0, 60},      /* in a page that is executed elsewhere */
        {symbol("GUEST_data"), 0, 95},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct points points = breaking(rows[i].vaddr);
        unsigned hits;
        uint64_t spared = all_the_way(&points, &hits);
        ck_assert_msg(hits == rows[i].hits, "row %zu: %u hits", i, hits);
        ck_assert_msg(100 * spared >= rows[i].spared * intervals(), "row %zu: %llu of %zu", i,
                      (unsigned long long)spared, intervals());
    }
}
END_TEST

/* A recording of an older format does not tell where code was executed. */
START_TEST(an_older_recording_is_searched_throughout)
{
    struct points points = breaking(symbol("GUEST_room_d_across"));
    struct bytes *sets = recording->visited;
    unsigned hits;
    recording->visited = calloc(intervals(), sizeof *sets);
    uint64_t spared = all_the_way(&points, &hits);
    free(recording->visited);
    recording->visited = sets;
    ck_assert_uint_eq(hits, 2 * 60);
    ck_assert_uint_eq(spared, 0);
}
END_TEST

/* What has been diverted tells nothing of where it went. */
START_TEST(nothing_is_passed_over_in_a_diverted_run)
{
    struct points points = breaking(symbol("GUEST_data"));
    uint64_t from = oracle.end / 2;
    seek(from);
    must(timeline_poke_register(timeline, 0, REG_X, 30, 1));
    must(timeline_seek(timeline, icount_of(from + 20000)));
    ck_assert_int_eq(go(BACKWARDS, 20000, &points).reason, STOP_STEPPED);
    ck_assert_uint_eq(timeline->spared, 0);
    ck_assert_int_eq(go(BACKWARDS, UINT64_MAX, &points).reason, STOP_BEGIN);
    ck_assert_uint_gt(timeline->spared, intervals() / 3);
}
END_TEST

static struct points choose(uint64_t *seed)
{
    struct points points = {.nbreaks = random_below(seed, 2) ? random_below(seed, 4) : 0};
    for (size_t i = 0; i < points.nbreaks; i++)
        points.breaks[i] = oracle.pcs[random_below(seed, oracle.end)] + (random_below(seed, 4) ? 0 : 2);
    for (size_t i = 0; i < WATCHES; i++)
        if (random_below(seed, 5) == 0)
            points.watches[points.nwatches++] = watches[i];
    return points;
}

START_TEST(searches_find_what_a_straight_run_finds)
{
    uint64_t seed = 31, spared = 0;
    for (unsigned i = 0; i < SEARCHES; i++) {
        struct points points = choose(&seed);
        seek(random_below(&seed, oracle.end + 1));
        for (unsigned turn = 0; turn < 4; turn++) {
            spared += go_back(&points);
            if (timeline_now(timeline).n > 0)
                go(BACKWARDS, 1, NULL);
        }
    }
    ck_assert_uint_gt(spared, SEARCHES);
}
END_TEST

/* ---- what is known to the word ------------------------------------------------------------------------------------------ */

static size_t passed_over(const struct points *points, unsigned wanted_hits)
{
    unsigned hits;
    uint64_t spared = all_the_way(points, &hits);
    ck_assert_uint_eq(hits, wanted_hits);
    return spared;
}

/* A word of the stack that nobody comes down to, in a page that is stored to from time to time all along. */
START_TEST(what_lies_beside_what_is_stored_to_is_passed_over)
{
    struct watch_range deep = memory_at(symbol("GUEST_stack_top") - 1536, ACCESS_STORE);
    struct points points = {.watches = {deep}, .nwatches = 1};
    struct tracks *tracks = timeline->tracks;
    oracle_free(&oracle);
    oracle_run(&oracle, recording, &deep, 1);
    timeline->tracks = NULL;
    seek(oracle.end);
    uint64_t by_page = go_back(&points);
    timeline->tracks = tracks;
    seek(oracle.end);
    uint64_t by_word = go_back(&points);
    ck_assert_msg(by_word >= by_page + 20 && by_word + 40 > intervals(), "%llu and %llu", (unsigned long long)by_page,
                  (unsigned long long)by_word); /* who clears memory at the start stores */
    oracle_free(&oracle);
    oracle_run(&oracle, recording, watches, WATCHES);
}
END_TEST

START_TEST(code_beside_what_is_executed_is_passed_over)
{
    struct points never = breaking(symbol("GUEST_room_a") + 4096); /* its page is entered all the time */
    ck_assert_uint_ge(passed_over(&never, 0) + 1, intervals());    /* the last one is empty */
}
END_TEST

/* Before and after it has run, an address space's tables are memory like any other. */
START_TEST(what_a_process_stores_to_is_looked_for_while_it_runs)
{
    struct points first = watching(WATCH_FIRST);
    ck_assert_uint_gt(2 * passed_over(&first, 6), intervals());
}
END_TEST

/* While it is being found out, and however little of it is known. */
START_TEST(searches_find_the_same_while_it_is_found_out)
{
    uint64_t seed = 37;
    for (unsigned turn = 0; turn < 40; turn++) {
        close_timeline();
        open_timeline();
        must(timeline_follow(timeline));
        pause_ms((unsigned)random_below(&seed, 20));
        for (unsigned i = 0; i < 5; i++) {
            struct points points = choose(&seed);
            seek(random_below(&seed, oracle.end + 1));
            go_back(&points);
        }
    }
}
END_TEST

START_TEST(a_recording_that_is_gone_is_searched_as_before)
{
    struct points often = watching(WATCH_OFTEN);
    char away[80];
    size_t before = passed_over(&often, 7);
    snprintf(away, sizeof away, "%s.away", path);
    ck_assert_int_eq(rename(path, away), 0);
    must(timeline_follow(timeline));
    size_t known = await(timeline->tracks);
    ck_assert_int_eq(rename(away, path), 0);
    ck_assert_uint_eq(known, 0);
    ck_assert_uint_eq(passed_over(&often, 7), before);
}
END_TEST

/* Another run under the same name is not this one. */
START_TEST(another_recording_in_its_place_is_noticed)
{
    struct run_report report;
    struct points often = watching(WATCH_OFTEN);
    char away[80];
    snprintf(away, sizeof away, "%s.away", path);
    ck_assert_int_eq(rename(path, away), 0);
    struct take take = take_of("tour.elf", path, NULL);
    take.options.snapshot_every = SNAPSHOT_EVERY - 1;
    must(take_run(&take, &report));
    must(timeline_follow(timeline));
    size_t known = await(timeline->tracks);
    ck_assert_int_eq(rename(away, path), 0);
    ck_assert_uint_eq(known, 0);
    ck_assert_uint_gt(passed_over(&often, 7), 0);
}
END_TEST

static void expect_executed(const struct footprint *footprint, uint64_t from, uint64_t until)
{
    for (uint64_t mark = from; mark < until; mark++)
        ck_assert_msg(footprint_executed(footprint, oracle.pcs[mark]), "%#llx at %llu",
                      (unsigned long long)oracle.pcs[mark], (unsigned long long)mark);
}

/* Every word that has another value now was stored to; `before` becomes what is there now. How many did. */
static size_t expect_stored(const struct footprint *footprint, uint32_t page, const uint8_t *now, uint8_t *before)
{
    size_t changed = 0;
    for (uint64_t at = 0; at < PAGE_BYTES; at += 8) {
        if (memcmp(now + at, before + at, 8) == 0)
            continue;
        changed++;
        ck_assert_msg(footprint_stored(footprint, page * (uint64_t)PAGE_BYTES + at, 8), "page %u, byte %llu", page,
                      (unsigned long long)at);
    }
    memcpy(before, now, PAGE_BYTES);
    return changed;
}

/* Nothing that happened is missing, and little is in there that did not. */
static void expect_footprints(const struct tracks *tracks)
{
    size_t count, npages, changed = 0, never = 0, entered = 0;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    const struct ram *ram = engine_ram(board_engine(timeline_board(timeline)));
    uint8_t *before = malloc(ram->size_bytes);
    ck_assert_ptr_nonnull(before);
    seek(0);
    memcpy(before, ram->bytes, ram->size_bytes);
    for (size_t i = 0; i < count; i++) {
        const struct footprint *footprint = tracks_of(tracks, i);
        ck_assert_ptr_nonnull(footprint);
        expect_executed(footprint, marks[i].at.n, i + 1 < count ? marks[i + 1].at.n : oracle.end);
        ck_assert(!footprint_executed(footprint, symbol("GUEST_room_a") + 4096));
        entered += footprint_executed(footprint, symbol("GUEST_room_d_across"));
        never += footprint_stored(footprint, word(7, 1) - ram->base, 8);
        if (i + 1 == count)
            break;
        seek(marks[i + 1].at.n);
        const uint32_t *pages = recording_pages(recording, i + 1, &npages);
        for (size_t n = 0; n < npages; n++)
            changed += expect_stored(footprint, pages[n], ram->bytes + (uint64_t)pages[n] * PAGE_BYTES,
                                     before + (uint64_t)pages[n] * PAGE_BYTES);
    }
    free(before);
    ck_assert_uint_gt(changed, 200);
    ck_assert_uint_gt(never, 0); /* memory is cleared at the start */
    ck_assert_uint_le(never, 2);
    ck_assert_uint_gt(entered, 0);
    ck_assert_uint_lt(5 * entered, count);
}

START_TEST(what_is_known_is_what_a_straight_run_did)
{
    static const struct engine_tuning tunings[] = {
        {.hot_after = 0}, {.hot_after = 1}, {.hot_after = 1, .block_insns_most = 2}, {.interpreter_only = true}};
    for (size_t i = 0; i < sizeof tunings / sizeof tunings[0]; i++) {
        struct tracks *tracks;
        recording_tune(recording, tunings[i]);
        must(tracks_start(recording, &tracks));
        ck_assert_uint_eq(await(tracks), intervals());
        expect_footprints(tracks);
        tracks_stop(tracks);
    }
    recording_tune(recording, tunings[0]);
}
END_TEST

/* ---- what a watch means ------------------------------------------------------------------------------------------------- */

static uint64_t first_mark_with(enum privilege priv, const char *root)
{
    uint64_t satp = root ? UINT64_C(8) << 60 | symbol(root) >> 12 : 0;
    for (uint64_t mark = 0; mark < oracle.end; mark += 50) {
        seek(mark);
        const struct hart_state *hart = engine_hart(board_engine(timeline_board(timeline)), 0);
        if (hart->priv == priv && hart->satp == satp)
            return mark;
    }
    ck_abort_msg("it is never there");
}

START_TEST(a_watch_means_what_its_address_means_where_it_is_set)
{
    uint64_t field = symbol("GUEST_data"), first = UINT64_C(8) << 60 | symbol("GUEST_tables") >> 12;
    const struct {
        enum privilege priv;
        const char *root;
        uint64_t vaddr;
        bool physical;
        enum watch_space space;
        uint64_t paddr;
    } rows[] = {
        {PRIV_M, NULL, field, false, WATCH_PHYSICAL, field},
        {PRIV_M, NULL, WINDOW, false, WATCH_ANY, 0},
        {PRIV_M, NULL, WINDOW, true, WATCH_PHYSICAL, WINDOW},
        {PRIV_M, NULL, UPPER, false, WATCH_ANY, 0},
        {PRIV_M, "GUEST_tables", UPPER + 8, false, WATCH_PHYSICAL, 0x80000008},
        {PRIV_M, "GUEST_tables", WINDOW, false, WATCH_ANY, 0},
        {PRIV_S, "GUEST_tables", UPPER + 8, false, WATCH_PHYSICAL, 0x80000008},
        {PRIV_S, "GUEST_tables", UPPER + (UINT64_C(1) << 30), false, WATCH_ANY, 0},
        {PRIV_S, "GUEST_tables", UPPER + (UINT64_C(1) << 30) - 4, false, WATCH_ANY, 0},
        {PRIV_S, "GUEST_tables", field, false, WATCH_PHYSICAL, field},
        {PRIV_S, "GUEST_tables", WINDOW + 16, false, WATCH_SPACE, 0},
        {PRIV_S, "GUEST_tables", WINDOW + 16, true, WATCH_PHYSICAL, WINDOW + 16},
        {PRIV_S, "GUEST_tables", 0x3ffffffc, false, WATCH_SPACE, 0},
        {PRIV_S, "GUEST_tables", 0x7ffffffffffffffc, false, WATCH_ANY, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct watch_range ranges[TIMELINE_WATCH_MOST];
        struct watch_range wanted = {.vaddr = rows[i].vaddr, .size_bytes = 8, .kinds = ACCESS_LOAD};
        first_mark_with(rows[i].priv, rows[i].root);
        ck_assert_uint_eq(timeline_watch_here(timeline, 0, &wanted, rows[i].physical, ranges), 1);
        ck_assert_uint_eq(ranges[0].vaddr, wanted.vaddr);
        ck_assert_uint_eq(ranges[0].size_bytes, 8);
        ck_assert_uint_eq(ranges[0].kinds, ACCESS_LOAD);
        ck_assert_msg(ranges[0].space == rows[i].space, "row %zu: %d", i, ranges[0].space);
        if (rows[i].space == WATCH_PHYSICAL)
            ck_assert_uint_eq(ranges[0].paddr, rows[i].paddr);
        if (rows[i].space == WATCH_SPACE)
            ck_assert_uint_eq(ranges[0].satp, first);
    }
}
END_TEST

/* Once more, with all that can be known. */
static TCase *followed(void)
{
    TCase *tcase = tcase_create("followed");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_add_checked_fixture(tcase, open_followed, close_timeline);
    tcase_add_test(tcase, what_is_not_stored_to_is_passed_over);
    tcase_add_test(tcase, what_a_process_does_not_store_to_is_passed_over);
    tcase_add_test(tcase, rooms_that_were_not_entered_are_passed_over);
    tcase_add_test(tcase, nothing_is_passed_over_in_a_diverted_run);
    tcase_add_test(tcase, searches_find_what_a_straight_run_finds);
    tcase_add_test(tcase, what_lies_beside_what_is_stored_to_is_passed_over);
    tcase_add_test(tcase, code_beside_what_is_executed_is_passed_over);
    tcase_add_test(tcase, what_a_process_stores_to_is_looked_for_while_it_runs);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("spared");
    TCase *tcase = tcase_create("timeline");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_add_checked_fixture(tcase, open_timeline, close_timeline);
    tcase_add_test(tcase, what_is_not_stored_to_is_passed_over);
    tcase_add_test(tcase, what_a_process_does_not_store_to_is_passed_over);
    tcase_add_test(tcase, what_was_visited_is_what_was_executed);
    tcase_add_test(tcase, another_set_is_noticed);
    tcase_add_test(tcase, rooms_that_were_not_entered_are_passed_over);
    tcase_add_test(tcase, an_older_recording_is_searched_throughout);
    tcase_add_test(tcase, nothing_is_passed_over_in_a_diverted_run);
    tcase_add_test(tcase, searches_find_what_a_straight_run_finds);
    tcase_add_test(tcase, a_watch_means_what_its_address_means_where_it_is_set);
    tcase_add_test(tcase, searches_find_the_same_while_it_is_found_out);
    tcase_add_test(tcase, a_recording_that_is_gone_is_searched_as_before);
    tcase_add_test(tcase, another_recording_in_its_place_is_noticed);
    tcase_add_test(tcase, what_is_known_is_what_a_straight_run_did);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, followed());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/* Who changed memory, and which instruction printed that: against a straight run, in which memory is looked at after
 * every instruction. Some of the memory is stored to by another address (busy.c's window). */
#include "oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snapshot/snapshot.h"
#include "tests/unit/random.h"

enum { SEARCHES = 300, WATCHES = 5 };

static char path[64];
static struct recording *recording;
static struct timeline *timeline;
static struct oracle oracle;
static struct watch_range watches[WATCHES];

/* The address of a symbol of the guest program, which follows its name in the environment of the test. */
static uint64_t symbol(const char *name)
{
    const char *value = getenv(name);
    ck_assert_msg(value != NULL, "%s is not set", name);
    return strtoull(value, NULL, 16);
}

static void set_up(void)
{
    struct run_report report;
    snprintf(path, sizeof path, "%s", scratch());
    struct take take = take_of("busy.elf", path, "abcx");
    must(take_run(&take, &report));
    must(recording_open(path, &recording));
    uint64_t field = symbol("GUEST_field");
    watches[0] = (struct watch_range){.vaddr = symbol("GUEST_watched"), .size_bytes = 8, .kinds = ACCESS_STORE};
    watches[1] = (struct watch_range){.vaddr = symbol("GUEST_straddled") + 8, .size_bytes = 1, .kinds = ACCESS_STORE};
    watches[2] = (struct watch_range){.vaddr = field + 4096, .size_bytes = 4, .kinds = ACCESS_STORE};
    watches[3] = (struct watch_range){.vaddr = field + 4096 - 8, .size_bytes = 24, .kinds = ACCESS_STORE};
    watches[4] = (struct watch_range){.vaddr = field + 9 * 4096 + 56, .size_bytes = 64, .kinds = ACCESS_STORE};
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

/* ---- memory ------------------------------------------------------------------------------------------------------------- */

static uint64_t content(uint64_t mark, size_t watch) { return oracle.contents[mark * WATCHES + watch]; }

/* Whether the instruction before `mark` changed what is watched, to this content (0: whatever). */
static bool is_change(uint64_t mark, size_t watch, uint64_t to)
{
    return content(mark, watch) != content(mark - 1, watch) && (!to || content(mark, watch) == to);
}

/* The mark after the change that must be found; UINT64_MAX: none. */
static uint64_t foreseen(uint64_t from, enum direction direction, uint64_t steps, size_t watch, uint64_t to)
{
    for (uint64_t i = 0; i < steps; i++) {
        if (direction == BACKWARDS ? from == i : from + i == oracle.end)
            break;
        uint64_t mark = direction == BACKWARDS ? from - i : from + i + 1;
        if (is_change(mark, watch, to))
            return mark;
    }
    return UINT64_MAX;
}

/* What is said of the change agrees with memory before and after. */
static void expect_write(const struct timeline_memory *memory, const struct timeline_write *write)
{
    uint64_t before = 0, after = 0;
    expect_here(write->at.n);
    ck_assert_uint_eq(write->when.ns, oracle.vtimes[write->at.n].ns);
    ck_assert_uint_eq(write->pc, oracle.pcs[write->at.n - 1]);
    timeline_look(timeline, memory, write->offset, &after, write->size_bytes);
    must(timeline_seek(timeline, icount_of(write->at.n - 1)));
    timeline_look(timeline, memory, write->offset, &before, write->size_bytes);
    must(timeline_seek(timeline, write->at));
    ck_assert_uint_eq(write->before, before);
    ck_assert_uint_eq(write->after, after);
    ck_assert_uint_ne(before, after);
}

static void search_once(uint64_t *seed)
{
    size_t watch = random_below(seed, WATCHES);
    uint64_t from = random_below(seed, oracle.end + 1), steps = random_below(seed, 4) ? UINT64_MAX : 1000;
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    struct timeline_write_search search = {
        .memory = &memory, .direction = random_below(seed, 2) ? FORWARDS : BACKWARDS, .steps = steps};
    must(timeline_seek(timeline, icount_of(from)));
    must(timeline_memory_here(timeline, 0, watches[watch].vaddr, watches[watch].size_bytes, random_below(seed, 2),
                              &memory));
    if (watches[watch].size_bytes <= 8 && random_below(seed, 3) == 0) { /* a value that was there once */
        search.valued = true;
        must(timeline_seek(timeline, icount_of(random_below(seed, oracle.end + 1))));
        timeline_look(timeline, &memory, 0, &search.value, (size_t)memory.size_bytes);
        must(timeline_seek(timeline, icount_of(from)));
    }
    uint64_t to = search.valued ? bytes_hash(&search.value, (size_t)memory.size_bytes) : 0;
    uint64_t wanted = foreseen(from, search.direction, steps, watch, to);
    must(timeline_find_write(timeline, &search, writes, &count));
    bool found = count == 1 && writes[0].by == BY_INSTRUCTION;
    if ((wanted != UINT64_MAX) != found || found != (count > 0) || (found && writes[0].at.n != wanted))
        ck_abort_msg("watch %zu from %llu %s: %lld instead of %lld", watch, (unsigned long long)from,
                     search.direction == FORWARDS ? "on" : "back", found ? (long long)writes[0].at.n : -1,
                     (long long)wanted);
    if (found)
        expect_write(&memory, &writes[0]);
    else
        expect_here(from);
}

START_TEST(changes_are_those_of_a_straight_run)
{
    uint64_t seed = 5;
    for (unsigned i = 0; i < SEARCHES; i++)
        search_once(&seed);
}
END_TEST

/* Not a matter of time but of work: a word that is stored to all the time, and never becomes what is looked for, is
 * gone through once, not once for each store. */
START_TEST(stores_that_do_not_count_are_passed_over_in_one_go)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    for (unsigned back = 0; back < 2; back++) {
        size_t count;
        struct effort effort = {.timeline = timeline};
        struct timeline_write_search search = {.memory = &memory,
                                               .direction = back ? BACKWARDS : FORWARDS,
                                               .steps = UINT64_MAX,
                                               .valued = true,
                                               .value = 0x0123456789abcdef,
                                               .interrupted = effort_look,
                                               .context = &effort};
        timeline_set_interrupted(timeline, effort_look, &effort);
        must(timeline_seek(timeline, icount_of(back ? oracle.end : 0)));
        must(timeline_memory_here(timeline, 0, symbol("GUEST_noise_state"), 8, true, &memory));
        effort_begin(&effort);
        must(timeline_find_write(timeline, &search, writes, &count));
        ck_assert_uint_eq(count, 0);
        ck_assert_msg(effort.gone >= oracle.end && effort.gone < 3 * oracle.end, "%llu instructions of %llu",
                      (unsigned long long)effort.gone, (unsigned long long)oracle.end);
    }
}
END_TEST

START_TEST(memory_that_is_not_there_is_refused)
{
    static const struct {
        uint64_t address, size_bytes;
    } rows[] = {{0x80000000, 0},
                {0x80000000, TIMELINE_MEMORY_MOST + 1},
                {0x80000000 + (16 << 20) - 4, 8},
                {0x10000000, 1},
                {UINT64_MAX - 3, 8},
                {0x7fffffff, 2}};
    struct timeline_memory memory;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int physical = 0; physical < 2; physical++)
            ck_assert_int_eq(
                timeline_memory_here(timeline, 0, rows[i].address, rows[i].size_bytes, physical, &memory).code,
                ERR_USAGE);
    must(timeline_memory_here(timeline, 0, 0x80000ffc, TIMELINE_MEMORY_MOST, true, &memory));
    ck_assert_uint_eq(memory.npieces, TIMELINE_PIECES_MOST);
}
END_TEST

/* ---- text --------------------------------------------------------------------------------------------------------------- */

static char heard;

static void hear(void *context, const uint8_t *bytes, size_t size_bytes)
{
    (void)context;
    (void)size_bytes;
    heard = (char)bytes[0];
}

/* The next instruction puts this byte out. */
static void expect_prints(icount_t at, char byte)
{
    struct timeline_resume step = {.direction = FORWARDS, .steps = 1};
    struct timeline_stop stop;
    must(timeline_seek(timeline, at));
    heard = 0;
    timeline_set_console(timeline, hear, NULL);
    must(timeline_resume(timeline, &step, &stop));
    timeline_set_console(timeline, NULL, NULL);
    ck_assert_int_eq(heard, byte);
}

static struct timeline_text find(const char *regex, icount_t before, bool first)
{
    struct timeline_text text;
    bool found;
    icount_t origin = timeline_now(timeline);
    must(timeline_find_text(timeline, regex, before, first, &text, &found));
    expect_here(origin.n);
    text.at = found ? text.at : ICOUNT_MAX;
    return text;
}

START_TEST(text_is_where_its_first_byte_leaves)
{
    must(timeline_seek(timeline, icount_of(oracle.end / 2)));
    struct timeline_text done = find("one$", ICOUNT_MAX, true);
    ck_assert_str_eq(done.line, "done");
    struct timeline_text first = find("^round", ICOUNT_MAX, true), last = find("^round", done.at, false);
    ck_assert(icount_before(first.at, last.at) && icount_before(last.at, done.at));
    struct timeline_text before = find("^round", last.at, false), asked = find("\\?", ICOUNT_MAX, true);
    ck_assert(icount_before(before.at, last.at) && !icount_before(before.at, first.at));
    expect_prints(done.at, 'o');
    expect_prints(first.at, 'r');
    expect_prints(last.at, 'r');
    expect_prints(asked.at, '?');
    ck_assert_uint_eq(find("^round", first.at, false).at.n, UINT64_MAX);
    ck_assert_uint_eq(find("nothing like it", ICOUNT_MAX, true).at.n, UINT64_MAX);
}
END_TEST

START_TEST(text_is_a_mark)
{
    icount_t mark;
    must(timeline_seek(timeline, icount_of(5)));
    must(timeline_parse_mark(timeline, "text:^done$", &mark));
    ck_assert_uint_eq(mark.n, find("done", ICOUNT_MAX, true).at.n);
    ck_assert_int_eq(timeline_parse_mark(timeline, "text:nothing like it", &mark).code, ERR_USAGE);
    ck_assert_int_eq(timeline_parse_mark(timeline, "text:(", &mark).code, ERR_USAGE);
    ck_assert_int_eq(timeline_parse_mark(timeline, "text:((a{99}){99}){99}", &mark).code, ERR_USAGE);
    expect_here(5);
}
END_TEST

/* From a poke on, the recorded console is another run's. */
START_TEST(a_diverted_timeline_has_the_text_before_it)
{
    bool found;
    struct timeline_text text, round = find("^round", ICOUNT_MAX, true);
    uint64_t value = 1;
    must(timeline_seek(timeline, icount_of(round.at.n + 100)));
    must(timeline_poke_memory(timeline, 0, watches[0].vaddr, &value, sizeof value));
    must(timeline_find_text(timeline, "^round", ICOUNT_MAX, true, &text, &found));
    ck_assert(found && text.at.n == round.at.n);
    must(timeline_find_text(timeline, "done", ICOUNT_MAX, true, &text, &found));
    ck_assert(!found);
    ck_assert_uint_eq(timeline_now(timeline).n, round.at.n + 100);
}
END_TEST

/* ---- bookmarks ------------------------------------------------------------------------------------------------------------ */

static void count_bookmark(void *context, icount_t at, const char *name)
{
    (void)at;
    (void)name;
    ++*(size_t *)context;
}

START_TEST(bookmarks_are_marks)
{
    icount_t mark;
    char file[80];
    size_t count = 0;
    snprintf(file, sizeof file, "%s.bookmarks", path);
    must(timeline_seek(timeline, icount_of(4321)));
    must(timeline_bookmark(timeline, "here"));
    must(timeline_seek(timeline, icount_of(5)));
    must(timeline_parse_mark(timeline, "here", &mark));
    ck_assert_uint_eq(mark.n, 4321);
    must(timeline_bookmarks(timeline, count_bookmark, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(timeline_parse_mark(timeline, "there", &mark).code, ERR_USAGE);
    ck_assert_int_eq(timeline_bookmark(timeline, "end").code, ERR_USAGE);
    must(timeline_unbookmark(timeline, "here"));
    ck_assert_int_eq(timeline_unbookmark(timeline, "here").code, ERR_USAGE);
    must(timeline_poke_register(timeline, 0, REG_X, 5, 12345));
    ck_assert_int_eq(timeline_bookmark(timeline, "here").code, ERR_USAGE); /* diverted */
    unlink(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay/find");
    TCase *tcase = tcase_create("find");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_add_checked_fixture(tcase, open_timeline, close_timeline);
    tcase_add_test(tcase, changes_are_those_of_a_straight_run);
    tcase_add_test(tcase, stores_that_do_not_count_are_passed_over_in_one_go);
    tcase_add_test(tcase, memory_that_is_not_there_is_refused);
    tcase_add_test(tcase, text_is_where_its_first_byte_leaves);
    tcase_add_test(tcase, text_is_a_mark);
    tcase_add_test(tcase, a_diverted_timeline_has_the_text_before_it);
    tcase_add_test(tcase, bookmarks_are_marks);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

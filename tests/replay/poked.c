/* Pokes among the changes of memory: those of a branch's past and those of a what-if, which are the same run. The run
 * without them says what was there before they entered; nobody reads the word that is poked, so it goes on alike. */
#include "oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "replay/recording_inner.h"
#include "replay/tracks.h"

enum { SNAPSHOT_EVERY = 700, POKED = 0x5eed5eed, POKED_AGAIN = 0xabcdef, WORD_BYTES = 8, HITS_MOST = 32 };

#define WINDOW UINT64_C(0x40000000)

static char path[64], branch_path[64];
static struct recording *recording, *branch;
static struct timeline *plain, *timeline; /* of the recording, and under test */
static struct oracle oracle;
static struct watch_range watched;

/* ---- the machine under test ------------------------------------------------------------------------------------------ */

static uint64_t symbol(const char *name)
{
    const char *value = getenv(name);
    ck_assert_msg(value != NULL, "%s is not set", name);
    return strtoull(value, NULL, 16);
}

static uint64_t word(unsigned page, unsigned index) { return symbol("GUEST_data") + 4096 * page + 8 * index; }

static void set_up(void)
{
    struct run_report report;
    snprintf(path, sizeof path, "%s", scratch());
    snprintf(branch_path, sizeof branch_path, "%s", scratch());
    struct take take = take_of("tour.elf", path, NULL);
    take.options.snapshot_every = SNAPSHOT_EVERY;
    must(take_run(&take, &report));
    must(recording_open(path, &recording));
    watched = (struct watch_range){.vaddr = word(0, 4),
                                   .size_bytes = WORD_BYTES,
                                   .kinds = ACCESS_STORE,
                                   .space = WATCH_PHYSICAL,
                                   .paddr = word(0, 4)};
    oracle_run(&oracle, recording, &watched, 1);
}

static void tear_down(void)
{
    oracle_free(&oracle);
    recording_close(recording);
    unlink(path);
}

static void open_timeline(void)
{
    must(timeline_open(recording, &plain));
    must(timeline_open(recording, &timeline));
}

static void close_timeline(void)
{
    timeline_close(plain);
    timeline_close(timeline);
    if (branch)
        recording_close(branch);
    branch = NULL;
    unlink(branch_path);
}

/* ---- poking ------------------------------------------------------------------------------------------------------------ */

static void seek(uint64_t mark)
{
    must(timeline_seek(timeline, icount_of(mark)));
    ck_assert_uint_eq(timeline_now(timeline).n, mark);
}

static void poke(uint64_t at, uint64_t paddr, uint64_t value)
{
    seek(at);
    must(timeline_poke_physical(timeline, paddr, &value, sizeof value));
}

static void poke_nothing(uint64_t at)
{
    seek(at);
    must(timeline_poke_register(timeline, 0, REG_X, 0, 1));
}

/* Records a branch with the pokes made so far: the timeline is one of that recording from now on. */
static void branch_off(void)
{
    struct take take = take_of("tour.elf", branch_path, NULL);
    struct run_report report;
    int pipe_fds[2];
    ck_assert_int_eq(pipe(pipe_fds), 0);
    take.options.snapshot_every = SNAPSHOT_EVERY;
    take.options.console_in = pipe_fds[0];
    must(branch_run(timeline, &take.options, NULL, &report));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    timeline_close(timeline);
    must(recording_open(branch_path, &branch));
    must(timeline_open(branch, &timeline));
}

/* What the word holds at a mark when nobody pokes. */
static uint64_t plain_word(uint64_t mark)
{
    uint64_t value;
    must(timeline_seek(plain, icount_of(mark)));
    ck_assert(engine_ram_load(board_engine(timeline_board(plain)), watched.paddr, &value, sizeof value));
    return value;
}

/* The mark after the instruction that changes the word for the nth time, counted from 1. */
static uint64_t change(unsigned nth)
{
    uint64_t mark = 0;
    while (nth-- > 0)
        for (mark++; mark < oracle.end && oracle.contents[mark] == oracle.contents[mark - 1]; mark++)
            ;
    ck_assert_uint_lt(mark, oracle.end);
    return mark;
}

/* ---- what is found ------------------------------------------------------------------------------------------------------- */

struct wanted {
    uint64_t at;
    enum changer by;
    uint64_t before, after;
};

struct asked {
    enum direction direction;
    uint64_t from, steps, value; /* steps 0: all; value 0: any */
};

static void expect_write(const struct timeline_write *write, const struct wanted *wanted)
{
    ck_assert_uint_eq(write->at.n, wanted->at);
    ck_assert_uint_eq(write->when.ns, oracle.vtimes[wanted->at].ns);
    ck_assert_int_eq(write->by, wanted->by);
    ck_assert_uint_eq(write->pc, wanted->by == BY_INSTRUCTION ? oracle.pcs[wanted->at - 1] : 0);
    ck_assert_uint_eq(write->offset, 0);
    ck_assert_uint_eq(write->size_bytes, WORD_BYTES);
    ck_assert_uint_eq(write->before, wanted->before);
    ck_assert_uint_eq(write->after, wanted->after);
}

static void expect(struct asked asked, size_t nwanted, const struct wanted *wanted)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    struct timeline_write_search search = {.memory = &memory,
                                           .direction = asked.direction,
                                           .steps = asked.steps ? asked.steps : UINT64_MAX,
                                           .valued = asked.value,
                                           .value = asked.value};
    seek(asked.from);
    must(timeline_memory_here(timeline, 0, watched.paddr, WORD_BYTES, true, &memory));
    must(timeline_find_write(timeline, &search, writes, &count));
    ck_assert_uint_eq(timeline_now(timeline).n, nwanted ? wanted[0].at : asked.from);
    ck_assert_uint_eq(count, nwanted);
    for (size_t i = 0; i < count; i++)
        expect_write(&writes[i], &wanted[i]);
    for (size_t i = 0; i < 2; i++) { /* what is there then: where one has come, and for whoever comes again */
        uint64_t value, now = timeline_now(timeline).n;
        timeline_look(timeline, &memory, 0, &value, sizeof value);
        if (nwanted && !asked.value)
            ck_assert_uint_eq(value, wanted[nwanted - 1].after);
        seek(now > 1000 ? now - 1000 : now + 1000);
        seek(now);
    }
}

#define WANTED(...)                                                                                                    \
    sizeof((struct wanted[]){__VA_ARGS__}) / sizeof(struct wanted), (struct wanted[]) { __VA_ARGS__ }

static struct asked back(uint64_t from) { return (struct asked){.direction = BACKWARDS, .from = from}; }
static struct asked on(uint64_t from) { return (struct asked){.direction = FORWARDS, .from = from}; }

static struct asked within(struct asked asked, uint64_t steps)
{
    asked.steps = steps;
    return asked;
}

static struct asked to(struct asked asked, uint64_t value)
{
    asked.value = value;
    return asked;
}

static struct wanted stored(unsigned nth)
{
    uint64_t at = change(nth);
    return (struct wanted){at, BY_INSTRUCTION, plain_word(at - 1), plain_word(at)};
}

/* Each of these tests is run twice: pokes of this session, and the same ones as a branch's. */
enum { LIVE, BRANCH, BOTH };
static const enum changer pokers[] = {[LIVE] = BY_DEBUGGER, [BRANCH] = BY_BRANCH};

static void poke_as(int way, uint64_t at, uint64_t paddr, uint64_t value)
{
    poke(at, paddr, value);
    if (way == BRANCH)
        branch_off();
}

START_TEST(a_poke_is_a_change)
{
    struct wanted before = stored(2), after = stored(3), poked = {before.at + 5, pokers[_i], before.after, POKED};
    uint64_t at = poked.at;
    poke_as(_i, at, watched.paddr, POKED);
    after.before = POKED;
    expect(back(at + 100), WANTED(poked));
    expect(back(at), WANTED(poked));
    expect(back(at - 1), WANTED(before));
    expect(on(before.at), WANTED(poked));
    expect(on(0), WANTED(stored(1)));
    expect(on(at), WANTED(after));
    expect(within(back(at + 10), 10), 0, NULL);
    expect(within(back(at + 10), 11), WANTED(poked));
    expect(within(on(at - 3), 2), 0, NULL);
    expect(within(on(at - 3), 3), WANTED(poked));
    expect(to(back(oracle.end - 1), POKED), WANTED(poked));
    expect(to(on(0), POKED), WANTED(poked));
    expect(to(back(oracle.end - 1), before.after), WANTED(before));
    expect(to(on(0), after.after), WANTED(after));
    expect(to(back(at + 100), POKED_AGAIN), 0, NULL);
}
END_TEST

/* One stands just after a store, and pokes: both are changes of that mark. */
START_TEST(a_poke_and_the_store_before_it_are_two_changes)
{
    struct wanted store = stored(2), after = stored(3), poked = {store.at, pokers[_i], store.after, POKED};
    poke_as(_i, store.at, watched.paddr, POKED);
    after.before = POKED;
    expect(back(store.at + 50), WANTED(store, poked));
    expect(back(store.at), WANTED(store, poked));
    expect(on(store.at - 1), WANTED(store, poked));
    expect(on(store.at), WANTED(after));
    expect(back(store.at - 1), WANTED(stored(1)));
    expect(to(back(store.at + 50), store.after), WANTED(store));
    expect(to(back(store.at + 50), POKED), WANTED(poked));
}
END_TEST

START_TEST(a_poke_that_undoes_a_store_hides_neither)
{
    struct wanted store = stored(2), after = stored(3), poked = {store.at, pokers[_i], store.after, store.before};
    poke_as(_i, store.at, watched.paddr, store.before);
    after.before = store.before;
    expect(back(store.at + 50), WANTED(store, poked));
    expect(on(store.at - 50), WANTED(store, poked));
    expect(on(store.at), WANTED(after));
}
END_TEST

START_TEST(a_poke_of_what_is_there_or_elsewhere_is_no_change)
{
    struct wanted store = stored(2), after = stored(3);
    poke(store.at + 5, watched.paddr, store.after);
    poke(store.at + 6, watched.paddr + 8, POKED);
    poke_nothing(store.at + 7);
    expect(back(store.at + 50), WANTED(store));
    expect(on(store.at), WANTED(after));
}
END_TEST

/* From the store and the poke of a branch there are three steps to what is there now. */
START_TEST(pokes_of_a_branch_and_of_this_session_are_told_apart)
{
    struct wanted store = stored(2), first = {store.at, BY_BRANCH, store.after, POKED};
    struct wanted second = {store.at, BY_DEBUGGER, POKED, POKED_AGAIN};
    poke(store.at, watched.paddr, POKED);
    branch_off();
    expect(back(store.at + 50), WANTED(store, first));
    poke(store.at, watched.paddr, POKED_AGAIN);
    expect(back(store.at + 50), WANTED(store, first, second));
    expect(on(store.at - 1), WANTED(store, first, second));
    expect(to(back(store.at), POKED), WANTED(first));
    must(timeline_undivert(timeline));
    expect(back(store.at + 50), WANTED(store, first));
}
END_TEST

/* It belongs to a future that is not this one's. */
START_TEST(a_recorded_poke_after_the_divergence_does_not_happen)
{
    struct wanted store = stored(2), after = stored(3);
    poke(store.at + 5, watched.paddr, POKED);
    branch_off();
    poke_nothing(store.at + 1);
    expect(back(store.at + 50), WANTED(store));
    expect(on(store.at), WANTED(after));
    expect(to(back(after.at + 50), POKED), 0, NULL);
}
END_TEST

START_TEST(what_is_poked_at_the_beginning_is_found_there)
{
    struct wanted poked = {0, BY_DEBUGGER, 0, POKED};
    poke(0, watched.paddr, POKED);
    expect(back(0), WANTED(poked));
    expect(back(5), WANTED(poked));
    expect(within(back(5), 5), 0, NULL);
    expect(to(back(oracle.end - 1), POKED), WANTED(poked));
    struct wanted first = {0};
    while (oracle_access(&oracle, first.at, &watched, 1) == NULL) /* who clears memory at the start */
        first.at++;
    expect(on(0), WANTED({first.at + 1, BY_INSTRUCTION, POKED, 0}));
}
END_TEST

/* The guest has ended the run there. */
START_TEST(what_is_poked_at_the_end_is_found_there)
{
    struct wanted poked = {oracle.end, BY_DEBUGGER, plain_word(oracle.end), POKED};
    poke(oracle.end, watched.paddr, POKED);
    expect(back(oracle.end), WANTED(poked));
    expect(on(oracle.end - 5), WANTED(poked));
    expect(back(oracle.end - 1), WANTED(stored(6)));
    expect(on(oracle.end), 0, NULL);
}
END_TEST

/* Of more than a few bytes the word is told. */
START_TEST(a_poke_in_a_large_memory_is_told_by_the_word)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    uint64_t at = change(2) + 5, far = word(2, 1) - word(0, 0);
    struct timeline_write_search search = {.memory = &memory, .direction = BACKWARDS, .steps = UINT64_MAX};
    poke_as(_i, at, word(2, 1), POKED);
    seek(at + 3);
    must(timeline_memory_here(timeline, 0, word(0, 0), 3 * PAGE_BYTES, true, &memory));
    must(timeline_find_write(timeline, &search, writes, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(writes[0].at.n, at);
    ck_assert_int_eq(writes[0].by, pokers[_i]);
    ck_assert_uint_eq(writes[0].offset, far);
    ck_assert_uint_eq(writes[0].size_bytes, 8);
    ck_assert_uint_eq(writes[0].after, POKED);
}
END_TEST

/* ---- how much is run for it ---------------------------------------------------------------------------------------------- */

/* The word is not stored to any more until the end: whoever looked for stores first would go there. */
START_TEST(a_near_poke_is_found_without_going_far)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    uint64_t at = oracle.end / 2;
    poke_as(_i, at, word(7, 1), POKED);
    for (unsigned turn = 0; turn < 2; turn++) {
        struct effort effort = {.timeline = timeline};
        struct timeline_write_search search = {.memory = &memory,
                                               .direction = turn ? BACKWARDS : FORWARDS,
                                               .steps = UINT64_MAX,
                                               .interrupted = effort_look,
                                               .context = &effort};
        seek(turn ? at + 50 : at - 50);
        must(timeline_memory_here(timeline, 0, word(7, 1), 8, true, &memory));
        timeline_set_interrupted(timeline, effort_look, &effort); /* on the way to a poke it seeks */
        effort_begin(&effort);
        must(timeline_find_write(timeline, &search, writes, &count));
        ck_assert_uint_eq(count, 1);
        ck_assert_uint_eq(writes[0].at.n, at);
        timeline_set_interrupted(timeline, NULL, NULL);
        ck_assert_uint_gt(effort.gone, 0);
        ck_assert_uint_lt(effort.gone, 3 * SNAPSHOT_EVERY);
    }
}
END_TEST

static bool break_off(void *context)
{
    (void)context;
    return true;
}

START_TEST(broken_off_it_stands_where_it_stood)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count = CHANGERS;
    uint64_t at = change(2) + 5;
    struct timeline_write_search search = {
        .memory = &memory, .direction = BACKWARDS, .steps = UINT64_MAX, .interrupted = break_off};
    poke(at, watched.paddr, POKED);
    seek(at + 20000);
    must(timeline_memory_here(timeline, 0, watched.paddr, WORD_BYTES, true, &memory));
    must(timeline_find_write(timeline, &search, writes, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(timeline_now(timeline).n, at + 20000);
}
END_TEST

/* ---- watchpoints --------------------------------------------------------------------------------------------------------- */

static struct timeline_stop go(enum direction direction, const struct watch_range *watch)
{
    struct timeline_resume resume = {
        .direction = direction, .steps = UINT64_MAX, .watches = watch, .nwatches = watch != NULL};
    struct timeline_stop stop;
    must(timeline_resume(timeline, &resume, &stop));
    return stop;
}

/* They tell what instructions do. */
START_TEST(a_watchpoint_does_not_stop_at_a_poke)
{
    uint64_t before = change(2), after = change(3);
    poke_as(_i, before + 5, watched.paddr, POKED);
    seek(before);
    ck_assert_int_eq(go(FORWARDS, &watched).reason, STOP_WATCH);
    ck_assert_uint_eq(timeline_now(timeline).n, after - 1);
    ck_assert_int_eq(go(BACKWARDS, &watched).reason, STOP_WATCH);
    ck_assert_uint_eq(timeline_now(timeline).n, before);
}
END_TEST

/* The entry of the page table through which the first process finds its page. */
static uint64_t leaf_entry(uint64_t satp, uint64_t mark)
{
    struct page_walk walk;
    seek(mark);
    engine_walk(board_engine(timeline_board(timeline)), 0, satp, WINDOW, &walk);
    ck_assert(walk.mapped);
    ck_assert_uint_eq(walk.paddr, word(1, 0));
    return walk.entries[walk.nentries - 1];
}

static size_t hits_back(const struct watch_range *watch, uint64_t from, uint64_t marks[HITS_MOST])
{
    size_t count = 0;
    seek(from);
    while (count < HITS_MOST && go(BACKWARDS, watch).reason == STOP_WATCH) {
        marks[count++] = timeline_now(timeline).n;
        seek(marks[count - 1] - 1);
    }
    return count;
}

static void expect_hits(const struct oracle *straight, const struct watch_range *watch)
{
    uint64_t marks[HITS_MOST], mark = straight->end - 1;
    size_t count = hits_back(watch, mark, marks);
    for (size_t i = 0; i < count; i++) {
        struct oracle_stop stop = oracle_back(straight, mark, NULL, 0, watch, 1);
        ck_assert_int_eq(stop.reason, STOP_WATCH);
        ck_assert_uint_eq(marks[i], stop.mark);
        mark = stop.mark - 1;
    }
    ck_assert_int_eq(oracle_back(straight, mark, NULL, 0, watch, 1).reason, STOP_BEGIN);
    ck_assert_uint_eq(count, 6); /* once a round */
}

static void follow(void)
{
    size_t known, all;
    must(timeline_follow(timeline));
    for (unsigned waited = 0; !timeline_followed(timeline, &known, &all); waited++) {
        ck_assert_uint_lt(waited, 30000);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    ck_assert_uint_eq(known, all);
}

/* A page table is poked, between two rounds: what the process stored to before is another page. Going back over that,
 * no interval before it may be passed over for the new page's sake. */
START_TEST(a_poked_page_table_is_stored_to)
{
    uint64_t at = change(3) + 3, satp = UINT64_C(8) << 60 | symbol("GUEST_tables") >> 12, entry = leaf_entry(satp, at);
    uint64_t flags, value;
    struct watch_range watch = {
        .vaddr = WINDOW + 8, .size_bytes = 8, .kinds = ACCESS_STORE, .space = WATCH_SPACE, .satp = satp};
    struct oracle straight;
    ck_assert(engine_ram_load(board_engine(timeline_board(timeline)), entry, &flags, sizeof flags));
    value = word(5, 0) >> 12 << 10 | (flags & 0x3ff);
    poke(at, entry, value);
    branch_off();
    oracle_run(&straight, branch, &watch, 1);
    expect_hits(&straight, &watch);
    ck_assert_uint_gt(timeline->spared, 0);
    follow();
    expect_hits(&straight, &watch);
    timeline_close(timeline);
    must(timeline_open(recording, &timeline));
    follow();
    poke(at, entry, value);
    expect_hits(&straight, &watch);
    oracle_free(&straight);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("poked");
    TCase *tcase = tcase_create("poked");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, set_up, tear_down);
    tcase_add_checked_fixture(tcase, open_timeline, close_timeline);
    tcase_add_loop_test(tcase, a_poke_is_a_change, 0, BOTH);
    tcase_add_loop_test(tcase, a_poke_and_the_store_before_it_are_two_changes, 0, BOTH);
    tcase_add_loop_test(tcase, a_poke_that_undoes_a_store_hides_neither, 0, BOTH);
    tcase_add_test(tcase, a_poke_of_what_is_there_or_elsewhere_is_no_change);
    tcase_add_test(tcase, pokes_of_a_branch_and_of_this_session_are_told_apart);
    tcase_add_test(tcase, a_recorded_poke_after_the_divergence_does_not_happen);
    tcase_add_test(tcase, what_is_poked_at_the_beginning_is_found_there);
    tcase_add_test(tcase, what_is_poked_at_the_end_is_found_there);
    tcase_add_loop_test(tcase, a_poke_in_a_large_memory_is_told_by_the_word, 0, BOTH);
    tcase_add_loop_test(tcase, a_near_poke_is_found_without_going_far, 0, BOTH);
    tcase_add_test(tcase, broken_off_it_stands_where_it_stood);
    tcase_add_loop_test(tcase, a_watchpoint_does_not_stop_at_a_poke, 0, BOTH);
    tcase_add_test(tcase, a_poked_page_table_is_stored_to);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/* The writer's side: what goes in comes out, whatever ends the writing. */
#define _GNU_SOURCE /* unshare */
#include "recording_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "replay/journal_queue.h"
#include "replay/sql.h"

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void sleep_us(unsigned us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* ---- round trips -------------------------------------------------------------------------------------------- */

START_TEST(what_goes_in_comes_out)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        const char *path = fixture_path("a.deja");
        uint64_t size = story_record(path, seed, seed * 8);
        struct verdict verdict = judge_file(path, seed);
        ck_assert_msg(verdict.judgement == IDENTICAL, "seed %d: %s", (int)seed, verdict.what);
        ck_assert(verdict.complete);
        struct stat status;
        ck_assert_int_eq(stat(path, &status), 0);
        ck_assert_uint_eq((uint64_t)status.st_size, size);
    }
}
END_TEST

START_TEST(a_recording_is_one_plain_file)
{
    const char *path = fixture_path("one.deja");
    story_record(path, 3, 40);
    ck_assert(!file_exists(fixture_path("one.deja-wal")));
    ck_assert(!file_exists(fixture_path("one.deja-shm")));
    ck_assert(!file_exists(fixture_path("one.deja-journal")));
    struct file_copy file = file_read(path);
    ck_assert_mem_eq(file.bytes, "SQLite format 3", 16);
    ck_assert_mem_eq(file.bytes + 68, "deja", 4);
    ck_assert_mem_eq(file.bytes + 60, "\0\0\0\3", 4);
    ck_assert_mem_eq(file.bytes + 18, "\1\1", 2);
    free(file.bytes);
}
END_TEST

START_TEST(the_end_and_the_machine_are_told)
{
    const char *path = fixture_path("end.deja");
    story_record(path, 4, 33);
    struct recording *recording;
    struct recording_info info;
    size_t count;
    ok(recording_open(path, &recording));
    ok(recording_info(recording, &info));
    recording_snapshots(recording, &count);
    ck_assert(info.complete);
    ck_assert_int_eq(info.halt.reason, HALT_FAIL);
    ck_assert_uint_eq(info.halt.status, 7);
    ck_assert_uint_eq(info.end.n, recording_end(recording).n);
    ck_assert_uint_eq(info.end_vtime.ns, 2 * info.end.n);
    ck_assert_uint_eq(count, 1 + 33 / STORY_SNAPSHOT_STEPS);
    ck_assert_uint_eq(info.snapshots, count);
    ck_assert_uint_gt(info.inputs[0], 0);
    ck_assert_uint_eq(info.inputs[0], info.inputs[INPUT_CONSOLE]);
    ck_assert_uint_gt(info.snapshot_bytes, 1000);
    ck_assert_uint_lt(info.snapshot_bytes, info.file_bytes);
    ck_assert_str_eq(recording_name(recording), path);
    recording_close(recording);
}
END_TEST

/* No image, no command line, no page that ever changes, an input without bytes. */
START_TEST(the_least_run_is_kept_too)
{
    const char *path = fixture_path("least.deja");
    uint8_t *bytes = calloc(2, PAGE_BYTES), flags[2] = {0};
    struct ram ram = {0x80000000, 2 * PAGE_BYTES, bytes, flags};
    struct board_config config = {.ram_size_bytes = ram.size_bytes, .nharts = 1};
    struct visited visited = {.bytes = {0}};
    struct journal *journal;
    struct recording *recording;
    uint64_t file_bytes;
    size_t count;
    ok(journal_create(path, false, &config, 0, &journal));
    journal_snapshot(journal, icount_of(0), vtime_of(0), bytes, 1, &visited, &ram);
    journal_input(journal, icount_of(0), vtime_of(5), INPUT_POWER, 0, NULL, 0);
    ok(journal_seal(journal, icount_of(0), vtime_of(9), (struct board_halt){HALT_NONE, 0}, &file_bytes));
    ok(recording_open(path, &recording));
    ck_assert_ptr_null(recording_config(recording)->append);
    ck_assert_ptr_null(recording_config(recording)->kernel.bytes);
    ck_assert_uint_eq(recording_end(recording).n, 0);
    ck_assert_uint_eq(recording_end_vtime(recording).ns, 9);
    const struct input_record *inputs = recording_inputs(recording, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(inputs->kind, INPUT_POWER);
    ck_assert_uint_eq(inputs->size_bytes, 0);
    ck_assert_uint_eq(recording_snapshots(recording, &count)->ram_hash, 0);
    ok(recording_check(recording, NULL));
    recording_close(recording);
    free(bytes);
}
END_TEST

/* How long a page that is kept waits to be read; the least of a few, for a busy machine. */
START_TEST(kept_pages_are_read_at_once)
{
    uint8_t *bytes = calloc(2, PAGE_BYTES), flags[2] = {PAGE_DIRTY, PAGE_DIRTY};
    struct ram ram = {0x80000000, 2 * PAGE_BYTES, bytes, flags};
    struct board_config config = {.ram_size_bytes = ram.size_bytes, .nharts = 1};
    struct visited visited = {.bytes = {0}};
    struct journal *journal;
    uint64_t file_bytes, least_ms = UINT64_MAX;
    ok(journal_create(fixture_path("kept.deja"), false, &config, 0, &journal));
    ck_assert_ptr_nonnull(journal_keep(journal).change);
    for (uint64_t at = 0; at < 9; at++) {
        uint64_t before_ms = monotonic_ms();
        ck_assert_uint_eq(journal_snapshot(journal, icount_of(at), vtime_of(at), bytes, 1, &visited, &ram), 2);
        while (journal_reads(journal))
            sleep_us(100);
        uint64_t ms = monotonic_ms() - before_ms;
        least_ms = at && ms < least_ms ? ms : least_ms; /* before the first, the file is made */
    }
    ck_assert_uint_lt(least_ms, 20);
    ok(journal_seal(journal, icount_of(8), vtime_of(8), (struct board_halt){HALT_NONE, 0}, &file_bytes));
    free(bytes);
}
END_TEST

/* J4: more dirty pages at once than the queue holds, and a state larger than a chunk. */
START_TEST(a_large_snapshot_flows_through)
{
    enum { PAGES = 20000, STATE = 3 << 20 };
    const char *path = fixture_path("large.deja");
    uint64_t seed = 9;
    uint8_t *bytes = calloc(PAGES, PAGE_BYTES), *flags = calloc(PAGES, 1), *state = malloc(STATE), *read_state;
    struct ram ram = {0x80000000, (uint64_t)PAGES * PAGE_BYTES, bytes, flags};
    struct board_config config = {.ram_size_bytes = ram.size_bytes, .nharts = 1};
    struct visited visited = {.bytes = {0}};
    struct journal *journal;
    struct recording *recording;
    uint64_t file_bytes;
    size_t count, state_bytes;
    random_fill(&seed, state, STATE);
    ok(journal_create(path, false, &config, 0, &journal));
    journal_snapshot(journal, icount_of(0), vtime_of(0), state, 5, &visited, &ram);
    for (uint64_t page = 0; page < PAGES; page++)
        memcpy(bytes + page * PAGE_BYTES + page % 4000, &page, sizeof page);
    memset(flags, PAGE_DIRTY, PAGES);
    journal_snapshot(journal, icount_of(7), vtime_of(7), state, STATE, &visited, &ram);
    ck_assert_uint_le(journal_backlog(journal), JOURNAL_QUEUE_BYTES);
    ok(journal_seal(journal, icount_of(7), vtime_of(7), (struct board_halt){HALT_NONE, 0}, &file_bytes));
    ok(recording_open(path, &recording));
    ok(recording_state(recording, 1, &read_state, &state_bytes));
    ck_assert_uint_eq(state_bytes, STATE);
    ck_assert_mem_eq(read_state, state, STATE);
    const uint32_t *numbers = recording_pages(recording, 1, &count);
    ck_assert_uint_eq(count, PAGES);
    for (size_t nth = 0; nth < count; nth++) {
        uint8_t page[PAGE_BYTES];
        ck_assert_uint_eq(numbers[nth], nth);
        ok(recording_page(recording, 1, nth, page));
        ck_assert_mem_eq(page, bytes + nth * PAGE_BYTES, PAGE_BYTES);
    }
    recording_close(recording);
    free(bytes), free(flags), free(state), free(read_state);
}
END_TEST

/* ---- the console's table ------------------------------------------------------------------------------------ */

static void check_row(struct sql_query *query, uint64_t icount, uint64_t port, uint64_t eol, const char *text)
{
    uint64_t number;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    bool row;
    ok(sql_step(query, &row));
    ck_assert(row);
    ck_assert(sql_get_u64(query, 0, &number));
    ck_assert_uint_eq(number, icount);
    ck_assert(sql_get_u64(query, 1, &number));
    ck_assert_uint_eq(number, port);
    ck_assert(sql_get_u64(query, 2, &number));
    ck_assert_uint_eq(number, eol);
    ck_assert(sql_get_text(query, 3, &bytes, &size) || sql_get_blob(query, 3, &bytes, &size));
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_mem_eq(bytes, text, size);
}

static void output(struct journal *journal, uint64_t at, unsigned port, const char *text)
{
    journal_output(journal, icount_of(at), port, (const uint8_t *)text, strlen(text));
}

START_TEST(console_lines_can_be_asked_for)
{
    const char *path = fixture_path("console.deja");
    struct story *story = story_begin(1);
    struct journal *journal;
    struct recording *recording;
    struct recording_info info;
    struct sql *sql;
    struct sql_query *query;
    uint64_t file_bytes;
    char text[6000];
    memset(text, 'x', sizeof text);
    memcpy(text + 4999, "\n", 2);
    ok(journal_create(path, false, &story->config, 0, &journal));
    story_tell(story, journal);
    output(journal, 10, 0, "Kernel pa");
    output(journal, 20, 1, "other port\nKernel panic - not synci");
    output(journal, 30, 0, "nic - not syncing\r\n\n\r\nb\xfc");
    output(journal, 40, 0, "se\n");
    output(journal, 50, 0, text);
    output(journal, 60, 0, "login: ");
    ok(journal_seal(journal, icount_of(70), vtime_of(70), (struct board_halt){HALT_NONE, 0}, &file_bytes));
    ok(sql_open_read(path, true, path, &sql));
    ok(sql_prepare(sql, "select icount, port, eol, text from console where text like '%panic%' order by port", &query));
    check_row(query, 10, 0, 2, "Kernel panic - not syncing");
    check_row(query, 20, 1, 0, "Kernel panic - not synci");
    sql_free(query);
    ok(sql_prepare(sql, "select icount, port, eol, text from console where port = 0 order by id", &query));
    check_row(query, 10, 0, 2, "Kernel panic - not syncing");
    check_row(query, 30, 0, 1, "");
    check_row(query, 30, 0, 2, "");
    check_row(query, 30, 0, 1, "b\xfcse");
    text[4096] = 0;
    check_row(query, 50, 0, 0, text);
    text[4999 - 4096] = 0;
    check_row(query, 50, 0, 1, text);
    check_row(query, 60, 0, 0, "login: ");
    sql_free(query);
    sql_close(sql);
    ok(recording_open(path, &recording));
    ok(recording_info(recording, &info));
    ck_assert_uint_eq(info.console_bytes, 33 - 5 + 1 + 2 + 5 + 35 + 5000 + 7);
    recording_close(recording);
    free(story);
}
END_TEST

/* ---- creating ----------------------------------------------------------------------------------------------- */

static enum err_code create(const char *path, bool force)
{
    struct story *story = story_begin(2);
    struct journal *journal;
    uint64_t file_bytes;
    err_t error = journal_create(path, force, &story->config, 0, &journal);
    if (!err_is(error))
        error = journal_seal(journal, icount_of(0), vtime_of(0), (struct board_halt){HALT_NONE, 0}, &file_bytes);
    else
        ck_assert_ptr_null(journal);
    free(story);
    return error.code;
}

START_TEST(only_force_replaces_a_file)
{
    const char *path = fixture_path("there");
    file_write(path, (const uint8_t *)"mine", 4);
    ck_assert_int_eq(create(path, false), ERR_EXISTS);
    struct file_copy file = file_read(path);
    ck_assert_uint_eq(file.size_bytes, 4);
    free(file.bytes);
    file_write(fixture_path("there-wal"), (const uint8_t *)"stale", 5);
    ck_assert_int_eq(create(path, true), ERR_OK);
    ck_assert(!file_exists(fixture_path("there-wal")));
    ck_assert_int_eq(create(fixture_folder, true), ERR_CANNOT_CREATE);
    ck_assert_int_eq(create("/dev/null", true), ERR_CANNOT_CREATE);
    ck_assert_int_eq(create(fixture_path("no/such/folder"), false), ERR_CANNOT_CREATE);
    ck_assert_int_eq(create("", false), ERR_CANNOT_CREATE);
}
END_TEST

/* What nobody will find is not called recorded. */
START_TEST(a_file_that_went_away_is_missed)
{
    const char *path = fixture_path("gone.deja");
    struct story *story = story_begin(5);
    struct journal *journal;
    uint64_t file_bytes;
    char text[700];
    ck_assert(!err_is(journal_create(path, false, &story->config, 0, &journal)));
    ck_assert_int_eq(unlink(path), 0);
    err_t error = journal_seal(journal, icount_of(0), vtime_of(0), (struct board_halt){HALT_NONE, 0}, &file_bytes);
    err_format(error, text, sizeof text);
    ck_assert_msg(strstr(text, "was removed or renamed while it was written"), "%s", text);
    ck_assert_uint_eq(file_bytes, 0);
    free(story);
}
END_TEST

START_TEST(any_name_is_just_a_name)
{
    static const char *const names[] = {":memory:", "a?mode=memory&b=1#c", "%41%2f", "file:x", "sp ace\n\"'", "\xfc"};
    ck_assert_int_eq(chdir(fixture_folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        story_record(names[i], 5, 12);
        ck_assert_msg(file_exists(names[i]), "%s", names[i]);
        ck_assert_int_eq(judge_file(names[i], 5).judgement, IDENTICAL);
    }
}
END_TEST

/* ---- the queue ---------------------------------------------------------------------------------------------- */

enum { QUEUE_LIMIT = 3 << 20, QUEUE_RECORDS = 6000 };

static void *take_all(void *context)
{
    struct queue *queue = context;
    uint64_t next = 0;
    while (next < QUEUE_RECORDS) {
        struct queue_chunk *chunk = queue_take(queue, UINT32_MAX);
        const struct record *record;
        const uint8_t *bytes;
        if (!chunk)
            continue;
        for (size_t cursor = 0; (record = chunk_next(chunk, &cursor, &bytes)); next++) {
            if (record->at != next || record->size_bytes != next % 5000 ||
                (record->size_bytes && bytes[0] != next % 251))
                return "out of order";
        }
        if (queue_backlog(queue) > QUEUE_LIMIT)
            return "over its limit";
        queue_give_back(queue, chunk);
    }
    return NULL;
}

START_TEST(the_queue_keeps_order_and_its_bound)
{
    struct queue *queue = queue_create(QUEUE_LIMIT);
    pthread_t taker;
    uint8_t bytes[5000];
    void *complaint;
    ck_assert_int_eq(pthread_create(&taker, NULL, take_all, queue), 0);
    for (uint64_t at = 0; at < QUEUE_RECORDS; at++) {
        struct record record = {.kind = RECORD_OUTPUT, .at = at, .size_bytes = (uint32_t)(at % 5000)};
        memset(bytes, (int)(at % 251), record.size_bytes);
        queue_put(queue, &record, bytes, at + 1 == QUEUE_RECORDS);
    }
    pthread_join(taker, &complaint);
    ck_assert_msg(!complaint, "%s", (const char *)complaint);
    ck_assert_uint_eq(queue_backlog(queue), 0);
    queue_destroy(queue);
}
END_TEST

/* ---- kill -9 ------------------------------------------------------------------------------------------------ */

/* What the child had told the journal, and when; shared with the parent. */
enum { TOLD_MAX = 1 << 16 };
struct told {
    _Atomic bool began, created; /* the call of journal_create(): made, returned */
    _Atomic uint32_t count;
    struct {
        uint64_t at, ms;
    } mark[TOLD_MAX];
};

static struct told *told_create(void)
{
    struct told *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(told, MAP_FAILED);
    return told;
}

static _Noreturn void record_until_killed(const char *path, uint64_t seed, unsigned pause_us, struct told *told)
{
    struct story *story = story_begin(seed);
    struct journal *journal;
    told->began = true;
    if (err_is(journal_create(path, true, &story->config, STORY_NOW_NS, &journal)))
        _exit(1);
    told->created = true;
    for (;; story_next(story)) {
        story_tell(story, journal);
        uint32_t count = told->count;
        if (count < TOLD_MAX) {
            told->mark[count].at = story->at;
            told->mark[count].ms = monotonic_ms();
            told->count = count + 1;
        }
        if (pause_us)
            sleep_us(pause_us);
    }
}

/* A second, as promised; a writer that the sanitizers slow down falls further behind tellers that never pause. */
#ifdef __SANITIZE_ADDRESS__
enum { MAY_BE_LOST_MS = 10000 };
#else
enum { MAY_BE_LOST_MS = 1000 };
#endif

/* The last mark that the child had told `ms` before `now_ms`. */
static uint64_t told_before(const struct told *told, uint64_t now_ms, uint64_t ms)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < told->count && told->mark[i].ms + ms <= now_ms; i++)
        at = told->mark[i].at;
    return at;
}

/* A recording that is killed at its time. */
struct victim {
    uint64_t seed;
    uint64_t before; /* seed of the recording that it replaces; 0: of none */
    unsigned pause_us;
    uint64_t kill_ms;
    bool idle; /* never begins: the host had something else to do */
    pid_t child;
    struct told *told;
    const char *path;
};

static void start(struct victim *victim)
{
    victim->told = told_create();
    victim->child = fork();
    ck_assert_int_ge(victim->child, 0);
    if (victim->child == 0) {
        while (victim->idle)
            pause();
        record_until_killed(victim->path, victim->seed, victim->pause_us, victim->told);
    }
}

static void kill_now(struct victim *victim)
{
    int status;
    kill(victim->child, SIGKILL);
    victim->kill_ms = monotonic_ms();
    ck_assert_int_eq(waitpid(victim->child, &status, 0), victim->child);
    ck_assert(WIFSIGNALED(status));
}

static void kill_in_time(struct victim *victim)
{
    while (monotonic_ms() < victim->kill_ms)
        sleep_us(200);
    kill_now(victim);
}

/* Until journal_create() has returned the file may be the one that was there before, and before it is called nothing
 * else. */
static bool left_alone(const struct victim *victim)
{
    if (!victim->before || victim->told->created)
        return false;
    bool alone = judge_file(victim->path, victim->before).judgement == IDENTICAL;
    ck_assert_msg(alone || victim->told->began, "seed %d: touched too early", (int)victim->seed);
    return alone;
}

static void judge_refusal(const struct victim *victim, err_t error, uint64_t must)
{
    char text[700] = "";
    err_format(error, text, sizeof text);
    ck_assert_msg(must == 0 && (strstr(text, "before anything") || strstr(text, "is empty") ||
                                strstr(text, "no such file") || strstr(text, "not a deja")),
                  "seed %d: %s", (int)victim->seed, text);
}

static uint64_t judge_own(const struct victim *victim)
{
    struct verdict verdict = judge_file(victim->path, victim->seed);
    ck_assert_msg(verdict.judgement != WRONG, "seed %d: %s", (int)victim->seed, verdict.what);
    ck_assert(!verdict.complete);
    uint64_t must = told_before(victim->told, victim->kill_ms, MAY_BE_LOST_MS);
    if (verdict.judgement == REFUSED) { /* only when it had hardly begun */
        judge_refusal(victim, verdict.error, must);
        return 0;
    }
    ck_assert_uint_ge(verdict.end, must);
    return victim->seed;
}

/* The seed of the recording that is left in the file; 0: there is nothing in it. */
static uint64_t judge_victim(const struct victim *victim)
{
    uint64_t left = left_alone(victim) ? victim->before : judge_own(victim);
    munmap(victim->told, sizeof *victim->told);
    return left;
}

/* J1, J2, J3. Ten at a time; some killed at once, most in the middle of it, the last after the second that may be lost.
 * Each batch replaces what the one before has left. */
START_TEST(kill_9_leaves_what_was_committed)
{
    enum { BATCHES = 5, BATCH = 10 };
    uint64_t seed = 77, left[BATCH] = {0};
    unsigned opened = 0;
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        struct victim victims[BATCH];
        uint64_t when_ms = monotonic_ms();
        for (unsigned i = 0; i < BATCH; i++) {
            char name[16];
            snprintf(name, sizeof name, "killed%u", i);
            when_ms += random_below(&seed, i == 0 ? 10 : batch == 0 && i == BATCH - 1 ? 2000 : 120);
            victims[i] = (struct victim){.seed = 1000 + batch * BATCH + i,
                                         .before = left[i],
                                         .pause_us = (unsigned)random_below(&seed, 3) * 2000,
                                         .kill_ms = when_ms,
                                         .path = fixture_path(name)};
            start(&victims[i]);
        }
        for (unsigned i = 0; i < BATCH; i++)
            kill_in_time(&victims[i]);
        for (unsigned i = 0; i < BATCH; i++) {
            left[i] = judge_victim(&victims[i]);
            opened += left[i] == victims[i].seed;
        }
    }
    ck_assert_uint_ge(opened, 20);
}
END_TEST

/* However little time the host gives it. */
START_TEST(kill_9_before_it_begins_leaves_what_was_there)
{
    struct victim victim = {.seed = 2, .before = 1, .idle = true, .path = fixture_path("before.deja")};
    story_record(victim.path, victim.before, 12);
    start(&victim);
    kill_now(&victim);
    ck_assert_uint_eq(judge_victim(&victim), 1);
}
END_TEST

/* Each is killed while it replaces what the one before has left: broken off, with a -wal, or sealed. */
START_TEST(kill_9_while_replacing_mixes_nothing)
{
    enum { VICTIMS = 80 };
    const char *path = fixture_path("replaced.deja");
    uint64_t random = 5, left = 0;
    for (unsigned i = 0; i < VICTIMS; i++) {
        if (!left)
            story_record(path, left = 1999, 12);
        struct victim victim = {.seed = 2000 + i, .before = left, .path = path};
        start(&victim);
        while (!victim.told->began)
            sched_yield();
        if (i % 3)
            sleep_us((unsigned)random_below(&random, i % 3 == 1 ? 1000 : 60000));
        kill_now(&victim);
        left = judge_victim(&victim);
    }
}
END_TEST

/* ---- disk full ---------------------------------------------------------------------------------------------- */

enum { FULL_OK = 0, FULL_AT_CREATION = 10, FULL_LATER = 11, FULL_STRANGE = 12, FULL_SKIPPED = 13 };

/* J5: records until the disk is full; the exit status of the process that tried. */
static int record_until_full(const char *path, uint64_t seed)
{
    struct story *story = story_begin(seed);
    struct journal *journal;
    uint64_t file_bytes;
    err_t error = journal_create(path, true, &story->config, STORY_NOW_NS, &journal);
    if (err_is(error))
        return FULL_STRANGE;
    while (!err_is(journal_error(journal)) && story->steps < 40000) {
        story_tell(story, journal);
        story_next(story);
    }
    err_t first = journal_error(journal);
    error = journal_seal(journal, icount_of(story->at), vtime_of(story->when), (struct board_halt){0}, &file_bytes);
    if (error.code != ERR_DISK_FULL || first.code != ERR_DISK_FULL || err_exit_status(error) != 74)
        return FULL_STRANGE;
    if (!file_exists(path))
        return strstr(error.detail, "before anything was recorded; free some space") ? FULL_AT_CREATION : FULL_STRANGE;
    return strstr(error.detail, "the recording up to there is kept and replays") ? FULL_LATER : FULL_STRANGE;
}

static int limited(const char *path, uint64_t seed, uint64_t limit_bytes)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        struct rlimit limit = {limit_bytes, limit_bytes};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(record_until_full(path, seed));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void check_what_is_left(const char *path, uint64_t seed)
{
    struct verdict verdict = judge_file(path, seed);
    ck_assert_msg(verdict.judgement == IDENTICAL && !verdict.complete, "%s %s", verdict.error.detail, verdict.what);
}

START_TEST(a_full_disk_keeps_what_was_committed)
{
    unsigned later = 0;
    for (uint64_t seed = 1; seed <= 9; seed++) {
        const char *path = fixture_path("full.deja");
        int status = limited(path, seed, 4096 + seed * seed * (seed % 2 ? 9000 : 100000));
        ck_assert_int_ne(status, FULL_STRANGE);
        if (status != FULL_LATER)
            continue;
        later++;
        check_what_is_left(path, seed);
    }
    ck_assert_uint_ge(later, 3);
}
END_TEST

/* On a file system that is really full; needs the right to mount one. */
static int on_small_disk(const char *folder, uint64_t seed, const char *options)
{
    char path[128];
    snprintf(path, sizeof path, "%s/full.deja", folder);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, options) != 0)
        return FULL_SKIPPED;
    int status = record_until_full(path, seed);
    if (status != FULL_LATER)
        return status;
    struct verdict verdict = judge_file(path, seed);
    return verdict.judgement == IDENTICAL && !verdict.complete ? FULL_LATER : FULL_STRANGE;
}

START_TEST(a_full_file_system_keeps_what_was_committed)
{
    static const char *const sizes[] = {"size=64k", "size=200k", "size=600k", "size=2m", "size=7m"};
    for (unsigned i = 0; i < 5; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(on_small_disk(fixture_folder, 40 + i, sizes[i]));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        ck_assert_msg(WEXITSTATUS(status) != FULL_STRANGE, "%s", sizes[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay journal");
    fixture_add(suite, "round trip", what_goes_in_comes_out);
    fixture_add(suite, "one file", a_recording_is_one_plain_file);
    fixture_add(suite, "end and machine", the_end_and_the_machine_are_told);
    fixture_add(suite, "least run", the_least_run_is_kept_too);
    fixture_add(suite, "kept pages", kept_pages_are_read_at_once);
    fixture_add(suite, "large snapshot", a_large_snapshot_flows_through);
    fixture_add(suite, "console", console_lines_can_be_asked_for);
    fixture_add(suite, "force", only_force_replaces_a_file);
    fixture_add(suite, "gone", a_file_that_went_away_is_missed);
    fixture_add(suite, "names", any_name_is_just_a_name);
    fixture_add(suite, "queue", the_queue_keeps_order_and_its_bound);
    fixture_add(suite, "kill -9", kill_9_leaves_what_was_committed);
    fixture_add(suite, "kill -9 before", kill_9_before_it_begins_leaves_what_was_there);
    fixture_add(suite, "kill -9 replacing", kill_9_while_replacing_mixes_nothing);
    fixture_add(suite, "size limit", a_full_disk_keeps_what_was_committed);
    fixture_add(suite, "full disk", a_full_file_system_keeps_what_was_committed);
    return fixture_run(suite);
}

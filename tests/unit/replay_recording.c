/* The reader's side: what is damaged, alien or hostile is refused in words, and never believed. */
#include "recording_fixture.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "replay/format.h"

enum { SEED = 31, OTHER_SEED = 32, STEPS = 30 };

/* ---- damage ------------------------------------------------------------------------------------------------- */

enum { SQLITE_PAGE = 4096 };

struct damage {
    uint64_t seed;
    struct file_copy file;  /* is damaged */
    struct file_copy other; /* another recording, to splice from */
};

static size_t some_page(struct damage *damage)
{
    return random_below(&damage->seed, damage->file.size_bytes / SQLITE_PAGE) * SQLITE_PAGE;
}

static void flip_bit(struct damage *damage)
{
    damage->file.bytes[random_below(&damage->seed, damage->file.size_bytes)] ^= 1u << random_below(&damage->seed, 8);
}

static void scribble(struct damage *damage)
{
    size_t size = 1 + random_below(&damage->seed, 64);
    random_fill(&damage->seed, damage->file.bytes + random_below(&damage->seed, damage->file.size_bytes - size), size);
}

static void cut(struct damage *damage)
{
    damage->file.size_bytes = random_below(&damage->seed, damage->file.size_bytes);
}

static void cut_at_page(struct damage *damage) { damage->file.size_bytes = some_page(damage); }

static void zero_page(struct damage *damage) { memset(damage->file.bytes + some_page(damage), 0, SQLITE_PAGE); }

static void swap_pages(struct damage *damage)
{
    uint8_t page[SQLITE_PAGE], *a = damage->file.bytes + some_page(damage), *b = damage->file.bytes + some_page(damage);
    memcpy(page, a, SQLITE_PAGE);
    memmove(a, b, SQLITE_PAGE);
    memcpy(b, page, SQLITE_PAGE);
}

static void double_page(struct damage *damage)
{
    memmove(damage->file.bytes + some_page(damage), damage->file.bytes + some_page(damage), SQLITE_PAGE);
}

/* Pages of another recording in the places of ours: one, or all from somewhere on. (All from the second on would be
 * that other recording, whole: the first holds the schema alone.) */
static void splice(struct damage *damage)
{
    size_t at = some_page(damage), end = at + SQLITE_PAGE;
    if (at >= 2 * SQLITE_PAGE && random_below(&damage->seed, 2))
        end = damage->file.size_bytes;
    if (end > damage->other.size_bytes)
        end = damage->other.size_bytes;
    if (at < end)
        memcpy(damage->file.bytes + at, damage->other.bytes + at, end - at);
}

/* Numbers in the middle of a b-tree page: cell pointers, counts, child pages. */
static void twist_tree(struct damage *damage)
{
    uint8_t *page = damage->file.bytes + some_page(damage);
    size_t at = random_below(&damage->seed, 40);
    page[at] = (uint8_t)random_u64(&damage->seed);
    page[at + 1] = (uint8_t)random_below(&damage->seed, damage->file.size_bytes / SQLITE_PAGE + 1);
}

static void (*const damages[])(struct damage *damage) = {
    flip_bit, flip_bit, scribble, cut, cut_at_page, zero_page, swap_pages, double_page, splice, twist_tree,
};

struct tally {
    unsigned identical, refused;
};

static void judge(const char *path, struct tally *tally, const char *how, unsigned nth)
{
    struct verdict verdict = judge_file(path, SEED);
    ck_assert_msg(verdict.judgement != WRONG, "%s %u: silently wrong: %s", how, nth, verdict.what);
    if (verdict.judgement == IDENTICAL) {
        ck_assert_msg(verdict.complete, "%s %u: lost its end", how, nth);
        tally->identical++;
        return;
    }
    char text[700];
    err_format(verdict.error, text, sizeof text);
    int status = err_exit_status(verdict.error);
    ck_assert_msg(status == 65, "%s %u: %s", how, nth, text);
    ck_assert_msg(strncmp(text, path, strlen(path)) == 0, "%s %u: does not name the file: %s", how, nth, text);
    tally->refused++;
}

START_TEST(no_damage_is_silently_wrong)
{
    const char *path = fixture_path("good.deja"), *damaged = fixture_path("damaged.deja");
    struct damage damage = {.seed = 5};
    struct tally tally = {0};
    story_record(path, OTHER_SEED, STEPS);
    damage.other = file_read(path);
    story_record(path, SEED, STEPS);
    struct file_copy good = file_read(path);
    ck_assert_int_eq(judge_file(path, SEED).judgement, IDENTICAL);
    damage.file.bytes = malloc(good.size_bytes);
    for (unsigned i = 0; i < 1000; i++) {
        memcpy(damage.file.bytes, good.bytes, good.size_bytes);
        damage.file.size_bytes = good.size_bytes;
        damages[i % 10](&damage);
        file_write(damaged, damage.file.bytes, damage.file.size_bytes);
        judge(damaged, &tally, "damage", i);
        ck_assert(!file_exists(fixture_path("damaged.deja-wal")) && !file_exists(fixture_path("damaged.deja-journal")));
    }
    /* Most bytes matter; some (free space, counters of sqlite's own) do not. */
    ck_assert_uint_gt(tally.refused, 700);
    free(damage.file.bytes), free(damage.other.bytes), free(good.bytes);
}
END_TEST

/* ---- edits through sqlite itself ------------------------------------------------------------------------------ */

static void edit(const char *path, const char *text)
{
    struct sql *sql;
    ok(sql_open_write(path, &sql));
    ok(sql_exec(sql, "PRAGMA synchronous=OFF"));
    ok(sql_exec(sql, text));
    sql_close(sql);
}

/* Every column of every table, changed in some row; every table with a row gone, added, or two exchanged. */
START_TEST(no_edited_row_is_believed)
{
    static const char *const edits[] = {
        "UPDATE %1$s SET %2$s = %2$s + 1 WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        "UPDATE %1$s SET %2$s = NULL WHERE rowid = (SELECT min(rowid) FROM %1$s)",
        "UPDATE %1$s SET %2$s = x'0011' WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        "UPDATE %1$s SET %2$s = -1 WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        "UPDATE %1$s SET %2$s = zeroblob(70000000) WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        "UPDATE %1$s SET %2$s = (SELECT %2$s FROM %1$s ORDER BY rowid DESC LIMIT 1) WHERE rowid = 1",
    };
    const char *path = fixture_path("good.deja"), *edited = fixture_path("edited.deja");
    struct tally tally = {0};
    unsigned nth = 0;
    char text[400];
    story_record(path, SEED, 12);
    struct file_copy good = file_read(path);
    for (size_t i = 0; i < TABLE_branch; i++) {
        const struct table *table = &format_tables[i];
        for (size_t j = 1; j < table->ncolumns; j++) {
            for (size_t k = 0; k < sizeof edits / sizeof edits[0]; k++) {
                if (k == 4 && table->columns[j].kind != COLUMN_FAR)
                    continue; /* large, and much the same for all */
                file_write(edited, good.bytes, good.size_bytes);
                snprintf(text, sizeof text, edits[k], table->name, table->columns[j].name);
                edit(edited, text);
                judge(edited, &tally, text, ++nth);
            }
        }
    }
    ck_assert_uint_gt(tally.refused, 5 * tally.identical); /* NULL for a text that was not given, and the like */
    free(good.bytes);
}
END_TEST

START_TEST(no_row_goes_comes_or_moves_unseen)
{
    static const char *const edits[] = {
        "DELETE FROM %1$s WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        "DELETE FROM %1$s WHERE rowid = (SELECT min(rowid) FROM %1$s)",
        "DELETE FROM %1$s",
        "CREATE TEMP TABLE t AS SELECT * FROM %1$s; UPDATE t SET id = 1000; INSERT INTO %1$s SELECT * FROM t LIMIT 1",
        "UPDATE %1$s SET id = -id - 1000; UPDATE %1$s SET id = id - 1000 + (SELECT max(-id) + min(-id) FROM %1$s)",
        "ATTACH 'other.deja' AS other; DELETE FROM %1$s; INSERT INTO %1$s SELECT * FROM other.%1$s",
        "DROP TABLE %1$s",
        "CREATE TABLE %1$s_ AS SELECT * FROM %1$s; DROP TABLE %1$s; CREATE VIEW %1$s AS SELECT * FROM %1$s_",
        "CREATE INDEX sneaky ON %1$s(id)",
        "CREATE TRIGGER sneaky BEFORE INSERT ON %1$s BEGIN SELECT 1; END",
        "ALTER TABLE %1$s ADD COLUMN more",
        "UPDATE %1$s SET id = id + 1 WHERE rowid = (SELECT max(rowid) FROM %1$s)",
        ("CREATE TEMP TABLE t AS SELECT * FROM %1$s; UPDATE t SET id = (SELECT max(id) + 1 FROM t); INSERT INTO %1$s "
         "SELECT * FROM t LIMIT 1"),
    };
    struct tally tally = {0};
    char text[400];
    ck_assert_int_eq(chdir(fixture_folder), 0);
    story_record("other.deja", OTHER_SEED, 12);
    story_record("good.deja", SEED, 12);
    struct file_copy good = file_read("good.deja");
    for (size_t i = 0; i < TABLE_branch; i++) {
        for (size_t k = 0; k < sizeof edits / sizeof edits[0]; k++) {
            file_write("edited.deja", good.bytes, good.size_bytes);
            snprintf(text, sizeof text, edits[k], format_tables[i].name);
            edit("edited.deja", text);
            judge("edited.deja", &tally, text, (unsigned)k);
        }
    }
    ck_assert_uint_eq(tally.identical, 3); /* a table of one row, renumbered, is the same */
    free(good.bytes);
}
END_TEST

/* What people may do to a file: nothing of it changes what is read. */
START_TEST(harmless_care_is_harmless)
{
    static const char *const edits[] = {"VACUUM",
                                        "PRAGMA journal_mode=WAL",
                                        "PRAGMA page_size=65536; VACUUM",
                                        "PRAGMA journal_mode=PERSIST; VACUUM",
                                        "REINDEX",
                                        "UPDATE console SET text = text"};
    const char *path = fixture_path("a.deja");
    struct tally tally = {0};
    for (unsigned i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        story_record(path, SEED, 12);
        edit(path, edits[i]);
        judge(path, &tally, edits[i], i);
    }
    ck_assert_uint_eq(tally.identical, sizeof edits / sizeof edits[0]);
}
END_TEST

/* ---- alien ---------------------------------------------------------------------------------------------------- */

static void check_refused(const char *path, enum err_code code, const char *words)
{
    struct recording *recording = (struct recording *)path;
    char text[700];
    err_t error = recording_open(path, &recording);
    err_format(error, text, sizeof text);
    ck_assert_msg(error.code == code, "%s", text);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    ck_assert_ptr_null(recording);
}

START_TEST(what_is_no_recording_is_named)
{
    const char *path = fixture_path("file");
    check_refused(fixture_path("nowhere"), ERR_NO_INPUT, "no such file");
    check_refused(fixture_path("no/where"), ERR_NO_INPUT, "no such file");
    check_refused("", ERR_NO_INPUT, "");
    check_refused(fixture_folder, ERR_UNREADABLE, "not a plain file");
    check_refused("/dev/null", ERR_UNREADABLE, "not a plain file");
    ck_assert_int_eq(mkfifo(fixture_path("pipe"), 0600), 0);
    check_refused(fixture_path("pipe"), ERR_UNREADABLE, "not a plain file");
    file_write(path, (const uint8_t *)"", 0);
    check_refused(path, ERR_ALIEN, "is empty");
    file_write(path, (const uint8_t *)"#!/bin/sh\n", 10);
    check_refused(path, ERR_ALIEN, "not a deja recording");
    file_write(path, (const uint8_t *)"SQLite format 3\0rest", 20);
    check_refused(path, ERR_DAMAGED, "cut short");
    file_write(path, (const uint8_t *)"", 0);
    edit(path, "CREATE TABLE t(a)");
    check_refused(path, ERR_ALIEN, "not a deja recording");
    edit(path, FORMAT_IDENTITY_PRAGMAS);
    check_refused(path, ERR_DAMAGED, "has not the tables");
}
END_TEST

START_TEST(another_format_is_named)
{
    const char *path = fixture_path("a.deja");
    story_record(path, SEED, 12);
    edit(path, "PRAGMA user_version=4");
    check_refused(path, ERR_NEWER, "has format 4");
    for (unsigned older = 0; older < FORMAT_VERSION; older++) {
        char text[40];
        snprintf(text, sizeof text, "PRAGMA user_version=%u", older);
        edit(path, text);
        check_refused(path, ERR_DAMAGED, "");
    }
    edit(path, "PRAGMA user_version=3");
    ck_assert_int_eq(judge_file(path, SEED).judgement, IDENTICAL);
    edit(path, "PRAGMA application_id=7");
    check_refused(path, ERR_ALIEN, "not a deja recording");
}
END_TEST

START_TEST(a_cut_file_says_how_much_is_left)
{
    const char *path = fixture_path("a.deja");
    story_record(path, SEED, 12);
    struct file_copy good = file_read(path);
    file_write(path, good.bytes, 20480);
    check_refused(path, ERR_DAMAGED, "cut short, 20,480 of ");
    free(good.bytes);
}
END_TEST

/* ---- the format -------------------------------------------------------------------------------------------------- */

/* The golden files were made when their format was new. They are never made again: a reader that cannot read one has
 * changed the format, and must say so in its number. */
static void check_golden(const char *name, unsigned format)
{
    char golden_path[256];
    const char *path = fixture_path(name);
    struct recording *recording;
    struct recording_info info;
    struct visited visited;
    snprintf(golden_path, sizeof golden_path, "%s/tests/unit/golden/%s", SOURCE_DIR, name);
    struct file_copy golden = file_read(golden_path);
    file_write(path, golden.bytes, golden.size_bytes);
    ok(recording_open(path, &recording));
    ok(recording_info(recording, &info));
    ok(recording_check(recording, NULL));
    ck_assert_uint_eq(info.format, format);
    ck_assert_uint_eq(info.snapshots, 1 + GOLDEN_STEPS / STORY_SNAPSHOT_STEPS);
    for (size_t i = 0; i < info.snapshots; i++)
        ck_assert(recording_visited(recording, i, &visited) == format_tells_visited(format));
    recording_close(recording);
    free(golden.bytes);
}

static void check_story(const char *name, unsigned format)
{
    struct verdict verdict = judge_older(fixture_path(name), GOLDEN_SEED, format);
    ck_assert_msg(verdict.judgement == IDENTICAL, "%s %s", verdict.error.detail, verdict.what);
    ck_assert(verdict.complete);
}

START_TEST(older_recordings_are_still_read)
{
    check_golden("format1.deja", 1);
    check_story("format1.deja", 1);
    check_golden("format2.deja", 2); /* a branch: it has pokes besides */
    check_golden("format3.deja", 3);
    check_story("format3.deja", 3);
}
END_TEST

/* What a table is, from its "**name**" on, up to the next one. */
static void check_documented(const char *document, const struct table *table)
{
    char name[64];
    snprintf(name, sizeof name, "**%s**, ", table->name);
    const char *text = strstr(document, name);
    ck_assert_msg(text != NULL, "docs/FORMAT.md has no %s", name);
    const char *end = strstr(text + strlen(name), "\n\n");
    ck_assert_ptr_nonnull(end);
    char *words = strndup(text, (size_t)(end - text));
    for (size_t i = 0; i < table->ncolumns; i++) {
        snprintf(name, sizeof name, "`%s`", table->columns[i].name);
        ck_assert_msg(strstr(words, name) != NULL, "docs/FORMAT.md has no %s.%s", table->name, name);
    }
    free(words);
}

START_TEST(every_column_is_documented)
{
    struct file_copy document = file_read(SOURCE_DIR "/docs/FORMAT.md");
    document.bytes[document.size_bytes] = 0;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        check_documented((const char *)document.bytes, &format_tables[i]);
    free(document.bytes);
}
END_TEST

/* ---- damage that spares something ------------------------------------------------------------------------------ */

/* A spoilt page: the file opens, everything else can be had, and the page is named. */
START_TEST(a_spoilt_page_is_named)
{
    const char *path = fixture_path("a.deja");
    struct recording *recording;
    char text[700], words[100], mark[GROUPED_BYTES];
    size_t count, spoilt = 0;
    uint8_t page[PAGE_BYTES];
    story_record(path, SEED, 40);
    edit(path, "UPDATE block SET packed = zeroblob(length(packed)) WHERE id = (SELECT max(id) FROM block)");
    ok(recording_open(path, &recording));
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    const uint32_t *numbers = recording_pages(recording, count - 1, &count);
    size_t last;
    recording_snapshots(recording, &last);
    last--;
    for (size_t nth = 0; nth < count; nth++) {
        err_t error = recording_page(recording, last, nth, page);
        if (!err_is(error))
            continue;
        err_format(error, text, sizeof text);
        snprintf(words, sizeof words, "a.deja: page %u of snapshot %zu fails its checksum; marks before %s replay (65)",
                 numbers[nth], last, format_grouped(marks[last].at.n, mark));
        ck_assert_msg(strstr(text, words) != NULL, "%s: %s", text, words);
        spoilt++;
    }
    ck_assert_uint_gt(spoilt, 0);
    ck_assert(err_is(recording_check(recording, NULL)));
    recording_close(recording);
}
END_TEST

START_TEST(a_spoilt_state_is_named)
{
    const char *path = fixture_path("a.deja");
    struct recording *recording;
    uint8_t *state;
    size_t size;
    char text[700];
    story_record(path, SEED, 40);
    edit(path, "UPDATE snapshot SET state = (SELECT state FROM snapshot WHERE id = 3) WHERE id = 4");
    ok(recording_open(path, &recording));
    ok(recording_state(recording, 3, &state, &size));
    free(state);
    err_t error = recording_state(recording, 4, &state, &size);
    err_format(error, text, sizeof text);
    ck_assert_msg(strstr(text, "the state of snapshot 4 fails its checksum; marks before") != NULL, "%s", text);
    ck_assert_ptr_null(state);
    ck_assert_int_eq(recording_check(recording, NULL).code, ERR_DAMAGED);
    recording_close(recording);
}
END_TEST

START_TEST(a_changed_console_fails_the_check)
{
    const char *path = fixture_path("a.deja");
    struct recording *recording;
    char text[700];
    story_record(path, SEED, 40);
    edit(path, "UPDATE console SET text = 'all is well' WHERE id = 5");
    ok(recording_open(path, &recording));
    err_format(recording_check(recording, NULL), text, sizeof text);
    ck_assert_msg(strstr(text, "console fails its checksum") != NULL, "%s", text);
    recording_close(recording);
}
END_TEST

/* ---- broken off -------------------------------------------------------------------------------------------------- */

/* Leaves a recording as a process that was killed does: with a -wal beside it. */
static void record_and_die(const char *path, uint64_t steps)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct story *story = story_begin(SEED);
        struct journal *journal;
        if (err_is(journal_create(path, true, &story->config, STORY_NOW_NS, &journal)))
            _exit(1);
        for (; story->steps < steps; story_next(story)) {
            story_tell(story, journal);
            usleep(story->steps == steps / 2 ? 600000 : 0);
        }
        usleep(600000); /* two commits at least */
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static void check_prefix(const char *path, const char *how, unsigned nth)
{
    struct verdict verdict = judge_file(path, SEED);
    ck_assert_msg(verdict.judgement != WRONG, "%s %u: %s", how, nth, verdict.what);
    ck_assert(!verdict.complete);
}

START_TEST(broken_off_recordings_open_and_stay_as_they_are)
{
    const char *path = fixture_path("off.deja"), *wal = fixture_path("off.deja-wal");
    record_and_die(path, STEPS);
    struct file_copy file = file_read(path), rest = file_read(wal);
    for (unsigned i = 0; i < 2; i++) {
        struct verdict verdict = judge_file(path, SEED);
        ck_assert_msg(verdict.judgement == IDENTICAL, "%s %s", verdict.error.subject, verdict.error.detail);
        ck_assert(!verdict.complete);
        ck_assert_uint_gt(verdict.end, 10000000);
        struct file_copy file_after = file_read(path), rest_after = file_read(wal);
        ck_assert_uint_eq(file_after.size_bytes, file.size_bytes);
        ck_assert_uint_eq(rest_after.size_bytes, rest.size_bytes);
        ck_assert(memcmp(file.bytes, file_after.bytes, file.size_bytes) == 0);
        ck_assert(memcmp(rest.bytes, rest_after.bytes, rest.size_bytes) == 0);
        free(file_after.bytes), free(rest_after.bytes);
    }
    /* Folded by sqlite's own tool, it is one file and as good. */
    edit(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    ck_assert(!file_exists(wal));
    struct verdict verdict = judge_file(path, SEED);
    ck_assert_int_eq(verdict.judgement, IDENTICAL);
    ck_assert_uint_gt(verdict.end, 10000000);
    free(file.bytes), free(rest.bytes);
}
END_TEST

START_TEST(a_damaged_wal_is_not_believed)
{
    const char *path = fixture_path("off.deja"), *wal = fixture_path("off.deja-wal");
    const char *damaged = fixture_path("dam.deja");
    char damaged_wal[200], damaged_shm[200];
    snprintf(damaged_wal, sizeof damaged_wal, "%s-wal", damaged);
    snprintf(damaged_shm, sizeof damaged_shm, "%s-shm", damaged);
    record_and_die(path, STEPS);
    struct file_copy file = file_read(path), rest = file_read(wal);
    struct damage damage = {.seed = 8, .file.bytes = malloc(rest.size_bytes)};
    damage.other = file;
    for (unsigned i = 0; i < 200; i++) {
        memcpy(damage.file.bytes, rest.bytes, rest.size_bytes);
        damage.file.size_bytes = rest.size_bytes;
        damages[i % 10](&damage);
        file_write(damaged, file.bytes, file.size_bytes);
        file_write(damaged_wal, damage.file.bytes, damage.file.size_bytes);
        unlink(damaged_shm);
        check_prefix(damaged, "wal", i);
    }
    /* Without its -wal it is what the last checkpoint left: nothing yet. */
    unlink(damaged_wal);
    unlink(damaged_shm);
    check_refused(damaged, ERR_DAMAGED, "before anything was recorded");
    free(file.bytes), free(rest.bytes), free(damage.file.bytes);
}
END_TEST

/* As somebody else, who may read and nothing more. */
static int read_as_nobody(const char *path)
{
    struct verdict verdict;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 0;
    verdict = judge_file(path, SEED);
    if (verdict.judgement != IDENTICAL)
        fprintf(stderr, "%s: %s\n", verdict.error.subject, verdict.error.detail);
    return verdict.judgement == IDENTICAL ? 0 : 1;
}

START_TEST(reading_needs_no_right_to_write)
{
    const char *path = fixture_path("sealed.deja"), *off = fixture_path("off.deja");
    int status;
    story_record(path, SEED, 12);
    record_and_die(off, STEPS);
    unlink(fixture_path("off.deja-shm"));
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(chmod(off, 0444), 0);
    ck_assert_int_eq(chmod(fixture_path("off.deja-wal"), 0444), 0);
    ck_assert_int_eq(chmod(fixture_folder, 0555), 0);
    for (unsigned i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(read_as_nobody(i ? off : path));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", i ? off : path);
    }
    ck_assert_int_eq(chmod(fixture_folder, 0755), 0);
}
END_TEST

/* Somebody looks on while it is being recorded. */
START_TEST(a_recording_can_be_read_while_it_is_made)
{
    const char *path = fixture_path("live.deja");
    struct story *story = story_begin(SEED);
    struct journal *journal;
    uint64_t file_bytes, before = 0;
    ok(journal_create(path, true, &story->config, STORY_NOW_NS, &journal));
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 20; i++, story_next(story))
            story_tell(story, journal);
        usleep(600000);
        struct verdict verdict = judge_file(path, SEED);
        ck_assert_msg(verdict.judgement == IDENTICAL, "%s %s", verdict.error.detail, verdict.what);
        ck_assert_uint_gt(verdict.end, before);
        before = verdict.end;
    }
    ok(journal_seal(journal, icount_of(story->at), vtime_of(story->when), (struct board_halt){HALT_FAIL, 7},
                    &file_bytes));
    ck_assert(!file_exists(fixture_path("live.deja-wal")));
    free(story);
}
END_TEST

/* ---- the check's progress ------------------------------------------------------------------------------------------ */

static bool count_ticks(void *context, const char *what, icount_t done, icount_t total, uint64_t executed)
{
    unsigned *ticks = context;
    ck_assert_str_eq(what, "verify");
    ck_assert_uint_le(done.n, total.n);
    (void)executed;
    return ++*ticks < 3;
}

START_TEST(a_check_can_be_broken_off)
{
    const char *path = fixture_path("a.deja");
    struct recording *recording;
    unsigned ticks = 0;
    struct progress progress = {&ticks, count_ticks};
    story_record(path, SEED, 40);
    ok(recording_open(path, &recording));
    ok(recording_check(recording, &progress));
    ck_assert_uint_eq(ticks, 3);
    recording_close(recording);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay recording");
    fixture_add(suite, "damage", no_damage_is_silently_wrong);
    fixture_add(suite, "edited rows", no_edited_row_is_believed);
    fixture_add(suite, "moved rows", no_row_goes_comes_or_moves_unseen);
    fixture_add(suite, "care", harmless_care_is_harmless);
    fixture_add(suite, "alien", what_is_no_recording_is_named);
    fixture_add(suite, "format", another_format_is_named);
    fixture_add(suite, "cut", a_cut_file_says_how_much_is_left);
    fixture_add(suite, "golden", older_recordings_are_still_read);
    fixture_add(suite, "documented", every_column_is_documented);
    fixture_add(suite, "spoilt page", a_spoilt_page_is_named);
    fixture_add(suite, "spoilt state", a_spoilt_state_is_named);
    fixture_add(suite, "console", a_changed_console_fails_the_check);
    fixture_add(suite, "broken off", broken_off_recordings_open_and_stay_as_they_are);
    fixture_add(suite, "damaged wal", a_damaged_wal_is_not_believed);
    fixture_add(suite, "read only", reading_needs_no_right_to_write);
    fixture_add(suite, "looking on", a_recording_can_be_read_while_it_is_made);
    fixture_add(suite, "progress", a_check_can_be_broken_off);
    return fixture_run(suite);
}

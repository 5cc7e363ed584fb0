/* recording_fixture: a made-up run, told again from its seed as often as wanted: to the journal that records it, and to
 * the judge that compares what a recording says with what happened. Needs no machine: memory and bytes are enough.
 *
 * golden/format1.deja and format3.deja hold the run of seed GOLDEN_SEED: whoever changes the story cannot read it any
 * more. */
#ifndef DEJA_TEST_RECORDING_FIXTURE_H
#define DEJA_TEST_RECORDING_FIXTURE_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "random.h"
#include "replay/format.h"
#include "replay/journal.h"
#include "replay/poke.h"
#include "replay/recording.h"

enum { STORY_PAGES = 64, STORY_KERNEL_PAGE = 8, STORY_STATE_BYTES = 700, STORY_SNAPSHOT_STEPS = 5 };
enum { STORY_FIRMWARE_BYTES = 5000, STORY_KERNEL_BYTES = 60001, STORY_INITRD_BYTES = 9000 };

enum { GOLDEN_SEED = 1, GOLDEN_STEPS = 16 };

/* ---- the run ------------------------------------------------------------------------------------------------ */

struct story {
    uint64_t seed;
    unsigned format; /* of the recording that is judged */
    struct board_config config;
    uint8_t images[STORY_FIRMWARE_BYTES + STORY_KERNEL_BYTES + STORY_INITRD_BYTES];
    uint8_t bytes[STORY_PAGES * PAGE_BYTES], flags[STORY_PAGES];
    struct ram ram;
    bool keeps; /* its pages are read while it goes on, not copied */
    struct page_keeper keeper;
    uint8_t state[STORY_STATE_BYTES];
    size_t state_bytes;
    struct visited visited;
    uint64_t steps, at, when;
    /* what happens at `at` */
    uint8_t input[40], output[90];
    size_t input_bytes, output_bytes;
    bool snapshot;
};

static inline void story_text(struct story *story, uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)("etaoin shrdlu\n"[random_below(&story->seed, 14)]);
}

static inline struct story *story_begin(uint64_t seed)
{
    struct story *story = calloc(1, sizeof *story);
    if (!story)
        abort();
    story->seed = seed;
    story->format = FORMAT_VERSION;
    story->keeps = seed % 2;
    story_text(story, story->images, sizeof story->images);
    uint8_t *kernel = story->images + STORY_FIRMWARE_BYTES;
    story->config = (struct board_config){
        .firmware = {"fw.bin", story->images, STORY_FIRMWARE_BYTES},
        .kernel = {"a b/Image", kernel, STORY_KERNEL_BYTES},
        .initrd = {"initrd.gz", kernel + STORY_KERNEL_BYTES, STORY_INITRD_BYTES},
        .append = "console=ttyS0 quiet",
        .ram_size_bytes = sizeof story->bytes,
        .nharts = 1,
        .seed = random_u64(&story->seed) | 1ULL << 63,
        .epoch_ns = 1700000000123456789,
    };
    story->ram = (struct ram){0x80000000, sizeof story->bytes, story->bytes, story->flags};
    memcpy(story->bytes + STORY_KERNEL_PAGE * PAGE_BYTES, kernel, STORY_KERNEL_BYTES);
    memset(story->flags + STORY_KERNEL_PAGE, PAGE_DIRTY, (STORY_KERNEL_BYTES + PAGE_BYTES - 1) / PAGE_BYTES);
    story->state_bytes = STORY_STATE_BYTES;
    random_fill(&story->seed, story->state, STORY_STATE_BYTES / 2);
    story->snapshot = true; /* at power-on */
    return story;
}

/* Changes a page in one of the ways that guests have. */
static inline void story_dirty(struct story *story)
{
    uint64_t page = random_below(&story->seed, STORY_PAGES);
    uint8_t *bytes = story->bytes + page * PAGE_BYTES;
    if (story->keeper.change)
        story->keeper.change(story->keeper.owner, page);
    story->flags[page] |= PAGE_DIRTY;
    switch (random_below(&story->seed, 8)) {
    case 0:
        memset(bytes, 0, PAGE_BYTES);
        break;
    case 1:
        random_fill(&story->seed, bytes, PAGE_BYTES);
        break;
    case 2:
        memcpy(bytes, story->bytes + random_below(&story->seed, STORY_PAGES) * PAGE_BYTES, PAGE_BYTES);
        break;
    case 3: /* stored to, but with what it held */
        break;
    case 4:
        story_text(story, bytes, PAGE_BYTES);
        break;
    default:
        random_fill(&story->seed, bytes + random_below(&story->seed, PAGE_BYTES - 16), 16);
    }
}

/* Goes on to the next mark. The flags of a snapshot's pages must have been read before. */
static inline void story_next(struct story *story)
{
    if (story->snapshot) {
        memset(story->flags, 0, sizeof story->flags);
        memset(&story->visited, 0, sizeof story->visited);
    }
    visited_add(&story->visited, story->at << PAGE_SHIFT);
    story->steps++;
    story->at += 1 + random_below(&story->seed, 1000000);
    story->when = 2 * story->at;
    for (uint64_t i = random_below(&story->seed, 9); i > 0; i--)
        story_dirty(story);
    story->input_bytes = random_below(&story->seed, 2) ? random_below(&story->seed, sizeof story->input) : 0;
    random_fill(&story->seed, story->input, story->input_bytes);
    story->output_bytes = random_below(&story->seed, sizeof story->output);
    story_text(story, story->output, story->output_bytes);
    story->snapshot = story->steps % STORY_SNAPSHOT_STEPS == 0;
    random_fill(&story->seed, story->state, 20);
    story->state_bytes = STORY_STATE_BYTES - random_below(&story->seed, 9);
}

/* ---- recorded ------------------------------------------------------------------------------------------------- */

/* Tells the journal what happens at the present mark. */
static inline void story_tell(struct story *story, struct journal *journal)
{
    if (story->keeps && !story->keeper.change)
        story->keeper = journal_keep(journal);
    icount_t at = icount_of(story->at);
    vtime_t when = vtime_of(story->when);
    journal_output(journal, at, 0, story->output, story->output_bytes);
    if (story->input_bytes)
        journal_input(journal, at, when, INPUT_CONSOLE, 0, story->input, story->input_bytes);
    if (story->snapshot)
        journal_snapshot(journal, at, when, story->state, story->state_bytes, &story->visited, &story->ram);
    journal_progress(journal, at, when);
}

static const uint64_t STORY_NOW_NS = UINT64_C(1795038012) * 1000000000;

static inline void ok(err_t error)
{
    char text[700];
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
}

/* Records a run of so many steps and seals it. */
static inline uint64_t story_record(const char *path, uint64_t seed, uint64_t steps)
{
    struct story *story = story_begin(seed);
    struct journal *journal;
    uint64_t file_bytes;
    ok(journal_create(path, true, &story->config, STORY_NOW_NS, &journal));
    story_tell(story, journal);
    while (story->steps < steps) {
        story_next(story);
        story_tell(story, journal);
    }
    ok(journal_seal(journal, icount_of(story->at), vtime_of(story->when), (struct board_halt){HALT_FAIL, 7},
                    &file_bytes));
    free(story);
    return file_bytes;
}

/* Of every third step of a branch: one poke of each kind in turn. */
static inline void story_poke(const struct story *story, struct journal *journal)
{
    uint8_t content[5] = {1, 2, 3, 4, 5}, bytes[64];
    struct poke poke = {.kind = (enum poke_kind)(story->steps / 3 % 3), .number = 10, .value = 77};
    poke.address = 0x80001000;
    poke.bytes = content;
    poke.size_bytes = sizeof content;
    poke_encode(&poke, bytes);
    journal_input(journal, icount_of(story->at), vtime_of(story->when), INPUT_POKE, poke.kind, bytes, poke_size(&poke));
}

static const struct recording_origin STORY_ORIGINS[] = {{"eldest.deja", {3}, 11}, {"a b/parent.deja", {1000}, 12}};

/* The same as a branch of a branch, which has pokes besides. */
static inline void story_record_branch(const char *path, uint64_t seed, uint64_t steps)
{
    struct story *story = story_begin(seed);
    struct journal *journal;
    uint64_t file_bytes;
    struct journal_lineage lineage = {STORY_ORIGINS, 2};
    ok(journal_create_branch(path, true, &story->config, lineage, STORY_NOW_NS, &journal));
    story_tell(story, journal);
    while (story->steps < steps) {
        story_next(story);
        if (story->steps % 3 == 0)
            story_poke(story, journal);
        story_tell(story, journal);
    }
    ok(journal_seal(journal, icount_of(story->at), vtime_of(story->when), (struct board_halt){HALT_FAIL, 7},
                    &file_bytes));
    free(story);
}

/* ---- judged ---------------------------------------------------------------------------------------------------- */

/* IDENTICAL: up to its end, all that the recording says is what happened. REFUSED: it said that it is no good. */
enum judgement { IDENTICAL, REFUSED, WRONG };

struct verdict {
    enum judgement judgement;
    err_t error;      /* REFUSED */
    const char *what; /* WRONG */
    uint64_t end;     /* IDENTICAL */
    bool complete;
};

#define JUDGE(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return (struct verdict){.judgement = WRONG, .what = #condition};                                           \
    } while (0)

static inline bool same_image(const struct image *a, const struct image *b)
{
    return a->bytes && a->size_bytes == b->size_bytes && memcmp(a->bytes, b->bytes, a->size_bytes) == 0 &&
           strcmp(a->name, b->name) == 0;
}

static inline struct verdict judge_boot(struct recording *recording, const struct story *story)
{
    const struct board_config *config = recording_config(recording);
    struct recording_info info;
    err_t error = recording_info(recording, &info);
    if (err_is(error))
        return (struct verdict){.judgement = REFUSED, .error = error};
    JUDGE(same_image(&config->firmware, &story->config.firmware));
    JUDGE(same_image(&config->kernel, &story->config.kernel));
    JUDGE(same_image(&config->initrd, &story->config.initrd));
    JUDGE(config->append && strcmp(config->append, story->config.append) == 0);
    JUDGE(config->ram_size_bytes == story->config.ram_size_bytes && config->nharts == 1 && config->ns_shift == 0);
    JUDGE(config->seed == story->config.seed && config->epoch_ns == story->config.epoch_ns);
    JUDGE(!config->semihosting_files && info.format == story->format);
    JUDGE(strcmp(info.created, "2026-11-18 21:40:12 UTC") == 0 && strncmp(info.creator, "deja ", 5) == 0);
    JUDGE(info.kernel_hash == bytes_hash(story->config.kernel.bytes, story->config.kernel.size_bytes));
    return (struct verdict){.judgement = IDENTICAL, .complete = info.complete};
}

static inline uint64_t story_ram_hash(const struct story *story)
{
    uint64_t sum = 0;
    for (uint64_t page = 0; page < STORY_PAGES; page++)
        sum += page_hash(page, story->bytes + page * PAGE_BYTES);
    return sum;
}

static inline struct verdict judge_pages(struct recording *recording, const struct story *story, size_t index)
{
    size_t count, nth = 0;
    const uint32_t *numbers = recording_pages(recording, index, &count);
    for (uint32_t page = 0; page < STORY_PAGES && index; page++) {
        uint8_t bytes[PAGE_BYTES];
        if (!(story->flags[page] & PAGE_DIRTY))
            continue;
        JUDGE(nth < count && numbers[nth] == page);
        err_t error = recording_page(recording, index, nth++, bytes);
        if (err_is(error))
            return (struct verdict){.judgement = REFUSED, .error = error};
        JUDGE(memcmp(bytes, story->bytes + (size_t)page * PAGE_BYTES, PAGE_BYTES) == 0);
    }
    JUDGE(nth == count);
    return (struct verdict){.judgement = IDENTICAL};
}

static inline struct verdict judge_snapshot(struct recording *recording, const struct story *story, size_t index)
{
    size_t count, state_bytes;
    uint8_t *state;
    const struct snapshot_mark *mark = &recording_snapshots(recording, &count)[index];
    JUDGE(index < count && mark->at.n == story->at && mark->when.ns == story->when);
    JUDGE(mark->state_hash == bytes_hash(story->state, story->state_bytes));
    JUDGE(mark->ram_hash == story_ram_hash(story));
    struct visited visited;
    if (recording_visited(recording, index, &visited))
        JUDGE(memcmp(&visited, &story->visited, sizeof visited) == 0);
    err_t error = recording_state(recording, index, &state, &state_bytes);
    if (err_is(error))
        return (struct verdict){.judgement = REFUSED, .error = error};
    bool same = state_bytes == story->state_bytes && memcmp(state, story->state, state_bytes) == 0;
    free(state);
    JUDGE(same);
    return judge_pages(recording, story, index);
}

/* How a sealed recording says that it ended. */
static inline struct verdict judge_ending(struct recording *recording, uint64_t console_bytes)
{
    struct recording_info info;
    err_t error = recording_info(recording, &info);
    if (err_is(error))
        return (struct verdict){.judgement = REFUSED, .error = error};
    JUDGE(info.halt.reason == (info.complete ? HALT_FAIL : HALT_NONE) && info.halt.status == (info.complete ? 7 : 0));
    JUDGE(info.end.n == recording_end(recording).n && info.end_vtime.ns == 2 * info.end.n);
    JUDGE(!info.complete || info.console_bytes == console_bytes);
    return (struct verdict){.judgement = IDENTICAL, .end = info.end.n};
}

static inline struct verdict judge_run(struct recording *recording, struct story *story)
{
    uint64_t console_bytes = 0;
    size_t ninputs, nsnapshots, input = 0, snapshot = 0;
    const struct input_record *inputs = recording_inputs(recording, &ninputs);
    recording_snapshots(recording, &nsnapshots);
    uint64_t end = recording_end(recording).n;
    for (; story->at <= end; story_next(story)) {
        console_bytes += story->output_bytes;
        if (story->input_bytes) {
            JUDGE(input < ninputs);
            const struct input_record *record = &inputs[input++];
            JUDGE(record->at.n == story->at && record->when.ns == story->when && record->kind == INPUT_CONSOLE);
            JUDGE(record->port == 0 && record->size_bytes == story->input_bytes);
            JUDGE(memcmp(record->bytes, story->input, story->input_bytes) == 0);
        }
        /* Broken off between the input and the snapshot of the same mark: that is no loss. */
        if (story->snapshot && !(snapshot == nsnapshots && story->at == end)) {
            JUDGE(snapshot < nsnapshots);
            struct verdict verdict = judge_snapshot(recording, story, snapshot++);
            if (verdict.judgement != IDENTICAL)
                return verdict;
        }
    }
    JUDGE(input == ninputs && snapshot == nsnapshots);
    return judge_ending(recording, console_bytes);
}

static inline struct verdict judge_opened(struct recording *recording, struct story *story)
{
    struct verdict boot = judge_boot(recording, story);
    if (boot.judgement != IDENTICAL)
        return boot;
    struct verdict run = judge_run(recording, story);
    run.complete = boot.complete;
    if (run.judgement != IDENTICAL)
        return run;
    err_t error = recording_check(recording, NULL);
    if (err_is(error))
        return (struct verdict){.judgement = REFUSED, .error = error};
    return run;
}

/* Opens the file, which is of this format, and reads all there is. */
static inline struct verdict judge_older(const char *path, uint64_t seed, unsigned format)
{
    struct recording *recording;
    err_t error = recording_open(path, &recording);
    if (err_is(error))
        return (struct verdict){.judgement = REFUSED, .error = error};
    struct story *story = story_begin(seed);
    story->format = format;
    struct verdict verdict = judge_opened(recording, story);
    free(story);
    recording_close(recording);
    return verdict;
}

static inline struct verdict judge_file(const char *path, uint64_t seed)
{
    return judge_older(path, seed, FORMAT_VERSION);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

struct file_copy {
    uint8_t *bytes;
    size_t size_bytes;
};

static inline struct file_copy file_read(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    ck_assert_msg(fd >= 0 && fstat(fd, &status) == 0, "%s", path);
    struct file_copy copy = {malloc((size_t)status.st_size + 1), (size_t)status.st_size};
    ck_assert_int_eq(read(fd, copy.bytes, copy.size_bytes), (ssize_t)copy.size_bytes);
    close(fd);
    return copy;
}

static inline void file_write(const char *path, const uint8_t *bytes, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(write(fd, bytes, size_bytes), (ssize_t)size_bytes);
    close(fd);
}

/* A folder for one test. */
static char fixture_folder[64];

static inline void fixture_setup(void)
{
    const char *place = getenv("TMPDIR");
    snprintf(fixture_folder, sizeof fixture_folder, "%s/deja-test-XXXXXX",
             place && strlen(place) < 40 ? place : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(fixture_folder));
}

/* The path of a file in it; the same name has the same path, all through the test. */
static inline const char *fixture_path(const char *name)
{
    static char paths[16][128];
    char path[128];
    size_t i = 0;
    snprintf(path, sizeof path, "%s/%s", fixture_folder, name);
    while (paths[i][0] && strcmp(paths[i], path) != 0)
        ck_assert_uint_lt(++i, 16);
    return memcpy(paths[i], path, sizeof path);
}

static inline void fixture_teardown(void)
{
    char name[512];
    DIR *folder = opendir(fixture_folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(name, sizeof name, "%s/%s", fixture_folder, entry->d_name);
        unlink(name);
    }
    closedir(folder);
    rmdir(fixture_folder);
}

/* A case of one test, in a folder of its own. */
static inline void fixture_add(Suite *suite, const char *name, const TTest *test)
{
    TCase *group = tcase_create(name);
    tcase_add_checked_fixture(group, fixture_setup, fixture_teardown);
    tcase_set_timeout(group, 40);
    tcase_add_test(group, test);
    suite_add_tcase(suite, group);
}

static inline int fixture_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

static inline bool file_exists(const char *path) { return access(path, F_OK) == 0; }

#endif

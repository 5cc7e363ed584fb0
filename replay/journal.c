/* journal: the hart's side of the queue, and the writer's thread. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_queue.h"
#include "journal_writer.h"
#include "keeper.h"
#include "machine.h"
#include "thread.h"

/* Commits come this often at least: with what waits in the queue and in the gathering less than a second is at stake.
 * And they come after so much, lest a disk that fills up costs more than that. */
enum { COMMIT_MS = 200, COMMIT_BYTES = 4 << 20 };

/* So many pages are taken from the keeper between two looks at whether a commit is due. */
enum { KEPT_PAGES_MOST = 4096 };

/* At hand for what is put aside in the burst of stores with which a guest begins. */
static const size_t ASIDE_AT_HAND_BYTES = (size_t)8 << 20;

struct journal {
    struct queue *queue;
    struct writer *writer; /* the thread's own, once that runs */
    struct thread *thread;
    char *path;
    struct keeper *keeper;
    bool keeps;
    uint32_t kept[KEPT_PAGES_MOST]; /* the hart's thread collects them */
    size_t nkept;
    struct ending_row ending;
    /* The first failure: written by the thread before `failed` is set, read after. */
    err_t error;
    atomic_bool failed;
};

/* ---- the writer's thread ----------------------------------------------------------------------------------- */

/* Keeps the first failure; after it nothing is written any more, and the queue is only emptied. */
static void note(struct journal *journal, err_t error)
{
    if (!err_is(error) || atomic_load(&journal->failed))
        return;
    char after[GROUPED_BYTES];
    if (error.code == ERR_DISK_FULL && writer_born(journal->writer))
        error = err_detail(error, "disk full after %s instructions; the recording up to there is kept and replays",
                           format_grouped(writer_committed(journal->writer).n, after));
    else if (error.code == ERR_DISK_FULL)
        error = err_detail(error, "disk full before anything was recorded; free some space");
    journal->error = error;
    atomic_store_explicit(&journal->failed, true, memory_order_release);
}

/* When the next commit is due, and how much has been applied since the last. The first comes at once. */
struct schedule {
    uint64_t due_ms; /* UINT64_MAX: nothing to commit */
    size_t applied_bytes;
    bool committed;
};

static void commit_if_due(struct journal *journal, struct schedule *schedule)
{
    uint64_t now = queue_now_ms();
    bool pending = !atomic_load(&journal->failed) && writer_pending(journal->writer);
    bool due = now >= schedule->due_ms || schedule->applied_bytes >= COMMIT_BYTES || !schedule->committed;
    if (pending && due) {
        note(journal, writer_commit(journal->writer, now));
        *schedule = (struct schedule){.due_ms = UINT64_MAX, .committed = true};
    }
    if (atomic_load(&journal->failed))
        schedule->due_ms = UINT64_MAX;
    else if (schedule->due_ms == UINT64_MAX && writer_pending(journal->writer))
        schedule->due_ms = now + COMMIT_MS;
}

static void apply(struct journal *journal, struct schedule *schedule, const struct record *record, const uint8_t *bytes)
{
    if (atomic_load_explicit(&journal->failed, memory_order_relaxed))
        writer_skip(journal->writer, record, bytes);
    else
        note(journal, writer_apply(journal->writer, record, bytes));
    if (record->kind != RECORD_KEPT_PAGES)
        return;
    schedule->applied_bytes += record->size_bytes / sizeof(uint32_t) * PAGE_BYTES;
    commit_if_due(journal, schedule);
}

/* Applies the records of the next chunk, if one comes in time; true when one of them was the seal. */
static bool drain(struct journal *journal, struct schedule *schedule)
{
    uint64_t now = queue_now_ms(), due = schedule->due_ms;
    unsigned wait = due == UINT64_MAX ? UINT_MAX : due > now ? (unsigned)(due - now) : 0;
    struct queue_chunk *chunk = queue_take(journal->queue, wait);
    const struct record *record;
    const uint8_t *bytes;
    size_t cursor = 0;
    bool seal = false;
    while (chunk && (record = chunk_next(chunk, &cursor, &bytes))) {
        seal |= record->kind == RECORD_SEAL;
        apply(journal, schedule, record, bytes);
    }
    if (chunk)
        queue_give_back(journal->queue, chunk);
    schedule->applied_bytes += cursor;
    return seal;
}

static void finish(struct journal *journal)
{
    if (!atomic_load(&journal->failed))
        note(journal, writer_seal(journal->writer, &journal->ending));
    if (atomic_load(&journal->failed))
        writer_abandon(journal->writer);
}

static void *run(void *context)
{
    struct journal *journal = context;
    struct schedule schedule = {.due_ms = UINT64_MAX};
    keeper_prepare(journal->keeper, ASIDE_AT_HAND_BYTES);
    note(journal, writer_boot(journal->writer));
    while (!drain(journal, &schedule))
        commit_if_due(journal, &schedule);
    finish(journal);
    return NULL;
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

/* What sqlite would find beside a file of this name and take for its own. */
static void unlink_beside(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    char beside[PATH_MAX];
    for (size_t i = 0; i < 3; i++) {
        if ((size_t)snprintf(beside, sizeof beside, "%s%s", path, endings[i]) < sizeof beside)
            unlink(beside);
    }
}

/* Removes a file of ours in which there is nothing. */
static void discard(const char *path)
{
    unlink(path);
    unlink_beside(path);
}

/* Removes a plain file or a link that is in the way. */
static err_t make_way(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return err_ok(); /* creating it will say */
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
        return err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "is not a plain file; give another -o");
    if (unlink(path) != 0)
        return err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "%s", strerror(errno));
    return err_ok();
}

/* Makes the empty file, which must not be there already. */
static err_t claim(const char *path, bool force)
{
    if (force)
        TRY(make_way(path));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return err_make(ERR_EXISTS, "%s", path);
    if (fd < 0 && (errno == ENOSPC || errno == EDQUOT))
        return err_detail(err_make(ERR_DISK_FULL, "%s", path), "disk full; free some space");
    if (fd < 0)
        return err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "%s", strerror(errno));
    close(fd);
    unlink_beside(path);
    return err_ok();
}

static void destroy(struct journal *journal)
{
    if (!journal)
        return;
    writer_destroy(journal->writer);
    queue_destroy(journal->queue);
    keeper_destroy(journal->keeper);
    free(journal->path);
    free(journal);
}

/* Everything but the claim; what was half made is removed again. */
static err_t build(struct journal *journal, const struct board_config *config, struct journal_lineage lineage,
                   uint64_t now_ns)
{
    journal->queue = queue_create(JOURNAL_QUEUE_BYTES);
    journal->keeper = keeper_create(config->ram_size_bytes / PAGE_BYTES);
    if (!journal->queue || !journal->keeper)
        return err_make(ERR_NO_MEMORY, "%s", journal->path);
    TRY(writer_create(journal->path, config, lineage, journal->keeper, now_ns, &journal->writer));
    return thread_start(&journal->thread, run, journal, journal->path);
}

err_t journal_create(const char *path, bool force, const struct board_config *config, uint64_t now_ns,
                     struct journal **journal)
{
    return journal_create_branch(path, force, config, (struct journal_lineage){NULL, 0}, now_ns, journal);
}

err_t journal_create_branch(const char *path, bool force, const struct board_config *config,
                            struct journal_lineage lineage, uint64_t now_ns, struct journal **journal)
{
    *journal = NULL;
    struct journal *made = calloc(1, sizeof *made);
    if (made)
        made->path = strdup(path);
    if (!made || !made->path) {
        free(made);
        return err_make(ERR_NO_MEMORY, "%s", path);
    }
    err_t error = claim(path, force);
    if (!err_is(error)) {
        error = build(made, config, lineage, now_ns);
        if (err_is(error))
            discard(path);
    }
    if (err_is(error)) {
        destroy(made);
        return error;
    }
    *journal = made;
    return err_ok();
}

/* ---- the hart's side --------------------------------------------------------------------------------------- */

static bool failed(const struct journal *journal)
{
    return atomic_load_explicit(&journal->failed, memory_order_acquire);
}

static void put(struct journal *journal, struct record record, const void *bytes, size_t size_bytes)
{
    /* The sooner a snapshot's pages are read, the fewer are changed before. */
    bool urgent = record.kind == RECORD_SEAL || record.kind == RECORD_SNAPSHOT;
    record.size_bytes = (uint32_t)size_bytes;
    queue_put(journal->queue, &record, bytes, urgent);
}

void journal_input(struct journal *journal, icount_t at, vtime_t when, enum input_kind kind, unsigned port,
                   const uint8_t *bytes, size_t size_bytes)
{
    check(size_bytes <= RECORD_BYTES_MAX);
    if (failed(journal))
        return;
    struct record record = {.kind = RECORD_INPUT, .number = port, .detail = kind, .at = at.n, .when = when.ns};
    put(journal, record, bytes, size_bytes);
}

void journal_output(struct journal *journal, icount_t at, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct record record = {.kind = RECORD_OUTPUT, .number = port, .at = at.n};
    while (size_bytes && !failed(journal)) {
        size_t some = size_bytes < RECORD_BYTES_MAX ? size_bytes : RECORD_BYTES_MAX;
        put(journal, record, bytes, some);
        bytes += some;
        size_bytes -= some;
    }
}

static void put_kept(struct journal *journal)
{
    if (journal->nkept)
        put(journal, (struct record){.kind = RECORD_KEPT_PAGES}, journal->kept, journal->nkept * sizeof(uint32_t));
    journal->nkept = 0;
}

/* Pages go in ascending order, however they go. */
static void put_page(struct journal *journal, const struct ram *ram, size_t page)
{
    const uint32_t number = (uint32_t)page;
    if (journal->keeps && keeper_keep(journal->keeper, ram, page)) {
        journal->kept[journal->nkept++] = number;
        if (journal->nkept == KEPT_PAGES_MOST)
            put_kept(journal);
    } else {
        put_kept(journal);
        put(journal, (struct record){.kind = RECORD_PAGE, .number = number}, ram->bytes + page * PAGE_BYTES,
            PAGE_BYTES);
    }
}

static size_t put_pages(struct journal *journal, const struct ram *ram)
{
    size_t count = 0, npages = machine_npages(ram);
    for (size_t page = machine_next_dirty(ram, 0); page < npages; page = machine_next_dirty(ram, page + 1), count++)
        put_page(journal, ram, page);
    put_kept(journal);
    return count;
}

size_t journal_snapshot(struct journal *journal, icount_t at, vtime_t when, const uint8_t *state, size_t state_bytes,
                        const struct visited *visited, const struct ram *ram)
{
    if (failed(journal))
        return 0;
    size_t npages = put_pages(journal, ram);
    for (size_t done = 0; done < state_bytes;) {
        size_t some = state_bytes - done < RECORD_BYTES_MAX ? state_bytes - done : RECORD_BYTES_MAX;
        put(journal, (struct record){.kind = RECORD_STATE}, state + done, some);
        done += some;
    }
    put(journal, (struct record){.kind = RECORD_VISITED}, visited, sizeof *visited);
    put(journal, (struct record){.kind = RECORD_SNAPSHOT, .at = at.n, .when = when.ns}, NULL, 0);
    return npages;
}

static void change(void *owner, uint64_t page)
{
    struct journal *journal = owner;
    keeper_change(journal->keeper, page);
}

struct page_keeper journal_keep(struct journal *journal)
{
    journal->keeps = true;
    return (struct page_keeper){journal, change};
}

uint64_t journal_take_changed(struct journal *journal) { return keeper_take_changed(journal->keeper); }

void journal_progress(struct journal *journal, icount_t at, vtime_t when)
{
    if (!failed(journal))
        put(journal, (struct record){.kind = RECORD_PROGRESS, .at = at.n, .when = when.ns}, NULL, 0);
}

err_t journal_error(const struct journal *journal) { return failed(journal) ? journal->error : err_ok(); }

bool journal_reads(const struct journal *journal) { return keeper_backlog(journal->keeper) > 0; }

size_t journal_backlog(const struct journal *journal)
{
    return queue_backlog(journal->queue) + keeper_backlog(journal->keeper);
}

static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static bool is_gone(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 && errno == ENOENT;
}

err_t journal_seal(struct journal *journal, icount_t at, vtime_t when, struct board_halt halt, uint64_t *file_bytes)
{
    journal->ending = (struct ending_row){
        .id = 1, .icount = at.n, .vtime = when.ns, .halt_reason = halt.reason, .halt_status = halt.status};
    put(journal, (struct record){.kind = RECORD_SEAL}, NULL, 0);
    thread_join(journal->thread);
    err_t error = journal_error(journal);
    bool nothing = err_is(error) && !writer_born(journal->writer);
    writer_destroy(journal->writer);
    journal->writer = NULL;
    if (is_gone(journal->path)) /* whatever sqlite has made of that, if it has noticed */
        error = err_detail(err_make(ERR_IO, "%s", journal->path),
                           "was removed or renamed while it was written; leave it where it is");
    else if (nothing)
        discard(journal->path);
    *file_bytes = size_of(journal->path);
    destroy(journal);
    return error;
}

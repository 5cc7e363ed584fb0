#include "oracle.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snapshot/snapshot.h"

void must(err_t error)
{
    char text[512];
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
}

uint64_t parts_hash(struct board *board)
{
    struct state_part parts[BOARD_PARTS_MAX];
    return state_hash(parts, board_parts(board, parts));
}

void effort_begin(struct effort *effort)
{
    effort->last = timeline_now(effort->timeline).n;
    effort->gone = 0;
}

bool effort_look(void *context)
{
    struct effort *effort = context;
    uint64_t now = timeline_now(effort->timeline).n;
    effort->gone += now > effort->last ? now - effort->last : 0;
    effort->last = now;
    return false;
}

uint64_t ram_sum(struct board *board)
{
    const struct ram *ram = engine_ram(board_engine(board));
    uint64_t sum = 0;
    for (uint64_t page = 0; page < ram->size_bytes / PAGE_BYTES; page++)
        sum += page_hash(page, ram->bytes + page * PAGE_BYTES);
    return sum;
}

/* ---- recording ------------------------------------------------------------------------------------------------------- */

struct typist {
    int fd;
    const struct take *take;
};

static void *type(void *argument)
{
    const struct typist *typist = argument;
    for (const char *next = typist->take->typed; *next; next++) {
        usleep(typist->take->delay_us);
        if (write(typist->fd, next, 1) != 1)
            break;
    }
    close(typist->fd);
    return NULL;
}

struct take take_of(const char *elf, const char *path, const char *typed)
{
    return (struct take){
        .elf = elf,
        .typed = typed,
        .delay_us = 4000,
        .options = {
            .record_path = path, .force = true, .snapshot_every = 150000, .max_icount = ICOUNT_MAX, .console_out = -1}};
}

err_t take_run(const struct take *take, struct run_report *report)
{
    struct boot_files files = {.bios = "none", .kernel = take->elf};
    struct board_config config = {.ram_size_bytes = 16 << 20, .nharts = 1, .seed = 1, .epoch_ns = 1700000000000000000};
    struct boot *boot;
    int pipe_fds[2];
    pthread_t thread;
    must(boot_read(&files, &boot));
    boot_images(boot, &config);
    ck_assert_int_eq(pipe(pipe_fds), 0);
    struct typist typist = {pipe_fds[1], take};
    if (take->typed)
        ck_assert_int_eq(pthread_create(&thread, NULL, type, &typist), 0);
    struct live_options options = take->options;
    options.console_in = pipe_fds[0];
    err_t error = live_run(&config, &options, report);
    close(pipe_fds[0]);
    if (take->typed)
        pthread_join(thread, NULL);
    else
        close(pipe_fds[1]);
    boot_free(boot);
    return error;
}

const char *scratch(void)
{
    static char path[64];
    snprintf(path, sizeof path, "world-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    unlink(path);
    return path;
}

/* ---- the straight run -------------------------------------------------------------------------------------------------- */

static bool on_access(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                      unsigned size_bytes)
{
    struct oracle *oracle = context;
    (void)hart;
    if (oracle->naccesses == oracle->room) {
        oracle->room = oracle->room ? oracle->room * 2 : 1024;
        oracle->accesses = realloc(oracle->accesses, oracle->room * sizeof *oracle->accesses);
    }
    oracle->accesses[oracle->naccesses++] = (struct access){now.n, vaddr, kind, size_bytes};
    return false;
}

static void note(struct oracle *oracle, struct board *board)
{
    uint64_t mark = board_now(board).n;
    oracle->pcs[mark] = engine_hart(board_engine(board), 0)->pc;
    oracle->hashes[mark] = parts_hash(board);
    oracle->vtimes[mark] = board_vtime(board);
    for (size_t i = 0; i < oracle->nwatches; i++) {
        uint8_t bytes[64];
        const struct watch_range *watch = &oracle->watches[i];
        if (engine_ram_load(board_engine(board), watch->vaddr, bytes, watch->size_bytes)) /* mapped one to one */
            oracle->contents[mark * oracle->nwatches + i] = bytes_hash(bytes, watch->size_bytes);
    }
}

void oracle_run(struct oracle *oracle, struct recording *recording, const struct watch_range *watches, size_t nwatches)
{
    uint64_t end = recording_end(recording).n;
    *oracle = (struct oracle){.end = end, .watches = watches, .nwatches = nwatches};
    oracle->pcs = calloc(end + 1, sizeof *oracle->pcs);
    oracle->hashes = calloc(end + 1, sizeof *oracle->hashes);
    oracle->vtimes = calloc(end + 1, sizeof *oracle->vtimes);
    oracle->contents = calloc((end + 1) * (nwatches + 1), sizeof *oracle->contents);
    struct session session;
    struct board_world world = {.owner = NULL, .output = NULL};
    struct door_history history = {.end = recording_end(recording), .end_vtime = recording_end_vtime(recording)};
    struct probe probe = {.context = oracle, .on_access = on_access, .watches = watches, .nwatches = nwatches};
    enum session_stop stop = SESSION_TARGET;
    history.inputs = recording_inputs(recording, &history.ninputs);
    must(board_create(recording_config(recording), world, &session.board));
    must(door_open_recorded(history, &session.door));
    engine_set_probe(board_engine(session.board), &probe);
    note(oracle, session.board);
    for (uint64_t mark = 1; mark <= end; mark++) { /* ck_assert() writes to a file each time: too slow here */
        err_t error = session_run(&session, session_mark(icount_of(mark)), &stop);
        if (err_is(error) || board_now(session.board).n != mark)
            ck_abort_msg("%llu is not reached: %d", (unsigned long long)mark, (int)error.code);
        note(oracle, session.board);
    }
    door_free(session.door);
    board_destroy(session.board);
}

/* ---- what it says ------------------------------------------------------------------------------------------------------ */

bool oracle_broken(const struct oracle *oracle, uint64_t mark, const uint64_t *breaks, size_t nbreaks)
{
    for (size_t i = 0; i < nbreaks; i++)
        if (oracle->pcs[mark] == breaks[i])
            return true;
    return false;
}

static bool is_watch(const struct access *access, const struct watch_range *ranges, size_t nranges)
{
    for (size_t i = 0; i < nranges; i++)
        if ((ranges[i].kinds & access->kind) && access->vaddr < ranges[i].vaddr + ranges[i].size_bytes &&
            ranges[i].vaddr < access->vaddr + access->size_bytes)
            return true;
    return false;
}

/* The first watched access of the instruction at `mark`, or NULL. */
const struct access *oracle_access(const struct oracle *oracle, uint64_t mark, const struct watch_range *ranges,
                                   size_t nranges)
{
    size_t low = 0, high = oracle->naccesses;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (oracle->accesses[middle].mark < mark)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < oracle->naccesses && oracle->accesses[low].mark == mark; low++)
        if (is_watch(&oracle->accesses[low], ranges, nranges))
            return &oracle->accesses[low];
    return NULL;
}

struct oracle_stop oracle_back(const struct oracle *oracle, uint64_t from, const uint64_t *breaks, size_t nbreaks,
                               const struct watch_range *ranges, size_t nranges)
{
    for (uint64_t place = from;; place--) { /* a breakpoint at a place comes before the access that led to it */
        if (place < from && oracle_broken(oracle, place, breaks, nbreaks))
            return (struct oracle_stop){place, STOP_BREAK, NULL};
        const struct access *access = place ? oracle_access(oracle, place - 1, ranges, nranges) : NULL;
        if (access)
            return (struct oracle_stop){place, STOP_WATCH, access};
        if (!place)
            return (struct oracle_stop){0, STOP_BEGIN, NULL};
    }
}

struct oracle_stop oracle_ahead(const struct oracle *oracle, uint64_t from, const uint64_t *breaks, size_t nbreaks,
                                const struct watch_range *ranges, size_t nranges)
{
    for (uint64_t mark = from; mark < oracle->end; mark++) {
        if (oracle_broken(oracle, mark, breaks, nbreaks))
            return (struct oracle_stop){mark, STOP_BREAK, NULL};
        const struct access *access = oracle_access(oracle, mark, ranges, nranges);
        if (access)
            return (struct oracle_stop){mark, STOP_WATCH, access};
    }
    return (struct oracle_stop){oracle->end, STOP_END, NULL};
}

void oracle_expect(const struct oracle *oracle, struct timeline *timeline, uint64_t mark)
{
    struct board *board = timeline_board(timeline);
    ck_assert_uint_eq(timeline_now(timeline).n, mark);
    ck_assert_msg(parts_hash(board) == oracle->hashes[mark], "the state at %llu", (unsigned long long)mark);
    ck_assert_uint_eq(board_vtime(board).ns, oracle->vtimes[mark].ns);
}

void oracle_free(struct oracle *oracle)
{
    free(oracle->pcs);
    free(oracle->hashes);
    free(oracle->vtimes);
    free(oracle->contents);
    free(oracle->accesses);
}

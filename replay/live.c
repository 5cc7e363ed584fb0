#include <stdlib.h>
#include <time.h>

#include "cadence.h"
#include "door.h"
#include "journal.h"
#include "machine.h"
#include "session.h"
#include "signature.h"
#include "terminal.h"

/* Guest time may run ahead of the wall's by this much before the run waits (pace real). */
static const uint64_t AHEAD_NS = 2000000;

struct live {
    const struct live_options *options;
    struct run_report *report;
    struct board *board;
    struct journal *journal; /* NULL: not recording */
    struct terminal *terminal;
    struct signature *signature; /* NULL: not asked for */
    struct session session;
    struct cadence cadence;
    uint64_t began_ns;
    icount_t snapshot_at; /* the latest one, and when it was done */
    uint64_t snapshot_ns;
    bool snapshot_taken;
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t wall_ns(const struct live *live) { return clock_ns(CLOCK_MONOTONIC) - live->began_ns; }

/* What this thread has worked: costs are counted in that, so that a busy host or a guest at rest distorts nothing. */
static uint64_t worked_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

/* ---- the host's side of the door --------------------------------------------------------------------------------- */

static void offer_typed(struct live *live)
{
    size_t size_bytes;
    const uint8_t *typed = terminal_typed(live->terminal, &size_bytes);
    if (size_bytes)
        terminal_drop(live->terminal, door_offer(live->session.door, INPUT_CONSOLE, typed, size_bytes));
    if (terminal_quits(live->terminal))
        door_shut(live->session.door);
}

static bool offers_wait(const struct live *live) { return door_waiting(live->session.door, INPUT_CONSOLE) > 0; }

/* The guest runs and has stopped for a moment. */
static void look(void *owner, vtime_t now)
{
    struct live *live = owner;
    uint64_t timeout_ns = 0;
    outlet_flush(terminal_outlet(live->terminal));
    if (live->options->pace_real) {
        uint64_t wall = wall_ns(live);
        if (now.ns > wall && now.ns - wall > AHEAD_NS && !offers_wait(live))
            timeout_ns = now.ns - wall;
    }
    terminal_wait(live->terminal, timeout_ns);
    offer_typed(live);
}

/* The guest idles. Pace fast: time jumps to the event. Pace real: it goes with the wall's, until something is typed. */
static vtime_t idle(void *owner, vtime_t now, vtime_t until)
{
    struct live *live = owner;
    bool never = until.ns == VTIME_NEVER.ns;
    if (never && terminal_ended(live->terminal)) /* what is still on offer found no room, and never will */
        return VTIME_NEVER;
    if (!never && !live->options->pace_real)
        return until;
    uint64_t wall = wall_ns(live);
    if (never)
        terminal_wait(live->terminal, UINT64_MAX);
    else if (until.ns > wall)
        terminal_wait(live->terminal, until.ns - wall);
    offer_typed(live);
    if (!live->options->pace_real)
        return now;
    wall = wall_ns(live);
    return vtime_min(until, wall > now.ns ? vtime_of(wall) : now);
}

static void output(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct live *live = owner;
    outlet_put(terminal_outlet(live->terminal), bytes, size_bytes);
    if (live->journal)
        journal_output(live->journal, now, port, bytes, size_bytes);
}

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

static err_t take_snapshot(struct live *live)
{
    struct ram *ram = engine_ram(board_engine(live->board));
    struct machine_state state;
    TRY(machine_encode(live->board, &state));
    icount_t now = board_now(live->board);
    journal_snapshot(live->journal, now, board_vtime(live->board), state.bytes, state.size_bytes, ram);
    free(state.bytes);
    engine_clean(board_engine(live->board));
    door_close(live->session.door, now);
    live->snapshot_at = now;
    live->snapshot_taken = true;
    live->report->snapshots++;
    return journal_error(live->journal);
}

/* Takes one, and plans the next by what it cost. */
static err_t snapshot(struct live *live)
{
    struct cadence_cost cost = {.instructions = board_now(live->board).n - live->snapshot_at.n};
    uint64_t before = worked_ns();
    cost.pages = machine_dirty_pages(live->board);
    TRY(take_snapshot(live));
    cost.run_ns = before - live->snapshot_ns;
    live->snapshot_ns = worked_ns();
    cost.snapshot_ns = live->snapshot_ns - before;
    cost.behind = journal_backlog(live->journal) > JOURNAL_QUEUE_BYTES / 2;
    cadence_adapt(&live->cadence, &cost);
    return err_ok();
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static err_t start(struct live *live, const struct board_config *config)
{
    const struct live_options *options = live->options;
    struct board_world world = {.owner = live, .output = output};
    TRY(board_create(config, world, &live->board));
    if (options->signature_path)
        TRY(signature_create(options->signature_path, live->board, &live->signature));
    if (options->record_path)
        TRY(journal_create(options->record_path, options->force, config, host_epoch_ns(), &live->journal));
    struct terminal_options terminal = {options->console_in, options->console_out, options->escape_keys, options->quit};
    TRY(terminal_open(&terminal, &live->terminal));
    struct door_host host = {live, look, idle};
    live->session.board = live->board;
    TRY(door_open_live(host, live->journal, &live->session.door));
    live->began_ns = clock_ns(CLOCK_MONOTONIC);
    live->snapshot_ns = worked_ns();
    return live->journal ? take_snapshot(live) : err_ok();
}

static enum run_end end_of(enum session_stop stop)
{
    switch (stop) {
    case SESSION_HALTED:
        return RUN_HALTED;
    case SESSION_IDLE:
        return RUN_IDLE_FOREVER;
    case SESSION_TARGET:
        return RUN_MAX_ICOUNT;
    default:
        return RUN_QUIT;
    }
}

static icount_t next_target(const struct live *live)
{
    uint64_t due = live->snapshot_at.n + live->cadence.interval;
    bool never = !live->journal || due < live->cadence.interval;
    return never ? live->options->max_icount : icount_min(live->options->max_icount, icount_of(due));
}

static err_t run(struct live *live)
{
    enum session_stop stop = SESSION_TARGET;
    while (icount_before(board_now(live->board), live->options->max_icount)) {
        TRY(session_run(&live->session, session_mark(next_target(live)), &stop));
        if (stop != SESSION_TARGET)
            break;
        if (live->journal)
            TRY(snapshot(live));
    }
    live->report->end = end_of(stop);
    return err_ok();
}

/* The state at the end is checked by a replay too. */
static err_t end_snapshot(struct live *live)
{
    bool there = live->snapshot_taken && live->snapshot_at.n == board_now(live->board).n;
    return there ? err_ok() : take_snapshot(live);
}

/* Seals what there is, also after an error: the first one is told. */
static err_t finish(struct live *live, err_t error)
{
    struct run_report *report = live->report;
    if (live->session.door) {
        report->icount = board_now(live->board);
        report->vtime = board_vtime(live->board);
        report->halt = board_halt(live->board);
        report->inputs = door_inputs(live->session.door);
        report->host_seconds = (double)wall_ns(live) / 1e9;
    }
    if (live->journal) {
        err_t sealed = journal_seal(live->journal, report->icount, report->vtime, report->halt, &report->file_bytes);
        error = err_is(error) ? error : sealed;
    }
    if (live->terminal && !err_is(error)) {
        outlet_flush(terminal_outlet(live->terminal));
        error = outlet_error(terminal_outlet(live->terminal));
    }
    if (live->signature && !err_is(error))
        error = signature_write(live->signature, live->board);
    signature_close(live->signature);
    terminal_close(live->terminal);
    door_free(live->session.door);
    board_destroy(live->board);
    return error;
}

err_t live_run(const struct board_config *config, const struct live_options *options, struct run_report *report)
{
    *report = (struct run_report){0};
    struct live live = {.options = options, .report = report, .cadence = cadence_begin(options->snapshot_every)};
    err_t error = start(&live, config);
    if (!err_is(error))
        error = run(&live);
    if (!err_is(error) && live.journal)
        error = end_snapshot(&live);
    return finish(&live, error);
}

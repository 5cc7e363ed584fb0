#include "live.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"

/* Guest time may run ahead of the wall's by this much before the run waits (pace real). */
static const uint64_t AHEAD_NS = 2000000;

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

/* What came after the last end of a line: whoever goes on from here sees the prompt at which the guest waits. */
static void keep_line(struct live *live, const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if (bytes[i] == '\n' || live->line_bytes == LIVE_LINE_BYTES)
            live->line_bytes = 0;
        if (bytes[i] != '\n')
            live->line[live->line_bytes++] = bytes[i];
    }
}

static void output(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct live *live = owner;
    if (live->past)
        keep_line(live, bytes, size_bytes);
    else
        outlet_put(terminal_outlet(live->terminal), bytes, size_bytes);
    if (live->journal)
        journal_output(live->journal, now, port, bytes, size_bytes);
}

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

err_t live_snapshot(struct live *live)
{
    struct ram *ram = engine_ram(board_engine(live->board));
    struct machine_state state;
    struct visited visited;
    TRY(machine_encode(live->board, &state));
    engine_take_visited(board_engine(live->board), &visited);
    icount_t now = board_now(live->board);
    live->snapshot_pages =
        journal_snapshot(live->journal, now, board_vtime(live->board), state.bytes, state.size_bytes, &visited, ram);
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
    struct cadence_cost cost = {
        .instructions = board_now(live->board).n - live->snapshot_at.n,
        .behind = journal_backlog(live->journal) > JOURNAL_QUEUE_BYTES / 2, /* of what came before this one */
    };
    uint64_t before = worked_ns();
    TRY(live_snapshot(live));
    cost.pages = live->snapshot_pages;
    cost.run_ns = before - live->snapshot_ns;
    live->snapshot_ns = worked_ns();
    cost.snapshot_ns = live->snapshot_ns - before;
    cost.changed = journal_take_changed(live->journal);
    cadence_adapt(&live->cadence, &cost);
    return err_ok();
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

err_t live_open(struct live *live, const struct board_config *config, struct journal_lineage lineage)
{
    const struct live_options *options = live->options;
    struct board_world world = {.owner = live, .output = output};
    TRY(board_create(config, world, &live->board));
    if (options->signature_path)
        TRY(signature_create(options->signature_path, live->board, &live->signature));
    if (options->record_path)
        TRY(journal_create_branch(options->record_path, options->force, config, lineage, host_epoch_ns(),
                                  &live->journal));
    if (live->journal)
        engine_set_keeper(board_engine(live->board), journal_keep(live->journal));
    struct terminal_options terminal = {options->console_in, options->console_out, options->escape_keys, options->quit};
    TRY(terminal_open(&terminal, &live->terminal));
    live->session.board = live->board;
    live->cadence = cadence_begin(options->snapshot_every);
    live->opened_ns = clock_ns(CLOCK_MONOTONIC);
    return err_ok();
}

err_t live_attach(struct live *live)
{
    struct door_host host = {live, look, idle};
    if (live->session.door)
        live->past_inputs = door_inputs(live->session.door);
    door_free(live->session.door);
    live->session.door = NULL;
    TRY(door_open_live(host, live->journal, &live->session.door));
    live->began_ns = clock_ns(CLOCK_MONOTONIC) - board_vtime(live->board).ns;
    live->snapshot_ns = worked_ns();
    live->past = false;
    outlet_put(terminal_outlet(live->terminal), live->line, live->line_bytes);
    return err_ok();
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

static uint64_t since_snapshot(const struct live *live) { return board_now(live->board).n - live->snapshot_at.n; }

static icount_t next_target(const struct live *live)
{
    uint64_t now = board_now(live->board).n, stride = cadence_stride(&live->cadence, since_snapshot(live));
    bool never = !live->journal || stride > UINT64_MAX - now;
    return never ? live->options->max_icount : icount_min(live->options->max_icount, icount_of(now + stride));
}

static bool snapshot_due(const struct live *live)
{
    return live->journal && cadence_due(&live->cadence, since_snapshot(live), worked_ns() - live->snapshot_ns,
                                        journal_reads(live->journal));
}

err_t live_go(struct live *live)
{
    enum session_stop stop = SESSION_TARGET;
    while (icount_before(board_now(live->board), live->options->max_icount)) {
        TRY(session_run(&live->session, session_mark(next_target(live)), &stop));
        if (stop != SESSION_TARGET)
            break;
        if (snapshot_due(live))
            TRY(snapshot(live));
    }
    live->report->end = end_of(stop);
    bool there = live->snapshot_taken && live->snapshot_at.n == board_now(live->board).n;
    return there || !live->journal ? err_ok() : live_snapshot(live); /* a replay checks the state at the end too */
}

err_t live_close(struct live *live, err_t error)
{
    struct run_report *report = live->report;
    if (live->session.door) {
        report->icount = board_now(live->board);
        report->vtime = board_vtime(live->board);
        report->halt = board_halt(live->board);
        report->inputs = live->past_inputs + door_inputs(live->session.door);
        report->host_seconds = (double)(clock_ns(CLOCK_MONOTONIC) - live->opened_ns) / 1e9;
    }
    if (live->terminal)
        outlet_flush(terminal_outlet(live->terminal)); /* nobody waits for the seal to read the last lines */
    if (live->journal) {
        err_t sealed = journal_seal(live->journal, report->icount, report->vtime, report->halt, &report->file_bytes);
        error = err_is(error) ? error : sealed;
    }
    if (live->terminal && !err_is(error))
        error = outlet_error(terminal_outlet(live->terminal));
    if (live->signature && !err_is(error))
        error = signature_write(live->signature, live->board);
    signature_close(live->signature);
    terminal_close(live->terminal);
    door_free(live->session.door);
    board_destroy(live->board);
    return error;
}

static err_t run(struct live *live, const struct board_config *config)
{
    TRY(live_open(live, config, (struct journal_lineage){NULL, 0}));
    TRY(live_attach(live));
    if (live->journal)
        TRY(live_snapshot(live));
    return live_go(live);
}

err_t live_run(const struct board_config *config, const struct live_options *options, struct run_report *report)
{
    *report = (struct run_report){0};
    struct live live = {.options = options, .report = report};
    return live_close(&live, run(&live, config));
}

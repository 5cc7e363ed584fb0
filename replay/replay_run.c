#include "door.h"
#include "machine.h"
#include "outlet.h"
#include "session.h"
#include "verdict.h"

/* Between two calls of progress: some tens of milliseconds. No clock decides anything here. */
static const uint64_t STRIDE = 20000000;

struct replay {
    struct recording *recording;
    const struct progress *progress;
    struct run_report *report;
    struct session session;
    struct outlet outlet;
    struct ram_hash ram_hash;
    uint64_t console_bytes;
};

static void output(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct replay *replay = owner;
    (void)now;
    (void)port;
    replay->console_bytes += size_bytes;
    outlet_put(&replay->outlet, bytes, size_bytes);
}

static err_t start(struct replay *replay)
{
    struct recording *recording = replay->recording;
    struct board_world world = {.owner = replay, .output = output};
    TRY(board_create(recording_config(recording), world, &replay->session.board));
    TRY(door_open_recording(recording, &replay->session.door));
    return ram_hash_begin(&replay->ram_hash, engine_ram(board_engine(replay->session.board)));
}

/* False: break it off. */
static bool tick(struct replay *replay)
{
    const struct progress *progress = replay->progress;
    icount_t now = board_now(replay->session.board);
    outlet_flush(&replay->outlet);
    return !progress || progress->tick(progress->context, "replay", now, recording_end(replay->recording), now.n);
}

/* Runs to `target` in strides. *stop is SESSION_TARGET when it is reached; *quit when progress broke it off. */
static err_t run_to(struct replay *replay, icount_t target, enum session_stop *stop, bool *quit)
{
    struct board *board = replay->session.board;
    do {
        uint64_t left = target.n - board_now(board).n;
        icount_t next = icount_of(board_now(board).n + (left < STRIDE ? left : STRIDE));
        TRY(session_run(&replay->session, session_mark(next), stop));
        *quit = !tick(replay);
    } while (!*quit && *stop == SESSION_TARGET && icount_before(board_now(board), target));
    return err_ok();
}

/* The machine has come to snapshot `index`, or should have. */
static err_t compare(struct replay *replay, size_t index)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(replay->recording, &count);
    struct board *board = replay->session.board;
    struct engine *engine = board_engine(board);
    struct visited visited;
    if (board_now(board).n != marks[index].at.n)
        return verdict_stopped(replay->recording, board, marks[index].at);
    ram_hash_update(&replay->ram_hash, engine_ram(engine));
    engine_clean(engine);
    TRY(verdict_snapshot(replay->recording, index, board, &replay->ram_hash));
    engine_take_visited(engine, &visited);
    TRY(verdict_visited(replay->recording, index, &visited));
    replay->report->snapshots++;
    return err_ok();
}

static err_t run(struct replay *replay)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(replay->recording, &count);
    enum session_stop stop = SESSION_TARGET;
    bool quit = false;
    for (size_t i = 0; i < count; i++) {
        TRY(run_to(replay, marks[i].at, &stop, &quit));
        if (quit)
            break;
        TRY(compare(replay, i));
    }
    while (!quit && stop == SESSION_TARGET)
        TRY(run_to(replay, ICOUNT_MAX, &stop, &quit));
    replay->report->end = quit ? RUN_QUIT : stop == SESSION_HALTED ? RUN_HALTED : RUN_RECORDING_ENDS;
    return quit ? err_ok() : verdict_end(replay->recording, replay->session.board, replay->console_bytes);
}

static void finish(struct replay *replay)
{
    struct run_report *report = replay->report;
    if (replay->session.door) {
        report->icount = board_now(replay->session.board);
        report->vtime = board_vtime(replay->session.board);
        report->halt = board_halt(replay->session.board);
        report->inputs = door_inputs(replay->session.door);
    }
    outlet_flush(&replay->outlet);
    ram_hash_end(&replay->ram_hash);
    door_free(replay->session.door);
    board_destroy(replay->session.board);
}

err_t replay_run(struct recording *recording, int console_out, const struct progress *progress,
                 struct run_report *report)
{
    *report = (struct run_report){0};
    struct replay replay = {.recording = recording, .progress = progress, .report = report};
    outlet_open(&replay.outlet, console_out, NULL);
    err_t error = start(&replay);
    if (!err_is(error))
        error = run(&replay);
    finish(&replay);
    return err_is(error) ? error : outlet_error(&replay.outlet);
}

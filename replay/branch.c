/* A branch: what another recording holds up to a mark, executed again and written down again, and then live.
 *
 * The past is executed rather than copied. So every state in the new file has come out of its inputs and was held
 * against the old file's hashes, a snapshot of the old one that is damaged does not matter, and there is one way in
 * which a recording is made. It costs what a replay up to the mark costs. */
#include <stdlib.h>
#include <sys/stat.h>

#include "live.h"
#include "machine.h"
#include "timeline.h"
#include "verdict.h"

/* Between two calls of progress. */
static const uint64_t STRIDE = 20000000;

struct branch {
    struct timeline *timeline;
    const struct progress *progress;
    icount_t at;
    struct live live;
    struct ram_hash ram_hash;
    struct recording_origin *origins;
    size_t norigins;
    bool quit;
};

/* ---- may it be? ---------------------------------------------------------------------------------------------------------- */

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static err_t judge(const struct branch *branch)
{
    const struct timeline *timeline = branch->timeline;
    const char *name = recording_name(timeline->recording), *path = branch->live.options->record_path;
    char mark[GROUPED_BYTES];
    format_grouped(branch->at.n, mark);
    if (same_file(name, path))
        return err_detail(err_make(ERR_USAGE, "%s", path), "is what is branched from; give another -o");
    if (board_halt(timeline->session.board).reason != HALT_NONE)
        return err_detail(err_make(ERR_USAGE, "%s", name), "the guest has ended the run at %s; give an earlier --at",
                          mark);
    if (timeline->npokes && branch->at.n == 0)
        return err_detail(err_make(ERR_USAGE, "%s", name), "mark 0 is what was booted; poke at 1 or later");
    for (size_t i = 0; i < timeline->npokes; i++)
        if (timeline->pokes[i].at.n != branch->at.n)
            return err_detail(err_make(ERR_USAGE, "%s", name), "it is poked before %s; branch at the poke", mark);
    return err_ok();
}

/* Those of the old recording that are still an ancestor at the mark, and that recording itself. */
static err_t trace_back(struct branch *branch)
{
    struct recording *recording = branch->timeline->recording;
    size_t count;
    const struct recording_origin *origins = recording_origins(recording, &count);
    branch->origins = calloc(count + 1, sizeof *branch->origins);
    if (!branch->origins)
        return err_make(ERR_NO_MEMORY, "%s", recording_name(recording));
    for (size_t i = 0; i < count && !icount_before(branch->at, origins[i].at); i++)
        branch->origins[branch->norigins++] = origins[i];
    branch->origins[branch->norigins++] = (struct recording_origin){
        .name = recording_name(recording), .at = branch->at, .parent = recording_digest(recording)};
    return err_ok();
}

/* ---- the past -------------------------------------------------------------------------------------------------------------- */

static err_t open_past(struct branch *branch)
{
    struct timeline *timeline = branch->timeline;
    struct recording *recording = timeline->recording;
    TRY(door_open_recording(recording, &branch->live.session.door));
    door_write_down(branch->live.session.door, branch->live.journal);
    door_divert(branch->live.session.door, timeline->pokes, timeline->npokes);
    branch->live.past = true;
    TRY(ram_hash_begin(&branch->ram_hash, engine_ram(board_engine(branch->live.board))));
    return live_snapshot(&branch->live);
}

static bool tick(const struct branch *branch)
{
    const struct progress *progress = branch->progress;
    icount_t now = board_now(branch->live.board);
    return !progress || progress->tick(progress->context, "branch", now, branch->at, now.n);
}

/* Runs to a mark of the past. */
static err_t run_to(struct branch *branch, icount_t mark, enum session_stop *stop)
{
    struct board *board = branch->live.board;
    do {
        uint64_t left = mark.n - board_now(board).n;
        icount_t next = icount_of(board_now(board).n + (left < STRIDE ? left : STRIDE));
        TRY(session_run(&branch->live.session, session_mark(next), stop));
        TRY(journal_error(branch->live.journal));
        branch->quit = !tick(branch);
    } while (!branch->quit && *stop == SESSION_TARGET && icount_before(board_now(board), mark));
    if (!branch->quit && board_now(board).n != mark.n)
        return verdict_stopped(branch->timeline->recording, board, mark);
    return err_ok();
}

/* Holds the machine against snapshot `index` of the old recording, and takes one here too. */
static err_t pass_snapshot(struct branch *branch, size_t index)
{
    struct ram *ram = engine_ram(board_engine(branch->live.board));
    ram_hash_update(&branch->ram_hash, ram);
    TRY(verdict_snapshot(branch->timeline->recording, index, branch->live.board, &branch->ram_hash));
    return live_snapshot(&branch->live);
}

static err_t run_past(struct branch *branch)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(branch->timeline->recording, &count);
    enum session_stop stop = SESSION_TARGET;
    for (size_t i = 1; i < count && icount_before(marks[i].at, branch->at) && !branch->quit; i++) {
        TRY(run_to(branch, marks[i].at, &stop));
        if (!branch->quit)
            TRY(pass_snapshot(branch, i));
    }
    return branch->quit ? err_ok() : run_to(branch, branch->at, &stop);
}

/* The branching mark becomes a snapshot, pokes and all: nothing else enters there. A machine that idles at it (only at
 * the old one's end) has no settled state yet, and may wait for what enters just there. */
static err_t leave_past(struct branch *branch)
{
    struct live *live = &branch->live;
    bool there = live->snapshot_at.n == branch->at.n;
    TRY(live_attach(live));
    if (there)
        door_close(live->session.door, branch->at);
    return there || board_idle(live->board) ? err_ok() : live_snapshot(live);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------- */

static err_t go(struct branch *branch)
{
    struct live *live = &branch->live;
    TRY(judge(branch));
    TRY(trace_back(branch));
    TRY(live_open(live, recording_config(branch->timeline->recording),
                  (struct journal_lineage){branch->origins, branch->norigins}));
    TRY(open_past(branch));
    TRY(run_past(branch));
    live->report->end = RUN_QUIT;
    if (branch->quit)
        return err_ok();
    TRY(leave_past(branch));
    return live_go(live);
}

err_t branch_run(struct timeline *timeline, const struct live_options *options, const struct progress *progress,
                 struct run_report *report)
{
    *report = (struct run_report){0};
    struct branch branch = {.timeline = timeline,
                            .progress = progress,
                            .at = timeline_now(timeline),
                            .live = {.options = options, .report = report}};
    err_t error = live_close(&branch.live, go(&branch));
    ram_hash_end(&branch.ram_hash);
    free(branch.origins);
    return error;
}

#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "tracks.h"
#include "verdict.h"

/* Between two looks for an interrupt: ten milliseconds or less. And between two calls of progress. */
static const uint64_t STRIDE = 1000000;
static const uint64_t TICK = 20000000;

/* Marks before the target at which a checkpoint is kept: stepping back from there re-executes little. */
static const uint64_t ladder[] = {30000000, 10000000, 3000000, 1000000, 300000, 100000, 30000, 10000, 3000, 1000};

/* A diverted history has no snapshots of its own: a checkpoint every so often. */
static const uint64_t CHECKPOINT_EVERY = 20000000;

static struct board *board_of(const struct timeline *timeline) { return timeline->session.board; }

static void output(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct timeline *timeline = owner;
    if (timeline->listener)
        listener_hear(timeline->listener, now, port, size_bytes);
    if (timeline->console_on && timeline->console)
        timeline->console(timeline->console_context, bytes, size_bytes);
}

/* ---- open, close --------------------------------------------------------------------------------------------------- */

static err_t start(struct timeline *timeline)
{
    struct recording *recording = timeline->recording;
    struct board_world world = {.owner = timeline, .output = output};
    TRY(board_create(recording_config(recording), world, &timeline->session.board));
    TRY(door_open_recording(recording, &timeline->session.door));
    TRY(history_open(recording, board_of(timeline), &timeline->history));
    return timeline_seek(timeline, icount_of(0));
}

err_t timeline_open(struct recording *recording, struct timeline **timeline)
{
    struct timeline *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", recording_name(recording));
    made->recording = recording;
    err_t error = start(made);
    if (err_is(error))
        timeline_close(made);
    else
        *timeline = made;
    return error;
}

void timeline_close(struct timeline *timeline)
{
    if (!timeline)
        return;
    tracks_stop(timeline->tracks);
    timeline_drop_pokes(timeline);
    free(timeline->pokes);
    history_close(timeline->history);
    door_free(timeline->session.door);
    board_destroy(timeline->session.board);
    free(timeline);
}

err_t timeline_follow(struct timeline *timeline)
{
    return timeline->tracks ? err_ok() : tracks_start(timeline->recording, &timeline->tracks);
}

bool timeline_followed(const struct timeline *timeline, size_t *known, size_t *all)
{
    *known = *all = 0;
    return !timeline->tracks || tracks_progress(timeline->tracks, known, all);
}

icount_t timeline_now(const struct timeline *timeline) { return board_now(board_of(timeline)); }

icount_t timeline_end(const struct timeline *timeline)
{
    return timeline->npokes ? ICOUNT_MAX : recording_end(timeline->recording);
}

struct board *timeline_board(struct timeline *timeline) { return board_of(timeline); }

bool timeline_diverted(const struct timeline *timeline) { return timeline->npokes > 0; }

void timeline_set_progress(struct timeline *timeline, const struct progress *progress)
{
    timeline->progress = progress;
}

void timeline_set_interrupted(struct timeline *timeline, bool (*interrupted)(void *context), void *context)
{
    timeline->interrupted = interrupted;
    timeline->context = context;
}

void timeline_set_console(struct timeline *timeline, void (*console)(void *context, const uint8_t *, size_t),
                          void *context)
{
    timeline->console = console;
    timeline->console_context = context;
}

/* ---- moving ---------------------------------------------------------------------------------------------------------- */

err_t timeline_restore(struct timeline *timeline, icount_t mark)
{
    struct known known = history_before(timeline->history, mark);
    err_t error = history_restore(timeline->history, known), again = error;
    while (err_is(again) && known.at.n > 0) {
        known = history_before(timeline->history, icount_of(known.at.n - 1));
        again = history_restore(timeline->history, known);
    }
    timeline->astray = err_is(again);
    TRY(again);
    door_rewind(timeline->session.door, known.at, known.checkpoint != NULL);
    return error.code == ERR_DAMAGED ? err_ok() : error; /* what is damaged is made again */
}

/* The next mark at which a checkpoint is wanted. */
static icount_t next_rung(const struct timeline *timeline, const struct advance *advance)
{
    uint64_t now = timeline_now(timeline).n, target = advance->target.at.n;
    if (timeline_diverted(timeline) && (!advance->ladder || target - now > 2 * CHECKPOINT_EVERY))
        return icount_of(now + (CHECKPOINT_EVERY - now % CHECKPOINT_EVERY));
    for (size_t i = 0; advance->ladder && i < sizeof ladder / sizeof ladder[0]; i++)
        if (target > ladder[i] && target - ladder[i] > now)
            return icount_of(target - ladder[i]);
    return ICOUNT_MAX;
}

static bool tick(struct timeline *timeline, const struct advance *advance, uint64_t executed)
{
    const struct progress *progress = timeline->progress;
    bool due = timeline->executed / TICK != (timeline->executed + executed) / TICK;
    timeline->executed += executed;
    if (advance->interrupted && advance->interrupted(advance->context))
        return false;
    if (!due)
        return true;
    icount_t done = icount_of(advance->done.n + executed);
    return !progress || progress->tick(progress->context, advance->what, done, advance->total, timeline->executed);
}

/* T2: a machine that stops short of the recorded end is not the recorded one. */
static err_t look_at_stop(const struct timeline *timeline, enum session_stop stop)
{
    icount_t end = timeline_end(timeline);
    bool stuck = stop == SESSION_HALTED || stop == SESSION_IDLE;
    if (stuck && !timeline_diverted(timeline) && icount_before(timeline_now(timeline), end))
        return verdict_stopped(timeline->recording, board_of(timeline), end);
    return err_ok();
}

err_t timeline_advance(struct timeline *timeline, const struct advance *advance, enum session_stop *stop, bool *broken)
{
    struct history *history = timeline->history;
    struct board *board = board_of(timeline);
    struct advance here = *advance;
    *broken = false;
    do {
        uint64_t began = board_now(board).n;
        icount_t rung = next_rung(timeline, advance);
        icount_t next = icount_min(rung, history_next_snapshot(history, board_now(board)));
        uint64_t stride = began > UINT64_MAX - STRIDE ? UINT64_MAX : began + STRIDE;
        struct session_target target = advance->target;
        target.at = icount_min(target.at, icount_min(next, icount_of(stride)));
        TRY(session_run(&timeline->session, target, stop));
        TRY(look_at_stop(timeline, *stop));
        TRY(history_arrive(history));
        if (*stop == SESSION_TARGET && board_now(board).n == rung.n)
            history_keep(history);
        bool there = *stop != SESSION_TARGET || !icount_before(board_now(board), advance->target.at) ||
                     !vtime_before(board_vtime(board), advance->target.when);
        *broken = !tick(timeline, &here, board_now(board).n - began) && !there;
        here.done.n += board_now(board).n - began;
        if (there)
            return err_ok();
    } while (!*broken);
    return err_ok();
}

/* Nearest known state, then forwards. Broken off, it stands where it had come to. */
static err_t go(struct timeline *timeline, icount_t mark)
{
    icount_t now = timeline_now(timeline);
    bool ahead = !icount_before(mark, now) && !icount_before(now, history_before(timeline->history, mark).at);
    if (!ahead || timeline->astray)
        TRY(timeline_restore(timeline, mark));
    enum session_stop stop;
    bool broken;
    now = timeline_now(timeline);
    struct advance advance = {
        session_mark(mark), true, "seek", icount_of(0), icount_of(mark.n - now.n), timeline->interrupted,
        timeline->context};
    return timeline_advance(timeline, &advance, &stop, &broken);
}

err_t timeline_seek(struct timeline *timeline, icount_t mark)
{
    timeline->executed = 0;
    timeline->console_on = false;
    return go(timeline, icount_min(mark, timeline_end(timeline)));
}

/* ---- marks ------------------------------------------------------------------------------------------------------------- */

/* Between two snapshots without idling time is counted off; with, it has to be run. */
static bool count_off(const struct timeline *timeline, vtime_t when, icount_t *mark)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(timeline->recording, &count);
    unsigned shift = recording_config(timeline->recording)->ns_shift;
    for (size_t i = 1; i < count && !timeline_diverted(timeline); i++) {
        if (vtime_before(marks[i].when, when))
            continue;
        uint64_t executed_ns = (marks[i].at.n - marks[i - 1].at.n) << shift;
        uint64_t ns = when.ns - marks[i - 1].when.ns;
        *mark = icount_of(marks[i - 1].at.n + (ns >> shift) + ((ns >> shift) << shift != ns));
        return marks[i].when.ns - marks[i - 1].when.ns == executed_ns;
    }
    return false;
}

/* The first mark whose time is not before `when`, by running there. */
static err_t run_to_time(struct timeline *timeline, vtime_t when, icount_t *mark)
{
    enum session_stop stop;
    bool broken;
    vtime_t before = vtime_of(when.ns - 1);
    icount_t end = timeline_end(timeline);
    TRY(timeline_restore(timeline, history_before_time(timeline->history, before).at));
    struct advance advance = {{end, when},      false, "seek", icount_of(0), icount_of(0), timeline->interrupted,
                              timeline->context};
    if (!timeline_diverted(timeline))
        advance.total = icount_of(end.n - timeline_now(timeline).n);
    TRY(timeline_advance(timeline, &advance, &stop, &broken));
    history_keep(timeline->history); /* whoever asks wants to go there next */
    *mark = timeline_now(timeline);
    return err_ok();
}

static err_t find_time(struct timeline *timeline, vtime_t when, icount_t *mark)
{
    icount_t origin = timeline_now(timeline);
    bool beyond = !timeline_diverted(timeline) && vtime_before(recording_end_vtime(timeline->recording), when);
    *mark = beyond ? ICOUNT_MAX : icount_of(0);
    if (beyond || when.ns == 0 || count_off(timeline, when, mark))
        return err_ok();
    err_t error = run_to_time(timeline, when, mark);
    err_t back = timeline_seek(timeline, origin);
    return err_is(error) ? error : back;
}

static err_t parse_mark(struct timeline *timeline, const char *text, icount_t *mark)
{
    struct mark parsed;
    uint64_t end = timeline_end(timeline).n;
    TRY(mark_parse(text, &parsed));
    if (parsed.kind == MARK_VTIME)
        return find_time(timeline, vtime_of(parsed.n), mark);
    if (parsed.kind == MARK_END && timeline_diverted(timeline))
        return err_detail(err_make(ERR_USAGE, "mark %.100s", text),
                          "a diverted timeline has no end; give a mark by number or time");
    if (parsed.kind == MARK_END)
        parsed.n = parsed.n < end ? end - parsed.n : 0;
    *mark = icount_of(parsed.n);
    return err_ok();
}

static err_t first_text(struct timeline *timeline, const char *regex, icount_t *mark)
{
    struct timeline_text text;
    bool found;
    TRY(timeline_find_text(timeline, regex, ICOUNT_MAX, true, &text, &found));
    *mark = text.at;
    return found ? err_ok()
                 : err_detail(err_make(ERR_USAGE, "mark text:%.100s", regex),
                              "the console has no such line; see deja replay, which prints it again");
}

err_t timeline_parse_mark(struct timeline *timeline, const char *text, icount_t *mark)
{
    static const char prefix[] = "text:";
    bool named;
    if (strncmp(text, prefix, strlen(prefix)) == 0)
        return first_text(timeline, text + strlen(prefix), mark);
    err_t error = parse_mark(timeline, text, mark);
    if (error.code != ERR_USAGE)
        return error;
    TRY(timeline_find_bookmark(timeline, text, mark, &named));
    *mark = icount_min(*mark, timeline_end(timeline));
    return named ? err_ok() : error;
}

#include "tracks.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "thread.h"
#include "timeline.h"

/* Between two looks at whether it is to end. */
static const uint64_t STRIDE = 1000000;

/* What the footprints may take; older intervals are then not known. */
static const size_t BUDGET_BYTES = (size_t)64 << 20;

enum { LEAST_URGENT = 19 };

struct track {
    struct snapshot_mark begin;
    _Atomic(struct footprint *) footprint; /* never changed once it is there */
};

struct tracks {
    char *path;
    struct engine_tuning tuning;
    icount_t end;
    size_t used_bytes; /* the thread's */
    atomic_size_t nknown;
    atomic_bool quit, done;
    struct thread *thread;
    size_t count;
    struct track track[];
};

/* ---- the thread ---------------------------------------------------------------------------------------------------- */

/* Runs to a mark. *there: it came so far, and nobody wants it to end. */
static err_t run_to(struct tracks *tracks, struct timeline *timeline, icount_t mark, bool *there)
{
    enum session_stop stop = SESSION_TARGET;
    while (stop == SESSION_TARGET && icount_before(timeline_now(timeline), mark) && !atomic_load(&tracks->quit)) {
        icount_t stride = icount_of(timeline_now(timeline).n + STRIDE);
        TRY(session_run(&timeline->session, session_mark(icount_min(mark, stride)), &stop));
    }
    *there = timeline_now(timeline).n == mark.n;
    return err_ok();
}

static void publish(struct tracks *tracks, size_t index, struct footprint *footprint)
{
    tracks->used_bytes += footprint_bytes(footprint);
    atomic_store_explicit(&tracks->track[index].footprint, footprint, memory_order_release);
    atomic_fetch_add(&tracks->nknown, 1);
}

/* What is wrong with an interval is said by whoever runs it to look at it; here it stays unknown. */
static err_t follow(struct tracks *tracks, struct timeline *timeline, size_t index)
{
    struct board *board = timeline_board(timeline);
    icount_t end = index + 1 < tracks->count ? tracks->track[index + 1].begin.at : tracks->end;
    bool there;
    TRY(timeline_restore(timeline, tracks->track[index].begin.at));
    if (timeline_now(timeline).n != tracks->track[index].begin.at.n)
        return err_ok();
    TRY(run_to(tracks, timeline, end, &there));
    struct footprint *footprint = there ? calloc(1, sizeof *footprint) : NULL;
    if (!footprint)
        return err_ok();
    bool known = engine_footprint(board_engine(board), footprint);
    err_t error = known ? history_arrive(timeline->history) : err_ok(); /* the run was the recorded one */
    if (known && !err_is(error))
        publish(tracks, index, footprint);
    else {
        footprint_free(footprint);
        free(footprint);
    }
    return error;
}

/* The file may have grown since; but it may also be another one by now. */
static bool is_same(const struct tracks *tracks, struct recording *recording)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    if (count < tracks->count || icount_before(recording_end(recording), tracks->end))
        return false;
    for (size_t i = 0; i < tracks->count; i++) {
        const struct snapshot_mark *begin = &tracks->track[i].begin;
        if (marks[i].at.n != begin->at.n || marks[i].when.ns != begin->when.ns ||
            marks[i].state_hash != begin->state_hash || marks[i].ram_hash != begin->ram_hash)
            return false;
    }
    return true;
}

static err_t follow_all(struct tracks *tracks, struct recording *recording, struct timeline *timeline)
{
    if (!is_same(tracks, recording))
        return err_ok();
    for (size_t i = tracks->count; i-- > 0 && !atomic_load(&tracks->quit) && tracks->used_bytes < BUDGET_BYTES;)
        TRY(follow(tracks, timeline, i));
    return err_ok();
}

static err_t work(struct tracks *tracks)
{
    struct recording *recording;
    struct timeline *timeline;
    TRY(recording_open(tracks->path, &recording));
    recording_tune(recording, tracks->tuning);
    err_t error =
        atomic_load(&tracks->quit) ? err_make(ERR_UNAVAILABLE, "tracks") : timeline_open(recording, &timeline);
    if (!err_is(error)) {
        error = follow_all(tracks, recording, timeline);
        timeline_close(timeline);
    }
    recording_close(recording);
    return error;
}

static void *run(void *context)
{
    struct tracks *tracks = context;
    (void)setpriority(PRIO_PROCESS, 0, LEAST_URGENT); /* of this thread, on Linux */
    (void)!err_is(work(tracks));
    atomic_store(&tracks->done, true);
    return NULL;
}

/* ---- whoever looks -------------------------------------------------------------------------------------------------- */

static void free_all(struct tracks *tracks)
{
    for (size_t i = 0; i < tracks->count; i++) {
        struct footprint *footprint = atomic_load(&tracks->track[i].footprint);
        if (footprint)
            footprint_free(footprint);
        free(footprint);
    }
    free(tracks->path);
    free(tracks);
}

err_t tracks_start(const struct recording *recording, struct tracks **result)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    struct tracks *tracks = calloc(1, sizeof *tracks + count * sizeof tracks->track[0]);
    if (!tracks)
        return err_make(ERR_NO_MEMORY, "%s", recording_name(recording));
    tracks->tuning = recording_config(recording)->tuning;
    tracks->tuning.log = NULL;
    tracks->tuning.footprint = true;
    tracks->end = recording_end(recording);
    tracks->path = strdup(recording_name(recording));
    tracks->count = count;
    for (size_t i = 0; i < count; i++)
        tracks->track[i].begin = marks[i];
    err_t error = tracks->path ? thread_start(&tracks->thread, run, tracks, tracks->path)
                               : err_make(ERR_NO_MEMORY, "%s", recording_name(recording));
    if (err_is(error))
        free_all(tracks);
    else
        *result = tracks;
    return error;
}

void tracks_stop(struct tracks *tracks)
{
    if (!tracks)
        return;
    atomic_store(&tracks->quit, true);
    thread_join(tracks->thread);
    free_all(tracks);
}

const struct footprint *tracks_of(const struct tracks *tracks, size_t index)
{
    return index < tracks->count ? atomic_load_explicit(&tracks->track[index].footprint, memory_order_acquire) : NULL;
}

bool tracks_progress(const struct tracks *tracks, size_t *known, size_t *all)
{
    bool done = atomic_load(&tracks->done); /* asked first: what is known then stays */
    *known = atomic_load(&tracks->nknown);
    *all = tracks->count;
    return done;
}

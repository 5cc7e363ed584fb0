/* Going on, and going back: an interval between two known states is run forwards once, every hit on the way is noted,
 * and the last one counts. */
#include "spared.h"
#include "timeline.h"
#include "tracks.h"

/* Re-executing more than this to stand at the start of a search again is worth a checkpoint. */
static const uint64_t KEEP_FROM = 20000;

struct search {
    struct timeline *timeline;
    const struct timeline_resume *resume;
    const struct judge *judge; /* NULL: every hit counts */
    bool collecting;           /* note hits and go on; else stop at the first one */
    bool found;
    icount_t mark; /* of the instruction that hit, before it */
    struct timeline_stop stop;
    bool judging;    /* an access is looked at: */
    icount_t judged; /* of its instruction */
    struct timeline_stop suspect;
    struct probe probe;
    struct grounds grounds; /* as they are where what has been looked at begins */
};

/* ---- hits -------------------------------------------------------------------------------------------------------------- */

/* The first byte of `watch` that an access touches; false: none. */
static bool touches(const struct watch_range *watch, enum access_kind kind, uint64_t vaddr, unsigned size_bytes,
                    uint64_t *touched)
{
    if (!(watch->kinds & kind) || !watch->size_bytes)
        return false;
    *touched = vaddr - watch->vaddr < watch->size_bytes ? vaddr : watch->vaddr;
    return vaddr - watch->vaddr < watch->size_bytes || watch->vaddr - vaddr < size_bytes;
}

static bool is_wanted(const struct timeline_resume *resume, unsigned hart, uint64_t pc)
{
    return !resume->wanted || resume->wanted(resume->context, hart, pc);
}

static void note_hit(struct search *search, icount_t now, struct timeline_stop hit)
{
    search->found = true;
    search->mark = now;
    search->stop = hit;
}

/* Whether it is a hit is known when its instruction has been executed. */
static void suspect(struct search *search, icount_t now, struct timeline_stop hit)
{
    search->judging = true;
    search->judged = now;
    search->suspect = hit;
}

static bool on_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    struct search *search = context;
    if (!is_wanted(search->resume, hart, pc))
        return false;
    note_hit(search, now, (struct timeline_stop){.reason = STOP_BREAK, .hart = hart});
    return !search->collecting;
}

static bool on_access(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                      unsigned size_bytes)
{
    struct search *search = context;
    const struct timeline_resume *resume = search->resume;
    uint64_t touched;
    /* an instruction that touches twice is one hit, its first */
    if (search->judging && search->judged.n == now.n)
        return false;
    if (search->found && search->stop.reason == STOP_WATCH && search->mark.n == now.n)
        return !search->collecting;
    for (size_t i = 0; i < resume->nwatches; i++) {
        if (!touches(&resume->watches[i], kind, vaddr, size_bytes, &touched))
            continue;
        struct timeline_stop hit = {STOP_WATCH, hart, kind, touched};
        if (search->judge)
            suspect(search, now, hit);
        else
            note_hit(search, now, hit);
        return search->judge || !search->collecting;
    }
    return false;
}

static void take_grounds(struct search *search)
{
    grounds_take(&search->grounds, board_engine(search->timeline->session.board), &search->probe);
}

static bool has_probe(const struct timeline_resume *resume) { return resume->nbreaks || resume->nwatches; }

static void probe_on(struct search *search)
{
    if (has_probe(search->resume))
        engine_set_probe(board_engine(search->timeline->session.board), &search->probe);
}

static void probe_off(struct search *search) { engine_set_probe(board_engine(search->timeline->session.board), NULL); }

/* Stepped: but onto a breakpoint is as good as run into it, from either side. */
static struct timeline_stop landed(const struct search *search)
{
    const struct timeline_resume *resume = search->resume;
    struct engine *engine = board_engine(search->timeline->session.board);
    for (unsigned hart = 0; hart < engine_nharts(engine); hart++)
        for (size_t i = 0; i < resume->nbreaks; i++)
            if (engine_hart(engine, hart)->pc == resume->breaks[i] && is_wanted(resume, hart, resume->breaks[i]))
                return (struct timeline_stop){.reason = STOP_BREAK, .hart = hart};
    return (struct timeline_stop){.reason = STOP_STEPPED};
}

/* ---- running ------------------------------------------------------------------------------------------------------------- */

/* Stands at a suspect, and goes over it: the probe is on, and passes over what is being judged. */
static err_t judge_suspect(struct search *search, const struct advance *advance)
{
    struct timeline *timeline = search->timeline;
    struct advance step = *advance;
    enum session_stop why;
    bool broken;
    search->judge->before(search->judge->context, search->suspect.hart, search->suspect.vaddr);
    step.ladder = false;
    step.target = session_mark(icount_of(search->judged.n + 1));
    TRY(timeline_advance(timeline, &step, &why, &broken));
    if (timeline_now(timeline).n > search->judged.n && search->judge->after(search->judge->context))
        note_hit(search, search->judged, search->suspect);
    return err_ok();
}

/* Runs with the probe, to the target or to a hit that stops it. */
static err_t run_probed(struct search *search, struct advance advance, enum session_stop *why, bool *broken)
{
    struct timeline *timeline = search->timeline;
    uint64_t began = timeline_now(timeline).n, done = advance.done.n;
    search->judging = false;
    probe_on(search);
    err_t error = timeline_advance(timeline, &advance, why, broken);
    while (search->judge && !err_is(error) && !*broken && *why == SESSION_PROBE) {
        error = judge_suspect(search, &advance);
        if (err_is(error) || (search->found && !search->collecting))
            break;
        advance.done = icount_of(done + (timeline_now(timeline).n - began));
        error = timeline_advance(timeline, &advance, why, broken);
    }
    probe_off(search);
    return error;
}

/* ---- forwards ------------------------------------------------------------------------------------------------------------ */

static err_t forwards(struct search *search, struct timeline_stop *stop)
{
    struct timeline *timeline = search->timeline;
    const struct timeline_resume *resume = search->resume;
    icount_t now = timeline_now(timeline);
    icount_t target = icount_of(resume->steps > UINT64_MAX - now.n ? UINT64_MAX : now.n + resume->steps);
    struct advance advance = {session_mark(target), false,          "run", now, timeline_end(timeline),
                              resume->interrupted,  resume->context};
    enum session_stop why;
    bool broken;
    timeline->console_on = true;
    err_t error = run_probed(search, advance, &why, &broken);
    timeline->console_on = false;
    TRY(error);
    if (search->judge && search->found)
        *stop = search->stop;
    else if (broken)
        *stop = (struct timeline_stop){.reason = STOP_INTERRUPTED};
    else if (why == SESSION_PROBE)
        *stop = search->stop;
    else if (why == SESSION_TARGET)
        *stop = landed(search);
    else
        *stop = (struct timeline_stop){.reason = STOP_END};
    return err_ok();
}

/* ---- backwards ----------------------------------------------------------------------------------------------------------- */

struct stretch {
    icount_t low, high, origin;
};

/* Looks at the instructions of [low, high). *broken: not all of it was looked at. */
static err_t collect(struct search *search, const struct stretch *stretch, bool *broken)
{
    struct timeline *timeline = search->timeline;
    const struct timeline_resume *resume = search->resume;
    enum session_stop why;
    struct advance advance = {session_mark(stretch->low),
                              true,
                              "search",
                              icount_of(stretch->origin.n - stretch->high.n),
                              stretch->origin,
                              resume->interrupted,
                              resume->context};
    TRY(timeline_restore(timeline, stretch->low));
    icount_t from = timeline_now(timeline);
    if (icount_before(from, stretch->low)) {
        TRY(timeline_advance(timeline, &advance, &why, broken));
        if (*broken)
            return err_ok();
        if (stretch->low.n - from.n > KEEP_FROM)
            history_keep(timeline->history);
    }
    take_grounds(search);
    advance.target = session_mark(stretch->high);
    return run_probed(search, advance, &why, broken);
}

/* Where one stands after a hit, going back: at a breakpoint, or just after the access. */
static icount_t place_of(const struct search *search)
{
    return icount_of(search->mark.n + (search->stop.reason == STOP_WATCH));
}

/* The last hit in [low, origin), interval by interval, newest first. Otherwise *high is how far back all is known. */
static err_t search_back(struct search *search, icount_t low, icount_t *high, bool *broken)
{
    struct timeline *timeline = search->timeline;
    icount_t origin = *high;
    take_grounds(search);
    while (!search->found && !*broken && icount_before(low, *high)) {
        struct known known = history_before(timeline->history, icount_of(high->n - 1));
        struct stretch stretch = {icount_before(known.at, low) ? low : known.at, *high, origin};
        const struct footprint *footprint =
            timeline->tracks && !timeline_diverted(timeline)
                ? tracks_of(timeline->tracks, history_interval(timeline->history, known))
                : NULL;
        if (grounds_spared(&search->grounds, timeline->history, known, footprint))
            timeline->spared++;
        else
            TRY(collect(search, &stretch, broken));
        if (!*broken)
            *high = stretch.low;
    }
    if (*broken)
        search->found = false; /* there may be a later one in what was not looked at */
    return err_ok();
}

static err_t backwards(struct search *search, struct timeline_stop *stop)
{
    struct timeline *timeline = search->timeline;
    const struct timeline_resume *resume = search->resume;
    icount_t high = timeline_now(timeline);
    bool all_the_way = resume->steps > high.n;
    icount_t low = icount_of(all_the_way ? 0 : high.n - resume->steps);
    bool broken = false;
    search->collecting = true;
    if (has_probe(resume))
        TRY(search_back(search, low, &high, &broken));
    TRY(timeline_seek(timeline, broken ? high : search->found ? place_of(search) : low));
    if (broken)
        *stop = (struct timeline_stop){.reason = STOP_INTERRUPTED};
    else if (search->found)
        *stop = search->stop;
    else if (all_the_way)
        *stop = (struct timeline_stop){.reason = STOP_BEGIN};
    else
        *stop = landed(search);
    return err_ok();
}

err_t timeline_search(struct timeline *timeline, const struct timeline_resume *resume, const struct judge *judge,
                      struct timeline_stop *stop)
{
    struct search search = {.timeline = timeline, .resume = resume, .judge = judge};
    search.probe = (struct probe){.context = &search,
                                  .on_break = on_break,
                                  .on_access = on_access,
                                  .breaks = resume->breaks,
                                  .nbreaks = resume->nbreaks,
                                  .watches = resume->watches,
                                  .nwatches = resume->nwatches};
    timeline->executed = timeline->spared = 0;
    timeline->console_on = false;
    return resume->direction == FORWARDS ? forwards(&search, stop) : backwards(&search, stop);
}

err_t timeline_resume(struct timeline *timeline, const struct timeline_resume *resume, struct timeline_stop *stop)
{
    return timeline_search(timeline, resume, NULL, stop);
}

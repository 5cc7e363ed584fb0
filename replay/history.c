#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "pagebook.h"
#include "verdict.h"

enum { CHECKPOINTS_MAX = 256 };

static const size_t BUDGET_BYTES = (size_t)96 << 20;

struct history {
    struct recording *recording;
    struct board *board;
    struct pagebook book;
    const struct snapshot_mark *marks;
    size_t nmarks;

    struct checkpoint *checkpoints[CHECKPOINTS_MAX + 1]; /* ordered by mark */
    size_t ncheckpoints;
    struct pagestore store; /* of their pages */
    size_t used_bytes, budget_bytes;
    uint64_t uses;

    struct known base;     /* H3 */
    struct pageset stray;  /* H3 */
    icount_t cut;          /* H4 */
    struct pageset differ; /* what a restore changes */

    struct source *sources; /* of a restore; kept from one to the next */
    size_t sources_room;
    struct machine_state begin; /* of mark 0: H5 */
};

static struct engine *engine_of(const struct history *history) { return board_engine(history->board); }
static struct ram *ram_of(const struct history *history) { return engine_ram(engine_of(history)); }

/* ---- the list of known states ------------------------------------------------------------------------------------ */

static struct known snapshot_known(const struct history *history, size_t index)
{
    return (struct known){history->marks[index].at, history->marks[index].when, NULL, index};
}

static struct known checkpoint_known(struct checkpoint *checkpoint)
{
    return (struct known){checkpoint->at, checkpoint->when, checkpoint, 0};
}

/* How many of the recorded snapshots are at or before a mark and belong to the run (H4). At least one. */
static size_t snapshots_upto(const struct history *history, icount_t at)
{
    size_t low = 1, high = history->nmarks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        icount_t mark = history->marks[middle].at;
        if (icount_before(at, mark) || !icount_before(mark, history->cut))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many of the checkpoints are at or before a mark. */
static size_t checkpoints_upto(const struct history *history, icount_t at)
{
    size_t count = history->ncheckpoints;
    while (count && icount_before(at, history->checkpoints[count - 1]->at))
        count--;
    return count;
}

struct known history_before(const struct history *history, icount_t at)
{
    struct known known = snapshot_known(history, snapshots_upto(history, at) - 1);
    size_t count = checkpoints_upto(history, at);
    if (count && icount_before(known.at, history->checkpoints[count - 1]->at))
        known = checkpoint_known(history->checkpoints[count - 1]);
    return known;
}

struct known history_before_time(const struct history *history, vtime_t when)
{
    struct known known = snapshot_known(history, 0);
    for (size_t i = 1; i < snapshots_upto(history, ICOUNT_MAX) && !vtime_before(when, history->marks[i].when); i++)
        known = snapshot_known(history, i);
    for (size_t i = 0; i < history->ncheckpoints; i++) {
        struct checkpoint *checkpoint = history->checkpoints[i];
        if (icount_before(known.at, checkpoint->at) && !vtime_before(when, checkpoint->when))
            known = checkpoint_known(checkpoint);
    }
    return known;
}

icount_t history_next_snapshot(const struct history *history, icount_t at)
{
    size_t next = snapshots_upto(history, at);
    return next < snapshots_upto(history, ICOUNT_MAX) ? history->marks[next].at : ICOUNT_MAX;
}

/* The pages that a known state lists. */
static const uint32_t *listed(const struct history *history, struct known known, size_t *count)
{
    if (!known.checkpoint)
        return recording_pages(history->recording, known.index, count);
    *count = known.checkpoint->npages;
    return known.checkpoint->pages;
}

static void add_listed(const struct history *history, struct known known, struct pageset *set)
{
    size_t count;
    const uint32_t *pages = listed(history, known, &count);
    for (size_t i = 0; i < count; i++)
        pageset_add(set, pages[i]);
}

bool history_spared(const struct history *history, struct known known, const uint32_t *pages, size_t npages)
{
    size_t checkpoint = checkpoints_upto(history, known.at), snapshot = snapshots_upto(history, known.at), count;
    bool recorded = snapshot < snapshots_upto(history, ICOUNT_MAX);
    struct known next = recorded ? snapshot_known(history, snapshot) : known;
    if (checkpoint < history->ncheckpoints &&
        (!recorded || icount_before(history->checkpoints[checkpoint]->at, next.at)))
        next = checkpoint_known(history->checkpoints[checkpoint]);
    if (next.at.n == known.at.n)
        return false;
    const uint32_t *stored = listed(history, next, &count); /* ascending */
    for (size_t i = 0; i < npages; i++)
        if (page_list_find(stored, count, pages[i]) < count)
            return false;
    return true;
}

bool history_visited(const struct history *history, struct known known, struct visited *visited)
{
    size_t snapshot = snapshots_upto(history, known.at); /* what a checkpoint begins is part of that interval too */
    return snapshot < snapshots_upto(history, ICOUNT_MAX) && recording_visited(history->recording, snapshot, visited);
}

size_t history_interval(const struct history *history, struct known known)
{
    return snapshots_upto(history, known.at) - 1;
}

/* ---- base and strays ----------------------------------------------------------------------------------------------- */

static void set_base(struct history *history, struct known known)
{
    history->base = known;
    pageset_clear(&history->stray);
    engine_clean(engine_of(history));
}

static struct known previous(const struct history *history, struct known known)
{
    check(known.at.n > 0);
    return history_before(history, icount_of(known.at.n - 1));
}

/* The base goes one state back: what it lists strays (H2, H3). */
static void retreat_base(struct history *history)
{
    add_listed(history, history->base, &history->stray);
    history->base = previous(history, history->base);
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------- */

static void touch(struct history *history, struct known known)
{
    if (known.checkpoint)
        known.checkpoint->used = ++history->uses;
}

static void take_out(struct history *history, size_t index)
{
    struct checkpoint *checkpoint = history->checkpoints[index];
    if (history->base.checkpoint == checkpoint)
        retreat_base(history);
    history->used_bytes -= checkpoint_bytes(checkpoint);
    memmove(&history->checkpoints[index], &history->checkpoints[index + 1],
            (history->ncheckpoints - index - 1) * sizeof history->checkpoints[0]);
    history->ncheckpoints--;
    checkpoint_free(checkpoint, &history->store);
}

/* Removes one from the middle of the list. The next state must list what it listed: a recorded snapshot does. */
static bool evict(struct history *history, size_t index)
{
    struct checkpoint *checkpoint = history->checkpoints[index];
    if (index + 1 < history->ncheckpoints) {
        struct checkpoint *next = history->checkpoints[index + 1];
        icount_t snapshot = history_next_snapshot(history, checkpoint->at);
        size_t before = checkpoint_bytes(next);
        if (icount_before(next->at, snapshot) && !checkpoint_inherit(next, checkpoint))
            return false;
        history->used_bytes += checkpoint_bytes(next) - before;
    }
    take_out(history, index);
    return true;
}

static size_t least_used(const struct history *history)
{
    size_t least = 0;
    for (size_t i = 1; i < history->ncheckpoints; i++)
        if (history->checkpoints[i]->used < history->checkpoints[least]->used)
            least = i;
    return least;
}

static void fit_budget(struct history *history)
{
    while (history->ncheckpoints > CHECKPOINTS_MAX ||
           (history->ncheckpoints > 1 && history->used_bytes > history->budget_bytes))
        if (!evict(history, least_used(history))) {
            history_drop(history, icount_of(0)); /* no memory even for that: start over */
            return;
        }
}

static void insert(struct history *history, struct checkpoint *checkpoint)
{
    size_t index = checkpoints_upto(history, checkpoint->at);
    memmove(&history->checkpoints[index + 1], &history->checkpoints[index],
            (history->ncheckpoints - index) * sizeof history->checkpoints[0]);
    history->checkpoints[index] = checkpoint;
    history->ncheckpoints++;
    history->used_bytes += checkpoint_bytes(checkpoint);
    touch(history, checkpoint_known(checkpoint));
}

static void add_dirty(const struct history *history, struct pageset *set)
{
    const struct ram *ram = ram_of(history);
    for (size_t page = machine_next_dirty(ram, 0); page < machine_npages(ram); page = machine_next_dirty(ram, page + 1))
        pageset_add(set, (uint32_t)page);
}

void history_keep(struct history *history)
{
    icount_t now = board_now(history->board);
    struct known known = history_before(history, now);
    if (known.at.n == now.n) { /* H1 */
        touch(history, known);
        return;
    }
    if (icount_before(now, history->base.at)) /* cannot be: memory is ahead of its base */
        return;
    /* All that changed since the base, which is the state before this one or earlier (H2). */
    add_dirty(history, &history->stray);
    struct checkpoint *checkpoint = checkpoint_make(history->board, &history->stray, &history->store);
    if (!checkpoint)
        return;
    insert(history, checkpoint);
    set_base(history, checkpoint_known(checkpoint));
    fit_budget(history);
}

void history_drop(struct history *history, icount_t at)
{
    while (history->ncheckpoints && !icount_before(history->checkpoints[history->ncheckpoints - 1]->at, at))
        take_out(history, history->ncheckpoints - 1);
}

void history_cut(struct history *history, icount_t at)
{
    icount_t from = icount_min(history->cut, at);
    if (at.n == ICOUNT_MAX.n) {
        history_drop(history, from);
        history->cut = at;
        return;
    }
    while (!icount_before(history->base.at, from) && history->base.at.n > 0)
        retreat_base(history);
    history_drop(history, at);
    history->cut = from;
}

/* ---- restore --------------------------------------------------------------------------------------------------------- */

/* Gathers in `differ` the pages in which memory may differ from `target`. */
static void gather(struct history *history, struct known target)
{
    struct pageset *differ = &history->differ;
    bool back = icount_before(target.at, history->base.at);
    icount_t low = back ? target.at : history->base.at;
    struct known known = back ? history->base : target;
    pageset_clear(differ);
    add_dirty(history, differ);
    for (size_t i = 0; i < history->stray.count; i++)
        pageset_add(differ, history->stray.pages[i]);
    for (; icount_before(low, known.at); known = previous(history, known))
        add_listed(history, known, differ);
    pageset_sort(differ);
}

const uint32_t *history_touched(struct history *history, size_t *count)
{
    gather(history, snapshot_known(history, 0));
    *count = history->differ.count;
    return history->differ.pages;
}

/* The content of a page at a known state when that is in memory already: NULL, then `place` says where it is. */
static const uint8_t *page_at(const struct history *history, struct known known, uint32_t page,
                              struct page_place *place)
{
    for (; known.checkpoint; known = previous(history, known)) {
        const uint8_t *bytes = checkpoint_page(known.checkpoint, page);
        if (bytes)
            return bytes;
    }
    *place = pagebook_find(&history->book, page, known.index);
    return place->snapshot ? NULL : pagebook_image(&history->book, page);
}

/* A page to be put into memory. */
struct source {
    uint32_t page;
    uint32_t version;        /* when bytes is NULL */
    struct page_place place; /* the same */
    const uint8_t *bytes;
};

static int by_version(const void *a, const void *b)
{
    const struct source *x = a, *y = b;
    return (x->version > y->version) - (x->version < y->version);
}

/* Where each page in `differ` comes from; first those that are in memory, then those in the file, in its order: they
 * share blocks. */
static err_t list_sources(struct history *history, struct known target)
{
    const struct pageset *differ = &history->differ;
    if (differ->count == 0) /* nor is there an array to sort */
        return err_ok();
    if (differ->count > history->sources_room) {
        free(history->sources);
        history->sources = malloc(differ->count * sizeof *history->sources);
        history->sources_room = history->sources ? differ->count : 0;
        if (!history->sources)
            return err_make(ERR_NO_MEMORY, "%zu pages", differ->count);
    }
    for (size_t i = 0; i < differ->count; i++) {
        struct source *source = &history->sources[i];
        *source = (struct source){.page = differ->pages[i]};
        source->bytes = page_at(history, target, source->page, &source->place);
        if (!source->bytes)
            source->version = recording_version(history->recording, source->place.snapshot, source->place.nth);
    }
    qsort(history->sources, differ->count, sizeof *history->sources, by_version);
    return err_ok();
}

/* What is as it should be is left alone, and with it what the engine has made of it. */
static err_t put_page(struct history *history, const struct source *source)
{
    const struct ram *ram = ram_of(history);
    uint64_t offset = (uint64_t)source->page << PAGE_SHIFT;
    const uint8_t *bytes = source->bytes;
    uint8_t read[PAGE_BYTES];
    if (!bytes) {
        TRY(recording_page(history->recording, source->place.snapshot, source->place.nth, read));
        bytes = read;
    }
    if (memcmp(ram->bytes + offset, bytes, PAGE_BYTES) != 0)
        engine_ram_store(engine_of(history), ram->base + offset, bytes, PAGE_BYTES);
    return err_ok();
}

static err_t decode(struct history *history, const uint8_t *bytes, size_t size_bytes)
{
    struct state_part parts[BOARD_PARTS_MAX];
    TRY(state_decode(parts, board_parts(history->board, parts), bytes, size_bytes));
    board_moved(history->board);
    return err_ok();
}

/* Decodes the target's state. One that says it belongs elsewhere is damaged: back to where we were. */
static err_t decode_at(struct history *history, struct known target, const struct machine_state *state)
{
    struct board *board = history->board;
    struct machine_state here;
    TRY(machine_encode(board, &here));
    err_t error = decode(history, state->bytes, state->size_bytes);
    bool misplaced = board_now(board).n != target.at.n || board_vtime(board).ns != target.when.ns;
    if (!err_is(error) && misplaced) {
        check(!err_is(decode(history, here.bytes, here.size_bytes)));
        error = err_make(ERR_DAMAGED, "%s: snapshot at %llu", recording_name(history->recording),
                         (unsigned long long)target.at.n);
    }
    free(here.bytes);
    return error;
}

static err_t put(struct history *history, struct known target, const struct machine_state *state)
{
    gather(history, target);
    TRY(list_sources(history, target));
    for (size_t i = 0; i < history->differ.count; i++)
        TRY(put_page(history, &history->sources[i]));
    return decode_at(history, target, state);
}

/* H5: pages are put where they belong as they are read, and are dirty until all of it is done (H3). */
err_t history_restore(struct history *history, struct known target)
{
    struct machine_state read = {0}, *state = &read;
    if (target.checkpoint)
        state = &target.checkpoint->state;
    else if (target.at.n == 0)
        state = &history->begin;
    else
        TRY(recording_state(history->recording, target.index, &read.bytes, &read.size_bytes));
    err_t error = put(history, target, state);
    if (!err_is(error)) {
        set_base(history, target);
        touch(history, target);
    }
    free(read.bytes);
    return error;
}

err_t history_arrive(struct history *history)
{
    icount_t now = board_now(history->board);
    size_t index = snapshots_upto(history, now) - 1;
    bool there = index > 0 && history->marks[index].at.n == now.n;
    if (!there || history->base.at.n == now.n)
        return err_ok();
    TRY(verdict_snapshot(history->recording, index, history->board, NULL));
    set_base(history, snapshot_known(history, index));
    return err_ok();
}

/* ---- open, close ------------------------------------------------------------------------------------------------------- */

static err_t start(struct history *history)
{
    const struct ram *ram = ram_of(history);
    history->marks = recording_snapshots(history->recording, &history->nmarks);
    if (!history->nmarks || history->marks[0].at.n != 0)
        return err_make(ERR_DAMAGED, "%s: its first snapshot", recording_name(history->recording));
    if (!pageset_init(&history->stray, machine_npages(ram)) || !pageset_init(&history->differ, machine_npages(ram)))
        return err_make(ERR_NO_MEMORY, "sets of %zu pages", machine_npages(ram));
    TRY(pagebook_open(&history->book, history->recording, ram));
    TRY(verdict_snapshot(history->recording, 0, history->board, NULL));
    set_base(history, snapshot_known(history, 0));
    return machine_encode(history->board, &history->begin);
}

err_t history_open(struct recording *recording, struct board *board, struct history **history)
{
    struct history *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "the recording's history");
    made->recording = recording;
    made->board = board;
    made->cut = ICOUNT_MAX;
    made->budget_bytes = BUDGET_BYTES;
    err_t error = start(made);
    if (err_is(error))
        history_close(made);
    else
        *history = made;
    return error;
}

void history_close(struct history *history)
{
    if (!history)
        return;
    while (history->ncheckpoints)
        checkpoint_free(history->checkpoints[--history->ncheckpoints], &history->store);
    pagestore_free(&history->store);
    pagebook_close(&history->book);
    pageset_free(&history->stray);
    pageset_free(&history->differ);
    free(history->sources);
    free(history->begin.bytes);
    free(history);
}

void history_set_budget(struct history *history, size_t budget_bytes)
{
    history->budget_bytes = budget_bytes;
    fit_budget(history);
}

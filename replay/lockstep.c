#include "lockstep.h"

#include <stdlib.h>
#include <string.h>

#include "verdict.h"

static struct ram *ram_of(const struct lockstep_side *side) { return engine_ram(board_engine(side->session.board)); }

/* ---- making ------------------------------------------------------------------------------------------------------- */

static void output(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct lockstep_side *side = owner;
    uint64_t mixed[] = {side->said, now.n, port, bytes_hash(bytes, size_bytes)};
    side->said = bytes_hash(mixed, sizeof mixed);
    side->said_bytes += size_bytes;
}

static bool on_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    const struct lockstep_side *side = context;
    (void)hart, (void)pc;
    return now.n == side->break_at.n;
}

static err_t make_board(struct lockstep_side *side)
{
    struct board_world world = {.owner = side, .output = output};
    board_destroy(side->session.board);
    side->said = side->said_bytes = 0;
    TRY(board_create(&side->config, world, &side->session.board));
    engine_set_probe(board_engine(side->session.board), side->usual);
    return err_ok();
}

static err_t open_side(struct lockstep_side *side, const struct recording *recording)
{
    side->config = *recording_config(recording);
    side->probe = (struct probe){.context = side, .on_break = on_break, .breaks = &side->break_pc, .nbreaks = 1};
    return door_open_recording(recording, &side->session.door);
}

static void encode(struct lockstep *lockstep, struct lockstep_side *side)
{
    struct state_part parts[BOARD_PARTS_MAX];
    size_t nparts = board_parts(side->session.board, parts);
    check(state_size(parts, nparts) == lockstep->state_bytes);
    state_encode(parts, nparts, side->state);
}

static err_t make_room(struct lockstep *lockstep)
{
    struct lockstep_side *sides = lockstep->sides;
    struct state_part parts[BOARD_PARTS_MAX];
    lockstep->state_bytes = state_size(parts, board_parts(sides[0].session.board, parts));
    lockstep->good.state = malloc(lockstep->state_bytes);
    lockstep->good.ram = calloc(ram_of(&sides[0])->size_bytes, 1);
    bool all = lockstep->good.state && lockstep->good.ram;
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++) {
        sides[n].state = malloc(lockstep->state_bytes);
        all &= sides[n].state != NULL;
    }
    return all ? err_ok() : err_make(ERR_NO_MEMORY, "two machines and a copy");
}

/* Takes the next page after `page` that either side has marked dirty. */
static size_t next_dirty(const struct lockstep *lockstep, size_t page)
{
    size_t a = machine_next_dirty(ram_of(&lockstep->sides[0]), page);
    size_t b = machine_next_dirty(ram_of(&lockstep->sides[1]), page);
    return a < b ? a : b;
}

static size_t npages(const struct lockstep *lockstep) { return machine_npages(ram_of(&lockstep->sides[0])); }

/* Both are equal here: L1. */
static void keep_good(struct lockstep *lockstep)
{
    const struct lockstep_side *side = &lockstep->sides[0];
    const struct ram *ram = ram_of(side);
    for (size_t page = next_dirty(lockstep, 0); page < npages(lockstep); page = next_dirty(lockstep, page + 1))
        memcpy(lockstep->good.ram + (page << PAGE_SHIFT), ram->bytes + (page << PAGE_SHIFT), PAGE_BYTES);
    memcpy(lockstep->good.state, side->state, lockstep->state_bytes);
    lockstep->good.at = board_now(side->session.board);
    lockstep->good.said = side->said;
    lockstep->good.said_bytes = side->said_bytes;
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        engine_clean(board_engine(lockstep->sides[n].session.board));
}

err_t lockstep_open(struct lockstep *lockstep, struct recording *recording, const struct lockstep_options *options)
{
    struct lockstep_side *sides = lockstep->sides;
    *lockstep = (struct lockstep){.recording = recording, .options = options};
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        TRY(open_side(&sides[n], recording));
    sides[0].name = "interpreted";
    sides[1].name = "translated";
    sides[0].config.tuning = (struct engine_tuning){.interpreter_only = true};
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        TRY(make_board(&sides[n]));
    TRY(make_room(lockstep));
    encode(lockstep, &sides[0]);
    TRY(ram_hash_begin(&lockstep->ram_hash, ram_of(&sides[0])));
    keep_good(lockstep);
    return err_ok();
}

void lockstep_close(struct lockstep *lockstep)
{
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++) {
        door_free(lockstep->sides[n].session.door);
        board_destroy(lockstep->sides[n].session.board);
        free(lockstep->sides[n].state);
    }
    ram_hash_end(&lockstep->ram_hash);
    free(lockstep->good.state);
    free(lockstep->good.ram);
}

/* ---- comparing ---------------------------------------------------------------------------------------------------- */

/* L2: a page that one side has marked dirty. */
static bool same_page(const struct lockstep *lockstep, size_t page)
{
    const struct ram *a = ram_of(&lockstep->sides[0]), *b = ram_of(&lockstep->sides[1]);
    const uint8_t *bytes = a->bytes + (page << PAGE_SHIFT);
    if (memcmp(bytes, b->bytes + (page << PAGE_SHIFT), PAGE_BYTES) != 0)
        return false;
    return (a->page_flags[page] & b->page_flags[page] & PAGE_DIRTY) ||
           memcmp(bytes, lockstep->good.ram + (page << PAGE_SHIFT), PAGE_BYTES) == 0;
}

bool lockstep_equal(struct lockstep *lockstep)
{
    struct lockstep_side *a = &lockstep->sides[0], *b = &lockstep->sides[1];
    encode(lockstep, a);
    encode(lockstep, b);
    if (a->stop != b->stop || a->said != b->said || a->error.code != b->error.code ||
        memcmp(a->state, b->state, lockstep->state_bytes) != 0)
        return false;
    for (size_t page = next_dirty(lockstep, 0); page < npages(lockstep); page = next_dirty(lockstep, page + 1))
        if (!same_page(lockstep, page))
            return false;
    return true;
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

err_t lockstep_side_run(struct lockstep_side *side, icount_t until)
{
    err_t error = session_run(&side->session, session_mark(until), &side->stop);
    side->error = error;
    if (error.code != ERR_DIVERGED)
        return error;
    side->stop = SESSION_OVER;
    return err_ok();
}

static err_t run_both(struct lockstep *lockstep, icount_t until)
{
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        TRY(lockstep_side_run(&lockstep->sides[n], until));
    return err_ok();
}

/* The stop after `now`: a multiple of the stride, or a recorded snapshot before it. */
static icount_t next_stop(const struct lockstep *lockstep, icount_t now)
{
    uint64_t stride = lockstep->options->stride, left = stride - now.n % stride;
    icount_t stop = icount_of(now.n > UINT64_MAX - left ? UINT64_MAX : now.n + left);
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(lockstep->recording, &count);
    for (size_t n = lockstep->next_snapshot; n < count; n++)
        if (icount_before(now, marks[n].at))
            return icount_min(stop, marks[n].at);
    return stop;
}

/* The recording's own word on the state here, if it has one. */
static err_t meet_snapshot(struct lockstep *lockstep, struct run_report *report)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(lockstep->recording, &count);
    struct board *board = lockstep->sides[0].session.board;
    ram_hash_update(&lockstep->ram_hash, ram_of(&lockstep->sides[0]));
    if (lockstep->next_snapshot == count || marks[lockstep->next_snapshot].at.n != board_now(board).n)
        return err_ok();
    TRY(verdict_snapshot(lockstep->recording, lockstep->next_snapshot++, board, &lockstep->ram_hash));
    report->snapshots++;
    return err_ok();
}

/* The end of both, once they are equal: all of memory, and what is said of the end. */
static err_t end(struct lockstep *lockstep, struct run_report *report)
{
    const struct lockstep_side *a = &lockstep->sides[0], *b = &lockstep->sides[1];
    if (memcmp(ram_of(a)->bytes, ram_of(b)->bytes, ram_of(a)->size_bytes) != 0)
        return err_detail(err_make(ERR_DIVERGED, "%s", recording_name(lockstep->recording)),
                          "the engines differ in memory that neither has marked as stored to; please report it");
    report->end = a->stop == SESSION_HALTED ? RUN_HALTED : RUN_RECORDING_ENDS;
    report->halt = board_halt(a->session.board);
    TRY(a->error);
    return verdict_end(lockstep->recording, a->session.board, a->said_bytes);
}

err_t lockstep_go(struct lockstep *lockstep, struct run_report *report, icount_t *differ_at)
{
    const struct progress *progress = lockstep->options->progress;
    struct board *board = lockstep->sides[0].session.board;
    *differ_at = ICOUNT_MAX;
    TRY(meet_snapshot(lockstep, report));
    for (;;) {
        icount_t until = next_stop(lockstep, board_now(board));
        TRY(run_both(lockstep, until));
        report->icount = board_now(board);
        report->vtime = board_vtime(board);
        if (!lockstep_equal(lockstep)) {
            *differ_at = until;
            return err_ok();
        }
        report->compared++;
        TRY(meet_snapshot(lockstep, report));
        keep_good(lockstep);
        if (lockstep->sides[0].stop != SESSION_TARGET)
            return end(lockstep, report);
        report->end = RUN_QUIT;
        if (progress && !progress->tick(progress->context, "lockstep", report->icount,
                                        recording_end(lockstep->recording), report->icount.n))
            return err_ok();
    }
}

/* ---- going back ----------------------------------------------------------------------------------------------------- */

static err_t restore_side(struct lockstep *lockstep, struct lockstep_side *side)
{
    struct state_part parts[BOARD_PARTS_MAX];
    struct board *board = side->session.board;
    for (size_t page = next_dirty(lockstep, 0); page < npages(lockstep); page = next_dirty(lockstep, page + 1))
        memcpy(ram_of(side)->bytes + (page << PAGE_SHIFT), lockstep->good.ram + (page << PAGE_SHIFT), PAGE_BYTES);
    TRY(state_decode(parts, board_parts(board, parts), lockstep->good.state, lockstep->state_bytes));
    board_restored(board);
    door_rewind(side->session.door, lockstep->good.at, true);
    side->said = lockstep->good.said;
    side->said_bytes = lockstep->good.said_bytes;
    return err_ok();
}

static err_t restore(struct lockstep *lockstep)
{
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        TRY(restore_side(lockstep, &lockstep->sides[n]));
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        engine_clean(board_engine(lockstep->sides[n].session.board));
    return err_ok();
}

/* The same stops again as before, so that what is decoded and translated is the same. */
static err_t run_again(struct lockstep *lockstep, struct lockstep_side *side)
{
    TRY(make_board(side));
    door_rewind(side->session.door, icount_of(0), false);
    engine_clean(board_engine(side->session.board));
    while (icount_before(board_now(side->session.board), lockstep->good.at)) {
        icount_t stop = next_stop(lockstep, board_now(side->session.board));
        TRY(lockstep_side_run(side, icount_min(stop, lockstep->good.at)));
        engine_clean(board_engine(side->session.board));
    }
    return err_ok();
}

err_t lockstep_rewind(struct lockstep *lockstep)
{
    if (!lockstep->from_start)
        return restore(lockstep);
    lockstep->next_snapshot = 1; /* as it was: the one at mark 0 had been met */
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        TRY(run_again(lockstep, &lockstep->sides[n]));
    return err_ok();
}

/* ---- the whole of it ------------------------------------------------------------------------------------------------ */

static err_t run(struct lockstep *lockstep, struct run_report *report)
{
    icount_t differ_at;
    TRY(lockstep_go(lockstep, report, &differ_at));
    return differ_at.n == ICOUNT_MAX.n ? err_ok() : lockstep_find(lockstep, differ_at);
}

err_t lockstep_run(struct recording *recording, const struct lockstep_options *options, struct run_report *report)
{
    struct lockstep lockstep;
    *report = (struct run_report){0};
    check(options->stride > 0);
    err_t error = lockstep_open(&lockstep, recording, options);
    if (!err_is(error))
        error = run(&lockstep, report);
    lockstep_close(&lockstep);
    return error;
}

/* lockstep_find: the first instruction that two engines do not agree about, and the report. */
#include <inttypes.h>
#include <stdio.h>

#include "lockstep.h"

/* Translated code is entered only this far before a limit, and a bit more. */
enum { BEYOND = 4096, WINDOW = 64, BEFORE = 7 };

static struct board *interpreted(const struct lockstep *lockstep) { return lockstep->sides[0].session.board; }

static uint64_t pc_of(struct board *board) { return engine_hart(board_engine(board), 0)->pc; }

/* ---- bisecting ---------------------------------------------------------------------------------------------------- */

/* Runs the second side to where the first one stands. A limit there would have the last instructions before it
 * interpreted; a breakpoint lets translated code run up to it, and divides it there. */
static err_t follow(struct lockstep *lockstep, icount_t mark, bool by_break)
{
    struct lockstep_side *first = &lockstep->sides[0], *second = &lockstep->sides[1];
    if (!by_break || first->stop != SESSION_TARGET)
        return lockstep_side_run(second, mark);
    struct engine *engine = board_engine(second->session.board);
    second->break_pc = pc_of(first->session.board);
    second->break_at = mark;
    engine_set_probe(engine, &second->probe);
    err_t error = lockstep_side_run(second, icount_of(mark.n + BEYOND));
    engine_set_probe(engine, second->usual);
    if (second->stop == SESSION_PROBE)
        second->stop = SESSION_TARGET;
    return error;
}

static err_t differs(struct lockstep *lockstep, icount_t mark, bool by_break, bool *differ)
{
    TRY(lockstep_rewind(lockstep));
    TRY(lockstep_side_run(&lockstep->sides[0], mark));
    TRY(follow(lockstep, mark, by_break));
    *differ = !lockstep_equal(lockstep);
    return err_ok();
}

/* Halves the stretch until one instruction is left. *exact: it was a breakpoint that showed the difference behind it.
 */
static err_t narrow(struct lockstep *lockstep, struct lockstep_place *place, bool by_break)
{
    while (place->bad.n - place->good.n > 1) {
        icount_t middle = icount_of(place->good.n + (place->bad.n - place->good.n) / 2);
        bool differ;
        TRY(differs(lockstep, middle, by_break, &differ));
        if (differ)
            place->exact = by_break && lockstep->sides[0].stop == SESSION_TARGET;
        *(differ ? &place->bad : &place->good) = middle;
    }
    return err_ok();
}

static err_t narrow_by_breaks(struct lockstep *lockstep, struct lockstep_place *place)
{
    icount_t bad = place->bad;
    bool differ;
    TRY(narrow(lockstep, place, true));
    if (place->bad.n != bad.n)
        return err_ok();
    TRY(differs(lockstep, bad, true, &differ));
    place->exact = differ && lockstep->sides[0].stop == SESSION_TARGET;
    return err_ok();
}

/* A limit keeps what lies a little before it from being translated: the superblock began within the window. */
static err_t narrow_by_limits(struct lockstep *lockstep, struct lockstep_place *place)
{
    uint64_t good = place->good.n;
    TRY(narrow(lockstep, place, false));
    place->good = icount_of(place->bad.n - good > WINDOW ? place->bad.n - WINDOW : good);
    return err_ok();
}

/* Where the sides have got to, when that is before the stop. */
static icount_t reached(const struct lockstep *lockstep, icount_t stop)
{
    icount_t a = board_now(lockstep->sides[0].session.board), b = board_now(lockstep->sides[1].session.board);
    return icount_min(stop, icount_before(a, b) ? b : a);
}

/* Breakpoints tell the instruction. When the difference hides from them, limits tell about where it is. */
static err_t bisect(struct lockstep *lockstep, struct lockstep_place *place)
{
    TRY(differs(lockstep, place->bad, false, &place->reproduced));
    if (!place->reproduced)
        return err_ok();
    place->bad = reached(lockstep, place->bad);
    struct lockstep_place stretch = *place;
    TRY(narrow_by_breaks(lockstep, place));
    if (place->exact)
        return err_ok();
    *place = stretch;
    return narrow_by_limits(lockstep, place);
}

err_t lockstep_bisect(struct lockstep *lockstep, icount_t bad, struct lockstep_place *place)
{
    for (unsigned n = 0; n < 2; n++) {
        lockstep->from_start = n == 1;
        *place = (struct lockstep_place){.good = lockstep->good.at, .bad = bad};
        TRY(bisect(lockstep, place));
        if (place->reproduced)
            break;
    }
    return err_ok();
}

/* ---- telling ------------------------------------------------------------------------------------------------------ */

static const char *priv_name(unsigned priv)
{
    static const char *const names[] = {[PRIV_U] = "U", [PRIV_S] = "S", [2] = "?", [PRIV_M] = "M"};
    return names[priv & 3];
}

/* What the interpreter executed up to the place, and in it. The first side is left at place->good. */
static err_t tell_instructions(struct lockstep *lockstep, const struct lockstep_place *place, const struct pen *pen)
{
    uint64_t from = lockstep->good.at.n, first = place->good.n > from + BEFORE ? place->good.n - BEFORE : from;
    char text[DIFFER_LINE_BYTES], mark[GROUPED_BYTES];
    TRY(lockstep_rewind(lockstep));
    for (uint64_t n = first; n < place->bad.n; n++) {
        struct lockstep_side *side = &lockstep->sides[0];
        TRY(lockstep_side_run(side, icount_of(n)));
        if (side->stop != SESSION_TARGET)
            break;
        differ_insn(board_engine(interpreted(lockstep)), 0, pc_of(interpreted(lockstep)), text);
        pen_line(pen, "  %s %15s  %s", n >= place->good.n ? "->" : "  ", format_grouped(n, mark), text);
    }
    return err_ok();
}

static void tell_where(struct lockstep *lockstep, const struct lockstep_place *place, const struct pen *pen)
{
    struct board *board = interpreted(lockstep);
    const struct hart_state *state = engine_hart(board_engine(board), 0);
    char good[GROUPED_BYTES], bad[GROUPED_BYTES], end[GROUPED_BYTES];
    format_grouped(place->good.n, good);
    format_grouped(place->bad.n, bad);
    if (place->exact)
        pen_line(pen, "the engines are equal at mark %s and differ after the next instruction", good);
    else
        pen_line(pen, "the engines differ at mark %s, by translated code that began at %s or later", bad, good);
    pen_line(pen, "  of %s instructions; %.6f s guest; hart 0 in %s-mode, satp 0x%" PRIx64,
             format_grouped(recording_end(lockstep->recording).n, end), (double)board_vtime(board).ns / 1e9,
             priv_name(state->priv), state->satp);
    if (lockstep->from_start)
        pen_line(pen, "  it takes the whole run: from a restored state they stay equal");
}

static void tell_outside(const struct lockstep *lockstep, const struct pen *pen)
{
    const struct lockstep_side *a = &lockstep->sides[0], *b = &lockstep->sides[1];
    static const char *const stops[] = {"runs on", "ended by the guest", "at the end of the recording", "idle for ever",
                                        "stopped"};
    if (a->stop != b->stop)
        pen_line(pen, "  %-28s  %-20s  %s", "the run", stops[a->stop], stops[b->stop]);
    if (a->said != b->said)
        pen_line(pen, "  %-28s  %-20" PRIu64 "  %" PRIu64, "bytes to the console", a->said_bytes, b->said_bytes);
    const struct lockstep_side *sides[] = {a, b};
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        if (err_is(sides[n]->error))
            pen_line(pen, "  %s: %s", sides[n]->name, sides[n]->error.detail);
}

/* L2: pages that would be missing in a recording. */
static void tell_unmarked(const struct lockstep *lockstep, const struct pen *pen)
{
    const struct ram *rams[LOCKSTEP_SIDES];
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
        rams[n] = engine_ram(board_engine(lockstep->sides[n].session.board));
    for (size_t page = 0; page < machine_npages(rams[0]); page++)
        for (unsigned n = 0; n < LOCKSTEP_SIDES; n++)
            if ((rams[!n]->page_flags[page] & PAGE_DIRTY) && !(rams[n]->page_flags[page] & PAGE_DIRTY))
                pen_line(pen, "  page 0x%" PRIx64 " is marked as stored to by the other side, and not %s",
                         rams[0]->base + ((uint64_t)page << PAGE_SHIFT), lockstep->sides[n].name);
}

static err_t tell_difference(struct lockstep *lockstep, const struct lockstep_place *place, const struct pen *pen)
{
    struct state_part parts[LOCKSTEP_SIDES][BOARD_PARTS_MAX];
    struct differ_side sides[LOCKSTEP_SIDES];
    bool differ;
    TRY(differs(lockstep, place->bad, place->exact, &differ));
    for (unsigned n = 0; n < LOCKSTEP_SIDES; n++) {
        struct board *board = lockstep->sides[n].session.board;
        sides[n] = (struct differ_side){lockstep->sides[n].name, parts[n], board_parts(board, parts[n]),
                                        engine_ram(board_engine(board))};
    }
    TRY(differ_tell(&sides[0], &sides[1], pen));
    tell_outside(lockstep, pen);
    tell_unmarked(lockstep, pen);
    return err_ok();
}

static err_t tell(struct lockstep *lockstep, const struct lockstep_place *place, const struct pen *pen)
{
    bool differ;
    TRY(differs(lockstep, place->good, place->exact, &differ)); /* to stand there */
    tell_where(lockstep, place, pen);
    TRY(tell_instructions(lockstep, place, pen));
    return tell_difference(lockstep, place, pen);
}

err_t lockstep_find(struct lockstep *lockstep, icount_t bad)
{
    struct pen pen = {lockstep->options->context, lockstep->options->line};
    struct lockstep_place place;
    char text[GROUPED_BYTES];
    err_t error = err_make(ERR_DIVERGED, "%s", recording_name(lockstep->recording));
    TRY(lockstep_bisect(lockstep, bad, &place));
    if (!place.reproduced)
        return err_detail(error, "the engines differed at mark %s, and do not when run again; please report it",
                          format_grouped(bad.n, text));
    TRY(tell(lockstep, &place, &pen));
    return err_detail(error, "the engines differ from mark %s on; please report it with this file and the lines above",
                      format_grouped(place.bad.n, text));
}

#include "session.h"

static bool reached(const struct board *board, struct session_target target)
{
    return !icount_before(board_now(board), target.at) || !vtime_before(board_vtime(board), target.when);
}

/* Where the harts stop next: the target, or what the door wants before it. */
static icount_t horizon(const struct session *session, struct session_target target)
{
    icount_t until = icount_min(target.at, door_next(session->door, board_now(session->board)));
    if (target.when.ns != VTIME_NEVER.ns)
        until = icount_min(until, clock_icount(board_clock(session->board), target.when));
    return until;
}

/* Lets idle time pass as far as the door allows; false when that is for ever. */
static bool idle(const struct session *session)
{
    struct board *board = session->board;
    vtime_t until = door_wait(session->door, board_now(board), board_vtime(board), board_next_event(board));
    if (until.ns == VTIME_NEVER.ns)
        return false;
    board_idle_until(board, until);
    return true;
}

static bool halted(const struct board *board) { return board_halt(board).reason != HALT_NONE; }

/* Into a machine that has ended the run nothing enters but what a debugger has poked there. */
static bool admits(const struct session *session)
{
    icount_t now = board_now(session->board);
    return !halted(session->board) || door_next(session->door, now).n == now.n;
}

err_t session_run(const struct session *session, struct session_target target, enum session_stop *stop)
{
    struct board *board = session->board;
    for (;;) {
        bool over = false;
        if (admits(session))
            TRY(door_admit(session->door, board, &over));
        *stop = halted(board) ? SESSION_HALTED : SESSION_OVER;
        if (halted(board) || over)
            return err_ok();
        if (board_idle(board)) {
            *stop = SESSION_IDLE;
            if (!idle(session))
                return err_ok();
            continue;
        }
        *stop = SESSION_TARGET;
        if (reached(board, target))
            return err_ok();
        if (board_run(board, horizon(session, target)) == BOARD_PROBE) {
            *stop = SESSION_PROBE;
            return err_ok();
        }
    }
}

/* session: the one loop that runs a machine, live or recorded. Inner header of replay/. */
#ifndef DEJA_SESSION_H
#define DEJA_SESSION_H

#include "door.h"
#include "replay.h"

struct session {
    struct board *board;
    struct door *door;
};

enum session_stop {
    SESSION_TARGET, /* settled at the target: inputs in, idling over */
    SESSION_HALTED, /* the guest has ended the run */
    SESSION_OVER,   /* the door says so: end of history, or the host wants no more */
    SESSION_IDLE,   /* every hart waits for what will never come */
    SESSION_PROBE,  /* a probe stopped it, settled, before the instruction */
};

struct session_target {
    icount_t at;
    vtime_t when; /* VTIME_NEVER: whenever that is; else stops at the first mark that is not before either */
};

/* Runs from where the machine stands (settled) to the target. A target at or before it settles only. */
NODISCARD err_t session_run(const struct session *session, struct session_target target, enum session_stop *stop);

static inline struct session_target session_mark(icount_t at) { return (struct session_target){at, VTIME_NEVER}; }

#endif

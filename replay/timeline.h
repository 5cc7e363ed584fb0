/* timeline: a machine and its recording, in which one can stand at any mark. Inner header of replay/.
 *
 * Invariants
 *   T1  Between calls the machine is settled at a mark: events handled, inputs in, idling over (unless history ends in
 *       the idling), and no probe is set.
 *   T2  What the machine is at a mark follows from the recording and the pokes, never from the way it was reached.
 *   T3  Pokes are ordered by mark; the first one is where the history is cut (history.h, H4) and where recorded inputs
 *       end (door.h, D6).
 *   T4  After an error the machine stands settled at some mark: the one it came from, a known state before the one that
 *       could not be read, or where re-execution stopped. When not even mark 0 could be had for lack of memory, it is
 *       astray until the next seek.
 */
#ifndef DEJA_TIMELINE_H
#define DEJA_TIMELINE_H

#include "history.h"
#include "session.h"

/* Waits for a byte to leave. */
struct listener {
    unsigned port;
    uint64_t left; /* bytes of this port that leave before it */
    bool heard;
    icount_t at; /* of the instruction that put it out */
};

struct timeline {
    struct recording *recording;
    struct session session; /* board and door */
    struct history *history;
    struct tracks *tracks; /* NULL: nobody follows */
    const struct progress *progress;
    bool (*interrupted)(void *context); /* of a seek; NULL: nobody asks */
    void *context;                      /* of `interrupted` */
    uint64_t executed;                  /* instructions, since the call began: for progress */
    uint64_t spared;                    /* intervals that the last search has left out: for tests */

    bool console_on;
    void (*console)(void *context, const uint8_t *bytes, size_t size_bytes);
    void *console_context;
    struct listener *listener; /* NULL: none */

    struct poke *pokes; /* T3 */
    size_t npokes, pokes_room;
    bool astray; /* memory is of another history: the next seek restores */
};

/* How to run forwards to somewhere. */
struct advance {
    struct session_target target;
    bool ladder;          /* leave checkpoints on the way, the closer to the target the denser */
    const char *what;     /* for progress */
    icount_t done, total; /* for progress; done: on top of it comes what was executed */
    bool (*interrupted)(void *context);
    void *context;
};

/* Runs forwards. *broken: progress or `interrupted` broke it off at a settled mark; else *stop says why it stopped.
 * ERR_DIVERGED when the machine is not what was recorded. */
NODISCARD err_t timeline_advance(struct timeline *timeline, const struct advance *advance, enum session_stop *stop,
                                 bool *broken);

/* A search for accesses that count by what they do, which is asked before the instruction and just after it. */
struct judge {
    void *context;
    void (*before)(void *context, unsigned hart, uint64_t touched);
    bool (*after)(void *context); /* false: it was none */
};

/* timeline_resume() for watches alone, with a judge: it stands just after the access, in both directions. */
NODISCARD err_t timeline_search(struct timeline *timeline, const struct timeline_resume *resume,
                                const struct judge *judge, struct timeline_stop *stop);

/* Puts the machine at the latest known state at or before a mark that can be read: what is damaged is made again by
 * running on from an earlier one. */
NODISCARD err_t timeline_restore(struct timeline *timeline, icount_t mark);

/* A byte of `port` is one of `size_bytes` that leave. */
void listener_hear(struct listener *listener, icount_t now, unsigned port, size_t size_bytes);

/* The mark of a bookmark. *found: there is one of that name. */
NODISCARD err_t timeline_find_bookmark(struct timeline *timeline, const char *name, icount_t *mark, bool *found);

/* Drops every poke; the machine is left as it is. */
void timeline_drop_pokes(struct timeline *timeline);

#endif

/* lockstep: a recording run by two engines side by side. Inner header of replay/.
 *
 * Both sides run from stop to stop, and are compared at each. When they differ, the first instruction after which they
 * do is found by bisecting the stretch between the last two stops.
 *
 * Invariants
 *   L1  At `good` both sides were equal in all that a recording hashes: state, memory, the console's bytes.
 *   L2  Memory of either side is that of `good` except for pages that one of the sides has marked dirty; a page that
 *       changed and is not marked by both is a difference too (a recording would miss it).
 */
#ifndef DEJA_LOCKSTEP_H
#define DEJA_LOCKSTEP_H

#include "differ.h"
#include "machine.h"
#include "recording.h"
#include "session.h"

enum { LOCKSTEP_SIDES = 2 };

struct lockstep_side {
    const char *name;
    struct board_config config;
    struct session session;
    enum session_stop stop;
    err_t error;         /* ERR_DIVERGED: an input could not enter */
    uint64_t said;       /* hash of the console's bytes and marks so far */
    uint64_t said_bytes; /* how many */
    uint8_t *state;      /* encoded at the latest comparison */
    /* to stop translated code at an exact mark, without a limit that would keep it from running up to there */
    struct probe probe;
    uint64_t break_pc;
    icount_t break_at;
    const struct probe *usual; /* otherwise: NULL, but where a test plants a fault */
};

struct lockstep {
    struct recording *recording;
    const struct lockstep_options *options;
    struct lockstep_side sides[LOCKSTEP_SIDES]; /* [0] interprets */
    size_t state_bytes;
    struct {
        icount_t at;
        uint8_t *state, *ram;
        uint64_t said, said_bytes;
    } good;
    struct ram_hash ram_hash;
    size_t next_snapshot; /* the first that has not been met */
    bool from_start;      /* rewinding makes both machines anew: what they keep beside their state counts too */
};

/* Both stand at power-on. `options` are borrowed. The caller closes also after an error. */
NODISCARD err_t lockstep_open(struct lockstep *lockstep, struct recording *recording,
                              const struct lockstep_options *options);
void lockstep_close(struct lockstep *lockstep);

/* Runs both to the end of the recording, or to the first stop at which they differ: *differ_at, else ICOUNT_MAX. */
NODISCARD err_t lockstep_go(struct lockstep *lockstep, struct run_report *report, icount_t *differ_at);

/* Runs one side to a mark. */
NODISCARD err_t lockstep_side_run(struct lockstep_side *side, icount_t until);

bool lockstep_equal(struct lockstep *lockstep);

/* Puts both back to `good`. */
NODISCARD err_t lockstep_rewind(struct lockstep *lockstep);

/* They are equal at `good` and differ at `bad`: finds where that begins and tells it. Always an error: ERR_DIVERGED,
 * unless something else failed. */
NODISCARD err_t lockstep_find(struct lockstep *lockstep, icount_t bad);

/* What stands behind lockstep_find() and can be asked without telling: equal at `good`, not at `bad`. `exact`: one
 * instruction lies between. */
struct lockstep_place {
    icount_t good, bad;
    bool reproduced, exact;
};
NODISCARD err_t lockstep_bisect(struct lockstep *lockstep, icount_t bad, struct lockstep_place *place);

#endif

/* door: everything that enters the machine comes through here. Inner header of replay/.
 *
 * A live door takes offers from the host, stamps them with where the machine stands, journals and delivers them. A
 * recorded door delivers what a journal says, where it says, and a debugger's pokes; a branch, which begins as what
 * another recording holds, journals them too and goes on with a live door. Whoever runs the machine (session.h) cannot
 * tell the two apart.
 *
 * Invariants
 *   D1  Bytes enter the machine in door_admit() only, one input at a time, and the machine is settled before and after.
 *   D2  Stamps (mark, virtual time) never decrease.
 *   D3  An input is journalled before it is delivered, where there is a journal; so is a poke, which is an input of the
 *       kind INPUT_POKE there.
 *   D4  Once door_close(N) has been called (a snapshot was taken at N) nothing enters at mark N any more: a snapshot is
 *       the whole of its mark, so whoever restores it goes on with the inputs stamped later.
 *   D5  A recorded input enters at exactly its stamp. A machine that has gone past a stamp, or stands at it and can
 *       never reach its virtual time, has diverged.
 *   D6  Recorded history ends at one (mark, virtual time); nobody goes past it. Pokes divert: inputs stamped after the
 *       first poke do not enter, and history has no end.
 *   D7  A recorded door takes no offer and asks the host for nothing.
 */
#ifndef DEJA_DOOR_H
#define DEJA_DOOR_H

#include "poke.h"
#include "recording.h"
#include "replay.h"

struct door;
struct journal;

/* ---- the live side ------------------------------------------------------------------------------------------- */

/* What a live door asks of the host. Either may call door_offer() and door_shut(). */
struct door_host {
    void *owner;
    /* The machine has stopped for a moment at virtual time `now` and wants to go on. */
    void (*look)(void *owner, vtime_t now);
    /* Every hart waits, and nothing happens before `until` (VTIME_NEVER: nothing ever will). Returns the virtual time,
     * now..until, to which the idling may go on: earlier than `until` when there is an offer. VTIME_NEVER: nothing will
     * come from outside either. */
    vtime_t (*wait)(void *owner, vtime_t now, vtime_t until);
};

/* `journal` is borrowed; NULL: nothing is recorded. */
NODISCARD err_t door_open_live(struct door_host host, struct journal *journal, struct door **door);

/* Something from outside that wants to enter: no time is attached to it yet, and no port: the machine says where it
 * reads. Call from the thread that runs it. Returns how many bytes were taken: what waits is bounded. */
size_t door_offer(struct door *door, enum input_kind kind, const void *bytes, size_t size_bytes);

/* Bytes of this kind that wait to be admitted. */
size_t door_waiting(const struct door *door, enum input_kind kind);

/* The host has had enough: the run ends where it stands. */
void door_shut(struct door *door);

/* ---- the recorded side --------------------------------------------------------------------------------------- */

struct door_history {
    const struct input_record *inputs; /* borrowed; ordered by (at, when) */
    size_t ninputs;
    icount_t end;
    vtime_t end_vtime;
};

NODISCARD err_t door_open_recorded(struct door_history history, struct door **door);

/* The same with all that a recording holds; borrows it. */
NODISCARD err_t door_open_recording(const struct recording *recording, struct door **door);

/* What enters is written to this journal as well, borrowed: the beginning of a branch. */
void door_write_down(struct door *door, struct journal *journal);

/* The machine has been put at mark `at`, fully settled: what is stamped later enters from now on. `poked`: it has the
 * pokes of that mark already. */
void door_rewind(struct door *door, icount_t at, bool poked);

/* Lays pokes over the history, ordered by (at, when); borrowed. None: the recording again. Rewind afterwards. */
void door_divert(struct door *door, const struct poke *pokes, size_t npokes);

/* Whether memory is poked at a mark in first..last, by what is recorded and enters (D6) or by what was laid over it.
 * *at: the first such mark, or the last one. */
bool door_poked(const struct door *door, icount_t first, icount_t last, bool want_last, icount_t *at);

/* Told when a poke is about to enter, a recorded one or one that was laid over: the machine stands settled before it,
 * and may be looked at. NULL: nobody is told. */
void door_tell_pokes(struct door *door, void (*tell)(void *context, bool laid_over), void *context);

/* ---- both ------------------------------------------------------------------------------------------------------ */

void door_free(struct door *door);

/* Where the harts must stop at the latest, standing at `now`. */
icount_t door_next(const struct door *door, icount_t now);

/* Settles the machine, unless it has ended the run, and lets in everything that is due where it stands. `over` becomes
 * true when the run ends here: the end of history, or the host has shut the door. ERR_DIVERGED (D5), ERR_DAMAGED (a
 * recorded poke of what is not there), or the journal's error. */
NODISCARD err_t door_admit(struct door *door, struct board *board, bool *over);

/* Every hart waits at (`now`, `vtime`) and the next event is due at `event`: how far may virtual time go on?
 * VTIME_NEVER: nothing will ever end this. */
vtime_t door_wait(struct door *door, icount_t now, vtime_t vtime, vtime_t event);

/* A snapshot has been taken at `at` (D4). */
void door_close(struct door *door, icount_t at);

/* How many inputs have entered so far; a rewind counts anew. */
uint64_t door_inputs(const struct door *door);

#endif

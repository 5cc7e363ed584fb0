/* parting: where two timelines stop being one run. Inner header of replay/.
 *
 * Two timelines of the same make (memory, harts) are seeked to the same mark and compared there, and the place where
 * they part is narrowed down to one instruction. It does not matter what the two are: two recordings, or one recording
 * on two engines. parting_find() in replay.h does the whole of it for two recordings.
 */
#ifndef DEJA_PARTING_H
#define DEJA_PARTING_H

#include "timeline.h"

struct parting_pair {
    struct timeline *sides[2];
    bool everywhere; /* compare all of memory: the images differ. Else what either has touched since power-on */
    bool quit;       /* a timeline's progress broke a seek off: nothing that is said counts */
};

/* What is compared: harts, devices, clock and memory, or the harts alone. */
enum parting_scope { PARTING_MACHINE, PARTING_HARTS };

/* Are the two in the same state where they stand? */
bool parting_same(const struct parting_pair *pair, enum parting_scope scope);

/* The same at a mark, to which both are seeked first. Whoever ends before it is not the same there. */
NODISCARD err_t parting_same_at(struct parting_pair *pair, enum parting_scope scope, icount_t at, bool *same);

/* The two are the same at `low` and not at *high: moves *high down to the first mark at which they are not, by
 * bisection. (Should they part and meet again in between, it is one of the marks at which they part.) */
NODISCARD err_t parting_narrow(struct parting_pair *pair, enum parting_scope scope, icount_t low, icount_t *high);

#endif

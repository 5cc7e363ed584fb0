/* cadence: how far apart snapshots are worth their cost. Inner header of replay/. Live runs only: where the snapshots
 * fell is in the recording.
 *
 * Going somewhere runs half an interval on average: so what counts is how long an interval takes to run, and it should
 * be a small part of what people feel. Against that stands what snapshots cost, which is mostly their pages: a guest
 * that keeps storing all over its memory has longer intervals. What a burst of stores costs (a boot has one) is not
 * held against the interval behind it but paid back over several; of what a quiet guest saves, some is kept for bursts.
 */
#ifndef DEJA_CADENCE_H
#define DEJA_CADENCE_H

#include <stdbool.h>
#include <stdint.h>

struct cadence {
    uint64_t every;           /* instructions; 0: chosen by cost */
    double wait_ns;           /* how long to run at least before the next snapshot */
    double wait_instructions; /* and how far */
    double debt_ns;           /* by how much snapshots have cost more than their share; below 0: what was saved */
    double debt_pages;        /* the same of the pages that they hold */
};

/* `every` instructions; 0: chosen by cost. */
struct cadence cadence_begin(uint64_t every);

/* The next snapshot is due, so many instructions after the last one, on which the hart's thread has worked so long.
 * `reading`: pages of the last one are still to be read; to take the next while that goes on costs copies of them, and
 * what is copied is in the way of the machine. So it waits for that, up to as long again. */
bool cadence_due(const struct cadence *cadence, uint64_t instructions, uint64_t run_ns, bool reading);

/* And if it is not, how many more to run before asking again. */
uint64_t cadence_stride(const struct cadence *cadence, uint64_t instructions);

/* What the last interval and the snapshot at its end have cost. */
struct cadence_cost {
    uint64_t instructions;
    uint64_t run_ns;      /* host time that the hart's thread has worked on them */
    uint64_t snapshot_ns; /* and on the snapshot */
    uint64_t pages;       /* that it holds */
    uint64_t changed;     /* pages of earlier snapshots that the interval stored to */
    bool behind;          /* the journal's writer cannot keep up */
};

void cadence_adapt(struct cadence *cadence, const struct cadence_cost *cost);

#endif

/* cadence: how many instructions apart snapshots are worth their cost. Inner header of replay/. Live runs only: where
 * the snapshots fell is in the recording. */
#ifndef DEJA_CADENCE_H
#define DEJA_CADENCE_H

#include <stdbool.h>
#include <stdint.h>

struct cadence {
    bool fixed;
    uint64_t interval; /* instructions to the next snapshot */
};

/* `every` instructions; 0: chosen by cost. */
struct cadence cadence_begin(uint64_t every);

/* What the last interval and the snapshot at its end have cost. */
struct cadence_cost {
    uint64_t instructions;
    uint64_t run_ns;      /* host time that the hart's thread has worked on them */
    uint64_t snapshot_ns; /* and on the snapshot */
    uint64_t pages;       /* that it holds */
    bool behind;          /* the journal's writer cannot keep up */
};

/* Chooses the next interval: going back inside it should take a tenth of a second, and snapshots should cost neither a
 * few per cent of the run nor a file that grows faster than the run is worth. */
void cadence_adapt(struct cadence *cadence, const struct cadence_cost *cost);

#endif

/* live: a machine with the world attached, and what records it. Inner header of replay/.
 *
 * live_run() in replay.h is all of it in a row. A branch has a past before it: between live_open() and live_go() it
 * runs the machine through a recorded door, with snapshots where they were.
 */
#ifndef DEJA_LIVE_H
#define DEJA_LIVE_H

#include "cadence.h"
#include "journal.h"
#include "session.h"
#include "signature.h"
#include "terminal.h"

enum { LIVE_LINE_BYTES = 256 };

struct live {
    const struct live_options *options;
    struct run_report *report;
    struct board *board;
    struct journal *journal; /* NULL: not recording */
    struct terminal *terminal;
    struct signature *signature; /* NULL: not asked for */
    struct session session;
    struct cadence cadence;
    uint64_t opened_ns;
    uint64_t began_ns;    /* of the wall's clock, when the guest's stood at 0 */
    icount_t snapshot_at; /* the latest one, and when it was done */
    uint64_t snapshot_ns;
    size_t snapshot_pages; /* in it */
    bool snapshot_taken;

    bool past; /* what the guest says has been said: only the line that it has not ended is kept */
    uint8_t line[LIVE_LINE_BYTES];
    size_t line_bytes;
    uint64_t past_inputs;
};

/* Makes the machine, the recording if one is asked for, and the terminal. */
NODISCARD err_t live_open(struct live *live, const struct board_config *config, struct journal_lineage lineage);

/* Takes a snapshot where the machine stands. Nothing enters at this mark any more (D4 of door.h). */
NODISCARD err_t live_snapshot(struct live *live);

/* From here on the world is attached; the machine has no door, or one that is done with and goes. */
NODISCARD err_t live_attach(struct live *live);

/* Runs to the end. */
NODISCARD err_t live_go(struct live *live);

/* Seals and closes what there is, also after an error: the first one is told. */
NODISCARD err_t live_close(struct live *live, err_t error);

#endif

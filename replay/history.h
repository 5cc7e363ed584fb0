/* history: the states of a run that are known, and the way from what memory holds to any of them. Inner header of
 * replay/.
 *
 * A known state is a recorded snapshot or a checkpoint kept in memory. Together they are one list ordered by mark.
 *
 * Invariants
 *   H1  Marks in the list are distinct; its first state is the recorded snapshot at mark 0 and never leaves it.
 *   H2  Each state lists at least the pages that changed since the state before it. So the content of a page at a state
 *       is what the latest state at or before it that lists the page holds, or else the image of mark 0.
 *   H3  Memory is the base (a state of the list) except for dirty pages and stray pages.
 *   H4  A state whose mark is at or after the cut does not belong to the run any more (the timeline was diverted
 *       there): recorded snapshots are passed over, checkpoints are dropped.
 *   H5  A restore that fails leaves memory between two states, in the sense of H3: another restore mends it. That of
 *       mark 0 reads nothing of the file.
 */
#ifndef DEJA_HISTORY_H
#define DEJA_HISTORY_H

#include "recording.h"
#include "replay.h"

struct history;
struct checkpoint;

struct known {
    icount_t at;
    vtime_t when;
    struct checkpoint *checkpoint; /* NULL: recorded snapshot `index` */
    size_t index;
};

/* The board has just been made from the recording's configuration; both are borrowed. */
NODISCARD err_t history_open(struct recording *recording, struct board *board, struct history **history);
void history_close(struct history *history);

/* The latest known state at or before a mark, or before a time (there is always one: mark 0). */
struct known history_before(const struct history *history, icount_t at);
struct known history_before_time(const struct history *history, vtime_t when);

/* The mark of the first recorded snapshot after `at`; ICOUNT_MAX: none before the cut. */
icount_t history_next_snapshot(const struct history *history, icount_t at);

/* None of these pages of RAM was stored to between a known state and the one after it. False when it is not known. */
bool history_spared(const struct history *history, struct known known, const uint32_t *pages, size_t npages);

/* The pages, or more, in which instructions began between a known state and the one after it. False when it is not
 * known. */
bool history_visited(const struct history *history, struct known known, struct visited *visited);

/* In which interval a known state lies, by the number of the recorded snapshot where that begins. */
size_t history_interval(const struct history *history, struct known known);

/* Puts the board at a known state. ERR_DAMAGED, ERR_IO, ERR_NO_MEMORY: its memory is neither here nor there (H5). */
NODISCARD err_t history_restore(struct history *history, struct known known);

/* The board stands settled at a mark: keeps it as a checkpoint, if memory allows. */
void history_keep(struct history *history);

/* The board stands settled at the mark of a recorded snapshot: checks its state's hash, and takes the snapshot for the
 * base. Does nothing elsewhere. ERR_DIVERGED. */
NODISCARD err_t history_arrive(struct history *history);

/* The run takes another way from mark `at` on: H4. ICOUNT_MAX: it is the recorded one again (checkpoints from the
 * former cut on are dropped). */
void history_cut(struct history *history, icount_t at);

/* Drops the checkpoints at or after a mark. */
void history_drop(struct history *history, icount_t at);

/* The pages in which memory as it is now may differ from that of mark 0, ascending; borrowed until the next call. */
const uint32_t *history_touched(struct history *history, size_t *count);

/* Bounds the memory for checkpoints (default 96 MiB); for tests. */
void history_set_budget(struct history *history, size_t budget_bytes);

#endif

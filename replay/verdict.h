/* verdict: is the machine what was recorded here, and if not, in what? Inner header of replay/. */
#ifndef DEJA_VERDICT_H
#define DEJA_VERDICT_H

#include "machine.h"
#include "recording.h"

/* Compares the machine, which stands at the mark of snapshot `index`, with what was recorded. `ram_hash` is that of RAM
 * now; NULL: RAM is not compared. ERR_DIVERGED names the marks between which it happened, and what differs. */
NODISCARD err_t verdict_snapshot(struct recording *recording, size_t index, struct board *board,
                                 const struct ram_hash *ram_hash);

/* Compares where instructions have begun since the snapshot before, if the recording tells. ERR_DIVERGED. */
NODISCARD err_t verdict_visited(const struct recording *recording, size_t index, const struct visited *visited);

/* ERR_DIVERGED: the machine stopped at a mark at which the recording goes on to `expected`. */
err_t verdict_stopped(const struct recording *recording, const struct board *board, icount_t expected);

/* Compares the end with what is said of it in another place than a state hash. ERR_DIVERGED. */
NODISCARD err_t verdict_end(struct recording *recording, const struct board *board, uint64_t console_bytes);

#endif

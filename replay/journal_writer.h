/* journal_writer: records -> rows, on the writer's thread. Inner header of replay/. */
#ifndef DEJA_JOURNAL_WRITER_H
#define DEJA_JOURNAL_WRITER_H

#include "format.h"
#include "journal.h"
#include "journal_queue.h"
#include "keeper.h"

struct writer;

/* Opens the empty file at `path`. Borrows the config, the lineage, what they point to, and the keeper. */
NODISCARD err_t writer_create(const char *path, const struct board_config *config, struct journal_lineage lineage,
                              struct keeper *keeper, uint64_t now_ns, struct writer **writer);

/* Makes the recording's tables and stores what is booted: first of all, and not in the hart's time. */
NODISCARD err_t writer_boot(struct writer *writer);

/* Turns one record into rows, uncommitted. */
NODISCARD err_t writer_apply(struct writer *writer, const struct record *record, const uint8_t *bytes);

/* In place of writer_apply(), after a failure: lets go of what the record stands for. */
void writer_skip(struct writer *writer, const struct record *record, const uint8_t *bytes);

/* Is there anything that a commit would store? Nothing is worth it before the first snapshot. */
bool writer_pending(const struct writer *writer);

/* Commits all rows with the progress that they amount to. An unfinished console line waits for its end, unless it has
 * waited for a second of host time; `now_ms` is from any clock that only goes forwards. */
NODISCARD err_t writer_commit(struct writer *writer, uint64_t now_ms);

/* Has a snapshot been committed? If not, there is nothing in the file that could be replayed. */
bool writer_born(const struct writer *writer);

/* The mark up to which everything has been committed. */
icount_t writer_committed(const struct writer *writer);

/* Writes the ending and makes one plain file of it. */
NODISCARD err_t writer_seal(struct writer *writer, const struct ending_row *ending);

/* After a failure: forgets what was not committed, and makes one plain file of the rest if that is possible. */
void writer_abandon(struct writer *writer);

void writer_destroy(struct writer *writer); /* also NULL */

#endif

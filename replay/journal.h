/* journal: writes the recording's file (docs/FORMAT.md) from a thread beside the hart. Inner header of replay/.
 *
 * Every call only copies into a queue; packing, hashing and sqlite happen on the writer's thread. The pages of
 * snapshots are not even copied, when whoever changes them says so before (journal_keep()): that thread reads them in
 * RAM.
 *
 *   J1  Rows are made in the order of the calls, and every commit holds all of them up to some call: whatever ends the
 *       writing, what is in the file is what happened, up to a mark.
 *   J2  That mark, the progress, is the latest of the inputs, snapshots and journal_progress() calls committed: never
 *       later than what is known.
 *   J3  A commit comes at least every second of host time, from the power-on snapshot on.
 *   J4  The queue holds at most JOURNAL_QUEUE_BYTES, and what lies aside in place of changed pages KEEPER_ASIDE_BYTES:
 * a caller that is faster waits. J5  The first failure (disk full) is the last thing that happens to the file: later
 * calls do nothing, journal_error() tells, and what was committed stays replayable.
 */
#ifndef DEJA_JOURNAL_H
#define DEJA_JOURNAL_H

#include "replay.h"

enum { JOURNAL_QUEUE_BYTES = 64 << 20 };

struct journal;

/* Creates the file. ERR_EXISTS without `force` (which replaces a plain file or a link, nothing else),
 * ERR_CANNOT_CREATE, ERR_DISK_FULL. What is booted is stored by the thread: the config and all that it points to are
 * borrowed until the seal. `now_ns` is the wall clock for the "created" line. The process must ignore SIGXFSZ, or a
 * file size limit kills it instead of failing a write. */
NODISCARD err_t journal_create(const char *path, bool force, const struct board_config *config, uint64_t now_ns,
                               struct journal **journal);

/* What a branch was branched from, the eldest first; borrowed until the seal. */
struct journal_lineage {
    const struct recording_origin *origins;
    size_t count;
};

/* The same for a branch. */
NODISCARD err_t journal_create_branch(const char *path, bool force, const struct board_config *config,
                                      struct journal_lineage lineage, uint64_t now_ns, struct journal **journal);

/* An input of at most 1,000,000 bytes that is about to be delivered at (mark, virtual time); journalled before it is
 * delivered. Like a snapshot, it says that all inputs up to here have been given. */
void journal_input(struct journal *journal, icount_t at, vtime_t when, enum input_kind kind, unsigned port,
                   const uint8_t *bytes, size_t size_bytes);

/* Console bytes that left the machine at this mark; port 0..3. */
void journal_output(struct journal *journal, icount_t at, unsigned port, const uint8_t *bytes, size_t size_bytes);

/* From now on pages are not copied: whoever changes one first tells what is returned here, on the thread that calls
 * journal_snapshot(). The bytes of RAM are borrowed until the seal. */
struct page_keeper journal_keep(struct journal *journal);

/* How many pages it was told of since it was asked last. */
uint64_t journal_take_changed(struct journal *journal);

/* The state at a mark: the encoded parts, and every page that is PAGE_DIRTY in `ram` (without a journal_keep(): copied
 * before this returns; the caller cleans the flags afterwards). The first one, at mark 0, stores no pages: the images
 * make them; its page hashes start the sum. There, a page that is not dirty must be zero. At most 16 MiB of state.
 * Returns how many pages are dirty. */
size_t journal_snapshot(struct journal *journal, icount_t at, vtime_t when, const uint8_t *state, size_t state_bytes,
                        const struct visited *visited, const struct ram *ram);

/* All inputs up to here have been given: a recording broken off may end here. */
void journal_progress(struct journal *journal, icount_t at, vtime_t when);

/* ERR_OK, or the first failure. */
err_t journal_error(const struct journal *journal);

/* Are pages of a snapshot still to be read? */
bool journal_reads(const struct journal *journal);

/* Bytes waiting for the writer, in the queue or in pages that are kept: how far it is behind. */
size_t journal_backlog(const struct journal *journal);

/* Finishes the file (one plain file, no -wal), stops the thread, frees the journal; also after an error. When that came
 * before anything could be committed, the file is removed: there is nothing in it.
 * ERR_IO when the file is not there any more. The end is where the recording stops; halt says how the guest ended, if
 * it did. */
NODISCARD err_t journal_seal(struct journal *journal, icount_t at, vtime_t when, struct board_halt halt,
                             uint64_t *file_bytes);

#endif

/* keeper: pages of a snapshot, read by the journal's writer while the machine runs on. Inner header of replay/.
 *
 * To copy the pages of a snapshot would stop the machine for that long. So they are kept instead: the writer takes each
 * from RAM, in its own time, as long as the machine has not changed it; and the machine, before it changes one that has
 * not been taken yet (struct page_keeper), puts its content aside. Few are changed so early.
 *
 *   K1  A page is kept for one snapshot at a time, which is the only one that can be waiting for its content in RAM.
 *   K2  What is put aside takes at most KEEPER_ASIDE_BYTES: a machine that is faster than the writer waits.
 *
 * One thread keeps and changes, the machine's; another takes.
 */
#ifndef DEJA_KEEPER_H
#define DEJA_KEEPER_H

#include "../engine/engine.h"

enum { KEEPER_ASIDE_BYTES = 32 << 20 };

struct keeper;

/* For a machine with so many pages of RAM; NULL: no memory. */
NODISCARD struct keeper *keeper_create(uint64_t npages);

/* Has memory for so many bytes at hand: then the machine need not wait for it. For any thread. */
void keeper_prepare(struct keeper *keeper, size_t size_bytes);
void keeper_destroy(struct keeper *keeper); /* also NULL */

/* The machine's thread: keeps what page `number` of ram holds now; false: it is kept for an earlier snapshot. From now
 * on it must not be changed without a keeper_change(). ram->bytes are borrowed until all that is kept has been taken.
 */
NODISCARD bool keeper_keep(struct keeper *keeper, const struct ram *ram, uint64_t number);

/* The machine's thread: page `number` is about to be changed, kept or not. */
void keeper_change(struct keeper *keeper, uint64_t number);

/* Calls of keeper_change() since it was asked last. For the machine's thread. */
uint64_t keeper_take_changed(struct keeper *keeper);

/* The writer's thread: what page `number`, which is kept, held then. It is kept no more. */
void keeper_take(struct keeper *keeper, uint64_t number, uint8_t page[PAGE_BYTES]);

/* Bytes of pages that are kept. For any thread. */
size_t keeper_backlog(const struct keeper *keeper);

#endif

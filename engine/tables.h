/* tables: the pages that walks have read, and what was derived from them. Inner header of engine/.
 *
 * Most tables translate one part of the address space, whatever space that is: a store to one of their entries then
 * drops what was derived of that part, and no more.
 */
#ifndef DEJA_TABLES_H
#define DEJA_TABLES_H

#include "hart.h"

NODISCARD bool tables_create(struct engine *engine);
void tables_destroy(struct engine *engine);

/* A walk to `vaddr` reads the table at `paddr`, in RAM, which is of that level (0: of pages). From now on stores to it
 * are seen. */
void tables_note(struct engine *engine, uint64_t paddr, uint64_t vaddr, unsigned level, bool root);

/* Sees to it that stores to a root table, in RAM, are seen. False: those to its upper half cannot be told from others.
 */
NODISCARD bool tables_watch_root(struct engine *engine, uint64_t paddr, unsigned levels);

/* A walk sets A or D of the entry at `offset` from the start of RAM: that changes nothing that was derived from it. */
void tables_touched(struct engine *engine, uint64_t offset);

/* A page flagged PAGE_TABLE is about to be stored to: call before the bytes change. `offset` is from the start of RAM;
 * the bytes are all in one page. */
void tables_written(struct engine *engine, uint64_t offset, uint64_t size_bytes);

/* Drops every translation of every hart, and forgets which pages are page tables. */
void tables_forget(struct engine *engine);

#endif

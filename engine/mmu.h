/* mmu: virtual to physical (privileged specification, chapters 3.7 and 10), and every access that the TLB does not
 * answer. Inner header of engine/. */
#ifndef DEJA_MMU_H
#define DEJA_MMU_H

#include "hart.h"

/* The slow paths of `insn`. False: the instruction is over (it trapped, or a probe stopped it) and the hart's pc and
 * mark say where it goes on. They may set hart->leave. */
NODISCARD bool mmu_load(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes); /* to value */
NODISCARD bool mmu_store(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes,
                         uint64_t value);

/* For AMO, LR and SC: the host bytes of a naturally aligned piece of RAM, to read (kinds LOAD) or to write as
 * well (STORE among the kinds: all bookkeeping for a store of size_bytes has then been done). NULL when the instruction
 * is over, as above. */
NODISCARD uint8_t *mmu_atomic(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes,
                              unsigned kinds);

/* For cbo.clean, cbo.flush and cbo.inval of the block around `vaddr`: checks that a load or a store is allowed. False
 * as above. */
NODISCARD bool mmu_check_block(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes);

/* For cbo.zero: the host bytes of the block around `vaddr`, to write. NULL as above. */
NODISCARD uint8_t *mmu_block(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes);

/* Translated code is about to access [vaddr, vaddr + size_bytes), all of it in one page, with more accesses of those
 * kinds in there to follow: the addend of the page, or 0 when they must go the long way, one by one. A watch elsewhere
 * in the page does not matter. */
uint64_t mmu_window(struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds);

/* The same for a loop that goes on in that page: fills a slot, with a tag for windows that begin at their base, so that
 * whatever it lets pass may go unseen. In a page that is watched that is what lies on this side of the watches. */
bool mmu_open_slot(struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds, struct page_slot *slot);

/* Must stores to that page, which is known, be seen one by one as long as it is what it is: code, a page table? */
bool mmu_sees_stores(struct hart *hart, uint64_t vaddr);

/* Translates the fetch of a halfword; CAUSE_NONE or the cause of its trap. *cacheable: it lies in RAM, and all of its
 * page can be executed. */
enum cause mmu_fetch(struct hart *hart, uint64_t vaddr, uint64_t *paddr, bool *cacheable);

/* Drops every translation of the hart. */
void mmu_forget(struct hart *hart);

/* The same, but what was found for executing stays (hart_switch_epoch() sees to that). */
void mmu_forget_data(struct hart *hart);

/* satp has been written: goes on with what is known of that address space. */
void mmu_switch_space(struct hart *hart);

/* Drops what is known of the data and the fetches of [vaddr, vaddr + size_bytes), naturally aligned pages, in every
 * address space, and leaves translated code. What was found there for executing stays. False: nothing was known. */
bool mmu_drop(struct hart *hart, uint64_t vaddr, uint64_t size_bytes);

/* Takes every page out of the store tags of all harts: each will be marked dirty again. Who calls this takes
 * PAGE_STORABLE off them. */
void mmu_unstore_all(struct engine *engine);

/* Flags a page of RAM (by number) so that stores to it are seen from now on. */
void mmu_flag_page(struct engine *engine, uint64_t page, uint8_t flag);

/* Bookkeeping for a store to RAM that did not go through a store tag: call before the bytes change. */
void mmu_before_store(struct engine *engine, uint64_t paddr, uint64_t size_bytes);

/* The same for a walk that is about to set A or D: that changes nothing that was derived from the entry. */
void mmu_touch_table(struct engine *engine, uint64_t paddr);

#endif

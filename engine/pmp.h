/* pmp: physical memory protection (privileged specification, 3.7). Inner header of engine/. */
#ifndef DEJA_PMP_H
#define DEJA_PMP_H

#include "hart.h"

/* The kinds of access (enum access_kind) that `priv` may make to every byte of [paddr, paddr + size_bytes). */
unsigned pmp_allowed(const struct hart_state *state, enum privilege priv, uint64_t paddr, uint64_t size_bytes);

/* The same for a whole page; false when its bytes are not all alike, so that each access must be looked at. */
bool pmp_page_allowed(const struct hart_state *state, enum privilege priv, uint64_t paddr, unsigned *kinds);

/* WARL rules for writing pmpcfg byte `entry` and pmpaddr `entry`: locked entries stay. */
void pmp_write_cfg(struct hart_state *state, unsigned entry, uint8_t value);
void pmp_write_addr(struct hart_state *state, unsigned entry, uint64_t value);

#endif

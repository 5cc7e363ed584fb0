/* machine: a board's state as bytes and hashes, as recordings hold it. Inner header of replay/. */
#ifndef DEJA_MACHINE_H
#define DEJA_MACHINE_H

#include "replay.h"

/* The encoded parts: everything but RAM. */
struct machine_state {
    uint8_t *bytes; /* malloc'ed */
    size_t size_bytes;
};

/* ERR_NO_MEMORY; the caller frees state->bytes. */
NODISCARD err_t machine_encode(struct board *board, struct machine_state *state);

uint64_t machine_state_hash(struct board *board);

/* The number of the first page stored to since engine_clean(), at or after `page`; npages when there is none. */
size_t machine_next_dirty(const struct ram *ram, size_t page);
static inline size_t machine_npages(const struct ram *ram) { return (size_t)(ram->size_bytes >> PAGE_SHIFT); }

/* ---- the hash of RAM --------------------------------------------------------------------------------------------- */

/* The sum over all pages of page_hash(), kept up by hashing dirty pages only. */
struct ram_hash {
    uint64_t *pages; /* page_hash() of each */
    uint64_t sum;
};

/* Of a machine as it was made: only what the loader stored is dirty, and all else is zero and hashes to nothing. */
NODISCARD err_t ram_hash_begin(struct ram_hash *hash, const struct ram *ram);
void ram_hash_end(struct ram_hash *hash);

/* Hashes the dirty pages again; the caller cleans them. */
void ram_hash_update(struct ram_hash *hash, const struct ram *ram);

#endif

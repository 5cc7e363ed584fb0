#include "machine.h"

#include <stdlib.h>
#include <string.h>

err_t machine_encode(struct board *board, struct machine_state *state)
{
    struct state_part parts[BOARD_PARTS_MAX];
    size_t nparts = board_parts(board, parts);
    state->size_bytes = state_size(parts, nparts);
    state->bytes = malloc(state->size_bytes);
    if (!state->bytes)
        return err_make(ERR_NO_MEMORY, "a snapshot");
    state_encode(parts, nparts, state->bytes);
    return err_ok();
}

uint64_t machine_state_hash(struct board *board)
{
    struct state_part parts[BOARD_PARTS_MAX];
    size_t nparts = board_parts(board, parts);
    return state_hash(parts, nparts);
}

size_t machine_next_dirty(const struct ram *ram, size_t page) { return ram_next_page(ram, page, PAGE_DIRTY); }

/* ---- the hash of RAM --------------------------------------------------------------------------------------------- */

static void hash_page(struct ram_hash *hash, const struct ram *ram, size_t page)
{
    uint64_t now = page_hash(page, ram->bytes + (page << PAGE_SHIFT));
    hash->sum += now - hash->pages[page];
    hash->pages[page] = now;
}

void ram_hash_update(struct ram_hash *hash, const struct ram *ram)
{
    for (size_t page = machine_next_dirty(ram, 0); page < machine_npages(ram); page = machine_next_dirty(ram, page + 1))
        hash_page(hash, ram, page);
}

err_t ram_hash_begin(struct ram_hash *hash, const struct ram *ram)
{
    hash->sum = 0;
    hash->pages = calloc(machine_npages(ram), sizeof *hash->pages);
    if (!hash->pages)
        return err_make(ERR_NO_MEMORY, "the hashes of %llu pages", (unsigned long long)machine_npages(ram));
    ram_hash_update(hash, ram);
    return err_ok();
}

void ram_hash_end(struct ram_hash *hash)
{
    free(hash->pages);
    hash->pages = NULL;
}

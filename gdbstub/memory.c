/* Guest memory, page by page; see memory.h. */
#include "memory.h"

#include <string.h>

static size_t to_page_end(uint64_t address) { return PAGE_BYTES - address % PAGE_BYTES; }

/* A physical address has 56 bits. */
bool memory_in_window(uint64_t address, uint64_t *paddr)
{
    *paddr = address - MEMORY_WINDOW;
    return *paddr >> 56 == 0;
}

static bool is_physical(struct client *client, uint64_t address, uint64_t *paddr)
{
    if (memory_in_window(address, paddr))
        return true;
    *paddr = address;
    return client->physical;
}

static bool locate(struct client *client, unsigned hart, uint64_t address, uint64_t *paddr)
{
    return is_physical(client, address, paddr) || engine_translate(client_engine(client), hart, address, paddr);
}

/* Reads within one page. */
static bool read_piece(struct client *client, unsigned hart, uint64_t address, void *bytes, size_t size_bytes)
{
    uint64_t paddr;
    return locate(client, hart, address, &paddr) &&
           board_look(timeline_board(client->timeline), paddr, bytes, size_bytes);
}

size_t memory_read_as(struct client *client, unsigned hart, uint64_t address, void *bytes, size_t size_bytes)
{
    size_t done = 0;
    while (done < size_bytes) {
        size_t piece = to_page_end(address + done);
        if (piece > size_bytes - done)
            piece = size_bytes - done;
        if (!read_piece(client, hart, address + done, (uint8_t *)bytes + done, piece))
            break;
        done += piece;
    }
    return done;
}

size_t memory_read(struct client *client, uint64_t address, void *bytes, size_t size_bytes)
{
    return memory_read_as(client, client_hart(client), address, bytes, size_bytes);
}

/* Whether all of it can be read; `*same` tells whether it holds these bytes already. */
static bool compare(struct client *client, uint64_t address, const uint8_t *bytes, size_t size_bytes, bool *same)
{
    uint8_t there[PAGE_BYTES];
    *same = true;
    for (size_t done = 0, piece; done < size_bytes; done += piece) {
        piece = to_page_end(address + done);
        if (piece > size_bytes - done)
            piece = size_bytes - done;
        if (!read_piece(client, client_hart(client), address + done, there, piece))
            return false;
        *same &= !memcmp(there, bytes + done, piece);
    }
    return true;
}

static err_t poke(struct client *client, uint64_t address, const void *bytes, size_t size_bytes)
{
    uint64_t paddr;
    if (is_physical(client, address, &paddr))
        return timeline_poke_physical(client->timeline, paddr, bytes, size_bytes);
    return timeline_poke_memory(client->timeline, client_hart(client), address, bytes, size_bytes);
}

bool memory_write(struct client *client, uint64_t address, const void *bytes, size_t size_bytes)
{
    bool same;
    if (!compare(client, address, bytes, size_bytes, &same))
        return false;
    if (same)
        return true;
    bool diverted_before = timeline_diverted(client->timeline);
    err_t error = poke(client, address, bytes, size_bytes);
    client_wrote(client, diverted_before);
    return !err_is(error);
}

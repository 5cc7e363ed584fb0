/* m M x X, searching and checksums. */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "memory.h"

/* Bytes of memory looked at between two looks for Ctrl-C, and the most that a search keeps at once. */
enum { CHUNK_BYTES = 0x10000 };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static size_t read_for_reply(struct client *client, const struct request *request, uint8_t bytes[RSP_MEMORY_MAX])
{
    size_t size = request->length < RSP_MEMORY_MAX ? (size_t)request->length : RSP_MEMORY_MAX;
    return memory_read(client, request->address, bytes, size);
}

void serve_read_memory(struct client *client, const struct request *request)
{
    uint8_t bytes[RSP_MEMORY_MAX];
    size_t size = read_for_reply(client, request, bytes);
    if (size || !request->length)
        reply_hex(&client->reply, bytes, size);
    else
        reply_error(&client->reply, ERROR_MEMORY);
}

/* Who has read of our binary-upload+ wants a `b` before the bytes: GDB from 16 on, LLDB from 21 on. Older LLDBs want
 * them bare, and ask first, with length 0, whether the packet exists. */
void serve_read_binary(struct client *client, const struct request *request)
{
    uint8_t bytes[RSP_MEMORY_MAX];
    size_t size = read_for_reply(client, request, bytes);
    if (!size && request->length) {
        reply_error(&client->reply, ERROR_MEMORY);
        return;
    }
    client->wants_bare = client->wants_bare || (client->is_lldb && !request->length);
    if (!request->length && client->wants_bare)
        reply_text(&client->reply, "OK");
    else if (!client->wants_bare)
        reply_text(&client->reply, "b");
    reply_binary(&client->reply, bytes, size);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void write_memory(struct client *client, const struct request *request)
{
    if (request->size_bytes != request->length)
        reply_error(&client->reply, ERROR_MALFORMED);
    else if (!memory_write(client, request->address, request->bytes, request->size_bytes))
        reply_error(&client->reply, ERROR_MEMORY);
    else
        reply_text(&client->reply, "OK");
}

void serve_write_memory(struct client *client, const struct request *request) { write_memory(client, request); }

void serve_write_binary(struct client *client, const struct request *request) { write_memory(client, request); }

/* ---- searching --------------------------------------------------------------------------------------------------- */

enum found { FOUND, NOT_FOUND, UNREADABLE };

/* Looks in windows that overlap by one byte less than the pattern. */
static enum found search(struct client *client, const struct request *request, uint64_t *where)
{
    uint8_t window[CHUNK_BYTES + RSP_PAYLOAD_MAX];
    uint64_t at = request->address, left = request->length;
    while (left >= request->size_bytes) {
        size_t size = CHUNK_BYTES + request->size_bytes - 1;
        if (size > left)
            size = (size_t)left;
        size_t readable = memory_read(client, at, window, size);
        const uint8_t *hit = memmem(window, readable, request->bytes, request->size_bytes);
        *where = at + (uint64_t)(hit ? hit - window : 0);
        if (hit)
            return FOUND;
        if (readable < size || client_interrupted(client))
            return UNREADABLE;
        if (left <= CHUNK_BYTES)
            break;
        at += CHUNK_BYTES;
        left -= CHUNK_BYTES;
    }
    return NOT_FOUND;
}

void serve_search(struct client *client, const struct request *request)
{
    uint64_t where;
    if (!request->size_bytes) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    switch (search(client, request, &where)) {
    case FOUND:
        reply_format(&client->reply, "1,%llx", (unsigned long long)where);
        break;
    case NOT_FOUND:
        reply_text(&client->reply, "0");
        break;
    case UNREADABLE:
        reply_error(&client->reply, ERROR_MEMORY);
        break;
    }
}

/* ---- checksums --------------------------------------------------------------------------------------------------- */

/* CRC-32 with polynomial 0x04c11db7, most significant bit first, starting from all ones, not inverted at the end: GDB
 * manual, "Separate Debug Files" and the qCRC packet. */
static uint32_t crc_update(uint32_t crc, const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
    }
    return crc;
}

void serve_crc(struct client *client, const struct request *request)
{
    uint8_t bytes[CHUNK_BYTES];
    uint32_t crc = 0xffffffff;
    for (uint64_t done = 0, size; done < request->length; done += size) {
        size = request->length - done < sizeof bytes ? request->length - done : sizeof bytes;
        if (memory_read(client, request->address + done, bytes, (size_t)size) < size || client_interrupted(client)) {
            reply_error(&client->reply, ERROR_MEMORY);
            return;
        }
        crc = crc_update(crc, bytes, (size_t)size);
    }
    reply_format(&client->reply, "C%x", crc);
}

/* ---- physical addresses ------------------------------------------------------------------------------------------ */

void serve_qemu_supported(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "PhyMemMode");
}

void serve_physical_mode(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, client->physical ? "1" : "0");
}

void serve_set_physical(struct client *client, const struct request *request)
{
    client->physical = request->number != 0;
    reply_text(&client->reply, "OK");
}

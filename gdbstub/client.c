/* Packets in, packets out; see client.h. */
#include "client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../guest/guest.h"

/* A Ctrl-C may come just after a stop has been sent, while GDB is about to send the next `bs` of a long reverse step.
 * It stays good for as many packets as GDB puts between two such steps, so that it is not lost, and for no more, so
 * that it does not stop what the user starts later. */
enum { INTERRUPT_LIFE = 8 };

enum { RESENDS_MAX = 8 };

struct client *client_create(struct timeline *timeline, const struct wire *wire, struct rest rest)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    client->timeline = timeline;
    client->wire = wire;
    client->rest = rest;
    rsp_reader_init(&client->reader);
    snprintf(client->stop, sizeof client->stop, "T05thread:01;");
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    points_clear(&client->points);
    guest_kernel_close(client->kernel);
    free(client->target_xml);
    free(client);
}

/* ---- bytes -------------------------------------------------------------------------------------------------------- */

static size_t waiting(const struct client *client) { return client->in_end - client->in_at; }

static bool receive(struct client *client)
{
    memmove(client->in, client->in + client->in_at, waiting(client));
    client->in_end -= client->in_at;
    client->in_at = 0;
    size_t capacity = sizeof client->in - client->in_end;
    if (!capacity)
        return false;
    long size = client->wire->receive(client->wire->owner, client->in + client->in_end, capacity);
    if (size > 0)
        client->in_end += (size_t)size;
    else if (size < 0 && client->state == CLIENT_OPEN)
        client->state = CLIENT_GONE;
    return size > 0;
}

/* A debugger may send much before it reads the first answer: while it does not take ours, its packets are queued, so
 * that the two do not wait for each other. */
void client_flush(struct client *client)
{
    const struct wire *wire = client->wire;
    size_t done = 0;
    while (done < client->out_bytes) {
        long sent = wire->send(wire->owner, client->out + done, client->out_bytes - done);
        if (sent < 0) {
            client->state = client->state == CLIENT_OPEN ? CLIENT_GONE : client->state;
            break;
        }
        done += (size_t)sent;
        if (!sent && !receive(client))
            wire->wait(wire->owner, waiting(client) < sizeof client->in);
    }
    client->out_bytes = 0;
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

static void put(struct client *client, const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes > sizeof client->out - client->out_bytes)
        client_flush(client);
    memcpy(client->out + client->out_bytes, bytes, size_bytes);
    client->out_bytes += size_bytes;
}

static void put_reply(struct client *client)
{
    if (client->reply.overflow)
        reply_error(&client->reply, ERROR_FAILED);
    client->last_bytes = rsp_frame(&client->reply, client->last);
    client->resent = 0;
    put(client, client->last, client->last_bytes);
    reply_clear(&client->reply);
}

static void resend(struct client *client)
{
    if (!client->no_ack && client->resent++ < RESENDS_MAX)
        put(client, client->last, client->last_bytes);
}

static void say(struct client *client, const char *text, size_t size_bytes)
{
    check(client->reply.size_bytes == 0);
    reply_text(&client->reply, "O");
    reply_hex(&client->reply, text, size_bytes);
    put_reply(client);
}

static void keep(struct client *client, const char *text, size_t size_bytes)
{
    if (size_bytes > sizeof client->kept - client->kept_bytes) {
        say(client, client->kept, client->kept_bytes);
        client->kept_bytes = 0;
    }
    memcpy(client->kept + client->kept_bytes, text, size_bytes);
    client->kept_bytes += size_bytes;
}

void client_say(struct client *client, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (client->in_word && client->interrupted)
        keep(client, text, strlen(text));
    else
        say(client, text, strlen(text));
}

void client_rested(struct client *client)
{
    if (client->rest.rested)
        client->rest.rested(client->rest.context);
}

void client_stand(struct client *client)
{
    client_rested(client);
    snprintf(client->stop, sizeof client->stop, "T05thread:%02x;", client->hart + 1);
}

void client_wrote(struct client *client, bool diverted_before)
{
    client->found = (struct last_found){.size_bytes = 0}; /* what was written here comes after it */
    if (diverted_before || !timeline_diverted(client->timeline))
        return;
    client->owes_diversion = true;
    client->diverted_at = timeline_now(client->timeline);
}

void client_say_diversion(struct client *client)
{
    char mark[GROUPED_BYTES];
    if (!client->owes_diversion)
        return;
    client->owes_diversion = false;
    client_say(client,
               "deja: registers or memory were written at %s (a call does that too): from there on this is a diverted "
               "timeline; the recording is unchanged (monitor recording goes back there)\n",
               format_grouped(client->diverted_at.n, mark));
}

/* ---- answering --------------------------------------------------------------------------------------------------- */

static void (*const servers[REQUEST_KINDS])(struct client *, const struct request *) = {
#define PACKET(kind, name, shape) [REQUEST_##kind] = serve_##kind,
#include "packets.def"
#undef PACKET
};

static void answer(struct client *client)
{
    struct request request;
    request_parse(client->reader.payload, client->reader.size_bytes, &request);
    client->silent = false;
    if (request.kind == REQUEST_MALFORMED)
        reply_error(&client->reply, ERROR_MALFORMED);
    else if (request.kind != REQUEST_UNKNOWN)
        servers[request.kind](client, &request);
    if (client->interrupt_life)
        client->interrupt_life--;
    if (client->silent)
        reply_clear(&client->reply);
    else
        put_reply(client);
}

static void acknowledge(struct client *client, const char *sign)
{
    if (!client->no_ack)
        put(client, (const uint8_t *)sign, 1);
}

static void refuse(struct client *client, enum reply_error_number number)
{
    reply_error(&client->reply, number);
    put_reply(client);
}

static void garbled(struct client *client)
{
    acknowledge(client, "-");
    if (client->no_ack)
        refuse(client, ERROR_GARBLED);
}

static void handle(struct client *client, enum rsp_event event)
{
    switch (event) {
    case RSP_PACKET:
        acknowledge(client, "+");
        answer(client);
        break;
    case RSP_TOO_LONG:
        acknowledge(client, "+");
        refuse(client, ERROR_MALFORMED);
        break;
    case RSP_GARBLED:
        garbled(client);
        break;
    case RSP_INTERRUPT:
        client->interrupt_life = INTERRUPT_LIFE;
        break;
    case RSP_NAK:
        resend(client);
        break;
    case RSP_ACK:
    case RSP_NOTHING:
        break;
    }
}

/* ---- turns ---------------------------------------------------------------------------------------------------------- */

/* Takes a Ctrl-C out of the bytes that wait behind other packets, or between them. */
static bool take_interrupt(struct client *client)
{
    size_t at = rsp_find_interrupt(&client->reader, client->in + client->in_at, waiting(client));
    if (at == SIZE_MAX)
        return false;
    uint8_t *byte = client->in + client->in_at + at;
    memmove(byte, byte + 1, waiting(client) - at - 1);
    client->in_end--;
    return true;
}

/* What is found here stays on until a stop has told it: a run that ends of itself just then may pass it over. A queue
 * that is full breaks off too: whoever sends that much meanwhile does not wait for the answer, and its Ctrl-C or its
 * end would not be seen. */
bool client_interrupted(void *context)
{
    struct client *client = context;
    receive(client);
    bool at_terminal = client->in_word && client->interrupted && atomic_exchange(client->interrupted, false);
    if (take_interrupt(client) || at_terminal)
        client->interrupt_life = INTERRUPT_LIFE;
    return client->state != CLIENT_OPEN || client->interrupt_life || waiting(client) == sizeof client->in;
}

static void feed(struct client *client)
{
    enum rsp_event event;
    client->in_at += rsp_feed(&client->reader, client->in + client->in_at, waiting(client), &event);
    handle(client, event);
}

enum client_state client_turn(struct client *client)
{
    while (client->state == CLIENT_OPEN && (waiting(client) || receive(client)))
        feed(client);
    client_flush(client);
    return client->state;
}

/* ---- harts ------------------------------------------------------------------------------------------------------- */

struct engine *client_engine(const struct client *client) { return board_engine(timeline_board(client->timeline)); }

unsigned client_hart(const struct client *client)
{
    return client->general > 0 ? (unsigned)client->general - 1 : client->hart;
}

bool client_has_thread(const struct client *client, int64_t thread)
{
    return thread > 0 && thread <= (int64_t)engine_nharts(client_engine(client));
}

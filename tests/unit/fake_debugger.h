/* fake_debugger: a client of the stub whose wire is two buffers. */
#ifndef DEJA_TEST_FAKE_DEBUGGER_H
#define DEJA_TEST_FAKE_DEBUGGER_H

#include "gdbstub/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_WIRE_BYTES = 1 << 20 };

struct fake_debugger {
    uint8_t to_stub[FAKE_WIRE_BYTES];
    size_t sent, taken;
    uint8_t from_stub[FAKE_WIRE_BYTES];
    size_t received;
    unsigned empty_polls;     /* receive() has found nothing so often */
    unsigned interrupt_after; /* then a Ctrl-C comes; 0: none */
    unsigned signal_after;    /* then `signalled` is set; 0: never */
    atomic_bool signalled;
    unsigned hang_up_after; /* then it is gone; 0: never */
    unsigned deaf_for;      /* so many calls of send() take nothing */
    unsigned rests;         /* so often the timeline came to rest */
    size_t sip_bytes;       /* send() takes no more than that at once; 0: all */
    struct wire wire;
    struct client *client;
    char reply[2 * RSP_FRAME_MAX];
};

static struct fake_debugger debugger;

static long fake_receive(void *owner, uint8_t *bytes, size_t capacity)
{
    struct fake_debugger *d = owner;
    size_t size = d->sent - d->taken;
    if (!size) {
        d->empty_polls++;
        if (d->signal_after && d->empty_polls == d->signal_after)
            atomic_store(&d->signalled, true);
        if (d->hang_up_after && d->empty_polls >= d->hang_up_after)
            return -1;
        if (!d->interrupt_after || d->empty_polls != d->interrupt_after)
            return 0;
        bytes[0] = 0x03;
        return 1;
    }
    if (size > capacity)
        size = capacity;
    memcpy(bytes, d->to_stub + d->taken, size);
    d->taken += size;
    return (long)size;
}

static long fake_send(void *owner, const uint8_t *bytes, size_t size_bytes)
{
    struct fake_debugger *d = owner;
    if (d->deaf_for) {
        d->deaf_for--;
        return 0;
    }
    size_bytes = d->sip_bytes && d->sip_bytes < size_bytes ? d->sip_bytes : size_bytes;
    if (size_bytes > sizeof d->from_stub - d->received)
        d->received = 0; /* a flood; nobody reads it */
    memcpy(d->from_stub + d->received, bytes, size_bytes);
    d->received += size_bytes;
    return (long)size_bytes;
}

static void fake_wait(void *owner, bool or_come)
{
    (void)owner;
    (void)or_come;
}

static void fake_rested(void *owner) { ((struct fake_debugger *)owner)->rests++; }

static inline void fake_connect(struct timeline *timeline)
{
    memset(&debugger, 0, sizeof debugger);
    debugger.wire = (struct wire){&debugger, fake_receive, fake_send, fake_wait};
    debugger.client = client_create(timeline, &debugger.wire, (struct rest){fake_rested, &debugger});
    check(debugger.client);
}

static inline void fake_disconnect(void)
{
    client_free(debugger.client);
    debugger.client = NULL;
}

/* Hands bytes over as they are and lets the stub take its turn; what it says replaces what it said before. */
static inline enum client_state fake_bytes(const void *bytes, size_t size_bytes)
{
    check(size_bytes <= sizeof debugger.to_stub);
    memcpy(debugger.to_stub, bytes, size_bytes);
    debugger.sent = size_bytes;
    debugger.taken = 0;
    debugger.received = 0;
    debugger.empty_polls = 0;
    return client_turn(debugger.client);
}

/* Frames a payload that needs no escapes. */
static inline size_t fake_frame(const char *payload, char *frame, size_t size_bytes)
{
    uint8_t sum = 0;
    for (const char *c = payload; *c; c++)
        sum += (uint8_t)*c;
    int length = snprintf(frame, size_bytes, "$%s#%02x", payload, sum);
    check(length > 0 && (size_t)length < size_bytes);
    return (size_t)length;
}

/* Takes the frames in what the stub said: their payloads, one after another with \n between, without acks. */
static inline const char *fake_replies(void)
{
    size_t out = 0;
    for (size_t i = 0; i < debugger.received; i++) {
        if (debugger.from_stub[i] != '$')
            continue;
        if (out)
            debugger.reply[out++] = '\n';
        uint8_t sum = 0;
        for (i++; i < debugger.received && debugger.from_stub[i] != '#'; i++) {
            sum += debugger.from_stub[i];
            debugger.reply[out++] = (char)debugger.from_stub[i];
        }
        check(i + 2 < debugger.received);
        char digits[3] = {(char)debugger.from_stub[i + 1], (char)debugger.from_stub[i + 2], 0};
        check(strtoul(digits, NULL, 16) == sum);
        i += 2;
    }
    debugger.reply[out] = 0;
    return debugger.reply;
}

/* Sends one packet; the payloads of the replies. */
static inline const char *ask(const char *payload)
{
    static char frame[RSP_FRAME_MAX + 1];
    fake_bytes(frame, fake_frame(payload, frame, sizeof frame));
    return fake_replies();
}

/* The text of "monitor LINE", its O packets put together, and the last reply behind it. */
static inline const char *ask_monitor(const char *line)
{
    static char packet[1024], text[2 * RSP_PAYLOAD_MAX];
    size_t at = (size_t)snprintf(packet, sizeof packet, "qRcmd,"), out = 0;
    for (const char *c = line; *c; c++)
        at += (size_t)snprintf(packet + at, sizeof packet - at, "%02x", (unsigned char)*c);
    for (const char *part = ask(packet); part && *part && out < sizeof text / 2;) {
        size_t length = strcspn(part, "\n");
        if (*part == 'O' && length != 2 && hex_decode((const uint8_t *)part + 1, length - 1, (uint8_t *)text + out))
            out += (length - 1) / 2;
        else if (length && hex_decode((const uint8_t *)part, length, (uint8_t *)text + out)) /* all in one */
            out += length / 2 + (size_t)snprintf(text + out + length / 2, 3, "OK");
        else
            out += (size_t)snprintf(text + out, sizeof text - out, "%.*s", (int)length, part);
        part = part[length] ? part + length + 1 : NULL;
    }
    text[out] = 0;
    return text;
}

#endif

/* rsp: GDB's remote serial protocol, the framing: bytes <-> packets. Pure. Inner header of gdbstub/.
 *
 *   $payload#cc   cc: sum of the payload's bytes as sent, modulo 256, two hex digits
 *   }c            inside a payload: the byte c ^ 0x20 (for # $ } *)
 *   + -           received well / send again; none in no-ack mode
 *   0x03          outside a packet: the user's Ctrl-C
 *
 * GDB manual, appendix E "Remote Serial Protocol", E.1 Overview and E.8 Packet Acknowledgment.
 */
#ifndef DEJA_GDBSTUB_RSP_H
#define DEJA_GDBSTUB_RSP_H

#include "../icount/icount.h"

enum {
    RSP_PAYLOAD_MAX = 0x10000,               /* what PacketSize= announces */
    RSP_FRAME_MAX = RSP_PAYLOAD_MAX + 4,     /* $ payload # c c */
    RSP_MEMORY_MAX = RSP_PAYLOAD_MAX / 2 - 8 /* bytes of memory that fit a reply, as hex or all escaped */
};

/* ---- what comes in ------------------------------------------------------------------------------------------- */

enum rsp_event {
    RSP_NOTHING,   /* more bytes are needed */
    RSP_PACKET,    /* payload and size hold a whole packet, unescaped */
    RSP_GARBLED,   /* its checksum was wrong */
    RSP_TOO_LONG,  /* it was longer than RSP_PAYLOAD_MAX; it has been passed over */
    RSP_INTERRUPT, /* 0x03 */
    RSP_ACK,       /* + */
    RSP_NAK,       /* - */
};

struct rsp_reader {
    enum rsp_state { RSP_OUTSIDE, RSP_INSIDE, RSP_FIRST_DIGIT, RSP_SECOND_DIGIT } state;
    bool escaped;
    bool too_long;
    bool bad_digit;
    uint8_t sum;      /* as computed */
    uint8_t checksum; /* as sent */
    size_t size_bytes;
    uint8_t payload[RSP_PAYLOAD_MAX + 1]; /* a NUL follows a whole packet */
};

void rsp_reader_init(struct rsp_reader *reader);

/* Reads up to and including the byte that completes an event; returns how many bytes that took (at most
 * `size_bytes`). Garbage between packets is skipped; a $ inside a packet begins a new one. The payload is the
 * caller's to change until the next call. */
size_t rsp_feed(struct rsp_reader *reader, const uint8_t *bytes, size_t size_bytes, enum rsp_event *event);

/* Finds a 0x03 that stands outside any packet in bytes which the reader has not been fed yet; SIZE_MAX when there is
 * none. For a look ahead while the machine runs. */
size_t rsp_find_interrupt(const struct rsp_reader *reader, const uint8_t *bytes, size_t size_bytes);

/* ---- what goes out --------------------------------------------------------------------------------------------- */

/* A reply's payload, escaped already. What does not fit sets `overflow` and is dropped. */
struct reply {
    size_t size_bytes;
    bool overflow;
    uint8_t bytes[RSP_PAYLOAD_MAX];
};

void reply_clear(struct reply *reply);
void reply_text(struct reply *reply, const char *text);
void reply_format(struct reply *reply, const char *format, ...) PRINTF_LIKE(2, 3);

/* Replaces whatever is in the reply by "Enn". */
void reply_error(struct reply *reply, unsigned number);

/* Bytes as pairs of hex digits. */
void reply_hex(struct reply *reply, const void *bytes, size_t size_bytes);

/* A register's value: `width` bytes (1..8) of hex digits, least significant byte first. */
void reply_value(struct reply *reply, uint64_t value, unsigned width);

/* Bytes as they are, with } escapes. */
void reply_binary(struct reply *reply, const void *bytes, size_t size_bytes);

/* Writes $payload#cc to `frame`; returns its length. */
size_t rsp_frame(const struct reply *reply, uint8_t frame[RSP_FRAME_MAX]);

/* ---- hex digits -------------------------------------------------------------------------------------------------- */

/* 0..15, or -1. */
int hex_digit(uint8_t c);

/* Decodes pairs of digits to `bytes` (size_bytes / 2; may be the same place); false when they are not that. */
bool hex_decode(const uint8_t *digits, size_t size_bytes, uint8_t *bytes);

#endif

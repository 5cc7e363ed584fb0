/* The framing of rsp.h, byte by byte. */
#include "rsp.h"

#include <string.h>

/* ---- in -------------------------------------------------------------------------------------------------------- */

void rsp_reader_init(struct rsp_reader *reader)
{
    reader->state = RSP_OUTSIDE;
    reader->size_bytes = 0;
}

static void begin(struct rsp_reader *reader)
{
    reader->state = RSP_INSIDE;
    reader->escaped = reader->too_long = reader->bad_digit = false;
    reader->sum = reader->checksum = 0;
    reader->size_bytes = 0;
}

static enum rsp_event outside(struct rsp_reader *reader, uint8_t byte)
{
    switch (byte) {
    case '$':
        begin(reader);
        return RSP_NOTHING;
    case '+':
        return RSP_ACK;
    case '-':
        return RSP_NAK;
    case 0x03:
        return RSP_INTERRUPT;
    default:
        return RSP_NOTHING;
    }
}

static void append(struct rsp_reader *reader, uint8_t byte)
{
    if (reader->size_bytes == RSP_PAYLOAD_MAX)
        reader->too_long = true;
    else
        reader->payload[reader->size_bytes++] = byte;
}

static enum rsp_event inside(struct rsp_reader *reader, uint8_t byte)
{
    if (byte == '$') {
        begin(reader);
        return RSP_NOTHING;
    }
    if (byte == '#') {
        reader->state = RSP_FIRST_DIGIT;
        return RSP_NOTHING;
    }
    reader->sum += byte;
    if (reader->escaped) {
        reader->escaped = false;
        append(reader, byte ^ 0x20);
    } else if (byte == '}') {
        reader->escaped = true;
    } else {
        append(reader, byte);
    }
    return RSP_NOTHING;
}

static enum rsp_event end(struct rsp_reader *reader)
{
    reader->state = RSP_OUTSIDE;
    reader->payload[reader->size_bytes] = 0;
    if (reader->bad_digit || reader->escaped || reader->sum != reader->checksum)
        return RSP_GARBLED;
    return reader->too_long ? RSP_TOO_LONG : RSP_PACKET;
}

static enum rsp_event digit(struct rsp_reader *reader, uint8_t byte)
{
    /* a checksum cut off by the next packet: that packet must not be lost with it */
    if (byte == '$') {
        begin(reader);
        return RSP_NOTHING;
    }
    int value = hex_digit(byte);
    reader->bad_digit |= value < 0;
    reader->checksum = (uint8_t)(reader->checksum << 4 | (value & 15));
    if (reader->state == RSP_SECOND_DIGIT)
        return end(reader);
    reader->state = RSP_SECOND_DIGIT;
    return RSP_NOTHING;
}

size_t rsp_feed(struct rsp_reader *reader, const uint8_t *bytes, size_t size_bytes, enum rsp_event *event)
{
    static enum rsp_event (*const step[])(struct rsp_reader *, uint8_t) = {
        [RSP_OUTSIDE] = outside, [RSP_INSIDE] = inside, [RSP_FIRST_DIGIT] = digit, [RSP_SECOND_DIGIT] = digit};
    for (size_t i = 0; i < size_bytes; i++) {
        *event = step[reader->state](reader, bytes[i]);
        if (*event != RSP_NOTHING)
            return i + 1;
    }
    *event = RSP_NOTHING;
    return size_bytes;
}

size_t rsp_find_interrupt(const struct rsp_reader *reader, const uint8_t *bytes, size_t size_bytes)
{
    enum rsp_state state = reader->state;
    for (size_t i = 0; i < size_bytes; i++) {
        if (bytes[i] == '$')
            state = RSP_INSIDE;
        else if (state == RSP_OUTSIDE && bytes[i] == 0x03)
            return i;
        else if (state == RSP_INSIDE && bytes[i] == '#')
            state = RSP_FIRST_DIGIT;
        else if (state == RSP_FIRST_DIGIT)
            state = RSP_SECOND_DIGIT;
        else if (state == RSP_SECOND_DIGIT)
            state = RSP_OUTSIDE;
    }
    return SIZE_MAX;
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

size_t rsp_frame(const struct reply *reply, uint8_t frame[RSP_FRAME_MAX])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum = 0;
    for (size_t i = 0; i < reply->size_bytes; i++)
        sum += reply->bytes[i];
    uint8_t *end_of_payload = frame + 1 + reply->size_bytes;
    frame[0] = '$';
    memcpy(frame + 1, reply->bytes, reply->size_bytes);
    end_of_payload[0] = '#';
    end_of_payload[1] = (uint8_t)digits[sum >> 4];
    end_of_payload[2] = (uint8_t)digits[sum & 15];
    return reply->size_bytes + 4;
}

/* ---- hex --------------------------------------------------------------------------------------------------------- */

int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(const uint8_t *digits, size_t size_bytes, uint8_t *bytes)
{
    if (size_bytes % 2)
        return false;
    for (size_t i = 0; i < size_bytes; i += 2) {
        int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Builds the payload of a reply; see rsp.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rsp.h"

static const char hex_digits[] = "0123456789abcdef";

static bool room(struct reply *reply, size_t size_bytes)
{
    if (size_bytes > sizeof reply->bytes - reply->size_bytes)
        reply->overflow = true;
    return !reply->overflow;
}

static void append(struct reply *reply, const void *bytes, size_t size_bytes)
{
    if (!room(reply, size_bytes))
        return;
    memcpy(reply->bytes + reply->size_bytes, bytes, size_bytes);
    reply->size_bytes += size_bytes;
}

void reply_clear(struct reply *reply)
{
    reply->size_bytes = 0;
    reply->overflow = false;
}

void reply_text(struct reply *reply, const char *text) { append(reply, text, strlen(text)); }

void reply_format(struct reply *reply, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check(length >= 0 && (size_t)length < sizeof text);
    append(reply, text, (size_t)length);
}

void reply_error(struct reply *reply, unsigned number)
{
    reply_clear(reply);
    reply_format(reply, "E%02u", number % 100);
}

void reply_hex(struct reply *reply, const void *bytes, size_t size_bytes)
{
    const uint8_t *from = bytes;
    if (size_bytes > sizeof reply->bytes || !room(reply, 2 * size_bytes))
        return;
    uint8_t *to = reply->bytes + reply->size_bytes;
    for (size_t i = 0; i < size_bytes; i++) {
        *to++ = (uint8_t)hex_digits[from[i] >> 4];
        *to++ = (uint8_t)hex_digits[from[i] & 15];
    }
    reply->size_bytes += 2 * size_bytes;
}

void reply_value(struct reply *reply, uint64_t value, unsigned width)
{
    uint8_t bytes[8];
    check(width >= 1 && width <= sizeof bytes);
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    reply_hex(reply, bytes, width);
}

void reply_binary(struct reply *reply, const void *bytes, size_t size_bytes)
{
    const uint8_t *from = bytes;
    for (size_t i = 0; i < size_bytes; i++) {
        uint8_t c = from[i];
        if (c == '#' || c == '$' || c == '}' || c == '*')
            append(reply, (uint8_t[]){'}', c ^ 0x20}, 2);
        else
            append(reply, &c, 1);
    }
}

/* Conditions of breakpoints; see conditions.h. */
#include "conditions.h"

#include <stdlib.h>
#include <string.h>

#include "rsp.h"

struct cursor {
    const uint8_t *at, *end;
};

static bool literal(struct cursor *cursor, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length))
        return false;
    cursor->at += length;
    return true;
}

/* Up to eight hex digits. */
static bool number(struct cursor *cursor, uint64_t *value)
{
    const uint8_t *first = cursor->at;
    *value = 0;
    for (; cursor->at < cursor->end && hex_digit(*cursor->at) >= 0; cursor->at++)
        *value = *value << 4 | (unsigned)hex_digit(*cursor->at);
    return cursor->at > first && cursor->at - first <= 8;
}

/* len,bytes: appended to the list when there is one. */
static bool expression(struct cursor *cursor, struct conditions *list)
{
    uint64_t size;
    if (!number(cursor, &size) || !literal(cursor, ",") || size > (uint64_t)(cursor->end - cursor->at) / 2)
        return false;
    uint8_t *to = list->bytes + list->size_bytes;
    to[0] = (uint8_t)size;
    to[1] = (uint8_t)(size >> 8);
    if (!hex_decode(cursor->at, 2 * (size_t)size, to + 2))
        return false;
    list->size_bytes += 2 + (size_t)size;
    cursor->at += 2 * size;
    return true;
}

/* Reads the whole text; expressions of commands leave no trace in the list. */
static bool read_all(struct cursor *cursor, struct conditions *list)
{
    uint64_t persist;
    bool commands = false;
    while (cursor->at < cursor->end) {
        size_t kept = list->size_bytes;
        literal(cursor, ";");
        if (literal(cursor, "cmds:")) {
            commands = true;
            if (!number(cursor, &persist) || !literal(cursor, ","))
                return false;
        }
        if (!literal(cursor, "X") || !expression(cursor, list))
            return false;
        if (commands)
            list->size_bytes = kept;
    }
    return true;
}

bool conditions_parse(const uint8_t *text, size_t size_bytes, struct conditions *conditions)
{
    struct cursor cursor = {text, text + size_bytes};
    *conditions = (struct conditions){0};
    if (!size_bytes)
        return true;
    struct conditions list = {malloc(size_bytes + 2), 0}; /* "X0," takes two bytes of the list, and all else fewer */
    bool good = list.bytes && read_all(&cursor, &list);
    if (good && list.size_bytes && list.size_bytes <= CONDITIONS_BYTES_MOST)
        *conditions = list;
    else
        free(list.bytes);
    return good;
}

void conditions_free(struct conditions *conditions)
{
    free(conditions->bytes);
    *conditions = (struct conditions){0};
}

bool conditions_hold(const struct conditions *conditions, const struct ax_view *view)
{
    for (size_t at = 0; at < conditions->size_bytes;) {
        const uint8_t *bytes = conditions->bytes + at;
        size_t size = bytes[0] | (size_t)bytes[1] << 8;
        uint64_t value;
        if (!ax_evaluate(bytes + 2, size, view, &value) || value)
            return true;
        at += 2 + size;
    }
    return conditions->size_bytes == 0;
}

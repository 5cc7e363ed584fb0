/* Reads packets by the table packets.def; see request.h. */
#include "request.h"

#include <ctype.h>
#include <string.h>

#include "rsp.h"

struct cursor {
    const uint8_t *at, *end;
    uint8_t *decoded_end; /* the same place as end, where hex may be decoded; NULL: only reading */
};

static const struct row {
    const char *name;
    const char *shape;
} rows[REQUEST_KINDS] = {
#define PACKET(kind, name, shape) [REQUEST_##kind] = {name, shape},
#include "packets.def"
#undef PACKET
};

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

/* 1 to 16 hex digits. */
static bool number(struct cursor *cursor, uint64_t *value)
{
    *value = 0;
    int digits = 0;
    for (; cursor->at < cursor->end && hex_digit(*cursor->at) >= 0; cursor->at++) {
        if (++digits > 16)
            return false;
        *value = *value << 4 | (unsigned)hex_digit(*cursor->at);
    }
    return digits > 0;
}

static bool literal(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != (uint8_t)c)
        return false;
    cursor->at++;
    return true;
}

static bool thread(struct cursor *cursor, int64_t *id)
{
    uint64_t value;
    bool negative = literal(cursor, '-');
    if (!number(cursor, &value) || value > INT64_MAX || (negative && value != 1))
        return false;
    *id = negative ? THREAD_ALL : (int64_t)value;
    return true;
}

static bool rest(struct cursor *cursor, struct request *request)
{
    request->bytes = cursor->at;
    request->size_bytes = (size_t)(cursor->end - cursor->at);
    cursor->at = cursor->end;
    return true;
}

static bool hex_rest(struct cursor *cursor, struct request *request)
{
    rest(cursor, request);
    uint8_t *bytes = cursor->decoded_end - request->size_bytes;
    if (!hex_decode(bytes, request->size_bytes, bytes))
        return false;
    request->size_bytes /= 2;
    return true;
}

static bool word(struct cursor *cursor, struct request *request)
{
    request->bytes = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != ':')
        cursor->at++;
    request->size_bytes = (size_t)(cursor->at - request->bytes);
    return true;
}

/* ---- a whole packet ---------------------------------------------------------------------------------------------- */

static bool piece(char letter, struct cursor *cursor, struct request *request)
{
    switch (letter) {
    case 'a':
        return request->has_address = number(cursor, &request->address);
    case 'l':
        return number(cursor, &request->length);
    case 'n':
        return number(cursor, &request->number);
    case 't':
        return thread(cursor, &request->thread);
    case 'h':
        return hex_rest(cursor, request);
    case 'b':
    case 's':
        return rest(cursor, request);
    case 'w':
        return word(cursor, request);
    default:
        return literal(cursor, letter);
    }
}

static bool shaped(const char *shape, struct cursor *cursor, struct request *request)
{
    for (; *shape; shape++) {
        if (*shape == '?' && cursor->at == cursor->end)
            return true;
        if (*shape != '?' && !piece(*shape, cursor, request))
            return false;
    }
    return cursor->at == cursor->end;
}

static bool begins(const uint8_t *payload, size_t size_bytes, const char *name)
{
    size_t length = strlen(name);
    return length <= size_bytes && !memcmp(payload, name, length);
}

/* The row with the longest name that the payload begins with; REQUEST_UNKNOWN when there is none. */
static enum request_kind find(const uint8_t *payload, size_t size_bytes)
{
    enum request_kind found = REQUEST_UNKNOWN;
    size_t longest = 0;
    for (size_t kind = REQUEST_MALFORMED + 1; kind < REQUEST_KINDS; kind++) {
        if (strlen(rows[kind].name) > longest && begins(payload, size_bytes, rows[kind].name)) {
            longest = strlen(rows[kind].name);
            found = (enum request_kind)kind;
        }
    }
    /* of long names the whole word must match: qCommand is not qC */
    if (longest > 1 && strchr("qQv", payload[0]) && longest < size_bytes && isalnum(payload[longest]))
        return REQUEST_UNKNOWN;
    return found;
}

void request_parse(uint8_t *payload, size_t size_bytes, struct request *request)
{
    *request = (struct request){.kind = find(payload, size_bytes)};
    if (request->kind == REQUEST_UNKNOWN)
        return;
    const struct row *row = &rows[request->kind];
    struct cursor cursor = {payload + strlen(row->name), payload + size_bytes, payload + size_bytes};
    if (!shaped(row->shape, &cursor, request))
        request->kind = REQUEST_MALFORMED;
}

/* ---- vCont ------------------------------------------------------------------------------------------------------- */

/* The one-letter action and its operands; a signal number (C05, S05) is passed over. */
static bool verb(struct cursor *cursor, struct action *action)
{
    uint64_t signal;
    if (cursor->at == cursor->end)
        return false;
    action->what = (char)tolower(*cursor->at);
    switch (*cursor->at++) {
    case 'c':
    case 's':
    case 't':
        return true;
    case 'C':
    case 'S':
        return number(cursor, &signal);
    case 'r':
        return number(cursor, &action->start) && literal(cursor, ',') && number(cursor, &action->end);
    default:
        return false;
    }
}

size_t request_actions(const struct request *request, struct action *actions, size_t capacity)
{
    struct cursor cursor = {request->bytes, request->bytes + request->size_bytes, NULL};
    for (size_t count = 0; count < capacity;) {
        struct action *action = &actions[count++];
        *action = (struct action){.thread = THREAD_ALL};
        if (!verb(&cursor, action))
            return 0;
        if (literal(&cursor, ':') && !thread(&cursor, &action->thread))
            return 0;
        if (cursor.at == cursor.end)
            return count;
        if (!literal(&cursor, ';'))
            return 0;
    }
    return 0;
}

/* state: described structs <-> bytes.
 *
 * The encoded form, which recordings hold (docs/FORMAT.md). Parts follow each other without padding, in the order in
 * which their owner lists them:
 *
 *     u8     n, bytes of the kind name
 *     n      the kind name, ASCII, no terminator       "hart"
 *     u32    index                                     0
 *     u32    bytes of the payload
 *     ...    payload: the fields in table order; an array is its elements in order
 *
 * Every number is little-endian, of the width that the table gives; there is no padding between fields. The state hash
 * is XXH3 (64 bits, seed 0) of exactly these bytes. Decoding accepts no other kinds, order, indexes or lengths than
 * those of the machine that it fills.
 */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES_MAX = 255, PREFIX_BYTES_MAX = 1 + NAME_BYTES_MAX + 4 + 4 };

/* ---- little-endian --------------------------------------------------------------------------------------------- */

static void put_u32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_le(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* Host order <-> little-endian is the same operation both ways. */
static void copy_le(void *to, const void *from, size_t size_bytes, unsigned width)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)width;
    memcpy(to, from, size_bytes);
#else
    for (size_t at = 0; at < size_bytes; at += width)
        for (unsigned i = 0; i < width; i++)
            ((uint8_t *)to)[at + i] = ((const uint8_t *)from)[at + width - 1 - i];
#endif
}

/* ---- shape ----------------------------------------------------------------------------------------------------- */

static uint8_t *member(const struct state_part *part, const struct state_field *field)
{
    return (uint8_t *)part->object + field->offset;
}

static size_t payload_bytes(const struct state_desc *desc)
{
    size_t bytes = 0;
    for (size_t i = 0; i < desc->nfields; i++)
        bytes += desc->fields[i].size_bytes;
    check(bytes <= UINT32_MAX);
    return bytes;
}

/* Writes what stands before the payload; returns its length. */
static size_t put_prefix(const struct state_part *part, uint8_t prefix[PREFIX_BYTES_MAX])
{
    size_t name_bytes = strlen(part->desc->name);
    check(name_bytes <= NAME_BYTES_MAX);
    prefix[0] = (uint8_t)name_bytes;
    memcpy(prefix + 1, part->desc->name, name_bytes);
    put_u32(prefix + 1 + name_bytes, part->index);
    put_u32(prefix + 1 + name_bytes + 4, (uint32_t)payload_bytes(part->desc));
    return 1 + name_bytes + 4 + 4;
}

/* Encoded parts that are being read. */
struct reader {
    const uint8_t *at;
    size_t left_bytes;
};

static const uint8_t *take(struct reader *reader, size_t size_bytes)
{
    const uint8_t *bytes = reader->at;
    reader->at += size_bytes;
    reader->left_bytes -= size_bytes;
    return bytes;
}

/* The payload of `part`, which is read over; NULL when what stands there is not this part. */
static const uint8_t *open_part(const struct state_part *part, struct reader *reader)
{
    uint8_t prefix[PREFIX_BYTES_MAX];
    size_t prefix_bytes = put_prefix(part, prefix);
    size_t bytes = payload_bytes(part->desc);
    if (reader->left_bytes < prefix_bytes || reader->left_bytes - prefix_bytes < bytes)
        return NULL;
    if (memcmp(take(reader, prefix_bytes), prefix, prefix_bytes) != 0)
        return NULL;
    return take(reader, bytes);
}

/* Are these bytes exactly these parts? *misfit is the part at which they are not; nparts: bytes are left over. */
static bool fits(const struct state_part *parts, size_t nparts, const uint8_t *bytes, size_t size_bytes, size_t *misfit)
{
    struct reader reader = {bytes, size_bytes};
    for (*misfit = 0; *misfit < nparts; (*misfit)++)
        if (!open_part(&parts[*misfit], &reader))
            return false;
    return reader.left_bytes == 0;
}

/* ---- encode ---------------------------------------------------------------------------------------------------- */

size_t state_size(const struct state_part *parts, size_t nparts)
{
    size_t bytes = 0;
    for (size_t i = 0; i < nparts; i++)
        bytes += 1 + strlen(parts[i].desc->name) + 4 + 4 + payload_bytes(parts[i].desc);
    return bytes;
}

static void emit_field(const uint8_t *bytes, const struct state_field *field,
                       void (*emit)(void *context, const void *bytes, size_t size_bytes), void *context)
{
    uint8_t piece[512];
    for (size_t at = 0; at < field->size_bytes; at += sizeof piece) {
        size_t left = field->size_bytes - at, size_bytes = left < sizeof piece ? left : sizeof piece;
        copy_le(piece, bytes + at, size_bytes, field->width);
        emit(context, piece, size_bytes);
    }
}

void state_emit(const struct state_part *parts, size_t nparts,
                void (*emit)(void *context, const void *bytes, size_t size_bytes), void *context)
{
    for (size_t i = 0; i < nparts; i++) {
        const struct state_desc *desc = parts[i].desc;
        uint8_t prefix[PREFIX_BYTES_MAX];
        emit(context, prefix, put_prefix(&parts[i], prefix));
        for (size_t f = 0; f < desc->nfields; f++)
            emit_field(member(&parts[i], &desc->fields[f]), &desc->fields[f], emit, context);
    }
}

static void append(void *context, const void *bytes, size_t size_bytes)
{
    uint8_t **cursor = context;
    memcpy(*cursor, bytes, size_bytes);
    *cursor += size_bytes;
}

void state_encode(const struct state_part *parts, size_t nparts, uint8_t *bytes)
{
    state_emit(parts, nparts, append, &bytes);
}

/* ---- decode: validate, then commit; what only a validator can tell is rolled back ------------------------------- */

static void fill(const struct state_part *parts, size_t nparts, const uint8_t *bytes, size_t size_bytes)
{
    struct reader reader = {bytes, size_bytes};
    for (size_t i = 0; i < nparts; i++) {
        const struct state_desc *desc = parts[i].desc;
        const uint8_t *payload = open_part(&parts[i], &reader);
        check(payload);
        for (size_t f = 0; f < desc->nfields; payload += desc->fields[f++].size_bytes)
            copy_le(member(&parts[i], &desc->fields[f]), payload, desc->fields[f].size_bytes, desc->fields[f].width);
    }
}

static err_t refuse(const struct state_part *parts, size_t nparts, size_t misfit, const char *why)
{
    if (misfit == nparts)
        return err_detail(err_make(ERR_DAMAGED, "state"), "bytes are left over after the last part");
    return err_detail(err_make(ERR_DAMAGED, "state of %s %u", parts[misfit].desc->name, parts[misfit].index), "%s",
                      why);
}

err_t state_decode(const struct state_part *parts, size_t nparts, const uint8_t *bytes, size_t size_bytes)
{
    size_t misfit;
    if (!fits(parts, nparts, bytes, size_bytes, &misfit))
        return refuse(parts, nparts, misfit, "cut short, or another machine's");
    uint8_t *before = malloc(size_bytes + 1);
    if (!before)
        return err_make(ERR_NO_MEMORY, "state");
    state_encode(parts, nparts, before);
    fill(parts, nparts, bytes, size_bytes);
    err_t error = err_ok();
    for (size_t i = 0; i < nparts && !err_is(error); i++)
        if (parts[i].desc->valid && !parts[i].desc->valid(parts[i].object))
            error = refuse(parts, nparts, i, "a state that the part cannot be in");
    if (err_is(error))
        fill(parts, nparts, before, size_bytes);
    free(before);
    return error;
}

/* ---- diff and print -------------------------------------------------------------------------------------------- */

struct diff {
    void (*differs)(void *context, const struct state_difference *difference);
    void *context;
    size_t count;
};

static void diff_field(struct diff *diff, const struct state_part *part, const struct state_field *field,
                       const uint8_t *a, const uint8_t *b)
{
    for (uint32_t at = 0; at < field->size_bytes; at += field->width) {
        struct state_difference difference = {
            .part = part->desc->name,
            .index = part->index,
            .field = field->name,
            .element = at / field->width,
            .is_array = field->size_bytes != field->width,
            .a = get_le(a + at, field->width),
            .b = get_le(b + at, field->width),
        };
        if (difference.a == difference.b)
            continue;
        diff->count++;
        if (diff->differs)
            diff->differs(diff->context, &difference);
    }
}

size_t state_diff(const struct state_part *parts, size_t nparts, const uint8_t *a, size_t a_bytes, const uint8_t *b,
                  size_t b_bytes, void (*differs)(void *context, const struct state_difference *difference),
                  void *context)
{
    size_t misfit;
    if (!fits(parts, nparts, a, a_bytes, &misfit) || !fits(parts, nparts, b, b_bytes, &misfit))
        return SIZE_MAX;
    struct diff diff = {.differs = differs, .context = context};
    struct reader a_reader = {a, a_bytes}, b_reader = {b, b_bytes};
    for (size_t i = 0; i < nparts; i++) {
        const struct state_desc *desc = parts[i].desc;
        const uint8_t *a_field = open_part(&parts[i], &a_reader);
        const uint8_t *b_field = open_part(&parts[i], &b_reader);
        for (size_t f = 0; f < desc->nfields; f++) {
            diff_field(&diff, &parts[i], &desc->fields[f], a_field, b_field);
            a_field += desc->fields[f].size_bytes;
            b_field += desc->fields[f].size_bytes;
        }
    }
    return diff.count;
}

static void print_element(const struct state_part *part, const struct state_field *field, uint32_t at,
                          void (*line)(void *context, const char *text), void *context)
{
    char text[400], element[16] = "";
    uint8_t bytes[8];
    copy_le(bytes, member(part, field) + at, field->width, field->width);
    if (field->size_bytes != field->width)
        snprintf(element, sizeof element, "[%u]", at / field->width);
    snprintf(text, sizeof text, "%s %u %s%s 0x%llx", part->desc->name, part->index, field->name, element,
             (unsigned long long)get_le(bytes, field->width));
    line(context, text);
}

void state_print(const struct state_part *parts, size_t nparts, void (*line)(void *context, const char *text),
                 void *context)
{
    for (size_t i = 0; i < nparts; i++)
        for (size_t f = 0; f < parts[i].desc->nfields; f++) {
            const struct state_field *field = &parts[i].desc->fields[f];
            for (uint32_t at = 0; at < field->size_bytes; at += field->width)
                print_element(&parts[i], field, at, line, context);
        }
}

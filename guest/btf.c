/* BTF, the kernel's description of its own types: Linux Documentation/bpf/btf.rst. */
#include "btf.h"

#include <string.h>

#include "bytes.h"

enum {
    MAGIC = 0xeb9f,
    HEADER_BYTES = 24,
    TYPE_BYTES = 12,
    MEMBER_BYTES = 12,
    KIND_STRUCT = 4,
    KINDS = 20,
};

/* Bytes behind a type's head: so many, and so many for each of its elements. By kind, from btf.rst. */
static const struct {
    uint8_t fixed, each;
} tails[KINDS] = {
    [1] = {4, 0},   /* INT */
    [3] = {12, 0},  /* ARRAY */
    [4] = {0, 12},  /* STRUCT */
    [5] = {0, 12},  /* UNION */
    [6] = {0, 8},   /* ENUM */
    [13] = {0, 8},  /* FUNC_PROTO */
    [14] = {4, 0},  /* VAR */
    [15] = {0, 12}, /* DATASEC */
    [17] = {4, 0},  /* DECL_TAG */
    [19] = {0, 12}, /* ENUM64 */
};

struct btf {
    const uint8_t *types, *strings;
    size_t types_bytes, strings_bytes;
};

static bool open_btf(const uint8_t *bytes, size_t size_bytes, struct btf *btf)
{
    if (size_bytes < HEADER_BYTES || bytes_u16(bytes) != MAGIC)
        return false;
    uint64_t header = bytes_u32(bytes + 4), room = size_bytes;
    uint64_t types = header + bytes_u32(bytes + 8), strings = header + bytes_u32(bytes + 16);
    btf->types_bytes = bytes_u32(bytes + 12);
    btf->strings_bytes = bytes_u32(bytes + 20);
    if (types + btf->types_bytes > room || strings + btf->strings_bytes > room)
        return false;
    btf->types = bytes + types;
    btf->strings = bytes + strings;
    return true;
}

static bool is_named(const struct btf *btf, uint32_t at, const char *name)
{
    size_t size = strlen(name) + 1;
    return at < btf->strings_bytes && size <= btf->strings_bytes - at && memcmp(btf->strings + at, name, size) == 0;
}

static bool is_wished(const struct btf *btf, const struct btf_wish *wish, uint32_t name)
{
    return is_named(btf, name, wish->member) || (wish->formerly != NULL && is_named(btf, name, wish->formerly));
}

/* An offset is in bits; with bit-fields in the structure, its top byte is a width (0: no bit-field). */
static void read_members(const struct btf *btf, const uint8_t *members, unsigned count, bool bit_fields,
                         const struct btf_wish *wish, uint32_t *offset)
{
    for (unsigned i = 0; i < count && *offset == UINT32_MAX; i++) {
        const uint8_t *member = members + (size_t)i * MEMBER_BYTES;
        uint32_t bits = bytes_u32(member + 8);
        if (is_wished(btf, wish, bytes_u32(member)) && bits % 8 == 0 && !(bit_fields && bits >> 24 != 0))
            *offset = bits / 8;
    }
}

bool btf_offsets(const uint8_t *bytes, size_t size_bytes, const struct btf_wish *wishes, size_t nwishes,
                 uint32_t *offsets)
{
    struct btf btf;
    for (size_t i = 0; i < nwishes; i++)
        offsets[i] = UINT32_MAX;
    if (!open_btf(bytes, size_bytes, &btf))
        return false;
    for (size_t at = 0; btf.types_bytes - at >= TYPE_BYTES;) {
        const uint8_t *type = btf.types + at;
        uint32_t info = bytes_u32(type + 4);
        unsigned kind = info >> 24 & 31, count = info & 0xffff;
        if (kind >= KINDS)
            return false;
        size_t size = TYPE_BYTES + tails[kind].fixed + (size_t)tails[kind].each * count;
        if (size > btf.types_bytes - at)
            return false;
        for (size_t i = 0; i < nwishes && kind == KIND_STRUCT; i++)
            if (offsets[i] == UINT32_MAX && is_named(&btf, bytes_u32(type), wishes[i].type))
                read_members(&btf, type + TYPE_BYTES, count, info >> 31, &wishes[i], &offsets[i]);
        at += size;
    }
    return true;
}

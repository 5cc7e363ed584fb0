/* BTF, the kernel's description of its own types: Linux Documentation/bpf/btf.rst. */
#include "btf.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum {
    MAGIC = 0xeb9f,
    HEADER_BYTES = 24,
    TYPE_BYTES = 12,
    MEMBER_BYTES = 12,
    KIND_STRUCT = 4,
    KIND_UNION = 5,
    KINDS = 20,
    DEPTH_MAX = 4,
    VISITS_MAX = 1 << 20,
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
    uint32_t *at; /* where a type begins in `types`, by its number; they count from 1 */
    size_t count;
    unsigned visits; /* of members of nameless structures, which hostile ones may hold without end */
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

/* ---- types ------------------------------------------------------------------------------------------------------- */

static unsigned kind_of(const uint8_t *type) { return bytes_u32(type + 4) >> 24 & 31; }

static unsigned count_of(const uint8_t *type) { return bytes_u32(type + 4) & 0xffff; }

/* Counts the types, and notes where they begin when there is room for that; false when they do not fill their bytes. */
static bool count_types(struct btf *btf)
{
    btf->count = 0;
    for (size_t at = 0; btf->types_bytes - at >= TYPE_BYTES;) {
        const uint8_t *type = btf->types + at;
        unsigned kind = kind_of(type);
        if (kind >= KINDS)
            return false;
        size_t size = TYPE_BYTES + tails[kind].fixed + (size_t)tails[kind].each * count_of(type);
        if (size > btf->types_bytes - at)
            return false;
        btf->count++;
        if (btf->at != NULL)
            btf->at[btf->count] = (uint32_t)at;
        at += size;
    }
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

/* The structure or union of this number; NULL: it is something else. */
static const uint8_t *structure(const struct btf *btf, uint32_t number)
{
    if (number == 0 || number > btf->count)
        return NULL;
    const uint8_t *type = btf->types + btf->at[number];
    return kind_of(type) == KIND_STRUCT || kind_of(type) == KIND_UNION ? type : NULL;
}

/* ---- members ----------------------------------------------------------------------------------------------------- */

/* Looks for a member, in nameless structures and unions inside as well: C names their members as if they were outside.
 * An offset is in bits; with bit-fields in the structure, its top byte is a width (0: no bit-field). */
static bool find_member(struct btf *btf, const uint8_t *type, const struct btf_wish *wish, unsigned depth,
                        uint32_t *offset)
{
    const uint8_t *member = type + TYPE_BYTES, *end = member + (size_t)count_of(type) * MEMBER_BYTES;
    bool bit_fields = bytes_u32(type + 4) >> 31;

    for (; member < end; member += MEMBER_BYTES) {
        uint32_t name = bytes_u32(member), bits = bytes_u32(member + 8);
        if (depth > 0 && btf->visits++ >= VISITS_MAX)
            return false;
        if (bits % 8 != 0 || (bit_fields && bits >> 24 != 0))
            continue;
        const uint8_t *inner = is_named(btf, name, "") ? structure(btf, bytes_u32(member + 4)) : NULL;
        uint32_t inside = 0;
        if (is_wished(btf, wish, name) ||
            (inner != NULL && depth < DEPTH_MAX && find_member(btf, inner, wish, depth + 1, &inside))) {
            *offset = bits / 8 + inside; /* both are below 2^29, and the depth is: no overflow */
            return true;
        }
    }
    return false;
}

static void find_all(struct btf *btf, const struct btf_wish *wishes, size_t nwishes, uint32_t *offsets)
{
    for (uint32_t number = 1; number <= btf->count; number++) {
        const uint8_t *type = btf->types + btf->at[number];
        for (size_t i = 0; i < nwishes && kind_of(type) == KIND_STRUCT; i++)
            if (offsets[i] == UINT32_MAX && is_named(btf, bytes_u32(type), wishes[i].type))
                find_member(btf, type, &wishes[i], 0, &offsets[i]);
    }
}

err_t btf_offsets(const uint8_t *bytes, size_t size_bytes, const struct btf_wish *wishes, size_t nwishes,
                  uint32_t *offsets)
{
    struct btf btf = {0};
    for (size_t i = 0; i < nwishes; i++)
        offsets[i] = UINT32_MAX;
    if (!open_btf(bytes, size_bytes, &btf) || !count_types(&btf))
        return err_make(ERR_UNAVAILABLE, "BTF");
    btf.at = calloc(btf.count + 1, sizeof *btf.at);
    if (btf.at == NULL)
        return err_make(ERR_NO_MEMORY, "BTF");
    check(count_types(&btf));
    find_all(&btf, wishes, nwishes, offsets);
    free(btf.at);
    return err_ok();
}

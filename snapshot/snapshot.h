/* snapshot: described state <-> bytes.
 *
 * Whoever owns state describes each struct once, in a table of fields; encode, decode, hash, diff and print all read
 * that table, so a field can be forgotten in one place only, and tests/ looks there. Everything is little-endian and
 * free of padding. Nothing here knows what it stores.
 */
#ifndef DEJA_SNAPSHOT_H
#define DEJA_SNAPSHOT_H

#include "../icount/icount.h"

/* ---- described state --------------------------------------------------------------------------------------- */

struct state_field {
    const char *name;
    uint32_t offset;
    uint32_t size_bytes; /* of the whole member; an array has size_bytes / width elements */
    uint8_t width;       /* bytes of one element: 1, 2, 4 or 8 */
};

/* The elements of a member must be unsigned integers of `width`, or this does not compile. (A bool is refused on
 * purpose: a hostile byte in it would be undefined. Nested arrays are taken by their size alone.) */
/* clang-format off */
#define STATE_WIDTH_(type, member, w)                                                                                  \
    _Generic(((type *)0)->member, bool: 0, bool *: 0, uint8_t: 1, uint8_t *: 1, uint16_t: 2, uint16_t *: 2,            \
             uint32_t: 4, uint32_t *: 4, uint64_t: 8, uint64_t *: 8, default: (w))
#define STATE_FIELD_(type, member, w)                                                                                  \
    {#member, offsetof(type, member),                                                                                  \
     sizeof(((type *)0)->member) + 0 * sizeof(char[STATE_WIDTH_(type, member, w) == (w) ? 1 : -1]) +                   \
         0 * sizeof(char[sizeof(((type *)0)->member) % (w) ? -1 : 1]),                                                 \
     (w)}
/* clang-format on */
#define STATE_U8(type, member)  STATE_FIELD_(type, member, 1)
#define STATE_U16(type, member) STATE_FIELD_(type, member, 2)
#define STATE_U32(type, member) STATE_FIELD_(type, member, 4)
#define STATE_U64(type, member) STATE_FIELD_(type, member, 8)

struct state_desc {
    const char *name; /* the struct's kind: "hart", "uart" */
    const struct state_field *fields;
    size_t nfields;
    /* After a decode: is this a state the owner could have written itself? Hostile recordings end here. May be NULL. */
    bool (*valid)(const void *object);
};

#define STATE_DESC(desc_name, field_table, validator)                                                                  \
    {                                                                                                                  \
        .name = (desc_name), .fields = (field_table), .nfields = sizeof(field_table) / sizeof((field_table)[0]),       \
        .valid = (validator)                                                                                           \
    }

/* One described object of a running machine: hart 0, uart 0. */
struct state_part {
    const struct state_desc *desc;
    void *object;
    unsigned index;
};

/* Bytes that state_encode() writes for these parts. */
size_t state_size(const struct state_part *parts, size_t nparts);

/* Writes every part (kind, index, length, fields) into `bytes`, which holds state_size() bytes. */
void state_encode(const struct state_part *parts, size_t nparts, uint8_t *bytes);

/* Fills every part from `bytes`. Fails with ERR_DAMAGED, nothing changed, unless the bytes are exactly these parts in
 * this order and every part's validator agrees. */
NODISCARD err_t state_decode(const struct state_part *parts, size_t nparts, const uint8_t *bytes, size_t size_bytes);

/* Hash of the parts' encoding: bytes_hash() of what state_encode() writes. */
uint64_t state_hash(const struct state_part *parts, size_t nparts);

/* Calls `differs` for each element in which the two encodings of these parts differ. Returns how many did;
 * SIZE_MAX when either is not an encoding of these parts. `differs` may be NULL. */
struct state_difference {
    const char *part;
    unsigned index;
    const char *field;
    unsigned element; /* of an array; 0 for a scalar */
    bool is_array;
    uint64_t a, b;
};
size_t state_diff(const struct state_part *parts, size_t nparts, const uint8_t *a, size_t a_bytes, const uint8_t *b,
                  size_t b_bytes, void (*differs)(void *context, const struct state_difference *difference),
                  void *context);

/* Calls `line` with "hart 0 pc 0x80000000" for each element of each part. */
void state_print(const struct state_part *parts, size_t nparts, void (*line)(void *context, const char *text),
                 void *context);

/* ---- pages --------------------------------------------------------------------------------------------------- */

enum { PAGE_BYTES = 4096, PAGE_SHIFT = 12 };

extern const uint8_t page_of_zeroes[PAGE_BYTES];

/* Costs next to nothing where it is not. */
bool page_is_zero(const uint8_t bytes[PAGE_BYTES]);

/* hash(page number, content); 0 for a page of zeroes, so that untouched memory costs nothing. */
uint64_t page_hash(uint64_t page_number, const uint8_t bytes[PAGE_BYTES]);

/* The hash of a byte string, for images and file checks (XXH3, 64 bits). */
uint64_t bytes_hash(const void *bytes, size_t size_bytes);

/* Tells contents apart that are not compared (XXH3, 128 bits). With a seed that nobody knows, nobody can look for two
 * that have the same. */
struct hash128 {
    uint64_t low, high;
};
struct hash128 bytes_hash128(const void *bytes, size_t size_bytes, uint64_t seed);

/* Packs with lz4. `packed` holds pack_bound(size_bytes); returns the packed size. Both 0 over 2 GB. */
size_t pack_bound(size_t size_bytes);
size_t pack_bytes(const uint8_t *bytes, size_t size_bytes, uint8_t *packed, size_t packed_capacity);

/* Unpacks to exactly `size_bytes`; false when the packed bytes are anything else. Never writes out of bounds. */
NODISCARD bool unpack_bytes(const uint8_t *packed, size_t packed_bytes, uint8_t *bytes, size_t size_bytes);

/* ---- memory --------------------------------------------------------------------------------------------------- */

/* Zeroed memory, whole pages of the host's, huge ones where it has them: where a page fault costs more than the page,
 * that is most of what touching memory costs. NULL: there is none. */
void *memory_get(size_t size_bytes);
void memory_put(void *memory, size_t size_bytes); /* also NULL */

/* Huge pages for the whole pages of [at, at + size_bytes), where the host has them, as they come to be touched. */
void memory_huge(void *at, size_t size_bytes);

/* Has the host back the whole pages of [at, at + size_bytes) in one go, which are about to be filled. They keep what
 * they hold. Where the host cannot, nothing happens. */
void memory_ready(void *at, size_t size_bytes);

#endif

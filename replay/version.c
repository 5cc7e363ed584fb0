/* Reading versions: finding, unpacking and keeping blocks. */
#include "version.h"

#include <stdlib.h>
#include <string.h>

/* At most 32 MiB of unpacked blocks: more than a snapshot of a busy guest takes. */
enum { FEW_SLOTS = 16, SLOTS = 256 };

struct block {
    uint64_t first;
    uint64_t hash;
    uint16_t count;
    bool met;     /* it was unpacked before */
    int32_t slot; /* where it is kept unpacked; -1: nowhere */
};

struct slot {
    uint8_t *raw; /* FORMAT_BLOCK_BYTES */
    size_t block;
    uint64_t used; /* when, by versions.uses; 0: holds nothing */
};

struct versions {
    struct sql *sql;
    struct image images[3];
    uint32_t nimage_pages;
    struct sql_query *fetch;
    struct block *blocks;
    size_t nblocks, room;
    uint8_t *buffers; /* one for each slot; untouched, they cost no memory */
    struct slot *slots;
    size_t nfilled;
    uint64_t uses;
    size_t latest; /* block found last */
};

static const size_t BUFFERS_BYTES = (size_t)SLOTS * FORMAT_BLOCK_BYTES;

err_t versions_create(struct sql *sql, const struct board_config *config, struct versions **versions)
{
    char text[FORMAT_SQL_BYTES];
    struct versions *made = calloc(1, sizeof *made);
    *versions = NULL;
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", sql_subject(sql));
    made->sql = sql;
    made->images[0] = config->firmware;
    made->images[1] = config->kernel;
    made->images[2] = config->initrd;
    made->nimage_pages = image_pages(made->images);
    made->slots = calloc(SLOTS, sizeof *made->slots);
    made->buffers = memory_get(BUFFERS_BYTES);
    table_far_sql(&format_tables[TABLE_block], text);
    err_t error = made->slots && made->buffers ? sql_prepare(sql, text, &made->fetch)
                                               : err_make(ERR_NO_MEMORY, "%s", sql_subject(sql));
    if (err_is(error)) {
        versions_destroy(made);
        return error;
    }
    *versions = made;
    return err_ok();
}

void versions_destroy(struct versions *versions)
{
    if (!versions)
        return;
    memory_put(versions->buffers, BUFFERS_BYTES);
    sql_free(versions->fetch);
    free(versions->slots);
    free(versions->blocks);
    free(versions);
}

uint64_t versions_last(const struct versions *versions)
{
    if (!versions->nblocks)
        return 0;
    const struct block *last = &versions->blocks[versions->nblocks - 1];
    return last->first + last->count - 1;
}

uint64_t versions_before(const struct versions *versions, size_t index) { return versions->blocks[index].first - 1; }

size_t versions_blocks(const struct versions *versions) { return versions->nblocks; }

err_t versions_know(struct versions *versions, unsigned count, uint64_t packed_hash)
{
    check(count > 0 && count <= FORMAT_BLOCK_VERSIONS);
    uint64_t first = versions_last(versions) + 1;
    if (first + count > FORMAT_IMAGE_VERSION)
        return err_detail(err_make(ERR_INTERNAL, "%s", sql_subject(versions->sql)), "too many page versions");
    if (versions->nblocks == versions->room) {
        size_t room = versions->room ? 2 * versions->room : 256;
        struct block *grown = reallocarray(versions->blocks, room, sizeof *grown);
        if (!grown)
            return err_make(ERR_NO_MEMORY, "%s", sql_subject(versions->sql));
        versions->blocks = grown;
        versions->room = room;
    }
    versions->blocks[versions->nblocks++] =
        (struct block){.first = first, .hash = packed_hash, .count = (uint16_t)count, .slot = -1};
    return err_ok();
}

/* ---- unpacked blocks --------------------------------------------------------------------------------------- */

/* One more slot; NULL: there is none. */
static struct slot *fill_slot(struct versions *versions)
{
    if (versions->nfilled == SLOTS)
        return NULL;
    struct slot *slot = &versions->slots[versions->nfilled];
    slot->raw = versions->buffers + versions->nfilled++ * FORMAT_BLOCK_BYTES;
    memory_ready(slot->raw, FORMAT_BLOCK_BYTES);
    return slot;
}

/* An empty slot. Whoever reads on and on (a restore does) asks for each block once, and needs few
 * slots: there come to be more of them when a block is asked for `again` after it had to go. */
static struct slot *vacate(struct versions *versions, bool again)
{
    struct slot *slot = again || versions->nfilled < FEW_SLOTS ? fill_slot(versions) : NULL;
    if (slot)
        return slot;
    slot = &versions->slots[0];
    for (size_t i = 1; i < versions->nfilled; i++) {
        if (versions->slots[i].used < slot->used)
            slot = &versions->slots[i];
    }
    if (slot->used)
        versions->blocks[slot->block].slot = -1;
    slot->used = 0;
    return slot;
}

static void occupy(struct versions *versions, struct slot *slot, size_t index)
{
    slot->block = index;
    slot->used = ++versions->uses;
    versions->blocks[index].slot = (int32_t)(slot - versions->slots);
    versions->blocks[index].met = true;
}

static err_t damaged(const struct versions *versions, size_t index)
{
    return err_detail(err_make(ERR_DAMAGED, "%s: block %zu", sql_subject(versions->sql), index + 1),
                      "fails its checksum");
}

/* Reads, verifies and unpacks a block's row. */
static err_t fetch(struct versions *versions, size_t index, uint8_t *raw)
{
    const struct block *block = &versions->blocks[index];
    const uint8_t *packed = NULL;
    size_t packed_bytes = 0;
    bool row = false;
    sql_bind_u64(versions->fetch, 1, index + 1);
    err_t error = sql_step(versions->fetch, &row);
    if (!err_is(error)) {
        bool good = row && sql_get_blob(versions->fetch, 0, &packed, &packed_bytes) && packed &&
                    bytes_hash(packed, packed_bytes) == block->hash &&
                    unpack_bytes(packed, packed_bytes, raw, (size_t)block->count * FORMAT_VERSION_BYTES);
        if (!good)
            error = damaged(versions, index);
    }
    sql_reset(versions->fetch);
    return error;
}

/* The unpacked bytes of a block; valid until two more blocks have been asked for. */
_Static_assert(SLOTS >= 2, "so many are kept");
static err_t unpacked(struct versions *versions, size_t index, const uint8_t **raw)
{
    struct block *block = &versions->blocks[index];
    struct slot *slot = block->slot < 0 ? NULL : &versions->slots[block->slot];
    if (!slot) {
        slot = vacate(versions, block->met);
        TRY(fetch(versions, index, slot->raw));
        occupy(versions, slot, index);
    }
    slot->used = ++versions->uses;
    *raw = slot->raw;
    return err_ok();
}

/* The block that holds a version: most often the one found last or its neighbour, else by bisection. */
static size_t find(struct versions *versions, uint32_t version)
{
    size_t low = 0, high = versions->nblocks; /* low.first <= version < high.first */
    for (size_t at = versions->latest; at < versions->nblocks && at <= versions->latest + 1; at++) {
        const struct block *block = &versions->blocks[at];
        if (version - block->first < block->count)
            return versions->latest = at;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (versions->blocks[middle].first <= version)
            low = middle;
        else
            high = middle;
    }
    return versions->latest = low;
}

/* ---- images ------------------------------------------------------------------------------------------------ */

static uint32_t pages_of(const struct image *image)
{
    uint64_t pages = image->bytes ? (image->size_bytes + PAGE_BYTES - 1) / PAGE_BYTES : 0;
    return pages < FORMAT_IMAGE_VERSION / 4 ? (uint32_t)pages : FORMAT_IMAGE_VERSION / 4; /* 2 TiB */
}

uint32_t image_pages(const struct image images[3])
{
    return pages_of(&images[0]) + pages_of(&images[1]) + pages_of(&images[2]);
}

void image_page(const struct image images[3], uint32_t index, uint8_t page[PAGE_BYTES])
{
    const struct image *image = images;
    while (index >= pages_of(image)) {
        index -= pages_of(image);
        image++;
        check(image < images + 3);
    }
    size_t left = image->size_bytes - (size_t)index * PAGE_BYTES;
    size_t some = left < PAGE_BYTES ? left : PAGE_BYTES;
    memcpy(page, image->bytes + (size_t)index * PAGE_BYTES, some);
    memset(page + some, 0, PAGE_BYTES - some);
}

/* ---- versions ---------------------------------------------------------------------------------------------- */

void page_xor(uint8_t a[PAGE_BYTES], const uint8_t b[PAGE_BYTES])
{
    for (size_t i = 0; i < PAGE_BYTES; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        x ^= y;
        memcpy(a + i, &x, 8);
    }
}

bool versions_known(const struct versions *versions, uint32_t version)
{
    return version <= versions_last(versions) ||
           (version >= FORMAT_IMAGE_VERSION && version - FORMAT_IMAGE_VERSION < versions->nimage_pages);
}

static void apply_image(const struct versions *versions, uint32_t version, uint8_t page[PAGE_BYTES])
{
    uint8_t original[PAGE_BYTES];
    image_page(versions->images, version - FORMAT_IMAGE_VERSION, original);
    page_xor(page, original);
}

/* XORs what block `index` stores of `version` into the page. *base is what is to be XORed next, 0: nothing. */
static err_t apply_stored(struct versions *versions, uint32_t version, uint8_t page[PAGE_BYTES], uint64_t *hash,
                          uint32_t *base)
{
    const uint8_t *raw = NULL;
    size_t index = find(versions, version);
    TRY(unpacked(versions, index, &raw));
    const struct block *block = &versions->blocks[index];
    const uint8_t *record = raw + (version - block->first) * FORMAT_VERSION_BYTES;
    *hash = format_get_u64(record);
    *base = format_get_u32(record + 8);
    page_xor(page, record + FORMAT_VERSION_HEAD_BYTES);
    bool earlier = *base < block->first || (*base >= FORMAT_IMAGE_VERSION && versions_known(versions, *base));
    return earlier ? err_ok() : damaged(versions, index);
}

/* Follows the bases of a version that is in a block. */
static err_t follow(struct versions *versions, uint32_t version, uint8_t page[PAGE_BYTES])
{
    uint64_t hash, ignored;
    uint32_t base;
    TRY(apply_stored(versions, version, page, &hash, &base));
    for (unsigned steps = 0; base && base < FORMAT_IMAGE_VERSION && steps < FORMAT_CHAIN_VERSIONS; steps++)
        TRY(apply_stored(versions, base, page, &ignored, &base));
    if (base >= FORMAT_IMAGE_VERSION)
        apply_image(versions, base, page);
    else if (base)
        return damaged(versions, find(versions, version));
    return bytes_hash(page, PAGE_BYTES) == hash ? err_ok() : damaged(versions, find(versions, version));
}

err_t versions_get(struct versions *versions, uint32_t version, uint8_t page[PAGE_BYTES])
{
    check(versions_known(versions, version));
    memset(page, 0, PAGE_BYTES);
    if (version >= FORMAT_IMAGE_VERSION)
        apply_image(versions, version, page);
    else if (version > 0)
        return follow(versions, version, page);
    return err_ok();
}

err_t versions_check(struct versions *versions, size_t index)
{
    uint8_t page[PAGE_BYTES];
    const struct block block = versions->blocks[index];
    for (uint32_t i = 0; i < block.count; i++)
        TRY(versions_get(versions, (uint32_t)block.first + i, page));
    return err_ok();
}

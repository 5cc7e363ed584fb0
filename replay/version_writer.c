/* Writing versions: what was met before is known again, what differs little from what it was is stored as the
 * difference. Nothing is read back. */
#include "version.h"

#include <stdlib.h>
#include <string.h>

#include "latest.h"

enum { SEEN = 1 << 17 };

/* A content that was met, known by 96 bits of its hash. A newcomer takes the place of an older one: a version that is
 * forgotten is stored again. */
struct seen {
    uint64_t low;
    uint32_t high;
    uint32_t version; /* 0: none */
};

struct version_writer {
    struct sql *sql; /* for errors */
    struct image images[3];
    err_t (*emit)(void *context, const struct block_row *row);
    void *context;
    uint64_t npages;
    struct stored {
        uint32_t version;
        uint32_t steps; /* to a whole one */
    } * stored;         /* per page: the version that was last stored for it, the base for its next; 0: none */
    struct latest *latest;
    uint64_t seed;
    struct seen *seen;
    uint64_t blocks, last; /* that were emitted, and the last version in them */
    uint8_t *raw;          /* the block that is being filled */
    unsigned count;
    uint8_t *packed;
};

static struct seen *find(const struct version_writer *writer, struct hash128 hash)
{
    return &writer->seen[hash.low % SEEN];
}

static void remember(struct version_writer *writer, struct hash128 hash, uint32_t version)
{
    *find(writer, hash) = (struct seen){hash.low, (uint32_t)hash.high, version};
}

/* The version with this content, 0 when none is remembered. */
static uint32_t recall(const struct version_writer *writer, struct hash128 hash)
{
    const struct seen *seen = find(writer, hash);
    return seen->low == hash.low && seen->high == (uint32_t)hash.high ? seen->version : 0;
}

static struct hash128 hash_of(const struct version_writer *writer, const uint8_t page[PAGE_BYTES])
{
    return bytes_hash128(page, PAGE_BYTES, writer->seed);
}

/* Remembers the images' pages, as far as there is room. */
static void remember_images(struct version_writer *writer)
{
    uint8_t page[PAGE_BYTES];
    for (uint32_t i = image_pages(writer->images); i-- > 0;) {
        image_page(writer->images, i, page);
        remember(writer, hash_of(writer, page), FORMAT_IMAGE_VERSION + i);
    }
}

err_t version_writer_create(struct sql *sql, const struct board_config *config,
                            err_t (*emit)(void *context, const struct block_row *row), void *context,
                            struct version_writer **writer)
{
    *writer = NULL;
    struct version_writer *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", sql_subject(sql));
    *made = (struct version_writer){.sql = sql, .emit = emit, .context = context, .seed = host_entropy()};
    made->npages = config->ram_size_bytes / PAGE_BYTES;
    made->images[0] = config->firmware;
    made->images[1] = config->kernel;
    made->images[2] = config->initrd;
    made->stored = memory_get(made->npages * sizeof *made->stored);
    made->latest = latest_create();
    made->seen = memory_get(SEEN * sizeof *made->seen);
    made->raw = malloc(FORMAT_BLOCK_BYTES);
    made->packed = malloc(pack_bound(FORMAT_BLOCK_BYTES));
    if (!made->stored || !made->latest || !made->seen || !made->raw || !made->packed) {
        version_writer_destroy(made);
        return err_make(ERR_NO_MEMORY, "%s", sql_subject(sql));
    }
    remember_images(made);
    *writer = made;
    return err_ok();
}

void version_writer_destroy(struct version_writer *writer)
{
    if (!writer)
        return;
    latest_destroy(writer->latest);
    memory_put(writer->stored, writer->npages * sizeof *writer->stored);
    memory_put(writer->seen, SEEN * sizeof *writer->seen);
    free(writer->raw);
    free(writer->packed);
    free(writer);
}

err_t version_flush(struct version_writer *writer)
{
    if (!writer->count)
        return err_ok();
    if (writer->last + writer->count >= FORMAT_IMAGE_VERSION)
        return err_detail(err_make(ERR_INTERNAL, "%s", sql_subject(writer->sql)), "too many page versions");
    size_t packed_bytes = pack_bytes(writer->raw, (size_t)writer->count * FORMAT_VERSION_BYTES, writer->packed,
                                     pack_bound(FORMAT_BLOCK_BYTES));
    check(packed_bytes > 0);
    struct block_row row = {
        .id = writer->blocks + 1,
        .first = writer->last + 1,
        .versions = writer->count,
        .hash = bytes_hash(writer->packed, packed_bytes),
        .packed = {writer->packed, packed_bytes},
    };
    TRY(writer->emit(writer->context, &row));
    writer->blocks++;
    writer->last += writer->count;
    writer->count = 0;
    return err_ok();
}

/* ---- one page ---------------------------------------------------------------------------------------------- */

/* How many of the page's 8-byte words are not zero: a fair guess at what it packs to. */
static unsigned weight(const uint8_t page[PAGE_BYTES])
{
    unsigned words = 0;
    for (size_t i = 0; i < PAGE_BYTES; i += 8) {
        uint64_t word;
        memcpy(&word, page + i, 8);
        words += word != 0;
    }
    return words;
}

/* The base that page `number` can have, and its content; 0: none. */
static uint32_t base_of(struct version_writer *writer, uint32_t number, uint8_t content[PAGE_BYTES])
{
    const struct stored *before = &writer->stored[number];
    if (before->steps >= FORMAT_CHAIN_VERSIONS || !before->version)
        return 0;
    if (before->version >= FORMAT_IMAGE_VERSION) {
        image_page(writer->images, before->version - FORMAT_IMAGE_VERSION, content);
        return before->version;
    }
    const uint8_t *latest = latest_get(writer->latest, number, before->version);
    if (!latest)
        return 0;
    memcpy(content, latest, PAGE_BYTES);
    return before->version;
}

/* Fills `record` with the page, or with its difference to what page `number` was before: that is its base, 0 is none.
 */
static uint32_t encode(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES], uint8_t *record)
{
    uint8_t *body = record + FORMAT_VERSION_HEAD_BYTES;
    uint32_t base = base_of(writer, number, body);
    if (base) {
        page_xor(body, page);
        if (weight(body) > weight(page) / 2)
            base = 0;
    }
    if (!base)
        memcpy(body, page, PAGE_BYTES);
    format_put_u64(record, bytes_hash(page, PAGE_BYTES));
    format_put_u32(record + 8, base);
    return base;
}

void version_begin(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES])
{
    check(number < writer->npages);
    uint32_t version = recall(writer, hash_of(writer, page));
    if (version >= FORMAT_IMAGE_VERSION)
        writer->stored[number] = (struct stored){version, 0};
}

err_t version_put(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES], uint32_t *version)
{
    check(number < writer->npages);
    *version = 0;
    if (page_is_zero(page))
        return err_ok();
    struct hash128 hash = hash_of(writer, page);
    *version = recall(writer, hash);
    if (*version)
        return err_ok();
    if (writer->count == FORMAT_BLOCK_VERSIONS)
        TRY(version_flush(writer));
    uint32_t base = encode(writer, number, page, writer->raw + writer->count * FORMAT_VERSION_BYTES);
    *version = (uint32_t)writer->last + ++writer->count;
    remember(writer, hash, *version);
    writer->stored[number] = (struct stored){*version, base ? writer->stored[number].steps + 1 : 0};
    latest_put(writer->latest, number, *version, page);
    return err_ok();
}

/* Writing versions: what was met before is found again, what differs little from it is stored as the difference. */
#include "version.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN = 1 << 17, KEEP_BLOCKS = 256 };

/* A content that was met. A newcomer takes the place of an older one: a version that is forgotten is stored again. */
struct seen {
    uint64_t hash;
    uint32_t version; /* 0: none */
};

struct version_writer {
    struct versions *versions;
    struct image images[3];
    err_t (*emit)(void *context, const struct block_row *row);
    void *context;
    uint64_t npages;
    struct stored {
        uint32_t version;
        uint32_t steps; /* to a whole one */
    } * stored;         /* per page: the version that was last stored for it, the base for its next; 0: none */
    struct seen *seen;
    uint8_t *raw; /* the block that is being filled */
    unsigned count;
    uint8_t *packed;
};

/* Remembers the images' pages, as far as there is room. */
static void remember_images(struct version_writer *writer)
{
    uint8_t page[PAGE_BYTES];
    for (uint32_t i = image_pages(writer->images); i-- > 0;) {
        image_page(writer->images, i, page);
        uint64_t hash = bytes_hash(page, PAGE_BYTES);
        writer->seen[hash % SEEN] = (struct seen){hash, FORMAT_IMAGE_VERSION + i};
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
    made->emit = emit;
    made->context = context;
    made->npages = config->ram_size_bytes / PAGE_BYTES;
    made->images[0] = config->firmware;
    made->images[1] = config->kernel;
    made->images[2] = config->initrd;
    made->stored = calloc(made->npages, sizeof *made->stored);
    made->seen = calloc(SEEN, sizeof *made->seen);
    made->packed = malloc(pack_bound(FORMAT_BLOCK_BYTES));
    err_t error = err_make(ERR_NO_MEMORY, "%s", sql_subject(sql));
    if (made->stored && made->seen && made->packed)
        error = versions_create(sql, config, KEEP_BLOCKS, &made->versions);
    if (err_is(error)) {
        version_writer_destroy(made);
        return error;
    }
    made->raw = versions_spare(made->versions);
    remember_images(made);
    *writer = made;
    return err_ok();
}

void version_writer_destroy(struct version_writer *writer)
{
    if (!writer)
        return;
    versions_destroy(writer->versions);
    free(writer->stored);
    free(writer->seen);
    free(writer->packed);
    free(writer);
}

err_t version_flush(struct version_writer *writer)
{
    if (!writer->count)
        return err_ok();
    size_t packed_bytes = pack_bytes(writer->raw, (size_t)writer->count * FORMAT_VERSION_BYTES, writer->packed,
                                     pack_bound(FORMAT_BLOCK_BYTES));
    check(packed_bytes > 0);
    struct block_row row = {
        .id = versions_blocks(writer->versions) + 1,
        .first = versions_last(writer->versions) + 1,
        .versions = writer->count,
        .hash = bytes_hash(writer->packed, packed_bytes),
        .packed = {writer->packed, packed_bytes},
    };
    TRY(writer->emit(writer->context, &row));
    TRY(versions_adopt(writer->versions, writer->count, row.hash, &writer->raw));
    writer->count = 0;
    return err_ok();
}

/* ---- one page ---------------------------------------------------------------------------------------------- */

/* The content of any version, also of one that waits in the block being filled. */
static err_t content(struct version_writer *writer, uint32_t version, uint8_t page[PAGE_BYTES])
{
    uint64_t last = versions_last(writer->versions);
    if (versions_known(writer->versions, version))
        return versions_get(writer->versions, version, page);
    const uint8_t *record = writer->raw + (version - last - 1) * FORMAT_VERSION_BYTES;
    TRY(versions_get(writer->versions, format_get_u32(record + 8), page)); /* 0 is the page of zeroes */
    page_xor(page, record + FORMAT_VERSION_HEAD_BYTES);
    return err_ok();
}

/* The version with this content, if it is remembered: the hash finds it, the bytes prove it. */
static err_t recall(struct version_writer *writer, uint64_t hash, const uint8_t page[PAGE_BYTES], uint32_t *version)
{
    const struct seen *seen = &writer->seen[hash % SEEN];
    uint8_t known[PAGE_BYTES];
    *version = 0;
    if (!seen->version || seen->hash != hash)
        return err_ok();
    TRY(content(writer, seen->version, known));
    if (memcmp(known, page, PAGE_BYTES) == 0)
        *version = seen->version;
    return err_ok();
}

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

/* Fills `record` with the page, or with its difference to what page `number` was before. */
static err_t encode(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES], uint8_t *record)
{
    uint8_t *body = record + FORMAT_VERSION_HEAD_BYTES;
    const struct stored *before = &writer->stored[number];
    uint32_t base = before->steps < FORMAT_CHAIN_VERSIONS ? before->version : 0;
    if (base) {
        TRY(versions_get(writer->versions, base, body));
        page_xor(body, page);
        if (weight(body) > weight(page) / 2)
            base = 0;
    }
    if (!base)
        memcpy(body, page, PAGE_BYTES);
    format_put_u32(record + 8, base);
    return err_ok();
}

void version_begin(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES])
{
    check(number < writer->npages);
    uint32_t version;
    err_t error = recall(writer, bytes_hash(page, PAGE_BYTES), page, &version);
    if (!err_is(error) && version >= FORMAT_IMAGE_VERSION)
        writer->stored[number] = (struct stored){version, 0};
}

err_t version_put(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES], uint32_t *version)
{
    check(number < writer->npages);
    *version = 0;
    if (weight(page) == 0)
        return err_ok();
    uint64_t hash = bytes_hash(page, PAGE_BYTES);
    TRY(recall(writer, hash, page, version));
    if (*version)
        return err_ok();
    if (writer->count == FORMAT_BLOCK_VERSIONS)
        TRY(version_flush(writer));
    uint8_t *record = writer->raw + writer->count * FORMAT_VERSION_BYTES;
    TRY(encode(writer, number, page, record));
    format_put_u64(record, hash);
    *version = (uint32_t)versions_last(writer->versions) + ++writer->count;
    writer->seen[hash % SEEN] = (struct seen){hash, *version};
    bool whole = !format_get_u32(record + 8);
    writer->stored[number] = (struct stored){*version, whole ? 0 : writer->stored[number].steps + 1};
    return err_ok();
}

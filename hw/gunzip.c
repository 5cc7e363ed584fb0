#include "gunzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_BITS_GZIP = 15 + 16, FIRST_BYTES = 1 << 20 };

/* A z_stream that pours into a buffer that grows. */
struct pour {
    z_stream stream;
    const struct image *image;
    size_t taken; /* bytes of the image handed to the stream so far */
    uint8_t *bytes;
    size_t size_bytes, capacity;
    uint64_t limit_bytes;
};

bool gunzip_is(const uint8_t *bytes, size_t size_bytes)
{
    return size_bytes >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8;
}

static err_t fails(const struct pour *pour, const char *detail)
{
    return err_detail(err_make(ERR_BAD_IMAGE, "%s", pour->image->name), "%s", detail);
}

static err_t grow(struct pour *pour)
{
    uint64_t wanted = pour->capacity ? (uint64_t)pour->capacity * 2 : FIRST_BYTES;
    if (wanted > pour->limit_bytes)
        wanted = pour->limit_bytes;
    if (wanted <= pour->size_bytes)
        return err_detail(err_make(ERR_BAD_IMAGE, "%s", pour->image->name),
                          "unpacks to more than %llu MiB, for which there is no room; give more RAM with -m",
                          (unsigned long long)(pour->limit_bytes >> 20));
    uint8_t *bytes = realloc(pour->bytes, wanted);
    if (!bytes)
        return err_make(ERR_NO_MEMORY, "%s", pour->image->name);
    pour->bytes = bytes;
    pour->capacity = wanted;
    return err_ok();
}

static unsigned at_most_uint(size_t size_bytes) { return size_bytes < UINT_MAX ? (unsigned)size_bytes : UINT_MAX; }

/* z_stream counts in unsigned ints: larger images go in and come out in pieces. */
static int inflate_piece(struct pour *pour)
{
    z_stream *stream = &pour->stream;
    unsigned in = at_most_uint(pour->image->size_bytes - pour->taken);
    unsigned out = at_most_uint(pour->capacity - pour->size_bytes);
    stream->next_in = (Bytef *)pour->image->bytes + pour->taken;
    stream->avail_in = in;
    stream->next_out = pour->bytes + pour->size_bytes;
    stream->avail_out = out;
    int result = inflate(stream, Z_NO_FLUSH);
    pour->taken += in - stream->avail_in;
    pour->size_bytes += out - stream->avail_out;
    return result;
}

/* One gzip member, to its checksum and size at the end. */
static err_t inflate_member(struct pour *pour)
{
    for (;;) {
        if (pour->size_bytes == pour->capacity)
            TRY(grow(pour));
        int result = inflate_piece(pour);
        if (result == Z_STREAM_END)
            return err_ok();
        if (result == Z_MEM_ERROR)
            return err_make(ERR_NO_MEMORY, "%s", pour->image->name);
        if (result != Z_OK && result != Z_BUF_ERROR)
            return fails(pour, "its gzip data is damaged; fetch or build the file again");
        if (pour->taken == pour->image->size_bytes && pour->size_bytes < pour->capacity)
            return fails(pour, "its gzip data is cut off; fetch or build the file again");
    }
}

static err_t inflate_all(struct pour *pour)
{
    const struct image *image = pour->image;
    do {
        TRY(inflate_member(pour));
        check(inflateReset(&pour->stream) == Z_OK);
    } while (gunzip_is(image->bytes + pour->taken, image->size_bytes - pour->taken));
    return pour->size_bytes ? err_ok() : fails(pour, "unpacks to nothing; fetch or build the file again");
}

err_t gunzip(const struct image *image, uint64_t limit_bytes, uint8_t **unpacked, size_t *unpacked_bytes)
{
    struct pour pour = {.image = image, .limit_bytes = limit_bytes};
    if (inflateInit2(&pour.stream, WINDOW_BITS_GZIP) != Z_OK)
        return err_make(ERR_NO_MEMORY, "%s", image->name);
    err_t error = inflate_all(&pour);
    inflateEnd(&pour.stream);
    if (err_is(error)) {
        free(pour.bytes);
        return error;
    }
    *unpacked = pour.bytes;
    *unpacked_bytes = pour.size_bytes;
    return err_ok();
}

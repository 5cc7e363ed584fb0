/* pack: lz4 blocks, without a frame: sizes are known to whoever stores them. */
#include "snapshot.h"

#include <lz4.h>

/* Of lz4: a recording's pages pack to 4 % more than with 1, in two thirds of the time of a processor that the guest may
 * have to share. */
enum { ACCELERATION = 3 };

size_t pack_bound(size_t size_bytes)
{
    return size_bytes > LZ4_MAX_INPUT_SIZE ? 0 : (size_t)LZ4_compressBound((int)size_bytes);
}

size_t pack_bytes(const uint8_t *bytes, size_t size_bytes, uint8_t *packed, size_t packed_capacity)
{
    if (size_bytes > LZ4_MAX_INPUT_SIZE)
        return 0;
    int capacity = packed_capacity > INT32_MAX ? INT32_MAX : (int)packed_capacity;
    int packed_bytes = LZ4_compress_fast((const char *)bytes, (char *)packed, (int)size_bytes, capacity, ACCELERATION);
    return packed_bytes < 0 ? 0 : (size_t)packed_bytes;
}

bool unpack_bytes(const uint8_t *packed, size_t packed_bytes, uint8_t *bytes, size_t size_bytes)
{
    if (packed_bytes > INT32_MAX || size_bytes > INT32_MAX)
        return false;
    int unpacked = LZ4_decompress_safe((const char *)packed, (char *)bytes, (int)packed_bytes, (int)size_bytes);
    return unpacked >= 0 && (size_t)unpacked == size_bytes;
}

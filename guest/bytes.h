/* bytes: little-endian words of guest memory. Inner header of guest/. */
#ifndef DEJA_GUEST_BYTES_H
#define DEJA_GUEST_BYTES_H

#include "guest.h"

static inline uint16_t bytes_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | bytes[1] << 8); }

static inline uint32_t bytes_u32(const uint8_t *bytes)
{
    return bytes_u16(bytes) | (uint32_t)bytes_u16(bytes + 2) << 16;
}

static inline uint64_t bytes_u64(const uint8_t *bytes)
{
    return bytes_u32(bytes) | (uint64_t)bytes_u32(bytes + 4) << 32;
}

#endif

/* hash: what is compared to prove that a replay is the run that was recorded. XXH3, 64 bits: fast, and strong against
 * accidents; it is no signature. */
#include "state.h"

#define XXH_STATIC_LINKING_ONLY /* for a state that lives on the stack */
#include <xxhash.h>

const uint8_t page_of_zeroes[PAGE_BYTES];

bool page_is_zero(const uint8_t bytes[PAGE_BYTES])
{
    for (size_t at = 0; at < PAGE_BYTES; at += 64) {
        uint64_t words[8];
        __builtin_memcpy(words, bytes + at, sizeof words);
        if (words[0] | words[1] | words[2] | words[3] | words[4] | words[5] | words[6] | words[7])
            return false;
    }
    return true;
}

uint64_t page_hash(uint64_t page_number, const uint8_t bytes[PAGE_BYTES])
{
    return page_is_zero(bytes) ? 0 : XXH3_64bits_withSeed(bytes, PAGE_BYTES, page_number);
}

uint64_t bytes_hash(const void *bytes, size_t size_bytes) { return XXH3_64bits(bytes, size_bytes); }

struct hash128 bytes_hash128(const void *bytes, size_t size_bytes, uint64_t seed)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, size_bytes, seed);
    return (struct hash128){hash.low64, hash.high64};
}

static void update(void *context, const void *bytes, size_t size_bytes)
{
    check(XXH3_64bits_update(context, bytes, size_bytes) == XXH_OK);
}

uint64_t state_hash(const struct state_part *parts, size_t nparts)
{
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    check(XXH3_64bits_reset(&state) == XXH_OK);
    state_emit(parts, nparts, update, &state);
    return XXH3_64bits_digest(&state);
}

/* btf_fixture: a description of types, put together type by type, as a kernel's build does it. */
#ifndef DEJA_TEST_BTF_FIXTURE_H
#define DEJA_TEST_BTF_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BTF_BYTES = 4096, BTF_HEADER_BYTES = 24 };

enum btf_kind { BTF_INT = 1, BTF_ARRAY = 3, BTF_STRUCT = 4, BTF_UNION = 5, BTF_FORWARD = 7 };

struct description {
    uint8_t types[BTF_BYTES], strings[BTF_BYTES];
    size_t types_bytes, strings_bytes; /* the first string is empty: begin with 1 */
};

static inline void btf_put(struct description *btf, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++, word >>= 8)
        btf->types[btf->types_bytes++] = (uint8_t)word;
}

static inline uint32_t btf_string(struct description *btf, const char *text)
{
    size_t at = btf->strings_bytes;
    if (*text == '\0')
        return 0;
    memcpy(btf->strings + at, text, strlen(text) + 1);
    btf->strings_bytes += strlen(text) + 1;
    return (uint32_t)at;
}

/* A type's head, and so many words that mean nothing behind it. */
static inline void btf_put_type(struct description *btf, const char *name, unsigned kind, unsigned count,
                                bool bit_fields, unsigned words)
{
    btf_put(btf, btf_string(btf, name));
    btf_put(btf, kind << 24 | count | (unsigned)bit_fields << 31);
    btf_put(btf, 8);
    while (words-- > 0)
        btf_put(btf, 7);
}

static inline void btf_put_member(struct description *btf, const char *name, uint32_t type, uint32_t bits)
{
    btf_put(btf, btf_string(btf, name));
    btf_put(btf, type);
    btf_put(btf, bits);
}

/* All of it as the kernel has it in memory; returns its size. `bytes` has room for the two parts and the header. */
static inline size_t btf_finish(const struct description *btf, uint8_t *bytes)
{
    const uint8_t magic[8] = {0x9f, 0xeb, 1, 0, BTF_HEADER_BYTES};
    const uint32_t words[] = {0, (uint32_t)btf->types_bytes, (uint32_t)btf->types_bytes, (uint32_t)btf->strings_bytes};

    memcpy(bytes, magic, sizeof magic);
    for (unsigned i = 0; i < 16; i++)
        bytes[8 + i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
    memcpy(bytes + BTF_HEADER_BYTES, btf->types, btf->types_bytes);
    memcpy(bytes + BTF_HEADER_BYTES + btf->types_bytes, btf->strings, btf->strings_bytes);
    return BTF_HEADER_BYTES + btf->types_bytes + btf->strings_bytes;
}

#endif

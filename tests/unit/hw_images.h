/* hw_images: makes the images that loaders are tested with, good ones; tests then damage them. */
#ifndef DEJA_TEST_HW_IMAGES_H
#define DEJA_TEST_HW_IMAGES_H

#include "hw/hw.h"

#include <stdlib.h>
#include <string.h>

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static inline void put_le(uint8_t *bytes, size_t offset, unsigned size_bytes, uint64_t value)
{
    for (unsigned i = 0; i < size_bytes; i++)
        bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

static inline uint64_t get_le(const uint8_t *bytes, size_t offset, unsigned size_bytes)
{
    uint64_t value = 0;
    for (unsigned i = size_bytes; i-- > 0;)
        value = value << 8 | bytes[offset + i];
    return value;
}

/* A copy that ends where the sanitizer sees the first byte too many. */
static inline uint8_t *exact_copy(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    if (size_bytes)
        memcpy(copy, bytes, size_bytes);
    return copy;
}

static inline struct image image_of(const char *name, const uint8_t *bytes, size_t size_bytes)
{
    return (struct image){.name = name, .bytes = bytes, .size_bytes = size_bytes};
}

/* ---- ELF: two segments, three symbols, three sections ---------------------------------------------------------------- */

/* Where things are in the file. */
enum {
    GOOD_PHDRS = 64,
    GOOD_PHDR_BYTES = 56,
    GOOD_TEXT = 0x200,
    GOOD_TEXT_BYTES = 0x40,
    GOOD_DATA = 0x240,
    GOOD_DATA_BYTES = 0x10,
    GOOD_DATA_MEMORY = 0x2000,
    GOOD_SYMBOLS = 0x280,
    GOOD_NAMES = 0x300,
    GOOD_NAMES_BYTES = 0x20,
    GOOD_SHDRS = 0x340,
    GOOD_SHDR_BYTES = 64,
    GOOD_ELF_BYTES = GOOD_SHDRS + 3 * GOOD_SHDR_BYTES,
};

/* Where they are in memory: virtual and physical differ, so that a mix-up shows. */
#define GOOD_VADDR UINT64_C(0xffffffff00000000)
#define GOOD_PADDR UINT64_C(0x80001000)
enum { GOOD_ENTRY_OFFSET = 4, GOOD_DATA_OFFSET = 0x1000, GOOD_TOHOST_OFFSET = 0x1008 };

static inline void put_phdr(uint8_t *elf, unsigned index, uint64_t offset, uint64_t delta, uint64_t file_bytes,
                            uint64_t memory_bytes)
{
    uint8_t *header = elf + GOOD_PHDRS + index * GOOD_PHDR_BYTES;
    put_le(header, 0, 4, 1);
    put_le(header, 8, 8, offset);
    put_le(header, 16, 8, GOOD_VADDR + delta);
    put_le(header, 24, 8, GOOD_PADDR + delta);
    put_le(header, 32, 8, file_bytes);
    put_le(header, 40, 8, memory_bytes);
}

static inline void put_symbol(uint8_t *elf, unsigned index, unsigned name, unsigned section, uint64_t value)
{
    put_le(elf, GOOD_SYMBOLS + index * 24, 4, name);
    put_le(elf, GOOD_SYMBOLS + index * 24 + 6, 2, section);
    put_le(elf, GOOD_SYMBOLS + index * 24 + 8, 8, value);
}

static inline void put_section(uint8_t *elf, unsigned index, unsigned type, uint64_t offset, uint64_t size_bytes,
                               unsigned link)
{
    size_t at = GOOD_SHDRS + index * GOOD_SHDR_BYTES;
    put_le(elf, at + 4, 4, type);
    put_le(elf, at + 24, 8, offset);
    put_le(elf, at + 32, 8, size_bytes);
    put_le(elf, at + 40, 4, link);
}

static inline void make_good_elf(uint8_t elf[GOOD_ELF_BYTES])
{
    memset(elf, 0, GOOD_ELF_BYTES);
    memcpy(elf, "\177ELF\2\1\1", 7);
    put_le(elf, 16, 2, 2);   /* ET_EXEC */
    put_le(elf, 18, 2, 243); /* RISC-V */
    put_le(elf, 24, 8, GOOD_VADDR + GOOD_ENTRY_OFFSET);
    put_le(elf, 32, 8, GOOD_PHDRS);
    put_le(elf, 40, 8, GOOD_SHDRS);
    put_le(elf, 54, 2, GOOD_PHDR_BYTES);
    put_le(elf, 56, 2, 2);
    put_le(elf, 58, 2, GOOD_SHDR_BYTES);
    put_le(elf, 60, 2, 3);
    put_phdr(elf, 0, GOOD_TEXT, 0, GOOD_TEXT_BYTES, GOOD_TEXT_BYTES);
    put_phdr(elf, 1, GOOD_DATA, GOOD_DATA_OFFSET, GOOD_DATA_BYTES, GOOD_DATA_MEMORY);
    for (unsigned i = 0; i < GOOD_TEXT_BYTES + GOOD_DATA_BYTES; i++)
        elf[GOOD_TEXT + i] = (uint8_t)(i + 1);
    memcpy(elf + GOOD_NAMES, "\0tohost\0fromhost\0elsewhere", 26);
    put_symbol(elf, 1, 1, 1, GOOD_VADDR + GOOD_TOHOST_OFFSET);
    put_symbol(elf, 2, 8, 1, GOOD_VADDR + GOOD_TOHOST_OFFSET + 8);
    put_symbol(elf, 3, 17, 0, GOOD_VADDR);
    put_section(elf, 1, 2, GOOD_SYMBOLS, 4 * 24, 2);
    put_section(elf, 2, 3, GOOD_NAMES, GOOD_NAMES_BYTES, 0);
}

/* ---- Linux Image ----------------------------------------------------------------------------------------------------- */

enum { GOOD_IMAGE_BYTES = 0x3000, GOOD_IMAGE_MEMORY = 0x5000 };

static inline void make_good_image(uint8_t image[GOOD_IMAGE_BYTES])
{
    memset(image, 0x13, GOOD_IMAGE_BYTES);
    memset(image, 0, 64);
    memcpy(image, "MZ", 2);
    put_le(image, 8, 8, 0x200000); /* text_offset */
    put_le(image, 16, 8, GOOD_IMAGE_MEMORY);
    put_le(image, 32, 4, 2); /* version 0.2 */
    memcpy(image + 48, "RISCV\0\0\0RSC\x05", 12);
}

/* ---- gzip, after RFC 1951 and 1952 ------------------------------------------------------------------------------------ */

static inline uint32_t crc32_of(const uint8_t *bytes, size_t size_bytes)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* One member of stored blocks. `*packed_bytes` is its size; free() it. */
static inline uint8_t *make_gzip(const uint8_t *bytes, size_t size_bytes, size_t *packed_bytes)
{
    enum { BLOCK = 0xffff };
    uint8_t *packed = malloc(10 + size_bytes + (size_bytes / BLOCK + 1) * 5 + 8);
    size_t at = 10, left = size_bytes;
    memcpy(packed, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    do {
        size_t now = left < BLOCK ? left : BLOCK;
        put_le(packed, at, 1, now == left); /* the last block says so */
        put_le(packed, at + 1, 2, now);
        put_le(packed, at + 3, 2, ~now);
        memcpy(packed + at + 5, bytes + size_bytes - left, now);
        at += 5 + now;
        left -= now;
    } while (left);
    put_le(packed, at, 4, crc32_of(bytes, size_bytes));
    put_le(packed, at + 4, 4, size_bytes);
    *packed_bytes = at + 8;
    return packed;
}

/* Bits of a deflate stream, first bit lowest; Huffman codes go in from their highest bit. */
static inline void put_bits(uint8_t *bytes, size_t *bit, uint32_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++, ++*bit)
        bytes[*bit / 8] |= (uint8_t)((value >> i & 1) << *bit % 8);
}

static inline void put_code(uint8_t *bytes, size_t *bit, uint32_t code, unsigned count)
{
    while (count-- > 0)
        put_bits(bytes, bit, code >> count, 1);
}

/* About 158 zeroes a byte, and no end. `packed` is zero. */
static inline void make_bomb(uint8_t *packed, size_t packed_bytes)
{
    size_t bit = 80;
    memcpy(packed, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    put_bits(packed, &bit, 1, 1);    /* last block */
    put_bits(packed, &bit, 1, 2);    /* fixed Huffman codes */
    put_code(packed, &bit, 0x30, 8); /* literal 0 */
    while (bit + 13 <= packed_bytes * 8) {
        put_code(packed, &bit, 0xc5, 8); /* length 258 */
        put_code(packed, &bit, 0, 5);    /* from 1 byte back */
    }
}

#endif

/* guest_fixture: a kernel's symbol table as its build writes it, in any layout, inside an image of noise. */
#ifndef DEJA_TEST_GUEST_FIXTURE_H
#define DEJA_TEST_GUEST_FIXTURE_H

#include "guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { FIXTURE_BYTES = 1 << 20, FIXTURE_SYMBOLS = 3000, FIXTURE_TOKENS = 256 };
#define FIXTURE_VADDR UINT64_C(0xffffffff80200000)

enum fixture_meaning { FIXTURE_ABSOLUTE, FIXTURE_RELATIVE, FIXTURE_PLACED };

struct fixture_layout {
    const char *name;
    bool addresses_first;
    enum fixture_meaning meaning;
    unsigned marker_bytes; /* and of the number of symbols */
    bool seqs;             /* in front of the tokens, or behind the addresses */
    bool long_names;       /* a length may take two bytes */
    unsigned align;
};

static const struct fixture_layout fixture_layouts[] = {
    {"4.15", true, FIXTURE_RELATIVE, 8, false, false, 8},
    {"4.20", true, FIXTURE_RELATIVE, 4, false, false, 8},
    {"6.1", true, FIXTURE_RELATIVE, 4, false, true, 8},
    {"6.2", true, FIXTURE_RELATIVE, 4, true, true, 8},
    {"6.4", false, FIXTURE_RELATIVE, 4, true, true, 8},
    {"7.0", false, FIXTURE_PLACED, 4, true, true, 4},
    {"7.0, if it were aligned as before", false, FIXTURE_PLACED, 4, true, true, 8},
    {"4.15 absolute", true, FIXTURE_ABSOLUTE, 8, false, false, 8},
    {"6.2 absolute", true, FIXTURE_ABSOLUTE, 4, true, true, 8},
    {"6.4 absolute", false, FIXTURE_ABSOLUTE, 4, true, true, 8},
};
enum { FIXTURE_LAYOUTS = sizeof fixture_layouts / sizeof fixture_layouts[0] };

struct fixture {
    const struct fixture_layout *layout;
    uint8_t bytes[FIXTURE_BYTES];
    size_t at;
    struct guest_image image;

    unsigned count;
    uint64_t vaddrs[FIXTURE_SYMBOLS];
    char names[FIXTURE_SYMBOLS][520]; /* the type first */
    uint64_t base;                    /* what relative addresses are relative to: KASLR has been added */

    /* where things were put, for tests that ruin them */
    size_t num_syms, names_at, markers, token_table, token_index, addresses;
};

static inline void fixture_put(struct fixture *fixture, uint64_t value, unsigned width)
{
    for (; width > 0; width--, value >>= 8)
        fixture->bytes[fixture->at++] = (uint8_t)value;
}

static inline size_t fixture_align(struct fixture *fixture)
{
    while (fixture->at % fixture->layout->align != 0)
        fixture->bytes[fixture->at++] = 0;
    return fixture->at;
}

/* ---- what is in it ------------------------------------------------------------------------------------------------- */

static const char *const fixture_words[] = {"sys_", "do_", "_init", "handle_", "page", "__", "irq", "riscv_"};
enum { FIXTURE_WORDS = sizeof fixture_words / sizeof fixture_words[0], FIXTURE_WORD_CODE = 0xc0 };

static inline void fixture_name(struct fixture *fixture, uint64_t *seed, unsigned i)
{
    static const char types[] = "tTtTdDbBrRWVA";
    char *name = fixture->names[i];
    int most = fixture->layout->long_names && i % 500 == 7 ? 400 : 40;
    int length = snprintf(name, 8, "%c", types[random_below(seed, sizeof types - 1)]);
    do {
        length += snprintf(name + length, 32, "%s", fixture_words[random_below(seed, FIXTURE_WORDS)]);
        length += snprintf(name + length, 32, "%c", (int)('a' + random_below(seed, 26)));
    } while (length < most && random_below(seed, 12) != 0);
    while (length < most && most == 400)
        name[length++] = 'x';
    name[length] = '\0';
}

static inline void fixture_symbols(struct fixture *fixture, uint64_t *seed)
{
    uint64_t vaddr = FIXTURE_VADDR - 0x1000;
    fixture->base = vaddr;
    for (unsigned i = 0; i < fixture->count; i++) {
        fixture->vaddrs[i] = vaddr;
        fixture_name(fixture, seed, i);
        vaddr += random_below(seed, 5) * 2 * random_below(seed, 300);
    }
}

/* ---- as bytes -------------------------------------------------------------------------------------------------------- */

/* One name as tokens: a word's code where a word fits, else the character itself. */
static inline size_t fixture_pack(const char *name, uint8_t tokens[520])
{
    size_t n = 0;
    for (size_t at = 0; name[at] != '\0'; n++) {
        unsigned word = 0;
        while (word < FIXTURE_WORDS &&
               (at == 0 || strncmp(name + at, fixture_words[word], strlen(fixture_words[word]))))
            word++;
        tokens[n] = word < FIXTURE_WORDS ? (uint8_t)(FIXTURE_WORD_CODE + word) : (uint8_t)name[at];
        at += word < FIXTURE_WORDS ? strlen(fixture_words[word]) : 1;
    }
    return n;
}

static inline void fixture_put_names(struct fixture *fixture)
{
    uint64_t markers[FIXTURE_SYMBOLS / 256 + 1];
    uint8_t tokens[520];

    fixture->num_syms = fixture_align(fixture);
    fixture_put(fixture, fixture->count, fixture->layout->marker_bytes);
    fixture->names_at = fixture_align(fixture);
    for (unsigned i = 0; i < fixture->count; i++) {
        size_t n = fixture_pack(fixture->names[i], tokens);
        if (i % 256 == 0)
            markers[i / 256] = fixture->at - fixture->names_at;
        if (n >= 0x80)
            fixture_put(fixture, (n & 0x7f) | 0x80 | n >> 7 << 8, 2);
        else
            fixture_put(fixture, n, 1);
        memcpy(fixture->bytes + fixture->at, tokens, n);
        fixture->at += n;
    }
    fixture->markers = fixture_align(fixture);
    for (unsigned i = 0; i < (fixture->count + 255) / 256; i++)
        fixture_put(fixture, markers[i], fixture->layout->marker_bytes);
    fixture_align(fixture);
}

static inline const char *fixture_token(unsigned code)
{
    static char text[2];
    snprintf(text, sizeof text, "%c", code > ' ' && code < 0x7f ? (int)code : 0);
    return code - FIXTURE_WORD_CODE < FIXTURE_WORDS ? fixture_words[code - FIXTURE_WORD_CODE] : text;
}

static inline void fixture_put_tokens(struct fixture *fixture)
{
    uint16_t index[FIXTURE_TOKENS];

    fixture->token_table = fixture_align(fixture);
    for (unsigned code = 0; code < FIXTURE_TOKENS; code++) {
        size_t size = strlen(fixture_token(code)) + 1;
        index[code] = (uint16_t)(fixture->at - fixture->token_table);
        memcpy(fixture->bytes + fixture->at, fixture_token(code), size);
        fixture->at += size;
    }
    fixture->token_index = fixture_align(fixture);
    for (unsigned code = 0; code < FIXTURE_TOKENS; code++)
        fixture_put(fixture, index[code], 2);
}

static inline void fixture_put_addresses(struct fixture *fixture)
{
    enum fixture_meaning meaning = fixture->layout->meaning;

    fixture->addresses = fixture_align(fixture);
    for (unsigned i = 0; i < fixture->count; i++) {
        uint64_t base = meaning == FIXTURE_ABSOLUTE   ? 0
                        : meaning == FIXTURE_RELATIVE ? fixture->base
                                                      : FIXTURE_VADDR + fixture->at;
        fixture_put(fixture, fixture->vaddrs[i] - base, meaning == FIXTURE_ABSOLUTE ? 8 : 4);
    }
    fixture_align(fixture);
    if (meaning == FIXTURE_RELATIVE)
        fixture_put(fixture, fixture->base, 8);
}

static inline void fixture_put_seqs(struct fixture *fixture)
{
    for (unsigned i = 0; i < fixture->count; i++) { /* the highest byte first */
        unsigned seq = (i * 1237) % fixture->count;
        fixture_put(fixture, seq >> 16 | (seq >> 8 & 0xff) << 8 | (seq & 0xff) << 16, 3);
    }
    fixture_align(fixture);
}

/* Symbols that a test asks for, with their types in front; behind all others. */
struct fixture_named {
    const char *name;
    uint64_t vaddr;
};

/* `count` symbols in this layout, in the middle of noise (of which much is zero); the last ones are `named`. */
static inline void fixture_build_named(struct fixture *fixture, const struct fixture_layout *layout, unsigned count,
                                       uint64_t seed, const struct fixture_named *named, unsigned nnamed)
{
    *fixture = (struct fixture){.layout = layout, .count = count};
    for (size_t i = 0; i < FIXTURE_BYTES; i += 8)
        if (random_below(&seed, 2))
            random_fill(&seed, fixture->bytes + i, 8);
    fixture_symbols(fixture, &seed);
    for (unsigned i = 0; i < nnamed; i++) {
        snprintf(fixture->names[count - nnamed + i], sizeof fixture->names[0], "%s", named[i].name);
        fixture->vaddrs[count - nnamed + i] = named[i].vaddr;
    }
    fixture->at = 0x10000 + layout->align * random_below(&seed, 512);
    if (layout->addresses_first)
        fixture_put_addresses(fixture);
    fixture_put_names(fixture);
    if (layout->addresses_first && layout->seqs)
        fixture_put_seqs(fixture);
    fixture_put_tokens(fixture);
    if (!layout->addresses_first) {
        fixture_put_addresses(fixture);
        if (layout->seqs)
            fixture_put_seqs(fixture);
    }
    fixture->image = (struct guest_image){fixture->bytes, FIXTURE_BYTES, FIXTURE_VADDR, fixture->vaddrs[count / 2]};
}

static inline void fixture_build(struct fixture *fixture, const struct fixture_layout *layout, unsigned count,
                                 uint64_t seed)
{
    fixture_build_named(fixture, layout, count, seed, NULL, 0);
}

#endif

/* words: instructions with operands that make sense, at random. */
#ifndef DEJA_TEST_WORDS_H
#define DEJA_TEST_WORDS_H

#include <stdbool.h>

#include "engine/decode.h"
#include "tests/unit/random.h"

/* One of the values that are listed; all of them are computed. */
#define PICK(seed, ...)                                                                                                \
    (((const uint64_t[]){__VA_ARGS__})[random_below(seed, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))])
#define ANY_OF(seed, list) ((list)[random_below(seed, sizeof(list))])

static inline bool one_in(uint64_t *seed, unsigned n) { return random_below(seed, n) == 0; }

/* What a program mostly does, and the floating-point format (0 binary32, 1 binary64) that it does it in. */
enum theme { THEME_MIXED, THEME_FLOAT, THEME_MEMORY, THEME_SYSTEM, THEME_LOOPS, THEMES };
struct taste {
    enum theme theme;
    unsigned format;
};

/* Pointers to data stay in some registers, and addresses of code in others, so that accesses mostly go somewhere; s1
 * holds an address space and t6 bits of sstatus. The rest is for computing. Both kinds of host register are among each.
 */
enum { POINTER_REGS = 7, PLACE_REGS = 3, SPACE_REG = 9, STATUS_REG = 31 };
extern const uint8_t word_pointer_regs[POINTER_REGS], word_place_regs[PLACE_REGS];
uint32_t word_value_reg(uint64_t *seed);

/* `width` bits of the word from bit `low` on become `value`. */
static inline uint32_t with(uint32_t word, unsigned low, unsigned width, uint32_t value)
{
    uint32_t mask = ((1u << width) - 1) << low;
    return (word & ~mask) | (value << low & mask);
}

/* The offset of a branch, or of a jal, in bytes. */
uint32_t word_branch_to(uint32_t word, uint32_t offset);
uint32_t word_jump_to(uint32_t word, uint32_t offset);

/* A store off rs1. */
static inline uint32_t word_store(uint32_t word, uint32_t rs1, uint32_t rs2, uint32_t offset)
{
    return with(with(with(with(word, 15, 5, rs1), 20, 5, rs2), 25, 7, offset >> 5), 7, 5, offset);
}

/* A word of this row (enum op). */
uint32_t word_of_row(uint64_t *seed, unsigned op);

/* A word of one of the formats. */
#define F(format)     (UINT64_C(1) << FORMAT_##format)
#define FP_ARITHMETIC (F(FR) | F(FR1) | F(FR4) | F(FSGNJ) | F(FCMP) | F(FTOI) | F(FROMI))
uint32_t word_of_format(uint64_t *seed, uint64_t formats);

/* The same, in one floating-point format mostly. */
uint32_t word_of_float(uint64_t *seed, uint64_t formats, unsigned format);

/* Sets a rounding mode, the usual one often. */
uint32_t word_rounding(uint64_t *seed);

/* A word to the taste; *size_bytes is 2 or 4. */
uint32_t word_at_random(uint64_t *seed, struct taste taste, unsigned *size_bytes);

#endif

/* Writes instruction words for objdump to read.
 *
 *     words rows SEED COUNT   > words.bin   COUNT of each row of the instruction table, operands at random
 *     words random SEED COUNT > words.bin   any 32-bit words, the opcodes of the table more often than others
 *     words compressed        > words.bin   every 16-bit instruction there can be
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decode.h"
#include "tests/unit/random.h"

/* c.addi16sp by zero is reserved; objdump shows it all the same. */
enum { RESERVED_ADDI16SP = 0x6101 };

static void put(uint32_t word, unsigned size_bytes) { fwrite(&word, 1, size_bytes, stdout); }

/* Operands that objdump knows for these rows; in the other bits of the word it sees no instruction at all. */
static const struct {
    const char *name;
    uint32_t operands;
} strict[] = {
    {"fence", 0x0ff00000},    {"fence_i", 0},           {"fcvt_d_w", 0x000f8f80}, {"fcvt_d_wu", 0x000f8f80},
    {"fcvt_d_s", 0x000f8f80}, {"fcvt_d_h", 0x000f8f80}, {"fcvt_s_h", 0x000f8f80},
};

static uint32_t random_word(uint64_t *seed, const struct insn_row *row)
{
    uint32_t mask = ~row->mask;
    for (size_t n = 0; n < sizeof strict / sizeof strict[0]; n++)
        if (strcmp(row->name, strict[n].name) == 0)
            mask = strict[n].operands;
    return row->match | ((uint32_t)random_u64(seed) & mask);
}

static void put_rows(uint64_t *seed, unsigned count)
{
    for (; count; count--)
        for (unsigned op = 0; op < OP_illegal; op++)
            put(random_word(seed, &insn_rows[op]), 4);
}

static void put_random(uint64_t *seed, unsigned count)
{
    for (; count; count--) {
        uint32_t word = (uint32_t)random_u64(seed) | 3;
        if (random_below(seed, 2))
            word = (word & ~0x7fu) | (insn_rows[random_below(seed, OP_illegal)].match & 0x7f);
        if ((word & 0x1f) != 0x1f) /* longer than 32 bits */
            put(word, 4);
    }
}

static void put_compressed(void)
{
    for (uint32_t half = 0; half <= UINT16_MAX; half++)
        if ((half & 3) != 3 && half != RESERVED_ADDI16SP)
            put(half, 2);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    unsigned count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 0) : 0;
    if (strcmp(what, "rows") == 0)
        put_rows(&seed, count);
    else if (strcmp(what, "random") == 0)
        put_random(&seed, count);
    else if (strcmp(what, "compressed") == 0)
        put_compressed();
    else
        return fprintf(stderr, "usage: words rows|random SEED COUNT, words compressed\n"), 64;
    return 0;
}

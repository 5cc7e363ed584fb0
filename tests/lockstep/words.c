#include "words.h"

/* ---- registers ------------------------------------------------------------------------------------------------------ */

const uint8_t word_pointer_regs[POINTER_REGS] = {8, 10, 11, 12, 2, 18, 28};
const uint8_t word_place_regs[PLACE_REGS] = {1, 15, 29};
static const uint8_t value_regs[] = {13, 14, 16, 17, 3, 4, 7, 19, 20, 21, 22, 23, 24, 25, 26, 27, 30, 13, 14, 16, 17};

static uint32_t pointer_reg(uint64_t *seed) { return ANY_OF(seed, word_pointer_regs); }
static uint32_t place_reg(uint64_t *seed) { return ANY_OF(seed, word_place_regs); }
uint32_t word_value_reg(uint64_t *seed) { return ANY_OF(seed, value_regs); }

static uint32_t target_reg(uint64_t *seed)
{
    return one_in(seed, 24) ? (uint32_t)random_below(seed, 32) : one_in(seed, 20) ? 0 : word_value_reg(seed);
}

static uint32_t source_reg(uint64_t *seed)
{
    return one_in(seed, 4) ? (uint32_t)random_below(seed, 32) : word_value_reg(seed);
}

/* ---- instructions --------------------------------------------------------------------------------------------------- */

static uint32_t small_offset(uint64_t *seed)
{
    return (uint32_t)PICK(seed, 0, 0, 8, 16, 1, 2, 4, 7, 24, 64, 0xff8, 0xfff, 0xffc, random_u64(seed));
}

/* Halfwords ahead, or back now and then: loops. */
static uint32_t short_way(uint64_t *seed)
{
    uint32_t halfwords = 2 + (uint32_t)random_below(seed, one_in(seed, 6) ? 60 : 14);
    return one_in(seed, 3) ? 0 - 2 * halfwords : 2 * halfwords;
}

uint32_t word_branch_to(uint32_t word, uint32_t offset)
{
    return (word & 0x01fff07f) | (offset >> 12 & 1) << 31 | (offset >> 5 & 63) << 25 | (offset >> 1 & 15) << 8 |
           (offset >> 11 & 1) << 7;
}

uint32_t word_jump_to(uint32_t word, uint32_t offset)
{
    return (word & 0xfff) | (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 |
           (offset & 0xff000);
}

static uint32_t random_csr(uint64_t *seed)
{
    return (uint32_t)PICK(seed, 0x001, 0x001, 0x003, 0x001, 0x001, 0x002, 0x100, 0x100, 0x100, 0x140, 0x140, 0x141,
                          0x142, 0x143, 0x144, 0x104, 0x180, 0x180, 0xc00, 0xc01, 0xc02, 0xc00, 0xc02, 0xc03, 0x106,
                          0x10a, 0x14d, 0x300, 0x304, 0x306, 0x30a, 0x320, 0x340, 0x342, 0x344, 0xb00, 0xb02, 0xf14,
                          0x3a0, 0x3b2, 0x7a0, 0x301, random_u64(seed) & 0xfff);
}

static uint32_t csr_source(uint64_t *seed, uint32_t csr)
{
    if (csr == 0x180)
        return one_in(seed, 8) ? source_reg(seed) : SPACE_REG;
    if (csr == 0x100 || csr == 0x300)
        return one_in(seed, 8) ? source_reg(seed) : STATUS_REG;
    return one_in(seed, 3) ? 0 : source_reg(seed);
}

/* Kernels turn interrupts on and off by setting and clearing SIE. */
static uint32_t csr_immediate(uint64_t *seed, uint32_t csr)
{
    if (csr == 0x100)
        return (uint32_t)PICK(seed, 0, 1, 2, 2, 2, 2, random_below(seed, 32));
    return one_in(seed, 3) ? 0 : (uint32_t)random_below(seed, 32);
}

static bool keeps_to_itself(uint32_t csr) { return csr != 0x305 && csr != 0x105 && csr != 0x302 && csr != 0x303; }

static uint32_t csr_operands(uint64_t *seed, uint32_t word)
{
    uint32_t csr = random_csr(seed);
    if (!keeps_to_itself(csr)) /* trap vectors and delegation: nothing comes back from there */
        csr = 0x340;
    word = with(word, 20, 12, csr);
    if (word & 0x4000)
        return with(word, 15, 5, csr_immediate(seed, csr));
    word = with(word, 15, 5, csr_source(seed, csr));
    bool sets_all = (csr == 0x100 || csr == 0x300) && (word >> 12 & 3) == 1;
    return sets_all ? with(word, 12, 2, 2 + (uint32_t)random_below(seed, 2)) : word;
}

/* Dynamic or nearest even mostly, any mode sometimes. */
static uint32_t rounding_mode(uint64_t *seed)
{
    return (uint32_t)PICK(seed, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 1, 1, 2, 3, 4, random_below(seed, 8));
}

/* What distinguishes the formats; every field was random before. */
static uint32_t shaped(uint64_t *seed, uint32_t word, unsigned format)
{
    word = with(word, 7, 5, target_reg(seed));
    switch (format) {
    case FORMAT_LOAD:
    case FORMAT_FLOAD:
        return with(with(word, 15, 5, pointer_reg(seed)), 20, 12, small_offset(seed));
    case FORMAT_STORE:
    case FORMAT_FSTORE:
        return word_store(word, pointer_reg(seed), source_reg(seed), small_offset(seed));
    case FORMAT_LR:
    case FORMAT_AMO:
        return with(with(word, 15, 5, pointer_reg(seed)), 20, 5, format == FORMAT_AMO ? source_reg(seed) : 0);
    case FORMAT_CBO:
        return with(word, 15, 5, pointer_reg(seed));
    case FORMAT_BRANCH:
        return word_branch_to(with(with(word, 15, 5, source_reg(seed)), 20, 5, source_reg(seed)), short_way(seed));
    case FORMAT_JAL:
        return word_jump_to(with(word, 7, 5, one_in(seed, 2) ? 0 : place_reg(seed)), short_way(seed));
    case FORMAT_JALR:
        word = with(word, 7, 5, one_in(seed, 2) ? 0 : target_reg(seed));
        return with(with(word, 15, 5, place_reg(seed)), 20, 12, (uint32_t)PICK(seed, 0, 0, 2, 4, 8, 0xffe, 1));
    case FORMAT_CSR:
    case FORMAT_CSRI:
        return csr_operands(seed, word);
    case FORMAT_FR:
    case FORMAT_FR1:
    case FORMAT_FR4:
    case FORMAT_FTOI:
        return with(word, 12, 3, rounding_mode(seed));
    case FORMAT_FROMI:
        return with(with(word, 12, 3, rounding_mode(seed)), 15, 5, source_reg(seed));
    case FORMAT_R:
    case FORMAT_I:
        return one_in(seed, 2) ? with(word, 15, 5, source_reg(seed)) : word;
    default:
        return word;
    }
}

uint32_t word_of_row(uint64_t *seed, unsigned op)
{
    const struct insn_row *row = &insn_rows[op];
    uint32_t word = shaped(seed, row->match | ((uint32_t)random_u64(seed) & ~row->mask), row->format);
    return (word & ~row->mask) | row->match;
}

uint32_t word_of_format(uint64_t *seed, uint64_t formats)
{
    unsigned op = (unsigned)random_below(seed, OP_illegal);
    while (!(formats >> insn_rows[op].format & 1))
        op = (op + 1) % OP_illegal;
    return word_of_row(seed, op);
}

static bool leaps(uint32_t word)
{
    uint32_t opcode = word & 0x7f;
    return opcode == 0x6f || (opcode == 0x63);
}

static uint32_t compressed(uint64_t *seed)
{
    for (;;) {
        uint16_t half = (uint16_t)random_u64(seed);
        uint32_t word = (half & 3) != 3 ? decode_expand(half) : 0;
        if (!word)
            continue;
        struct insn insn;
        decode(NULL, half, &insn);
        if (leaps(word) && (insn.imm > 60 || insn.imm < -60))
            continue;
        if ((word & 0x7f) == 0x67 && insn.rs1 != 1 && insn.rs1 != 15 && insn.rs1 != 29)
            continue;
        if (insn.op == OP_ebreak && !one_in(seed, 8))
            continue;
        return half;
    }
}

enum { COMPRESSED = 64, BUMP, ROW, WORD }; /* ways to make an instruction, beside a set of formats */

/* A program has a theme: what it mostly does. */
static const struct way {
    uint64_t formats; /* 0: see special */
    uint8_t special, weight[THEMES];
} ways[] = {
    {F(R) | F(I) | F(SH5) | F(SH6) | F(U) | F(R1), 0, {8, 4, 3, 3, 5}},
    {F(LOAD), 0, {3, 1, 8, 2, 5}},
    {F(STORE), 0, {3, 1, 8, 2, 4}},
    {F(FLOAD) | F(FSTORE), 0, {1, 4, 3, 1, 2}},
    {F(BRANCH), 0, {3, 2, 2, 2, 1}},
    {F(JAL) | F(JALR), 0, {1, 1, 1, 1, 0}},
    {FP_ARITHMETIC, 0, {2, 14, 0, 1, 2}},
    {F(FR) | F(FR4) | F(FR1), 0, {0, 10, 0, 0, 0}},
    {F(FMVX) | F(FMVF), 0, {1, 2, 0, 0, 1}},
    {F(LR) | F(AMO), 0, {1, 0, 3, 1, 1}},
    {F(CSR) | F(CSRI), 0, {1, 3, 0, 8, 1}},
    {F(NONE) | F(SFENCE) | F(FENCE) | F(CBO), 0, {0, 0, 0, 3, 1}},
    {0, COMPRESSED, {6, 2, 4, 4, 3}},
    {0, BUMP, {0, 0, 4, 0, 2}},
    {0, ROW, {4, 2, 1, 3, 1}},
    {0, WORD, {1, 0, 0, 1, 0}},
};

static const struct way *random_way(uint64_t *seed, enum theme theme)
{
    unsigned sum = 0;
    for (size_t n = 0; n < sizeof ways / sizeof ways[0]; n++)
        sum += ways[n].weight[theme];
    unsigned at = (unsigned)random_below(seed, sum);
    const struct way *way = ways;
    while (at >= way->weight[theme])
        at -= way++->weight[theme];
    return way;
}

/* A pointer goes a little on, or comes from memory: what was known of it is known no more. */
static uint32_t bump(uint64_t *seed)
{
    uint32_t reg = pointer_reg(seed);
    if (one_in(seed, 4))
        return with(word_of_row(seed, OP_ld), 7, 5, reg);
    if (one_in(seed, 4))
        return with(with(word_of_row(seed, one_in(seed, 2) ? OP_amoadd_d : OP_amoswap_d), 7, 5, reg), 20, 5, reg);
    uint32_t step = (uint32_t)PICK(seed, 8, 16, 0xff8, 1, 64, 0x7ff);
    return with(with(with(0x13, 7, 5, reg), 15, 5, one_in(seed, 3) ? pointer_reg(seed) : reg), 20, 12, step);
}

uint32_t word_of_float(uint64_t *seed, uint64_t formats, unsigned format)
{
    uint32_t word = word_of_format(seed, formats);
    for (unsigned tries = 0; (word >> 25 & 3) != format && tries < 8; tries++)
        word = word_of_format(seed, formats);
    return word;
}

uint32_t word_rounding(uint64_t *seed)
{
    uint32_t mode = (uint32_t)PICK(seed, 0, 0, 0, 1, 2, 3, 4, 5);
    return 0x00205073 | mode << 15; /* csrwi frm, mode */
}

/* Of floating-point instructions those of the taste's format mostly, on few registers, so that results are used. */
static uint32_t to_taste(uint64_t *seed, uint64_t formats, struct taste taste)
{
    static const uint8_t few[] = {0, 1, 8, 10, 11, 17, 3, 20, 28};
    uint32_t word = word_of_format(seed, formats);
    if (taste.theme != THEME_FLOAT)
        return word;
    if ((formats & F(CSR)) && one_in(seed, 4))
        return word_rounding(seed);
    if (formats & F(CSR))                                                   /* flags have to go before they can come */
        return one_in(seed, 6) ? word : 0x00101073 | target_reg(seed) << 7; /* csrw fflags, zero */
    if (!(formats & FP_ARITHMETIC))
        return word;
    word = word_of_float(seed, formats, taste.format);
    static const unsigned lows[] = {7, 15, 20, 27};
    struct insn insn;
    for (unsigned n = 0; n < 4; n++) {
        uint32_t other = with(word, lows[n], 5, ANY_OF(seed, few));
        decode(NULL, word, &insn);
        unsigned op = insn.op;
        decode(NULL, other, &insn);
        if (insn.op == op && (n != 3 || insn_rows[op].format == FORMAT_FR4))
            word = other;
    }
    return word;
}

uint32_t word_at_random(uint64_t *seed, struct taste taste, unsigned *size_bytes)
{
    const struct way *way = random_way(seed, taste.theme);
    *size_bytes = way->special == COMPRESSED ? 2 : 4;
    switch (way->special) {
    case COMPRESSED:
        return compressed(seed);
    case BUMP:
        return bump(seed);
    case ROW:
        return word_of_row(seed, (unsigned)random_below(seed, OP_illegal));
    case WORD:
        return one_in(seed, 6) ? (uint32_t)random_u64(seed) | 3 : 0x00000013;
    default:
        return to_taste(seed, way->formats, taste);
    }
}

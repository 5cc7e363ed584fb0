#include "program.h"

#include <string.h>

#include "engine/decode.h"

/* One of the values that are listed; all of them are computed. */
#define PICK(seed, ...)                                                                                                \
    (((const uint64_t[]){__VA_ARGS__})[random_below(seed, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))])

static bool one_in(uint64_t *seed, unsigned n) { return random_below(seed, n) == 0; }

/* ---- registers ------------------------------------------------------------------------------------------------------
 * Pointers to data stay in some registers, and addresses of code in others, so that accesses mostly go somewhere; s1
 * holds an address space and t6 bits of sstatus. The rest is for computing. Both kinds of host register are among each.
 */
static const uint8_t pointer_regs[] = {8, 10, 11, 12, 2, 18, 28};
static const uint8_t place_regs[] = {1, 15, 29};
static const uint8_t value_regs[] = {13, 14, 16, 17, 3, 4, 7, 19, 20, 21, 22, 23, 24, 25, 26, 27, 30, 13, 14, 16, 17};
enum { SPACE_REG = 9, STATUS_REG = 31 };

#define ANY_OF(seed, list) ((list)[random_below(seed, sizeof(list))])

static uint32_t pointer_reg(uint64_t *seed) { return ANY_OF(seed, pointer_regs); }
static uint32_t place_reg(uint64_t *seed) { return ANY_OF(seed, place_regs); }
static uint32_t value_reg(uint64_t *seed) { return ANY_OF(seed, value_regs); }

static uint32_t target_reg(uint64_t *seed)
{
    return one_in(seed, 24) ? (uint32_t)random_below(seed, 32) : one_in(seed, 20) ? 0 : value_reg(seed);
}

static uint32_t source_reg(uint64_t *seed)
{
    return one_in(seed, 4) ? (uint32_t)random_below(seed, 32) : value_reg(seed);
}

/* ---- instructions --------------------------------------------------------------------------------------------------- */

static uint32_t with(uint32_t word, unsigned low, unsigned width, uint32_t value)
{
    uint32_t mask = ((1u << width) - 1) << low;
    return (word & ~mask) | (value << low & mask);
}

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

static uint32_t branch_to(uint32_t word, uint32_t offset)
{
    return (word & 0x01fff07f) | (offset >> 12 & 1) << 31 | (offset >> 5 & 63) << 25 | (offset >> 1 & 15) << 8 |
           (offset >> 11 & 1) << 7;
}

static uint32_t jump_to(uint32_t word, uint32_t offset)
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

static bool keeps_to_itself(uint32_t csr) { return csr != 0x305 && csr != 0x105 && csr != 0x302 && csr != 0x303; }

static uint32_t csr_operands(uint64_t *seed, uint32_t word)
{
    uint32_t csr = random_csr(seed);
    if (!keeps_to_itself(csr)) /* trap vectors and delegation: nothing comes back from there */
        csr = 0x340;
    word = with(word, 20, 12, csr);
    if (word & 0x4000)
        return with(word, 15, 5, one_in(seed, 3) ? 0 : (uint32_t)random_below(seed, 32));
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
    case FORMAT_FSTORE: {
        uint32_t offset = small_offset(seed);
        word = with(with(word, 15, 5, pointer_reg(seed)), 20, 5, source_reg(seed));
        return with(with(word, 25, 7, offset >> 5), 7, 5, offset);
    }
    case FORMAT_LR:
    case FORMAT_AMO:
        return with(with(word, 15, 5, pointer_reg(seed)), 20, 5, format == FORMAT_AMO ? source_reg(seed) : 0);
    case FORMAT_CBO:
        return with(word, 15, 5, pointer_reg(seed));
    case FORMAT_BRANCH:
        return branch_to(with(with(word, 15, 5, source_reg(seed)), 20, 5, source_reg(seed)), short_way(seed));
    case FORMAT_JAL:
        return jump_to(with(word, 7, 5, one_in(seed, 2) ? 0 : place_reg(seed)), short_way(seed));
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

static uint32_t row_word(uint64_t *seed, unsigned op)
{
    const struct insn_row *row = &insn_rows[op];
    uint32_t word = shaped(seed, row->match | ((uint32_t)random_u64(seed) & ~row->mask), row->format);
    return (word & ~row->mask) | row->match;
}

/* An instruction of some formats, or whatever comes first. */
static uint32_t word_of_format(uint64_t *seed, uint64_t formats)
{
    unsigned op = (unsigned)random_below(seed, OP_illegal);
    while (!(formats >> insn_rows[op].format & 1))
        op = (op + 1) % OP_illegal;
    return row_word(seed, op);
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

#define F(format)     (UINT64_C(1) << FORMAT_##format)
#define FP_ARITHMETIC (F(FR) | F(FR1) | F(FR4) | F(FSGNJ) | F(FCMP) | F(FTOI) | F(FROMI))
enum { COMPRESSED = 64, BUMP, ROW, WORD }; /* ways to make an instruction, beside a set of formats */

/* A program has a theme: what it mostly does. */
static const struct way {
    uint64_t formats; /* 0: see special */
    uint8_t special, weight[THEMES];
} ways[] = {
    {F(R) | F(I) | F(SH5) | F(SH6) | F(U) | F(R1), 0, {8, 4, 3, 3}},
    {F(LOAD), 0, {3, 1, 8, 2}},
    {F(STORE), 0, {3, 1, 8, 2}},
    {F(FLOAD) | F(FSTORE), 0, {1, 4, 3, 1}},
    {F(BRANCH), 0, {3, 2, 2, 2}},
    {F(JAL) | F(JALR), 0, {1, 1, 1, 1}},
    {FP_ARITHMETIC, 0, {2, 14, 0, 1}},
    {F(FR) | F(FR4) | F(FR1), 0, {0, 10, 0, 0}},
    {F(FMVX) | F(FMVF), 0, {1, 2, 0, 0}},
    {F(LR) | F(AMO), 0, {1, 0, 3, 1}},
    {F(CSR) | F(CSRI), 0, {1, 3, 0, 8}},
    {F(NONE) | F(SFENCE) | F(FENCE) | F(CBO), 0, {0, 0, 0, 3}},
    {0, COMPRESSED, {6, 2, 4, 4}},
    {0, BUMP, {0, 0, 4, 0}},
    {0, ROW, {4, 2, 1, 3}},
    {0, WORD, {1, 0, 0, 1}},
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
        return with(row_word(seed, OP_ld), 7, 5, reg);
    if (one_in(seed, 4))
        return with(with(row_word(seed, one_in(seed, 2) ? OP_amoadd_d : OP_amoswap_d), 7, 5, reg), 20, 5, reg);
    uint32_t step = (uint32_t)PICK(seed, 8, 16, 0xff8, 1, 64, 0x7ff);
    return with(with(with(0x13, 7, 5, reg), 15, 5, one_in(seed, 3) ? pointer_reg(seed) : reg), 20, 12, step);
}

/* Of floating-point instructions those of the taste's format mostly, on few registers, so that results are used. */
static uint32_t to_taste(uint64_t *seed, uint64_t formats, struct taste taste)
{
    static const uint8_t few[] = {0, 1, 8, 10, 11, 17, 3, 20, 28};
    uint32_t word = word_of_format(seed, formats);
    if (taste.theme != THEME_FLOAT)
        return word;
    if (formats & F(CSR))                                                   /* flags have to go before they can come */
        return one_in(seed, 6) ? word : 0x00101073 | target_reg(seed) << 7; /* csrw fflags, zero */
    if (!(formats & FP_ARITHMETIC))
        return word;
    for (unsigned tries = 0; (word >> 25 & 3) != taste.format && tries < 8; tries++)
        word = word_of_format(seed, formats);
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

uint32_t program_insn(uint64_t *seed, struct taste taste, unsigned *size_bytes)
{
    const struct way *way = random_way(seed, taste.theme);
    *size_bytes = way->special == COMPRESSED ? 2 : 4;
    switch (way->special) {
    case COMPRESSED:
        return compressed(seed);
    case BUMP:
        return bump(seed);
    case ROW:
        return row_word(seed, (unsigned)random_below(seed, OP_illegal));
    case WORD:
        return one_in(seed, 6) ? (uint32_t)random_u64(seed) | 3 : 0x00000013;
    default:
        return to_taste(seed, way->formats, taste);
    }
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

/* A page of data that the page tables lead to: it becomes a table when it is walked first, in the middle of something.
 */
enum { PAGE_LATE_TABLE = PAGE_DATA + 1, PAGE_POINTERS = PAGE_DATA + 3 };
enum { SV39 = 8, PTE_U = 0x10 };
#define VIRTUAL_ALIAS UINT64_C(0x40000000)
#define LATE_ALIAS    UINT64_C(0x40200000)

uint64_t program_pte(uint64_t *seed)
{
    uint64_t page = (RAM_BASE >> PAGE_SHIFT) + random_below(seed, RAM_PAGES);
    uint64_t flags = PICK(seed, 0xcf, 0xcf, 0xcf, 0xdf, 0xdf, 0x0f, 0x1f, 0x4f, 0x5f, 0xc7, 0xd7, 0xc3, 0xc9, 0xd9,
                          0xd3, 0x00, random_below(seed, 256));
    return page << 10 | flags | (one_in(seed, 60) ? random_u64(seed) << 54 : 0);
}

static uint64_t tricky_pointer(uint64_t *seed)
{
    uint64_t page = random_below(seed, RAM_PAGES);
    switch (random_below(seed, 4)) {
    case 0: /* tables, one of which may not have been walked yet */
        return RAM_BASE + PICK(seed, PAGE_LATE_TABLE, PAGE_LATE_TABLE, PAGE_LEAVES_ALIAS) * PAGE_BYTES +
               8 * random_below(seed, 6);
    case 1:
        return LATE_ALIAS + random_below(seed, 6) * PAGE_BYTES + 8 * random_below(seed, 512);
    case 2:
        return VIRTUAL_ALIAS + random_below(seed, 8) * PAGE_BYTES + 8 * random_below(seed, 512);
    default: /* in the same place of the TLB as another */
        return PICK(seed, RAM_BASE, VIRTUAL_ALIAS) + PAGE_BYTES * (one_in(seed, 2) ? PAGE_LATE_TABLE : page);
    }
}

uint64_t program_pointer(uint64_t *seed)
{
    uint64_t base = PICK(seed, RAM_BASE, RAM_BASE, RAM_BASE, VIRTUAL_ALIAS);
    uint64_t page = one_in(seed, 6)    ? PAGE_CODE_FIRST + random_below(seed, PAGE_CODE_END - PAGE_CODE_FIRST)
                    : one_in(seed, 8)  ? PICK(seed, PAGE_LEAVES, PAGE_LEAVES_ALIAS, PAGE_LATE_TABLE)
                    : one_in(seed, 30) ? random_below(seed, RAM_PAGES + 1)
                                       : PAGE_DATA + random_below(seed, 6);
    uint64_t offset = PICK(seed, random_below(seed, 512) * 8, random_below(seed, 512) * 8, random_below(seed, 512) * 8,
                           random_below(seed, PAGE_BYTES), PAGE_BYTES - 8, PAGE_BYTES - 4, PAGE_BYTES - 1, 0);
    if (one_in(seed, 40)) /* through a table that is data as well */
        return LATE_ALIAS + random_below(seed, 8) * PAGE_BYTES + (random_u64(seed) & 0xff8);
    if (one_in(seed, 12))
        return MMIO_BASE + random_below(seed, MMIO_REGISTERS) * 8;
    if (page == PAGE_LEAVES || page == PAGE_LEAVES_ALIAS || page == PAGE_LATE_TABLE) /* entries that are in use */
        return base + page * PAGE_BYTES + random_below(seed, RAM_PAGES) * 8;
    return base + page * PAGE_BYTES + offset;
}

/* Floating-point values that are hard, alone or boxed. */
static uint64_t hard_value(uint64_t *seed)
{
    static const uint32_t singles[] = {0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                                       0x7fc00000, 0x7fa00000, 0xffc12345, 0x00000001, 0x807fffff, 0x00800000,
                                       0x7f7fffff, 0x4f000000, 0xcf000000, 0x5f000000, 0x5f800000, 0x3effffff};
    static const uint64_t doubles[] = {
        0,          1ull << 63,         0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000,
        1,          0x7ff8000000000000, 0x7ff4000000000000, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff,
        0x800fffff, 0x41e0000000000000, 0xc1e0000000000000, 0x43e0000000000000, 0x43f0000000000000, 0x3fefffffffffffff,
        0x380fffff, 0x47efffffe0000000, 0x47effffff0000000, 0x369fffffffffffff, 0x36a0000000000000, 0xc3e0000000000000};
    uint32_t single = singles[random_below(seed, sizeof singles / sizeof singles[0])];
    uint64_t exponent = 0x3ff - 40 + random_below(seed, 80);
    switch (random_below(seed, 6)) {
    case 0:
        return UINT64_C(0xffffffff00000000) | single;
    case 1:
        return UINT64_C(0xffffffff00000000) | (uint32_t)random_u64(seed);
    case 2:
        return doubles[random_below(seed, sizeof doubles / sizeof doubles[0])];
    case 3:
        return UINT64_C(0xffffffffffff0000) | (random_u64(seed) & 0xffff);
    case 4:
        return UINT64_C(0xffffffff00000000) | (uint32_t)(random_u64(seed) & 0x807fffff) |
               (uint32_t)(127 - 20 + random_below(seed, 40)) << 23;
    default:
        return (random_u64(seed) & 0x800fffffffffffff) | exponent << 52;
    }
}

/* A number, rarely a hard one, of any size: 0 binary32, 1 binary64. */
static uint64_t value_of_format(uint64_t *seed, unsigned format)
{
    uint64_t bits = random_u64(seed), spread = PICK(seed, 6, 30, 250);
    if (one_in(seed, 4))
        return hard_value(seed);
    if (format == 0)
        return UINT64_C(0xffffffff00000000) | (bits & 0x807fffff) |
               (127 - spread / 2 + random_below(seed, spread)) << 23;
    spread = spread == 250 ? 2040 : spread;
    return (bits & 0x800fffffffffffff) | (1023 - spread / 2 + random_below(seed, spread)) << 52;
}

uint64_t program_value(uint64_t *seed)
{
    const struct taste mixed = {THEME_MIXED, 1};
    unsigned size_bytes;
    switch (random_below(seed, 8)) {
    case 0:
        return program_pointer(seed);
    case 1:
        return program_pte(seed);
    case 2:
        return program_insn(seed, mixed, &size_bytes) | (uint64_t)program_insn(seed, mixed, &size_bytes) << 32;
    case 3:
    case 4:
        return hard_value(seed);
    case 5:
        return PICK(seed, 0, 1, ~0ull, 1ull << 63, INT64_MAX, 0x7fffffff, 0x80000000, ~0ull << 31, 63, 31, 64);
    default:
        return random_magnitude(seed);
    }
}

/* ---- memory --------------------------------------------------------------------------------------------------------- */

static void put(struct program *program, unsigned page, unsigned offset, uint64_t value)
{
    memcpy(&program->pages[page][offset], &value, sizeof value);
}

static void put_pte(struct program *program, unsigned table, unsigned index, unsigned page, unsigned flags)
{
    put(program, table, index * 8, (uint64_t)((RAM_BASE >> PAGE_SHIFT) + page) << 10 | flags);
}

/* Of the same purpose. */
static unsigned other_page(uint64_t *seed, bool code)
{
    return (unsigned)(code ? PAGE_CODE_FIRST + random_below(seed, PAGE_CODE_END - PAGE_CODE_FIRST)
                           : PAGE_DATA + random_below(seed, 6));
}

static void lay_page_tables(struct program *program, uint64_t *seed)
{
    for (unsigned page = PAGE_ROOT; page <= PAGE_LEAVES_ALIAS; page++)
        memset(program->pages[page], 0, PAGE_BYTES);
    put(program, PAGE_ROOT, 0, one_in(seed, 2) ? 0xc7 : 0xd7); /* 1 GiB with the device */
    put(program, PAGE_ROOT, 511 * 8, 0xc7);
    put_pte(program, PAGE_ROOT, 2, PAGE_MIDDLE, 1);
    put_pte(program, PAGE_MIDDLE, 0, PAGE_LEAVES, 1);
    put_pte(program, PAGE_ROOT, 1, PAGE_MIDDLE_ALIAS, 1);
    put_pte(program, PAGE_MIDDLE_ALIAS, 0, PAGE_LEAVES_ALIAS, 1);
    put_pte(program, PAGE_MIDDLE_ALIAS, 1, PAGE_LATE_TABLE, 1);
    bool clean = one_in(seed, 3);
    program->user = one_in(seed, 2);
    for (unsigned page = 0; page < RAM_PAGES; page++) {
        bool code = page >= PAGE_CODE_FIRST && page < PAGE_CODE_END;
        unsigned flags =
            (code || page == PAGE_S_HANDLER ? 0xcf : 0xc7) | (program->user && page > PAGE_S_HANDLER ? PTE_U : 0);
        if (clean && page > PAGE_S_HANDLER)
            flags &= one_in(seed, 2) ? ~0x80u : ~0xc0u;
        put_pte(program, PAGE_LEAVES, page, page, flags);
        if (one_in(seed, 3))
            put(program, PAGE_LEAVES_ALIAS, page * 8, program_pte(seed));
        else
            put_pte(program, PAGE_LEAVES_ALIAS, page, other_page(seed, code), flags);
    }
}

static void lay_code(struct program *program, uint64_t *seed)
{
    uint8_t *code = program->pages[PAGE_CODE_FIRST];
    size_t room = (PAGE_CODE_END - PAGE_CODE_FIRST) * PAGE_BYTES;
    for (size_t at = 0; at + 4 <= room;) {
        unsigned size_bytes;
        uint32_t word = program_insn(seed, program->taste, &size_bytes);
        memcpy(code + at, &word, size_bytes);
        at += size_bytes;
    }
    for (unsigned n = 0; n < PLACES; n++) {
        uint64_t offset = random_below(seed, room) & ~UINT64_C(1);
        if (one_in(seed, 4)) /* towards the end of a page */
            offset = ((offset | (PAGE_BYTES - 1)) - 2 * random_below(seed, 40)) & ~UINT64_C(1);
        uint64_t base = one_in(seed, 6) ? VIRTUAL_ALIAS : RAM_BASE;
        program->places[n] = base + PAGE_CODE_FIRST * PAGE_BYTES + offset;
    }
}

/* ---- the handlers, by hand ------------------------------------------------------------------------------------------ */

#define I_TYPE(opcode, f3, rd, rs1, imm)                                                                               \
    ((uint32_t)(imm) << 20 | (uint32_t)(rs1) << 15 | (f3) << 12 | (uint32_t)(rd) << 7 | (opcode))
#define LD(rd, offset, rs1)  I_TYPE(0x03, 3, rd, rs1, offset)
#define ADDI(rd, rs1, imm)   I_TYPE(0x13, 0, rd, rs1, imm)
#define ANDI(rd, rs1, imm)   I_TYPE(0x13, 7, rd, rs1, imm)
#define SLLI(rd, rs1, count) I_TYPE(0x13, 1, rd, rs1, count)
#define SRLI(rd, rs1, count) I_TYPE(0x13, 5, rd, rs1, count)
#define ADD(rd, rs1, rs2)    (I_TYPE(0x33, 0, rd, rs1, 0) | (uint32_t)(rs2) << 20)
#define MUL(rd, rs1, rs2)    (ADD(rd, rs1, rs2) | 1u << 25)
#define LUI(rd, imm)         ((uint32_t)(imm) << 12 | (uint32_t)(rd) << 7 | 0x37)
#define SD(rs2, offset, rs1) ((uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | 3u << 12 | (uint32_t)(offset) << 7 | 0x23)
#define CSRR(rd, csr)        I_TYPE(0x73, 2, rd, 0, csr)
#define CSRW(csr, rs1)       I_TYPE(0x73, 1, 0, rs1, csr)
#define CSRC(csr, rs1)       I_TYPE(0x73, 3, 0, rs1, csr)
#define AHEAD(skipped)       ((4u * (skipped) + 4) % 32 << 7 | (4u * (skipped) + 4) / 32 << 25)
#define BGEZ(rs1, skipped)   ((uint32_t)(rs1) << 15 | 5u << 12 | AHEAD(skipped) | 0x63)
#define BEQZ(rs1, skipped)   ((uint32_t)(rs1) << 15 | AHEAD(skipped) | 0x63)
#define MRET                 0x30200073u
#define SRET                 0x10200073u
enum { X0, T0 = 5, T1 = 6, T2 = 7 };
enum { SEPC = 0x141, SCAUSE, MSTATUS = 0x300, MEPC = 0x341, MCAUSE, MINSTRET = 0xb02 };
enum { CAUSE_FETCH_ACCESS = 1, CAUSE_FETCH_PAGE = 12 };

/* Offsets in PAGE_TABLES; the handler adds up to 0x78, or 0x3f8 for pointers. */
enum { TAB_LCG = 0, TAB_PLACES = 0x100, TAB_MODES = 0x200, TAB_POINTERS = 0x300, TAB_END = 0x780, LISTED = 18 };

/* An interrupt: silence the device and go on. A trap: go on behind the instruction, or leap to another place, in
 * another mode, with other pointers: now and then, and when there is nothing to execute. */
static const uint32_t m_handler[] = {
    CSRR(T0, MCAUSE),
    BGEZ(T0, 3),
    LUI(T0, 0x10000),
    SD(X0, 8 * MMIO_LOWER, T0),
    MRET,
    ADDI(T1, T0, -CAUSE_FETCH_PAGE),
    BEQZ(T1, 9),
    ADDI(T1, T0, -CAUSE_FETCH_ACCESS),
    BEQZ(T1, 7),
    CSRR(T1, MINSTRET),
    ANDI(T1, T1, 15),
    BEQZ(T1, 4),
    CSRR(T1, MEPC),
    ADDI(T1, T1, 4),
    CSRW(MEPC, T1),
    MRET,
    LUI(T0, 0x20),
    CSRC(MSTATUS, T0), /* MPRV: what follows reads tables */
    LUI(T0, 0x80001),
    SLLI(T0, T0, 32),
    SRLI(T0, T0, 32),
    LD(T1, TAB_LCG, T0),
    LD(T2, TAB_LCG + 8, T0),
    MUL(T1, T1, T2),
    LD(T2, TAB_LCG + 16, T0),
    ADD(T1, T1, T2),
    SD(T1, TAB_LCG, T0), /* the next random number */
    SRLI(T1, T1, 20),
    ANDI(T2, T1, 0x78),
    ADD(T2, T2, T0),
    LD(1, TAB_PLACES, T2),
    LD(15, TAB_PLACES + 8, T2),
    LD(29, TAB_PLACES + 16, T2),
    CSRW(MEPC, 1),
    SRLI(T1, T1, 4),
    ANDI(T2, T1, 0x78),
    ADD(T2, T2, T0),
    LD(T2, TAB_MODES, T2),
    CSRW(MSTATUS, T2),
    SRLI(T1, T1, 4),
    ANDI(T2, T1, 0x3f8),
    ADD(T2, T2, T0),
    LD(8, TAB_POINTERS, T2),
    LD(10, TAB_POINTERS + 8, T2),
    LD(11, TAB_POINTERS + 16, T2),
    LD(12, TAB_POINTERS + 24, T2),
    LD(2, TAB_POINTERS + 32, T2),
    LD(18, TAB_POINTERS + 40, T2),
    LD(28, TAB_POINTERS + 48, T2),
    MRET,
};

static const uint32_t s_handler[] = {
    CSRR(T0, SCAUSE), BGEZ(T0, 3), LUI(T0, 0xd0000), SD(X0, 8 * MMIO_LOWER, T0), SRET, CSRR(T0, SEPC), ADDI(T0, T0, 4),
    CSRW(SEPC, T0),   SRET,
};

static uint64_t random_mode(const struct program *program, uint64_t *seed)
{
    uint64_t usual = program->user ? PRIV_U : PRIV_S;
    uint64_t previous = (one_in(seed, 6) ? PICK(seed, 0, 1, 3) : usual) << 11;
    uint64_t floating = (one_in(seed, 5) ? random_below(seed, 4) : 3) << 13;
    uint64_t access = random_u64(seed) & 0xc0000 & (one_in(seed, 2) ? 0x40000 : 0xc0000); /* SUM, MXR */
    return previous | floating | access | (one_in(seed, 10) ? 0x20000 : 0) | (random_u64(seed) & 0xa2);
}

/* Few different ones, so that they meet. */
static void make_pointers(struct program *program, uint64_t *seed)
{
    bool tricky = program->taste.theme == THEME_MEMORY;
    for (unsigned n = 0; n < POINTERS; n++)
        program->pointers[n] = tricky && one_in(seed, 2) ? tricky_pointer(seed) : program_pointer(seed);
}

static uint64_t pointer_of(const struct program *program, uint64_t *seed)
{
    return program->pointers[random_below(seed, POINTERS)];
}

static void lay_tables(struct program *program, uint64_t *seed)
{
    uint64_t lcg[] = {random_u64(seed), 6364136223846793005, random_u64(seed) | 1};
    memcpy(program->pages[PAGE_TABLES], lcg, sizeof lcg);
    for (unsigned n = 0; n < LISTED; n++) {
        put(program, PAGE_TABLES, TAB_PLACES + 8 * n, program->places[random_below(seed, PLACES)]);
        put(program, PAGE_TABLES, TAB_MODES + 8 * n, random_mode(program, seed));
    }
    for (unsigned at = TAB_POINTERS; at < TAB_END; at += 8)
        put(program, PAGE_TABLES, at, pointer_of(program, seed));
    memcpy(program->pages[PAGE_M_HANDLER], m_handler, sizeof m_handler);
    memcpy(program->pages[PAGE_S_HANDLER], s_handler, sizeof s_handler);
}

static void lay_data(struct program *program, uint64_t *seed)
{
    for (unsigned page = PAGE_DATA; page < PAGE_DATA + 7; page++)
        for (unsigned at = 0; at < PAGE_BYTES; at += 8)
            put(program, page, at,
                program->taste.theme == THEME_FLOAT && one_in(seed, 2) ? value_of_format(seed, program->taste.format)
                                                                       : program_value(seed));
    for (unsigned at = 0; at < PAGE_BYTES; at += 8)
        put(program, PAGE_POINTERS, at, pointer_of(program, seed));
    for (unsigned index = 0; index < 8; index++)
        put_pte(program, PAGE_LATE_TABLE, index, (unsigned)(PAGE_DATA + random_below(seed, 6)), 0xc7);
}

/* ---- state ---------------------------------------------------------------------------------------------------------- */

static void set_registers(struct program *program, uint64_t *seed)
{
    struct hart_state *state = &program->state;
    for (unsigned x = 1; x < 32; x++)
        state->x[x] = program_value(seed);
    for (size_t n = 0; n < sizeof pointer_regs; n++)
        state->x[pointer_regs[n]] = pointer_of(program, seed);
    for (size_t n = 0; n < sizeof place_regs; n++)
        state->x[place_regs[n]] = program->places[random_below(seed, PLACES)];
    state->x[SPACE_REG] = one_in(seed, 8) ? 0 : (uint64_t)SV39 << 60 | ((uint64_t)(RAM_BASE >> PAGE_SHIFT) + PAGE_ROOT);
    state->x[STATUS_REG] = PICK(seed, 0x40000, 0x80000, 0xc0000, 0x6000, 0x2000, 0x2, 0x22);
    for (unsigned f = 0; f < 32; f++)
        state->f[f] =
            program->taste.theme == THEME_FLOAT ? value_of_format(seed, program->taste.format) : hard_value(seed);
}

static void set_protection(struct hart_state *state, uint64_t *seed)
{
    state->pmpaddr[0] = (RAM_BASE >> 2) + (2 * PAGE_BYTES >> 3) - 1; /* handler and tables: nobody below M */
    state->pmpcfg[0] = 0x18;
    state->pmpaddr[1] = ((RAM_BASE + (PAGE_DATA + 5) * PAGE_BYTES) >> 2) + (PAGE_BYTES >> 3) - 1;
    state->pmpcfg[1] = one_in(seed, 3) ? 0x19 : 0; /* a page to be read only */
    state->pmpaddr[2] = UINT64_MAX >> 10;          /* all else: everybody */
    state->pmpcfg[2] = 0x1f;
}

static void set_state(struct program *program, uint64_t *seed)
{
    struct hart_state *state = &program->state;
    set_registers(program, seed);
    set_protection(state, seed);
    uint64_t mode = random_mode(program, seed);
    state->priv = (uint8_t)(mode >> 11 & 3);
    state->mstatus = UINT64_C(0xa00000000) | (mode & ~UINT64_C(0x1800));
    state->satp = one_in(seed, 5) ? 0 : state->x[SPACE_REG];
    state->pc = program->places[random_below(seed, PLACES)];
    state->mtvec = RAM_BASE;
    state->stvec = RAM_BASE + PAGE_S_HANDLER * PAGE_BYTES;
    state->medeleg = one_in(seed, 2) ? random_u64(seed) & 0xa1fc : 0; /* fetches that fail are not delegated */
    state->mideleg = one_in(seed, 2) ? random_u64(seed) & 0x222 : 0;
    state->mie = random_u64(seed) & 0xaaa;
    state->menvcfg = (random_u64(seed) & UINT64_C(7) << 61) | 0xf0;
    state->senvcfg = random_u64(seed) & 0xf0 & ~UINT64_C(0x20);
    state->mcounteren = state->scounteren = one_in(seed, 6) ? 5 : 7;
    state->stimecmp = UINT64_MAX;
    state->reservation = UINT64_MAX;
    state->frm = (uint8_t)PICK(seed, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5);
}

void program_make(struct program *program, uint64_t seed)
{
    memset(program, 0, sizeof *program);
    static const struct taste tastes[] = {{THEME_MIXED, 1}, {THEME_MIXED, 1},  {THEME_FLOAT, 0},
                                          {THEME_FLOAT, 1}, {THEME_MEMORY, 1}, {THEME_SYSTEM, 1}};
    program->taste = tastes[random_below(&seed, sizeof tastes / sizeof tastes[0])];
    make_pointers(program, &seed);
    lay_page_tables(program, &seed);
    lay_code(program, &seed);
    lay_tables(program, &seed);
    lay_data(program, &seed);
    set_state(program, &seed);
    if (one_in(&seed, 3))
        program->trap_page_paddr = RAM_BASE + (PAGE_DATA + random_below(&seed, 3)) * PAGE_BYTES;
}

#include "program.h"

#include <string.h>

#include "asm.h"
#include "loops.h"

/* ---- values --------------------------------------------------------------------------------------------------------- */

/* A page of data that the page tables lead to: it becomes a table when it is walked first, in the middle of something.
 */
enum { PAGE_LATE_TABLE = PAGE_DATA + 1, PAGE_POINTERS = PAGE_DATA + 3 };
#define VIRTUAL_ALIAS UINT64_C(0x40000000)
#define LATE_ALIAS    UINT64_C(0x40200000)

uint64_t program_pte(uint64_t *seed)
{
    uint64_t page = (RAM_BASE >> PAGE_SHIFT) + random_below(seed, RAM_PAGES);
    uint64_t flags = PICK(seed, 0xcf, 0xcf, 0xcf, 0xdf, 0xdf, 0x0f, 0x1f, 0x4f, 0x5f, 0xc7, 0xd7, 0xc3, 0xc9, 0xd9,
                          0xd3, 0x00, random_below(seed, 256));
    if (one_in(seed, 16))
        page = MMIO_BASE >> PAGE_SHIFT;
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

/* Some turns of a loop before the end of a page, or after its beginning; pages that follow each other in the alias are
 * elsewhere in memory. */
static uint64_t edge_pointer(uint64_t *seed)
{
    uint64_t base = PICK(seed, RAM_BASE, VIRTUAL_ALIAS, VIRTUAL_ALIAS, VIRTUAL_ALIAS);
    uint64_t way = PICK(seed, 8, 8, 64, 1, 4) * random_below(seed, 40) + PICK(seed, 0, 0, 0, 1, 2, 4, 7);
    uint64_t edge = (PAGE_DATA + random_below(seed, 6)) * PAGE_BYTES;
    return base + (one_in(seed, 4) ? edge + way : edge + PAGE_BYTES - way);
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
        return word_at_random(seed, mixed, &size_bytes) | (uint64_t)word_at_random(seed, mixed, &size_bytes) << 32;
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
        if (program->taste.theme == THEME_LOOPS && page >= PAGE_DATA && one_in(seed, 2))
            put_pte(program, PAGE_LEAVES, page, other_page(seed, false), flags);
    }
}

/* Whatever comes, from `at` to `end`. */
static size_t lay_words(const struct program *program, uint64_t *seed, uint8_t *code, size_t at, size_t end)
{
    while (at + 4 <= end) {
        unsigned size_bytes;
        uint32_t word = word_at_random(seed, program->taste, &size_bytes);
        memcpy(code + at, &word, size_bytes);
        at += size_bytes;
    }
    return at;
}

/* Loops with a few instructions between them. Places are where they are set up mostly, or their heads. */
static void lay_loops(struct program *program, uint64_t *seed, uint8_t *code, size_t room, size_t *offsets)
{
    size_t at = 0, nloops = 0;
    while (at + LOOP_BYTES_MOST <= room) {
        size_t head, bytes = loop_lay(seed, code + at, &head), offset = at + (one_in(seed, 4) ? head : 0);
        nloops++;
        if (nloops <= PLACES || one_in(seed, (unsigned)nloops / PLACES + 1))
            offsets[nloops <= PLACES ? nloops - 1 : random_below(seed, PLACES)] = offset;
        at = lay_words(program, seed, code, at + bytes, at + bytes + 4 * random_below(seed, 4));
    }
    (void)lay_words(program, seed, code, at, room);
}

static void lay_code(struct program *program, uint64_t *seed)
{
    uint8_t *code = program->pages[PAGE_CODE_FIRST];
    size_t room = (PAGE_CODE_END - PAGE_CODE_FIRST) * PAGE_BYTES, offsets[PLACES];
    for (unsigned n = 0; n < PLACES; n++) {
        offsets[n] = random_below(seed, room) & ~UINT64_C(1);
        if (one_in(seed, 4)) /* towards the end of a page */
            offsets[n] = ((offsets[n] | (PAGE_BYTES - 1)) - 2 * random_below(seed, 40)) & ~UINT64_C(1);
    }
    if (program->taste.theme == THEME_LOOPS)
        lay_loops(program, seed, code, room, offsets);
    else
        (void)lay_words(program, seed, code, 0, room);
    for (unsigned n = 0; n < PLACES; n++) {
        uint64_t base = one_in(seed, 6) ? VIRTUAL_ALIAS : RAM_BASE;
        program->places[n] = base + PAGE_CODE_FIRST * PAGE_BYTES + offsets[n];
    }
}

/* ---- the handlers, by hand ------------------------------------------------------------------------------------------ */

enum { CAUSE_FETCH_ACCESS = 1, CAUSE_FETCH_PAGE = 12 };

/* Offsets in PAGE_TABLES; the handler adds up to 0x78, or 0x3f8 for pointers. */
enum { TAB_LCG = 0, TAB_PLACES = 0x100, TAB_MODES = 0x200, TAB_POINTERS = 0x300, TAB_END = 0x780, LISTED = 18 };

/* An interrupt: silence the device and go on. A trap: go on behind the instruction, or leap to another place, in
 * another mode, with other pointers: now and then, and when there is nothing to execute. */
static const uint32_t m_handler[] = {
    CSRR(T0, MCAUSE),
    BGE(T0, X0, 16),
    LUI(T0, 0x10000),
    SD(X0, 8 * MMIO_LOWER, T0),
    MRET,
    ADDI(T1, T0, -CAUSE_FETCH_PAGE),
    BEQ(T1, X0, 40),
    ADDI(T1, T0, -CAUSE_FETCH_ACCESS),
    BEQ(T1, X0, 32),
    CSRR(T1, MINSTRET),
    ANDI(T1, T1, 15),
    BEQ(T1, X0, 20),
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

/* An interrupt by machine mode changes nothing of it: that needs t0 only. */
static const uint32_t s_handler[] = {
    CSRR(T2, SCAUSE),
    BGE(T2, X0, 16),
    LUI(T2, 0xd0000),
    SD(X0, 8 * MMIO_LOWER, T2),
    SRET,
    CSRR(T2, SEPC),
    ADDI(T2, T2, 4),
    CSRW(SEPC, T2),
    SRET,
};

static uint64_t random_mode(const struct program *program, uint64_t *seed)
{
    uint64_t usual = program->user ? PRIV_U : PRIV_S;
    uint64_t previous = (one_in(seed, 6) ? PICK(seed, 0, 1, 3) : usual) << 11;
    uint64_t floating = (one_in(seed, 5) ? random_below(seed, 4) : 3) << 13;
    uint64_t access = random_u64(seed) & 0xc0000 & (one_in(seed, 2) ? 0x40000 : 0xc0000); /* SUM, MXR */
    return previous | floating | access | (one_in(seed, 10) ? 0x20000 : 0) | (random_u64(seed) & 0xa2);
}

static uint64_t pointer_for(enum theme theme, uint64_t *seed)
{
    if (theme == THEME_LOOPS && one_in(seed, 2))
        return edge_pointer(seed);
    bool tricky = (theme == THEME_MEMORY && one_in(seed, 2)) || (theme == THEME_LOOPS && one_in(seed, 3));
    return tricky ? tricky_pointer(seed) : program_pointer(seed);
}

/* Few different ones, so that they meet. */
static void make_pointers(struct program *program, uint64_t *seed)
{
    for (unsigned n = 0; n < POINTERS; n++)
        program->pointers[n] = pointer_for(program->taste.theme, seed);
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

/* A value that such a program may want. */
static uint64_t value_for(struct taste taste, uint64_t *seed)
{
    if (taste.theme == THEME_FLOAT && one_in(seed, 2))
        return value_of_format(seed, taste.format);
    if (taste.theme == THEME_LOOPS && one_in(seed, 3))
        return value_of_format(seed, (unsigned)random_below(seed, 2));
    return program_value(seed);
}

static void lay_data(struct program *program, uint64_t *seed)
{
    for (unsigned page = PAGE_DATA; page < PAGE_DATA + 7; page++)
        for (unsigned at = 0; at < PAGE_BYTES; at += 8)
            put(program, page, at, value_for(program->taste, seed));
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
    for (size_t n = 0; n < POINTER_REGS; n++)
        state->x[word_pointer_regs[n]] = pointer_of(program, seed);
    for (size_t n = 0; n < PLACE_REGS; n++)
        state->x[word_place_regs[n]] = program->places[random_below(seed, PLACES)];
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
    state->menvcfg = (random_u64(seed) & UINT64_C(7) << 61) | (random_below(seed, 4) ? 0xf0 : random_u64(seed) & 0xd0);
    state->senvcfg = random_u64(seed) & 0xf0 & ~UINT64_C(0x20);
    state->mcounteren = state->scounteren = one_in(seed, 6) ? 5 : 7;
    state->stimecmp = UINT64_MAX;
    state->reservation = UINT64_MAX;
    state->frm = (uint8_t)PICK(seed, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5);
}

void program_make(struct program *program, uint64_t seed, const enum theme *theme)
{
    memset(program, 0, sizeof *program);
    static const struct taste tastes[] = {{THEME_MIXED, 1},  {THEME_MIXED, 1},  {THEME_FLOAT, 0}, {THEME_FLOAT, 1},
                                          {THEME_MEMORY, 1}, {THEME_SYSTEM, 1}, {THEME_LOOPS, 1}, {THEME_LOOPS, 1}};
    do
        program->taste = tastes[random_below(&seed, sizeof tastes / sizeof tastes[0])];
    while (theme && program->taste.theme != *theme);
    make_pointers(program, &seed);
    lay_page_tables(program, &seed);
    lay_code(program, &seed);
    lay_tables(program, &seed);
    lay_data(program, &seed);
    set_state(program, &seed);
    if (one_in(&seed, 3))
        program->trap_page_paddr = RAM_BASE + (PAGE_DATA + random_below(&seed, 3)) * PAGE_BYTES;
}

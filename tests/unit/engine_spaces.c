/* Address spaces come and go, their tables change under them, and what was found in one is kept for the next: none of
 * that shows. One engine keeps what it can, the other one forgets everything before each turn. */
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"
#include "random.h"
#include "tests/lockstep/asm.h"

enum { SATP = 0x180, A6 = 16, A7 };
enum {
    PAGES = 64,
    ROOTS = 3,
    FIRST_TABLE = 8,
    MIDDLES = 4,
    TABLES = ROOTS + 3 * MIDDLES,
    FIRST_CODE = 32,
    CODES = 8,
    FIRST_DATA = 48
};
enum { ENTRY = 0x100 }; /* of the code in its page: tables are stored to below and above */
enum { PROGRAMS = 240, TURNS = 400, TURN_INSNS = 80 };
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

/* Goes to a1 in the space a0 with a2 for mstatus, and waits for the next turn after whatever trap ends this one. */
static const uint32_t driver[] = {
    CSRW(SATP, A0),   CSRW(MEPC, A1), CSRW(MSTATUS, A2), ADDI(A6, X0, 0), MRET, /* here comes the trap: */
    CSRR(A3, MCAUSE), CSRR(A4, MEPC), CSRR(A5, MTVAL),   BEQ(A6, X0, 0),  JAL(0, -36),
};
#define DRIVER (RAM_BASE + (PAGES - 1) * PAGE_BYTES)
#define TRAP   (DRIVER + 5 * 4)

/* Tells pages apart, loads and stores, and ends. */
static void lay_code(struct engine *engine, unsigned page)
{
    const uint32_t code[] = {
        ADDI(T0, T0, (int)page), ADD(T1, T1, T1), ADD(T1, T1, T0), LD(T2, 0, S0), ADD(T1, T1, T2), SD(S1, 0, S0), ECALL,
    };
    ck_assert(engine_ram_store(engine, RAM_BASE + page * PAGE_BYTES + ENTRY, code, sizeof code));
}

static struct engine *new_engine(struct engine_tuning tuning, bool updates)
{
    struct engine *engine = bare_engine(PAGES * PAGE_BYTES, tuning, bare_bus);
    struct hart_state *state = engine_hart(engine, 0);
    ck_assert(engine_ram_store(engine, DRIVER, driver, sizeof driver));
    for (unsigned page = FIRST_CODE; page < FIRST_CODE + CODES; page++)
        lay_code(engine, page);
    for (unsigned page = 0; page < 2; page++) /* where large pages lead to */
        lay_code(engine, page);
    state->mtvec = TRAP;
    state->pmpaddr[0] = UINT64_MAX >> 10;
    state->pmpcfg[0] = 0x1f;
    state->menvcfg = updates ? UINT64_C(1) << 61 : 0; /* ADUE */
    state->pc = TRAP;
    engine_forget(engine);
    return engine;
}

struct pair {
    struct engine *keeps, *forgets;
    uint64_t seed;
    bool low; /* supervisor mode executes in the lower half too */
};

static uint64_t page_number(uint64_t page) { return (RAM_BASE >> PAGE_SHIFT) + page; }

static void put(struct pair *pair, uint64_t table, uint64_t index, uint64_t pte)
{
    uint64_t paddr = RAM_BASE + (FIRST_TABLE + table) * PAGE_BYTES + index * 8;
    ck_assert(engine_ram_store(pair->keeps, paddr, &pte, sizeof pte));
    ck_assert(engine_ram_store(pair->forgets, paddr, &pte, sizeof pte));
}

static uint64_t get(struct pair *pair, uint64_t table, uint64_t index)
{
    uint64_t pte;
    ck_assert(
        engine_ram_load(pair->keeps, RAM_BASE + (FIRST_TABLE + table) * PAGE_BYTES + index * 8, &pte, sizeof pte));
    return pte;
}

/* Few of the entries of a table are used, so that they are met again; roots have some in either half. */
static uint64_t some_index(uint64_t *seed) { return random_below(seed, 2); }
static uint64_t root_index(uint64_t *seed) { return random_below(seed, 2) ? 510 + some_index(seed) : some_index(seed); }

static uint64_t some_leaf(uint64_t *seed)
{
    uint64_t page = random_below(seed, 4)   ? FIRST_CODE + random_below(seed, CODES)
                    : random_below(seed, 3) ? FIRST_DATA + random_below(seed, 8)
                                            : FIRST_TABLE + random_below(seed, TABLES);
    uint64_t bits = V | R | X | (random_below(seed, 6) ? W : 0) | (random_below(seed, 4) ? 0 : U);
    bits |= (random_below(seed, 12) ? A : 0) | (random_below(seed, 12) ? D : 0);
    return page_number(page) << 10 | (random_below(seed, 12) ? bits : bits & ~(uint64_t)X);
}

static unsigned level_of(uint64_t table) { return table < ROOTS ? 2 : table < ROOTS + MIDDLES ? 1 : 0; }

/* Where an entry usually leads to: each part of the address space has its tables, which all spaces share. */
static uint64_t next_table(uint64_t table, uint64_t index)
{
    return table < ROOTS ? ROOTS + index % MIDDLES : ROOTS + MIDDLES + 2 * (table - ROOTS) + index % 2;
}

static uint64_t some_entry(uint64_t *seed, uint64_t table, uint64_t index)
{
    unsigned level = level_of(table);
    if (!random_below(seed, level == 2 ? 5 : 40))
        return random_below(seed, 3) ? 0 : random_u64(seed) & 0xff;
    if (level == 0)
        return some_leaf(seed);
    if (!random_below(seed, 8)) /* all of RAM, as a large page */
        return page_number(0) >> 18 << 28 | V | R | W | X | (random_below(seed, 3) ? A | D : 0) |
               (random_below(seed, 2) ? U : 0);
    uint64_t next = random_below(seed, 12) ? next_table(table, index) : random_below(seed, TABLES);
    return page_number(FIRST_TABLE + next) << 10 | V;
}

static void change_an_entry(struct pair *pair)
{
    uint64_t *seed = &pair->seed, table = random_below(seed, TABLES);
    uint64_t index = level_of(table) == 2 ? root_index(seed) : some_index(seed);
    put(pair, table, index, some_entry(seed, table, index));
}

/* The processes of a kernel have the upper half in common. */
static void copy_upper_half(struct pair *pair)
{
    uint64_t from = random_below(&pair->seed, ROOTS), to = random_below(&pair->seed, ROOTS);
    for (uint64_t index = 510; index < 512; index++) {
        uint64_t pte = get(pair, from, index);
        if (pte != get(pair, to, index))
            put(pair, to, index, pte);
    }
}

static uint64_t some_address(uint64_t *seed)
{
    uint64_t root = root_index(seed), high = root >= 256 ? UINT64_MAX << 39 : 0;
    return high | root << 30 | some_index(seed) << 21 | some_index(seed) << 12;
}

/* What is done in this turn: the registers that the driver takes. */
static void choose(struct pair *pair)
{
    enum { S_MODE = 1 << 11, SUM = 1 << 18 };
    uint64_t *seed = &pair->seed;
    uint64_t space = page_number(FIRST_TABLE + random_below(seed, ROOTS)) | random_below(seed, 2) << 44;
    uint64_t satp = random_below(seed, 20) ? UINT64_C(8) << 60 | space : 0;
    uint64_t pc = ENTRY + (random_below(seed, 20) ? some_address(seed) : RAM_BASE + FIRST_CODE * PAGE_BYTES);
    uint64_t status = (random_below(seed, 4) ? S_MODE : 0) | (random_below(seed, 2) ? SUM : 0);
    if (!pair->low && (status & S_MODE) && satp)
        pc |= UINT64_MAX << 31; /* root_index() 510 or 511 */
    uint64_t place = 8 * root_index(seed), data = some_address(seed),
             entry = some_entry(seed, random_below(seed, TABLES), place / 8);
    struct engine *engines[] = {pair->keeps, pair->forgets};
    for (unsigned n = 0; n < 2; n++) {
        uint64_t *x = engine_hart(engines[n], 0)->x;
        x[A0] = satp;
        x[A1] = pc;
        x[A2] = status;
        x[S0] = data | place;
        x[S1] = entry;
        x[A6] = 1;
    }
}

static void compare(const struct pair *pair, unsigned program, unsigned turn)
{
    const struct hart_state *a = engine_hart(pair->keeps, 0), *b = engine_hart(pair->forgets, 0);
    if (memcmp(a, b, sizeof *a) != 0)
        ck_abort_msg("program %u, turn %u: cause %llu and %llu, t0 %llx and %llx", program, turn,
                     (unsigned long long)a->x[A3], (unsigned long long)b->x[A3], (unsigned long long)a->x[T0],
                     (unsigned long long)b->x[T0]);
    const uint8_t *memory = engine_ram(pair->keeps)->bytes, *other = engine_ram(pair->forgets)->bytes;
    if (memcmp(memory, other, PAGES * PAGE_BYTES) != 0)
        ck_abort_msg("program %u, turn %u: memory", program, turn);
}

/* How many turns came to their end. */
static unsigned play(unsigned program, bool updates)
{
    struct pair pair = {.seed = program + 1,
                        .low = program & 2,
                        .keeps = new_engine((struct engine_tuning){.hot_after = 1}, updates),
                        .forgets = new_engine((struct engine_tuning){.interpreter_only = true}, updates)};
    unsigned calls = 0;
    for (unsigned n = 0; n < 200; n++)
        change_an_entry(&pair);
    copy_upper_half(&pair);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        if (!random_below(&pair.seed, 4))
            change_an_entry(&pair);
        if (!random_below(&pair.seed, 3))
            copy_upper_half(&pair);
        choose(&pair);
        bare_run(pair.keeps, TURN_INSNS);
        engine_forget(pair.forgets);
        bare_run(pair.forgets, TURN_INSNS);
        compare(&pair, program, turn);
        uint64_t cause = engine_hart(pair.keeps, 0)->x[A3];
        calls += cause == 8 || cause == 9;
    }
    engine_destroy(pair.keeps);
    engine_destroy(pair.forgets);
    return calls;
}

START_TEST(what_is_kept_between_spaces_does_not_show)
{
    unsigned calls = 0;
    for (unsigned program = 0; program < PROGRAMS; program++)
        calls += play(program, program % 2);
    ck_assert_uint_gt(calls, PROGRAMS * TURNS / 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine spaces");
    TCase *tcase = tcase_create("spaces");
    tcase_add_test(tcase, what_is_kept_between_spaces_does_not_show);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

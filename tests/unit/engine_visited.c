/* What was visited is where instructions began since it was taken last: no page more, and none less, whenever it is
 * taken. A program leaps between places that are hard for the tables by which code is found (the same slots, pc 0,
 * targets with bit 0 set, instructions across two pages), in two address spaces and two views of data, and writes to
 * its own code. An oracle executes it one by one and looks at the pc. */
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"
#include "engine/hart.h"
#include "random.h"
#include "tests/lockstep/asm.h"

enum { SATP = 0x180, S2 = 18, S4 = 20, S5, S6 };
enum { RAM_BYTES = 8 << 20, ROOT_A = RAM_BYTES - PAGE_BYTES, ROOT_B = ROOT_A - PAGE_BYTES, LIST = ROOT_B - (64 << 10) };
enum { PROGRAMS = 60, LEAPS = 4096, LEAPS_NEARBY = 96, PLACES = 32, ROOM_BYTES = 64, CODE_BYTES = LIST };
enum { SUM = 1 << 18 };

/* What is done at a place, before the leap to the next one. */
enum deed { COUNT, SWITCH_SPACE, SWITCH_VIEW, WRITE_CODE, DEEDS };

struct program {
    uint64_t places[PLACES];
    unsigned nplaces;
    uint8_t taken[RAM_BYTES / ROOM_BYTES];
};

/* ---- the program -------------------------------------------------------------------------------------------------- */

static void put(struct engine *engine, uint64_t offset, const void *bytes, size_t size_bytes)
{
    ck_assert(engine_ram_store(engine, RAM_BASE + offset, bytes, size_bytes));
}

static void put_word(struct engine *engine, uint64_t *offset, uint32_t word)
{
    put(engine, *offset, &word, sizeof word);
    *offset += sizeof word;
}

/* Two bytes that count how often they are passed, and behind them the deed. Who comes to the second instruction does
 * not pass the first: the two places differ in bit 1. */
static void lay_place(struct engine *engine, uint64_t pc, enum deed deed, unsigned number)
{
    static const uint16_t add_1_to_a2 = 0x0605, go_to_t0 = 0x8282;
    uint64_t at = (pc & ~UINT64_C(2)) + 2;
    put(engine, at - 2, &add_1_to_a2, sizeof add_1_to_a2);
    switch (deed) {
    case SWITCH_SPACE:
        put_word(engine, &at, I_TYPE(0x73, 1, S2, S2, SATP));
        break;
    case SWITCH_VIEW:
        put_word(engine, &at, I_TYPE(0x73, 1, S4, S4, SSTATUS));
        break;
    case WRITE_CODE: /* another number in the first place, see there */
        put_word(engine, &at, LW(T1, 0, S5));
        put_word(engine, &at, R_TYPE(0x4033u, T1, T1, S6));
        put_word(engine, &at, SW(T1, 0, S5));
        break;
    default:
        put_word(engine, &at, ADDI(A0, A0, (int)number));
        break;
    }
    put_word(engine, &at, LD(T0, 0, S1));
    put_word(engine, &at, ADDI(S1, S1, 8));
    put(engine, at, &go_to_t0, sizeof go_to_t0);
}

static bool add_place(struct program *program, uint64_t pc)
{
    uint64_t first = (pc & ~UINT64_C(2)) / ROOM_BYTES, last = (pc + 24) / ROOM_BYTES;
    if (program->nplaces == PLACES || last >= CODE_BYTES / ROOM_BYTES || program->taken[first] || program->taken[last])
        return false;
    program->taken[first] = program->taken[last] = 1;
    program->places[program->nplaces++] = pc;
    return true;
}

static uint64_t any_pc(uint64_t *seed) { return random_below(seed, CODE_BYTES) & ~UINT64_C(1); }

/* Of the same first slot as another place, which drives it to its second. */
static uint64_t rival(uint64_t *seed, uint64_t of)
{
    uint64_t pc = any_pc(seed);
    while (jump_slot(pc) != jump_slot(of))
        pc = any_pc(seed);
    return pc;
}

/* Asleep in its second slot it would be taken for the one beside it. */
static uint64_t mistakable(uint64_t *seed)
{
    uint64_t pc = any_pc(seed);
    while (jump_slot(pc ^ ENTRY_ASLEEP) != entry_second_slot(pc))
        pc = any_pc(seed);
    return pc;
}

static void choose_places(struct program *program, uint64_t *seed)
{
    memset(program, 0, sizeof *program);
    (void)add_place(program, any_pc(seed));
    (void)add_place(program, random_below(seed, 2) ? 0 : 2);
    while (program->nplaces < PLACES) {
        uint64_t pc = any_pc(seed);
        switch (random_below(seed, 8)) {
        case 0:
            pc = (pc | (PAGE_BYTES - 1)) - 1 - random_below(seed, 2) * 2;
            break;
        case 1:
            pc = mistakable(seed);
            break;
        case 2:
        case 3:
            pc = rival(seed, program->places[random_below(seed, program->nplaces)]);
            break;
        default:
            break;
        }
        if (add_place(program, pc) && random_below(seed, 2) == 0)
            (void)add_place(program, rival(seed, pc));
    }
}

/* For a while between few places, so that they become hot; bit 0 of a target does not count. */
static void lay_list(struct engine *engine, const struct program *program, uint64_t *seed)
{
    uint64_t nearby[4] = {0};
    for (unsigned n = 0; n < LEAPS; n++) {
        if (n % LEAPS_NEARBY == 0)
            for (unsigned i = 0; i < 4; i++)
                nearby[i] = program->places[random_below(seed, PLACES)];
        uint64_t place = nearby[random_below(seed, 4)] ^ (random_below(seed, 6) ? 0 : 2);
        uint64_t target = place | (random_below(seed, 6) == 0);
        put(engine, LIST + 8 * n, &target, sizeof target);
    }
}

static void machine_make(struct engine *engine, const struct program *program, uint64_t seed)
{
    static const uint64_t all_of_it = (uint64_t)RAM_BASE >> PAGE_SHIFT << 10 | 0xcf;
    for (unsigned n = 0; n < PLACES; n++) {
        enum deed deed = n && random_below(&seed, 4) == 0 ? (enum deed)random_below(&seed, DEEDS) : COUNT;
        lay_place(engine, program->places[n], deed, n + 2);
    }
    lay_list(engine, program, &seed);
    put(engine, ROOT_A, &all_of_it, sizeof all_of_it);
    put(engine, ROOT_B, &all_of_it, sizeof all_of_it);
    struct hart_state *hart = engine_hart(engine, 0);
    uint64_t first;
    ck_assert(engine_ram_load(engine, RAM_BASE + LIST, &first, sizeof first));
    hart->pc = first & ~UINT64_C(1);
    hart->priv = PRIV_S;
    hart->satp = UINT64_C(8) << 60 | (RAM_BASE + ROOT_A) >> PAGE_SHIFT;
    hart->pmpaddr[0] = UINT64_MAX >> 10;
    hart->pmpcfg[0] = 0x1f;
    hart->x[S1] = LIST + 8;
    hart->x[S2] = UINT64_C(8) << 60 | (RAM_BASE + ROOT_B) >> PAGE_SHIFT;
    hart->x[S4] = SUM;
    hart->x[S5] = (program->places[0] & ~UINT64_C(2)) + 2;
    hart->x[S6] = 1 << 20;
    engine_forget(engine);
}

/* ---- running it --------------------------------------------------------------------------------------------------- */

struct oracle {
    struct engine *engine;
    struct visited visited;
};

static void oracle_run(struct oracle *oracle, uint64_t until)
{
    while (engine_now(oracle->engine).n < until) {
        visited_add(&oracle->visited, engine_hart(oracle->engine, 0)->pc);
        bare_run(oracle->engine, 1);
    }
}

static void add_taken(struct engine *engine, struct visited *all)
{
    struct visited visited;
    engine_take_visited(engine, &visited);
    for (unsigned n = 0; n < VISITED_BYTES; n++)
        all->bytes[n] |= visited.bytes[n];
}

static uint64_t piece(uint64_t *seed)
{
    static const uint64_t most[] = {2, 8, 70, 150, 600};
    return 1 + random_below(seed, most[random_below(seed, 5)]);
}

static void check_program(struct engine_tuning tuning, uint64_t number)
{
    static struct program program;
    uint64_t seed = number;
    struct visited visited = {.bytes = {0}};
    choose_places(&program, &seed);
    struct oracle oracle = {bare_engine(RAM_BYTES, (struct engine_tuning){.interpreter_only = true}, bare_bus),
                            {.bytes = {0}}};
    struct engine *engine = bare_engine(RAM_BYTES, tuning, bare_bus);
    machine_make(oracle.engine, &program, seed);
    machine_make(engine, &program, seed);
    while (engine_hart(oracle.engine, 0)->x[S1] < LIST + 8 * (LEAPS - 650)) {
        uint64_t until = engine_now(engine).n + piece(&seed);
        oracle_run(&oracle, until);
        bare_run(engine, until - engine_now(engine).n);
        ck_assert_mem_eq(engine_hart(engine, 0), engine_hart(oracle.engine, 0), sizeof(struct hart_state));
        if (random_below(&seed, 2) == 0)
            continue;
        add_taken(engine, &visited);
        if (random_below(&seed, 3) == 0)
            continue;
        ck_assert_msg(memcmp(&visited, &oracle.visited, sizeof visited) == 0, "program %llu: visited differs at %llu",
                      (unsigned long long)number, (unsigned long long)until);
        visited = oracle.visited = (struct visited){.bytes = {0}};
    }
    ck_assert_uint_gt(engine_hart(engine, 0)->x[A2], LEAPS / 4);
    engine_destroy(oracle.engine);
    engine_destroy(engine);
}

static void check_programs(struct engine_tuning tuning)
{
    for (uint64_t number = 1; number <= PROGRAMS; number++)
        check_program(tuning, number);
}

START_TEST(interpreted) { check_programs((struct engine_tuning){.interpreter_only = true}); }
END_TEST

START_TEST(translated) { check_programs((struct engine_tuning){.hot_after = 1}); }
END_TEST

START_TEST(translated_late) { check_programs((struct engine_tuning){.hot_after = 20, .block_insns_most = 3}); }
END_TEST

/* ---- many places -------------------------------------------------------------------------------------------------- */

enum { MANY = 3 * ENTRIES_LISTED / 2, MANY_LIST = RAM_BYTES / 2, MANY_TURNS = 4, MANY_INSNS = 3 };

static uint64_t many_pc(unsigned n) { return RAM_BASE + (uint64_t)n * 512 + n % 32 * 16; }

/* One place every so many bytes, each of which leads to the next; from the last one it goes on with the first. */
static void lay_many(struct engine *engine)
{
    const uint32_t code[] = {LD(T0, 0, S1), ADD(S1, S1, S2), JALR(0, T0)};
    for (unsigned n = 0; n < MANY; n++) {
        uint64_t pc = many_pc(n);
        put(engine, pc - RAM_BASE, code, sizeof code);
        for (unsigned turn = 0; turn < MANY_TURNS && n; turn++)
            put(engine, MANY_LIST + 8 * (turn * MANY + n - 1), &pc, sizeof pc);
    }
    for (unsigned turn = 1; turn <= MANY_TURNS; turn++)
        put(engine, MANY_LIST + 8 * (turn * MANY - 1), &(uint64_t){RAM_BASE}, 8);
}

/* Of the table in force. */
static unsigned listed(const struct engine *engine)
{
    const struct hart *hart = &engine->harts[0];
    const struct entry_table *table = hart->entry_tables;
    while (table->entries != hart->entries)
        table++;
    return table->nlisted;
}

/* Each has been executed often enough to be translated. */
static struct engine *many_hot(void)
{
    struct engine *engine = bare_engine(RAM_BYTES, (struct engine_tuning){.hot_after = 1}, bare_bus);
    lay_many(engine);
    struct hart_state *hart = engine_hart(engine, 0);
    hart->x[S1] = RAM_BASE + MANY_LIST;
    hart->x[S2] = 8;
    bare_run(engine, (MANY_TURNS - 1) * MANY * MANY_INSNS);
    ck_assert_uint_eq(hart->pc, RAM_BASE);
    return engine;
}

START_TEST(more_places_than_are_listed)
{
    struct engine *engine = many_hot();
    struct visited first, second;
    engine_take_visited(engine, &first);
    if (engine->jit)
        ck_assert_uint_gt(listed(engine), ENTRIES_LISTED);
    bare_run(engine, MANY * MANY_INSNS);
    engine_take_visited(engine, &second);
    ck_assert_mem_eq(&second, &first, sizeof first);
    engine_take_visited(engine, &second);
    ck_assert_mem_eq(&second, &((struct visited){.bytes = {0}}), sizeof second);
    engine_destroy(engine);
}
END_TEST

/* Where a run ends with a leap, what that leads to has not been visited. */
START_TEST(not_beyond_the_limit)
{
    struct engine *engine = many_hot();
    struct visited visited;
    uint64_t insns = 0;
    engine_take_visited(engine, &visited);
    for (unsigned most = 1; most < 140; most++) {
        struct visited executed = {.bytes = {0}};
        bare_run(engine, most);
        for (unsigned n = 0; n < most; n++)
            visited_add(&executed, many_pc((unsigned)(insns + n) / MANY_INSNS));
        insns += most;
        engine_take_visited(engine, &visited);
        ck_assert_mem_eq(&visited, &executed, sizeof visited);
    }
    engine_destroy(engine);
}
END_TEST

/* ---- breakpoints -------------------------------------------------------------------------------------------------- */

enum { HERE = 0x3100, THERE = 0x5200, DATA = 0x8000, S3 = 19 };

/* A turn: two loads and a count at HERE, then by way of THERE, or of the switch of spaces behind it. */
static struct engine *two_spaces(struct engine_tuning tuning)
{
    struct engine *engine = bare_engine(RAM_BYTES, tuning, bare_bus);
    struct program nothing = {.places = {HERE}};
    const uint32_t here[] = {LD(T1, 0, S0), LD(T2, 8, S0), ADDI(A0, A0, 1), JALR(0, S4)};
    const uint32_t there[] = {JALR(0, S3), I_TYPE(0x73, 1, S2, S2, SATP), JALR(0, S3)};
    machine_make(engine, &nothing, 0);
    put(engine, HERE, here, sizeof here);
    put(engine, THERE, there, sizeof there);
    struct hart_state *hart = engine_hart(engine, 0);
    hart->pc = hart->x[S3] = HERE;
    hart->x[S0] = DATA;
    hart->x[S4] = THERE + 4;
    return engine;
}

struct breaks {
    uint64_t count, latest;
};

static bool count_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    struct breaks *breaks = context;
    (void)hart, (void)pc;
    breaks->count += breaks->latest != now.n;
    breaks->latest = now.n;
    return false;
}

/* How often a breakpoint is met in both spaces, after so many instructions in one of them whose loads lie in two pages:
 * for these the superblock there is made anew at some time, which is not to be seen from the other space either. */
static uint64_t breaks_met(struct engine_tuning tuning, uint64_t insns)
{
    struct engine *engine = two_spaces(tuning);
    struct hart_state *hart = engine_hart(engine, 0);
    struct breaks breaks = {0, UINT64_MAX};
    const uint64_t pc = HERE + 4;
    const struct probe probe = {.context = &breaks, .on_break = count_break, .breaks = &pc, .nbreaks = 1};
    struct visited visited;
    bare_run(engine, 400);
    engine_take_visited(engine, &visited);
    hart->x[S0] = DATA + PAGE_BYTES - 8;
    hart->x[S4] = THERE;
    bare_run(engine, insns);
    hart->x[S0] = DATA;
    hart->x[S4] = THERE + 4;
    engine_set_probe(engine, &probe);
    bare_run(engine, 400);
    engine_destroy(engine);
    return breaks.count;
}

START_TEST(breakpoints_in_what_sleeps)
{
    for (uint64_t insns = 60; insns < 400; insns += 5)
        ck_assert_uint_eq(breaks_met((struct engine_tuning){.hot_after = 1}, insns),
                          breaks_met((struct engine_tuning){.interpreter_only = true}, insns));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine visited");
    TCase *tcase = tcase_create("visited");
    tcase_add_test(tcase, interpreted);
    tcase_add_test(tcase, translated);
    tcase_add_test(tcase, translated_late);
    tcase_add_test(tcase, more_places_than_are_listed);
    tcase_add_test(tcase, not_beyond_the_limit);
    tcase_add_test(tcase, breakpoints_in_what_sleeps);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

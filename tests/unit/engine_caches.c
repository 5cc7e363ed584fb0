/* Law 3: what the engine has cached never shows. The same step is taken with warm caches and with forgotten ones. */
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"

enum { HANDLER = RAM_BASE + 0x100 };

static struct engine *engine_with(const uint32_t *code, size_t code_bytes, struct engine_tuning tuning)
{
    static const uint32_t loop = 0x0000006f; /* j . */
    struct engine *engine = bare_engine(1 << 20, tuning, bare_bus);
    ck_assert(engine_ram_store(engine, RAM_BASE, code, code_bytes));
    ck_assert(engine_ram_store(engine, HANDLER, &loop, sizeof loop));
    engine_hart(engine, 0)->mtvec = HANDLER;
    return engine;
}

/* Machine mode returns to user mode at an address that has the bits of a privilege where an address has none. */
static struct hart_state leap(uint64_t target, bool forget)
{
    static const uint32_t code[] = {
        0x00128293, /* addi t0, t0, 1 */
        0x34151073, /* csrw mepc, a0 */
        0x30001073, /* csrw mstatus, zero */
        0x30200073, /* mret */
    };
    struct engine *engine = engine_with(code, sizeof code, (struct engine_tuning){0});
    engine_hart(engine, 0)->x[10] = target;
    engine_forget(engine);
    ck_assert_int_eq(engine_run(engine, icount_of(4)), ENGINE_LIMIT);
    engine_settle(engine);
    ck_assert_uint_eq(engine_hart(engine, 0)->pc, target);
    ck_assert_uint_eq(engine_hart(engine, 0)->priv, PRIV_U);
    if (forget)
        engine_forget(engine);
    ck_assert_int_eq(engine_run(engine, icount_of(5)), ENGINE_LIMIT);
    engine_settle(engine);
    struct hart_state state = *engine_hart(engine, 0);
    engine_destroy(engine);
    return state;
}

START_TEST(a_block_of_machine_mode_is_not_found_by_user_mode)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t target = RAM_BASE ^ UINT64_C(3) << bit;
        if (target & 1)
            continue;
        struct hart_state warm = leap(target, false), cold = leap(target, true);
        ck_assert_msg(memcmp(&warm, &cold, sizeof warm) == 0, "to %#llx", (unsigned long long)target);
        ck_assert_uint_eq(warm.x[5], 1);
        ck_assert_uint_eq(warm.mcause, 1); /* instruction access fault */
    }
}
END_TEST

/* ---- a page becomes a page table while a superblock stores to it ---------------------------------------------------- */

enum { ROOT = 16, MIDDLE, LEAVES, LATE, FIRST = 30, SECOND, OTHER };
enum { POINTER = 0xc1, READ_WRITE = 0xc7, ALL = 0xcf }; /* page table entries: V, and X W R, A D */

static void put_pte(struct engine *engine, unsigned table, unsigned index, uint64_t page, uint64_t flags)
{
    uint64_t pte = ((RAM_BASE >> PAGE_SHIFT) + page) << 10 | (flags == POINTER ? 1 : flags);
    ck_assert(engine_ram_store(engine, RAM_BASE + table * PAGE_BYTES + index * 8, &pte, sizeof pte));
}

/* Identity for 1 MiB; the same again 1 MiB higher, where it falls in the same places of the TLB; and page LATE, which
 * is written as data, is the table for what lies 2 MiB higher. */
static void lay_tables(struct engine *engine)
{
    put_pte(engine, ROOT, 2, MIDDLE, POINTER);
    put_pte(engine, MIDDLE, 0, LEAVES, POINTER);
    put_pte(engine, MIDDLE, 1, LATE, POINTER);
    for (unsigned page = 0; page < 256; page++) {
        put_pte(engine, LEAVES, page, page, page == 0 || page == 255 ? ALL : READ_WRITE);
        put_pte(engine, LEAVES, 256 + page, OTHER, READ_WRITE);
    }
    put_pte(engine, LATE, 0, FIRST, ALL);
}

static bool pass_on(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                    unsigned size_bytes)
{
    (void)context, (void)hart, (void)now, (void)kind, (void)vaddr, (void)size_bytes;
    return false;
}

/* What is read through the late table, added up. `watched`: there is a watch in that page, elsewhere. */
static uint64_t read_through_late_table(struct engine_tuning tuning, bool watched)
{
    static const uint32_t code[] = {
        0x20043023, /* sd zero, 512(s0): the page may be stored to unseen */
        0x0040006f, /* j .+4 */
        0x20043023, /* sd zero, 512(s0) */
        0x0004b023, /* sd zero, 0(s1): takes its place in the TLB */
        0x0005b503, /* ld a0, 0(a1): from here on it is a table */
        0x00e43023, /* sd a4, 0(s0): so this must be seen */
        0x00063783, /* ld a5, 0(a2): the same, off another register */
        0x01080833, /* add a6, a6, a6 */
        0x00f80833, /* add a6, a6, a5 */
        0x00d74733, /* xor a4, a4, a3: the other page */
        0x01393023, /* sd s3, 0(s2): another table changes, and none of them is known any more */
        0xfd5ff06f, /* j .-44 */
    };
    struct engine *engine = engine_with(code, sizeof code, tuning);
    lay_tables(engine);
    for (uint64_t page = FIRST; page <= SECOND; page++)
        ck_assert(engine_ram_store(engine, RAM_BASE + page * PAGE_BYTES, &page, sizeof page));
    uint64_t pages = (RAM_BASE >> PAGE_SHIFT);
    struct hart_state *state = engine_hart(engine, 0);
    state->priv = PRIV_S;
    state->satp = UINT64_C(8) << 60 | (pages + ROOT);
    state->pmpaddr[0] = UINT64_MAX >> 10;
    state->pmpcfg[0] = 0x1f;
    state->x[8] = RAM_BASE + LATE * PAGE_BYTES;
    state->x[9] = state->x[8] + (1 << 20);
    state->x[11] = state->x[12] = RAM_BASE + (2 << 20);
    state->x[13] = ((pages + FIRST) ^ (pages + SECOND)) << 10;
    state->x[14] = (pages + SECOND) << 10 | ALL;
    state->x[18] = RAM_BASE + LEAVES * PAGE_BYTES + 255 * 8;
    state->x[19] = (pages + 255) << 10 | ALL;
    engine_forget(engine);
    const struct watch_range watch = {.vaddr = state->x[8] + 1024, .size_bytes = 8, .kinds = ACCESS_STORE};
    const struct probe probe = {.on_access = pass_on, .watches = &watch, .nwatches = 1};
    engine_set_probe(engine, watched ? &probe : NULL);
    while (engine_now(engine).n < 480)
        (void)engine_run(engine, icount_of(480)), engine_settle(engine);
    ck_assert_uint_eq(state->mcause, 0);
    uint64_t sum = state->x[16];
    engine_destroy(engine);
    return sum;
}

START_TEST(a_table_that_was_data_is_seen_to_change)
{
    uint64_t expected = 0, page = SECOND; /* 40 rounds of 12 instructions */
    for (unsigned round = 0; round < 40; round++, page ^= FIRST ^ SECOND)
        expected = 2 * expected + page;
    for (unsigned watched = 0; watched < 2; watched++) {
        ck_assert_uint_eq(read_through_late_table((struct engine_tuning){.interpreter_only = true}, watched), expected);
        ck_assert_uint_eq(read_through_late_table((struct engine_tuning){.hot_after = 1}, watched), expected);
    }
}
END_TEST

/* ---- another state takes the place of this one, memory by stores ----------------------------------------------------- */

enum { OTHER_ROOT = LATE + 1, OTHER_MIDDLE, OTHER_LEAVES };

/* Two address spaces, in which the same address is of page FIRST and of page SECOND; in both pages a loop. */
static struct engine *two_spaces(struct engine_tuning tuning, uint64_t satp[2])
{
    static const uint32_t loop = 0x0000006f;
    struct engine *engine = engine_with(&loop, sizeof loop, tuning);
    put_pte(engine, ROOT, 2, MIDDLE, POINTER);
    put_pte(engine, MIDDLE, 0, LEAVES, POINTER);
    put_pte(engine, LEAVES, 5, FIRST, ALL);
    put_pte(engine, OTHER_ROOT, 2, OTHER_MIDDLE, POINTER);
    put_pte(engine, OTHER_MIDDLE, 0, OTHER_LEAVES, POINTER);
    put_pte(engine, OTHER_LEAVES, 5, SECOND, ALL);
    struct hart_state *state = engine_hart(engine, 0);
    state->priv = PRIV_S;
    state->pmpaddr[0] = UINT64_MAX >> 10;
    state->pmpcfg[0] = 0x1f;
    satp[0] = UINT64_C(8) << 60 | ((RAM_BASE >> PAGE_SHIFT) + ROOT);
    satp[1] = UINT64_C(8) << 60 | ((RAM_BASE >> PAGE_SHIFT) + OTHER_ROOT);
    return engine;
}

/* A loop of two superblocks that adds up steps. */
static void put_loop(struct engine *engine, unsigned page, uint32_t step)
{
    const uint32_t code[] = {
        0x00028293 | step << 20, /* addi t0, t0, step */
        0x00000463,              /* beqz zero, .+8 */
        0x00100073,              /* ebreak */
        0xff5ff06f,              /* j .-12 */
    };
    ck_assert(engine_ram_store(engine, RAM_BASE + page * PAGE_BYTES, code, sizeof code));
}

/* What t0 is afterwards. */
static uint64_t run_on(struct engine *engine, uint64_t insns)
{
    bare_run(engine, insns);
    ck_assert_uint_eq(engine_hart(engine, 0)->mcause, 0);
    return engine_hart(engine, 0)->x[5];
}

/* Goes to a place in an address space, and on from there; what t0 is then. */
static uint64_t run_at(struct engine *engine, uint64_t satp, uint64_t pc, uint64_t insns)
{
    struct hart_state *state = engine_hart(engine, 0);
    state->satp = satp;
    state->pc = pc;
    engine_moved(engine);
    return run_on(engine, insns);
}

static void move_about(struct engine_tuning tuning)
{
    uint64_t satp[2], pc = RAM_BASE + 5 * PAGE_BYTES, sum = 0;
    struct engine *engine = two_spaces(tuning, satp);
    put_loop(engine, FIRST, 1);
    put_loop(engine, SECOND, 2);
    for (unsigned round = 0; round < 3; round++) {
        ck_assert_uint_eq(run_at(engine, satp[0], pc, 300), sum += 100);
        ck_assert_uint_eq(run_at(engine, satp[1], pc, 300), sum += 200); /* the same address, and another page */
        put_loop(engine, FIRST, 3);
        ck_assert_uint_eq(run_at(engine, satp[0], pc, 300), sum += 300); /* the same page, and other code */
        put_pte(engine, LEAVES, 5, SECOND, ALL);
        ck_assert_uint_eq(run_at(engine, satp[0], pc, 300), sum += 200); /* the same tables, and another entry */
        put_pte(engine, LEAVES, 5, FIRST, ALL);
        put_loop(engine, FIRST, 1);
    }
    engine_destroy(engine);
}

START_TEST(what_is_kept_over_a_move_does_not_show)
{
    move_about((struct engine_tuning){.interpreter_only = true});
    move_about((struct engine_tuning){.hot_after = 1});
    move_about((struct engine_tuning){0});
}
END_TEST

/* Wherever translated code was left, what comes next is looked up where one has moved to. */
static uint64_t move_after(struct engine_tuning tuning, uint64_t insns)
{
    uint64_t satp[2], pc = RAM_BASE + 5 * PAGE_BYTES;
    struct engine *engine = two_spaces(tuning, satp);
    put_loop(engine, FIRST, 1);
    put_loop(engine, SECOND, 1000);
    run_at(engine, satp[1], pc, 60);
    run_at(engine, satp[0], pc, insns);
    run_at(engine, satp[1], engine_hart(engine, 0)->pc, 60);
    uint64_t sum = run_at(engine, satp[0], pc, 300);
    engine_destroy(engine);
    return sum;
}

START_TEST(a_move_chains_nothing)
{
    for (uint64_t insns = 1; insns < 40; insns++)
        ck_assert_uint_eq(move_after((struct engine_tuning){.hot_after = 1}, insns),
                          move_after((struct engine_tuning){.interpreter_only = true}, insns));
}
END_TEST

/* ---- a store to the entry by which it found its place ------------------------------------------------------------------ */

START_TEST(a_store_may_change_its_own_translation)
{
    static const uint32_t code[] = {
        0x00e43023, /* sd a4, 0(s0): the entry of that very page */
        0x00843783, /* ld a5, 8(s0): of another page from now on */
        0x0000006f, /* j . */
    };
    uint64_t satp[2], answer = 42;
    struct engine *engine = two_spaces((struct engine_tuning){0}, satp);
    ck_assert(engine_ram_store(engine, RAM_BASE + FIRST * PAGE_BYTES, code, sizeof code));
    ck_assert(engine_ram_store(engine, RAM_BASE + SECOND * PAGE_BYTES + 8, &answer, sizeof answer));
    put_pte(engine, MIDDLE, 1, LATE, POINTER);
    put_pte(engine, LATE, 0, LATE, READ_WRITE);
    engine_hart(engine, 0)->x[8] = RAM_BASE + (2 << 20);
    engine_hart(engine, 0)->x[14] = ((RAM_BASE >> PAGE_SHIFT) + SECOND) << 10 | READ_WRITE;
    (void)run_at(engine, satp[0], RAM_BASE + 5 * PAGE_BYTES, 4);
    ck_assert_uint_eq(engine_hart(engine, 0)->x[15], answer);
    engine_destroy(engine);
}
END_TEST

/* ---- an instruction that lies in two pages ---------------------------------------------------------------------------- */

enum { STAGES = 12, BACK_4 = 0xff1f, BACK_2 = 0xff9f };

/* Four additions, and the first half of a jump back, end a page; the second half says how far. */
static void put_first_half(struct engine *engine)
{
    static const uint16_t code[] = {0x8293, 0x0012, 0x8293, 0x0022, 0x8293, 0x0042, 0x8293, 0x0082, 0xf06f};
    ck_assert(engine_ram_store(engine, RAM_BASE + (FIRST + 1) * PAGE_BYTES - sizeof code, code, sizeof code));
}

static void put_second_half(struct engine *engine, unsigned page, uint16_t half)
{
    ck_assert(engine_ram_store(engine, RAM_BASE + page * PAGE_BYTES, &half, sizeof half));
}

/* What t0 is after each stage. */
static void cross_pages(struct engine_tuning tuning, uint64_t sums[STAGES])
{
    uint64_t satp[2];
    unsigned stage = 0;
    struct engine *engine = two_spaces(tuning, satp);
    put_first_half(engine);
    put_second_half(engine, SECOND, BACK_4);
    put_second_half(engine, OTHER, BACK_2);
    put_pte(engine, LEAVES, 6, SECOND, ALL);
    sums[stage++] = run_at(engine, satp[0], RAM_BASE + 6 * PAGE_BYTES - 2, 200);
    while (stage < STAGES - 2) {
        put_second_half(engine, SECOND, BACK_2); /* the same pages, and other bytes */
        sums[stage++] = run_on(engine, 200);
        put_second_half(engine, SECOND, BACK_4);
        sums[stage++] = run_on(engine, 200);
        put_pte(engine, LEAVES, 6, OTHER, ALL); /* another page behind */
        sums[stage++] = run_on(engine, 200);
        put_pte(engine, LEAVES, 6, SECOND, ALL);
    }
    put_second_half(engine, OTHER, BACK_4); /* another page with the same bytes, and then with others */
    put_pte(engine, LEAVES, 6, OTHER, ALL);
    sums[stage++] = run_on(engine, 200);
    put_second_half(engine, OTHER, BACK_2);
    sums[stage++] = run_on(engine, 200);
    ck_assert_uint_eq(stage, STAGES);
    engine_destroy(engine);
}

START_TEST(an_instruction_in_two_pages_hangs_on_both)
{
    uint64_t plain[STAGES], translated[STAGES];
    cross_pages((struct engine_tuning){.interpreter_only = true}, plain);
    cross_pages((struct engine_tuning){.hot_after = 1}, translated);
    for (unsigned stage = 0; stage < STAGES; stage++)
        ck_assert_uint_eq(plain[stage], translated[stage]);
    ck_assert_uint_eq(plain[0], 40 * 15);
}
END_TEST

/* ---- a superblock that begins in a loop and goes on from its head --------------------------------------------------- */

enum { HEAD = RAM_BASE + 0xc00, MIDDLE_OF_LOOP = HEAD + 0x50, ELSEWHERE = HEAD + 0x90 };
enum { FIRST_TURN = 6, TURN = 7, STRIDE = 64 };

/* In the middle of a loop that becomes hot there before anything of its head has been decoded. */
static struct engine *engine_in_loop(uint64_t stores_at)
{
    static const uint32_t head[] = {
        0x00150513, /* addi a0, a0, 1 */
        0x04029663, /* bnez t0, .+76 */
    };
    static const uint32_t middle[] = {
        0x00168693, /* addi a3, a3, 1 */
        0x04060613, /* addi a2, a2, 64 */
        0x00b62023, /* sw a1, 0(a2) */
        0x02030a63, /* beqz t1, .+52 */
        0xfa1ff06f, /* j .-96 */
    };
    static const uint32_t elsewhere[] = {
        0x00100313, /* li t1, 1 */
        0xfbdff06f, /* j .-68 */
    };
    struct engine *engine = engine_with(NULL, 0, (struct engine_tuning){.hot_after = 1});
    struct hart_state *state = engine_hart(engine, 0);
    ck_assert(engine_ram_store(engine, HEAD, head, sizeof head));
    ck_assert(engine_ram_store(engine, MIDDLE_OF_LOOP, middle, sizeof middle));
    ck_assert(engine_ram_store(engine, ELSEWHERE, elsewhere, sizeof elsewhere));
    state->pc = MIDDLE_OF_LOOP;
    state->x[5] = 1;
    state->x[11] = 0x00250513; /* addi a0, a0, 2 */
    state->x[12] = stores_at - STRIDE;
    return engine;
}

START_TEST(a_store_to_the_head_is_seen_by_what_begins_in_the_middle)
{
    enum { BEFORE = 40, AFTER = 30 };
    struct engine *engine = engine_in_loop(HEAD - (BEFORE + 1) * STRIDE);
    bare_run(engine, FIRST_TURN + (BEFORE + AFTER) * TURN);
    ck_assert_uint_eq(engine_hart(engine, 0)->pc, MIDDLE_OF_LOOP);
    ck_assert_uint_eq(engine_hart(engine, 0)->x[10], BEFORE + 2 * AFTER);
    engine_destroy(engine);
}
END_TEST

static bool count_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    (void)hart, (void)now, (void)pc;
    ++*(unsigned *)context;
    return false;
}

START_TEST(a_breakpoint_in_the_head_is_met_by_what_begins_in_the_middle)
{
    struct engine *engine = engine_in_loop(RAM_BASE + PAGE_BYTES);
    unsigned breaks = 0;
    const uint64_t at = HEAD + 4;
    const struct probe probe = {.context = &breaks, .on_break = count_break, .breaks = &at, .nbreaks = 1};
    bare_run(engine, FIRST_TURN + 40 * TURN);
    engine_set_probe(engine, &probe);
    bare_run(engine, 100 * TURN);
    ck_assert_uint_eq(breaks, 100);
    engine_destroy(engine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine caches");
    TCase *tcase = tcase_create("caches");
    tcase_add_test(tcase, a_block_of_machine_mode_is_not_found_by_user_mode);
    tcase_add_test(tcase, a_table_that_was_data_is_seen_to_change);
    tcase_add_test(tcase, what_is_kept_over_a_move_does_not_show);
    tcase_add_test(tcase, a_move_chains_nothing);
    tcase_add_test(tcase, an_instruction_in_two_pages_hangs_on_both);
    tcase_add_test(tcase, a_store_to_the_head_is_seen_by_what_begins_in_the_middle);
    tcase_add_test(tcase, a_breakpoint_in_the_head_is_met_by_what_begins_in_the_middle);
    tcase_add_test(tcase, a_store_may_change_its_own_translation);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

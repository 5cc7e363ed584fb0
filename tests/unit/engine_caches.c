/* Law 3: what the engine has cached never shows. The same step is taken with warm caches and with forgotten ones. */
#include "engine/engine.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { RAM_BASE = 0x80000000, HANDLER = RAM_BASE + 0x100 };

static bool no_load(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    (void)owner, (void)now, (void)paddr, (void)size_bytes, (void)value;
    return false;
}

static bool no_store(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    (void)owner, (void)now, (void)paddr, (void)size_bytes, (void)value;
    return false;
}

static struct clock still;

static struct engine *engine_with(const uint32_t *code, size_t code_bytes)
{
    static const uint32_t loop = 0x0000006f; /* j . */
    struct engine_config config = {
        .nharts = 1,
        .ram_base = RAM_BASE,
        .ram_size_bytes = 1 << 20,
        .reset_pc = RAM_BASE,
        .clock = &still,
        .timebase_ns = 100,
        .bus = {.load = no_load, .store = no_store},
    };
    struct engine *engine = NULL;
    ck_assert(!err_is(engine_create(&config, &engine)));
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
    struct engine *engine = engine_with(code, sizeof code);
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

int main(void)
{
    Suite *suite = suite_create("engine caches");
    TCase *tcase = tcase_create("caches");
    tcase_add_test(tcase, a_block_of_machine_mode_is_not_found_by_user_mode);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A board to poke at: one flat kernel that is never run, registers accessed as the hart's loads and stores would. */
#ifndef DEJA_TEST_HW_FIXTURE_H
#define DEJA_TEST_HW_FIXTURE_H

#include "hw/board.h"
#include "hw/device.h"
#include "hw/hw.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FIXTURE_RAM_BYTES = 16 << 20 };
#define FIXTURE_EPOCH_NS UINT64_C(1700000000123456789)

/* What has left the machine. */
struct output {
    char text[4096];
    size_t length;
    unsigned port;
    icount_t at;
};

static inline void collect(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    struct output *output = owner;
    for (size_t i = 0; i < size_bytes && output->length < sizeof output->text - 1; i++)
        output->text[output->length++] = (char)bytes[i];
    output->text[output->length] = 0;
    output->port = port;
    output->at = now;
}

static inline struct board_config fixture_config(const void *kernel, size_t size_bytes)
{
    return (struct board_config){
        .kernel = {.name = "kernel", .bytes = kernel, .size_bytes = size_bytes},
        .append = "one two",
        .ram_size_bytes = FIXTURE_RAM_BYTES,
        .nharts = 1,
        .seed = 1,
        .epoch_ns = FIXTURE_EPOCH_NS,
    };
}

/* `output` may be NULL. */
static inline struct board *make_board_of(const struct board_config *config, struct output *output)
{
    struct board *board;
    struct board_world world = {.owner = output, .output = output ? collect : NULL};
    err_t error = board_create(config, world, &board);
    char text[512];
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
    return board;
}

static inline struct board *make_board(struct output *output)
{
    static const uint32_t spin = 0x0000006f; /* j . */
    struct board_config config = fixture_config(&spin, sizeof spin);
    return make_board_of(&config, output);
}

/* ---- as the hart ----------------------------------------------------------------------------------------------------- */

static inline bool try_load(struct board *board, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    struct bus bus = bus_of(board);
    return bus.load(bus.owner, board_now(board), paddr, size_bytes, value);
}

static inline bool try_store(struct board *board, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    struct bus bus = bus_of(board);
    return bus.store(bus.owner, board_now(board), paddr, size_bytes, value);
}

static inline uint64_t load(struct board *board, uint64_t paddr, unsigned size_bytes)
{
    uint64_t value;
    ck_assert_msg(try_load(board, paddr, size_bytes, &value), "load of %#llx", (unsigned long long)paddr);
    return value;
}

static inline void store(struct board *board, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    ck_assert_msg(try_store(board, paddr, size_bytes, value), "store to %#llx", (unsigned long long)paddr);
}

static inline void store_ram(struct board *board, uint64_t paddr, const void *bytes, size_t size_bytes)
{
    ck_assert(engine_ram_store(board_engine(board), paddr, bytes, size_bytes));
}

static inline void store_ram_u64(struct board *board, uint64_t paddr, uint64_t value)
{
    store_ram(board, paddr, &value, sizeof value); /* tests run on little-endian hosts */
}

static inline uint64_t load_ram_u64(struct board *board, uint64_t paddr)
{
    uint64_t value;
    ck_assert(engine_ram_load(board_engine(board), paddr, &value, sizeof value));
    return value;
}

/* ---- time and lines -------------------------------------------------------------------------------------------------- */

/* Lets virtual time pass, wake-up by wake-up. */
static inline void pass_to(struct board *board, uint64_t ns)
{
    for (;;) {
        vtime_t next = vtime_min(board_next_event(board), vtime_of(ns));
        clock_idle_until(board_clock(board), board_now(board), next);
        board_settle(board);
        if (next.ns == ns)
            return;
    }
}

static inline void pass(struct board *board, uint64_t ns) { pass_to(board, board_vtime(board).ns + ns); }

static inline bool mip(struct board *board, unsigned hart, uint64_t bit)
{
    return (engine_mip(board_engine(board), hart) & bit) != 0;
}

/* The level of an interrupt source, told from outside: served and completed, does it come back? */
static inline bool irq_level(struct board *board, unsigned irq)
{
    uint64_t enable = BOARD_PLIC_BASE + 0x2000 + irq / 32 * 4;
    uint64_t claim = BOARD_PLIC_BASE + 0x200004;
    store(board, BOARD_PLIC_BASE + irq * 4, 4, 1);
    store(board, enable, 4, load(board, enable, 4) | UINT32_C(1) << irq % 32);
    unsigned source = (unsigned)load(board, claim, 4);
    if (source)
        store(board, claim, 4, source);
    return load(board, BOARD_PLIC_BASE + 0x1000 + irq / 32 * 4, 4) >> irq % 32 & 1;
}

/* ---- a test program ---------------------------------------------------------------------------------------------------- */

static inline int run_suite(const char *name, const TTest *const tests[], size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60); /* sanitizers are slow */
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define RUN_SUITE(name, tests) run_suite(name, tests, sizeof(tests) / sizeof((tests)[0]))

#endif

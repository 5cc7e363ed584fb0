/* bare_engine: one hart and its memory, with a clock that stands still. */
#ifndef DEJA_TEST_BARE_ENGINE_H
#define DEJA_TEST_BARE_ENGINE_H

#include <check.h>

#include "engine/engine.h"

enum { RAM_BASE = 0x80000000 };

static inline bool bare_load(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    (void)owner, (void)now, (void)paddr, (void)size_bytes, (void)value;
    return false;
}

static inline bool bare_store(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    (void)owner, (void)now, (void)paddr, (void)size_bytes, (void)value;
    return false;
}

/* A bus with nothing on it. */
static const struct bus bare_bus = {.load = bare_load, .store = bare_store};

/* The caller's to destroy. */
static inline struct engine *bare_engine(uint64_t ram_size_bytes, struct engine_tuning tuning, struct bus bus)
{
    static struct clock still;
    struct engine_config config = {
        .nharts = 1,
        .ram_base = RAM_BASE,
        .ram_size_bytes = ram_size_bytes,
        .reset_pc = RAM_BASE,
        .clock = &still,
        .timebase_ns = 100,
        .tuning = tuning,
        .bus = bus,
    };
    struct engine *engine = NULL;
    ck_assert(!err_is(engine_create(&config, &engine)));
    return engine;
}

/* To the mark that is so many instructions away, over whatever stops and traps there are. */
static inline void bare_run(struct engine *engine, uint64_t insns)
{
    icount_t end = icount_of(engine_now(engine).n + insns);
    while (icount_before(engine_now(engine), end))
        (void)engine_run(engine, end), engine_settle(engine);
}

#endif

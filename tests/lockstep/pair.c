#include "pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/differ.h"

static void note(struct side *side, const char *what, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t mixed[] = {side->log, a, b, c, (uint64_t)what[0] << 8 | (uint64_t)what[1]};
    side->log = bytes_hash(mixed, sizeof mixed);
    side->entries++;
    if (side->verbose)
        printf("  %s %" PRIu64 ": %s %#" PRIx64 " %#" PRIx64 "\n", side->name, a, what, b, c);
}

/* ---- the device ----------------------------------------------------------------------------------------------------- */

static uint64_t scramble(uint64_t value)
{
    uint64_t seed = value;
    return random_u64(&seed);
}

static uint64_t dma_place(uint64_t value)
{
    uint64_t seed = value, page = random_below(&seed, 3);
    page = page == 0 ? PAGE_CODE_FIRST + random_below(&seed, 6) : page == 1 ? PAGE_LEAVES : PAGE_DATA;
    return RAM_BASE + page * PAGE_BYTES + (random_u64(&seed) & 0xff8);
}

static bool at_device(uint64_t paddr) { return paddr - MMIO_BASE < MMIO_REGISTERS * 8; }

static bool load(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    struct side *side = owner;
    note(side, "load", now.n, paddr, size_bytes);
    if (!at_device(paddr))
        return false;
    unsigned which = (unsigned)(paddr - MMIO_BASE) / 8;
    *value = scramble(now.n ^ paddr << 32); /* it matters when it was read */
    if (which == MMIO_WAKE)                 /* also loads have effects */
        engine_set_lines(side->engine, 0, MIP_SEIP | MIP_MTIP, *value);
    if (which == MMIO_KICK)
        engine_kick(side->engine);
    return which != MMIO_FAULT;
}

static bool store(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    struct side *side = owner;
    note(side, "store", now.n, paddr, value ^ (uint64_t)size_bytes << 60);
    if (!at_device(paddr))
        return false;
    switch ((paddr - MMIO_BASE) / 8) {
    case MMIO_RAISE:
        engine_set_lines(side->engine, 0, 0xaa8, scramble(value) & scramble(~value));
        return true;
    case MMIO_LOWER:
        engine_set_lines(side->engine, 0, 0xaa8, 0);
        return true;
    case MMIO_KICK:
        engine_kick(side->engine);
        return true;
    case MMIO_DMA:
        value = scramble(value);
        return engine_ram_store(side->engine, dma_place(value), &value, 8);
    case MMIO_FAULT:
        return false;
    default:
        return true;
    }
}

static void trapped(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes)
{
    struct side *side = owner;
    note(side, "trapped", now.n, paddr, size_bytes);
    if (paddr & 8)
        engine_kick(side->engine);
}

static void timer_changed(void *owner, unsigned hart, icount_t now)
{
    struct side *side = owner;
    note(side, "timer", now.n, hart, engine_hart(side->engine, hart)->stimecmp);
    engine_kick(side->engine);
}

static enum host_call host_call(void *owner, unsigned hart, icount_t now)
{
    struct side *side = owner;
    struct hart_state *state = engine_hart(side->engine, hart);
    note(side, "call", now.n, state->x[10], state->x[11]);
    state->x[10] = scramble(now.n);
    return now.n & 3 ? HOST_CALL_DONE : HOST_CALL_NONE;
}

/* ---- probes --------------------------------------------------------------------------------------------------------- */

static bool on_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    struct side *side = context;
    (void)hart;
    if (side->break_at.n != UINT64_MAX)
        return now.n == side->break_at.n;
    if (side->last_break_mark != now.n) /* the same one may be asked about again after a stop */
        note(side, "break", now.n, pc, 0);
    side->last_break_mark = now.n;
    return scramble(now.n) % 4 == 0;
}

static bool on_access(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                      unsigned size_bytes)
{
    struct side *side = context;
    (void)hart;
    note(side, "watch", now.n, vaddr, (uint64_t)kind << 8 | size_bytes);
    return scramble(now.n) % 4 == 0;
}

/* Where the program's own pointers lead mostly, or go to from there. */
static struct watch_range random_watch(uint64_t *seed, const struct program *program)
{
    uint64_t vaddr = program_pointer(seed);
    if (!one_in(seed, 3))
        vaddr = program->pointers[random_below(seed, POINTERS)] + PICK(seed, 0, 8, 64, -8, 0x1000, -0x1000);
    return (struct watch_range){.vaddr = vaddr,
                                .size_bytes = 1 + random_below(seed, 64),
                                .kinds = (uint8_t)(2 + 2 * random_below(seed, 3)),
                                .space = (uint8_t)PICK(seed, WATCH_ANY, WATCH_ANY, WATCH_SPACE, WATCH_PHYSICAL),
                                .satp = program->state.x[SPACE_REG],
                                .paddr = vaddr >> 30 == 1 ? vaddr + RAM_BASE - 0x40000000 : vaddr};
}

void side_probe(struct side *side, uint64_t *seed, const struct program *program)
{
    side->probing = seed != NULL;
    if (seed) {
        for (unsigned n = 0; n < BREAKS; n++)
            side->breaks[n] = program->places[random_below(seed, PLACES)] + 2 * random_below(seed, 20);
        for (unsigned n = 0; n < WATCHES; n++)
            side->watches[n] = random_watch(seed, program);
        side->probe.nbreaks = random_below(seed, BREAKS + 1);
        side->probe.nwatches = random_below(seed, WATCHES + 1);
    }
    engine_set_probe(side->engine, side->probing ? &side->probe : NULL);
}

/* ---- what has been met ---------------------------------------------------------------------------------------------- */

static void count_rows(struct side *side, const struct log_event *event)
{
    bool loop = false;
    for (size_t at = 0; at < event->size_bytes;) {
        uint32_t raw = 0;
        struct insn insn;
        memcpy(&raw, event->bytes + at, event->size_bytes - at >= 4 ? 4 : 2);
        decode(&side->decoder, raw, &insn);
        uint64_t format = UINT64_C(1) << insn_rows[insn.op].format;
        side->met.translated[insn.op]++;
        if (format & (F(FR) | F(FR1) | F(FR4) | F(FTOI) | F(FROMI)))
            side->met.roundings |= 1u << (raw >> 12 & 7);
        loop |= format == F(BRANCH) && insn.imm + (int64_t)at == 0;
        at += raw_bytes(raw);
    }
    side->met.loops += loop;
    side->met.joined += event->pc != engine_hart(side->engine, event->hart)->pc;
}

static void meet(void *context, const struct log_event *event)
{
    struct side *side = context;
    if (event->kind == LOG_IN_ASM && event->translated)
        count_rows(side, event);
    if (event->kind == LOG_INT && event->interrupt)
        side->met.interrupts++;
    if (event->kind == LOG_INT && !event->interrupt)
        side->met.traps[event->cause]++;
}

/* ---- making --------------------------------------------------------------------------------------------------------- */

void side_create(struct side *side, const char *name, struct engine_tuning tuning)
{
    memset(side, 0, sizeof *side);
    side->name = name;
    side->tuning = tuning;
    side->break_at = ICOUNT_MAX;
    side->sink = (struct engine_log){side, LOG_IN_ASM | LOG_INT, meet};
    decoder_init(&side->decoder);
    tuning.log = &side->sink;
    struct engine_config config = {
        .nharts = 1,
        .ram_base = RAM_BASE,
        .ram_size_bytes = RAM_PAGES * PAGE_BYTES,
        .reset_pc = RAM_BASE,
        .clock = &side->clock,
        .timebase_ns = 10,
        .tuning = tuning,
        .bus = {side, load, store, trapped, NULL, timer_changed, host_call},
    };
    err_t error = engine_create(&config, &side->engine);
    check(!err_is(error));
    side->probe = (struct probe){.context = side,
                                 .on_break = on_break,
                                 .on_access = on_access,
                                 .breaks = side->breaks,
                                 .watches = side->watches};
}

void side_destroy(struct side *side)
{
    engine_destroy(side->engine);
    side->engine = NULL;
}

void side_load(struct side *side, const struct program *program, uint32_t ns_shift)
{
    side_probe(side, NULL, NULL);
    side->clock = (struct clock){.ns_shift = ns_shift};
    side->log = side->entries = 0;
    side->last_break_mark = UINT64_MAX;
    struct ram *ram = engine_ram(side->engine);
    memcpy(ram->bytes, program->pages, sizeof program->pages);
    for (unsigned page = 0; page < RAM_PAGES; page++)
        ram->page_flags[page] &= (uint8_t)~PAGE_TRAP;
    *engine_hart(side->engine, 0) = program->state;
    engine_set_now(side->engine, icount_of(0));
    engine_forget(side->engine);
    if (program->trap_page_paddr)
        engine_trap_page(side->engine, program->trap_page_paddr);
    engine_clean(side->engine);
    memcpy(side->clean, ram->bytes, sizeof side->clean);
    engine_settle(side->engine);
    side_take(side);
    side->visited = (struct visited){.bytes = {0}};
}

/* ---- running -------------------------------------------------------------------------------------------------------- */

/* One instruction without looking, from where a probe stopped it. */
static void step_over(struct side *side)
{
    engine_set_probe(side->engine, NULL);
    (void)engine_run(side->engine, icount_of(engine_now(side->engine).n + 1));
    engine_settle(side->engine);
    engine_set_probe(side->engine, &side->probe);
}

void side_run(struct side *side, icount_t until)
{
    struct engine *engine = side->engine;
    while (icount_before(engine_now(engine), until) && !engine_waiting(engine)) {
        enum engine_stop stop = engine_run(engine, until);
        check(!icount_before(until, engine_now(engine)));
        if (stop == ENGINE_PROBE && side->break_at.n != UINT64_MAX)
            return;
        if (stop != ENGINE_LIMIT)
            note(side, "stop", engine_now(engine).n, stop, 0);
        if (stop == ENGINE_PROBE)
            step_over(side);
        else
            engine_settle(engine);
    }
}

/* ---- comparing ------------------------------------------------------------------------------------------------------ */

static bool same_registers(struct side *a, struct side *b)
{
    struct state_part part_a, part_b;
    uint8_t bytes_a[STATE_BYTES_MOST], bytes_b[STATE_BYTES_MOST];
    engine_parts(a->engine, &part_a);
    engine_parts(b->engine, &part_b);
    size_t size_bytes = state_size(&part_a, 1);
    check(size_bytes <= STATE_BYTES_MOST);
    state_encode(&part_a, 1, bytes_a);
    state_encode(&part_b, 1, bytes_b);
    return memcmp(bytes_a, bytes_b, size_bytes) == 0;
}

static bool same_memory(const struct side *a, const struct side *b)
{
    return memcmp(engine_ram(a->engine)->bytes, engine_ram(b->engine)->bytes, RAM_PAGES * PAGE_BYTES) == 0;
}

static void print_line(void *context, const char *text)
{
    (void)context;
    puts(text);
}

static void tell(struct side *a, struct side *b)
{
    struct state_part part_a, part_b;
    engine_parts(a->engine, &part_a);
    engine_parts(b->engine, &part_b);
    struct differ_side side_a = {a->name, &part_a, 1, engine_ram(a->engine)};
    struct differ_side side_b = {b->name, &part_b, 1, engine_ram(b->engine)};
    check(!err_is(differ_tell(&side_a, &side_b, &(struct pen){NULL, print_line})));
    if (engine_now(a->engine).n != engine_now(b->engine).n)
        printf("  mark %" PRIu64 " / %" PRIu64 "\n", engine_now(a->engine).n, engine_now(b->engine).n);
    if (a->log != b->log)
        printf("  log: %" PRIu64 " / %" PRIu64 " entries, the contents differ\n", a->entries, b->entries);
}

bool sides_agree(struct side *a, struct side *b, bool say)
{
    bool agree = same_registers(a, b) && same_memory(a, b) && engine_now(a->engine).n == engine_now(b->engine).n &&
                 a->log == b->log;
    if (!agree && say)
        tell(a, b);
    return agree;
}

void side_take(struct side *side)
{
    struct visited visited;
    engine_take_visited(side->engine, &visited);
    for (unsigned n = 0; n < VISITED_BYTES; n++)
        side->visited.bytes[n] |= visited.bytes[n];
}

bool sides_visited_alike(struct side *a, struct side *b, bool say)
{
    int only_a = 0, only_b = 0;
    side_take(a);
    side_take(b);
    for (unsigned n = 0; n < VISITED_BYTES; n++) {
        only_a += __builtin_popcount(a->visited.bytes[n] & ~b->visited.bytes[n]);
        only_b += __builtin_popcount(b->visited.bytes[n] & ~a->visited.bytes[n]);
    }
    if (say && only_a + only_b)
        printf("  visited: %d bits only %s, %d only %s\n", only_a, a->name, only_b, b->name);
    a->visited = b->visited = (struct visited){.bytes = {0}};
    return only_a + only_b == 0;
}

bool side_flags_right(struct side *side)
{
    const struct ram *ram = engine_ram(side->engine);
    for (unsigned page = 0; page < RAM_PAGES; page++)
        if (!(ram->page_flags[page] & PAGE_DIRTY) &&
            memcmp(ram->bytes + page * PAGE_BYTES, side->clean[page], PAGE_BYTES) != 0) {
            printf("  %s: page %u changed and is not dirty\n", side->name, page);
            return false;
        }
    return true;
}

/* The first word that changed and is not in there; RAM's size: none. */
static uint64_t unnoted_word(const struct side *side, const struct footprint *footprint)
{
    uint64_t offset = 0, end = sizeof side->clean;
    const uint8_t *now = engine_ram(side->engine)->bytes, *clean = side->clean[0];
    while (offset < end && (memcmp(now + offset, clean + offset, 8) == 0 || footprint_stored(footprint, offset, 8)))
        offset += 8;
    return offset;
}

bool side_footprint_right(struct side *side)
{
    struct footprint footprint;
    if (!side->tuning.footprint)
        return true;
    check(engine_footprint(side->engine, &footprint));
    uint64_t unnoted = unnoted_word(side, &footprint);
    bool in_force = footprint_in_force(&footprint, engine_hart(side->engine, 0)->satp);
    footprint_free(&footprint);
    if (unnoted < sizeof side->clean)
        printf("  %s: the word at %#" PRIx64 " of RAM changed, and no store was noted\n", side->name, unnoted);
    if (!in_force)
        printf("  %s: the address space was not noted\n", side->name);
    return unnoted == sizeof side->clean && in_force;
}

void side_clean(struct side *side)
{
    engine_clean(side->engine);
    memcpy(side->clean, engine_ram(side->engine)->bytes, sizeof side->clean);
}

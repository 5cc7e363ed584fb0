/* board: makes the machine and runs it.
 *
 * What holds at every return of a public function, and what board_run() keeps up:
 *   1. no wake-up is due: eventq_next() is after the present
 *   2. no interrupt is pending and enabled that has not been taken
 *   3. the mark of the state is the engine's
 * A mark is an instruction count, a wake-up is a time: the engine never runs past the mark at which the earliest
 * wake-up is due, so a part is woken at the same mark however the run is cut into calls.
 */
#include "board.h"

#include <stdlib.h>
#include <string.h>

/* ---- state ------------------------------------------------------------------------------------------------------- */

static bool power_valid(const void *object)
{
    const struct power *power = object;
    return power->halt_reason <= HALT_SEMIHOSTING && (power->halt_reason != HALT_NONE || power->halt_status == 0);
}

static const struct state_field power_fields[] = {
    STATE_U64(struct power, mark),
    STATE_U64(struct power, halt_status),
    STATE_U64(struct power, halt_reason),
};
static const struct state_desc power_desc = STATE_DESC("board", power_fields, power_valid);

/* ns_shift is fixed by the configuration. */
static const struct state_field clock_fields[] = {STATE_U64(struct clock, idle_ns)};
static const struct state_desc clock_desc = STATE_DESC("clock", clock_fields, NULL);

static bool events_valid(const void *object)
{
    const struct eventq *queue = object;
    for (unsigned i = 0; i < EVENTQ_SOURCES; i++)
        if (queue->when_ns[i] == VTIME_NEVER.ns ? queue->sequence[i] != 0 : queue->sequence[i] >= queue->next_sequence)
            return false;
    return true;
}

static const struct state_field events_fields[] = {
    STATE_U64(struct eventq, when_ns),
    STATE_U64(struct eventq, sequence),
    STATE_U64(struct eventq, next_sequence),
};
static const struct state_desc events_desc = STATE_DESC("events", events_fields, events_valid);

size_t board_parts(struct board *board, struct state_part *parts)
{
    size_t count = engine_parts(board->engine, parts);
    board->power.mark = engine_now(board->engine).n;
    parts[count++] = (struct state_part){&power_desc, &board->power, 0};
    parts[count++] = (struct state_part){&clock_desc, &board->clock, 0};
    parts[count++] = (struct state_part){&events_desc, &board->events, 0};
    for (unsigned i = 0; i < PARTS; i++)
        if (board->devices[i].ops->desc)
            parts[count++] = (struct state_part){board->devices[i].ops->desc, board->devices[i].state, 0};
    check(count <= BOARD_PARTS_MAX);
    return count;
}

void board_restored(struct board *board)
{
    engine_set_now(board->engine, icount_of(board->power.mark));
    engine_forget(board->engine);
}

void board_moved(struct board *board)
{
    engine_set_now(board->engine, icount_of(board->power.mark));
    engine_moved(board->engine);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static const struct device_ops *const ops_table[PARTS] = {
#define PART(id, kind, base, size_bytes, irq, node, compatible, text) [PART_##id] = &kind##_ops,
#include "board.def"
};

static err_t add_devices(struct board *board)
{
    for (unsigned i = 0; i < PARTS; i++) {
        struct device *device = &board->devices[i];
        *device = (struct device){.ops = ops_table[i], .board = board, .part = (enum part)i};
        device->state = calloc(1, device->ops->state_bytes ? device->ops->state_bytes : 1);
        if (!device->state)
            return err_make(ERR_NO_MEMORY, "%s", part_table[i].id);
    }
    return err_ok();
}

static err_t keep_config(struct board *board, const struct board_config *config)
{
    const char *append = config->append ? config->append : "";
    size_t size_bytes = strlen(append) + 1;
    board->append = malloc(size_bytes);
    if (!board->append)
        return err_make(ERR_NO_MEMORY, "kernel command line");
    memcpy(board->append, append, size_bytes);
    board->config = *config;
    board->config.append = board->append;
    board->config.firmware = board->config.kernel = board->config.initrd = (struct image){0};
    return err_ok();
}

static err_t make(struct board *board, const struct board_config *config)
{
    TRY(keep_config(board, config));
    TRY(add_devices(board));
    board->clock.ns_shift = config->ns_shift;
    eventq_init(&board->events);
    struct engine_config engine = {
        .nharts = config->nharts,
        .ram_base = BOARD_RAM_BASE,
        .ram_size_bytes = config->ram_size_bytes,
        .reset_pc = BOARD_MROM_BASE,
        .clock = &board->clock,
        .timebase_ns = BOARD_TIMEBASE_NS,
        .tuning = config->tuning,
        .bus = bus_of(board),
    };
    struct engine *made;
    TRY(engine_create(&engine, &made));
    board->engine = made;
    TRY(loader_place(config, board->engine, &board->placement));
    check(board->placement.reset_pc == BOARD_MROM_BASE);
    for (unsigned i = 0; i < PARTS; i++)
        if (board->devices[i].ops->reset)
            board->devices[i].ops->reset(&board->devices[i]);
    board_settle(board);
    return err_ok();
}

/* What the rest of the house takes for granted. */
static err_t check_config(const struct board_config *config)
{
    uint64_t ram = config->ram_size_bytes;
    if (config->nharts < 1 || config->nharts > HARTS_MAX)
        return err_detail(err_make(ERR_USAGE, "%u harts", config->nharts), "must be 1 to %d", HARTS_MAX);
    if (ram == 0 || ram % PAGE_BYTES || ram > UINT64_C(1) << 40)
        return err_detail(err_make(ERR_USAGE, "-m %llu bytes", (unsigned long long)ram),
                          "RAM must be a multiple of 4 KiB, and at most 1 TiB");
    if (config->ns_shift > 10)
        return err_detail(err_make(ERR_USAGE, "2^%u ns an instruction", config->ns_shift),
                          "the exponent must be 0 to 10");
    return err_ok();
}

err_t board_create(const struct board_config *config, struct board_world world, struct board **board)
{
    *board = NULL;
    TRY(check_config(config));
    struct board *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "board");
    made->world = world;
    err_t error = make(made, config);
    if (err_is(error))
        board_destroy(made);
    else
        *board = made;
    return error;
}

void board_destroy(struct board *board)
{
    if (!board)
        return;
    if (board->engine)
        engine_destroy(board->engine);
    for (unsigned i = 0; i < PARTS; i++)
        free(board->devices[i].state);
    free(board->append);
    free(board);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

void board_settle(struct board *board)
{
    bus_wake(board, engine_now(board->engine));
    engine_settle(board->engine);
    board->power.mark = engine_now(board->engine).n;
}

/* Runs on from a settled state to what comes first: `until`, a wake-up, or something that changes the plan. */
static enum engine_stop advance(struct board *board, icount_t until)
{
    board->limit = icount_min(until, clock_icount(&board->clock, eventq_next(&board->events)));
    enum engine_stop stop = engine_run(board->engine, board->limit);
    board->limit = icount_of(0);
    board->power.mark = engine_now(board->engine).n;
    return stop;
}

enum board_stop board_run(struct board *board, icount_t until)
{
    for (;;) {
        board_settle(board);
        if (board->power.halt_reason != HALT_NONE)
            return BOARD_HALTED;
        if (engine_waiting(board->engine))
            return BOARD_IDLE;
        if (!icount_before(engine_now(board->engine), until))
            return BOARD_LIMIT;
        if (advance(board, until) == ENGINE_PROBE)
            return BOARD_PROBE;
    }
}

icount_t board_now(const struct board *board) { return engine_now(board->engine); }

vtime_t board_vtime(const struct board *board) { return clock_vtime(&board->clock, engine_now(board->engine)); }

vtime_t board_next_event(const struct board *board) { return eventq_next(&board->events); }

bool board_idle(const struct board *board) { return engine_waiting(board->engine); }

void board_idle_until(struct board *board, vtime_t when)
{
    when = vtime_min(when, eventq_next(&board->events));
    if (board_idle(board) && when.ns != VTIME_NEVER.ns)
        clock_idle_until(&board->clock, engine_now(board->engine), when);
    board_settle(board);
}

struct board_halt board_halt(const struct board *board)
{
    return (struct board_halt){(enum halt_reason)board->power.halt_reason, board->power.halt_status};
}

struct engine *board_engine(struct board *board) { return board->engine; }

struct clock *board_clock(struct board *board) { return &board->clock; }

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

/* Which part takes console bytes of which port. */
static const enum part console_parts[] = {PART_UART, PART_SEMIHOST};

static const struct device *console(const struct board *board, enum input_kind kind, unsigned port)
{
    bool known = kind == INPUT_CONSOLE && port < sizeof console_parts / sizeof console_parts[0];
    return known ? &board->devices[console_parts[port]] : NULL;
}

const char *board_input_name(enum input_kind kind)
{
    static const char *const names[] = {
#define INPUT(name, number, text) [INPUT_##name] = text,
#include "input.def"
#undef INPUT
    };
    return names[kind];
}

void board_input(struct board *board, enum input_kind kind, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    board->now = engine_now(board->engine);
    if (kind == INPUT_POWER)
        board_end(board, HALT_POWEROFF, 0);
    const struct device *part = console(board, kind, port);
    if (part)
        part->ops->input(&board->devices[part->part], board_vtime(board), bytes, size_bytes);
}

unsigned board_console_port(const struct board *board)
{
    return semihost_reads(&board->devices[PART_SEMIHOST]) || htif_reads(&board->devices[PART_HTIF]);
}

size_t board_input_room(const struct board *board, enum input_kind kind, unsigned port)
{
    if (kind == INPUT_POWER)
        return 1;
    const struct device *part = console(board, kind, port);
    return part ? part->ops->input_room(part) : 0;
}

/* bus: finds the part behind an address, and gives parts what they ask for. */
#include "board.h"

const struct part_info part_table[PARTS] = {
#define PART(name, kind, window, bytes, line, fdt_node, fdt_compatible, words)                                         \
    [PART_##name] = {                                                                                                  \
        .id = #name,                                                                                                   \
        .node = fdt_node,                                                                                              \
        .compatible = fdt_compatible,                                                                                  \
        .text = words,                                                                                                 \
        .compatible_bytes = sizeof(fdt_compatible),                                                                    \
        .base = window,                                                                                                \
        .size_bytes = bytes,                                                                                           \
        .irq = line,                                                                                                   \
    },
#include "board.def"
};

_Static_assert((int)PARTS <= (int)EVENTQ_SOURCES, "a part's number is its source of wake-ups");

/* ---- accesses ---------------------------------------------------------------------------------------------------- */

static vtime_t time_of(const struct board *board) { return clock_vtime(&board->clock, board->now); }

/* The part whose window holds the whole access, which it must let through; NULL: access fault. */
static struct device *find(struct board *board, uint64_t paddr, unsigned size_bytes, uint64_t *offset)
{
    if (paddr & (size_bytes - 1))
        return NULL;
    for (unsigned i = 0; i < PARTS; i++) {
        *offset = paddr - part_table[i].base;
        if (*offset < part_table[i].size_bytes)
            return board->devices[i].ops->access_sizes & size_bytes ? &board->devices[i] : NULL;
    }
    return NULL;
}

/* The ROM is what the loader made of the configuration, zeroes behind it. Stores are ignored, as on QEMU's board. */
static bool is_rom(uint64_t paddr, unsigned size_bytes)
{
    uint64_t offset = paddr - BOARD_MROM_BASE;
    return offset < BOARD_MROM_BYTES && size_bytes <= BOARD_MROM_BYTES - offset;
}

static uint64_t load_rom(const struct board *board, uint64_t paddr, unsigned size_bytes)
{
    uint64_t offset = paddr - BOARD_MROM_BASE, value = 0;
    for (unsigned i = 0; i < size_bytes && offset + i < LOADER_ROM_BYTES; i++)
        value |= (uint64_t)board->placement.rom[offset + i] << 8 * i;
    return value;
}

bool board_look(const struct board *board, uint64_t paddr, void *bytes, size_t size_bytes)
{
    if (engine_ram_load(board->engine, paddr, bytes, size_bytes))
        return true;
    if (size_bytes > BOARD_MROM_BYTES || !is_rom(paddr, (unsigned)size_bytes))
        return false;
    for (size_t i = 0; i < size_bytes; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)load_rom(board, paddr + i, 1);
    return true;
}

static bool load(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    struct board *board = owner;
    board->now = now;
    if (is_rom(paddr, size_bytes)) {
        *value = load_rom(board, paddr, size_bytes);
        return true;
    }
    uint64_t offset;
    struct device *device = find(board, paddr, size_bytes, &offset);
    return device && device->ops->load(device, time_of(board), offset, size_bytes, value);
}

static bool store(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    struct board *board = owner;
    board->now = now;
    uint64_t offset;
    struct device *device = find(board, paddr, size_bytes, &offset);
    if (size_bytes < 8)
        value &= (UINT64_C(1) << 8 * size_bytes) - 1;
    if (!device)
        return is_rom(paddr, size_bytes);
    return device->ops->store(device, time_of(board), offset, size_bytes, value);
}

static void trapped(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes)
{
    struct board *board = owner;
    board->now = now;
    htif_stored(&board->devices[PART_HTIF], paddr, size_bytes);
}

/* Reading the time is no access: what is in progress stays so. */
static uint64_t read_time(void *owner, icount_t now)
{
    struct board *board = owner;
    return clint_mtime(&board->devices[PART_CLINT], clock_vtime(&board->clock, now));
}

static void timer_changed(void *owner, unsigned hart, icount_t now)
{
    struct board *board = owner;
    board->now = now;
    clint_timer_changed(&board->devices[PART_CLINT], hart, time_of(board));
}

static enum host_call host_call(void *owner, unsigned hart, icount_t now)
{
    struct board *board = owner;
    board->now = now;
    return semihost_call(&board->devices[PART_SEMIHOST], hart, time_of(board));
}

struct bus bus_of(struct board *board)
{
    return (struct bus){
        .owner = board,
        .load = load,
        .store = store,
        .trapped = trapped,
        .time = read_time,
        .timer_changed = timer_changed,
        .host_call = host_call,
    };
}

void bus_wake(struct board *board, icount_t now)
{
    board->now = now;
    for (int source; (source = eventq_take(&board->events, time_of(board))) >= 0;)
        if (source < PARTS && board->devices[source].ops->wake)
            board->devices[source].ops->wake(&board->devices[source], time_of(board));
}

/* ---- services ---------------------------------------------------------------------------------------------------- */

void board_irq(struct board *board, unsigned irq, bool level) { plic_drive(&board->devices[PART_PLIC], irq, level); }

void board_lines(struct board *board, unsigned hart, uint64_t mask, uint64_t levels)
{
    engine_set_lines(board->engine, hart, mask, levels);
}

void board_wake(struct board *board, enum part part, vtime_t when)
{
    eventq_set(&board->events, part, when);
    if (icount_before(clock_icount(&board->clock, when), board->limit))
        engine_kick(board->engine);
}

void board_output(struct board *board, unsigned port, const uint8_t *bytes, size_t size_bytes)
{
    if (board->world.output && size_bytes)
        board->world.output(board->world.owner, board->now, port, bytes, size_bytes);
}

void board_end(struct board *board, enum halt_reason reason, uint64_t status)
{
    if (board->power.halt_reason != HALT_NONE)
        return;
    board->power.halt_reason = reason;
    board->power.halt_status = status;
    engine_kick(board->engine);
}

const struct board_config *board_fixed_config(const struct board *board) { return &board->config; }

const struct placement *board_placement(const struct board *board) { return &board->placement; }

bool board_signature(const struct board *board, uint64_t *paddr, uint64_t *size_bytes)
{
    *paddr = board->placement.signature;
    *size_bytes = board->placement.signature_end - board->placement.signature;
    return *size_bytes != 0;
}

struct device *board_device(struct board *board, enum part part) { return &board->devices[part]; }

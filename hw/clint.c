/* clint: time, and what compares with it.
 *
 * SiFive's CLINT (U54-MC manual, chapter 9; RISC-V ACLINT specification, chapters 2 and 3): software interrupts MSIP,
 * mtime, and mtimecmp for MTIP of each hart. The comparator of the Sstc extension sits here as well, since it compares
 * stimecmp with the same time. Lines are a function of the present; a wake-up stands at the next time at which one of
 * them changes.
 */
#include "device.h"

enum clint_register {
    MSIP = 0x0000,     /* 4 bytes a hart */
    MTIMECMP = 0x4000, /* 8 bytes a hart */
    MTIME = 0xbff8,
    CLINT_END = 0xc000,
};

static const uint64_t MENVCFG_STCE = UINT64_C(1) << 63;

struct clint {
    uint64_t mtimecmp[HARTS_MAX];
    uint64_t time_offset; /* mtime = virtual time in ticks + offset, modulo 2^64 */
    uint8_t msip[HARTS_MAX];
};

static bool valid(const void *object)
{
    const struct clint *clint = object;
    for (unsigned i = 0; i < HARTS_MAX; i++)
        if (clint->msip[i] > 1)
            return false;
    return true;
}

static const struct state_field fields[] = {
    STATE_U64(struct clint, mtimecmp),
    STATE_U64(struct clint, time_offset),
    STATE_U8(struct clint, msip),
};
static const struct state_desc desc = STATE_DESC("clint", fields, valid);

/* ---- time -------------------------------------------------------------------------------------------------------- */

uint64_t clint_mtime(const struct device *device, vtime_t now)
{
    const struct clint *clint = device->state;
    return now.ns / BOARD_TIMEBASE_NS + clint->time_offset;
}

/* When the outcome of mtime >= compare is next another one: at compare, or when mtime wraps. */
static vtime_t next_change(uint64_t mtime, uint64_t compare, vtime_t now)
{
    uint64_t tick = now.ns / BOARD_TIMEBASE_NS;
    uint64_t wait = mtime < compare ? compare - mtime : 0 - mtime;
    if (wait == 0 || wait > UINT64_MAX / BOARD_TIMEBASE_NS - tick)
        return VTIME_NEVER;
    return vtime_of((tick + wait) * BOARD_TIMEBASE_NS);
}

static struct engine *engine(const struct device *device) { return board_engine(device->board); }

/* Drives the timer lines of `hart`; when they change next. */
static vtime_t update_hart(struct device *device, unsigned hart, vtime_t now)
{
    const struct clint *clint = device->state;
    const struct hart_state *state = engine_hart(engine(device), hart);
    uint64_t mtime = clint_mtime(device, now);
    uint64_t lines = mtime >= clint->mtimecmp[hart] ? MIP_MTIP : 0;
    vtime_t next = next_change(mtime, clint->mtimecmp[hart], now);
    if (state->menvcfg & MENVCFG_STCE) {
        lines |= mtime >= state->stimecmp ? MIP_STIP : 0;
        next = vtime_min(next, next_change(mtime, state->stimecmp, now));
    }
    board_lines(device->board, hart, MIP_MTIP | MIP_STIP, lines);
    return next;
}

static void update(struct device *device, vtime_t now)
{
    vtime_t next = VTIME_NEVER;
    for (unsigned hart = 0; hart < engine_nharts(engine(device)); hart++)
        next = vtime_min(next, update_hart(device, hart, now));
    board_wake(device->board, device->part, next);
}

void clint_timer_changed(struct device *device, unsigned hart, vtime_t now)
{
    (void)hart; /* the wake-up is the earliest of all harts' */
    update(device, now);
}

static void reset(struct device *device) { update(device, vtime_of(0)); }

/* ---- registers --------------------------------------------------------------------------------------------------- */

/* The part of a 64-bit register that an access of 4 or 8 bytes means. */
static uint64_t part_of(uint64_t word, uint64_t offset, unsigned size_bytes)
{
    return size_bytes == 8 ? word : (uint32_t)(word >> (offset & 4) * 8);
}

static uint64_t with_part(uint64_t word, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    unsigned shift = (offset & 4) * 8;
    return size_bytes == 8 ? value : (word & ~(UINT64_C(0xffffffff) << shift)) | value << shift;
}

/* Index of the hart that a register at `offset` belongs to, an array of `stride` bytes a hart; -1: of none. */
static int hart_of(const struct device *device, uint64_t offset, uint64_t array, unsigned stride)
{
    uint64_t hart = (offset - array) / stride;
    return offset >= array && hart < engine_nharts(engine(device)) ? (int)hart : -1;
}

/* MSIP is 32 bits wide and is accessed so. */
static bool accessible(uint64_t offset, unsigned size_bytes)
{
    return offset < CLINT_END && (offset >= MTIMECMP || size_bytes == 4);
}

static bool load(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value)
{
    const struct clint *clint = device->state;
    int hart;
    *value = 0;
    if (offset >= MTIME)
        *value = part_of(clint_mtime(device, now), offset, size_bytes);
    else if ((hart = hart_of(device, offset, MTIMECMP, 8)) >= 0)
        *value = part_of(clint->mtimecmp[hart], offset, size_bytes);
    else if ((hart = hart_of(device, offset, MSIP, 4)) >= 0)
        *value = clint->msip[hart];
    return accessible(offset, size_bytes);
}

static void set_msip(struct device *device, unsigned hart, bool level)
{
    struct clint *clint = device->state;
    clint->msip[hart] = level;
    board_lines(device->board, hart, MIP_MSIP, level ? MIP_MSIP : 0);
}

static void set_mtime(struct device *device, uint64_t mtime, vtime_t now)
{
    struct clint *clint = device->state;
    clint->time_offset = mtime - now.ns / BOARD_TIMEBASE_NS;
    update(device, now);
}

static bool store(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    struct clint *clint = device->state;
    int hart;
    if (!accessible(offset, size_bytes))
        return false;
    if (offset >= MTIME) {
        set_mtime(device, with_part(clint_mtime(device, now), offset, size_bytes, value), now);
    } else if ((hart = hart_of(device, offset, MTIMECMP, 8)) >= 0) {
        clint->mtimecmp[hart] = with_part(clint->mtimecmp[hart], offset, size_bytes, value);
        update(device, now);
    } else if ((hart = hart_of(device, offset, MSIP, 4)) >= 0) {
        set_msip(device, (unsigned)hart, value & 1);
    }
    return true;
}

const struct device_ops clint_ops = {
    .desc = &desc,
    .state_bytes = sizeof(struct clint),
    .access_sizes = 4 + 8,
    .reset = reset,
    .load = load,
    .store = store,
    .wake = update,
};

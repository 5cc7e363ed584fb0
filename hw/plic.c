/* plic: the platform-level interrupt controller (RISC-V Platform-Level Interrupt Controller Specification 1.0.0).
 *
 * A source is level-triggered. Its gateway passes one request on and then stays shut until completion:
 *
 *     level up, gateway open -> pending -> claimed (shut) -> completed: open; pending again when the level is still up
 *
 * A pending request stays when its level goes down. Context 2h is hart h's M-mode, 2h+1 its S-mode.
 */
#include "device.h"

enum {
    SOURCES = BOARD_PLIC_SOURCES,
    WORDS = SOURCES / 32,
    CONTEXTS = 2 * HARTS_MAX,
};
_Static_assert(SOURCES % 32 == 0, "sources fill their words");

enum plic_register {
    PRIORITY = 0x0,       /* 4 bytes a source */
    PENDING = 0x1000,     /* a bit a source */
    ENABLE = 0x2000,      /* 0x80 bytes a context: a bit a source */
    THRESHOLD = 0x200000, /* 0x1000 bytes a context; CLAIM follows */
    ENABLE_STRIDE = 0x80,
    CONTEXT_STRIDE = 0x1000,
};

struct plic {
    uint32_t level[WORDS];   /* the lines */
    uint32_t pending[WORDS]; /* requests that wait for a claim */
    uint32_t shut[WORDS];    /* gateways that wait for a completion */
    uint32_t enable[CONTEXTS * WORDS];
    uint8_t priority[SOURCES]; /* 0: never */
    uint8_t threshold[CONTEXTS];
};

static bool all_at_most(const uint8_t *bytes, size_t count, uint8_t most)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] > most)
            return false;
    return true;
}

static bool valid(const void *object)
{
    const struct plic *plic = object;
    return plic->priority[0] == 0 && all_at_most(plic->priority, SOURCES, BOARD_PLIC_PRIORITY_MAX) &&
           all_at_most(plic->threshold, CONTEXTS, BOARD_PLIC_PRIORITY_MAX) &&
           !((plic->level[0] | plic->pending[0] | plic->shut[0]) & 1);
}

static const struct state_field fields[] = {
    STATE_U32(struct plic, level),  STATE_U32(struct plic, pending), STATE_U32(struct plic, shut),
    STATE_U32(struct plic, enable), STATE_U8(struct plic, priority), STATE_U8(struct plic, threshold),
};
static const struct state_desc desc = STATE_DESC("plic", fields, valid);

/* ---- interrupts -------------------------------------------------------------------------------------------------- */

static bool bit(const uint32_t *words, unsigned source) { return words[source / 32] >> source % 32 & 1; }

static void set_bit(uint32_t *words, unsigned source, bool value)
{
    uint32_t mask = UINT32_C(1) << source % 32;
    words[source / 32] = value ? words[source / 32] | mask : words[source / 32] & ~mask;
}

static unsigned contexts(const struct device *device) { return 2 * engine_nharts(board_engine(device->board)); }

/* The pending source of the highest priority that is enabled for `context`, the lowest of equals; 0: none. */
static unsigned best(const struct plic *plic, unsigned context)
{
    unsigned found = 0;
    for (unsigned word = 0; word < WORDS; word++) {
        uint32_t bits = plic->pending[word] & plic->enable[context * WORDS + word];
        for (; bits; bits &= bits - 1) {
            unsigned source = word * 32 + (unsigned)__builtin_ctz(bits);
            if (plic->priority[source] > plic->priority[found])
                found = source;
        }
    }
    return found;
}

/* Source 0 has priority 0: none is never above a threshold. */
static void update(struct device *device)
{
    const struct plic *plic = device->state;
    for (unsigned context = 0; context < contexts(device); context++) {
        bool level = plic->priority[best(plic, context)] > plic->threshold[context];
        uint64_t line = context & 1 ? MIP_SEIP : MIP_MEIP;
        board_lines(device->board, context / 2, line, level ? line : 0);
    }
}

static void request(struct plic *plic, unsigned source)
{
    if (bit(plic->level, source) && !bit(plic->shut, source))
        set_bit(plic->pending, source, true);
}

void plic_drive(struct device *device, unsigned irq, bool level)
{
    struct plic *plic = device->state;
    check(irq > 0 && irq < SOURCES);
    if (bit(plic->level, irq) == level)
        return;
    set_bit(plic->level, irq, level);
    request(plic, irq);
    update(device);
}

static unsigned claim(struct device *device, unsigned context)
{
    struct plic *plic = device->state;
    unsigned source = best(plic, context);
    if (source == 0)
        return 0;
    set_bit(plic->pending, source, false);
    set_bit(plic->shut, source, true);
    update(device);
    return source;
}

/* Ignored unless the source is enabled for the context (specification, 1.9). */
static void complete(struct device *device, unsigned context, uint64_t source)
{
    struct plic *plic = device->state;
    if (source >= SOURCES || !bit(&plic->enable[context * WORDS], (unsigned)source))
        return;
    set_bit(plic->shut, (unsigned)source, false);
    request(plic, (unsigned)source);
    update(device);
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

/* Word of plic->enable at `offset`; -1: there is none. */
static int enable_word(const struct device *device, uint64_t offset)
{
    uint64_t context = (offset - ENABLE) / ENABLE_STRIDE;
    uint64_t word = (offset - ENABLE) % ENABLE_STRIDE / 4;
    return offset >= ENABLE && context < contexts(device) && word < WORDS ? (int)(context * WORDS + word) : -1;
}

/* Context of a register at `offset`; -1: there is none. */
static int context_of(const struct device *device, uint64_t offset)
{
    uint64_t context = (offset - THRESHOLD) / CONTEXT_STRIDE;
    return offset >= THRESHOLD && context < contexts(device) ? (int)context : -1;
}

static uint64_t load_context(struct device *device, unsigned context, uint64_t offset)
{
    const struct plic *plic = device->state;
    if (offset == 0)
        return plic->threshold[context];
    return offset == 4 ? claim(device, context) : 0;
}

static bool load(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value)
{
    const struct plic *plic = device->state;
    int at;
    (void)now, (void)size_bytes;
    *value = 0;
    if (offset < SOURCES * 4)
        *value = plic->priority[offset / 4];
    else if (offset >= PENDING && offset < PENDING + WORDS * 4)
        *value = plic->pending[(offset - PENDING) / 4];
    else if ((at = enable_word(device, offset)) >= 0)
        *value = plic->enable[at];
    else if ((at = context_of(device, offset)) >= 0)
        *value = load_context(device, (unsigned)at, offset % CONTEXT_STRIDE);
    return true;
}

static void store_context(struct device *device, unsigned context, uint64_t offset, uint64_t value)
{
    struct plic *plic = device->state;
    if (offset == 0) {
        plic->threshold[context] = value & BOARD_PLIC_PRIORITY_MAX;
        update(device);
    } else if (offset == 4) {
        complete(device, context, value);
    }
}

static bool store(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    struct plic *plic = device->state;
    int at;
    (void)now, (void)size_bytes;
    if (offset >= 4 && offset < SOURCES * 4) {
        plic->priority[offset / 4] = value & BOARD_PLIC_PRIORITY_MAX;
        update(device);
    } else if ((at = enable_word(device, offset)) >= 0) {
        plic->enable[at] = (uint32_t)value & (at % WORDS == 0 ? ~UINT32_C(1) : ~UINT32_C(0));
        update(device);
    } else if ((at = context_of(device, offset)) >= 0) {
        store_context(device, (unsigned)at, offset % CONTEXT_STRIDE, value);
    }
    return true;
}

const struct device_ops plic_ops = {
    .desc = &desc,
    .state_bytes = sizeof(struct plic),
    .access_sizes = 4,
    .load = load,
    .store = store,
};

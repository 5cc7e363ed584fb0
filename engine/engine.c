/* engine: makes the harts, and runs them. */
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "csr.h"
#include "footprint.h"
#include "hart.h"
#include "jit.h"
#include "log.h"
#include "mmu.h"
#include "tables.h"
#include "trap.h"

/* ---- state ---- */

static const struct state_field hart_fields[] = {
#define FIELD64(member) STATE_U64(struct hart_state, member)
#define FIELD8(member)  STATE_U8(struct hart_state, member)
    FIELD64(x),
    FIELD64(pc),
    FIELD64(f),
    FIELD64(mstatus),
    FIELD64(misa),
    FIELD64(medeleg),
    FIELD64(mideleg),
    FIELD64(mie),
    FIELD64(mtvec),
    FIELD64(mscratch),
    FIELD64(mepc),
    FIELD64(mcause),
    FIELD64(mtval),
    FIELD64(mip_soft),
    FIELD64(mip_lines),
    FIELD64(mcounteren),
    FIELD64(mcountinhibit),
    FIELD64(menvcfg),
    FIELD64(senvcfg),
    FIELD64(stvec),
    FIELD64(sscratch),
    FIELD64(sepc),
    FIELD64(scause),
    FIELD64(stval),
    FIELD64(satp),
    FIELD64(scounteren),
    FIELD64(stimecmp),
    FIELD64(cycle_offset),
    FIELD64(instret_offset),
    FIELD64(pmpaddr),
    FIELD8(pmpcfg),
    FIELD64(reservation),
    FIELD8(fflags),
    FIELD8(frm),
    FIELD8(priv),
    FIELD8(waiting),
};

/* What the engine relies on; the rest of the registers may hold anything. */
static bool hart_valid(const void *object)
{
    const struct hart_state *state = object;
    return state->x[0] == 0 && !(state->pc & 1) && state->priv <= PRIV_M && state->priv != 2 && state->waiting <= 1 &&
           (state->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT != 2;
}

static const struct state_desc hart_desc = STATE_DESC("hart", hart_fields, hart_valid);

size_t engine_parts(struct engine *engine, struct state_part *parts)
{
    for (unsigned n = 0; n < engine->config.nharts; n++)
        parts[n] = (struct state_part){.desc = &hart_desc, .object = &engine->harts[n].s, .index = n};
    return engine->config.nharts;
}

/* ---- making ---- */

static void init_hart(struct engine *engine, unsigned id)
{
    struct hart *hart = &engine->harts[id];
    hart->id = id;
    hart->engine = engine;
    hart_new_epoch(hart);
    mmu_forget(hart);
    csr_reset(&hart->s, engine->config.reset_pc);
    hart->attention = true;
    hart_update_views(hart);
}

/* Tables for the most part: megabytes that are looked at all over. */
static size_t engine_bytes(const struct engine_config *config)
{
    return sizeof(struct engine) + config->nharts * sizeof(struct hart);
}

err_t engine_create(const struct engine_config *config, struct engine **result)
{
    check(config->nharts >= 1 && config->nharts <= HARTS_MAX);
    check(config->ram_size_bytes && config->ram_size_bytes % PAGE_BYTES == 0 && config->ram_base % PAGE_BYTES == 0);
    struct engine *engine = memory_get(engine_bytes(config));
    if (!engine)
        return err_make(ERR_NO_MEMORY, "engine");
    *result = engine;
    engine->config = *config;
    engine->ram.base = config->ram_base;
    engine->ram.size_bytes = config->ram_size_bytes;
    engine->ram.bytes = memory_get(config->ram_size_bytes);
    engine->ram.page_flags = calloc(config->ram_size_bytes >> PAGE_SHIFT, 1);
    if (!engine->ram.bytes || !engine->ram.page_flags || !code_create(engine) || !tables_create(engine)) {
        engine_destroy(engine);
        return err_make(ERR_NO_MEMORY, "guest memory");
    }
    if (config->tuning.footprint && !footprint_create(engine)) {
        engine_destroy(engine);
        return err_make(ERR_NO_MEMORY, "marks of memory");
    }
    decoder_init(&engine->decoder);
    engine->jit = config->tuning.interpreter_only ? NULL : jit_create(engine);
    engine->current = &engine->harts[0];
    for (unsigned id = 0; id < config->nharts; id++)
        init_hart(engine, id);
    return err_ok();
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    code_destroy(engine);
    jit_destroy(engine->jit);
    tables_destroy(engine);
    footprint_destroy(engine);
    free(engine->ram.page_flags);
    memory_put(engine->ram.bytes, engine->ram.size_bytes);
    memory_put(engine, engine_bytes(&engine->config));
}

/* ---- looking and setting ---- */

static void sleep_hart(struct hart *hart)
{
    hart->takes++;
    code_sleep(hart);
}

/* What was found by address sleeps, so that it is seen when it is found again. */
void engine_take_visited(struct engine *engine, struct visited *visited)
{
    *visited = engine->visited;
    engine->visited = (struct visited){.bytes = {0}};
    for (unsigned n = 0; n < engine->config.nharts; n++)
        sleep_hart(&engine->harts[n]);
}

icount_t engine_now(const struct engine *engine) { return engine->current->now; }

void engine_set_now(struct engine *engine, icount_t now) { engine->current->now = now; }

unsigned engine_nharts(const struct engine *engine) { return engine->config.nharts; }

struct hart_state *engine_hart(struct engine *engine, unsigned hart)
{
    check(hart < engine->config.nharts);
    return &engine->harts[hart].s;
}

uint64_t engine_mip(const struct engine *engine, unsigned hart)
{
    return engine->harts[hart].s.mip_soft | engine->harts[hart].s.mip_lines;
}

void engine_kick(struct engine *engine)
{
    engine->kicked = true;
    engine->current->attention = true;
    engine->current->leave = true;
}

void engine_wake(struct engine *engine, unsigned hart) { engine->harts[hart].s.waiting = 0; }

void engine_set_lines(struct engine *engine, unsigned hart, uint64_t mask, uint64_t levels)
{
    struct hart *target = &engine->harts[hart];
    target->s.mip_lines = (target->s.mip_lines & ~mask) | (levels & mask);
    target->attention = true;
    target->leave = true;
}

void engine_set_probe(struct engine *engine, const struct probe *probe)
{
    bool watched = (engine->probe && engine->probe->nwatches) || (probe && probe->nwatches);
    engine->probe = probe;
    if (engine->jit && probe && probe->nbreaks)
        code_split_at_breaks(engine);
    if (watched) /* watched pages stay out of the TLBs */
        tables_forget(engine);
}

void engine_set_keeper(struct engine *engine, struct page_keeper keeper) { engine->keeper = keeper; }

void hart_update_views(struct hart *hart)
{
    const struct hart_state *s = &hart->s;
    static const uint8_t views[] = {[PRIV_U] = VIEW_U, [PRIV_S] = VIEW_S, [2] = VIEW_S, [PRIV_M] = VIEW_M};
    uint64_t data_priv = s->mstatus & MSTATUS_MPRV ? (s->mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT : s->priv;
    if (s->priv != PRIV_M)
        data_priv = s->priv;
    hart->fetch_view = views[s->priv];
    hart->data_view = views[data_priv];
    if (hart->data_view == VIEW_S && (s->mstatus & MSTATUS_SUM))
        hart->data_view = VIEW_S_SUM;
    hart->data_tlb = &hart->tlb[hart->data_view];
    hart_set_context(hart);
}

/* ---- running ---- */

static void settle_hart(struct hart *hart)
{
    if (hart->s.waiting && hart_pending(hart))
        hart->s.waiting = 0;
    if (!hart->s.waiting)
        trap_interrupt(hart);
}

void engine_settle(struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++)
        settle_hart(&engine->harts[n]);
}

bool engine_waiting(const struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++)
        if (!engine->harts[n].s.waiting)
            return false;
    return true;
}

static void log_single(const struct hart *hart, uint32_t raw)
{
    uint8_t bytes[4];
    uint64_t paddr = 0;
    (void)engine_translate(hart->engine, hart->id, hart->s.pc, &paddr);
    memcpy(bytes, &raw, sizeof bytes);
    log_in_asm(hart, hart->s.pc, paddr, bytes, raw_bytes(raw), false);
}

/* One instruction at pc that no cached block can hold: outside of RAM, across two pages, under a PMP boundary. */
static const struct insn *find_single(struct hart *hart)
{
    struct engine *engine = hart->engine;
    const struct bus *bus = &engine->config.bus;
    uint32_t raw = 0;
    for (unsigned half = 0; half < 2; half++) {
        uint64_t vaddr = hart->s.pc + 2 * half, paddr, value = 0;
        bool cacheable;
        enum cause cause = mmu_fetch(hart, vaddr, &paddr, &cacheable);
        if (cause == CAUSE_NONE && !engine_ram_load(engine, paddr, &value, 2) &&
            !bus->load(bus->owner, hart->now, paddr, 2, &value))
            cause = CAUSE_FETCH_ACCESS;
        if (cause != CAUSE_NONE) {
            trap_fetch(hart, cause, vaddr);
            return NULL;
        }
        raw |= (uint32_t)value << 16 * half;
        if (raw_bytes(raw) == 2)
            break;
    }
    code_single(engine, raw, hart->scratch);
    if (log_wants(engine, LOG_IN_ASM))
        log_single(hart, raw);
    return hart->scratch;
}

/* The instructions at pc, and how many; NULL: the fetch trapped. */
static const struct insn *find_block(struct hart *hart, unsigned *ninsns)
{
    uint64_t paddr;
    bool cacheable;
    *ninsns = 1;
    hart_visit(hart);
    enum cause cause = mmu_fetch(hart, hart->s.pc, &paddr, &cacheable);
    if (cause != CAUSE_NONE) {
        trap_fetch(hart, cause, hart->s.pc);
        return NULL;
    }
    const struct block *block = cacheable ? code_block(hart->engine, paddr) : NULL;
    if (!block)
        return find_single(hart);
    struct jump *jump = &hart->jumps[jump_slot(hart->s.pc)];
    *jump = (struct jump){.pc = hart->s.pc, .context = hart->context, .block = block, .takes = hart->takes};
    *ninsns = block->ninsns;
    return block->insns;
}

static inline const struct insn *next_block(struct hart *hart, unsigned *ninsns)
{
    struct jump *jump = &hart->jumps[jump_slot(hart->s.pc)];
    if (__builtin_expect(jump->pc == hart->s.pc && jump->context == hart->context, 1)) {
        if (__builtin_expect(jump->takes != hart->takes, 0)) {
            hart_visit(hart);
            jump->takes = hart->takes;
        }
        *ninsns = jump->block->ninsns;
        return jump->block->insns;
    }
    return find_block(hart, ninsns);
}

/* How many instructions of a block may run before the next breakpoint inside it. */
static unsigned clip_at_breaks(const struct hart *hart, const struct insn *insns, unsigned ninsns)
{
    const struct probe *probe = hart->engine->probe;
    for (unsigned n = 1; n < ninsns; n++)
        for (size_t b = 0; b < probe->nbreaks; b++)
            if (hart->s.pc + 2u * insns[n].at == probe->breaks[b])
                return n;
    return ninsns;
}

/* Asks the probe about breakpoints at pc; true: stop here. */
static bool break_stops(const struct hart *hart)
{
    const struct probe *probe = hart->engine->probe;
    bool stop = false;
    for (size_t b = 0; b < probe->nbreaks; b++)
        if (probe->breaks[b] == hart->s.pc)
            stop |= probe->on_break(probe->context, hart->id, hart->now, hart->s.pc);
    return stop;
}

/* Interprets one block, or the part of it that the limit and breakpoints leave. */
static void run_block(struct hart *hart, icount_t until, bool breaks)
{
    unsigned ninsns;
    if (__builtin_expect(hart->engine->marks != NULL, 0)) /* also when the fetch will trap */
        footprint_enter(hart->engine, hart->s.pc, hart->s.pc + 2);
    const struct insn *insns = next_block(hart, &ninsns);
    hart->exited = NULL;
    if (!insns)
        return;
    if (__builtin_expect(hart->engine->marks != NULL, 0))
        footprint_enter(hart->engine, hart->s.pc, hart->s.pc + 2u * insns[ninsns].at);
    uint64_t room = until.n - hart->now.n;
    unsigned most = room < ninsns ? (unsigned)room : ninsns;
    if (__builtin_expect(breaks, 0))
        most = clip_at_breaks(hart, insns, most);
    if (__builtin_expect(most < ninsns, 0)) {
        code_clip(insns, most, hart->scratch);
        insns = hart->scratch;
    }
    if (log_wants(hart->engine, LOG_EXEC))
        log_exec(hart, false);
    hart->leave = false;
    insns->run(hart, insns);
}

/* Translated code counts down in a signed register. */
#define BUDGET_MOST (UINT64_C(1) << 62)

/* Runs translated code when there is some for pc and the limit is not near; false when nothing was executed. */
static bool run_translated(struct hart *hart, icount_t until)
{
    icount_t before = hart->now;
    uint64_t pc = hart->s.pc;
    if (!hart->engine->jit || until.n - before.n < JIT_INSNS_MAX)
        return false;
    const uint8_t *entry = code_entry(hart);
    if (!entry)
        return false;
    hart->limit = icount_min(until, icount_of(before.n + BUDGET_MOST));
    if (log_wants(hart->engine, LOG_EXEC))
        log_exec(hart, true);
    jit_enter(hart, entry);
    return hart->now.n != before.n || hart->s.pc != pc || hart->probed;
}

enum engine_stop engine_run(struct engine *engine, icount_t until)
{
    struct hart *hart = engine->current;
    bool breaks = engine->probe && engine->probe->nbreaks;
    for (;;) {
        if (__builtin_expect(hart->attention, 0)) {
            hart->attention = false;
            if (engine->kicked) {
                engine->kicked = false;
                return ENGINE_KICKED;
            }
            if (hart->now.n >= until.n) /* first what is due there, then interrupts: the caller settles */
                return ENGINE_LIMIT;
            settle_hart(hart);
            if (hart->s.waiting)
                return ENGINE_WAITING;
        }
        if (hart->now.n >= until.n)
            return ENGINE_LIMIT;
        if (__builtin_expect(breaks, 0) && break_stops(hart))
            return ENGINE_PROBE;
        if (!run_translated(hart, until))
            run_block(hart, until, breaks);
        if (__builtin_expect(hart->probed, 0)) {
            hart->probed = false;
            return ENGINE_PROBE;
        }
    }
}

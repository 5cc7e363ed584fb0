#include "log.h"

static void put(const struct engine *engine, const struct log_event *event)
{
    const struct engine_log *log = engine->config.tuning.log;
    log->event(log->context, event);
}

static struct log_event event_of(const struct hart *hart, enum log_kind kind)
{
    return (struct log_event){
        .kind = kind, .hart = hart->id, .now = hart->now, .pc = hart->s.pc, .priv = (enum privilege)hart->s.priv};
}

void log_in_asm(const struct hart *hart, uint64_t pc, uint64_t paddr, const uint8_t *bytes, size_t size_bytes,
                bool translated)
{
    struct log_event event = event_of(hart, LOG_IN_ASM);
    event.pc = pc;
    event.paddr = paddr;
    event.bytes = bytes;
    event.size_bytes = size_bytes;
    event.translated = translated;
    put(hart->engine, &event);
}

void log_out_asm(const struct hart *hart, const uint8_t *code, size_t size_bytes)
{
    struct log_event event = event_of(hart, LOG_OUT_ASM);
    event.bytes = code;
    event.size_bytes = size_bytes;
    event.translated = true;
    put(hart->engine, &event);
}

void log_entry_points(const struct engine *engine, const uint8_t *code, size_t size_bytes)
{
    put(engine, &(struct log_event){.kind = LOG_OUT_ASM, .bytes = code, .size_bytes = size_bytes});
}

void log_exec(const struct hart *hart, bool translated)
{
    struct log_event event = event_of(hart, LOG_EXEC);
    event.translated = translated;
    put(hart->engine, &event);
}

void log_int(const struct hart *hart, enum privilege to, uint64_t cause, uint64_t tval, bool interrupt)
{
    struct log_event event = event_of(hart, LOG_INT);
    if (!interrupt) /* it has been counted already */
        event.now.n--;
    event.interrupt = interrupt;
    event.cause = cause;
    event.tval = tval;
    event.to = to;
    put(hart->engine, &event);
}

void log_mmu(const struct hart *hart, uint64_t vaddr, enum access_kind kind, enum tlb_view view, enum cause cause,
             uint64_t paddr, unsigned kinds)
{
    struct log_event event = event_of(hart, LOG_MMU);
    event.priv = view == VIEW_U ? PRIV_U : PRIV_S;
    event.vaddr = vaddr;
    event.paddr = paddr;
    event.access = kind;
    event.kinds = kinds;
    event.fault = cause != CAUSE_NONE;
    event.cause = cause;
    put(hart->engine, &event);
}

/* ---- names (privileged specification, tables of mcause) ---- */

static const char *const exceptions[] = {
    [CAUSE_FETCH_MISALIGNED] = "instruction address misaligned",
    [CAUSE_FETCH_ACCESS] = "instruction access fault",
    [CAUSE_ILLEGAL] = "illegal instruction",
    [CAUSE_BREAKPOINT] = "breakpoint",
    [CAUSE_LOAD_MISALIGNED] = "load address misaligned",
    [CAUSE_LOAD_ACCESS] = "load access fault",
    [CAUSE_STORE_MISALIGNED] = "store/AMO address misaligned",
    [CAUSE_STORE_ACCESS] = "store/AMO access fault",
    [CAUSE_ECALL_U] = "environment call from U-mode",
    [CAUSE_ECALL_U + PRIV_S] = "environment call from S-mode",
    [CAUSE_ECALL_U + PRIV_M] = "environment call from M-mode",
    [CAUSE_FETCH_PAGE] = "instruction page fault",
    [CAUSE_LOAD_PAGE] = "load page fault",
    [CAUSE_STORE_PAGE] = "store/AMO page fault",
};

static const char *const interrupts[] = {
    [1] = "supervisor software interrupt", [3] = "machine software interrupt",    [5] = "supervisor timer interrupt",
    [7] = "machine timer interrupt",       [9] = "supervisor external interrupt", [11] = "machine external interrupt",
};

const char *engine_cause_name(uint64_t cause, bool interrupt)
{
    const char *const *names = interrupt ? interrupts : exceptions;
    size_t count = interrupt ? sizeof interrupts / sizeof interrupts[0] : sizeof exceptions / sizeof exceptions[0];
    return cause < count && names[cause] ? names[cause] : "unknown cause";
}

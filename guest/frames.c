/* Call frames of a task in the kernel. Each function's code says where it has left what its caller needs (unwind.h).
 * Where that is not known, frame pointers are followed, which a kernel for riscv has as a rule: the two words below
 * where s0 points are the caller's s0 and the return address (RISC-V ELF psABI, "Frame Pointer Convention"). The entry
 * code calls with sp at the registers that it has saved (arch/riscv/kernel/entry.S).
 */
#include <string.h>

#include "entry.h"
#include "kernel.h"

struct walker {
    const struct guest_kernel *kernel;
    unsigned hart;
    uint64_t pc, sp, fp;
    uint64_t ra;    /* good in the innermost frame only */
    bool innermost; /* what stands at pc has not been done; else pc is behind a call */
    bool running;   /* nothing has been left yet: the hart's registers are of this frame */
};

/* Kernels live in the upper half. */
static bool is_kernel_address(uint64_t vaddr) { return vaddr >> 63 != 0; }

/* Where the stack of a thread of the kernel begins, words lie that are no frame and may look like one. What the symbols
 * do not know may be a module. */
static bool is_call(const struct walker *walker)
{
    const struct guest_symbols *symbols = &walker->kernel->symbols;
    size_t index;
    if (!is_kernel_address(walker->pc))
        return false;
    return !guest_symbols_at(symbols, walker->pc, &index) || strchr("dDbBrR", symbols->rows[index].type) == NULL;
}

static enum entry_kind kind_here(const struct walker *walker)
{
    const struct guest_symbols *symbols = &walker->kernel->symbols;
    size_t index;
    return guest_symbols_at(symbols, walker->pc, &index) ? entry_kind(symbols, index) : ENTRY_NONE;
}

static bool load(const struct walker *walker, uint64_t vaddr, uint64_t *value)
{
    return is_kernel_address(vaddr) && vaddr % 8 == 0 && kernel_u64(walker->kernel, walker->hart, vaddr, value);
}

/* From what the entry code has called to what was interrupted, if that was the kernel: it may have been anywhere in its
 * function. */
static bool step_over_trap(struct walker *walker)
{
    const uint32_t *offsets = walker->kernel->offsets;
    uint64_t regs = walker->sp;

    walker->innermost = true;
    return load(walker, regs + offsets[REGS_EPC], &walker->pc) && load(walker, regs + offsets[REGS_RA], &walker->ra) &&
           load(walker, regs + offsets[REGS_SP], &walker->sp) && load(walker, regs + offsets[REGS_S0], &walker->fp) &&
           is_call(walker);
}

/* The code of the function that holds the byte at vaddr, from its start to there, in the unwinder's room; false when it
 * is not known, or not there. */
static bool load_code(const struct walker *walker, uint64_t vaddr, size_t *offset, size_t *size_bytes)
{
    const struct guest_symbols *symbols = &walker->kernel->symbols;
    size_t index;

    if (!guest_symbols_code_at(symbols, vaddr, &index))
        return false;
    uint64_t start = symbols->rows[index].vaddr;
    *offset = vaddr - start;
    *size_bytes = *offset + sizeof(uint32_t);
    return start % 2 == 0 && *size_bytes <= UNWIND_BYTES_MOST &&
           kernel_load(walker->kernel, walker->hart, start, unwind_room(walker->kernel->unwinder), *size_bytes);
}

/* The rule at pc. */
static bool find_rule(const struct walker *walker, struct unwind_rule *rule)
{
    struct unwinder *unwinder = walker->kernel->unwinder;
    size_t offset, size;

    if (!load_code(walker, walker->pc - !walker->innermost, &offset, &size))
        return false;
    *rule = *unwind_to(unwinder, unwind_room(unwinder), size, offset);
    return true;
}

/* A register of what was interrupted, while the entry code is at work on it. */
static bool find_saved(const struct walker *walker, unsigned index, uint64_t *value)
{
    const struct hart_state *state = engine_hart(walker->kernel->engine, walker->hart);
    struct place place = saves_place(walker->kernel->saves, index);

    switch (place.kind) {
    case PLACE_MEMORY:
        return load(walker, state->x[place.base] + (uint64_t)(int64_t)place.offset, value);
    case PLACE_REGISTER:
        *value = state->x[place.base];
        return true;
    case PLACE_SEPC:
        *value = state->sepc;
        return true;
    default:
        return false;
    }
}

/* From the entry code itself to what it interrupts. */
static bool step_out_of_entry(struct walker *walker, enum entry_kind kind)
{
    struct saves *saves = walker->kernel->saves;
    struct unwinder *unwinder = walker->kernel->unwinder;
    size_t offset, size;

    if (!walker->running || !load_code(walker, walker->pc, &offset, &size))
        return false;
    walker->running = false;
    saves_begin(saves, unwind_room(unwinder), size, kind == ENTRY_HAS_SAVED);
    while (unwind_at(unwinder) < offset && saves_step(saves))
        ;
    return find_saved(walker, SAVES_PC, &walker->pc) && find_saved(walker, RA, &walker->ra) &&
           find_saved(walker, SP, &walker->sp) && find_saved(walker, FP, &walker->fp) && is_call(walker);
}

/* One call outwards by the function's code. */
static bool step_by_rule(struct walker *walker)
{
    struct unwind_rule rule;
    uint64_t pc = walker->ra, fp = walker->fp;

    if (!find_rule(walker, &rule) || (rule.saved[UNWIND_RA] == 0 && !walker->innermost) ||
        (rule.fp == UNWIND_UNKNOWN && rule.sp == UNWIND_UNKNOWN))
        return false;
    uint64_t begin =
        rule.fp != UNWIND_UNKNOWN ? walker->fp + (uint64_t)(int64_t)rule.fp : walker->sp + (uint64_t)(int64_t)rule.sp;
    if ((rule.saved[UNWIND_RA] != 0 && !load(walker, begin - (uint64_t)rule.saved[UNWIND_RA], &pc)) ||
        (rule.saved[UNWIND_S0] != 0 && !load(walker, begin - (uint64_t)rule.saved[UNWIND_S0], &fp)))
        return false;
    walker->pc = pc;
    walker->fp = fp;
    walker->sp = begin;
    return true;
}

static bool step_by_frame_pointer(struct walker *walker)
{
    uint64_t begin = walker->fp;
    walker->sp = begin;
    return load(walker, begin - 8, &walker->pc) && load(walker, begin - 16, &walker->fp);
}

/* One call outwards; false at the end. */
static bool step(struct walker *walker)
{
    enum entry_kind kind = kind_here(walker);
    if (kind == ENTRY_OUTERMOST)
        return false;
    if (kind != ENTRY_NONE)
        return walker->innermost ? step_out_of_entry(walker, kind) : step_over_trap(walker);
    bool done = step_by_rule(walker) || step_by_frame_pointer(walker);
    walker->innermost = walker->running = false;
    return done && is_call(walker);
}

/* Where a task that does not run has left off: in the kernel's __switch_to, or where it will begin. */
static bool start_asleep(struct walker *walker, uint64_t task)
{
    const uint32_t *offsets = walker->kernel->offsets;
    uint64_t thread = task + offsets[TASK_THREAD];

    walker->innermost = true;
    return kernel_u64(walker->kernel, walker->hart, thread + offsets[THREAD_RA], &walker->pc) &&
           kernel_u64(walker->kernel, walker->hart, thread + offsets[THREAD_SP], &walker->sp) &&
           kernel_u64(walker->kernel, walker->hart, thread + offsets[THREAD_S], &walker->fp);
}

/* The firmware has registers of its own, but mostly leaves s0 as it was. */
static void start_running(struct walker *walker)
{
    const struct hart_state *state = engine_hart(walker->kernel->engine, walker->hart);
    walker->innermost = walker->running = state->priv == PRIV_S;
    walker->pc = state->priv == PRIV_M ? state->mepc : state->pc;
    walker->sp = walker->innermost ? state->x[SP] : 0;
    walker->fp = state->x[FP];
    walker->ra = state->x[RA];
}

err_t guest_frames(const struct guest_kernel *kernel, unsigned hart, uint64_t task, uint64_t *pcs, size_t capacity,
                   size_t *count)
{
    struct walker walker = {.kernel = kernel, .hart = hart};
    struct guest_task current;

    *count = 0;
    TRY(kernel_tasks(kernel, hart));
    if (!err_is(guest_current(kernel, hart, &current)) && current.vaddr == task)
        start_running(&walker);
    else if (!start_asleep(&walker, task))
        return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"), "no task at 0x%llx at this mark",
                          (unsigned long long)task);
    for (bool more = is_kernel_address(walker.pc); more && *count < capacity; more = step(&walker))
        pcs[(*count)++] = walker.pc;
    return err_ok();
}

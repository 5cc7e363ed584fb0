/* Call frames of a task in the kernel, by its frame pointers (the kernel for riscv is built with them): the two words
 * below where s0 points are the caller's s0 and the return address (RISC-V ELF psABI, "Frame Pointer Convention"). The
 * entry code has no frame: what it calls lies right below the registers that it has saved (arch/riscv/kernel/entry.S).
 */
#include <string.h>

#include "kernel.h"

enum { RA = 1, FP = 8 };

struct walker {
    const struct guest_kernel *kernel;
    unsigned hart;
    uint64_t pc, fp, ra;
    uint64_t inner_fp; /* of the frame that pc returns from; 0: it is the innermost one */
    bool innermost;    /* ra is the register's */
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

static bool is_at_entry(const struct walker *walker)
{
    size_t index;
    return guest_symbols_at(&walker->kernel->symbols, walker->pc, &index) &&
           walker->kernel->symbols.rows[index].vaddr == walker->pc;
}

static bool is_entry_code(const struct walker *walker)
{
    const struct guest_symbols *symbols = &walker->kernel->symbols;
    size_t index;
    if (!guest_symbols_at(symbols, walker->pc, &index))
        return false;
    const char *name = guest_symbol_name(symbols, index);
    return strcmp(name, "handle_exception") == 0 || strcmp(name, "ret_from_exception") == 0;
}

/* From the entry code to what was interrupted, if that was the kernel: it may have been anywhere in its function. */
static bool step_over_trap(struct walker *walker)
{
    const uint32_t *offsets = walker->kernel->offsets;
    uint64_t regs = walker->inner_fp;

    walker->inner_fp = 0;
    walker->innermost = true;
    return kernel_u64(walker->kernel, walker->hart, regs + offsets[REGS_EPC], &walker->pc) &&
           kernel_u64(walker->kernel, walker->hart, regs + offsets[REGS_RA], &walker->ra) &&
           kernel_u64(walker->kernel, walker->hart, regs + offsets[REGS_S0], &walker->fp) && is_call(walker);
}

/* One call outwards; false at the end. A function that calls no other may have saved s0 only, where ra would be. */
static bool step(struct walker *walker)
{
    uint64_t ra, fp;
    bool innermost = walker->innermost;

    if (walker->inner_fp != 0 && is_entry_code(walker))
        return step_over_trap(walker);
    walker->innermost = false;
    if (innermost && is_at_entry(walker)) {
        walker->pc = walker->ra;
        return is_call(walker);
    }
    if (!is_kernel_address(walker->fp) || walker->fp % 8 != 0 ||
        !kernel_u64(walker->kernel, walker->hart, walker->fp - 8, &ra) ||
        !kernel_u64(walker->kernel, walker->hart, walker->fp - 16, &fp))
        return false;
    bool leaf = innermost && ra > walker->fp && ra - walker->fp < PAGE_BYTES * 4;
    walker->inner_fp = walker->fp;
    walker->pc = leaf ? walker->ra : ra;
    walker->fp = leaf ? ra : fp;
    return is_call(walker);
}

/* Where a task that does not run has left off: in the kernel's __switch_to. */
static bool start_asleep(struct walker *walker, uint64_t task)
{
    const uint32_t *offsets = walker->kernel->offsets;
    uint64_t thread = task + offsets[TASK_THREAD];
    return kernel_u64(walker->kernel, walker->hart, thread + offsets[THREAD_RA], &walker->pc) &&
           kernel_u64(walker->kernel, walker->hart, thread + offsets[THREAD_S], &walker->fp);
}

static void start_running(struct walker *walker)
{
    const struct hart_state *state = engine_hart(walker->kernel->engine, walker->hart);
    walker->pc = state->priv == PRIV_M ? state->mepc : state->pc;
    walker->fp = state->x[FP];
    walker->ra = state->x[RA];
    walker->innermost = state->priv == PRIV_S;
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

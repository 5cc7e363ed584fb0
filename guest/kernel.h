/* kernel: what tasks.c and frames.c know of the kernel. Inner header of guest/. */
#ifndef DEJA_GUEST_KERNEL_H
#define DEJA_GUEST_KERNEL_H

#include "btf.h"
#include "bytes.h"
#include "guest.h"
#include "saves.h"

/* Members of the kernel's structures; their names are in kernel_fields[]. */
enum kernel_field {
    TASK_TASKS,
    TASK_PID,
    TASK_TGID,
    TASK_COMM,
    TASK_STATE,
    TASK_EXIT_STATE,
    TASK_MM,
    TASK_SIGNAL,
    TASK_THREAD_NODE,
    TASK_THREAD,
    THREAD_RA,
    THREAD_SP,
    THREAD_S,
    REGS_EPC,
    REGS_RA,
    REGS_SP,
    REGS_S0,
    SIGNAL_THREAD_HEAD,
    RQ_CURR,
    KERNEL_FIELDS
};
extern const struct btf_wish kernel_fields[KERNEL_FIELDS];

struct guest_kernel {
    struct engine *engine; /* borrowed */
    struct guest_symbols symbols;
    struct unwinder *unwinder; /* for frames.c, as saves */
    struct saves *saves;
    err_t tasks; /* why nothing is known of them: kernel_tasks() */
    uint32_t offsets[KERNEL_FIELDS];
    uint64_t init_task, runqueues, per_cpu_offset, hart_ids; /* addresses; the latter two may be 0: there is none */
};

/* Why nothing is known of its tasks, or not at this mark: the kernel was found at another. */
NODISCARD err_t kernel_tasks(const struct guest_kernel *kernel, unsigned hart);

/* Kernel memory as the hart's supervisor sees it; false when a part of it is no RAM. */
bool kernel_load(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, void *bytes, size_t size_bytes);
bool kernel_u64(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, uint64_t *value);
bool kernel_u32(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, uint32_t *value);

#endif

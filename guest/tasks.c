/* Tasks: the scheduler's and the list of all, include/linux/sched.h of the kernel's sources. */
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

enum { TASKS_MAX = 1 << 16, STEPS_MAX = 1 << 18, COMM_BYTES = 16 };

/* Bits of the state (TASK_UNINTERRUPTIBLE and so on), from the lowest. */
static const char letters[] = "RSDTtXZP";
enum { STATE_REPORTED = 0x7f, STATE_IDLE = 0x402 };

static char letter(uint32_t state, uint32_t exit_state)
{
    unsigned bits = (state | exit_state) & STATE_REPORTED, highest = 0;
    if ((state & STATE_IDLE) == STATE_IDLE)
        return 'I';
    for (; bits != 0; bits >>= 1)
        highest++;
    return letters[highest];
}

/* A name is the guest's, and goes to a terminal. */
static void make_plain(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text >= 0x7f)
            *text = '?';
}

static bool read_task(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, struct guest_task *task)
{
    const uint32_t *offsets = kernel->offsets;
    uint32_t pid, tgid, state, exit_state;
    uint64_t mm;

    *task = (struct guest_task){.vaddr = vaddr};
    if (!kernel_u32(kernel, hart, vaddr + offsets[TASK_PID], &pid) ||
        !kernel_u32(kernel, hart, vaddr + offsets[TASK_TGID], &tgid) ||
        !kernel_u32(kernel, hart, vaddr + offsets[TASK_STATE], &state) ||
        !kernel_u32(kernel, hart, vaddr + offsets[TASK_EXIT_STATE], &exit_state) ||
        !kernel_u64(kernel, hart, vaddr + offsets[TASK_MM], &mm) ||
        !kernel_load(kernel, hart, vaddr + offsets[TASK_COMM], task->comm, COMM_BYTES))
        return false;
    task->pid = (int32_t)pid;
    task->tgid = (int32_t)tgid;
    task->state = letter(state, exit_state);
    task->of_kernel = mm == 0 && exit_state == 0;
    make_plain(task->comm);
    return true;
}

static err_t lost(uint64_t vaddr)
{
    if (vaddr == 0)
        return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"),
                          "none runs yet at this mark; seek a later one");
    return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"),
                      "no task at 0x%llx at this mark; seek one when the kernel is up", (unsigned long long)vaddr);
}

/* ---- the running one --------------------------------------------------------------------------------------------- */

/* The kernel numbers processors in its own way. */
static bool find_cpu(const struct guest_kernel *kernel, unsigned hart, unsigned *cpu)
{
    uint64_t id;
    for (*cpu = 0; *cpu < HARTS_MAX && kernel->hart_ids != 0; ++*cpu)
        if (kernel_u64(kernel, hart, kernel->hart_ids + 8 * (uint64_t)*cpu, &id) && id == hart)
            return true;
    *cpu = 0;
    return kernel->hart_ids == 0;
}

err_t guest_current(const struct guest_kernel *kernel, unsigned hart, struct guest_task *task)
{
    uint64_t offset = 0, vaddr = 0;
    unsigned cpu;

    TRY(kernel_tasks(kernel, hart));
    if (!find_cpu(kernel, hart, &cpu) ||
        (kernel->per_cpu_offset != 0 &&
         !kernel_u64(kernel, hart, kernel->per_cpu_offset + 8 * (uint64_t)cpu, &offset)) ||
        !kernel_u64(kernel, hart, kernel->runqueues + offset + kernel->offsets[RQ_CURR], &vaddr) || vaddr == 0 ||
        !read_task(kernel, hart, vaddr, task))
        return lost(vaddr);
    return err_ok();
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

struct list {
    const struct guest_kernel *kernel;
    unsigned hart;
    struct guest_task *tasks;
    size_t count, capacity;
    unsigned steps; /* from link to link: a ring that was made to have no end has one here */
};

static err_t endless(void)
{
    return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"), "their list has no end at this mark");
}

/* Follows a link. */
static err_t follow(struct list *list, uint64_t *node)
{
    if (list->steps++ == STEPS_MAX)
        return endless();
    return kernel_u64(list->kernel, list->hart, *node, node) ? err_ok() : lost(*node);
}

static err_t add(struct list *list, uint64_t vaddr)
{
    if (list->count == TASKS_MAX)
        return endless();
    if (list->count == list->capacity) {
        size_t capacity = list->capacity != 0 ? 2 * list->capacity : 64;
        struct guest_task *tasks = realloc(list->tasks, capacity * sizeof *tasks);
        if (tasks == NULL)
            return err_make(ERR_NO_MEMORY, "the kernel's tasks");
        list->tasks = tasks;
        list->capacity = capacity;
    }
    return read_task(list->kernel, list->hart, vaddr, &list->tasks[list->count++]) ? err_ok() : lost(vaddr);
}

/* The other threads of a process: a ring of thread_node through its signal_struct. */
static err_t add_threads(struct list *list, uint64_t leader)
{
    const struct guest_kernel *kernel = list->kernel;
    uint64_t signal, node, head;

    if (!kernel_u64(kernel, list->hart, leader + kernel->offsets[TASK_SIGNAL], &signal))
        return lost(leader);
    head = signal + kernel->offsets[SIGNAL_THREAD_HEAD];
    for (node = head;;) {
        TRY(follow(list, &node));
        if (node == head)
            return err_ok();
        if (node - kernel->offsets[TASK_THREAD_NODE] != leader)
            TRY(add(list, node - kernel->offsets[TASK_THREAD_NODE]));
    }
}

/* Process by process: a ring of tasks through init_task, which is not listed itself. */
static err_t add_all(struct list *list)
{
    const struct guest_kernel *kernel = list->kernel;
    uint64_t head = kernel->init_task + kernel->offsets[TASK_TASKS], node = head;

    for (;;) {
        TRY(follow(list, &node));
        if (node == head)
            return err_ok();
        TRY(add(list, node - kernel->offsets[TASK_TASKS]));
        TRY(add_threads(list, node - kernel->offsets[TASK_TASKS]));
    }
}

err_t guest_tasks(const struct guest_kernel *kernel, unsigned hart, struct guest_task **tasks, size_t *count)
{
    struct list list = {.kernel = kernel, .hart = hart};
    err_t error = kernel_tasks(kernel, hart);

    if (!err_is(error))
        error = add_all(&list);
    if (err_is(error)) {
        free(list.tasks);
        return error;
    }
    *tasks = list.tasks;
    *count = list.count;
    return err_ok();
}

/* fake_kernel: a Linux kernel that fake_timeline.h has in its memory from some mark on, in place of guest/. */
#ifndef DEJA_TEST_FAKE_KERNEL_H
#define DEJA_TEST_FAKE_KERNEL_H

#include "guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_TASKS = 800, FAKE_FRAMES = 70 };
#define FAKE_KERNEL UINT64_C(0xffffffff80000000)

static struct {
    bool there;    /* else something else turns page tables on */
    uint64_t from; /* the mark from which on they are on; 0: never */
    unsigned looks;
    struct guest_task running, tasks[FAKE_TASKS];
    size_t ntasks;
    uint64_t pcs[FAKE_FRAMES]; /* where all tasks are */
    size_t npcs;
} fake_kernel;

struct guest_kernel {
    struct guest_symbols symbols;
};

static inline struct guest_task fake_task(int32_t pid, int32_t tgid, char state, const char *comm)
{
    struct guest_task task = {.vaddr = FAKE_KERNEL + (uint64_t)pid * 0x1000, .pid = pid, .tgid = tgid, .state = state};
    task.of_kernel = pid == 2;
    snprintf(task.comm, sizeof task.comm, "%s", comm);
    return task;
}

/* Up from mark 200 on: init, a thread of the kernel, and a process with two threads, of which the second runs. */
static inline void fake_kernel_boot(void)
{
    memset(&fake_kernel, 0, sizeof fake_kernel);
    for (unsigned hart = 0; hart < HARTS_MAX; hart++)
        fake.harts[hart].stvec = FAKE_KERNEL;
    fake_kernel.there = true;
    fake_kernel.from = 200;
    fake_kernel.tasks[0] = fake_task(1, 1, 'S', "init");
    fake_kernel.tasks[1] = fake_task(2, 2, 'I', "kthreadd");
    fake_kernel.tasks[2] = fake_task(71, 71, 'D', "crash");
    fake_kernel.tasks[3] = fake_task(72, 71, 'R', "crash");
    fake_kernel.ntasks = 4;
    fake_kernel.running = fake_kernel.tasks[3];
    fake_kernel.npcs = 3;
    fake_kernel.pcs[0] = FAKE_KERNEL + 0x100; /* the first instruction of a function */
    fake_kernel.pcs[1] = FAKE_KERNEL + 0x200; /* the first behind one that never returns */
    fake_kernel.pcs[2] = FAKE_KERNEL + 0x310; /* in data */
}

bool guest_is_paging(struct engine *engine, unsigned hart)
{
    check(hart < engine_nharts(engine));
    return fake_kernel.from != 0 && fake.now >= fake_kernel.from;
}

static err_t fake_kernel_up(const char *subject)
{
    return guest_is_paging((struct engine *)&fake, 0)
               ? err_ok()
               : err_detail(err_make(ERR_UNAVAILABLE, "%s", subject), "not up; seek a later mark");
}

err_t guest_kernel_open(struct engine *engine, unsigned hart, struct guest_kernel **kernel)
{
    static struct guest_symbol rows[] = {
        {FAKE_KERNEL + 0x100, 0, 'T'}, {FAKE_KERNEL + 0x200, 11, 't'}, {FAKE_KERNEL + 0x300, 15, 'D'}};
    static char names[] = "do_a_thing\0end\0data";
    fake_kernel.looks++;
    TRY(fake_kernel_up("kernel symbols"));
    if (!fake_kernel.there || hart >= engine_nharts(engine))
        return err_detail(err_make(ERR_UNAVAILABLE, "kernel symbols"), "none; do without");
    *kernel = calloc(1, sizeof **kernel);
    check(*kernel);
    (*kernel)->symbols = (struct guest_symbols){rows, 3, names, sizeof names};
    return err_ok();
}

void guest_kernel_close(struct guest_kernel *kernel) { free(kernel); }

const struct guest_symbols *guest_kernel_symbols(const struct guest_kernel *kernel) { return &kernel->symbols; }

err_t guest_current(const struct guest_kernel *kernel, unsigned hart, struct guest_task *task)
{
    check(kernel != NULL && hart < fake.nharts);
    TRY(fake_kernel_up("the kernel's tasks"));
    *task = fake_kernel.running;
    return err_ok();
}

err_t guest_tasks(const struct guest_kernel *kernel, unsigned hart, struct guest_task **tasks, size_t *count)
{
    check(kernel != NULL && hart < fake.nharts);
    TRY(fake_kernel_up("the kernel's tasks"));
    *tasks = calloc(fake_kernel.ntasks + 1, sizeof **tasks);
    check(*tasks);
    memcpy(*tasks, fake_kernel.tasks, fake_kernel.ntasks * sizeof **tasks);
    *count = fake_kernel.ntasks;
    return err_ok();
}

err_t guest_frames(const struct guest_kernel *kernel, unsigned hart, uint64_t task, uint64_t *pcs, size_t capacity,
                   size_t *count)
{
    check(kernel != NULL && hart < fake.nharts && task != 0);
    TRY(fake_kernel_up("the kernel's tasks"));
    for (*count = 0; *count < capacity && *count < fake_kernel.npcs; ++*count)
        pcs[*count] = fake_kernel.pcs[*count];
    return err_ok();
}

#endif

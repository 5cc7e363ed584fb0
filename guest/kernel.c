/* The kernel as it runs: its symbols, and where its structures keep what people ask for. */
#include "kernel.h"

#include <stdlib.h>
#include <string.h>

const struct btf_wish kernel_fields[KERNEL_FIELDS] = {
    [TASK_TASKS] = {"task_struct", "tasks", NULL},
    [TASK_PID] = {"task_struct", "pid", NULL},
    [TASK_TGID] = {"task_struct", "tgid", NULL},
    [TASK_COMM] = {"task_struct", "comm", NULL},
    [TASK_STATE] = {"task_struct", "__state", "state"}, /* renamed in 5.14 */
    [TASK_EXIT_STATE] = {"task_struct", "exit_state", NULL},
    [TASK_MM] = {"task_struct", "mm", NULL},
    [TASK_SIGNAL] = {"task_struct", "signal", NULL},
    [TASK_THREAD_NODE] = {"task_struct", "thread_node", NULL},
    [TASK_THREAD] = {"task_struct", "thread", NULL},
    [THREAD_RA] = {"thread_struct", "ra", NULL},
    [THREAD_SP] = {"thread_struct", "sp", NULL},
    [THREAD_S] = {"thread_struct", "s", NULL},
    [REGS_EPC] = {"pt_regs", "epc", NULL},
    [REGS_RA] = {"pt_regs", "ra", NULL},
    [REGS_SP] = {"pt_regs", "sp", NULL},
    [REGS_S0] = {"pt_regs", "s0", NULL},
    [SIGNAL_THREAD_HEAD] = {"signal_struct", "thread_head", NULL},
    [RQ_CURR] = {"rq", "curr", NULL},
};

static err_t unknown(const char *why)
{
    return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"), "%s; use gdb with its vmlinux", why);
}

/* The bytes from one symbol to another, both in the image. */
static const uint8_t *between(const struct guest_kernel *kernel, const struct guest_image *image, const char *from,
                              const char *to, size_t *size_bytes)
{
    uint64_t start, end;
    if (!guest_symbols_find(&kernel->symbols, from, &start) || !guest_symbols_find(&kernel->symbols, to, &end))
        return NULL;
    start -= image->vaddr;
    end -= image->vaddr;
    if (end > image->size_bytes || start > end)
        return NULL;
    *size_bytes = (size_t)(end - start);
    return image->bytes + start;
}

static err_t read_types(struct guest_kernel *kernel, const struct guest_image *image)
{
    size_t size_bytes = 0;
    const uint8_t *btf = between(kernel, image, "__start_BTF", "__stop_BTF", &size_bytes);

    if (!guest_symbols_find(&kernel->symbols, "init_task", &kernel->init_task) ||
        !guest_symbols_find(&kernel->symbols, "runqueues", &kernel->runqueues))
        return unknown("it does not name its data (CONFIG_KALLSYMS_ALL)");
    if (btf == NULL)
        return unknown("it does not describe its types (CONFIG_DEBUG_INFO_BTF)");
    err_t error = btf_offsets(btf, size_bytes, kernel_fields, KERNEL_FIELDS, kernel->offsets);
    if (err_is(error))
        return error.code == ERR_NO_MEMORY ? error : unknown("its description of its types is damaged");
    for (size_t i = 0; i < KERNEL_FIELDS; i++)
        if (kernel->offsets[i] == UINT32_MAX)
            return unknown("its structures are not those that are known");
    /* neither is there in a kernel for one processor */
    if (!guest_symbols_find(&kernel->symbols, "__per_cpu_offset", &kernel->per_cpu_offset))
        kernel->per_cpu_offset = 0;
    if (!guest_symbols_find(&kernel->symbols, "__cpuid_to_hartid_map", &kernel->hart_ids))
        kernel->hart_ids = 0;
    return err_ok();
}

err_t guest_kernel_open(struct engine *engine, unsigned hart, struct guest_kernel **kernel)
{
    struct guest_image image;
    struct guest_kernel *made;
    err_t error;

    TRY(guest_image_find(engine, hart, &image));
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return err_make(ERR_NO_MEMORY, "kernel symbols");
    made->engine = engine;
    made->unwinder = unwinder_new();
    made->saves = saves_new(made->unwinder);
    error = made->unwinder != NULL && made->saves != NULL ? guest_symbols_read(&image, &made->symbols)
                                                          : err_make(ERR_NO_MEMORY, "kernel symbols");
    if (err_is(error)) {
        guest_kernel_close(made);
        return error;
    }
    made->tasks = read_types(made, &image);
    *kernel = made;
    return err_ok();
}

void guest_kernel_close(struct guest_kernel *kernel)
{
    if (kernel == NULL)
        return;
    guest_symbols_free(&kernel->symbols);
    saves_free(kernel->saves);
    unwinder_free(kernel->unwinder);
    free(kernel);
}

const struct guest_symbols *guest_kernel_symbols(const struct guest_kernel *kernel) { return &kernel->symbols; }

err_t kernel_tasks(const struct guest_kernel *kernel, unsigned hart)
{
    if (err_is(kernel->tasks) || guest_is_paging(kernel->engine, hart))
        return kernel->tasks;
    return err_detail(err_make(ERR_UNAVAILABLE, "the kernel's tasks"),
                      "it has not turned its page tables on yet at this mark; seek a later one");
}

bool kernel_load(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, void *bytes, size_t size_bytes)
{
    uint8_t *to = bytes;
    while (size_bytes > 0) {
        size_t piece = PAGE_BYTES - vaddr % PAGE_BYTES;
        uint64_t paddr;
        if (piece > size_bytes)
            piece = size_bytes;
        if (!engine_translate_supervisor(kernel->engine, hart, vaddr, &paddr) ||
            !engine_ram_load(kernel->engine, paddr, to, piece))
            return false;
        vaddr += piece;
        to += piece;
        size_bytes -= piece;
    }
    return true;
}

bool kernel_u64(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, uint64_t *value)
{
    uint8_t bytes[8];
    if (!kernel_load(kernel, hart, vaddr, bytes, sizeof bytes))
        return false;
    *value = bytes_u64(bytes);
    return true;
}

bool kernel_u32(const struct guest_kernel *kernel, unsigned hart, uint64_t vaddr, uint32_t *value)
{
    uint8_t bytes[4];
    if (!kernel_load(kernel, hart, vaddr, bytes, sizeof bytes))
        return false;
    *value = bytes_u32(bytes);
    return true;
}

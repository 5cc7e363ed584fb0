/* guest: what a Linux kernel in the machine's memory says of itself.
 *
 * Pure: bytes in, answers out. The memory is a guest's and may hold anything: every offset is checked, and looking
 * costs time in proportion to what is looked at.
 */
#ifndef DEJA_GUEST_H
#define DEJA_GUEST_H

#include "../engine/engine.h"
#include "../icount/icount.h"

/* ---- the image: where the kernel lies ----------------------------------------------------------------------------- */

/* A stretch of physical memory that the kernel sees in one piece. Borrowed from RAM: good while the machine stands. */
struct guest_image {
    const uint8_t *bytes;
    size_t size_bytes;
    uint64_t vaddr;  /* where the kernel sees bytes[0] */
    uint64_t anchor; /* an address inside: the hart's trap handler */
};

/* Whether the hart has page tables: without them there is no kernel, or not yet. */
bool guest_is_paging(struct engine *engine, unsigned hart);

/* Follows the hart's stvec through its page tables. ERR_UNAVAILABLE: no kernel has mapped itself (yet). */
NODISCARD err_t guest_image_find(struct engine *engine, unsigned hart, struct guest_image *image);

/* ---- its symbols ---------------------------------------------------------------------------------------------------- */

struct guest_symbol {
    uint64_t vaddr; /* at run time */
    uint32_t name;  /* offset into the names */
    char type;      /* as nm prints it: T text, d local data, ... */
};

struct guest_symbols {
    struct guest_symbol *rows; /* by ascending address */
    size_t count;
    char *names;
    size_t names_bytes;
};

/* Reads the kernel's own table (CONFIG_KALLSYMS), wherever it is in the image, in any of its layouts from 4.15 to 7.x.
 * ERR_UNAVAILABLE says why there are none, ERR_NO_MEMORY. */
NODISCARD err_t guest_symbols_read(const struct guest_image *image, struct guest_symbols *symbols);
void guest_symbols_free(struct guest_symbols *symbols);

const char *guest_symbol_name(const struct guest_symbols *symbols, size_t index);

/* Whether it names code, by its type. */
bool guest_symbol_is_code(const struct guest_symbols *symbols, size_t index);

/* The address of a symbol; false: there is none of this name. */
bool guest_symbols_find(const struct guest_symbols *symbols, const char *name, uint64_t *vaddr);

/* The first symbol at the address, or the last before it; false when all lie behind it. */
bool guest_symbols_at(const struct guest_symbols *symbols, uint64_t vaddr, size_t *index);

/* Whether it names the beginning or the end of a part of the kernel (__irqentry_text_end), and another symbol at its
 * address what is there. */
bool guest_symbol_is_border(const struct guest_symbols *symbols, size_t index);

/* The first symbol of the code that holds the address, but for borders; false: no code is known to be there. */
bool guest_symbols_code_at(const struct guest_symbols *symbols, uint64_t vaddr, size_t *index);

/* Makes an ELF for gdb and its kin: the symbols, and how to unwind the code that is in the image; malloc'ed.
 * ERR_NO_MEMORY. */
NODISCARD err_t guest_symbols_elf(const struct guest_symbols *symbols, const struct guest_image *image, uint8_t **bytes,
                                  size_t *size_bytes);

/* ---- its tasks ------------------------------------------------------------------------------------------------------ */

/* The symbols, and where the kernel's structures keep what is asked for (CONFIG_DEBUG_INFO_BTF). */
struct guest_kernel;

/* Looks for a kernel as `hart` sees it now; what is found stays true while the machine goes on and back. The engine is
 * borrowed. ERR_UNAVAILABLE, ERR_NO_MEMORY. */
NODISCARD err_t guest_kernel_open(struct engine *engine, unsigned hart, struct guest_kernel **kernel);
void guest_kernel_close(struct guest_kernel *kernel);
const struct guest_symbols *guest_kernel_symbols(const struct guest_kernel *kernel);

enum { GUEST_COMM_BYTES = 17 };

struct guest_task {
    uint64_t vaddr;
    int32_t pid, tgid; /* of the thread, of its process */
    char state;        /* as ps prints it: R, S, D, ... */
    bool of_kernel;    /* a thread of the kernel itself */
    char comm[GUEST_COMM_BYTES];
};

/* The task that the hart runs, as the scheduler has it. ERR_UNAVAILABLE says why that is not known. */
NODISCARD err_t guest_current(const struct guest_kernel *kernel, unsigned hart, struct guest_task *task);

/* All processes, each followed by its other threads; malloc'ed. ERR_UNAVAILABLE, ERR_NO_MEMORY. */
NODISCARD err_t guest_tasks(const struct guest_kernel *kernel, unsigned hart, struct guest_task **tasks, size_t *count);

/* Where a task is in the kernel: addresses of code, the innermost first. None when it runs in user mode. */
NODISCARD err_t guest_frames(const struct guest_kernel *kernel, unsigned hart, uint64_t task, uint64_t *pcs,
                             size_t capacity, size_t *count);

#endif

/* entry: the kernel's code that functions do not call, by its names (arch/riscv/kernel/entry.S, head.S). Inner header
 * of guest/. */
#ifndef DEJA_GUEST_ENTRY_H
#define DEJA_GUEST_ENTRY_H

#include "guest.h"

enum entry_kind {
    ENTRY_NONE,      /* a function */
    ENTRY_SAVES,     /* where traps go: saves the registers as struct pt_regs at sp, and calls with sp there */
    ENTRY_HAS_SAVED, /* the way back from there */
    ENTRY_OUTERMOST, /* nothing has called it: a thread begins there */
};

/* What the symbol at `index` is, or another one at its address. */
enum entry_kind entry_kind(const struct guest_symbols *symbols, size_t index);

#endif

#include "entry.h"

#include <string.h>

static const struct {
    const char *name;
    enum entry_kind kind;
} special[] = {
    {"handle_exception", ENTRY_SAVES},
    {"ret_from_exception", ENTRY_HAS_SAVED},
    {"ret_from_fork", ENTRY_OUTERMOST},
    {"ret_from_fork_kernel_asm", ENTRY_OUTERMOST}, /* from 6.17 on */
    {"ret_from_fork_user_asm", ENTRY_OUTERMOST},
    {"_start_kernel", ENTRY_OUTERMOST},
    {"smp_callin", ENTRY_OUTERMOST},
};

static enum entry_kind kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (strcmp(name, special[i].name) == 0)
            return special[i].kind;
    return ENTRY_NONE;
}

enum entry_kind entry_kind(const struct guest_symbols *symbols, size_t index)
{
    uint64_t vaddr = symbols->rows[index].vaddr;
    enum entry_kind kind = ENTRY_NONE;
    while (index > 0 && symbols->rows[index - 1].vaddr == vaddr)
        index--;
    for (; index < symbols->count && symbols->rows[index].vaddr == vaddr && kind == ENTRY_NONE; index++)
        kind = kind_of(guest_symbol_name(symbols, index));
    return kind;
}

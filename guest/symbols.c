/* A table of symbols, asked by name and by address. */
#include <stdlib.h>
#include <string.h>

#include "guest.h"

void guest_symbols_free(struct guest_symbols *symbols)
{
    free(symbols->rows);
    free(symbols->names);
    *symbols = (struct guest_symbols){0};
}

const char *guest_symbol_name(const struct guest_symbols *symbols, size_t index)
{
    return symbols->names + symbols->rows[index].name;
}

/* The kernel's functions are t, and w when they may be replaced. */
bool guest_symbol_is_code(const struct guest_symbols *symbols, size_t index)
{
    return strchr("tTwW", symbols->rows[index].type) != NULL;
}

bool guest_symbols_find(const struct guest_symbols *symbols, const char *name, uint64_t *vaddr)
{
    for (size_t i = 0; i < symbols->count; i++)
        if (strcmp(guest_symbol_name(symbols, i), name) == 0) {
            *vaddr = symbols->rows[i].vaddr;
            return true;
        }
    return false;
}

bool guest_symbols_at(const struct guest_symbols *symbols, uint64_t vaddr, size_t *index)
{
    size_t low = 0, high = symbols->count; /* the first row behind vaddr is in low..high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->rows[middle].vaddr <= vaddr)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    for (low--; low > 0 && symbols->rows[low - 1].vaddr == symbols->rows[low].vaddr; low--)
        ;
    *index = low;
    return true;
}

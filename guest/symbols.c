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

/* What the kernel's linker script names (include/asm-generic/vmlinux.lds.h), and its assembler files. */
static bool names_border(const char *name)
{
    static const char *const whole[] = {"_text", "_stext", "_etext", "_sinittext", "_einittext"};
    static const char *const ends[] = {"_start", "_begin", "_end"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (strcmp(name, whole[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (length >= strlen(ends[i]) && strcmp(name + length - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

/* The first symbol at the address of this one that is no border, or just the first one. */
static size_t best(const struct guest_symbols *symbols, size_t index)
{
    uint64_t vaddr = symbols->rows[index].vaddr;
    while (index > 0 && symbols->rows[index - 1].vaddr == vaddr)
        index--;
    for (size_t i = index; i < symbols->count && symbols->rows[i].vaddr == vaddr; i++)
        if (!names_border(guest_symbol_name(symbols, i)))
            return i;
    return index;
}

bool guest_symbol_is_border(const struct guest_symbols *symbols, size_t index)
{
    return names_border(guest_symbol_name(symbols, index)) &&
           !names_border(guest_symbol_name(symbols, best(symbols, index)));
}

bool guest_symbols_code_at(const struct guest_symbols *symbols, uint64_t vaddr, size_t *index)
{
    if (!guest_symbols_at(symbols, vaddr, index))
        return false;
    *index = best(symbols, *index);
    return guest_symbol_is_code(symbols, *index);
}

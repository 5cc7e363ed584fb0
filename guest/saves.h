/* saves: where the kernel's entry code has left the registers of what it interrupts, at each of its instructions. Inner
 * header of guest/. */
#ifndef DEJA_GUEST_SAVES_H
#define DEJA_GUEST_SAVES_H

#include "unwind.h"

/* The registers of what was interrupted: x0 to x31, and pc. */
enum { SAVES_PC = 32, SAVES_REGISTERS = 33 };

enum place_kind {
    PLACE_NOWHERE,  /* it is not known */
    PLACE_REGISTER, /* in x[base] */
    PLACE_MEMORY,   /* at x[base] + offset */
    PLACE_SSCRATCH,
    PLACE_SEPC,
};

struct place {
    uint8_t kind, base;
    int16_t offset; /* bytes */
};

struct saves;

/* Large; works with an unwinder, which is borrowed, and meanwhile has nothing else to do. NULL: no memory. */
struct saves *saves_new(struct unwinder *unwinder);
void saves_free(struct saves *saves);

/* Stands before the first instruction of `code`, which is borrowed: where traps go, or, with `saved`, on the way back
 * from there, where all registers are in struct pt_regs at sp. */
void saves_begin(struct saves *saves, const uint8_t *code, size_t size_bytes, bool saved);

/* Goes to the next instruction, at unwind_at(); false when there is none. */
bool saves_step(struct saves *saves);

/* Where it is, before the instruction stood at. Of x0 that is nowhere. */
struct place saves_place(const struct saves *saves, unsigned index);

/* Whether sp points to struct pt_regs, with pc in it: what is called from here on has its frame there. */
bool saves_done(const struct saves *saves);

#endif

/* x64_fp: floating-point operations on SSE2 and FMA3, and what has to be checked so that they are RISC-V's.
 * Inner header of the x86-64 back end. */
#ifndef DEJA_X64_FP_H
#define DEJA_X64_FP_H

#include "x64_host.h"

/* Can this tree be evaluated with the host's arithmetic? */
bool fp_can(const struct gen *gen, const struct node *node);

/* A floating register of the hart. */
struct x64_mem fp_mem(unsigned reg);

/* Puts loaded bits, boxed, into a floating register; `bits` is RAX. */
void fp_set_bits(struct gen *gen, unsigned rd, enum memory_kind kind, enum x64_reg bits);

/* An integer result of a floating-point tree into RAX. */
void fp_to_x(struct gen *gen, const struct node *value);

/* Loads a floating register from memory (x64_lower.c). */
void load_f(struct gen *gen, unsigned rd, const struct node *load);

#endif

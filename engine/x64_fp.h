/* x64_fp: floating-point operations on SSE2 and FMA3, and what has to be checked so that they are RISC-V's (law 5).
 * Inner header of the x86-64 back end.
 *
 * XMM0 to XMM2 are scratch. The other thirteen hold guest registers while hart->fp_state is FP_LOADED: all 64 bits, so
 * that a binary32 value lies NaN-boxed in the low half. MXCSR collects the flags; they are merged when translated code
 * is left. A result that is a NaN, and whatever else the host does differently, is done over by the interpreter. */
#ifndef DEJA_X64_FP_H
#define DEJA_X64_FP_H

#include "x64_host.h"

/* Can this tree be evaluated with the host's arithmetic? */
bool fp_can(const struct gen *gen, const struct node *node);

/* A floating register into RDX, raw. */
void fp_bits_to_rdx(struct gen *gen, unsigned reg);

/* Moves 8 bytes straight between memory and a floating register; false when it has no host register. */
bool fp_load_direct(struct gen *gen, unsigned rd, struct x64_mem from);
bool fp_store_direct(struct gen *gen, struct x64_mem to, unsigned reg, unsigned size_bytes);

/* The bits of a load in RAX into a floating register, boxed. */
void fp_set_loaded(struct gen *gen, unsigned rd, enum memory_kind kind);

/* An integer result of a floating-point tree into RAX. */
void fp_to_x(struct gen *gen, const struct node *value);

/* Is the value of this tree an integer that comes out of floating registers? */
bool fp_gives_x(const struct node *value);

/* The pinned registers to and from the hart (emitted into what x64_host.c emits once). */
void fp_emit_save(struct x64 *code);
void fp_emit_restore(struct x64 *code);

#endif

/* x64_lower: what the files of the x86-64 back end share. Inner header of the back end.
 *
 *     x64_eval.c    trees of integer operations
 *     x64_memory.c  loads, stores and registers
 *     x64_window.c  accesses that share a look at the TLB
 *     x64_flow.c    leaving a superblock, and putting one together
 *     x64_fp.c      floating point
 */
#ifndef DEJA_X64_LOWER_H
#define DEJA_X64_LOWER_H

#include "x64_host.h"

static inline struct x64 *code_of(struct gen *gen) { return gen->part; }

/* An integer register of the hart. */
static inline struct x64_mem x_mem(unsigned x) { return x64_at(HART_REG, (int32_t)(8 * x) - HART_BIAS); }

static inline bool fits32(uint64_t value) { return (uint64_t)(int64_t)(int32_t)value == value; }

/* The host register that holds the leaf already, or X64_NO_REG. */
static inline enum x64_reg x64_home(const struct node *node)
{
    return node->op == NODE_X ? (enum x64_reg)x64_pinned[node->reg] : X64_NO_REG;
}

/* ---- trees ---- */

/* Leaves the value of an integer tree in `to`. May use RCX, RAX, and RDX unless `to` is it. */
void x64_eval(struct gen *gen, enum x64_reg to, const struct node *node);

/* The value in some register: its home, or `scratch`. */
enum x64_reg x64_in_reg(struct gen *gen, const struct node *node, enum x64_reg scratch);

/* Compares so that the returned condition tells whether the comparison holds. */
enum x64_cond x64_compare(struct gen *gen, const struct node *node);

/* ---- memory and registers ---- */

/* Loads a floating register from memory. */
void x64_load_f(struct gen *gen, unsigned rd, const struct node *load);

/* RCX into an integer register, not x0. */
void x64_set_from_rcx(struct gen *gen, unsigned rd);

/* RCX gets a jit_site of `insn`, which is returned; NULL: no room. */
struct jit_site *x64_emit_site(struct gen *gen, const struct insn *insn, unsigned size_bytes);

/* RCX gets the addend of the page of base + offset; the base is neither RCX nor RDX. A jump is taken when the TLB does
 * not know the page, or the last of size_bytes lies in another; RDX is then that page. */
uint8_t *x64_look_up(struct gen *gen, enum x64_reg base, int32_t offset, unsigned size_bytes, size_t set_offset);

/* The base register of `insn`, and so much more: in RAX, unless the host has it in a register of its own. */
struct address x64_address_of(struct gen *gen, const struct insn *insn, int32_t offset);

/* RAX gets the address, unless that is where it is. */
void x64_address_to_rax(struct gen *gen, struct address address);

/* Every store that translated code does by itself must be followed by this, or preceded: marks the bytes for
 * footprint.h, where the engine wants that. Uses RCX and RDX, and flags. size_bytes 1 does for any aligned store of up
 * to 8. */
void x64_mark_stored(struct gen *gen, struct x64_mem to, unsigned size_bytes);

/* ---- windows ---- */

/* At the superblock's entry: the places that its windows keep are those of this generation. */
void x64_begin_windows(struct gen *gen);

/* Where the current instruction, which is in a window (numbered from 0), finds its bytes. *miss and *found are set as
 * x64_memory.c's place() has them. */
struct x64_mem x64_place_in_window(struct gen *gen, unsigned number, uint8_t **miss, uint8_t **found);

/* For a miss of the only access in a steady window: asks the TLB, and goes on at cold->found when it knows the page;
 * else the address is in RAX. */
void x64_refill_slot(struct gen *gen, const struct cold *cold);

/* ---- flow ---- */

/* Where what is done elsewhere goes on: any register may be another one. */
uint8_t *x64_come_back(struct gen *gen);

/* Code for later, for the current instruction; `from` is the displacement that leads there. */
struct cold *x64_add_cold(struct gen *gen, void (*emit)(struct gen *, const struct cold *), uint8_t *from);

/* Gives back what the superblock has taken from the budget, from the current instruction on, and leaves before it. */
void x64_give_up(struct gen *gen, const struct cold *cold);

/* When the jump at `from` is taken, the interpreter does the instruction, and it goes on behind what has been emitted
 * for it by the time x64_interpret_back() is called. */
void x64_interpret_instead(struct gen *gen, uint8_t *from);
void x64_interpret_back(struct gen *gen);

#endif

/* x64_host: how translated code sits in an x86-64 host. Inner header of the x86-64 back end.
 *
 * RBP   the hart, biased so that x[0..31] are in reach of a byte's displacement
 * R15   the budget: instructions left up to hart->limit; a superblock takes all of its own at its entry
 * RAX RCX RDX   scratch
 * The other ten hold guest registers, the most used ones of compiled code, across all superblocks.
 */
#ifndef DEJA_X64_HOST_H
#define DEJA_X64_HOST_H

#include "backend.h"
#include "x64.h"

/* The stack of translated code holds an addend per window, and is aligned for calls. */
enum { HART_BIAS = 128, FRAME_BYTES = 8 * GEN_WINDOWS + 8 };
#define HART_REG   RBP
#define BUDGET_REG R15

/* x register -> host register */
extern const uint8_t x64_pinned[32];

/* A field of the hart. */
#define HART_FIELD(member) x64_at(HART_REG, (int32_t)offsetof(struct hart, member) - HART_BIAS)

/* Entry points that are emitted once (x64_host.c). */
struct jit {
    struct x64 code;             /* where the next superblock goes */
    struct x64 cold;             /* where goes what it seldom executes: the lines of the host's caches hold the rest */
    uint8_t *written, *executed; /* two mappings of the same memory: one to write, one to execute */
    uint8_t *ready, *cold_ready; /* up to here the host has backed what will be written */
    size_t code_bytes;
    uint8_t *data;
    size_t data_used, data_bytes;
    uint8_t fflags_of[64]; /* MXCSR's flags as fflags */
    bool fma, lzcnt, bmi1, popcnt;
    void (*enter)(struct hart *biased, const uint8_t *entry, uint64_t budget); /* saves, loads, jumps */
    uint8_t *leave;               /* the mark follows from R15, pc is set */
    uint8_t *leave_marked;        /* pc and mark are set */
    uint8_t *elsewhere;           /* pc and mark are set: goes on there when it can, else leaves */
    uint8_t *unchained;           /* RAX: struct jit_exit */
    uint8_t *lookup;              /* RDX: virtual pc of another superblock, bit 0 does not count */
    uint8_t *missed;              /* RDX: the same, not in its first slot */
    uint8_t *behind[VIEW_COUNT];  /* RAX: address, RDX: page of its last byte; ZF: a hit, RCX: the addend */
    uint8_t *find[2][VIEW_COUNT]; /* the same of the whole TLB, for loads and for stores */
    uint8_t *window;              /* RAX: address, RCX: struct jit_site; then not ZF: RCX is the addend; RAX is kept */
    uint8_t *open_slot;           /* the same of a slot; then not ZF: it is open */
    unsigned slots_used;          /* of hart->slots */
    uint8_t *slow_load;           /* RAX: address, RCX: struct jit_site; then the value is in RAX */
    uint8_t *slow_store;          /* RAX: address, RDX: value, RCX: struct jit_site */
    uint8_t *interpret;           /* RCX: struct jit_site */
    uint8_t *leave_after;         /* RCX: struct jit_site */
    uint8_t *load_fp;             /* fills the host's floating registers */
    uint8_t *call_alu;            /* RAX, RDX: operands, RCX: function; then the result is in RAX */
    uint8_t *first;               /* where superblocks begin, behind all of these */
    uint8_t *cold_first;          /* the same of their cold code */
};

/* An address in the written mapping as it is executed. */
static inline const uint8_t *x64_executed(const struct jit *jit, const uint8_t *written)
{
    return jit->executed + (written - jit->written);
}

/* What stands behind `lookup`, to be emitted where each jump has a history of its own: falls through on a miss. */
void x64_emit_lookup(struct x64 *code);

/* The TLB's sets of a kind of access: offset in struct tlb. */
enum { LOADS = offsetof(struct tlb, load), STORES = offsetof(struct tlb, store) };

/* Where one begins, from HART_REG. */
static inline int32_t x64_tlb_set(enum tlb_view view, size_t set_offset)
{
    return HART_FIELD(tlb).disp + (int32_t)(view * sizeof(struct tlb) + set_offset);
}

/* With the page of the last byte in RDX: RCX gets the addend of the page of base + offset. The jump is taken when the
 * first level of the TLB does not know the page. */
uint8_t *x64_emit_tlb(struct x64 *code, enum x64_reg base, int32_t offset, enum tlb_view view, size_t set_offset);

/* Before a superblock is emitted: what it will fill has been backed by the host. */
void x64_make_ready(struct jit *jit);

/* Emits the entry points. */
void x64_emit_host(struct jit *jit, struct engine *engine);

#endif

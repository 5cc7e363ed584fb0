/* jit: rows of rv64.def -> trees of operations -> host code, a superblock at a time. Inner header of engine/.
 *
 * A superblock is a straight run of instructions that goes on past conditional branches; a taken branch leaves it.
 * Where the jump at its end leads back to before it, to a loop of which it is a part, the run goes on from there. The
 * front end (jit.c) reads the rows and knows no host; the back end (backend.h) knows no row. What neither can translate
 * is done by the interpreter's function for that one instruction, so that every row works from the first day.
 */
#ifndef DEJA_JIT_H
#define DEJA_JIT_H

#include "hart.h"

enum { JIT_INSNS_MAX = 64 };

/* ---- trees ---- */

enum node_op {
    NODE_CONST,             /* value */
    NODE_X,                 /* integer register `reg` */
    NODE_F,                 /* floating register `reg`, raw */
    NODE_UNBOX,             /* floating register `reg` as a value of `format` */
    NODE_LOAD,              /* a: address; kind */
    NODE_LOAD_RESERVED,     /* a: address; kind */
    NODE_STORE_CONDITIONAL, /* a: address, b: what to store; kind */
    NODE_AMO,               /* a: address, b: operand; value: what combines them, a node_op; kind */
#define ALU1(name, expression) NODE_##name,
#define ALU2(name, expression) NODE_##name,
#include "alu.def"
#undef ALU1
#undef ALU2
#define FP(name) NODE_##name,
#include "fp.def"
#undef FP
    NODE_COUNT
};

enum memory_kind { KIND_U8, KIND_U16, KIND_U32, KIND_U64, KIND_S8, KIND_S16, KIND_S32 };

static inline unsigned kind_bytes(enum memory_kind kind)
{
    return 1u << (kind < KIND_S8 ? (unsigned)kind : (unsigned)kind - KIND_S8);
}

struct gen;
struct node {
    struct gen *gen;
    enum node_op op;
    uint8_t reg;            /* NODE_X, NODE_F, NODE_UNBOX */
    enum memory_kind kind;  /* NODE_LOAD and the atomic ones */
    enum fp_format format;  /* NODE_UNBOX and floating-point operations: of the operands */
    enum fp_format format2; /* of a conversion's result */
    uint64_t value;         /* NODE_CONST, NODE_AMO; of an integer conversion: bits, and 1 << 8 when signed */
    const struct node *a, *b, *c;
};

/* ---- superblocks ---- */

/* A way out of a superblock to a place in the same page, that can be chained to the superblock there. */
struct jit_exit {
    uint64_t target; /* virtual pc */
    uint8_t *patch;  /* the displacement of the jump */
    uint8_t *stub;   /* where it goes while unchained (as written) */
    struct jit_block *from, *to;
    struct jit_exit *next_incoming; /* of `to` */
};

struct jit_block {
    uint64_t paddr, pc; /* where it begins */
    uint64_t base;      /* lowest address of its code, from which the instructions' places count */
    uint8_t view;       /* enum tlb_view of its accesses */
    bool dropped;
    uint16_t turn_insns;    /* of a loop, which holds one turn or more of them, the last of which goes back; else 0 */
    const uint8_t *entry;   /* to execute */
    uint8_t *entry_written; /* the same place in the mapping that is written */
    size_t host_bytes;
    const uint8_t *cold; /* the rest of its code, seldom executed */
    size_t cold_bytes;
    struct jit_block *next_in_page, *next_in_place;
    struct jit_exit *incoming;   /* chained to it; some may be of blocks that have been dropped */
    struct insn *insns;          /* pairs: the instruction, and what stops the interpreter's function after it */
    uint16_t ninsns, size_bytes; /* in the guest's code, from base on; a loop's turn is there once */
    uint8_t strains;             /* how often accesses off one register did not lie in one page */
    icount_t strained_at;        /* a loop's, the last time */
    uint32_t strained;           /* off which registers: a bit each */
    uint8_t entered;             /* since it was last asked, where that is noted (footprint.h) */
    struct jit_block *next_made; /* the same */
};

/* What a superblock takes from the budget at its entry. With DEJA_UNCOUNTED nothing, for a benchmark: then time does
 * not go on in it, and nothing that depends on time works. */
static inline unsigned jit_charge(unsigned ninsns)
{
#ifdef DEJA_UNCOUNTED
    return 0 * ninsns;
#else
    return ninsns;
#endif
}

/* What a call out of translated code must know. */
struct jit_site {
    const struct insn *insn;
    struct jit_block *block; /* all of whose instructions have been taken from the budget already */
    uint16_t size_bytes;
    uint8_t kinds; /* of access, of a window */
    uint16_t slot; /* of the hart's, of a steady one */
};

struct jit;

/* NULL when this host has no back end, or no memory for it: the interpreter does everything. */
struct jit *jit_create(struct engine *engine);
void jit_destroy(struct jit *jit);

/* What to translate. */
struct jit_source {
    uint64_t paddr; /* of the hart's pc */
    const uint8_t *bytes;
    unsigned room_bytes; /* so many of them can be read, all in one page, or an instruction across two */
    unsigned before;     /* and so many before these, in the same page */
    uint32_t apart;      /* a bit for each integer register off which every access looks at the TLB itself */
};

/* NULL when it cannot be translated (now). */
struct jit_block *jit_translate(struct hart *hart, const struct jit_source *source);

/* Runs from block->entry until something needs the engine. The budget up to hart->limit is at least JIT_INSNS_MAX. */
void jit_enter(struct hart *hart, const uint8_t *entry);

/* Where translated code goes when an entry is empty: out. */
const uint8_t *jit_missed(const struct jit *jit);

/* Chains the exit that was just left to the superblock it leads to. */
void jit_chain(struct jit_exit *exit, struct jit_block *to);

/* The superblocks of a list (next_in_page) are gone: nothing may lead to them any more. */
void jit_drop(struct jit *jit, struct jit_block *list);

/* Drops all. No translated code may be running. */
void jit_forget(struct jit *jit);

/* Host code that is waiting to be reclaimed or in use, bytes. */
bool jit_full(const struct jit *jit);

#endif

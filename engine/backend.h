/* backend: what the JIT asks of a host architecture. One implementation per host: x64_*.c. Inner header of engine/.
 *
 * A superblock is emitted between backend_begin() and backend_end(), one instruction after the other. Each of the
 * emitters handles the whole effect of the current instruction, gen->insn. Trees passed in satisfy backend_can().
 */
#ifndef DEJA_BACKEND_H
#define DEJA_BACKEND_H

#include "csr.h"
#include "jit.h"

enum { GEN_NODES = 24, GEN_COLD = 6 * JIT_INSNS_MAX };

/* The back end's: a register of the host and an offset, or the offset alone. */
struct address {
    uint8_t reg;
    int32_t offset;
};

/* Code that is kept out of the way until the superblock is done. */
struct cold {
    void (*emit)(struct gen *gen, const struct cold *cold);
    uint8_t *from;  /* displacement that leads here */
    uint8_t *found; /* where a load goes on that is found after all */
    uint8_t *back;  /* where it goes on afterwards */
    const struct node *node;
    const struct insn *insn;
    uint64_t target;
    struct address address; /* of an access, when it is not in RAX */
    uint8_t to, from_reg;
    uint8_t kind;
    bool near; /* executed as often as the rest: it stays there */
};

/* Accesses that share a look at the TLB: their addresses differ from each other by what is known; min and end are
 * offsets from the base register of the first. In a loop whose turns change that little by little, one turn's page is
 * likely the next one's: the window is `steady`, and may have one member only. */
enum { GEN_WINDOWS = 12 };
struct window {
    int32_t min, end;
    uint8_t first; /* index of the access that looks */
    uint8_t members;
    uint8_t kinds; /* of access, that it looks for */
    bool steady;
    uint16_t slot; /* the back end's */
};

/* The back end's: the window that its scratch registers still have to do with, numbered from 1, and how. */
struct held {
    uint8_t window;
    bool host;
    int32_t at;
};

struct x64;
struct gen {
    struct jit *jit;
    struct x64 *part; /* the back end's: where it emits */
    struct hart *hart;
    struct jit_block *block;
    const struct insn *insn; /* the current instruction */
    uint64_t pc;             /* of it */
    bool ended;              /* no instruction may follow in this superblock */
    bool failed;             /* out of some memory: drop what was emitted */
    bool fp_checked;
    uint8_t *again;       /* where another turn begins */
    uint32_t boxed;       /* floating registers known to hold a boxed binary32 */
    uint32_t known;       /* integer registers whose value is known, a bit each */
    uint64_t values[32];  /* of those */
    bool sets_known;      /* the current instruction sets one to a value that is known */
    unsigned interpreted; /* first of the cold entries that come back behind the current instruction */
    unsigned nnodes, ncold, nwindows;
    uint32_t apart; /* registers, a bit each, off which accesses share nothing */
    unsigned slot;  /* the back end's, of the loop */
    struct held held;
    struct window windows[GEN_WINDOWS];
    uint8_t window_of[JIT_INSNS_MAX]; /* by instruction: 1 + its window, or 0 */
    int16_t window_at[JIT_INSNS_MAX]; /* how far from the base register of its first access */
    struct node nodes[GEN_NODES];
    struct cold cold[GEN_COLD];
};

/* Can the back end evaluate this tree? */
bool backend_can(const struct gen *gen, const struct node *node);

void backend_begin(struct gen *gen);
void backend_set_x(struct gen *gen, unsigned rd, const struct node *value);
void backend_set_f(struct gen *gen, unsigned rd, enum fp_format format, const struct node *value);
void backend_store(struct gen *gen, enum memory_kind kind, const struct node *address, const struct node *value);

/* cbo.zero. False, with nothing emitted: only the interpreter can tell whether it is allowed. */
bool backend_zero_block(struct gen *gen);

/* Leaves for `target` when the condition is true. */
void backend_branch(struct gen *gen, const struct node *condition, uint64_t target);

/* Writes the return address to rd (not 0: none), then leaves for the target. */
void backend_jump(struct gen *gen, unsigned rd, uint64_t link, const struct node *target);

/* rd (may be 0) gets what an atomic node gives. */
void backend_atomic(struct gen *gen, unsigned rd, const struct node *node);

/* A CSR instruction on a field of the hart, a uint64_t (its offset), of which some bits can be written. A `value` of
 * NULL only reads. False, with nothing emitted: it cannot. */
bool backend_csr_field(struct gen *gen, enum csr_how how, size_t field, uint64_t writable, const struct node *value);

/* The same on sstatus, to set or clear bits; SIE is what it expects. */
void backend_sstatus(struct gen *gen, enum csr_how how, const struct node *value);

/* The interpreter's function does the current instruction; translated code goes on when that simply went through. */
void backend_interpret(struct gen *gen);

/* The current instruction needs mstatus.FS to be Dirty, and for `rounds` frm to be RNE; else the interpreter does all
 * of what follows. */
void backend_need_fp(struct gen *gen);

/* rd (not 0) gets fflags, which then become `value` unless it is NULL. After backend_need_fp(). */
void backend_fflags(struct gen *gen, unsigned rd, const struct node *value);

/* Goes on at `pc` in another superblock. */
void backend_leave(struct gen *gen, uint64_t pc);

/* fflags and frm as the rest of the engine has them: before and after the interpreter's functions that see them. */
void backend_sync_fp(struct hart *hart);
void backend_update_fp(struct hart *hart);

/* Finishes: NULL when something did not fit. */
const uint8_t *backend_end(struct gen *gen);

/* Translates a CSR instruction; false: only the interpreter can do it (jit_csr.c). */
bool csr_translate(struct gen *gen, enum csr_how how, const struct node *value);

/* Fills windows, window_of and window_at (jit_window.c). */
void windows_find(struct gen *gen);

/* Does the instruction write an integer register, other than x0? */
bool jit_writes_x(const struct insn *insn);

/* ---- memory that the back end and the front end share ---- */

/* Room for data that lives as long as the translations; NULL (and gen->failed) when there is none. */
void *gen_data(struct gen *gen, size_t size_bytes);
struct jit_site *gen_site(struct gen *gen, unsigned size_bytes);
struct jit_exit *gen_exit(struct gen *gen, uint64_t target);

/* ---- called from translated code ---- */

/* `left` is the budget register. 0: the instruction is over and the hart's pc and mark say where it goes on; else 1.
 * Not a bool: of a bool that a function returns only one byte is defined. */
unsigned jit_slow_load(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t value, uint64_t left);
unsigned jit_slow_store(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t value, uint64_t left);
unsigned jit_interpret(struct hart *hart, const struct jit_site *site, uint64_t left);
uint64_t jit_window(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t left); /* mmu_window() */
uint64_t jit_open_slot(struct hart *hart, const struct jit_site *site, uint64_t vaddr, uint64_t left); /* mmu.h */
void jit_leave_after(struct hart *hart, const struct jit_site *site, uint64_t left);

/* The pure operation of a node with one or two integer operands, as a function to call. NULL: not such a node. */
typedef uint64_t alu_fn(uint64_t a, uint64_t b);
alu_fn *node_alu(enum node_op op);

#endif

/* hart: the inside of the engine. Inner header of engine/.
 *
 * What is derived from the state (TLB, jump cache, blocks) can be thrown away at any instruction boundary without
 * anybody noticing: that is laws 3 and 4, and engine_forget() does it.
 */
#ifndef DEJA_HART_H
#define DEJA_HART_H

#include "decode.h"
#include "engine.h"
#include "softfloat.h"

/* ---- mstatus (privileged specification, 3.1.6) ---- */
#define MSTATUS_SIE       (UINT64_C(1) << 1)
#define MSTATUS_MIE       (UINT64_C(1) << 3)
#define MSTATUS_SPIE      (UINT64_C(1) << 5)
#define MSTATUS_MPIE      (UINT64_C(1) << 7)
#define MSTATUS_SPP       (UINT64_C(1) << 8)
#define MSTATUS_MPP_SHIFT 11
#define MSTATUS_MPP       (UINT64_C(3) << MSTATUS_MPP_SHIFT)
#define MSTATUS_FS        (UINT64_C(3) << 13)
#define MSTATUS_MPRV      (UINT64_C(1) << 17)
#define MSTATUS_SUM       (UINT64_C(1) << 18)
#define MSTATUS_MXR       (UINT64_C(1) << 19)
#define MSTATUS_TVM       (UINT64_C(1) << 20)
#define MSTATUS_TW        (UINT64_C(1) << 21)
#define MSTATUS_TSR       (UINT64_C(1) << 22)
#define MSTATUS_UXL_64    (UINT64_C(2) << 32)
#define MSTATUS_SXL_64    (UINT64_C(2) << 34)
#define MSTATUS_SD        (UINT64_C(1) << 63)

/* What of it sstatus shows (10.1.1). */
#define SSTATUS_MASK                                                                                                   \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_UXL_64 | MSTATUS_SD)

/* ---- menvcfg and senvcfg (3.1.18) ---- */
#define ENVCFG_FIOM  (UINT64_C(1) << 0)
#define ENVCFG_CBIE  (UINT64_C(3) << 4)
#define ENVCFG_CBCFE (UINT64_C(1) << 6)
#define ENVCFG_CBZE  (UINT64_C(1) << 7)
#define ENVCFG_ADUE  (UINT64_C(1) << 61)
#define ENVCFG_PBMTE (UINT64_C(1) << 62)
#define ENVCFG_STCE  (UINT64_C(1) << 63)

/* ---- causes (3.1.15) ---- */
enum cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15,
    CAUSE_NONE = 64, /* no trap */
};

/* ---- TLB: a cache that never shows ----
 *
 * One set per way of looking at memory, direct-mapped, one for each kind of access. A tag is the page's virtual
 * address, or TLB_NEVER. The store tag is filled only while the page is dirty already and holds neither decoded code
 * nor a page table nor a trap, so that a store which hits needs no bookkeeping at all. A page that is watched enters
 * no set of the kinds of access that are. Behind them all stands one larger level, asked by mmu.c before it walks. */
enum { TLB_ENTRIES = 256, TLB_BEHIND_SHIFT = 12, TLB_BEHIND = 1 << TLB_BEHIND_SHIFT };
#define TLB_NEVER UINT64_MAX /* no page address has a low bit */

struct tlb_entry {
    uint64_t tag;
    uint64_t addend; /* host address = virtual address + addend */
};
struct tlb {
    struct tlb_entry load[TLB_ENTRIES], store[TLB_ENTRIES], fetch[TLB_ENTRIES];
};

struct tlb_behind {
    uint64_t tag, addend;
    uint64_t generation; /* good while it is the hart's */
    uint8_t view, kinds;
    uint8_t load_view;                   /* view, or VIEW_COUNT when it cannot be loaded from */
    uint8_t watched;                     /* kinds that it allows but for a watch somewhere in it */
    uint16_t watches_first, watches_end; /* offsets between which all of those lie */
};

/* Where an access of a translated loop found its page in the turn before: window w of [min, end) hits when
 * base - tag < limit (unsigned). Of a page that is watched it is the part on this side of the watches. Good while
 * `generation` of the loop's first slot is the hart's; see x64_window.c. */
enum { PAGE_SLOTS = 1 << 13 };
struct page_slot {
    union {
        uint64_t tag; /* page - min, or where in the page the part begins */
        uint64_t generation;
    };
    uint64_t limit;  /* bytes of the page, or of the part, + 1 - (end - min); or 0 */
    uint64_t page;   /* host address of the page, or the part */
    uint64_t addend; /* host address = virtual address + addend */
};

/* Numbers over 2^bits slots, neighbours and multiples of powers of two to different ones. Translated code computes the
 * same. */
#define SPREAD_FACTOR UINT32_C(0x9e3779b1)
static inline unsigned spread(uint32_t number, unsigned bits) { return number * SPREAD_FACTOR >> (32 - bits); }

/* Slot of a page in the level behind: pages at any power of two from each other go to different ones, and the same page
 * of two address spaces as well. Translated code computes the same. */
#define TLB_MIX_FACTOR UINT32_C(0x85ebca6b)
static inline unsigned tlb_behind_slot(uint64_t vaddr, uint32_t mix)
{
    return spread((uint32_t)(vaddr >> PAGE_SHIFT) ^ mix, TLB_BEHIND_SHIFT);
}

/* Of which parts of the address space, as large as a table of level 0 translates, any page is known: by a hash of their
 * number, or that there are several. */
enum { REGION_SHIFT = PAGE_SHIFT + 9, REGIONS = 256 };
#define REGION_NONE    UINT64_MAX
#define REGION_SEVERAL (UINT64_MAX - 1)

/* Which rules translate an access: machine mode's, or those of S (without and with SUM) or U under satp. */
enum tlb_view { VIEW_M, VIEW_S, VIEW_S_SUM, VIEW_U, VIEW_COUNT };

/* ---- blocks: see code.h ---- */
enum { BLOCK_INSNS_MAX = 64, JUMP_ENTRIES_SHIFT = 14, JUMP_ENTRIES = 1 << JUMP_ENTRIES_SHIFT };
/* Where in the tables below; the same offsets in different pages are apart. Translated code computes the same. */
static inline unsigned jump_slot(uint64_t pc) { return (unsigned)(pc ^ pc >> PAGE_SHIFT) >> 1 & (JUMP_ENTRIES - 1); }

struct block;
struct code_cache;
struct jit;
struct marks;

/* The address spaces that were in use since the last hart_new_epoch(): their epochs, and under which generation their
 * pages are in the TLB's level behind (0: none are). */
enum { SPACES_KEPT = 16 };
#define SATP_NEVER UINT64_MAX /* its mode is reserved */
struct space {
    uint64_t satp, epoch, user_epoch, generation;
    bool shares_epoch; /* with other spaces */
};
struct spaces {
    struct space kept[SPACES_KEPT];
    unsigned count, next, current;
};
struct jit_exit;

/* Virtual pc -> block, good while the hart's context is the same. It sleeps, see below, unless it was found since the
 * latest take of what was visited. */
struct jump {
    uint64_t pc, context;
    const struct block *block;
    uint64_t takes; /* hart->takes when it was found last */
};

/* Virtual pc -> translated code: a table for each of the latest contexts, so that a jump needs no look at the context.
 * What is driven from its place by another goes to its second one. An entry that is empty has the code of a miss, and
 * no pc.
 *
 * At each take of what was visited the entries fall asleep. One that sleeps is as good as before, but nobody goes to
 * its code without having noted its page, which wakes it. It has another pc, which no look-up takes for its own: that
 * one's first slot is not where the entry is, and second slots are asked for pcs without bit 0 only. An entry for which
 * it is not so becomes empty instead. */
static inline unsigned entry_second_slot(uint64_t pc) { return spread((uint32_t)(pc >> 1), JUMP_ENTRIES_SHIFT); }

#define ENTRY_EMPTY  UINT64_C(1)            /* no pc is odd */
#define ENTRY_ASLEEP (UINT64_C(1) | 1 << 1) /* bits of the pc that differ */
static inline bool entry_sleeps(uint64_t pc) { return (pc & 1) && pc != ENTRY_EMPTY; }

enum { EPOCHS_WITH_ENTRIES = 8, ENTRY_KINDS = 5, ENTRIES_LISTED = 4096 };
struct entry {
    uint64_t pc;
    const uint8_t *code;
};
struct entry_table {
    uint64_t context;
    bool awake;       /* it was in force since the latest take: some of the entries may be */
    unsigned nlisted; /* entries that are not empty; more than ENTRIES_LISTED: nobody knows which */
    uint16_t listed[ENTRIES_LISTED];
    struct entry entries[JUMP_ENTRIES];
};

/* FP_READY: mstatus.FS is Dirty and frm is RNE, so that translated code may use the host's arithmetic. FP_LOADED: and
 * some floating registers are in the host's. */
enum fp_state { FP_OFF, FP_READY, FP_LOADED };

struct hart {
    struct hart_state s;
    icount_t now;      /* the engine's mark while this hart runs: of the block's first instruction */
    bool attention;    /* something for the run loop to look at: an interrupt, a kick, a wait */
    bool leave;        /* the running block must be left after the current instruction */
    uint8_t data_view; /* enum tlb_view of loads and stores; follows priv, MPRV, MPP, SUM */
    uint8_t fetch_view;
    uint64_t epoch;       /* grows when a fetch might translate differently or code has changed */
    uint64_t user_epoch;  /* that of user mode, which also grows when only the lower half might */
    uint64_t epochs;      /* given out so far */
    uint64_t user_epochs; /* the same */
    bool fetched_low;     /* supervisor mode has executed what is mapped in the lower half of the addresses */
    struct spaces spaces;
    uint64_t context; /* epoch and fetch view: under which an address was fetched */
    uint64_t takes;   /* of what was visited, so far */
    uint64_t value;   /* result of a slow load */
    icount_t limit;   /* of the current engine_run() */
    bool probed;      /* a probe said stop */
    bool dry;         /* walks set neither A nor D */
    unsigned id;
    struct engine *engine;
    struct tlb *data_tlb;                     /* of data_view */
    struct entry *entries;                    /* of the context */
    uint64_t tlb_generation, tlb_generations; /* in force, given out so far */
    uint32_t tlb_mix;                         /* of the generation, for tlb_behind_slot() */
    uint64_t slot_generation;                 /* grows with tlb_generation, and when a page leaves the store tags */
    bool tlb_empty;
    struct fp_env fp;            /* of the floating-point instruction in progress */
    bool resumed;                /* the interpreter's function for translated code came to its end */
    uint64_t mark_bias;          /* host address of a mark = host address of RAM >> FOOTPRINT_SHIFT, + this */
    uint32_t mxcsr, mxcsr_clear; /* scratch, and no flags set: for translated code */
    uint8_t fp_state;            /* enum fp_state of translated code */
    struct jit_exit *exited;     /* where translated code was left last; NULL: not at an exit that can be chained */
    struct tlb tlb[VIEW_COUNT];
    struct tlb_behind tlb_behind[TLB_BEHIND];
    uint64_t regions[REGIONS];
    struct page_slot slots[PAGE_SLOTS];
    struct entry_table entry_tables[EPOCHS_WITH_ENTRIES * ENTRY_KINDS];
    struct jump jumps[JUMP_ENTRIES];
    struct insn scratch[BLOCK_INSNS_MAX + 1]; /* a block cut short by the limit, or one across two pages */
};

/* The pages flagged PAGE_TABLE: see tables.c. */
struct tables {
    uint32_t *pages;
    size_t count, capacity;
    uint64_t *places; /* by page of RAM */
    unsigned stores;  /* seen since they were all forgotten */
};

struct engine {
    struct engine_config config;
    struct ram ram;
    struct decoder decoder;
    struct code_cache *code;
    struct jit *jit; /* NULL: only the interpreter */
    struct tables tables;
    const struct probe *probe;
    struct page_keeper keeper;
    struct marks *marks;    /* NULL: nothing of that kind is noted (footprint.h) */
    struct visited visited; /* since the latest take; see below */
    bool kicked;
    struct hart *current; /* the one that runs */
    struct hart harts[];
};

/* Internal page flag, beside enum page_flag: the page may stand in a store tag. */
enum { PAGE_STORABLE = 16 };

/* The interrupts that are pending and individually enabled: enough to end a wait. */
static inline uint64_t hart_pending(const struct hart *hart)
{
    return (hart->s.mip_soft | hart->s.mip_lines) & hart->s.mie;
}

static inline bool is_low_half(uint64_t vaddr) { return (int64_t)vaddr >= 0; }

/* Which two bits stand for a page in struct visited: of the product of its number (Fibonacci hashing). That is part of
 * the recording's format (docs/FORMAT.md). Translated code computes the same. */
#define VISITED_FACTOR UINT64_C(0x9e3779b97f4a7c15)
enum { VISITED_FIRST_SHIFT = 50, VISITED_SECOND_SHIFT = 36 };

/* Every instruction is found by its pc: in jumps[], in entries[], by a chain from inside its page, or the long way,
 * which begins with this. It notes the page, and so does whoever wakes what sleeps: what stands awake in jumps[] and
 * entries[] under a context in use is in engine->visited. Nothing else is: a pc is looked up where an instruction
 * begins, and translated code wakes nothing that the limit may keep it from executing. */
static inline void hart_visit(struct hart *hart)
{
    visited_add(&hart->engine->visited, hart->s.pc);
    hart->fetched_low |= hart->s.priv == PRIV_S && is_low_half(hart->s.pc) && hart->s.satp >> 60;
}

/* Does the probe want to be asked before the instruction at `pc`? */
static inline bool is_break(const struct engine *engine, uint64_t pc)
{
    const struct probe *probe = engine->probe;
    for (size_t n = 0; probe && n < probe->nbreaks; n++)
        if (probe->breaks[n] == pc)
            return true;
    return false;
}

/* Mark of an instruction of the running block. */
static inline icount_t hart_mark(const struct hart *hart, const struct insn *insn)
{
    return icount_of(hart->now.n + insn->index);
}

static inline uint64_t insn_pc(const struct hart *hart, const struct insn *insn) { return hart->s.pc + 2u * insn->at; }

/* What was found by virtual address is found no more: call when a fetch might translate differently. */
void hart_new_epoch(struct hart *hart);

/* The same for addresses in the lower half only: what supervisor mode has found in the upper one stays. */
void hart_new_user_epoch(struct hart *hart);

/* satp has been written: what was found under an earlier epoch of this address space is found again, unless there was
 * a hart_new_epoch() since: then false. */
bool hart_switch_epoch(struct hart *hart);

/* No space but the one in force is known that shares its epoch with another. */
void hart_unshare_epochs(struct hart *hart);

/* The spaces of that root table, none of which is in force, are known no more. */
void hart_forget_spaces(struct hart *hart, uint64_t root_paddr);

/* Which context is in force follows from the epochs, priv and the view of data. */
void hart_set_context(struct hart *hart);

/* After priv, mstatus, satp, pmp*, menvcfg changed: which views are in force. */
void hart_update_views(struct hart *hart);

#endif

/* engine: the harts, their memory and their physical bus.
 *
 * Pure: what it computes depends on what it was handed. It runs exactly as many instructions as it is told to, and an
 * interrupt lands where the mark says, never where a block happens to end (laws 2 to 6 of docs/ARCHITECTURE.md).
 *
 * A caller alternates: engine_run() up to a mark, then deliver what is due there, then engine_settle().
 */
#ifndef DEJA_ENGINE_H
#define DEJA_ENGINE_H

#include "../icount/icount.h"
#include "../snapshot/snapshot.h"

/* ---- memory ------------------------------------------------------------------------------------------------ */

/* What the cbo instructions are about (unprivileged specification, 19.1). */
enum { CACHE_BLOCK_BYTES = 64 };

enum page_flag {
    PAGE_DIRTY = 1, /* stored to since engine_clean() */
    PAGE_CODE = 2,  /* holds instructions that have been decoded */
    PAGE_TABLE = 4, /* a page table walk has read it */
    PAGE_TRAP = 8,  /* the board wants to see stores to it (HTIF's tohost) */
    PAGE_KEPT = 32, /* the keeper wants to know before it changes */
};

struct ram {
    uint64_t base; /* physical address of bytes[0] */
    uint64_t size_bytes;
    uint8_t *bytes;
    uint8_t *page_flags; /* enum page_flag, one per page */
};

static inline bool ram_holds(const struct ram *ram, uint64_t paddr, uint64_t size_bytes)
{
    return paddr - ram->base < ram->size_bytes && size_bytes <= ram->size_bytes - (paddr - ram->base);
}

/* The number of the first page at or after `page` that has one of the flags; how many pages there are when none has. */
uint64_t ram_next_page(const struct ram *ram, uint64_t page, unsigned flags);

/* ---- harts --------------------------------------------------------------------------------------------------- */

enum privilege { PRIV_U = 0, PRIV_S = 1, PRIV_M = 3 };

enum { PMP_ENTRIES = 16, HARTS_MAX = 8 };

/* Bits of mip and mie (privileged specification, 3.1.9). */
enum interrupt_bit {
    MIP_SSIP = 1 << 1,
    MIP_MSIP = 1 << 3,
    MIP_STIP = 1 << 5,
    MIP_MTIP = 1 << 7,
    MIP_SEIP = 1 << 9,
    MIP_MEIP = 1 << 11,
};

/* The architectural state of one hart, all of it and nothing else: what a snapshot holds. CSRs by their names in the
 * privileged specification. x[0] is always 0. f[] holds NaN-boxed values. */
struct hart_state {
    uint64_t x[32];
    uint64_t pc;
    uint64_t f[32];
    uint64_t mstatus, misa, medeleg, mideleg, mie, mtvec, mscratch, mepc, mcause, mtval;
    uint64_t mip_soft;  /* the bits that software sets: SSIP, STIP, SEIP */
    uint64_t mip_lines; /* the bits that devices drive, see engine_set_lines() */
    uint64_t mcounteren, mcountinhibit, menvcfg, senvcfg;
    uint64_t stvec, sscratch, sepc, scause, stval, satp, scounteren, stimecmp;
    uint64_t cycle_offset,
        instret_offset; /* counter = mark + offset while counting, the value itself while inhibited */
    uint64_t pmpaddr[PMP_ENTRIES];
    uint8_t pmpcfg[PMP_ENTRIES];
    uint64_t reservation; /* physical address of the LR reservation, UINT64_MAX when there is none */
    uint8_t fflags, frm;
    uint8_t priv;    /* enum privilege */
    uint8_t waiting; /* 1: in wfi, or in a host call that waits for input */
};

struct engine; /* harts, ram and caches; opaque outside engine/ */

/* What a load, a store or a fetch of physical memory outside of RAM meets. `now` is the mark of the instruction.
 * False: access fault. May call engine_set_lines(), engine_kick() and ram access functions. */
struct bus {
    void *owner;
    bool (*load)(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value);
    bool (*store)(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value);
    /* after a store to a PAGE_TRAP page has been done */
    void (*trapped)(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes);
    /* mtime: what the time CSR reads. NULL: virtual time over timebase_ns */
    uint64_t (*time)(void *owner, icount_t now);
    /* stimecmp, menvcfg.STCE or mcounteren changed: the timer event must be looked at again */
    void (*timer_changed)(void *owner, unsigned hart, icount_t now);
    /* The semihosting sequence around ebreak was met in M or S mode. */
    enum host_call {
        HOST_CALL_NONE,
        HOST_CALL_DONE,
        HOST_CALL_WAIT
    } (*host_call)(void *owner, unsigned hart, icount_t now);
};

/* ---- debugger's probes: never state, never part of a recording ---------------------------------------------- */

enum access_kind { ACCESS_FETCH = 1, ACCESS_LOAD = 2, ACCESS_STORE = 4 };

/* Whose accesses a watch means. */
enum watch_space {
    WATCH_ANY,      /* those by this virtual address, whichever address space is in force */
    WATCH_SPACE,    /* those by this virtual address in one address space, that of a root page table */
    WATCH_PHYSICAL, /* those to this memory, by whatever address */
};

/* An address space is its root page table: under another ASID it is the same one. A walk that sets A or D is no access,
 * nor is what a device stores. */
struct watch_range {
    uint64_t vaddr, size_bytes;
    uint8_t kinds;  /* ACCESS_LOAD | ACCESS_STORE */
    uint8_t space;  /* enum watch_space */
    uint64_t satp;  /* WATCH_SPACE */
    uint64_t paddr; /* WATCH_PHYSICAL: what is watched; hits are reported as if it lay at vaddr */
};

/* A hit is reported before its instruction does anything. Return true to stop there: engine_run() returns ENGINE_PROBE
 * with the mark and every register as they were before the instruction. */
struct probe {
    void *context;
    bool (*on_break)(void *context, unsigned hart, icount_t now, uint64_t pc);
    bool (*on_access)(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                      unsigned size_bytes);
    const uint64_t *breaks; /* virtual addresses */
    size_t nbreaks;
    const struct watch_range *watches;
    size_t nwatches;
};

/* ---- where code was executed: never state ---------------------------------------------------------------------- */

/* Virtual pages, as a set that may hold more than was put in, in whatever address space. */
enum { VISITED_BITS = 1 << 14, VISITED_BYTES = VISITED_BITS / 8 };
struct visited {
    uint8_t bytes[VISITED_BYTES];
};

void visited_add(struct visited *visited, uint64_t pc);
bool visited_holds(const struct visited *visited, uint64_t pc); /* the page of pc */

/* ---- what an interval has touched, to the word: never state --------------------------------------------------- */

enum { FOOTPRINT_SHIFT = 3, FOOTPRINT_WORDS = PAGE_BYTES >> FOOTPRINT_SHIFT >> 6 };

struct stored_page {
    uint32_t page;                   /* of RAM */
    uint64_t words[FOOTPRINT_WORDS]; /* a bit for each 8 bytes: it may have been stored to */
};
struct code_range { /* virtual addresses, in whatever address space */
    uint64_t pc, end;
};
enum { FOOTPRINT_SPACES = 64 };
struct footprint {
    struct stored_page *pages; /* ascending */
    struct code_range *ranges; /* ascending, apart: instructions that begin there may have been executed */
    size_t npages, nranges;
    uint64_t spaces[FOOTPRINT_SPACES]; /* values of satp that were in force */
    size_t nspaces;                    /* more than FOOTPRINT_SPACES: there were too many */
};

void footprint_free(struct footprint *footprint);
size_t footprint_bytes(const struct footprint *footprint);

/* May any of [offset, offset + size_bytes) of RAM have been stored to? By whatever means: harts, devices, walks that
 * set A or D. */
bool footprint_stored(const struct footprint *footprint, uint64_t offset, uint64_t size_bytes);

/* May this address space, under whatever ASID, have been in force? */
bool footprint_in_force(const struct footprint *footprint, uint64_t satp);

/* May an instruction at pc have begun (one whose fetch traps counts)? */
bool footprint_executed(const struct footprint *footprint, uint64_t pc);

/* ---- a log, for people: never state, never part of a recording ----------------------------------------------- */

enum log_kind {
    LOG_IN_ASM = 1,  /* the guest's code of each block decoded or translated */
    LOG_OUT_ASM = 2, /* the host's code of each superblock */
    LOG_EXEC = 4,    /* each block entered; superblocks are then not chained */
    LOG_INT = 8,     /* each trap taken */
    LOG_MMU = 16,    /* each walk of the page tables */
};

struct log_event {
    enum log_kind kind;
    unsigned hart;
    icount_t now; /* of the block's first instruction; LOG_INT: of the instruction that traps, or is interrupted */
    uint64_t pc;  /* of the block; LOG_INT: of that instruction; LOG_IN_ASM: of the first byte, where a superblock that
                   * goes back to what lies before its beginning does not begin */
    enum privilege priv;
    uint64_t paddr;       /* LOG_IN_ASM: of the block; LOG_MMU: what vaddr is translated to */
    bool translated;      /* LOG_IN_ASM, LOG_EXEC: a superblock; else it is interpreted */
    const uint8_t *bytes; /* LOG_IN_ASM: of the guest; LOG_OUT_ASM: of the host, where it is executed */
    size_t size_bytes;
    bool interrupt; /* LOG_INT */
    uint64_t cause; /* LOG_INT; LOG_MMU when it is a fault */
    uint64_t tval;
    enum privilege to;
    uint64_t vaddr; /* LOG_MMU */
    enum access_kind access;
    unsigned kinds; /* LOG_MMU: accesses that the page allows now, OR-ed */
    bool fault;
};

struct engine_log {
    void *context;
    unsigned kinds; /* enum log_kind, OR-ed */
    void (*event)(void *context, const struct log_event *event);
};

/* "load page fault", "machine timer interrupt" */
const char *engine_cause_name(uint64_t cause, bool interrupt);

/* ---- the engine ---------------------------------------------------------------------------------------------- */

/* How instructions are executed. Changes no result (laws 2 and 6): that is what it is for. */
struct engine_tuning {
    bool interpreter_only;
    unsigned block_insns_most;    /* instructions in a block; 0: as many as fit */
    unsigned hot_after;           /* runs of a block before it is translated; 0: the usual number */
    const struct engine_log *log; /* borrowed; NULL: none */
    bool footprint;               /* note what engine_footprint() tells */
};

struct engine_config {
    unsigned nharts;                   /* 1..HARTS_MAX */
    uint64_t ram_base, ram_size_bytes; /* multiples of PAGE_BYTES */
    uint64_t reset_pc;
    struct clock *clock; /* borrowed; mtime and the time CSR are clock_vtime() / timebase_ns */
    uint64_t timebase_ns;
    struct engine_tuning tuning;
    struct bus bus;
};

NODISCARD err_t engine_create(const struct engine_config *config, struct engine **engine);
void engine_destroy(struct engine *engine);

enum engine_stop {
    ENGINE_LIMIT,   /* the mark has been reached */
    ENGINE_KICKED,  /* engine_kick() was called: something the caller plans by has changed */
    ENGINE_WAITING, /* every hart waits */
    ENGINE_PROBE,   /* a probe said stop */
};

/* Executes from engine_now() to at most `until`. The state must be settled; it is unsettled afterwards, except after
 * ENGINE_PROBE. Interrupts that become deliverable on the way are taken at their instruction boundary. */
enum engine_stop engine_run(struct engine *engine, icount_t until);

/* Takes an interrupt that is pending and enabled, wakes waiting harts that have one pending. Idempotent. */
void engine_settle(struct engine *engine);

icount_t engine_now(const struct engine *engine);
void engine_set_now(struct engine *engine, icount_t now); /* for a restore */
bool engine_waiting(const struct engine *engine);

/* Makes engine_run() return ENGINE_KICKED after the instruction in progress. */
void engine_kick(struct engine *engine);

/* Ends the wait of a hart in a host call: the call will be made again. */
void engine_wake(struct engine *engine, unsigned hart);

/* Drives the interrupt lines in `mask` (enum interrupt_bit: MSIP, MTIP, SEIP, MEIP, and STIP for Sstc). */
void engine_set_lines(struct engine *engine, unsigned hart, uint64_t mask, uint64_t levels);

unsigned engine_nharts(const struct engine *engine);
struct hart_state *engine_hart(struct engine *engine, unsigned hart);
struct ram *engine_ram(struct engine *engine);

/* mip as software reads it. */
uint64_t engine_mip(const struct engine *engine, unsigned hart);

/* Describes every hart; returns how many parts were added (nharts). */
size_t engine_parts(struct engine *engine, struct state_part *parts);

/* Call after registers or memory were replaced behind the engine's back (restore, poke): drops every cache. */
void engine_forget(struct engine *engine);

/* The same when memory was replaced by engine_ram_store() alone: code that was decoded or translated is kept where
 * memory has stayed as it was. */
void engine_moved(struct engine *engine);

/* The debugger's probe; NULL for none. Borrowed until replaced; call again after changing its lists. */
void engine_set_probe(struct engine *engine, const struct probe *probe);

/* Stores from devices, loaders and debuggers: into RAM, marks dirty, keeps caches coherent. False when outside RAM. */
bool engine_ram_store(struct engine *engine, uint64_t paddr, const void *bytes, size_t size_bytes);
bool engine_ram_load(const struct engine *engine, uint64_t paddr, void *bytes, size_t size_bytes);

/* Sets PAGE_TRAP on the page of `paddr`. */
void engine_trap_page(struct engine *engine, uint64_t paddr);

/* Clears PAGE_DIRTY everywhere: a new interval begins. With a keeper, the pages that were dirty are its. */
void engine_clean(struct engine *engine);

/* Somebody who still wants to read what the pages held when the last interval ended: told of each of those (by number)
 * before it changes for the first time in this one. All functions NULL: nobody. */
struct page_keeper {
    void *owner;
    void (*change)(void *owner, uint64_t page);
};
void engine_set_keeper(struct engine *engine, struct page_keeper keeper);

/* The pages in which instructions began since the last call, or since the start: the same however they were executed
 * (an instruction whose fetch traps counts). Begins anew. */
void engine_take_visited(struct engine *engine, struct visited *visited);

/* With tuning.footprint: what has been stored to and executed since engine_clean(). The caller's to free. False: out of
 * memory. */
NODISCARD bool engine_footprint(struct engine *engine, struct footprint *footprint);

/* Translates as `hart` would now, for a debugger: sets no A or D bit, checks no permission, leaves no trace. */
bool engine_translate(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t *paddr);

/* The same as the hart's supervisor would, also while the hart is in M-mode. */
bool engine_translate_supervisor(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t *paddr);

/* A walk under an address space that need not be in force, for a debugger. As long as none of `entries` is stored to,
 * it ends in the same way, if it is `fixed`. */
enum { WALK_ENTRIES_MAX = 4, WALK_ENTRY_BYTES = 8 };
struct page_walk {
    bool mapped, fixed;
    uint64_t paddr;
    uint64_t entries[WALK_ENTRIES_MAX]; /* of page tables, that it has read: their physical addresses */
    unsigned nentries;
};
void engine_walk(const struct engine *engine, unsigned hart, uint64_t satp, uint64_t vaddr, struct page_walk *walk);

/* ---- CSRs and disassembly, for debuggers ---------------------------------------------------------------------- */

struct csr_info {
    const char *name;
    uint16_t number;
};

/* The CSRs there are, ordered by number. */
const struct csr_info *engine_csrs(size_t *count);

/* Reads as M-mode would at this mark; false when there is no such CSR. Changes nothing. */
bool engine_csr_read(const struct engine *engine, unsigned hart, unsigned number, uint64_t *value);

/* Writes as M-mode would, WARL rules included. */
bool engine_csr_write(struct engine *engine, unsigned hart, unsigned number, uint64_t value);

/* Length in bytes (2 or 4) of the instruction whose low half is `low_half`. */
static inline unsigned insn_length(uint16_t low_half) { return (low_half & 3) == 3 ? 4 : 2; }

/* The instruction of 32 bits that does what a compressed one does; 0 when there is none. */
uint32_t engine_expand(uint16_t half);

/* Writes assembler text for the instruction `raw` at `pc`; returns its length in bytes. */
unsigned engine_disassemble(uint32_t raw, uint64_t pc, char *text, size_t size_bytes);

/* What the ABI calls a register: "a0", "fa0". */
const char *engine_x_name(unsigned x);
const char *engine_f_name(unsigned f);

#endif

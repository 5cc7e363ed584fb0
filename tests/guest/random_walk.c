/* Page tables drawn at random, walked by the machine and by a model of the manual's chapter on Sv39 and Sv48. Most
 * trials have no fence: here a walk is always of what the tables say now. */
#include "lib/probe.h"

enum { TRIALS = 15000 };
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };
enum { LOAD, STORE, FETCH };

#define RESERVED (0x7full << 54)
#define PBMT     (3ull << 61)
#define N        (1ull << 63)
#define PPN      (((1ull << 44) - 1) << 10)
#define ADUE     (1ull << 61)
#define PBMTE    (1ull << 62)

static const uint64_t RAM = 0x80000000, RAM_END = 0x81000000;
static const uint64_t NOWHERE = (1ull << 44) - 1, NOTHING = 0x40000; /* page numbers with nothing behind them */

static uint64_t tables[4][512] __attribute__((aligned(4096)));
static uint64_t cells[8192] __attribute__((aligned(65536))); /* 64 KiB */

/* ---- a trial ---- */

struct trial {
    int levels, level; /* of the tree, of the leaf */
    int kind;
    uint64_t vaddr, paddr; /* what the leaf is made for */
    uint64_t status;       /* MPP, SUM, MXR */
    uint64_t envcfg;
    uint64_t *ptes[4]; /* from the root down */
};

static unsigned index_at(const struct trial *trial, int level) { return trial->vaddr >> (12 + 9 * level) & 511; }

static uint64_t sign_extend(uint64_t value, int bits)
{
    return (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
}

static uint64_t draw_flags(const struct trial *trial)
{
    bool user = !(trial->status >> 11 & 1);
    uint64_t flags = V | R | W | X | A | D;

    for (uint64_t bit = V; bit <= D; bit <<= 1)
        if (one_in(bit == V ? 32 : 6))
            flags ^= bit & (V | R | W | X | A | D);
    return flags | (user != one_in(4) ? U : 0);
}

static uint64_t draw_leaf(const struct trial *trial)
{
    uint64_t ppn = trial->paddr >> 12 & ~((1ull << 9 * trial->level) - 1), high = 0;

    if (trial->level > 0 && one_in(8))
        ppn |= 1ull << below(9 * trial->level); /* misaligned */
    if (one_in(32))
        ppn = one_in(2) ? NOTHING : NOWHERE;
    if (one_in(8)) {
        high |= N;
        if (!one_in(3))
            ppn = (ppn & ~15ull) | 8;
    }
    if (one_in(12))
        high |= below(4) << 61;
    if (one_in(32))
        high |= 1ull << (54 + below(7));
    return high | ppn << 10 | draw_flags(trial) | below(4) << 8;
}

static uint64_t draw_pointer(const uint64_t *table)
{
    uint64_t pte = (uint64_t)table >> 12 << 10 | V;

    if (one_in(24))
        pte ^= 1ull << below(8);
    if (one_in(64))
        pte |= 1ull << (54 + below(10));
    if (one_in(64))
        pte = NOWHERE << 10 | V;
    return pte;
}

static void draw_tree(struct trial *trial)
{
    for (int step = 0; step < trial->levels; step++)
        *trial->ptes[step] = 0;
    for (int step = 0; step < trial->levels - trial->level; step++) {
        int level = trial->levels - 1 - step;
        *trial->ptes[step] = level == trial->level ? draw_leaf(trial) : draw_pointer(tables[step + 1]);
    }
    if (trial->level == 0 && one_in(32))
        *trial->ptes[trial->levels - 1] = draw_pointer(tables[0]); /* a pointer where leaves are */
}

static void draw(struct trial *trial)
{
    uint64_t offset_bits;

    trial->levels = one_in(2) ? 3 : 4;
    trial->level = one_in(3) ? (int)below(trial->levels) : 0;
    trial->kind = (int)below(3);
    trial->paddr = (uint64_t)&cells[below(8192)];
    offset_bits = 12 + 9 * trial->level;
    trial->vaddr = (random64() & ~((1ull << offset_bits) - 1)) | (trial->paddr & ((1ull << offset_bits) - 1));
    if (!one_in(24))
        trial->vaddr = sign_extend(trial->vaddr, 12 + 9 * trial->levels);
    trial->status = (one_in(2) ? 1ull << 11 : 0) | (one_in(2) ? MSTATUS_SUM : 0) | (one_in(2) ? MSTATUS_MXR : 0);
    trial->envcfg = (one_in(2) ? ADUE : 0) | (one_in(2) ? PBMTE : 0);
    for (int step = 0; step < trial->levels; step++)
        trial->ptes[step] = &tables[step][index_at(trial, trial->levels - 1 - step)];
    draw_tree(trial);
}

/* ---- the model (privileged specification, 10.3.2) ---- */

struct expected {
    uint64_t cause, paddr;
    uint64_t *updated, pte; /* an entry that the walk writes; NULL: none */
};

static struct expected fault(const struct trial *trial, bool page)
{
    static const uint64_t pages[] = {LOAD_PAGE, STORE_PAGE, FETCH_PAGE};
    static const uint64_t accesses[] = {LOAD_ACCESS, STORE_ACCESS, FETCH_ACCESS};

    return (struct expected){.cause = page ? pages[trial->kind] : accesses[trial->kind]};
}

static bool permitted(const struct trial *trial, uint64_t pte)
{
    bool user = (trial->status >> 11 & 3) == U_MODE;

    if (user != !!(pte & U) && (user || trial->kind == FETCH || !(trial->status & MSTATUS_SUM)))
        return false;
    if (trial->kind == LOAD)
        return pte & R || (pte & X && trial->status & MSTATUS_MXR);
    return pte & (trial->kind == STORE ? W : X);
}

static struct expected leaf(const struct trial *trial, uint64_t *at, int level)
{
    uint64_t pte = *at, ppn = (pte & PPN) >> 10, low = (1ull << 9 * level) - 1;
    uint64_t wanted = A | (trial->kind == STORE ? D : 0);
    struct expected expected = {.cause = trial->kind == FETCH ? ECALL_U + (trial->status >> 11 & 3) : NO_TRAP};

    if (!permitted(trial, pte) || ppn & low)
        return fault(trial, true);
    if (pte & N) {
        if (level != 0 || (ppn & 15) != 8)
            return fault(trial, true);
        low = 15;
    }
    if ((pte & wanted) != wanted && !(trial->envcfg & ADUE))
        return fault(trial, true);
    expected.paddr = ((ppn & ~low) | (trial->vaddr >> 12 & low)) << 12 | (trial->vaddr & 4095);
    if (expected.paddr < RAM || expected.paddr >= RAM_END)
        expected = fault(trial, false);
    if ((pte & wanted) != wanted) {
        expected.updated = at;
        expected.pte = pte | wanted;
    }
    return expected;
}

static struct expected model(const struct trial *trial)
{
    uint64_t *table = tables[0];

    if (sign_extend(trial->vaddr, 12 + 9 * trial->levels) != trial->vaddr)
        return fault(trial, true);
    for (int level = trial->levels - 1; level >= 0; level--) {
        uint64_t *at = &table[index_at(trial, level)], pte;
        if ((uint64_t)at < RAM || (uint64_t)at >= RAM_END)
            return fault(trial, false);
        pte = *at;
        if (!(pte & V) || (pte & (R | W)) == W || pte & RESERVED || (pte & PBMT) == PBMT ||
            (pte & PBMT && !(trial->envcfg & PBMTE)))
            return fault(trial, true);
        if (pte & (R | X))
            return leaf(trial, at, level);
        if (pte & (A | D | U | N | PBMT))
            return fault(trial, true);
        table = (uint64_t *)((pte & PPN) << 2);
    }
    return fault(trial, true);
}

/* ---- the comparison ---- */

static unsigned seen[17]; /* outcomes by cause; 16: none */

static bool is_ours(uint64_t paddr) { return paddr - (uint64_t)cells < sizeof cells; }

static void run(unsigned number)
{
    struct trial trial;
    struct expected expected;
    struct outcome outcome;
    uint64_t before[4], value = random64() << 32 | PROBE_ECALL;
    static unsigned surprises;

    draw(&trial);
    expected = model(&trial);
    if (expected.cause == NO_TRAP && trial.kind == STORE && !is_ours(expected.paddr))
        return; /* a page of ours that is not to be written: an aligned piece of the gigabyte that we live in */
    if (trial.kind == FETCH && expected.paddr && !is_ours(expected.paddr))
        return;
    write_csr(0x30a, trial.envcfg);
    write_csr(satp, (trial.levels == 3 ? 8ull : 9ull) << 60 | (uint64_t)tables[0] >> 12);
    for (int step = 0; step < trial.levels; step++)
        before[step] = *trial.ptes[step];
    if (one_in(16))
        __asm__ volatile("sfence.vma" ::: "memory");

    if (trial.kind == LOAD)
        probe_load8(trial.vaddr, trial.status, &outcome);
    else if (trial.kind == STORE)
        probe_store8(trial.vaddr, trial.status, &outcome, value);
    else
        probe_fetch(trial.vaddr, trial.status, &outcome);

    bool good = outcome.cause == expected.cause;
    if (outcome.cause != NO_TRAP && outcome.cause < ECALL_U)
        good = good && outcome.tval == trial.vaddr;
    if (outcome.cause >= FETCH_PAGE && outcome.cause != NO_TRAP)
        good = good && outcome.tval == trial.vaddr;
    if (trial.kind == FETCH)
        good = good && outcome.epc == (trial.vaddr & ~1ull);
    if (good && expected.cause == NO_TRAP)
        good = *(volatile uint64_t *)expected.paddr == (trial.kind == STORE ? value : outcome.value);
    for (int step = 0; step < trial.levels; step++) {
        uint64_t wanted = expected.updated == trial.ptes[step] ? expected.pte : before[step];
        good = good && *(volatile uint64_t *)trial.ptes[step] == wanted;
    }
    seen[outcome.cause == NO_TRAP ? 16 : outcome.cause & 15]++;
    if (good || ++surprises > 5)
        return;
    line("trial", number);
    line("  kind", (uint64_t)trial.kind);
    line("  levels", (uint64_t)trial.levels);
    line("  status", trial.status);
    line("  envcfg", trial.envcfg);
    line("  vaddr", trial.vaddr);
    for (int step = 0; step < trial.levels; step++)
        line("  entry", before[step]);
    line("  cause", outcome.cause);
    line("  wanted", expected.cause);
    line("  tval", outcome.tval);
    expect(good);
}

int main(void)
{
    open_pmp();
    for (unsigned i = 0; i < 8192; i++)
        cells[i] = random64() << 32 | PROBE_ECALL;
    for (unsigned number = 0; number < TRIALS; number++)
        run(number);
    for (unsigned cause = 0; cause < 17; cause++)
        line("outcomes", seen[cause]);
    expect(seen[16] > TRIALS / 10 && seen[ECALL_S] > TRIALS / 50 && seen[ECALL_U] > TRIALS / 50);
    expect(seen[LOAD_ACCESS] > 10 && seen[STORE_ACCESS] > 10 && seen[FETCH_ACCESS] > 10);
    return 0;
}

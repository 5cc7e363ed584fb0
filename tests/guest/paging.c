/* Address translation: permissions of every kind of page from every mode, superpages, and what is wrong with a table.
 * A and D are set everywhere: what happens when they are not is Svade's and Svadu's (ad_bits.c). */
#include "lib/paging.h"

static uint64_t page[512] __attribute__((aligned(4096)));
static const uint64_t WINDOW = 0x140000000; /* nothing else is there */

/* 0xlsx: load, store and fetch, each with the low bits of its cause, f: none */
static uint64_t probe(uint64_t vaddr)
{
    uint64_t load, store, fetch;

    load = CAUSE_OF((void)*(volatile uint64_t *)vaddr);
    store = CAUSE_OF(*(volatile uint64_t *)vaddr = 0x80828082);
    caught.cause = NO_TRAP;
    __asm__ volatile(
        "la t0, 1f\n la t1, resume_at\n sd t0, 0(t1)\n jalr %0\n 1: la t1, resume_at\n sd zero, 0(t1)" ::"r"(vaddr)
        : "t0", "t1", "ra", "memory");
    fetch = caught.cause;
    return (load & 15) << 8 | (store & 15) << 4 | (fetch & 15);
}

static void permissions(void)
{
    static const uint64_t bits[] = {MSTATUS_SUM, MSTATUS_MXR};

    page[0] = 0x80828082; /* ret, twice: what probe() calls */
    for (unsigned flags = 0; flags < 32; flags++) {
        *pte_at(WINDOW, 0) = pte_of(page, flags | A | D);
        fence();
        put("page ");
        put_hex(flags);
        for (unsigned extra = 0; extra < 4; extra++) {
            for (unsigned bit = 0; bit < 2; bit++)
                if (extra >> bit & 1)
                    set_csr(mstatus, bits[bit]);
                else
                    clear_csr(mstatus, bits[bit]);
            uint64_t causes = in_mode(S_MODE, probe, WINDOW);
            put_char(' ');
            put_hex(causes >> 4); /* of fetches: strict_paging.c */
        }
        put_char('\n');
    }
    clear_csr(mstatus, MSTATUS_SUM | MSTATUS_MXR);
}

/* U-mode needs code and a stack that it may touch: for a while everything of ours is U's. */
static void from_user(void)
{
    *pte_at(0x80000000, 2) |= U;
    for (unsigned flags = 0; flags < 32; flags++) {
        *pte_at(WINDOW, 0) = pte_of(page, flags | A | D);
        fence();
        put("user page ");
        put_hex(flags);
        line("", in_mode(U_MODE, probe, WINDOW));
    }
    *pte_at(0x80000000, 2) &= ~(uint64_t)U;
    fence();
}

static void superpages(void)
{
    for (int level = 1; level < LEVELS; level++) {
        uint64_t vaddr = level == 3 ? 1ull << 39 : (uint64_t)(level + 5) << 30;
        uint64_t base = level == 3 ? 0 : 0x80000000; /* 512 GiB are aligned only there */
        *pte_at(vaddr, level) = pte_of((void *)base, V | R | W | A | D);
        fence();
        line("superpage", in_mode(S_MODE, probe, vaddr + ((uint64_t)page - base)));
        *pte_at(vaddr, level) = pte_of((void *)(base + 4096), V | R | W | A | D); /* not aligned to its size */
        fence();
        line("misaligned", in_mode(S_MODE, probe, vaddr));
        *pte_at(vaddr, level) = 0;
    }
}

static void wrong_tables(void)
{
    uint64_t *pte = pte_at(WINDOW, 0);

    *pte = pte_of(tables[0], V); /* a pointer at the last level */
    fence();
    line("pointer at level 0", in_mode(S_MODE, probe, WINDOW));
    *pte = pte_of((void *)0x40, V | R | W | A | D); /* to nowhere: an access fault, not a page fault */
    fence();
    line("to nowhere", in_mode(S_MODE, probe, WINDOW));
    *pte_at(0x1c0000000, 1) = pte_of(tables[0], V | U); /* U, A, D are reserved in pointers */
    fence();
    line("pointer with U", in_mode(S_MODE, probe, 0x1c0000000));
    /* beyond what the mode translates: bits above must copy the highest */
    line("not canonical", in_mode(S_MODE, probe, 1ull << 62 | WINDOW));
    line("not canonical", in_mode(S_MODE, probe, 1ull << (LEVELS == 3 ? 38 : 47)));
}

static uint64_t load_as_s(uint64_t vaddr)
{
    uint64_t value;

    set_csr(mstatus, 1ull << 11);
    clear_csr(mstatus, 1ull << 12); /* MPP: S */
    __asm__ volatile("csrs mstatus, %1\n ld %0, 0(%2)\n csrc mstatus, %1"
                     : "=&r"(value)
                     : "r"(MSTATUS_MPRV), "r"(vaddr)
                     : "memory");
    return value;
}

/* A store to a page table and a fence: the new page is there. */
static void edits(void)
{
    static uint64_t two[1024] __attribute__((aligned(4096)));
    uint64_t *pte = pte_at(WINDOW, 0);

    two[0] = 0x1111;
    two[512] = 0x2222;
    for (unsigned i = 0; i < 8; i++) {
        *pte = pte_of(two + 512 * (i & 1), V | R | A | D);
        __asm__ volatile("sfence.vma %0, zero" ::"r"(WINDOW) : "memory");
        expect_equal(load_as_s(WINDOW), i & 1 ? 0x2222 : 0x1111);
    }
}

int main(void)
{
    open_pmp();
    paging_on();
    permissions();
    from_user();
    superpages();
    wrong_tables();
    edits();
    return 0;
}

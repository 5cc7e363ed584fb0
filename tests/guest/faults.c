/* Which fault, and what address it tells: where several could be meant, and where public suites look. */
#include "lib/paging.h"

enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, TOR = 1 << 3, NA4 = 2 << 3, NAPOT = 3 << 3 };

static const uint64_t WINDOW = 0x140000000, ADUE = 1ull << 61;
static uint64_t pages[2][512] __attribute__((aligned(4096)));

#define AT(text, address) __asm__ volatile(text ::"r"(address) : "t0", "t1", "memory")

static void expect_trap(uint64_t cause, uint64_t tval, int at_line)
{
    equal_or_fail(caught.cause, cause, "cause", at_line);
    equal_or_fail(caught.tval, tval, "tval", at_line);
}

#define TRAPS(statement, cause, tval) (CAUSE_OF(statement), expect_trap(cause, tval, __LINE__))
#define FINE(statement)               expect_equal(CAUSE_OF(statement), NO_TRAP)

/* ---- atomics ---- */

static uint64_t lr(uint64_t address) { return CAUSE_OF(AT("lr.w t0, (%0)", address)); }
static uint64_t sc(uint64_t address) { return CAUSE_OF(AT("li t0, 9\n sc.d t0, zero, (%0)", address)); }
static uint64_t amo(uint64_t address) { return CAUSE_OF(AT("amoadd.w t0, zero, (%0)", address)); }

static void atomics(void)
{
    uint64_t nowhere = 0x40, device = UART, cell = (uint64_t)pages, rd;

    TRAPS(lr(nowhere), LOAD_ACCESS, nowhere);
    TRAPS(sc(nowhere), STORE_ACCESS, nowhere); /* the reservation is not what it lacks */
    TRAPS(amo(nowhere), STORE_ACCESS, nowhere);
    TRAPS(lr(device), LOAD_ACCESS, device); /* no atomics in devices */
    TRAPS(sc(device), STORE_ACCESS, device);
    TRAPS(amo(device), STORE_ACCESS, device);
    TRAPS(lr(nowhere + 1), LOAD_MISALIGNED, nowhere + 1);
    TRAPS(sc(nowhere + 4), STORE_MISALIGNED, nowhere + 4);
    TRAPS(amo(cell + 2), STORE_MISALIGNED, cell + 2);
    __asm__ volatile("li %0, 77\n sc.w %0, %0, (%1)" : "=&r"(rd) : "r"(nowhere) : "memory");
    expect_equal(rd, 77); /* nothing written */
    FINE(sc(cell));       /* fails */
    __asm__ volatile("sc.w %0, %1, (%1)" : "=&r"(rd) : "r"(cell) : "memory");
    expect_equal(rd, 1);
}

static void atomics_paged(void)
{
    uint64_t cell = WINDOW + 8;

    *pte_at(WINDOW, 0) = pte_of(pages, V | R | A | D);
    fence();
    in_mode(S_MODE, lr, cell);
    expect_equal(caught.cause, NO_TRAP);
    in_mode(S_MODE, sc, cell);
    expect_trap(STORE_PAGE, cell, __LINE__);
    in_mode(S_MODE, amo, cell);
    expect_trap(STORE_PAGE, cell, __LINE__); /* it reads, but it is a store */
    *pte_at(WINDOW, 0) = pte_of((void *)0, V | R | W | A | D);
    fence();
    in_mode(S_MODE, lr, cell);
    expect_trap(LOAD_ACCESS, cell, __LINE__);
    in_mode(S_MODE, sc, cell);
    expect_trap(STORE_ACCESS, cell, __LINE__);
    *pte_at(WINDOW, 0) = 0;
    fence();
}

/* ---- cache blocks: the address told is that of rs1 (unprivileged specification, 19.4) ---- */

#define CBO(name)                                                                                                      \
    static uint64_t cbo_##name(uint64_t address)                                                                       \
    {                                                                                                                  \
        return CAUSE_OF(                                                                                               \
            AT(".option push\n .option arch, +zicbom, +zicboz\n cbo." #name " 0(%0)\n .option pop", address));         \
    }
CBO(zero)
CBO(clean)
CBO(flush)
CBO(inval)

static uint64_t (*const cbos[])(uint64_t) = {cbo_zero, cbo_clean, cbo_flush, cbo_inval};

static void blocks(void)
{
    write_csr(0x30a, 0xf0);
    for (unsigned i = 0; i < 4; i++) {
        TRAPS(cbos[i](0x41), STORE_ACCESS, 0x41);
        FINE(cbos[i]((uint64_t)pages + 33)); /* never misaligned */
        *pte_at(WINDOW, 0) = 0;
        fence();
        in_mode(S_MODE, cbos[i], WINDOW + 99);
        expect_trap(STORE_PAGE, WINDOW + 99, __LINE__);
        *pte_at(WINDOW, 0) = pte_of((void *)0, V | R | W | A | D);
        fence();
        in_mode(S_MODE, cbos[i], WINDOW + 99);
        expect_trap(STORE_ACCESS, WINDOW + 99, __LINE__);
        *pte_at(WINDOW, 0) = pte_of(pages, V | R | A | D); /* reading is enough to manage, not to zero */
        fence();
        in_mode(S_MODE, cbos[i], WINDOW + 99);
        if (i == 0)
            expect_trap(STORE_PAGE, WINDOW + 99, __LINE__);
        else
            expect_equal(caught.cause, NO_TRAP);
    }
    *pte_at(WINDOW, 0) = 0;
    fence();
}

/* ---- fetches ---- */

static uint64_t jump(uint64_t address)
{
    caught.cause = NO_TRAP;
    __asm__ volatile("la t0, 1f\n la t1, resume_at\n sd t0, 0(t1)\n jalr %0\n 1: la t1, resume_at\n sd zero, 0(t1)"
                     :
                     : "r"(address)
                     : "t0", "t1", "ra", "memory");
    return caught.cause;
}

/* An instruction of 4 bytes across two pages: the address told is that of the half that could not be fetched, the
 * program counter that of the instruction (3.1.16). */
static void fetch_across_pages(void)
{
    uint16_t *last = (uint16_t *)pages[0] + 2047;
    uint64_t end = WINDOW + 4096;

    *last = 0x0505;                 /* c.addi a0, 1, or the low half of something */
    *(uint16_t *)pages[1] = 0x8082; /* c.jr ra */
    *pte_at(WINDOW, 0) = pte_of(pages[0], V | X | A);
    *pte_at(end, 0) = pte_of(pages[1], V | X | A);
    fence();
    in_mode(S_MODE, jump, end - 2);
    expect_equal(caught.cause, NO_TRAP);
    *pte_at(end, 0) = pte_of(pages[1], V | R | A);
    fence();
    in_mode(S_MODE, jump, end - 2); /* 2 bytes: the next instruction is it */
    expect_trap(FETCH_PAGE, end, __LINE__);
    expect_equal(caught.epc, end);
    *last = 0x0513; /* 4 bytes */
    in_mode(S_MODE, jump, end - 2);
    expect_trap(FETCH_PAGE, end, __LINE__);
    expect_equal(caught.epc, end - 2);
    *pte_at(end, 0) = pte_of((void *)0, V | X | A);
    fence();
    in_mode(S_MODE, jump, end - 2);
    expect_trap(FETCH_ACCESS, end, __LINE__);
    expect_equal(caught.epc, end - 2);
    *pte_at(WINDOW, 0) = 0;
    fence();
    in_mode(S_MODE, jump, end - 2); /* the first half comes first */
    expect_trap(FETCH_PAGE, end - 2, __LINE__);
    *pte_at(end, 0) = 0;
    fence();
    in_mode(S_MODE, jump, 1ull << 63); /* not canonical */
    expect_trap(FETCH_PAGE, 1ull << 63, __LINE__);
    jump(1ull << 63); /* not translated: there is nothing there */
    expect_trap(FETCH_ACCESS, 1ull << 63, __LINE__);
}

/* The same across a boundary of physical protection inside a page. */
static void fetch_across_pmp(void)
{
    uint64_t at = (uint64_t)pages[0] + 64;
    uint16_t *code = (uint16_t *)at;

    code[-1] = 0x0513, code[0] = 0x0015; /* addi a0, a0, 1 */
    code[1] = 0x8082;
    in_mode(S_MODE, jump, at - 2);
    expect_equal(caught.cause, NO_TRAP);
    write_csr(pmpaddr0, at >> 2);
    write_csr(pmpaddr1, UINT64_MAX >> 10);
    write_csr(pmpcfg0, (NAPOT | PMP_R | PMP_W | PMP_X) << 8 | NA4 | PMP_R | PMP_W);
    in_mode(S_MODE, jump, at - 2);
    expect_trap(FETCH_ACCESS, at, __LINE__);
    expect_equal(caught.epc, at - 2);
    in_mode(S_MODE, jump, at);
    expect_trap(FETCH_ACCESS, at, __LINE__);
    jump(at - 2); /* not locked: not M-mode's */
    expect_equal(caught.cause, NO_TRAP);
    open_pmp();
}

/* ---- walks under physical protection: an access fault of the kind of the access ---- */

static uint64_t load(uint64_t address) { return CAUSE_OF((void)*(volatile uint64_t *)address); }
static uint64_t store(uint64_t address) { return CAUSE_OF(*(volatile uint64_t *)address = 1); }

static void protect(const void *address, uint64_t permits)
{
    write_csr(pmpaddr0, (uint64_t)address >> 2);
    write_csr(pmpaddr1, UINT64_MAX >> 10);
    write_csr(pmpcfg0, (NAPOT | PMP_R | PMP_W | PMP_X) << 8 | (NAPOT | permits)); /* 8 bytes */
}

static void walks(void)
{
    uint64_t *pte = pte_at(WINDOW, 0);

    *pte = pte_of(pages, V | R | W | X | A | D);
    fence();
    protect(pte, PMP_W | PMP_X | PMP_R);
    in_mode(S_MODE, load, WINDOW);
    expect_equal(caught.cause, NO_TRAP);
    protect(pte, PMP_X);
    in_mode(S_MODE, load, WINDOW + 8);
    expect_trap(LOAD_ACCESS, WINDOW + 8, __LINE__);
    in_mode(S_MODE, store, WINDOW + 8);
    expect_trap(STORE_ACCESS, WINDOW + 8, __LINE__);
    in_mode(S_MODE, jump, WINDOW + 8);
    expect_trap(FETCH_ACCESS, WINDOW + 8, __LINE__);
    protect(pte, PMP_R); /* an entry that need not be updated */
    in_mode(S_MODE, store, WINDOW);
    expect_equal(caught.cause, NO_TRAP);

    set_csr(0x30a, ADUE);
    *pte = pte_of(pages, V | R | W);
    fence();
    in_mode(S_MODE, load, WINDOW); /* needs A, and may not write it */
    expect_trap(LOAD_ACCESS, WINDOW, __LINE__);
    *pte = pte_of(pages, V | R | W | A);
    fence();
    in_mode(S_MODE, load, WINDOW);
    expect_equal(caught.cause, NO_TRAP);
    in_mode(S_MODE, store, WINDOW);
    expect_trap(STORE_ACCESS, WINDOW, __LINE__);
    expect_equal(*pte & D, 0);
    open_pmp();
    in_mode(S_MODE, store, WINDOW);
    expect_equal(caught.cause, NO_TRAP);
    expect_equal(*pte & D, D);

    *pte = pte_of(pages, V | R); /* no permission: no update either */
    fence();
    in_mode(S_MODE, store, WINDOW);
    expect_trap(STORE_PAGE, WINDOW, __LINE__);
    expect_equal(*pte & (A | D), 0);
    *pte = pte_of((void *)0, V | R | W); /* the update comes before the access, which then fails */
    fence();
    in_mode(S_MODE, load, WINDOW);
    expect_trap(LOAD_ACCESS, WINDOW, __LINE__);
    clear_csr(0x30a, ADUE);
    *pte = 0;
    fence();
}

/* ---- accesses across two pages: the address told is that of the part that failed ---- */

static void data_across_pages(void)
{
    uint64_t end = WINDOW + 4096;

    pages[0][511] = 0x1111111111111111;
    *pte_at(WINDOW, 0) = pte_of(pages[0], V | R | W | A | D);
    *pte_at(end, 0) = 0;
    fence();
    in_mode(S_MODE, load, end - 3);
    expect_trap(LOAD_PAGE, end, __LINE__);
    in_mode(S_MODE, store, end - 3);
    expect_trap(STORE_PAGE, end, __LINE__);
    expect_equal(pages[0][511], 0x1111111111111111); /* all or nothing */
    *pte_at(end, 0) = pte_of(pages[1], V | R | A | D);
    *pte_at(WINDOW, 0) = 0;
    fence();
    in_mode(S_MODE, load, end - 3);
    expect_trap(LOAD_PAGE, end - 3, __LINE__);
    *pte_at(end, 0) = 0;
    fence();
}

int main(void)
{
    open_pmp();
    paging_on();
    atomics();
    atomics_paged();
    blocks();
    fetch_across_pages();
    fetch_across_pmp();
    walks();
    data_across_pages();
    return 0;
}

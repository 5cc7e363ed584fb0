/* Exceptions: what causes them, where they go, what they leave in the status registers. */
#include "lib/guest.h"

void trap_entry_s(void);

static void show(const char *name)
{
    put(name);
    put(": cause ");
    put_decimal(caught.cause);
    put(" mode ");
    put_decimal(caught.mode);
    put(" status ");
    put_hex(caught.status & 0x19aa); /* MPP, SPP, MPIE, SPIE, MIE, SIE */
    put_char('\n');
}

static uint64_t do_ecall(uint64_t a7)
{
    register uint64_t number __asm__("a7") = a7;

    __asm__ volatile("ecall" ::"r"(number) : "memory");
    return 0;
}

static uint64_t do_illegal(uint64_t ignored)
{
    (void)ignored;
    __asm__ volatile(".word 0xffffffff");
    return 0;
}

static uint64_t do_load(uint64_t address) { return *(volatile uint64_t *)address; }

static uint64_t do_sret(uint64_t ignored)
{
    (void)ignored;
    __asm__ volatile("la t0, 1f\n csrw sepc, t0\n sret\n 1:" ::: "t0");
    return 0;
}

static uint64_t do_wfi(uint64_t ignored)
{
    (void)ignored;
    __asm__ volatile("wfi");
    return 0;
}

static uint64_t do_fence(uint64_t ignored)
{
    (void)ignored;
    __asm__ volatile("sfence.vma");
    return 0;
}

static void in_m(void)
{
    caught.cause = NO_TRAP;
    do_ecall(0);
    show("ecall M");
    do_illegal(0);
    show("illegal");
    line("tval", caught.tval);
    __asm__ volatile(".half 0x0000");
    show("illegal, 2 bytes");
    line("tval", caught.tval);
    __asm__ volatile("ebreak");
    show("ebreak");
    do_load(0x40);
    show("load from nowhere");
    line("tval", caught.tval);
    *(volatile uint64_t *)0x48 = 1;
    show("store to nowhere");
    line("tval", caught.tval);
    __asm__ volatile("la t0, 1f\n la t1, resume_at\n sd t0, 0(t1)\n li t0, 0x50\n jr t0\n 1:" ::: "t0", "t1", "memory");
    show("jump to nowhere");
    line("tval", caught.tval);
    line("epc", caught.epc);
}

static void in_lower(void)
{
    static const struct {
        const char *name;
        uint64_t (*function)(uint64_t);
        uint64_t argument;
    } cases[] = {
        {"ecall", do_ecall, 0},
        {"illegal", do_illegal, 0},
        {"load", do_load, 0x40},
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int mode = 0; mode < 2; mode++) {
            put(mode == S_MODE ? "from S, " : "from U, ");
            in_mode((enum mode)mode, cases[i].function, cases[i].argument);
            show(cases[i].name);
        }
}

/* Delegated: taken in S-mode from S and U, never from M. */
static void delegated(void)
{
    extern char trap_stack_top[];

    write_csr(stvec, (uint64_t)trap_entry_s);
    write_csr(sscratch, (uint64_t)trap_stack_top - 8192);
    write_csr(medeleg, 1 << ILLEGAL | 1 << LOAD_ACCESS);
    put("delegated\n");
    in_lower();
    do_illegal(0);
    show("from M, illegal");
    write_csr(medeleg, 0);
}

static void guarded(void)
{
    static const struct {
        const char *name;
        uint64_t bit;
        uint64_t (*function)(uint64_t);
    } cases[] = {
        {"TSR sret", MSTATUS_TSR, do_sret}, {"TW wfi", MSTATUS_TW, do_wfi}, {"TVM sfence", MSTATUS_TVM, do_fence}};

    write_csr(mideleg, 2); /* so that it pends in S-mode without being taken */
    set_csr(mie, 2);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caught.cause = NO_TRAP;
        if (cases[i].function == do_wfi)
            set_csr(mip, 2);                /* wfi does not wait when something is pending */
        if (cases[i].function != do_sret) { /* without the guard, sret would leave S-mode here */
            in_mode(S_MODE, cases[i].function, 0);
            line(cases[i].name, caught.cause);
        }
        set_csr(mstatus, cases[i].bit);
        in_mode(S_MODE, cases[i].function, 0);
        line(cases[i].name, caught.cause);
        clear_csr(mstatus, cases[i].bit);
        clear_csr(mip, 2);
        caught.cause = NO_TRAP;
        if (cases[i].function != do_wfi) { /* in U-mode an implementation may let wfi be */
            in_mode(U_MODE, cases[i].function, 0);
            line(cases[i].name, caught.cause);
        }
    }
    clear_csr(mie, 2);
    write_csr(mideleg, 0);
}

/* mret and sret move the stack of enables. */
static void returns(void)
{
    uint64_t status;

    write_csr(mstatus, 3ull << 11 | 1 << 7 | 0x6000); /* MPP M, MPIE */
    clear_csr(mie, UINT64_MAX);
    __asm__ volatile("la t0, 1f\n csrw mepc, t0\n mret\n 1: csrr %0, mstatus" : "=r"(status)::"t0");
    line("after mret", status & 0x1888);
    clear_csr(mstatus, MSTATUS_MIE);
    write_csr(mstatus, 3ull << 11 | 0x6000 | MSTATUS_MPRV);
    __asm__ volatile("la t0, 1f\n csrw mepc, t0\n mret\n 1: csrr %0, mstatus" : "=r"(status)::"t0");
    line("MPRV kept on mret to M", status & MSTATUS_MPRV);
    clear_csr(mstatus, MSTATUS_MPRV);
}

/* MPRV: loads and stores of M-mode as if in MPP. */
static void mprv(void)
{
    static uint64_t word = 42;
    uint64_t value;

    write_csr(pmpaddr0, 0);
    write_csr(pmpcfg0, 0); /* no PMP entry: U reaches nothing */
    clear_csr(mstatus, 3ull << 11);
    caught.cause = NO_TRAP;
    __asm__ volatile("csrs mstatus, %1\n ld %0, 0(%2)\n csrc mstatus, %1"
                     : "=&r"(value)
                     : "r"(MSTATUS_MPRV), "r"(&word)
                     : "memory");
    line("MPRV load", caught.cause);
    clear_csr(mstatus, MSTATUS_MPRV);
    open_pmp();
    clear_csr(mstatus, 3ull << 11);
    __asm__ volatile("csrs mstatus, %1\n ld %0, 0(%2)\n csrc mstatus, %1"
                     : "=&r"(value)
                     : "r"(MSTATUS_MPRV), "r"(&word)
                     : "memory");
    line("MPRV load", value);
}

/* Vectored: interrupts spread over the table, exceptions do not. */
static void vectored(void)
{
    uint64_t which, was = read_csr(mtvec);

    __asm__ volatile("j 2f\n"
                     ".option push\n .option norvc\n .balign 64\n"
                     "1: j 3f\n nop\n nop\n j 4f\n"
                     "3: li %0, 100\n j 5f\n" /* an exception */
                     "4: li %0, 101\n j 5f\n" /* a machine software interrupt */
                     ".option pop\n"
                     "2: la t0, 1b\n ori t0, t0, 1\n csrw mtvec, t0\n li %0, 0\n ecall\n"
                     "5:"
                     : "=&r"(which)::"t0", "memory");
    line("vectored exception", which);
    MMIO32(CLINT) = 1;
    set_csr(mie, 8);
    __asm__ volatile("j 2f\n"
                     ".option push\n .option norvc\n .balign 64\n"
                     "1: j 3f\n nop\n nop\n j 4f\n"
                     "3: li %0, 100\n j 5f\n"
                     "4: li %0, 101\n j 5f\n"
                     ".option pop\n"
                     "2: la t0, 1b\n ori t0, t0, 1\n csrw mtvec, t0\n li %0, 0\n csrsi mstatus, 8\n nop\n nop\n"
                     "5:"
                     : "=&r"(which)::"t0", "memory");
    line("vectored interrupt", which);
    line("mcause", read_csr(mcause));
    MMIO32(CLINT) = 0;
    clear_csr(mie, 8);
    clear_csr(mstatus, MSTATUS_MIE);
    write_csr(mtvec, was);
}

int main(void)
{
    open_pmp();
    in_m();
    in_lower();
    delegated();
    guarded();
    returns();
    mprv();
    vectored();
    return 0;
}

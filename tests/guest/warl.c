/* Fields that hold only what is legal, the bits that shadow each other, and what returns leave behind: rules that the
 * public suites look at and that some QEMU versions do not keep. */
#include "lib/guest.h"

#define MPP  (3ull << 11)
#define MPIE (1ull << 7)
#define SPIE (1ull << 5)
#define FS   (3ull << 13)
#define SD   (1ull << 63)
#define CBIE (3ull << 4)
#define STCE (1ull << 63)

/* What reads back after a write. */
#define HOLDS(csr, value)                                                                                              \
    ({                                                                                                                 \
        uint64_t was_ = read_csr(csr);                                                                                 \
        write_csr(csr, value);                                                                                         \
        uint64_t is_ = read_csr(csr);                                                                                  \
        write_csr(csr, was_);                                                                                          \
        is_;                                                                                                           \
    })

static void machine_status(void)
{
    uint64_t status = read_csr(mstatus);

    for (uint64_t mpp = 0; mpp < 4; mpp++) { /* 2 is no privilege */
        uint64_t held = HOLDS(mstatus, (status & ~MPP) | mpp << 11) >> 11 & 3;
        expect(mpp == 2 ? held != 2 : held == mpp);
    }
    for (uint64_t fs = 0; fs < 4; fs++) {
        uint64_t held = HOLDS(mstatus, (status & ~FS) | fs << 13 | (fs & 1 ? 0 : SD));
        expect_equal(held >> 13 & 3, fs);
        expect_equal(held >> 63, fs == 3); /* SD follows, whatever is written to it */
    }
    expect_equal(HOLDS(mstatus, status | 3ull << 15 | 3ull << 9) >> 9 & 3, 0); /* no vectors: VS */
    expect_equal(HOLDS(mstatus, status | 3ull << 15) >> 15 & 3, 0);            /* XS */
    expect_equal(HOLDS(mstatus, 0) >> 32 & 15, 10);                            /* UXL and SXL: 64 */
    expect_equal(HOLDS(mstatus, UINT64_MAX) >> 32 & 15, 10);
    expect_equal(HOLDS(sstatus, UINT64_MAX) >> 32 & 3, 2);
    expect_equal(HOLDS(sstatus, ~FS), 0x80000002000c6122 & ~FS & ~SD);
    expect_equal(HOLDS(sstatus, UINT64_MAX), 0x80000002000c6122);
}

static void addresses(void)
{
    for (uint64_t low = 0; low < 4; low++) {
        uint64_t base = 0x80001000;
        expect_equal(HOLDS(mepc, base + low), base + (low & 2));
        expect_equal(HOLDS(sepc, base + low), base + (low & 2));
        expect_equal(HOLDS(stvec, base + low) & 2, 0);
        expect_equal(HOLDS(stvec, base + low) & ~3ull, base);
    }
    expect_equal(HOLDS(stvec, 0x80001001), 0x80001001); /* vectored */
    expect_equal(HOLDS(sepc, UINT64_MAX), UINT64_MAX - 1);
    expect_equal(HOLDS(stval, UINT64_MAX), UINT64_MAX);
    expect_equal(HOLDS(mtval, UINT64_MAX), UINT64_MAX);
    for (uint64_t cause = 0; cause < 64; cause++) {
        expect_equal(HOLDS(scause, cause), cause);
        expect_equal(HOLDS(mcause, INTERRUPT | cause), INTERRUPT | cause);
    }
    for (uint64_t mode = 0; mode < 16; mode++) {
        uint64_t held = HOLDS(satp, mode << 60);
        expect_equal(held, mode == 8 || mode == 9 ? mode << 60 : 0);
    }
    expect_equal(HOLDS(satp, 8ull << 60 | 0xffffull << 44) >> 44 & 0xffff, 0xffff); /* ASID */
}

static void delegation(void)
{
    expect_equal(HOLDS(medeleg, UINT64_MAX), 0xb3ff); /* not ecall from M, not what is reserved */
    expect_equal(HOLDS(mideleg, UINT64_MAX), 0x222);
    expect_equal(HOLDS(mie, UINT64_MAX), 0xaaa);
    expect_equal(HOLDS(mcounteren, UINT64_MAX), UINT32_MAX);
    expect_equal(HOLDS(scounteren, UINT64_MAX), UINT32_MAX);
    expect_equal(HOLDS(mcountinhibit, UINT64_MAX), 5); /* cycle and instret; time cannot stop */
    expect_equal(HOLDS(mhpmcounter3, UINT64_MAX), 0);
    expect_equal(HOLDS(mhpmevent31, UINT64_MAX), 0);
    uint64_t misa = read_csr(misa);
    expect_equal(HOLDS(misa, 0), misa);
}

static void environment(void)
{
    for (uint64_t cbie = 0; cbie < 4; cbie++) { /* 2 is reserved */
        uint64_t machine = HOLDS(0x30a, cbie << 4) & CBIE, supervisor = HOLDS(0x10a, cbie << 4) & CBIE;
        expect(cbie == 2 ? machine != 2 << 4 : machine == cbie << 4);
        expect(cbie == 2 ? supervisor != 2 << 4 : supervisor == cbie << 4);
    }
    expect_equal(HOLDS(0x30a, UINT64_MAX), 7ull << 61 | 0xf1);
    expect_equal(HOLDS(0x10a, UINT64_MAX), 0xf1);
}

/* ---- pending bits ---- */

static uint64_t set_all_sip(uint64_t ignored)
{
    (void)ignored;
    set_csr(sip, UINT64_MAX);
    return read_csr(sip);
}

static void pending(void)
{
    write_csr(mideleg, 0);
    set_csr(sip, UINT64_MAX);
    expect_equal(read_csr(mip) & 0x222, 0); /* what is not delegated is not S-mode's */
    expect_equal(read_csr(sip), 0);
    write_csr(mideleg, 0x222);
    expect_equal(in_mode(S_MODE, set_all_sip, 0), 2); /* SSIP is all that S-mode sets */
    expect_equal(read_csr(mip) & 0x222, 2);
    write_csr(sip, 0);
    expect_equal(read_csr(mip) & 0x222, 0);
    set_csr(mip, UINT64_MAX);
    expect_equal(read_csr(mip) & 0x222, 0x222);
    write_csr(sip, 0);
    expect_equal(read_csr(mip) & 0x222, 0x220);
    write_csr(mideleg, 0x20);
    expect_equal(read_csr(sip), 0x20);
    clear_csr(mip, UINT64_MAX);
    expect_equal(read_csr(mip) & 0x222, 0);
    write_csr(mie, 0xaaa);
    expect_equal(read_csr(sie), 0x20);
    write_csr(sie, 0);
    expect_equal(read_csr(mie), 0xa8a);
    write_csr(mie, 0);
    write_csr(mideleg, 0);

    write_csr(0x14d, 0); /* STIP is stimecmp's only with STCE */
    expect_equal(read_csr(mip) & 0x20, 0);
    set_csr(mip, 0x20);
    set_csr(0x30a, STCE);
    expect_equal(read_csr(mip) & 0x20, 0x20);
    write_csr(0x14d, UINT64_MAX);
    expect_equal(read_csr(mip) & 0x20, 0); /* what software had set went with it */
    write_csr(0x14d, 0);
    clear_csr(0x30a, STCE);
    expect_equal(read_csr(mip) & 0x20, 0);
    write_csr(0x14d, UINT64_MAX);
}

/* The external line shows in mip.SEIP but setting and clearing bits does not latch it (3.1.9). */
static void external(void)
{
    const uint64_t seip = 1 << 9;

    MMIO32(PLIC + 40) = 1;           /* the UART's priority */
    MMIO32(PLIC + 0x2080) = 1 << 10; /* enabled for S-mode */
    MMIO8(UART + 1) = 2;             /* room to transmit */
    expect_equal(read_csr(mip) & seip, seip);
    set_csr(mip, 2); /* read, or, write: of the line nothing is written */
    MMIO8(UART + 1) = 0;
    MMIO32(PLIC + 0x201004) = MMIO32(PLIC + 0x201004);
    expect_equal(read_csr(mip) & (seip | 2), 2);
    set_csr(mip, seip);
    expect_equal(read_csr(mip) & seip, seip);
    clear_csr(mip, seip | 2);
    expect_equal(read_csr(mip) & seip, 0);
    MMIO32(PLIC + 0x2080) = 0;
}

/* ---- returns ---- */

static uint64_t leave_by_sret(uint64_t set)
{
    clear_csr(sstatus, MSTATUS_SPP | SPIE | MSTATUS_SIE);
    set_csr(sstatus, set);
    __asm__ volatile("la t0, 1f\n csrw sepc, t0\n sret\n 1:\n .word 0xffffffff" ::: "t0", "memory");
    return 0;
}

/* The status that an illegal instruction finds behind the return. */
static void returns(void)
{
    for (uint64_t set = 0; set < 8; set++) {
        uint64_t wanted = (set & 1 ? MSTATUS_SPP : 0) | (set & 2 ? SPIE : 0) | (set & 4 ? MSTATUS_SIE : 0);
        in_mode(S_MODE, leave_by_sret, wanted);
        expect_equal(caught.cause, ILLEGAL);
        expect_equal(caught.status >> 11 & 3, set & 1); /* where sret went */
        expect_equal(caught.status & MSTATUS_SPP, 0);   /* then the least privilege */
        expect_equal(caught.status & SPIE, SPIE);
        expect_equal(caught.status >> 1 & 1, set >> 1 & 1); /* SIE from SPIE */
    }
    for (uint64_t set = 0; set < 4; set++) { /* sret from M, TSR or not; MPRV goes */
        set_csr(mstatus, MSTATUS_MPRV | (set & 1 ? MSTATUS_SPP : 0) | (set & 2 ? MSTATUS_TSR : 0));
        __asm__ volatile("la t0, 1f\n csrw sepc, t0\n sret\n 1:\n .word 0xffffffff\n li a7, 0x44454a41\n ecall" ::
                             : "t0", "a7", "memory");
        expect_equal(caught.cause, ILLEGAL);
        expect_equal(caught.status >> 11 & 3, set & 1);
        expect_equal(caught.status & (MSTATUS_MPRV | MSTATUS_SPP), 0);
        clear_csr(mstatus, MSTATUS_TSR);
    }
    for (uint64_t mode = 0; mode < 2; mode++) { /* mret below M: MPRV goes, MPP is the least privilege */
        clear_csr(mstatus, MPP | MSTATUS_MIE);
        set_csr(mstatus, mode << 11 | MPIE | MSTATUS_MPRV);
        __asm__ volatile("la t0, 1f\n csrw mepc, t0\n mret\n 1:\n .word 0xffffffff\n li a7, 0x44454a41\n ecall" ::
                             : "t0", "a7", "memory");
        expect_equal(caught.cause, ILLEGAL);
        expect_equal(caught.status >> 11 & 3, mode);
        expect_equal(caught.status & (MSTATUS_MPRV | MPIE), MPIE); /* MIE was MPIE, and is MPIE again */
        clear_csr(mstatus, MSTATUS_MIE);
    }
}

/* ---- counters ---- */

static void counters(void)
{
    uint64_t value;

    __asm__ volatile("csrw minstret, zero\n csrr %0, minstret" : "=r"(value)); /* the write itself does not count */
    expect_equal(value, 0);
    __asm__ volatile("csrw mcycle, zero\n csrr %0, mcycle" : "=r"(value));
    expect_equal(value, 0);
    __asm__ volatile("csrw minstret, %1\n nop\n csrr %0, minstret" : "=r"(value) : "r"(UINT64_MAX));
    expect_equal(value, 0);
    set_csr(mcountinhibit, 5);
    uint64_t cycle = read_csr(mcycle), instret = read_csr(minstret);
    expect_equal(read_csr(mcycle), cycle);
    expect_equal(read_csr(minstret), instret);
    clear_csr(mcountinhibit, 5);
    MMIO64(MTIME) = 42;
    value = read_csr(time);
    expect(value >= 42 && value < 52);
    MMIO64(MTIME) = UINT64_MAX;
    for (int i = 0; i < 1000 && MMIO64(MTIME) > 1000; i++)
        ;
    expect(MMIO64(MTIME) <= 1000);
}

static uint64_t do_wfi(uint64_t ignored)
{
    (void)ignored;
    return CAUSE_OF(__asm__ volatile("wfi"));
}

int main(void)
{
    open_pmp();
    MMIO64(MTIMECMP) = UINT64_MAX;
    machine_status();
    addresses();
    delegation();
    environment();
    pending();
    external();
    returns();
    counters();
    expect_equal(in_mode(U_MODE, do_wfi, 0), ILLEGAL); /* with S-mode there, wfi is not U-mode's (3.3.3) */
    return 0;
}

/* CSR instructions, and the rules for what sticks. */
#include "lib/guest.h"

#define ILLEGAL_READ(number)                                                                                           \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        CAUSE_OF(__asm__ volatile("csrr %0, %1" : "=r"(value_) : "i"(number)));                                        \
    })
#define ILLEGAL_WRITE(number) CAUSE_OF(__asm__ volatile("csrw %0, zero" ::"i"(number)))

static void instructions(void)
{
    uint64_t old;

    __asm__ volatile("csrrw %0, mtval, %1" : "=r"(old) : "r"(0xff00ull));
    __asm__ volatile("csrrs %0, mtval, %1" : "=r"(old) : "r"(0x0ff0ull));
    expect_equal(old, 0xff00);
    __asm__ volatile("csrrc %0, mtval, %1" : "=r"(old) : "r"(0x00f0ull));
    expect_equal(old, 0xfff0);
    __asm__ volatile("csrrwi %0, mtval, 21" : "=r"(old));
    expect_equal(old, 0xff00);
    __asm__ volatile("csrrsi %0, mtval, 10" : "=r"(old));
    expect_equal(old, 21);
    __asm__ volatile("csrrci %0, mtval, 1" : "=r"(old));
    expect_equal(old, 31);
    __asm__ volatile("csrr %0, mtval" : "=r"(old));
    expect_equal(old, 30);
    __asm__ volatile("csrrw %0, mtval, %0" : "+r"(old)); /* source and destination are one register */
    expect_equal(old, 30);
}

static void floating(void)
{
    write_csr(fcsr, 0xfff);
    line("fcsr", read_csr(fcsr));
    line("frm", read_csr(frm));
    line("fflags", read_csr(fflags));
    write_csr(frm, 2);
    write_csr(fflags, 0x11);
    line("fcsr", read_csr(fcsr));
    write_csr(frm, 5); /* reserved: an operation that rounds dynamically is illegal */
    line("reserved frm", CAUSE_OF(__asm__ volatile("fadd.d ft0, ft1, ft2" ::: "ft0")));
    line("static rm", CAUSE_OF(__asm__ volatile("fadd.d ft0, ft1, ft2, rtz" ::: "ft0")));
    line("reserved rm", CAUSE_OF(__asm__ volatile(".word 0x0220d053"))); /* fadd.d f0, f1, f2, rm=5 */
    write_csr(fcsr, 0);
    clear_csr(mstatus, 0x6000); /* FS off */
    line("FS off: fadd", CAUSE_OF(__asm__ volatile("fadd.d ft0, ft1, ft2" ::: "ft0")));
    line("FS off: fcsr", CAUSE_OF(__asm__ volatile("csrr t0, fcsr" ::: "t0")));
    line("FS off: fld", CAUSE_OF(__asm__ volatile("fld ft0, 0(sp)" ::: "ft0")));
    line("FS off: mstatus.SD", read_csr(mstatus) >> 63);
    set_csr(mstatus, 0x2000);
    line("FS initial", read_csr(mstatus) >> 13 & 3);
    __asm__ volatile("fmv.d.x ft0, zero" ::: "ft0");
    line("FS dirty", read_csr(mstatus) >> 13 & 3);
    line("SD", read_csr(mstatus) >> 63);
    set_csr(mstatus, 0x6000);
}

static void sticks(void)
{
    write_csr(mepc, 0x80000002);
    line("mepc", read_csr(mepc)); /* IALIGN is 16 */
    write_csr(stvec, 0x80000041);
    line("stvec vectored", read_csr(stvec));
    write_csr(medeleg, UINT64_MAX);
    line("medeleg of page faults, ecall U", read_csr(medeleg) & 0xb100);
    write_csr(medeleg, 0);
    write_csr(mideleg, UINT64_MAX);
    line("mideleg", read_csr(mideleg) & 0xaaa); /* S interrupts only */
    write_csr(mideleg, 0);
    write_csr(satp, 5ull << 60); /* no such mode: the write has no effect */
    line("satp", read_csr(satp) >> 60);
    write_csr(satp, 0);
    write_csr(scause, 0x800000000000003f);
    line("scause", read_csr(scause));
    write_csr(sscratch, UINT64_MAX);
    line("sscratch", read_csr(sscratch));
    write_csr(mie, UINT64_MAX);
    line("mie", read_csr(mie) & 0xaaa);
    write_csr(mie, 0);
    line("misa.MXL", read_csr(misa) >> 62);
    line("misa", read_csr(misa) & 0x14112d); /* U S M I F D C A */
    expect_equal(read_csr(mhartid), 0);
}

static void refused(void)
{
    line("write cycle", ILLEGAL_WRITE(0xc00));
    line("write mhartid", ILLEGAL_WRITE(0xf14));
    line("read 0x5c0", ILLEGAL_READ(0x5c0));
    line("read 0x800", ILLEGAL_READ(0x800));
    /* csrrs with x0 does not write, so a read-only CSR allows it */
    line("csrrs mhartid, x0", CAUSE_OF(__asm__ volatile("csrrs t0, mhartid, x0" ::: "t0")));
    line("csrrc mhartid, t0", CAUSE_OF(__asm__ volatile("li t0, 1\n csrrc t0, mhartid, t0" ::: "t0")));
    line("csrrsi mhartid, 0", CAUSE_OF(__asm__ volatile("csrrsi t0, mhartid, 0" ::: "t0")));
    line("csrrwi mhartid, 0", CAUSE_OF(__asm__ volatile("csrrwi t0, mhartid, 0" ::: "t0")));
}

static uint64_t from_below(uint64_t ignored)
{
    uint64_t value, hash = FOLD_BEGIN;

    (void)ignored;
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, mstatus" : "=r"(value))));
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, sstatus" : "=r"(value))));
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, cycle" : "=r"(value))));
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, instret" : "=r"(value))));
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, time" : "=r"(value))));
    hash = fold(hash, CAUSE_OF(__asm__ volatile("csrr %0, satp" : "=r"(value))));
    return hash;
}

static void privileges(void)
{
    open_pmp();
    for (uint64_t m = 0; m < 2; m++)
        for (uint64_t s = 0; s < 2; s++) {
            write_csr(mcounteren, m ? 7 : 0);
            write_csr(scounteren, s ? 7 : 0);
            line("S", in_mode(S_MODE, from_below, 0));
            line("U", in_mode(U_MODE, from_below, 0));
        }
    set_csr(mstatus, MSTATUS_TVM);
    line("S with TVM", in_mode(S_MODE, from_below, 0));
    clear_csr(mstatus, MSTATUS_TVM);
}

/* sstatus, sie and sip are windows on the M-mode registers. */
static void windows(void)
{
    write_csr(sstatus, UINT64_MAX);
    line("mstatus after sstatus", read_csr(mstatus) & 0xde162 /* all but VS */);
    write_csr(sstatus, 0);
    line("mstatus after sstatus", read_csr(mstatus) & 0xde162 /* all but VS */);
    set_csr(mstatus, 0x6000);
    write_csr(mideleg, 0x222);
    write_csr(mie, 0xaaa);
    line("sie", read_csr(sie));
    write_csr(sie, 0);
    line("mie", read_csr(mie) & 0xaaa);
    set_csr(mip, 0x222);
    line("sip", read_csr(sip));
    clear_csr(sip, 0x222); /* only SSIP is S-mode's to clear */
    line("sip", read_csr(sip));
    clear_csr(mip, 0x222);
    line("mip", read_csr(mip) & 0x222);
    write_csr(mie, 0);
    write_csr(mideleg, 0);
}

int main(void)
{
    instructions();
    floating();
    sticks();
    refused();
    privileges();
    windows();
    return 0;
}

/* Rules that some QEMU versions do not keep (7.2 fails each of these), so they are checked against the specification
 * only. */
#include "lib/guest.h"

static uint64_t cell[2] __attribute__((aligned(16)));

static volatile uint64_t order;

static void taken(struct trap_frame *frame)
{
    uint64_t cause = frame->cause & 0xff;

    order = order << 4 | cause;
    if (cause == 3)
        MMIO32(CLINT) = 0;
    else if (cause == 7)
        MMIO64(MTIMECMP) = UINT64_MAX;
    else
        clear_csr(mip, 1ull << cause);
}

/* Several pending at once: MSI 3, MTI 7, SEI 9, SSI 1, STI 5, in this order (privileged specification, 3.1.9). */
static void priorities(void)
{
    on_interrupt = taken;
    MMIO32(CLINT) = 1;
    MMIO64(MTIMECMP) = 0;
    set_csr(mip, 0x222);
    write_csr(mie, 0xaaa);
    while ((read_csr(mip) & 0x2aa) != 0x2aa)
        ;
    set_csr(mstatus, MSTATUS_MIE);
    while (read_csr(mip) & 0x2aa)
        ;
    clear_csr(mstatus, MSTATUS_MIE);
    write_csr(mie, 0);
    expect_equal(order, 0x37915);
}

int main(void)
{
    uint64_t value;

    write_csr(mepc, 0x80000003);
    expect_equal(read_csr(mepc), 0x80000002); /* bit 0 of mepc is always 0 */
    write_csr(medeleg, UINT64_MAX);
    expect_equal(read_csr(medeleg) >> 11 & 1, 0); /* an ecall from M cannot be delegated */
    write_csr(medeleg, 0);

    /* a register other than x0 writes, whatever it holds */
    expect_equal(CAUSE_OF(__asm__ volatile("li t0, 0\n csrrc t0, mhartid, t0" ::: "t0")), ILLEGAL);
    expect_equal(CAUSE_OF(__asm__ volatile("li t0, 0\n csrrs t0, mhartid, t0" ::: "t0")), ILLEGAL);

    /* a misaligned sc traps, with and without a reservation */
    expect_equal(CAUSE_OF(__asm__ volatile("sc.w %0, zero, (%1)"
                                           : "=&r"(value)
                                           : "r"((char *)cell + 2)
                                           : "memory")),
                 STORE_MISALIGNED);
    priorities();

    /* ctzw looks at 32 bits */
    __asm__(".option push\n .option arch, +zbb\n ctzw %0, %1\n .option pop" : "=r"(value) : "r"(1ull << 33));
    expect_equal(value, 32);
    return 0;
}

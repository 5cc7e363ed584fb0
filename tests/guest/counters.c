/* Counters, the real-time clock and where memory lies: nothing of it is random, all of it is the same in every replay.
 */
#include "lib/guest.h"

int main(void)
{
    uint64_t a, b;

    __asm__ volatile("csrr %0, instret\n csrr %1, instret" : "=r"(a), "=r"(b));
    expect_equal(b - a, 1);
    __asm__ volatile("csrr %0, instret\n nop\n nop\n nop\n csrr %1, instret" : "=r"(a), "=r"(b));
    expect_equal(b - a, 4);
    line("instret", read_csr(instret));
    line("cycle", read_csr(cycle));
    line("time", read_csr(time));
    line("mtime", MMIO64(MTIME));
    a = MMIO32(RTC); /* reading the low half latches the high one */
    line("rtc", a | (uint64_t)MMIO32(RTC + 4) << 32);
    set_csr(mcountinhibit, 4);
    a = read_csr(minstret);
    b = read_csr(minstret);
    expect_equal(a, b);
    write_csr(minstret, 1000);
    expect_equal(read_csr(minstret), 1000);
    clear_csr(mcountinhibit, 4);
    b = read_csr(minstret);
    expect(b >= 1000 && b < 1010);
    line("hpm", read_csr(mhpmcounter3));
    return 0;
}

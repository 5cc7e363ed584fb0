/* Waits for an interrupt that nothing can raise. */
#include "lib/guest.h"

int main(void)
{
    MMIO64(MTIMECMP) = UINT64_MAX;
    write_csr(mie, 0x80);
    for (;;)
        __asm__ volatile("wfi");
}

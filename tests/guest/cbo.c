/* Zicbom and Zicboz: 64-byte blocks, and who may use them. Self-checking: QEMU 7.2 has neither. */
#include "lib/guest.h"

static uint8_t area[4096] __attribute__((aligned(4096)));

#define CBO(name, address)                                                                                             \
    CAUSE_OF(__asm__ volatile(".option push\n .option arch, +zicbom, +zicboz\n " name                                  \
                              " 0(%0)\n .option pop" ::"r"(address)                                                    \
                              : "memory"))

static uint64_t zero(uint64_t address) { return CBO("cbo.zero", address); }
static uint64_t clean(uint64_t address) { return CBO("cbo.clean", address); }
static uint64_t flush(uint64_t address) { return CBO("cbo.flush", address); }
static uint64_t inval(uint64_t address) { return CBO("cbo.inval", address); }

static void zeroes(void)
{
    for (unsigned i = 0; i < sizeof area; i++)
        area[i] = 0xee;
    expect_equal(zero((uint64_t)area + 200), NO_TRAP); /* any address within the block */
    for (unsigned i = 0; i < sizeof area; i++)
        expect_equal(area[i], i / 64 == 3 ? 0 : 0xee);
    expect_equal(zero(0x40), STORE_ACCESS);
    expect_equal(clean((uint64_t)area), NO_TRAP);
    expect_equal(flush((uint64_t)area), NO_TRAP);
    expect_equal(inval((uint64_t)area), NO_TRAP);
    expect_equal(area[0], 0xee);
}

static void who_may(void)
{
    const uint64_t cbze = 1 << 7, cbcfe = 1 << 6, cbie_flush = 1 << 4;

    for (unsigned m = 0; m < 2; m++)
        for (unsigned s = 0; s < 2; s++) {
            write_csr(0x30a, m ? cbze | cbcfe | cbie_flush : 0);
            write_csr(0x10a, s ? cbze | cbcfe | cbie_flush : 0);
            uint64_t in_s = m ? NO_TRAP : ILLEGAL, in_u = m && s ? NO_TRAP : ILLEGAL;
            expect_equal(in_mode(S_MODE, zero, (uint64_t)area), in_s);
            expect_equal(in_mode(U_MODE, zero, (uint64_t)area), in_u);
            expect_equal(in_mode(S_MODE, clean, (uint64_t)area), in_s);
            expect_equal(in_mode(U_MODE, flush, (uint64_t)area), in_u);
            expect_equal(in_mode(S_MODE, inval, (uint64_t)area), in_s);
            expect_equal(in_mode(U_MODE, inval, (uint64_t)area), in_u);
        }
}

int main(void)
{
    open_pmp();
    zeroes();
    who_may();
    return 0;
}

/* The map of the board: what answers where to accesses of which width, and what faults. Only where QEMU's `virt` has
 * nothing that this board lacks. */
#include "lib/guest.h"

static const uint64_t addresses[] = {
    0x0,        0x100,      0xff8,      0x1000,     0xfff8,     0x10000,    0xfffff,   0x100004,  0x100ffc,
    0x101020,   0x101024,   0x101ffc,   0x102000,   0x1ffffff,  0x2000000,  0x2000004, 0x2003ffc, 0x2004008,
    0x2007ff8,  0x200bff0,  0x200c000,  0x200fffc,  0x2010000,  0xbfffff8,  0xc000000, 0xc000004, 0xc00017c,
    0xc001000,  0xc00100c,  0xc002080,  0xc002100,  0xc1ffffc,  0xc201000,  0xc201008, 0xc5ffffc, 0xc600000,
    0x10000002, 0x10000004, 0x10000007, 0x10000008, 0x100000ff, 0x10000100,
};

static uint64_t load(uint64_t address, unsigned size)
{
    uint64_t value = 0;

    if (size == 1)
        __asm__ volatile("lbu %0, 0(%1)" : "+r"(value) : "r"(address) : "memory");
    else if (size == 2)
        __asm__ volatile("lhu %0, 0(%1)" : "+r"(value) : "r"(address) : "memory");
    else if (size == 4)
        __asm__ volatile("lwu %0, 0(%1)" : "+r"(value) : "r"(address) : "memory");
    else
        __asm__ volatile("ld %0, 0(%1)" : "+r"(value) : "r"(address) : "memory");
    return value;
}

static void store_zero(uint64_t address, unsigned size)
{
    if (size == 1)
        __asm__ volatile("sb zero, 0(%0)" ::"r"(address) : "memory");
    else if (size == 2)
        __asm__ volatile("sh zero, 0(%0)" ::"r"(address) : "memory");
    else if (size == 4)
        __asm__ volatile("sw zero, 0(%0)" ::"r"(address) : "memory");
    else
        __asm__ volatile("sd zero, 0(%0)" ::"r"(address) : "memory");
}

/* "10000008/4 5 7": the causes of a load and of a store; - for none. */
static void show(uint64_t address, unsigned size, uint64_t of_load, uint64_t of_store)
{
    put_hex(address);
    put("/");
    put_decimal(size);
    put(of_load == NO_TRAP ? " -" : of_load == LOAD_ACCESS ? " load" : " other");
    put(of_store == NO_TRAP ? " -" : of_store == STORE_ACCESS ? " store" : " other");
    put("\n");
}

int main(void)
{
    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        for (unsigned size = 1; size <= 8; size *= 2)
            if (addresses[i] % size == 0) {
                uint64_t of_load = CAUSE_OF(load(addresses[i], size));
                show(addresses[i], size, of_load, CAUSE_OF(store_zero(addresses[i], size)));
            }
    return 0;
}

/* Code that writes code, with the fence that a real hart needs. */
#include "lib/guest.h"

static uint32_t code[1024] __attribute__((aligned(4096)));

static uint32_t li_a0(unsigned value) { return 0x00000513 | value << 20; } /* addi a0, zero, value */
static const uint32_t RET = 0x00008067;

static uint64_t call(uint32_t *at)
{
    uint64_t (*function)(void) = (uint64_t(*)(void))(void *)at;

    __asm__ volatile("fence.i" ::: "memory");
    return function();
}

int main(void)
{
    uint64_t hash = FOLD_BEGIN;

    for (unsigned round = 0; round < 2000; round++) {
        uint32_t *at = code + round * 37 % 1000;
        at[0] = li_a0(round);
        at[1] = RET;
        expect_equal(call(at), round);
        hash = fold(hash, call(at));
    }
    line("patched", hash);

    /* a loop that changes its own body after it has become hot */
    code[0] = li_a0(1);
    code[1] = RET;
    hash = 0;
    for (unsigned i = 0; i < 1000; i++) {
        if (i == 500)
            code[0] = li_a0(2);
        hash += call(code);
    }
    line("hot", hash);

    /* an instruction that crosses a page, its halves changed one by one */
    uint16_t *half = (uint16_t *)(void *)((char *)code + 2046);
    for (unsigned i = 0; i < 4; i++) {
        half[0] = (uint16_t)li_a0(5);
        half[1] = (uint16_t)(li_a0(i * 100) >> 16);
        half[2] = (uint16_t)RET;
        half[3] = RET >> 16;
        hash = fold(hash, call((uint32_t *)(void *)half));
    }
    line("halves", hash);
    return 0;
}

/* A machine that is in few places at a time: it goes from room to room, each a few pages of code, and stays in each for
 * a while. Some rooms are entered by another address too, some by one address in two address spaces, and some data is
 * stored to in few rooms only. For going back through while leaving out what cannot matter. */
#include "../guest/lib/guest.h"
#include "../guest/lib/paging.h"

enum { ROUNDS = 6, STAY = 60, DATA_PAGES = 8, WORDS = 512, ROOM_PAGES = 3, ROOMS = 4 };

/* A page of data and the pages of a room, each address space's own, at the same addresses in both; the upper half, of
 * both, has memory from its beginning on. */
#define WINDOW 0x40000000ull
#define DOOR   0x40200000ull
#define UPPER  0xffffffc000000000ull

volatile uint64_t data[DATA_PAGES][WORDS] __attribute__((aligned(4096)));

/* a0 = room(a0), wherever it is mapped. It begins at an odd halfword and goes around a few times; its way out has an
 * instruction across two pages. */
#define ROOM(name, constant)                                                                                           \
    __asm__(".pushsection .text.rooms, \"ax\"\n"                                                                       \
            ".balign 4096\n" #name ":\n"                                                                               \
            "c.nop\n"                                                                                                  \
            "li t0, 7\n"                                                                                               \
            "1: addi a0, a0, " #constant "\n"                                                                          \
            "c.addi t0, -1\n"                                                                                          \
            "bnez t0, 1b\n"                                                                                            \
            "lla t1, 2f\n"                                                                                             \
            "c.jr t1\n"                                                                                                \
            ".balign 4096\n"                                                                                           \
            ".skip 4088\n"                                                                                             \
            "2: c.nop\n"                                                                                               \
            "c.nop\n"                                                                                                  \
            "c.nop\n" #name "_across: addi a0, a0, 1\n"                                                                \
            "c.jr ra\n"                                                                                                \
            ".balign 4096\n"                                                                                           \
            ".popsection\n");                                                                                          \
    uint64_t name(uint64_t);
ROOM(room_a, 3)
ROOM(room_b, 5)
ROOM(room_c, 7)
ROOM(room_d, 9)

/* ---- address spaces -------------------------------------------------------------------------------------------------- */

uint64_t other_root[512] __attribute__((aligned(4096)));
static uint64_t other_middle[512] __attribute__((aligned(4096)));
static uint64_t other_leaves[2][512] __attribute__((aligned(4096)));

enum { ALL = V | R | W | X | A | D };

static void map_room(uint64_t *leaves, uint64_t (*room)(uint64_t))
{
    for (unsigned page = 0; page < ROOM_PAGES; page++)
        leaves[page] = pte_of((uint8_t *)room + 4096 * page, ALL);
}

static void make_spaces(void)
{
    paging_on();
    *pte_at(UPPER, 2) = pte_of((void *)0x80000000, ALL);
    *pte_at(WINDOW, 0) = pte_of((void *)data[1], ALL);
    map_room(pte_at(DOOR, 0), room_b);
    for (unsigned i = 0; i < 512; i++)
        other_root[i] = tables[0][i];
    other_root[1] = pte_of(other_middle, V);
    other_middle[0] = pte_of(other_leaves[0], V);
    other_middle[1] = pte_of(other_leaves[1], V);
    other_leaves[0][0] = pte_of((void *)data[2], ALL);
    map_room(other_leaves[1], room_c);
}

static void enter_space(uint64_t *root)
{
    write_csr(satp, 8ull << 60 | (uint64_t)root >> 12);
    fence();
}

/* ---- staying ---------------------------------------------------------------------------------------------------------- */

static uint64_t stay(uint64_t (*room)(uint64_t), uint64_t n)
{
    for (unsigned i = 0; i < STAY; i++)
        n = room(n);
    return n;
}

/* In a process: its own data and its own room, where both processes have theirs. */
static uint64_t in_process(uint64_t n)
{
    volatile uint64_t *window = (volatile uint64_t *)WINDOW;
    for (unsigned i = 0; i < 8; i++)
        window[i] += n;
    return stay((uint64_t(*)(uint64_t))DOOR, n);
}

static uint64_t in_kernel(uint64_t n)
{
    volatile uint64_t *upper = (volatile uint64_t *)(UPPER + ((uint64_t)data[4] - 0x80000000));
    upper[9] = n;
    return upper[10] + n;
}

static uint64_t round_of(uint64_t round, uint64_t n)
{
    data[0][4] = n;
    n = stay(room_a, n);
    enter_space(tables[0]);
    n = in_mode(S_MODE, in_process, n);
    if (round == 1)
        data[3][7] = n;
    enter_space(other_root);
    n = in_mode(S_MODE, in_process, n);
    if (round % 3 == 2)
        n = stay(room_d, in_mode(S_MODE, in_kernel, n));
    if (round == 3) /* the first process gets other data */
        *pte_at(WINDOW, 0) = pte_of((void *)data[6], ALL);
    return n + data[5][round];
}

int main(void)
{
    uint64_t n = 1;
    open_pmp();
    make_spaces();
    for (uint64_t round = 0; round < ROUNDS; round++)
        n = round_of(round, n);
    data[7][0] = n; /* not before the end */
    put("done\n");
    finish(0);
}

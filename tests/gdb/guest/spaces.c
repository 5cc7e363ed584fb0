/* clang-format off */ /* S-mode under Sv39 with two address spaces: one address that is a different page in either, and moves; and the same page by an
 * address in the upper half, by its own, and by that one. */
typedef unsigned long u64;

#define CSR_WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value) : "memory")

enum { VALID = 1, READ = 2, WRITE = 4, EXECUTE = 8, ACCESSED = 64, DIRTY = 128 };
#define ALL (VALID | READ | WRITE | EXECUTE | ACCESSED | DIRTY)

struct space {
    u64 root[512], middle[512], leaf[512];
};
static struct space spaces[2] __attribute__((aligned(4096)));
volatile u64 page[3][512] __attribute__((aligned(4096)));

static volatile u64 *const window = (u64 *)0x40000000;
static volatile u64 *const upper = (u64 *)0xffffffc000000000; /* memory, from its beginning on */

static void map_window(struct space *space, volatile void *to)
{
    space->leaf[0] = to ? (u64)to >> 12 << 10 | ALL : 0;
    __asm__ volatile("sfence.vma" ::: "memory");
}

static void make_space(struct space *space, volatile void *to)
{
    space->root[0] = ALL; /* devices */
    space->root[1] = (u64)space->middle >> 12 << 10 | VALID;
    space->root[2] = space->root[256] = 0x80000000ul >> 12 << 10 | ALL;
    space->middle[0] = (u64)space->leaf >> 12 << 10 | VALID;
    map_window(space, to);
}

static void switch_to(struct space *space)
{
    CSR_WRITE(satp, 8ul << 60 | (u64)space >> 12);
}

static void write_window(u64 value)
{
    window[1] = value;
}

static void write_upper(u64 value)
{
    upper[((u64)&page[0][1] - 0x80000000) / 8] = value;
}

static void write_page(u64 value)
{
    page[0][1] = value;
}

static void supervise(void)
{
    switch_to(&spaces[0]);
    write_window(1);
    switch_to(&spaces[1]);
    write_window(2);
    switch_to(&spaces[0]);
    write_upper(3);
    write_page(4);
    write_window(5);
    map_window(&spaces[0], page[2]);
    write_window(6);
    switch_to(&spaces[1]);
    write_window(7);
}

/* The S-mode part; returns by an ecall, which M-mode catches. */
__attribute__((naked)) static void in_supervisor(void)
{
    __asm__ volatile("la t0, 1f\n"
                     "csrw mtvec, t0\n"
                     "csrw mepc, %0\n"
                     "li t0, 0x1800\n"
                     "csrc mstatus, t0\n"
                     "li t0, 0x800\n"
                     "csrs mstatus, t0\n"
                     "csrw mscratch, ra\n"
                     "la ra, 2f\n"
                     "mret\n"
                     "2: ecall\n"
                     ".balign 4\n"
                     "1: csrr ra, mscratch\n"
                     "ret\n" ::"r"(supervise));
}

int main(void)
{
    make_space(&spaces[0], page[0]);
    make_space(&spaces[1], page[1]);
    CSR_WRITE(pmpaddr0, -1ul);
    CSR_WRITE(pmpcfg0, 0x1f);
    in_supervisor();
    CSR_WRITE(satp, 0);
    return page[0][1] == 5 && page[1][1] == 7 && page[2][1] == 6 ? 0 : 1;
}

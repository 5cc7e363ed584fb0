/* clang-format off */ /* S-mode under Sv39: the same code and data at another address, a page that comes and goes, a fault that is handled. */
typedef unsigned long u64;

#define CSR_WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value) : "memory")
#define CSR_READ(csr)                                                                                                  \
    ({                                                                                                                 \
        u64 value_;                                                                                                    \
        __asm__ volatile("csrr %0, " #csr : "=r"(value_));                                                             \
        value_;                                                                                                        \
    })

enum { VALID = 1, READ = 2, WRITE = 4, EXECUTE = 8, ACCESSED = 64, DIRTY = 128 };
#define ALL (VALID | READ | WRITE | EXECUTE | ACCESSED | DIRTY)

static u64 root[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 leaf[512] __attribute__((aligned(4096)));
volatile u64 page_one[512] __attribute__((aligned(4096)));
volatile u64 page_two[512] __attribute__((aligned(4096)));

/* window: a virtual page without physical twin of the same number */
static volatile u64 *const window = (u64 *)0x40000000;

volatile int faults;

static u64 leaf_of(volatile void *page)
{
    return (u64)page >> 12 << 10 | ALL;
}

static void map_window(volatile void *page)
{
    leaf[0] = page ? leaf_of(page) : 0;
    __asm__ volatile("sfence.vma" ::: "memory");
}

/* Gives the window page two and tries again. */
__attribute__((interrupt("supervisor"), aligned(4))) void on_fault(void)
{
    faults++;
    map_window(page_two);
}

static void write_window(u64 value)
{
    window[1] = value;
}

static u64 read_window(void)
{
    return window[1];
}

static void supervise(void)
{
    map_window(page_one);
    write_window(11);
    map_window(page_two);
    write_window(22);
    map_window(page_one);
    u64 first = read_window();
    map_window(0);
    write_window(33);
    page_one[2] = first + read_window();
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
    root[1] = (u64)middle >> 12 << 10 | VALID;
    middle[0] = (u64)leaf >> 12 << 10 | VALID;
    root[2] = 0x80000000ul >> 12 << 10 | ALL; /* the program itself, where it is */
    root[0] = ALL;                            /* devices */
    CSR_WRITE(pmpaddr0, -1ul);
    CSR_WRITE(pmpcfg0, 0x1f);
    CSR_WRITE(medeleg, 1 << 13 | 1 << 15);
    CSR_WRITE(stvec, on_fault);
    CSR_WRITE(satp, 8ul << 60 | (u64)root >> 12);
    in_supervisor();
    CSR_WRITE(satp, 0);
    return page_one[1] == 11 && page_two[1] == 33 && page_one[2] == 44 && faults == 1 ? 0 : 1;
}

/* clang-format off */ /* Interrupts in a loop and out of wfi, and traps of the program's own. */
#define CSR_WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value) : "memory")
#define CSR_SET(csr, value)   __asm__ volatile("csrs " #csr ", %0" ::"r"(value) : "memory")
#define CSR_READ(csr)                                                                                                  \
    ({                                                                                                                 \
        unsigned long value_;                                                                                          \
        __asm__ volatile("csrr %0, " #csr : "=r"(value_));                                                             \
        value_;                                                                                                        \
    })

static volatile unsigned long *const mtime = (unsigned long *)0x200bff8;
static volatile unsigned long *const mtimecmp = (unsigned long *)0x2004000;

volatile unsigned long ticks;
volatile unsigned long ecalls;
volatile unsigned long turns;

static void on_timer(void)
{
    ticks++;
    *mtimecmp = *mtime + 10;
}

static void on_ecall(void)
{
    ecalls++;
    CSR_WRITE(mepc, CSR_READ(mepc) + 4);
}

__attribute__((interrupt, aligned(4))) void on_trap(void)
{
    if (CSR_READ(mcause) >> 63)
        on_timer();
    else
        on_ecall();
}

static void work(int n)
{
    for (int i = 0; i < n; i++)
        turns++;
}

static void idle(void)
{
    __asm__ volatile("wfi");
}

static void call_out(void)
{
    __asm__ volatile("ecall");
}

int main(void)
{
    CSR_WRITE(mtvec, on_trap);
    *mtimecmp = *mtime + 10;
    CSR_SET(mie, 1 << 7);
    CSR_SET(mstatus, 1 << 3);
    work(100);
    call_out();
    while (ticks < 6)
        idle();
    CSR_WRITE(mie, 0);
    work(2);
    return 0;
}

/* guest: what the test programs share. Each runs bare in M-mode on the virt board, prints what it finds on the UART,
 * and ends through the test finisher: 0 when every expect() held.
 *
 * What a program prints is compared between all ways of running it, and with QEMU where the specification leaves no
 * choice. So print what is architectural, and nothing that depends on how fast anybody runs. */
#ifndef DEJA_TESTS_GUEST_H
#define DEJA_TESTS_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- printing -------------------------------------------------------------------------------------------------- */

void put_char(char c);
void put(const char *text);
void put_hex(uint64_t value);
void put_decimal(uint64_t value);
void line(const char *name, uint64_t value); /* "name 0123456789abcdef" */

/* Ends the run with this status. */
_Noreturn void finish(uint64_t status);

/* Says which expectation failed, and lets the run end with status 1. */
#define expect(condition)  ((condition) ? (void)0 : expectation_failed(#condition, __LINE__))
#define expect_equal(a, b) equal_or_fail((uint64_t)(a), (uint64_t)(b), #a " == " #b, __LINE__)
void expectation_failed(const char *condition, int at_line);
void equal_or_fail(uint64_t a, uint64_t b, const char *condition, int at_line);
uint64_t failures(void);

/* ---- values to compute with ---------------------------------------------------------------------------------------- */

/* Folds a value into a hash (FNV-1a over its bytes). */
uint64_t fold(uint64_t hash, uint64_t value);
#define FOLD_BEGIN 0xcbf29ce484222325ull

extern const uint64_t interesting[]; /* integers at every edge */
extern const unsigned ninteresting;

/* ---- traps --------------------------------------------------------------------------------------------------------- */

struct trap_frame {
    uint64_t x[32];
    uint64_t epc, cause, tval, status;
    uint64_t mode; /* 3: taken in M-mode, 1: in S-mode */
};

/* The last trap that was caught, and how many there were. */
struct caught {
    uint64_t cause, epc, tval, status, mode;
    unsigned count;
};
extern volatile struct caught caught;

/* Called with interrupts (cause's top bit set); NULL: an interrupt is a failure. */
extern void (*volatile on_interrupt)(struct trap_frame *frame);

/* An exception steps over its instruction, unless this is not 0: then it goes there, once (a jump into nowhere). */
extern volatile uint64_t resume_at;

/* Runs the statement and gives the cause it trapped with, or -1. */
#define CAUSE_OF(statement)                                                                                            \
    ({                                                                                                                 \
        caught.cause = NO_TRAP;                                                                                        \
        __asm__ volatile("" ::: "memory");                                                                             \
        statement;                                                                                                     \
        __asm__ volatile("" ::: "memory");                                                                             \
        caught.cause;                                                                                                  \
    })
#define NO_TRAP UINT64_MAX

enum cause {
    FETCH_MISALIGNED,
    FETCH_ACCESS,
    ILLEGAL,
    BREAKPOINT,
    LOAD_MISALIGNED,
    LOAD_ACCESS,
    STORE_MISALIGNED,
    STORE_ACCESS,
    ECALL_U,
    ECALL_S,
    ECALL_M = 11,
    FETCH_PAGE,
    LOAD_PAGE,
    STORE_PAGE = 15,
};
#define INTERRUPT (1ull << 63)

enum mode { U_MODE = 0, S_MODE = 1, M_MODE = 3 };

/* function(argument) in that mode; what it returns. Code, data and stack must be reachable from there. */
uint64_t in_mode(enum mode mode, uint64_t (*function)(uint64_t), uint64_t argument);

/* Lets U and S reach all of memory: without any PMP entry they reach none. */
void open_pmp(void);

/* ---- CSRs and devices ------------------------------------------------------------------------------------------------ */

#define read_csr(csr)                                                                                                  \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        __asm__ volatile("csrr %0, " #csr : "=r"(value_)::"memory");                                                   \
        value_;                                                                                                        \
    })
#define write_csr(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"((uint64_t)(value)) : "memory")
#define set_csr(csr, value)   __asm__ volatile("csrs " #csr ", %0" ::"r"((uint64_t)(value)) : "memory")
#define clear_csr(csr, value) __asm__ volatile("csrc " #csr ", %0" ::"r"((uint64_t)(value)) : "memory")

/* Names that Debian 12's assembler does not know are given by number. */
#define MENVCFG         0x30a
#define SENVCFG         0x10a
#define STIMECMP        0x14d

#define MSTATUS_SIE     (1ull << 1)
#define MSTATUS_MIE     (1ull << 3)
#define MSTATUS_SPP     (1ull << 8)
#define MSTATUS_MPRV    (1ull << 17)
#define MSTATUS_SUM     (1ull << 18)
#define MSTATUS_MXR     (1ull << 19)
#define MSTATUS_TVM     (1ull << 20)
#define MSTATUS_TW      (1ull << 21)
#define MSTATUS_TSR     (1ull << 22)

#define MMIO8(address)  (*(volatile uint8_t *)(address))
#define MMIO32(address) (*(volatile uint32_t *)(address))
#define MMIO64(address) (*(volatile uint64_t *)(address))

#define UART            0x10000000ull
#define CLINT           0x2000000ull
#define PLIC            0xc000000ull
#define RTC             0x101000ull
#define FINISHER        0x100000ull
#define MTIMECMP        (CLINT + 0x4000)
#define MTIME           (CLINT + 0xbff8)

#define NOINLINE        __attribute__((noinline))

#endif

/* Every register-register and register-immediate instruction of RV64I, on all pairs of interesting values. */
#include "lib/guest.h"

/* clang-format off */
#define REG_REG(OP)                                                                                                    \
    OP(add) OP(sub) OP(sll) OP(slt) OP(sltu) OP(xor) OP(srl) OP(sra) OP(or) OP(and) OP(addw) OP(subw) OP(sllw)         \
    OP(srlw) OP(sraw)

#define REG_IMM(OP)                                                                                                    \
    OP(addi, 2047) OP(addi, -2048) OP(addi, 1) OP(slti, -1) OP(slti, 2047) OP(sltiu, -1) OP(sltiu, 1) OP(xori, -1)     \
    OP(xori, 0x555) OP(ori, -2048) OP(ori, 0x2aa) OP(andi, -2048) OP(andi, 0x7ff) OP(slli, 0) OP(slli, 1)              \
    OP(slli, 31) OP(slli, 32) OP(slli, 63) OP(srli, 1) OP(srli, 32) OP(srli, 63) OP(srai, 1) OP(srai, 31)              \
    OP(srai, 63) OP(addiw, 2047) OP(addiw, -1) OP(addiw, 0) OP(slliw, 1) OP(slliw, 31) OP(srliw, 1) OP(srliw, 31)      \
    OP(sraiw, 1) OP(sraiw, 31)
/* clang-format on */

static void reg_reg(void)
{
#define OP(name)                                                                                                       \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++)                                                                    \
            for (unsigned j = 0; j < ninteresting; j++) {                                                              \
                uint64_t result;                                                                                       \
                __asm__(#name " %0, %1, %2" : "=r"(result) : "r"(interesting[i]), "r"(interesting[j]));                \
                hash = fold(hash, result);                                                                             \
            }                                                                                                          \
        line(#name, hash);                                                                                             \
    }
    REG_REG(OP)
#undef OP
}

static void reg_imm(void)
{
#define OP(name, immediate)                                                                                            \
    {                                                                                                                  \
        uint64_t hash = FOLD_BEGIN;                                                                                    \
        for (unsigned i = 0; i < ninteresting; i++) {                                                                  \
            uint64_t result;                                                                                           \
            __asm__(#name " %0, %1, %2" : "=r"(result) : "r"(interesting[i]), "i"(immediate));                         \
            hash = fold(hash, result);                                                                                 \
        }                                                                                                              \
        line(#name " " #immediate, hash);                                                                              \
    }
    REG_IMM(OP)
#undef OP
}

/* x0 stays 0 whatever is written to it, and a destination may be a source. */
static void registers(void)
{
    uint64_t a = 5, zero = 1;

    __asm__ volatile("li x0, 7\n mv %0, x0" : "=r"(zero));
    expect_equal(zero, 0);
    __asm__ volatile("add %0, %0, %0\n sub %0, %0, zero\n slli %0, %0, 4" : "+r"(a));
    expect_equal(a, 160);
    __asm__ volatile("lui %0, 0x80000" : "=r"(a));
    expect_equal(a, 0xffffffff80000000);
    __asm__ volatile("1: auipc %0, 0xfffff\n la %1, 1b\n sub %0, %0, %1" : "=&r"(a), "=&r"(zero));
    expect_equal(a, -4096);
}

int main(void)
{
    reg_reg();
    reg_imm();
    registers();
    return 0;
}

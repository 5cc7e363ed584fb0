/* asm: instructions by hand, as words. Distances are in bytes. */
#ifndef DEJA_TEST_ASM_H
#define DEJA_TEST_ASM_H

#include <stdint.h>

#define I_TYPE(opcode, f3, rd, rs1, imm)                                                                               \
    ((uint32_t)(imm) << 20 | (uint32_t)(rs1) << 15 | (f3) << 12 | (uint32_t)(rd) << 7 | (opcode))
#define R_TYPE(match, rd, rs1, rs2) ((uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | (uint32_t)(rd) << 7 | (match))
#define S_TYPE(match, rs2, offset, rs1)                                                                                \
    ((uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | ((uint32_t)(offset) >> 5 & 127) << 25 |                           \
     ((uint32_t)(offset)&31) << 7 | (match))
#define B_TYPE(f3, rs1, rs2, way)                                                                                      \
    ((uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 | (f3) << 12 | ((uint32_t)(way) >> 12 & 1) << 31 |                  \
     ((uint32_t)(way) >> 5 & 63) << 25 | ((uint32_t)(way) >> 1 & 15) << 8 | ((uint32_t)(way) >> 11 & 1) << 7 | 0x63)

#define LW(rd, offset, rs1)  I_TYPE(0x03, 2, rd, rs1, offset)
#define LD(rd, offset, rs1)  I_TYPE(0x03, 3, rd, rs1, offset)
#define LBU(rd, offset, rs1) I_TYPE(0x03, 4, rd, rs1, offset)
#define SB(rs2, offset, rs1) S_TYPE(0x0023, rs2, offset, rs1)
#define SW(rs2, offset, rs1) S_TYPE(0x2023, rs2, offset, rs1)
#define SD(rs2, offset, rs1) S_TYPE(0x3023, rs2, offset, rs1)
#define ADDI(rd, rs1, imm)   I_TYPE(0x13, 0, rd, rs1, imm)
#define ANDI(rd, rs1, imm)   I_TYPE(0x13, 7, rd, rs1, imm)
#define SLLI(rd, rs1, count) I_TYPE(0x13, 1, rd, rs1, count)
#define SRLI(rd, rs1, count) I_TYPE(0x13, 5, rd, rs1, count)
#define ADD(rd, rs1, rs2)    R_TYPE(0x33u, rd, rs1, rs2)
#define MUL(rd, rs1, rs2)    R_TYPE(0x02000033u, rd, rs1, rs2)
#define LUI(rd, imm)         ((uint32_t)(imm) << 12 | (uint32_t)(rd) << 7 | 0x37)
#define AUIPC(rd)            ((uint32_t)(rd) << 7 | 0x17)
#define BEQ(rs1, rs2, way)   B_TYPE(0u, rs1, rs2, way)
#define BNE(rs1, rs2, way)   B_TYPE(1u, rs1, rs2, way)
#define BGE(rs1, rs2, way)   B_TYPE(5u, rs1, rs2, way)
#define BLTU(rs1, rs2, way)  B_TYPE(6u, rs1, rs2, way)
#define JALR(rd, rs1)        I_TYPE(0x67, 0, rd, rs1, 0)
#define JAL(rd, way)                                                                                                   \
    (((uint32_t)(way) >> 20 & 1) << 31 | ((uint32_t)(way) >> 1 & 0x3ff) << 21 | ((uint32_t)(way) >> 11 & 1) << 20 |    \
     ((uint32_t)(way)&0xff000) | (uint32_t)(rd) << 7 | 0x6f)

#define CSRR(rd, csr)          I_TYPE(0x73, 2, rd, 0, csr)
#define CSRW(csr, rs1)         I_TYPE(0x73, 1, 0, rs1, csr)
#define CSRS(csr, rs1)         I_TYPE(0x73, 2, 0, rs1, csr)
#define CSRC(csr, rs1)         I_TYPE(0x73, 3, 0, rs1, csr)
#define ECALL                  0x00000073u
#define SRET                   0x10200073u
#define MRET                   0x30200073u
#define SFENCE_VMA             0x12000073u
#define FENCE_I                0x0000100fu

#define LR_D(rd, rs1)          R_TYPE(0x1000302fu, rd, rs1, 0)
#define SC_D(rd, rs2, rs1)     R_TYPE(0x1800302fu, rd, rs1, rs2)
#define AMOADD_D(rd, rs2, rs1) R_TYPE(0x0000302fu, rd, rs1, rs2)
#define FLD(rd, offset, rs1)   I_TYPE(0x07, 3, rd, rs1, offset)
#define FSD(rs2, offset, rs1)  S_TYPE(0x3027, rs2, offset, rs1)
#define FADD_D(rd, rs1, rs2)   R_TYPE(0x02007053u, rd, rs1, rs2)
#define FMUL_D(rd, rs1, rs2)   R_TYPE(0x12007053u, rd, rs1, rs2)
#define FCVT_D_L(rd, rs1)      R_TYPE(0xd2207053u, rd, rs1, 0)
#define FLT_D(rd, rs1, rs2)    R_TYPE(0xa2001053u, rd, rs1, rs2)

enum { X0, RA, T0 = 5, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, S10 = 26, S11 };
enum { FFLAGS = 1, FRM, SSTATUS = 0x100, SSCRATCH = 0x140, SEPC = 0x141, SCAUSE };
enum { MSTATUS = 0x300, MEPC = 0x341, MCAUSE, MTVAL };
enum { MINSTRET = 0xb02, CYCLE = 0xc00, TIME, INSTRET };

#endif

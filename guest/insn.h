/* insn: the fields of an instruction of 32 bits (unprivileged specification, 2.2 and 2.3). Inner header of guest/. */
#ifndef DEJA_GUEST_INSN_H
#define DEJA_GUEST_INSN_H

#include <stdint.h>

/* A funct3, for the loads and stores of 64 bits. */
enum { INSN_WIDTH_64 = 3 };

static inline unsigned insn_opcode(uint32_t insn)
{
    return insn >> 2 & 31;
} /* without the two bits that are always set */
static inline unsigned insn_rd(uint32_t insn) { return insn >> 7 & 31; }
static inline unsigned insn_rs1(uint32_t insn) { return insn >> 15 & 31; }
static inline unsigned insn_rs2(uint32_t insn) { return insn >> 20 & 31; }
static inline unsigned insn_funct3(uint32_t insn) { return insn >> 12 & 7; }

static inline int32_t insn_i_immediate(uint32_t insn) { return (int32_t)insn >> 20; }

static inline int32_t insn_s_immediate(uint32_t insn)
{
    return (int32_t)(insn & 0xfe000000) >> 20 | (int32_t)(insn >> 7 & 31);
}

static inline int32_t insn_b_immediate(uint32_t insn)
{
    return (int32_t)(insn & 0x80000000) >> 19 | (int32_t)(insn << 4 & 0x800) | (int32_t)(insn >> 20 & 0x7e0) |
           (int32_t)(insn >> 7 & 0x1e);
}

static inline int32_t insn_j_immediate(uint32_t insn)
{
    return (int32_t)(insn & 0x80000000) >> 11 | (int32_t)(insn & 0xff000) | (int32_t)(insn >> 9 & 0x800) |
           (int32_t)(insn >> 20 & 0x7fe);
}

#endif

/* decode: instruction words -> struct insn, from the rows of rv64.def and rvc.def. Inner header of engine/. */
#ifndef DEJA_DECODE_H
#define DEJA_DECODE_H

#include <stdbool.h>
#include <stdint.h>

struct hart;
struct insn;

/* Executes from `insn` to the end of its block. */
typedef void run_fn(struct hart *hart, const struct insn *insn);

/* One decoded instruction. The engine runs arrays of these. */
struct insn {
    run_fn *run;
    int32_t imm;
    uint32_t raw; /* as fetched: 16 significant bits for a compressed instruction */
    uint8_t rd, rs1, rs2, rs3;
    uint16_t op;   /* enum op */
    uint8_t at;    /* offset from the start of the block, in halfwords */
    uint8_t index; /* instructions before this one in the block */
};

enum op {
#define INSN(name, ...) OP_##name,
#include "rv64.def"
#undef INSN
    OP_illegal, /* what no row matches */
    OP_COUNT
};

/* How operands lie in the word, and how they are written in assembler. */
enum insn_format {
#define FORMAT(name, ...) FORMAT_##name,
#include "format.def"
#undef FORMAT
};

struct insn_row {
    const char *name; /* assembler mnemonic, '_' for '.' */
    uint32_t match, mask;
    uint8_t format; /* enum insn_format */
    bool ends_block;
};

/* By enum op. */
extern const struct insn_row insn_rows[OP_COUNT];

/* An index over the rows, by opcode and funct3; made once, then constant. */
enum { DECODER_BUCKETS = 32 * 8, DECODER_SLOTS = 2048 };
struct decoder {
    uint16_t first[DECODER_BUCKETS + 1];
    uint16_t rows[DECODER_SLOTS];
};
void decoder_init(struct decoder *decoder);

/* Decodes one instruction; `raw` is 32 bits from memory, of which a compressed one uses the low half. Fills everything
 * but run, at and index. An instruction that no row matches becomes OP_illegal. `decoder` may be NULL: slower. */
void decode(const struct decoder *decoder, uint32_t raw, struct insn *insn);

/* The 32-bit twin of a compressed instruction; 0 (which is illegal) when there is none. */
uint32_t decode_expand(uint16_t half);

/* How a compressed instruction is written; NULL when it is none. */
struct rvc_row {
    const char *name;     /* '_' for '.' */
    const char *operands; /* letters of format.def */
};
const struct rvc_row *decode_compressed(uint16_t half);

static inline unsigned raw_bytes(uint32_t raw) { return (raw & 3) == 3 ? 4 : 2; }

#endif

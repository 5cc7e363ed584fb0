#include "decode.h"

#include <string.h>

#include "../icount/icount.h"

enum { FLOW_SEQ = false, FLOW_END = true };

const struct insn_row insn_rows[OP_COUNT] = {
#define INSN(name, format, match, mask, flow, ...) [OP_##name] = {#name, match, mask, FORMAT_##format, FLOW_##flow},
#include "rv64.def"
#undef INSN
    [OP_illegal] = {"unimp", 0, 0, FORMAT_NONE, FLOW_END},
};

/* A row that matches nothing because its match has bits outside of its mask does not compile. */
#define INSN(name, format, match, mask, ...) _Static_assert(((match) & ~(mask)) == 0, #name);
#include "rv64.def"
#undef INSN

/* ---- immediates (unprivileged specification, 2.3) ---- */

static uint32_t bits(uint32_t word, unsigned high, unsigned low) { return word >> low & ((2u << (high - low)) - 1); }

static int32_t sign_extend(uint32_t value, unsigned width) { return (int32_t)(value << (32 - width)) >> (32 - width); }

static int32_t imm_none(uint32_t raw)
{
    (void)raw;
    return 0;
}

static int32_t imm_i(uint32_t raw) { return (int32_t)raw >> 20; }

static int32_t imm_s(uint32_t raw) { return sign_extend(bits(raw, 31, 25) << 5 | bits(raw, 11, 7), 12); }

static int32_t imm_b(uint32_t raw)
{
    return sign_extend(bits(raw, 31, 31) << 12 | bits(raw, 7, 7) << 11 | bits(raw, 30, 25) << 5 | bits(raw, 11, 8) << 1,
                       13);
}

static int32_t imm_u(uint32_t raw) { return (int32_t)(raw & 0xfffff000); }

static int32_t imm_j(uint32_t raw)
{
    return sign_extend(
        bits(raw, 31, 31) << 20 | bits(raw, 19, 12) << 12 | bits(raw, 20, 20) << 11 | bits(raw, 30, 21) << 1, 21);
}

static int32_t imm_shamt(uint32_t raw) { return (int32_t)bits(raw, 25, 20); }

static int32_t imm_csr(uint32_t raw) { return (int32_t)bits(raw, 31, 20); }

static int32_t (*const immediates[])(uint32_t raw) = {
#define FORMAT(name, immediate, operands) [FORMAT_##name] = immediate,
#include "format.def"
#undef FORMAT
};

/* ---- the index ---- */

static unsigned bucket_of(uint32_t raw) { return bits(raw, 6, 2) << 3 | bits(raw, 14, 12); }

/* Can a word of this bucket match the row? */
static bool row_in_bucket(const struct insn_row *row, unsigned bucket)
{
    uint32_t word = (bucket >> 3) << 2 | (bucket & 7) << 12 | 3;
    uint32_t known = (0x7f | 0x7000) & row->mask;
    return ((word ^ row->match) & known) == 0;
}

void decoder_init(struct decoder *decoder)
{
    uint16_t used = 0;
    for (unsigned bucket = 0; bucket < DECODER_BUCKETS; bucket++) {
        decoder->first[bucket] = used;
        for (uint16_t op = 0; op < OP_illegal; op++) {
            if (!row_in_bucket(&insn_rows[op], bucket))
                continue;
            check(used < DECODER_SLOTS);
            decoder->rows[used++] = op;
        }
    }
    decoder->first[DECODER_BUCKETS] = used;
}

static uint16_t scan_rows(uint32_t word)
{
    uint16_t op = 0;
    while (op < OP_illegal && (word & insn_rows[op].mask) != insn_rows[op].match)
        op++;
    return op;
}

static uint16_t find_row(const struct decoder *decoder, uint32_t word)
{
    if (!decoder)
        return scan_rows(word);
    unsigned bucket = bucket_of(word);
    for (unsigned slot = decoder->first[bucket]; slot < decoder->first[bucket + 1]; slot++) {
        const struct insn_row *row = &insn_rows[decoder->rows[slot]];
        if ((word & row->mask) == row->match)
            return decoder->rows[slot];
    }
    return OP_illegal;
}

void decode(const struct decoder *decoder, uint32_t raw, struct insn *insn)
{
    bool compressed = raw_bytes(raw) == 2;
    uint32_t word = compressed ? decode_expand((uint16_t)raw) : raw;
    insn->raw = compressed ? (uint16_t)raw : raw;
    insn->op = (word & 3) == 3 ? find_row(decoder, word) : OP_illegal;
    insn->rd = (uint8_t)bits(word, 11, 7);
    insn->rs1 = (uint8_t)bits(word, 19, 15);
    insn->rs2 = (uint8_t)bits(word, 24, 20);
    insn->rs3 = (uint8_t)bits(word, 31, 27);
    insn->imm = immediates[insn_rows[insn->op].format](word);
}

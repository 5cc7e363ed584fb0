/* disassemble: instruction words as assembler text, from the same rows that decode them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "engine.h"

static const char *const xnames[32] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                       "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                       "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
static const char *const fnames[32] = {"ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
                                       "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
                                       "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

const char *engine_x_name(unsigned x) { return xnames[x]; }
const char *engine_f_name(unsigned f) { return fnames[f]; }

uint32_t engine_expand(uint16_t half) { return decode_expand(half); }

enum { MODE_RNE = 0, MODE_DYN = 7 };
static const char *const modes[8] = {"rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", "dyn"};

static const char *const operands[] = {
#define FORMAT(name, immediate, text) [FORMAT_##name] = text,
#include "format.def"
#undef FORMAT
};

struct text {
    char *at;
    size_t left;
};

static void PRINTF_LIKE(2, 3) put(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->at, text->left, format, arguments);
    va_end(arguments);
    size_t used = length < 0 ? 0 : (size_t)length < text->left ? (size_t)length : text->left ? text->left - 1 : 0;
    text->at += used;
    text->left -= used;
}

/* ---- CSRs ---- */

/* Numbers that csr.def does not name, in runs: prefix, a number, suffix. */
static const struct {
    uint16_t first, last, from;
    const char *prefix, *suffix;
} csr_runs[] = {
#define NAME(number, name)                       {number, number, 0, #name, NULL},
#define NAMES(first, last, from, prefix, suffix) {first, last, from, prefix, suffix},
#include "csr_names.def"
#undef NAME
#undef NAMES
};

static const char *csr_name(unsigned number)
{
    size_t count;
    const struct csr_info *infos = engine_csrs(&count);
    for (size_t n = 0; n < count; n++)
        if (infos[n].number == number)
            return infos[n].name;
    return NULL;
}

static void put_csr(struct text *text, unsigned number)
{
    const char *name = csr_name(number);
    if (name) {
        put(text, "%s", name);
        return;
    }
    for (size_t n = 0; n < sizeof csr_runs / sizeof csr_runs[0]; n++) {
        if (number < csr_runs[n].first || number > csr_runs[n].last)
            continue;
        if (csr_runs[n].suffix)
            put(text, "%s%u%s", csr_runs[n].prefix, csr_runs[n].from + number - csr_runs[n].first, csr_runs[n].suffix);
        else
            put(text, "%s", csr_runs[n].prefix);
        return;
    }
    put(text, "0x%x", number);
}

/* ---- operands ---- */

/* The dynamic mode goes without saying; where no result is ever rounded, the mode that says so does. */
static void put_mode(struct text *text, unsigned op, unsigned mode)
{
    bool exact = op == OP_fcvt_d_w || op == OP_fcvt_d_wu || op == OP_fcvt_d_s || op == OP_fcvt_d_h || op == OP_fcvt_s_h;
    if (mode != (exact ? MODE_RNE : MODE_DYN))
        put(text, ",%s", modes[mode]);
}

/* A set of a fence: some of device input and output, memory reads and writes. */
static void put_fence_set(struct text *text, unsigned set)
{
    static const char letters[] = "wroi";
    for (unsigned bit = 4; bit-- > 0;)
        if (set >> bit & 1)
            put(text, "%c", letters[bit]);
    if (!set)
        put(text, "unknown");
}

static void put_operand(struct text *text, char letter, const struct insn *insn, uint32_t word, uint64_t pc)
{
    switch (letter) {
    case 'd':
        put(text, "%s", xnames[insn->rd]);
        break;
    case 's':
        put(text, "%s", xnames[insn->rs1]);
        break;
    case 't':
        put(text, "%s", xnames[insn->rs2]);
        break;
    case 'D':
        put(text, "%s", fnames[insn->rd]);
        break;
    case 'S':
        put(text, "%s", fnames[insn->rs1]);
        break;
    case 'T':
        put(text, "%s", fnames[insn->rs2]);
        break;
    case 'R':
        put(text, "%s", fnames[insn->rs3]);
        break;
    case 'i':
    case 'o':
        put(text, "%" PRId32, insn->imm);
        break;
    case 'h':
        put(text, "0x%" PRIx32, (uint32_t)insn->imm);
        break;
    case 'u':
        put(text, "0x%" PRIx32, (uint32_t)insn->imm >> 12);
        break;
    case 'b':
        put(text, "0x%" PRIx64, pc + (uint64_t)(int64_t)insn->imm);
        break;
    case 'c':
        put_csr(text, (unsigned)insn->imm);
        break;
    case 'z':
        put(text, "%u", insn->rs1);
        break;
    case 'm':
        put_mode(text, insn->op, word >> 12 & 7);
        break;
    case 'p':
        put_fence_set(text, word >> 24 & 15);
        put(text, ",");
        put_fence_set(text, word >> 20 & 15);
        break;
    default:
        put(text, "%c", letter);
    }
}

static void put_mnemonic(struct text *text, const char *name)
{
    for (; *name; name++)
        put(text, "%c", *name == '_' ? '.' : *name);
}

static void put_operands(struct text *text, const char *letters, const struct insn *insn, uint32_t word, uint64_t pc)
{
    if (*letters)
        put(text, "\t");
    for (; *letters; letters++)
        put_operand(text, *letters, insn, word, pc);
}

/* ---- instructions ---- */

/* Words that have a name of their own. */
static const struct {
    uint32_t word;
    const char *text;
} words[] = {
    {0x0000, "c.unimp"},   /* what uninitialized memory holds */
    {0xc0001073, "unimp"}, /* a write to a counter, which assemblers use for it */
    {0x8330000f, "fence.tso"},
};

/* Also the ordering bits of atomic instructions. */
static void put_suffix(struct text *text, const struct insn_row *row, uint32_t word)
{
    static const char *const orders[4] = {"", ".rl", ".aq", ".aqrl"};
    if (row->format == FORMAT_LR || row->format == FORMAT_AMO)
        put(text, "%s", orders[word >> 25 & 3]);
}

unsigned engine_disassemble(uint32_t raw, uint64_t pc, char *text, size_t size_bytes)
{
    bool compressed = raw_bytes(raw) == 2;
    uint32_t word = compressed ? decode_expand((uint16_t)raw) : raw;
    struct text out = {text, size_bytes};
    struct insn insn;
    decode(NULL, raw, &insn);
    for (size_t n = 0; n < sizeof words / sizeof words[0]; n++) {
        if (words[n].word == insn.raw) {
            put(&out, "%s", words[n].text);
            return raw_bytes(raw);
        }
    }
    const struct insn_row *row = &insn_rows[insn.op];
    const struct rvc_row *twin = compressed ? decode_compressed((uint16_t)raw) : NULL;
    if (insn.op == OP_illegal)
        put(&out, compressed ? ".2byte\t0x%" PRIx32 : ".4byte\t0x%" PRIx32, insn.raw);
    else {
        put_mnemonic(&out, twin ? twin->name : row->name);
        put_suffix(&out, row, word);
        put_operands(&out, twin ? twin->operands : operands[row->format], &insn, word, pc);
    }
    return raw_bytes(raw);
}

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
static const char *const modes[8] = {"rne", "rtz", "rdn", "rup", "rmm", "?5", "?6", "dyn"};

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
    if (name)
        put(text, "%s", name);
    else
        put(text, "0x%x", number);
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
        put(text, "%s", modes[word >> 12 & 7]);
        break;
    case 'p':
        put(text, "0x%x,0x%x", (unsigned)(word >> 24 & 15), (unsigned)(word >> 20 & 15));
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

unsigned engine_disassemble(uint32_t raw, uint64_t pc, char *text, size_t size_bytes)
{
    struct decoder decoder;
    struct insn insn;
    struct text out = {text, size_bytes};
    decoder_init(&decoder);
    decode(&decoder, raw, &insn);
    uint32_t word = raw_bytes(raw) == 2 ? decode_expand((uint16_t)raw) : raw;
    put_mnemonic(&out, insn_rows[insn.op].name);
    const char *letters = operands[insn_rows[insn.op].format];
    if (*letters)
        put(&out, "\t");
    for (; *letters; letters++)
        put_operand(&out, *letters, &insn, word, pc);
    return raw_bytes(raw);
}

/* Writes a stream of random instructions, made from the rows of the instruction table, for runtime.S.
 *
 *     stream SEED COUNT [NAME...]  > stream.bin
 *
 * NAME... restricts it to rows whose name begins so. The same seed gives the same stream. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lockstep/words.h"

enum { DIGEST_EVERY = 50, WORD_ECALL = 0x00000073, WORD_EBREAK = 0x00100073, SEARCH_TRIES = 1000 };

static uint64_t random_state;

static unsigned below(unsigned bound) { return (unsigned)random_below(&random_state, bound); }

/* ---- which rows, and what may stand in their fields ---- */

enum base { BASE_NONE, BASE_S0, BASE_S1 };
struct rule {
    bool used, writes_x;
    enum base base;
};
static const struct rule rules[] = {
    [FORMAT_R] = {true, true, BASE_NONE},      [FORMAT_R1] = {true, true, BASE_NONE},
    [FORMAT_I] = {true, true, BASE_NONE},      [FORMAT_SH5] = {true, true, BASE_NONE},
    [FORMAT_SH6] = {true, true, BASE_NONE},    [FORMAT_LOAD] = {true, true, BASE_S0},
    [FORMAT_STORE] = {true, false, BASE_S0},   [FORMAT_BRANCH] = {true, false, BASE_NONE},
    [FORMAT_U] = {true, true, BASE_NONE},      [FORMAT_JAL] = {true, true, BASE_NONE},
    [FORMAT_LR] = {true, true, BASE_S1},       [FORMAT_AMO] = {true, true, BASE_S1},
    [FORMAT_FLOAD] = {true, false, BASE_S0},   [FORMAT_FSTORE] = {true, false, BASE_S0},
    [FORMAT_FR] = {true, false, BASE_NONE},    [FORMAT_FR1] = {true, false, BASE_NONE},
    [FORMAT_FR4] = {true, false, BASE_NONE},   [FORMAT_FSGNJ] = {true, false, BASE_NONE},
    [FORMAT_FCMP] = {true, true, BASE_NONE},   [FORMAT_FTOI] = {true, true, BASE_NONE},
    [FORMAT_FROMI] = {true, false, BASE_NONE}, [FORMAT_FMVX] = {true, true, BASE_NONE},
    [FORMAT_FMVF] = {true, false, BASE_NONE},  [FORMAT_FENCE] = {true, false, BASE_NONE},
    [FORMAT_CSR] = {true, true, BASE_NONE},    [FORMAT_CSRI] = {true, true, BASE_NONE},
};

static struct rule rule_of(unsigned format)
{
    return format < sizeof rules / sizeof rules[0] ? rules[format] : (struct rule){0};
}

static bool reserved_register(unsigned x) { return x == 2 || x == 8 || x == 9; }

/* Rows in which the oracle is wrong or free to differ. */
static bool excluded(const char *name)
{
    static const char *const names[] = {
        "ctzw",         /* qemu 7.2 counts on beyond bit 31 */
        "sc_w", "sc_d", /* when a reservation is lost is the implementation's choice */
    };
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        if (strcmp(name, names[n]) == 0)
            return true;
    return false;
}

static bool wanted(const char *name, char **prefixes, int nprefixes)
{
    for (int n = 0; n < nprefixes; n++)
        if (strncmp(name, prefixes[n], strlen(prefixes[n])) == 0)
            return true;
    return nprefixes == 0;
}

/* ---- 32-bit words ---- */

static uint32_t random_word(const struct insn_row *row)
{
    struct rule rule = rule_of(row->format);
    uint32_t word = row->match | ((uint32_t)random_u64(&random_state) & ~row->mask);
    if (row->format == FORMAT_FENCE)
        word &= 0x0ff0707f;                                      /* the rest is hints and fence.tso */
    if (row->format == FORMAT_CSR || row->format == FORMAT_CSRI) /* fflags, seldom frm or fcsr */
        word = with(word, 20, 12, below(12) ? 1 : 2 + below(2));
    if (row->format == FORMAT_CSR && (word >> 20 & 3) != 1) /* a valid rounding mode, mostly RNE */
        word = with(word, 15, 5, below(4) ? 0 : below(32));
    if (rule.writes_x && reserved_register(word >> 7 & 31))
        word = with(word, 7, 5, 10 + below(16));
    if (rule.base != BASE_NONE)
        word = with(word, 15, 5, rule.base == BASE_S0 ? 8 : 9);
    bool rounds = row->format == FORMAT_FR || row->format == FORMAT_FR1 || row->format == FORMAT_FR4 ||
                  row->format == FORMAT_FTOI || row->format == FORMAT_FROMI;
    if (rounds && (word >> 12 & 7) > 4 && below(8)) /* a reserved rounding mode now and then */
        word = with(word, 12, 3, below(2) ? 7 : below(5));
    return word;
}

/* ---- compressed ---- */

static bool compressed_ok(const struct decoder *decoder, uint16_t half)
{
    struct insn insn;
    if ((half & 3) == 3 || !decode_expand(half))
        return false;
    decode(decoder, half, &insn);
    const struct insn_row *row = &insn_rows[insn.op];
    struct rule rule = rule_of(row->format);
    bool memory = rule.base != BASE_NONE;
    bool in_scratch = insn.rs1 == 8 || insn.rs1 == 9 || insn.rs1 == 2;
    return rule.used && !row->ends_block && !(rule.writes_x && reserved_register(insn.rd)) && (!memory || in_scratch);
}

/* ---- the stream ---- */

struct slot {
    uint32_t word;
    unsigned bytes, targets; /* how many instructions ahead a branch goes; 0: none */
};

static struct slot random_slot(const struct decoder *decoder, const uint16_t *ops, unsigned nops, bool compressed)
{
    for (unsigned tries = 0; compressed && tries < SEARCH_TRIES; tries++) {
        uint16_t half = (uint16_t)random_u64(&random_state);
        if (compressed_ok(decoder, half))
            return (struct slot){half, 2, 0};
    }
    const struct insn_row *row = &insn_rows[ops[below(nops)]];
    bool jumps = row->format == FORMAT_BRANCH || row->format == FORMAT_JAL;
    return (struct slot){random_word(row), 4, jumps ? 1 + below(6) : 0};
}

static uint32_t encode_target(uint32_t word, uint32_t distance)
{
    return (word & 0x7f) == 0x6f ? word_jump_to(word, distance) : word_branch_to(word, distance);
}

static void resolve_targets(struct slot *slots, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        uint32_t distance = 0;
        for (unsigned ahead = 0; ahead < slots[n].targets && n + ahead < count; ahead++)
            distance += slots[n + ahead].bytes;
        if (slots[n].targets)
            slots[n].word = encode_target(slots[n].word, distance);
    }
}

static unsigned choose_ops(uint16_t ops[OP_COUNT], char **prefixes, int nprefixes)
{
    unsigned nops = 0;
    for (uint16_t op = 0; op < OP_illegal; op++)
        if (rule_of(insn_rows[op].format).used && !excluded(insn_rows[op].name) &&
            wanted(insn_rows[op].name, prefixes, nprefixes))
            ops[nops++] = op;
    return nops;
}

/* Loads every register with something interesting. */
static unsigned emit_prologue(struct slot *slots)
{
    unsigned count = 0;
    for (unsigned x = 1; x < 32; x++) {
        if (reserved_register(x))
            continue;
        slots[count++] =
            (struct slot){0x37 | x << 7 | ((uint32_t)random_u64(&random_state) & 0xfffff000), 4, 0}; /* lui */
        slots[count++] = (struct slot){0x13 | x << 7 | x << 15 | ((uint32_t)random_u64(&random_state) & 0xfff00000), 4,
                                       0};                                                 /* addi */
        slots[count++] = (struct slot){0x1013 | x << 7 | x << 15 | below(64) << 20, 4, 0}; /* slli */
    }
    for (unsigned f = 0; f < 32; f++)
        slots[count++] = (struct slot){0xf2000053 | f << 7 | (10 + below(20)) << 15, 4, 0}; /* fmv.d.x */
    return count;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fprintf(stderr, "usage: stream SEED COUNT [NAME...]\n"), 64;
    random_state = strtoull(argv[1], NULL, 0);
    unsigned count = (unsigned)strtoul(argv[2], NULL, 0), used;
    struct decoder decoder;
    uint16_t ops[OP_COUNT];
    unsigned nops = choose_ops(ops, argv + 3, argc - 3);
    struct slot *slots = calloc(count + count / DIGEST_EVERY + 256, sizeof *slots);
    if (!slots || !nops)
        return 70;
    decoder_init(&decoder);
    used = emit_prologue(slots);
    for (unsigned n = 0; n < count; n++) {
        slots[used++] = random_slot(&decoder, ops, nops, argc == 3 && below(3) == 0);
        if (n % DIGEST_EVERY == DIGEST_EVERY - 1)
            slots[used++] = (struct slot){WORD_ECALL, 4, 0};
    }
    slots[used++] = (struct slot){WORD_ECALL, 4, 0};
    for (unsigned n = 0; n < 8; n++) /* a branch may skip some */
        slots[used++] = (struct slot){WORD_EBREAK, 4, 0};
    resolve_targets(slots, used);
    for (unsigned n = 0; n < used; n++)
        fwrite(&slots[n].word, 1, slots[n].bytes, stdout);
    free(slots);
    return 0;
}

/* Every emitter of engine/x64.h with all operands that are encoded differently, as objdump reads it back. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "engine/x64.h"
#include "random.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CODE_BYTES = 8 << 20, LINES_MOST = 1 << 20, TEXT_BYTES = 80, LONGEST_BYTES = 15, FEW_MEMS = 5 };

/* ---- operands ------------------------------------------------------------------------------------------------------- */

enum axis {
    TO = 1 << 0,
    FROM = 1 << 1,
    X = 1 << 2,
    Y = 1 << 3,
    Z = 1 << 4,
    MEM = 1 << 5,
    IMM = 1 << 6,
    IMM64 = 1 << 7,
    WIDE = 1 << 8,
    COND = 1 << 9,
    COUNT = 1 << 10,
    TARGET = 1 << 11,
    AXES = 12
};

struct operands {
    enum x64_reg to, from;
    unsigned x, y, z;
    struct x64_mem mem;
    int32_t imm;
    uint64_t imm64;
    bool wide;
    enum x64_cond cond;
    uint8_t count;
    uint8_t *target;
};

static const int32_t imms[] = {0,   1,    -1,   5,    127,   128,    -128,      -129,
                               255, 0x7f, 4095, 4096, -4096, -32768, INT32_MAX, INT32_MIN};
static const uint64_t imms64[] = {0,          1,          127,         128,        0x7fffffff,        0x80000000,
                                  0xffffffff, 1ull << 32, -1ull,       -128ull,    -0x80000000ull,    -0x80000001ull,
                                  1ull << 63, INT64_MAX,  0xfffffffff, ~0ull >> 1, 0x123456789abcdef0};
static const int32_t disps[] = {0, 1, -1, 127, 128, -128, -129, 4096, INT32_MAX, INT32_MIN};
static const uint8_t counts[] = {0, 1, 2, 31, 32, 63};

#define LENGTH(list) (sizeof(list) / sizeof(list)[0])

/* Every base with every displacement, and with every index, scaled. A few come first for when there is little room. */
static struct x64_mem mems[16 * LENGTH(disps) + 16 * 15 * 4 * 3 + FEW_MEMS];
static size_t nmems;

static void make_mems(void)
{
    nmems = 0;
    mems[nmems++] = x64_at(RAX, 0);
    mems[nmems++] = x64_at(R13, 0);
    mems[nmems++] = x64_at(R12, -300);
    mems[nmems++] = x64_indexed(RBP, R9, 8, 0);
    mems[nmems++] = x64_indexed(R8, RDI, 1, 16);
    for (unsigned base = RAX; base <= R15; base++) {
        for (size_t d = 0; d < LENGTH(disps); d++)
            mems[nmems++] = x64_at((enum x64_reg)base, disps[d]);
        for (unsigned index = RAX; index <= R15; index++)
            for (unsigned shift = 0; shift < 4 && index != RSP; shift++)
                for (size_t d = 0; d < 3; d++)
                    mems[nmems++] =
                        x64_indexed((enum x64_reg)base, (enum x64_reg)index, (uint8_t)(1 << shift), (int32_t)d * 100);
    }
    ck_assert_uint_eq(nmems, LENGTH(mems));
}

/* ---- expected text -------------------------------------------------------------------------------------------------- */

static const char *const names64[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
static const char *const names32[] = {"eax", "ecx", "edx",  "ebx",  "esp",  "ebp",  "esi",  "edi",
                                      "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"};
static const char *const names16[] = {"ax",  "cx",  "dx",   "bx",   "sp",   "bp",   "si",   "di",
                                      "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"};
static const char *const names8[] = {"al",  "cl",  "dl",   "bl",   "spl",  "bpl",  "sil",  "dil",
                                     "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"};
static const char *const conds[] = {"o", "no", "b", "ae", "e", "ne", "be", "a",
                                    "s", "ns", "p", "np", "l", "ge", "le", "g"};

static const char *text_of_constant(const struct operands *o)
{
    if (o->imm64 <= UINT32_MAX)
        return "mov {to32},{imm64}";
    return (uint64_t)(int64_t)(int32_t)o->imm64 == o->imm64 ? "mov {to64},{imm64}" : "movabs {to64},{imm64}";
}

static void put_disp(char *text, int64_t disp)
{
    sprintf(text, disp < 0 ? "-0x%" PRIx64 : "+0x%" PRIx64, disp < 0 ? -disp : disp);
}

static void put_mem(char *text, struct x64_mem mem)
{
    text += sprintf(text, "[%s", names64[mem.base]);
    if (mem.index != X64_NO_REG)
        text += sprintf(text, "+%s*%u", names64[mem.index], mem.scale);
    bool shown = mem.disp || (mem.base & 7) == RBP; /* these bases are not encoded without one */
    if (shown)
        put_disp(text, mem.disp);
    strcat(text, "]");
}

static void put_reg(char *text, const char *size, enum x64_reg reg, bool wide)
{
    const char *const *names = strcmp(size, "64") == 0   ? names64
                               : strcmp(size, "32") == 0 ? names32
                               : strcmp(size, "16") == 0 ? names16
                               : strcmp(size, "8") == 0  ? names8
                               : wide                    ? names64
                                                         : names32;
    strcpy(text, names[reg]);
}

static void put_imm(char *text, const char *size, const struct operands *o)
{
    if (strcmp(size, "64") == 0)
        sprintf(text, "0x%" PRIx64, o->imm64);
    else if (strcmp(size, "8") == 0)
        sprintf(text, "0x%x", (uint8_t)o->imm);
    else if (o->wide)
        sprintf(text, "0x%" PRIx64, (uint64_t)o->imm);
    else
        sprintf(text, "0x%" PRIx32, (uint32_t)o->imm);
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static void put_named(char *text, const char *name, const struct operands *o, const uint8_t *start)
{
    if (begins(name, "to"))
        put_reg(text, name + 2, o->to, o->wide);
    else if (begins(name, "from"))
        put_reg(text, name + 4, o->from, o->wide);
    else if (begins(name, "imm"))
        put_imm(text, name + 3, o);
    else if (strcmp(name, "mem") == 0)
        put_mem(text, o->mem);
    else if (strcmp(name, "ptr") == 0)
        strcpy(text, o->wide ? "QWORD PTR" : "DWORD PTR");
    else if (strcmp(name, "sd") == 0)
        strcpy(text, o->wide ? "sd" : "ss");
    else if (strcmp(name, "cc") == 0)
        strcpy(text, conds[o->cond]);
    else if (strcmp(name, "count") == 0)
        sprintf(text, "0x%x", o->count);
    else if (strcmp(name, "target") == 0)
        sprintf(text, "0x%tx", o->target - start);
    else
        sprintf(text, "xmm%u", *name == 'x' ? o->x : *name == 'y' ? o->y : o->z);
}

/* Fills in the names in braces. */
static void fill_in(char *text, const char *pattern, const struct operands *o, const uint8_t *start)
{
    while (*pattern) {
        if (*pattern != '{') {
            *text++ = *pattern++;
            continue;
        }
        char name[16] = "";
        size_t length = strcspn(++pattern, "}");
        memcpy(name, pattern, length);
        *text = 0;
        put_named(text, name, o, start);
        text += strlen(text);
        pattern += length + 1;
    }
    *text = 0;
}

/* ---- going through the rows ------------------------------------------------------------------------------------------- */

struct emission {
    uint32_t offset;
    char text[TEXT_BYTES]; /* instructions, divided by ';' */
    uint32_t written;
};

struct bench {
    struct x64 code;
    uint8_t *start;
    unsigned axes;
    size_t at[AXES]; /* which value of each axis */
    size_t spread;   /* memory operands that are still to come, with whatever else */
    uint64_t seed;
    struct operands operands;
    struct emission *emissions;
    size_t nemissions;
    bool squeezing;   /* into too little room, instead */
    size_t room;      /* bytes */
    char names[4096]; /* of the emitters that were seen, each between blanks */
};

static size_t choices(const struct bench *bench, enum axis axis)
{
    static const size_t lengths[AXES] = {
        16, 16, 16, 16, 16, FEW_MEMS, LENGTH(imms), LENGTH(imms64), 2, 16, LENGTH(counts), 3};
    return bench->axes & axis ? lengths[__builtin_ctz(axis)] : 1;
}

static void set_operands(struct bench *bench, size_t mem)
{
    const size_t *at = bench->at;
    uint8_t *targets[] = {bench->start, bench->code.at, bench->start + CODE_BYTES};
    bench->operands = (struct operands){
        .to = (enum x64_reg)at[0],
        .from = (enum x64_reg)at[1],
        .x = (unsigned)at[2],
        .y = (unsigned)at[3],
        .z = (unsigned)at[4],
        .mem = mems[mem],
        .imm = imms[at[6]],
        .imm64 = imms64[at[7]],
        .wide = at[8] != 0,
        .cond = (enum x64_cond)at[9],
        .count = counts[at[10]],
        .target = targets[at[11]],
    };
}

static const struct operands *begin_row(struct bench *bench, const char *name, unsigned axes)
{
    char word[64];
    snprintf(word, sizeof word, " %s ", name);
    if (!strstr(bench->names, word))
        strcat(bench->names, word);
    bench->axes = axes;
    bench->spread = axes & MEM ? nmems : 0;
    bench->room = 0;
    if (bench->squeezing) {
        memset(bench->start, 0xa5, LONGEST_BYTES);
        bench->code = (struct x64){.at = bench->start, .end = bench->start};
    }
    memset(bench->at, 0, sizeof bench->at);
    set_operands(bench, 0);
    return &bench->operands;
}

/* All combinations, with few memory operands; then all memory operands, with random others. */
static bool next_combination(struct bench *bench)
{
    for (unsigned axis = 0; axis < AXES; axis++) {
        if (++bench->at[axis] < choices(bench, (enum axis)(1 << axis))) {
            set_operands(bench, bench->at[5]);
            return true;
        }
        bench->at[axis] = 0;
    }
    if (bench->spread == 0)
        return false;
    for (unsigned axis = 0; axis < AXES; axis++)
        bench->at[axis] = random_below(&bench->seed, choices(bench, (enum axis)(1 << axis)));
    set_operands(bench, --bench->spread);
    for (unsigned axis = 0; axis < AXES; axis++) /* the combinations stay over */
        bench->at[axis] = choices(bench, (enum axis)(1 << axis)) - 1;
    return true;
}

/* The same into one byte more. What does not fit says so, and nothing behind the end is touched. */
static bool squeeze(struct bench *bench)
{
    for (size_t n = bench->room; n < LONGEST_BYTES; n++)
        ck_assert_uint_eq(bench->start[n], 0xa5);
    if (!bench->code.full)
        return false;
    ck_assert(bench->code.at <= bench->code.end);
    memset(bench->start, 0xa5, LONGEST_BYTES);
    bench->room++;
    ck_assert_uint_le(bench->room, LONGEST_BYTES);
    bench->code = (struct x64){.at = bench->start, .end = bench->start + bench->room};
    return true;
}

static const struct operands *next_row(struct bench *bench)
{
    bool more = bench->squeezing ? squeeze(bench) : next_combination(bench);
    return more ? &bench->operands : NULL;
}

/* What the latest emission has written, all of it being emitted. */
static void end_emission(struct bench *bench)
{
    if (bench->nemissions)
        bench->emissions[bench->nemissions - 1].written = bench->code.written;
    bench->code.written = 0;
}

static void expect(struct bench *bench, const char *pattern)
{
    if (bench->squeezing)
        return;
    ck_assert_uint_lt(bench->nemissions, LINES_MOST);
    end_emission(bench);
    struct emission *emission = &bench->emissions[bench->nemissions++];
    emission->offset = (uint32_t)(bench->code.at - bench->start);
    fill_in(emission->text, pattern, &bench->operands, bench->start);
}

static void emit_all(struct bench *bench)
{
    struct x64 *code = &bench->code;
#define X64(text, emitter, axes, call)                                                                                 \
    for (const struct operands *o = begin_row(bench, #emitter, axes); o; o = next_row(bench)) {                        \
        expect(bench, text);                                                                                           \
        call;                                                                                                          \
    }
#define X64_ALU(op, name)                                                                                              \
    X64(name " {to},{from}", x64_alu_rr, TO | FROM | WIDE, x64_alu_rr(code, op, o->to, o->from, o->wide))              \
    X64(name " {to},{imm}", x64_alu_ri, TO | IMM | WIDE, x64_alu_ri(code, op, o->to, o->imm, o->wide))                 \
    X64(name " {to},{ptr} {mem}", x64_alu_rm, TO | MEM | WIDE, x64_alu_rm(code, op, o->to, o->mem, o->wide))           \
    X64(name " {ptr} {mem},{from}", x64_alu_mr, FROM | MEM | WIDE, x64_alu_mr(code, op, o->mem, o->from, o->wide))     \
    X64(name " {ptr} {mem},{imm}", x64_alu_mi, MEM | IMM | WIDE, x64_alu_mi(code, op, o->mem, o->imm, o->wide))
#include "engine_x64.def"
#undef X64
}

static struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof *bench);
    ck_assert_ptr_nonnull(bench);
    make_mems();
    bench->start = malloc(CODE_BYTES);
    bench->emissions = malloc(LINES_MOST * sizeof *bench->emissions);
    ck_assert(bench->start && bench->emissions);
    bench->code = (struct x64){.at = bench->start, .end = bench->start + CODE_BYTES};
    bench->seed = 1;
    return bench;
}

static void bench_free(struct bench *bench)
{
    free(bench->start);
    free(bench->emissions);
    free(bench);
}

/* ---- objdump ------------------------------------------------------------------------------------------------------------ */

struct line {
    unsigned long offset;
    char text[200];
};

/* "  1f:\tmov    rax,rcx" with blanks squeezed; false: another kind of line. */
static bool parse_line(char *text, struct line *line)
{
    char *end;
    line->offset = strtoul(text, &end, 16);
    if (end == text || *end != ':')
        return false;
    char *to = line->text;
    for (const char *from = end + 1 + strspn(end + 1, " \t"); *from && *from != '\n' && *from != '#'; from++)
        if (*from != ' ' || from[-1] != ' ')
            *to++ = *from == '\t' ? ' ' : *from;
    while (to > line->text && to[-1] == ' ')
        to--;
    *to = 0;
    return true;
}

static bool next_line(FILE *listing, struct line *line)
{
    char text[400];
    while (fgets(text, sizeof text, listing))
        if (parse_line(text, line))
            return true;
    return false;
}

static uint32_t named(const char *text)
{
    const char *const *const sizes[] = {names64, names32, names16, names8};
    size_t length = strcspn(text, ",");
    for (size_t size = 0; size < LENGTH(sizes); size++)
        for (unsigned reg = 0; reg < 16; reg++)
            if (strlen(sizes[size][reg]) == length && strncmp(text, sizes[size][reg], length) == 0)
                return UINT32_C(1) << reg;
    return 0;
}

/* The registers that an instruction, as objdump has it, writes: the first operand's, but for those that only read it.
 */
static uint32_t written_by(const char *text)
{
    static const char *const readers[] = {"cmp ", "test ", "push ", "jmp "};
    static const char *const both[] = {"mul ", "imul ", "div ", "idiv "};
    for (size_t n = 0; n < LENGTH(readers); n++)
        if (begins(text, readers[n]))
            return 0;
    if (begins(text, "call "))
        return UINT32_MAX;
    if (begins(text, "cqo") || begins(text, "cdq"))
        return 1u << RDX;
    const char *operand = strchr(text, ' ');
    for (size_t n = 0; n < LENGTH(both); n++)
        if (begins(text, both[n]) && !strchr(text, ','))
            return 1u << RAX | 1u << RDX;
    return operand ? named(operand + 1) : 0;
}

/* One emission: each of its instructions at its place. */
static void compare(FILE *listing, const struct emission *emission)
{
    char wanted[TEXT_BYTES];
    strcpy(wanted, emission->text);
    bool first = true;
    for (char *rest = wanted, *one; (one = strsep(&rest, ";")) && *one; first = false) {
        struct line line;
        ck_assert_msg(next_line(listing, &line), "the listing ends before %s", one);
        ck_assert_msg(strcmp(line.text, one) == 0, "at %#lx: emitted %s, wanted %s", line.offset, line.text, one);
        ck_assert_msg(!first || line.offset == emission->offset, "%s: at %#lx, wanted at %#x", one, line.offset,
                      emission->offset);
        ck_assert_msg((written_by(one) & ~emission->written) == 0, "%s: written are %#x", one, emission->written);
    }
}

START_TEST(objdump_reads_what_was_meant)
{
    struct bench *bench = bench_new();
    emit_all(bench);
    ck_assert(!bench->code.full);
    ck_assert_uint_gt(bench->nemissions, 100000);

    char path[] = "/tmp/engine_x64.XXXXXX", command[200];
    FILE *file = fdopen(mkstemp(path), "wb");
    ck_assert_ptr_nonnull(file);
    size_t size_bytes = (size_t)(bench->code.at - bench->start);
    ck_assert_uint_eq(fwrite(bench->start, 1, size_bytes, file), size_bytes);
    fclose(file);
    snprintf(command, sizeof command, "objdump -D -z -b binary -m i386:x86-64 -M intel -w --no-show-raw-insn %s", path);
    FILE *listing = popen(command, "r");
    ck_assert_ptr_nonnull(listing);
    end_emission(bench);
    for (size_t n = 0; n < bench->nemissions; n++)
        compare(listing, &bench->emissions[n]);
    struct line line;
    ck_assert_msg(!next_line(listing, &line), "more than was meant: %s", line.text);
    ck_assert_int_eq(pclose(listing), 0);
    unlink(path);
    bench_free(bench);
}
END_TEST

START_TEST(what_does_not_fit_is_not_written)
{
    struct bench *bench = bench_new();
    bench->squeezing = true;
    emit_all(bench);
    bench_free(bench);
}
END_TEST

/* A new emitter comes with a row. */
START_TEST(every_emitter_is_in_the_table)
{
    struct bench *bench = bench_new();
    emit_all(bench);
    FILE *header = fopen(SOURCE_DIR "/engine/x64.h", "r");
    ck_assert_ptr_nonnull(header);
    char text[400], name[64], word[80];
    unsigned count = 0;
    while (fgets(text, sizeof text, header)) {
        char type[16];
        if (sscanf(text, "%15s x64_%50[a-z0-9_](struct x64 *code", type, name) != 2 &&
            sscanf(text, "uint8_t *x64_%50[a-z0-9_](struct x64 *code", name) != 1)
            continue;
        if (!strstr(text, "(struct x64 *code"))
            continue;
        snprintf(word, sizeof word, " x64_%s ", name);
        ck_assert_msg(strstr(bench->names, word) != NULL, "x64_%s has no row in engine_x64.def", name);
        count++;
    }
    ck_assert_uint_gt(count, 50);
    fclose(header);
    bench_free(bench);
}
END_TEST

/* ---- and it runs -------------------------------------------------------------------------------------------------------- */

/* gcd by subtraction, with a call, a loop and jumps both ways; callee-saved and extended registers. */
static void emit_gcd(struct x64 *code)
{
    x64_push(code, R12);
    x64_mov_rr(code, R12, RDI, true);
    uint8_t *top = code->at;
    x64_alu_rr(code, X64_CMP, R12, RSI, true);
    uint8_t *done = x64_jcc(code, CC_E);
    uint8_t *less = x64_jcc(code, CC_B);
    x64_alu_rr(code, X64_SUB, R12, RSI, true);
    x64_aim(x64_jmp(code), top);
    x64_aim(less, code->at);
    x64_alu_rr(code, X64_SUB, RSI, R12, true);
    x64_aim(x64_jmp(code), top);
    x64_aim(done, code->at);
    uint8_t *helper = x64_call(code);
    x64_pop(code, R12);
    x64_ret(code);
    x64_aim(helper, code->at);
    x64_lea(code, RAX, x64_indexed(R12, R12, 2, 0));
    x64_ret(code);
}

START_TEST(emitted_code_runs)
{
    uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    struct x64 code = {.at = page, .end = page + 4096};
    emit_gcd(&code);
    ck_assert(!code.full);
    ck_assert_int_eq(mprotect(page, 4096, PROT_READ | PROT_EXEC), 0);
    uint64_t (*gcd_times_3)(uint64_t, uint64_t);
    memcpy(&gcd_times_3, &(uint8_t *){page}, sizeof gcd_times_3);
    ck_assert_uint_eq(gcd_times_3(12, 18), 18);
    ck_assert_uint_eq(gcd_times_3(UINT64_C(7) << 40, UINT64_C(21) << 40), UINT64_C(21) << 40);
    munmap(page, 4096);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine x64");
    TCase *tcase = tcase_create("x64");
    tcase_add_test(tcase, objdump_reads_what_was_meant);
    tcase_add_test(tcase, what_does_not_fit_is_not_written);
    tcase_add_test(tcase, every_emitter_is_in_the_table);
    tcase_add_test(tcase, emitted_code_runs);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

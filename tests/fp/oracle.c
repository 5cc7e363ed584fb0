/* oracle: compares softfloat with what qemu's user emulation says, every instruction, result and flag.
 *
 * usage: oracle QEMU CPU GUEST [CASES [SEED]]. Exits 77 (skipped) when qemu or the guest program is not there. */
#include "operands.h"
#include "wire.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef uint64_t expect_fn(uint64_t a, uint64_t b, uint64_t c, struct fp_env *env);

/* ---- what softfloat says ----------------------------------------------------------------------------------------- */

#define REGISTER_F(format, value) fp_box(format, value)
#define REGISTER_X(format, value) (value)
#define A                         fp_unbox(FORMAT, a)
#define B                         fp_unbox(FORMAT, b)
#define C                         fp_unbox(FORMAT, c)
#define SIGN                      sign_of(FORMAT)
#define SUFFIX                    ""

#define EXPECT(function, value)                                                                                        \
    static uint64_t function(uint64_t a, uint64_t b, uint64_t c, struct fp_env *env)                                   \
    {                                                                                                                  \
        (void)a, (void)b, (void)c, (void)env;                                                                          \
        return value;                                                                                                  \
    }

#define FORMAT                           FP32
#define INSN(name, kind, text, expected) EXPECT(name##_s, REGISTER_##kind(FORMAT, expected))
#include "insns.def"
#undef INSN
#undef FORMAT

#define FORMAT                           FP64
#define INSN(name, kind, text, expected) EXPECT(name##_d, REGISTER_##kind(FORMAT, expected))
#include "insns.def"
#undef INSN
#undef FORMAT

#define FORMAT                           FP16
#define INSN(name, kind, text, expected) EXPECT(name##_h, REGISTER_##kind(FORMAT, expected))
#include "insns.def"
#undef INSN
#undef FORMAT

#define INSN(name, from, to, text) EXPECT(name, fp_box(to, fp_convert(from, to, fp_unbox(from, a), env)))
#include "conversions.def"
#undef INSN

static const struct row {
    const char *name;
    expect_fn *expect;
    enum fp_format format; /* of the operands */
} rows[] = {
#define INSN(name, kind, text, expected) {#name ".s", name##_s, FP32},
#include "insns.def"
#undef INSN
#define INSN(name, kind, text, expected) {#name ".d", name##_d, FP64},
#include "insns.def"
#undef INSN
#define INSN(name, kind, text, expected) {#name ".h", name##_h, FP16},
#include "insns.def"
#undef INSN
#define INSN(name, from, to, text) {#name, name, from},
#include "conversions.def"
#undef INSN
};

enum { ROWS = sizeof rows / sizeof *rows, SKIPPED = 77, BATCH = 250000, SHOWN_MAX = 20 /* of a batch */ };

/* ---- asking the oracle ------------------------------------------------------------------------------------------- */

struct oracle {
    const char *qemu, *cpu, *guest;
};

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    exit(1);
}

static void become_guest(const struct oracle *oracle, int in, int out)
{
    require(dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0, "dup2");
    execl(oracle->qemu, oracle->qemu, "-cpu", oracle->cpu, oracle->guest, (char *)NULL);
    require(false, oracle->qemu);
}

/* Through files: a pipe each way could fill up at both ends. */
static void ask(const struct oracle *oracle, const struct request *requests, struct reply *replies, size_t count)
{
    FILE *in = tmpfile(), *out = tmpfile();
    require(in && out, "tmpfile");
    require(fwrite(requests, sizeof *requests, count, in) == count && !fflush(in), "write");
    rewind(in);
    pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0)
        become_guest(oracle, fileno(in), fileno(out));
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "guest program");
    rewind(out);
    require(fread(replies, sizeof *replies, count, out) == count, "read");
    fclose(in);
    fclose(out);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

/* Boxes an operand, sometimes badly: then it must count as a NaN. */
static uint64_t box_badly(enum fp_format format, uint64_t value, uint64_t *seed)
{
    return random_below(seed, 64) ? fp_box(format, value) : value | random_u64(seed) << 32;
}

static struct request make_request(uint64_t *seed)
{
    uint64_t operands[3];
    struct request request = {
        .insn = (uint32_t)random_below(seed, ROWS),
        .rm = (uint32_t)random_below(seed, 5),
    };
    enum fp_format format = rows[request.insn].format;
    hard_operands(format, operands, seed);
    bool from_int = !strncmp(rows[request.insn].name, "from_", 5);
    request.a = from_int ? hard_integer(seed) : box_badly(format, operands[0], seed);
    request.b = box_badly(format, operands[1], seed);
    request.c = box_badly(format, operands[2], seed);
    return request;
}

/* True when they agree. */
static bool compare(const struct request *request, const struct reply *reply, bool show)
{
    struct fp_env env = {.rm = (uint8_t)request->rm};
    const struct row *row = &rows[request->insn];
    uint64_t result = row->expect(request->a, request->b, request->c, &env);
    if (result == reply->result && env.flags == reply->fflags)
        return true;
    if (show)
        printf("%s rm %u %016" PRIx64 " %016" PRIx64 " %016" PRIx64 ": softfloat %016" PRIx64
               " flags %02x, qemu %016" PRIx64 " flags %02" PRIx64 "\n",
               row->name, request->rm, request->a, request->b, request->c, result, env.flags, reply->result,
               reply->fflags);
    return false;
}

static uint64_t compare_batch(const struct oracle *oracle, size_t count, uint64_t *seed)
{
    static struct request requests[BATCH];
    static struct reply replies[BATCH];
    for (size_t i = 0; i < count; i++)
        requests[i] = make_request(seed);
    ask(oracle, requests, replies, count);
    uint64_t differences = 0;
    for (size_t i = 0; i < count; i++)
        differences += !compare(&requests[i], &replies[i], differences < SHOWN_MAX);
    return differences;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 64;
    struct oracle oracle = {argv[1], argv[2], argv[3]};
    if (access(oracle.qemu, X_OK) || access(oracle.guest, R_OK)) {
        printf("skipped: needs qemu-user-static and gcc-riscv64-linux-gnu\n");
        return SKIPPED;
    }
    uint64_t cases = argc > 4 ? strtoull(argv[4], NULL, 0) : 8 * BATCH;
    uint64_t seed = argc > 5 ? strtoull(argv[5], NULL, 0) : 2019;
    uint64_t differences = 0;
    for (uint64_t done = 0; done < cases; done += BATCH)
        differences += compare_batch(&oracle, cases - done < BATCH ? cases - done : BATCH, &seed);
    printf("%" PRIu64 " cases of %d instructions, %" PRIu64 " differences\n", cases, ROWS, differences);
    return differences != 0;
}

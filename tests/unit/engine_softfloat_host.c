/* Floating-point arithmetic against the host's own, for binary32 and binary64 in the four rounding modes that it has:
 * results and flags. What an x86 does differently from RISC-V is masked out: the NaNs, out-of-range conversions, and
 * infinity times zero plus a NaN (those are in engine_softfloat.c). */
#include "tests/fp/operands.h"

#include <check.h>
#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000 };

/* Tininess is detected after rounding by RISC-V and x86; IEEE 754 leaves the choice, and others chose otherwise. */
#if defined(__x86_64__)
enum { COMPARED_FLAGS = FP_NX | FP_UF | FP_OF | FP_DZ | FP_NV };
#else
enum { COMPARED_FLAGS = FP_NX | FP_OF | FP_DZ | FP_NV };
#endif

typedef uint64_t compute_fn(const uint64_t operands[3], struct fp_env *env);

/* ---- the host -------------------------------------------------------------------------------------------------- */

static const int host_modes[] = {
    [FP_RNE] = FE_TONEAREST, [FP_RTZ] = FE_TOWARDZERO, [FP_RDN] = FE_DOWNWARD, [FP_RUP] = FE_UPWARD};

enum { HOST_MODES = sizeof host_modes / sizeof *host_modes };

static uint8_t host_flags(void)
{
    int raised = fetestexcept(FE_ALL_EXCEPT);
    return (uint8_t)((raised & FE_INEXACT ? FP_NX : 0) | (raised & FE_UNDERFLOW ? FP_UF : 0) |
                     (raised & FE_OVERFLOW ? FP_OF : 0) | (raised & FE_DIVBYZERO ? FP_DZ : 0) |
                     (raised & FE_INVALID ? FP_NV : 0));
}

static double to_FP64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float to_FP32(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static uint64_t from_FP64(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? fp_canonical_nan(FP64) : bits;
}

static uint64_t from_FP32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? fp_canonical_nan(FP32) : bits;
}

/* A pair of functions: what softfloat and what the host make of x, y, z. Volatile keeps the operation between the
 * change of mode and the look at the flags. */
#define OPERATION(name, type, format, soft, expression, to_bits)                                                       \
    static uint64_t soft_##name(const uint64_t operands[3], struct fp_env *env)                                        \
    {                                                                                                                  \
        uint64_t a = operands[0], b = operands[1], c = operands[2];                                                    \
        (void)a, (void)b, (void)c;                                                                                     \
        return soft;                                                                                                   \
    }                                                                                                                  \
    static uint64_t host_##name(const uint64_t operands[3], struct fp_env *env)                                        \
    {                                                                                                                  \
        volatile type x = to_##format(operands[0]), y = to_##format(operands[1]), z = to_##format(operands[2]);        \
        (void)x, (void)y, (void)z;                                                                                     \
        fesetround(host_modes[env->rm]);                                                                               \
        feclearexcept(FE_ALL_EXCEPT);                                                                                  \
        volatile __typeof__(expression) result = expression;                                                           \
        env->flags = host_flags();                                                                                     \
        fesetround(FE_TONEAREST);                                                                                      \
        return to_bits(result);                                                                                        \
    }

#define AS_IS(value) ((uint64_t)(value))

OPERATION(add64, double, FP64, fp_add(FP64, a, b, env), x + y, from_FP64)
OPERATION(sub64, double, FP64, fp_sub(FP64, a, b, env), x - y, from_FP64)
OPERATION(mul64, double, FP64, fp_mul(FP64, a, b, env), x *y, from_FP64)
OPERATION(div64, double, FP64, fp_div(FP64, a, b, env), x / y, from_FP64)
OPERATION(sqrt64, double, FP64, fp_sqrt(FP64, a, env), sqrt(x), from_FP64)
OPERATION(fma64, double, FP64, fp_fma(FP64, a, b, c, env), fma(x, y, z), from_FP64)
OPERATION(eq64, double, FP64, fp_eq(FP64, a, b, env), x == y, AS_IS)
OPERATION(lt64, double, FP64, fp_lt(FP64, a, b, env), x < y, AS_IS)
OPERATION(le64, double, FP64, fp_le(FP64, a, b, env), x <= y, AS_IS)
OPERATION(narrow, double, FP64, fp_convert(FP64, FP32, a, env), (float)x, from_FP32)
OPERATION(integer64, double, FP64, fp_to_int(FP64, a, true, 64, env), llrint(x), AS_IS)

OPERATION(add32, float, FP32, fp_add(FP32, a, b, env), x + y, from_FP32)
OPERATION(sub32, float, FP32, fp_sub(FP32, a, b, env), x - y, from_FP32)
OPERATION(mul32, float, FP32, fp_mul(FP32, a, b, env), x *y, from_FP32)
OPERATION(div32, float, FP32, fp_div(FP32, a, b, env), x / y, from_FP32)
OPERATION(sqrt32, float, FP32, fp_sqrt(FP32, a, env), sqrtf(x), from_FP32)
OPERATION(fma32, float, FP32, fp_fma(FP32, a, b, c, env), fmaf(x, y, z), from_FP32)
OPERATION(eq32, float, FP32, fp_eq(FP32, a, b, env), x == y, AS_IS)
OPERATION(lt32, float, FP32, fp_lt(FP32, a, b, env), x < y, AS_IS)
OPERATION(le32, float, FP32, fp_le(FP32, a, b, env), x <= y, AS_IS)
OPERATION(widen, float, FP32, fp_convert(FP32, FP64, a, env), (double)x, from_FP64)
OPERATION(integer32, float, FP32, fp_to_int(FP32, a, true, 64, env), llrintf(x), AS_IS)

#define to_INT64(bits) ((int64_t)(bits))
OPERATION(of_integer64, int64_t, INT64, fp_from_int(FP64, a, true, 64, env), (double)x, from_FP64)
OPERATION(of_integer32, int64_t, INT64, fp_from_int(FP32, a, true, 64, env), (float)x, from_FP32)

/* ---- comparison ------------------------------------------------------------------------------------------------ */

enum operand_kind { NUMBERS, FUSED, IN_RANGE, INTEGERS };

static const struct operation {
    const char *name;
    compute_fn *soft, *host;
    enum fp_format format;
    enum operand_kind kind;
} operations[] = {
#define ROW(name, format, kind)                                                                                        \
    {                                                                                                                  \
#name, soft_##name, host_##name, format, kind                                                                  \
    }
    ROW(add64, FP64, NUMBERS),      ROW(add32, FP32, NUMBERS),         ROW(sub64, FP64, NUMBERS),
    ROW(sub32, FP32, NUMBERS),      ROW(mul64, FP64, NUMBERS),         ROW(mul32, FP32, NUMBERS),
    ROW(div64, FP64, NUMBERS),      ROW(div32, FP32, NUMBERS),         ROW(sqrt64, FP64, NUMBERS),
    ROW(sqrt32, FP32, NUMBERS),     ROW(fma64, FP64, FUSED),           ROW(fma32, FP32, FUSED),
    ROW(eq64, FP64, NUMBERS),       ROW(eq32, FP32, NUMBERS),          ROW(lt64, FP64, NUMBERS),
    ROW(lt32, FP32, NUMBERS),       ROW(le64, FP64, NUMBERS),          ROW(le32, FP32, NUMBERS),
    ROW(narrow, FP64, NUMBERS),     ROW(widen, FP32, NUMBERS),         ROW(integer64, FP64, IN_RANGE),
    ROW(integer32, FP32, IN_RANGE), ROW(of_integer64, FP64, INTEGERS), ROW(of_integer32, FP32, INTEGERS),
#undef ROW
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

static bool is_number(enum fp_format format, uint64_t bits) { return !(fp_classify(format, bits) & (1 << 8 | 1 << 9)); }

/* True when what RISC-V and the host do with these operands is the same. */
static bool comparable(const struct operation *operation, const uint64_t operands[3])
{
    struct fp_env env = {0};
    if (operation->kind == FUSED)
        return is_number(operation->format, operands[2]);
    if (operation->kind != IN_RANGE)
        return true;
    fp_to_int(operation->format, operands[0], true, 64, &env);
    return !(env.flags & FP_NV);
}

static void choose(const struct operation *operation, uint64_t operands[3], uint64_t *seed)
{
    hard_operands(operation->format, operands, seed);
    if (operation->kind == INTEGERS)
        operands[0] = hard_integer(seed);
}

START_TEST(the_host_agrees)
{
    const struct operation *operation = &operations[_i / HOST_MODES];
    uint64_t seed = (uint64_t)_i;
    for (int round = 0; round < ROUNDS; round++) {
        struct fp_env soft = {.rm = (uint8_t)(_i % HOST_MODES)}, host = soft;
        uint64_t operands[3];
        choose(operation, operands, &seed);
        if (!comparable(operation, operands))
            continue;
        uint64_t expected = operation->host(operands, &host), result = operation->soft(operands, &soft);
        ck_assert_msg(result == expected && !((soft.flags ^ host.flags) & COMPARED_FLAGS),
                      "%s rm %u %016" PRIx64 " %016" PRIx64 " %016" PRIx64 ": softfloat %016" PRIx64
                      " flags %02x, host %016" PRIx64 " flags %02x",
                      operation->name, soft.rm, operands[0], operands[1], operands[2], result, soft.flags, expected,
                      host.flags);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("softfloat against the host");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, the_host_agrees, 0, OPERATIONS * HOST_MODES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Floating-point arithmetic: cases with the answers written out, from IEEE 754-2019 (clause in the table) and the
 * RISC-V unprivileged specification. */
#include "engine/softfloat.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- operations by name ---------------------------------------------------------------------------------------- */

typedef uint64_t compute_fn(enum fp_format f, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env);

#define COMPUTE(name, expression)                                                                                      \
    static uint64_t name(enum fp_format f, uint64_t a, uint64_t b, uint64_t c, struct fp_env *env)                     \
    {                                                                                                                  \
        (void)f, (void)a, (void)b, (void)c, (void)env;                                                                 \
        return expression;                                                                                             \
    }

COMPUTE(ADD, fp_add(f, a, b, env))
COMPUTE(SUB, fp_sub(f, a, b, env))
COMPUTE(MUL, fp_mul(f, a, b, env))
COMPUTE(DIV, fp_div(f, a, b, env))
COMPUTE(SQRT, fp_sqrt(f, a, env))
COMPUTE(FMA, fp_fma(f, a, b, c, env))
COMPUTE(MIN, fp_min(f, a, b, env))
COMPUTE(MAX, fp_max(f, a, b, env))
COMPUTE(EQ, fp_eq(f, a, b, env))
COMPUTE(LT, fp_lt(f, a, b, env))
COMPUTE(LE, fp_le(f, a, b, env))
COMPUTE(CLASS, fp_classify(f, a))
COMPUTE(TO_W, fp_to_int(f, a, true, 32, env))
COMPUTE(TO_WU, fp_to_int(f, a, false, 32, env))
COMPUTE(TO_L, fp_to_int(f, a, true, 64, env))
COMPUTE(TO_LU, fp_to_int(f, a, false, 64, env))
COMPUTE(FROM_W, fp_from_int(f, a, true, 32, env))
COMPUTE(FROM_WU, fp_from_int(f, a, false, 32, env))
COMPUTE(FROM_L, fp_from_int(f, a, true, 64, env))
COMPUTE(FROM_LU, fp_from_int(f, a, false, 64, env))
COMPUTE(TO_H, fp_convert(f, FP16, a, env))
COMPUTE(TO_S, fp_convert(f, FP32, a, env))
COMPUTE(TO_D, fp_convert(f, FP64, a, env))

/* ---- cases ----------------------------------------------------------------------------------------------------- */

/* Values of binary64 */
#define NZERO  0x8000000000000000
#define ONE    0x3ff0000000000000
#define NONE   0xbff0000000000000
#define HALF   0x3fe0000000000000
#define INF    0x7ff0000000000000
#define NINF   0xfff0000000000000
#define BIG    0x7fefffffffffffff /* the largest finite number */
#define NBIG   0xffefffffffffffff
#define NORMAL 0x0010000000000000 /* the smallest normal number, 2^-1022 */
#define LEAST  0x0000000000000001 /* the smallest number, 2^-1074 */
#define NLEAST 0x8000000000000001
#define QNAN   0x7ff8000000000000
#define QNAN2  0xfff800000000beef /* negative, with a payload */
#define SNAN   0x7ff0000000000001
#define P_1022 0x7fd0000000000000 /* 2^1022 */
#define P_M53  0x3ca0000000000000 /* 2^-53, half a unit in the last place of one */
#define P_M538 0x1e50000000000000 /* 2^-538 */

enum { NX = FP_NX, UF = FP_UF, OF = FP_OF, DZ = FP_DZ, NV = FP_NV };
enum { RNE = FP_RNE, RTZ = FP_RTZ, RDN = FP_RDN, RUP = FP_RUP, RMM = FP_RMM };

static const struct example {
    compute_fn *compute;
    const char *name;
    enum fp_format format;
    uint8_t rm;
    uint64_t a, b, c, result;
    uint8_t flags;
} examples[] = {
#define CASE(format, rm, compute, a, b, c, result, flags) {compute, #compute, format, rm, a, b, c, result, flags},
#include "engine_softfloat.def"
#undef CASE
};

enum { EXAMPLES = sizeof examples / sizeof *examples };

START_TEST(examples_come_out_as_written)
{
    const struct example *e = &examples[_i];
    struct fp_env env = {.rm = e->rm};
    uint64_t result = e->compute(e->format, e->a, e->b, e->c, &env);
    ck_assert_msg(result == e->result && env.flags == e->flags,
                  "%s format %d rm %u %016" PRIx64 " %016" PRIx64 " %016" PRIx64 ": %016" PRIx64
                  " flags %02x, expected %016" PRIx64 " flags %02x",
                  e->name, e->format, e->rm, e->a, e->b, e->c, result, env.flags, e->result, e->flags);
}
END_TEST

START_TEST(flags_are_sticky)
{
    struct fp_env env = {.rm = RNE};
    fp_div(FP64, ONE, 0, &env);
    ck_assert_uint_eq(env.flags, DZ);
    fp_add(FP64, ONE, P_M53, &env);
    ck_assert_uint_eq(env.flags, DZ | NX);
    fp_add(FP64, ONE, ONE, &env);
    ck_assert_uint_eq(env.flags, DZ | NX);
}
END_TEST

/* Unprivileged specification, "NaN Boxing of Narrower Values". */
START_TEST(a_value_that_is_not_boxed_is_a_nan)
{
    ck_assert_uint_eq(fp_box(FP32, 0x3f800000), 0xffffffff3f800000);
    ck_assert_uint_eq(fp_box(FP16, 0x3c00), 0xffffffffffff3c00);
    ck_assert_uint_eq(fp_box(FP64, ONE), ONE);
    ck_assert_uint_eq(fp_unbox(FP32, 0xffffffff3f800000), 0x3f800000);
    ck_assert_uint_eq(fp_unbox(FP32, 0xfffffffe3f800000), 0x7fc00000);
    ck_assert_uint_eq(fp_unbox(FP16, 0xffffffffffff3c00), 0x3c00);
    ck_assert_uint_eq(fp_unbox(FP16, 0xfffffffffffe3c00), 0x7e00);
    ck_assert_uint_eq(fp_unbox(FP16, 0xffffffff3f803c00), 0x7e00);
    ck_assert_uint_eq(fp_unbox(FP64, SNAN), SNAN);
}
END_TEST

/* Widening is exact, so narrowing what was widened gives every value back, and flags stay clear. */
START_TEST(every_half_survives_the_way_up_and_down)
{
    for (uint64_t half = 0; half < 0x10000; half++) {
        struct fp_env env = {.rm = (uint8_t)(half % 5)};
        bool nan = fp_classify(FP16, half) >= 1 << 8;
        uint64_t single = fp_convert(FP16, FP32, half, &env), wide = fp_convert(FP16, FP64, half, &env);
        ck_assert_uint_eq(fp_convert(FP32, FP16, single, &env), nan ? 0x7e00 : half);
        ck_assert_uint_eq(fp_convert(FP64, FP16, wide, &env), nan ? 0x7e00 : half);
        ck_assert_uint_eq(env.flags, fp_classify(FP16, half) == 1 << 8 ? NV : 0);
    }
}
END_TEST

/* binary64 has more than twice the digits of binary16, and two more: rounding twice is rounding once (S. Figueroa,
 * "When is Double Rounding Innocuous?"), provided the first rounding was to nearest. Every half has its turn. */
START_TEST(halves_compute_as_doubles_rounded)
{
    static uint64_t (*const operations[])(enum fp_format, uint64_t, uint64_t, struct fp_env *) = {fp_add, fp_sub,
                                                                                                  fp_mul, fp_div};
    for (uint64_t i = 0; i < 0x80000; i++) {
        struct fp_env half = {0}, wide = {0}, last = {0};
        uint64_t a = i & 0xffff, b = i * 40503 >> 3 & 0xffff, a64 = fp_convert(FP16, FP64, a, &wide),
                 b64 = fp_convert(FP16, FP64, b, &wide);
        uint64_t sum = operations[i >> 17](FP64, a64, b64, &wide);
        ck_assert_uint_eq(operations[i >> 17](FP16, a, b, &half), fp_convert(FP64, FP16, sum, &last));
        ck_assert_uint_eq(half.flags & ~UF, (wide.flags | last.flags) & ~UF);
    }
}
END_TEST

START_TEST(the_root_of_every_half)
{
    for (uint64_t a = 0; a < 0x10000; a++) {
        struct fp_env half = {0}, wide = {0}, last = {0};
        uint64_t root = fp_sqrt(FP64, fp_convert(FP16, FP64, a, &wide), &wide);
        ck_assert_uint_eq(fp_sqrt(FP16, a, &half), fp_convert(FP64, FP16, root, &last));
        ck_assert_uint_eq(half.flags, wide.flags | last.flags);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("softfloat");
    TCase *tests = tcase_create("all");
    tcase_add_loop_test(tests, examples_come_out_as_written, 0, EXAMPLES);
    tcase_add_test(tests, flags_are_sticky);
    tcase_add_test(tests, a_value_that_is_not_boxed_is_a_nan);
    tcase_add_test(tests, every_half_survives_the_way_up_and_down);
    tcase_add_test(tests, halves_compute_as_doubles_rounded);
    tcase_add_test(tests, the_root_of_every_half);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

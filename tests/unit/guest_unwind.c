/* What functions save, and where their frames begin, is read from their code as it stands at each instruction. */
#include "guest/unwind.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { S1 = 2, S11 = 12 };
#define UNKNOWN UNWIND_UNKNOWN

static struct unwinder *unwinder;

static void setup(void) { unwinder = unwinder_new(); }
static void teardown(void) { unwinder_free(unwinder); }

/* The rule before the instruction at `offset`. */
static void assert_rule(const uint16_t *code, size_t size_bytes, size_t offset, int32_t sp, int32_t fp, int32_t ra,
                        int32_t s0)
{
    const struct unwind_rule *rule = unwind_to(unwinder, (const uint8_t *)code, size_bytes, offset);
    ck_assert_uint_eq(unwind_at(unwinder), offset);
    ck_assert_int_eq(rule->sp, sp);
    ck_assert_int_eq(rule->fp, fp);
    ck_assert_int_eq(rule->saved[UNWIND_RA], ra);
    ck_assert_int_eq(rule->saved[UNWIND_S0], s0);
}

static void assert_entered(const uint16_t *code, size_t size_bytes, size_t offset)
{
    assert_rule(code, size_bytes, offset, 0, UNKNOWN, 0, 0);
}

START_TEST(prologue_and_epilogue)
{
    static const uint16_t code[] = {
        0x1101, /*  0 addi sp, sp, -32 */
        0xec06, /*  2 sd ra, 24(sp) */
        0xe822, /*  4 sd s0, 16(sp) */
        0xe426, /*  6 sd s1, 8(sp) */
        0x1000, /*  8 addi s0, sp, 32 */
        0x84aa, /* 10 mv s1, a0 */
        0x60e2, /* 12 ld ra, 24(sp) */
        0x6442, /* 14 ld s0, 16(sp) */
        0x64a2, /* 16 ld s1, 8(sp) */
        0x6105, /* 18 addi sp, sp, 32 */
        0x8082, /* 20 ret */
        0x0001, /* 22 nop: reached by a table, if at all */
    };
    assert_entered(code, sizeof code, 0);
    assert_rule(code, sizeof code, 2, 32, UNKNOWN, 0, 0);
    assert_rule(code, sizeof code, 4, 32, UNKNOWN, 8, 0);
    assert_rule(code, sizeof code, 6, 32, UNKNOWN, 8, 16);
    assert_rule(code, sizeof code, 10, 32, 0, 8, 16);
    ck_assert_int_eq(unwind_rule(unwinder)->saved[S1], 24);
    assert_rule(code, sizeof code, 14, 32, 0, 0, 16);
    assert_rule(code, sizeof code, 16, 32, UNKNOWN, 0, 0);
    ck_assert_int_eq(unwind_rule(unwinder)->saved[S1], 24);
    assert_rule(code, sizeof code, 18, 32, UNKNOWN, 0, 0);
    ck_assert_int_eq(unwind_rule(unwinder)->saved[S1], 0);
    assert_entered(code, sizeof code, 20);
    assert_rule(code, sizeof code, 22, 32, 0, 8, 16);
    ck_assert_uint_eq(unwind_register(S1), 9);
    ck_assert_uint_eq(unwind_register(S11), 27);

    /* which byte of an instruction is meant does not matter, nor what is beyond the code */
    unwind_to(unwinder, (const uint8_t *)code, sizeof code, 11);
    ck_assert_uint_eq(unwind_at(unwinder), 10);
    unwind_to(unwinder, (const uint8_t *)code, sizeof code, 1000);
    ck_assert_uint_eq(unwind_at(unwinder), 22);
    unwind_to(unwinder, (const uint8_t *)code, 0, 8);
    ck_assert_uint_eq(unwind_at(unwinder), 0);
}
END_TEST

/* Code behind a return is as it was where it was jumped to from. */
START_TEST(branches)
{
    static const uint16_t code[] = {
        0xcd09,         /*  0 beqz a0, 26: no frame there */
        0x1141,         /*  2 addi sp, sp, -16 */
        0xe406,         /*  4 sd ra, 8(sp) */
        0x0063, 0x00b5, /*  6 beq a0, a1, 6 + 0: backwards or in place, it says nothing */
        0x0863, 0x00b5, /* 10 beq a0, a1, 26 - see below */
        0x60a2,         /* 14 ld ra, 8(sp) */
        0x0141,         /* 16 addi sp, sp, 16 */
        0x8082,         /* 18 ret */
        0x0001,         /* 20 nop: in the middle */
        0xa011,         /* 22 j 26 */
        0x0001,         /* 24 nop: in the middle */
        0x8082,         /* 26 ret */
    };
    assert_rule(code, sizeof code, 14, 16, UNKNOWN, 8, 0);
    assert_entered(code, sizeof code, 18);
    assert_rule(code, sizeof code, 20, 16, UNKNOWN, 8, 0);
    assert_rule(code, sizeof code, 24, 16, UNKNOWN, 8, 0);
    assert_entered(code, sizeof code, 26); /* the first to jump there is believed */
}
END_TEST

/* Room on the stack that is not known beforehand: s0 tells where the frame begins, and so does a saved register. */
START_TEST(variable_frames)
{
    static const uint16_t code[] = {
        0x1101,         /*  0 addi sp, sp, -32 */
        0xec06,         /*  2 sd ra, 24(sp) */
        0xe822,         /*  4 sd s0, 16(sp) */
        0x1000,         /*  6 addi s0, sp, 32 */
        0x0133, 0x40a1, /*  8 sub sp, sp, a0 */
        0x0001,         /* 12 nop */
        0x0113, 0xfe04, /* 14 addi sp, s0, -32 */
        0x60e2,         /* 18 ld ra, 24(sp) */
        0x0133, 0x40a1, /* 20 sub sp, sp, a0 */
        0x6442,         /* 24 ld s0, 16(sp): it was 16 below the beginning */
        0x0001,         /* 26 nop */
    };
    assert_rule(code, sizeof code, 12, UNKNOWN, 0, 8, 16);
    assert_rule(code, sizeof code, 18, 32, 0, 8, 16);
    assert_rule(code, sizeof code, 24, UNKNOWN, 0, 0, 16);
    assert_rule(code, sizeof code, 26, 32, UNKNOWN, 0, 0);
}
END_TEST

/* What merely looks like it: s0 when it has not been saved, stores above the frame, other widths, other registers. */
START_TEST(look_alikes)
{
    static const uint16_t code[] = {
        0x1101,         /*  0 addi sp, sp, -32 */
        0x1000,         /*  2 addi s0, sp, 32 */
        0xf406,         /*  4 sd ra, 40(sp) */
        0xc006,         /*  6 sw ra, 0(sp) */
        0xe42a,         /*  8 sd a0, 8(sp) */
        0x3023, 0x0015, /* 10 sd ra, 0(a0) */
        0x60a2,         /* 14 ld ra, 8(sp) */
        0x0001,         /* 16 nop */
        0x812a,         /* 18 mv sp, a0 */
        0xe406,         /* 20 sd ra, 8(sp) */
        0x0001,         /* 22 nop */
    };
    assert_rule(code, sizeof code, 16, 32, UNKNOWN, 0, 0);
    assert_rule(code, sizeof code, 22, UNKNOWN, UNKNOWN, 0, 0);
}
END_TEST

/* Whatever the code is, it is gone through to its end and no further. Meant for a build with sanitizers. */
START_TEST(anything)
{
    static const uint16_t moves[] = {0x1101, 0xec06, 0xe822, 0x1000, 0x60e2, 0x6442, 0x6105, 0x8082};
    uint64_t seed = 77;
    for (unsigned round = 0; round < 2000; round++) {
        size_t size = random_below(&seed, round % 100 == 0 ? 2 * UNWIND_BYTES_MOST : 300), last = 0;
        uint8_t *code = malloc(size + 1);
        ck_assert_ptr_nonnull(code);
        random_fill(&seed, code, size);
        for (size_t i = 0; i + 1 < size; i += 2)
            if (random_below(&seed, 4) == 0)
                memcpy(code + i, &moves[random_below(&seed, sizeof moves / sizeof moves[0])], sizeof moves[0]);
        unwind_begin(unwinder, code, size);
        while (unwind_step(unwinder)) {
            ck_assert_uint_gt(unwind_at(unwinder), last);
            last = unwind_at(unwinder);
            ck_assert_uint_lt(last, size);
        }
        ck_assert_uint_ge(last + 4, (size < UNWIND_BYTES_MOST ? size : UNWIND_BYTES_MOST) & ~(size_t)1);
        free(code);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest/unwind");
    TCase *tests = tcase_create("unwind");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, prologue_and_epilogue);
    tcase_add_test(tests, branches);
    tcase_add_test(tests, variable_frames);
    tcase_add_test(tests, look_alikes);
    tcase_add_test(tests, anything);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* What a person may call a mark. */
#include "replay/mark.h"

#include <check.h>
#include <stdlib.h>

struct row {
    const char *text;
    enum mark_kind kind;
    uint64_t n;
};

static const struct row good[] = {
    {"0", MARK_ICOUNT, 0},
    {"1234", MARK_ICOUNT, 1234},
    {"1,234", MARK_ICOUNT, 1234},
    {"912,345,678", MARK_ICOUNT, 912345678},
    {"  42 ", MARK_ICOUNT, 42},
    {"18446744073709551615", MARK_ICOUNT, UINT64_MAX},
    {"1s", MARK_VTIME, 1000000000},
    {"2min", MARK_VTIME, 120000000000},
    {"1.5h", MARK_VTIME, 5400000000000},
    {"5,124,095h", MARK_VTIME, 18446742000000000000u},
    {"12.5s", MARK_VTIME, 12500000000},
    {"300ms", MARK_VTIME, 300000000},
    {"40us", MARK_VTIME, 40000},
    {"5ns", MARK_VTIME, 5},
    {"0.000000001s", MARK_VTIME, 1},
    {"0.0000000019s", MARK_VTIME, 1},
    {"1.5us", MARK_VTIME, 1500},
    {"1,000ms", MARK_VTIME, 1000000000},
    {"start", MARK_START, 0},
    {"end", MARK_END, 0},
    {"end-1", MARK_END, 1},
    {"end-1,000", MARK_END, 1000},
};

static const char *const bad[] = {
    "",
    " ",
    "-1",
    "+1",
    "1 2",
    "0x10",
    "1,",
    ",1",
    "1.5",
    "s",
    ".5s",
    "1.s",
    "1.5",
    "1m",
    "1hour",
    "5,124,096h",
    "1 s",
    "start-1",
    "end-",
    "end+1",
    "end--1",
    "ending",
    "START",
    "1s1",
    "1.5.5s",
    "18446744073709551616",
    "1,,2",
    "1sec",
    "1.-5s",
    "\xff",
    "ms",
    "-5ms",
    "99999999999999999999999s",
};

START_TEST(is_understood)
{
    struct mark mark;
    ck_assert(!err_is(mark_parse(good[_i].text, &mark)));
    ck_assert_int_eq(mark.kind, good[_i].kind);
    ck_assert_uint_eq(mark.n, good[_i].n);
}
END_TEST

START_TEST(is_refused)
{
    struct mark mark;
    err_t error = mark_parse(bad[_i], &mark);
    ck_assert_msg(error.code == ERR_USAGE, "\"%s\" is %d", bad[_i], (int)error.code);
}
END_TEST

START_TEST(time_too_large_is_refused)
{
    struct mark mark;
    ck_assert(!err_is(mark_parse("18446744073.709551615s", &mark)));
    ck_assert_uint_eq(mark.n, UINT64_MAX);
    ck_assert(err_is(mark_parse("18446744073.709551616s", &mark)));
    ck_assert(err_is(mark_parse("18446744074s", &mark)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mark");
    TCase *tcase = tcase_create("mark");
    tcase_add_loop_test(tcase, is_understood, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tcase, is_refused, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, time_too_large_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/* What a person reads: closing lines, units, the progress line. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/report.h"

static struct run_report boot(void)
{
    return (struct run_report){.end = RUN_HALTED,
                               .halt = {.reason = HALT_POWEROFF},
                               .icount = icount_of(912345678),
                               .vtime = vtime_of(914000000),
                               .host_seconds = 1.3,
                               .snapshots = 46,
                               .file_bytes = 38000000};
}

START_TEST(test_units)
{
    char buffer[FORMAT_BYTES];

    ck_assert_str_eq(format_bytes(0, buffer), "0 bytes");
    ck_assert_str_eq(format_bytes(999, buffer), "999 bytes");
    ck_assert_str_eq(format_bytes(1000, buffer), "1.0 kB");
    ck_assert_str_eq(format_bytes(31200000, buffer), "31 MB");
    ck_assert_str_eq(format_bytes(999999, buffer), "1.0 MB");
    ck_assert_str_eq(format_bytes(UINT64_MAX, buffer), "18446744 TB");
    ck_assert_str_eq(format_seconds(0.9140004, buffer), "0.914 s");
    ck_assert_str_eq(format_seconds(75.25, buffer), "75.2 s");
    ck_assert_str_eq(format_seconds(123, buffer), "2 min 03 s");
    ck_assert_str_eq(format_seconds(36123, buffer), "10 h 02 min");
}
END_TEST

START_TEST(test_closing_lines)
{
    struct run_report report = boot();
    char line[REPORT_BYTES];

    report_ran("boot.deja", &report, line);
    ck_assert_str_eq(line, "boot.deja: 912,345,678 instructions, 0.914 s guest, 1.300 s host, 0 inputs, 46 snapshots, "
                           "38 MB");
    report_ran(NULL, &report, line);
    ck_assert_str_eq(line, "912,345,678 instructions, 0.914 s guest, 1.300 s host");
    report_replayed("boot.deja", &report, line);
    ck_assert_str_eq(line, "boot.deja: replayed 912,345,678 instructions, 46 of 46 state hashes equal");
    ck_assert(!report_ending(&report, line));
}
END_TEST

START_TEST(test_long_paths_fit)
{
    struct run_report report = boot();
    char line[REPORT_BYTES], path[4000];

    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    report_ran(path, &report, line);
    ck_assert_uint_eq(strlen(line), REPORT_BYTES - 1);
    report_replayed(path, &report, line);
    ck_assert_uint_eq(strlen(line), REPORT_BYTES - 1);
}
END_TEST

START_TEST(test_status_is_the_guests)
{
    static const struct {
        uint64_t status;
        int exit_status;
        const char *says;
    } cases[] = {
        {0, 0, NULL},
        {1, 1, "status 1"},
        {63, 63, "status 63"},
        {64, 63, "this is 63"},
        {UINT64_MAX, 63, "status 18446744073709551615;"},
    };
    struct run_report report = boot();
    char line[REPORT_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        report.halt = (struct board_halt){HALT_FAIL, cases[i].status};
        ck_assert_int_eq(report_exit_status(&report), cases[i].exit_status);
        ck_assert(report_ending(&report, line) == (cases[i].says != NULL));
        if (cases[i].says != NULL)
            ck_assert_msg(strstr(line, cases[i].says) != NULL, "%s", line);
    }
}
END_TEST

START_TEST(test_every_ending_is_told)
{
    struct run_report report = boot();
    char line[REPORT_BYTES];

    for (int end = RUN_MAX_ICOUNT; end <= RUN_RECORDING_ENDS; end++) {
        report.end = (enum run_end)end;
        line[0] = '\0';
        ck_assert(report_ending(&report, line));
        ck_assert_uint_gt(strlen(line), 10);
        ck_assert_int_eq(report_exit_status(&report), end == RUN_IDLE_FOREVER ? 66 : 0);
    }
    report = boot();
    report.halt.reason = HALT_RESET;
    ck_assert(report_ending(&report, line));
}
END_TEST

START_TEST(test_progress_line)
{
    char line[PROGRESS_BYTES];

    progress_format("replay", 0, 584000000, 912345678, 584000000, 0.5, line);
    ck_assert_str_eq(line, "replay   64 % ###############.........  584 M of 912 M  1,168 M/s  0.3 s left");
    progress_format("seek", 0, 0, 0, 0, 0, line);
    ck_assert_msg(strstr(line, "100 %") != NULL && strstr(line, "M/s") == NULL, "%s", line);
    progress_format("seek", 5, 900, 100, 1, 1, line); /* beyond its end */
    ck_assert_msg(strstr(line, "100 %") != NULL, "%s", line);
    progress_format("a name that is longer than anybody would give", 0, 1, UINT64_MAX, UINT64_MAX, 1e-9, line);
    ck_assert_uint_lt(strlen(line), PROGRESS_BYTES);
}
END_TEST

START_TEST(test_progress_stops_when_asked)
{
    atomic_bool quit = false;
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, &quit);

    ck_assert(progress.tick(progress.context, "seek", icount_of(1), icount_of(2), 1));
    atomic_store(&quit, true);
    ck_assert(!progress.tick(progress.context, "seek", icount_of(1), icount_of(2), 1));
    progress_end(&bar);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli report");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_units);
    tcase_add_test(tests, test_closing_lines);
    tcase_add_test(tests, test_long_paths_fit);
    tcase_add_test(tests, test_status_is_the_guests);
    tcase_add_test(tests, test_every_ending_is_told);
    tcase_add_test(tests, test_progress_line);
    tcase_add_test(tests, test_progress_stops_when_asked);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

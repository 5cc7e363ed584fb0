/* Errors: one line for a person, an exit status for a script; check() stops and says where. Numbers for people. */
#include "icount/icount.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name, *text, *mend;
    int exit_status;
} rows[ERR_COUNT] = {
#define ERR(name_, exit_status_, text_, mend_) [ERR_##name_] = {#name_, text_, mend_, exit_status_},
#include "icount/err.def"
#undef ERR
};

START_TEST(a_line_has_subject_what_and_mend)
{
    char line[600];
    err_t error = err_make(ERR_NO_INPUT, "%s", "initrd.gz");
    size_t length = err_format(error, line, sizeof line);
    ck_assert_str_eq(line, "initrd.gz: no such file; check the path (66)");
    ck_assert_uint_eq(length, strlen(line));
    error = err_detail(error, "no such file (%s)", "-initrd");
    err_format(error, line, sizeof line);
    ck_assert_str_eq(line, "initrd.gz: no such file (-initrd); check the path (66)");
    ck_assert_str_eq(error.subject, "initrd.gz");
    ck_assert_int_eq(error.code, ERR_NO_INPUT);
}
END_TEST

START_TEST(a_detail_may_bring_its_own_mend)
{
    char line[600];
    err_t error = err_detail(err_make(ERR_NO_INPUT, "initrd.gz"), "no such file; give -initrd an initramfs");
    err_format(error, line, sizeof line);
    ck_assert_str_eq(line, "initrd.gz: no such file; give -initrd an initramfs (66)");
}
END_TEST

START_TEST(an_error_about_nothing_in_particular_has_no_colon)
{
    char line[600];
    err_format(err_make(ERR_NO_MEMORY, "%s", ""), line, sizeof line);
    ck_assert_str_eq(line, "out of memory; give the guest less with -m, or free some (71)");
}
END_TEST

START_TEST(formatting_is_bounded_and_tells_what_it_needed)
{
    char line[600], bounded[12];
    err_t error = err_make(ERR_IO, "disk.img");
    size_t needed = err_format(error, line, sizeof line);
    memset(bounded, 'x', sizeof bounded);
    ck_assert_uint_eq(err_format(error, bounded, 10), needed);
    ck_assert_uint_eq(strlen(bounded), 9);
    ck_assert_int_eq(bounded[10], 'x');
    ck_assert_mem_eq(bounded, line, 9);
    ck_assert_uint_eq(err_format(error, NULL, 0), needed);
}
END_TEST

START_TEST(long_subjects_are_cut)
{
    char name[4096], line[8192];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    err_t error = err_detail(err_make(ERR_IO, "%s", name), "%s", name);
    ck_assert_uint_eq(strlen(error.subject), sizeof error.subject - 1);
    ck_assert_uint_eq(strlen(error.detail), sizeof error.detail - 1);
    ck_assert_uint_lt(err_format(error, line, sizeof line), 600);
}
END_TEST

START_TEST(hostile_names_stay_one_line_and_command_no_terminal)
{
    err_t error = err_detail(err_make(ERR_ALIEN, "a\nb\x1b[2Jc\x7f"), "%s", "x\ry");
    ck_assert_str_eq(error.subject, "a?b?[2Jc?");
    ck_assert_str_eq(error.detail, "x?y");
    ck_assert_str_eq(err_make(ERR_ALIEN, "\xc2\x9b"
                                         "2J \xc2\xa0\xc2")
                         .subject,
                     "??2J \xc2\xa0\xc2");
    ck_assert_str_eq(err_make(ERR_ALIEN, "%s", "d\xc3\xa9j\xc3\xa0").subject, "d\xc3\xa9j\xc3\xa0");
}
END_TEST

START_TEST(no_error_is_none)
{
    ck_assert(!err_is(err_ok()));
    ck_assert_int_eq(err_exit_status(err_ok()), 0);
    ck_assert(err_is(err_make(ERR_IO, "x")));
}
END_TEST

/* sysexits.h has 64..78; a person is told what happened and the mend, without capital or full stop. */
START_TEST(every_row_is_complete)
{
    for (unsigned code = ERR_OK + 1; code < ERR_COUNT; code++) {
        ck_assert_msg(rows[code].exit_status >= 64 && rows[code].exit_status <= 78, "%s", rows[code].name);
        ck_assert_int_eq(err_exit_status(err_make((enum err_code)code, "x")), rows[code].exit_status);
        for (const char *const *text = (const char *const[]){rows[code].text, rows[code].mend, NULL}; *text; text++) {
            ck_assert_msg(strlen(*text) >= 5 && strlen(*text) < 160, "%s: %s", rows[code].name, *text);
            ck_assert_msg((*text)[strlen(*text) - 1] != '.' && !strchr(*text, '\n'), "%s: %s", rows[code].name, *text);
        }
        ck_assert_msg(rows[code].text[0] >= 'a' && rows[code].text[0] <= 'z', "%s", rows[code].name);
    }
}
END_TEST

static err_t pass_on(err_t error, bool *got_past)
{
    TRY(error);
    *got_past = true;
    return err_ok();
}

START_TEST(try_returns_the_error_and_nothing_else)
{
    bool got_past = false;
    ck_assert_int_eq(pass_on(err_make(ERR_IO, "x"), &got_past).code, ERR_IO);
    ck_assert(!got_past);
    ck_assert_int_eq(pass_on(err_ok(), &got_past).code, ERR_OK);
    ck_assert(got_past);
}
END_TEST

START_TEST(a_failed_check_says_where_and_aborts)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        check(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    char line[300] = "";
    ck_assert_int_gt(read(ends[0], line, sizeof line - 1), 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_ptr_nonnull(strstr(line, "icount_err.c:"));
    ck_assert_ptr_nonnull(strstr(line, "1 + 1 == 3"));
    close(ends[0]);
}
END_TEST

START_TEST(numbers_are_grouped)
{
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1,000"},
        {100000, "100,000"},
        {999999, "999,999"},
        {1000000, "1,000,000"},
        {912345678, "912,345,678"},
        {UINT64_MAX, "18,446,744,073,709,551,615"},
    };
    char buffer[GROUPED_BYTES];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(format_grouped(cases[i].value, buffer), cases[i].text);
        ck_assert_ptr_eq(format_grouped(cases[i].value, buffer), buffer);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("icount err");
    TCase *tcase = tcase_create("err");
    tcase_add_test(tcase, a_line_has_subject_what_and_mend);
    tcase_add_test(tcase, a_detail_may_bring_its_own_mend);
    tcase_add_test(tcase, an_error_about_nothing_in_particular_has_no_colon);
    tcase_add_test(tcase, formatting_is_bounded_and_tells_what_it_needed);
    tcase_add_test(tcase, long_subjects_are_cut);
    tcase_add_test(tcase, hostile_names_stay_one_line_and_command_no_terminal);
    tcase_add_test(tcase, no_error_is_none);
    tcase_add_test(tcase, every_row_is_complete);
    tcase_add_test(tcase, try_returns_the_error_and_nothing_else);
    tcase_add_test(tcase, a_failed_check_says_where_and_aborts);
    tcase_add_test(tcase, numbers_are_grouped);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

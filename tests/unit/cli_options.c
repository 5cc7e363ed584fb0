/* The command line: values, options of every command, and what is refused. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

enum { ARGS_MAX = 16 };

struct line {
    const char *words; /* separated by '^', so that an argument may hold spaces */
    const char *subject;
};

/* Parses "record^-o^x" as main would have handed it over. */
static err_t parse(const char *words, struct options *options, char *argv[ARGS_MAX])
{
    static char copy[400];
    int argc = 0;

    strcpy(copy, words);
    for (char *word = strtok(copy, "^"); word != NULL; word = strtok(NULL, "^"))
        argv[argc++] = word;
    argv[argc] = NULL;
    return options_parse(command_find(argv[0]), argc, argv, options);
}

START_TEST(test_sizes)
{
    static const struct {
        const char *text;
        uint64_t size_bytes; /* 0: refused */
    } cases[] = {
        {"512", 512ull << 20},
        {"512M", 512ull << 20},
        {"512m", 512ull << 20},
        {"1G", 1ull << 30},
        {"1.5G", 3ull << 29},
        {"size=2G", 2ull << 30},
        {"4096k", 4ull << 20},
        {"8388608b", 8ull << 20},
        {"1T", 1ull << 40},
        {"", 0},
        {"M", 0},
        {"-1", 0},
        {" 1", 0},
        {"1Q", 0},
        {"1GB", 0},
        {"1,000", 0},
        {"99999999999999", 0},
        {"18446744073709551616", 0},
    };
    uint64_t size_bytes;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_bytes = 0;
        ck_assert_msg(value_size(cases[i].text, &size_bytes) == (cases[i].size_bytes != 0), "%s", cases[i].text);
        if (cases[i].size_bytes != 0)
            ck_assert_uint_eq(size_bytes, cases[i].size_bytes);
    }
}
END_TEST

START_TEST(test_counts)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t count;
    } cases[] = {
        {"0", true, 0},
        {"1,000", true, 1000},
        {"20M", true, 20000000},
        {"3k", true, 3000},
        {"3K", true, 3000},
        {"1G", true, 1000000000},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999G", false, 0},
        {"", false, 0},
        {",1", false, 0},
        {"1,", false, 0},
        {"1 ", false, 0},
        {"-1", false, 0},
        {"1Mx", false, 0},
    };
    uint64_t count;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(value_count(cases[i].text, &count) == cases[i].good, "%s", cases[i].text);
        if (cases[i].good)
            ck_assert_uint_eq(count, cases[i].count);
    }
}
END_TEST

START_TEST(test_numbers)
{
    uint64_t number;

    ck_assert(value_number("0x10", &number) && number == 16);
    ck_assert(value_number("010", &number) && number == 10);
    ck_assert(value_number("18446744073709551615", &number) && number == UINT64_MAX);
    ck_assert(!value_number("18446744073709551616", &number));
    ck_assert(!value_number("0x", &number));
    ck_assert(!value_number("+1", &number));
    ck_assert(!value_number("", &number));
}
END_TEST

START_TEST(test_ranges)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t first, last;
    } cases[] = {
        {"0x8000..0x8fff", true, 0x8000, 0x8fff},
        {"0xffffffc000080000+0x200", true, 0xffffffc000080000, 0xffffffc0000801ff},
        {"0xffffffc000060000-0x1000", true, 0xffffffc00005f001, 0xffffffc000060000},
        {"1..1", true, 1, 1},
        {"0xffffffffffffffff+1", true, UINT64_MAX, UINT64_MAX},
        {"0xffffffffffffffff+2", false, 0, 0},
        {"2-4", false, 0, 0},
        {"5..4", false, 0, 0},
        {"5", false, 0, 0},
        {"5+0", false, 0, 0},
        {"0-0", false, 0, 0},
        {"..", false, 0, 0},
        {"1..x", false, 0, 0},
        {"", false, 0, 0},
        {"0x00000000000000000000000000000001..2", false, 0, 0},
    };
    uint64_t first, last;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(value_range(cases[i].text, &first, &last) == cases[i].good, "%s", cases[i].text);
        if (cases[i].good)
            ck_assert_msg(first == cases[i].first && last == cases[i].last, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(test_qemus_line_pastes_in)
{
    struct options options;
    char *argv[ARGS_MAX];
    err_t error =
        parse("run^-M^virt^-cpu^rv64^-smp^1^-nographic^-display^none^-serial^mon:stdio^--kernel^Image", &options, argv);

    ck_assert_int_eq(error.code, ERR_OK);
    ck_assert_str_eq(options_text(&options, OPTION_KERNEL, ""), "Image");
    ck_assert(!options_flag(&options, OPTION_M));
}
END_TEST

START_TEST(test_values_arrive)
{
    struct options options;
    char *argv[ARGS_MAX];
    err_t error = parse("record^-o^a b.deja^-append^-v console=ttyS0^-m^1G^--seed=0xff^-epoch^12^--pace^real^-force",
                        &options, argv);

    ck_assert_int_eq(error.code, ERR_OK);
    ck_assert_str_eq(options_text(&options, OPTION_O, ""), "a b.deja");
    ck_assert_str_eq(options_text(&options, OPTION_APPEND, ""), "-v console=ttyS0");
    ck_assert_uint_eq(options_number(&options, OPTION_M, 0), 1ull << 30);
    ck_assert_uint_eq(options_number(&options, OPTION_SEED, 0), 255);
    ck_assert_uint_eq(options_number(&options, OPTION_EPOCH, 0), 12);
    ck_assert_uint_eq(options_number(&options, OPTION_PACE, 7), 1);
    ck_assert(options_flag(&options, OPTION_FORCE));
    ck_assert_uint_eq(options_number(&options, OPTION_SNAPSHOT_EVERY, 42), 42);
}
END_TEST

START_TEST(test_gdbs_arguments_are_its_own)
{
    struct options options;
    char *argv[ARGS_MAX];

    ck_assert_int_eq(parse("debug^rec^--at^end-1^--^-batch^-x^--^y", &options, argv).code, ERR_OK);
    ck_assert_str_eq(options.recording, "rec");
    ck_assert_str_eq(options_text(&options, OPTION_AT, ""), "end-1");
    ck_assert_ptr_nonnull(options.rest);
}
END_TEST

START_TEST(test_refused)
{
    static const struct line lines[] = {
        {"run^-smp^4", "-smp 4"},
        {"run^-M^spike", "-M spike"},
        {"run^-kernel", "-kernel"},
        {"run^-drive^x", "-drive"},
        {"run^-m^lots", "-m lots"},
        {"run^--pace^slow", "--pace slow"},
        {"run^--force=1", "--force=1"},
        {"record^--force=1", "--force"},
        {"replay^rec^-kernel^x", "-kernel"},
        {"replay", ""},
        {"replay^a^b", "b"},
        {"run^image", "image"},
        {"info^rec^--at^end", "--at"},
        {"debug^rec^x", "x"},
        {"record^--seed^ten", "--seed ten"},
        {"verify^--max-icount^1^r", "--max-icount"},
    };
    struct options options;
    char *argv[ARGS_MAX];

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        err_t error = parse(lines[i].words, &options, argv);
        ck_assert_msg(error.code == ERR_USAGE, "%s", lines[i].words);
        ck_assert_str_eq(error.subject, lines[i].subject);
        ck_assert_int_eq(err_exit_status(error), 64);
    }
}
END_TEST

START_TEST(test_help_wants_nothing_else)
{
    struct options options;
    char *argv[ARGS_MAX];

    ck_assert_int_eq(parse("replay^-h", &options, argv).code, ERR_OK);
    ck_assert_int_eq(parse("debug^--help", &options, argv).code, ERR_OK);
    ck_assert(options_flag(&options, OPTION_HELP));
}
END_TEST

static void append(void *context, const char *text) { strcat(context, text); }

START_TEST(test_help_tells_every_option)
{
    static char text[8192];

    text[0] = '\0';
    options_help(COMMAND_RECORD, append, text);
    ck_assert_ptr_nonnull(strstr(text, "usage: deja record"));
    ck_assert_ptr_nonnull(strstr(text, "-kernel FILE"));
    ck_assert_ptr_nonnull(strstr(text, "--snapshot-every N"));
    ck_assert_ptr_nonnull(strstr(text, "-machine virt"));
    ck_assert_ptr_null(strstr(text, "--gdb"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        ck_assert_msg(strlen(line) <= 100, "%s", line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli options");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_counts);
    tcase_add_test(tests, test_numbers);
    tcase_add_test(tests, test_ranges);
    tcase_add_test(tests, test_qemus_line_pastes_in);
    tcase_add_test(tests, test_values_arrive);
    tcase_add_test(tests, test_gdbs_arguments_are_its_own);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_help_wants_nothing_else);
    tcase_add_test(tests, test_help_tells_every_option);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

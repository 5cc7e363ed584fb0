/* Bookmarks: names, the file, and files that somebody else has written. */
#include "random.h"
#include "replay/bookmarks.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/deja-bookmarks-XXXXXX";
static char recording[64], path[96];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(recording, sizeof recording, "%s/r.deja", directory);
    snprintf(path, sizeof path, "%s.bookmarks", recording);
}

static void teardown(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(directory), 0); /* nothing is left behind */
    snprintf(directory, sizeof directory, "/tmp/deja-bookmarks-XXXXXX");
}

static void write_file(const char *text, size_t size_bytes)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size_bytes, file), size_bytes);
    ck_assert_int_eq(fclose(file), 0);
}

static void must(err_t error)
{
    char text[512];
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
}

START_TEST(names)
{
    static const char *const good[] = {"a", "_", "overflow", "first-crash", "v1.2", "s", "START", "ending"};
    static const char *const bad[] = {"",     "1",      "12s", "start",    "end", "end-5", "-a",  "a b",
                                      "a\nb", "text:x", "a/b", "\xc3\xa9", ".a",  "a,",    "a:b", "a "};
    char longest[BOOKMARK_NAME_BYTES + 1];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(bookmark_name_good(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!bookmark_name_good(bad[i]), "%s", bad[i]);
    memset(longest, 'x', sizeof longest);
    longest[BOOKMARK_NAME_BYTES] = '\0';
    ck_assert(!bookmark_name_good(longest));
    longest[BOOKMARK_NAME_BYTES - 1] = '\0';
    ck_assert(bookmark_name_good(longest));
}
END_TEST

START_TEST(what_is_saved_is_loaded)
{
    struct bookmarks saved, loaded;
    must(bookmarks_load(recording, &saved)); /* no file: none */
    ck_assert_uint_eq(saved.count, 0);
    must(bookmarks_put(&saved, "late", icount_of(UINT64_MAX)));
    must(bookmarks_put(&saved, "b", icount_of(7)));
    must(bookmarks_put(&saved, "a", icount_of(7)));
    must(bookmarks_put(&saved, "moved", icount_of(1)));
    must(bookmarks_put(&saved, "moved", icount_of(9)));
    must(bookmarks_save(recording, &saved));
    must(bookmarks_load(recording, &loaded));
    static const char *const order[] = {"a", "b", "moved", "late"};
    ck_assert_uint_eq(loaded.count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(loaded.list[i].name, order[i]);
        ck_assert_uint_eq(loaded.list[i].at.n, saved.list[i].at.n);
    }
    ck_assert_uint_eq(bookmarks_find(&loaded, "moved")->at.n, 9);
    ck_assert_ptr_null(bookmarks_find(&loaded, "nothing"));
    ck_assert(bookmarks_remove(&loaded, "a"));
    ck_assert(!bookmarks_remove(&loaded, "a"));
    must(bookmarks_save(recording, &loaded)); /* replaces */
    bookmarks_free(&loaded);
    must(bookmarks_load(recording, &loaded));
    ck_assert_uint_eq(loaded.count, 3);
    ck_assert_uint_eq(bookmarks_put(&loaded, "end", icount_of(1)).code, ERR_USAGE);
    bookmarks_free(&loaded);
    bookmarks_free(&saved);
}
END_TEST

START_TEST(other_peoples_files)
{
    static const struct {
        const char *text;
        enum err_code code;
        size_t count;
    } rows[] = {
        {"", ERR_OK, 0},
        {"5 a\n6 b\n", ERR_OK, 2},
        {"5 a\n6 a\n", ERR_OK, 1},
        {"5 a", ERR_DAMAGED, 0}, /* cut off */
        {"a\n", ERR_DAMAGED, 0},
        {"5\n", ERR_DAMAGED, 0},
        {"-5 a\n", ERR_DAMAGED, 0},
        {"5  a\n", ERR_DAMAGED, 0},
        {"18446744073709551616 a\n", ERR_DAMAGED, 0},
        {"5 end\n", ERR_DAMAGED, 0},
        {"5 a\n\n", ERR_DAMAGED, 1},
        {"5 a\r\n", ERR_DAMAGED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bookmarks bookmarks;
        write_file(rows[i].text, strlen(rows[i].text));
        ck_assert_msg(bookmarks_load(recording, &bookmarks).code == rows[i].code, "%s", rows[i].text);
        ck_assert_uint_eq(bookmarks.count, rows[i].count);
        bookmarks_free(&bookmarks);
    }
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    struct bookmarks bookmarks;
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* nobody waits for a writer */
    ck_assert_uint_eq(bookmarks_load(recording, &bookmarks).code, ERR_UNREADABLE);
    bookmarks_free(&bookmarks);
    unlink(path);
    char nowhere[128];
    snprintf(nowhere, sizeof nowhere, "%s/no/such", directory);
    must(bookmarks_load(nowhere, &bookmarks));
    ck_assert_uint_eq(bookmarks_save(nowhere, &bookmarks).code, ERR_CANNOT_CREATE);
    bookmarks_free(&bookmarks);
}
END_TEST

START_TEST(noise_does_no_harm)
{
    static const char alphabet[] = "0123456789 \n\nab_-.";
    uint64_t seed = 3;
    for (int i = 0; i < 300; i++) {
        char text[400];
        struct bookmarks bookmarks;
        size_t size = (size_t)random_below(&seed, sizeof text);
        for (size_t at = 0; at < size; at++)
            text[at] =
                random_below(&seed, 30) ? alphabet[random_below(&seed, sizeof alphabet - 1)] : (char)random_u64(&seed);
        write_file(text, size);
        err_t error = bookmarks_load(recording, &bookmarks);
        ck_assert(!err_is(error) || error.code == ERR_DAMAGED);
        for (size_t at = 0; at < bookmarks.count; at++)
            ck_assert(bookmark_name_good(bookmarks.list[at].name));
        bookmarks_free(&bookmarks);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay/bookmarks");
    TCase *cases = tcase_create("bookmarks");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, names);
    tcase_add_test(cases, what_is_saved_is_loaded);
    tcase_add_test(cases, other_peoples_files);
    tcase_add_test(cases, what_is_no_file_is_refused);
    tcase_add_test(cases, noise_does_no_harm);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

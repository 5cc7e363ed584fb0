/* The latest contents of pages: what is handed out is what was put, and places come to be where they are missed. */
#include "replay/latest.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 1024, MOST = 8192 }; /* places, at first and at most */

static void fill(uint8_t page[PAGE_BYTES], uint32_t number, uint32_t version)
{
    memset(page, (int)(number * 31 + version), PAGE_BYTES);
    memcpy(page, &number, sizeof number);
}

static void put(struct latest *latest, uint32_t number, uint32_t version)
{
    uint8_t page[PAGE_BYTES];
    fill(page, number, version);
    latest_put(latest, number, version, page);
}

/* Is it there, and what was put? */
static bool has(struct latest *latest, uint32_t number, uint32_t version)
{
    uint8_t expected[PAGE_BYTES];
    const uint8_t *page = latest_get(latest, number, version);
    fill(expected, number, version);
    ck_assert(!page || memcmp(page, expected, PAGE_BYTES) == 0);
    return page;
}

START_TEST(the_version_put_last_is_there)
{
    struct latest *latest = latest_create();
    ck_assert(!has(latest, 0, 1));
    put(latest, 0, 1);
    put(latest, 7, 2);
    ck_assert(has(latest, 0, 1));
    ck_assert(has(latest, 7, 2));
    ck_assert(!has(latest, 7, 1));
    put(latest, 7, 3);
    ck_assert(!has(latest, 7, 2));
    ck_assert(has(latest, 7, 3));
    latest_destroy(latest);
}
END_TEST

START_TEST(who_shares_a_place_takes_it)
{
    struct latest *latest = latest_create();
    put(latest, 5, 1);
    put(latest, 5 + FEW, 2);
    ck_assert(!has(latest, 5, 1));
    ck_assert(has(latest, 5 + FEW, 2));
    latest_destroy(latest);
}
END_TEST

/* Pages that share places are asked for again and again: in the end each has its own. */
START_TEST(there_come_to_be_places_for_what_is_asked_for)
{
    struct latest *latest = latest_create();
    unsigned held = 0;
    for (uint32_t round = 1; round <= 8; round++) {
        held = 0;
        for (uint32_t number = 0; number < MOST; number++) {
            held += has(latest, number, round - 1);
            put(latest, number, round);
        }
    }
    ck_assert_uint_eq(held, MOST);
    latest_destroy(latest);
}
END_TEST

/* What is there when places are added stays. */
START_TEST(nothing_is_lost_when_places_are_added)
{
    struct latest *latest = latest_create();
    for (uint32_t number = FEW; number < 2 * FEW; number++)
        put(latest, number, number);
    for (uint32_t missed = 0; missed < FEW; missed++)
        ck_assert(!has(latest, 0, 1));
    put(latest, 3, 1); /* now beside the page that it would have driven out */
    ck_assert(has(latest, 3, 1));
    for (uint32_t number = FEW; number < 2 * FEW; number++)
        ck_assert(has(latest, number, number));
    latest_destroy(latest);
}
END_TEST

/* Not for ever. */
START_TEST(there_is_an_end_to_it)
{
    struct latest *latest = latest_create();
    put(latest, 1, 1);
    for (uint32_t missed = 0; missed < 20 * MOST; missed++)
        ck_assert(!has(latest, 2, 1));
    ck_assert(has(latest, 1, 1));
    put(latest, 1 + MOST, 2);
    ck_assert(!has(latest, 1, 1));
    latest_destroy(latest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay latest");
    TCase *tests = tcase_create("latest");
    tcase_add_test(tests, the_version_put_last_is_there);
    tcase_add_test(tests, who_shares_a_place_takes_it);
    tcase_add_test(tests, there_come_to_be_places_for_what_is_asked_for);
    tcase_add_test(tests, nothing_is_lost_when_places_are_added);
    tcase_add_test(tests, there_is_an_end_to_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* How far apart snapshots are taken. */
#include "replay/cadence.h"

#include <check.h>
#include <stdlib.h>

static const uint64_t MS = 1000000;

/* A machine of so many instructions per microsecond whose snapshots cost so much, left to itself for a while. */
static uint64_t settle(uint64_t per_us, uint64_t snapshot_ns, uint64_t pages, bool behind)
{
    struct cadence cadence = cadence_begin(0);
    for (unsigned i = 0; i < 30; i++) {
        struct cadence_cost cost = {.instructions = cadence.interval,
                                    .run_ns = cadence.interval * 1000 / per_us,
                                    .snapshot_ns = snapshot_ns,
                                    .pages = pages,
                                    .behind = behind};
        cadence_adapt(&cadence, &cost);
    }
    return cadence.interval;
}

START_TEST(what_was_asked_for_stays)
{
    struct cadence cadence = cadence_begin(12345);
    struct cadence_cost cost = {.instructions = 12345, .run_ns = 1, .snapshot_ns = 1000 * MS, .pages = 100000};
    cadence_adapt(&cadence, &cost);
    ck_assert_uint_eq(cadence.interval, 12345);
}
END_TEST

START_TEST(an_interval_is_soon_run_again)
{
    ck_assert_uint_eq(settle(200, MS / 2, 500, false), 10000000);
    ck_assert_uint_eq(settle(1000, MS / 2, 500, false), 50000000);
}
END_TEST

START_TEST(what_costs_more_is_done_less_often)
{
    uint64_t cheap = settle(100, MS, 500, false), dear = settle(100, 20 * MS, 500, false);
    ck_assert_uint_gt(dear, 4 * cheap);
    uint64_t interval_ns = dear * 1000 / 100;
    ck_assert_uint_le(20 * MS * 25, interval_ns); /* under four per cent */
    ck_assert_uint_gt(settle(100, MS, 50000, false), 10 * cheap);
}
END_TEST

START_TEST(a_writer_that_cannot_keep_up_gets_time) { ck_assert_uint_gt(settle(100, MS, 500, true), 100000000); }
END_TEST

START_TEST(there_are_bounds)
{
    ck_assert_uint_ge(settle(1, 0, 0, false), 1000000);
    ck_assert_uint_le(settle(1000, 100000 * MS, 10000000, true), 1000000000);
    struct cadence cadence = cadence_begin(0);
    uint64_t before = cadence.interval;
    cadence_adapt(&cadence, &(struct cadence_cost){.instructions = before, .run_ns = UINT64_MAX, .pages = 1});
    ck_assert_uint_ge(cadence.interval, before / 2); /* one odd interval does not upset it */
    cadence_adapt(&cadence, &(struct cadence_cost){0});
    ck_assert_uint_ge(cadence.interval, before / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cadence");
    TCase *tcase = tcase_create("cadence");
    tcase_add_test(tcase, what_was_asked_for_stays);
    tcase_add_test(tcase, an_interval_is_soon_run_again);
    tcase_add_test(tcase, what_costs_more_is_done_less_often);
    tcase_add_test(tcase, a_writer_that_cannot_keep_up_gets_time);
    tcase_add_test(tcase, there_are_bounds);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

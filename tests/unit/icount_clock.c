/* Instructions <-> virtual time: inverse of each other, and saturating. */
#include "icount/icount.h"
#include "random.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>

enum { SHIFT_MAX = 10, ROUNDS = 50000 };

START_TEST(an_instruction_is_the_recorded_ratio)
{
    ck_assert_uint_eq(clock_vtime(&(struct clock){.ns_shift = 0}, icount_of(12345)).ns, 12345);
    ck_assert_uint_eq(clock_vtime(&(struct clock){.ns_shift = 3}, icount_of(12345)).ns, 98760);
    ck_assert_uint_eq(clock_vtime(&(struct clock){.ns_shift = 10, .idle_ns = 7}, icount_of(2)).ns, 2055);
}
END_TEST

START_TEST(time_saturates)
{
    struct clock shifted = {.ns_shift = 10};
    ck_assert_uint_eq(clock_vtime(&shifted, icount_of(UINT64_MAX >> 10)).ns, UINT64_MAX << 10);
    ck_assert_uint_eq(clock_vtime(&shifted, icount_of((UINT64_MAX >> 10) + 1)).ns, UINT64_MAX);
    ck_assert_uint_eq(clock_vtime(&shifted, ICOUNT_MAX).ns, UINT64_MAX);
    struct clock idled = {.idle_ns = UINT64_MAX - 5};
    ck_assert_uint_eq(clock_vtime(&idled, icount_of(5)).ns, UINT64_MAX);
    ck_assert_uint_eq(clock_vtime(&idled, icount_of(6)).ns, UINT64_MAX);
    ck_assert_uint_eq(clock_vtime(&idled, icount_of(4)).ns, UINT64_MAX - 1);
}
END_TEST

START_TEST(never_is_never)
{
    for (uint32_t shift = 0; shift <= SHIFT_MAX; shift++) {
        struct clock clock = {.idle_ns = 99, .ns_shift = shift};
        ck_assert_uint_eq(clock_icount(&clock, VTIME_NEVER).n, ICOUNT_MAX.n);
    }
}
END_TEST

START_TEST(a_mark_that_idling_has_passed_is_the_first)
{
    struct clock clock = {.idle_ns = 1000};
    ck_assert_uint_eq(clock_icount(&clock, vtime_of(0)).n, 0);
    ck_assert_uint_eq(clock_icount(&clock, vtime_of(1000)).n, 0);
    ck_assert_uint_eq(clock_icount(&clock, vtime_of(1001)).n, 1);
}
END_TEST

/* The definition in icount.h: the first mark at which clock_vtime() is not before `when`. */
START_TEST(clock_icount_is_the_first_mark)
{
    uint64_t seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        struct clock clock = {.idle_ns = random_magnitude(&seed), .ns_shift = random_below(&seed, SHIFT_MAX + 1)};
        vtime_t when = vtime_of(random_magnitude(&seed));
        if (when.ns == VTIME_NEVER.ns)
            continue;
        icount_t first = clock_icount(&clock, when);
        ck_assert(!vtime_before(clock_vtime(&clock, first), when));
        if (first.n)
            ck_assert(vtime_before(clock_vtime(&clock, icount_of(first.n - 1)), when));
    }
}
END_TEST

START_TEST(icount_of_vtime_of_a_mark_is_the_mark)
{
    uint64_t seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        struct clock clock = {.idle_ns = random_magnitude(&seed), .ns_shift = random_below(&seed, SHIFT_MAX + 1)};
        icount_t mark = icount_of(random_magnitude(&seed));
        vtime_t when = clock_vtime(&clock, mark);
        if (when.ns != VTIME_NEVER.ns)
            ck_assert_uint_eq(clock_icount(&clock, when).n, mark.n);
    }
}
END_TEST

START_TEST(idling_ends_exactly_at_its_time_and_never_goes_back)
{
    uint64_t seed = 3;
    for (int round = 0; round < ROUNDS; round++) {
        struct clock clock = {.idle_ns = random_magnitude(&seed), .ns_shift = random_below(&seed, SHIFT_MAX + 1)};
        icount_t at = icount_of(random_magnitude(&seed));
        vtime_t before = clock_vtime(&clock, at), when = vtime_of(random_magnitude(&seed));
        uint64_t idle_before_ns = clock.idle_ns;
        clock_idle_until(&clock, at, when);
        vtime_t expected = vtime_before(before, when) ? when : before;
        ck_assert_uint_eq(clock_vtime(&clock, at).ns, expected.ns);
        ck_assert(clock.idle_ns >= idle_before_ns);
        if (!vtime_before(before, when))
            ck_assert_uint_eq(clock.idle_ns, idle_before_ns);
    }
}
END_TEST

START_TEST(a_shift_out_of_range_is_our_bug) { clock_vtime(&(struct clock){.ns_shift = SHIFT_MAX + 1}, icount_of(1)); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("icount clock");
    TCase *tcase = tcase_create("clock");
    tcase_add_test(tcase, an_instruction_is_the_recorded_ratio);
    tcase_add_test(tcase, time_saturates);
    tcase_add_test(tcase, never_is_never);
    tcase_add_test(tcase, a_mark_that_idling_has_passed_is_the_first);
    tcase_add_test(tcase, clock_icount_is_the_first_mark);
    tcase_add_test(tcase, icount_of_vtime_of_a_mark_is_the_mark);
    tcase_add_test(tcase, idling_ends_exactly_at_its_time_and_never_goes_back);
    tcase_add_test_raise_signal(tcase, a_shift_out_of_range_is_our_bug, SIGABRT);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* How far apart snapshots are taken. */
#include "replay/cadence.h"

#include <check.h>
#include <stdlib.h>

static const uint64_t MS = 1000000;

/* A machine of so many instructions per microsecond. */
struct machine {
    struct cadence cadence;
    uint64_t per_us;
    uint64_t snapshot_ns, pages; /* of each snapshot */
    uint64_t changed;            /* in each interval */
    bool behind;
    bool reading;                                       /* the pages of each snapshot take until the next one to read */
    uint64_t run_ns, spent_ns, instructions, all_pages; /* all together */
};

/* Runs an interval as a live run does; returns its instructions. */
static uint64_t run_interval(struct machine *machine)
{
    struct cadence_cost cost = {.snapshot_ns = machine->snapshot_ns,
                                .pages = machine->pages,
                                .changed = machine->changed,
                                .behind = machine->behind};
    do {
        uint64_t stride = cadence_stride(&machine->cadence, cost.instructions);
        ck_assert_uint_gt(stride, 0);
        cost.instructions += stride;
        cost.run_ns = cost.instructions * 1000 / machine->per_us;
    } while (!cadence_due(&machine->cadence, cost.instructions, cost.run_ns, machine->reading));
    cadence_adapt(&machine->cadence, &cost);
    machine->instructions += cost.instructions;
    machine->run_ns += cost.run_ns;
    machine->spent_ns += cost.snapshot_ns;
    machine->all_pages += cost.pages;
    return cost.instructions;
}

/* The interval to which it settles when snapshots cost so much. */
static uint64_t settle(uint64_t per_us, uint64_t snapshot_ns, uint64_t pages, bool behind)
{
    struct machine machine = {
        .cadence = cadence_begin(0), .per_us = per_us, .snapshot_ns = snapshot_ns, .pages = pages, .behind = behind};
    uint64_t interval = 0;
    for (unsigned i = 0; i < 100; i++)
        interval = run_interval(&machine);
    return interval;
}

START_TEST(what_was_asked_for_stays)
{
    struct machine machine = {
        .cadence = cadence_begin(12345), .per_us = 1000, .snapshot_ns = 1000 * MS, .pages = 100000, .behind = true};
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(run_interval(&machine), 12345);
    ck_assert(!cadence_due(&machine.cadence, 12344, UINT64_MAX, false));
}
END_TEST

START_TEST(an_interval_is_soon_run_again)
{
    for (uint64_t per_us = 200; per_us <= 4000; per_us *= 2) {
        uint64_t interval_ns = settle(per_us, MS / 2, 500, false) * 1000 / per_us;
        ck_assert_uint_ge(interval_ns, 25 * MS);
        ck_assert_uint_le(interval_ns, 50 * MS);
    }
}
END_TEST

/* But no longer than as long again. */
START_TEST(pages_are_read_before_the_next_are_due)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 1000, .snapshot_ns = MS / 10, .pages = 10};
    ck_assert_uint_le(run_interval(&machine) / 1000, 30 * 1000);
    machine.reading = true;
    uint64_t interval_us = run_interval(&machine) / 1000;
    ck_assert_uint_ge(interval_us, 50 * 1000);
    ck_assert_uint_le(interval_us, 60 * 1000);
}
END_TEST

/* A guest that becomes slow from one moment to the next has no long interval either. */
START_TEST(time_counts_not_instructions)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 4000, .snapshot_ns = MS / 10, .pages = 10};
    for (unsigned i = 0; i < 10; i++)
        run_interval(&machine);
    machine.per_us = 100;
    ck_assert_uint_le(run_interval(&machine) * 1000 / machine.per_us, 50 * MS);
}
END_TEST

START_TEST(what_costs_more_is_done_less_often)
{
    uint64_t cheap = settle(100, MS / 2, 500, false), dear = settle(100, 8 * MS, 500, false);
    ck_assert_uint_gt(dear, 4 * cheap);
    ck_assert_uint_le(8 * MS * 40, dear * 1000 / 100); /* two and a half per cent */
    ck_assert_uint_gt(settle(100, MS / 2, 30000, false), 10 * cheap);
}
END_TEST

/* Stores to pages of the last snapshot cost the interval, not the snapshot. */
START_TEST(what_is_stored_to_again_counts)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 5000, .snapshot_ns = MS / 10, .pages = 2000};
    machine.changed = 2000;
    while (machine.run_ns < 20000 * MS)
        run_interval(&machine);
    uint64_t intervals = machine.spent_ns / machine.snapshot_ns;
    ck_assert_uint_le(intervals * 2000 * 1000, machine.run_ns / 50);
    ck_assert_uint_ge(intervals * 2000 * 1000, machine.run_ns / 200);
}
END_TEST

START_TEST(all_together_they_have_their_share)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 1000, .snapshot_ns = 4 * MS, .pages = 3000};
    while (machine.run_ns < 20000 * MS)
        run_interval(&machine);
    ck_assert_uint_le(machine.spent_ns, machine.run_ns / 40);
    ck_assert_uint_le(machine.all_pages, machine.instructions / 9000);
}
END_TEST

/* It is paid back over several intervals, none of which is long. */
START_TEST(a_burst_is_not_held_against_what_follows)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 1000, .snapshot_ns = 7 * MS, .pages = 10000};
    run_interval(&machine);
    machine.snapshot_ns = MS / 10;
    machine.pages = 100;
    for (unsigned i = 0; i < 20; i++)
        ck_assert_uint_le(run_interval(&machine), 60 * MS);
}
END_TEST

START_TEST(a_quiet_guest_saves_for_bursts)
{
    struct machine machine = {.cadence = cadence_begin(0), .per_us = 1000, .snapshot_ns = 0, .pages = 0};
    for (unsigned i = 0; i < 100; i++)
        run_interval(&machine);
    ck_assert_double_ge(machine.cadence.debt_ns, -(double)(20 * MS)); /* but not without end */
    ck_assert_double_lt(machine.cadence.debt_ns, 0);
    machine.snapshot_ns = 5 * MS;
    run_interval(&machine);
    ck_assert_uint_le(run_interval(&machine), 40 * MS);
}
END_TEST

START_TEST(a_writer_that_cannot_keep_up_gets_time) { ck_assert_uint_gt(settle(100, MS, 500, true), 100000000); }
END_TEST

START_TEST(there_are_bounds)
{
    ck_assert_uint_ge(settle(1, 0, 0, false), 1000000);
    ck_assert_uint_le(settle(1000, 100000 * MS, 10000000, true), 1000000000);
    struct cadence cadence = cadence_begin(0);
    cadence_adapt(&cadence, &(struct cadence_cost){.instructions = 10000000, .run_ns = UINT64_MAX, .pages = 1});
    ck_assert(!cadence_due(&cadence, 1000000, 10 * MS, false)); /* one odd interval does not upset it */
    ck_assert(cadence_due(&cadence, 100000000, 100 * MS, false));
    cadence_adapt(&cadence, &(struct cadence_cost){0});
    ck_assert(!cadence_due(&cadence, 1000000, 10 * MS, false));
    ck_assert(cadence_due(&cadence, 100000000, 100 * MS, false));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cadence");
    TCase *tcase = tcase_create("cadence");
    tcase_add_test(tcase, what_was_asked_for_stays);
    tcase_add_test(tcase, an_interval_is_soon_run_again);
    tcase_add_test(tcase, pages_are_read_before_the_next_are_due);
    tcase_add_test(tcase, time_counts_not_instructions);
    tcase_add_test(tcase, what_costs_more_is_done_less_often);
    tcase_add_test(tcase, what_is_stored_to_again_counts);
    tcase_add_test(tcase, all_together_they_have_their_share);
    tcase_add_test(tcase, a_burst_is_not_held_against_what_follows);
    tcase_add_test(tcase, a_quiet_guest_saves_for_bursts);
    tcase_add_test(tcase, a_writer_that_cannot_keep_up_gets_time);
    tcase_add_test(tcase, there_are_bounds);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

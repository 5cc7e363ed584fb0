/* Events fall due in the order (when, sequence), and a queue's bytes say nothing but that. */
#include "icount/icount.h"
#include "random.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_empty_queue_has_nothing_due)
{
    struct eventq queue;
    memset(&queue, 0x55, sizeof queue);
    eventq_init(&queue);
    ck_assert_uint_eq(eventq_next(&queue).ns, VTIME_NEVER.ns);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(0)), -1);
    ck_assert_int_eq(eventq_take(&queue, VTIME_NEVER), -1);
}
END_TEST

START_TEST(an_event_is_due_at_its_time_and_once)
{
    struct eventq queue;
    eventq_init(&queue);
    eventq_set(&queue, 7, vtime_of(100));
    ck_assert_uint_eq(eventq_next(&queue).ns, 100);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(99)), -1);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(100)), 7);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(100)), -1);
    eventq_set(&queue, 7, vtime_of(0));
    ck_assert_int_eq(eventq_take(&queue, vtime_of(0)), 7);
}
END_TEST

START_TEST(setting_again_replaces_and_never_cancels)
{
    struct eventq queue;
    eventq_init(&queue);
    eventq_set(&queue, 3, vtime_of(100));
    eventq_set(&queue, 3, vtime_of(200));
    ck_assert_int_eq(eventq_take(&queue, vtime_of(150)), -1);
    eventq_set(&queue, 3, VTIME_NEVER);
    ck_assert_uint_eq(eventq_next(&queue).ns, VTIME_NEVER.ns);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(UINT64_MAX - 1)), -1);
}
END_TEST

START_TEST(of_two_at_the_same_time_the_one_set_first_comes_first)
{
    struct eventq queue;
    eventq_init(&queue);
    eventq_set(&queue, 9, vtime_of(50));
    eventq_set(&queue, 2, vtime_of(50));
    eventq_set(&queue, 31, vtime_of(50));
    eventq_set(&queue, 9, vtime_of(50)); /* set anew: now the last */
    ck_assert_int_eq(eventq_take(&queue, vtime_of(60)), 2);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(60)), 31);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(60)), 9);
    ck_assert_int_eq(eventq_take(&queue, vtime_of(60)), -1);
}
END_TEST

/* Against a model: a list in the order of setting, searched for the earliest. */
struct model {
    struct {
        unsigned source;
        uint64_t when_ns;
    } set[EVENTQ_SOURCES];
    unsigned count;
};

static void model_remove(struct model *model, unsigned at)
{
    memmove(&model->set[at], &model->set[at + 1], (--model->count - at) * sizeof model->set[0]);
}

static void model_set(struct model *model, unsigned source, uint64_t when_ns)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->set[i].source == source)
            model_remove(model, i--);
    if (when_ns == VTIME_NEVER.ns)
        return;
    model->set[model->count].source = source;
    model->set[model->count++].when_ns = when_ns;
}

static int model_take(struct model *model, uint64_t now_ns)
{
    unsigned first = model->count;
    for (unsigned i = 0; i < model->count; i++)
        if (model->set[i].when_ns <= now_ns &&
            (first == model->count || model->set[i].when_ns < model->set[first].when_ns))
            first = i;
    if (first == model->count)
        return -1;
    int source = (int)model->set[first].source;
    model_remove(model, first);
    return source;
}

START_TEST(order_agrees_with_a_model)
{
    uint64_t seed = 4;
    struct eventq queue;
    struct model model = {.count = 0};
    eventq_init(&queue);
    for (int round = 0; round < 200000; round++) {
        unsigned source = (unsigned)random_below(&seed, EVENTQ_SOURCES);
        uint64_t when_ns = random_below(&seed, 16); /* few times: many ties */
        if (random_below(&seed, 3) == 0) {
            ck_assert_int_eq(eventq_take(&queue, vtime_of(when_ns)), model_take(&model, when_ns));
        } else {
            when_ns = when_ns == 15 ? VTIME_NEVER.ns : when_ns;
            eventq_set(&queue, source, vtime_of(when_ns));
            model_set(&model, source, when_ns);
        }
    }
}
END_TEST

START_TEST(a_slot_that_is_not_pending_holds_no_trace_of_the_past)
{
    struct eventq taken, cancelled;
    eventq_init(&taken);
    eventq_init(&cancelled);
    eventq_set(&taken, 5, vtime_of(10));
    eventq_set(&cancelled, 5, vtime_of(20));
    ck_assert_int_eq(eventq_take(&taken, vtime_of(10)), 5);
    eventq_set(&cancelled, 5, VTIME_NEVER);
    ck_assert_mem_eq(&taken, &cancelled, sizeof taken);
}
END_TEST

START_TEST(a_source_out_of_range_is_our_bug)
{
    struct eventq queue;
    eventq_init(&queue);
    eventq_set(&queue, EVENTQ_SOURCES, vtime_of(1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("icount eventq");
    TCase *tcase = tcase_create("eventq");
    tcase_add_test(tcase, an_empty_queue_has_nothing_due);
    tcase_add_test(tcase, an_event_is_due_at_its_time_and_once);
    tcase_add_test(tcase, setting_again_replaces_and_never_cancels);
    tcase_add_test(tcase, of_two_at_the_same_time_the_one_set_first_comes_first);
    tcase_add_test(tcase, order_agrees_with_a_model);
    tcase_add_test(tcase, a_slot_that_is_not_pending_holds_no_trace_of_the_past);
    tcase_add_test_raise_signal(tcase, a_source_out_of_range_is_our_bug, SIGABRT);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The queue to the writer: what is put comes out once, in order; nothing piles up behind what is old. */
#define _GNU_SOURCE /* usleep() */
#include "replay/journal_queue.h"

#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_BYTES = 16 << 20, HALF_BYTES = QUEUE_CHUNK_BYTES / 2, RECORDS = 1000 };

static void put(struct queue *queue, uint64_t number, size_t size_bytes)
{
    static uint8_t bytes[RECORD_BYTES_MAX];
    memset(bytes, (int)number, size_bytes);
    struct record record = {.kind = RECORD_OUTPUT, .at = number, .size_bytes = (uint32_t)size_bytes};
    queue_put(queue, &record, bytes, false);
}

/* Takes a chunk; how many records were in it, which must be those from `*next` on. */
static unsigned take(struct queue *queue, uint64_t *next)
{
    struct queue_chunk *chunk = queue_take(queue, UINT_MAX);
    ck_assert_ptr_nonnull(chunk);
    size_t cursor = 0;
    unsigned count = 0;
    const uint8_t *bytes;
    for (const struct record *record; (record = chunk_next(chunk, &cursor, &bytes)); count++) {
        ck_assert_uint_eq(record->at, *next);
        for (size_t n = 0; n < record->size_bytes; n += 997)
            ck_assert_uint_eq(bytes[n], (uint8_t)*next);
        (*next)++;
    }
    queue_give_back(queue, chunk);
    return count;
}

START_TEST(what_is_put_comes_out_in_order)
{
    struct queue *queue = queue_create(LIMIT_BYTES);
    uint64_t next = 0;
    for (uint64_t n = 0; n < RECORDS; n++)
        put(queue, n, n * 7 % 5000);
    ck_assert_uint_gt(queue_backlog(queue), RECORDS * sizeof(struct record));
    while (next < RECORDS)
        take(queue, &next);
    ck_assert_uint_eq(queue_backlog(queue), 0);
    queue_destroy(queue);
}
END_TEST

struct putter {
    struct queue *queue;
    atomic_bool done;
};

static void *put_one_more(void *context)
{
    struct putter *putter = context;
    put(putter->queue, 2, HALF_BYTES + 1);
    atomic_store(&putter->done, true);
    return NULL;
}

static unsigned long ms_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)((now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000);
}

/* A chunk waits when another one is wanted: that is had at once, or, when the first one is old, once it has been taken.
 * On a busy machine it may have become old meanwhile. */
static void expect_another(unsigned age_ms)
{
    struct putter putter = {.queue = queue_create(LIMIT_BYTES)};
    struct timespec then;
    uint64_t next = 0;
    pthread_t thread;
    clock_gettime(CLOCK_MONOTONIC, &then);
    put(putter.queue, 0, HALF_BYTES + 1);
    put(putter.queue, 1, 0);
    usleep(age_ms * 1000);
    ck_assert_int_eq(pthread_create(&thread, NULL, put_one_more, &putter), 0);
    usleep(300 * 1000);
    bool at_once = atomic_load(&putter.done);
    ck_assert(age_ms ? !at_once : at_once || ms_since(&then) > 500);
    take(putter.queue, &next);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    while (next < 3)
        take(putter.queue, &next);
    queue_destroy(putter.queue);
}

START_TEST(nothing_piles_up_behind_what_is_old)
{
    expect_another(0);
    expect_another(700);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay queue");
    TCase *tests = tcase_create("queue");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_put_comes_out_in_order);
    tcase_add_test(tests, nothing_piles_up_behind_what_is_old);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

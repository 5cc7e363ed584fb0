/* The keeper: what it hands out is what the pages held when they were kept, whatever became of them meanwhile. */
#define _GNU_SOURCE /* usleep() */
#include "replay/keeper.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random.h"

enum { PAGES = 64, ROUNDS = 20000, ASIDE_PAGES = KEEPER_ASIDE_BYTES / PAGE_BYTES };

/* One page that was kept, and the number of which it was full. */
struct job {
    _Atomic uint32_t ready; /* 1: it is there */
    uint32_t page, content;
};

struct world {
    struct keeper *keeper;
    struct ram ram;
    struct job *jobs;
    unsigned count;
    unsigned pause_us; /* of the taker, now and then */
};

static void fill(uint8_t *page, uint32_t content)
{
    for (size_t at = 0; at < PAGE_BYTES; at += sizeof content)
        memcpy(page + at, &content, sizeof content);
}

static bool is_full_of(const uint8_t *page, uint32_t content)
{
    for (size_t at = 0; at < PAGE_BYTES; at += sizeof content)
        if (memcmp(page + at, &content, sizeof content) != 0)
            return false;
    return true;
}

static struct world world_begin(unsigned npages, unsigned njobs)
{
    struct world world = {.keeper = keeper_create(npages), .jobs = calloc(njobs, sizeof *world.jobs), .count = njobs};
    world.ram = (struct ram){.size_bytes = (uint64_t)npages * PAGE_BYTES, .bytes = calloc(npages, PAGE_BYTES)};
    ck_assert(world.keeper && world.jobs && world.ram.bytes);
    return world;
}

static void world_end(struct world *world)
{
    ck_assert_uint_eq(keeper_backlog(world->keeper), 0);
    keeper_destroy(world->keeper);
    free(world->jobs);
    free(world->ram.bytes);
}

static void *take_all(void *context)
{
    struct world *world = context;
    uint8_t page[PAGE_BYTES];
    for (unsigned n = 0; n < world->count; n++) {
        struct job *job = &world->jobs[n];
        while (!atomic_load_explicit(&job->ready, memory_order_acquire))
            usleep(1);
        keeper_take(world->keeper, job->page, page);
        if (!is_full_of(page, job->content))
            return "not what was kept";
        if (world->pause_us && n % 16 == 0)
            usleep(world->pause_us);
    }
    return NULL;
}

/* Keeps some pages, whichever can be, and changes some, kept or not. */
static void change_and_keep(struct world *world, uint32_t contents[PAGES], uint64_t *seed)
{
    unsigned next = 0;
    for (uint32_t number = 1; next < world->count; number++) {
        uint64_t page = random_below(seed, PAGES);
        if (random_below(seed, 2)) {
            keeper_change(world->keeper, page);
            fill(world->ram.bytes + page * PAGE_BYTES, number);
            contents[page] = number;
        } else if (keeper_keep(world->keeper, &world->ram, page)) {
            struct job *job = &world->jobs[next++];
            job->page = (uint32_t)page;
            job->content = contents[page];
            atomic_store_explicit(&job->ready, 1, memory_order_release);
        }
    }
}

static void run_both(uint64_t seed, unsigned pause_us)
{
    struct world world = world_begin(PAGES, ROUNDS);
    uint32_t contents[PAGES] = {0};
    pthread_t taker;
    void *complaint;
    world.pause_us = pause_us;
    ck_assert_int_eq(pthread_create(&taker, NULL, take_all, &world), 0);
    change_and_keep(&world, contents, &seed);
    ck_assert_int_eq(pthread_join(taker, &complaint), 0);
    ck_assert_msg(!complaint, "%s", (const char *)complaint);
    ck_assert_uint_gt(keeper_take_changed(world.keeper), ROUNDS / 4);
    ck_assert_uint_eq(keeper_take_changed(world.keeper), 0);
    world_end(&world);
}

START_TEST(what_is_taken_is_what_was_kept)
{
    run_both(1, 0);
    run_both(2, 50);
}
END_TEST

START_TEST(a_page_is_kept_once)
{
    struct world world = world_begin(2, 0);
    uint8_t page[PAGE_BYTES];
    ck_assert(keeper_keep(world.keeper, &world.ram, 1));
    ck_assert(!keeper_keep(world.keeper, &world.ram, 1));
    ck_assert_uint_eq(keeper_backlog(world.keeper), PAGE_BYTES);
    keeper_change(world.keeper, 1);
    fill(world.ram.bytes + PAGE_BYTES, 7);
    keeper_change(world.keeper, 1); /* what is aside stays what it was */
    fill(world.ram.bytes + PAGE_BYTES, 8);
    ck_assert(!keeper_keep(world.keeper, &world.ram, 1));
    keeper_take(world.keeper, 1, page);
    ck_assert(is_full_of(page, 0));
    ck_assert(keeper_keep(world.keeper, &world.ram, 1));
    keeper_take(world.keeper, 1, page);
    ck_assert(is_full_of(page, 8));
    world_end(&world);
}
END_TEST

/* ---- its bound ---- */

static _Atomic unsigned changed;

static void *change_all(void *context)
{
    struct world *world = context;
    for (unsigned page = 0; page < ASIDE_PAGES + 10; page++) {
        keeper_change(world->keeper, page);
        fill(world->ram.bytes + (size_t)page * PAGE_BYTES, 1);
        atomic_store(&changed, page + 1);
    }
    return NULL;
}

START_TEST(who_is_too_fast_waits)
{
    struct world world = world_begin(ASIDE_PAGES + 10, 0);
    uint8_t page[PAGE_BYTES];
    pthread_t changer;
    keeper_prepare(world.keeper, SIZE_MAX); /* no more than there is */
    for (unsigned n = 0; n < ASIDE_PAGES + 10; n++)
        ck_assert(keeper_keep(world.keeper, &world.ram, n));
    ck_assert_int_eq(pthread_create(&changer, NULL, change_all, &world), 0);
    while (atomic_load(&changed) < ASIDE_PAGES)
        usleep(1000);
    usleep(200 * 1000);
    ck_assert_uint_eq(atomic_load(&changed), ASIDE_PAGES);
    for (unsigned n = 0; n < ASIDE_PAGES + 10; n++) {
        keeper_take(world.keeper, n, page);
        ck_assert(is_full_of(page, 0));
    }
    ck_assert_int_eq(pthread_join(changer, NULL), 0);
    ck_assert_uint_eq(atomic_load(&changed), ASIDE_PAGES + 10);
    world_end(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay keeper");
    TCase *tests = tcase_create("keeper");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_taken_is_what_was_kept);
    tcase_add_test(tests, a_page_is_kept_once);
    tcase_add_test(tests, who_is_too_fast_waits);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Sets of pages, and checkpoints that hold some. */
#include "random.h"
#include "replay/checkpoint.h"
#include "replay/pageset.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 300 };

START_TEST(a_set_is_a_set)
{
    struct pageset set;
    bool in[PAGES] = {false};
    uint64_t seed = 3;
    size_t members = 0;
    ck_assert(pageset_init(&set, PAGES));
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < PAGES; i++) {
            uint32_t page = (uint32_t)random_below(&seed, PAGES);
            members += !in[page];
            in[page] = true;
            pageset_add(&set, page);
        }
        ck_assert_uint_eq(set.count, members);
        pageset_sort(&set);
        for (size_t i = 0; i < set.count; i++)
            ck_assert(in[set.pages[i]] && (i == 0 || set.pages[i - 1] < set.pages[i]));
        for (uint32_t page = 0; page < PAGES; page++)
            ck_assert(pageset_has(&set, page) == in[page]);
        pageset_clear(&set);
        memset(in, 0, sizeof in);
        members = 0;
        for (uint32_t page = 0; page < PAGES; page++)
            ck_assert(!pageset_has(&set, page));
    }
    pageset_free(&set);
}
END_TEST

/* A checkpoint that lists the pages that a bit of `which` says, each full of `fill`. */
static struct checkpoint *make(struct pagestore *store, uint64_t which, uint8_t fill)
{
    struct checkpoint *made = calloc(1, sizeof *made);
    made->pages = calloc(65, sizeof *made->pages);
    made->contents = calloc(65, sizeof *made->contents);
    for (uint32_t page = 0; page < 64; page++) {
        if (!(which >> page & 1))
            continue;
        made->contents[made->npages] = pagestore_get(store);
        ck_assert_ptr_nonnull(made->contents[made->npages]);
        memset(made->contents[made->npages], fill, PAGE_BYTES);
        made->pages[made->npages++] = page;
    }
    return made;
}

START_TEST(a_checkpoint_inherits_what_it_lacks)
{
    uint64_t seed = 5;
    struct pagestore store = {0};
    for (unsigned i = 0; i < 50; i++) {
        uint64_t own = random_u64(&seed) & random_u64(&seed), old = i == 0 ? 0 : random_u64(&seed);
        struct checkpoint *checkpoint = make(&store, own, 1), *earlier = make(&store, old, 2);
        ck_assert(checkpoint_inherit(checkpoint, earlier));
        checkpoint_free(earlier, &store);
        checkpoint_free(make(&store, UINT64_MAX, 3), &store); /* what has become free is written over */
        for (uint32_t page = 0; page < 64; page++) {
            const uint8_t *bytes = checkpoint_page(checkpoint, page);
            uint8_t wanted = own >> page & 1 ? 1 : old >> page & 1 ? 2 : 0;
            ck_assert_int_eq(bytes ? bytes[PAGE_BYTES - 1] : 0, wanted);
        }
        ck_assert_uint_eq(checkpoint->npages, (unsigned)__builtin_popcountll(own | old));
        ck_assert_ptr_null(checkpoint_page(checkpoint, 64));
        checkpoint_free(checkpoint, &store);
    }
    pagestore_free(&store);
}
END_TEST

/* No page is handed out twice, and what was put back is handed out before anything new. */
START_TEST(a_store_hands_out_what_came_back)
{
    enum { COUNT = 3000 };
    static uint8_t *pages[COUNT];
    struct pagestore store = {0};
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            pages[i] = pagestore_get(&store);
            ck_assert_ptr_nonnull(pages[i]);
            ck_assert_uint_eq((uintptr_t)pages[i] % sizeof(void *), 0);
            memset(pages[i], 0, PAGE_BYTES);
            memcpy(pages[i], &i, sizeof i);
            memcpy(pages[i] + PAGE_BYTES - sizeof i, &i, sizeof i);
        }
        for (unsigned i = 0; i < COUNT; i++)
            ck_assert(memcmp(pages[i], &i, sizeof i) == 0 &&
                      memcmp(pages[i] + PAGE_BYTES - sizeof i, &i, sizeof i) == 0);
        for (unsigned i = 0; i < COUNT; i++)
            pagestore_put(&store, pages[i]);
        uint8_t *again = pagestore_get(&store);
        ck_assert_ptr_eq(again, pages[COUNT - 1]);
        pagestore_put(&store, again);
    }
    pagestore_put(&store, NULL);
    pagestore_free(&store);
}
END_TEST

START_TEST(dirty_pages_are_found)
{
    uint64_t seed = 9;
    for (unsigned round = 0; round < 200; round++) {
        uint8_t flags[PAGES] = {0};
        size_t npages = 1 + random_below(&seed, PAGES), page = 0;
        struct ram ram = {.size_bytes = npages << PAGE_SHIFT, .page_flags = flags};
        for (unsigned i = 0; i < round % 20; i++)
            flags[random_below(&seed, npages)] |= (uint8_t)(1 + random_below(&seed, 15));
        for (size_t i = 0; i < npages; i++) {
            if (!(flags[i] & PAGE_DIRTY))
                continue;
            page = machine_next_dirty(&ram, page);
            ck_assert_uint_eq(page++, i);
        }
        ck_assert_uint_eq(machine_next_dirty(&ram, page), npages);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pages");
    TCase *tcase = tcase_create("pages");
    tcase_add_test(tcase, a_set_is_a_set);
    tcase_add_test(tcase, a_checkpoint_inherits_what_it_lacks);
    tcase_add_test(tcase, a_store_hands_out_what_came_back);
    tcase_add_test(tcase, dirty_pages_are_found);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

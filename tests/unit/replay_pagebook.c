/* What a page held at power-on, and which snapshot holds it later. */
#include "recording_fixture.h"
#include "replay/pagebook.h"

enum { SEED = 41, STEPS = 60, FIRMWARE_PAGE = 2, INITRD_PAGE = 40, PATCHED = 3 };

/* Memory as a loader leaves it: three images; of the kernel one page was changed, and the last is no whole one. */
static struct story *loaded(void)
{
    struct story *story = story_begin(SEED);
    const struct image *firmware = &story->config.firmware, *initrd = &story->config.initrd;
    memcpy(story->bytes + FIRMWARE_PAGE * PAGE_BYTES + 100, firmware->bytes, firmware->size_bytes); /* not as a whole */
    memset(story->flags + FIRMWARE_PAGE, PAGE_DIRTY, 2);
    memcpy(story->bytes + INITRD_PAGE * PAGE_BYTES, initrd->bytes, initrd->size_bytes);
    memset(story->flags + INITRD_PAGE, PAGE_DIRTY, 3);
    story->bytes[(STORY_KERNEL_PAGE + PATCHED) * PAGE_BYTES + 77] ^= 1;
    return story;
}

static bool is_of(const struct image *image, const uint8_t *at)
{
    return at >= image->bytes && at + PAGE_BYTES <= image->bytes + image->size_bytes;
}

START_TEST(the_images_are_not_kept_twice)
{
    const char *path = fixture_path("a.deja");
    struct recording *recording;
    struct pagebook book;
    story_record(path, SEED, STEPS);
    ok(recording_open(path, &recording));
    struct story *story = loaded();
    ok(pagebook_open(&book, recording, &story->ram));
    uint8_t *before = malloc(sizeof story->bytes);
    ck_assert_ptr_nonnull(before);
    memcpy(before, story->bytes, sizeof story->bytes);
    memset(story->bytes, 0xee, sizeof story->bytes); /* the machine runs on */
    const struct board_config *config = recording_config(recording);
    for (uint32_t page = 0; page < STORY_PAGES; page++) {
        const uint8_t *image = pagebook_image(&book, page);
        uint32_t kernel_page = page - STORY_KERNEL_PAGE, initrd_page = page - INITRD_PAGE;
        bool of_kernel = kernel_page < STORY_KERNEL_BYTES / PAGE_BYTES && kernel_page != PATCHED;
        ck_assert_msg(memcmp(image, before + page * PAGE_BYTES, PAGE_BYTES) == 0, "page %u", page);
        ck_assert_msg(is_of(&config->kernel, image) == of_kernel, "page %u", page);
        ck_assert_msg(is_of(&config->initrd, image) == (initrd_page < STORY_INITRD_BYTES / PAGE_BYTES), "page %u",
                      page);
    }
    pagebook_close(&book);
    recording_close(recording);
    free(before);
    free(story);
}
END_TEST

/* The latest snapshot at or before the one asked for that lists the page. */
static struct page_place look_through(struct recording *recording, uint32_t page, size_t snapshot)
{
    for (; snapshot > 0; snapshot--) {
        size_t count;
        const uint32_t *pages = recording_pages(recording, snapshot, &count);
        for (uint32_t nth = 0; nth < count; nth++)
            if (pages[nth] == page)
                return (struct page_place){(uint32_t)snapshot, nth};
    }
    return (struct page_place){0, 0};
}

START_TEST(a_page_is_found_where_it_was_stored_last)
{
    const char *path = fixture_path("b.deja");
    struct recording *recording;
    struct pagebook book;
    size_t count, found = 0;
    story_record(path, SEED, STEPS);
    ok(recording_open(path, &recording));
    struct story *story = story_begin(SEED);
    ok(pagebook_open(&book, recording, &story->ram));
    recording_snapshots(recording, &count);
    for (size_t snapshot = 0; snapshot < count; snapshot++)
        for (uint32_t page = 0; page < STORY_PAGES; page++) {
            struct page_place place = pagebook_find(&book, page, snapshot);
            struct page_place wanted = look_through(recording, page, snapshot);
            ck_assert_uint_eq(place.snapshot, wanted.snapshot);
            ck_assert_uint_eq(place.nth, wanted.nth);
            found += place.snapshot > 0;
        }
    ck_assert_uint_gt(found, 100);
    pagebook_close(&book);
    recording_close(recording);
    free(story);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay pagebook");
    fixture_add(suite, "images", the_images_are_not_kept_twice);
    fixture_add(suite, "places", a_page_is_found_where_it_was_stored_last);
    return fixture_run(suite);
}

/* What a walk for a debugger says stays so as long as the tables do: whatever menvcfg and the PMP come to allow. */
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"
#include "random.h"

enum { RAM_PAGES = 8, WALKS = 200000, CONFIGURATIONS = 4 };

/* Each of: memory types reserved or not; all page tables readable by S-mode, or the first alone. */
static void configure(struct engine *engine, unsigned which)
{
    struct hart_state *hart = engine_hart(engine, 0);
    hart->menvcfg = which & 1 ? UINT64_C(1) << 62 : 0;
    hart->pmpaddr[0] = which & 2 ? UINT64_MAX >> 10 : RAM_BASE >> 2 | (PAGE_BYTES / 8 - 1);
    hart->pmpcfg[0] = 0x1f;
}

/* An entry that often leads somewhere, with bits that often are what they must not be. */
static uint64_t random_entry(uint64_t *seed)
{
    uint64_t number = random_below(seed, 8) ? (RAM_BASE >> PAGE_SHIFT) + random_below(seed, RAM_PAGES)
                                            : random_magnitude(seed) & ((UINT64_C(1) << 44) - 1);
    uint64_t bits = random_below(seed, 2) ? 1 : random_u64(seed) & 0xff;
    uint64_t high = random_below(seed, 3) ? 0 : random_u64(seed) & random_u64(seed) & UINT64_C(0xffc0000000000000);
    return number << 10 | bits | (random_below(seed, 2) ? 0xcf : 0) | high;
}

static void lay_path(struct engine *engine, uint64_t *seed, uint64_t vaddr)
{
    for (unsigned level = 0; level < 3; level++) {
        uint64_t entry = random_entry(seed), at = (vaddr >> (PAGE_SHIFT + 9 * level) & 511) * 8;
        if (level && random_below(seed, 3)) /* on to the next table */
            entry = ((RAM_BASE >> PAGE_SHIFT) + 3 - level) << 10 | 1;
        ck_assert(engine_ram_store(engine, RAM_BASE + (2 - level) * PAGE_BYTES + at, &entry, sizeof entry));
    }
}

START_TEST(what_is_fixed_stays)
{
    struct engine *engine = bare_engine(RAM_PAGES * PAGE_BYTES, (struct engine_tuning){0}, bare_bus);
    uint64_t seed = 41, satp = UINT64_C(8) << 60 | RAM_BASE >> PAGE_SHIFT;
    unsigned mapped = 0, unmapped = 0, unknown = 0;
    for (unsigned i = 0; i < WALKS; i++) {
        uint64_t vaddr = random_u64(&seed) >> 26;
        struct page_walk walks[CONFIGURATIONS];
        lay_path(engine, &seed, vaddr);
        for (unsigned n = 0; n < CONFIGURATIONS; n++) {
            configure(engine, n);
            engine_walk(engine, 0, satp, vaddr, &walks[n]);
        }
        for (unsigned a = 0; a < CONFIGURATIONS; a++)
            for (unsigned b = 0; b < CONFIGURATIONS; b++) {
                bool other = walks[b].mapped && (!walks[a].mapped || walks[a].paddr != walks[b].paddr);
                if (walks[a].fixed && other) /* ck_assert() writes to a file each time: too slow here */
                    ck_abort_msg("walk %u, %u and %u", i, a, b);
            }
        mapped += walks[2].mapped;
        unmapped += walks[2].fixed && !walks[2].mapped;
        unknown += !walks[2].fixed;
    }
    ck_assert_uint_gt(mapped, WALKS / 20);
    ck_assert_uint_gt(unmapped, WALKS / 20);
    ck_assert_uint_gt(unknown, 100);
    ck_assert_uint_lt(unknown, WALKS / 10);
    engine_destroy(engine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine walk");
    TCase *tcase = tcase_create("walk");
    tcase_add_test(tcase, what_is_fixed_stays);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

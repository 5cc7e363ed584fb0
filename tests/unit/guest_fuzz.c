/* Ruined symbol tables: refused, or read as a table that keeps its promises; never a byte read outside. Meant for a
 * build with sanitizers. */
#include "guest_fixture.h"

#include <check.h>

enum { ROUNDS = 3000, SYMBOLS = 600 };

static struct fixture fixture;

/* Where a wrong byte does most: in the words that lead to others. */
static size_t somewhere(uint64_t *seed)
{
    const size_t places[] = {fixture.num_syms,    fixture.names_at,  fixture.markers, fixture.token_table,
                             fixture.token_index, fixture.addresses, 0x10000};
    const size_t sizes[] = {8, 6000, 24, 1000, 512, 8 * SYMBOLS + 16, fixture.at - 0x10000};
    size_t which = random_below(seed, sizeof places / sizeof places[0]);
    size_t at = places[which] + random_below(seed, sizes[which]);
    return at < fixture.at ? at : fixture.at - 1;
}

static void ruin(uint64_t *seed, uint8_t *bytes)
{
    size_t from = somewhere(seed), to = somewhere(seed), size = 1 + random_below(seed, 64);
    if (size > fixture.at - from)
        size = fixture.at - from;
    if (size > fixture.at - to)
        size = fixture.at - to;
    switch (random_below(seed, 5)) {
    case 0:
        bytes[to] ^= (uint8_t)(1 << random_below(seed, 8));
        break;
    case 1:
        bytes[to] = (uint8_t)random_u64(seed);
        break;
    case 2:
        memset(bytes + to, random_below(seed, 2) ? 0 : 0xff, size);
        break;
    case 3:
        memmove(bytes + to, bytes + from, size);
        break;
    case 4:
        random_fill(seed, bytes + to, size);
        break;
    }
}

static void check_symbols(const struct guest_symbols *symbols, const struct guest_image *image)
{
    uint8_t *elf;
    size_t size_bytes, index;

    check(symbols->count > 0);
    check(symbols->names[symbols->names_bytes - 1] == '\0');
    for (size_t i = 0; i < symbols->count; i++) {
        check(i == 0 || symbols->rows[i - 1].vaddr <= symbols->rows[i].vaddr);
        check(symbols->rows[i].name < symbols->names_bytes);
        for (const char *c = guest_symbol_name(symbols, i); *c != '\0'; c++)
            check(*c > ' ' && *c < 0x7f);
        check(symbols->rows[i].type > ' ' && symbols->rows[i].type < 0x7f);
    }
    check(guest_symbols_at(symbols, symbols->rows[0].vaddr, &index) && index == 0);
    check(!err_is(guest_symbols_elf(symbols, image, &elf, &size_bytes)));
    free(elf);
}

/* The image ends where the table ends, in memory of its own, so that a sanitizer sees what lies behind. */
static bool survives(uint64_t *seed)
{
    struct guest_symbols symbols;
    size_t size = random_below(seed, 4) ? fixture.at : 0x10000 + random_below(seed, fixture.at - 0x10000);
    uint8_t *bytes = malloc(size);

    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, fixture.bytes, size);
    for (uint64_t n = size == fixture.at ? random_below(seed, 4) : 0; n > 0; n--)
        ruin(seed, bytes);
    struct guest_image image = fixture.image;
    image.bytes = bytes;
    image.size_bytes = size;
    err_t error = guest_symbols_read(&image, &symbols);
    if (!err_is(error)) {
        check_symbols(&symbols, &image);
        guest_symbols_free(&symbols);
    } else
        ck_assert_int_eq(error.code, ERR_UNAVAILABLE);
    free(bytes);
    return !err_is(error);
}

START_TEST(ruined_tables)
{
    uint64_t seed = 77 + (uint64_t)_i;
    unsigned found = 0;
    fixture_build(&fixture, &fixture_layouts[_i], SYMBOLS, seed);
    for (int round = 0; round < ROUNDS; round++)
        found += survives(&seed);
    ck_assert_uint_gt(found, ROUNDS / 20);
    ck_assert_uint_lt(found, ROUNDS / 10 * 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest/fuzz");
    TCase *tests = tcase_create("fuzz");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, ruined_tables, 0, FIXTURE_LAYOUTS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

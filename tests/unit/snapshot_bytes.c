/* Page hashes, byte hashes and lz4: known values, round trips, garbage. */
#include "random.h"
#include "snapshot/snapshot.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- hashes ------------------------------------------------------------------------------------------------------ */

START_TEST(a_page_of_zeroes_costs_nothing)
{
    static const uint8_t zeroes[PAGE_BYTES];
    ck_assert_uint_eq(page_hash(0, zeroes), 0);
    ck_assert_uint_eq(page_hash(4711, zeroes), 0);
}
END_TEST

START_TEST(one_bit_anywhere_makes_a_page_count)
{
    uint8_t page[PAGE_BYTES] = {0};
    for (size_t bit = 0; bit < PAGE_BYTES * 8; bit++) {
        page[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_uint_ne(page_hash(3, page), 0);
        page[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_uint_eq(page_hash(3, page), 0);
}
END_TEST

START_TEST(a_page_hash_depends_on_place_and_content)
{
    uint64_t seed = 1;
    uint8_t page[PAGE_BYTES];
    random_fill(&seed, page, sizeof page);
    uint64_t hash = page_hash(1, page);
    for (uint64_t number = 0; number < 2000; number++)
        ck_assert(number == 1 || page_hash(number, page) != hash);
    for (size_t bit = 0; bit < PAGE_BYTES * 8; bit++) {
        page[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_uint_ne(page_hash(1, page), hash);
        page[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_uint_eq(page_hash(1, page), hash);
}
END_TEST

/* Two pages that swap their contents must not cancel out in the sum over all pages. */
START_TEST(swapped_pages_change_the_sum)
{
    uint64_t seed = 2;
    uint8_t a[PAGE_BYTES], b[PAGE_BYTES];
    random_fill(&seed, a, sizeof a);
    random_fill(&seed, b, sizeof b);
    ck_assert_uint_ne(page_hash(1, a) + page_hash(2, b), page_hash(1, b) + page_hash(2, a));
}
END_TEST

/* Recordings hold these numbers: a library that computes others would refuse every old recording. The values are
 * XXH3_64bits of "" and "deja", and of a page of 'd' with its page number for a seed. */
START_TEST(hashes_are_those_of_the_format)
{
    uint8_t page[PAGE_BYTES];
    memset(page, 'd', sizeof page);
    ck_assert_uint_eq(bytes_hash("", 0), 0x2d06800538d394c2);
    ck_assert_uint_eq(bytes_hash("deja", 4), 0xc90536b02fe3ddd8);
    ck_assert_uint_eq(page_hash(0, page), bytes_hash(page, sizeof page));
    ck_assert_uint_eq(page_hash(0x80000, page), 0x417d1f2cef3f565b);
}
END_TEST

/* ---- lz4 --------------------------------------------------------------------------------------------------------- */

static void round_trip(const uint8_t *bytes, size_t size_bytes)
{
    size_t bound = pack_bound(size_bytes);
    uint8_t *packed = malloc(bound), *unpacked = malloc(size_bytes + 1);
    size_t packed_bytes = pack_bytes(bytes, size_bytes, packed, bound);
    ck_assert(packed_bytes > 0 && packed_bytes <= bound);
    unpacked[size_bytes] = 0x5a;
    ck_assert(unpack_bytes(packed, packed_bytes, unpacked, size_bytes));
    ck_assert_int_eq(memcmp(bytes, unpacked, size_bytes), 0);
    ck_assert_uint_eq(unpacked[size_bytes], 0x5a);
    ck_assert(!unpack_bytes(packed, packed_bytes, unpacked, size_bytes + 1));
    ck_assert(size_bytes == 0 || !unpack_bytes(packed, packed_bytes, unpacked, size_bytes - 1));
    ck_assert(!unpack_bytes(packed, packed_bytes - 1, unpacked, size_bytes));
    free(packed);
    free(unpacked);
}

START_TEST(packing_round_trips)
{
    static const size_t sizes[] = {0, 1, 2, 12, 13, 100, PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 100000, 3000000};
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *bytes = calloc(1, sizes[i] + 1);
        round_trip(bytes, sizes[i]);
        random_fill(&seed, bytes, sizes[i]);
        round_trip(bytes, sizes[i]);
        memset(bytes, 'a', sizes[i] / 2);
        round_trip(bytes, sizes[i]);
        free(bytes);
    }
}
END_TEST

START_TEST(packing_is_worth_it)
{
    static const uint8_t page[PAGE_BYTES];
    uint8_t packed[8192];
    ck_assert_uint_lt(pack_bytes(page, sizeof page, packed, sizeof packed), 64);
}
END_TEST

START_TEST(absurd_sizes_are_refused)
{
    uint8_t byte = 0, out;
    ck_assert_uint_eq(pack_bound(SIZE_MAX), 0);
    ck_assert_uint_eq(pack_bound((size_t)1 << 31), 0);
    ck_assert_uint_eq(pack_bytes(&byte, (size_t)1 << 31, &out, 1), 0);
    ck_assert_uint_eq(pack_bytes(&byte, 1, &out, 1), 0); /* does not fit */
    ck_assert(!unpack_bytes(&byte, (size_t)1 << 31, &out, 1));
    ck_assert(!unpack_bytes(&byte, 1, &out, SIZE_MAX));
    ck_assert(!unpack_bytes(&byte, 1, &out, (size_t)1 << 31));
    ck_assert(!unpack_bytes(&byte, 0, &out, 0));
}
END_TEST

/* In heap blocks of the exact size, so that a sanitizer or the guard bytes see any overrun. */
static bool unpack_exact(const uint8_t *packed, size_t packed_bytes, size_t size_bytes)
{
    uint8_t *in = malloc(packed_bytes ? packed_bytes : 1), *out = malloc(size_bytes + 16);
    memcpy(in, packed, packed_bytes);
    memset(out + size_bytes, 0xa5, 16);
    bool good = unpack_bytes(in, packed_bytes, out, size_bytes);
    for (size_t i = 0; i < 16; i++)
        ck_assert_uint_eq(out[size_bytes + i], 0xa5);
    free(in);
    free(out);
    return good;
}

START_TEST(garbage_unpacks_to_false_or_exactly_the_size)
{
    uint64_t seed = 4;
    uint8_t page[PAGE_BYTES], packed[8192], noise[600];
    for (size_t i = 0; i < sizeof page; i++)
        page[i] = (uint8_t)(i / 7 * (i % 5));
    size_t packed_bytes = pack_bytes(page, sizeof page, packed, sizeof packed);
    ck_assert_uint_gt(packed_bytes, 50);
    unsigned refused = 0;
    for (int round = 0; round < 50000; round++) {
        random_fill(&seed, noise, 1 + random_below(&seed, sizeof noise));
        refused += !unpack_exact(noise, random_below(&seed, sizeof noise), random_below(&seed, 5000));
        uint8_t hit = packed[random_below(&seed, packed_bytes)], *at = &packed[random_below(&seed, packed_bytes)],
                was = *at;
        *at = hit ^ (uint8_t)random_u64(&seed);
        refused += !unpack_exact(packed, packed_bytes, sizeof page);
        *at = was;
    }
    ck_assert_uint_gt(refused, 50000);
    ck_assert(unpack_exact(packed, packed_bytes, sizeof page));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot bytes");
    TCase *tcase = tcase_create("bytes");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, a_page_of_zeroes_costs_nothing);
    tcase_add_test(tcase, one_bit_anywhere_makes_a_page_count);
    tcase_add_test(tcase, a_page_hash_depends_on_place_and_content);
    tcase_add_test(tcase, swapped_pages_change_the_sum);
    tcase_add_test(tcase, hashes_are_those_of_the_format);
    tcase_add_test(tcase, packing_round_trips);
    tcase_add_test(tcase, packing_is_worth_it);
    tcase_add_test(tcase, absurd_sizes_are_refused);
    tcase_add_test(tcase, garbage_unpacks_to_false_or_exactly_the_size);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Where a structure keeps a member, by a description of types made by hand: named, nameless, one in another, and such
 * as lead nowhere or round and round. */
#include "btf_fixture.h"
#include "guest/btf.h"

#include <check.h>
#include <stdlib.h>

static struct description btf;
static const struct btf_wish wish = {"rq", "curr", NULL};

static void setup(void) { btf = (struct description){.strings_bytes = 1}; }

static err_t look(const struct btf_wish *wished, uint32_t *offset)
{
    /* in memory of its own, so that a sanitizer sees what lies behind */
    uint8_t *bytes = malloc(btf.types_bytes + btf.strings_bytes + BTF_HEADER_BYTES);
    ck_assert_ptr_nonnull(bytes);
    size_t size = btf_finish(&btf, bytes);
    err_t error = btf_offsets(bytes, size, wished, 1, offset);
    free(bytes);
    return error;
}

static uint32_t find(void)
{
    uint32_t offset;
    ck_assert(!err_is(look(&wish, &offset)));
    return offset;
}

/* One struct named rq, with one nameless member of type `inner`. */
static void put_rq(uint32_t inner, uint32_t bits)
{
    btf_put_type(&btf, "rq", BTF_STRUCT, 1, false, 0);
    btf_put_member(&btf, "", inner, bits);
}

START_TEST(a_member_of_its_own)
{
    static const struct btf_wish renamed = {"rq", "current", "curr"};
    uint32_t offset;
    btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
    btf_put_type(&btf, "queue", BTF_STRUCT, 1, false, 0);
    btf_put_member(&btf, "curr", 1, 64);
    btf_put_type(&btf, "rq", BTF_STRUCT, 3, false, 0);
    btf_put_member(&btf, "current_id", 1, 0);
    btf_put_member(&btf, "cur", 1, 32);
    btf_put_member(&btf, "curr", 1, 1024);
    ck_assert_uint_eq(find(), 128);
    ck_assert(!err_is(look(&renamed, &offset)));
    ck_assert_uint_eq(offset, 128);
}
END_TEST

START_TEST(a_member_of_a_nameless_union)
{
    btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
    btf_put_type(&btf, "rq", BTF_STRUCT, 3, false, 0); /* before what it holds: numbers may lead forwards */
    btf_put_member(&btf, "nr_running", 1, 0);
    btf_put_member(&btf, "", 3, 640);
    btf_put_member(&btf, "idle", 1, 704);
    btf_put_type(&btf, "", BTF_UNION, 2, false, 0);
    btf_put_member(&btf, "donor", 1, 0);
    btf_put_member(&btf, "curr", 1, 0);
    ck_assert_uint_eq(find(), 80);
}
END_TEST

/* A struct in a union in a struct: the distances add up. What has bit-fields says so for itself alone. */
START_TEST(one_in_another)
{
    btf_put_type(&btf, "", BTF_STRUCT, 2, true, 0); /* 1 */
    btf_put_member(&btf, "flags", 3, 3 << 24 | 64);
    btf_put_member(&btf, "curr", 3, 128);
    btf_put_type(&btf, "", BTF_UNION, 2, false, 0); /* 2 */
    btf_put_member(&btf, "all", 3, 0);
    btf_put_member(&btf, "", 1, 0);
    btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
    btf_put_type(&btf, "rq", BTF_STRUCT, 2, true, 0);
    btf_put_member(&btf, "bit", 3, 1 << 24);
    btf_put_member(&btf, "", 2, 256);
    ck_assert_uint_eq(find(), 32 + 16);
}
END_TEST

START_TEST(a_named_one_keeps_its_members)
{
    btf_put_type(&btf, "", BTF_UNION, 1, false, 0);
    btf_put_member(&btf, "curr", 2, 0);
    btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
    btf_put_type(&btf, "rq", BTF_STRUCT, 2, false, 0);
    btf_put_member(&btf, "u", 1, 64);
    btf_put_member(&btf, "", 2, 128); /* a nameless bit-field's like */
    ck_assert_uint_eq(find(), UINT32_MAX);
}
END_TEST

START_TEST(bits_are_no_place)
{
    btf_put_type(&btf, "", BTF_STRUCT, 1, true, 0);
    btf_put_member(&btf, "curr", 9, 4 << 24 | 64);
    put_rq(1, 64);
    btf_put_type(&btf, "", BTF_STRUCT, 1, false, 0);
    btf_put_member(&btf, "curr", 9, 3);
    put_rq(3, 0);
    ck_assert_uint_eq(find(), UINT32_MAX);
}
END_TEST

START_TEST(numbers_that_lead_nowhere)
{
    static const uint32_t numbers[] = {0, 3, 4, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        setup();
        put_rq(numbers[i], 0);
        btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
        ck_assert_uint_eq(find(), UINT32_MAX);
    }
}
END_TEST

/* The one that holds itself, many times over. */
START_TEST(round_and_round)
{
    enum { MEMBERS = 200 };
    btf_put_type(&btf, "rq", BTF_STRUCT, MEMBERS, false, 0);
    for (int i = 0; i < MEMBERS; i++)
        btf_put_member(&btf, "", 1, UINT32_MAX - 7);
    ck_assert_uint_eq(find(), UINT32_MAX);
}
END_TEST

/* Each far inside the one before: the sum does not wrap into a distance that could be meant. */
START_TEST(far_inside)
{
    enum { DEPTH = 4 };
    put_rq(2, UINT32_MAX - 7);
    for (uint32_t i = 1; i <= DEPTH; i++) {
        btf_put_type(&btf, "", BTF_STRUCT, 1, false, 0);
        btf_put_member(&btf, i < DEPTH ? "" : "curr", i + 2, UINT32_MAX - 7);
    }
    ck_assert_uint_eq(find(), (DEPTH + 1) * (UINT32_MAX / 8));
}
END_TEST

START_TEST(no_description)
{
    uint32_t offset = 0;
    btf_put_type(&btf, "an_enum", 6, 3, false, 5); /* a word short */
    ck_assert_int_eq(look(&wish, &offset).code, ERR_UNAVAILABLE);
    ck_assert_uint_eq(offset, UINT32_MAX);
    setup();
    btf_put_type(&btf, "unheard of", 20, 0, false, 0);
    ck_assert_int_eq(look(&wish, &offset).code, ERR_UNAVAILABLE);
    setup();
    ck_assert_uint_eq(find(), UINT32_MAX); /* none at all */
}
END_TEST

int main(void)
{
    static const TTest **const tests[] = {
        &a_member_of_its_own, &a_member_of_a_nameless_union, &one_in_another,  &a_named_one_keeps_its_members,
        &bits_are_no_place,   &numbers_that_lead_nowhere,    &round_and_round, &far_inside,
        &no_description,
    };
    Suite *suite = suite_create("guest/btf");
    TCase *cases = tcase_create("btf");
    tcase_add_checked_fixture(cases, setup, NULL);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, *tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

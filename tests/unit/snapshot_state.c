/* Described state <-> bytes: encode, decode, hash, diff and print agree; hostile bytes change nothing. */
#include "random.h"
#include "snapshot/snapshot.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- a machine to describe: every width, scalars and arrays, and members that no table mentions ----------------- */

struct gadget {
    uint8_t level;
    void *not_state;
    uint64_t counters[3];
    uint16_t port;
    uint8_t fifo[700]; /* longer than the pieces in which it is encoded */
    uint32_t lanes[2];
    uint64_t deadline;
};

static bool gadget_valid(const void *object)
{
    const struct gadget *gadget = object;
    return gadget->level < 8 && gadget->port != 0xdead;
}

static const struct state_field gadget_fields[] = {
    STATE_U8(struct gadget, level), STATE_U64(struct gadget, counters), STATE_U16(struct gadget, port),
    STATE_U8(struct gadget, fifo),  STATE_U32(struct gadget, lanes),    STATE_U64(struct gadget, deadline),
};
static const struct state_desc gadget_desc = STATE_DESC("gadget", gadget_fields, gadget_valid);

struct lamp {
    uint32_t colour;
};
static const struct state_field lamp_fields[] = {STATE_U32(struct lamp, colour)};
static const struct state_desc lamp_desc = STATE_DESC("lamp", lamp_fields, NULL);

enum { NPARTS = 3, GADGET_PAYLOAD = 1 + 24 + 2 + 700 + 8 + 8, SIZE = 2 * (1 + 6 + 8 + GADGET_PAYLOAD) + 1 + 4 + 8 + 4 };

struct machine {
    struct gadget gadgets[2];
    struct lamp lamp;
    struct state_part parts[NPARTS];
};

static void machine_make(struct machine *machine, uint64_t seed)
{
    memset(machine, 0, sizeof *machine);
    random_fill(&seed, machine->gadgets, sizeof machine->gadgets);
    random_fill(&seed, &machine->lamp, sizeof machine->lamp);
    for (unsigned i = 0; i < 2; i++) {
        machine->gadgets[i].level &= 7;
        machine->gadgets[i].not_state = machine;
        machine->parts[i] = (struct state_part){&gadget_desc, &machine->gadgets[i], i};
    }
    machine->parts[2] = (struct state_part){&lamp_desc, &machine->lamp, 0};
}

/* Equal in what is described; the rest belongs to the machine. */
static bool machine_equal(const struct machine *a, const struct machine *b)
{
    uint8_t a_bytes[SIZE], b_bytes[SIZE];
    state_encode(a->parts, NPARTS, a_bytes);
    state_encode(b->parts, NPARTS, b_bytes);
    return memcmp(a_bytes, b_bytes, SIZE) == 0;
}

/* ---- encode and decode ------------------------------------------------------------------------------------------ */

START_TEST(the_encoded_form_is_the_documented_one)
{
    struct lamp lamp = {.colour = 0x11223344};
    struct state_part part = {&lamp_desc, &lamp, 0x01020304};
    static const uint8_t expected[] = {4, 'l', 'a', 'm', 'p', 4, 3, 2, 1, 4, 0, 0, 0, 0x44, 0x33, 0x22, 0x11};
    uint8_t bytes[sizeof expected];
    ck_assert_uint_eq(state_size(&part, 1), sizeof expected);
    state_encode(&part, 1, bytes);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
}
END_TEST

START_TEST(a_round_trip_restores_everything_described_and_nothing_else)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct machine from, to;
        uint8_t bytes[SIZE + 1];
        bytes[SIZE] = 0x5a;
        machine_make(&from, seed);
        machine_make(&to, seed + 1000);
        ck_assert_uint_eq(state_size(from.parts, NPARTS), SIZE);
        state_encode(from.parts, NPARTS, bytes);
        ck_assert_uint_eq(bytes[SIZE], 0x5a);
        ck_assert(!machine_equal(&from, &to));
        ck_assert(!err_is(state_decode(to.parts, NPARTS, bytes, SIZE)));
        ck_assert(machine_equal(&from, &to));
        ck_assert_ptr_eq(to.gadgets[1].not_state, &to);
    }
}
END_TEST

START_TEST(no_parts_are_no_bytes)
{
    uint8_t byte = 0;
    ck_assert_uint_eq(state_size(NULL, 0), 0);
    ck_assert(!err_is(state_decode(NULL, 0, &byte, 0)));
    ck_assert(err_is(state_decode(NULL, 0, &byte, 1)));
}
END_TEST

/* ---- hostile bytes ---------------------------------------------------------------------------------------------- */

/* Decodes a copy that ends where the heap block ends, so that a sanitizer sees an overrun. */
static err_t decode_exact(struct machine *machine, const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    memcpy(copy, bytes, size_bytes);
    err_t error = state_decode(machine->parts, NPARTS, copy, size_bytes);
    free(copy);
    return error;
}

START_TEST(any_other_length_is_refused_and_changes_nothing)
{
    struct machine from, to, before;
    uint8_t bytes[SIZE + 9] = {0};
    machine_make(&from, 1);
    machine_make(&to, 2);
    machine_make(&before, 2);
    state_encode(from.parts, NPARTS, bytes);
    for (size_t size_bytes = 0; size_bytes < sizeof bytes; size_bytes++) {
        if (size_bytes == SIZE)
            continue;
        ck_assert_int_eq(decode_exact(&to, bytes, size_bytes).code, ERR_DAMAGED);
        ck_assert(machine_equal(&to, &before));
    }
}
END_TEST

START_TEST(a_bad_validator_rolls_everything_back)
{
    struct machine from, to, before;
    uint8_t bytes[SIZE];
    for (unsigned bad = 0; bad < 2; bad++) {
        machine_make(&from, 1);
        machine_make(&to, 2);
        machine_make(&before, 2);
        from.gadgets[bad].level = 8;
        state_encode(from.parts, NPARTS, bytes);
        err_t error = decode_exact(&to, bytes, SIZE);
        ck_assert_int_eq(error.code, ERR_DAMAGED);
        ck_assert_str_eq(error.subject, bad ? "state of gadget 1" : "state of gadget 0");
        ck_assert(machine_equal(&to, &before));
    }
}
END_TEST

START_TEST(other_kinds_orders_and_indexes_are_refused)
{
    struct machine from, to;
    uint8_t bytes[SIZE];
    machine_make(&from, 1);
    machine_make(&to, 2);
    from.parts[1].index = 2;
    state_encode(from.parts, NPARTS, bytes);
    ck_assert_int_eq(decode_exact(&to, bytes, SIZE).code, ERR_DAMAGED);
    machine_make(&from, 1);
    struct state_part swapped[NPARTS] = {from.parts[2], from.parts[0], from.parts[1]};
    state_encode(swapped, NPARTS, bytes);
    ck_assert_int_eq(decode_exact(&to, bytes, SIZE).code, ERR_DAMAGED);
    static const struct state_desc other = STATE_DESC("bamp", lamp_fields, NULL);
    from.parts[2].desc = &other;
    state_encode(from.parts, NPARTS, bytes);
    ck_assert_int_eq(decode_exact(&to, bytes, SIZE).code, ERR_DAMAGED);
}
END_TEST

static void corrupt(uint64_t *seed, uint8_t *bytes, size_t *size_bytes)
{
    for (uint64_t hits = 1 + random_below(seed, 4); hits; hits--)
        bytes[random_below(seed, SIZE)] = (uint8_t)random_u64(seed);
    if (random_below(seed, 4) == 0)
        *size_bytes = random_below(seed, SIZE + 1);
}

/* Whatever the bytes: either the machine is exactly them and every validator agrees, or nothing has changed. */
START_TEST(corruption_is_all_or_nothing)
{
    uint64_t seed = 5;
    unsigned refused = 0, accepted = 0;
    for (int round = 0; round < 20000; round++) {
        struct machine from, to, before;
        uint8_t bytes[SIZE], after[SIZE];
        size_t size_bytes = SIZE;
        machine_make(&from, 1);
        machine_make(&to, 2);
        machine_make(&before, 2);
        state_encode(from.parts, NPARTS, bytes);
        corrupt(&seed, bytes, &size_bytes);
        if (err_is(decode_exact(&to, bytes, size_bytes))) {
            refused++;
            ck_assert(machine_equal(&to, &before));
        } else {
            accepted++;
            state_encode(to.parts, NPARTS, after);
            ck_assert_uint_eq(size_bytes, SIZE);
            ck_assert_mem_eq(after, bytes, SIZE);
            ck_assert(gadget_valid(&to.gadgets[0]) && gadget_valid(&to.gadgets[1]));
        }
    }
    ck_assert_uint_gt(refused, 1000);
    ck_assert_uint_gt(accepted, 1000);
}
END_TEST

START_TEST(noise_is_refused)
{
    uint64_t seed = 6;
    for (int round = 0; round < 2000; round++) {
        struct machine to;
        uint8_t bytes[SIZE];
        machine_make(&to, 2);
        random_fill(&seed, bytes, sizeof bytes);
        ck_assert_int_eq(decode_exact(&to, bytes, random_below(&seed, SIZE + 1)).code, ERR_DAMAGED);
        ck_assert_uint_eq(state_diff(to.parts, NPARTS, bytes, SIZE, bytes, SIZE, NULL, NULL), SIZE_MAX);
    }
}
END_TEST

/* ---- hash ------------------------------------------------------------------------------------------------------- */

START_TEST(the_hash_is_that_of_the_encoding)
{
    struct machine machine;
    uint8_t bytes[SIZE];
    machine_make(&machine, 7);
    state_encode(machine.parts, NPARTS, bytes);
    ck_assert_uint_eq(state_hash(machine.parts, NPARTS), bytes_hash(bytes, SIZE));
}
END_TEST

START_TEST(every_bit_of_every_field_counts_and_nothing_else_does)
{
    struct machine machine;
    machine_make(&machine, 8);
    uint64_t hash = state_hash(machine.parts, NPARTS);
    for (size_t p = 0; p < NPARTS; p++)
        for (size_t f = 0; f < machine.parts[p].desc->nfields; f++) {
            const struct state_field *field = &machine.parts[p].desc->fields[f];
            uint8_t *bytes = (uint8_t *)machine.parts[p].object + field->offset;
            for (uint32_t bit = 0; bit < field->size_bytes * 8; bit++) {
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_uint_ne(state_hash(machine.parts, NPARTS), hash);
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        }
    machine.gadgets[0].not_state = NULL;
    ck_assert_uint_eq(state_hash(machine.parts, NPARTS), hash);
    machine.parts[1].index = 5;
    ck_assert_uint_ne(state_hash(machine.parts, NPARTS), hash);
}
END_TEST

/* ---- diff and print ---------------------------------------------------------------------------------------------- */

struct seen {
    unsigned count;
    struct state_difference last;
};

static void note(void *context, const struct state_difference *difference)
{
    struct seen *seen = context;
    seen->count++;
    seen->last = *difference;
}

static size_t diff_machines(const struct machine *a, const struct machine *b, struct seen *seen)
{
    uint8_t a_bytes[SIZE], b_bytes[SIZE];
    state_encode(a->parts, NPARTS, a_bytes);
    state_encode(b->parts, NPARTS, b_bytes);
    *seen = (struct seen){0};
    return state_diff(a->parts, NPARTS, a_bytes, SIZE, b_bytes, SIZE, note, seen);
}

START_TEST(diff_names_the_one_element_that_differs)
{
    struct machine a, b;
    struct seen seen;
    machine_make(&a, 9);
    for (size_t p = 0; p < NPARTS; p++)
        for (size_t f = 0; f < a.parts[p].desc->nfields; f++) {
            machine_make(&b, 9);
            const struct state_field *field = &b.parts[p].desc->fields[f];
            unsigned element = (field->size_bytes / field->width - 1) / 2;
            ((uint8_t *)b.parts[p].object)[field->offset + element * field->width] ^= 0x80;
            ck_assert_uint_eq(diff_machines(&a, &b, &seen), 1);
            ck_assert_uint_eq(seen.count, 1);
            ck_assert_str_eq(seen.last.part, b.parts[p].desc->name);
            ck_assert_uint_eq(seen.last.index, b.parts[p].index);
            ck_assert_str_eq(seen.last.field, field->name);
            ck_assert_uint_eq(seen.last.element, element);
            ck_assert(seen.last.is_array == (field->size_bytes > field->width));
            ck_assert_uint_eq(seen.last.a ^ seen.last.b, 0x80);
        }
}
END_TEST

START_TEST(diff_counts_and_gives_both_values)
{
    struct machine a, b;
    struct seen seen;
    machine_make(&a, 9);
    machine_make(&b, 9);
    ck_assert_uint_eq(diff_machines(&a, &b, &seen), 0);
    a.gadgets[1].counters[0] = 1;
    b.gadgets[1].counters[0] = 2;
    a.gadgets[1].counters[2] = 0x1122334455667788;
    b.gadgets[1].counters[2] = 0x8877665544332211;
    ck_assert_uint_eq(diff_machines(&a, &b, &seen), 2);
    ck_assert_uint_eq(seen.last.a, 0x1122334455667788);
    ck_assert_uint_eq(seen.last.b, 0x8877665544332211);
    ck_assert_uint_eq(seen.last.element, 2);
}
END_TEST

START_TEST(diff_refuses_what_is_not_these_parts)
{
    struct machine a;
    struct seen seen = {0};
    uint8_t bytes[SIZE];
    machine_make(&a, 9);
    state_encode(a.parts, NPARTS, bytes);
    ck_assert_uint_eq(state_diff(a.parts, NPARTS, bytes, SIZE - 1, bytes, SIZE, note, &seen), SIZE_MAX);
    ck_assert_uint_eq(state_diff(a.parts, NPARTS, bytes, SIZE, bytes, SIZE - 1, note, &seen), SIZE_MAX);
    ck_assert_uint_eq(state_diff(a.parts, NPARTS, bytes, SIZE, NULL, 0, note, &seen), SIZE_MAX);
    ck_assert_uint_eq(seen.count, 0);
}
END_TEST

struct lines {
    unsigned count;
    char wanted[80];
    bool found;
};

static void read_line(void *context, const char *text)
{
    struct lines *lines = context;
    lines->count++;
    lines->found |= strcmp(text, lines->wanted) == 0;
}

START_TEST(print_has_a_line_for_each_element)
{
    struct machine machine;
    machine_make(&machine, 10);
    machine.gadgets[1].lanes[1] = 0xcafe;
    machine.lamp.colour = 0x80000000;
    static const char *const wanted[] = {"gadget 1 lanes[1] 0xcafe", "lamp 0 colour 0x80000000"};
    for (unsigned i = 0; i < 2; i++) {
        struct lines lines = {0};
        strcpy(lines.wanted, wanted[i]);
        state_print(machine.parts, NPARTS, read_line, &lines);
        ck_assert_uint_eq(lines.count, 2 * (1 + 3 + 1 + 700 + 2 + 1) + 1);
        ck_assert_msg(lines.found, "%s", wanted[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot state");
    TCase *tcase = tcase_create("state");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, the_encoded_form_is_the_documented_one);
    tcase_add_test(tcase, a_round_trip_restores_everything_described_and_nothing_else);
    tcase_add_test(tcase, no_parts_are_no_bytes);
    tcase_add_test(tcase, any_other_length_is_refused_and_changes_nothing);
    tcase_add_test(tcase, a_bad_validator_rolls_everything_back);
    tcase_add_test(tcase, other_kinds_orders_and_indexes_are_refused);
    tcase_add_test(tcase, corruption_is_all_or_nothing);
    tcase_add_test(tcase, noise_is_refused);
    tcase_add_test(tcase, the_hash_is_that_of_the_encoding);
    tcase_add_test(tcase, every_bit_of_every_field_counts_and_nothing_else_does);
    tcase_add_test(tcase, diff_names_the_one_element_that_differs);
    tcase_add_test(tcase, diff_counts_and_gives_both_values);
    tcase_add_test(tcase, diff_refuses_what_is_not_these_parts);
    tcase_add_test(tcase, print_has_a_line_for_each_element);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

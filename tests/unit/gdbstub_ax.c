/* Agent expressions: every code of the table computes what the manual says, and no bytecode does harm. */
#include "gdbstub/ax.h"
#include "random.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
#define AX(name, opcode, operand, popped, pushed, does) AX_##name = opcode,
#include "gdbstub/ax.def"
#undef AX
};

/* Registers hold 0x1000 + number below 100; memory from 0x8000 on holds 1, 2, 3, ..., a page of it. */
static unsigned looks;

static bool see_register(void *context, unsigned number, uint64_t *value)
{
    (void)context;
    looks++;
    *value = 0x1000 + number;
    return number < 100;
}

static bool see_memory(void *context, uint64_t address, void *bytes, size_t size_bytes)
{
    (void)context;
    looks++;
    uint64_t at = address - 0x8000;
    for (size_t i = 0; i < size_bytes && at < 4096; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(at + i + 1);
    return at < 4096 && size_bytes <= 4096 - at;
}

static const struct ax_view view = {NULL, see_register, see_memory};

struct code {
    uint8_t bytes[64];
    size_t size_bytes;
};

static void add_bytes(struct code *code, const void *bytes, size_t size_bytes)
{
    ck_assert(size_bytes <= sizeof code->bytes - code->size_bytes);
    memcpy(code->bytes + code->size_bytes, bytes, size_bytes);
    code->size_bytes += size_bytes;
}

static void add_constant(struct code *code, uint64_t value)
{
    uint8_t bytes[9] = {AX_const64};
    for (int i = 0; i < 8; i++)
        bytes[1 + i] = (uint8_t)(value >> (56 - 8 * i));
    add_bytes(code, bytes, sizeof bytes);
}

/* The value of an operation on up to three constants. */
static bool of(uint8_t opcode, size_t count, const uint64_t *operands, uint64_t *value)
{
    struct code code = {.size_bytes = 0};
    for (size_t i = 0; i < count; i++)
        add_constant(&code, operands[i]);
    add_bytes(&code, &opcode, 1);
    add_bytes(&code, (uint8_t[]){AX_end}, 1);
    return ax_evaluate(code.bytes, code.size_bytes, &view, value);
}

#define MINUS(n) ((uint64_t) - (int64_t)(n))

START_TEST(operations_compute)
{
    static const struct {
        uint8_t opcode;
        size_t count;
        uint64_t in[2], out;
    } rows[] = {
        {AX_add, 2, {3, MINUS(5)}, MINUS(2)},
        {AX_sub, 2, {3, 5}, MINUS(2)},
        {AX_mul, 2, {MINUS(3), 5}, MINUS(15)},
        {AX_div_signed, 2, {MINUS(7), 2}, MINUS(3)},
        {AX_div_signed, 2, {1ull << 63, MINUS(1)}, 1ull << 63},
        {AX_div_unsigned, 2, {MINUS(7), 2}, 0x7ffffffffffffffc},
        {AX_rem_signed, 2, {MINUS(7), 2}, MINUS(1)},
        {AX_rem_signed, 2, {1ull << 63, MINUS(1)}, 0},
        {AX_rem_unsigned, 2, {MINUS(7), 10}, 9},
        {AX_lsh, 2, {3, 4}, 48},
        {AX_lsh, 2, {3, 64}, 0},
        {AX_rsh_signed, 2, {MINUS(16), 2}, MINUS(4)},
        {AX_rsh_signed, 2, {MINUS(16), 200}, MINUS(1)},
        {AX_rsh_unsigned, 2, {MINUS(16), 60}, 15},
        {AX_rsh_unsigned, 2, {MINUS(16), 64}, 0},
        {AX_log_not, 1, {7}, 0},
        {AX_log_not, 1, {0}, 1},
        {AX_bit_and, 2, {6, 3}, 2},
        {AX_bit_or, 2, {6, 3}, 7},
        {AX_bit_xor, 2, {6, 3}, 5},
        {AX_bit_not, 1, {6}, MINUS(7)},
        {AX_equal, 2, {6, 6}, 1},
        {AX_equal, 2, {6, 7}, 0},
        {AX_less_signed, 2, {MINUS(1), 1}, 1},
        {AX_less_signed, 2, {1, 1}, 0},
        {AX_less_unsigned, 2, {MINUS(1), 1}, 0},
        {AX_less_unsigned, 2, {1, 2}, 1},
        {AX_ref8, 1, {0x8000}, 1},
        {AX_ref16, 1, {0x8000}, 0x0201},
        {AX_ref32, 1, {0x8001}, 0x05040302},
        {AX_ref64, 1, {0x8001}, 0x0908070605040302},
        {AX_dup, 1, {9}, 9},
        {AX_pop, 2, {4, 9}, 4},
        {AX_swap, 2, {4, 9}, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value;
        ck_assert_msg(of(rows[i].opcode, rows[i].count, rows[i].in, &value), "row %zu", i);
        ck_assert_msg(value == rows[i].out, "row %zu: %llx", i, (unsigned long long)value);
    }
}
END_TEST

/* What a piece of bytecode comes to; 0xdead when it has no value. */
static uint64_t value_of(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value;
    return ax_evaluate(bytes, size_bytes, &view, &value) ? value : 0xdead;
}

#define VALUE(...) value_of((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

START_TEST(codes_with_operands_read_them)
{
    ck_assert_uint_eq(VALUE(AX_const8, 0xfe, AX_end), 0xfe);
    ck_assert_uint_eq(VALUE(AX_const16, 1, 2, AX_end), 0x0102);
    ck_assert_uint_eq(VALUE(AX_const32, 1, 2, 3, 4, AX_end), 0x01020304);
    ck_assert_uint_eq(VALUE(AX_const8, 0xfe, AX_ext, 8, AX_end), MINUS(2));
    ck_assert_uint_eq(VALUE(AX_const8, 0xfe, AX_ext, 9, AX_end), 0xfe);
    ck_assert_uint_eq(VALUE(AX_const16, 0xab, 0xcd, AX_zero_ext, 8, AX_end), 0xcd);
    ck_assert_uint_eq(VALUE(AX_const16, 0xab, 0xcd, AX_zero_ext, 64, AX_end), 0xabcd);
    ck_assert_uint_eq(VALUE(AX_reg, 0, 8, AX_end), 0x1008);
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_const8, 2, AX_const8, 3, AX_pick, 2, AX_end), 1);
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_const8, 2, AX_const8, 3, AX_pick, 0, AX_end), 3);
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_const8, 2, AX_const8, 3, AX_rot, AX_end), 2); /* 3 1 2 */
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_const8, 2, AX_const8, 3, AX_rot, AX_pop, AX_pop, AX_end), 3);
    ck_assert_uint_eq(VALUE(AX_const8, 7, AX_trace_quick, 4, AX_end), 7);
    ck_assert_uint_eq(VALUE(AX_const8, 7, AX_trace16, 0, 4, AX_end), 7);
    ck_assert_uint_eq(VALUE(AX_const8, 5, AX_const8, 7, AX_const8, 4, AX_trace, AX_end), 5);
    ck_assert_uint_eq(VALUE(AX_const8, 5, AX_const8, 7, AX_const8, 4, AX_tracenz, AX_end), 5);
}
END_TEST

START_TEST(jumps_go_where_they_say)
{
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_if_goto, 0, 8, AX_const8, 5, AX_end, AX_const8, 6, AX_end), 6);
    ck_assert_uint_eq(VALUE(AX_const8, 0, AX_if_goto, 0, 8, AX_const8, 5, AX_end, AX_const8, 6, AX_end), 5);
    ck_assert_uint_eq(VALUE(AX_goto, 0, 4, AX_end, AX_const8, 6, AX_end), 6);
    /* ten times round: 10, 9, ... 0 */
    ck_assert_uint_eq(VALUE(AX_const8, 10, AX_const8, 1, AX_sub, AX_dup, AX_if_goto, 0, 2, AX_end), 0);
}
END_TEST

START_TEST(what_is_malformed_has_no_value)
{
    static const uint8_t zero[] = {AX_const8, 1, AX_const8, 0, AX_div_signed, AX_end};
    uint8_t deep[200];
    memset(deep, AX_dup, sizeof deep);
    deep[0] = AX_const8;
    for (uint8_t opcode = AX_div_signed; opcode <= AX_rem_unsigned; opcode++) {
        uint8_t code[sizeof zero];
        memcpy(code, zero, sizeof zero);
        code[4] = opcode;
        ck_assert_uint_eq(value_of(code, sizeof code), 0xdead);
    }
    ck_assert_uint_eq(value_of(deep, sizeof deep), 0xdead);
    ck_assert_uint_eq(value_of(deep, 0), 0xdead);
    ck_assert_uint_eq(VALUE(AX_end), 0xdead); /* nothing on the stack */
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_add, AX_end), 0xdead);
    ck_assert_uint_eq(VALUE(AX_const8, 1), 0xdead);             /* no end */
    ck_assert_uint_eq(VALUE(AX_const64, 1, 2, AX_end), 0xdead); /* the operand is cut off */
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_goto, 0xff, 0xff, AX_end), 0xdead);
    ck_assert_uint_eq(VALUE(AX_goto, 0, 0), 0xdead); /* for ever */
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_pick, 1, AX_end), 0xdead);
    ck_assert_uint_eq(VALUE(AX_const8, 1, AX_ref32, AX_end), 0xdead); /* no memory there */
    ck_assert_uint_eq(VALUE(AX_reg, 0, 200, AX_end), 0xdead);
    ck_assert_uint_eq(VALUE(0x01, AX_end), 0xdead);               /* float */
    ck_assert_uint_eq(VALUE(AX_const8, 1, 0x34, AX_end), 0xdead); /* printf */
}
END_TEST

/* For sanitizers: any bytes, biased towards codes that exist. It ends, and looks at no more than it has steps. */
START_TEST(nothing_does_harm)
{
    uint64_t seed = 1;
    unsigned valued = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t *code = malloc(64); /* of exactly its size, for the address sanitizer */
        size_t size = (size_t)random_below(&seed, 64);
        uint64_t value;
        for (size_t at = 0; at < size; at++)
            code[at] = (uint8_t)(random_below(&seed, 3) ? random_below(&seed, 0x36) : random_u64(&seed));
        code = realloc(code, size ? size : 1);
        looks = 0;
        valued += ax_evaluate(code, size, &view, &value);
        ck_assert_uint_le(looks, 10000);
        free(code);
    }
    ck_assert_uint_gt(valued, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdbstub/ax");
    TCase *cases = tcase_create("ax");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, operations_compute);
    tcase_add_test(cases, codes_with_operands_read_them);
    tcase_add_test(cases, jumps_go_where_they_say);
    tcase_add_test(cases, what_is_malformed_has_no_value);
    tcase_add_test(cases, nothing_does_harm);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

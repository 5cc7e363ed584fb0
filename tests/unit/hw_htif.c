/* HTIF: two words in RAM that do something. */
#include "hw_fixture.h"

static const uint64_t TOHOST = 0x80401000, FROMHOST = 0x80401040, BLOCK = 0x80402000, TEXT = 0x80403000;

/* A board whose kernel is taken for one that names the two words. */
static struct board *make(struct output *output)
{
    struct board *board = make_board(output);
    board->placement.tohost = TOHOST;
    board->placement.fromhost = FROMHOST;
    htif_ops.reset(board_device(board, PART_HTIF));
    return board;
}

/* As a hart's store to a page that is looked at. */
static void guest_store(struct board *board, uint64_t paddr, uint64_t value, unsigned size_bytes)
{
    struct bus bus = bus_of(board);
    store_ram(board, paddr, &value, size_bytes);
    bus.trapped(bus.owner, board_now(board), paddr, size_bytes);
}

static void command(struct board *board, uint64_t word) { guest_store(board, TOHOST, word, 8); }

static uint64_t system_call(struct board *board, uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t words[8] = {number, a, b, c};
    store_ram(board, BLOCK, words, sizeof words);
    command(board, BLOCK);
    return load_ram_u64(board, BLOCK);
}

START_TEST(an_odd_value_ends_the_run)
{
    static const struct {
        uint64_t word, status;
    } cases[] = {{1, 0}, {3, 1}, {1337 << 1 | 1, 1337}, {UINT64_C(0xffffffffffff), UINT64_C(0x7fffffffffff)}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct board *board = make(NULL);
        command(board, cases[i].word);
        ck_assert_int_eq(board_halt(board).reason, HALT_HTIF);
        ck_assert_uint_eq(board_halt(board).status, cases[i].status);
        ck_assert_uint_eq(load_ram_u64(board, TOHOST), cases[i].word);
        board_destroy(board);
    }
}
END_TEST

START_TEST(halves_and_other_words)
{
    struct board *board = make(NULL);
    guest_store(board, TOHOST + 8, 1, 8);
    guest_store(board, TOHOST - 8, 1, 8);
    guest_store(board, FROMHOST, 1, 8);
    guest_store(board, TOHOST + 4, 0, 4);
    command(board, 0);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    guest_store(board, TOHOST, 5, 4); /* as riscv-tests: sw to the low half, then to the high one */
    guest_store(board, TOHOST + 4, 0, 4);
    ck_assert_uint_eq(board_halt(board).status, 2);
    board_destroy(board);

    struct output output = {0};
    board = make(&output);
    guest_store(board, TOHOST + 4, 0x01010000, 4); /* high half first: no command yet */
    ck_assert_str_eq(output.text, "");
    guest_store(board, TOHOST, 'A', 4);
    ck_assert_str_eq(output.text, "A");
    ck_assert_uint_eq(load_ram_u64(board, TOHOST), 0);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    board_destroy(board);
}
END_TEST

START_TEST(console_output)
{
    struct output output = {0};
    struct board *board = make(&output);
    for (const char *c = "odd and even"; *c; c++) {
        command(board, UINT64_C(0x0101) << 48 | (uint8_t)*c);
        ck_assert_uint_eq(load_ram_u64(board, TOHOST), 0);
        ck_assert_uint_eq(load_ram_u64(board, FROMHOST), 0); /* Spike does not answer */
    }
    ck_assert_str_eq(output.text, "odd and even");
    ck_assert_uint_eq(output.port, 1);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    board_destroy(board);
}
END_TEST

START_TEST(console_input)
{
    struct board *board = make(NULL);
    command(board, UINT64_C(0x0100) << 48);
    ck_assert_uint_eq(load_ram_u64(board, FROMHOST), 0); /* nothing there */
    ck_assert_uint_eq(board_console_port(board), 1);
    board_input(board, INPUT_CONSOLE, 1, (const uint8_t *)"xy", 2);
    ck_assert_uint_eq(load_ram_u64(board, FROMHOST), UINT64_C(0x0100) << 48 | 0x100 | 'x');
    command(board, UINT64_C(0x0100) << 48); /* the answer has not been taken yet */
    ck_assert_uint_eq(load_ram_u64(board, FROMHOST), UINT64_C(0x0100) << 48 | 0x100 | 'x');
    guest_store(board, FROMHOST, 0, 8);
    ck_assert_uint_eq(load_ram_u64(board, FROMHOST), UINT64_C(0x0100) << 48 | 0x100 | 'y');
    board_destroy(board);
}
END_TEST

START_TEST(system_calls)
{
    struct output output = {0};
    struct board *board = make(&output);
    store_ram(board, TEXT, "written", 7);
    ck_assert_uint_eq(system_call(board, 64, 1, TEXT, 7), 7);
    ck_assert_uint_eq(load_ram_u64(board, FROMHOST), 1);
    ck_assert_uint_eq(load_ram_u64(board, TOHOST), 0);
    guest_store(board, FROMHOST, 0, 8);
    ck_assert_uint_eq(system_call(board, 64, 2, TEXT, 1), 1);
    ck_assert_str_eq(output.text, "writtenw");
    ck_assert_int_eq((int64_t)system_call(board, 64, 0, TEXT, 1), -9);
    ck_assert_int_eq((int64_t)system_call(board, 64, 1, 0, 1), -14);
    ck_assert_int_eq((int64_t)system_call(board, 56, 0, TEXT, 7), -38);
    uint64_t end = BOARD_RAM_BASE + FIXTURE_RAM_BYTES;
    ck_assert_uint_eq(system_call(board, 64, 1, end - 1024, UINT64_MAX), 1024);
    ck_assert_uint_eq(system_call(board, 64, 1, BOARD_RAM_BASE, UINT64_MAX), 1 << 20);
    ck_assert_int_eq((int64_t)system_call(board, 64, 1, UINT64_MAX - 1, UINT64_MAX), -14);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    system_call(board, 93, 3, 0, 0);
    ck_assert_int_eq(board_halt(board).reason, HALT_HTIF);
    ck_assert_uint_eq(board_halt(board).status, 3);
    board_destroy(board);
}
END_TEST

START_TEST(hostile_words)
{
    static const uint64_t words[] = {
        2,
        UINT64_C(0x0000fffffffffffe),
        UINT64_C(0x00ff000000000000),
        UINT64_C(0x0001000000000000),
        UINT64_C(0x02ffffffffffffff),
        UINT64_C(0xfffffffffffffffe),
        UINT64_C(0x01ffffffffffffff),
        BOARD_RAM_BASE + FIXTURE_RAM_BYTES - 8,
        TOHOST,
        FROMHOST,
    };
    struct board *board = make(NULL);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        command(board, words[i]);
        ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    }
    board_destroy(board);
}
END_TEST

START_TEST(without_the_symbols_nothing_is_special)
{
    struct board *board = make_board(NULL);
    guest_store(board, TOHOST, 1, 8);
    guest_store(board, BOARD_RAM_BASE, 1, 8);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        an_odd_value_ends_the_run,
        halves_and_other_words,
        console_output,
        console_input,
        system_calls,
        hostile_words,
        without_the_symbols_nothing_is_special,
    };
    return RUN_SUITE("htif", tests);
}

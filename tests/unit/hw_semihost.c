/* Semihosting: operations by number, arguments in guest memory, input that is waited for. */
#include "hw_fixture.h"

enum operation {
    OPEN = 0x01,
    CLOSE = 0x02,
    WRITEC = 0x03,
    WRITE0 = 0x04,
    WRITE = 0x05,
    READ = 0x06,
    READC = 0x07,
    ISERROR = 0x08,
    ISTTY = 0x09,
    SEEK = 0x0a,
    FLEN = 0x0c,
    REMOVE = 0x0e,
    CLOCK = 0x10,
    TIME = 0x11,
    SYSTEM = 0x12,
    ERRNO = 0x13,
    GET_CMDLINE = 0x15,
    HEAPINFO = 0x16,
    EXIT = 0x18,
    EXIT_EXTENDED = 0x20,
    ELAPSED = 0x30,
    TICKFREQ = 0x31,
};

static const uint64_t BLOCK = 0x80400000, TEXT = 0x80500000, FAILED = UINT64_MAX;

/* Where `size_bytes` bytes end at the last of RAM. */
static uint64_t ram_end(void) { return BOARD_RAM_BASE + FIXTURE_RAM_BYTES; }

static enum host_call try_call(struct board *board, uint64_t operation, uint64_t argument)
{
    struct bus bus = bus_of(board);
    struct hart_state *state = engine_hart(board_engine(board), 0);
    state->x[10] = operation;
    state->x[11] = argument;
    return bus.host_call(bus.owner, 0, board_now(board));
}

static uint64_t call(struct board *board, uint64_t operation, uint64_t argument)
{
    ck_assert_int_eq(try_call(board, operation, argument), HOST_CALL_DONE);
    return engine_hart(board_engine(board), 0)->x[10];
}

/* An operation whose argument is a block of up to three words. */
static uint64_t call_block(struct board *board, uint64_t operation, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t words[3] = {a, b, c};
    store_ram(board, BLOCK, words, sizeof words);
    return call(board, operation, BLOCK);
}

static uint64_t open_file(struct board *board, const char *name, uint64_t mode)
{
    store_ram(board, TEXT, name, strlen(name));
    return call_block(board, OPEN, TEXT, mode, strlen(name));
}

static void type(struct board *board, const char *text)
{
    board_input(board, INPUT_CONSOLE, 1, (const uint8_t *)text, strlen(text));
    board_settle(board);
}

START_TEST(characters_and_strings)
{
    struct output output = {0};
    struct board *board = make_board(&output);
    store_ram(board, TEXT, "Hello, world\n", 14);
    ck_assert_uint_eq(call(board, WRITEC, TEXT), 0);
    call(board, WRITE0, TEXT + 1);
    ck_assert_str_eq(output.text, "Hello, world\n");
    ck_assert_uint_eq(output.port, 1);
    store_ram(board, TEXT + PAGE_BYTES - 3, "across", 7); /* two pages */
    call(board, WRITE0, TEXT + PAGE_BYTES - 3);
    ck_assert_str_eq(output.text, "Hello, world\nacross");
    board_destroy(board);
}
END_TEST

START_TEST(the_console_is_three_handles)
{
    struct output output = {0};
    struct board *board = make_board(&output);
    uint64_t in = open_file(board, ":tt", 0), out = open_file(board, ":tt", 4), err = open_file(board, ":tt", 8);
    ck_assert(in != out && out != err && in != FAILED && err != FAILED);
    store_ram(board, TEXT, "out,err", 7);
    ck_assert_uint_eq(call_block(board, WRITE, out, TEXT, 4), 0);
    ck_assert_uint_eq(call_block(board, WRITE, err, TEXT + 4, 3), 0);
    ck_assert_str_eq(output.text, "out,err");
    ck_assert_uint_eq(call_block(board, WRITE, in, TEXT, 3), 3); /* not written */
    ck_assert_uint_eq(call_block(board, READ, out, TEXT, 3), 3); /* not read */
    ck_assert_uint_eq(call_block(board, ISTTY, in, 0, 0), 1);
    ck_assert_uint_eq(call_block(board, SEEK, in, 0, 0), FAILED);
    ck_assert_uint_eq(call_block(board, FLEN, in, 0, 0), FAILED);
    ck_assert_uint_eq(call_block(board, CLOSE, in, 0, 0), 0);
    ck_assert_uint_eq(call_block(board, CLOSE, 77, 0, 0), FAILED);
    ck_assert_uint_eq(call(board, ERRNO, 0), 9);
    board_destroy(board);
}
END_TEST

START_TEST(a_read_waits_for_input)
{
    struct board *board = make_board(NULL);
    ck_assert_int_eq(try_call(board, READC, 0), HOST_CALL_WAIT);
    ck_assert_uint_eq(engine_hart(board_engine(board), 0)->x[10], READC); /* to be made again */
    engine_hart(board_engine(board), 0)->waiting = 1;                     /* as the engine does */
    ck_assert(board_idle(board));
    ck_assert_uint_eq(board_console_port(board), 1);
    ck_assert_uint_eq(board_input_room(board, INPUT_CONSOLE, 1), 256);
    type(board, "abcd");
    ck_assert(!board_idle(board));
    ck_assert_uint_eq(board_console_port(board), 0);
    ck_assert_uint_eq(board_input_room(board, INPUT_CONSOLE, 1), 252);
    ck_assert_uint_eq(call(board, READC, 0), 'a');
    uint64_t in = open_file(board, ":tt", 0);
    ck_assert_uint_eq(call_block(board, READ, in, TEXT, 10), 7); /* what there is; 7 are missing */
    char text[4] = "";
    ck_assert(engine_ram_load(board_engine(board), TEXT, text, 3));
    ck_assert_str_eq(text, "bcd");
    uint64_t words[3] = {in, TEXT, 1};
    store_ram(board, BLOCK, words, sizeof words);
    ck_assert_int_eq(try_call(board, READ, BLOCK), HOST_CALL_WAIT);
    ck_assert_uint_eq(board_console_port(board), 1);
    ck_assert_uint_eq(call_block(board, READ, in, TEXT, 0), 0); /* it has turned to something else */
    ck_assert_uint_eq(board_console_port(board), 0);
    board_destroy(board);
}
END_TEST

START_TEST(a_full_queue_takes_no_more)
{
    struct board *board = make_board(NULL);
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[0] = 'a', text[255] = 'b', text[256] = 'c', text[sizeof text - 1] = 0;
    type(board, text);
    ck_assert_uint_eq(board_input_room(board, INPUT_CONSOLE, 1), 0);
    for (unsigned i = 0; i < 256; i++)
        ck_assert_int_eq((char)call(board, READC, 0), text[i]);
    ck_assert_int_eq(try_call(board, READC, 0), HOST_CALL_WAIT);
    board_destroy(board);
}
END_TEST

START_TEST(a_read_to_nowhere_loses_nothing)
{
    struct board *board = make_board(NULL);
    uint64_t in = open_file(board, ":tt", 0);
    type(board, "abc");
    ck_assert_uint_eq(call_block(board, READ, in, ram_end() - 1, 3), 2); /* one byte fits */
    ck_assert_uint_eq(call_block(board, READ, in, BOARD_UART_BASE, 3), 3);
    ck_assert_uint_eq(call(board, ERRNO, 0), 14);
    ck_assert_uint_eq(call(board, READC, 0), 'b');
    board_destroy(board);
}
END_TEST

START_TEST(the_features_file)
{
    struct board *board = make_board(NULL);
    uint8_t bytes[5];
    uint64_t file = open_file(board, ":semihosting-features", 0);
    ck_assert_uint_ne(file, FAILED);
    ck_assert_uint_eq(call_block(board, FLEN, file, 0, 0), 5);
    ck_assert_uint_eq(call_block(board, ISTTY, file, 0, 0), 0);
    ck_assert_uint_eq(call_block(board, READ, file, TEXT, 4), 0);
    ck_assert_uint_eq(call_block(board, READ, file, TEXT + 4, 4), 3);
    ck_assert_uint_eq(call_block(board, READ, file, TEXT + 5, 4), 4); /* its end */
    ck_assert(engine_ram_load(board_engine(board), TEXT, bytes, 5));
    ck_assert_mem_eq(bytes, "SHFB\x03", 5);
    ck_assert_uint_eq(call_block(board, SEEK, file, 4, 0), 0);
    ck_assert_uint_eq(call_block(board, SEEK, file, 6, 0), FAILED);
    ck_assert_uint_eq(call_block(board, READ, file, TEXT, 1), 0);
    ck_assert_uint_eq(call_block(board, WRITE, file, TEXT, 1), 1);
    ck_assert_uint_eq(open_file(board, ":semihosting-features", 4), FAILED);
    board_destroy(board);
}
END_TEST

START_TEST(files_of_the_host_are_out_of_reach)
{
    struct board *board = make_board(NULL);
    static const char *const names[] = {"/etc/passwd", "x", "", ":tt2", ":t"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_uint_eq(open_file(board, names[i], 0), FAILED);
    ck_assert_uint_eq(open_file(board, ":tt", 12), FAILED);
    ck_assert_uint_eq(call_block(board, OPEN, TEXT, 0, UINT64_MAX), FAILED);
    ck_assert_uint_eq(call_block(board, REMOVE, TEXT, 3, 0), FAILED);
    ck_assert_uint_eq(call(board, ERRNO, 0), 13);
    ck_assert_uint_eq(call_block(board, SYSTEM, TEXT, 3, 0), FAILED);
    ck_assert_uint_eq(call(board, 0x99, 0), FAILED);
    ck_assert_uint_eq(call(board, UINT64_MAX, 0), FAILED);
    ck_assert_uint_eq(call(board, 0x101, 0), FAILED); /* not 0x01 */
    board_destroy(board);
}
END_TEST

START_TEST(time_is_virtual)
{
    struct board *board = make_board(NULL);
    pass_to(board, UINT64_C(3210000000));
    ck_assert_uint_eq(call(board, CLOCK, 0), 321);
    ck_assert_uint_eq(call(board, TIME, 0), FIXTURE_EPOCH_NS / 1000000000 + 3);
    ck_assert_uint_eq(call(board, TICKFREQ, 0), 1000000000);
    ck_assert_uint_eq(call(board, ELAPSED, BLOCK), 0);
    ck_assert_uint_eq(load_ram_u64(board, BLOCK), UINT64_C(3210000000));
    ck_assert_uint_eq(call(board, ELAPSED, 0), FAILED);
    board_destroy(board);
}
END_TEST

START_TEST(the_command_line)
{
    struct board *board = make_board(NULL);
    char text[32];
    ck_assert_uint_eq(call_block(board, GET_CMDLINE, TEXT, 15, 0), 0);
    ck_assert_uint_eq(load_ram_u64(board, BLOCK + 8), 14);
    ck_assert(engine_ram_load(board_engine(board), TEXT, text, 15));
    ck_assert_str_eq(text, "kernel one two");
    ck_assert_uint_eq(call_block(board, GET_CMDLINE, TEXT, 14, 0), FAILED);
    ck_assert_uint_eq(call_block(board, HEAPINFO, TEXT, 0, 0), 0);
    ck_assert_uint_eq(load_ram_u64(board, TEXT), 0);
    board_destroy(board);
}
END_TEST

START_TEST(errors_are_negative)
{
    struct board *board = make_board(NULL);
    ck_assert_uint_eq(call_block(board, ISERROR, 0, 0, 0), 0);
    ck_assert_uint_eq(call_block(board, ISERROR, 5, 0, 0), 0);
    ck_assert_uint_eq(call_block(board, ISERROR, FAILED, 0, 0), 1);
    board_destroy(board);
}
END_TEST

START_TEST(exits)
{
    static const struct {
        uint64_t operation, reason, code, status;
    } cases[] = {
        {EXIT, 0x20026, 0, 0},          {EXIT, 0x20026, 42, 42},  {EXIT, 0x20023, 0, 1},
        {EXIT_EXTENDED, 0x20026, 5, 5}, {EXIT_EXTENDED, 3, 5, 1}, {EXIT, 0x20026, UINT64_MAX, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct board *board = make_board(NULL);
        call_block(board, cases[i].operation, cases[i].reason, cases[i].code, 0);
        ck_assert_int_eq(board_halt(board).reason, HALT_SEMIHOSTING);
        ck_assert_uint_eq(board_halt(board).status, cases[i].status);
        board_destroy(board);
    }
    struct board *board = make_board(NULL); /* as a program for 32 bits says it */
    call(board, EXIT, 0x20026);
    ck_assert_uint_eq(board_halt(board).status, 0);
    ck_assert_int_eq(board_halt(board).reason, HALT_SEMIHOSTING);
    board_destroy(board);
}
END_TEST

START_TEST(pointers_to_nowhere)
{
    static const uint64_t nowhere[] = {0, 1, 0x10000000, 0x80000000 - 4, UINT64_MAX, UINT64_MAX - 7, UINT64_C(1) << 63};
    struct output output = {0};
    struct board *board = make_board(&output);
    for (uint64_t operation = 0; operation < 0x40; operation++)
        for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++)
            if (operation != READC)
                ck_assert_int_eq(try_call(board, operation, nowhere[i]), HOST_CALL_DONE);
    store_ram(board, ram_end() - 3, "end", 3); /* no zero before the end of RAM */
    call(board, WRITE0, ram_end() - 3);
    ck_assert_str_eq(output.text, "end");
    ck_assert_uint_eq(call(board, WRITE, ram_end() - 8), FAILED); /* half a block */
    uint64_t out = open_file(board, ":tt", 4);
    ck_assert_uint_eq(call_block(board, WRITE, out, ram_end() - 3, UINT64_MAX), UINT64_MAX - 3);
    ck_assert_uint_eq(call_block(board, WRITE, out, UINT64_MAX - 1, 8), 8);
    board_destroy(board);
}
END_TEST

START_TEST(one_call_puts_out_a_bounded_amount)
{
    struct board *board = make_board(NULL);
    uint64_t out = open_file(board, ":tt", 4);
    ck_assert_uint_eq(call_block(board, WRITE, out, BOARD_RAM_BASE, 3 << 20), 2 << 20); /* the rest next time */
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        characters_and_strings,
        the_console_is_three_handles,
        a_read_waits_for_input,
        a_full_queue_takes_no_more,
        a_read_to_nowhere_loses_nothing,
        the_features_file,
        files_of_the_host_are_out_of_reach,
        time_is_virtual,
        the_command_line,
        errors_are_negative,
        exits,
        pointers_to_nowhere,
        one_call_puts_out_a_bounded_amount,
    };
    return RUN_SUITE("semihost", tests);
}

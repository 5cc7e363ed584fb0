/* The UART as its drivers see it: Linux's 8250, OpenSBI, U-Boot. One table of accesses a behaviour. */
#include "hw_fixture.h"

/* ---- tables ------------------------------------------------------------------------------------------------------------ */

enum { RBR = 0, THR = 0, DLL = 0, IER = 1, DLM = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

enum action {
    W,      /* write `value` to register `at` */
    R,      /* register `at` reads `value` */
    IN,     /* `value` bytes come from the line: the letters from 'a' on */
    LISTEN, /* LSR is read `value` times */
    ROOM,   /* there is room for `value` */
    LEVEL,  /* the interrupt line is at `value` */
    TIME,   /* `value` nanoseconds pass */
};

struct step {
    enum action action;
    unsigned at;
    uint64_t value;
};

static void take(struct board *board, const struct step *step, int line)
{
    static const uint8_t letters[] = "abcdefghijklmnopqrstuvwxyz";
    uint64_t address = BOARD_UART_BASE + step->at, found = 0;
    switch (step->action) {
    case W:
        store(board, address, 1, step->value);
        return;
    case IN:
        board_input(board, INPUT_CONSOLE, 0, letters, step->value);
        return;
    case TIME:
        pass(board, step->value);
        return;
    case R:
        found = load(board, address, 1);
        break;
    case LISTEN:
        for (uint64_t i = 0; i < step->value; i++)
            load(board, BOARD_UART_BASE + LSR, 1);
        return;
    case ROOM:
        found = board_input_room(board, INPUT_CONSOLE, 0);
        break;
    case LEVEL:
        found = irq_level(board, part_table[PART_UART].irq);
        break;
    }
    ck_assert_msg(found == step->value, "step %d: %#llx, expected %#llx", line, (unsigned long long)found,
                  (unsigned long long)step->value);
}

static void play(struct board *board, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        take(board, &steps[i], (int)i);
}

/* Plays a table on a new board; what must have left it. */
static void expect(const struct step *steps, size_t count, const char *text)
{
    struct output output = {0};
    struct board *board = make_board(&output);
    play(board, steps, count);
    ck_assert_str_eq(output.text, text);
    board_destroy(board);
}

#define EXPECT(steps, text) expect(steps, sizeof(steps) / sizeof((steps)[0]), text)

/* At power-on: 115200 baud, 8 bits would be LCR 3; LCR 0 is 5 data bits and one stop bit: 7 bit times a character. */
enum { CHARACTER_7_NS = 7 * 16 * 2 * 1000000000ull / 3686400, CHARACTER_10_NS = 10 * 16 * 2 * 1000000000ull / 3686400 };

/* ---- behaviours -------------------------------------------------------------------------------------------------------- */

START_TEST(power_on)
{
    static const struct step steps[] = {
        {R, IER, 0},    {R, IIR, 1},    {R, LCR, 0},     {R, MCR, 0},  {R, LSR, 0x60}, {R, MSR, 0xb0},
        {R, SCR, 0},    {R, RBR, 0},    {W, LCR, 128},   {R, DLL, 2},  {R, DLM, 0},    {W, LCR, 0},
        {W, SCR, 0xa5}, {R, SCR, 0xa5}, {LISTEN, 0, 20}, {ROOM, 0, 1}, {LEVEL, 0, 0},
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(bytes_leave_at_once)
{
    static const struct step steps[] = {
        {W, THR, 'h'}, {R, LSR, 0x60}, {W, THR, 'i'}, {R, LSR, 0x60}, {W, FCR, 1}, {W, THR, '!'}, {R, LSR, 0x60},
    };
    EXPECT(steps, "hi!");
}
END_TEST

/* 8250_port.c: serial8250_THRE_test and autoconfig's like of it. */
START_TEST(enabling_the_empty_transmitter_interrupt_raises_it_each_time)
{
    static const struct step steps[] = {
        {W, IER, 2},   {LEVEL, 0, 1},  {R, IIR, 0x02}, {R, IIR, 0x01}, {LEVEL, 0, 0}, /* reading IIR takes it back */
        {W, IER, 0},   {W, IER, 2},    {R, IIR, 0x02}, {R, IIR, 0x01},                /* asserted anew */
        {W, IER, 2},   {R, IIR, 0x01},                                                /* not by writing the same */
        {W, THR, 'x'}, {LEVEL, 0, 1},  {R, IIR, 0x02}, {LEVEL, 0, 0},                 /* and by being emptied */
        {W, IER, 0},   {W, THR, 'y'},  {LEVEL, 0, 0},
    };
    EXPECT(steps, "xy");
}
END_TEST

START_TEST(without_fifos_there_is_one_place)
{
    static const struct step steps[] = {
        {W, IER, 5},
        {IN, 0, 1},
        {ROOM, 0, 0},
        {LEVEL, 0, 1},
        {R, IIR, 0x04},
        {R, LSR, 0x61},
        {R, RBR, 'a'},
        {R, LSR, 0x60},
        {LEVEL, 0, 0},
        {ROOM, 0, 1},
        /* an overrun overwrites it, and line status comes before data */
        {IN, 0, 2},
        {R, IIR, 0x06},
        {R, LSR, 0x63},
        {R, LSR, 0x61},
        {R, IIR, 0x04},
        {R, RBR, 'b'},
        {R, IIR, 0x01},
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(the_fifo_keeps_what_it_has)
{
    static const struct step steps[] = {
        {W, FCR, 0x01}, {LISTEN, 0, 20}, {ROOM, 0, 16},  {IN, 0, 15},    {ROOM, 0, 1},   {IN, 0, 1},
        {ROOM, 0, 0},   {R, LSR, 0x61},  {IN, 0, 1},     {R, LSR, 0x63}, {R, LSR, 0x61}, {R, RBR, 'a'},
        {ROOM, 0, 1},   {R, RBR, 'b'},   {W, FCR, 0x03}, {R, LSR, 0x60}, {ROOM, 0, 16},  {R, RBR, 0}, /* cleared */
        {IN, 0, 3},     {W, FCR, 0x00},  {R, LSR, 0x60}, {ROOM, 0, 1}, /* and by switching */
        {IN, 0, 1},     {W, FCR, 0x02},  {R, LSR, 0x61},               /* clearing counts with FIFOs on only */
        {W, FCR, 0x01}, {R, LSR, 0x60},
    };
    EXPECT(steps, "");
}
END_TEST

/* What an interrupt-driven driver, a start-up, a printing loop and a polling loop look like from outside. */
START_TEST(who_does_not_listen_is_not_spoken_to)
{
    static const struct step steps[] = {
        {ROOM, 0, 0}, {W, IER, 1},    {ROOM, 0, 1}, {W, IER, 0},   {ROOM, 0, 0},
        {W, FCR, 1},  {R, LSR, 0x60}, {R, RBR, 0},  {R, IIR, 193}, {ROOM, 0, 0},
    };
    struct output output = {0};
    struct board *board = make_board(&output);
    play(board, steps, sizeof steps / sizeof steps[0]);
    static const struct step look = {R, LSR, 0x60}, send = {W, THR, '.'}, deaf = {ROOM, 0, 0}, listens = {ROOM, 0, 16};
    for (int i = 0; i < 100; i++) {
        for (int c = 0; c < 10; c++) {
            take(board, &look, i);
            take(board, &send, i);
        }
        take(board, &look, i); /* and once at the end of the line */
    }
    take(board, &deaf, 0);
    for (int i = 0; i < 100; i++) { /* prints all the time, and looks in between */
        take(board, &look, i);
        take(board, &look, i);
        take(board, &send, i);
    }
    take(board, &listens, 0);
    board_destroy(board);
}
END_TEST

START_TEST(the_fifo_wraps)
{
    struct board *board = make_board(NULL);
    static const struct step enable = {W, FCR, 1}, three[] = {{IN, 0, 3}, {R, RBR, 'a'}, {R, RBR, 'b'}, {R, RBR, 'c'}};
    play(board, &enable, 1);
    for (int round = 0; round < 40; round++)
        play(board, three, 4);
    board_destroy(board);
}
END_TEST

START_TEST(the_trigger_level_counts)
{
    static const struct {
        unsigned fcr, trigger;
    } levels[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xc1, 14}};
    for (size_t i = 0; i < 4; i++) {
        const struct step steps[] = {
            {W, IER, 1},   {W, FCR, levels[i].fcr}, {IN, 0, levels[i].trigger - 1},
            {LEVEL, 0, 0}, {R, IIR, 0xc1},          {IN, 0, 1},
            {LEVEL, 0, 1}, {R, IIR, 0xc4},          {R, RBR, 'a'},
            {LEVEL, 0, 0}, {R, IIR, 0xc1},
        };
        EXPECT(steps, "");
    }
}
END_TEST

START_TEST(characters_that_lie_in_the_fifo_time_out)
{
    static const struct step steps[] = {
        {W, IER, 1},
        {W, FCR, 0x81},
        {W, LCR, 3},
        {IN, 0, 2},
        {TIME, 0, 4 * CHARACTER_10_NS - 1},
        {R, IIR, 0xc1},
        {LEVEL, 0, 0},
        {TIME, 0, 1},
        {LEVEL, 0, 1},
        {R, IIR, 0xcc},
        {R, IIR, 0xcc},
        {R, RBR, 'a'},
        {R, IIR, 0xc1},
        {LEVEL, 0, 0}, /* reading starts the time anew */
        {TIME, 0, 4 * CHARACTER_10_NS - 1},
        {R, IIR, 0xc1},
        {IN, 0, 1},
        {TIME, 0, 1},
        {R, IIR, 0xc1}, /* and so does another character */
        {TIME, 0, 4 * CHARACTER_10_NS - 1},
        {R, IIR, 0xcc},
        {R, RBR, 'b'},
        {R, RBR, 'a'},
        {TIME, 0, 8 * CHARACTER_10_NS},
        {R, IIR, 0xc1}, /* nothing left */
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(the_timeout_depends_on_the_line)
{
    static const struct step steps[] = {
        {W, IER, 1},
        {W, FCR, 0x81},
        {IN, 0, 1},
        {TIME, 0, 4 * CHARACTER_7_NS - 1},
        {R, IIR, 0xc1},
        {TIME, 0, 1},
        {R, IIR, 0xcc},
        /* 9600 baud, 8 bits, parity, 2 stop bits: 12 bit times of 1/9600 s */
        {R, RBR, 'a'},
        {W, LCR, 0x8f},
        {W, DLL, 24},
        {W, DLM, 0},
        {W, LCR, 0x0f},
        {IN, 0, 1},
        {TIME, 0, 4999999},
        {R, IIR, 0xc1},
        {TIME, 0, 1},
        {R, IIR, 0xcc},
        /* a divisor of 0 is no division by 0 */
        {R, RBR, 'a'},
        {W, LCR, 0x80},
        {W, DLL, 0},
        {W, LCR, 0x00},
        {IN, 0, 1},
        {TIME, 0, 2 * CHARACTER_7_NS},
        {R, IIR, 0xcc},
        {R, RBR, 'a'},
        {W, LCR, 0x80},
        {W, DLL, 0xff},
        {W, DLM, 0xff},
        {R, DLL, 0xff},
        {R, DLM, 0xff},
        {W, LCR, 0x1f},
        {IN, 0, 1},
    };
    EXPECT(steps, "");
}
END_TEST

/* 8250_port.c, autoconfig: is there a UART at all? */
START_TEST(loopback)
{
    static const struct step steps[] = {
        {W, MCR, 0x1a},  {R, MSR, 0x92}, {R, MSR, 0x90}, {R, MCR, 0x1a}, /* DCD and CTS from OUT2 and RTS; DSR went */
        {W, FCR, 1},     {W, THR, 'z'},  {W, THR, 'y'},  {R, LSR, 0x61}, {R, RBR, 'z'},
        {R, RBR, 'y'},   {R, LSR, 0x60}, {ROOM, 0, 0},   {IN, 0, 3},     {R, LSR, 0x60}, /* the line is not heard */
        {W, MCR, 0x14},  {R, MSR, 0x49}, {W, MCR, 0x10}, {R, MSR, 0x04},                 /* RI counts when it ends */
        {W, MCR, 0x11},  {R, MSR, 0x22}, {W, MCR, 0x00}, {R, MSR, 0xb9}, {R, MSR, 0xb0},
        {LISTEN, 0, 20}, {ROOM, 0, 16},  {W, THR, '.'},
    };
    EXPECT(steps, ".");
}
END_TEST

START_TEST(modem_status_interrupts)
{
    static const struct step steps[] = {
        {W, IER, 8}, {R, IIR, 1}, {LEVEL, 0, 0},  {W, MCR, 0x10}, {LEVEL, 0, 1},
        {R, IIR, 0}, {R, IIR, 0}, {R, MSR, 0x0b}, {LEVEL, 0, 0},  {R, IIR, 1},
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(priorities)
{
    static const struct step steps[] = {
        {W, MCR, 0x10}, {W, MCR, 0},    {W, FCR, 1},    {W, IER, 15},
        {IN, 0, 17},    {R, IIR, 0xc6}, {R, LSR, 0x63}, /* overrun */
        {R, IIR, 0xc4}, {W, FCR, 0x03},                 /* data */
        {R, IIR, 0xc2},                                 /* transmitter */
        {R, IIR, 0xc0}, {R, MSR, 0xbb},                 /* modem */
        {R, IIR, 0xc1},
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(masked_bits)
{
    static const struct step steps[] = {
        {W, IER, 0xf0}, {R, IER, 0},    {W, MCR, 0xe0}, {R, MCR, 0},
        {W, LSR, 0xff}, {R, LSR, 0x60}, {W, MSR, 0xff}, {R, MSR, 0xb0},
    };
    EXPECT(steps, "");
}
END_TEST

START_TEST(widths_and_windows)
{
    struct board *board = make_board(NULL);
    uint64_t value;
    store(board, BOARD_UART_BASE + SCR, 1, 0x5a);
    ck_assert_uint_eq(load(board, BOARD_UART_BASE + 4, 4), 0);
    ck_assert_uint_eq(load(board, BOARD_UART_BASE + 0, 8), 0);
    ck_assert(!try_load(board, BOARD_UART_BASE + SCR, 2, &value)); /* misaligned */
    ck_assert(!try_load(board, BOARD_UART_BASE + 8, 1, &value));
    ck_assert(!try_store(board, BOARD_UART_BASE + 0xff, 1, 0));
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        power_on,
        bytes_leave_at_once,
        enabling_the_empty_transmitter_interrupt_raises_it_each_time,
        without_fifos_there_is_one_place,
        the_fifo_keeps_what_it_has,
        who_does_not_listen_is_not_spoken_to,
        the_fifo_wraps,
        the_trigger_level_counts,
        characters_that_lie_in_the_fifo_time_out,
        the_timeout_depends_on_the_line,
        loopback,
        modem_status_interrupts,
        priorities,
        masked_bits,
        widths_and_windows,
    };
    return RUN_SUITE("uart", tests);
}

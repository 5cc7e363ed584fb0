/* The real-time clock, its alarm, and the test finisher. */
#include "hw_fixture.h"

enum {
    TIME_LOW = 0x00,
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08,
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
};

static uint64_t get(struct board *board, unsigned offset) { return load(board, BOARD_RTC_BASE + offset, 4); }

static void set(struct board *board, unsigned offset, uint64_t value)
{
    store(board, BOARD_RTC_BASE + offset, 4, value);
}

static uint64_t time_now(struct board *board)
{
    uint64_t low = get(board, TIME_LOW);
    return get(board, TIME_HIGH) << 32 | low;
}

/* As Linux's goldfish driver: the high half first. */
static void set_alarm(struct board *board, uint64_t when)
{
    set(board, ALARM_HIGH, when >> 32);
    set(board, ALARM_LOW, when & 0xffffffff);
}

static bool line(struct board *board) { return irq_level(board, part_table[PART_RTC].irq); }

START_TEST(time_is_the_epoch_plus_virtual_time)
{
    struct board *board = make_board(NULL);
    ck_assert_uint_eq(time_now(board), FIXTURE_EPOCH_NS);
    pass_to(board, 987654321);
    ck_assert_uint_eq(time_now(board), FIXTURE_EPOCH_NS + 987654321);
    board_destroy(board);
}
END_TEST

START_TEST(the_high_half_is_held)
{
    struct board *board = make_board(NULL);
    set(board, TIME_HIGH, 5);
    set(board, TIME_LOW, 0xffffffff);
    ck_assert_uint_eq(get(board, TIME_LOW), 0xffffffff);
    pass(board, 1);
    ck_assert_uint_eq(get(board, TIME_HIGH), 5);
    ck_assert_uint_eq(get(board, TIME_LOW), 0);
    ck_assert_uint_eq(get(board, TIME_HIGH), 6);
    board_destroy(board);
}
END_TEST

START_TEST(the_alarm_rings_in_time)
{
    struct board *board = make_board(NULL);
    set(board, IRQ_ENABLED, 1);
    set_alarm(board, FIXTURE_EPOCH_NS + 5000);
    ck_assert_uint_eq(get(board, ALARM_STATUS), 1);
    ck_assert_uint_eq(get(board, ALARM_HIGH) << 32 | get(board, ALARM_LOW), FIXTURE_EPOCH_NS + 5000);
    pass_to(board, 4999);
    ck_assert(!line(board));
    pass_to(board, 5000);
    ck_assert(line(board));
    ck_assert_uint_eq(get(board, ALARM_STATUS), 0);
    set(board, IRQ_ENABLED, 0);
    ck_assert(!line(board));
    set(board, IRQ_ENABLED, 1);
    ck_assert(line(board));
    set(board, CLEAR_INTERRUPT, 1);
    ck_assert(!line(board));
    board_destroy(board);
}
END_TEST

START_TEST(an_alarm_in_the_past_rings_now)
{
    struct board *board = make_board(NULL);
    pass_to(board, 100);
    set(board, IRQ_ENABLED, 1);
    set_alarm(board, FIXTURE_EPOCH_NS + 100);
    ck_assert(line(board));
    ck_assert_uint_eq(get(board, ALARM_STATUS), 0);
    board_destroy(board);
}
END_TEST

START_TEST(a_cleared_alarm_does_not_ring)
{
    struct board *board = make_board(NULL);
    set(board, IRQ_ENABLED, 1);
    set_alarm(board, FIXTURE_EPOCH_NS + 5000);
    set(board, CLEAR_ALARM, 1);
    ck_assert_uint_eq(get(board, ALARM_STATUS), 0);
    pass_to(board, 6000);
    ck_assert(!line(board));
    board_destroy(board);
}
END_TEST

START_TEST(the_alarm_follows_a_new_time)
{
    struct board *board = make_board(NULL);
    set(board, IRQ_ENABLED, 1);
    set_alarm(board, FIXTURE_EPOCH_NS + 5000);
    set(board, TIME_LOW, (FIXTURE_EPOCH_NS & 0xffffffff) + 4000);
    ck_assert_uint_eq(time_now(board), FIXTURE_EPOCH_NS + 4000);
    pass_to(board, 1000);
    ck_assert(line(board));
    board_destroy(board);
}
END_TEST

START_TEST(an_alarm_at_the_end_of_time)
{
    struct board *board = make_board(NULL);
    store(board, BOARD_CLINT_BASE + 0x4000, 8, UINT64_MAX);
    set_alarm(board, UINT64_MAX);
    ck_assert_uint_eq(get(board, ALARM_STATUS), 1);
    ck_assert_uint_eq(board_next_event(board).ns, UINT64_MAX - FIXTURE_EPOCH_NS);
    pass_to(board, 1000);
    set(board, TIME_HIGH, 0); /* now it is further away than virtual time lasts */
    set(board, TIME_LOW, 0);
    ck_assert_uint_eq(board_next_event(board).ns, VTIME_NEVER.ns);
    board_destroy(board);
}
END_TEST

START_TEST(rtc_widths_and_windows)
{
    struct board *board = make_board(NULL);
    uint64_t value;
    ck_assert_uint_eq(get(board, 0x20), 0);
    set(board, 0x20, 1);
    ck_assert(!try_load(board, BOARD_RTC_BASE + 0x24, 4, &value) && !try_store(board, BOARD_RTC_BASE + 0xffc, 4, 0));
    ck_assert(!try_load(board, BOARD_RTC_BASE, 8, &value) && !try_load(board, BOARD_RTC_BASE, 2, &value));
    board_destroy(board);
}
END_TEST

START_TEST(the_finisher_ends_the_run)
{
    static const struct {
        uint64_t value;
        unsigned size_bytes;
        enum halt_reason reason;
        uint64_t status;
    } cases[] = {
        {0x5555, 4, HALT_POWEROFF, 0},     {0x5555, 2, HALT_POWEROFF, 0}, {0x2a3333, 4, HALT_FAIL, 42},
        {0x3333, 4, HALT_FAIL, 1},         {0x3333, 2, HALT_FAIL, 1},     {0xffff3333, 4, HALT_FAIL, 65535},
        {0x7777, 4, HALT_RESET, 0},        {0x5554, 4, HALT_NONE, 0},     {0, 4, HALT_NONE, 0},
        {0x77775555, 4, HALT_POWEROFF, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct board *board = make_board(NULL);
        store(board, BOARD_FINISHER_BASE, cases[i].size_bytes, cases[i].value);
        ck_assert_int_eq(board_halt(board).reason, cases[i].reason);
        ck_assert_uint_eq(board_halt(board).status, cases[i].status);
        store(board, BOARD_FINISHER_BASE, 4, 0x773333); /* the first reason stays */
        if (cases[i].reason != HALT_NONE)
            ck_assert_int_eq(board_halt(board).reason, cases[i].reason);
        board_destroy(board);
    }
}
END_TEST

START_TEST(finisher_widths_and_windows)
{
    struct board *board = make_board(NULL);
    uint64_t value;
    ck_assert_uint_eq(load(board, BOARD_FINISHER_BASE, 4), 0);
    store(board, BOARD_FINISHER_BASE + 4, 4, 0x5555);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    ck_assert(!try_store(board, BOARD_FINISHER_BASE, 8, 0x5555) && !try_store(board, BOARD_FINISHER_BASE, 1, 0x55));
    ck_assert(!try_load(board, BOARD_FINISHER_BASE, 8, &value));
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    board_destroy(board);
}
END_TEST

START_TEST(the_power_button_ends_the_run)
{
    struct board *board = make_board(NULL);
    ck_assert_uint_eq(board_input_room(board, INPUT_POWER, 0), 1);
    board_input(board, INPUT_POWER, 0, (const uint8_t *)"", 1);
    ck_assert_int_eq(board_halt(board).reason, HALT_POWEROFF);
    ck_assert_int_eq(board_run(board, icount_of(1000)), BOARD_HALTED);
    ck_assert_uint_eq(board_now(board).n, 0);
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        time_is_the_epoch_plus_virtual_time, the_high_half_is_held,         the_alarm_rings_in_time,
        an_alarm_in_the_past_rings_now,      a_cleared_alarm_does_not_ring, the_alarm_follows_a_new_time,
        an_alarm_at_the_end_of_time,         rtc_widths_and_windows,        the_finisher_ends_the_run,
        finisher_widths_and_windows,         the_power_button_ends_the_run,
    };
    return RUN_SUITE("rtc", tests);
}

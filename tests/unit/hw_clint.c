/* Time and its comparators: mtime, mtimecmp, msip, and stimecmp of Sstc. */
#include "hw_fixture.h"

enum { MSIP = 0x0, MTIMECMP = 0x4000, MTIME = 0xbff8, TICK = 100 };

static uint64_t reg(uint64_t offset) { return BOARD_CLINT_BASE + offset; }

static struct board *make_harts(unsigned nharts)
{
    static const uint32_t spin = 0x0000006f;
    struct board_config config = fixture_config(&spin, sizeof spin);
    config.nharts = nharts;
    return make_board_of(&config, NULL);
}

START_TEST(software_interrupts)
{
    struct board *board = make_harts(2);
    uint64_t value;
    store(board, reg(MSIP + 4), 4, 0xffffffff);
    ck_assert_uint_eq(load(board, reg(MSIP + 4), 4), 1);
    ck_assert_uint_eq(load(board, reg(MSIP), 4), 0);
    ck_assert(mip(board, 1, MIP_MSIP) && !mip(board, 0, MIP_MSIP));
    store(board, reg(MSIP + 4), 4, 2);
    ck_assert(!mip(board, 1, MIP_MSIP));
    store(board, reg(MSIP + 8), 4, 1); /* hart 2 is not there */
    ck_assert_uint_eq(load(board, reg(MSIP + 8), 4), 0);
    ck_assert(!try_load(board, reg(MSIP), 8, &value) && !try_store(board, reg(MSIP), 8, 1));
    ck_assert(!try_load(board, reg(MSIP), 1, &value));
    board_destroy(board);
}
END_TEST

START_TEST(mtime_is_virtual_time)
{
    struct board *board = make_board(NULL);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), 0);
    pass_to(board, 12399);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), 123);
    pass_to(board, UINT64_C(0x123456789) * TICK);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), 0x123456789);
    ck_assert_uint_eq(load(board, reg(MTIME), 4), 0x23456789);
    ck_assert_uint_eq(load(board, reg(MTIME + 4), 4), 0x1);
    board_destroy(board);
}
END_TEST

START_TEST(the_line_is_up_from_the_nanosecond_on)
{
    struct board *board = make_board(NULL);
    ck_assert(mip(board, 0, MIP_MTIP)); /* mtimecmp is 0 at power-on, as on QEMU's board */
    store(board, reg(MTIMECMP), 8, 1000);
    ck_assert_uint_eq(load(board, reg(MTIMECMP), 8), 1000);
    ck_assert(!mip(board, 0, MIP_MTIP));
    ck_assert_uint_eq(board_next_event(board).ns, 1000 * TICK);
    pass_to(board, 1000 * TICK - 1);
    ck_assert(!mip(board, 0, MIP_MTIP));
    pass_to(board, 1000 * TICK);
    ck_assert(mip(board, 0, MIP_MTIP));
    pass_to(board, 5000 * TICK);
    ck_assert(mip(board, 0, MIP_MTIP)); /* and stays */
    store(board, reg(MTIMECMP), 8, 5000);
    ck_assert(mip(board, 0, MIP_MTIP)); /* mtime >= mtimecmp */
    store(board, reg(MTIMECMP), 8, 5001);
    ck_assert(!mip(board, 0, MIP_MTIP));
    board_destroy(board);
}
END_TEST

START_TEST(halves)
{
    struct board *board = make_board(NULL);
    store(board, reg(MTIMECMP), 8, UINT64_C(0x1111111122222222));
    store(board, reg(MTIMECMP), 4, 0x33333333);
    ck_assert_uint_eq(load(board, reg(MTIMECMP), 8), UINT64_C(0x1111111133333333));
    store(board, reg(MTIMECMP + 4), 4, 0x44444444);
    ck_assert_uint_eq(load(board, reg(MTIMECMP), 8), UINT64_C(0x4444444433333333));
    ck_assert_uint_eq(load(board, reg(MTIMECMP + 4), 4), 0x44444444);
    pass_to(board, 700);
    store(board, reg(MTIME + 4), 4, 9);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), UINT64_C(0x900000007));
    store(board, reg(MTIME), 4, 0xfffffff0);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), UINT64_C(0x9fffffff0));
    board_destroy(board);
}
END_TEST

START_TEST(never_is_not_soon)
{
    struct board *board = make_board(NULL);
    static const uint64_t far[] = {UINT64_MAX, UINT64_MAX / TICK + 1, UINT64_C(1) << 63};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        pass(board, 12345);
        store(board, reg(MTIMECMP), 8, far[i]);
        ck_assert_uint_eq(board_next_event(board).ns, VTIME_NEVER.ns);
        ck_assert(!mip(board, 0, MIP_MTIP));
    }
    board_destroy(board);
}
END_TEST

START_TEST(mtime_can_be_written)
{
    struct board *board = make_board(NULL);
    store(board, reg(MTIMECMP), 8, 1000);
    pass_to(board, 50);
    store(board, reg(MTIME), 8, 990);
    ck_assert_uint_eq(board_next_event(board).ns, 10 * TICK); /* ticks are those of virtual time */
    pass_to(board, 10 * TICK);
    ck_assert(mip(board, 0, MIP_MTIP));
    store(board, reg(MTIME), 8, 5);
    ck_assert(!mip(board, 0, MIP_MTIP));
    ck_assert_uint_eq(board_next_event(board).ns, (10 + 995) * TICK);
    board_destroy(board);
}
END_TEST

START_TEST(mtime_wraps)
{
    struct board *board = make_board(NULL);
    store(board, reg(MTIMECMP), 8, 10);
    store(board, reg(MTIME), 8, UINT64_MAX - 1);
    ck_assert(mip(board, 0, MIP_MTIP));
    pass_to(board, 2 * TICK - 1);
    ck_assert(mip(board, 0, MIP_MTIP));
    pass_to(board, 2 * TICK);
    ck_assert_uint_eq(load(board, reg(MTIME), 8), 0);
    ck_assert(!mip(board, 0, MIP_MTIP));
    pass_to(board, 12 * TICK);
    ck_assert(mip(board, 0, MIP_MTIP));
    board_destroy(board);
}
END_TEST

START_TEST(the_earliest_hart_is_woken_first)
{
    struct board *board = make_harts(3);
    for (unsigned hart = 0; hart < 3; hart++)
        store(board, reg(MTIMECMP + 8 * hart), 8, 300 - 100 * hart);
    for (unsigned hart = 3; hart-- > 0;) {
        pass_to(board, (300 - 100 * hart) * TICK - 1);
        ck_assert(!mip(board, hart, MIP_MTIP));
        pass(board, 1);
        ck_assert(mip(board, hart, MIP_MTIP));
    }
    ck_assert_uint_eq(load(board, reg(MTIMECMP + 24), 8), 0);
    board_destroy(board);
}
END_TEST

static void set_stimecmp(struct board *board, uint64_t stimecmp, bool stce)
{
    struct bus bus = bus_of(board);
    struct hart_state *state = engine_hart(board_engine(board), 0);
    state->stimecmp = stimecmp;
    state->menvcfg = stce ? UINT64_C(1) << 63 : 0;
    bus.timer_changed(bus.owner, 0, board_now(board));
}

START_TEST(stimecmp_compares_when_enabled)
{
    struct board *board = make_board(NULL);
    store(board, reg(MTIMECMP), 8, UINT64_MAX);
    set_stimecmp(board, 0, false);
    ck_assert(!mip(board, 0, MIP_STIP));
    set_stimecmp(board, 0, true);
    ck_assert(mip(board, 0, MIP_STIP));
    set_stimecmp(board, 500, true);
    ck_assert(!mip(board, 0, MIP_STIP));
    ck_assert_uint_eq(board_next_event(board).ns, 500 * TICK);
    pass_to(board, 500 * TICK);
    ck_assert(mip(board, 0, MIP_STIP) && !mip(board, 0, MIP_MTIP));
    store(board, reg(MTIME), 8, 7); /* the time CSR is mtime */
    ck_assert(!mip(board, 0, MIP_STIP));
    ck_assert_uint_eq(board_next_event(board).ns, (500 + 493) * TICK);
    set_stimecmp(board, 500, false);
    ck_assert_uint_eq(board_next_event(board).ns, VTIME_NEVER.ns);
    set_stimecmp(board, UINT64_MAX, true);
    ck_assert_uint_eq(board_next_event(board).ns, VTIME_NEVER.ns);
    board_destroy(board);
}
END_TEST

START_TEST(holes_and_ends)
{
    struct board *board = make_board(NULL);
    uint64_t value;
    ck_assert_uint_eq(load(board, reg(0x8000), 8), 0);
    store(board, reg(0x8000), 4, 1);
    ck_assert(!try_load(board, reg(0xc000), 4, &value) && !try_store(board, reg(0xfffc), 4, 0));
    ck_assert(!try_load(board, reg(MTIMECMP + 4), 8, &value));
    ck_assert(!try_load(board, reg(MTIMECMP), 2, &value));
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        software_interrupts,
        mtime_is_virtual_time,
        the_line_is_up_from_the_nanosecond_on,
        halves,
        never_is_not_soon,
        mtime_can_be_written,
        mtime_wraps,
        the_earliest_hart_is_woken_first,
        stimecmp_compares_when_enabled,
        holes_and_ends,
    };
    return RUN_SUITE("clint", tests);
}

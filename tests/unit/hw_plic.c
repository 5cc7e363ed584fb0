/* The interrupt controller, by tables of accesses. */
#include "hw_fixture.h"

enum action {
    DRIVE,    /* line `at` goes to `value` */
    PRIORITY, /* source `at` gets priority `value` */
    ENABLE,   /* context `at` gets the first word of enables `value` */
    LIMIT,    /* context `at` gets threshold `value` */
    CLAIM,    /* context `at` is given `value` */
    COMPLETE, /* context `at` completes `value` */
    PENDING,  /* the first word of pending bits is `value` */
    MEIP,     /* hart `at`'s line is at `value` */
    SEIP,
};

struct step {
    enum action action;
    unsigned at;
    uint32_t value;
};

static uint64_t context_register(unsigned context, unsigned offset)
{
    return BOARD_PLIC_BASE + 0x200000 + context * 0x1000 + offset;
}

static void take(struct board *board, const struct step *step, size_t index)
{
    uint64_t found = step->value;
    switch (step->action) {
    case DRIVE:
        plic_drive(board_device(board, PART_PLIC), step->at, step->value);
        break;
    case PRIORITY:
        store(board, BOARD_PLIC_BASE + step->at * 4, 4, step->value);
        break;
    case ENABLE:
        store(board, BOARD_PLIC_BASE + 0x2000 + step->at * 0x80, 4, step->value);
        break;
    case LIMIT:
        store(board, context_register(step->at, 0), 4, step->value);
        break;
    case COMPLETE:
        store(board, context_register(step->at, 4), 4, step->value);
        break;
    case CLAIM:
        found = load(board, context_register(step->at, 4), 4);
        break;
    case PENDING:
        found = load(board, BOARD_PLIC_BASE + 0x1000, 4);
        break;
    case MEIP:
        found = mip(board, step->at, MIP_MEIP);
        break;
    case SEIP:
        found = mip(board, step->at, MIP_SEIP);
        break;
    }
    ck_assert_msg(found == step->value, "step %zu: %#llx, expected %#x", index, (unsigned long long)found, step->value);
}

static struct board *make_harts(unsigned nharts)
{
    static const uint32_t spin = 0x0000006f;
    struct board_config config = fixture_config(&spin, sizeof spin);
    config.nharts = nharts;
    return make_board_of(&config, NULL);
}

static void expect(const struct step *steps, size_t count)
{
    struct board *board = make_harts(2);
    for (size_t i = 0; i < count; i++)
        take(board, &steps[i], i);
    board_destroy(board);
}

#define EXPECT(steps) expect(steps, sizeof(steps) / sizeof((steps)[0]))

START_TEST(a_request_is_served_once)
{
    static const struct step steps[] = {
        {PRIORITY, 10, 1}, {ENABLE, 1, 1 << 10}, {SEIP, 0, 0},    {DRIVE, 10, 1},  {PENDING, 0, 1 << 10}, {SEIP, 0, 1},
        {MEIP, 0, 0},      {SEIP, 1, 0},         {CLAIM, 1, 10},  {PENDING, 0, 0}, {SEIP, 0, 0},          {CLAIM, 1, 0},
        {DRIVE, 10, 0},    {DRIVE, 10, 1},       {PENDING, 0, 0}, /* the gateway is shut */
        {DRIVE, 10, 0},    {COMPLETE, 1, 10},    {PENDING, 0, 0}, {SEIP, 0, 0},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(a_level_that_stays_up_comes_again)
{
    static const struct step steps[] = {
        {PRIORITY, 10, 1}, {ENABLE, 0, 1 << 10}, {DRIVE, 10, 1},        {CLAIM, 0, 10},
        {MEIP, 0, 0},      {COMPLETE, 0, 10},    {PENDING, 0, 1 << 10}, {MEIP, 0, 1},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(a_pending_request_stays_when_its_level_goes)
{
    static const struct step steps[] = {
        {PRIORITY, 3, 1}, {ENABLE, 0, 1 << 3}, {DRIVE, 3, 1},    {DRIVE, 3, 0},   {PENDING, 0, 1 << 3},
        {MEIP, 0, 1},     {CLAIM, 0, 3},       {COMPLETE, 0, 3}, {PENDING, 0, 0},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(the_highest_priority_comes_first_and_the_lowest_number_of_equals)
{
    static const struct step steps[] = {
        {PRIORITY, 3, 2},   {PRIORITY, 4, 5}, {PRIORITY, 5, 5}, {PRIORITY, 6, 0}, {PRIORITY, 7, 1},
        {ENABLE, 0, 0x78}, /* 3..6, not 7 */
        {DRIVE, 3, 1},      {DRIVE, 4, 1},    {DRIVE, 5, 1},    {DRIVE, 6, 1},    {DRIVE, 7, 1},
        {CLAIM, 0, 4},      {CLAIM, 0, 5},    {CLAIM, 0, 3},    {CLAIM, 0, 0}, /* priority 0 never */
        {PENDING, 0, 0xc0},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(a_threshold_hides_lines_but_not_claims)
{
    static const struct step steps[] = {
        {PRIORITY, 3, 2}, {ENABLE, 0, 8},   {DRIVE, 3, 1}, {LIMIT, 0, 1}, {MEIP, 0, 1}, {LIMIT, 0, 2},    {MEIP, 0, 0},
        {CLAIM, 0, 3},    {COMPLETE, 0, 3}, {MEIP, 0, 0},  {LIMIT, 0, 0}, {MEIP, 0, 1}, {PRIORITY, 3, 0}, {MEIP, 0, 0},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(only_who_has_it_enabled_completes)
{
    static const struct step steps[] = {
        {PRIORITY, 3, 1},          {ENABLE, 0, 8},   {DRIVE, 3, 1},    {CLAIM, 0, 3},    {COMPLETE, 1, 3},
        {PENDING, 0, 0},           {COMPLETE, 0, 4}, {PENDING, 0, 0},  {COMPLETE, 0, 0}, {COMPLETE, 0, 96},
        {COMPLETE, 0, 0xffffffff}, {PENDING, 0, 0},  {COMPLETE, 0, 3}, {PENDING, 0, 8},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(contexts_are_apart)
{
    static const struct step steps[] = {
        {PRIORITY, 3, 1}, {PRIORITY, 4, 2}, {ENABLE, 0, 8}, {ENABLE, 1, 16}, {ENABLE, 2, 8}, {ENABLE, 3, 16},
        {LIMIT, 3, 2},    {DRIVE, 3, 1},    {MEIP, 0, 1},   {SEIP, 0, 0},    {MEIP, 1, 1},   {SEIP, 1, 0},
        {DRIVE, 4, 1},    {SEIP, 0, 1},     {SEIP, 1, 0},   {CLAIM, 2, 3},   {MEIP, 0, 0},   {MEIP, 1, 0},
        {CLAIM, 0, 0},    {COMPLETE, 0, 3}, {MEIP, 1, 1},
    };
    EXPECT(steps);
}
END_TEST

START_TEST(registers_hold_what_they_can)
{
    struct board *board = make_harts(1);
    uint64_t value;
    store(board, BOARD_PLIC_BASE + 4, 4, 0xffffffff);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 4, 4), 7);
    store(board, BOARD_PLIC_BASE, 4, 7);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE, 4), 0); /* there is no source 0 */
    store(board, BOARD_PLIC_BASE + 95 * 4, 4, 3);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 95 * 4, 4), 3);
    store(board, BOARD_PLIC_BASE + 96 * 4, 4, 3);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 96 * 4, 4), 0);
    for (unsigned word = 0; word < 3; word++)
        store(board, BOARD_PLIC_BASE + 0x2080 + word * 4, 4, 0xffffffff);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 0x2080, 4), 0xfffffffe);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 0x2088, 4), 0xffffffff);
    store(board, BOARD_PLIC_BASE + 0x208c, 4, 1);
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 0x208c, 4), 0);
    store(board, context_register(1, 0), 4, 0xff);
    ck_assert_uint_eq(load(board, context_register(1, 0), 4), 7);
    store(board, BOARD_PLIC_BASE + 0x1000, 4, 0xff); /* pending is read-only */
    ck_assert_uint_eq(load(board, BOARD_PLIC_BASE + 0x1000, 4), 0);
    store(board, context_register(2, 0), 4, 1); /* hart 1 is not there */
    ck_assert_uint_eq(load(board, context_register(2, 0), 4), 0);
    store(board, BOARD_PLIC_BASE + 0x5ffffc, 4, 1);
    ck_assert(!try_load(board, BOARD_PLIC_BASE, 8, &value));
    ck_assert(!try_load(board, BOARD_PLIC_BASE, 1, &value));
    ck_assert(!try_load(board, BOARD_PLIC_BASE + 0x600000, 4, &value));
    board_destroy(board);
}
END_TEST

START_TEST(every_source_arrives)
{
    struct board *board = make_harts(1);
    for (unsigned word = 0; word < 3; word++)
        store(board, BOARD_PLIC_BASE + 0x2000 + word * 4, 4, 0xffffffff);
    for (unsigned source = 1; source < BOARD_PLIC_SOURCES; source++) {
        store(board, BOARD_PLIC_BASE + source * 4, 4, 1 + source % 7);
        plic_drive(board_device(board, PART_PLIC), source, true);
        ck_assert(mip(board, 0, MIP_MEIP));
        ck_assert_uint_eq(load(board, context_register(0, 4), 4), source);
        ck_assert(!mip(board, 0, MIP_MEIP));
    }
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_request_is_served_once,
        a_level_that_stays_up_comes_again,
        a_pending_request_stays_when_its_level_goes,
        the_highest_priority_comes_first_and_the_lowest_number_of_equals,
        a_threshold_hides_lines_but_not_claims,
        only_who_has_it_enabled_completes,
        contexts_are_apart,
        registers_hold_what_they_can,
        every_source_arrives,
    };
    return RUN_SUITE("plic", tests);
}

/* The board: its map, and its loop with a program that lives on timer interrupts. */
#include "hw_fixture.h"
#include "random.h"

/* ---- map --------------------------------------------------------------------------------------------------------------- */

START_TEST(what_is_not_there_faults)
{
    static const uint64_t holes[] = {0,
                                     0xfff,
                                     0x10000,
                                     0xfffff,
                                     0x102000,
                                     0x1ffffff,
                                     0x2010000,
                                     0xbffffff,
                                     0xc600000,
                                     0xfffffff,
                                     0x10000100,
                                     0x7ffffff8,
                                     0x80000000 + FIXTURE_RAM_BYTES,
                                     UINT64_MAX,
                                     UINT64_MAX - 7,
                                     UINT64_C(1) << 56 | 0x10000000};
    struct board *board = make_board(NULL);
    uint64_t value;
    for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++)
        for (unsigned size_bytes = 1; size_bytes <= 8; size_bytes *= 2) {
            ck_assert_msg(!try_load(board, holes[i], size_bytes, &value), "%#llx", (unsigned long long)holes[i]);
            ck_assert_msg(!try_store(board, holes[i], size_bytes, 0), "%#llx", (unsigned long long)holes[i]);
        }
    board_destroy(board);
}
END_TEST

START_TEST(the_rom_reads_in_any_width_and_stays)
{
    struct board *board = make_board(NULL);
    const uint8_t *rom = board_placement(board)->rom;
    uint64_t whole = load(board, BOARD_MROM_BASE, 8), value;
    ck_assert_mem_eq(&whole, rom, 8);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(load(board, BOARD_MROM_BASE + i, 1), rom[i]);
    ck_assert_uint_eq(load(board, BOARD_MROM_BASE + 2, 2), rom[2] | (unsigned)rom[3] << 8);
    ck_assert_uint_eq(load(board, BOARD_MROM_BASE + BOARD_MROM_BYTES - 8, 8), 0);
    ck_assert(!try_load(board, BOARD_MROM_BASE + BOARD_MROM_BYTES - 4, 8, &value));
    store(board, BOARD_MROM_BASE, 8, ~whole);
    ck_assert_uint_eq(load(board, BOARD_MROM_BASE, 8), whole);
    ck_assert(!try_store(board, BOARD_MROM_BASE + BOARD_MROM_BYTES - 4, 8, 0));
    board_destroy(board);
}
END_TEST

START_TEST(windows_do_not_overlap)
{
    for (unsigned i = 0; i < PARTS; i++)
        for (unsigned j = 0; j < i; j++)
            ck_assert_msg(part_table[i].base + part_table[i].size_bytes <= part_table[j].base ||
                              part_table[j].base + part_table[j].size_bytes <= part_table[i].base,
                          "%s and %s", part_table[i].id, part_table[j].id);
    for (unsigned i = 0; i < PARTS; i++)
        ck_assert_uint_lt(part_table[i].irq, BOARD_PLIC_SOURCES);
}
END_TEST

START_TEST(absurd_machines_are_refused)
{
    static const uint32_t spin = 0x0000006f;
    struct board_config good = fixture_config(&spin, sizeof spin), bad[5];
    for (size_t i = 0; i < 5; i++)
        bad[i] = good;
    bad[0].nharts = 0;
    bad[1].nharts = HARTS_MAX + 1;
    bad[2].ram_size_bytes = 0;
    bad[3].ram_size_bytes = 4097;
    bad[4].ns_shift = 11;
    for (size_t i = 0; i < 5; i++) {
        struct board *board = NULL;
        err_t error = board_create(&bad[i], (struct board_world){0}, &board);
        ck_assert_int_eq(error.code, ERR_USAGE);
        ck_assert_ptr_null(board);
    }
}
END_TEST

START_TEST(there_are_no_other_inputs)
{
    struct board *board = make_board(NULL);
    ck_assert_uint_eq(board_input_room(board, INPUT_CONSOLE, 2), 0);
    ck_assert_uint_eq(board_input_room(board, INPUT_CONSOLE, UINT32_MAX), 0);
    ck_assert_uint_eq(board_input_room(board, (enum input_kind)77, 0), 0);
    board_input(board, INPUT_CONSOLE, 2, (const uint8_t *)"x", 1);
    board_input(board, (enum input_kind)77, 0, (const uint8_t *)"x", 1);
    ck_assert_int_eq(board_halt(board).reason, HALT_NONE);
    board_destroy(board);
}
END_TEST

/* ---- a program --------------------------------------------------------------------------------------------------------- */

/* Greets, sleeps in wfi, writes a T every 500 ticks, and the third time ends with code 42. */
static const uint32_t ticker[] = {
    0x00000297, /*       auipc t0, 0                    */
    0x05428293, /*       addi  t0, t0, handler          */
    0x30529073, /*       csrw  mtvec, t0                */
    0x02004437, /*       lui   s0, 0x2004      mtimecmp */
    0x0200c4b7, /*       lui   s1, 0x200c               */
    0xff84849b, /*       addiw s1, s1, -8      mtime    */
    0x10000937, /*       lui   s2, 0x10000     UART     */
    0x00300993, /*       li    s3, 3                    */
    0x024000ef, /*       jal   arm                      */
    0x08000293, /*       li    t0, 0x80                 */
    0x30429073, /*       csrw  mie, t0         MTIE     */
    0x30046073, /*       csrsi mstatus, 8      MIE      */
    0x03e00513, /*       li    a0, '>'                  */
    0x00a90023, /*       sb    a0, 0(s2)                */
    0x10500073, /* wait: wfi                            */
    0x001a0a13, /*       addi  s4, s4, 1                */
    0xff9ff06f, /*       j     wait                     */
    0x0004b283, /* arm:  ld    t0, 0(s1)                */
    0x1f428293, /*       addi  t0, t0, 500              */
    0x00543023, /*       sd    t0, 0(s0)                */
    0x00008067, /*       ret                            */
    0x05400513, /* handler: li a0, 'T'                  */
    0x00a90023, /*       sb    a0, 0(s2)                */
    0xfff98993, /*       addi  s3, s3, -1               */
    0x00098663, /*       beqz  s3, done                 */
    0xfe1ff0ef, /*       jal   arm                      */
    0x30200073, /*       mret                           */
    0x001002b7, /* done: lui   t0, 0x100       finisher */
    0x002a3337, /*       lui   t1, 0x2a3                */
    0x3333031b, /*       addiw t1, t1, 0x333            */
    0x0062a023, /*       sw    t1, 0(t0)                */
    0x0000006f, /*       j     .                        */
};

static struct board *make_ticker(struct output *output)
{
    struct board_config config = fixture_config(ticker, sizeof ticker);
    return make_board_of(&config, output);
}

static uint64_t hash_of(struct board *board)
{
    struct state_part parts[BOARD_PARTS_MAX];
    return state_hash(parts, board_parts(board, parts));
}

/* Runs to the end in pieces of at most `piece` instructions (0: random) and idles in pieces of `idle_ns`. */
static uint64_t finish(struct board *board, uint64_t piece, uint64_t idle_ns, uint64_t seed)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t count = piece ? piece : 1 + random_below(&seed, 40);
        enum board_stop stop = board_run(board, icount_of(board_now(board).n + count));
        if (stop == BOARD_HALTED)
            return hash_of(board);
        if (stop == BOARD_IDLE)
            board_idle_until(board, vtime_of(board_vtime(board).ns + idle_ns));
    }
    ck_abort_msg("the program does not end");
}

START_TEST(a_program_runs_to_its_end)
{
    struct output output = {0};
    struct board *board = make_ticker(&output);
    finish(board, UINT64_C(1) << 32, UINT64_C(1) << 32, 0);
    ck_assert_str_eq(output.text, ">TTT");
    ck_assert_int_eq(board_halt(board).reason, HALT_FAIL);
    ck_assert_uint_eq(board_halt(board).status, 42);
    /* three sleeps of 50 us each, from the mtime that the program read */
    ck_assert_uint_ge(board_vtime(board).ns, 150000);
    ck_assert_uint_lt(board_vtime(board).ns, 151000);
    ck_assert_uint_lt(board_now(board).n, 200);
    uint64_t pc = engine_hart(board_engine(board), 0)->pc; /* nothing ran behind the store that ended it */
    ck_assert_uint_eq(pc, board_placement(board)->kernel + 31 * 4);
    ck_assert_int_eq(board_run(board, ICOUNT_MAX), BOARD_HALTED);
    ck_assert_uint_eq(engine_hart(board_engine(board), 0)->pc, pc);
    board_destroy(board);
}
END_TEST

START_TEST(how_a_run_is_cut_into_pieces_does_not_show)
{
    struct board *board = make_ticker(NULL);
    uint64_t expected = finish(board, UINT64_C(1) << 32, UINT64_C(1) << 32, 0);
    board_destroy(board);
    static const uint64_t pieces[] = {1, 2, 3, 7, 0, 0, 0, 0};
    static const uint64_t idles[] = {50000, 1000, 777, 99, 12345, 11, 100, 49999};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        board = make_ticker(NULL);
        ck_assert_uint_eq(finish(board, pieces[i], idles[i], i), expected);
        board_destroy(board);
    }
}
END_TEST

START_TEST(idling_stops_at_the_next_event)
{
    struct board *board = make_ticker(NULL);
    ck_assert_int_eq(board_run(board, ICOUNT_MAX), BOARD_IDLE);
    ck_assert(board_idle(board));
    icount_t mark = board_now(board);
    vtime_t event = board_next_event(board);
    board_idle_until(board, vtime_of(event.ns - 1));
    ck_assert(board_idle(board));
    ck_assert_uint_eq(board_vtime(board).ns, event.ns - 1);
    board_idle_until(board, VTIME_NEVER);
    ck_assert(!board_idle(board));
    ck_assert_uint_eq(board_vtime(board).ns, event.ns);
    ck_assert_uint_eq(board_now(board).n, mark.n);
    /* settled: the interrupt has been taken */
    ck_assert_uint_eq(engine_hart(board_engine(board), 0)->pc, board_placement(board)->kernel + 21 * 4);
    board_idle_until(board, VTIME_NEVER); /* no more idle: nothing passes */
    ck_assert_uint_eq(board_vtime(board).ns, event.ns);
    board_destroy(board);
}
END_TEST

START_TEST(without_an_event_idling_does_not_end)
{
    static const uint32_t sleeper[] = {0x10500073, 0xffdff06f}; /* wfi; j back */
    struct board_config config = fixture_config(sleeper, sizeof sleeper);
    struct board *board = make_board_of(&config, NULL);
    ck_assert_int_eq(board_run(board, ICOUNT_MAX), BOARD_IDLE);
    ck_assert_uint_eq(board_next_event(board).ns, VTIME_NEVER.ns);
    uint64_t before = board_vtime(board).ns;
    board_idle_until(board, VTIME_NEVER);
    ck_assert_uint_eq(board_vtime(board).ns, before);
    board_idle_until(board, vtime_of(before + 5000)); /* but a part of it can pass */
    ck_assert_uint_eq(board_vtime(board).ns, before + 5000);
    ck_assert_int_eq(board_run(board, ICOUNT_MAX), BOARD_IDLE);
    board_destroy(board);
}
END_TEST

START_TEST(a_limit_is_exact)
{
    struct board *board = make_board(NULL); /* j . */
    for (uint64_t until = 0; until < 300; until += 1 + until / 7) {
        ck_assert_int_eq(board_run(board, icount_of(until)), BOARD_LIMIT);
        ck_assert_uint_eq(board_now(board).n, until);
    }
    uint64_t before = board_now(board).n;
    ck_assert_int_eq(board_run(board, icount_of(5)), BOARD_LIMIT); /* behind us */
    ck_assert_uint_eq(board_now(board).n, before);
    board_destroy(board);
}
END_TEST

/* In the middle of sleeping, working and ending: a copy goes on as the original does. */
START_TEST(a_restored_run_goes_on)
{
    struct output output = {0}, copied = {0};
    struct board *board = make_ticker(&output), *copy = make_ticker(&copied);
    uint64_t seed = 3;
    for (int i = 0; i < 1000 && board_halt(board).reason == HALT_NONE; i++) {
        struct state_part parts[BOARD_PARTS_MAX], parts_of_copy[BOARD_PARTS_MAX];
        if (board_run(board, icount_of(board_now(board).n + random_below(&seed, 10))) == BOARD_IDLE)
            board_idle_until(board, vtime_of(board_vtime(board).ns + random_below(&seed, 30000)));
        size_t count = board_parts(board, parts), size_bytes = state_size(parts, count);
        uint8_t *bytes = malloc(size_bytes);
        state_encode(parts, count, bytes);
        ck_assert(!err_is(state_decode(parts_of_copy, board_parts(copy, parts_of_copy), bytes, size_bytes)));
        free(bytes);
        board_restored(copy);
        ck_assert_uint_eq(board_now(copy).n, board_now(board).n);
        ck_assert_uint_eq(hash_of(copy), hash_of(board));
        copied.length = output.length;
        memcpy(copied.text, output.text, sizeof copied.text);
        finish(copy, 0, 1234, seed);
        ck_assert_str_eq(copied.text, ">TTT");
    }
    ck_assert_uint_eq(hash_of(copy), hash_of(board));
    board_destroy(board);
    board_destroy(copy);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_is_not_there_faults,
        the_rom_reads_in_any_width_and_stays,
        windows_do_not_overlap,
        absurd_machines_are_refused,
        there_are_no_other_inputs,
        a_program_runs_to_its_end,
        how_a_run_is_cut_into_pieces_does_not_show,
        idling_stops_at_the_next_event,
        without_an_event_idling_does_not_end,
        a_limit_is_exact,
        a_restored_run_goes_on,
    };
    return RUN_SUITE("board", tests);
}

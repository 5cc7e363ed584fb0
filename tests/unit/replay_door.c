/* The door's invariants, on a machine that does nothing but count. */
#include "replay/door.h"
#include "replay/session.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Lets the UART listen, then counts for ever: li t0, 0x10000000; li t1, 1; sb t1, 1(t0); addi t2, t2, 1; j .-4 */
static const uint32_t program[] = {0x100002b7, 0x00100313, 0x006280a3, 0x00138393, 0xffdff06f};
/* The same, but sleeps: wfi; j .-4 */
static const uint32_t sleeper[] = {0x100002b7, 0x00100313, 0x006280a3, 0x10500073, 0xffdff06f};

static struct board *make(const uint32_t *code, size_t size_bytes)
{
    struct board_config config = {
        .kernel = {"program", (const uint8_t *)code, size_bytes}, .ram_size_bytes = 16 << 20, .nharts = 1};
    struct board *board;
    struct board_world world = {NULL, NULL};
    ck_assert(!err_is(board_create(&config, world, &board)));
    return board;
}

static struct input_record input(uint64_t at, uint64_t when, const char *byte)
{
    return (struct input_record){icount_of(at), vtime_of(when), INPUT_CONSOLE, 0, (const uint8_t *)byte, 1};
}

static struct session recorded(const struct input_record *inputs, size_t count, uint64_t end)
{
    struct session session = {make(program, sizeof program), NULL};
    struct door_history history = {inputs, count, icount_of(end), vtime_of(end)};
    ck_assert(!err_is(door_open_recorded(history, &session.door)));
    return session;
}

static void close_session(struct session *session)
{
    door_free(session->door);
    board_destroy(session->board);
}

static enum session_stop run(struct session *session, uint64_t mark)
{
    enum session_stop stop;
    err_t error = session_run(session, session_mark(icount_of(mark)), &stop);
    char text[512];
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
    return stop;
}

static size_t room(const struct session *session) { return board_input_room(session->board, INPUT_CONSOLE, 0); }

/* ---- recorded ---------------------------------------------------------------------------------------------------------- */

START_TEST(an_input_enters_at_its_stamp)
{
    struct input_record inputs[] = {input(1000, 1000, "a"), input(1500, 1500, "b")};
    struct session session = recorded(inputs, 2, 5000);
    ck_assert_uint_eq(door_next(session.door, icount_of(0)).n, 1000);
    ck_assert_int_eq(run(&session, 999), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 0);
    ck_assert_uint_gt(room(&session), 0);
    ck_assert_int_eq(run(&session, 1000), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 1);
    ck_assert_uint_eq(room(&session), 0); /* no FIFO: one byte */
    ck_assert_uint_eq(door_next(session.door, icount_of(1000)).n, 1500);
    ck_assert_int_eq(run(&session, 4000), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 2);
    close_session(&session);
}
END_TEST

START_TEST(history_ends)
{
    struct session session = recorded(NULL, 0, 700);
    ck_assert_int_eq(run(&session, 600), SESSION_TARGET);
    ck_assert_int_eq(run(&session, 700), SESSION_OVER);
    ck_assert_int_eq(run(&session, 10000), SESSION_OVER);
    ck_assert_uint_eq(board_now(session.board).n, 700);
    close_session(&session);
}
END_TEST

static void diverges(struct session *session)
{
    enum session_stop stop;
    err_t error = session_run(session, session_mark(icount_of(5000)), &stop);
    ck_assert_int_eq(error.code, ERR_DIVERGED);
    close_session(session);
}

START_TEST(what_cannot_enter_has_diverged)
{
    struct input_record too_late = input(1000, 1001, "a"), too_early = input(1000, 999, "a");
    struct session session = recorded(&too_late, 1, 5000);
    diverges(&session);
    session = recorded(&too_early, 1, 5000);
    diverges(&session);
}
END_TEST

START_TEST(rewinding_lets_later_inputs_enter_again)
{
    struct input_record inputs[] = {input(1000, 1000, "a"), input(1000, 1000, "b"), input(1500, 1500, "c")};
    struct session session = recorded(inputs, 3, 5000);
    door_rewind(session.door, icount_of(999), true);
    ck_assert_uint_eq(door_next(session.door, icount_of(0)).n, 1000);
    door_rewind(session.door, icount_of(1000), true); /* a snapshot there has them in */
    ck_assert_uint_eq(door_next(session.door, icount_of(0)).n, 1500);
    ck_assert_uint_eq(door_inputs(session.door), 2);
    door_rewind(session.door, icount_of(4000), true);
    ck_assert_uint_eq(door_next(session.door, icount_of(0)).n, 5000);
    close_session(&session);
}
END_TEST

START_TEST(an_input_enters_while_all_sleep)
{
    struct input_record inputs[] = {input(0, 12345, "a"), input(0, 20000, "b")};
    struct session session = {make(sleeper, sizeof sleeper), NULL};
    enum board_stop stop = board_run(session.board, ICOUNT_MAX);
    ck_assert_int_eq(stop, BOARD_IDLE);
    uint64_t at = board_now(session.board).n;
    inputs[0].at = inputs[1].at = icount_of(at);
    struct door_history history = {inputs, 2, icount_of(at), vtime_of(30000)};
    ck_assert(!err_is(door_open_recorded(history, &session.door)));
    ck_assert_int_eq(run(&session, at + 100), SESSION_OVER); /* the UART's interrupt is not enabled: nothing wakes */
    ck_assert_uint_eq(door_inputs(session.door), 2);
    ck_assert_uint_eq(board_vtime(session.board).ns, 30000);
    ck_assert_uint_eq(board_now(session.board).n, at);
    close_session(&session);
}
END_TEST

START_TEST(pokes_divert)
{
    struct input_record inputs[] = {input(1000, 1000, "a"), input(3000, 3000, "b")};
    struct poke poke = {.at = icount_of(2000),
                        .when = vtime_of(2000),
                        .kind = POKE_REGISTER,
                        .reg_class = REG_X,
                        .number = 7,
                        .value = 1000000};
    struct session session = recorded(inputs, 2, 5000);
    door_divert(session.door, &poke, 1);
    ck_assert_int_eq(run(&session, 1999), SESSION_TARGET);
    struct hart_state *hart = engine_hart(board_engine(session.board), 0);
    ck_assert_uint_lt(hart->x[7], 2000);
    ck_assert_int_eq(run(&session, 2000), SESSION_TARGET);
    ck_assert_uint_eq(hart->x[7], 1000000);
    ck_assert_uint_eq(door_next(session.door, icount_of(2000)).n, ICOUNT_MAX.n);
    ck_assert_int_eq(run(&session, 9000), SESSION_TARGET); /* past the recorded end, and without the second input */
    ck_assert_uint_eq(door_inputs(session.door), 1);
    close_session(&session);
}
END_TEST

/* ---- live ---------------------------------------------------------------------------------------------------------------- */

/* A host that has something to say at its nth look. */
struct host {
    struct door *door;
    unsigned looks, speaks_at;
    const char *says;
    unsigned waits;
    vtime_t until; /* what wait() answers; 0: what it was asked */
};

static void look(void *owner, vtime_t now)
{
    struct host *host = owner;
    (void)now;
    if (++host->looks == host->speaks_at)
        door_offer(host->door, INPUT_CONSOLE, host->says, strlen(host->says));
}

static vtime_t wait(void *owner, vtime_t now, vtime_t until)
{
    struct host *host = owner;
    (void)now;
    host->waits++;
    return host->until.ns ? host->until : until;
}

static struct session live(struct host *host, const uint32_t *code, size_t size_bytes)
{
    struct session session = {make(code, size_bytes), NULL};
    struct door_host hooks = {host, look, wait};
    ck_assert(!err_is(door_open_live(hooks, NULL, &session.door)));
    host->door = session.door;
    return session;
}

START_TEST(the_host_is_looked_at_every_millisecond_or_so)
{
    struct host host = {.speaks_at = 0};
    struct session session = live(&host, program, sizeof program);
    ck_assert_int_eq(run(&session, 10000000), SESSION_TARGET);
    ck_assert_uint_ge(host.looks, 20);
    ck_assert_uint_le(host.looks, 200);
    close_session(&session);
}
END_TEST

START_TEST(offers_wait_for_room)
{
    struct host host = {.speaks_at = 2, .says = "hello"};
    struct session session = live(&host, program, sizeof program);
    ck_assert_int_eq(run(&session, 3000000), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 1); /* nobody takes the first byte away */
    ck_assert_uint_eq(door_waiting(session.door, INPUT_CONSOLE), 4);
    close_session(&session);
}
END_TEST

START_TEST(what_may_wait_is_bounded)
{
    static char much[1 << 20];
    struct host host = {.speaks_at = 0};
    struct session session = live(&host, program, sizeof program);
    size_t taken = door_offer(session.door, INPUT_CONSOLE, much, sizeof much);
    ck_assert_uint_lt(taken, sizeof much);
    ck_assert_uint_eq(door_offer(session.door, INPUT_CONSOLE, much, 1), 0);
    ck_assert_uint_eq(door_waiting(session.door, INPUT_CONSOLE), taken);
    close_session(&session);
}
END_TEST

START_TEST(nothing_enters_at_the_mark_of_a_snapshot)
{
    struct host host = {.speaks_at = 0};
    struct session session = live(&host, program, sizeof program);
    ck_assert_int_eq(run(&session, 1000), SESSION_TARGET);
    door_close(session.door, icount_of(1000));
    door_offer(session.door, INPUT_CONSOLE, "a", 1);
    ck_assert_int_eq(run(&session, 1000), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 0);
    ck_assert_int_eq(run(&session, 1001), SESSION_TARGET);
    ck_assert_uint_eq(door_inputs(session.door), 1);
    close_session(&session);
}
END_TEST

START_TEST(a_shut_door_ends_the_run)
{
    struct host host = {.speaks_at = 0};
    struct session session = live(&host, program, sizeof program);
    ck_assert_int_eq(run(&session, 1000), SESSION_TARGET);
    door_shut(session.door);
    ck_assert_int_eq(run(&session, 100000), SESSION_OVER);
    ck_assert_uint_eq(board_now(session.board).n, 1000);
    close_session(&session);
}
END_TEST

START_TEST(sleep_without_an_event_is_for_ever)
{
    struct host host = {.speaks_at = 0};
    struct session session = live(&host, sleeper, sizeof sleeper);
    ck_assert_int_eq(run(&session, 100000), SESSION_IDLE);
    ck_assert_uint_eq(host.waits, 1);
    close_session(&session);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("door");
    TCase *tcase = tcase_create("door");
    tcase_add_test(tcase, an_input_enters_at_its_stamp);
    tcase_add_test(tcase, history_ends);
    tcase_add_test(tcase, what_cannot_enter_has_diverged);
    tcase_add_test(tcase, rewinding_lets_later_inputs_enter_again);
    tcase_add_test(tcase, an_input_enters_while_all_sleep);
    tcase_add_test(tcase, pokes_divert);
    tcase_add_test(tcase, the_host_is_looked_at_every_millisecond_or_so);
    tcase_add_test(tcase, offers_wait_for_room);
    tcase_add_test(tcase, what_may_wait_is_bounded);
    tcase_add_test(tcase, nothing_enters_at_the_mark_of_a_snapshot);
    tcase_add_test(tcase, a_shut_door_ends_the_run);
    tcase_add_test(tcase, sleep_without_an_event_is_for_ever);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

/* Live runs: every way they end, what they cost in time, and that whatever was recorded replays. */
#include "oracle.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct run_report report;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The recording replays to the same end; its console goes to `console`. */
static void replays(const char *path, int console)
{
    struct recording *recording;
    struct recording_info info;
    struct run_report replayed;
    must(recording_open(path, &recording));
    must(recording_info(recording, &info));
    must(replay_run(recording, console, NULL, &replayed));
    ck_assert(info.complete);
    ck_assert_uint_eq(replayed.icount.n, report.icount.n);
    ck_assert_uint_eq(replayed.vtime.ns, report.vtime.ns);
    ck_assert_uint_eq(replayed.inputs, report.inputs);
    ck_assert_uint_eq(replayed.snapshots, report.snapshots);
    ck_assert_int_eq(replayed.end, report.end == RUN_HALTED ? RUN_HALTED : RUN_RECORDING_ENDS);
    ck_assert_int_eq(replayed.halt.reason, report.halt.reason);
    recording_close(recording);
    unlink(path);
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

START_TEST(a_guest_ends_its_run)
{
    struct take take = take_of("busy.elf", scratch(), "ax");
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_HALTED);
    ck_assert_int_eq(report.halt.reason, HALT_POWEROFF);
    ck_assert_uint_eq(report.inputs, 2);
    ck_assert_uint_gt(report.snapshots, 5);
    ck_assert_uint_gt(report.file_bytes, 1000);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(an_instruction_count_ends_it)
{
    struct take take = take_of("busy.elf", scratch(), "");
    take.options.max_icount = icount_of(123457);
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_MAX_ICOUNT);
    ck_assert_uint_eq(report.icount.n, 123457);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(no_instruction_at_all)
{
    struct take take = take_of("busy.elf", scratch(), "");
    take.options.max_icount = icount_of(0);
    must(take_run(&take, &report));
    ck_assert_uint_eq(report.icount.n, 0);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(nobody_will_ever_type)
{
    struct take take = take_of("busy.elf", scratch(), "ab");
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_IDLE_FOREVER);
    replays(take.options.record_path, -1);
}
END_TEST

static atomic_bool quit;

static void *quit_soon(void *nothing)
{
    usleep(150000);
    atomic_store(&quit, true);
    return nothing;
}

START_TEST(a_signal_ends_it_while_it_idles)
{
    struct take take = take_of("busy.elf", scratch(), NULL); /* waits for an x that does not come */
    pthread_t thread;
    take.options.quit = &quit;
    ck_assert_int_eq(pthread_create(&thread, NULL, quit_soon, NULL), 0);
    must(take_run(&take, &report));
    pthread_join(thread, NULL);
    ck_assert_int_eq(report.end, RUN_QUIT);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(a_signal_ends_it_while_it_runs)
{
    struct take take = take_of("endless.elf", scratch(), NULL);
    pthread_t thread;
    take.options.quit = &quit;
    take.options.snapshot_every = 0;
    ck_assert_int_eq(pthread_create(&thread, NULL, quit_soon, NULL), 0);
    must(take_run(&take, &report));
    pthread_join(thread, NULL);
    ck_assert_int_eq(report.end, RUN_QUIT);
    replays(take.options.record_path, -1);
}
END_TEST

/* The inputs are these bytes, however many came at once. */
static void was_typed(const char *path, const char *bytes)
{
    struct recording *recording;
    size_t ninputs, at = 0;
    must(recording_open(path, &recording));
    const struct input_record *inputs = recording_inputs(recording, &ninputs);
    for (size_t i = 0; i < ninputs; at += inputs[i++].size_bytes)
        ck_assert(at + inputs[i].size_bytes <= strlen(bytes) &&
                  memcmp(bytes + at, inputs[i].bytes, inputs[i].size_bytes) == 0);
    ck_assert_uint_eq(at, strlen(bytes));
    recording_close(recording);
}

START_TEST(escape_keys_end_it)
{
    struct take take = take_of("busy.elf", scratch(), "a\001\001b\001x");
    take.options.escape_keys = true;
    take.delay_us = 50000; /* the last key is not to come before the guest has taken the others */
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_QUIT);
    was_typed(take.options.record_path, "a\001b");
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(without_escape_keys_bytes_are_bytes)
{
    struct take take = take_of("busy.elf", scratch(), "\001x");
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_HALTED);
    was_typed(take.options.record_path, "\001x");
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(a_reader_that_went_away_ends_it)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    close(fds[0]);
    struct take take = take_of("endless.elf", scratch(), NULL);
    take.options.console_out = fds[1];
    must(take_run(&take, &report));
    ck_assert_int_eq(report.end, RUN_QUIT);
    close(fds[1]);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(a_full_disk_under_the_console_is_told)
{
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0)
        return;
    struct take take = take_of("endless.elf", scratch(), NULL);
    take.options.console_out = fd;
    err_t error = take_run(&take, &report);
    ck_assert_int_eq(error.code, ERR_IO);
    close(fd);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(an_existing_file_is_kept)
{
    struct take take = take_of("busy.elf", "busy.elf", "");
    take.options.force = false;
    err_t error = take_run(&take, &report);
    ck_assert_int_eq(error.code, ERR_EXISTS);
    ck_assert_int_eq(access("busy.elf", R_OK), 0);
}
END_TEST

/* ---- console ----------------------------------------------------------------------------------------------------------- */

static size_t contents(int fd, char *text, size_t room)
{
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    ssize_t got = read(fd, text, room);
    ck_assert_int_ge(got, 0);
    return (size_t)got;
}

START_TEST(a_replay_prints_the_same)
{
    char live[4096], again[4096], names[2][16] = {"console-XXXXXX", "console-XXXXXX"};
    int fds[2] = {mkstemp(names[0]), mkstemp(names[1])};
    struct take take = take_of("busy.elf", scratch(), "qrx");
    take.options.console_out = fds[0];
    must(take_run(&take, &report));
    replays(take.options.record_path, fds[1]);
    size_t size_bytes = contents(fds[0], live, sizeof live);
    ck_assert_uint_gt(size_bytes, 20);
    ck_assert_uint_eq(contents(fds[1], again, sizeof again), size_bytes);
    ck_assert_mem_eq(live, again, size_bytes);
    for (unsigned i = 0; i < 2; i++) {
        close(fds[i]);
        unlink(names[i]);
    }
}
END_TEST

struct slow_reader {
    int fd;
    size_t got;
};

static void *read_slowly(void *argument)
{
    struct slow_reader *reader = argument;
    char bytes[16];
    ssize_t got;
    while ((got = read(reader->fd, bytes, sizeof bytes)) > 0) {
        reader->got += (size_t)got;
        usleep(200);
    }
    return NULL;
}

START_TEST(a_slow_reader_gets_every_byte)
{
    int fds[2];
    pthread_t thread;
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0); /* as a shared terminal may be */
    struct slow_reader reader = {fds[0], 0};
    ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    struct take take = take_of("busy.elf", scratch(), "x");
    take.options.console_out = fds[1];
    must(take_run(&take, &report));
    close(fds[1]);
    pthread_join(thread, NULL);
    struct recording *recording;
    struct recording_info info;
    must(recording_open(take.options.record_path, &recording));
    must(recording_info(recording, &info));
    ck_assert_uint_eq(reader.got, info.console_bytes);
    recording_close(recording);
    replays(take.options.record_path, -1);
}
END_TEST

/* ---- time -------------------------------------------------------------------------------------------------------------- */

START_TEST(real_pace_waits_for_the_wall)
{
    struct take take = take_of("sleeper.elf", scratch(), NULL);
    take.options.pace_real = true;
    double began = seconds();
    must(take_run(&take, &report));
    ck_assert_double_ge(seconds() - began, 0.59);
    ck_assert_uint_ge(report.vtime.ns, 600000000);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(fast_pace_does_not)
{
    struct take take = take_of("sleeper.elf", scratch(), NULL);
    double began = seconds();
    must(take_run(&take, &report));
    ck_assert_double_le(seconds() - began, 0.5);
    ck_assert_uint_ge(report.vtime.ns, 600000000);
    replays(take.options.record_path, -1);
}
END_TEST

START_TEST(typing_during_sleep_is_stamped_inside_it)
{
    struct take take = take_of("sleeper.elf", scratch(), "abc");
    struct recording *recording;
    size_t count;
    take.options.pace_real = true;
    take.delay_us = 40000;
    must(take_run(&take, &report));
    must(recording_open(take.options.record_path, &recording));
    const struct input_record *inputs = recording_inputs(recording, &count);
    ck_assert_uint_eq(count, 3);
    for (size_t i = 1; i < count; i++)
        if (inputs[i].at.n == inputs[i - 1].at.n) /* asleep: the mark stands, time goes on */
            ck_assert_uint_gt(inputs[i].when.ns, inputs[i - 1].when.ns);
    recording_close(recording);
    replays(take.options.record_path, -1);
}
END_TEST

/* ---- divergence ---------------------------------------------------------------------------------------------------------- */

START_TEST(another_byte_is_noticed_and_named)
{
    struct take take = take_of("busy.elf", scratch(), "abx");
    struct recording *recording;
    size_t count;
    char text[640];
    must(take_run(&take, &report));
    must(recording_open(take.options.record_path, &recording));
    const struct input_record *inputs = recording_inputs(recording, &count);
    ck_assert_uint_eq(count, 3);
    *(uint8_t *)inputs[1].bytes ^= 1; /* as no honest run would */
    err_t error = replay_run(recording, -1, NULL, &report);
    ck_assert_int_eq(error.code, ERR_DIVERGED);
    err_format(error, text, sizeof text);
    ck_assert_msg(strstr(text, "diverged between") && strstr(text, "recorded 0x"), "%s", text);
    ck_assert_int_eq(err_exit_status(error), 70);
    recording_close(recording);
    unlink(take.options.record_path);
}
END_TEST

START_TEST(an_input_that_cannot_enter_is_noticed)
{
    struct take take = take_of("busy.elf", scratch(), "abx");
    struct recording *recording;
    size_t count;
    must(take_run(&take, &report));
    must(recording_open(take.options.record_path, &recording));
    struct input_record *inputs = (struct input_record *)recording_inputs(recording, &count);
    inputs[0].at = icount_of(10); /* where no guest idles yet: time does not stand apart from the mark */
    inputs[0].when = vtime_of(10 + 1000);
    ck_assert_int_eq(replay_run(recording, -1, NULL, &report).code, ERR_DIVERGED);
    recording_close(recording);
    unlink(take.options.record_path);
}
END_TEST

static bool stop_at_once(void *context, const char *what, icount_t done, icount_t total, uint64_t executed)
{
    (void)context;
    (void)what;
    (void)done;
    (void)total;
    (void)executed;
    return false;
}

START_TEST(progress_can_break_a_replay_off)
{
    struct take take = take_of("busy.elf", scratch(), "x");
    struct progress progress = {NULL, stop_at_once};
    struct recording *recording;
    must(take_run(&take, &report));
    must(recording_open(take.options.record_path, &recording));
    must(replay_run(recording, -1, &progress, &report));
    ck_assert_int_eq(report.end, RUN_QUIT);
    recording_close(recording);
    unlink(take.options.record_path);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_guest_ends_its_run,
        an_instruction_count_ends_it,
        no_instruction_at_all,
        nobody_will_ever_type,
        a_signal_ends_it_while_it_idles,
        a_signal_ends_it_while_it_runs,
        escape_keys_end_it,
        without_escape_keys_bytes_are_bytes,
        a_reader_that_went_away_ends_it,
        a_full_disk_under_the_console_is_told,
        an_existing_file_is_kept,
        a_replay_prints_the_same,
        a_slow_reader_gets_every_byte,
        real_pace_waits_for_the_wall,
        fast_pace_does_not,
        typing_during_sleep_is_stamped_inside_it,
        another_byte_is_noticed_and_named,
        an_input_that_cannot_enter_is_noticed,
        progress_can_break_a_replay_off,
    };
    signal(SIGPIPE, SIG_IGN);
    Suite *suite = suite_create("live");
    TCase *tcase = tcase_create("live");
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

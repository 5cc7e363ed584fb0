/* Recordings that were broken off: by kill -9 at any moment, by a disk that fills up. What is there replays, and it is
 * all but the last second. */
#include "oracle.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/random.h"

enum { KILLS = 46, LONG_KILLS = 4, CONSOLE_BYTES = 8 << 20 };

/* A second, and what a loaded machine adds to it. */
static const double LOST_SECONDS = 2.5;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- a recorder in another process ----------------------------------------------------------------------------------- */

static pid_t start(const char *path, int console_out, rlim_t file_bytes)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid > 0)
        return pid;
    struct run_report report;
    struct take take = take_of("endless.elf", path, "some bytes that somebody types");
    struct rlimit limit = {file_bytes, file_bytes};
    take.delay_us = 7000;
    take.options.console_out = console_out;
    take.options.snapshot_every = 400000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    err_t error = take_run(&take, &report);
    char text[640];
    err_format(error, text, sizeof text);
    if (file_bytes != RLIM_INFINITY)
        fprintf(stderr, "%s\n", text);
    _exit(err_exit_status(error));
}

/* Console bytes, and how many of them had come some seconds ago. */
struct heard {
    char *bytes;
    size_t count, safe;
};

/* Listens for `for_seconds`; what came before the last LOST_SECONDS of that is safe. */
static void listen_for(struct heard *heard, int fd, double for_seconds)
{
    double now, end = seconds() + for_seconds;
    while ((now = seconds()) < end) {
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        if (poll(&pollfd, 1, (int)((end - now) * 1000) + 1) <= 0 || heard->count == CONSOLE_BYTES)
            continue;
        ssize_t got = read(fd, heard->bytes + heard->count, CONSOLE_BYTES - heard->count);
        heard->count += got > 0 ? (size_t)got : 0;
        if (seconds() < end - LOST_SECONDS)
            heard->safe = heard->count;
    }
}

/* ---- what is left ---------------------------------------------------------------------------------------------------- */

static void remove_recording(const char *path)
{
    char beside[96];
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(beside, sizeof beside, "%s%s", path, ends[i]);
        unlink(beside);
    }
}

/* Replays; returns its console, malloc'ed. */
static char *replay(struct recording *recording, size_t *count, struct run_report *report)
{
    char name[] = "console-XXXXXX", *bytes = malloc(CONSOLE_BYTES);
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    must(replay_run(recording, fd, NULL, report));
    ssize_t got = pread(fd, bytes, CONSOLE_BYTES, 0);
    ck_assert_int_ge(got, 0);
    *count = (size_t)got;
    close(fd);
    unlink(name);
    return bytes;
}

/* True when something was there to be replayed. */
static bool examine(const char *path, const struct heard *heard)
{
    struct recording *recording;
    struct recording_info info;
    struct run_report report;
    size_t count;
    err_t error = recording_open(path, &recording);
    if (err_is(error)) { /* killed before the first commit: refused in words */
        char text[640];
        err_format(error, text, sizeof text);
        ck_assert_msg(heard->safe == 0, "%zu console bytes are lost: %s", heard->safe, text);
        ck_assert_msg(error.code == ERR_NO_INPUT || error.code == ERR_DAMAGED || error.code == ERR_ALIEN, "%s", text);
        return false;
    }
    must(recording_info(recording, &info));
    ck_assert(!info.complete);
    char *bytes = replay(recording, &count, &report);
    ck_assert_int_eq(report.end, RUN_RECORDING_ENDS);
    ck_assert_uint_eq(report.icount.n, info.end.n);
    ck_assert_uint_eq(report.snapshots, info.snapshots);
    ck_assert_msg(count >= heard->safe, "%zu of %zu console bytes replay", count, heard->safe);
    ck_assert_mem_eq(bytes, heard->bytes, count < heard->count ? count : heard->count);
    free(bytes);
    recording_close(recording);
    return true;
}

static bool kill_after(double for_seconds)
{
    const char *path = scratch();
    struct heard heard = {.bytes = malloc(CONSOLE_BYTES)};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = start(path, fds[1], RLIM_INFINITY);
    close(fds[1]);
    listen_for(&heard, fds[0], for_seconds);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    bool there = examine(path, &heard);
    close(fds[0]);
    free(heard.bytes);
    remove_recording(path);
    return there;
}

START_TEST(kill_it_at_any_moment)
{
    uint64_t seed = 23;
    unsigned there = 0;
    for (unsigned i = 0; i < KILLS; i++)
        there += kill_after((double)random_below(&seed, 400000) / 1e6);
    ck_assert_uint_gt(there, 5);
}
END_TEST

START_TEST(kill_it_late_and_lose_a_second)
{
    for (unsigned i = 0; i < LONG_KILLS; i++)
        ck_assert(kill_after(LOST_SECONDS + 0.7 + 0.2 * i));
}
END_TEST

START_TEST(fill_the_disk)
{
    static const rlim_t sizes[] = {300000, 700000, 2000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *path = scratch();
        struct recording *recording;
        struct run_report report;
        struct recording_info info;
        int status;
        pid_t pid = start(path, -1, sizes[i]);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 74, "status %#x", status);
        must(recording_open(path, &recording));
        must(recording_info(recording, &info));
        must(replay_run(recording, -1, NULL, &report));
        ck_assert_uint_eq(report.icount.n, info.end.n);
        recording_close(recording);
        remove_recording(path);
    }
}
END_TEST

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    Suite *suite = suite_create("broken");
    TCase *tcase = tcase_create("broken off");
    tcase_set_timeout(tcase, 200);
    tcase_add_test(tcase, kill_it_at_any_moment);
    tcase_add_test(tcase, kill_it_late_and_lose_a_second);
    tcase_add_test(tcase, fill_the_disk);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

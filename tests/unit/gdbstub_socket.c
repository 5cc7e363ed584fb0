/* Where the stub listens, who may come, and what it leaves behind. */
#include "fake_debugger.h"
#include "fake_timeline.h"
#include "gdbstub/gdbstub.h"
#include "gdbstub/socket.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[32];
static char path[64], address[80];
static atomic_bool quit;

static void setup(void)
{
    fake_reset();
    atomic_store(&quit, false);
    snprintf(directory, sizeof directory, "/tmp/deja-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/gdb", directory);
    snprintf(address, sizeof address, "unix:%s", path);
}

static void teardown(void)
{
    unlink(path);
    rmdir(directory);
}

static int dial_unix(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* A connection to address:port; -1 when refused. */
static int dial_tcp(uint32_t host, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(host);
    if (!connect(fd, (struct sockaddr *)&to, sizeof to))
        return fd;
    close(fd);
    return -1;
}

static void say(int fd, const char *payload)
{
    char frame[256];
    size_t size = fake_frame(payload, frame, sizeof frame);
    ck_assert_int_eq(write(fd, frame, size), size);
}

/* Reads until what has come ends with this reply. */
static void expect(int fd, const char *payload)
{
    char text[4096], end[256];
    fake_frame(payload, end, sizeof end);
    size_t size = 0;
    while (size < strlen(end) || memcmp(text + size - strlen(end), end, strlen(end))) {
        ssize_t got = read(fd, text + size, 1);
        ck_assert_msg(got > 0, "the stub hung up before it said %s", end);
        size += (size_t)got;
    }
}

struct service {
    struct gdbstub *stub;
    bool once;
    err_t error;
    pthread_t thread;
};

static void *serve(void *argument)
{
    struct service *service = argument;
    service->error = gdbstub_serve(service->stub, service->once, &quit);
    return NULL;
}

static void start(struct service *service, const char *where, bool once)
{
    *service = (struct service){.once = once};
    ck_assert(!err_is(gdbstub_listen(where, &fake, &service->stub)));
    ck_assert_int_eq(pthread_create(&service->thread, NULL, serve, service), 0);
}

static void end(struct service *service)
{
    pthread_join(service->thread, NULL);
    ck_assert(!err_is(service->error));
    gdbstub_close(service->stub);
}

/* ---- addresses ------------------------------------------------------------------------------------------------------- */

START_TEST(addresses_that_are_none_are_refused)
{
    static const char *const rows[] = {"",          ":",     ":x",          ":65536", ":-1",    ": 1",   "1234",
                                       "0.0.0.0:1", "*:1",   "192.0.2.1:1", "[::]:1", "unix:",  "fd:",   "fd:x",
                                       "fd:99",     "fd:-1", "unix",        ":1 ",    "fd:0x0", "tcp::", "localhost:"};
    struct gdbstub *stub;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        err_t error = gdbstub_listen(rows[i], &fake, &stub);
        ck_assert_msg(error.code == ERR_USAGE, "%s: %d", rows[i], error.code);
        ck_assert_ptr_null(stub);
    }
    char longer[300] = "unix:/";
    memset(longer + 6, 'a', 200);
    ck_assert_int_eq(gdbstub_listen(longer, &fake, &stub).code, ERR_USAGE);
}
END_TEST

START_TEST(a_descriptor_must_be_a_socket)
{
    struct gdbstub *stub;
    char text[32];
    int fd = open("/dev/null", O_RDONLY);
    snprintf(text, sizeof text, "fd:%d", fd);
    ck_assert_int_eq(gdbstub_listen(text, &fake, &stub).code, ERR_USAGE);
    close(fd);
}
END_TEST

static unsigned port_of(const struct gdbstub *stub)
{
    const char *target = gdbstub_target(stub);
    ck_assert(!strncmp(target, "localhost:", 10));
    return (unsigned)strtoul(target + 10, NULL, 10);
}

START_TEST(a_port_is_open_to_this_machine_only)
{
    struct gdbstub *stub, *second;
    ck_assert(!err_is(gdbstub_listen(":0", &fake, &stub)));
    unsigned port = port_of(stub);
    int fd = dial_tcp(INADDR_LOOPBACK, port);
    ck_assert_int_ge(fd, 0);
    close(fd);
    /* 127.0.0.2 is this machine as well: a socket that listens everywhere would answer there */
    ck_assert_int_eq(dial_tcp(INADDR_LOOPBACK + 1, port), -1);
    char same[32];
    snprintf(same, sizeof same, ":%u", port);
    ck_assert_int_eq(gdbstub_listen(same, &fake, &second).code, ERR_NO_LISTENING);
    gdbstub_close(stub);
    ck_assert(!err_is(gdbstub_listen(same, &fake, &second)));
    gdbstub_close(second);
}
END_TEST

START_TEST(a_unix_socket_is_private_and_removed_again)
{
    struct gdbstub *stub;
    struct stat status;
    mode_t old = umask(0);
    ck_assert(!err_is(gdbstub_listen(address, &fake, &stub)));
    umask(old);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert(S_ISSOCK(status.st_mode));
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_str_eq(gdbstub_target(stub), path);
    gdbstub_close(stub);
    ck_assert_int_ne(stat(path, &status), 0);
}
END_TEST

START_TEST(only_a_socket_left_behind_is_replaced)
{
    struct gdbstub *stub, *second;
    struct stat status;
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    ck_assert_int_eq(gdbstub_listen(address, &fake, &stub).code, ERR_NO_LISTENING);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert(S_ISREG(status.st_mode));
    unlink(path);
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    ck_assert_int_eq(gdbstub_listen(address, &fake, &stub).code, ERR_NO_LISTENING);
    unlink(path);

    ck_assert(!err_is(gdbstub_listen(address, &fake, &stub)));
    ck_assert_int_eq(gdbstub_listen(address, &fake, &second).code, ERR_NO_LISTENING); /* in use */
    ck_assert_int_eq(stat(path, &status), 0);
    gdbstub_close(stub);

    struct sockaddr_un dead = {.sun_family = AF_UNIX};
    snprintf(dead.sun_path, sizeof dead.sun_path, "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&dead, sizeof dead), 0);
    close(fd); /* nobody listens there any more */
    ck_assert(!err_is(gdbstub_listen(address, &fake, &stub)));
    gdbstub_close(stub);
}
END_TEST

/* Whoever sees the path can connect: scripts wait for it. */
static atomic_bool dialling;

static void *connect_at_once(void *failed)
{
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    snprintf(there.sun_path, sizeof there.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int error = ENOENT;
    while (error == ENOENT) {
        error = connect(fd, (struct sockaddr *)&there, sizeof there) ? errno : 0;
        atomic_store(&dialling, true);
    }
    *(int *)failed = error;
    close(fd);
    return NULL;
}

START_TEST(its_path_is_there_when_it_listens)
{
    struct gdbstub *stub;
    pthread_t thread;
    for (int i = 0; i < 300; i++) {
        int failed = -1;
        atomic_store(&dialling, false);
        ck_assert_int_eq(pthread_create(&thread, NULL, connect_at_once, &failed), 0);
        while (!atomic_load(&dialling))
            sched_yield();
        ck_assert(!err_is(gdbstub_listen(address, &fake, &stub)));
        pthread_join(thread, NULL);
        ck_assert_int_eq(failed, 0);
        gdbstub_close(stub);
    }
}
END_TEST

START_TEST(a_path_may_take_all_the_room)
{
    struct gdbstub *stub;
    struct stat status;
    char longest[5 + SOCKET_PATH_BYTES + 1];
    int length = snprintf(longest, sizeof longest, "unix:%s", path);
    memset(longest + length, 'x', sizeof longest - 2 - (size_t)length);
    longest[sizeof longest - 2] = 0;
    ck_assert_uint_eq(strlen(longest + 5), SOCKET_PATH_BYTES - 1);
    for (int i = 0; i < 2; i++) { /* again: nothing has been left behind */
        ck_assert(!err_is(gdbstub_listen(longest, &fake, &stub)));
        ck_assert_int_eq(stat(longest + 5, &status), 0);
        gdbstub_close(stub);
    }
    ck_assert_int_ne(stat(longest + 5, &status), 0);
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_told)
{
    struct gdbstub *stub;
    ck_assert_int_eq(gdbstub_listen("unix:/nonexistent/directory/gdb", &fake, &stub).code, ERR_NO_LISTENING);
}
END_TEST

/* ---- serving ------------------------------------------------------------------------------------------------------------ */

START_TEST(one_after_another_until_quit)
{
    struct service service;
    start(&service, address, false);
    for (int i = 0; i < 3; i++) {
        int fd = dial_unix();
        say(fd, "Z0,80000028,4");
        say(fd, "c");
        expect(fd, "T05swbreak:;thread:01;");
        if (i == 1)
            say(fd, "D");
        if (i == 2)
            say(fd, "k");
        close(fd); /* the first one just goes */
    }
    ck_assert_uint_eq(fake.now % FAKE_LOOP, 10);
    atomic_store(&quit, true);
    end(&service);
}
END_TEST

/* There is one timeline. Who comes second is told at once, and the first one is not disturbed. */
START_TEST(one_at_a_time)
{
    struct service service;
    char byte;
    start(&service, address, false);
    int first = dial_unix();
    say(first, "Z0,80000028,4");
    expect(first, "OK");
    for (int i = 0; i < 2; i++) {
        int second = dial_unix();
        ck_assert_int_eq(read(second, &byte, 1), 0);
        close(second);
    }
    say(first, "c");
    expect(first, "T05swbreak:;thread:01;");
    close(first);
    int next = dial_unix();
    say(next, "qC");
    expect(next, "QC01");
    close(next);
    atomic_store(&quit, true);
    end(&service);
}
END_TEST

static void once_ends_with(const char *last_words)
{
    struct service service;
    start(&service, address, true);
    int fd = dial_unix();
    if (*last_words)
        say(fd, last_words);
    else
        shutdown(fd, SHUT_RDWR);
    end(&service);
    close(fd);
}

START_TEST(once_ends_with_kill_detach_or_the_connection)
{
    once_ends_with("k");
    once_ends_with("D");
    once_ends_with("vKill;1");
    once_ends_with("");
}
END_TEST

START_TEST(a_descriptor_is_served_once)
{
    struct service service;
    char text[32];
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    snprintf(text, sizeof text, "fd:%d", fds[1]);
    start(&service, text, false);
    say(fds[0], "qC");
    expect(fds[0], "QC01");
    close(fds[0]);
    end(&service);
}
END_TEST

START_TEST(breakpoints_do_not_outlive_their_debugger)
{
    struct service service;
    start(&service, address, false);
    int fd = dial_unix();
    say(fd, "Z0,80000028,4");
    expect(fd, "OK");
    close(fd);
    fd = dial_unix();
    say(fd, "c");
    expect(fd, "T05replaylog:end;thread:01;");
    atomic_store(&quit, true);
    end(&service);
    close(fd);
}
END_TEST

START_TEST(quitting_ends_a_debugger_that_is_silent)
{
    struct service service;
    start(&service, address, false);
    int fd = dial_unix();
    say(fd, "qC");
    expect(fd, "QC01");
    atomic_store(&quit, true);
    end(&service);
    close(fd);
}
END_TEST

/* It asks for megabytes and never reads them. */
START_TEST(quitting_ends_a_debugger_that_does_not_listen)
{
    struct service service;
    start(&service, address, false);
    int fd = dial_unix();
    for (int i = 0; i < 500; i++)
        say(fd, "m80000000,7ff0");
    usleep(50000);
    atomic_store(&quit, true);
    end(&service);
    close(fd);
}
END_TEST

int main(void)
{
    static const TTest **const tests[] = {
        &addresses_that_are_none_are_refused,
        &a_descriptor_must_be_a_socket,
        &a_port_is_open_to_this_machine_only,
        &a_unix_socket_is_private_and_removed_again,
        &only_a_socket_left_behind_is_replaced,
        &its_path_is_there_when_it_listens,
        &a_path_may_take_all_the_room,
        &a_directory_that_is_not_there_is_told,
        &one_after_another_until_quit,
        &one_at_a_time,
        &once_ends_with_kill_detach_or_the_connection,
        &a_descriptor_is_served_once,
        &breakpoints_do_not_outlive_their_debugger,
        &quitting_ends_a_debugger_that_is_silent,
        &quitting_ends_a_debugger_that_does_not_listen,
    };
    Suite *suite = suite_create("gdbstub/socket");
    TCase *cases = tcase_create("socket");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, *tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

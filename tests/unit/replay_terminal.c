/* The terminal: raw while it is ours, and given back on every way out. A pseudo-terminal stands for it. */
#define _GNU_SOURCE
#include "replay/terminal.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int person, ours; /* the two ends */
static atomic_bool quit;

static void plug_in(void)
{
    person = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(person, 0);
    ck_assert_int_eq(grantpt(person), 0);
    ck_assert_int_eq(unlockpt(person), 0);
    ours = open(ptsname(person), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(ours, 0);
    atomic_store(&quit, false);
}

static void unplug(void)
{
    close(ours);
    close(person);
}

static bool is_raw(void)
{
    struct termios now;
    ck_assert_int_eq(tcgetattr(ours, &now), 0);
    return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

static struct terminal *open_terminal(bool escape_keys)
{
    struct terminal *terminal;
    struct terminal_options options = {ours, ours, escape_keys, &quit};
    ck_assert(!err_is(terminal_open(&options, &terminal)));
    return terminal;
}

static void type(const char *text) { ck_assert_int_eq(write(person, text, strlen(text)), (ssize_t)strlen(text)); }

static void expect_typed(struct terminal *terminal, const char *wanted)
{
    size_t size_bytes;
    terminal_wait(terminal, 1000000000);
    const uint8_t *typed = terminal_typed(terminal, &size_bytes);
    ck_assert_uint_eq(size_bytes, strlen(wanted));
    ck_assert_mem_eq(typed, wanted, size_bytes);
    terminal_drop(terminal, size_bytes);
}

/* What the person sees. */
static size_t screen(char *text, size_t room)
{
    struct pollfd pollfd = {.fd = person, .events = POLLIN};
    if (poll(&pollfd, 1, 500) <= 0)
        return 0;
    ssize_t got = read(person, text, room);
    return got > 0 ? (size_t)got : 0;
}

START_TEST(it_is_raw_while_open)
{
    ck_assert(!is_raw());
    struct terminal *terminal = open_terminal(true);
    ck_assert(is_raw());
    terminal_close(terminal);
    ck_assert(!is_raw());
}
END_TEST

START_TEST(what_is_typed_arrives)
{
    struct terminal *terminal = open_terminal(true);
    type("a\003\032\r");
    expect_typed(terminal, "a\003\032\r");
    type("xyz");
    terminal_wait(terminal, 1000000000);
    terminal_drop(terminal, 1);
    size_t size_bytes;
    ck_assert_mem_eq(terminal_typed(terminal, &size_bytes), "yz", 2);
    ck_assert_uint_eq(size_bytes, 2);
    terminal_close(terminal);
}
END_TEST

START_TEST(escape_keys)
{
    char text[256];
    struct terminal *terminal = open_terminal(true);
    type("p\001\001q\001ar");
    expect_typed(terminal, "p\001q\001r");
    ck_assert(!terminal_quits(terminal));
    type("\001h");
    expect_typed(terminal, "");
    size_t got = screen(text, sizeof text);
    ck_assert_ptr_nonnull(memmem(text, got, "Ctrl-A x", 8));
    type("s\001x");
    expect_typed(terminal, "s");
    ck_assert(terminal_quits(terminal));
    terminal_close(terminal);
}
END_TEST

START_TEST(without_escape_keys)
{
    struct terminal *terminal = open_terminal(false);
    type("\001x");
    expect_typed(terminal, "\001x");
    ck_assert(!terminal_quits(terminal));
    terminal_close(terminal);
}
END_TEST

START_TEST(a_person_can_quit_a_guest_that_does_not_read)
{
    char much[1000];
    memset(much, '.', sizeof much);
    struct terminal *terminal = open_terminal(true);
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_int_eq(write(person, much, sizeof much), sizeof much);
        terminal_wait(terminal, 100000000);
    }
    type("\001x");
    terminal_wait(terminal, 1000000000);
    ck_assert(terminal_quits(terminal));
    terminal_close(terminal);
}
END_TEST

START_TEST(a_hang_up_ends_the_input)
{
    struct terminal *terminal = open_terminal(true);
    close(person);
    terminal_wait(terminal, 1000000000);
    ck_assert(terminal_ended(terminal));
    person = -1;
    terminal_close(terminal);
}
END_TEST

START_TEST(quitting_ends_a_wait)
{
    struct terminal *terminal = open_terminal(true);
    atomic_store(&quit, true);
    terminal_wait(terminal, UINT64_MAX);
    ck_assert(terminal_quits(terminal));
    terminal_close(terminal);
}
END_TEST

/* ---- ways out ---------------------------------------------------------------------------------------------------------- */

static void ask(int signal_number)
{
    (void)signal_number;
    atomic_store(&quit, true);
}

/* A child that makes the terminal raw and then does something; returns how it ended. */
static int child(void (*leave)(struct terminal *))
{
    int status;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct sigaction action = {.sa_handler = ask, .sa_flags = (int)SA_RESETHAND};
        signal(SIGTERM, SIG_DFL); /* Check has one of its own */
        sigaction(SIGINT, &action, NULL);
        static struct terminal *volatile kept; /* a way out closes nothing, and is no leak for that */
        kept = open_terminal(true);
        leave(kept);
        _exit(99);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static void leave_by_exit(struct terminal *terminal)
{
    (void)terminal;
    exit(is_raw() ? 5 : 6);
}

static void leave_by_abort(struct terminal *terminal)
{
    (void)terminal;
    abort();
}

static void leave_by_term(struct terminal *terminal)
{
    (void)terminal;
    raise(SIGTERM);
}

static void leave_by_fault(struct terminal *terminal)
{
    (void)terminal;
    raise(SIGSEGV);
}

static void leave_when_asked_twice(struct terminal *terminal)
{
    raise(SIGINT); /* the first is a request */
    if (!terminal_quits(terminal) || !is_raw())
        _exit(98);
    raise(SIGINT);
}

START_TEST(every_way_out_gives_it_back)
{
    ck_assert_int_eq(child(leave_by_exit), 5 << 8);
    ck_assert(!is_raw());
    ck_assert_int_eq(WTERMSIG(child(leave_by_abort)), SIGABRT);
    ck_assert(!is_raw());
    ck_assert_int_eq(WTERMSIG(child(leave_by_term)), SIGTERM);
    ck_assert(!is_raw());
    ck_assert_int_eq(WTERMSIG(child(leave_by_fault)), SIGSEGV);
    ck_assert(!is_raw());
    ck_assert_int_eq(WTERMSIG(child(leave_when_asked_twice)), SIGINT);
    ck_assert(!is_raw());
}
END_TEST

START_TEST(handlers_are_put_back)
{
    struct sigaction now, before;
    struct sigaction action = {.sa_handler = ask};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGSEGV, NULL, &before); /* a sanitizer may have one */
    terminal_close(open_terminal(true));
    sigaction(SIGTERM, NULL, &now);
    ck_assert(now.sa_handler == ask);
    sigaction(SIGSEGV, NULL, &now);
    ck_assert(now.sa_handler == before.sa_handler);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tcase = tcase_create("terminal");
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, plug_in, unplug);
    tcase_add_test(tcase, it_is_raw_while_open);
    tcase_add_test(tcase, what_is_typed_arrives);
    tcase_add_test(tcase, escape_keys);
    tcase_add_test(tcase, without_escape_keys);
    tcase_add_test(tcase, a_person_can_quit_a_guest_that_does_not_read);
    tcase_add_test(tcase, a_hang_up_ends_the_input);
    tcase_add_test(tcase, quitting_ends_a_wait);
    tcase_add_test(tcase, every_way_out_gives_it_back);
    tcase_add_test(tcase, handlers_are_put_back);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

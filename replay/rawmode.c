/* A signal handler has no argument to find the terminal by, so this file has the room's only static variables. They
 * are written while the handlers are not installed. */
#include "rawmode.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* Signals that end a process by default, and those that a person or a shell stops it with. */
static const int caught[] = {SIGINT, SIGTERM, SIGHUP,  SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
                             SIGILL, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGSYS,  SIGTRAP};
enum { CAUGHT = sizeof caught / sizeof caught[0] };

static struct {
    volatile sig_atomic_t active;
    int fd;
    struct termios cooked, raw;
    struct sigaction was[CAUGHT], was_tstp, was_cont;
} mode;

static size_t index_of(int signal_number)
{
    size_t i = 0;
    while (i < CAUGHT - 1 && caught[i] != signal_number)
        i++;
    return i;
}

/* The first time the caller's own handler decides (it asks the run to end, say); without one, or asked again, we go. */
static void on_end(int signal_number)
{
    struct sigaction *was = &mode.was[index_of(signal_number)];
    void (*handler)(int) = was->sa_handler;
    if (handler != SIG_DFL && handler != SIG_IGN && !(was->sa_flags & SA_SIGINFO)) {
        if (was->sa_flags & (int)SA_RESETHAND)
            was->sa_handler = SIG_DFL;
        handler(signal_number);
        return;
    }
    tcsetattr(mode.fd, TCSANOW, &mode.cooked);
    signal(signal_number, SIG_DFL);
    raise(signal_number); /* is delivered when this handler returns */
}

static void on_stop(int signal_number)
{
    tcsetattr(mode.fd, TCSANOW, &mode.cooked);
    (void)signal_number;
    raise(SIGSTOP);
}

static void on_continue(int signal_number)
{
    (void)signal_number;
    if (mode.active && tcgetpgrp(mode.fd) == getpgrp()) /* in the background tcsetattr() would stop us again */
        tcsetattr(mode.fd, TCSANOW, &mode.raw);
}

static void install(int signal_number, void (*handler)(int), struct sigaction *was)
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, NULL, was);
    if (was->sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

void rawmode_enter(int fd)
{
    if (mode.active || !isatty(fd) || tcgetattr(fd, &mode.cooked) != 0)
        return;
    mode.fd = fd;
    mode.raw = mode.cooked;
    cfmakeraw(&mode.raw);
    mode.raw.c_oflag |= OPOST; /* our own messages need their carriage returns */
    mode.raw.c_cc[VMIN] = 1;
    mode.raw.c_cc[VTIME] = 0;
    for (size_t i = 0; i < CAUGHT; i++)
        install(caught[i], on_end, &mode.was[i]);
    install(SIGTSTP, on_stop, &mode.was_tstp);
    install(SIGCONT, on_continue, &mode.was_cont);
    static bool at_exit;
    if (!at_exit)
        at_exit = atexit(rawmode_leave) == 0;
    mode.active = true;
    tcsetattr(fd, TCSANOW, &mode.raw);
}

void rawmode_leave(void)
{
    if (!mode.active)
        return;
    tcsetattr(mode.fd, TCSANOW, &mode.cooked);
    mode.active = false;
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &mode.was[i], NULL);
    sigaction(SIGTSTP, &mode.was_tstp, NULL);
    sigaction(SIGCONT, &mode.was_cont, NULL);
}

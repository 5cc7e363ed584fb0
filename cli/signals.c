#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "signals.h"

/* A signal handler has no argument to find its flag by: the globals of the program. */
static atomic_bool quit, interrupted;

static void ask_to_quit(int signal_number)
{
    (void)signal_number;
    atomic_store(&quit, true);
}

static void note_interrupt(int signal_number)
{
    (void)signal_number;
    atomic_store(&interrupted, true);
}

static void handle(int signal_number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void signals_quiet(void)
{
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0);
}

const atomic_bool *signals_quit(void)
{
    static const int asking[] = {SIGINT, SIGTERM, SIGHUP};

    /* No SA_RESTART: whoever waits shall wake and look. */
    for (size_t i = 0; i < sizeof asking / sizeof asking[0]; i++) {
        struct sigaction was;
        sigaction(asking[i], NULL, &was);
        if (was.sa_handler != SIG_IGN) /* nohup, or a shell's background job */
            handle(asking[i], ask_to_quit, (int)SA_RESETHAND);
    }
    return &quit;
}

atomic_bool *signals_leave_to_child(void)
{
    handle(SIGINT, note_interrupt, SA_RESTART);
    handle(SIGQUIT, SIG_IGN, 0);
    handle(SIGCHLD, ask_to_quit, SA_NOCLDSTOP);
    return &interrupted;
}

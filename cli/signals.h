/* signals: what the terminal and the system ask of a run. */
#ifndef DEJA_CLI_SIGNALS_H
#define DEJA_CLI_SIGNALS_H

#include <stdatomic.h>

/* A closed pipe and a file at its limit are errors of the call that meets them, not deaths. */
void signals_quiet(void);

/* From now on SIGINT, SIGTERM and SIGHUP set the returned flag; a second one of a kind kills, as usual. */
const atomic_bool *signals_quit(void);

/* SIGINT belongs to the debugger that shares our terminal, and sets the returned flag only; the end of that child sets
 * the flag of signals_quit(). */
atomic_bool *signals_leave_to_child(void);

#endif

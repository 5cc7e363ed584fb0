/* gdbstub: GDB's remote serial protocol in front of a timeline.
 *
 * bytes <-> packets <-> requests is pure (rsp.h) and fuzzed; serving a request is short. The debugger's socket is the
 * only thing of the outside world that is not in replay/.
 */
#ifndef DEJA_GDBSTUB_H
#define DEJA_GDBSTUB_H

#include "../icount/icount.h"
#include "../replay/replay.h"

struct gdbstub;

/* Listens at ":PORT" (loopback only; port 0: any free one), "unix:PATH" (made 0600, removed again) or, for a debugger
 * that was spawned, "fd:N" (connected already). ERR_USAGE, ERR_NO_LISTENING. The timeline is borrowed. */
NODISCARD err_t gdbstub_listen(const char *address, struct timeline *timeline, struct gdbstub **stub);
void gdbstub_close(struct gdbstub *stub);

/* What a debugger gives to `target remote`: "localhost:1234" or the socket's path. */
const char *gdbstub_target(const struct gdbstub *stub);

/* Has `rested` called whenever the timeline has moved and come to rest, before the debugger is told: the time to take a
 * progress bar off the terminal that gdb is about to write on. */
void gdbstub_on_rest(struct gdbstub *stub, void (*rested)(void *context), void *context);

/* The flag is set when Ctrl-C is pressed at the terminal that we share with the debugger: it breaks off what was asked
 * behind `monitor`, where GDB itself sends nothing. Borrowed. */
void gdbstub_on_interrupt(struct gdbstub *stub, atomic_bool *interrupted);

/* Serves one debugger after another until `quit` is set, or one says kill or detach and `once` is set. */
NODISCARD err_t gdbstub_serve(struct gdbstub *stub, bool once, const atomic_bool *quit);

#endif

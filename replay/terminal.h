/* terminal: the console's host side. Inner header of replay/.
 *
 * Raw while it is open, and given back as it was on every way out: close, exit, and signals that end or stop us. */
#ifndef DEJA_TERMINAL_H
#define DEJA_TERMINAL_H

#include <stdatomic.h>

#include "../icount/icount.h"
#include "outlet.h"

struct terminal;

struct terminal_options {
    int in, out;             /* file descriptors, -1: none */
    bool escape_keys;        /* Ctrl-A x, Ctrl-A h, Ctrl-A Ctrl-A */
    const atomic_bool *quit; /* may be NULL */
};

/* One at a time in a process: there is one controlling terminal to give back. ERR_NO_MEMORY. */
NODISCARD err_t terminal_open(const struct terminal_options *options, struct terminal **terminal);
void terminal_close(struct terminal *terminal);

/* Console bytes out. */
struct outlet *terminal_outlet(struct terminal *terminal);

/* Waits at most `timeout_ns` (UINT64_MAX: for ever) for bytes or a reason to quit, and reads what is there. */
void terminal_wait(struct terminal *terminal, uint64_t timeout_ns);

/* Bytes typed and not taken yet; `terminal_drop` takes some. */
const uint8_t *terminal_typed(const struct terminal *terminal, size_t *size_bytes);
void terminal_drop(struct terminal *terminal, size_t size_bytes);

/* Nothing will be typed any more: there is no input, or it has ended. */
bool terminal_ended(const struct terminal *terminal);

/* The person or the caller wants out, or nobody reads the output. */
bool terminal_quits(const struct terminal *terminal);

#endif

#define _GNU_SOURCE /* ppoll: waits shorter than a millisecond */
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rawmode.h"

enum {
    TYPED_BYTES = 4096,
    QUIT_POLL_MS = 100, /* a signal may come between looking at `quit` and waiting */
    ESCAPE = 0x01,      /* Ctrl-A */
};

struct terminal {
    struct terminal_options options;
    struct outlet outlet;
    uint8_t typed[TYPED_BYTES];
    size_t used;
    bool ended, wants_out, escaped;
};

static const char help_text[] =
    "\r\ndeja: Ctrl-A x  end the run    Ctrl-A Ctrl-A  send Ctrl-A    Ctrl-A h  this help\r\n";

err_t terminal_open(const struct terminal_options *options, struct terminal **terminal)
{
    struct terminal *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "the console");
    made->options = *options;
    made->ended = options->in < 0;
    outlet_open(&made->outlet, options->out, options->quit);
    if (options->in >= 0)
        rawmode_enter(options->in);
    *terminal = made;
    return err_ok();
}

void terminal_close(struct terminal *terminal)
{
    if (!terminal)
        return;
    outlet_flush(&terminal->outlet);
    rawmode_leave();
    free(terminal);
}

struct outlet *terminal_outlet(struct terminal *terminal) { return &terminal->outlet; }

/* ---- what is typed --------------------------------------------------------------------------------------------- */

static void keep(struct terminal *terminal, uint8_t byte)
{
    if (terminal->used < TYPED_BYTES) /* else the line overruns, as a real one does: nobody reads it */
        terminal->typed[terminal->used++] = byte;
}

static void escape(struct terminal *terminal, uint8_t byte)
{
    if (byte == 'x' || byte == 'X') {
        terminal->wants_out = true;
    } else if (byte == ESCAPE || byte == 'a') {
        keep(terminal, ESCAPE);
    } else if (byte == 'h' || byte == '?') {
        outlet_put(&terminal->outlet, (const uint8_t *)help_text, sizeof help_text - 1);
        outlet_flush(&terminal->outlet);
    }
}

static void type(struct terminal *terminal, const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        bool escaped = terminal->escaped;
        terminal->escaped = !escaped && terminal->options.escape_keys && bytes[i] == ESCAPE;
        if (escaped)
            escape(terminal, bytes[i]);
        else if (!terminal->escaped)
            keep(terminal, bytes[i]);
    }
}

/* A person must be able to quit a guest that does not read: with escape keys we always look. A pipe can wait. */
static size_t appetite(const struct terminal *terminal)
{
    if (terminal->ended)
        return 0;
    return terminal->options.escape_keys ? TYPED_BYTES : TYPED_BYTES - terminal->used;
}

static void read_some(struct terminal *terminal)
{
    uint8_t bytes[TYPED_BYTES];
    ssize_t got = read(terminal->options.in, bytes, appetite(terminal));
    if (got > 0)
        type(terminal, bytes, (size_t)got);
    else if (got == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
        terminal->ended = true;
}

static struct timespec timespec_of(uint64_t ns)
{
    const uint64_t second = 1000000000, slice = QUIT_POLL_MS * 1000000ull;
    if (ns > slice)
        ns = slice;
    return (struct timespec){(time_t)(ns / second), (long)(ns % second)};
}

/* One look of at most QUIT_POLL_MS; true when there was something to read. */
static bool look(struct terminal *terminal, uint64_t timeout_ns)
{
    struct pollfd pollfd = {.fd = appetite(terminal) ? terminal->options.in : -1, .events = POLLIN};
    struct timespec timeout = timespec_of(timeout_ns);
    if (ppoll(&pollfd, 1, &timeout, NULL) <= 0)
        return false;
    read_some(terminal);
    return true;
}

void terminal_wait(struct terminal *terminal, uint64_t timeout_ns)
{
    const uint64_t slice = QUIT_POLL_MS * 1000000ull;
    while (!look(terminal, timeout_ns) && timeout_ns > slice && !terminal_quits(terminal))
        if (timeout_ns != UINT64_MAX)
            timeout_ns -= slice;
}

const uint8_t *terminal_typed(const struct terminal *terminal, size_t *size_bytes)
{
    *size_bytes = terminal->used;
    return terminal->typed;
}

void terminal_drop(struct terminal *terminal, size_t size_bytes)
{
    check(size_bytes <= terminal->used);
    terminal->used -= size_bytes;
    memmove(terminal->typed, terminal->typed + size_bytes, terminal->used);
}

bool terminal_ended(const struct terminal *terminal) { return terminal->ended; }

bool terminal_quits(const struct terminal *terminal)
{
    return terminal->wants_out || terminal->outlet.failed ||
           (terminal->options.quit && atomic_load(terminal->options.quit));
}

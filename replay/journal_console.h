/* journal_console: console bytes -> lines. Inner header of replay/. */
#ifndef DEJA_JOURNAL_CONSOLE_H
#define DEJA_JOURNAL_CONSOLE_H

#include "format.h"

enum { CONSOLE_PORTS = 4, CONSOLE_LINE_BYTES = 4096, CONSOLE_STALE_MS = 1000 };

/* The line that each port is in the middle of. */
struct console_lines {
    struct console_line {
        uint64_t at;      /* mark of its first byte */
        uint64_t seen_ms; /* host time of the first flush that met it; 0: none yet */
        size_t size_bytes;
        uint8_t bytes[CONSOLE_LINE_BYTES];
    } port[CONSOLE_PORTS];
};

/* Stores a line: everything but its id is filled in; it stands for size_bytes of output. */
typedef err_t console_emit(void *context, struct console_row *row, size_t size_bytes);

/* Adds bytes of `port`, which left at mark `at`; emits the lines that they complete. */
NODISCARD err_t console_put(struct console_lines *lines, uint64_t at, unsigned port, const uint8_t *bytes,
                            size_t size_bytes, console_emit *emit, void *context);

/* Emits lines that were unfinished for a second: a prompt gets no end. UINT64_MAX: emits all. */
NODISCARD err_t console_flush(struct console_lines *lines, uint64_t now_ms, console_emit *emit, void *context);

/* Is any line unfinished? */
bool console_pending(const struct console_lines *lines);

#endif

#include "journal_console.h"

#include <string.h>

static err_t emit_line(struct console_line *line, unsigned port, console_emit *emit, void *context)
{
    size_t size = line->size_bytes;
    uint64_t eol = 0;
    if (size && line->bytes[size - 1] == '\n')
        eol = size > 1 && line->bytes[size - 2] == '\r' ? 2 : 1;
    struct console_row row = {
        .icount = line->at,
        .port = port,
        .eol = eol,
        .text = {line->bytes, size - eol},
    };
    line->size_bytes = 0;
    return emit(context, &row, size);
}

/* How many of the bytes still belong to the line. */
static size_t share(const struct console_line *line, const uint8_t *bytes, size_t size_bytes)
{
    const uint8_t *end = memchr(bytes, '\n', size_bytes);
    size_t wanted = end ? (size_t)(end - bytes) + 1 : size_bytes;
    size_t room = CONSOLE_LINE_BYTES - line->size_bytes;
    return wanted < room ? wanted : room;
}

err_t console_put(struct console_lines *lines, uint64_t at, unsigned port, const uint8_t *bytes, size_t size_bytes,
                  console_emit *emit, void *context)
{
    check(port < CONSOLE_PORTS);
    struct console_line *line = &lines->port[port];
    while (size_bytes) {
        size_t taken = share(line, bytes, size_bytes);
        if (!line->size_bytes) {
            line->at = at;
            line->seen_ms = 0;
        }
        memcpy(line->bytes + line->size_bytes, bytes, taken);
        line->size_bytes += taken;
        if (line->bytes[line->size_bytes - 1] == '\n' || line->size_bytes == CONSOLE_LINE_BYTES)
            TRY(emit_line(line, port, emit, context));
        bytes += taken;
        size_bytes -= taken;
    }
    return err_ok();
}

err_t console_flush(struct console_lines *lines, uint64_t now_ms, console_emit *emit, void *context)
{
    for (unsigned port = 0; port < CONSOLE_PORTS; port++) {
        struct console_line *line = &lines->port[port];
        if (!line->size_bytes)
            continue;
        if (now_ms != UINT64_MAX && !line->seen_ms)
            line->seen_ms = now_ms;
        else if (now_ms - line->seen_ms >= CONSOLE_STALE_MS)
            TRY(emit_line(line, port, emit, context));
    }
    return err_ok();
}

bool console_pending(const struct console_lines *lines)
{
    for (unsigned port = 0; port < CONSOLE_PORTS; port++) {
        if (lines->port[port].size_bytes)
            return true;
    }
    return false;
}

/* deja debug: stand at a mark and answer gdb. */
#include <stdio.h>
#include <unistd.h>

#include "../gdbstub/gdbstub.h"
#include "../replay/replay.h"
#include "cli.h"
#include "debugger.h"
#include "progress.h"
#include "report.h"
#include "signals.h"
#include "symbols.h"

static err_t stand(struct timeline *timeline, const char *where)
{
    icount_t mark;

    TRY(timeline_parse_mark(timeline, where, &mark));
    return timeline_seek(timeline, mark);
}

static void say_where(const char *path, struct timeline *timeline)
{
    char at[GROUPED_BYTES], end[GROUPED_BYTES], guest[FORMAT_BYTES];

    say("%s: at %s of %s instructions (%s)", path, format_grouped(timeline_now(timeline).n, at),
        format_grouped(timeline_end(timeline).n, end),
        format_seconds((double)board_vtime(timeline_board(timeline)).ns / 1e9, guest));
}

/* What the guest says while gdb goes on through a part of history goes where we print, not through gdb. */
static void print_console(void *context, const uint8_t *bytes, size_t size_bytes)
{
    progress_end(context); /* of the bar */
    fwrite(bytes, 1, size_bytes, stdout);
    fflush(stdout);
}

static void take_bar_off(void *context) { progress_end(context); }

/* Serves whoever comes, until a signal. */
static err_t serve_many(struct timeline *timeline, const char *address, struct progress_bar *bar)
{
    struct gdbstub *stub;
    err_t error;

    TRY(gdbstub_listen(address, timeline, &stub));
    say("attach with: gdb-multiarch -ex 'target remote %s'", gdbstub_target(stub));
    gdbstub_on_rest(stub, take_bar_off, bar);
    error = gdbstub_serve(stub, false, bar->quit);
    gdbstub_close(stub);
    return error;
}

/* Writes the kernel's symbols, found where the timeline stands. */
static err_t write_symbols(struct timeline *timeline, const char *path)
{
    struct guest_symbols symbols;
    TRY(symbols_here(timeline, &symbols));
    err_t error = symbols_write(timeline, &symbols, path);
    guest_symbols_free(&symbols);
    return error;
}

/* From where the timeline stands, or else from the end: a kernel keeps its addresses. */
static err_t find_symbols(struct timeline *timeline, const char *path)
{
    icount_t here = timeline_now(timeline);
    err_t error = write_symbols(timeline, path), back;

    if (error.code != ERR_UNAVAILABLE || here.n == timeline_end(timeline).n)
        return error;
    TRY(timeline_seek(timeline, timeline_end(timeline)));
    error = write_symbols(timeline, path);
    back = timeline_seek(timeline, here);
    return err_is(back) ? back : error;
}

/* Leaves the kernel's symbols where gdb will look for them. That there are none is said, and no failure. */
static err_t prepare_symbols(struct timeline *timeline, const struct debugger *debugger)
{
    err_t error = find_symbols(timeline, debugger->symbols);
    if (error.code != ERR_UNAVAILABLE)
        return error;
    say("%s: none: %s", error.subject, error.detail);
    return err_ok();
}

/* Serves the one gdb that we start. */
static err_t serve_own(struct timeline *timeline, char *const *arguments, struct progress_bar *bar, int *status)
{
    struct debugger debugger;
    struct gdbstub *stub = NULL;
    atomic_bool *interrupted;
    char address[112];
    err_t error = debugger_prepare(&debugger);

    snprintf(address, sizeof address, "unix:%s", debugger.socket);
    if (!err_is(error) && !debugger_knows_kernel(arguments))
        error = prepare_symbols(timeline, &debugger);
    progress_end(bar);
    if (!err_is(error))
        error = gdbstub_listen(address, timeline, &stub);
    interrupted = signals_leave_to_child();
    if (!err_is(error))
        error = debugger_start(&debugger, gdbstub_target(stub), arguments);
    if (!err_is(error)) {
        gdbstub_on_rest(stub, take_bar_off, bar);
        gdbstub_on_interrupt(stub, interrupted);
        error = gdbstub_serve(stub, true, bar->quit);
    }
    if (stub != NULL)
        gdbstub_close(stub);
    *status = debugger_end(&debugger, err_is(error) || atomic_load(bar->quit));
    return error;
}

static err_t debug(const struct options *options, struct timeline *timeline, int *status)
{
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    const char *address = options_text(options, OPTION_GDB, NULL);
    err_t error;

    timeline_set_progress(timeline, &progress);
    timeline_set_console(timeline, print_console, &bar);
    error = stand(timeline, options_text(options, OPTION_AT, "end"));
    progress_end(&bar);
    TRY(error);
    say_where(options->recording, timeline);
    TRY(timeline_follow(timeline));
    if (address == NULL && (terminal || options->rest != NULL))
        error = serve_own(timeline, options->rest, &bar, status);
    else
        error = serve_many(timeline, address != NULL ? address : ":1234", &bar);
    timeline_set_progress(timeline, NULL);
    return error;
}

err_t command_debug(const struct options *options, int *status) { return with_timeline(options, debug, status); }

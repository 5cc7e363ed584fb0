/* deja replay, deja verify: the recording against itself. */
#include <stdio.h>
#include <unistd.h>

#include "../replay/replay.h"
#include "cli.h"
#include "progress.h"
#include "report.h"
#include "signals.h"

static err_t replay_checked(struct recording *recording, const char *path, int console_out, struct run_report *report)
{
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    char line[REPORT_BYTES];
    err_t error;

    if (console_out != -1 && isatty(console_out))
        bar.terminal = NULL; /* the console has the screen */
    error = replay_run(recording, console_out, &progress, report);
    progress_end(&bar);
    TRY(error);
    if (report_ending(report, line))
        say("%s", line);
    report_replayed(path, report, line);
    say("%s", line);
    return err_ok();
}

err_t command_replay(const struct options *options, int *status)
{
    struct run_report report = {0};
    struct recording *recording;
    err_t error;

    TRY(recording_open(options->recording, &recording));
    recording_tune(recording, options_tuning(options));
    error = replay_checked(recording, options->recording, STDOUT_FILENO, &report);
    recording_close(recording);
    *status = report_exit_status(&report);
    return error;
}

/* A line of the report of a difference. */
static void print_line(void *context, const char *text)
{
    progress_end(context);
    fprintf(stderr, "%s\n", text);
}

static err_t lockstep(struct recording *recording, const char *path, uint64_t stride)
{
    struct run_report report;
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    struct lockstep_options options = {stride, &progress, print_line, &bar};
    char line[REPORT_BYTES];
    err_t error = lockstep_run(recording, &options, &report);

    progress_end(&bar);
    TRY(error);
    if (report_ending(&report, line))
        say("%s", line);
    report_lockstep(path, &report, line);
    say("%s", line);
    return err_ok();
}

static err_t check_bytes(struct recording *recording, const char *path)
{
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    err_t error = recording_check(recording, &progress);

    progress_end(&bar);
    TRY(error);
    say("%s: every byte checked", path);
    return err_ok();
}

static err_t verify(struct recording *recording, const struct options *options)
{
    struct run_report report = {0};
    uint64_t stride = options_number(options, OPTION_STRIDE, 1000000);

    TRY(check_bytes(recording, options->recording));
    if (options_flag(options, OPTION_LOCKSTEP))
        return lockstep(recording, options->recording, stride);
    return replay_checked(recording, options->recording, -1, &report);
}

err_t command_verify(const struct options *options, int *status)
{
    struct recording *recording;
    err_t error;

    if (options_flag(options, OPTION_STRIDE) && !options_flag(options, OPTION_LOCKSTEP))
        return err_detail(err_make(ERR_USAGE, "--stride"), "is how often --lockstep compares; give --lockstep too");
    if (options_number(options, OPTION_STRIDE, 1) == 0)
        return err_detail(err_make(ERR_USAGE, "--stride 0"), "compares never; give at least 1");
    TRY(recording_open(options->recording, &recording));
    recording_tune(recording, options_tuning(options));
    error = verify(recording, options);
    recording_close(recording);
    *status = 0;
    return error;
}

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "debuglog.h"
#include "signals.h"

static err_t (*const runners[COMMAND_COUNT])(const struct options *, int *) = {
#define COMMAND(ID, name, arguments, help, more) [COMMAND_##ID] = command_##name,
#include "commands.def"
#undef COMMAND
};

void say(const char *format, ...)
{
    va_list arguments;

    fflush(stdout); /* what was printed before comes before */
    fputs("deja: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int say_error(err_t error)
{
    char line[640];

    if (!err_is(error))
        return 0;
    err_format(error, line, sizeof line);
    say("%s", line);
    return err_exit_status(error);
}

/* Whoever reads it through a pipe may have seen enough. */
err_t stdout_flushed(void)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
        return err_ok();
    return err_detail(err_make(ERR_IO, "standard output"), "%s", strerror(errno));
}

static void print(void *context, const char *text)
{
    (void)context;
    fputs(text, stdout);
}

static err_t help(const char *about)
{
    enum command_id command = about != NULL ? command_find(about) : COMMAND_COUNT;

    if (about != NULL && command == COMMAND_COUNT)
        return err_detail(err_make(ERR_USAGE, "%s", about), "no such command");
    if (about != NULL)
        options_help(command, print, NULL);
    else
        commands_help(print, NULL);
    return stdout_flushed();
}

/* The command, with the log that it is to have. */
static err_t run_logged(struct options *options, int *status)
{
    struct debuglog log;
    err_t error = debuglog_open(&log, options);

    if (!err_is(error))
        error = runners[options->command](options, status);
    err_t closed = debuglog_close(&log);
    return err_is(error) ? error : closed;
}

err_t with_timeline(const struct options *options, timeline_user *use, int *status)
{
    struct recording *recording;
    struct timeline *timeline;
    err_t error;

    TRY(recording_open(options->recording, &recording));
    recording_tune(recording, options_tuning(options));
    error = timeline_open(recording, &timeline);
    if (!err_is(error)) {
        error = use(options, timeline, status);
        timeline_close(timeline);
    }
    recording_close(recording);
    return error;
}

static err_t run_command(enum command_id command, int argc, char **argv, int *status)
{
    struct options options;

    TRY(options_parse(command, argc, argv, &options));
    if (options_flag(&options, OPTION_HELP) || options_flag(&options, OPTION_H))
        return help(commands[command].name);
    if (options_asks(&options)) {
        debuglog_help(print, NULL);
        return stdout_flushed();
    }
    return run_logged(&options, status);
}

static err_t dispatch(int argc, char **argv, int *status)
{
    const char *word = argc > 1 ? argv[1] : "";
    enum command_id command = command_find(word);
    const char *name = word + strspn(word, "-");

    if (command != COMMAND_COUNT)
        return run_command(command, argc - 1, argv + 1, status);
    if (strcmp(name, "version") == 0 && argc == 2) {
        printf("deja %s\n", DEJA_VERSION);
        return stdout_flushed();
    }
    if ((strcmp(name, "help") == 0 || strcmp(word, "-h") == 0) && argc <= 3)
        return help(argv[2]);
    if (*word == '\0')
        return err_detail(err_make(ERR_USAGE, "%s", ""),
                          "no command; give run, record, replay, debug, info, symbols, verify, branch or diff");
    return err_detail(err_make(ERR_USAGE, "%s", word), "no such command");
}

int cli_main(int argc, char **argv)
{
    int status = 0;
    err_t error;

    signals_quiet();
    error = dispatch(argc, argv, &status);
    return err_is(error) ? say_error(error) : status;
}

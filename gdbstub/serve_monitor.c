/* qRcmd: GDB's `monitor` commands. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "registers.h"

enum { COMMAND_BYTES = 256 };

struct command {
    const char *name, *argument, *help;
    err_t (*run)(struct client *client, const char *argument);
};

static const struct command commands[];

/* ---- saying where we are ----------------------------------------------------------------------------------------- */

static void say_when(struct client *client)
{
    char mark[GROUPED_BYTES];
    struct board *board = timeline_board(client->timeline);
    unsigned hart = client_hart(client);
    const struct hart_state *state = engine_hart(board_engine(board), hart);
    uint64_t ns = board_vtime(board).ns;
    client_say(client, "%s instructions, %llu.%09llu s, hart %u, %s%s, pc 0x%llx%s\n",
               format_grouped(timeline_now(client->timeline).n, mark), (unsigned long long)(ns / 1000000000),
               (unsigned long long)(ns % 1000000000), hart, privilege_name(state->priv),
               state->waiting ? ", waiting" : "", (unsigned long long)state->pc,
               timeline_diverted(client->timeline) ? ", diverted" : "");
}

/* GDB keeps registers and memory that it has read, and nothing in the protocol tells it to forget them now. */
static void say_moved(struct client *client)
{
    say_when(client);
    client_say(client, "deja: gdb must look again: maintenance flush register-cache\n");
}

static err_t when(struct client *client, const char *argument)
{
    (void)argument;
    say_when(client);
    return err_ok();
}

static err_t info(struct client *client, const char *argument)
{
    (void)argument;
    char end[GROUPED_BYTES];
    say_when(client);
    if (timeline_diverted(client->timeline))
        client_say(client, "a diverted timeline, without an end; the recording is unchanged\n");
    else
        client_say(client, "history from 0 to %s\n", format_grouped(timeline_end(client->timeline).n, end));
    client_say(client, "harts: %u; gdb's addresses are %s\n", engine_nharts(client_engine(client)),
               client->physical ? "physical" : "virtual");
    return err_ok();
}

/* ---- moving ------------------------------------------------------------------------------------------------------ */

static err_t move(struct client *client, icount_t mark)
{
    err_t error = timeline_seek(client->timeline, mark);
    client_rested(client);
    TRY(error);
    snprintf(client->stop, sizeof client->stop, "T05thread:%02x;", client->hart + 1);
    say_moved(client);
    return err_ok();
}

static err_t seek(struct client *client, const char *argument)
{
    icount_t mark;
    err_t error = timeline_parse_mark(client->timeline, argument, &mark); /* a time may have to be looked for */
    client_rested(client);
    TRY(error);
    return move(client, mark);
}

static err_t recording(struct client *client, const char *argument)
{
    (void)argument;
    bool diverted = timeline_diverted(client->timeline);
    TRY(timeline_undivert(client->timeline));
    client->owes_diversion = false;
    client_say(client, diverted ? "deja: back in the recording\n" : "deja: this is the recording\n");
    if (diverted)
        say_moved(client);
    return err_ok();
}

static err_t restart(struct client *client, const char *argument)
{
    (void)argument;
    TRY(timeline_undivert(client->timeline));
    client->owes_diversion = false;
    return move(client, icount_of(0));
}

/* ---- the commands ------------------------------------------------------------------------------------------------ */

static err_t help(struct client *client, const char *argument)
{
    (void)argument;
    for (const struct command *command = commands; command->name; command++)
        client_say(client, "%-9s %-5s %s\n", command->name, command->argument, command->help);
    return err_ok();
}

static const struct command commands[] = {
    {"help", "", "this list", help},
    {"when", "", "where we are: instructions, virtual time, hart, privilege", when},
    {"seek", "MARK", "go to N (instructions), 12.5s, 300ms, 40us, start, end or end-N", seek},
    {"info", "", "the history, and what is set in it", info},
    {"recording", "", "drop what was written: from a diverted timeline back to the recording", recording},
    {"restart", "", "back to the start of the recording", restart},
    {0},
};

static const struct command *find(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (!strcmp(command->name, name))
            return command;
    return NULL;
}

static void say_error(struct client *client, err_t error)
{
    char text[512];
    err_format(error, text, sizeof text);
    client_say(client, "deja: %s\n", text);
}

static void run(struct client *client, const char *name, const char *argument)
{
    const struct command *command = find(name);
    if (!command)
        client_say(client, "deja: no monitor command '%s'; see monitor help\n", name);
    else if (*command->argument && !*argument)
        client_say(client, "deja: monitor %s %s: %s\n", name, command->argument, command->help);
    else {
        err_t error = command->run(client, argument);
        if (err_is(error))
            say_error(client, error);
    }
}

/* Splits the line into the command's name and the rest, without the spaces around them. */
static void split(char *line, char **name, char **argument)
{
    static const char spaces[] = " \t\r\n";
    size_t length = strlen(line);
    while (length && strchr(spaces, line[length - 1]))
        line[--length] = 0;
    *name = line + strspn(line, spaces);
    *argument = *name + strcspn(*name, spaces);
    if (**argument)
        *(*argument)++ = 0;
    *argument += strspn(*argument, spaces);
}

void serve_monitor(struct client *client, const struct request *request)
{
    char line[COMMAND_BYTES], *name, *argument;
    if (request->size_bytes >= sizeof line) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    memcpy(line, request->bytes, request->size_bytes);
    line[request->size_bytes] = 0;
    split(line, &name, &argument);
    client_say_diversion(client);
    run(client, *name ? name : "help", argument);
    reply_text(&client->reply, "OK");
}

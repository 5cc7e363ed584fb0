/* qRcmd: GDB's `monitor`. Splits the line, finds the word, and has it served (words.h). */
#include <stdio.h>
#include <string.h>

#include "registers.h"
#include "words.h"

enum { COMMAND_BYTES = 256 };

static const char blanks[] = " \t\r\n";

static const struct word {
    const char *name, *arguments, *help;
    err_t (*serve)(struct client *client, const struct arguments *arguments);
} words[] = {
#define WORD(name, function, syntax, text) {name, syntax, text, word_##function},
#include "words.def"
#undef WORD
};

enum { WORDS = sizeof words / sizeof words[0] };

static const struct word *find(const char *name)
{
    for (size_t i = 0; i < WORDS; i++)
        if (!strcmp(words[i].name, name))
            return &words[i];
    return NULL;
}

static void say_word(struct client *client, const struct word *word)
{
    client_say(client, "%-10s %-22s %s\n", word->name, word->arguments, word->help);
}

static void say_unknown(struct client *client, const char *name)
{
    client_say(client, "deja: no monitor command '%s'; see monitor help\n", name);
}

err_t word_help(struct client *client, const struct arguments *arguments)
{
    const struct word *word = find(arguments->text);
    if (word)
        say_word(client, word);
    else if (arguments->count)
        say_unknown(client, arguments->text);
    for (size_t i = 0; i < WORDS && !arguments->count; i++)
        say_word(client, &words[i]);
    return err_ok();
}

err_t word_usage(const char *name)
{
    const struct word *word = find(name);
    check(word);
    return err_detail(err_make(ERR_USAGE, "%s", name), "not understood; give %s%s%s%s", name,
                      *word->arguments ? " " : "", word->arguments, *word->arguments ? "" : " alone");
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

static void trim(char *line)
{
    size_t length = strlen(line);
    while (length && strchr(blanks, line[length - 1]))
        line[--length] = 0;
}

/* Ends the first piece of a line; returns what follows it, without the blanks before. */
static char *cut(char *line)
{
    char *end = line + strcspn(line, blanks);
    if (*end)
        *end++ = 0;
    return end + strspn(end, blanks);
}

/* Splits `copy`, which has the same text. */
static struct arguments split(const char *text, char *copy)
{
    struct arguments arguments = {.text = text};
    for (char *at = copy; *at; arguments.count++) {
        char *rest = cut(at);
        if (arguments.count < WORDS_ARGUMENTS_MAX)
            arguments.list[arguments.count] = at;
        at = rest;
    }
    return arguments;
}

static void say_error(struct client *client, err_t error)
{
    char text[512];
    err_format(error, text, sizeof text);
    client_say(client, "deja: %s\n", text);
}

static void serve(struct client *client, const char *name, const char *text)
{
    char copy[COMMAND_BYTES];
    const struct word *word = find(name);
    snprintf(copy, sizeof copy, "%s", text);
    struct arguments arguments = split(text, copy);
    if (!word)
        say_unknown(client, name);
    else if (!*word->arguments && arguments.count)
        say_error(client, word_usage(name));
    else if (*word->arguments && *word->arguments != '[' && !arguments.count)
        client_say(client, "deja: monitor %s %s: %s\n", name, word->arguments, word->help);
    else {
        err_t error = word->serve(client, &arguments);
        client_rested(client);
        if (err_is(error))
            say_error(client, error);
    }
}

/* A GDB that shares our terminal gets one packet: when Ctrl-C is pressed it reads no more of them, and would take the
 * rest for the answer to its next question. */
static void begin(struct client *client)
{
    client->in_word = true;
    if (client->interrupted)
        atomic_store(client->interrupted, false); /* whatever it meant, it was not this word */
}

static void end(struct client *client)
{
    client->in_word = false;
    if (client->kept_bytes)
        reply_hex(&client->reply, client->kept, client->kept_bytes);
    else
        reply_text(&client->reply, "OK");
    client->kept_bytes = 0;
}

/* The word `deja` before another one: a script asks, which makes gdb look again by itself. */
void serve_monitor(struct client *client, const struct request *request)
{
    char line[COMMAND_BYTES];
    if (request->size_bytes >= sizeof line) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    memcpy(line, request->bytes, request->size_bytes);
    line[request->size_bytes] = 0;
    trim(line);
    char *name = line + strspn(line, blanks), *text = cut(name);
    client->scripted = !strcmp(name, "deja");
    if (client->scripted) {
        name = text;
        text = cut(name);
    }
    begin(client);
    client_say_diversion(client);
    serve(client, *name ? name : "help", text);
    end(client);
}

/* options: the command line, read once into values. */
#ifndef DEJA_CLI_OPTIONS_H
#define DEJA_CLI_OPTIONS_H

#include "../engine/engine.h"
#include "../icount/icount.h"

enum command_id {
#define COMMAND(ID, name, arguments, help, more) COMMAND_##ID,
#include "commands.def"
#undef COMMAND
    COMMAND_COUNT
};

struct command {
    const char *name;
    const char *arguments; /* "REC", "A B" or nothing */
    const char *help, *more;
};
extern const struct command commands[COMMAND_COUNT];

enum option_id {
#define OPTION(ID, name, kind, commands, argument, help) OPTION_##ID,
#include "options.def"
#undef OPTION
    OPTION_COUNT
};

enum { OPTION_LIST_MAX = 64 };

struct option_value {
    bool given;
    const char *text; /* as it was written; borrowed from argv */
    uint64_t number;  /* NUMBER, COUNT, SIZE (bytes), CHOICE (which) */
};

struct options {
    enum command_id command;
    struct option_value value[OPTION_COUNT];
    const char *recording;        /* REC or A; NULL for commands that take none */
    const char *other;            /* B; NULL likewise */
    const struct engine_log *log; /* NULL: none; see debuglog.h */
    char *const *rest;            /* what followed --, NULL-terminated; NULL when there was no -- (deja debug only) */
    const char *list[OPTION_LIST_MAX]; /* what was given of the kind LIST, in order */
    size_t nlist;
};

/* The command called `name`, or COMMAND_COUNT. */
enum command_id command_find(const char *name);

/* Reads the arguments of a command: argv[0] is its name. Permutes argv. ERR_USAGE names the argument. When -h is among
 * them nothing else is required. */
NODISCARD err_t options_parse(enum command_id command, int argc, char **argv, struct options *options);

/* The value, or what holds when the option was not given. */
const char *options_text(const struct options *options, enum option_id id, const char *otherwise);
uint64_t options_number(const struct options *options, enum option_id id, uint64_t otherwise);
bool options_flag(const struct options *options, enum option_id id);

/* --engine and its two companions for tests, and the log. */
struct engine_tuning options_tuning(const struct options *options);

/* Only help is wanted: -h, or -d help. */
bool options_asks(const struct options *options);

/* Help texts go to `write` piece by piece. */
void options_help(enum command_id command, void (*write)(void *context, const char *text), void *context);
void commands_help(void (*write)(void *context, const char *text), void *context);

/* "0x10", "12": false when it is anything else or does not fit. */
bool value_number(const char *text, uint64_t *number);

/* "1,000", "20M", "3k", "1G" (powers of ten). */
bool value_count(const char *text, uint64_t *count);

/* "512M", "1.5G", "size=1G", "512" (MiB), as QEMU's -m; powers of two; suffixes b k m g t in either case. */
bool value_size(const char *text, uint64_t *size_bytes);

/* "START..END" (END included), "START+SIZE", "START-SIZE" (ends at START), as QEMU's -dfilter; *last is included. */
bool value_range(const char *text, uint64_t *first, uint64_t *last);

/* Which of the words in "a|b|c" `text` is. */
bool value_choice(const char *words, const char *text, uint64_t *which);

#endif

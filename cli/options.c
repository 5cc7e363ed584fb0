/* options: options.def turned into getopt's table, values, help and complaints. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

enum kind { KIND_FLAG, KIND_TEXT, KIND_NUMBER, KIND_COUNT, KIND_SIZE, KIND_CHOICE, KIND_LIST };

enum {
#define COMMAND(ID, name, arguments, help, more) ID = 1 << COMMAND_##ID,
#include "commands.def"
#undef COMMAND
};

static const struct row {
    const char *name;
    enum kind kind;
    unsigned commands;
    const char *argument, *help;
} rows[OPTION_COUNT] = {
#define OPTION(ID, name, kind, commands, argument, help) {name, KIND_##kind, commands, argument, help},
#include "options.def"
#undef OPTION
};

const struct command commands[COMMAND_COUNT] = {
#define COMMAND(ID, name, arguments, help, more) {#name, arguments, help, more},
#include "commands.def"
#undef COMMAND
};

enum command_id command_find(const char *name)
{
    int id = 0;

    while (id < COMMAND_COUNT && strcmp(commands[id].name, name) != 0)
        id++;
    return (enum command_id)id;
}

/* ---- parsing ------------------------------------------------------------------------------------------------- */

static const char *bare(const char *name) { return name + strspn(name, "-"); }

static bool belongs(enum option_id id, enum command_id command) { return rows[id].commands >> command & 1; }

/* getopt's table of the options of one command; val is the row, counted from 1. */
static void longopts(enum command_id command, struct option table[OPTION_COUNT + 1])
{
    size_t n = 0;

    for (int id = 0; id < OPTION_COUNT; id++)
        if (belongs(id, command))
            table[n++] = (struct option){.name = bare(rows[id].name),
                                         .has_arg = rows[id].kind == KIND_FLAG ? no_argument : required_argument,
                                         .val = id + 1};
    table[n] = (struct option){0};
}

/* A detail that brings no mend of its own gets the command's help. */
static err_t usage(enum command_id command, const char *subject, const char *detail)
{
    err_t error = err_make(ERR_USAGE, "%s", subject);

    if (strchr(detail, ';') != NULL)
        return err_detail(error, "%s", detail);
    return err_detail(error, "%s; see deja %s -h", detail, commands[command].name);
}

/* An option that this command does not have: is it another command's? */
static err_t unknown(enum command_id command, const char *argument)
{
    const char *name = bare(argument);
    size_t length = strcspn(name, "=");
    char detail[120];

    for (int id = 0; id < OPTION_COUNT; id++) {
        if (strlen(bare(rows[id].name)) != length || strncmp(bare(rows[id].name), name, length) != 0)
            continue;
        snprintf(detail, sizeof detail, "belongs to deja %s, not to deja %s",
                 commands[__builtin_ctz(rows[id].commands)].name, commands[command].name);
        return usage(command, argument, detail);
    }
    snprintf(detail, sizeof detail, "deja %s has no such option, or several that begin so", commands[command].name);
    return usage(command, argument, detail);
}

static err_t set(struct options *options, enum option_id id, const char *text)
{
    static const char *const wants[] = {[KIND_NUMBER] = "wants a number",
                                        [KIND_COUNT] = "wants a number, such as 1,000 or 20M",
                                        [KIND_SIZE] = "wants a size, such as 512M or 1G"};
    const struct row *row = &rows[id];
    struct option_value *value = &options->value[id];
    bool good = true;
    char subject[200], detail[120];

    *value = (struct option_value){.given = true, .text = text};
    if (row->kind == KIND_LIST && options->nlist == OPTION_LIST_MAX)
        return usage(options->command, row->name, "is given too often");
    if (row->kind == KIND_LIST)
        options->list[options->nlist++] = text;
    if (row->kind == KIND_NUMBER)
        good = value_number(text, &value->number);
    else if (row->kind == KIND_COUNT)
        good = value_count(text, &value->number);
    else if (row->kind == KIND_SIZE)
        good = value_size(text, &value->number);
    else if (row->kind == KIND_CHOICE)
        good = value_choice(row->argument, text, &value->number);
    if (good)
        return err_ok();
    snprintf(subject, sizeof subject, "%s %s", row->name, text);
    if (row->kind != KIND_CHOICE)
        return usage(options->command, subject, wants[row->kind]);
    snprintf(detail, sizeof detail, "not offered; give %s, or leave it out", row->argument);
    return usage(options->command, subject, detail);
}

static err_t read_options(struct options *options, int argc, char **argv)
{
    struct option table[OPTION_COUNT + 1];
    char subject[200];
    int found;

    longopts(options->command, table);
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while ((found = getopt_long_only(argc, argv, ":", table, NULL)) != -1) {
        if (found > 0 && found <= OPTION_COUNT) {
            TRY(set(options, (enum option_id)(found - 1), optarg));
            continue;
        }
        if (optopt == 0)
            return unknown(options->command, argv[optind - 1]);
        snprintf(subject, sizeof subject, "%s", rows[optopt - 1].name);
        return usage(options->command, subject, found == ':' ? "wants an argument" : "takes no argument");
    }
    return err_ok();
}

bool options_asks(const struct options *options)
{
    return options_flag(options, OPTION_HELP) || options_flag(options, OPTION_H) ||
           strcmp(options_text(options, OPTION_LOG, ""), "help") == 0;
}

static err_t read_operands(struct options *options, int argc, char **argv)
{
    const char *arguments = commands[options->command].arguments;
    bool one = arguments[0] != '\0', two = strchr(arguments, ' ') != NULL;

    if (optind < argc && one)
        options->recording = argv[optind++];
    if (optind < argc && two)
        options->other = argv[optind++];
    if (options_asks(options))
        return err_ok();
    if (optind < argc)
        return usage(options->command, argv[optind], "one argument too many");
    if (two && options->other == NULL)
        return usage(options->command, "", "two recordings are compared; give the paths of both");
    if (one && options->recording == NULL)
        return usage(options->command, "", "no recording named; give the path of one");
    return err_ok();
}

err_t options_parse(enum command_id command, int argc, char **argv, struct options *options)
{
    *options = (struct options){.command = command};
    for (int i = 1; command == COMMAND_DEBUG && i < argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        options->rest = argv + i + 1; /* gdb's, not ours */
        argc = i;
    }
    TRY(read_options(options, argc, argv));
    return read_operands(options, argc, argv);
}

const char *options_text(const struct options *options, enum option_id id, const char *otherwise)
{
    return options->value[id].given ? options->value[id].text : otherwise;
}

uint64_t options_number(const struct options *options, enum option_id id, uint64_t otherwise)
{
    return options->value[id].given ? options->value[id].number : otherwise;
}

bool options_flag(const struct options *options, enum option_id id) { return options->value[id].given; }

/* ---- help ------------------------------------------------------------------------------------------------------ */

typedef void writer(void *context, const char *text);

/* "-kernel FILE" */
static void name_of(const struct row *row, char *text, size_t size_bytes)
{
    snprintf(text, size_bytes, "%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
}

struct engine_tuning options_tuning(const struct options *options)
{
    return (struct engine_tuning){
        .interpreter_only = options_number(options, OPTION_ENGINE, 0) == 1,
        .block_insns_most = (unsigned)options_number(options, OPTION_BLOCK, 0),
        .hot_after = (unsigned)options_number(options, OPTION_HOT, 0),
        .log = options->log,
    };
}

static void help_accepted(enum command_id command, writer *write, void *context)
{
    const char *separator = "\nAccepted because QEMU has them, and without effect:\n  ";
    char name[80];

    for (int id = 0; id < OPTION_COUNT; id++) {
        if (!belongs(id, command) || rows[id].help != NULL || id == OPTION_H)
            continue;
        name_of(&rows[id], name, sizeof name);
        write(context, separator);
        write(context, name);
        separator = id == OPTION_DISPLAY ? "\n  " : ", ";
    }
    if (separator[0] == ',')
        write(context, "\n");
}

void options_help(enum command_id command, writer *write, void *context)
{
    const struct command *row = &commands[command];
    char line[240], name[80];

    snprintf(line, sizeof line, "usage: deja %s [options]%s%s%s\n\n", row->name, row->arguments[0] ? " " : "",
             row->arguments, command == COMMAND_DEBUG ? " [-- arguments of gdb]" : "");
    write(context, line);
    write(context, row->more);
    write(context, row->more[0] ? "\n" : "");
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (!belongs(id, command) || rows[id].help == NULL)
            continue;
        name_of(&rows[id], name, sizeof name);
        snprintf(line, sizeof line, "  %-22s %s\n", name, rows[id].help);
        write(context, line);
    }
    help_accepted(command, write, context);
}

void commands_help(writer *write, void *context)
{
    char line[160];

    write(context, "deja: runs a RISC-V machine, and can be at any instruction of that run again\n\n"
                   "usage: deja COMMAND [options]\n\n");
    for (int id = 0; id < COMMAND_COUNT; id++) {
        snprintf(line, sizeof line, "  %-7s %-4s %s\n", commands[id].name, commands[id].arguments, commands[id].help);
        write(context, line);
    }
    write(context, "\n"
                   "deja COMMAND -h tells more. Begin with:\n"
                   "  deja record -o boot.deja -kernel Image -initrd initrd.gz -append \"console=ttyS0\"\n"
                   "  deja debug boot.deja\n"
                   "\n"
                   "Exit status: the guest's own, 0 to 63 (a greater one becomes 63), or\n"
                   "  64 usage  65 damaged or alien file  66 input missing  70 divergence\n"
                   "  73 cannot create  74 input/output error\n");
}

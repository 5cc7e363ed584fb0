/* deja branch: a recording goes on from the middle of another one. */
#include <string.h>
#include <unistd.h>

#include "../replay/replay.h"
#include "cli.h"
#include "progress.h"
#include "report.h"
#include "run.h"
#include "signals.h"

/* ---- pokes ------------------------------------------------------------------------------------------------------- */

enum { WORD_BYTES = 100 };

static err_t misread(const char *text)
{
    return err_detail(err_make(ERR_USAGE, "--poke %.100s", text),
                      "not understood; give ADDR=VALUE[:SIZE], phys:ADDR=VALUE[:SIZE] or REGISTER=VALUE");
}

/* A poke that a command line may ask for. */
struct wanted {
    const char *text;
    char place[WORD_BYTES];
    uint64_t value, size_bytes;
    bool sized;
};

static bool split(const char *text, struct wanted *wanted)
{
    const char *equals = strchr(text, '=');
    char value[WORD_BYTES];
    size_t length = equals != NULL ? (size_t)(equals - text) : 0;

    *wanted = (struct wanted){.text = text, .size_bytes = 8};
    if (length == 0 || length >= WORD_BYTES || strlen(equals + 1) >= WORD_BYTES)
        return false;
    memcpy(wanted->place, text, length);
    memcpy(value, equals + 1, strlen(equals + 1) + 1);
    char *colon = strchr(value, ':');
    wanted->sized = colon != NULL;
    if (colon != NULL) {
        *colon = '\0';
        if (!value_number(colon + 1, &wanted->size_bytes))
            return false;
    }
    return value_number(value, &wanted->value);
}

static err_t poke_memory(struct timeline *timeline, const struct wanted *wanted, bool physical, uint64_t address)
{
    uint8_t bytes[8];
    uint64_t size = wanted->size_bytes;

    if (size != 1 && size != 2 && size != 4 && size != 8)
        return err_detail(err_make(ERR_USAGE, "--poke %.100s", wanted->text),
                          "has a size that no store has; give 1, 2, 4 or 8");
    if (size < 8 && wanted->value >> 8 * size != 0)
        return err_detail(err_make(ERR_USAGE, "--poke %.100s", wanted->text),
                          "has a value of more bytes; give a greater size");
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(wanted->value >> 8 * i);
    return physical ? timeline_poke_physical(timeline, address, bytes, size)
                    : timeline_poke_memory(timeline, 0, address, bytes, size);
}

/* Which register a word names: pc, the integer and floating-point ones by their ABI names, every CSR. */
static bool find_register(const char *name, enum reg_class *reg_class, unsigned *number)
{
    size_t ncsrs;
    const struct csr_info *csrs = engine_csrs(&ncsrs);

    *number = 0;
    *reg_class = REG_PC;
    if (strcmp(name, "pc") == 0)
        return true;
    for (*number = 0; *number < 32; ++*number) {
        *reg_class = strcmp(name, engine_x_name(*number)) == 0 ? REG_X : REG_F;
        if (*reg_class == REG_X || strcmp(name, engine_f_name(*number)) == 0)
            return true;
    }
    *reg_class = REG_CSR;
    for (size_t i = 0; i < ncsrs; i++) {
        *number = csrs[i].number;
        if (strcmp(name, csrs[i].name) == 0)
            return true;
    }
    return false;
}

static err_t poke(struct timeline *timeline, const char *text)
{
    static const char physical[] = "phys:";
    struct wanted wanted;
    enum reg_class reg_class;
    unsigned number;
    uint64_t address;
    err_t error;

    if (!split(text, &wanted))
        return misread(text);
    bool phys = strncmp(wanted.place, physical, strlen(physical)) == 0;
    if (value_number(wanted.place + (phys ? strlen(physical) : 0), &address))
        error = poke_memory(timeline, &wanted, phys, address);
    else if (!phys && !wanted.sized && find_register(wanted.place, &reg_class, &number))
        error = timeline_poke_register(timeline, 0, reg_class, number, wanted.value);
    else
        return misread(text);
    if (error.code == ERR_USAGE && strcmp(error.subject, "poke") == 0)
        return err_detail(err_make(ERR_USAGE, "--poke %.100s", text), "%.80s at this mark", error.detail);
    return error;
}

static err_t poke_all(struct timeline *timeline, const struct options *options)
{
    for (size_t i = 0; i < options->nlist; i++)
        TRY(poke(timeline, options->list[i]));
    return err_ok();
}

/* ---- the command --------------------------------------------------------------------------------------------------- */

static err_t stand(struct timeline *timeline, const struct options *options)
{
    icount_t mark;

    TRY(timeline_parse_mark(timeline, options_text(options, OPTION_AT, "end"), &mark));
    TRY(timeline_seek(timeline, mark));
    return poke_all(timeline, options);
}

static err_t branch(const struct options *options, struct timeline *timeline, int *status)
{
    struct live_options live = run_plan(options);
    struct run_report report = {0};
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    err_t error;

    timeline_set_progress(timeline, &progress);
    error = stand(timeline, options);
    timeline_set_progress(timeline, NULL);
    if (!err_is(error))
        error = branch_run(timeline, &live, &progress, &report);
    progress_end(&bar);
    TRY(error);
    run_say(&live, &report);
    *status = report_exit_status(&report);
    return err_ok();
}

err_t command_branch(const struct options *options, int *status)
{
    if (*options_text(options, OPTION_O, "") == '\0')
        return err_detail(err_make(ERR_USAGE, "%s", ""), "no recording named to write; give -o and a path");
    return with_timeline(options, branch, status);
}

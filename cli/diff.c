/* deja diff: where two recorded runs part. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../replay/replay.h"
#include "cli.h"
#include "progress.h"
#include "report.h"
#include "signals.h"

enum { STATUS_DIFFERENT = 1, NAME_BYTES = 40 };

/* One of the two that are compared. */
struct run {
    const char *path;
    struct recording *recording;
    struct timeline *timeline;
    struct recording_info info;
};

/* "t0", "pc", "pmpcfg[3]" */
static const char *name_of(const struct state_difference *difference, char name[NAME_BYTES])
{
    bool bank = difference->is_array && difference->element < 32;

    if (bank && strcmp(difference->field, "x") == 0)
        return engine_x_name(difference->element);
    if (bank && strcmp(difference->field, "f") == 0)
        return engine_f_name(difference->element);
    if (!difference->is_array)
        return difference->field;
    snprintf(name, NAME_BYTES, "%.20s[%u]", difference->field, difference->element);
    return name;
}

static size_t shown(const struct parting *parting)
{
    return parting->differences < PARTING_SHOWN ? parting->differences : PARTING_SHOWN;
}

/* Instructions that both have executed alike. */
static uint64_t equal_instructions(const struct parting *parting)
{
    if (!parting->harts_parted)
        return parting->common.n;
    return parting->by_input || parting->harts_at.n == 0 ? parting->harts_at.n : parting->harts_at.n - 1;
}

static bool same_length(const struct run runs[2])
{
    return runs[0].info.end.n == runs[1].info.end.n && runs[0].info.end_vtime.ns == runs[1].info.end_vtime.ns;
}

static bool same_run(const struct run runs[2], const struct parting *parting)
{
    return !parting->machines_differ && !parting->parted && !parting->inputs[0].number && !parting->inputs[1].number &&
           same_length(runs);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void print_line(void *context, const char *text) { printf("%s%s\n", (const char *)context, text); }

static void print_registers(const struct parting *parting)
{
    char name[NAME_BYTES];

    for (size_t i = 0; i < shown(parting); i++)
        printf("%s %s 0x%" PRIx64 " / 0x%" PRIx64, i > 0 ? "," : ":", name_of(&parting->shown[i], name),
               parting->shown[i].a, parting->shown[i].b);
    if (parting->differences > PARTING_SHOWN)
        printf(" and %zu more", parting->differences - PARTING_SHOWN);
    putchar('\n');
}

static void print_harts(const struct parting *parting)
{
    char equal[GROUPED_BYTES];

    printf("equal for %s instructions, then hart %u at 0x%" PRIx64, format_grouped(equal_instructions(parting), equal),
           parting->hart, parting->pcs[0]);
    if (parting->pcs[0] != parting->pcs[1])
        printf(" / 0x%" PRIx64, parting->pcs[1]);
    if (parting->insn[0] != '\0')
        printf(" (%s)", parting->insn);
    print_registers(parting);
}

static void print_lengths(const struct run runs[2], const struct parting *parting)
{
    char common[GROUPED_BYTES], end[GROUPED_BYTES];
    const struct run *shorter = &runs[runs[1].info.end.n < runs[0].info.end.n], *longer = &runs[shorter == runs];

    format_grouped(parting->common.n, common);
    if (same_run(runs, parting))
        printf("equal: %s instructions, %" PRIu64 " inputs\n", common, runs[0].info.inputs[0]);
    else if (shorter->info.end.n == longer->info.end.n)
        printf("equal for all %s instructions\n", common);
    else
        printf("equal for %s instructions, where %s ends; %s goes on to %s\n", common, shorter->path, longer->path,
               format_grouped(longer->info.end.n, end));
}

static void print_bytes(const struct input_record *input)
{
    enum { SHOWN_BYTES = 16 };

    fputs(" \"", stdout);
    for (size_t i = 0; i < input->size_bytes && i < SHOWN_BYTES; i++)
        printf(input->bytes[i] < 0x20 || input->bytes[i] >= 0x7f ? "\\x%02x" : "%c", input->bytes[i]);
    fputs(input->size_bytes > SHOWN_BYTES ? "\"..." : "\"", stdout);
}

/* "5, console bytes "l" at 402,118,201" */
static void print_input(const struct parting_input *input)
{
    char number[GROUPED_BYTES], at[GROUPED_BYTES];

    if (input->number == 0) {
        fputs("none", stdout);
        return;
    }
    printf("%s, %s", format_grouped(input->number, number), board_input_name(input->record.kind));
    if (input->record.kind == INPUT_CONSOLE)
        print_bytes(&input->record);
    printf(" at %s", format_grouped(input->record.at.n, at));
}

static err_t print_for_people(const struct run runs[2], const struct parting *parting)
{
    char at[GROUPED_BYTES];

    parting_machines(runs[0].recording, runs[1].recording, print_line, "different machines: ");
    if (parting->alien)
        return err_ok();
    if (parting->harts_parted)
        print_harts(parting);
    else
        print_lengths(runs, parting);
    if (parting->inputs[0].number || parting->inputs[1].number) {
        fputs("the first input that differs: ", stdout);
        print_input(&parting->inputs[0]);
        fputs(" / ", stdout);
        print_input(&parting->inputs[1]);
        putchar('\n');
    }
    if (!parting->parted)
        return err_ok();
    if (!parting->harts_parted || parting->at.n != parting->harts_at.n)
        printf("devices or memory differ from %s on\n", format_grouped(parting->at.n, at));
    printf("at %s:\n", format_grouped(timeline_now(runs[0].timeline).n, at));
    return parting_tell(runs[0].timeline, runs[0].path, runs[1].timeline, runs[1].path, print_line, "");
}

/* ---- for machines ------------------------------------------------------------------------------------------------- */

static void json_input(const char *separator, const struct parting_input *input)
{
    const struct input_record *record = &input->record;

    fputs(separator, stdout);
    if (input->number == 0) {
        fputs("null", stdout);
        return;
    }
    printf("{\"number\": %" PRIu64 ", \"kind\": \"%s\", \"port\": %u, \"instructions\": %" PRIu64
           ", \"guest_ns\": %" PRIu64 ", \"bytes\": \"",
           input->number, board_input_name(record->kind), record->port, record->at.n, record->when.ns);
    for (size_t i = 0; i < record->size_bytes; i++)
        printf("%02x", record->bytes[i]);
    fputs("\"}", stdout);
}

static void json_hart(const struct parting *parting)
{
    char name[NAME_BYTES];

    printf("  \"hart\": %u,\n  \"pcs\": [\"0x%" PRIx64 "\", \"0x%" PRIx64 "\"],\n  \"instruction\": \"%s\",\n",
           parting->hart, parting->pcs[0], parting->pcs[1], parting->insn);
    printf("  \"registers_that_differ\": %zu,\n  \"registers\": [", parting->differences);
    for (size_t i = 0; i < shown(parting); i++)
        printf("%s{\"name\": \"%s\", \"a\": \"0x%" PRIx64 "\", \"b\": \"0x%" PRIx64 "\"}", i > 0 ? ", " : "",
               name_of(&parting->shown[i], name), parting->shown[i].a, parting->shown[i].b);
    puts("],");
}

static err_t print_json(const struct run runs[2], const struct parting *parting)
{
    printf("{\n  \"equal\": %s,\n", same_run(runs, parting) ? "true" : "false");
    printf("  \"same_machine\": %s,\n", parting->machines_differ ? "false" : "true");
    printf("  \"equal_instructions\": %" PRIu64 ",\n", parting->alien ? 0 : equal_instructions(parting));
    if (parting->parted)
        printf("  \"machines_part_at\": %" PRIu64 ",\n", parting->at.n);
    if (parting->harts_parted)
        json_hart(parting);
    json_input("  \"inputs\": [", &parting->inputs[0]);
    json_input(", ", &parting->inputs[1]);
    printf("],\n  \"ends\": [%" PRIu64 ", %" PRIu64 "]\n}\n", runs[0].info.end.n, runs[1].info.end.n);
    return err_ok();
}

/* ---- the command --------------------------------------------------------------------------------------------------- */

static err_t open_run(struct run *run, const struct options *options)
{
    TRY(recording_open(run->path, &run->recording));
    recording_tune(run->recording, options_tuning(options));
    TRY(recording_info(run->recording, &run->info));
    return timeline_open(run->recording, &run->timeline);
}

static void close_run(struct run *run)
{
    timeline_close(run->timeline);
    recording_close(run->recording);
}

static err_t compare(struct run runs[2], struct parting *parting)
{
    struct progress_bar bar;
    struct progress progress = progress_begin(&bar, signals_quit());
    err_t error;

    for (unsigned side = 0; side < 2; side++)
        timeline_set_progress(runs[side].timeline, &progress);
    error = parting_find(runs[0].timeline, runs[1].timeline, parting);
    progress_end(&bar);
    for (unsigned side = 0; side < 2; side++)
        timeline_set_progress(runs[side].timeline, NULL);
    return error;
}

static err_t diff(struct run runs[2], const struct options *options, int *status)
{
    struct parting parting;

    for (unsigned side = 0; side < 2; side++)
        TRY(open_run(&runs[side], options));
    TRY(compare(runs, &parting));
    *status = same_run(runs, &parting) ? 0 : STATUS_DIFFERENT;
    if (parting.quit)
        return err_detail(err_make(ERR_UNAVAILABLE, "%s", ""), "stopped because you asked; nothing is known yet");
    TRY(options_flag(options, OPTION_JSON) ? print_json(runs, &parting) : print_for_people(runs, &parting));
    return stdout_flushed();
}

err_t command_diff(const struct options *options, int *status)
{
    struct run runs[2] = {{.path = options->recording}, {.path = options->other}};
    err_t error = diff(runs, options, status);

    for (unsigned side = 0; side < 2; side++)
        close_run(&runs[side]);
    return error;
}

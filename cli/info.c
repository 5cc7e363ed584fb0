/* deja info: what a recording says of itself, for people and for machines. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../replay/replay.h"
#include "cli.h"
#include "report.h"

/* Names and command lines come from a file that anybody may have made: nothing of them reaches the terminal raw. */
static void print_quoted(const char *text, size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_text(const char *text)
{
    for (; *text != '\0'; text++)
        putchar(*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* ---- for people ------------------------------------------------------------------------------------------------ */

static void print_image(const char *separator, const struct image *image, uint64_t hash)
{
    char bytes[FORMAT_BYTES];

    if (image->bytes == NULL)
        return;
    fputs(separator, stdout);
    print_text(base_name(image->name));
    printf(" %s xxh3:%016" PRIx64, format_bytes(image->size_bytes, bytes), hash);
}

static void print_machine(const struct board_config *config)
{
    printf("machine    virt, rv64imafdc, %u hart%s, %" PRIu64 " MiB", config->nharts, config->nharts == 1 ? "" : "s",
           config->ram_size_bytes >> 20);
    printf(", seed 0x%" PRIx64 ", epoch %" PRIu64 "\n", config->seed, config->epoch_ns / 1000000000);
}

static void print_booted(const struct recording_info *info)
{
    const struct board_config *config = &info->config;

    fputs("booted     ", stdout);
    print_image("", &config->kernel, info->kernel_hash);
    print_image(config->kernel.bytes != NULL ? ", " : "", &config->initrd, info->initrd_hash);
    if (config->append != NULL && config->append[0] != '\0') {
        fputs(", append ", stdout);
        print_quoted(config->append, strlen(config->append));
    }
    fputs("\nfirmware   ", stdout);
    print_image("", &config->firmware, info->firmware_hash);
    puts(config->firmware.bytes == NULL ? "none" : "");
}

static void print_ending(const struct recording_info *info)
{
    struct run_report report = {.end = info->complete ? RUN_HALTED : RUN_RECORDING_ENDS, .halt = info->halt};
    char line[REPORT_BYTES];

    if (info->complete && info->halt.reason == HALT_NONE)
        puts("ended      stopped from outside");
    else if (report_ending(&report, line))
        printf("ended      %s\n", line);
    else
        puts("ended      by the guest, with status 0");
}

static void print_origins(const struct recording *recording)
{
    char mark[GROUPED_BYTES];
    size_t count;
    const struct recording_origin *origins = recording_origins(recording, &count);

    for (size_t i = count; i-- > 0;) {
        fputs(i + 1 == count ? "branched   from " : "           which is from ", stdout);
        print_text(base_name(origins[i].name));
        printf(" at %s\n", format_grouped(origins[i].at.n, mark));
    }
}

static void print_snapshots(const struct recording_info *info)
{
    enum { MILLION = 1000000 };
    char number[GROUPED_BYTES], bytes[FORMAT_BYTES];

    printf("snapshots  %s, ", format_grouped(info->snapshots, number));
    if (info->snapshots > 1) {
        uint64_t every = info->end.n / (info->snapshots - 1);
        bool millions = every >= 10 * MILLION;
        printf("about every %s%s instructions, ", format_grouped(millions ? every / MILLION : every, number),
               millions ? " M" : "");
    }
    puts(format_bytes(info->snapshot_bytes, bytes));
}

static void print_for_people(const struct recording *recording, const struct recording_info *info)
{
    char number[GROUPED_BYTES], bytes[FORMAT_BYTES], guest[FORMAT_BYTES];

    fputs("recorded   ", stdout);
    print_text(info->created);
    fputs(" by ", stdout);
    print_text(info->creator);
    printf(", format %u, %s\n", info->format, info->complete ? "complete" : "broken off");
    print_origins(recording);
    print_machine(&info->config);
    print_booted(info);
    printf("length     %s instructions, %s guest\n", format_grouped(info->end.n, number),
           format_seconds((double)info->end_vtime.ns / 1e9, guest));
    print_ending(info);
    printf("inputs     %s console", format_grouped(info->inputs[INPUT_CONSOLE], number));
    if (info->inputs[INPUT_POKE] > 0)
        printf(", %s poke%s", format_grouped(info->inputs[INPUT_POKE], number),
               info->inputs[INPUT_POKE] > 1 ? "s" : "");
    putchar('\n');
    printf("console    %s\n", format_bytes(info->console_bytes, bytes));
    print_snapshots(info);
    printf("file       %s\n", format_bytes(info->file_bytes, bytes));
}

/* ---- for machines ------------------------------------------------------------------------------------------------ */

static void json_text(const char *key, const char *text)
{
    printf("  \"%s\": ", key);
    print_quoted(text, strlen(text));
    puts(",");
}

static void json_number(const char *key, uint64_t number, const char *end)
{
    printf("  \"%s\": %" PRIu64 "%s\n", key, number, end);
}

static void json_image(const char *key, const struct image *image, uint64_t hash)
{
    if (image->bytes == NULL) {
        printf("  \"%s\": null,\n", key);
        return;
    }
    printf("  \"%s\": {\"name\": ", key);
    print_quoted(image->name, strlen(image->name));
    printf(", \"size_bytes\": %zu, \"xxh3\": \"%016" PRIx64 "\"},\n", image->size_bytes, hash);
}

static void json_machine(const struct recording_info *info)
{
    const struct board_config *config = &info->config;

    json_image("firmware", &config->firmware, info->firmware_hash);
    json_image("kernel", &config->kernel, info->kernel_hash);
    json_image("initrd", &config->initrd, info->initrd_hash);
    json_text("append", config->append != NULL ? config->append : "");
    json_number("harts", config->nharts, ",");
    json_number("ram_bytes", config->ram_size_bytes, ",");
    json_number("seed", config->seed, ",");
    json_number("epoch_ns", config->epoch_ns, ",");
}

static void json_origins(const struct recording *recording)
{
    size_t count;
    const struct recording_origin *origins = recording_origins(recording, &count);

    fputs("  \"branched_from\": [", stdout);
    for (size_t i = count; i-- > 0;) {
        fputs("{\"name\": ", stdout);
        print_quoted(origins[i].name, strlen(origins[i].name));
        printf(", \"instructions\": %" PRIu64 "}%s", origins[i].at.n, i > 0 ? ", " : "");
    }
    puts("],");
}

static void print_json(const struct recording *recording, const struct recording_info *info)
{
    static const char *const reasons[] = {
        [HALT_NONE] = "none", [HALT_POWEROFF] = "poweroff", [HALT_RESET] = "reset",
        [HALT_FAIL] = "fail", [HALT_HTIF] = "htif",         [HALT_SEMIHOSTING] = "semihosting"};

    puts("{");
    json_text("created", info->created);
    json_text("creator", info->creator);
    json_number("format", info->format, ",");
    printf("  \"complete\": %s,\n", info->complete ? "true" : "false");
    json_origins(recording);
    json_machine(info);
    json_number("instructions", info->end.n, ",");
    json_number("guest_ns", info->end_vtime.ns, ",");
    json_text("halt", info->halt.reason < sizeof reasons / sizeof reasons[0] ? reasons[info->halt.reason] : "?");
    json_number("halt_status", info->halt.status, ",");
    json_number("inputs", info->inputs[0], ",");
    json_number("console_inputs", info->inputs[INPUT_CONSOLE], ",");
    json_number("pokes", info->inputs[INPUT_POKE], ",");
    json_number("console_bytes", info->console_bytes, ",");
    json_number("snapshots", info->snapshots, ",");
    json_number("snapshot_bytes", info->snapshot_bytes, ",");
    json_number("file_bytes", info->file_bytes, "");
    puts("}");
}

err_t command_info(const struct options *options, int *status)
{
    struct recording *recording;
    struct recording_info info;
    err_t error;

    *status = 0;
    TRY(recording_open(options->recording, &recording));
    error = recording_info(recording, &info);
    if (!err_is(error)) {
        if (options_flag(options, OPTION_JSON))
            print_json(recording, &info);
        else
            print_for_people(recording, &info);
        error = stdout_flushed();
    }
    recording_close(recording);
    return error;
}

/* deja run, deja record: a machine with the world attached. */
#include <unistd.h>

#include "../replay/replay.h"
#include "cli.h"
#include "report.h"
#include "run.h"
#include "signals.h"

enum { PACE_FAST, PACE_REAL };

static const uint64_t DEFAULT_RAM_BYTES = 512ull << 20;

static err_t configure(const struct options *options, struct board_config *config)
{
    const uint64_t ns_per_s = 1000000000;
    uint64_t epoch_s = options_number(options, OPTION_EPOCH, 0);

    if (epoch_s > UINT64_MAX / 2 / ns_per_s)
        return err_detail(err_make(ERR_USAGE, "--epoch %s", options_text(options, OPTION_EPOCH, "")),
                          "too far in the future; give seconds since 1970");
    *config = (struct board_config){
        .append = options_text(options, OPTION_APPEND, NULL),
        .ram_size_bytes = options_number(options, OPTION_M, DEFAULT_RAM_BYTES),
        .nharts = 1,
        .seed = options_flag(options, OPTION_SEED) ? options_number(options, OPTION_SEED, 0) : host_entropy(),
        .epoch_ns = options_flag(options, OPTION_EPOCH) ? epoch_s * ns_per_s : host_epoch_ns(),
        .semihosting_files = options_flag(options, OPTION_SEMIHOSTING),
        .tuning = options_tuning(options),
    };
    return err_ok();
}

struct live_options run_plan(const struct options *options)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

    return (struct live_options){
        .record_path = options_text(options, OPTION_O, NULL),
        .force = options_flag(options, OPTION_FORCE),
        .snapshot_every = options_number(options, OPTION_SNAPSHOT_EVERY, 0),
        .max_icount = icount_of(options_number(options, OPTION_MAX_ICOUNT, ICOUNT_MAX.n)),
        .pace_real = options_number(options, OPTION_PACE, terminal ? PACE_REAL : PACE_FAST) == PACE_REAL,
        .console_in = STDIN_FILENO,
        .console_out = STDOUT_FILENO,
        .escape_keys = isatty(STDIN_FILENO),
        .quit = signals_quit(),
        .signature_path = options_text(options, OPTION_SIGNATURE, NULL),
    };
}

void run_say(const struct live_options *live, const struct run_report *report)
{
    char line[REPORT_BYTES];

    if (report_ending(report, line))
        say("%s", line);
    report_ran(live->record_path, report, line);
    say("%s", line);
    if (live->record_path != NULL)
        say("next: deja replay %s | deja debug %s", live->record_path, live->record_path);
}

static err_t run_machine(const struct options *options, const struct boot *boot, int *status)
{
    struct live_options live = run_plan(options);
    struct run_report report = {0};
    struct board_config config;

    TRY(configure(options, &config));
    boot_images(boot, &config);
    TRY(live_run(&config, &live, &report));
    run_say(&live, &report);
    *status = report_exit_status(&report);
    return err_ok();
}

err_t command_run(const struct options *options, int *status)
{
    struct boot_files files = {.bios = options_text(options, OPTION_BIOS, NULL),
                               .kernel = options_text(options, OPTION_KERNEL, NULL),
                               .initrd = options_text(options, OPTION_INITRD, NULL)};
    struct boot *boot;
    err_t error;

    if (files.kernel == NULL && files.bios == NULL)
        return err_detail(err_make(ERR_USAGE, "%s", ""), "nothing to boot; give -kernel a Linux Image or an ELF");
    TRY(boot_read(&files, &boot));
    error = run_machine(options, boot, status);
    boot_free(boot);
    return error;
}

err_t command_record(const struct options *options, int *status)
{
    if (*options_text(options, OPTION_O, "") == '\0')
        return err_detail(err_make(ERR_USAGE, "%s", ""), "no recording named; give -o and a path");
    return command_run(options, status);
}

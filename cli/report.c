#include <inttypes.h>
#include <stdio.h>

#include "report.h"

enum { GUEST_STATUS_MAX = 63 };

const char *format_bytes(uint64_t size_bytes, char buffer[FORMAT_BYTES])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double value = (double)size_bytes;
    size_t unit = 0;

    for (; value >= 999.5 && unit < sizeof units / sizeof units[0] - 1; unit++)
        value /= 1000;
    snprintf(buffer, FORMAT_BYTES, "%.*f %s", unit > 0 && value < 9.95 ? 1 : 0, value, units[unit]);
    return buffer;
}

const char *format_seconds(double seconds, char buffer[FORMAT_BYTES])
{
    uint64_t whole = (uint64_t)(seconds + 0.5);

    if (seconds < 9.9995)
        snprintf(buffer, FORMAT_BYTES, "%.3f s", seconds);
    else if (seconds < 120)
        snprintf(buffer, FORMAT_BYTES, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " min %02" PRIu64 " s", whole / 60, whole % 60);
    else
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600, whole / 60 % 60);
    return buffer;
}

static double guest_seconds(const struct run_report *report) { return (double)report->vtime.ns / 1e9; }

void report_ran(const char *path, const struct run_report *report, char line[REPORT_BYTES])
{
    char instructions[GROUPED_BYTES], inputs[GROUPED_BYTES], snapshots[GROUPED_BYTES];
    char guest[FORMAT_BYTES], host[FORMAT_BYTES], bytes[FORMAT_BYTES];
    int used = snprintf(line, REPORT_BYTES, "%s%s%s instructions, %s guest, %s host", path ? path : "",
                        path ? ": " : "", format_grouped(report->icount.n, instructions),
                        format_seconds(guest_seconds(report), guest), format_seconds(report->host_seconds, host));

    if (path != NULL && used < REPORT_BYTES)
        snprintf(line + used, REPORT_BYTES - (size_t)used, ", %s input%s, %s snapshot%s, %s",
                 format_grouped(report->inputs, inputs), report->inputs == 1 ? "" : "s",
                 format_grouped(report->snapshots, snapshots), report->snapshots == 1 ? "" : "s",
                 format_bytes(report->file_bytes, bytes));
}

void report_replayed(const char *path, const struct run_report *report, char line[REPORT_BYTES])
{
    char instructions[GROUPED_BYTES], hashes[GROUPED_BYTES];

    format_grouped(report->snapshots, hashes);
    snprintf(line, REPORT_BYTES, "%s: replayed %s instructions, %s of %s state hashes equal", path,
             format_grouped(report->icount.n, instructions), hashes, hashes);
}

void report_lockstep(const char *path, const struct run_report *report, char line[REPORT_BYTES])
{
    char instructions[GROUPED_BYTES], stops[GROUPED_BYTES], hashes[GROUPED_BYTES];

    format_grouped(report->snapshots, hashes);
    snprintf(line, REPORT_BYTES, "%s: %s instructions by both engines, equal at %s stops, %s of %s state hashes equal",
             path, format_grouped(report->icount.n, instructions), format_grouped(report->compared, stops), hashes,
             hashes);
}

/* What the guest did, for endings that are not a plain success. */
static bool halted(const struct board_halt *halt, char line[REPORT_BYTES])
{
    int used;

    if (halt->reason == HALT_RESET)
        return snprintf(line, REPORT_BYTES, "the guest asked for a reset; the run ends there") > 0;
    if (halt->status == 0)
        return false;
    used = snprintf(line, REPORT_BYTES, "the guest ended with status %" PRIu64, halt->status);
    if (halt->status > GUEST_STATUS_MAX)
        snprintf(line + used, REPORT_BYTES - (size_t)used, "; exit statuses of guests end at %d, so this is %d",
                 GUEST_STATUS_MAX, GUEST_STATUS_MAX);
    return true;
}

bool report_ending(const struct run_report *report, char line[REPORT_BYTES])
{
    static const char *const texts[] = {
        [RUN_MAX_ICOUNT] = "stopped at --max-icount",
        [RUN_QUIT] = "stopped because you asked",
        [RUN_IDLE_FOREVER] = "the guest waits for ever, for no timer is set and no input can come; give it some (66)",
        [RUN_RECORDING_ENDS] = "the recording ends here; the guest had not ended",
    };

    if (report->end == RUN_HALTED)
        return halted(&report->halt, line);
    snprintf(line, REPORT_BYTES, "%s", texts[report->end]);
    return true;
}

int report_exit_status(const struct run_report *report)
{
    if (report->end == RUN_IDLE_FOREVER)
        return err_exit_status(
            err_make(ERR_NO_INPUT, "%s", "")); /* whoever waits for a result shall not take it for one */
    if (report->end != RUN_HALTED)
        return 0;
    return report->halt.status < GUEST_STATUS_MAX ? (int)report->halt.status : GUEST_STATUS_MAX;
}

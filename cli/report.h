/* report: what a person reads when a run is over. Pure: values in, one line out. */
#ifndef DEJA_CLI_REPORT_H
#define DEJA_CLI_REPORT_H

#include "../replay/replay.h"

enum { REPORT_BYTES = 512 };

/* "1.0 MB", "38 MB", "1.2 GB" (powers of ten, as ls and df of today). */
enum { FORMAT_BYTES = 32 };
const char *format_bytes(uint64_t size_bytes, char buffer[FORMAT_BYTES]);

/* "0.914 s", "75.2 s", "1 h 02 min 03 s" */
const char *format_seconds(double seconds, char buffer[FORMAT_BYTES]);

/* "boot.deja: 912,345,678 instructions, 0.914 s guest, 1.3 s host, 0 inputs, 46 snapshots, 38 MB"; without a path what
 * a recording has is left out. */
void report_ran(const char *path, const struct run_report *report, char line[REPORT_BYTES]);

/* "boot.deja: replayed 912,345,678 instructions, 46 of 46 state hashes equal" */
void report_replayed(const char *path, const struct run_report *report, char line[REPORT_BYTES]);

/* "boot.deja: 912,345,678 instructions by both engines, equal at 913 stops, 46 of 46 state hashes equal" */
void report_lockstep(const char *path, const struct run_report *report, char line[REPORT_BYTES]);

/* How the run ended, when a person would want to know: false for a plain power-off. */
bool report_ending(const struct run_report *report, char line[REPORT_BYTES]);

/* The guest's own status, clipped to 63: above are the sysexits, of which a guest that waits for ever gets one. */
int report_exit_status(const struct run_report *report);

#endif

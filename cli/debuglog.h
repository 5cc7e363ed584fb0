/* debuglog: -d, -D, -dfilter and --perfmap: what the engine tells of itself, printed. Changes no run. */
#ifndef DEJA_CLI_DEBUGLOG_H
#define DEJA_CLI_DEBUGLOG_H

#include <stdio.h>

#include "options.h"

enum { DEBUGLOG_RANGES = 16 };

struct debuglog {
    FILE *file;     /* NULL: nothing is logged */
    FILE *map;      /* NULL: no perf map */
    unsigned kinds; /* enum log_kind, OR-ed: what goes to the file */
    struct range {
        uint64_t first, last;
    } ranges[DEBUGLOG_RANGES]; /* none: everything */
    size_t nranges;
    struct engine_log sink;
};

/* Opens what the options ask for and points options->log at it. ERR_USAGE, ERR_CANNOT_CREATE. Close also after errors.
 */
NODISCARD err_t debuglog_open(struct debuglog *log, struct options *options);

/* ERR_IO when not all could be written. */
NODISCARD err_t debuglog_close(struct debuglog *log);

/* What there is to log. */
void debuglog_help(void (*write)(void *context, const char *text), void *context);

#endif

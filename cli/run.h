/* run: what all commands share that run a machine with the world attached. */
#ifndef DEJA_CLI_RUN_H
#define DEJA_CLI_RUN_H

#include "../replay/replay.h"
#include "options.h"

/* What the options say of a live run. */
struct live_options run_plan(const struct options *options);

/* How it went, and what to do next. */
void run_say(const struct live_options *live, const struct run_report *report);

#endif

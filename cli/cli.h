/* cli: people. Options in, one line out; whatever decides anything stands in the rooms to the left. */
#ifndef DEJA_CLI_H
#define DEJA_CLI_H

#include "../replay/replay.h"
#include "options.h"

/* The whole program. Returns the exit status. */
int cli_main(int argc, char **argv);

/* One function per row of commands.def; they return the exit status in *status, or what failed. */
#define COMMAND(ID, name, arguments, help, more) NODISCARD err_t command_##name(const struct options *, int *status);
#include "commands.def"
#undef COMMAND

/* "deja: boot.deja: ..." on stderr. */
void say(const char *format, ...) PRINTF_LIKE(1, 2);

/* Says an error and returns its exit status; 0 for ERR_OK. */
int say_error(err_t error);

/* Opens the recording that was named, calls `use` with its timeline, and closes both. */
typedef err_t timeline_user(const struct options *options, struct timeline *timeline, int *status);
NODISCARD err_t with_timeline(const struct options *options, timeline_user *use, int *status);

/* ERR_IO when what was printed could not be written. */
NODISCARD err_t stdout_flushed(void);

#endif

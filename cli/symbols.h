/* symbols: the guest kernel's, for gdb. */
#ifndef DEJA_CLI_SYMBOLS_H
#define DEJA_CLI_SYMBOLS_H

#include "../guest/guest.h"
#include "../replay/replay.h"

/* Finds them where the timeline stands; guest_symbols_free() is due after success. ERR_UNAVAILABLE: there are none. */
NODISCARD err_t symbols_here(struct timeline *timeline, struct guest_symbols *symbols);

/* Writes an ELF of them to `path`, while the timeline stands where they were found. ERR_CANNOT_CREATE, ERR_DISK_FULL,
 * ERR_NO_MEMORY. */
NODISCARD err_t symbols_write(struct timeline *timeline, const struct guest_symbols *symbols, const char *path);

#endif

/* signature: what a RISC-V architecture test leaves in memory -> a file, as the frameworks around those tests compare
 * it: one 32-bit word a line, 8 hexadecimal digits, the lowest address first (Spike's +signature-granularity=4). */
#ifndef DEJA_REPLAY_SIGNATURE_H
#define DEJA_REPLAY_SIGNATURE_H

#include "replay.h"

struct signature;

/* Creates the file, or empties the one that is there. ERR_USAGE: the board's ELF names no signature,
 * ERR_CANNOT_CREATE. */
NODISCARD err_t signature_create(const char *path, const struct board *board, struct signature **signature);

/* Writes what the memory holds now. ERR_DISK_FULL, ERR_IO. */
NODISCARD err_t signature_write(struct signature *signature, struct board *board);

/* Closes the file. NULL is fine. */
void signature_close(struct signature *signature);

#endif

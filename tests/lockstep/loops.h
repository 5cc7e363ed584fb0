/* loops: tight loops as compilers make them, and with what can go wrong in a later turn. */
#ifndef DEJA_TEST_LOOPS_H
#define DEJA_TEST_LOOPS_H

#include <stddef.h>

#include "words.h"

enum { LOOP_BYTES_MOST = 1024 };

/* Writes a loop, or two of them in a third, to `code`, which has room for LOOP_BYTES_MOST. Returns how many bytes that
 * are; *head_bytes: where the loop proper begins, behind what sets it up. */
size_t loop_lay(uint64_t *seed, uint8_t *code, size_t *head_bytes);

#endif

/* program: a firmware or kernel file in any of its formats -> segments, an entry and an extent. Inside hw/ only.
 *
 *   ELF           its own addresses, unless it is movable and they are outside RAM
 *   Linux Image   Linux Documentation/arch/riscv/boot-image-header.rst
 *   flat binary   anything that is nothing else
 *
 * Each of them may be packed with gzip.
 */
#ifndef DEJA_HW_PROGRAM_H
#define DEJA_HW_PROGRAM_H

#include "elf.h"
#include "hw.h"

struct program {
    const char *name;     /* of its file */
    uint64_t start;       /* physical; of the first segment that there is */
    uint64_t end;         /* behind the last byte that it needs */
    uint64_t text_offset; /* of a Linux Image: from a 2 MiB boundary; else 0 */
    struct elf elf;       /* the other formats become one movable segment */
    uint8_t *unpacked;    /* owned; NULL: the file was not packed */
};

/* Reads and checks `image`; a packed one may unpack to `limit_bytes`. ERR_BAD_IMAGE, ERR_NO_MEMORY. After success the
 * program borrows the image and program_close() is due. */
NODISCARD err_t program_open(const struct image *image, uint64_t limit_bytes, struct program *program);
void program_close(struct program *program);

/* Moves a movable program to `start`, a multiple of PAGE_BYTES; false when it would reach beyond 2^64. */
NODISCARD bool program_move(struct program *program, uint64_t start);

#endif

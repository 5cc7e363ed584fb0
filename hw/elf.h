/* elf: reads riscv64 ELF files that stand on their own, ET_EXEC or static ET_DYN. Inside hw/ only.
 *
 * Every offset and size in the file is checked once, in elf_open(); what comes out is inside the image.
 * Sources: System V ABI, chapters 4 and 5; RISC-V ELF psABI, chapter "ELF Object Files".
 */
#ifndef DEJA_HW_ELF_H
#define DEJA_HW_ELF_H

#include "hw.h"

enum { ELF_SEGMENTS_MAX = 64 };

/* One PT_LOAD. `memory_bytes` is at least `file_bytes`; the rest is zero. */
struct elf_segment {
    uint64_t vaddr, paddr;
    uint64_t file_bytes, memory_bytes;
    const uint8_t *bytes;
    bool has_headers; /* starts with the file's own headers: linkers load them in front of the first section */
};

struct elf {
    uint64_t entry; /* physical */
    bool movable;   /* ET_DYN: runs at any address, see elf_move() */
    size_t nsegments;
    struct elf_segment segments[ELF_SEGMENTS_MAX]; /* their file bytes do not overlap in memory */
    const uint8_t *symbols, *names;                /* NULL: it has none */
    uint64_t nsymbols, names_bytes;
};

bool elf_is(const uint8_t *bytes, size_t size_bytes);

/* Checks the whole file and describes it. ERR_BAD_IMAGE says what is wrong. Borrows the image's bytes. */
NODISCARD err_t elf_open(const struct image *image, struct elf *elf);

/* The lowest physical address, and the end of the highest segment. */
uint64_t elf_start(const struct elf *elf);
uint64_t elf_end(const struct elf *elf);

/* Shifts everything physical so that the lowest page starts at `start`, a multiple of PAGE_BYTES. False when the end
 * would lie beyond 2^64. */
NODISCARD bool elf_move(struct elf *elf, uint64_t start);

/* The physical address of a symbol defined in the file; false when there is none. */
bool elf_symbol(const struct elf *elf, const char *name, uint64_t *paddr);

#endif

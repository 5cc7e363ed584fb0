/* loader: what to boot -> bytes in RAM, a reset ROM and the addresses that the board must know.
 *
 * The places are those of QEMU's `virt` (hw/riscv/boot.c and virt.c there), so that images which people already have
 * boot unchanged:
 *
 *   reset ROM     a0 = mhartid, a1 = device tree, a2 = struct fw_dynamic_info, then jump
 *   firmware      start of RAM, or an ELF's own addresses
 *   kernel        the next 2 MiB boundary after the firmware (start of RAM without one), or an ELF's own addresses
 *   initrd        kernel + min(RAM / 2, 128 MiB), or after the kernel when that collides or does not fit
 *   device tree   the last 2 MiB boundary below the end of RAM and below 3 GiB
 */
#ifndef DEJA_HW_LOADER_H
#define DEJA_HW_LOADER_H

#include "hw.h"

enum { LOADER_ROM_BYTES = 128 };

struct placement {
    uint64_t reset_pc;                 /* where every hart starts: the first byte of the reset ROM */
    uint64_t entry;                    /* where the ROM jumps to: the firmware, or without one the kernel */
    uint64_t kernel;                   /* where the kernel starts; 0: there is none */
    uint64_t fdt;                      /* the device tree, in RAM */
    uint64_t initrd_start, initrd_end; /* equal: there is none */
    uint64_t tohost, fromhost;         /* 8-byte words in RAM of an ELF that names them (HTIF); 0: none */
    uint64_t signature, signature_end; /* what an architecture test leaves behind; equal: the ELF names none */
    uint8_t rom[LOADER_ROM_BYTES];     /* at reset_pc; the rest of the ROM reads 0 */
};

/* Writes the config's images and the device tree into the engine's RAM, which must be zero, and fills `placement`.
 * Depends on the config and on the RAM's place and size only. ERR_BAD_IMAGE names the image and what is wrong with it,
 * ERR_USAGE says what is missing or which two images do not fit into RAM, ERR_NO_MEMORY; after an error RAM may hold
 * some of the images. */
NODISCARD err_t loader_place(const struct board_config *config, struct engine *engine, struct placement *placement);

#endif

/* fdt: the flattened device tree that tells the guest what board.def holds. libfdt is fenced in fdt.c.
 *
 * Sources: Devicetree Specification 0.4; Linux Documentation/devicetree/bindings (riscv/cpus.yaml,
 * riscv/extensions.yaml, timer/sifive,clint.yaml, interrupt-controller/sifive,plic-1.0.0.yaml).
 */
#ifndef DEJA_HW_FDT_H
#define DEJA_HW_FDT_H

#include "hw.h"

/* No tree is larger; the kernel command line is bounded to make that so. */
enum { FDT_BYTES_MAX = 64 << 10, FDT_APPEND_MAX = 4095 };

/* Builds the tree of this machine into `blob` and reports its size. initrd_start == initrd_end: no initrd.
 * ERR_USAGE when the command line is longer than FDT_APPEND_MAX bytes or nharts is not 1..HARTS_MAX. */
NODISCARD err_t fdt_build(const struct board_config *config, uint64_t initrd_start, uint64_t initrd_end,
                          uint8_t blob[FDT_BYTES_MAX], size_t *size_bytes);

#endif

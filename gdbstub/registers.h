/* registers: GDB's numbers for RISC-V registers, and their description (target.xml). Inner header of gdbstub/.
 *
 * Numbers as GDB has them built in (GDB 13, gdb/riscv-tdep.h): x0..x31 are 0..31, pc 32, f0..f31 33..64,
 * CSR n is 65 + n, the privilege level 4161.
 */
#ifndef DEJA_GDBSTUB_REGISTERS_H
#define DEJA_GDBSTUB_REGISTERS_H

#include "../replay/replay.h"

enum {
    REGISTER_PC = 32,
    REGISTER_F0 = 33,
    REGISTER_CSR0 = 65,
    REGISTER_PRIV = REGISTER_CSR0 + 4096,
    REGISTERS_GENERAL = 33, /* x0..x31 and pc: what `g` and `G` carry */
};

struct register_id {
    enum reg_class reg_class;
    unsigned number; /* within the class */
    unsigned size_bytes;
};

/* False: no register has this number. (Whether the machine has the CSR is not asked here.) */
bool register_find(uint64_t gdb_number, struct register_id *id);

/* False when there is no such CSR. */
bool register_read(struct timeline *timeline, unsigned hart, struct register_id id, uint64_t *value);

/* Whether the value can be in the register at all: an odd pc or privilege 2 cannot. */
bool register_takes(struct register_id id, uint64_t value);

/* The name of a privilege level: "M-mode". */
const char *privilege_name(uint8_t priv);

/* target.xml, made from the registers that there are; malloc'ed, caller frees. NULL: no memory. */
char *target_xml_make(void);

#endif

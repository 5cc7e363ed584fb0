/* poke: a change that a debugger makes. Inner header of replay/. */
#ifndef DEJA_POKE_H
#define DEJA_POKE_H

#include "replay.h"

enum poke_kind { POKE_REGISTER, POKE_MEMORY, POKE_PHYSICAL };

/* Applied where the machine stands settled at (at, when), after the inputs of that place. */
struct poke {
    icount_t at;
    vtime_t when;
    enum poke_kind kind;
    unsigned hart;
    enum reg_class reg_class; /* POKE_REGISTER */
    unsigned number;
    uint64_t value;
    uint64_t address; /* POKE_MEMORY: virtual, POKE_PHYSICAL: physical */
    uint8_t *bytes;
    size_t size_bytes;
};

/* Changes the machine. False, nothing changed: no such register, or memory that cannot be reached. */
NODISCARD bool poke_apply(const struct poke *poke, struct board *board);

#endif

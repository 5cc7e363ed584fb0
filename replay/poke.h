/* poke: a change that a debugger makes, and as an input of a branch that holds it. Inner header of replay/. */
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

/* The same as an input: its port is the kind, its bytes are little-endian (docs/FORMAT.md). */
size_t poke_size(const struct poke *poke);
void poke_encode(const struct poke *poke, uint8_t *bytes);

/* Reads an input; poke->bytes is borrowed from it. False: it is none that poke_encode() makes. */
NODISCARD bool poke_decode(unsigned port, const uint8_t *bytes, size_t size_bytes, struct poke *poke);

/* Changes the machine. False, nothing changed: no such register, or memory that cannot be reached. */
NODISCARD bool poke_apply(const struct poke *poke, struct board *board);

#endif

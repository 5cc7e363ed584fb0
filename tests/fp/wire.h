/* wire: what the oracle test and its guest program say to each other, in the byte order of both. */
#ifndef DEJA_TESTS_FP_WIRE_H
#define DEJA_TESTS_FP_WIRE_H

#include <stdint.h>

struct request {
    uint32_t insn; /* row number: insns.def for s, d and h, then conversions.def */
    uint32_t rm;   /* goes to frm */
    uint64_t a, b, c;
};

struct reply {
    uint64_t result; /* the whole register */
    uint64_t fflags;
};

#endif

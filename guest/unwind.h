/* unwind: where a function has left what its caller needs, at each of its instructions. Inner header of guest/. */
#ifndef DEJA_GUEST_UNWIND_H
#define DEJA_GUEST_UNWIND_H

#include "guest.h"

/* In x[], and DWARF's numbers of them. */
enum { RA = 1, SP = 2, FP = 8 };

/* ra, s0 to s11: what a function gives back as it was. */
enum { UNWIND_RA, UNWIND_S0, UNWIND_REGISTERS = 13 };

#define UNWIND_UNKNOWN INT32_MIN

/* What lies further behind the beginning of a function is not looked at. */
enum { UNWIND_BYTES_MOST = 1 << 16 };

/* What holds before an instruction. A frame begins where sp was when the function was entered. */
struct unwind_rule {
    int32_t sp;                      /* the beginning of the frame lies so far above sp; or UNWIND_UNKNOWN */
    int32_t fp;                      /* above s0; UNWIND_UNKNOWN: s0 is no frame pointer (now) */
    int32_t saved[UNWIND_REGISTERS]; /* the caller's value lies so far below the beginning; 0: it is in its register */
};

/* Goes through a function; large (some 400 KiB), and may be used for one function after the other. */
struct unwinder;
struct unwinder *unwinder_new(void); /* NULL: no memory */
void unwinder_free(struct unwinder *unwinder);

/* Stands before the first instruction of `code`, which is borrowed. */
void unwind_begin(struct unwinder *unwinder, const uint8_t *code, size_t size_bytes);

/* Goes to the next instruction; false when there is none. */
bool unwind_step(struct unwinder *unwinder);

/* The offset of the instruction stood at, the instruction itself as one of 32 bits, and the rule before it. */
size_t unwind_at(const struct unwinder *unwinder);
uint32_t unwind_insn(const struct unwinder *unwinder);
const struct unwind_rule *unwind_rule(const struct unwinder *unwinder);

/* Whether that may differ from the rule before the previous instruction. */
bool unwind_changed(const struct unwinder *unwinder);

/* Room for a function that must be copied together: UNWIND_BYTES_MOST bytes, which nothing else uses. */
uint8_t *unwind_room(struct unwinder *unwinder);

/* Follows `code` to the instruction that holds the byte at `offset`, or to the last one: the rule before it. */
const struct unwind_rule *unwind_to(struct unwinder *unwinder, const uint8_t *code, size_t size_bytes, size_t offset);

/* The number of the register with this index, as in x[]. */
unsigned unwind_register(unsigned index);

#endif

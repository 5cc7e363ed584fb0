/* differ: in what do two machines differ, for people to read. Inner header of replay/. */
#ifndef DEJA_DIFFER_H
#define DEJA_DIFFER_H

#include "replay.h"

/* One of two machines of the same make. */
struct differ_side {
    const char *name; /* heads its column */
    const struct state_part *parts;
    size_t nparts;
    const struct ram *ram;
};

/* Where lines go. */
struct pen {
    void *context;
    void (*line)(void *context, const char *text);
};

enum { DIFFER_LINE_BYTES = 200 };

void pen_line(const struct pen *pen, const char *format, ...) PRINTF_LIKE(2, 3);

/* Tells every field that differs, then the first few words of memory. ERR_NO_MEMORY. */
NODISCARD err_t differ_tell(const struct differ_side *a, const struct differ_side *b, const struct pen *pen);

/* "0xffffffff80001234  00b50533  add a0,a0,a1": the instruction that a hart would execute at `pc`. */
void differ_insn(const struct engine *engine, unsigned hart, uint64_t pc, char text[DIFFER_LINE_BYTES]);

/* "add a0,a0,a1" alone. */
void differ_words(const struct engine *engine, unsigned hart, uint64_t pc, char *text, size_t size_bytes);

#endif

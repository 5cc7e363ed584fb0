/* ax: GDB's agent expressions, bytecode that a debugger has compiled a condition to. Pure, and fuzzed: the bytecode is
 * as hostile as whoever sent it. Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_AX_H
#define DEJA_GDBSTUB_AX_H

#include "../icount/icount.h"

/* What an expression can see. Both return false for what is not there. */
struct ax_view {
    void *context;
    bool (*reg)(void *context, unsigned gdb_number, uint64_t *value);
    bool (*memory)(void *context, uint64_t address, void *bytes, size_t size_bytes);
};

/* The value of an expression. False when it has none: bytecode that is malformed, looks at what is not there, divides
 * by zero or comes to no end within bounds. */
bool ax_evaluate(const uint8_t *code, size_t size_bytes, const struct ax_view *view, uint64_t *value);

#endif

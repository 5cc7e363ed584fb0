/* jit_alu: the operations of alu.def as functions, for folding constants and for calls from translated code. */
#include "alu.h"
#include "backend.h"

#define ALU1(name, expression)                                                                                         \
    static uint64_t call_##name(uint64_t a, uint64_t b)                                                                \
    {                                                                                                                  \
        (void)b;                                                                                                       \
        return name(a);                                                                                                \
    }
#define ALU2(name, expression)                                                                                         \
    static uint64_t call_##name(uint64_t a, uint64_t b) { return name(a, b); }
#include "alu.def"
#undef ALU1
#undef ALU2

alu_fn *node_alu(enum node_op op)
{
    static alu_fn *const functions[NODE_COUNT] = {
#define ALU1(name, expression) [NODE_##name] = call_##name,
#define ALU2(name, expression) [NODE_##name] = call_##name,
#include "alu.def"
#undef ALU1
#undef ALU2
    };
    return functions[op];
}

/* A machine with registers whose every operation is a function called through a table. */
#include "kernel.h"

struct machine {
    uint64_t r[8];
    int running;
};

struct operation {
    uint8_t code, to, from;
    int32_t constant;
};

typedef const struct operation *(*handler)(struct machine *m, const struct operation *op);

enum { SET, MOVE, ADD, ADD_CONSTANT, MULTIPLY, XOR, SHIFT_RIGHT, AND_CONSTANT, JUMP, JUMP_NONZERO, JUMP_LESS, HALT };

static const struct operation *op_set(struct machine *m, const struct operation *op)
{
    m->r[op->to] = (uint64_t)(int64_t)op->constant;
    return op + 1;
}

static const struct operation *op_move(struct machine *m, const struct operation *op)
{
    m->r[op->to] = m->r[op->from];
    return op + 1;
}

static const struct operation *op_add(struct machine *m, const struct operation *op)
{
    m->r[op->to] += m->r[op->from];
    return op + 1;
}

static const struct operation *op_add_constant(struct machine *m, const struct operation *op)
{
    m->r[op->to] += (uint64_t)(int64_t)op->constant;
    return op + 1;
}

static const struct operation *op_multiply(struct machine *m, const struct operation *op)
{
    m->r[op->to] *= m->r[op->from];
    return op + 1;
}

static const struct operation *op_xor(struct machine *m, const struct operation *op)
{
    m->r[op->to] ^= m->r[op->from];
    return op + 1;
}

static const struct operation *op_shift_right(struct machine *m, const struct operation *op)
{
    m->r[op->to] >>= op->constant;
    return op + 1;
}

static const struct operation *op_and_constant(struct machine *m, const struct operation *op)
{
    m->r[op->to] &= (uint64_t)(int64_t)op->constant;
    return op + 1;
}

static const struct operation *op_jump(struct machine *m, const struct operation *op)
{
    (void)m;
    return op + op->constant;
}

static const struct operation *op_jump_nonzero(struct machine *m, const struct operation *op)
{
    return m->r[op->to] != 0 ? op + op->constant : op + 1;
}

static const struct operation *op_jump_less(struct machine *m, const struct operation *op)
{
    return m->r[op->to] < m->r[op->from] ? op + op->constant : op + 1;
}

static const struct operation *op_halt(struct machine *m, const struct operation *op)
{
    m->running = 0;
    return op;
}

static const handler handlers[] = {
    [SET] = op_set,
    [MOVE] = op_move,
    [ADD] = op_add,
    [ADD_CONSTANT] = op_add_constant,
    [MULTIPLY] = op_multiply,
    [XOR] = op_xor,
    [SHIFT_RIGHT] = op_shift_right,
    [AND_CONSTANT] = op_and_constant,
    [JUMP] = op_jump,
    [JUMP_NONZERO] = op_jump_nonzero,
    [JUMP_LESS] = op_jump_less,
    [HALT] = op_halt,
};

/* The lengths of the Collatz sequences of 1 .. r7 - 1, hashed. r0: the sum, r1: the start, r2: n, r3: the length. */
static const struct operation program[] = {
    /*  0 */ {SET, 0, 0, 0},
    /*  1 */ {SET, 1, 0, 1},
    /*  2 */ {MOVE, 2, 1, 0},
    /*  3 */ {SET, 3, 0, 0},
    /*  4 */ {SET, 5, 0, 3},
    /*  5 */ {MOVE, 4, 2, 0}, /* 5: one step of a sequence */
    /*  6 */ {AND_CONSTANT, 4, 0, 1},
    /*  7 */ {JUMP_NONZERO, 4, 0, 3},
    /*  8 */ {SHIFT_RIGHT, 2, 0, 1},
    /*  9 */ {JUMP, 0, 0, 3},
    /* 10 */ {MULTIPLY, 2, 5, 0},
    /* 11 */ {ADD_CONSTANT, 2, 0, 1},
    /* 12 */ {ADD_CONSTANT, 3, 0, 1},
    /* 13 */ {MOVE, 4, 2, 0},
    /* 14 */ {ADD_CONSTANT, 4, 0, -1},
    /* 15 */ {JUMP_NONZERO, 4, 0, -10},
    /* 16 */ {MOVE, 4, 0, 0},
    /* 17 */ {SHIFT_RIGHT, 4, 0, 7},
    /* 18 */ {XOR, 0, 4, 0},
    /* 19 */ {ADD, 0, 3, 0},
    /* 20 */ {SET, 4, 0, 31},
    /* 21 */ {MULTIPLY, 0, 4, 0},
    /* 22 */ {ADD_CONSTANT, 1, 0, 1},
    /* 23 */ {JUMP_LESS, 1, 7, -21},
    /* 24 */ {HALT, 0, 0, 0},
};

void kernel_prepare(void) {}

struct sums kernel_run(uint64_t rounds)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        struct machine m = {.r = {[7] = 500 + i % 8}, .running = 1};
        const struct operation *op = program;
        while (m.running)
            op = handlers[op->code](&m, op);
        sum = sum * 31 + m.r[0];
    }
    return sums_both(sum);
}

/* straight: a machine that runs a recording once, from its start, and never goes back. No history, no checkpoint, no
 * index, no probe: what it finds is what happened. Errors end the program. */
#ifndef DEJA_TESTS_STRAIGHT_H
#define DEJA_TESTS_STRAIGHT_H

#include "replay/machine.h"
#include "replay/recording.h"
#include "replay/session.h"

struct straight {
    struct session session;
    struct ram_hash ram;
    uint64_t hashed; /* how often */
};

void straight_open(struct straight *straight, struct recording *recording, bool interpreter_only);
void straight_close(struct straight *straight);

/* Runs on to a mark that is not before where it stands. */
void straight_go(struct straight *straight, uint64_t mark);

static inline struct engine *straight_engine(struct straight *straight)
{
    return board_engine(straight->session.board);
}
static inline struct hart_state *straight_hart(struct straight *straight)
{
    return engine_hart(straight_engine(straight), 0);
}

/* Of registers, devices, clock and all of memory, where it stands. */
uint64_t straight_hash(struct straight *straight);

/* Of registers, devices and clock of any machine; and the same with every page of memory. */
uint64_t parts_hash(struct board *board);
uint64_t whole_hash(struct board *board);

void must(err_t error);

#endif

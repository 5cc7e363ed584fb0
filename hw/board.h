/* board: what board.c (making and running) and bus.c (map, and services to parts) share. Inside these two only. */
#ifndef DEJA_HW_BOARD_H
#define DEJA_HW_BOARD_H

#include "device.h"

/* The board's own state. */
struct power {
    uint64_t mark; /* a copy of engine_now(), kept while the engine stands still */
    uint64_t halt_status;
    uint64_t halt_reason; /* enum halt_reason */
};

struct board {
    /* fixed from power-on */
    struct board_config config;
    struct placement placement;
    struct board_world world;
    char *append;

    /* state */
    struct engine *engine;
    struct clock clock;
    struct eventq events;
    struct power power;
    struct device devices[PARTS];

    /* of the call in progress */
    icount_t now;   /* the present mark, while a part is being called */
    icount_t limit; /* how far engine_run() may go */
};

/* What the engine calls; board.c hands them to it. */
struct bus bus_of(struct board *board);

/* Calls every part whose wake-up is due at mark `now`. */
void bus_wake(struct board *board, icount_t now);

#endif

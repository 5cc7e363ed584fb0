/* answers: what a plain search from the start of a recording finds, the slow and obvious way.
 *
 * Points (a breakpoint with or without a condition, a watch, a word of memory) are looked for at every instruction of
 * one straight run (straight.h), interpreted one at a time; what an instruction touches is read off its bytes
 * (touch.h). All questions are answered on the way: one that goes back, where it is asked, with the last hit so far;
 * one that goes on, at the first hit from there. */
#ifndef DEJA_TESTS_ANSWERS_H
#define DEJA_TESTS_ANSWERS_H

#include "replay/replay.h"
#include "straight.h"
#include "touch.h"

enum point_kind {
    POINT_BREAK, /* pc is there, and register number `reg` has the value when it is `conditional` */
    POINT_WATCH,
    POINT_WORD, /* a store changes the word, to `value` when it is `conditional` */
};

/* A hit, or where history ends. */
struct hit {
    uint64_t mark; /* of the instruction, before it */
    uint64_t pc;
    struct touch touch;     /* POINT_WATCH */
    uint64_t before, after; /* POINT_WORD */
};

struct point {
    enum point_kind kind;
    uint64_t pc;
    bool conditional;
    unsigned reg;
    uint64_t value;
    struct watch_range watch;
    uint64_t paddr;
    unsigned size_bytes; /* of the word, 1 to 8 */

    /* of the run */
    bool hit;
    struct hit last;
    uint64_t known;  /* what the word holds */
    size_t *waiting; /* questions that go on */
    size_t nwaiting, room;
};

enum { QUESTION_POINTS = 6, RANGE_STEPS_MOST = 2000 };

struct question {
    uint64_t from;
    enum direction direction;
    uint64_t steps; /* UINT64_MAX: all there are */
    size_t points[QUESTION_POINTS];
    size_t npoints;
    uint64_t start,
        end; /* without points: until pc is not in this range, as a line is stepped through; empty: so many steps */

    bool answered; /* false: it lies beyond the part of the run that was looked at */
    bool found;    /* a hit; else the answer is an end, or the number of steps */
    enum stop_reason reason;
    uint64_t place; /* where one stands then; a word that was not changed: where one stood */
    struct hit hit;
};

struct answers {
    struct point *points;
    size_t npoints;
    struct question *questions; /* ordered by `from` */
    size_t nquestions;
    uint64_t first, last; /* the part of the run that is looked at */
    bool careless;        /* overlooks a hit now and then: to see that somebody notices */
};

/* Answers all the questions. `tick` is called now and then. */
void answers_find(struct answers *answers, struct recording *recording, void (*tick)(uint64_t mark));

#endif

/* choice: what a campaign asks. Places of a run that are worth a breakpoint or a watch are found by standing, on one
 * straight run, at random marks; from them points and questions are made at random. */
#ifndef DEJA_TESTS_CHOICE_H
#define DEJA_TESTS_CHOICE_H

#include "answers.h"

enum action {
    ACTION_STEP,      /* so many instructions back or on */
    ACTION_RANGE,     /* back or on until pc leaves a range, as gdb steps through a line */
    ACTION_BREAK,     /* back or on to breakpoints */
    ACTION_CONDITION, /* to breakpoints with a condition: a register, a frame's stack pointer */
    ACTION_WATCH,     /* to what touches memory */
    ACTION_MIXED,     /* to either */
    ACTION_WRITE,     /* last-write, next-write */
    ACTION_SEEK,      /* to another mark */
    ACTION_BREAK_OFF, /* a search that finds nothing and is broken off on its way */
    ACTION_POKE,      /* changes something, goes on, and drops the change */
    ACTIONS
};
extern const char *const action_names[ACTIONS];

/* A question and what the campaign does besides: `number` as it was drawn. */
struct pair {
    size_t number;
    enum action action;
    uint64_t target; /* ACTION_SEEK: where to; ACTION_BREAK_OFF: after so many looks */
    uint64_t from;
    struct question question;
};

struct choice {
    struct answers answers; /* questions[i] is that of pairs[i] */
    struct pair *pairs;     /* ordered by `from` */
    size_t npairs;
};

/* Draws `count` pairs in [first, last]: the same from the same seed. */
void choice_make(struct choice *choice, struct recording *recording, uint64_t seed, size_t count, uint64_t first,
                 uint64_t last);
void choice_free(struct choice *choice);

#endif

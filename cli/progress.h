/* progress: one line on stderr for what takes long; nothing in a pipe, nothing for what is quick. */
#ifndef DEJA_CLI_PROGRESS_H
#define DEJA_CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdio.h>

#include "../replay/replay.h"

struct progress_bar {
    FILE *terminal;          /* NULL: nobody watches */
    const atomic_bool *quit; /* breaks the work off when set */
    const char *what;        /* the piece of work the line is about; a new one starts a new line */
    double began_s, drawn_s;
    uint64_t first_done;
    bool shown;
};

enum { PROGRESS_BYTES = 160 };

/* "replay  64 % ################........  584 M of 912 M  1,050 M/s  0.3 s left"; `done` began at `first`. Pure. */
void progress_format(const char *what, uint64_t first, uint64_t done, uint64_t total, uint64_t executed,
                     double elapsed_s, char line[PROGRESS_BYTES]);

/* A progress for replay.h that draws on stderr if that is a terminal; `bar` must live as long. */
struct progress progress_begin(struct progress_bar *bar, const atomic_bool *quit);

/* Leaves no trace on the screen. */
void progress_end(struct progress_bar *bar);

#endif

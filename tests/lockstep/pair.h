/* pair: an engine with a device of its own, and what is compared between two of them. */
#ifndef DEJA_TEST_PAIR_H
#define DEJA_TEST_PAIR_H

#include "program.h"

enum { BREAKS = 3, WATCHES = 2, STATE_BYTES_MOST = 4096, CAUSES = 16 };

/* What a side has met since it was created. */
struct met {
    uint64_t translated[OP_COUNT]; /* superblocks that hold a row */
    uint64_t loops;                /* superblocks with a branch back to their own beginning */
    uint64_t joined;               /* superblocks that begin in a loop and go on from its head */
    uint64_t interrupts, traps[CAUSES];
    unsigned roundings; /* bits: modes in the words of what rounds */
};

struct side {
    const char *name;
    struct engine *engine;
    struct engine_tuning tuning;
    struct clock clock;
    uint64_t log; /* everything that went through the bus, the probe and the stops, mixed */
    uint64_t entries;
    bool verbose; /* print what is logged */
    /* probe */
    struct probe probe;
    uint64_t breaks[BREAKS];
    struct watch_range watches[WATCHES];
    uint64_t last_break_mark;
    icount_t break_at; /* for bisecting: stop at a break exactly there; ICOUNT_MAX: not */
    bool probing;
    struct engine_log sink;
    struct decoder decoder;
    struct met met;
    uint8_t clean[RAM_PAGES][PAGE_BYTES]; /* RAM when its flags were cleaned last */
    struct visited visited;               /* taken since it was compared last */
};

void side_create(struct side *side, const char *name, struct engine_tuning tuning);
void side_destroy(struct side *side);

/* Puts the program into memory and registers, at mark 0. */
void side_load(struct side *side, const struct program *program, uint32_t ns_shift);

/* Runs to a mark, or until the hart waits. Probes that say stop are stepped over. False: longer than can be. */
void side_run(struct side *side, icount_t until);

/* Installs breaks and watches that are drawn from the seed; NULL removes them. */
void side_probe(struct side *side, uint64_t *seed, const struct program *program);

/* Do the sides agree in mark, registers, memory and log? Prints what differs when told. */
bool sides_agree(struct side *a, struct side *b, bool say);

/* Takes what the side has visited, which must not show. */
void side_take(struct side *side);

/* Takes it of both. Have they executed in the same pages since this was asked last? Prints how many bits differ when
 * told. */
bool sides_visited_alike(struct side *a, struct side *b, bool say);

/* Is every page that was stored to flagged? */
bool side_flags_right(struct side *side);

/* Where the side notes what it has touched: is every word that has changed in there, and the address space in force? */
bool side_footprint_right(struct side *side);
void side_clean(struct side *side);

#endif

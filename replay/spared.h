/* spared: stretches of history in which no breakpoint was hit, and nothing was stored to what is watched, known without
 * running them. Inner header of replay/.
 *
 * Each snapshot tells in which pages instructions began since the one before: where the page of a breakpoint is not
 * among them, it was not hit. It also lists the pages that were stored to since the one before. A stretch whose list
 * lacks the pages of a watch and, when it is on a virtual address, the page tables through which that address is found,
 * holds no hit. A store that changes nothing counts, and where a page is listed the stretch is run: so what is found
 * does not depend on where the snapshots fell. */
#ifndef DEJA_SPARED_H
#define DEJA_SPARED_H

#include "history.h"

enum { GROUNDS_MAX = 64 };

/* The pages of RAM, by number, that decide whether there can be a hit. */
struct grounds {
    bool certain; /* false: nothing can be said */
    uint32_t pages[GROUNDS_MAX];
    size_t npages;
    const uint64_t *breaks; /* borrowed */
    size_t nbreaks;
};

/* As address spaces are now. The breaks and watches of `probe` are borrowed. */
void grounds_take(struct grounds *grounds, const struct engine *engine, const struct probe *probe);

/* No hit from the known state `from` to the next one, at the end of which the grounds were taken. */
bool grounds_spared(const struct grounds *grounds, const struct history *history, struct known from);

#endif

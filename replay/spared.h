/* spared: stretches of history in which no breakpoint was hit, and nothing was stored to what is watched, known without
 * running them. Inner header of replay/.
 *
 * Each snapshot tells in which pages instructions began since the one before: where the page of a breakpoint is not
 * among them, it was not hit. It also lists the pages that were stored to since the one before. A stretch whose list
 * lacks the pages of a watch and, when it is on a virtual address, the page tables through which that address is found,
 * holds no hit. Where the footprint of an interval is known (tracks.h), it tells the same by the word: of instructions,
 * of what is watched, and of the entries of page tables. And it tells which address spaces were in force: an address
 * of one that was not was not stored to, whatever became of its tables. A store that changes nothing counts, and where
 * one is listed the stretch is run: so what is found does not depend on where the snapshots fell, nor on what is known.
 */
#ifndef DEJA_SPARED_H
#define DEJA_SPARED_H

#include "history.h"

enum { GROUNDS_MAX = 64 };

/* The memory that decides whether there can be a hit. */
struct grounds {
    bool certain; /* false: nothing can be said */
    struct ground {
        const struct watch_range *watch; /* for whose sake; borrowed */
        uint64_t offset, size_bytes;     /* in RAM, within a page */
        uint32_t page;                   /* which one */
        bool moved; /* it has been stored to since: what the watch means before that is not known */
    } pieces[GROUNDS_MAX];
    size_t npieces;
    const uint64_t *breaks; /* borrowed */
    size_t nbreaks;
};

/* As address spaces are now. The breaks and watches of `probe` are borrowed. */
void grounds_take(struct grounds *grounds, const struct engine *engine, const struct probe *probe);

/* No hit from the known state `from` to the next one, which is where the grounds were taken, or where the last stretch
 * begins of which this was true. `footprint` is that of the interval in which they lie, NULL when it is not known. */
bool grounds_spared(struct grounds *grounds, const struct history *history, struct known from,
                    const struct footprint *footprint);

#endif

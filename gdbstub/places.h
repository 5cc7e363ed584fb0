/* places: where one has been, as a browser keeps it. Pure. Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_PLACES_H
#define DEJA_GDBSTUB_PLACES_H

#include "../icount/icount.h"

enum { PLACES_MOST = 256 };

/* list[0 .. at) lies behind, newest last; list[at + 1 .. count) ahead; list[at] is where we are. */
struct places {
    icount_t list[PLACES_MOST];
    size_t at, count;
};

/* A jump leaves `now`: what lay ahead is forgotten. */
void places_leave(struct places *places, icount_t now);

/* Where a back or forward from `now` goes; false when there is no such place. */
bool places_back(struct places *places, icount_t now, icount_t *to);
bool places_forward(struct places *places, icount_t now, icount_t *to);

#endif

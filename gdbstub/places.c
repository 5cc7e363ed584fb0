/* Where one has been; see places.h. */
#include "places.h"

#include <string.h>

void places_leave(struct places *places, icount_t now)
{
    if (places->at == PLACES_MOST - 1) { /* the oldest goes */
        memmove(places->list, places->list + 1, (PLACES_MOST - 1) * sizeof *places->list);
        places->at--;
    }
    places->list[places->at++] = now;
    places->count = places->at + 1;
}

bool places_back(struct places *places, icount_t now, icount_t *to)
{
    if (!places->at)
        return false;
    places->list[places->at--] = now; /* gdb may have gone on from there */
    *to = places->list[places->at];
    return true;
}

bool places_forward(struct places *places, icount_t now, icount_t *to)
{
    if (places->at + 1 >= places->count)
        return false;
    places->list[places->at++] = now;
    *to = places->list[places->at];
    return true;
}

#include "latest.h"

#include <stdlib.h>
#include <string.h>

/* Powers of two. */
enum { PLACES_FIRST = 1024, PLACES_MOST = 8192 };

struct latest {
    struct place {
        uint32_t number, version; /* 0: nothing is here */
    } places[PLACES_MOST];
    uint8_t *contents; /* of all places; untouched, they cost no memory */
    uint32_t nplaces, missed;
};

struct latest *latest_create(void)
{
    struct latest *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->nplaces = PLACES_FIRST;
    made->contents = memory_get((size_t)PLACES_MOST * PAGE_BYTES);
    if (!made->contents) {
        latest_destroy(made);
        return NULL;
    }
    return made;
}

void latest_destroy(struct latest *latest)
{
    if (!latest)
        return;
    memory_put(latest->contents, (size_t)PLACES_MOST * PAGE_BYTES);
    free(latest);
}

static uint8_t *content(const struct latest *latest, uint32_t place)
{
    return latest->contents + (size_t)place * PAGE_BYTES;
}

/* Twice as many places. Half of what there is moves. */
static void grow(struct latest *latest)
{
    for (uint32_t from = 0; from < latest->nplaces; from++) {
        struct place *place = &latest->places[from];
        uint32_t to = from + latest->nplaces;
        if (!place->version || !(place->number & latest->nplaces))
            continue;
        memcpy(content(latest, to), content(latest, from), PAGE_BYTES);
        latest->places[to] = *place;
        *place = (struct place){0};
    }
    latest->nplaces *= 2;
}

const uint8_t *latest_get(struct latest *latest, uint32_t number, uint32_t version)
{
    uint32_t at = number & (latest->nplaces - 1);
    const struct place *place = &latest->places[at];
    if (place->number == number && place->version == version)
        return content(latest, at);
    if (++latest->missed >= latest->nplaces && latest->nplaces < PLACES_MOST) {
        grow(latest);
        latest->missed = 0;
    }
    return NULL;
}

void latest_put(struct latest *latest, uint32_t number, uint32_t version, const uint8_t page[PAGE_BYTES])
{
    uint32_t at = number & (latest->nplaces - 1);
    latest->places[at] = (struct place){number, version};
    memcpy(content(latest, at), page, PAGE_BYTES);
}

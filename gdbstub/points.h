/* points: the break- and watchpoints that a debugger has set. Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_POINTS_H
#define DEJA_GDBSTUB_POINTS_H

#include "../replay/replay.h"
#include "conditions.h"

/* The number behind Z and z. */
enum point_type { POINT_SOFTWARE, POINT_HARDWARE, POINT_WRITE, POINT_READ, POINT_ACCESS, POINT_TYPES };

/* The accesses that it wants to see (enum access_kind, OR-ed); 0: it is a breakpoint. */
extern const uint8_t point_kinds[POINT_TYPES];

enum { POINTS_MAX = 16384 }; /* so that a hostile client cannot fill memory */

struct point {
    enum point_type type;
    uint64_t vaddr, size_bytes;
    struct conditions conditions; /* of a breakpoint; owned */
    struct watch_range *ranges;   /* of a watchpoint, what it means (timeline_watch_here()); malloc'ed, owned */
    size_t nranges;
    uint64_t place; /* what its address was mapped to when that was told last */
};

/* `breaks` and `watches` repeat the points in the form that a timeline takes, once points_arrange() has been called.
 *
 * GDB takes its watchpoints out whenever it stops and puts them in again to go on, perhaps in another process. They
 * mean then what they meant: so what is taken out is kept until something else is done with the machine. */
struct points {
    size_t count, nbreaks, nwatches;
    bool arranged;
    struct point *list;
    uint64_t *breaks;
    struct watch_range *watches;
    size_t nranges, watches_room; /* of all in `list` */
    struct point *kept;           /* watchpoints that were removed since points_forget() */
    size_t nkept, kept_room;
};

/* Setting a point that is set already, or is kept, changes nothing (the protocol asks for that) but its conditions.
 * Takes over the conditions and the ranges, in any case. False: too many, or no memory. */
bool points_insert(struct points *points, struct point point);

/* Removing one that is not set changes nothing. A watchpoint is kept. */
void points_remove(struct points *points, struct point point);

/* What has been removed will not come back as what it was. */
void points_forget(struct points *points);

/* Removes all and frees what they took. */
void points_clear(struct points *points);

/* Brings `breaks` and `watches` up to date; in an order that does not depend on the order in which they were set. */
void points_arrange(struct points *points);

/* The breakpoint at an address whose conditions hold: software before hardware; POINT_TYPES when there is none. */
enum point_type points_break_at(const struct points *points, uint64_t vaddr, const struct ax_view *view);

/* The watchpoint that an access of this kind to this byte belongs to (the lowest type of several); NULL: none. */
const struct point *points_watch_at(const struct points *points, enum access_kind kind, uint64_t vaddr);

#endif

/* Z and z: setting and removing break- and watchpoints. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "memory.h"

/* The kind of a breakpoint is the length of an instruction that the stub does not replace: it does not matter. A range
 * does not wrap around the top of the address space, and has no conditions: GDB never sends any. */
static bool read_point(const struct request *request, struct point *point)
{
    if (request->number >= POINT_TYPES)
        return false;
    *point = (struct point){.type = (enum point_type)request->number, .vaddr = request->address};
    if (point->type == POINT_SOFTWARE || point->type == POINT_HARDWARE)
        return conditions_parse(request->bytes, request->size_bytes, &point->conditions);
    if (request->size_bytes)
        return false;
    bool wraps = request->address && request->length > -request->address;
    point->size_bytes = wraps ? -request->address : request->length;
    return point->size_bytes > 0;
}

/* What a watchpoint means here and now. */
static bool give_meaning(struct client *client, struct point *point)
{
    struct watch_range ranges[TIMELINE_WATCH_MOST];
    struct watch_range wanted = {
        .vaddr = point->vaddr, .size_bytes = point->size_bytes, .kinds = point_kinds[point->type]};
    uint64_t paddr;
    if (!wanted.kinds)
        return true;
    unsigned hart = client_hart(client);
    bool in_window = memory_in_window(point->vaddr, &paddr);
    if (in_window)
        wanted.vaddr = paddr;
    point->nranges = timeline_watch_here(client->timeline, hart, &wanted, client->physical || in_window, ranges);
    ranges[0].vaddr = point->vaddr; /* what a hit is called */
    point->place = timeline_watch_place(client->timeline, hart, &ranges[0]);
    point->ranges = malloc(point->nranges * sizeof ranges[0]);
    if (point->ranges)
        memcpy(point->ranges, ranges, point->nranges * sizeof ranges[0]);
    return point->ranges;
}

void serve_insert(struct client *client, const struct request *request)
{
    struct point point;
    if (!read_point(request, &point))
        reply_error(&client->reply, ERROR_MALFORMED);
    else if (!give_meaning(client, &point) || !points_insert(&client->points, point))
        reply_error(&client->reply, ERROR_FAILED);
    else
        reply_text(&client->reply, "OK");
}

void serve_remove(struct client *client, const struct request *request)
{
    struct point point;
    if (!read_point(request, &point)) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    points_remove(&client->points, point);
    conditions_free(&point.conditions);
    reply_text(&client->reply, "OK");
}

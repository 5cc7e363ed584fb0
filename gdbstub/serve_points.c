/* Z and z: setting and removing break- and watchpoints. */
#include "client.h"

/* Conditions and commands behind the kind are not announced, so nobody may send them. The kind of a breakpoint is the
 * length of an instruction that the stub does not replace: it does not matter. A range does not wrap around the top of
 * the address space. */
static bool read_point(const struct request *request, struct point *point)
{
    if (request->number >= POINT_TYPES || request->size_bytes)
        return false;
    *point = (struct point){(enum point_type)request->number, request->address, 0};
    if (point->type == POINT_SOFTWARE || point->type == POINT_HARDWARE)
        return true;
    bool wraps = request->address && request->length > -request->address;
    point->size_bytes = wraps ? -request->address : request->length;
    return point->size_bytes > 0;
}

void serve_insert(struct client *client, const struct request *request)
{
    struct point point;
    if (!read_point(request, &point))
        reply_error(&client->reply, ERROR_MALFORMED);
    else if (!points_insert(&client->points, point))
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
    reply_text(&client->reply, "OK");
}

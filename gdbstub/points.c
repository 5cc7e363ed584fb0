/* Break- and watchpoints; see points.h. */
#include "points.h"

#include <stdlib.h>

const uint8_t point_kinds[POINT_TYPES] = {
    [POINT_WRITE] = ACCESS_STORE,
    [POINT_READ] = ACCESS_LOAD,
    [POINT_ACCESS] = ACCESS_LOAD | ACCESS_STORE,
};

static bool is_break(enum point_type type) { return point_kinds[type] == 0; }

static bool same(const struct point *a, const struct point *b)
{
    return a->type == b->type && a->vaddr == b->vaddr && a->size_bytes == b->size_bytes;
}

static size_t find(const struct point *list, size_t count, const struct point *point)
{
    size_t at = 0;
    while (at < count && !same(&list[at], point))
        at++;
    return at;
}

static void free_point(struct point *point)
{
    conditions_free(&point->conditions);
    free(point->ranges);
    point->ranges = NULL;
}

/* Room for one more in the list and its breaks; they grow together, by doubling. */
static bool grow(struct points *points)
{
    if (points->count == POINTS_MAX)
        return false;
    if (points->count & (points->count - 1))
        return true; /* not at a power of two: there is room */
    size_t capacity = points->count ? 2 * points->count : 1;
    struct point *list = realloc(points->list, capacity * sizeof *list);
    if (list)
        points->list = list;
    uint64_t *breaks = realloc(points->breaks, capacity * sizeof *breaks);
    if (breaks)
        points->breaks = breaks;
    return list && breaks;
}

/* Room for so many ranges more. */
static bool grow_watches(struct points *points, size_t more)
{
    size_t capacity = 2 * (points->nranges + more);
    if (points->nranges + more <= points->watches_room)
        return true;
    struct watch_range *watches = realloc(points->watches, capacity * sizeof *watches);
    if (!watches)
        return false;
    points->watches = watches;
    points->watches_room = capacity;
    return true;
}

static bool grow_kept(struct points *points)
{
    size_t capacity = points->kept_room ? 2 * points->kept_room : 8;
    if (points->nkept < points->kept_room)
        return true;
    struct point *kept = points->nkept < POINTS_MAX ? realloc(points->kept, capacity * sizeof *kept) : NULL;
    if (!kept)
        return false;
    points->kept = kept;
    points->kept_room = capacity;
    return true;
}

/* By address: the first range that an access touches is then the one with the first byte that it touches. */
static int compare(const void *left, const void *right)
{
    const struct point *a = left, *b = right;
    if (a->vaddr != b->vaddr)
        return a->vaddr < b->vaddr ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return (a->size_bytes > b->size_bytes) - (a->size_bytes < b->size_bytes);
}

void points_arrange(struct points *points)
{
    if (points->arranged)
        return;
    points->arranged = true;
    points->nbreaks = points->nwatches = 0;
    if (points->count)
        qsort(points->list, points->count, sizeof *points->list, compare);
    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->list[i];
        if (is_break(point->type))
            points->breaks[points->nbreaks++] = point->vaddr;
        for (size_t j = 0; j < point->nranges; j++)
            points->watches[points->nwatches++] = point->ranges[j];
    }
}

/* What was kept of it takes the place of what it would mean now. */
static void recall(struct points *points, struct point *point)
{
    size_t at = find(points->kept, points->nkept, point);
    if (at == points->nkept)
        return;
    free_point(point);
    *point = points->kept[at];
    points->kept[at] = points->kept[--points->nkept];
}

bool points_insert(struct points *points, struct point point)
{
    size_t at = find(points->list, points->count, &point);
    if (at < points->count) {
        conditions_free(&points->list[at].conditions);
        points->list[at].conditions = point.conditions;
        free(point.ranges);
        return true;
    }
    recall(points, &point);
    if (!grow(points) || !grow_watches(points, point.nranges)) {
        free_point(&point);
        return false;
    }
    points->list[points->count++] = point;
    points->nranges += point.nranges;
    points->arranged = false;
    return true;
}

void points_remove(struct points *points, struct point point)
{
    size_t at = find(points->list, points->count, &point);
    if (at == points->count)
        return;
    point = points->list[at];
    points->list[at] = points->list[--points->count];
    points->nranges -= point.nranges;
    points->arranged = false;
    if (!is_break(point.type) && grow_kept(points))
        points->kept[points->nkept++] = point;
    else
        free_point(&point);
}

void points_forget(struct points *points)
{
    while (points->nkept)
        free_point(&points->kept[--points->nkept]);
}

void points_clear(struct points *points)
{
    points_forget(points);
    for (size_t i = 0; i < points->count; i++)
        free_point(&points->list[i]);
    free(points->list);
    free(points->kept);
    free(points->breaks);
    free(points->watches);
    *points = (struct points){0};
}

enum point_type points_break_at(const struct points *points, uint64_t vaddr, const struct ax_view *view)
{
    enum point_type found = POINT_TYPES;
    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->list[i];
        if (is_break(point->type) && point->vaddr == vaddr && point->type < found &&
            conditions_hold(&point->conditions, view))
            found = point->type;
    }
    return found;
}

const struct point *points_watch_at(const struct points *points, enum access_kind kind, uint64_t vaddr)
{
    const struct point *found = NULL;
    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->list[i];
        bool touched = (point_kinds[point->type] & kind) && vaddr - point->vaddr < point->size_bytes;
        if (touched && (!found || point->type < found->type))
            found = point;
    }
    return found;
}

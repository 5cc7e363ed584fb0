/* Break- and watchpoints; see points.h. */
#include "points.h"

#include <stdlib.h>

static const uint8_t kinds[POINT_TYPES] = {
    [POINT_WRITE] = ACCESS_STORE,
    [POINT_READ] = ACCESS_LOAD,
    [POINT_ACCESS] = ACCESS_LOAD | ACCESS_STORE,
};

static bool is_break(enum point_type type) { return kinds[type] == 0; }

static bool same(const struct point *a, const struct point *b)
{
    return a->type == b->type && a->vaddr == b->vaddr && a->size_bytes == b->size_bytes;
}

static size_t find(const struct points *points, const struct point *point)
{
    size_t at = 0;
    while (at < points->count && !same(&points->list[at], point))
        at++;
    return at;
}

/* Room for one more in each of the three arrays; they grow together, by doubling. */
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
    struct watch_range *watches = realloc(points->watches, capacity * sizeof *watches);
    if (watches)
        points->watches = watches;
    return list && breaks && watches;
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
        else
            points->watches[points->nwatches++] = (struct watch_range){
                .vaddr = point->vaddr, .size_bytes = point->size_bytes, .kinds = kinds[point->type]};
    }
}

bool points_insert(struct points *points, struct point point)
{
    size_t at = find(points, &point);
    if (at < points->count) {
        conditions_free(&points->list[at].conditions);
        points->list[at].conditions = point.conditions;
        return true;
    }
    if (!grow(points)) {
        conditions_free(&point.conditions);
        return false;
    }
    points->list[points->count++] = point;
    points->arranged = false;
    return true;
}

void points_remove(struct points *points, struct point point)
{
    size_t at = find(points, &point);
    if (at == points->count)
        return;
    conditions_free(&points->list[at].conditions);
    points->list[at] = points->list[--points->count];
    points->arranged = false;
}

void points_clear(struct points *points)
{
    for (size_t i = 0; i < points->count; i++)
        conditions_free(&points->list[i].conditions);
    free(points->list);
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
        bool touched = (kinds[point->type] & kind) && vaddr - point->vaddr < point->size_bytes;
        if (touched && (!found || point->type < found->type))
            found = point;
    }
    return found;
}

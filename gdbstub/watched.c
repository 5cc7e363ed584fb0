/* The byte that a stop names; see watched.h. */
#include "watched.h"

#include <string.h>

#include "memory.h"

enum {
    STORE_BYTES_MOST = 64, /* cbo.zero; all others store eight, or sixteen in two halves */
    NEAR_MOST = 64,        /* watchpoints that one store may touch; any more are not told apart */
};

/* What the store may touch, from the first watched byte on. */
struct store {
    uint64_t vaddr;
    size_t size_bytes; /* that can be read */
    bool changed[STORE_BYTES_MOST];
    const struct point *near[NEAR_MOST];
    size_t nnear;
};

static bool holds(const struct point *point, uint64_t vaddr) { return vaddr - point->vaddr < point->size_bytes; }

static void find_near(const struct points *points, struct store *store)
{
    for (size_t i = 0; i < points->count && store->nnear < NEAR_MOST; i++) {
        const struct point *point = &points->list[i];
        bool near = holds(point, store->vaddr) || point->vaddr - store->vaddr < STORE_BYTES_MOST;
        if (near && (point_kinds[point->type] & ACCESS_STORE))
            store->near[store->nnear++] = point;
    }
}

/* Reads the memory on both sides of the store. */
static err_t compare(struct client *client, enum direction direction, unsigned hart, struct store *store)
{
    uint8_t here[STORE_BYTES_MOST], there[STORE_BYTES_MOST];
    icount_t now = timeline_now(client->timeline);
    icount_t over = icount_of(direction == FORWARDS ? now.n + 1 : now.n - 1);
    store->size_bytes = memory_read_as(client, hart, store->vaddr, here, sizeof here);
    if (!store->size_bytes)
        return err_ok(); /* a device, which is not looked at */
    TRY(timeline_seek(client->timeline, over));
    size_t readable = memory_read_as(client, hart, store->vaddr, there, store->size_bytes);
    TRY(timeline_seek(client->timeline, now));
    for (size_t i = 0; i < readable; i++)
        store->changed[i] = here[i] != there[i];
    return err_ok();
}

/* Whether GDB has something to tell when a byte of this watchpoint is named. */
static bool is_told(const struct store *store, const struct point *point)
{
    if (point_kinds[point->type] & ACCESS_LOAD)
        return holds(point, store->vaddr);
    for (size_t i = 0; i < store->size_bytes; i++)
        if (store->changed[i] && holds(point, store->vaddr + i))
            return true;
    return false;
}

/* The byte that most of what is to be told has in common, the first of several; the first byte when there is nothing
 * to tell. */
static uint64_t best(const struct store *store)
{
    const struct point *told[NEAR_MOST];
    size_t ntold = 0, most = 0;
    uint64_t found = store->vaddr;
    for (size_t i = 0; i < store->nnear; i++)
        if (is_told(store, store->near[i]))
            told[ntold++] = store->near[i];
    for (size_t i = 0; i < store->size_bytes; i++) {
        size_t holding = 0;
        for (size_t j = 0; j < ntold; j++)
            holding += holds(told[j], store->vaddr + i);
        if (holding > most) {
            most = holding;
            found = store->vaddr + i;
        }
    }
    return found;
}

err_t watched_choose(struct client *client, enum direction direction, struct timeline_stop *stop)
{
    struct store store = {.vaddr = stop->vaddr};
    if (stop->reason != STOP_WATCH || stop->kind != ACCESS_STORE)
        return err_ok();
    find_near(&client->points, &store);
    if (store.nnear < 2)
        return err_ok();
    TRY(compare(client, direction, stop->hart, &store));
    stop->vaddr = best(&store);
    return err_ok();
}

#include "parting.h"

#include <stdlib.h>
#include <string.h>

/* ---- comparing --------------------------------------------------------------------------------------------------------- */

static struct board *board_of(const struct parting_pair *pair, unsigned side)
{
    return pair->sides[side]->session.board;
}

static bool same_parts(const struct parting_pair *pair, enum parting_scope scope)
{
    struct state_part parts[BOARD_PARTS_MAX];
    uint64_t hashes[2];
    for (unsigned side = 0; side < 2; side++) {
        struct board *board = board_of(pair, side);
        size_t nparts = scope == PARTING_HARTS ? engine_parts(board_engine(board), parts) : board_parts(board, parts);
        hashes[side] = state_hash(parts, nparts);
    }
    return hashes[0] == hashes[1];
}

static bool same_page(const struct ram *a, const struct ram *b, uint32_t page)
{
    uint64_t at = (uint64_t)page << PAGE_SHIFT;
    return memcmp(a->bytes + at, b->bytes + at, PAGE_BYTES) == 0;
}

/* Memory that neither has touched is what the images made of it. */
static bool same_memory(const struct parting_pair *pair)
{
    const struct ram *a = engine_ram(board_engine(board_of(pair, 0)));
    const struct ram *b = engine_ram(board_engine(board_of(pair, 1)));
    if (a->size_bytes != b->size_bytes || a->base != b->base)
        return false;
    if (pair->everywhere)
        return memcmp(a->bytes, b->bytes, a->size_bytes) == 0;
    for (unsigned side = 0; side < 2; side++) {
        size_t count;
        const uint32_t *pages = history_touched(pair->sides[side]->history, &count);
        for (size_t i = 0; i < count; i++)
            if (!same_page(a, b, pages[i]))
                return false;
    }
    return true;
}

bool parting_same(const struct parting_pair *pair, enum parting_scope scope)
{
    return timeline_now(pair->sides[0]).n == timeline_now(pair->sides[1]).n && same_parts(pair, scope) &&
           (scope == PARTING_HARTS || same_memory(pair));
}

static err_t seek(struct parting_pair *pair, icount_t at)
{
    for (unsigned side = 0; side < 2; side++) {
        struct timeline *timeline = pair->sides[side];
        icount_t wanted = icount_min(at, timeline_end(timeline));
        TRY(timeline_seek(timeline, wanted));
        pair->quit |= timeline_now(timeline).n != wanted.n;
    }
    return err_ok();
}

err_t parting_same_at(struct parting_pair *pair, enum parting_scope scope, icount_t at, bool *same)
{
    *same = false;
    TRY(seek(pair, at));
    *same = !pair->quit && parting_same(pair, scope);
    return err_ok();
}

err_t parting_narrow(struct parting_pair *pair, enum parting_scope scope, icount_t low, icount_t *high)
{
    while (high->n - low.n > 1 && !pair->quit) {
        icount_t middle = icount_of(low.n + (high->n - low.n) / 2);
        bool same;
        TRY(parting_same_at(pair, scope, middle, &same));
        if (same)
            low = middle;
        else
            *high = middle;
    }
    return err_ok();
}

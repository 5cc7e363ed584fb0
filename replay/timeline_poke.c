#include <stdlib.h>
#include <string.h>

#include "timeline.h"

static void free_from(struct timeline *timeline, size_t first)
{
    while (timeline->npokes > first)
        free(timeline->pokes[--timeline->npokes].bytes);
}

void timeline_drop_pokes(struct timeline *timeline) { free_from(timeline, 0); }

static bool make_room(struct timeline *timeline)
{
    if (timeline->npokes < timeline->pokes_room)
        return true;
    size_t room = timeline->pokes_room ? timeline->pokes_room * 2 : 16;
    struct poke *pokes = realloc(timeline->pokes, room * sizeof *pokes);
    if (!pokes)
        return false;
    timeline->pokes = pokes;
    timeline->pokes_room = room;
    return true;
}

/* What was poked later belongs to a future that this poke changes. */
static size_t pokes_kept(const struct timeline *timeline)
{
    size_t kept = timeline->npokes;
    while (kept && icount_before(timeline_now(timeline), timeline->pokes[kept - 1].at))
        kept--;
    return kept;
}

/* Validate, then commit: the poke is the last thing that can be refused. */
static err_t apply(struct timeline *timeline, struct poke poke)
{
    struct board *board = timeline->session.board;
    poke.at = board_now(board);
    poke.when = board_vtime(board);
    size_t kept = pokes_kept(timeline);
    if (!make_room(timeline))
        return err_make(ERR_NO_MEMORY, "a diverted timeline");
    if (!poke_apply(&poke, board))
        return err_detail(err_make(ERR_USAGE, "poke"), "%s",
                          poke.kind == POKE_REGISTER ? "no such register, or a value it cannot have"
                                                     : "no such memory");
    free_from(timeline, kept);
    timeline->pokes[timeline->npokes++] = poke;
    history_cut(timeline->history, poke.at);
    door_divert(timeline->session.door, timeline->pokes, timeline->npokes);
    door_rewind(timeline->session.door, poke.at, true);
    board_settle(board);
    return err_ok();
}

err_t timeline_poke_register(struct timeline *timeline, unsigned hart, enum reg_class reg_class, unsigned number,
                             uint64_t value)
{
    return apply(
        timeline,
        (struct poke){.kind = POKE_REGISTER, .hart = hart, .reg_class = reg_class, .number = number, .value = value});
}

static err_t poke_memory(struct timeline *timeline, struct poke poke, const void *bytes)
{
    if (!poke.size_bytes)
        return err_ok();
    poke.bytes = malloc(poke.size_bytes);
    if (!poke.bytes)
        return err_make(ERR_NO_MEMORY, "a diverted timeline");
    memcpy(poke.bytes, bytes, poke.size_bytes);
    err_t error = apply(timeline, poke);
    if (err_is(error))
        free(poke.bytes);
    return error;
}

err_t timeline_poke_memory(struct timeline *timeline, unsigned hart, uint64_t vaddr, const void *bytes,
                           size_t size_bytes)
{
    struct poke poke = {.kind = POKE_MEMORY, .hart = hart, .address = vaddr, .size_bytes = size_bytes};
    return poke_memory(timeline, poke, bytes);
}

err_t timeline_poke_physical(struct timeline *timeline, uint64_t paddr, const void *bytes, size_t size_bytes)
{
    struct poke poke = {.kind = POKE_PHYSICAL, .address = paddr, .size_bytes = size_bytes};
    return poke_memory(timeline, poke, bytes);
}

err_t timeline_undivert(struct timeline *timeline)
{
    if (!timeline->npokes)
        return err_ok();
    icount_t mark = icount_min(timeline_now(timeline), timeline->pokes[0].at);
    timeline_drop_pokes(timeline);
    door_divert(timeline->session.door, NULL, 0);
    history_cut(timeline->history, ICOUNT_MAX);
    timeline->astray = true;
    return timeline_seek(timeline, mark);
}

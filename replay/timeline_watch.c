/* What a watch on an address means: see timeline_watch_here(). */
#include "timeline.h"

/* Memory that is looked for page by page is no more than this. */
static const uint64_t MAPPED_BYTES_MOST = 64 << 20;

enum meaning { MEANS_MEMORY, MEANS_MAPPED, MEANS_SPACE, MEANS_ADDRESS };

static bool has_tables(const struct hart_state *state) { return state->satp >> 60; }

static bool translates(const struct hart_state *state) { return state->priv != PRIV_M && has_tables(state); }

static bool in_upper_half(uint64_t address) { return address >> 63; }

/* Whether all of it is mapped to memory of the same address, as a kernel in the lower half has its own. */
static bool is_mapped_to_itself(struct engine *engine, unsigned hart, const struct watch_range *wanted)
{
    uint64_t paddr, first = wanted->vaddr / PAGE_BYTES, last = (wanted->vaddr + (wanted->size_bytes - 1)) / PAGE_BYTES;
    bool itself = wanted->size_bytes <= MAPPED_BYTES_MOST;
    for (uint64_t page = first; itself && page <= last; page++)
        itself = engine_translate(engine, hart, page * PAGE_BYTES, &paddr) && paddr == page * PAGE_BYTES;
    return itself;
}

/* In M-mode the kernel's address space is there all the same. */
static enum meaning meaning_of(struct engine *engine, unsigned hart, const struct watch_range *wanted, bool physical)
{
    const struct hart_state *state = engine_hart(engine, hart);
    uint64_t last = wanted->vaddr + (wanted->size_bytes - 1);
    if (physical || (!translates(state) && ram_holds(engine_ram(engine), wanted->vaddr, wanted->size_bytes)))
        return MEANS_MEMORY;
    if (in_upper_half(wanted->vaddr) != in_upper_half(last))
        return MEANS_ADDRESS;
    if (in_upper_half(wanted->vaddr))
        return has_tables(state) && wanted->size_bytes <= MAPPED_BYTES_MOST ? MEANS_MAPPED : MEANS_ADDRESS;
    if (!translates(state))
        return MEANS_ADDRESS;
    return is_mapped_to_itself(engine, hart, wanted) ? MEANS_MEMORY : MEANS_SPACE;
}

/* Adds a piece of memory, to the last one where it goes on from there. False: there are too many. */
static bool add_piece(struct watch_range *ranges, size_t *count, struct watch_range piece)
{
    struct watch_range *last = *count ? &ranges[*count - 1] : NULL;
    if (last && last->paddr + last->size_bytes == piece.paddr) {
        last->size_bytes += piece.size_bytes;
        return true;
    }
    if (*count == TIMELINE_WATCH_MOST)
        return false;
    ranges[(*count)++] = piece;
    return true;
}

/* The memory that is mapped there, page by page; 0: not all is mapped, or it is in too many pieces. */
static size_t find_memory(struct engine *engine, unsigned hart, const struct watch_range *wanted,
                          struct watch_range *ranges)
{
    size_t count = 0;
    struct watch_range piece = *wanted;
    piece.space = WATCH_PHYSICAL;
    for (uint64_t done = 0; done < wanted->size_bytes; done += piece.size_bytes) {
        uint64_t left = wanted->size_bytes - done;
        piece.vaddr = wanted->vaddr + done;
        piece.size_bytes = PAGE_BYTES - piece.vaddr % PAGE_BYTES;
        if (piece.size_bytes > left)
            piece.size_bytes = left;
        if (!engine_translate_supervisor(engine, hart, piece.vaddr, &piece.paddr) || !add_piece(ranges, &count, piece))
            return 0;
    }
    return count;
}

size_t timeline_watch_here(struct timeline *timeline, unsigned hart, const struct watch_range *wanted, bool physical,
                           struct watch_range ranges[TIMELINE_WATCH_MOST])
{
    struct engine *engine = board_engine(timeline->session.board);
    enum meaning meaning = meaning_of(engine, hart, wanted, physical);
    size_t count = meaning == MEANS_MAPPED ? find_memory(engine, hart, wanted, ranges) : 0;
    if (count)
        return count;
    ranges[0] = *wanted;
    ranges[0].space = meaning == MEANS_MEMORY ? WATCH_PHYSICAL : meaning == MEANS_SPACE ? WATCH_SPACE : WATCH_ANY;
    ranges[0].paddr = wanted->vaddr;
    ranges[0].satp = engine_hart(engine, hart)->satp;
    return 1;
}

uint64_t timeline_watch_place(struct timeline *timeline, unsigned hart, const struct watch_range *range)
{
    struct engine *engine = board_engine(timeline->session.board);
    struct page_walk walk;
    uint64_t paddr;
    if (range->space == WATCH_SPACE) {
        engine_walk(engine, hart, range->satp, range->vaddr, &walk);
        return walk.mapped ? walk.paddr : TIMELINE_NOWHERE;
    }
    /* before there are page tables a kernel's address means nothing: no need to say so */
    bool mapped = range->space == WATCH_PHYSICAL && range->vaddr != range->paddr;
    if (!mapped || !has_tables(engine_hart(engine, hart)))
        return range->paddr;
    return engine_translate_supervisor(engine, hart, range->vaddr, &paddr) ? paddr : TIMELINE_NOWHERE;
}

#include "spared.h"

/* ---- taking ---- */

static struct ground *add(struct grounds *grounds, const struct watch_range *watch)
{
    if (grounds->npieces == GROUNDS_MAX) {
        grounds->certain = false;
        return &grounds->pieces[0];
    }
    struct ground *piece = &grounds->pieces[grounds->npieces++];
    *piece = (struct ground){.watch = watch};
    return piece;
}

/* A piece of memory within a page. */
static void add_memory(struct grounds *grounds, const struct watch_range *watch, const struct ram *ram, uint64_t paddr,
                       uint64_t size_bytes)
{
    struct ground *piece = add(grounds, watch);
    if (!ram_holds(ram, paddr, size_bytes)) {
        grounds->certain = false;
        return;
    }
    piece->offset = paddr - ram->base;
    piece->size_bytes = size_bytes;
    piece->page = (uint32_t)(piece->offset >> PAGE_SHIFT);
}

/* The part of a watch, at `offset` from its beginning, that lies in one page. Where nothing is mapped, only the tables
 * count. */
static void add_part(struct grounds *grounds, const struct engine *engine, const struct watch_range *watch,
                     uint64_t offset, uint64_t size_bytes)
{
    const struct ram *ram = engine_ram((struct engine *)engine);
    struct page_walk walk;
    if (watch->space == WATCH_PHYSICAL) {
        add_memory(grounds, watch, ram, watch->paddr + offset, size_bytes);
        return;
    }
    engine_walk(engine, 0, watch->satp, watch->vaddr + offset, &walk);
    if (!walk.fixed)
        add(grounds, watch)->moved = true;
    for (unsigned i = 0; i < walk.nentries; i++)
        add_memory(grounds, watch, ram, walk.entries[i], WALK_ENTRY_BYTES);
    if (walk.mapped)
        add_memory(grounds, watch, ram, walk.paddr, size_bytes);
}

static void add_watch(struct grounds *grounds, const struct engine *engine, const struct watch_range *watch)
{
    uint64_t start = watch->space == WATCH_PHYSICAL ? watch->paddr : watch->vaddr;
    if (watch->space == WATCH_ANY || (watch->kinds & ACCESS_LOAD) || watch->size_bytes > GROUNDS_MAX * PAGE_BYTES)
        grounds->certain = false;
    for (uint64_t offset = 0, part; grounds->certain && offset < watch->size_bytes; offset += part) {
        uint64_t room = PAGE_BYTES - ((start + offset) & (PAGE_BYTES - 1)), left = watch->size_bytes - offset;
        part = room < left ? room : left;
        add_part(grounds, engine, watch, offset, part);
    }
}

void grounds_take(struct grounds *grounds, const struct engine *engine, const struct probe *probe)
{
    *grounds = (struct grounds){.certain = true, .breaks = probe->breaks, .nbreaks = probe->nbreaks};
    for (size_t i = 0; i < probe->nwatches; i++)
        add_watch(grounds, engine, &probe->watches[i]);
}

/* ---- breakpoints ---- */

static bool any_visited(const struct grounds *grounds, const struct visited *visited)
{
    for (size_t i = 0; i < grounds->nbreaks; i++)
        if (visited_holds(visited, grounds->breaks[i]))
            return true;
    return false;
}

static bool any_executed(const struct grounds *grounds, const struct footprint *footprint)
{
    for (size_t i = 0; i < grounds->nbreaks; i++)
        if (footprint_executed(footprint, grounds->breaks[i]))
            return true;
    return false;
}

static bool breaks_spared(const struct grounds *grounds, const struct history *history, struct known from,
                          const struct footprint *footprint)
{
    struct visited visited;
    return !grounds->nbreaks || (history_visited(history, from, &visited) && !any_visited(grounds, &visited)) ||
           (footprint && !any_executed(grounds, footprint));
}

/* ---- watches ---- */

static bool not_stored(const struct ground *piece, const struct history *history, struct known from,
                       const struct footprint *footprint)
{
    return history_spared(history, from, &piece->page, 1) ||
           (footprint && !footprint_stored(footprint, piece->offset, piece->size_bytes));
}

static bool piece_spared(struct ground *piece, const struct history *history, struct known from,
                         const struct footprint *footprint)
{
    bool absent = footprint && piece->watch->space == WATCH_SPACE && !footprint_in_force(footprint, piece->watch->satp);
    piece->moved = piece->moved || !not_stored(piece, history, from, footprint);
    return absent || !piece->moved;
}

bool grounds_spared(struct grounds *grounds, const struct history *history, struct known from,
                    const struct footprint *footprint)
{
    bool spared = grounds->certain && breaks_spared(grounds, history, from, footprint);
    for (size_t i = 0; i < grounds->npieces && spared; i++)
        spared = piece_spared(&grounds->pieces[i], history, from, footprint);
    return spared;
}

#include "spared.h"

static void add(struct grounds *grounds, const struct ram *ram, uint64_t paddr)
{
    if (grounds->npages == GROUNDS_MAX || !ram_holds(ram, paddr, 1))
        grounds->certain = false;
    else
        grounds->pages[grounds->npages++] = (uint32_t)((paddr - ram->base) >> PAGE_SHIFT);
}

/* One page of a watch, at `offset` from its beginning. Where nothing is mapped, only the tables count. */
static void add_page(struct grounds *grounds, const struct engine *engine, const struct watch_range *watch,
                     uint64_t offset)
{
    const struct ram *ram = engine_ram((struct engine *)engine);
    struct page_walk walk;
    if (watch->space == WATCH_PHYSICAL) {
        add(grounds, ram, watch->paddr + offset);
        return;
    }
    engine_walk(engine, 0, watch->satp, watch->vaddr + offset, &walk);
    grounds->certain &= walk.fixed;
    for (unsigned i = 0; i < walk.ntables; i++)
        add(grounds, ram, walk.tables[i]);
    if (walk.mapped)
        add(grounds, ram, walk.paddr);
}

static void add_watch(struct grounds *grounds, const struct engine *engine, const struct watch_range *watch)
{
    uint64_t start = watch->space == WATCH_PHYSICAL ? watch->paddr : watch->vaddr;
    if (watch->space == WATCH_ANY || (watch->kinds & ACCESS_LOAD) || watch->size_bytes > GROUNDS_MAX * PAGE_BYTES)
        grounds->certain = false;
    for (uint64_t offset = 0; grounds->certain && offset < watch->size_bytes;
         offset += PAGE_BYTES - ((start + offset) & (PAGE_BYTES - 1)))
        add_page(grounds, engine, watch, offset);
}

void grounds_take(struct grounds *grounds, const struct engine *engine, const struct probe *probe)
{
    *grounds = (struct grounds){.certain = true, .breaks = probe->breaks, .nbreaks = probe->nbreaks};
    for (size_t i = 0; i < probe->nwatches; i++)
        add_watch(grounds, engine, &probe->watches[i]);
}

static bool any_visited(const struct grounds *grounds, const struct visited *visited)
{
    for (size_t i = 0; i < grounds->nbreaks; i++)
        if (visited_holds(visited, grounds->breaks[i]))
            return true;
    return false;
}

bool grounds_spared(const struct grounds *grounds, const struct history *history, struct known from)
{
    struct visited visited;
    if (!grounds->certain || !history_spared(history, from, grounds->pages, grounds->npages))
        return false;
    return !grounds->nbreaks || (history_visited(history, from, &visited) && !any_visited(grounds, &visited));
}

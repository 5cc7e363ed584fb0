/* ram: memory as devices, loaders and debuggers see it. */
#include <string.h>

#include "code.h"
#include "footprint.h"
#include "hart.h"
#include "mmu.h"
#include "tables.h"
#include "walk.h"

struct ram *engine_ram(struct engine *engine) { return &engine->ram; }

bool engine_ram_store(struct engine *engine, uint64_t paddr, const void *bytes, size_t size_bytes)
{
    if (!ram_holds(&engine->ram, paddr, size_bytes))
        return false;
    if (size_bytes) {
        mmu_before_store(engine, paddr, size_bytes);
        memcpy(engine->ram.bytes + (paddr - engine->ram.base), bytes, size_bytes);
    }
    return true;
}

bool engine_ram_load(const struct engine *engine, uint64_t paddr, void *bytes, size_t size_bytes)
{
    if (!ram_holds(&engine->ram, paddr, size_bytes))
        return false;
    memcpy(bytes, engine->ram.bytes + (paddr - engine->ram.base), size_bytes);
    return true;
}

void engine_trap_page(struct engine *engine, uint64_t paddr)
{
    if (ram_holds(&engine->ram, paddr, 1))
        mmu_flag_page(engine, (paddr - engine->ram.base) >> PAGE_SHIFT, PAGE_TRAP);
}

/* So many at once: there are many pages, and most have none. */
enum { FLAGS_AT_ONCE = 64 };

static bool has_any(const uint8_t page_flags[FLAGS_AT_ONCE], unsigned wanted)
{
    uint8_t any = 0;
    for (unsigned n = 0; n < FLAGS_AT_ONCE; n++)
        any = (uint8_t)(any | page_flags[n]);
    return any & wanted;
}

uint64_t ram_next_page(const struct ram *ram, uint64_t page, unsigned flags)
{
    uint64_t npages = ram->size_bytes >> PAGE_SHIFT;
    while (page < npages && !(ram->page_flags[page] & flags)) {
        page++;
        while (page % FLAGS_AT_ONCE == 0 && page + FLAGS_AT_ONCE <= npages && !has_any(ram->page_flags + page, flags))
            page += FLAGS_AT_ONCE;
    }
    return page;
}

/* The flags of a page when an interval begins: it is not dirty, and does not stand in a store tag. */
static uint8_t flags_anew(uint8_t flags, bool kept)
{
    unsigned anew = flags & ~(unsigned)(PAGE_DIRTY | PAGE_STORABLE);
    return (uint8_t)(kept && (flags & PAGE_DIRTY) ? anew | PAGE_KEPT : anew);
}

static void begin_flags(struct ram *ram, bool kept)
{
    const uint8_t ended = PAGE_DIRTY | PAGE_STORABLE;
    uint64_t npages = ram->size_bytes >> PAGE_SHIFT;
    for (uint64_t page = ram_next_page(ram, 0, ended); page < npages; page = ram_next_page(ram, page + 1, ended))
        ram->page_flags[page] = flags_anew(ram->page_flags[page], kept);
}

void engine_clean(struct engine *engine)
{
    if (engine->marks)
        footprint_clear(engine);
    mmu_unstore_all(engine);
    begin_flags(&engine->ram, engine->keeper.change != NULL);
}

bool engine_translate(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t *paddr)
{
    const struct hart *looker = &engine->harts[hart];
    return hart < engine->config.nharts && walk_look(looker, (enum privilege)looker->s.priv, vaddr, paddr);
}

bool engine_translate_supervisor(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t *paddr)
{
    return hart < engine->config.nharts && walk_look(&engine->harts[hart], PRIV_S, vaddr, paddr);
}

void engine_walk(const struct engine *engine, unsigned hart, uint64_t satp, uint64_t vaddr, struct page_walk *walk)
{
    check(hart < engine->config.nharts);
    walk_follow(&engine->harts[hart], satp, vaddr, walk);
}

static void look_anew(struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        engine->harts[n].attention = true;
        hart_update_views(&engine->harts[n]);
    }
}

void engine_forget(struct engine *engine)
{
    tables_forget(engine);
    code_forget(engine);
    look_anew(engine);
}

void engine_moved(struct engine *engine)
{
    tables_forget(engine);
    code_leave(engine);
    look_anew(engine);
}

#include "tables.h"

#include <stdlib.h>
#include <string.h>

#include "mmu.h"
#include "walk.h"

/* A table's place: the first address that it translates, if it is not a root, and its level + 1, which fit below. */
enum { PLACE_LEVEL = 7, PLACE_SEVERAL = 7, PLACE_ROOT = 8 };

/* A page that is a table no more is not told from one that is: after so many stores they are all forgotten. */
enum { STORES_MOST = 1 << 15 };

bool tables_create(struct engine *engine)
{
    engine->tables.places = calloc(engine->ram.size_bytes >> PAGE_SHIFT, sizeof *engine->tables.places);
    return engine->tables.places;
}

void tables_destroy(struct engine *engine)
{
    free(engine->tables.pages);
    free(engine->tables.places);
}

/* ---- which they are ---- */

static unsigned entry_shift(unsigned level) { return PAGE_SHIFT + 9 * level; }

static uint64_t place_of(uint64_t vaddr, unsigned level, bool root)
{
    unsigned unused = entry_shift(level + 1);
    return (level + 1) | (root ? (uint64_t)PLACE_ROOT : vaddr >> unused << unused);
}

/* And nothing else. */
static bool is_root(uint64_t place) { return place & PLACE_ROOT; }

static void remember(struct tables *tables, uint64_t page)
{
    if (tables->count == tables->capacity) {
        size_t capacity = tables->capacity ? 2 * tables->capacity : 256;
        uint32_t *pages = realloc(tables->pages, capacity * sizeof *pages);
        check(pages);
        tables->pages = pages;
        tables->capacity = capacity;
    }
    tables->pages[tables->count++] = (uint32_t)page;
}

static void unshare_epochs(struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++)
        hart_unshare_epochs(&engine->harts[n]);
}

static void note_several(struct engine *engine, uint64_t page)
{
    if (is_root(engine->tables.places[page]))
        unshare_epochs(engine);
    engine->tables.places[page] = PLACE_SEVERAL;
}

void tables_note(struct engine *engine, uint64_t paddr, uint64_t vaddr, unsigned level, bool root)
{
    struct tables *tables = &engine->tables;
    uint64_t page = (paddr - engine->ram.base) >> PAGE_SHIFT, place = place_of(vaddr, level, root);
    if (engine->ram.page_flags[page] & PAGE_TABLE) {
        if (tables->places[page] != place)
            note_several(engine, page);
        return;
    }
    mmu_flag_page(engine, page, PAGE_TABLE);
    remember(tables, page);
    tables->places[page] = place;
}

bool tables_watch_root(struct engine *engine, uint64_t paddr, unsigned levels)
{
    tables_note(engine, paddr, 0, levels - 1, true);
    return is_root(engine->tables.places[(paddr - engine->ram.base) >> PAGE_SHIFT]);
}

static void unflag(struct engine *engine, uint64_t page)
{
    engine->ram.page_flags[page] &= (uint8_t)~PAGE_TABLE;
    engine->tables.places[page] = 0;
}

/* ---- what hangs on them ---- */

struct part {
    uint64_t first, size_bytes;
};

/* What the entry at `offset`, not in the upper half of a root, translates; false when that is not one part of the
 * address space. */
static bool part_of(const struct engine *engine, uint64_t offset, uint64_t pte, struct part *part)
{
    uint64_t place = engine->tables.places[offset >> PAGE_SHIFT], index = offset >> 3 & 511;
    if (!(place & PLACE_LEVEL) || (place & PLACE_LEVEL) == PLACE_SEVERAL)
        return false;
    unsigned shift = entry_shift((unsigned)(place & PLACE_LEVEL) - 1);
    part->first = (place & ~(uint64_t)(PAGE_BYTES - 1)) | index << shift;
    part->size_bytes = UINT64_C(1) << shift;
    if ((pte & PTE_N) && part->size_bytes == PAGE_BYTES) {
        part->first &= ~(uint64_t)(NAPOT_BYTES - 1);
        part->size_bytes = NAPOT_BYTES;
    }
    return true;
}

static void forget_derived(struct engine *engine, bool fetches)
{
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        mmu_forget_data(&engine->harts[n]);
        if (fetches)
            hart_new_epoch(&engine->harts[n]);
        engine->harts[n].leave = true;
    }
}

void tables_forget(struct engine *engine)
{
    forget_derived(engine, true);
    for (size_t n = 0; n < engine->tables.count; n++)
        unflag(engine, engine->tables.pages[n]);
    engine->tables.count = 0;
    engine->tables.stores = 0;
}

/* Is all that the table translates in this part? */
static bool is_within(uint64_t place, const struct part *part)
{
    unsigned level = (unsigned)(place & PLACE_LEVEL);
    return level && level != PLACE_SEVERAL && !(place & PLACE_ROOT) &&
           UINT64_C(1) << entry_shift(level) <= part->size_bytes &&
           (place & ~(uint64_t)PLACE_LEVEL) - part->first < part->size_bytes;
}

/* Nothing is derived any more from the tables of this part alone. */
static void release(struct engine *engine, const struct part *part)
{
    struct tables *tables = &engine->tables;
    size_t kept = 0;
    for (size_t n = 0; n < tables->count; n++) {
        if (is_within(tables->places[tables->pages[n]], part))
            unflag(engine, tables->pages[n]);
        else
            tables->pages[kept++] = tables->pages[n];
    }
    tables->count = kept;
}

static void drop_part(struct engine *engine, const struct part *part, bool fetches)
{
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        bool known = mmu_drop(&engine->harts[n], part->first, part->size_bytes);
        if (known && fetches)
            hart_new_user_epoch(&engine->harts[n]);
    }
}

static bool root_in_force(const struct engine *engine, uint64_t paddr)
{
    for (unsigned n = 0; n < engine->config.nharts; n++)
        if (walk_begins_at(engine->harts[n].s.satp, paddr))
            return true;
    return false;
}

/* The root of spaces that are not in force: most likely they are over, and the page becomes something else. */
static void retire(struct engine *engine, uint64_t page)
{
    struct tables *tables = &engine->tables;
    size_t n = 0;
    for (unsigned hart = 0; hart < engine->config.nharts; hart++)
        hart_forget_spaces(&engine->harts[hart], engine->ram.base + (page << PAGE_SHIFT));
    while (tables->pages[n] != page)
        n++;
    tables->pages[n] = tables->pages[--tables->count];
    unflag(engine, page);
}

static void drop_derived(struct engine *engine, uint64_t offset, uint64_t pte)
{
    bool leaf = pte & (PTE_R | PTE_X), fetches = !leaf || (pte & PTE_X);
    struct part part;
    bool known = part_of(engine, offset, pte, &part);
    if (fetches && !(known && is_low_half(part.first)))
        tables_forget(engine);
    else if (!known)
        forget_derived(engine, false); /* what is executed still hangs on the tables */
    else
        drop_part(engine, &part, fetches);
    if (known && !leaf)
        release(engine, &part);
}

static bool in_upper_half_of_root(const struct engine *engine, uint64_t offset)
{
    return is_root(engine->tables.places[offset >> PAGE_SHIFT]) && (offset >> 3 & 511) >= 256;
}

/* What was invalid has not been cached, and nothing was executed by a leaf that cannot be. But spaces may rely on
 * having the upper half of their roots in common. */
static void entry_written(struct engine *engine, uint64_t offset)
{
    uint64_t pte, page = offset >> PAGE_SHIFT;
    bool upper = in_upper_half_of_root(engine, offset);
    memcpy(&pte, engine->ram.bytes + offset, sizeof pte);
    if (!(pte & PTE_V) && !upper)
        return;
    if (is_root(engine->tables.places[page]) && !root_in_force(engine, engine->ram.base + (page << PAGE_SHIFT)))
        retire(engine, page);
    else if (upper)
        tables_forget(engine);
    else
        drop_derived(engine, offset, pte);
}

void tables_written(struct engine *engine, uint64_t offset, uint64_t size_bytes)
{
    const uint8_t *flags = &engine->ram.page_flags[offset >> PAGE_SHIFT];
    if (++engine->tables.stores == STORES_MOST)
        tables_forget(engine);
    for (uint64_t at = offset & ~UINT64_C(7); at < offset + size_bytes && (*flags & PAGE_TABLE); at += 8)
        entry_written(engine, at);
}

void tables_touched(struct engine *engine, uint64_t offset)
{
    if (in_upper_half_of_root(engine, offset))
        unshare_epochs(engine);
}

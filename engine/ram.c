/* ram: memory as devices, loaders and debuggers see it. */
#include <string.h>

#include "code.h"
#include "hart.h"
#include "mmu.h"
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

void engine_clean(struct engine *engine)
{
    uint64_t npages = engine->ram.size_bytes >> PAGE_SHIFT;
    mmu_unstore_all(engine);
    for (uint64_t page = 0; page < npages; page++)
        engine->ram.page_flags[page] &= (uint8_t)~PAGE_DIRTY;
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

void engine_forget(struct engine *engine)
{
    mmu_forget_all(engine);
    code_forget(engine);
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        engine->harts[n].attention = true;
        hart_update_views(&engine->harts[n]);
    }
}

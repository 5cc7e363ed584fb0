/* Where the kernel lies: around its trap handler, as far as its mapping keeps one distance from physical memory. */
#include "guest.h"

/* A kernel with everything built in is smaller than REACH. What it has unmapped of itself (start-up code) is smaller
 * than GAP. */
enum { REACH_BYTES = 96 << 20, GAP_BYTES = 16 << 20 };

/* stvec.MODE is its low two bits (privileged specification, 10.1.2). */
enum { STVEC_MODE_MASK = 3 };

static err_t nothing(const char *why) { return err_detail(err_make(ERR_UNAVAILABLE, "kernel symbols"), "%s", why); }

/* How far from `vaddr` in steps of `step` pages at this distance from physical memory are found. */
static uint64_t grow(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t paddr, uint64_t step)
{
    uint64_t grown = 0, found;
    for (uint64_t n = 1; n <= REACH_BYTES / PAGE_BYTES && n - grown <= GAP_BYTES / PAGE_BYTES; n++)
        if (engine_translate_supervisor(engine, hart, vaddr + n * step, &found) && found == paddr + n * step)
            grown = n;
    return grown * PAGE_BYTES;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* satp.MODE is its top four bits (privileged specification, 10.1.11). */
bool guest_is_paging(struct engine *engine, unsigned hart) { return engine_hart(engine, hart)->satp >> 60 != 0; }

err_t guest_image_find(struct engine *engine, unsigned hart, struct guest_image *image)
{
    const struct hart_state *state = engine_hart(engine, hart);
    const struct ram *ram = engine_ram(engine);
    uint64_t anchor = state->stvec & ~(uint64_t)STVEC_MODE_MASK, paddr;

    *image = (struct guest_image){.anchor = anchor};
    if (!guest_is_paging(engine, hart))
        return nothing("no kernel has turned its page tables on at this mark; seek a later one, or give it with --at");
    uint64_t vaddr = anchor & ~(uint64_t)(PAGE_BYTES - 1);
    if (!engine_translate_supervisor(engine, hart, vaddr, &paddr) || !ram_holds(ram, paddr, PAGE_BYTES))
        return nothing("stvec leads to no memory at this mark; seek another one, or give it with --at");
    uint64_t below = least(grow(engine, hart, vaddr, paddr, -(uint64_t)PAGE_BYTES), paddr - ram->base);
    uint64_t above =
        least(grow(engine, hart, vaddr, paddr, PAGE_BYTES) + PAGE_BYTES, ram->size_bytes - (paddr - ram->base));
    image->bytes = ram->bytes + (paddr - below - ram->base);
    image->size_bytes = below + above;
    image->vaddr = vaddr - below;
    return err_ok();
}

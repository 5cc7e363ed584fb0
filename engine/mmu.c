#include "mmu.h"

#include <string.h>

#include "code.h"
#include "footprint.h"
#include "pmp.h"
#include "tables.h"
#include "trap.h"
#include "walk.h"

#define PAGE_MASK (~(uint64_t)(PAGE_BYTES - 1))

static unsigned slot_of(uint64_t vaddr) { return vaddr >> PAGE_SHIFT & (TLB_ENTRIES - 1); }

static enum privilege view_priv(enum tlb_view view)
{
    return view == VIEW_M ? PRIV_M : view == VIEW_U ? PRIV_U : PRIV_S;
}

/* ---- forgetting ---- */

/* Empties the sets that are looked at first. */
static void empty_sets(struct hart *hart)
{
    hart->slot_generation++;
    if (hart->tlb_empty)
        return;
    memset(hart->tlb, 0xff, sizeof hart->tlb); /* TLB_NEVER */
    hart->tlb_empty = true;
}

static uint32_t mix_of(uint64_t generation) { return (uint32_t)generation * TLB_MIX_FACTOR; }

static void use_generation(struct hart *hart, uint64_t generation)
{
    hart->tlb_generation = generation;
    hart->tlb_mix = mix_of(generation);
    hart->spaces.kept[hart->spaces.current].generation = generation;
}

void mmu_forget_data(struct hart *hart)
{
    empty_sets(hart);
    memset(hart->regions, 0xff, sizeof hart->regions); /* REGION_NONE */
    for (unsigned n = 0; n < hart->spaces.count; n++)
        hart->spaces.kept[n].generation = 0;
    use_generation(hart, ++hart->tlb_generations);
}

void mmu_switch_space(struct hart *hart)
{
    empty_sets(hart);
    uint64_t known = hart_switch_epoch(hart) ? hart->spaces.kept[hart->spaces.current].generation : 0;
    use_generation(hart, known ? known : ++hart->tlb_generations);
}

void mmu_forget(struct hart *hart)
{
    hart_new_epoch(hart);
    mmu_forget_data(hart);
}

static void drop_entry(struct tlb_entry *entry, uint64_t first, uint64_t size_bytes)
{
    if (entry->tag - first < size_bytes)
        entry->tag = TLB_NEVER;
}

/* In whatever space it is known. */
static void drop_page(struct hart *hart, uint64_t page)
{
    for (unsigned view = 0; view < VIEW_COUNT; view++) {
        struct tlb *tlb = &hart->tlb[view];
        drop_entry(&tlb->load[slot_of(page)], page, PAGE_BYTES);
        drop_entry(&tlb->store[slot_of(page)], page, PAGE_BYTES);
        drop_entry(&tlb->fetch[slot_of(page)], page, PAGE_BYTES);
    }
    for (unsigned n = 0; n < hart->spaces.count; n++) {
        uint32_t mix = mix_of(hart->spaces.kept[n].generation);
        struct tlb_behind *entry = &hart->tlb_behind[tlb_behind_slot(page, mix)];
        if (entry->tag == page)
            entry->generation = 0;
    }
}

static void drop_pages(struct hart *hart, uint64_t first, uint64_t size_bytes)
{
    for (unsigned view = 0; view < VIEW_COUNT; view++) {
        struct tlb *tlb = &hart->tlb[view];
        for (unsigned slot = 0; slot < TLB_ENTRIES; slot++) {
            drop_entry(&tlb->load[slot], first, size_bytes);
            drop_entry(&tlb->store[slot], first, size_bytes);
            drop_entry(&tlb->fetch[slot], first, size_bytes);
        }
    }
    for (unsigned slot = 0; slot < TLB_BEHIND; slot++)
        if (hart->tlb_behind[slot].tag - first < size_bytes)
            hart->tlb_behind[slot].generation = 0;
}

static uint64_t *region_of(struct hart *hart, uint64_t number)
{
    return &hart->regions[(number ^ number >> 9) & (REGIONS - 1)];
}

static void know_region(struct hart *hart, uint64_t vaddr)
{
    uint64_t number = vaddr >> REGION_SHIFT, *region = region_of(hart, number);
    *region = *region == REGION_NONE || *region == number ? number : REGION_SEVERAL;
}

bool mmu_drop(struct hart *hart, uint64_t vaddr, uint64_t size_bytes)
{
    uint64_t number = vaddr >> REGION_SHIFT, *region = region_of(hart, number);
    bool one = size_bytes <= UINT64_C(1) << REGION_SHIFT;
    hart->leave = true; /* what was just located is not good any more, and may be in there */
    if (one && *region != number && *region != REGION_SEVERAL)
        return false;
    hart->slot_generation++;
    if (size_bytes == PAGE_BYTES) {
        drop_page(hart, vaddr);
        return true;
    }
    drop_pages(hart, vaddr, size_bytes);
    if (*region == number && size_bytes == UINT64_C(1) << REGION_SHIFT)
        *region = REGION_NONE;
    return true;
}

void mmu_unstore_all(struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        engine->harts[n].slot_generation++;
        for (unsigned view = 0; view < VIEW_COUNT; view++)
            for (unsigned slot = 0; slot < TLB_ENTRIES; slot++)
                engine->harts[n].tlb[view].store[slot].tag = TLB_NEVER;
    }
}

static void unstore_entry(struct tlb_entry *entry, uint64_t host)
{
    if (entry->tag != TLB_NEVER && entry->tag + entry->addend == host)
        entry->tag = TLB_NEVER;
}

/* One page leaves the store tags. A superblock may go on with what it has found there, when another page has taken the
 * place meanwhile: so it is left. */
static void unstore_page(struct engine *engine, uint64_t page)
{
    const uint64_t host = (uint64_t)(engine->ram.bytes + (page << PAGE_SHIFT));
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        engine->harts[n].leave = true;
        engine->harts[n].slot_generation++;
        for (unsigned view = 0; view < VIEW_COUNT; view++)
            for (unsigned slot = 0; slot < TLB_ENTRIES; slot++)
                unstore_entry(&engine->harts[n].tlb[view].store[slot], host);
    }
    engine->ram.page_flags[page] &= (uint8_t)~PAGE_STORABLE;
}

/* ---- pages that must see their stores ---- */

void mmu_flag_page(struct engine *engine, uint64_t page, uint8_t flag)
{
    uint8_t *flags = &engine->ram.page_flags[page];
    if (*flags & flag)
        return;
    if (*flags & PAGE_STORABLE)
        unstore_page(engine, page);
    *flags |= flag;
}

/* Before the page changes. */
static void mark_dirty(struct engine *engine, uint64_t page)
{
    uint8_t *flags = &engine->ram.page_flags[page];
    if (*flags & PAGE_KEPT) {
        engine->keeper.change(engine->keeper.owner, page);
        *flags &= (uint8_t)~PAGE_KEPT;
    }
    *flags |= PAGE_DIRTY;
}

void mmu_before_store(struct engine *engine, uint64_t paddr, uint64_t size_bytes)
{
    struct ram *ram = &engine->ram;
    footprint_store(engine, paddr - ram->base, size_bytes);
    for (uint64_t offset = paddr - ram->base, left = size_bytes; left;) {
        uint64_t part = PAGE_BYTES - (offset & (PAGE_BYTES - 1));
        part = part < left ? part : left;
        uint8_t *flags = &ram->page_flags[offset >> PAGE_SHIFT];
        if (*flags & PAGE_TABLE)
            tables_written(engine, offset, part);
        if (*flags & PAGE_CODE)
            code_written(engine, ram->base + offset, (unsigned)part);
        mark_dirty(engine, offset >> PAGE_SHIFT);
        offset += part;
        left -= part;
    }
}

void mmu_touch_table(struct engine *engine, uint64_t paddr)
{
    footprint_store(engine, paddr - engine->ram.base, 8);
    uint8_t *flags = &engine->ram.page_flags[(paddr - engine->ram.base) >> PAGE_SHIFT];
    tables_touched(engine, paddr - engine->ram.base);
    if (*flags & PAGE_CODE)
        code_written(engine, paddr, 8);
    mark_dirty(engine, (paddr - engine->ram.base) >> PAGE_SHIFT);
}

/* ---- filling ---- */

/* Where a watch begins in the addresses that it is compared by. */
static uint64_t watch_start(const struct watch_range *watch)
{
    return watch->space == WATCH_PHYSICAL ? watch->paddr : watch->vaddr;
}

static bool watch_in_page(const struct watch_range *watch, uint64_t page)
{
    uint64_t first = watch_start(watch), last = first + watch->size_bytes - 1;
    return watch->size_bytes && first <= page + (PAGE_BYTES - 1) && last >= page;
}

/* A piece of a page, by offsets. */
struct piece_of_page {
    uint64_t first, end;
};

/* What of a page a watch that lies in it, for some part, covers. */
static struct piece_of_page watched_piece(const struct watch_range *watch, uint64_t page)
{
    uint64_t start = watch_start(watch), end = start + watch->size_bytes;
    return (struct piece_of_page){.first = start > page ? start - page : 0,
                                  .end = end - page < PAGE_BYTES ? end - page : PAGE_BYTES};
}

/* The kinds of access to a page that some watch wants to see, in this address space or another, and where in it. */
static unsigned page_watched(const struct engine *engine, uint64_t vaddr, uint64_t paddr, struct piece_of_page *where)
{
    const struct probe *probe = engine->probe;
    unsigned kinds = 0;
    *where = (struct piece_of_page){PAGE_BYTES, 0};
    for (size_t n = 0; probe && n < probe->nwatches; n++) {
        const struct watch_range *watch = &probe->watches[n];
        uint64_t page = (watch->space == WATCH_PHYSICAL ? paddr : vaddr) & PAGE_MASK;
        if (!watch_in_page(watch, page))
            continue;
        struct piece_of_page piece = watched_piece(watch, page);
        kinds |= watch->kinds;
        where->first = piece.first < where->first ? piece.first : where->first;
        where->end = piece.end > where->end ? piece.end : where->end;
    }
    return kinds;
}

/* Must each store to the page be seen, whether it is dirty or not? */
static bool sees_stores(const struct ram *ram, uint64_t page)
{
    return ram->page_flags[page] & (PAGE_CODE | PAGE_TABLE | PAGE_TRAP);
}

/* May stores to the page go unseen? */
static bool storable(const struct ram *ram, uint64_t page)
{
    return (ram->page_flags[page] & PAGE_DIRTY) && !sees_stores(ram, page);
}

/* The page of RAM, by number, that an addend leads to. */
static uint64_t page_behind(const struct ram *ram, uint64_t vaddr, uint64_t addend)
{
    return (vaddr + addend - (uint64_t)ram->bytes) >> PAGE_SHIFT;
}

static void set_entry(struct tlb_entry *set, uint64_t vaddr, uint64_t addend)
{
    set[slot_of(vaddr)] = (struct tlb_entry){vaddr & PAGE_MASK, addend};
}

/* Enters a page of RAM into the sets of those kinds of access that it allows as it now is. */
static void enter(struct hart *hart, enum tlb_view view, uint64_t vaddr, uint64_t addend, unsigned kinds)
{
    struct ram *ram = &hart->engine->ram;
    uint64_t page = page_behind(ram, vaddr, addend);
    struct tlb *tlb = &hart->tlb[view];
    if (kinds & ACCESS_LOAD)
        set_entry(tlb->load, vaddr, addend);
    if (kinds & ACCESS_FETCH)
        set_entry(tlb->fetch, vaddr, addend);
    if ((kinds & ACCESS_STORE) && storable(ram, page)) {
        ram->page_flags[page] |= PAGE_STORABLE;
        set_entry(tlb->store, vaddr, addend);
    }
    hart->tlb_empty = false;
}

static struct tlb_behind *behind(struct hart *hart, uint64_t vaddr)
{
    return &hart->tlb_behind[tlb_behind_slot(vaddr, hart->tlb_mix)];
}

/* After a walk. */
static void fill(struct hart *hart, enum tlb_view view, uint64_t vaddr, uint64_t paddr, unsigned kinds)
{
    struct ram *ram = &hart->engine->ram;
    uint64_t addend = (uint64_t)(ram->bytes + (paddr - ram->base)) - vaddr;
    struct piece_of_page where;
    unsigned watched = kinds & page_watched(hart->engine, vaddr, paddr, &where) & ~(unsigned)ACCESS_FETCH;
    if (watched & ACCESS_LOAD) /* an AMO, a window may load too, and look at the store set only */
        watched |= kinds & ACCESS_STORE;
    kinds &= ~watched;
    know_region(hart, vaddr);
    *behind(hart, vaddr) = (struct tlb_behind){.tag = vaddr & PAGE_MASK,
                                               .addend = addend,
                                               .generation = hart->tlb_generation,
                                               .view = (uint8_t)view,
                                               .kinds = (uint8_t)kinds,
                                               .watched = (uint8_t)watched,
                                               .load_view = kinds & ACCESS_LOAD ? (uint8_t)view : VIEW_COUNT,
                                               .watches_first = (uint16_t)where.first,
                                               .watches_end = (uint16_t)where.end};
    enter(hart, view, vaddr, addend, kinds);
}

/* What is known of the page of accesses, if all of these kinds may go there unseen but for watches; else NULL. */
static const struct tlb_behind *known_page(struct hart *hart, enum tlb_view view, uint64_t vaddr, unsigned size_bytes,
                                           unsigned kinds)
{
    const struct tlb_behind *entry = behind(hart, vaddr);
    const struct ram *ram = &hart->engine->ram;
    if (entry->tag != ((vaddr + size_bytes - 1) & PAGE_MASK) || entry->generation != hart->tlb_generation ||
        entry->view != view || ((entry->kinds | entry->watched) & kinds) != kinds)
        return NULL;
    if ((kinds & ACCESS_STORE) && !storable(ram, page_behind(ram, vaddr, entry->addend)))
        return NULL;
    return entry;
}

/* Enters a page again that has been walked to before. One that is watched enters no set; but whoever asks keeps its
 * addend, and must be told when stores to the page are to be seen. */
static void reenter(struct hart *hart, enum tlb_view view, uint64_t vaddr, const struct tlb_behind *entry,
                    unsigned kinds)
{
    struct ram *ram = &hart->engine->ram;
    if ((entry->kinds & kinds) == kinds)
        enter(hart, view, vaddr, entry->addend, entry->kinds);
    else if (kinds & ACCESS_STORE)
        ram->page_flags[page_behind(ram, vaddr, entry->addend)] |= PAGE_STORABLE;
}
/* Translates and protects [vaddr, vaddr + size_bytes), which lies in one page. */
static enum cause locate(struct hart *hart, enum tlb_view view, uint64_t vaddr, unsigned size_bytes,
                         enum access_kind kind, uint64_t *paddr, unsigned *page_kinds)
{
    struct translation translation;
    enum cause cause = walk(hart, vaddr, kind, view, &translation);
    if (cause != CAUSE_NONE)
        return cause;
    unsigned kinds;
    *paddr = translation.paddr;
    if (pmp_page_allowed(&hart->s, view_priv(view), translation.paddr, &kinds))
        *page_kinds = translation.kinds & kinds;
    else {
        *page_kinds = 0;
        kinds = pmp_allowed(&hart->s, view_priv(view), translation.paddr, size_bytes);
    }
    return kinds & kind ? CAUSE_NONE : walk_access_fault(kind);
}

/* ---- accesses ---- */

/* Where an access goes: one piece, or two when it crosses a page. */
struct piece {
    uint64_t vaddr, paddr;
    unsigned size_bytes, page_kinds;
};
struct span {
    struct piece pieces[2];
    unsigned npieces;
};

static void cut(struct span *span, uint64_t vaddr, unsigned size_bytes)
{
    uint64_t room = PAGE_BYTES - (vaddr & (PAGE_BYTES - 1));
    span->npieces = room < size_bytes ? 2 : 1;
    span->pieces[0].vaddr = vaddr;
    span->pieces[0].size_bytes = span->npieces == 2 ? (unsigned)room : size_bytes;
    span->pieces[1].vaddr = vaddr + room;
    span->pieces[1].size_bytes = size_bytes - span->pieces[0].size_bytes;
}

static enum cause locate_piece(struct hart *hart, const struct span *span, struct piece *piece, enum access_kind kind)
{
    enum cause cause = locate(hart, (enum tlb_view)hart->data_view, piece->vaddr, piece->size_bytes, kind,
                              &piece->paddr, &piece->page_kinds);
    if (cause == CAUSE_NONE && span->npieces == 2 && !ram_holds(&hart->engine->ram, piece->paddr, piece->size_bytes))
        cause = walk_access_fault(kind);
    return cause;
}

/* Locates all of an access before any of it is done. False: it trapped. */
static bool locate_span(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes,
                        enum access_kind kind, struct span *span)
{
    cut(span, vaddr, size_bytes);
    for (unsigned n = 0; n < span->npieces; n++) {
        enum cause cause = locate_piece(hart, span, &span->pieces[n], kind);
        if (cause != CAUSE_NONE) {
            trap_raise(hart, insn, cause, span->pieces[n].vaddr);
            return false;
        }
    }
    return true;
}

/* ---- watches ---- */

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return (a - b < b_bytes || b - a < a_bytes) && a_bytes && b_bytes;
}

/* May the watch mean this access? By the virtual address alone; of a physical one, as far as the offset in the page
 * goes. */
static bool may_touch(const struct hart *hart, const struct watch_range *watch, uint64_t vaddr, unsigned size_bytes)
{
    const uint64_t in_page = PAGE_BYTES - 1;
    if (watch->space == WATCH_PHYSICAL)
        return ((watch->paddr - vaddr) & in_page) < size_bytes ||
               ((vaddr - watch->paddr) & in_page) < watch->size_bytes;
    if (watch->space == WATCH_SPACE &&
        !(walk_paged(&hart->s, (enum tlb_view)hart->data_view) && walk_same_space(watch->satp, hart->s.satp)))
        return false;
    return overlap(watch->vaddr, watch->size_bytes, vaddr, size_bytes);
}

/* May any watch of these kinds mean it? */
static bool in_watch(const struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds)
{
    const struct probe *probe = hart->engine->probe;
    bool watched = false;
    for (size_t n = 0; probe && n < probe->nwatches; n++)
        watched |= (probe->watches[n].kinds & kinds) && may_touch(hart, &probe->watches[n], vaddr, size_bytes);
    return watched;
}

/* Does it? Then the bytes touched, in the watch's numbering, are in *touched. */
static bool does_touch(const struct hart *hart, const struct watch_range *watch, uint64_t vaddr, unsigned size_bytes,
                       const struct span *span, struct piece *touched)
{
    *touched = (struct piece){.vaddr = vaddr, .size_bytes = size_bytes};
    if (!may_touch(hart, watch, vaddr, size_bytes))
        return false;
    for (unsigned n = 0; watch->space == WATCH_PHYSICAL && n < span->npieces; n++) {
        *touched = span->pieces[n];
        touched->vaddr = watch->vaddr + (touched->paddr - watch->paddr);
        if (overlap(watch->paddr, watch->size_bytes, touched->paddr, touched->size_bytes))
            return true;
    }
    return watch->space != WATCH_PHYSICAL;
}

/* Shows an access that is about to succeed to the probe; true: stop before it, nothing has changed. */
static bool ask_probe(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes, unsigned kinds,
                      const struct span *span)
{
    const struct probe *probe = hart->engine->probe;
    struct piece touched;
    bool stop = false;
    for (size_t n = 0; n < probe->nwatches; n++) {
        unsigned seen = probe->watches[n].kinds & kinds;
        if (seen && does_touch(hart, &probe->watches[n], vaddr, size_bytes, span, &touched))
            stop |=
                probe->on_access(probe->context, hart->id, hart_mark(hart, insn),
                                 seen & ACCESS_STORE ? ACCESS_STORE : ACCESS_LOAD, touched.vaddr, touched.size_bytes);
    }
    if (stop) {
        leave_before(hart, insn);
        hart->probed = true;
    }
    return stop;
}

/* Would the access succeed, and where? Asked without setting A or D. */
static bool would_succeed(struct hart *hart, uint64_t vaddr, unsigned size_bytes, enum access_kind kind,
                          struct span *span)
{
    bool yes = true;
    cut(span, vaddr, size_bytes);
    hart->dry = true;
    for (unsigned n = 0; n < span->npieces; n++)
        yes = yes && locate_piece(hart, span, &span->pieces[n], kind) == CAUSE_NONE;
    hart->dry = false;
    return yes;
}

static bool probe_stops(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes, unsigned kinds)
{
    struct span span;
    return in_watch(hart, vaddr, size_bytes, kinds) &&
           would_succeed(hart, vaddr, size_bytes, kinds & ACCESS_STORE ? ACCESS_STORE : ACCESS_LOAD, &span) &&
           ask_probe(hart, insn, vaddr, size_bytes, kinds, &span);
}

/* In a page that is watched: is it between the first watch there and the last? */
static bool near_watch(const struct tlb_behind *entry, uint64_t vaddr, unsigned size_bytes)
{
    uint64_t offset = vaddr & (PAGE_BYTES - 1);
    return offset < entry->watches_end && offset + size_bytes > entry->watches_first;
}

/* Moves 1, 2, 4 or 8 bytes. */
static inline void copy(void *to, const void *from, unsigned size_bytes)
{
    switch (size_bytes) {
    case 8:
        memcpy(to, from, 8);
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    case 2:
        memcpy(to, from, 2);
        break;
    default:
        memcpy(to, from, 1);
    }
}

uint64_t mmu_window(struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds)
{
    enum tlb_view view = (enum tlb_view)hart->data_view;
    const struct tlb_behind *entry = known_page(hart, view, vaddr, size_bytes, kinds);
    if (!entry)
        return 0;
    if ((entry->watched & kinds) && near_watch(entry, vaddr, size_bytes) && in_watch(hart, vaddr, size_bytes, kinds))
        return 0;
    reenter(hart, view, vaddr, entry, kinds);
    return entry->addend;
}

bool mmu_sees_stores(struct hart *hart, uint64_t vaddr)
{
    const struct tlb_behind *entry = behind(hart, vaddr);
    const struct ram *ram = &hart->engine->ram;
    return entry->tag == (vaddr & PAGE_MASK) && entry->generation == hart->tlb_generation &&
           sees_stores(ram, page_behind(ram, vaddr, entry->addend));
}

/* Cuts what is watched off the clearing around an access; false: the access may touch it. */
static bool cut_off(struct piece_of_page *clearing, struct piece_of_page watched, uint64_t offset, unsigned size_bytes)
{
    if (watched.end <= offset)
        clearing->first = watched.end > clearing->first ? watched.end : clearing->first;
    else if (watched.first >= offset + size_bytes)
        clearing->end = watched.first < clearing->end ? watched.first : clearing->end;
    else
        return false;
    return true;
}

/* How far around an access to a page that is known no watch sees any of these kinds, in this address space or another.
 */
static bool find_clearing(const struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds, uint64_t addend,
                          struct piece_of_page *clearing)
{
    const struct ram *ram = &hart->engine->ram;
    const struct probe *probe = hart->engine->probe;
    uint64_t paddr = ram->base + (vaddr + addend - (uint64_t)ram->bytes);
    bool clear = true;
    *clearing = (struct piece_of_page){0, PAGE_BYTES};
    for (size_t n = 0; probe && clear && n < probe->nwatches; n++) {
        const struct watch_range *watch = &probe->watches[n];
        uint64_t page = (watch->space == WATCH_PHYSICAL ? paddr : vaddr) & PAGE_MASK;
        if ((watch->kinds & kinds) && watch_in_page(watch, page))
            clear = cut_off(clearing, watched_piece(watch, page), vaddr & (PAGE_BYTES - 1), size_bytes);
    }
    return clear;
}

bool mmu_open_slot(struct hart *hart, uint64_t vaddr, unsigned size_bytes, unsigned kinds, struct page_slot *slot)
{
    enum tlb_view view = (enum tlb_view)hart->data_view;
    const struct tlb_behind *entry = known_page(hart, view, vaddr, size_bytes, kinds);
    struct piece_of_page clearing;
    if (!entry || !find_clearing(hart, vaddr, size_bytes, kinds, entry->addend, &clearing))
        return false;
    reenter(hart, view, vaddr, entry, kinds);
    slot->tag = (vaddr & PAGE_MASK) + clearing.first;
    slot->limit = clearing.end - clearing.first + 1 - size_bytes;
    slot->addend = entry->addend;
    slot->page = slot->tag + entry->addend;
    return true;
}

static bool load_piece(struct hart *hart, const struct insn *insn, const struct piece *piece, uint64_t *value)
{
    const struct engine *engine = hart->engine;
    const struct bus *bus = &engine->config.bus;
    *value = 0;
    if (ram_holds(&engine->ram, piece->paddr, piece->size_bytes))
        memcpy(value, engine->ram.bytes + (piece->paddr - engine->ram.base), piece->size_bytes);
    else if (!bus->load(bus->owner, hart_mark(hart, insn), piece->paddr, piece->size_bytes, value)) {
        trap_raise(hart, insn, CAUSE_LOAD_ACCESS, piece->vaddr);
        return false;
    }
    return true;
}

static void fill_span(struct hart *hart, const struct span *span)
{
    for (unsigned n = 0; n < span->npieces; n++)
        if (span->pieces[n].page_kinds && ram_holds(&hart->engine->ram, span->pieces[n].paddr, 1))
            fill(hart, (enum tlb_view)hart->data_view, span->pieces[n].vaddr, span->pieces[n].paddr,
                 span->pieces[n].page_kinds);
}

bool mmu_load(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes)
{
    struct span span;
    uint64_t addend = mmu_window(hart, vaddr, size_bytes, ACCESS_LOAD);
    if (addend) {
        hart->value = 0;
        copy(&hart->value, (const void *)(vaddr + addend), size_bytes);
        return true;
    }
    if (probe_stops(hart, insn, vaddr, size_bytes, ACCESS_LOAD) ||
        !locate_span(hart, insn, vaddr, size_bytes, ACCESS_LOAD, &span))
        return false;
    uint64_t low, high = 0;
    if (!load_piece(hart, insn, &span.pieces[0], &low))
        return false;
    if (span.npieces == 2 && !load_piece(hart, insn, &span.pieces[1], &high))
        return false;
    hart->value = span.npieces == 2 ? low | high << 8 * span.pieces[0].size_bytes : low;
    fill_span(hart, &span);
    return true;
}

/* A store to RAM that has been located; `bytes` stay the caller's. */
static void store_ram(struct engine *engine, icount_t now, uint64_t paddr, const void *bytes, unsigned size_bytes)
{
    mmu_before_store(engine, paddr, size_bytes);
    memcpy(engine->ram.bytes + (paddr - engine->ram.base), bytes, size_bytes);
    if (engine->ram.page_flags[(paddr - engine->ram.base) >> PAGE_SHIFT] & PAGE_TRAP)
        engine->config.bus.trapped(engine->config.bus.owner, now, paddr, size_bytes);
}

/* `value` may have more bits than are stored: the bus does not see them. */
static bool store_piece(struct hart *hart, const struct insn *insn, const struct piece *piece, uint64_t value)
{
    struct engine *engine = hart->engine;
    const struct bus *bus = &engine->config.bus;
    icount_t now = hart_mark(hart, insn);
    if (ram_holds(&engine->ram, piece->paddr, piece->size_bytes))
        store_ram(engine, now, piece->paddr, &value, piece->size_bytes);
    else if (!bus->store(bus->owner, now, piece->paddr, piece->size_bytes,
                         value & UINT64_MAX >> (64 - 8 * piece->size_bytes))) {
        trap_raise(hart, insn, CAUSE_STORE_ACCESS, piece->vaddr);
        return false;
    }
    return true;
}

bool mmu_store(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes, uint64_t value)
{
    struct span span;
    uint64_t addend = mmu_window(hart, vaddr, size_bytes, ACCESS_STORE);
    if (addend) {
        copy((void *)(vaddr + addend), &value, size_bytes);
        footprint_store(hart->engine, vaddr + addend - (uint64_t)hart->engine->ram.bytes, size_bytes);
        return true;
    }
    if (probe_stops(hart, insn, vaddr, size_bytes, ACCESS_STORE) ||
        !locate_span(hart, insn, vaddr, size_bytes, ACCESS_STORE, &span))
        return false;
    if (!store_piece(hart, insn, &span.pieces[0], value))
        return false;
    if (span.npieces == 2 && !store_piece(hart, insn, &span.pieces[1], value >> 8 * span.pieces[0].size_bytes))
        return false;
    if (!hart->leave) /* else the store may have changed what was located */
        fill_span(hart, &span);
    return true;
}

uint8_t *mmu_atomic(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes, unsigned kinds)
{
    struct engine *engine = hart->engine;
    enum access_kind kind = kinds & ACCESS_STORE ? ACCESS_STORE : ACCESS_LOAD;
    struct span span;
    if (vaddr & (size_bytes - 1)) {
        trap_raise(hart, insn, kind == ACCESS_STORE ? CAUSE_STORE_MISALIGNED : CAUSE_LOAD_MISALIGNED, vaddr);
        return NULL;
    }
    if (probe_stops(hart, insn, vaddr, size_bytes, kinds) || !locate_span(hart, insn, vaddr, size_bytes, kind, &span))
        return NULL;
    if (!ram_holds(&engine->ram, span.pieces[0].paddr, size_bytes)) {
        trap_raise(hart, insn, walk_access_fault(kind), vaddr);
        return NULL;
    }
    if (kind == ACCESS_STORE)
        mmu_before_store(engine, span.pieces[0].paddr, size_bytes);
    if (!hart->leave)
        fill_span(hart, &span);
    return engine->ram.bytes + (span.pieces[0].paddr - engine->ram.base);
}

/* ---- cache blocks (unprivileged specification, 19.4) ---- */

/* Only memory has cache blocks: elsewhere it is an access fault. */
static enum cause locate_block(struct hart *hart, uint64_t vaddr, unsigned size_bytes, enum access_kind kind,
                               struct span *span)
{
    struct piece *piece = &span->pieces[0];
    cut(span, vaddr & -(uint64_t)size_bytes, size_bytes);
    enum cause cause = locate_piece(hart, span, piece, kind);
    return cause == CAUSE_NONE && !ram_holds(&hart->engine->ram, piece->paddr, size_bytes) ? walk_access_fault(kind)
                                                                                           : cause;
}

bool mmu_check_block(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes)
{
    struct span span;
    if (locate_block(hart, vaddr, size_bytes, ACCESS_LOAD, &span) == CAUSE_NONE)
        return true;
    enum cause cause = locate_block(hart, vaddr, size_bytes, ACCESS_STORE, &span);
    if (cause != CAUSE_NONE)
        trap_raise(hart, insn, cause, vaddr);
    return cause == CAUSE_NONE;
}

uint8_t *mmu_block(struct hart *hart, const struct insn *insn, uint64_t vaddr, unsigned size_bytes)
{
    struct engine *engine = hart->engine;
    const uint64_t block = vaddr & -(uint64_t)size_bytes;
    uint64_t addend = mmu_window(hart, block, size_bytes, ACCESS_STORE);
    struct span span;
    if (addend) {
        footprint_store(engine, block + addend - (uint64_t)engine->ram.bytes, size_bytes);
        return (uint8_t *)(block + addend);
    }
    if (probe_stops(hart, insn, block, size_bytes, ACCESS_STORE))
        return NULL;
    enum cause cause = locate_block(hart, vaddr, size_bytes, ACCESS_STORE, &span);
    if (cause != CAUSE_NONE) {
        trap_raise(hart, insn, cause, vaddr);
        return NULL;
    }
    mmu_before_store(engine, span.pieces[0].paddr, size_bytes);
    if (!hart->leave)
        fill_span(hart, &span);
    return engine->ram.bytes + (span.pieces[0].paddr - engine->ram.base);
}

enum cause mmu_fetch(struct hart *hart, uint64_t vaddr, uint64_t *paddr, bool *cacheable)
{
    const struct ram *ram = &hart->engine->ram;
    enum tlb_view view = (enum tlb_view)hart->fetch_view;
    const struct tlb_entry *entry = &hart->tlb[view].fetch[slot_of(vaddr)];
    if (entry->tag != (vaddr & PAGE_MASK)) {
        const struct tlb_behind *known = known_page(hart, view, vaddr, 2, ACCESS_FETCH);
        if (known)
            enter(hart, view, vaddr, known->addend, known->kinds);
    }
    if (entry->tag == (vaddr & PAGE_MASK)) {
        *paddr = ram->base + (vaddr + entry->addend - (uint64_t)ram->bytes);
        *cacheable = true;
        return CAUSE_NONE;
    }
    unsigned page_kinds;
    enum cause cause = locate(hart, view, vaddr, 2, ACCESS_FETCH, paddr, &page_kinds);
    *cacheable = cause == CAUSE_NONE && (page_kinds & ACCESS_FETCH) && ram_holds(ram, *paddr, 2);
    if (*cacheable)
        fill(hart, view, vaddr, *paddr, page_kinds);
    return cause;
}

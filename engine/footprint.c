#include "footprint.h"

#include <stdlib.h>

#include "walk.h"

enum { RANGES_FIRST = 1 << 13, MARKS_OF_PAGE = PAGE_BYTES >> FOOTPRINT_SHIFT };

static uint64_t npages_of(const struct engine *engine) { return engine->ram.size_bytes >> PAGE_SHIFT; }

bool footprint_create(struct engine *engine)
{
    struct marks *marks = calloc(1, sizeof *marks);
    engine->marks = marks;
    if (!marks)
        return false;
    marks->stored = memory_get(engine->ram.size_bytes >> FOOTPRINT_SHIFT);
    uint64_t bias = (uint64_t)marks->stored - ((uint64_t)engine->ram.bytes >> FOOTPRINT_SHIFT);
    for (unsigned n = 0; n < engine->config.nharts; n++)
        engine->harts[n].mark_bias = bias;
    return marks->stored;
}

void footprint_destroy(struct engine *engine)
{
    if (!engine->marks)
        return;
    memory_put(engine->marks->stored, engine->ram.size_bytes >> FOOTPRINT_SHIFT);
    free(engine->marks->ranges);
    free(engine->marks);
}

/* ---- code ---- */

static int by_pc(const void *a, const void *b)
{
    const struct code_range *x = a, *y = b;
    return (x->pc > y->pc) - (x->pc < y->pc);
}

/* Sorts what has been noted, and joins what meets. */
static void tidy(struct marks *marks)
{
    size_t count = 0;
    if (!marks->nranges)
        return;
    qsort(marks->ranges, marks->nranges, sizeof marks->ranges[0], by_pc);
    for (size_t n = 1; n < marks->nranges; n++) {
        struct code_range *last = &marks->ranges[count], next = marks->ranges[n];
        if (next.pc > last->end)
            marks->ranges[++count] = next;
        else if (next.end > last->end)
            last->end = next.end;
    }
    marks->nranges = count + 1;
}

static void make_room(struct marks *marks)
{
    tidy(marks);
    if (marks->nranges && marks->nranges <= marks->room / 2)
        return;
    size_t room = marks->room ? 2 * marks->room : RANGES_FIRST;
    struct code_range *ranges = realloc(marks->ranges, room * sizeof *ranges);
    if (!ranges)
        return;
    marks->ranges = ranges;
    marks->room = room;
}

void footprint_enter(struct engine *engine, uint64_t pc, uint64_t end)
{
    struct marks *marks = engine->marks;
    struct code_range *seen = &marks->seen[pc >> 1 & (SEEN_RANGES - 1)];
    if (seen->pc == pc && seen->end >= end)
        return;
    if (marks->nranges == marks->room)
        make_room(marks);
    if (marks->nranges == marks->room) {
        marks->lost = true;
        return;
    }
    *seen = marks->ranges[marks->nranges++] = (struct code_range){pc, end};
}

void footprint_add_block(struct engine *engine, struct jit_block *block)
{
    block->next_made = engine->marks->blocks;
    engine->marks->blocks = block;
}

static void look_at_blocks(struct engine *engine)
{
    for (struct jit_block *block = engine->marks->blocks; block; block = block->next_made) {
        if (block->entered)
            footprint_enter(engine, block->base, block->base + block->size_bytes);
        block->entered = 0;
    }
}

void footprint_drop_blocks(struct engine *engine)
{
    look_at_blocks(engine);
    engine->marks->blocks = NULL;
}

/* ---- address spaces ---- */

static bool holds_space(const uint64_t *spaces, size_t count, uint64_t satp)
{
    for (size_t n = 0; n < count; n++)
        if (walk_same_space(spaces[n], satp))
            return true;
    return false;
}

void footprint_switch(struct engine *engine, uint64_t satp)
{
    struct marks *marks = engine->marks;
    if (marks->nspaces > FOOTPRINT_SPACES || holds_space(marks->spaces, marks->nspaces, satp))
        return;
    if (marks->nspaces < FOOTPRINT_SPACES)
        marks->spaces[marks->nspaces] = satp;
    marks->nspaces++;
}

bool footprint_in_force(const struct footprint *footprint, uint64_t satp)
{
    return footprint->nspaces > FOOTPRINT_SPACES || holds_space(footprint->spaces, footprint->nspaces, satp);
}

/* ---- stores ---- */

/* Eight marks, each 0 or 1, as bits. */
static uint64_t bits_of(const uint8_t *marks)
{
    uint64_t eight;
    memcpy(&eight, marks, sizeof eight);
    return eight * UINT64_C(0x0102040810204080) >> 56;
}

/* False: there are none. */
static bool take_page(const struct marks *marks, uint64_t number, struct stored_page *page)
{
    const uint8_t *stored = marks->stored + number * MARKS_OF_PAGE;
    uint64_t any = 0;
    *page = (struct stored_page){.page = (uint32_t)number};
    for (unsigned n = 0; n < MARKS_OF_PAGE; n += 8) {
        uint64_t bits = bits_of(stored + n);
        page->words[n / 64] |= bits << n % 64;
        any |= bits;
    }
    return any;
}

static uint64_t next_dirty(const struct engine *engine, uint64_t number)
{
    return ram_next_page(&engine->ram, number, PAGE_DIRTY);
}

static size_t count_dirty(const struct engine *engine)
{
    size_t count = 0;
    for (uint64_t number = next_dirty(engine, 0); number < npages_of(engine); number = next_dirty(engine, number + 1))
        count++;
    return count;
}

void footprint_clear(struct engine *engine)
{
    struct marks *marks = engine->marks;
    for (uint64_t number = next_dirty(engine, 0); number < npages_of(engine); number = next_dirty(engine, number + 1))
        memset(marks->stored + number * MARKS_OF_PAGE, 0, MARKS_OF_PAGE);
    for (struct jit_block *block = marks->blocks; block; block = block->next_made)
        block->entered = 0;
    memset(marks->seen, 0xff, sizeof marks->seen); /* no pc is odd */
    marks->nranges = marks->nspaces = 0;
    marks->lost = false;
    for (unsigned n = 0; n < engine->config.nharts; n++)
        footprint_switch(engine, engine->harts[n].s.satp);
}

/* ---- what it comes to ---- */

bool engine_footprint(struct engine *engine, struct footprint *footprint)
{
    struct marks *marks = engine->marks;
    *footprint = (struct footprint){0};
    look_at_blocks(engine);
    tidy(marks);
    size_t most = count_dirty(engine);
    footprint->ranges = malloc((marks->nranges + 1) * sizeof *footprint->ranges);
    footprint->pages = malloc((most + 1) * sizeof *footprint->pages);
    if (marks->lost || !footprint->ranges || !footprint->pages) {
        footprint_free(footprint);
        return false;
    }
    footprint->nranges = marks->nranges;
    footprint->nspaces = marks->nspaces;
    memcpy(footprint->spaces, marks->spaces, sizeof marks->spaces);
    if (marks->nranges)
        memcpy(footprint->ranges, marks->ranges, marks->nranges * sizeof *footprint->ranges);
    for (uint64_t number = next_dirty(engine, 0); number < npages_of(engine); number = next_dirty(engine, number + 1))
        footprint->npages += take_page(marks, number, &footprint->pages[footprint->npages]);
    return true;
}

void footprint_free(struct footprint *footprint)
{
    free(footprint->pages);
    free(footprint->ranges);
    *footprint = (struct footprint){0};
}

size_t footprint_bytes(const struct footprint *footprint)
{
    return sizeof *footprint + footprint->npages * sizeof *footprint->pages +
           footprint->nranges * sizeof *footprint->ranges;
}

static int page_order(const void *key, const void *element)
{
    uint64_t number = *(const uint64_t *)key, other = ((const struct stored_page *)element)->page;
    return (number > other) - (number < other);
}

bool footprint_stored(const struct footprint *footprint, uint64_t offset, uint64_t size_bytes)
{
    const struct stored_page *page = NULL;
    uint64_t first = offset >> FOOTPRINT_SHIFT, end = (offset + size_bytes + 7) >> FOOTPRINT_SHIFT;
    for (uint64_t mark = first; mark < end; mark++) {
        uint64_t number = mark / MARKS_OF_PAGE, bit = mark % MARKS_OF_PAGE;
        if (mark == first || bit == 0)
            page = bsearch(&number, footprint->pages, footprint->npages, sizeof *page, page_order);
        if (page && page->words[bit / 64] >> bit % 64 & 1)
            return true;
    }
    return false;
}

bool footprint_executed(const struct footprint *footprint, uint64_t pc)
{
    size_t low = 0, high = footprint->nranges; /* the first range that ends behind pc */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (footprint->ranges[middle].end > pc)
            high = middle;
        else
            low = middle + 1;
    }
    return low < footprint->nranges && footprint->ranges[low].pc <= pc;
}

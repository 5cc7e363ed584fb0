#include "code.h"

#include <stdlib.h>
#include <string.h>

#include "footprint.h"
#include "interp.h"
#include "jit.h"
#include "log.h"
#include "mmu.h"

enum { BUCKETS = 1 << 16, ARENA_BYTES = 32 << 20, LINE_SHIFT = 6, HOT_AFTER = 24, STRAINS_MOST = 32 };

/* What has been decoded in one page. */
struct code_page {
    struct block *blocks;
    struct jit_block *translated;
    uint64_t lines; /* one bit per 64 bytes that hold decoded instructions */
};

enum { CROSSINGS = 256, PLACES_SHIFT = 15, PLACES = 1 << PLACES_SHIFT };
struct code_cache {
    struct jit_block *places[PLACES]; /* lists of superblocks, but for those across two pages, by place_of() */
    uint8_t crossing_heat[CROSSINGS]; /* how often an instruction across two pages was interpreted, by the page */
    struct block *buckets[BUCKETS];
    struct code_page *pages; /* one per page of RAM */
    uint8_t *arena;
    size_t arena_used;
};

bool code_create(struct engine *engine)
{
    struct code_cache *code = calloc(1, sizeof *code);
    engine->code = code;
    if (!code)
        return false;
    code->pages = calloc(engine->ram.size_bytes >> PAGE_SHIFT, sizeof *code->pages);
    code->arena = memory_get(ARENA_BYTES);
    return code->pages && code->arena;
}

void code_destroy(struct engine *engine)
{
    if (!engine->code)
        return;
    free(engine->code->pages);
    memory_put(engine->code->arena, ARENA_BYTES);
    free(engine->code);
}

static struct block **bucket_of(struct code_cache *code, uint64_t paddr)
{
    return &code->buckets[(paddr >> 1 ^ paddr >> 15) & (BUCKETS - 1)];
}

/* Code that several address spaces have at different addresses is in as many places. */
static struct jit_block **place_of(struct code_cache *code, uint64_t paddr, uint64_t pc, unsigned view)
{
    uint64_t pages = paddr + (pc & -(uint64_t)PAGE_BYTES);
    return &code->places[spread((uint32_t)(pages >> 1) + view, PLACES_SHIFT)];
}

/* ---- dropping ---- */

void code_leave(struct engine *engine)
{
    for (unsigned n = 0; n < engine->config.nharts; n++) {
        hart_new_epoch(&engine->harts[n]);
        engine->harts[n].leave = true;
        engine->harts[n].exited = NULL;
    }
}

static void unlink_block(struct code_cache *code, struct block *block)
{
    struct block **link = bucket_of(code, block->paddr);
    while (*link != block)
        link = &(*link)->next_in_bucket;
    *link = block->next_in_bucket;
}

/* The superblocks of a list (next_in_page) are gone. */
static void drop_translated(struct engine *engine, struct jit_block *list)
{
    for (const struct jit_block *block = list; block; block = block->next_in_page) {
        struct jit_block **link = place_of(engine->code, block->paddr, block->pc, block->view);
        while (*link && *link != block)
            link = &(*link)->next_in_place;
        if (*link)
            *link = block->next_in_place;
    }
    jit_drop(engine->jit, list);
}

static uint64_t lines_of(uint64_t offset, uint64_t size_bytes)
{
    unsigned first = (unsigned)(offset >> LINE_SHIFT);
    unsigned last = (unsigned)((offset + size_bytes - 1) >> LINE_SHIFT);
    return (UINT64_MAX >> (63 - last)) & (UINT64_MAX << first);
}

/* The arena keeps dropped blocks until code_forget(): the running block may be one of them. */
void code_written(struct engine *engine, uint64_t paddr, unsigned size_bytes)
{
    uint64_t number = (paddr - engine->ram.base) >> PAGE_SHIFT;
    struct code_page *page = &engine->code->pages[number];
    if (!(page->lines & lines_of(paddr & (PAGE_BYTES - 1), size_bytes)))
        return;
    for (struct block *block = page->blocks; block; block = block->next_in_page)
        unlink_block(engine->code, block);
    drop_translated(engine, page->translated);
    page->blocks = NULL;
    page->translated = NULL;
    page->lines = 0;
    engine->ram.page_flags[number] &= (uint8_t)~PAGE_CODE;
    code_leave(engine);
}

void code_forget(struct engine *engine)
{
    struct code_cache *code = engine->code;
    const struct ram *ram = &engine->ram;
    uint64_t npages = ram->size_bytes >> PAGE_SHIFT, number = ram_next_page(ram, 0, PAGE_CODE);
    for (; number < npages; number = ram_next_page(ram, number + 1, PAGE_CODE)) {
        engine->ram.page_flags[number] &= (uint8_t)~PAGE_CODE;
        code->pages[number] = (struct code_page){0};
    }
    memset(code->places, 0, sizeof code->places);
    memset(code->buckets, 0, sizeof code->buckets);
    code->arena_used = 0;
    if (engine->marks)
        footprint_drop_blocks(engine);
    if (engine->jit)
        jit_forget(engine->jit);
    code_leave(engine);
}

/* ---- making ---- */

unsigned block_insns_most(const struct engine *engine)
{
    unsigned tuned = engine->config.tuning.block_insns_most;
    return tuned && tuned < BLOCK_INSNS_MAX ? tuned : BLOCK_INSNS_MAX;
}

static void close_block(struct insn *insn, unsigned at_halfwords, unsigned index)
{
    *insn = (struct insn){.run = interp_leave, .at = (uint8_t)at_halfwords, .index = (uint8_t)index};
}

static struct block *allocate(struct engine *engine)
{
    struct code_cache *code = engine->code;
    size_t most = sizeof(struct block) + (BLOCK_INSNS_MAX + 1) * sizeof(struct insn);
    if (ARENA_BYTES - code->arena_used < most)
        code_forget(engine);
    return (struct block *)(code->arena + code->arena_used);
}

/* Decodes from `bytes` up to the end of the page, the block, or what a block may hold. */
static void fill_block(const struct engine *engine, struct block *block, const uint8_t *bytes, unsigned room_bytes)
{
    run_fn *const *run = interp_of(engine);
    unsigned most = block_insns_most(engine), offset = 0, count = 0;
    bool ended = false;
    while (!ended && count < most && room_bytes - offset >= 2) {
        uint32_t raw = 0;
        memcpy(&raw, bytes + offset, room_bytes - offset >= 4 ? 4 : 2);
        if (raw_bytes(raw) > room_bytes - offset)
            break;
        struct insn *insn = &block->insns[count];
        decode(&engine->decoder, raw, insn);
        insn->run = run[insn->op];
        insn->at = (uint8_t)(offset / 2);
        insn->index = (uint8_t)count++;
        offset += raw_bytes(raw);
        ended = insn_rows[insn->op].ends_block;
    }
    block->heat = 0;
    block->apart = 0;
    block->ninsns = (uint16_t)count;
    block->size_bytes = (uint16_t)offset;
    close_block(&block->insns[count], offset / 2, count);
}

static const struct block *find(struct code_cache *code, uint64_t paddr)
{
    const struct block *block = *bucket_of(code, paddr);
    while (block && block->paddr != paddr)
        block = block->next_in_bucket;
    return block;
}

/* The page of `paddr` must see stores to that code. */
static struct code_page *hold_code(struct engine *engine, uint64_t paddr, unsigned size_bytes)
{
    uint64_t number = (paddr - engine->ram.base) >> PAGE_SHIFT;
    struct code_page *page = &engine->code->pages[number];
    page->lines |= lines_of(paddr & (PAGE_BYTES - 1), size_bytes);
    mmu_flag_page(engine, number, PAGE_CODE);
    return page;
}

static void link_block(struct engine *engine, struct block *block)
{
    struct code_cache *code = engine->code;
    struct code_page *page = hold_code(engine, block->paddr, block->size_bytes);
    struct block **bucket = bucket_of(code, block->paddr);
    block->next_in_bucket = *bucket;
    *bucket = block;
    block->next_in_page = page->blocks;
    page->blocks = block;
    size_t used = sizeof *block + (block->ninsns + 1u) * sizeof(struct insn);
    code->arena_used += (used + 15) & ~(size_t)15;
}

const struct block *code_block(struct engine *engine, uint64_t paddr)
{
    const struct block *known = find(engine->code, paddr);
    if (known)
        return known;
    struct block *block = allocate(engine);
    unsigned room_bytes = PAGE_BYTES - (unsigned)(paddr & (PAGE_BYTES - 1));
    fill_block(engine, block, engine->ram.bytes + (paddr - engine->ram.base), room_bytes);
    if (block->ninsns == 0)
        return NULL;
    block->paddr = paddr;
    link_block(engine, block);
    if (log_wants(engine, LOG_IN_ASM))
        log_in_asm(engine->current, engine->current->s.pc, paddr, engine->ram.bytes + (paddr - engine->ram.base),
                   block->size_bytes, false);
    return block;
}

/* ---- translated code ---- */

static bool is_for(const struct jit_block *block, const struct hart *hart)
{
    return block->pc == hart->s.pc && block->view == hart->data_view;
}

static struct jit_block *find_translated(const struct hart *hart, uint64_t paddr)
{
    struct jit_block *block = *place_of(hart->engine->code, paddr, hart->s.pc, hart->data_view);
    while (block && (block->paddr != paddr || !is_for(block, hart)))
        block = block->next_in_place;
    return block;
}

static struct jit_block *translate(struct hart *hart, const struct jit_source *source)
{
    struct engine *engine = hart->engine;
    if (jit_full(engine->jit)) {
        code_forget(engine);
        return NULL;
    }
    struct jit_block *block = jit_translate(hart, source);
    if (!block)
        return NULL;
    uint64_t ahead = block->pc - block->base, paddr = source->paddr - ahead;
    unsigned room_bytes = PAGE_BYTES - (unsigned)(paddr & (PAGE_BYTES - 1));
    struct code_page *page = hold_code(engine, paddr, block->size_bytes < room_bytes ? block->size_bytes : room_bytes);
    block->next_in_page = page->translated;
    page->translated = block;
    if (log_wants(engine, LOG_IN_ASM))
        log_in_asm(hart, block->base, paddr, source->bytes - ahead, block->size_bytes, true);
    if (log_wants(engine, LOG_OUT_ASM)) {
        log_out_asm(hart, block->entry, block->host_bytes);
        log_out_asm(hart, block->cold, block->cold_bytes);
    }
    return block;
}

static unsigned hot_after(const struct engine *engine)
{
    unsigned tuned = engine->config.tuning.hot_after;
    return tuned ? tuned : HOT_AFTER;
}

static struct jit_block *translate_page(struct hart *hart, uint64_t paddr, uint32_t apart)
{
    const struct ram *ram = &hart->engine->ram;
    const struct jit_source source = {.paddr = paddr,
                                      .bytes = ram->bytes + (paddr - ram->base),
                                      .room_bytes = PAGE_BYTES - (unsigned)(paddr & (PAGE_BYTES - 1)),
                                      .before = (unsigned)(paddr & (PAGE_BYTES - 1)),
                                      .apart = apart};
    struct jit_block *block = translate(hart, &source);
    if (!block)
        return NULL;
    struct jit_block **place = place_of(hart->engine->code, paddr, block->pc, block->view);
    block->next_in_place = *place;
    *place = block;
    return block;
}

static struct jit_block *find_crossing(struct hart *hart, const struct jit_source *source)
{
    const struct engine *engine = hart->engine;
    struct jit_block *block = engine->code->pages[(source->paddr - engine->ram.base) >> PAGE_SHIFT].translated;
    while (block && (block->paddr != source->paddr || !is_for(block, hart) ||
                     memcmp(&block->insns[0].raw, source->bytes, source->room_bytes) != 0))
        block = block->next_in_page;
    return block;
}

/* The instruction at pc begins with the last two bytes of its page. What is known of it hangs on both pages: stores to
 * either have the harts look anew, but only those to the first one drop what has been translated. */
static struct jit_block *hot_crossing(struct hart *hart, uint64_t paddr)
{
    struct engine *engine = hart->engine;
    uint8_t bytes[4], *heat = &engine->code->crossing_heat[(paddr >> PAGE_SHIFT) % CROSSINGS];
    const struct jit_source source = {.paddr = paddr, .bytes = bytes, .room_bytes = sizeof bytes};
    uint64_t next_paddr;
    bool cacheable;
    if (mmu_fetch(hart, hart->s.pc + 2, &next_paddr, &cacheable) != CAUSE_NONE || !cacheable)
        return NULL;
    memcpy(bytes, engine->ram.bytes + (paddr - engine->ram.base), 2);
    memcpy(bytes + 2, engine->ram.bytes + (next_paddr - engine->ram.base), 2);
    struct jit_block *block = find_crossing(hart, &source);
    if (!block && ++*heat > hot_after(engine)) {
        *heat = 0;
        block = translate(hart, &source);
    }
    if (block)
        (void)hold_code(engine, next_paddr, 2);
    return block;
}

/* What is interpreted at pc, which lies at paddr, as translated code. */
static struct jit_block *hot_decoded(struct hart *hart, uint64_t paddr)
{
    struct block *block = (struct block *)code_block(hart->engine, paddr);
    if (!block)
        return hot_crossing(hart, paddr);
    if (block->heat++ < hot_after(hart->engine))
        return NULL;
    block->heat = 0; /* when it cannot be translated now, ask again later */
    return translate_page(hart, paddr, block->apart);
}

/* The translated code at pc, looked up the long way. */
static struct jit_block *hot_block(struct hart *hart)
{
    uint64_t paddr;
    bool cacheable;
    if (mmu_fetch(hart, hart->s.pc, &paddr, &cacheable) != CAUSE_NONE || !cacheable)
        return NULL; /* the interpreter will trap, or do it one by one */
    struct jit_block *known = find_translated(hart, paddr);
    return known ? known : hot_decoded(hart, paddr);
}

/* Contexts that take turns have tables of their own: those of a trap's two sides, and of SUM set and clear. */
static struct entry_table *table_of(struct hart *hart)
{
    static const uint8_t kinds[VIEW_COUNT << 2] = {
        [VIEW_M << 2 | PRIV_M] = 0,     [VIEW_S << 2 | PRIV_S] = 1, [VIEW_S_SUM << 2 | PRIV_S] = 2,
        [VIEW_U << 2 | PRIV_U] = 3,     [VIEW_S << 2 | PRIV_M] = 4, [VIEW_U << 2 | PRIV_M] = 4,
        [VIEW_S_SUM << 2 | PRIV_M] = 4,
    };
    uint64_t epoch = hart->context >> 4;
    return &hart->entry_tables[epoch % EPOCHS_WITH_ENTRIES * ENTRY_KINDS + kinds[hart->context & 15]];
}

static struct entry empty_entry(const struct hart *hart)
{
    const struct jit *jit = hart->engine->jit;
    return (struct entry){.pc = ENTRY_EMPTY, .code = jit ? jit_missed(jit) : NULL};
}

/* A process that lives for a short time only leaves few of them behind. */
static void empty_table(struct entry_table *table, struct entry empty)
{
    bool known = table->context && table->nlisted <= ENTRIES_LISTED;
    unsigned count = known ? table->nlisted : JUMP_ENTRIES;
    for (unsigned n = 0; n < count; n++)
        table->entries[known ? table->listed[n] : n] = empty;
    table->nlisted = 0;
}

void code_choose_entries(struct hart *hart)
{
    struct entry_table *table = table_of(hart);
    hart->entries = table->entries;
    table->awake = true;
    if (table->context == hart->context)
        return;
    empty_table(table, empty_entry(hart));
    table->context = hart->context;
}

/* May an entry with the pc of one that sleeps be there? */
static bool may_sleep(uint64_t pc, unsigned slot) { return pc != ENTRY_EMPTY && jump_slot(pc) != slot; }

static void put_at(struct entry_table *table, unsigned slot, struct entry entry)
{
    bool listed = table->entries[slot].pc != ENTRY_EMPTY;
    table->entries[slot] = entry;
    if (listed)
        return;
    if (table->nlisted < ENTRIES_LISTED)
        table->listed[table->nlisted] = (uint16_t)slot;
    table->nlisted += table->nlisted <= ENTRIES_LISTED;
}

/* Which has been driven from its place. */
static void put_second(struct entry_table *table, struct entry entry)
{
    bool sleeps = entry_sleeps(entry.pc);
    unsigned slot = entry_second_slot(sleeps ? entry.pc ^ ENTRY_ASLEEP : entry.pc);
    if (!sleeps || may_sleep(entry.pc, slot))
        put_at(table, slot, entry);
}

static void put_entry(struct entry_table *table, struct entry entry)
{
    const struct entry before = table->entries[jump_slot(entry.pc)];
    if (before.pc != ENTRY_EMPTY && before.pc != entry.pc && before.pc != (entry.pc ^ ENTRY_ASLEEP))
        put_second(table, before);
    put_at(table, jump_slot(entry.pc), entry);
}

static void sleep_at(struct entry_table *table, unsigned slot, struct entry empty)
{
    struct entry *entry = &table->entries[slot];
    if (entry->pc & 1)
        return;
    entry->pc ^= ENTRY_ASLEEP;
    if (!may_sleep(entry->pc, slot))
        *entry = empty;
}

static void sleep_table(struct entry_table *table, struct entry empty)
{
    bool known = table->nlisted <= ENTRIES_LISTED;
    unsigned count = known ? table->nlisted : JUMP_ENTRIES;
    for (unsigned n = 0; n < count; n++)
        sleep_at(table, known ? table->listed[n] : n, empty);
    table->awake = false;
}

void code_sleep(struct hart *hart)
{
    const struct entry empty = empty_entry(hart);
    for (unsigned n = 0; n < EPOCHS_WITH_ENTRIES * ENTRY_KINDS; n++)
        if (hart->entry_tables[n].awake)
            sleep_table(&hart->entry_tables[n], empty);
    code_choose_entries(hart);
}

/* The code at pc that is known under the context; NULL: none is. */
static const uint8_t *known_entry(struct hart *hart)
{
    struct entry *entry = &hart->entries[jump_slot(hart->s.pc)];
    if (entry->pc == hart->s.pc)
        return entry->code;
    if (!entry_sleeps(entry->pc) || entry->pc != (hart->s.pc ^ ENTRY_ASLEEP))
        return NULL;
    hart_visit(hart);
    entry->pc = hart->s.pc;
    return entry->code;
}

const uint8_t *code_entry(struct hart *hart)
{
    struct jit_exit *exited = hart->exited;
    const uint8_t *known = exited ? NULL : known_entry(hart);
    if (known)
        return known;
    hart_visit(hart);
    if (is_break(hart->engine, hart->s.pc))
        return NULL;
    struct jit_block *block = hot_block(hart);
    if (!block)
        return NULL;
    if (log_wants(hart->engine, LOG_EXEC)) /* the next one is entered from here as well */
        return block->entry;
    put_entry(table_of(hart), (struct entry){.pc = hart->s.pc, .code = block->entry});
    if (exited && hart->exited == exited && exited->target == hart->s.pc && !exited->from->dropped && !exited->to)
        jit_chain(exited, block);
    return block->entry;
}

/* Takes a superblock out of its page's list, and sees to it that nothing leads to it any more. */
static void take_out(struct engine *engine, struct jit_block **link)
{
    struct jit_block *block = *link;
    *link = block->next_in_page;
    block->next_in_page = NULL;
    drop_translated(engine, block);
}

/* What is to be translated anew may be running: its code goes on being right. */
static void supersede(struct engine *engine, struct jit_block *block)
{
    struct jit_block **link = &engine->code->pages[(block->paddr - engine->ram.base) >> PAGE_SHIFT].translated;
    while (*link != block)
        link = &(*link)->next_in_page;
    take_out(engine, link);
}

static void forget_entry(struct hart *hart, const struct jit_block *block)
{
    const struct entry empty = empty_entry(hart);
    const unsigned slots[] = {jump_slot(block->pc), entry_second_slot(block->pc)};
    for (unsigned n = 0; n < EPOCHS_WITH_ENTRIES * ENTRY_KINDS; n++)
        for (unsigned which = 0; which < 2; which++)
            if (hart->entry_tables[n].entries[slots[which]].code == block->entry)
                hart->entry_tables[n].entries[slots[which]] = empty;
}

void code_strained(struct hart *hart, struct jit_block *block, unsigned reg)
{
    struct engine *engine = hart->engine;
    block->strained |= UINT32_C(1) << reg;
    if (++block->strains < STRAINS_MOST || block->dropped)
        return;
    struct block *plain = (struct block *)find(engine->code, block->paddr);
    supersede(engine, block);
    for (unsigned n = 0; n < engine->config.nharts; n++)
        forget_entry(&engine->harts[n], block);
    if (!plain)
        return;
    plain->apart |= block->strained;
    plain->heat = (uint16_t)hot_after(engine);
}

static bool covers_break(const struct engine *engine, const struct jit_block *block)
{
    const struct probe *probe = engine->probe;
    for (size_t n = 0; n < probe->nbreaks; n++)
        if (probe->breaks[n] - block->base < block->size_bytes)
            return true;
    return false;
}

/* Takes the superblocks that cover a breakpoint off a page's list; true when there were any. */
static bool split_page(struct engine *engine, struct code_page *page)
{
    bool any = false;
    for (struct jit_block **link = &page->translated; *link;) {
        if (!covers_break(engine, *link)) {
            link = &(*link)->next_in_page;
            continue;
        }
        take_out(engine, link);
        any = true;
    }
    return any;
}

void code_split_at_breaks(struct engine *engine)
{
    uint64_t npages = engine->ram.size_bytes >> PAGE_SHIFT;
    bool any = false;
    for (uint64_t number = 0; number < npages; number++)
        if (engine->code->pages[number].translated)
            any |= split_page(engine, &engine->code->pages[number]);
    if (any)
        code_leave(engine);
}

void code_single(const struct engine *engine, uint32_t raw, struct insn insns[2])
{
    decode(&engine->decoder, raw, &insns[0]);
    insns[0].run = interp_of(engine)[insns[0].op];
    insns[0].at = insns[0].index = 0;
    close_block(&insns[1], raw_bytes(raw) / 2, 1);
}

void code_clip(const struct insn *from, unsigned ninsns, struct insn *to)
{
    memcpy(to, from, ninsns * sizeof *to);
    close_block(&to[ninsns], from[ninsns].at, from[ninsns].index);
}

/* Who changed memory? Watches say who stored to it; the bytes before and after say whether that was a change.
 *
 * Watched is the memory itself, not an address: a page of a process is filled by the kernel, through another one. No
 * watch sees a poke: a mark with pokes is looked at by itself, before them and after them, when the search comes there.
 */
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

/* The most that one instruction stores (cbo.zero). */
enum { STORE_BYTES_MOST = 64 };

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

static err_t no_memory_at(uint64_t address)
{
    return err_detail(err_make(ERR_USAGE, "address 0x%llx", (unsigned long long)address),
                      "no memory there, here and now; give one that is, or phys:ADDRESS");
}

err_t timeline_memory_here(struct timeline *timeline, unsigned hart, uint64_t address, uint64_t size_bytes,
                           bool physical, struct timeline_memory *memory)
{
    struct engine *engine = board_engine(timeline->session.board);
    *memory = (struct timeline_memory){.address = address, .size_bytes = size_bytes};
    if (!size_bytes || size_bytes > TIMELINE_MEMORY_MOST)
        return err_detail(err_make(ERR_USAGE, "%llu bytes", (unsigned long long)size_bytes),
                          "cannot be looked at; give 1 to %d", TIMELINE_MEMORY_MOST);
    for (uint64_t done = 0, size; done < size_bytes; done += size) {
        uint64_t paddr = address + done, to_page_end = PAGE_BYTES - (address + done) % PAGE_BYTES;
        size = size_bytes - done < to_page_end ? size_bytes - done : to_page_end;
        if (address + done < done || (!physical && !engine_translate(engine, hart, address + done, &paddr)) ||
            !ram_holds(engine_ram(engine), paddr, size))
            return no_memory_at(address + done);
        memory->pieces[memory->npieces++] = (struct timeline_piece){paddr, size};
    }
    return err_ok();
}

void timeline_look(struct timeline *timeline, const struct timeline_memory *memory, uint64_t offset, void *bytes,
                   size_t size_bytes)
{
    struct engine *engine = board_engine(timeline->session.board);
    check(offset + size_bytes <= memory->size_bytes);
    for (size_t i = 0, done = 0; done < size_bytes; i++) {
        const struct timeline_piece *piece = &memory->pieces[i];
        if (offset >= piece->size_bytes) {
            offset -= piece->size_bytes;
            continue;
        }
        size_t left = (size_t)(piece->size_bytes - offset), size = size_bytes - done < left ? size_bytes - done : left;
        check(engine_ram_load(engine, piece->paddr + offset, (uint8_t *)bytes + done, size));
        done += size;
        offset = 0;
    }
}

static size_t watches_of(const struct timeline_memory *memory, struct watch_range watches[TIMELINE_PIECES_MOST])
{
    uint64_t address = memory->address;
    for (size_t i = 0; i < memory->npieces; i++) {
        const struct timeline_piece *piece = &memory->pieces[i];
        watches[i] = (struct watch_range){.vaddr = address,
                                          .size_bytes = piece->size_bytes,
                                          .kinds = ACCESS_STORE,
                                          .space = WATCH_PHYSICAL,
                                          .paddr = piece->paddr};
        address += piece->size_bytes;
    }
    return memory->npieces;
}

/* ---- one store -------------------------------------------------------------------------------------------------------- */

/* What a store may have changed: `size_bytes` from `offset` on. */
struct window {
    uint64_t offset;
    size_t size_bytes;
    uint8_t before[STORE_BYTES_MOST], after[STORE_BYTES_MOST];
};

static struct window window_at(const struct timeline_memory *memory, uint64_t touched)
{
    struct window window = {.offset = touched - memory->address};
    uint64_t left = memory->size_bytes - window.offset;
    if (memory->size_bytes <= 8) /* shown as a whole */
        window = (struct window){.offset = 0, .size_bytes = (size_t)memory->size_bytes};
    else
        window.size_bytes = left < STORE_BYTES_MOST ? (size_t)left : STORE_BYTES_MOST;
    return window;
}

static uint64_t value_of(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = size_bytes; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* Whether it is what is looked for; what of it is shown: the word, counted from the start of the memory, with the first
 * byte that changed. */
static bool judge(const struct timeline_write_search *search, const struct window *window, struct timeline_write *write)
{
    size_t first = 0;
    while (first < window->size_bytes && window->before[first] == window->after[first])
        first++;
    if (first == window->size_bytes)
        return false;
    uint64_t word = (window->offset + first) / 8 * 8;
    size_t from = word > window->offset ? (size_t)(word - window->offset) : 0;
    size_t most = 8 - (window->offset + from) % 8, left = window->size_bytes - from;
    write->offset = window->offset + from;
    write->size_bytes = (unsigned)(left < most ? left : most);
    write->before = value_of(window->before + from, write->size_bytes);
    write->after = value_of(window->after + from, write->size_bytes);
    return !search->valued || write->after == search->value;
}

/* ---- stores ------------------------------------------------------------------------------------------------------------ */

/* Of what is looked at. */
struct trial {
    struct timeline *timeline;
    const struct timeline_write_search *search;
    struct window window;
    struct timeline_write suspect;
    struct timeline_write *writes; /* what was found last */
    size_t count;
};

/* Stands before the instruction. */
static void look_before(void *context, unsigned hart, uint64_t touched)
{
    struct trial *trial = context;
    const struct timeline_memory *memory = trial->search->memory;
    struct window *window = &trial->window;
    *window = window_at(memory, touched);
    trial->suspect.hart = hart;
    trial->suspect.pc = engine_hart(board_engine(trial->timeline->session.board), hart)->pc;
    timeline_look(trial->timeline, memory, window->offset, window->before, window->size_bytes);
}

static bool look_after(void *context)
{
    struct trial *trial = context;
    struct window *window = &trial->window;
    timeline_look(trial->timeline, trial->search->memory, window->offset, window->after, window->size_bytes);
    trial->suspect.at = timeline_now(trial->timeline);
    trial->suspect.when = board_vtime(trial->timeline->session.board);
    bool found = judge(trial->search, window, &trial->suspect);
    if (found)
        trial->writes[0] = trial->suspect;
    return found;
}

/* Among so many instructions. *over: nothing more can be looked at. */
static err_t find_store(struct trial *trial, uint64_t steps, bool *over)
{
    const struct timeline_write_search *search = trial->search;
    struct watch_range watches[TIMELINE_PIECES_MOST];
    struct judge judge = {.context = trial, .before = look_before, .after = look_after};
    struct timeline_resume resume = {.direction = search->direction,
                                     .steps = steps,
                                     .watches = watches,
                                     .nwatches = watches_of(search->memory, watches),
                                     .interrupted = search->interrupted,
                                     .context = search->context};
    struct timeline_stop stop;
    TRY(timeline_search(trial->timeline, &resume, &judge, &stop));
    trial->count = stop.reason == STOP_WATCH;
    *over = stop.reason != STOP_STEPPED;
    return err_ok();
}

/* ---- pokes ------------------------------------------------------------------------------------------------------------- */

/* All of the memory, before each changer of a mark and after the last one. */
struct layers {
    struct trial *trial;
    uint8_t *bytes;
    unsigned count; /* that are known */
};

static uint8_t *layer(const struct layers *layers, unsigned n)
{
    return layers->bytes + n * layers->trial->search->memory->size_bytes;
}

/* The memory is now what it is before this changer: whoever has not been heard of by now has done nothing. */
static void look_until(struct layers *layers, unsigned changer)
{
    const struct timeline_memory *memory = layers->trial->search->memory;
    for (; layers->count <= changer; layers->count++)
        timeline_look(layers->trial->timeline, memory, 0, layer(layers, layers->count), (size_t)memory->size_bytes);
}

static void on_poke(void *context, bool laid_over) { look_until(context, laid_over ? BY_DEBUGGER : BY_BRANCH); }

/* What this changer has done, if it counts. */
static void judge_layer(const struct layers *layers, struct timeline_write write)
{
    struct trial *trial = layers->trial;
    const struct timeline_memory *memory = trial->search->memory;
    bool found = false;
    for (uint64_t offset = 0; !found && offset < memory->size_bytes; offset += STORE_BYTES_MOST) {
        struct window window = window_at(memory, memory->address + offset);
        memcpy(window.before, layer(layers, write.by) + offset, window.size_bytes);
        memcpy(window.after, layer(layers, write.by + 1) + offset, window.size_bytes);
        found = judge(trial->search, &window, &write);
    }
    if (found)
        trial->writes[trial->count++] = write;
}

/* Goes over the instruction before a mark with pokes, which may have changed the memory too, and over the pokes. */
static err_t pass_pokes(struct layers *layers, icount_t at)
{
    struct timeline *timeline = layers->trial->timeline;
    const struct timeline_write_search *search = layers->trial->search;
    struct advance advance = {session_mark(at),    false,          "search", icount_of(0), icount_of(1),
                              search->interrupted, search->context};
    const struct hart_state *hart = engine_hart(board_engine(timeline->session.board), 0); /* the only one that runs */
    struct timeline_write write = {.at = at, .pc = hart->pc};
    enum session_stop why;
    bool broken;
    look_until(layers, BY_INSTRUCTION);
    door_tell_pokes(timeline->session.door, on_poke, layers);
    timeline->console_on = search->direction == FORWARDS;
    err_t error = timeline_advance(timeline, &advance, &why, &broken);
    timeline->console_on = false;
    door_tell_pokes(timeline->session.door, NULL, NULL);
    TRY(error);
    look_until(layers, CHANGERS);
    write.when = board_vtime(timeline->session.board);
    for (write.by = BY_INSTRUCTION; write.by < CHANGERS; write.by++, write.pc = 0)
        judge_layer(layers, write);
    return err_ok();
}

static err_t stand_before(struct timeline *timeline, icount_t at, bool *broken)
{
    TRY(timeline_seek(timeline, icount_of(at.n - 1)));
    *broken = timeline_now(timeline).n != at.n - 1;
    return err_ok();
}

/* A mark with pokes. At mark 0 there was no instruction before them. */
static err_t find_poke(struct trial *trial, icount_t at, bool *broken)
{
    struct timeline *timeline = trial->timeline;
    struct layers layers = {.trial = trial};
    TRY(at.n ? stand_before(timeline, at, broken) : timeline_restore(timeline, at));
    if (*broken)
        return err_ok();
    layers.bytes = malloc((CHANGERS + 1) * (size_t)trial->search->memory->size_bytes);
    err_t error = layers.bytes ? pass_pokes(&layers, at) : err_make(ERR_NO_MEMORY, "a poke");
    free(layers.bytes);
    return error;
}

/* ---- one after another ------------------------------------------------------------------------------------------------- */

/* The nearest mark with pokes, at most so many steps away; backwards that may be the mark where one stands. */
static bool next_poke(const struct trial *trial, uint64_t steps, icount_t *at)
{
    struct timeline *timeline = trial->timeline;
    icount_t now = timeline_now(timeline);
    if (trial->search->direction == BACKWARDS)
        return door_poked(timeline->session.door, icount_of(steps > now.n ? 0 : now.n - steps + 1), now, true, at);
    icount_t last = icount_of(steps > UINT64_MAX - now.n ? UINT64_MAX : now.n + steps);
    return door_poked(timeline->session.door, icount_of(now.n + 1), last, false, at);
}

/* From one mark with pokes to the next. */
static err_t find(struct trial *trial)
{
    struct timeline *timeline = trial->timeline;
    bool back = trial->search->direction == BACKWARDS;
    bool over = false;
    for (uint64_t left = trial->search->steps; left && !over;) {
        icount_t now = timeline_now(timeline), at;
        bool poked = next_poke(trial, left, &at);
        uint64_t steps = !poked ? left : back ? now.n - at.n : at.n - now.n - 1;
        if (steps)
            TRY(find_store(trial, steps, &over));
        if (trial->count || !poked || over)
            return err_ok();
        TRY(find_poke(trial, at, &over));
        if (trial->count || (back && at.n == 0))
            return err_ok();
        if (back && !over)
            TRY(stand_before(timeline, at, &over));
        left -= steps + 1;
    }
    return err_ok();
}

err_t timeline_find_write(struct timeline *timeline, const struct timeline_write_search *search,
                          struct timeline_write *writes, size_t *count)
{
    struct trial trial = {.timeline = timeline, .search = search, .writes = writes};
    icount_t origin = timeline_now(timeline);
    TRY(find(&trial));
    *count = trial.count;
    icount_t home = trial.count ? writes[0].at : origin;
    return timeline_now(timeline).n == home.n ? err_ok() : timeline_seek(timeline, home);
}

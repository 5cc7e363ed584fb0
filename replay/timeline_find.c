/* Who changed memory? Watches say who stored to it; the bytes before and after say whether that was a change.
 *
 * Watched is the memory itself, not an address: a page of a process is filled by the kernel, through another one. */
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

/* ---- one after another ------------------------------------------------------------------------------------------------- */

/* Of what is looked at. */
struct trial {
    struct timeline *timeline;
    const struct timeline_write_search *search;
    struct window window;
    struct timeline_write suspect;
    struct timeline_write *write; /* the last one that was found */
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
        *trial->write = trial->suspect;
    return found;
}

/* ---- pokes of a branch ------------------------------------------------------------------------------------------------- */

/* Marks behind `after`, up to `upto`. */
struct stretch {
    uint64_t after, upto;
};

static struct stretch stretch_of(const struct timeline_write_search *search, uint64_t origin)
{
    uint64_t most = search->direction == BACKWARDS ? origin : UINT64_MAX - origin;
    uint64_t steps = search->steps < most ? search->steps : most;
    return search->direction == BACKWARDS ? (struct stretch){origin - steps, origin}
                                          : (struct stretch){origin, origin + steps};
}

/* The next mark there at which the recording holds pokes; the stretch becomes what is left behind it. */
static bool next_poke(const struct timeline *timeline, enum direction direction, struct stretch *stretch, icount_t *at)
{
    size_t ninputs;
    const struct input_record *inputs = recording_inputs(timeline->recording, &ninputs);
    bool any = false;
    for (size_t i = 0; i < ninputs; i++) {
        if (inputs[i].kind != INPUT_POKE || inputs[i].at.n <= stretch->after || inputs[i].at.n > stretch->upto)
            continue;
        if (!any || direction == BACKWARDS)
            *at = inputs[i].at;
        any = true;
    }
    if (any && direction == BACKWARDS)
        stretch->upto = at->n - 1;
    else if (any)
        stretch->after = at->n;
    return any;
}

/* Nobody stored to the memory there: what differs across the mark is the poke's. `bytes` has room for it twice. */
static err_t try_poke(struct trial *trial, icount_t at, uint8_t *bytes, bool *found)
{
    struct timeline *timeline = trial->timeline;
    const struct timeline_memory *memory = trial->search->memory;
    size_t size_bytes = (size_t)memory->size_bytes;
    TRY(timeline_seek(timeline, icount_of(at.n - 1)));
    timeline_look(timeline, memory, 0, bytes, size_bytes);
    TRY(timeline_seek(timeline, at));
    timeline_look(timeline, memory, 0, bytes + size_bytes, size_bytes);
    trial->suspect = (struct timeline_write){.at = at, .when = board_vtime(timeline->session.board), .poked = true};
    for (size_t offset = 0; !*found && offset < size_bytes; offset += STORE_BYTES_MOST) {
        trial->window = window_at(memory, memory->address + offset);
        memcpy(trial->window.before, bytes + offset, trial->window.size_bytes);
        memcpy(trial->window.after, bytes + size_bytes + offset, trial->window.size_bytes);
        *found = judge(trial->search, &trial->window, &trial->suspect);
    }
    return err_ok();
}

/* Among those that are nearer than the store that was found, if any was. */
static err_t find_poke(struct trial *trial, struct stretch stretch, bool *found)
{
    struct timeline *timeline = trial->timeline;
    uint8_t *bytes = NULL;
    err_t error = err_ok();
    icount_t at = {0};
    *found = false;
    while (!err_is(error) && !*found && next_poke(timeline, trial->search->direction, &stretch, &at)) {
        if (!bytes)
            bytes = malloc(2 * (size_t)trial->search->memory->size_bytes);
        error = bytes ? try_poke(trial, at, bytes, found) : err_make(ERR_NO_MEMORY, "a poke");
    }
    free(bytes);
    if (*found)
        *trial->write = trial->suspect;
    return error;
}

err_t timeline_find_write(struct timeline *timeline, const struct timeline_write_search *search,
                          struct timeline_write *write, bool *found)
{
    struct watch_range watches[TIMELINE_PIECES_MOST];
    struct trial trial = {.timeline = timeline, .search = search, .write = write};
    struct judge judge = {.context = &trial, .before = look_before, .after = look_after};
    struct timeline_resume resume = {.direction = search->direction,
                                     .steps = search->steps,
                                     .watches = watches,
                                     .nwatches = watches_of(search->memory, watches),
                                     .interrupted = search->interrupted,
                                     .context = search->context};
    struct timeline_stop stop = {.reason = STOP_STEPPED};
    icount_t origin = timeline_now(timeline);
    err_t error = timeline_search(timeline, &resume, &judge, &stop);
    if (err_is(error))
        return error;
    struct stretch stretch = stretch_of(search, origin.n);
    bool stored = stop.reason == STOP_WATCH, poked = false;
    icount_t home = stored ? write->at : origin;
    if (stored && search->direction == BACKWARDS)
        stretch.after = write->at.n;
    else if (stored)
        stretch.upto = write->at.n - 1;
    if (stop.reason != STOP_INTERRUPTED)
        TRY(find_poke(&trial, stretch, &poked));
    *found = stored || poked;
    return poked || timeline_now(timeline).n == home.n ? err_ok() : timeline_seek(timeline, home);
}

/* fake_timeline: a history that is a formula, in place of a machine, so that the protocol is tested alone.
 *
 * Everything that gdbstub/ asks of the folders to its left is defined here, once per test program, so that none of
 * their objects is linked. At mark k the hart is about to execute instruction k % 100 of a loop at FAKE_CODE; some of
 * the instructions load or store.
 */
#ifndef DEJA_TEST_FAKE_TIMELINE_H
#define DEJA_TEST_FAKE_TIMELINE_H

#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>

enum {
    FAKE_LOOP = 100, /* instructions */
    FAKE_END = 1000,
    FAKE_DIVERTED_END = 5000,
    FAKE_RAM_BYTES = 0x10000,
    FAKE_UNMAPPED_PAGE = 3,
    FAKE_POLL = 16,
};
#define FAKE_CODE   0x80000000ull
#define FAKE_RAM    0x80000000ull
#define FAKE_ALIAS  0x40000000ull /* virtual; FAKE_RAM, with a hole at page FAKE_UNMAPPED_PAGE */
#define FAKE_DEVICE 0x10000000ull /* translates, but is not RAM */
#define FAKE_DATA   0x40001000ull

struct timeline {
    uint64_t now;
    bool diverted;
    uint64_t parted; /* the mark of the first write */
    unsigned nharts;
    uint64_t moves;      /* instructions stepped over, either way */
    enum err_code fails; /* what resume and seek return instead */
    struct hart_state harts[HARTS_MAX];
    uint64_t poked_x[32];
    uint64_t csrs[8];
    uint8_t ram[FAKE_RAM_BYTES];
};

static struct timeline fake;

/* ---- the formula --------------------------------------------------------------------------------------------------- */

struct fake_access {
    uint64_t vaddr, size_bytes;
    enum access_kind kind;
};

/* What instruction k touches; size 0: nothing. */
static struct fake_access fake_access(uint64_t k)
{
    switch (k % FAKE_LOOP) {
    case 30:
        return (struct fake_access){FAKE_DATA + 0x10, 8, ACCESS_STORE};
    case 60:
        return (struct fake_access){FAKE_DATA + 0x20, 4, ACCESS_LOAD};
    case 90:
        return (struct fake_access){FAKE_DATA + 8 * (k / FAKE_LOOP), 2, ACCESS_STORE};
    default:
        return (struct fake_access){0};
    }
}

static uint64_t fake_pc(uint64_t k) { return FAKE_CODE + 4 * (k % FAKE_LOOP); }

static unsigned fake_hart(uint64_t k) { return (unsigned)(k % fake.nharts); }

static void fake_settle(void)
{
    for (unsigned i = 0; i < fake.nharts; i++) {
        struct hart_state *hart = &fake.harts[i];
        for (unsigned x = 1; x < 32; x++)
            hart->x[x] = (x << 8 | i) + fake.poked_x[x];
        hart->x[10] = fake.now + fake.poked_x[10];
        hart->pc = fake_pc(fake.now);
        hart->priv = PRIV_M;
    }
}

static inline void fake_reset(void)
{
    fake = (struct timeline){.nharts = 1};
    for (size_t i = 0; i < FAKE_RAM_BYTES; i++)
        fake.ram[i] = (uint8_t)(i * 7 + i / 256);
    fake_settle();
}

bool timeline_followed(const struct timeline *timeline, size_t *known, size_t *all)
{
    (void)timeline;
    *known = 3;
    *all = 4;
    return false;
}

/* ---- moving ------------------------------------------------------------------------------------------------------------ */

static bool fake_break(const struct timeline_resume *resume)
{
    for (size_t i = 0; i < resume->nbreaks; i++)
        if (resume->breaks[i] == fake_pc(fake.now)) {
            fake_settle();
            return !resume->wanted || resume->wanted(resume->context, fake_hart(fake.now), fake_pc(fake.now));
        }
    return false;
}

static bool fake_watch(const struct timeline_resume *resume, uint64_t k, struct timeline_stop *stop)
{
    struct fake_access access = fake_access(k);
    for (uint64_t byte = access.vaddr; byte < access.vaddr + access.size_bytes; byte++)
        for (size_t i = 0; i < resume->nwatches; i++) {
            const struct watch_range *watch = &resume->watches[i];
            if (byte - watch->vaddr < watch->size_bytes && (watch->kinds & access.kind)) {
                *stop = (struct timeline_stop){STOP_WATCH, fake_hart(k), access.kind, byte};
                return true;
            }
        }
    return false;
}

static bool fake_at_edge(enum direction direction)
{
    return direction == BACKWARDS ? fake.now == 0 : fake.now >= (fake.diverted ? FAKE_DIVERTED_END : FAKE_END);
}

err_t timeline_resume(struct timeline *timeline, const struct timeline_resume *resume, struct timeline_stop *stop)
{
    bool back = resume->direction == BACKWARDS;
    uint64_t steps = 0;
    (void)timeline;
    *stop = (struct timeline_stop){.reason = STOP_STEPPED};
    if (fake.fails != ERR_OK)
        return err_make(fake.fails, "fake.deja");
    for (;;) {
        uint64_t next = back ? fake.now - 1 : fake.now;
        stop->reason = STOP_STEPPED;
        if (fake_at_edge(resume->direction))
            stop->reason = back ? STOP_BEGIN : STOP_END;
        else if (!back && fake_break(resume))
            stop->reason = STOP_BREAK;
        else if (fake_watch(resume, next, stop))
            break;
        if (stop->reason != STOP_STEPPED)
            break;
        fake.now = back ? fake.now - 1 : fake.now + 1;
        fake.moves++;
        stop->hart = fake_hart(next);
        if (back && fake_break(resume)) {
            stop->reason = STOP_BREAK;
            break;
        }
        if (++steps == resume->steps) {
            if (resume->interrupted)
                resume->interrupted(resume->context); /* polled, but it has arrived anyway */
            break;
        }
        if (steps % FAKE_POLL == 0 && resume->interrupted && resume->interrupted(resume->context)) {
            stop->reason = STOP_INTERRUPTED;
            break;
        }
    }
    fake_settle();
    return err_ok();
}

err_t timeline_seek(struct timeline *timeline, icount_t mark)
{
    (void)timeline;
    if (fake.fails != ERR_OK)
        return err_make(fake.fails, "fake.deja");
    fake.now = mark.n < FAKE_END ? mark.n : FAKE_END;
    fake_settle();
    return err_ok();
}

void timeline_set_interrupted(struct timeline *timeline, bool (*interrupted)(void *context), void *context)
{
    (void)timeline, (void)interrupted, (void)context;
}

err_t timeline_parse_mark(struct timeline *timeline, const char *text, icount_t *mark)
{
    char *end;
    (void)timeline;
    *mark = icount_of(!strcmp(text, "end") ? FAKE_END : strtoull(text, &end, 10));
    return strcmp(text, "end") && (*end || end == text) ? err_make(ERR_USAGE, "%s", text) : err_ok();
}

/* ---- looking --------------------------------------------------------------------------------------------------------- */

icount_t timeline_now(const struct timeline *timeline) { return icount_of(timeline->now); }
icount_t timeline_end(const struct timeline *timeline) { return timeline->diverted ? ICOUNT_MAX : icount_of(FAKE_END); }
struct board *timeline_board(struct timeline *timeline) { return (struct board *)timeline; }
bool timeline_diverted(const struct timeline *timeline) { return timeline->diverted; }
struct engine *board_engine(struct board *board) { return (struct engine *)board; }
vtime_t board_vtime(const struct board *board) { return vtime_of(((const struct timeline *)board)->now * 1000000); }
unsigned engine_nharts(const struct engine *engine) { return ((const struct timeline *)engine)->nharts; }
struct hart_state *engine_hart(struct engine *engine, unsigned hart)
{
    check(hart < fake.nharts);
    return &((struct timeline *)engine)->harts[hart];
}

static const struct csr_info fake_csrs[] = {{"fflags", 1},   {"frm", 2},        {"fcsr", 3},     {"mstatus", 0x300},
                                            {"mepc", 0x341}, {"mcycle", 0xb00}, {"cycle", 0xc00}};

const struct csr_info *engine_csrs(size_t *count)
{
    *count = sizeof fake_csrs / sizeof fake_csrs[0];
    return fake_csrs;
}

static uint64_t *fake_csr(unsigned number)
{
    for (size_t i = 0; i < sizeof fake_csrs / sizeof fake_csrs[0]; i++)
        if (fake_csrs[i].number == number)
            return &fake.csrs[i];
    return NULL;
}

bool engine_csr_read(const struct engine *engine, unsigned hart, unsigned number, uint64_t *value)
{
    (void)engine;
    (void)hart;
    if (fake_csr(number))
        *value = *fake_csr(number);
    return fake_csr(number) != NULL;
}

bool engine_translate(const struct engine *engine, unsigned hart, uint64_t vaddr, uint64_t *paddr)
{
    (void)engine;
    check(hart < fake.nharts);
    uint64_t alias = vaddr - FAKE_ALIAS;
    *paddr = alias < FAKE_RAM_BYTES ? FAKE_RAM + alias : vaddr;
    return alias / PAGE_BYTES != FAKE_UNMAPPED_PAGE;
}

bool board_look(const struct board *board, uint64_t paddr, void *bytes, size_t size_bytes)
{
    (void)board;
    uint64_t at = paddr - FAKE_RAM;
    if (at >= FAKE_RAM_BYTES || size_bytes > FAKE_RAM_BYTES - at)
        return false;
    memcpy(bytes, fake.ram + at, size_bytes);
    return true;
}

/* ---- poking ------------------------------------------------------------------------------------------------------------ */

static err_t fake_poked(bool done)
{
    if (done && !fake.diverted)
        fake.parted = fake.now;
    fake.diverted |= done;
    fake_settle();
    return done ? err_ok() : err_make(ERR_USAGE, "poke");
}

err_t timeline_poke_register(struct timeline *timeline, unsigned hart, enum reg_class reg_class, unsigned number,
                             uint64_t value)
{
    check(hart < timeline->nharts);
    if (reg_class == REG_CSR && fake_csr(number))
        *fake_csr(number) = value;
    else if (reg_class == REG_X && number < 32)
        fake.poked_x[number] += value - fake.harts[hart].x[number];
    else if (reg_class == REG_PC)
        fake.now = (value - FAKE_CODE) / 4 % FAKE_LOOP;
    else if (reg_class == REG_F && number < 32)
        fake.harts[hart].f[number] = value;
    else
        return fake_poked(false);
    return fake_poked(true);
}

err_t timeline_poke_memory(struct timeline *timeline, unsigned hart, uint64_t vaddr, const void *bytes,
                           size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        uint64_t paddr;
        if (!engine_translate((struct engine *)timeline, hart, vaddr + i, &paddr) || paddr - FAKE_RAM >= FAKE_RAM_BYTES)
            return fake_poked(false);
        fake.ram[paddr - FAKE_RAM] = ((const uint8_t *)bytes)[i];
    }
    return fake_poked(true);
}

err_t timeline_poke_physical(struct timeline *timeline, uint64_t paddr, const void *bytes, size_t size_bytes)
{
    (void)timeline;
    uint64_t at = paddr - FAKE_RAM;
    if (at >= FAKE_RAM_BYTES || size_bytes > FAKE_RAM_BYTES - at)
        return fake_poked(false);
    memcpy(fake.ram + at, bytes, size_bytes);
    return fake_poked(true);
}

err_t timeline_undivert(struct timeline *timeline)
{
    timeline->diverted = false;
    memset(fake.poked_x, 0, sizeof fake.poked_x);
    if (fake.now > fake.parted)
        fake.now = fake.parted;
    fake_settle();
    return err_ok();
}

/* ---- watching: by address, in whichever space --------------------------------------------------------------------------- */

size_t timeline_watch_here(struct timeline *timeline, unsigned hart, const struct watch_range *wanted, bool physical,
                           struct watch_range ranges[TIMELINE_WATCH_MOST])
{
    (void)timeline;
    (void)physical;
    check(hart < fake.nharts);
    ranges[0] = *wanted;
    return 1;
}

uint64_t timeline_watch_place(struct timeline *timeline, unsigned hart, const struct watch_range *range)
{
    (void)timeline;
    check(hart < fake.nharts);
    return range->vaddr;
}

/* ---- finding ------------------------------------------------------------------------------------------------------------- */

/* The instruction that stores at FAKE_DATA + 0x10 counts there; nothing else is ever changed. */
enum { FAKE_STORE = 30 };

static uint64_t fake_count(uint64_t mark) { return mark / FAKE_LOOP + (mark % FAKE_LOOP > FAKE_STORE); }

err_t timeline_memory_here(struct timeline *timeline, unsigned hart, uint64_t address, uint64_t size_bytes,
                           bool physical, struct timeline_memory *memory)
{
    (void)timeline;
    check(hart < fake.nharts);
    *memory = (struct timeline_memory){.address = address, .size_bytes = size_bytes};
    if (!size_bytes || size_bytes > TIMELINE_MEMORY_MOST)
        return err_make(ERR_USAGE, "bytes");
    uint64_t base = physical ? FAKE_RAM : FAKE_ALIAS;
    return address - base < FAKE_RAM_BYTES ? err_ok() : err_make(ERR_USAGE, "address");
}

void timeline_look(struct timeline *timeline, const struct timeline_memory *memory, uint64_t offset, void *bytes,
                   size_t size_bytes)
{
    uint64_t count = fake_count(timeline->now);
    check(offset + size_bytes <= memory->size_bytes);
    for (size_t i = 0; i < size_bytes; i++) {
        uint64_t at = memory->address + offset + i - (FAKE_DATA + 0x10);
        ((uint8_t *)bytes)[i] = at < 8 ? (uint8_t)(count >> 8 * at) : 0;
    }
}

err_t timeline_find_write(struct timeline *timeline, const struct timeline_write_search *search,
                          struct timeline_write *writes, size_t *count)
{
    const struct timeline_memory *memory = search->memory;
    bool back = search->direction == BACKWARDS, holds = FAKE_DATA + 0x10 - memory->address < memory->size_bytes;
    uint64_t mark = timeline->now;
    *count = 0;
    if (fake.fails != ERR_OK)
        return err_make(fake.fails, "fake.deja");
    for (uint64_t steps = 0; holds && steps < search->steps && mark != (back ? 0 : FAKE_END); steps++) {
        mark += back ? UINT64_MAX : 1;
        uint64_t before = back ? mark : mark - 1, after = fake_count(before + 1);
        *count = before % FAKE_LOOP == FAKE_STORE && (!search->valued || after == search->value);
        if (!*count)
            continue;
        writes[0] = (struct timeline_write){
            icount_of(before + 1), vtime_of(before), BY_INSTRUCTION, 0, fake_pc(before), 0, 8, after - 1, after};
        return timeline_seek(timeline, writes[0].at);
    }
    return err_ok();
}

/* A line "tick N" leaves at each mark N that ends in 50. */
err_t timeline_find_text(struct timeline *timeline, const char *regex, icount_t before, bool first,
                         struct timeline_text *text, bool *found)
{
    (void)timeline;
    *text = (struct timeline_text){.line = ""};
    *found = false;
    if (*regex == '(')
        return err_make(ERR_USAGE, "%s", regex);
    for (uint64_t mark = 50; mark < FAKE_END && mark < before.n && !(first && *found); mark += 100) {
        *found |= !strncmp(regex, "tick", 4);
        *text = (struct timeline_text){.at = icount_of(mark), .line = "tick"};
    }
    return err_ok();
}

/* ---- bookmarks -------------------------------------------------------------------------------------------------------- */

static struct {
    char name[32];
    uint64_t at;
} fake_bookmark;

err_t timeline_bookmark(struct timeline *timeline, const char *name)
{
    if (strlen(name) >= sizeof fake_bookmark.name)
        return err_make(ERR_USAGE, "%.100s", name);
    strcpy(fake_bookmark.name, name);
    fake_bookmark.at = timeline->now;
    return err_ok();
}

err_t timeline_unbookmark(struct timeline *timeline, const char *name)
{
    (void)timeline;
    bool known = !strcmp(name, fake_bookmark.name);
    fake_bookmark.name[0] = known ? 0 : fake_bookmark.name[0];
    return known ? err_ok() : err_make(ERR_USAGE, "%.100s", name);
}

err_t timeline_bookmarks(struct timeline *timeline, void (*visit)(void *context, icount_t at, const char *name),
                         void *context)
{
    (void)timeline;
    if (fake_bookmark.name[0])
        visit(context, icount_of(fake_bookmark.at), fake_bookmark.name);
    return err_ok();
}

#include "fake_kernel.h" /* of this machine */

#endif

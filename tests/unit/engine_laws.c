/* Laws 2, 3, 4, 6 and 7 under noise: one engine runs straight on; another runs the same program cut into pieces, and
 * between the pieces its caches are forgotten, its dirty flags cleaned, probes that never stop come and go, or the
 * state is moved into a fresh engine. Nothing of that may show in any register or any byte of memory.
 *
 * The program is noise with a purpose: pages of random instructions run in S and U mode under page tables that map
 * those pages, and the page tables themselves, to be read, written and executed. Every trap and a timer lead to a
 * handler in M mode that leaps to another place, mode and address space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare_engine.h"
#include "engine_noise.h"

enum {
    RAM_PAGES = 64,
    VIRTUAL_BASE = 0x40000000,
    INTERVAL = 997, /* instructions between two timer interrupts, and between two comparisons */
    SEEDS = 70,
    INTERVALS = 30,
    HOT_PAGES = 6, /* most accesses go to few pages, so that what is cached is used again */
};

/* Pages of RAM with a purpose. The first two are out of reach of S and U. */
enum {
    HANDLER = 0,
    TABLES = 1,
    ROOT_A = 4,
    MIDDLE_A,
    LEAVES_A,
    LEAVES_A2,
    ROOT_B,
    MIDDLE_B,
    LEAVES_B,
    ROOT_48,
    NOISE,
    QUIET = 40
};

/* Offsets in page TABLES. Each list is long enough for the handler to read a few entries from anywhere in it. */
enum { LCG = 0, PLACES = 0x100, MODES = 0x180, SPACES = 0x200, POINTERS = 0x280, VALUES = 0x700, TABLES_END = 0xb40 };

static const uint32_t handler[] = {
    0x800012b7, /* lui t0, 0x80001 */
    0x02029293, /* slli t0, t0, 32 */
    0x0202d293, /* srli t0, t0, 32 */
    0x0002b303, /* ld t1, 0(t0): the next random number */
    0x0082b383, /* ld t2, 8(t0) */
    0x02730333, /* mul t1, t1, t2 */
    0x0102b383, /* ld t2, 16(t0) */
    0x00730333, /* add t1, t1, t2 */
    0x0062b023, /* sd t1, 0(t0) */
    0x01435313, /* srli t1, t1, 20 */
    0x07837393, /* andi t2, t1, 0x78: a place */
    0x005383b3, /* add t2, t2, t0 */
    0x1003b383, /* ld t2, PLACES(t2) */
    0x34139073, /* csrw mepc, t2 */
    0x00435313, /* srli t1, t1, 4 */
    0x07837393, /* andi t2, t1, 0x78: a mode */
    0x005383b3, /* add t2, t2, t0 */
    0x1803b383, /* ld t2, MODES(t2) */
    0x30039073, /* csrw mstatus, t2 */
    0x00435313, /* srli t1, t1, 4 */
    0x07837393, /* andi t2, t1, 0x78: an address space */
    0x005383b3, /* add t2, t2, t0 */
    0x2003b383, /* ld t2, SPACES(t2) */
    0x18039073, /* csrw satp, t2 */
    0x00435313, /* srli t1, t1, 4 */
    0x3f837393, /* andi t2, t1, 0x3f8: pointers */
    0x005383b3, /* add t2, t2, t0 */
    0x2803b403, /* ld s0, POINTERS(t2) */
    0x2883b483, /* ld s1 */
    0x2903b503, /* ld a0 */
    0x2983b583, /* ld a1 */
    0x2a03b603, /* ld a2 */
    0x2a83b683, /* ld a3 */
    0x2b03b703, /* ld a4 */
    0x2b83b783, /* ld a5 */
    0x00535313, /* srli t1, t1, 5 */
    0x3f837393, /* andi t2, t1, 0x3f8: values */
    0x005383b3, /* add t2, t2, t0 */
    0x7003b803, /* ld a6, VALUES(t2) */
    0x7083b883, /* ld a7 */
    0x7103b903, /* ld s2 */
    0x7183b983, /* ld s3 */
    0x30200073, /* mret */
};

/* ---- page tables and pointers ------------------------------------------------------------------------------------- */

static uint64_t random_page(uint64_t *seed)
{
    return random_below(seed, 4) ? NOISE + random_below(seed, HOT_PAGES) : random_below(seed, RAM_PAGES);
}

static uint64_t random_pte(uint64_t *seed)
{
    uint64_t page = (RAM_BASE >> PAGE_SHIFT) + random_below(seed, RAM_PAGES + 1);
    uint64_t flags =
        PICK(seed, 0xcf, 0xcf, 0xdf, 0xdf, 0xdf, 0x1f, 0x0f, 0xd7, 0x5b, 0xd9, 0xc9, random_below(seed, 1024));
    return page << 10 | flags | (random_below(seed, 40) ? 0 : random_u64(seed) << 54);
}

static uint64_t random_pointer(uint64_t *seed)
{
    uint64_t base = PICK(seed, VIRTUAL_BASE, VIRTUAL_BASE, VIRTUAL_BASE, RAM_BASE, VIRTUAL_BASE + (2 << 20));
    uint64_t page = base + random_page(seed) * PAGE_BYTES;
    if (random_below(seed, 3) == 0) /* a page table entry */
        return RAM_BASE + PICK(seed, LEAVES_A, LEAVES_A2, LEAVES_B) * PAGE_BYTES + random_page(seed) * 8;
    return page + PICK(seed, 0, 8, 64, random_below(seed, 512) * 8, random_below(seed, PAGE_BYTES), PAGE_BYTES - 1,
                       PAGE_BYTES - 4, PAGE_BYTES - 2);
}

/* ---- the machine ------------------------------------------------------------------------------------------------ */

static bool no_load(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t *value)
{
    (void)owner, (void)now, (void)size_bytes;
    *value = paddr;
    return !(paddr & 0x1000); /* some of what lies outside of RAM answers */
}

static bool no_store(void *owner, icount_t now, uint64_t paddr, unsigned size_bytes, uint64_t value)
{
    (void)owner, (void)now, (void)size_bytes, (void)value;
    return !(paddr & 0x1000);
}

/* Translated as soon as it can be, or never; in blocks as long as fit, or short ones. */
static const struct engine_tuning interpreted = {.interpreter_only = true};
static const struct engine_tuning interpreted_short = {.interpreter_only = true, .block_insns_most = 3};
static const struct engine_tuning translated = {.hot_after = 1};
static const struct engine_tuning translated_short = {.hot_after = 2, .block_insns_most = 5};

static struct engine *engine_fresh(struct engine_tuning tuning)
{
    return bare_engine(RAM_PAGES * PAGE_BYTES, tuning, (struct bus){.load = no_load, .store = no_store});
}

struct image {
    uint8_t bytes[RAM_PAGES][PAGE_BYTES];
};

static void put(struct image *image, unsigned page, unsigned offset, uint64_t value)
{
    memcpy(&image->bytes[page][offset], &value, sizeof value);
}

static void put_pte(struct image *image, unsigned table, unsigned index, unsigned page, unsigned flags)
{
    put(image, table, index * 8, (uint64_t)((RAM_BASE >> PAGE_SHIFT) + page) << 10 | flags);
}

static void lay_page_tables(struct image *image, uint64_t *seed)
{
    for (unsigned table = ROOT_A; table < NOISE; table++)
        memset(image->bytes[table], 0, PAGE_BYTES);
    put_pte(image, ROOT_48, 0, ROOT_A, 1);
    put_pte(image, ROOT_A, 1, MIDDLE_A, 1);
    put_pte(image, ROOT_A, 2, 0, 0xdf); /* 1 GiB */
    put_pte(image, ROOT_B, 1, MIDDLE_B, 1);
    put_pte(image, ROOT_B, 2, 0, 0xcf);
    put_pte(image, MIDDLE_A, 0, LEAVES_A, 1);
    put_pte(image, MIDDLE_A, 1, LEAVES_A2, 1);
    put_pte(image, MIDDLE_A, 2, 0, 0xdf); /* 2 MiB */
    put_pte(image, MIDDLE_B, 0, LEAVES_B, 1);
    put_pte(image, MIDDLE_B, 1, LEAVES_A2, 1);
    for (unsigned index = 0; index < RAM_PAGES; index++) {
        put(image, LEAVES_A, index * 8, random_pte(seed));
        put(image, LEAVES_A2, index * 8, random_pte(seed));
        put(image, LEAVES_B, index * 8, random_pte(seed));
    }
}

static uint64_t random_place(uint64_t *seed)
{
    uint64_t page = random_below(seed, 2) ? random_page(seed) : QUIET + random_below(seed, 4);
    return PICK(seed, VIRTUAL_BASE, RAM_BASE, RAM_BASE) + page * PAGE_BYTES +
           PICK(seed, random_below(seed, PAGE_BYTES) & ~UINT64_C(1), PAGE_BYTES - 2);
}

static uint64_t random_value(uint64_t *seed)
{
    return PICK(seed, random_pte(seed), random_pte(seed), random_u64(seed), random_insn(seed), random_pointer(seed),
                (uint64_t)random_insn(seed) << 32 | random_insn(seed));
}

static uint64_t random_space(uint64_t *seed)
{
    uint64_t root = (RAM_BASE >> PAGE_SHIFT) + PICK(seed, ROOT_A, ROOT_B);
    return PICK(seed, UINT64_C(8) << 60 | root, UINT64_C(8) << 60 | root, UINT64_C(8) << 60 | root,
                UINT64_C(9) << 60 | ((RAM_BASE >> PAGE_SHIFT) + ROOT_48), 0);
}

static void lay_tables(struct image *image, uint64_t *seed)
{
    uint64_t often = random_space(seed); /* a new satp hides what an old translation would show */
    uint64_t lcg[] = {random_u64(seed), 6364136223846793005, random_u64(seed) | 1};
    memcpy(&image->bytes[TABLES][LCG], lcg, sizeof lcg);
    uint64_t places[4]; /* few, so that what is there is run often enough to be translated */
    for (unsigned i = 0; i < 4; i++)
        places[i] = random_place(seed);
    for (unsigned i = 0; i < 16; i++) {
        put(image, TABLES, PLACES + 8 * i, random_below(seed, 8) ? pick(seed, places, 4) : random_place(seed));
        /* MPP S or U, FS, SUM, MXR; MPIE, so that the timer lands */
        put(image, TABLES, MODES + 8 * i, 0x80 | PICK(seed, 0, 0x800) | (random_u64(seed) & 0xc2000));
        put(image, TABLES, SPACES + 8 * i, random_below(seed, 6) ? often : random_space(seed));
    }
    for (unsigned at = POINTERS; at < VALUES; at += 8)
        put(image, TABLES, at, random_pointer(seed));
    for (unsigned at = VALUES; at < TABLES_END; at += 8)
        put(image, TABLES, at, random_value(seed));
}

static void machine_make(struct engine *engine, uint64_t *seed)
{
    static struct image image;
    for (unsigned page = 0; page < RAM_PAGES; page++)
        for (unsigned at = 0; at < PAGE_BYTES; at += 4)
            memcpy(&image.bytes[page][at], &(uint32_t){random_insn(seed)}, 4);
    lay_page_tables(&image, seed);
    lay_tables(&image, seed);
    memcpy(image.bytes[HANDLER], handler, sizeof handler);
    ck_assert(engine_ram_store(engine, RAM_BASE, image.bytes, sizeof image.bytes));
    struct hart_state *hart = engine_hart(engine, 0);
    hart->mtvec = RAM_BASE;
    hart->mie = MIP_MTIP;
    hart->pmpaddr[0] = (RAM_BASE >> 2) + (2 * PAGE_BYTES >> 3) - 1; /* the first two pages: nobody below M */
    hart->pmpcfg[0] = 0x18;
    hart->pmpaddr[1] = UINT64_MAX >> 10; /* all else: everybody */
    hart->pmpcfg[1] = 0x1f;
    hart->menvcfg = (random_u64(seed) & UINT64_C(3) << 61) | 0xf0;
    hart->mcounteren = hart->scounteren = 7;
    engine_forget(engine);
}

/* ---- what must not show ----------------------------------------------------------------------------------------- */

static bool ignore_break(void *context, unsigned hart, icount_t now, uint64_t pc)
{
    (void)context, (void)hart, (void)now, (void)pc;
    return false;
}

static bool ignore_access(void *context, unsigned hart, icount_t now, enum access_kind kind, uint64_t vaddr,
                          unsigned size_bytes)
{
    (void)context, (void)hart, (void)now, (void)kind, (void)vaddr, (void)size_bytes;
    return false;
}

struct meddler {
    struct engine *engine;
    struct engine_tuning tuning;
    uint8_t clean[RAM_PAGES][PAGE_BYTES]; /* RAM when the flags were cleaned last */
    bool kept[RAM_PAGES];                 /* and the keeper has not been told since that it changes */
    unsigned told;
    uint64_t breaks[3];
    struct watch_range watches[3];
    struct probe probe;
    struct visited visited; /* taken since it was compared last */
};

static void probe(struct meddler *meddler, uint64_t *seed)
{
    for (unsigned i = 0; i < 3; i++) {
        meddler->breaks[i] = random_place(seed);
        meddler->watches[i] = (struct watch_range){.vaddr = random_pointer(seed),
                                                   .size_bytes = random_magnitude(seed) & 0x1fff,
                                                   .kinds = 1 + (uint8_t)random_below(seed, 7),
                                                   .space = (uint8_t)random_below(seed, 3),
                                                   .satp = random_magnitude(seed),
                                                   .paddr = random_pointer(seed)};
    }
    meddler->probe = (struct probe){.on_break = ignore_break,
                                    .on_access = ignore_access,
                                    .breaks = meddler->breaks,
                                    .nbreaks = random_below(seed, 4),
                                    .watches = meddler->watches,
                                    .nwatches = random_below(seed, 4)};
    engine_set_probe(meddler->engine, random_below(seed, 3) ? &meddler->probe : NULL);
}

static bool is_clean(const struct meddler *meddler, uint64_t page)
{
    return memcmp(engine_ram(meddler->engine)->bytes + page * PAGE_BYTES, meddler->clean[page], PAGE_BYTES) == 0;
}

/* The keeper: is told once of each page, before it changes. */
static void change(void *owner, uint64_t page)
{
    struct meddler *meddler = owner;
    ck_assert_uint_lt(page, RAM_PAGES);
    ck_assert(meddler->kept[page]);
    ck_assert_msg(is_clean(meddler, page), "page %llu was kept and has changed", (unsigned long long)page);
    meddler->kept[page] = false;
    meddler->told++;
}

static void check_dirty(struct meddler *meddler)
{
    const struct ram *ram = engine_ram(meddler->engine);
    for (unsigned page = 0; page < RAM_PAGES; page++)
        if (!(ram->page_flags[page] & PAGE_DIRTY) || meddler->kept[page])
            ck_assert_msg(is_clean(meddler, page), "page %u changed and is not dirty, or is kept, at %llu", page,
                          (unsigned long long)engine_now(meddler->engine).n);
}

static void clean(struct meddler *meddler)
{
    const struct ram *ram = engine_ram(meddler->engine);
    check_dirty(meddler);
    memcpy(meddler->clean, ram->bytes, sizeof meddler->clean);
    for (unsigned page = 0; page < RAM_PAGES; page++)
        meddler->kept[page] |= ram->page_flags[page] & PAGE_DIRTY;
    engine_clean(meddler->engine);
}

/* Nothing has been kept of an engine that is new. */
static void watch_over(struct meddler *meddler)
{
    memset(meddler->kept, 0, sizeof meddler->kept);
    engine_set_keeper(meddler->engine, (struct page_keeper){meddler, change});
}

static void take_visited(struct meddler *meddler)
{
    struct visited visited;
    engine_take_visited(meddler->engine, &visited);
    for (unsigned i = 0; i < VISITED_BYTES; i++)
        meddler->visited.bytes[i] |= visited.bytes[i];
}

/* A snapshot, restored into another engine. */
static void reborn(struct meddler *meddler)
{
    struct state_part part;
    uint8_t bytes[4096];
    ck_assert_uint_eq(engine_parts(meddler->engine, &part), 1);
    size_t size_bytes = state_size(&part, 1);
    ck_assert_uint_le(size_bytes, sizeof bytes);
    state_encode(&part, 1, bytes);
    take_visited(meddler);
    struct engine *fresh = engine_fresh(meddler->tuning);
    memcpy(engine_ram(fresh)->bytes, engine_ram(meddler->engine)->bytes, RAM_PAGES * PAGE_BYTES);
    ck_assert_uint_eq(engine_parts(fresh, &part), 1);
    ck_assert(!err_is(state_decode(&part, 1, bytes, size_bytes)));
    engine_set_now(fresh, engine_now(meddler->engine));
    engine_forget(fresh);
    engine_destroy(meddler->engine);
    meddler->engine = fresh;
    watch_over(meddler);
    memcpy(meddler->clean, engine_ram(fresh)->bytes, sizeof meddler->clean);
}

static void meddle(struct meddler *meddler, uint64_t *seed)
{
    switch (random_below(seed, 24)) {
    case 0:
        reborn(meddler);
        break;
    case 1:
    case 2:
        clean(meddler);
        take_visited(meddler);
        break;
    case 3:
    case 4:
        probe(meddler, seed);
        break;
    case 5:
        for (unsigned i = 0; i < 20; i++) {
            uint64_t paddr;
            (void)engine_translate(meddler->engine, 0, random_pointer(seed), &paddr);
        }
        break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
        engine_forget(meddler->engine);
        break;
    default:
        break;
    }
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Runs to a mark, or until the hart waits. */
static void run_to(struct engine *engine, uint64_t mark)
{
    while (engine_now(engine).n < mark && !engine_waiting(engine)) {
        enum engine_stop stop = engine_run(engine, icount_of(mark));
        ck_assert_int_ne(stop, ENGINE_PROBE);
        ck_assert_uint_le(engine_now(engine).n, mark);
        engine_settle(engine);
    }
}

static void run_in_pieces(struct meddler *meddler, uint64_t mark, uint64_t *seed)
{
    while (engine_now(meddler->engine).n < mark && !engine_waiting(meddler->engine)) {
        uint64_t piece = 1 + random_below(seed, PICK(seed, 1, 4, 40, 200));
        uint64_t until = engine_now(meddler->engine).n + piece;
        run_to(meddler->engine, until < mark ? until : mark);
        meddle(meddler, seed);
    }
}

/* The timer line is up for long enough to be noticed once. */
static void pulse(struct engine *engine)
{
    engine_set_lines(engine, 0, MIP_MTIP, MIP_MTIP);
    engine_settle(engine);
    engine_set_lines(engine, 0, MIP_MTIP, 0);
    engine_settle(engine);
}

static void say(void *context, const struct state_difference *difference)
{
    (void)context;
    fprintf(stderr, "%s[%u]: straight %#llx, meddled with %#llx\n", difference->field, difference->element,
            (unsigned long long)difference->a, (unsigned long long)difference->b);
}

static void compare(struct engine *straight, struct engine *meddled, uint64_t seed)
{
    struct state_part a, b;
    uint8_t a_bytes[4096], b_bytes[4096];
    engine_parts(straight, &a);
    engine_parts(meddled, &b);
    size_t size_bytes = state_size(&a, 1);
    state_encode(&a, 1, a_bytes);
    state_encode(&b, 1, b_bytes);
    ck_assert_uint_eq(engine_now(straight).n, engine_now(meddled).n);
    ck_assert_msg(state_diff(&a, 1, a_bytes, size_bytes, b_bytes, size_bytes, say, NULL) == 0,
                  "seed %llu: registers differ at %llu", (unsigned long long)seed,
                  (unsigned long long)engine_now(straight).n);
    ck_assert_msg(memcmp(engine_ram(straight)->bytes, engine_ram(meddled)->bytes, RAM_PAGES * PAGE_BYTES) == 0,
                  "seed %llu: memory differs at %llu", (unsigned long long)seed,
                  (unsigned long long)engine_now(straight).n);
}

/* Where instructions began, since this was compared last. */
static void compare_visited(struct engine *straight, struct meddler *meddler, uint64_t seed)
{
    struct visited visited;
    engine_take_visited(straight, &visited);
    take_visited(meddler);
    ck_assert_msg(memcmp(&visited, &meddler->visited, sizeof visited) == 0, "seed %llu: visited differs at %llu",
                  (unsigned long long)seed, (unsigned long long)engine_now(straight).n);
    meddler->visited = (struct visited){.bytes = {0}};
}

/* What the noise did, lest it does nothing. */
struct coverage {
    uint64_t causes; /* a bit for each */
    unsigned interrupts, user, supervisor, told;
};

static void cover(struct coverage *coverage, struct engine *engine)
{
    const struct hart_state *hart = engine_hart(engine, 0);
    coverage->interrupts += hart->mcause >> 63 != 0;
    coverage->causes |= hart->mcause >> 63 ? 0 : UINT64_C(1) << (hart->mcause & 63);
    coverage->user += hart->priv == PRIV_U;
    coverage->supervisor += hart->priv == PRIV_S;
}

static void run_seed(uint64_t seed, struct engine_tuning straight_tuning, struct engine_tuning meddled_tuning,
                     struct coverage *coverage)
{
    static struct meddler meddler;
    uint64_t made_from = seed, noise = ~seed;
    struct engine *straight = engine_fresh(straight_tuning);
    meddler = (struct meddler){.engine = engine_fresh(meddled_tuning), .tuning = meddled_tuning};
    machine_make(straight, &(uint64_t){made_from});
    machine_make(meddler.engine, &(uint64_t){made_from});
    watch_over(&meddler);
    clean(&meddler);
    for (unsigned i = 0; i < INTERVALS; i++) {
        uint64_t mark = engine_now(straight).n + INTERVAL;
        run_to(straight, mark);
        run_in_pieces(&meddler, mark, &noise);
        compare(straight, meddler.engine, seed);
        check_dirty(&meddler);
        if (random_below(&noise, 2))
            compare_visited(straight, &meddler, seed);
        cover(coverage, straight);
        pulse(straight);
        pulse(meddler.engine);
        compare(straight, meddler.engine, seed);
    }
    coverage->told += meddler.told;
    engine_destroy(straight);
    engine_destroy(meddler.engine);
}

static void run_seeds(struct engine_tuning straight_tuning, struct engine_tuning meddled_tuning)
{
    struct coverage coverage = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run_seed(seed, straight_tuning, meddled_tuning, &coverage);
    ck_assert_uint_gt(coverage.interrupts, 10);
    ck_assert_uint_gt(coverage.user, 10);
    ck_assert_uint_gt(coverage.supervisor, 10);
    ck_assert_uint_gt(coverage.told, 1000);
    uint64_t wanted = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 12 | 1 << 13 | 1 << 15;
    ck_assert_uint_eq(coverage.causes & wanted, wanted);
}

START_TEST(nothing_that_is_done_to_an_interpreted_run_shows) { run_seeds(interpreted, interpreted_short); }
END_TEST

START_TEST(nothing_that_is_done_to_a_translated_run_shows) { run_seeds(translated, translated_short); }
END_TEST

START_TEST(interpreted_and_translated_runs_agree) { run_seeds(translated, interpreted); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine laws");
    TCase *tcase = tcase_create("laws");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, nothing_that_is_done_to_an_interpreted_run_shows);
    tcase_add_test(tcase, nothing_that_is_done_to_a_translated_run_shows);
    tcase_add_test(tcase, interpreted_and_translated_runs_agree);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Runs random programs on two engines side by side, one of which interprets, and compares all that there is at every
 * stop.
 *
 *     lockstep FIRST COUNT [mixed|float|memory|system|loops]
 *
 * A seed is a program, a pair of tunings and a schedule: where to stop, and what happens there (interrupt lines, DMA,
 * pokes, probes, forgotten caches, takes of what was visited). A difference is narrowed down to the first instruction
 * that went wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "replay/differ.h"

enum { SEEDS_PER_ENGINE = 16, STOPS_MOST = 32, SEGMENT_MOST = 4096, PROGRAMS_FOR_ALL = 1500 };

/* Traps that there are: a fetch is never misaligned with compressed instructions. */
enum { CAUSES_THERE = 0xbbfe };

/* The other side's tuning; the first side interprets. */
static const struct {
    struct engine_tuning interpreted, other;
} pairs[] = {
    {{.interpreter_only = true}, {.hot_after = 1}},
    {{.interpreter_only = true}, {.hot_after = 1, .footprint = true}},
    {{.interpreter_only = true}, {.hot_after = 1, .block_insns_most = 16}},
    {{.interpreter_only = true}, {.hot_after = 1, .block_insns_most = 2, .footprint = true}},
    {{.interpreter_only = true, .block_insns_most = 1}, {.hot_after = 1}},
    {{.interpreter_only = true}, {.hot_after = 1, .block_insns_most = 1}},
    {{.interpreter_only = true, .block_insns_most = 3}, {.hot_after = 2}},
    {{.interpreter_only = true}, {.interpreter_only = true, .block_insns_most = 1, .footprint = true}},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

/* ---- a schedule ----------------------------------------------------------------------------------------------------- */

struct schedule {
    uint64_t seed;
    struct program program;
    uint32_t ns_shift;
    unsigned stops;
    bool probes;
};

static void schedule_make(struct schedule *schedule, uint64_t number, const enum theme *theme)
{
    uint64_t seed = number * 0x9e3779b97f4a7c15 + 1;
    program_make(&schedule->program, random_u64(&seed), theme);
    schedule->ns_shift = (uint32_t)random_below(&seed, 3);
    schedule->stops = 6 + (unsigned)random_below(&seed, STOPS_MOST - 6);
    schedule->probes = random_below(&seed, 5) == 0;
    schedule->seed = random_u64(&seed);
}

/* Near ends of blocks everything near matters; further away only translated code gets. */
static uint64_t distance(uint64_t *seed)
{
    switch (random_below(seed, 6)) {
    case 0:
        return 1 + random_below(seed, 4);
    case 1:
        return 1 + random_below(seed, 40);
    case 2:
        return 60 + random_below(seed, 20);
    case 3:
        return 64 + random_below(seed, 200);
    default:
        return 200 + random_below(seed, 1500);
    }
}

static void dma(struct side *side, uint64_t *seed)
{
    uint64_t paddr = program_pointer(seed), value = program_value(seed);
    if (paddr >> 30 == 1) /* the alias */
        paddr += RAM_BASE - 0x40000000;
    (void)engine_ram_store(side->engine, paddr, &value, 1 + random_below(seed, 8));
}

static void poke(struct side *side, uint64_t *seed)
{
    struct hart_state *state = engine_hart(side->engine, 0);
    unsigned x = 1 + (unsigned)random_below(seed, 31);
    state->x[x] = program_value(seed);
    state->f[x] = program_value(seed);
    engine_forget(side->engine);
}

static void write_csr(struct side *side, uint64_t *seed)
{
    static const uint16_t numbers[] = {0x300, 0x304, 0x180, 0x003, 0x3b1, 0x3a0, 0x30a, 0x303, 0x344, 0x320};
    unsigned number = numbers[random_below(seed, sizeof numbers / sizeof numbers[0])];
    uint64_t value = program_value(seed), old = 0;
    (void)engine_csr_read(side->engine, 0, number, &old);
    (void)engine_csr_write(side->engine, 0, number, number == 0x300 ? old ^ (value & 0xe6000) : value);
}

/* What happens at a stop. Both sides draw the same numbers; what must not show happens to the second side alone. */
static void disturb(struct side *side, uint64_t *seed, const struct schedule *schedule, bool second)
{
    uint64_t lines = random_u64(seed) & random_u64(seed) & 0xaa8;
    switch (random_below(seed, 20)) {
    case 0 ... 6:
        engine_set_lines(side->engine, 0, 0xaa8, lines);
        break;
    case 7 ... 10:
        engine_set_lines(side->engine, 0, 0xaa8, 0);
        break;
    case 11:
        dma(side, seed);
        break;
    case 12:
        poke(side, seed);
        break;
    case 13:
        if (second)
            side_clean(side);
        break;
    case 14:
        if (second)
            engine_forget(side->engine);
        break;
    case 15:
        write_csr(side, seed);
        break;
    case 16:
        if (schedule->probes)
            side_probe(side, random_below(seed, 3) ? seed : NULL, &schedule->program);
        break;
    case 17:
    case 18:
        if (random_below(seed, 4) == 0 || second)
            side_take(side);
        break;
    default:
        break;
    }
    if (engine_waiting(side->engine)) { /* in wfi: something must come */
        (void)engine_csr_write(side->engine, 0, 0x304, 0xaaa);
        engine_set_lines(side->engine, 0, 0xaa8, 0x888);
        engine_wake(side->engine, 0);
    }
    engine_settle(side->engine);
}

/* ---- running one ---------------------------------------------------------------------------------------------------- */

/* What happened, lest nothing does. */
struct coverage {
    uint64_t instructions, stops, user, supervisor, machine;
};

static void cover(struct coverage *coverage, const struct side *side, uint64_t from)
{
    const struct hart_state *state = engine_hart(side->engine, 0);
    coverage->stops++;
    coverage->instructions += engine_now(side->engine).n - from;
    coverage->user += state->priv == PRIV_U;
    coverage->supervisor += state->priv == PRIV_S;
    coverage->machine += state->priv == PRIV_M;
}

struct place {
    unsigned stop; /* number of the segment */
    uint64_t from, until;
};

static void load_both(const struct schedule *schedule, struct side *a, struct side *b)
{
    side_load(a, &schedule->program, schedule->ns_shift);
    side_load(b, &schedule->program, schedule->ns_shift);
}

/* Runs `stops` segments and up to where the next begins; *place is the last of them. False: the sides differ there. */
static bool run(const struct schedule *schedule, struct side *a, struct side *b, unsigned stops,
                struct coverage *coverage, struct place *place)
{
    uint64_t seed = schedule->seed;
    load_both(schedule, a, b);
    for (unsigned n = 0; n <= stops; n++) {
        uint64_t from = engine_now(a->engine).n, until = from + distance(&seed);
        *place = (struct place){n, from, until};
        if (n == stops)
            return true;
        side_run(a, icount_of(until));
        side_run(b, icount_of(until));
        if (coverage)
            cover(coverage, a, from);
        if (!sides_agree(a, b, false) || !side_flags_right(b) || !side_footprint_right(b))
            return false;
        if (one_in(&seed, 3) && !sides_visited_alike(a, b, coverage != NULL))
            return false;
        uint64_t again = seed;
        disturb(a, &again, schedule, false);
        disturb(b, &seed, schedule, true);
    }
    return true;
}

/* ---- finding the instruction ---------------------------------------------------------------------------------------- */

/* pc at each mark of the segment, as the first side sees it one by one. */
static size_t trace(const struct schedule *schedule, struct side *a, struct side *b, struct place place, uint64_t *pcs)
{
    struct place reached;
    (void)run(schedule, a, b, place.stop, NULL, &reached);
    size_t count = 0;
    while (count < SEGMENT_MOST && engine_now(a->engine).n < place.until && !engine_waiting(a->engine)) {
        pcs[count++] = engine_hart(a->engine, 0)->pc;
        side_run(a, icount_of(engine_now(a->engine).n + 1));
    }
    return count;
}

/* Do both agree `count` instructions into the segment? The second side runs as far as it wants to and is stopped there
 * by a breakpoint, so that it is translated code that gets there. */
static bool agree_at(const struct schedule *schedule, struct side *a, struct side *b, struct place place, size_t count,
                     const uint64_t *pcs)
{
    struct place reached;
    (void)run(schedule, a, b, place.stop, NULL, &reached);
    icount_t mark = icount_of(place.from + count);
    side_run(a, mark);
    b->breaks[0] = pcs[count];
    b->probe.nbreaks = 1;
    b->probe.nwatches = 0;
    b->break_at = mark;
    engine_set_probe(b->engine, &b->probe);
    side_run(b, icount_of(place.until));
    engine_set_probe(b->engine, NULL);
    b->break_at = ICOUNT_MAX;
    return sides_agree(a, b, false) && sides_visited_alike(a, b, false);
}

static void show_insn(const struct side *side, uint64_t pc)
{
    char text[DIFFER_LINE_BYTES];
    differ_insn(side->engine, 0, pc, text);
    printf("  %s\n", text);
}

static void narrow_down(const struct schedule *schedule, struct side *a, struct side *b, struct place place)
{
    static uint64_t pcs[SEGMENT_MOST];
    size_t count = trace(schedule, a, b, place, pcs), good = 0, bad = count;
    while (good + 1 < bad) {
        size_t middle = (good + bad) / 2;
        if (agree_at(schedule, a, b, place, middle, pcs))
            good = middle;
        else
            bad = middle;
    }
    printf("  equal at %" PRIu64 ", not after the next instruction:\n", place.from + good);
    (void)agree_at(schedule, a, b, place, good, pcs);
    for (size_t n = good > 6 ? good - 6 : 0; n <= good; n++)
        show_insn(a, pcs[n]);
    if (good + 1 < count)
        (void)agree_at(schedule, a, b, place, good + 1, pcs);
    else
        (void)run(schedule, a, b, place.stop + 1, NULL, &place);
    sides_agree(a, b, true);
}

/* ---- all of them ---------------------------------------------------------------------------------------------------- */

struct campaign {
    const enum theme *theme; /* NULL: all of them */
    struct coverage coverage;
    struct met met; /* by the second sides */
    struct schedule schedule;
    struct side a, b;
};

static bool check_seed(struct campaign *campaign, uint64_t number)
{
    struct schedule *schedule = &campaign->schedule;
    struct side *a = &campaign->a, *b = &campaign->b;
    struct place place;
    schedule_make(schedule, number, campaign->theme);
    if (run(schedule, a, b, schedule->stops, &campaign->coverage, &place))
        return true;
    printf("seed %" PRIu64 " differs between %" PRIu64 " and %" PRIu64 " (stop %u%s), block %u, hot %u:\n", number,
           place.from, place.until, place.stop, schedule->probes ? ", probes" : "", b->tuning.block_insns_most,
           b->tuning.hot_after);
    (void)sides_agree(a, b, true);
    return false;
}

static void create_sides(struct campaign *campaign, unsigned which)
{
    side_create(&campaign->a, "interpreted", pairs[which].interpreted);
    side_create(&campaign->b, "translated", pairs[which].other);
}

static void destroy_sides(struct campaign *campaign)
{
    const struct met *met = &campaign->b.met;
    for (unsigned op = 0; op < OP_COUNT; op++)
        campaign->met.translated[op] += met->translated[op];
    for (unsigned cause = 0; cause < CAUSES; cause++)
        campaign->met.traps[cause] += met->traps[cause];
    campaign->met.loops += met->loops;
    campaign->met.joined += met->joined;
    campaign->met.interrupts += met->interrupts;
    campaign->met.roundings |= met->roundings;
    side_destroy(&campaign->a);
    side_destroy(&campaign->b);
}

static bool check_seeds(struct campaign *campaign, uint64_t first, uint64_t count)
{
    const struct schedule *schedule = &campaign->schedule;
    unsigned which = (unsigned)(first / SEEDS_PER_ENGINE % PAIRS);
    bool good = true;
    create_sides(campaign, which);
    for (uint64_t number = first; good && number < first + count; number++)
        good = check_seed(campaign, number);
    if (!good) { /* once more in fresh engines: does it take the seeds before? */
        destroy_sides(campaign);
        create_sides(campaign, which);
        struct place place;
        if (run(schedule, &campaign->a, &campaign->b, schedule->stops, NULL, &place))
            printf("  but not alone: it takes the seeds since %" PRIu64 "\n", first);
        else
            narrow_down(schedule, &campaign->a, &campaign->b, place);
        fflush(stdout);
    }
    destroy_sides(campaign);
    return good;
}

/* So many programs of all themes must have met everything that there is; false and a line for each that was not. */
static bool covers_all(const struct coverage *coverage, const struct met *met)
{
    bool all =
        met->loops && met->joined && met->interrupts && coverage->user && coverage->supervisor && coverage->machine;
    all &= met->roundings == 0xff;
    if (!all)
        printf("no loop, no interrupt, or not all modes of harts or of rounding\n");
    for (unsigned op = 0; op < OP_COUNT; op++) {
        if (met->translated[op])
            continue;
        printf("%s has never been translated\n", op == OP_illegal ? "what is illegal" : insn_rows[op].name);
        all = false;
    }
    for (unsigned cause = 0; cause < CAUSES; cause++) {
        if (met->traps[cause] || !(CAUSES_THERE >> cause & 1))
            continue;
        printf("%s has never happened\n", engine_cause_name(cause, false));
        all = false;
    }
    return all;
}

static bool theme_of(const char *name, enum theme *theme)
{
    static const char *const names[THEMES] = {"mixed", "float", "memory", "system", "loops"};
    for (unsigned n = 0; n < THEMES; n++)
        if (strcmp(names[n], name) == 0) {
            *theme = (enum theme)n;
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    static struct campaign campaign;
    const struct coverage *coverage = &campaign.coverage;
    const struct met *met = &campaign.met;
    enum theme theme;
    if (argc < 3 || argc > 4 || (argc == 4 && !theme_of(argv[3], &theme)))
        return fprintf(stderr, "usage: lockstep FIRST COUNT [mixed|float|memory|system|loops]\n"), 64;
    campaign.theme = argc == 4 ? &theme : NULL;
    uint64_t first = strtoull(argv[1], NULL, 0), count = strtoull(argv[2], NULL, 0), bad = 0;
    for (uint64_t done = 0; done < count; done += SEEDS_PER_ENGINE) {
        uint64_t some = count - done < SEEDS_PER_ENGINE ? count - done : SEEDS_PER_ENGINE;
        bad += !check_seeds(&campaign, first + done, some);
    }
    uint64_t traps = 0;
    for (unsigned cause = 0; cause < CAUSES; cause++)
        traps += met->traps[cause];
    printf("%" PRIu64 " programs from seed %" PRIu64 ", %" PRIu64 " instructions, %" PRIu64 " stops (U %" PRIu64
           ", S %" PRIu64 ", M %" PRIu64 "), %" PRIu64 " loops translated, %" PRIu64
           " of them from the middle, %" PRIu64 " interrupts, %" PRIu64 " traps, %" PRIu64 " differ\n",
           count, first, coverage->instructions, coverage->stops, coverage->user, coverage->supervisor,
           coverage->machine, met->loops, met->joined, met->interrupts, traps, bad);
    bool covered = campaign.theme || count < PROGRAMS_FOR_ALL || covers_all(coverage, met);
    return bad || !covered ? 1 : 0;
}

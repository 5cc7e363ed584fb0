/* campaign REC [--count N] [--seed N] [--stepped N] [--only N] [--careless] [--verbose]: random pairs (mark, action) on
 * a recording.
 *
 * For each: a timeline is put at the mark, does the action, and is put back. What it has found must be what a plain
 * search from the start of the recording finds (answers.h); where it then stands, the whole state must be that of a
 * straight run there, memory included; and so it must be again at the mark that it set out from.
 *
 * The plain search looks at each instruction of a stretch of N at a random place (0, the default: of all the
 * recording); marks are in there. An answer that lies before it, or after, is only known to lie there. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "choice.h"
#include "tests/unit/random.h"

enum { LOOK_AT_ALL_EVERY = 16, FAILURES_MOST = 20, NEAR = 20000000, REOPEN_EVERY = 40, SAY_EVERY = 1000 };

/* How much is known behind the back of a timeline (timeline_follow()). */
enum knowledge { KNOWS_NOTHING, KNOWS_ALL, LEARNS, KNOWLEDGES };
static const char *const knowledge_names[KNOWLEDGES] = {"without an index", "with an index", "while the index is made"};

struct spot {
    uint64_t mark, hash;
};

struct campaign {
    struct recording *recording;
    struct choice choice;
    struct timeline *timelines[KNOWLEDGES];
    struct spot *spots; /* ordered by mark: wherever a timeline will stand */
    size_t nspots, used[KNOWLEDGES];
    bool *used_pages; /* of RAM: it is not all zeroes at some spot */
    uint64_t looks;
    size_t done[ACTIONS], hits[ACTIONS], beyond[ACTIONS];
    unsigned failures;
    uint64_t seed;

    /* the pair in progress */
    const struct pair *pair;
    const struct question *question;
    enum knowledge knowledge;
    struct timeline *timeline;
    uint64_t looks_left;
    bool failed;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- failing --------------------------------------------------------------------------------------------------------- */

static void print_point(const struct point *point)
{
    static const char *const spaces[] = {"any space", "space", "memory"};
    if (point->kind == POINT_BREAK && point->conditional)
        printf("    break %#" PRIx64 " if x%u == %#" PRIx64 "\n", point->pc, point->reg, point->value);
    else if (point->kind == POINT_BREAK)
        printf("    break %#" PRIx64 "\n", point->pc);
    else if (point->kind == POINT_WATCH)
        printf("    watch %#" PRIx64 ", %" PRIu64 " bytes, kinds %u, %s, satp %#" PRIx64 ", paddr %#" PRIx64 "\n",
               point->watch.vaddr, point->watch.size_bytes, point->watch.kinds, spaces[point->watch.space],
               point->watch.satp, point->watch.paddr);
    else
        printf("    word %#" PRIx64 ", %u bytes%s, %#" PRIx64 "\n", point->paddr, point->size_bytes,
               point->conditional ? ", to become" : "", point->value);
}

static void print_pair(const struct campaign *campaign)
{
    const struct pair *pair = campaign->pair;
    const struct question *question = campaign->question;
    printf("  seed %" PRIu64 ", pair %zu: %s %s from %" PRIu64 ", %" PRIu64 " steps, target %" PRIu64 ", %s\n",
           campaign->seed, pair->number, action_names[pair->action], question->direction == BACKWARDS ? "back" : "on",
           pair->from, question->steps, pair->target, knowledge_names[campaign->knowledge]);
    for (size_t i = 0; i < question->npoints; i++)
        print_point(&campaign->choice.answers.points[question->points[i]]);
    if (question->end)
        printf("    while pc is from %#" PRIx64 " to %#" PRIx64 "\n", question->start, question->end);
    if (question->answered)
        printf("  the plain search: %s, stands at %" PRIu64 ", reason %d, hit at %" PRIu64 ", pc %#" PRIx64 "\n",
               question->found ? "found" : "nothing found", question->place, question->reason, question->hit.mark,
               question->hit.pc);
    fflush(stdout);
}

static void fail(struct campaign *campaign, const char *what, uint64_t wanted, uint64_t got)
{
    printf("FAILED: %s: %#" PRIx64 " instead of %#" PRIx64 "\n", what, got, wanted);
    print_pair(campaign);
    campaign->failed = true;
}

static void expect(struct campaign *campaign, const char *what, uint64_t wanted, uint64_t got)
{
    if (wanted != got && !campaign->failed)
        fail(campaign, what, wanted, got);
}

/* ---- where one stands ------------------------------------------------------------------------------------------------ */

static int by_mark(const void *a, const void *b)
{
    uint64_t x = ((const struct spot *)a)->mark, y = ((const struct spot *)b)->mark;
    return (x > y) - (x < y);
}

static void add_spot(struct campaign *campaign, uint64_t mark) { campaign->spots[campaign->nspots++].mark = mark; }

static void note_pages(struct campaign *campaign, const struct straight *straight, size_t npages)
{
    for (size_t page = 0; page < npages; page++)
        campaign->used_pages[page] = campaign->used_pages[page] || straight->ram.pages[page];
}

static void hash_spots(struct campaign *campaign)
{
    const struct choice *choice = &campaign->choice;
    struct straight straight;
    campaign->spots = calloc(3 * choice->npairs, sizeof *campaign->spots);
    check(campaign->spots != NULL);
    for (size_t i = 0; i < choice->npairs; i++) {
        add_spot(campaign, choice->pairs[i].from);
        if (choice->pairs[i].action == ACTION_SEEK)
            add_spot(campaign, choice->pairs[i].target);
        if (choice->answers.questions[i].answered)
            add_spot(campaign, choice->answers.questions[i].place);
    }
    qsort(campaign->spots, campaign->nspots, sizeof campaign->spots[0], by_mark);
    straight_open(&straight, campaign->recording, false);
    size_t npages = machine_npages(engine_ram(straight_engine(&straight)));
    campaign->used_pages = calloc(npages, sizeof *campaign->used_pages);
    check(campaign->used_pages != NULL);
    for (size_t i = 0; i < campaign->nspots; i++) {
        bool again = i && campaign->spots[i].mark == campaign->spots[i - 1].mark;
        if (!again)
            straight_go(&straight, campaign->spots[i].mark);
        campaign->spots[i].hash = again ? campaign->spots[i - 1].hash : straight_hash(&straight);
        note_pages(campaign, &straight, again ? 0 : npages);
    }
    straight_close(&straight);
}

/* Of the whole state. Pages that are never used are looked at now and then only: most of a machine's memory is. */
static uint64_t hash_here(struct campaign *campaign)
{
    struct board *board = timeline_board(campaign->timeline);
    const struct ram *ram = engine_ram(board_engine(board));
    bool all = campaign->looks++ % LOOK_AT_ALL_EVERY == 0;
    uint64_t sum = parts_hash(board);
    for (uint64_t page = 0; page < machine_npages(ram); page++)
        if (all || campaign->used_pages[page])
            sum += page_hash(page, ram->bytes + page * PAGE_BYTES);
    return sum;
}

static void expect_at(struct campaign *campaign, const char *what, uint64_t mark)
{
    struct spot key = {.mark = mark};
    expect(campaign, what, mark, timeline_now(campaign->timeline).n);
    const struct spot *spot = bsearch(&key, campaign->spots, campaign->nspots, sizeof key, by_mark);
    check(spot != NULL);
    if (!campaign->failed && spot->hash != hash_here(campaign))
        fail(campaign, "the state there", mark, timeline_now(campaign->timeline).n);
}

/* ---- acting ---------------------------------------------------------------------------------------------------------- */

static bool break_off(void *context)
{
    struct campaign *campaign = context;
    return campaign->looks_left-- == 0;
}

static bool is_wanted(void *context, unsigned hart, uint64_t pc)
{
    struct campaign *campaign = context;
    const struct hart_state *state = engine_hart(board_engine(timeline_board(campaign->timeline)), hart);
    bool wanted = false;
    for (size_t i = 0; i < campaign->question->npoints; i++) {
        const struct point *point = &campaign->choice.answers.points[campaign->question->points[i]];
        wanted = wanted || (point->kind == POINT_BREAK && point->pc == pc &&
                            (!point->conditional || state->x[point->reg] == point->value));
    }
    return wanted;
}

static struct timeline_stop resume(struct campaign *campaign, struct timeline_resume request)
{
    struct timeline_stop stop;
    must(timeline_resume(campaign->timeline, &request, &stop));
    return stop;
}

/* The byte that a stop names is one that is watched, and that the instruction touches. */
static void expect_touch(struct campaign *campaign, const struct timeline_stop *stop)
{
    const struct touch *touch = &campaign->question->hit.touch;
    bool named = false;
    for (size_t i = 0; i < campaign->question->npoints && !named; i++) {
        const struct point *point = &campaign->choice.answers.points[campaign->question->points[i]];
        struct watch_range byte = point->watch;
        uint64_t offset = stop->vaddr - byte.vaddr, first;
        if (point->kind != POINT_WATCH || offset >= byte.size_bytes || !(byte.kinds & stop->kind))
            continue;
        byte.vaddr += offset;
        byte.paddr += offset;
        byte.size_bytes = 1;
        named = (touch->kinds & stop->kind) && touch_watched(touch, &byte, &first);
    }
    if (!named)
        fail(campaign, "the byte that was touched", touch->vaddr, stop->vaddr);
}

static void expect_stop(struct campaign *campaign, const struct timeline_stop *stop)
{
    const struct question *question = campaign->question;
    uint64_t now = timeline_now(campaign->timeline).n, first = campaign->choice.answers.first;
    if (!question->answered) { /* beyond what was looked at */
        bool beyond = question->direction == BACKWARDS ? now <= first : now >= campaign->choice.answers.last;
        if (!beyond)
            fail(campaign, "where it stops", question->direction == BACKWARDS ? first : UINT64_MAX, now);
        campaign->beyond[campaign->pair->action]++;
        return;
    }
    expect(campaign, "the reason of the stop", question->reason, stop->reason);
    expect_at(campaign, "where it stops", question->place);
    if (question->found && stop->reason == STOP_WATCH && !campaign->failed)
        expect_touch(campaign, stop);
}

static void do_search(struct campaign *campaign)
{
    const struct question *question = campaign->question;
    uint64_t breaks[QUESTION_POINTS];
    struct watch_range watches[QUESTION_POINTS];
    struct timeline_resume request = {.direction = question->direction,
                                      .steps = question->steps,
                                      .breaks = breaks,
                                      .watches = watches,
                                      .wanted = is_wanted,
                                      .context = campaign};
    for (size_t i = 0; i < question->npoints; i++) {
        const struct point *point = &campaign->choice.answers.points[question->points[i]];
        if (point->kind == POINT_BREAK)
            breaks[request.nbreaks++] = point->pc;
        else
            watches[request.nwatches++] = point->watch;
    }
    struct timeline_stop stop = resume(campaign, request);
    expect_stop(campaign, &stop);
}

/* As gdb steps through a line: one by one, for as long as pc is in it. */
static void do_range(struct campaign *campaign)
{
    const struct question *question = campaign->question;
    struct timeline_stop stop = {.reason = STOP_STEPPED};
    bool inside = true;
    for (uint64_t i = 0; i < question->steps && stop.reason == STOP_STEPPED && inside; i++) {
        stop = resume(campaign, (struct timeline_resume){.direction = question->direction, .steps = 1});
        uint64_t pc = engine_hart(board_engine(timeline_board(campaign->timeline)), 0)->pc;
        inside = pc >= question->start && pc < question->end;
    }
    expect_stop(campaign, &stop);
}

static void do_write(struct campaign *campaign)
{
    const struct question *question = campaign->question;
    const struct point *point = &campaign->choice.answers.points[question->points[0]];
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    must(timeline_memory_here(campaign->timeline, 0, point->paddr, point->size_bytes, true, &memory));
    struct timeline_write_search search = {.memory = &memory,
                                           .direction = question->direction,
                                           .steps = question->steps,
                                           .valued = point->conditional,
                                           .value = point->value};
    must(timeline_find_write(campaign->timeline, &search, writes, &count));
    const struct timeline_write *write = &writes[0];
    bool found = count == 1 && write->by == BY_INSTRUCTION; /* nobody has poked */
    if (!question->answered) {
        uint64_t now = timeline_now(campaign->timeline).n;
        bool beyond = !found || now <= campaign->choice.answers.first || now > campaign->choice.answers.last;
        if (!beyond)
            fail(campaign, "a write", 0, now);
        campaign->beyond[campaign->pair->action]++;
        return;
    }
    expect(campaign, "a write was found", question->found, found);
    expect_at(campaign, "where it stands after the write", question->place);
    if (!question->found || campaign->failed)
        return;
    expect(campaign, "the write's mark", question->place, write->at.n);
    expect(campaign, "the writer's pc", question->hit.pc, write->pc);
    expect(campaign, "the value before", question->hit.before, write->before);
    expect(campaign, "the value after", question->hit.after, write->after);
}

static void do_seek(struct campaign *campaign)
{
    must(timeline_seek(campaign->timeline, icount_of(campaign->pair->target)));
    expect_at(campaign, "where it was to go", campaign->pair->target);
}

/* Wherever it stands then, it is a place like any other: the same as when one goes there. */
static void do_break_off(struct campaign *campaign)
{
    static const uint64_t nowhere = 1;
    campaign->looks_left = campaign->pair->target;
    resume(campaign, (struct timeline_resume){.direction = campaign->question->direction,
                                              .steps = UINT64_MAX,
                                              .breaks = &nowhere,
                                              .nbreaks = 1,
                                              .interrupted = break_off,
                                              .context = campaign});
    icount_t now = timeline_now(campaign->timeline);
    uint64_t hash = whole_hash(timeline_board(campaign->timeline));
    must(timeline_seek(campaign->timeline, icount_of(campaign->pair->from)));
    must(timeline_seek(campaign->timeline, now));
    expect(campaign, "where it was broken off", now.n, timeline_now(campaign->timeline).n);
    expect(campaign, "the state where it was broken off", hash, whole_hash(timeline_board(campaign->timeline)));
}

static void do_poke(struct campaign *campaign)
{
    enum { T6 = 31 };
    must(timeline_poke_register(campaign->timeline, 0, REG_X, T6, campaign->pair->target));
    resume(campaign, (struct timeline_resume){.direction = FORWARDS, .steps = campaign->pair->target % NEAR});
    must(timeline_seek(campaign->timeline, icount_of(campaign->pair->from)));
    expect(campaign, "the poked register", campaign->pair->target,
           engine_hart(board_engine(timeline_board(campaign->timeline)), 0)->x[T6]);
    must(timeline_undivert(campaign->timeline));
    expect_at(campaign, "where it was poked", campaign->pair->from);
}

/* Back to where one came from: by steps when that is near, else by its number. */
static void go_home(struct campaign *campaign)
{
    uint64_t now = timeline_now(campaign->timeline).n, from = campaign->pair->from;
    bool ahead = now < from;
    uint64_t steps = ahead ? from - now : now - from;
    if (steps && steps < NEAR && campaign->pair->number % 2)
        resume(campaign, (struct timeline_resume){.direction = ahead ? FORWARDS : BACKWARDS, .steps = steps});
    else
        must(timeline_seek(campaign->timeline, icount_of(from)));
    if (!campaign->failed)
        expect_at(campaign, "back again", from);
}

static void do_pair(struct campaign *campaign)
{
    static void (*const actions[ACTIONS])(struct campaign *) = {
        [ACTION_STEP] = do_search,      [ACTION_RANGE] = do_range,  [ACTION_BREAK] = do_search,
        [ACTION_CONDITION] = do_search, [ACTION_WATCH] = do_search, [ACTION_MIXED] = do_search,
        [ACTION_WRITE] = do_write,      [ACTION_SEEK] = do_seek,    [ACTION_BREAK_OFF] = do_break_off,
        [ACTION_POKE] = do_poke};
    enum action action = campaign->pair->action;
    campaign->failed = false;
    must(timeline_seek(campaign->timeline, icount_of(campaign->pair->from)));
    expect_at(campaign, "where it sets out", campaign->pair->from);
    actions[action](campaign);
    go_home(campaign);
    campaign->failures += campaign->failed;
    campaign->done[action]++;
    campaign->hits[action] += campaign->question->found;
}

/* ---- the campaign ---------------------------------------------------------------------------------------------------- */

static void await_index(struct timeline *timeline)
{
    size_t known, all;
    while (!timeline_followed(timeline, &known, &all))
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void use_timeline(struct campaign *campaign, enum knowledge knowledge)
{
    struct timeline **timeline = &campaign->timelines[knowledge];
    if (knowledge == LEARNS && campaign->used[knowledge]++ % REOPEN_EVERY == 0) {
        timeline_close(*timeline);
        *timeline = NULL;
    }
    if (!*timeline) {
        must(timeline_open(campaign->recording, timeline));
        if (knowledge != KNOWS_NOTHING)
            must(timeline_follow(*timeline));
        if (knowledge == KNOWS_ALL)
            await_index(*timeline);
    }
    campaign->knowledge = knowledge;
    campaign->timeline = *timeline;
}

static void say_progress(uint64_t mark) { fprintf(stderr, "the plain search is at %" PRIu64 " M\n", mark / 1000000); }

static void say_nothing(uint64_t mark) { (void)mark; }

/* In the order in which they were drawn, not in that of their marks. */
static void do_pairs(struct campaign *campaign, long only, bool verbose)
{
    static const enum knowledge share[] = {KNOWS_NOTHING, KNOWS_ALL, KNOWS_ALL, LEARNS};
    const struct choice *choice = &campaign->choice;
    size_t *order = calloc(choice->npairs, sizeof *order);
    uint64_t seed = campaign->seed + 1;
    check(order != NULL);
    for (size_t i = 0; i < choice->npairs; i++)
        order[choice->pairs[i].number] = i;
    for (size_t n = 0; n < choice->npairs && campaign->failures < FAILURES_MOST; n++) {
        enum knowledge knowledge = share[random_below(&seed, sizeof share / sizeof share[0])];
        if (only >= 0 && (size_t)only != n)
            continue;
        campaign->pair = &choice->pairs[order[n]];
        campaign->question = &choice->answers.questions[order[n]];
        use_timeline(campaign, knowledge);
        if (only >= 0)
            print_pair(campaign);
        double began = seconds();
        do_pair(campaign);
        if (verbose)
            fprintf(stderr, "pair %zu: %s, %s, from %" PRIu64 ": %.3f s\n", n, action_names[campaign->pair->action],
                    knowledge_names[knowledge], campaign->pair->from, seconds() - began);
        else if ((n + 1) % SAY_EVERY == 0)
            fprintf(stderr, "%zu pairs\n", n + 1);
    }
    free(order);
}

static void report(const struct campaign *campaign)
{
    size_t all = 0;
    printf("%-10s %8s %8s %8s\n", "action", "pairs", "hits", "beyond");
    for (size_t i = 0; i < ACTIONS; i++) {
        printf("%-10s %8zu %8zu %8zu\n", action_names[i], campaign->done[i], campaign->hits[i], campaign->beyond[i]);
        all += campaign->done[i];
    }
    printf("%zu pairs, %u failed\n", all, campaign->failures);
}

/* A stretch of so many instructions somewhere; 0: everywhere. */
static void choose_stretch(uint64_t *seed, uint64_t end, uint64_t stepped, uint64_t *first, uint64_t *last)
{
    bool all = !stepped || stepped >= end;
    *first = all ? 0 : random_below(seed, end - stepped + 1);
    *last = all ? end : *first + stepped;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"count", 1, NULL, 'n'},
                                            {"seed", 1, NULL, 's'},
                                            {"stepped", 1, NULL, 'w'},
                                            {"only", 1, NULL, 'o'},
                                            {"careless", 0, NULL, 'c'},
                                            {"verbose", 0, NULL, 'v'},
                                            {0}};
    struct campaign campaign = {.seed = (uint64_t)time(NULL)};
    uint64_t count = 10000, stepped = 0, first, last, seed;
    long only = -1;
    bool verbose = false, careless = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'n':
            count = strtoull(optarg, NULL, 0);
            break;
        case 's':
            campaign.seed = strtoull(optarg, NULL, 0);
            break;
        case 'w':
            stepped = strtoull(optarg, NULL, 0);
            break;
        case 'o':
            only = strtol(optarg, NULL, 0);
            break;
        case 'c':
            careless = true;
            break;
        case 'v':
            verbose = true;
            break;
        default:
            return 64;
        }
    }
    if (optind + 1 != argc || !count)
        return 64;
    seed = campaign.seed;
    must(recording_open(argv[optind], &campaign.recording));
    choose_stretch(&seed, recording_end(campaign.recording).n, stepped, &first, &last);
    printf("seed %" PRIu64 ", marks %" PRIu64 " to %" PRIu64 "\n", campaign.seed, first, last);
    fflush(stdout);
    double began = seconds();
    choice_make(&campaign.choice, campaign.recording, seed, count, first, last);
    campaign.choice.answers.careless = careless;
    answers_find(&campaign.choice.answers, campaign.recording, verbose ? say_progress : say_nothing);
    hash_spots(&campaign);
    double searched = seconds();
    do_pairs(&campaign, only, verbose);
    report(&campaign);
    printf("%.0f s for the plain search, %.0f s for the pairs\n", searched - began, seconds() - searched);
    for (size_t i = 0; i < KNOWLEDGES; i++)
        timeline_close(campaign.timelines[i]);
    free(campaign.spots);
    free(campaign.used_pages);
    choice_free(&campaign.choice);
    recording_close(campaign.recording);
    return campaign.failures != 0;
}

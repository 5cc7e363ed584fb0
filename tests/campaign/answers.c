#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 14, GRANULE_SHIFT = 6, TICK = 1 << 24, OVERLOOKED_ONE_IN = 16, PCS_KEPT = 1 << 11 };
_Static_assert((int)PCS_KEPT > (int)RANGE_STEPS_MOST, "what steps back through a range finds is kept");

/* Who is to be looked at: by pc, by virtual and by physical address. Only a way to pass over the others quickly: each
 * that is found there is compared in full. */
struct bucket {
    size_t *points, count, room;
};
struct pass {
    struct answers *answers;
    struct straight straight;
    struct bucket pcs[BUCKETS], vaddrs[BUCKETS], paddrs[BUCKETS];
    size_t *limits; /* questions that go on for so many steps, in the order of their ends */
    size_t nlimits, next_limit, next_question;
    uint64_t kept[PCS_KEPT];                 /* the last pcs, by mark */
    size_t *ranging, nranging, ranging_room; /* questions that go on until pc is not in a range */
    uint64_t mark, end;
};

static void append(size_t **list, size_t *count, size_t *room, size_t what)
{
    if (*count == *room) {
        *room = *room ? 2 * *room : 8;
        *list = realloc(*list, *room * sizeof **list);
        check(*list != NULL);
    }
    (*list)[(*count)++] = what;
}

static struct bucket *bucket_of(struct bucket *buckets, uint64_t key)
{
    return &buckets[(key ^ key >> 14 ^ key >> 28) % BUCKETS];
}

static void put(struct bucket *buckets, uint64_t key, size_t point)
{
    struct bucket *bucket = bucket_of(buckets, key);
    append(&bucket->points, &bucket->count, &bucket->room, point);
}

static void put_memory(struct bucket *buckets, uint64_t address, uint64_t size_bytes, size_t point)
{
    for (uint64_t key = address >> GRANULE_SHIFT; key <= (address + size_bytes - 1) >> GRANULE_SHIFT; key++)
        put(buckets, key, point);
}

static uint64_t word_now(struct pass *pass, const struct point *point)
{
    uint64_t value = 0;
    check(engine_ram_load(straight_engine(&pass->straight), point->paddr, &value, point->size_bytes));
    return value;
}

static void enter_points(struct pass *pass)
{
    for (size_t i = 0; i < pass->answers->npoints; i++) {
        struct point *point = &pass->answers->points[i];
        point->hit = false;
        if (point->kind == POINT_BREAK)
            put(pass->pcs, point->pc >> 1, i);
        else if (point->kind == POINT_WORD)
            put_memory(pass->paddrs, point->paddr, point->size_bytes, i);
        else if (point->watch.space == WATCH_PHYSICAL)
            put_memory(pass->paddrs, point->watch.paddr, point->watch.size_bytes, i);
        else
            put_memory(pass->vaddrs, point->watch.vaddr, point->watch.size_bytes, i);
        if (point->kind == POINT_WORD)
            point->known = word_now(pass, point);
    }
}

/* ---- answering ------------------------------------------------------------------------------------------------------- */

/* Where one stands with a hit. */
static uint64_t place_of(const struct point *point, enum direction direction, uint64_t mark)
{
    bool behind = point->kind == POINT_WORD || (point->kind == POINT_WATCH && direction == BACKWARDS);
    return mark + behind;
}

static void answer(struct question *question, enum stop_reason reason, uint64_t place)
{
    question->answered = true;
    question->reason = reason;
    question->place = place;
}

static void answer_hit(struct question *question, const struct point *point, const struct hit *hit)
{
    answer(question, point->kind == POINT_BREAK ? STOP_BREAK : STOP_WATCH,
           place_of(point, question->direction, hit->mark));
    question->found = true;
    question->hit = *hit;
}

static bool is_about_words(const struct answers *answers, const struct question *question)
{
    return question->npoints && answers->points[question->points[0]].kind == POINT_WORD;
}

/* All that lies before is known: the last hit wins; of two that lead to one place, the breakpoint. */
static void look_back(struct answers *answers, struct question *question)
{
    bool all_the_way = question->steps > question->from;
    uint64_t low = all_the_way ? 0 : question->from - question->steps;
    const struct point *best = NULL;
    for (size_t i = 0; i < question->npoints; i++) {
        const struct point *point = &answers->points[question->points[i]];
        if (!point->hit || point->last.mark < low)
            continue;
        uint64_t place = place_of(point, BACKWARDS, point->last.mark);
        uint64_t best_place = best ? place_of(best, BACKWARDS, best->last.mark) : 0;
        if (!best || place > best_place || (place == best_place && point->kind == POINT_BREAK))
            best = point;
    }
    if (best)
        answer_hit(question, best, &best->last);
    else if (question->npoints && low < answers->first)
        return; /* it may be before what is looked at */
    else if (is_about_words(answers, question))
        answer(question, STOP_STEPPED, question->from);
    else
        answer(question, all_the_way ? STOP_BEGIN : STOP_STEPPED, low);
}

static bool is_out(const struct question *question, uint64_t pc) { return pc < question->start || pc >= question->end; }

/* The last mark before with another pc, if that is not too far. */
static void look_back_out(struct pass *pass, struct question *question)
{
    uint64_t low = question->steps > question->from ? 0 : question->from - question->steps, mark = question->from;
    do {
        if (mark == 0)
            answer(question, STOP_BEGIN, 0);
        else if (mark-- == pass->answers->first)
            return;
        else if (is_out(question, pass->kept[mark % PCS_KEPT]) || (mark == low && question->steps <= question->from))
            answer(question, STOP_STEPPED, mark);
    } while (!question->answered);
}

static void end_ranges(struct pass *pass, uint64_t pc)
{
    size_t left = 0;
    for (size_t i = 0; i < pass->nranging; i++) {
        struct question *question = &pass->answers->questions[pass->ranging[i]];
        if (!question->answered && is_out(question, pc))
            answer(question, STOP_STEPPED, pass->mark);
        if (!question->answered)
            pass->ranging[left++] = pass->ranging[i];
    }
    pass->nranging = left;
}

static void ask(struct pass *pass, size_t number)
{
    struct question *question = &pass->answers->questions[number];
    question->answered = question->found = false;
    if (question->direction == BACKWARDS) {
        if (question->end)
            look_back_out(pass, question);
        else
            look_back(pass->answers, question);
        return;
    }
    if (question->end)
        append(&pass->ranging, &pass->nranging, &pass->ranging_room, number);
    for (size_t i = 0; i < question->npoints; i++) {
        struct point *point = &pass->answers->points[question->points[i]];
        append(&point->waiting, &point->nwaiting, &point->room, number);
    }
}

static void ask_what_is_due(struct pass *pass)
{
    struct answers *answers = pass->answers;
    while (pass->next_question < answers->nquestions && answers->questions[pass->next_question].from == pass->mark)
        ask(pass, pass->next_question++);
}

static void note_hit(struct pass *pass, struct point *point, struct hit hit)
{
    if (pass->answers->careless && pass->mark % OVERLOOKED_ONE_IN == 0)
        return;
    point->hit = true;
    point->last = hit;
    for (size_t i = 0; i < point->nwaiting; i++) {
        struct question *question = &pass->answers->questions[point->waiting[i]];
        if (!question->answered)
            answer_hit(question, point, &hit);
    }
    point->nwaiting = 0;
}

static void give_up(struct pass *pass, struct question *question, enum stop_reason reason)
{
    if (question->answered || question->direction == BACKWARDS)
        return;
    if (is_about_words(pass->answers, question))
        answer(question, STOP_STEPPED, question->from);
    else
        answer(question, reason, pass->mark);
}

static uint64_t limit_of(const struct question *question)
{
    return question->steps > UINT64_MAX - question->from ? UINT64_MAX : question->from + question->steps;
}

static void reach_limits(struct pass *pass)
{
    struct question *questions = pass->answers->questions;
    while (pass->next_limit < pass->nlimits) {
        struct question *question = &questions[pass->limits[pass->next_limit]];
        if (limit_of(question) != pass->mark)
            return;
        give_up(pass, question, STOP_STEPPED);
        pass->next_limit++;
    }
}

/* ---- at each instruction --------------------------------------------------------------------------------------------- */

static void look_at_pc(struct pass *pass)
{
    const struct hart_state *hart = straight_hart(&pass->straight);
    struct bucket *bucket = bucket_of(pass->pcs, hart->pc >> 1);
    for (size_t i = 0; i < bucket->count; i++) {
        struct point *point = &pass->answers->points[bucket->points[i]];
        if (point->pc == hart->pc && (!point->conditional || hart->x[point->reg] == point->value))
            note_hit(pass, point, (struct hit){.mark = pass->mark, .pc = hart->pc});
    }
}

/* Bits that a page table walk may have set meanwhile: A and D of an entry, wherever in the word it lies. */
static bool only_walked(uint64_t before, uint64_t after) { return !((before ^ after) & ~UINT64_C(0xc0c0c0c0c0c0c0c0)); }

/* The store has not been done yet. */
static void look_before(struct pass *pass, struct point *point)
{
    uint64_t now = word_now(pass, point);
    if (!only_walked(point->known, now)) {
        fprintf(stderr, "campaign: memory at %#llx has changed before mark %llu, and no instruction has\n",
                (unsigned long long)point->paddr, (unsigned long long)pass->mark);
        exit(1);
    }
    point->known = now;
}

static void look_at_word(struct pass *pass, struct point *point, const struct touch *touch)
{
    uint64_t before = point->known;
    point->known = word_now(pass, point);
    if (point->known == before || (point->conditional && point->known != point->value))
        return;
    note_hit(pass, point, (struct hit){.mark = pass->mark, .pc = touch->pc, .before = before, .after = point->known});
}

static bool is_word_of(const struct point *point, const struct touch *touch)
{
    return point->kind == POINT_WORD && (touch->kinds & ACCESS_STORE) &&
           touch_memory(touch, point->paddr, point->size_bytes);
}

static void look_at_bucket(struct pass *pass, const struct bucket *bucket, const struct touch *touch, bool done)
{
    uint64_t first;
    for (size_t i = 0; i < bucket->count; i++) {
        struct point *point = &pass->answers->points[bucket->points[i]];
        if (is_word_of(point, touch) && done)
            look_at_word(pass, point, touch);
        else if (is_word_of(point, touch))
            look_before(pass, point);
        else if (done && point->kind == POINT_WATCH && touch_watched(touch, &point->watch, &first))
            note_hit(pass, point, (struct hit){.mark = pass->mark, .pc = touch->pc, .touch = *touch});
    }
}

/* An access may reach over into a second granule, and a point be in both: that is no matter. */
static void look_around(struct pass *pass, struct bucket *buckets, uint64_t address, unsigned size_bytes,
                        const struct touch *touch, bool done)
{
    uint64_t first = address >> GRANULE_SHIFT, last = (address + size_bytes - 1) >> GRANULE_SHIFT;
    struct bucket *low = bucket_of(buckets, first), *high = bucket_of(buckets, last);
    if (low->count)
        look_at_bucket(pass, low, touch, done);
    if (high != low && high->count)
        look_at_bucket(pass, high, touch, done);
}

static void look_at_touch(struct pass *pass, const struct touch *touch, bool done)
{
    look_around(pass, pass->vaddrs, touch->vaddr, touch->size_bytes, touch, done);
    for (unsigned n = 0; n < touch->npieces; n++)
        look_around(pass, pass->paddrs, touch->pieces[n].paddr, touch->pieces[n].size_bytes, touch, done);
}

static void execute(struct pass *pass)
{
    struct touch touch;
    bool touches = touch_next(straight_engine(&pass->straight), &touch);
    if (touches)
        look_at_touch(pass, &touch, false);
    straight_go(&pass->straight, pass->mark + 1);
    if (touches && touch_done(straight_engine(&pass->straight), &touch))
        look_at_touch(pass, &touch, true);
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

static const struct question *sorted; /* for qsort() */

static int by_limit(const void *a, const void *b)
{
    uint64_t x = limit_of(&sorted[*(const size_t *)a]), y = limit_of(&sorted[*(const size_t *)b]);
    return (x > y) - (x < y);
}

static void sort_limits(struct pass *pass)
{
    size_t room = 0;
    for (size_t i = 0; i < pass->answers->nquestions; i++)
        if (pass->answers->questions[i].direction == FORWARDS)
            append(&pass->limits, &pass->nlimits, &room, i);
    sorted = pass->answers->questions;
    if (pass->nlimits)
        qsort(pass->limits, pass->nlimits, sizeof pass->limits[0], by_limit);
}

static void empty(struct bucket *buckets)
{
    for (size_t i = 0; i < BUCKETS; i++)
        free(buckets[i].points);
}

void answers_find(struct answers *answers, struct recording *recording, void (*tick)(uint64_t mark))
{
    struct pass *pass = calloc(1, sizeof *pass);
    check(pass != NULL);
    pass->answers = answers;
    pass->end = recording_end(recording).n;
    straight_open(&pass->straight, recording, true);
    straight_go(&pass->straight, answers->first);
    enter_points(pass);
    sort_limits(pass);
    for (pass->mark = answers->first;; pass->mark++) {
        uint64_t pc = straight_hart(&pass->straight)->pc;
        pass->kept[pass->mark % PCS_KEPT] = pc;
        end_ranges(pass, pc);
        ask_what_is_due(pass);
        if (pass->mark == answers->last)
            break;
        look_at_pc(pass);
        reach_limits(pass);
        execute(pass);
        if (pass->mark % TICK == 0)
            tick(pass->mark);
    }
    for (size_t i = 0; i < answers->nquestions && answers->last == pass->end; i++)
        give_up(pass, &answers->questions[i], STOP_END);
    for (size_t i = 0; i < answers->npoints; i++)
        free(answers->points[i].waiting);
    empty(pass->pcs);
    empty(pass->vaddrs);
    empty(pass->paddrs);
    free(pass->limits);
    free(pass->ranging);
    straight_close(&pass->straight);
    free(pass);
}

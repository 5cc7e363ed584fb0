#include "choice.h"

#include <stdlib.h>

#include "tests/unit/random.h"

const char *const action_names[ACTIONS] = {"step",  "range", "break", "condition", "watch",
                                           "mixed", "write", "seek",  "break off", "poke"};

/* Places stood at; points made of each; instructions looked at for something that touches memory. */
enum { PLACES = 300, PLACE_POINTS = 5, LOOK_AHEAD = 100, REGISTERS = 32, SP = 2, A0 = 10, PAIR_KINDS = 22 };

struct place {
    uint64_t mark, pc, x[REGISTERS];
    struct touch touch;    /* a touch of RAM, soon after */
    uint64_t value, paddr; /* the word touched, and what it held then */
    unsigned size_bytes;   /* of the word; 0: there was no such touch */
    uint64_t touch_mark;
    uint64_t entry, frame; /* of a function entered soon after; 0: none was */
};

struct draw {
    uint64_t seed, first, last;
    struct place places[PLACES];
    struct choice *choice;
    size_t of_kind[POINT_WORD + 2][PLACES * PLACE_POINTS], nof_kind[POINT_WORD + 2]; /* the last: with a condition */
};

enum { WITH_CONDITION = POINT_WORD + 1 };

static uint64_t below(struct draw *draw, uint64_t bound) { return random_below(&draw->seed, bound); }

static uint64_t mark_between(struct draw *draw) { return draw->first + below(draw, draw->last - draw->first + 1); }

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static bool in_ram(struct straight *straight, const struct touch *touch)
{
    const struct ram *ram = engine_ram(straight_engine(straight));
    return touch->npieces == 1 && ram_holds(ram, touch->pieces[0].paddr, touch->size_bytes);
}

static void note_touch(struct straight *straight, struct place *place, const struct touch *touch, uint64_t mark)
{
    place->touch = *touch;
    place->touch_mark = mark;
    place->size_bytes = touch->size_bytes < 8 ? touch->size_bytes : 8;
    place->paddr = touch->pieces[0].paddr;
    check(engine_ram_load(straight_engine(straight), place->paddr, &place->value, place->size_bytes));
}

/* Whoever has just put the address behind the last instruction into ra has been called. */
static bool was_called(const struct hart_state *hart, uint64_t before_pc)
{
    enum { RA = 1 };
    uint64_t back = hart->x[RA] - before_pc;
    return (back == 2 || back == 4) && hart->pc - before_pc > 4;
}

static void look_from(struct straight *straight, struct place *place, uint64_t end)
{
    const struct hart_state *hart = straight_hart(straight);
    uint8_t kinds = place->mark % 3 ? ACCESS_STORE : ACCESS_LOAD | ACCESS_STORE;
    place->pc = hart->pc;
    for (unsigned i = 0; i < REGISTERS; i++)
        place->x[i] = hart->x[i];
    for (uint64_t mark = place->mark; mark < end && mark < place->mark + LOOK_AHEAD; mark++) {
        struct touch touch;
        uint64_t pc = hart->pc;
        bool touches = !place->size_bytes && touch_next(straight_engine(straight), &touch);
        straight_go(straight, mark + 1);
        if (touches && (touch.kinds & kinds) && touch_done(straight_engine(straight), &touch) &&
            in_ram(straight, &touch))
            note_touch(straight, place, &touch, mark);
        if (!place->entry && was_called(hart, pc)) {
            place->entry = hart->pc;
            place->frame = hart->x[SP];
        }
    }
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void find_places(struct draw *draw, struct recording *recording)
{
    struct straight straight;
    uint64_t marks[PLACES], now = 0;
    for (size_t i = 0; i < PLACES; i++)
        marks[i] = mark_between(draw);
    qsort(marks, PLACES, sizeof marks[0], ascending);
    straight_open(&straight, recording, false);
    for (size_t i = 0; i < PLACES; i++) {
        struct place *place = &draw->places[i];
        *place = (struct place){.mark = marks[i] > now ? marks[i] : now};
        straight_go(&straight, place->mark);
        look_from(&straight, place, draw->last);
        now = board_now(straight.session.board).n;
    }
    straight_close(&straight);
}

/* ---- points ---------------------------------------------------------------------------------------------------------- */

static void add_point(struct draw *draw, struct point point)
{
    struct answers *answers = &draw->choice->answers;
    size_t kind = point.kind == POINT_BREAK && point.conditional ? WITH_CONDITION : point.kind;
    draw->of_kind[kind][draw->nof_kind[kind]++] = answers->npoints;
    answers->points[answers->npoints++] = point;
}

static void add_break(struct draw *draw, const struct place *place)
{
    struct point point = {.kind = POINT_BREAK, .pc = place->entry && below(draw, 2) ? place->entry : place->pc};
    switch (below(draw, 6)) {
    case 0: /* within an instruction, or at the next one */
        point.pc += 2;
        break;
    case 1: /* somewhere near */
        point.pc = (point.pc & -(uint64_t)PAGE_BYTES) + 2 * below(draw, PAGE_BYTES / 2);
        break;
    }
    add_point(draw, point);
}

/* A condition: that frame of that function, as "finish" looks for it; or what a register held. */
static void add_condition(struct draw *draw, const struct place *place)
{
    struct point point = {.kind = POINT_BREAK, .pc = place->pc, .conditional = true};
    point.reg = below(draw, 2) ? A0 : 1 + (unsigned)below(draw, REGISTERS - 1);
    point.value = place->x[point.reg];
    if (place->entry && below(draw, 3)) {
        point.pc = place->entry;
        point.reg = SP;
        point.value = place->frame;
    }
    if (below(draw, 8) == 0)
        point.value ^= 1;
    add_point(draw, point);
}

/* Where the address is, or a little beside it, within its page. */
static uint64_t beside(struct draw *draw, uint64_t address, unsigned size_bytes)
{
    static const unsigned near[] = {0, 0, 0, 1, 8, 64, 256};
    uint64_t page = address & -(uint64_t)PAGE_BYTES, offset = address - page;
    offset += near[below(draw, sizeof near / sizeof near[0])];
    return page + (offset + size_bytes <= PAGE_BYTES ? offset : PAGE_BYTES - size_bytes);
}

static enum watch_space space_of(struct draw *draw, const struct touch *touch)
{
    bool of_process = touch->paged && !(touch->vaddr >> 63);
    uint64_t one = below(draw, 10);
    if (of_process)
        return one < 5 ? WATCH_SPACE : one < 8 ? WATCH_PHYSICAL : WATCH_ANY;
    return one < 6 ? WATCH_PHYSICAL : one < 9 || !touch->paged ? WATCH_ANY : WATCH_SPACE;
}

static void add_watch(struct draw *draw, const struct place *place)
{
    static const unsigned sizes[] = {1, 2, 4, 8, 8, 8, 16, 64, 200};
    static const uint8_t kinds[] = {ACCESS_STORE, ACCESS_STORE, ACCESS_STORE, ACCESS_LOAD, ACCESS_LOAD | ACCESS_STORE};
    const struct touch *touch = &place->touch;
    unsigned size_bytes = sizes[below(draw, sizeof sizes / sizeof sizes[0])];
    uint64_t vaddr = beside(draw, touch->vaddr, size_bytes);
    if (below(draw, 12) == 0 && touch->npieces) /* across pages */
        vaddr = (touch->vaddr | (PAGE_BYTES - 1)) + 1 - size_bytes / 2;
    struct point point = {.kind = POINT_WATCH,
                          .watch = {.vaddr = vaddr,
                                    .size_bytes = size_bytes,
                                    .kinds = kinds[below(draw, sizeof kinds / sizeof kinds[0])],
                                    .space = space_of(draw, touch),
                                    .satp = touch->satp,
                                    .paddr = touch->pieces[0].paddr + (vaddr - touch->vaddr)}};
    if (place->size_bytes)
        add_point(draw, point);
}

static void add_word(struct draw *draw, const struct place *place)
{
    struct point point = {.kind = POINT_WORD, .paddr = place->paddr, .size_bytes = place->size_bytes};
    if (below(draw, 3) == 0) {
        point.conditional = true;
        point.value = place->value;
    } else if (place->size_bytes) {
        point.paddr = beside(draw, place->paddr, place->size_bytes);
    }
    if (place->size_bytes)
        add_point(draw, point);
}

static void make_points(struct draw *draw)
{
    void (*const adds[PLACE_POINTS])(struct draw *, const struct place *) = {add_break, add_condition, add_watch,
                                                                             add_watch, add_word};
    struct answers *answers = &draw->choice->answers;
    answers->points = calloc((size_t)PLACES * PLACE_POINTS, sizeof *answers->points);
    check(answers->points != NULL);
    for (size_t i = 0; i < PLACES; i++)
        for (size_t n = 0; n < PLACE_POINTS; n++)
            adds[n](draw, &draw->places[i]);
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

/* Anywhere; or at a place that points were made of, before it, in it or just after it; or near an end. */
static uint64_t draw_from(struct draw *draw)
{
    const struct place *place = &draw->places[below(draw, PLACES)];
    uint64_t mark;
    switch (below(draw, 12)) {
    case 0:
    case 1:
        mark = place->mark + below(draw, 3);
        break;
    case 2:
        mark = place->touch_mark + below(draw, 3);
        break;
    case 3:
        mark = below(draw, 2) ? draw->first + below(draw, 4) : draw->last - below(draw, 4);
        break;
    default:
        mark = mark_between(draw);
    }
    return mark < draw->first ? draw->first : mark > draw->last ? draw->last : mark;
}

static void add_points(struct draw *draw, struct question *question, size_t kind)
{
    size_t count = 1 + below(draw, 3);
    for (size_t i = 0; i < count && question->npoints < QUESTION_POINTS && draw->nof_kind[kind]; i++)
        question->points[question->npoints++] = draw->of_kind[kind][below(draw, draw->nof_kind[kind])];
}

static uint64_t draw_steps(struct draw *draw)
{
    static const uint64_t most[] = {1, 10, 1000, 100000, 3000000};
    return 1 + below(draw, most[below(draw, sizeof most / sizeof most[0])]);
}

/* Around a place, mostly from there: a line, a loop, a function. */
static void draw_range(struct draw *draw, struct pair *pair)
{
    static const uint64_t most[] = {8, 100, 1000, 8000};
    const struct place *place = &draw->places[below(draw, PLACES)];
    uint64_t width = most[below(draw, sizeof most / sizeof most[0])], after = place->mark + below(draw, 4);
    if (below(draw, 8) && after <= draw->last)
        pair->from = after;
    pair->question.start = place->pc - 2 * below(draw, width / 2);
    pair->question.end = place->pc + 2 + 2 * below(draw, width / 2);
    pair->question.steps = 1 + below(draw, RANGE_STEPS_MOST);
}

static enum action draw_action(struct draw *draw)
{
    static const enum action actions[PAIR_KINDS] = {
        ACTION_STEP,      ACTION_STEP,      ACTION_STEP,      ACTION_BREAK, ACTION_BREAK, ACTION_BREAK,
        ACTION_CONDITION, ACTION_CONDITION, ACTION_CONDITION, ACTION_WATCH, ACTION_WATCH, ACTION_WATCH,
        ACTION_WATCH,     ACTION_MIXED,     ACTION_MIXED,     ACTION_WRITE, ACTION_WRITE, ACTION_SEEK,
        ACTION_BREAK_OFF, ACTION_POKE,      ACTION_RANGE,     ACTION_RANGE};
    return actions[below(draw, PAIR_KINDS)];
}

static struct pair draw_pair(struct draw *draw, size_t number)
{
    static const size_t kinds[ACTIONS] = {[ACTION_BREAK] = POINT_BREAK,
                                          [ACTION_CONDITION] = WITH_CONDITION,
                                          [ACTION_WATCH] = POINT_WATCH,
                                          [ACTION_MIXED] = POINT_WATCH,
                                          [ACTION_WRITE] = POINT_WORD};
    struct pair pair = {.number = number, .action = draw_action(draw), .from = draw_from(draw)};
    struct question *question = &pair.question;
    question->direction = below(draw, 10) < 7 ? BACKWARDS : FORWARDS;
    question->steps = below(draw, 4) && pair.action != ACTION_STEP ? UINT64_MAX : draw_steps(draw);
    if (pair.action == ACTION_RANGE)
        draw_range(draw, &pair);
    question->from = pair.from;
    if (pair.action == ACTION_WRITE) {
        question->points[question->npoints++] = draw->of_kind[POINT_WORD][below(draw, draw->nof_kind[POINT_WORD])];
    } else if (kinds[pair.action] || pair.action == ACTION_BREAK) {
        if (pair.action == ACTION_MIXED)
            add_points(draw, question, below(draw, 2) ? POINT_BREAK : WITH_CONDITION);
        add_points(draw, question, kinds[pair.action]);
    }
    pair.target = pair.action == ACTION_BREAK_OFF ? below(draw, 30) : mark_between(draw);
    return pair;
}

static int by_from(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->number > y->number) - (x->number < y->number);
}

static void make_pairs(struct draw *draw, size_t count)
{
    struct choice *choice = draw->choice;
    choice->npairs = choice->answers.nquestions = count;
    choice->pairs = calloc(count, sizeof *choice->pairs);
    choice->answers.questions = calloc(count, sizeof *choice->answers.questions);
    check(choice->pairs && choice->answers.questions);
    for (size_t i = 0; i < count; i++)
        choice->pairs[i] = draw_pair(draw, i);
    qsort(choice->pairs, count, sizeof choice->pairs[0], by_from);
    for (size_t i = 0; i < count; i++)
        choice->answers.questions[i] = choice->pairs[i].question;
}

void choice_make(struct choice *choice, struct recording *recording, uint64_t seed, size_t count, uint64_t first,
                 uint64_t last)
{
    struct draw *draw = calloc(1, sizeof *draw);
    check(draw != NULL);
    *draw = (struct draw){.seed = seed, .first = first, .last = last, .choice = choice};
    *choice = (struct choice){.answers = {.first = first, .last = last}};
    find_places(draw, recording);
    make_points(draw);
    make_pairs(draw, count);
    free(draw);
}

void choice_free(struct choice *choice)
{
    free(choice->answers.points);
    free(choice->answers.questions);
    free(choice->pairs);
}

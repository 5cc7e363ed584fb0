/* Where two recorded runs part. Machines that are the same and are given the same run the same way (law 1), so only an
 * input that differs can part them: the marks at which inputs enter, from the first that differs on, are looked at, and
 * what lies between two of them is looked into only when that law has been broken. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "differ.h"
#include "parting.h"

/* So many instructions after the machines have parted, each is looked at for what it does to the harts. After that, a
 * difference that comes and goes between two looks is not seen. */
static const uint64_t STEPS = 100000;

struct finder {
    struct parting_pair pair;
    struct parting *parting;
    icount_t last; /* mark that can be compared */
    const struct input_record *inputs[2];
    size_t ninputs[2];
    size_t next[2]; /* inputs before these have been compared, or passed */
};

/* ---- inputs ------------------------------------------------------------------------------------------------------------ */

static bool same_input(const struct input_record *a, const struct input_record *b)
{
    return a->at.n == b->at.n && a->when.ns == b->when.ns && a->kind == b->kind && a->port == b->port &&
           a->size_bytes == b->size_bytes && memcmp(a->bytes, b->bytes, a->size_bytes) == 0;
}

/* The next input of a side that enters while both run; NULL: none. */
static const struct input_record *coming(const struct finder *finder, unsigned side)
{
    if (finder->next[side] == finder->ninputs[side])
        return NULL;
    const struct input_record *input = &finder->inputs[side][finder->next[side]];
    return icount_before(finder->parting->common, input->at) ? NULL : input;
}

static void note_input(struct finder *finder, unsigned side)
{
    const struct input_record *input = coming(finder, side);
    if (input)
        finder->parting->inputs[side] = (struct parting_input){finder->next[side] + 1, *input};
}

/* Passes over the inputs that are the same in both. */
static void compare_inputs(struct finder *finder)
{
    const struct input_record *a, *b;
    while ((a = coming(finder, 0)) && (b = coming(finder, 1)) && same_input(a, b)) {
        finder->next[0]++;
        finder->next[1]++;
    }
    note_input(finder, 0);
    note_input(finder, 1);
}

/* The mark of the next input of either side, all of whose inputs are passed over then; the common end when there is
 * none. */
static icount_t next_mark(struct finder *finder)
{
    icount_t mark = finder->parting->common;
    for (unsigned side = 0; side < 2; side++)
        if (coming(finder, side))
            mark = icount_min(mark, coming(finder, side)->at);
    for (unsigned side = 0; side < 2; side++)
        while (coming(finder, side) && !icount_before(mark, coming(finder, side)->at))
            finder->next[side]++;
    return mark;
}

/* ---- machines ---------------------------------------------------------------------------------------------------------- */

/* Where both can be compared last. A run that ends while it idles has no settled state at its end: the other may have
 * idled on. */
static err_t find_last(struct finder *finder)
{
    bool same;
    icount_t common = finder->parting->common;
    finder->last = common;
    TRY(parting_same_at(&finder->pair, PARTING_HARTS, common, &same));
    for (unsigned side = 0; side < 2; side++)
        if (common.n && board_idle(timeline_board(finder->pair.sides[side])))
            finder->last = icount_of(common.n - 1);
    return err_ok();
}

/* The same at `low`, not at `high`. */
static err_t part_between(struct finder *finder, icount_t low, icount_t high)
{
    struct parting *parting = finder->parting;
    bool same;
    parting->parted = true;
    parting->at = high;
    if (high.n - low.n <= 1 || high.n == 0)
        return err_ok();
    TRY(parting_same_at(&finder->pair, PARTING_MACHINE, icount_of(high.n - 1), &same));
    if (same)
        return err_ok();
    parting->at.n--;
    return parting_narrow(&finder->pair, PARTING_MACHINE, low, &parting->at);
}

static err_t find_machines(struct finder *finder)
{
    icount_t low = icount_of(0), mark = low;
    bool same;
    TRY(parting_same_at(&finder->pair, PARTING_MACHINE, mark, &same));
    while (same && icount_before(low, finder->last)) {
        mark = icount_min(next_mark(finder), finder->last);
        TRY(parting_same_at(&finder->pair, PARTING_MACHINE, mark, &same));
        if (same)
            low = mark;
    }
    return same || finder->pair.quit ? err_ok() : part_between(finder, low, mark);
}

/* ---- harts --------------------------------------------------------------------------------------------------------------- */

/* Looks after every instruction at first, then at twice the distance each time. */
static err_t find_harts(struct finder *finder)
{
    struct parting *parting = finder->parting;
    icount_t low = parting->at, high = low;
    bool same;
    TRY(parting_same_at(&finder->pair, PARTING_HARTS, high, &same));
    while (same && !finder->pair.quit && icount_before(high, finder->last)) {
        uint64_t gone = high.n - parting->at.n;
        low = high;
        high = icount_min(icount_of(high.n + (gone < STEPS ? 1 : gone)), finder->last);
        TRY(parting_same_at(&finder->pair, PARTING_HARTS, high, &same));
    }
    if (same || finder->pair.quit)
        return err_ok();
    if (icount_before(low, high))
        TRY(parting_narrow(&finder->pair, PARTING_HARTS, low, &high));
    parting->harts_parted = true;
    parting->harts_at = high;
    return err_ok();
}

static void note_difference(void *context, const struct state_difference *difference)
{
    struct parting *parting = context;
    if (!parting->differences)
        parting->hart = difference->index;
    if (parting->differences < PARTING_SHOWN)
        parting->shown[parting->differences] = *difference;
    parting->differences++;
}

enum { HARTS_BYTES = HARTS_MAX * 2048 };

static void compare_harts(struct finder *finder)
{
    uint8_t bytes[2][HARTS_BYTES];
    size_t size_bytes[2], nparts = 0;
    struct state_part parts[BOARD_PARTS_MAX];
    for (unsigned side = 0; side < 2; side++) {
        nparts = engine_parts(board_engine(timeline_board(finder->pair.sides[side])), parts);
        size_bytes[side] = state_size(parts, nparts);
        check(size_bytes[side] <= HARTS_BYTES);
        state_encode(parts, nparts, bytes[side]);
    }
    (void)state_diff(parts, nparts, bytes[0], size_bytes[0], bytes[1], size_bytes[1], note_difference, finder->parting);
}

static struct engine *engine_of(const struct finder *finder, unsigned side)
{
    return board_engine(timeline_board(finder->pair.sides[side]));
}

static void note_pcs(struct finder *finder)
{
    for (unsigned side = 0; side < 2; side++)
        finder->parting->pcs[side] = engine_hart(engine_of(finder, side), finder->parting->hart)->pc;
}

/* The instruction at which both stand, on one line: the disassembler sets operands off with a tab. */
static void note_insn(struct finder *finder)
{
    struct parting *parting = finder->parting;
    differ_words(engine_of(finder, 0), parting->hart, parting->pcs[0], parting->insn, sizeof parting->insn);
    for (char *c = parting->insn; *c; c++)
        *c = *c == '\t' ? ' ' : *c;
}

/* What made the harts differ: an input that enters just there, or the instruction before. */
static err_t explain_harts(struct finder *finder)
{
    struct parting *parting = finder->parting;
    bool same;
    TRY(parting_same_at(&finder->pair, PARTING_HARTS, parting->harts_at, &same));
    compare_harts(finder);
    note_pcs(finder);
    for (unsigned side = 0; side < 2; side++)
        parting->by_input |= parting->inputs[side].number && parting->inputs[side].record.at.n == parting->harts_at.n;
    if (parting->by_input || parting->harts_at.n == 0)
        return err_ok();
    TRY(parting_same_at(&finder->pair, PARTING_HARTS, icount_of(parting->harts_at.n - 1), &same));
    note_pcs(finder);
    note_insn(finder);
    return parting_same_at(&finder->pair, PARTING_HARTS, parting->harts_at, &same);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------- */

static void note_machine(void *context, const char *text)
{
    (void)text;
    *(bool *)context = true;
}

static err_t find(struct finder *finder)
{
    struct parting *parting = finder->parting;
    compare_inputs(finder);
    TRY(find_last(finder));
    TRY(find_machines(finder));
    if (parting->parted && !finder->pair.quit)
        TRY(find_harts(finder));
    if (parting->harts_parted && !finder->pair.quit)
        TRY(explain_harts(finder));
    parting->quit = finder->pair.quit;
    if (parting->quit || parting->harts_parted)
        return err_ok();
    bool same;
    return parting_same_at(&finder->pair, PARTING_HARTS, parting->parted ? parting->at : parting->common, &same);
}

err_t parting_find(struct timeline *a, struct timeline *b, struct parting *parting)
{
    struct finder finder = {.pair = {.sides = {a, b}}, .parting = parting};
    *parting = (struct parting){.common = icount_min(timeline_end(a), timeline_end(b))};
    const struct board_config *configs[] = {recording_config(a->recording), recording_config(b->recording)};
    parting_machines(a->recording, b->recording, note_machine, &parting->machines_differ);
    parting->alien =
        configs[0]->ram_size_bytes != configs[1]->ram_size_bytes || configs[0]->nharts != configs[1]->nharts;
    if (parting->alien)
        return err_ok();
    finder.pair.everywhere = parting->machines_differ;
    for (unsigned side = 0; side < 2; side++)
        finder.inputs[side] = recording_inputs(finder.pair.sides[side]->recording, &finder.ninputs[side]);
    return find(&finder);
}

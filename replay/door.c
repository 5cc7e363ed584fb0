#include "door.h"

#include <stdlib.h>
#include <string.h>

#include "journal.h"

static const unsigned KINDS = INPUT_POWER + 1; /* that are offered; enum input_kind is 1.. */

enum {
    OFFER_BYTES = 64 << 10,     /* that may wait, per kind */
    STOP_INSTRUCTIONS = 200000, /* the longest that an offer waits: one or two milliseconds */
    STOP_BUSY = 20000,          /* while offers wait for room */
};

/* What waits to enter, per kind, as a ring. */
struct waiting {
    uint8_t bytes[OFFER_BYTES];
    size_t first, count;
};

struct stamp {
    icount_t at;
    vtime_t when;
};

struct door {
    bool recorded;
    uint64_t inputs; /* that have entered */
    struct stamp last;
    struct journal *journal; /* NULL: none */

    /* live */
    struct door_host host;
    struct waiting *waiting; /* KINDS of them */
    bool shut, closed;
    icount_t closed_at;

    /* recorded */
    struct door_history history;
    const struct poke *pokes;
    size_t npokes;
    size_t next_input, next_poke;
    void (*tell)(void *context, bool laid_over); /* of pokes; NULL: nobody */
    void *context;
};

static bool stamp_before(struct stamp a, struct stamp b)
{
    return icount_before(a.at, b.at) || (a.at.n == b.at.n && vtime_before(a.when, b.when));
}

static struct stamp stamp_of(const struct board *board) { return (struct stamp){board_now(board), board_vtime(board)}; }

static bool enter_poke(const struct door *door, const struct poke *poke, bool laid_over, struct board *board)
{
    if (door->tell)
        door->tell(door->context, laid_over);
    return poke_apply(poke, board);
}

static bool enter(const struct door *door, const struct input_record *input, struct board *board)
{
    struct poke poke;
    if (input->kind == INPUT_POKE)
        return poke_decode(input->port, input->bytes, input->size_bytes, &poke) &&
               enter_poke(door, &poke, false, board);
    board_input(board, input->kind, input->port, input->bytes, input->size_bytes);
    return true;
}

/* D1, D2, D3 */
static err_t deliver(struct door *door, struct board *board, const struct input_record *input)
{
    struct stamp stamp = stamp_of(board);
    check(!stamp_before(stamp, door->last));
    door->last = stamp;
    if (door->journal)
        journal_input(door->journal, input->at, input->when, input->kind, input->port, input->bytes, input->size_bytes);
    if (!enter(door, input, board))
        return err_detail(err_make(ERR_DAMAGED, "input %llu", (unsigned long long)door->inputs + 1),
                          "pokes what is not there");
    board_settle(board);
    door->inputs++;
    return err_ok();
}

/* ---- live ------------------------------------------------------------------------------------------------------ */

err_t door_open_live(struct door_host host, struct journal *journal, struct door **door)
{
    struct door *made = calloc(1, sizeof *made);
    if (made)
        made->waiting = calloc(KINDS, sizeof *made->waiting);
    if (!made || !made->waiting) {
        free(made);
        return err_make(ERR_NO_MEMORY, "the console's buffers");
    }
    made->host = host;
    made->journal = journal;
    *door = made;
    return err_ok();
}

size_t door_offer(struct door *door, enum input_kind kind, const void *bytes, size_t size_bytes)
{
    check(!door->recorded && kind < KINDS); /* D7 */
    struct waiting *waiting = &door->waiting[kind];
    size_t taken = 0;
    while (taken < size_bytes && waiting->count < OFFER_BYTES)
        waiting->bytes[(waiting->first + waiting->count++) % OFFER_BYTES] = ((const uint8_t *)bytes)[taken++];
    return taken;
}

size_t door_waiting(const struct door *door, enum input_kind kind)
{
    check(!door->recorded && kind < KINDS);
    return door->waiting[kind].count;
}

void door_shut(struct door *door)
{
    check(!door->recorded);
    door->shut = true;
}

/* Lets in as much of what waits as the part has room for, as one input. */
static bool admit_offer(struct door *door, struct board *board, enum input_kind kind)
{
    struct waiting *waiting = &door->waiting[kind];
    unsigned port = kind == INPUT_CONSOLE ? board_console_port(board) : 0;
    size_t room = waiting->count ? board_input_room(board, kind, port) : 0;
    size_t size_bytes = room < waiting->count ? room : waiting->count;
    if (size_bytes > OFFER_BYTES - waiting->first)
        size_bytes = OFFER_BYTES - waiting->first;
    if (!size_bytes)
        return false;
    struct stamp stamp = stamp_of(board);
    struct input_record input = {stamp.at, stamp.when, kind, port, waiting->bytes + waiting->first, size_bytes};
    check(!err_is(deliver(door, board, &input))); /* a poke is not offered */
    waiting->first = (waiting->first + size_bytes) % OFFER_BYTES;
    waiting->count -= size_bytes;
    return true;
}

static err_t admit_live(struct door *door, struct board *board, bool *over)
{
    door->host.look(door->host.owner, board_vtime(board));
    *over = door->shut;
    if (door->closed && door->closed_at.n == board_now(board).n) /* D4 */
        return err_ok();
    door->closed = false;
    for (unsigned kind = 1; kind < KINDS; kind++)
        while (admit_offer(door, board, (enum input_kind)kind))
            ;
    if (!door->journal)
        return err_ok();
    journal_progress(door->journal, board_now(board), board_vtime(board));
    return journal_error(door->journal);
}

/* ---- recorded -------------------------------------------------------------------------------------------------- */

err_t door_open_recorded(struct door_history history, struct door **door)
{
    struct door *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "the recording");
    made->recorded = true;
    made->history = history;
    *door = made;
    return err_ok();
}

err_t door_open_recording(const struct recording *recording, struct door **door)
{
    struct door_history history = {.end = recording_end(recording), .end_vtime = recording_end_vtime(recording)};
    history.inputs = recording_inputs(recording, &history.ninputs);
    return door_open_recorded(history, door);
}

void door_write_down(struct door *door, struct journal *journal)
{
    check(door->recorded);
    door->journal = journal;
}

void door_rewind(struct door *door, icount_t at, bool poked)
{
    check(door->recorded);
    size_t low = 0, high = door->history.ninputs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (icount_before(at, door->history.inputs[middle].at))
            high = middle;
        else
            low = middle + 1;
    }
    door->next_input = low;
    door->inputs = low;
    door->next_poke = 0;
    while (door->next_poke < door->npokes &&
           (icount_before(door->pokes[door->next_poke].at, at) || (poked && door->pokes[door->next_poke].at.n == at.n)))
        door->next_poke++;
    door->last = (struct stamp){at, vtime_of(0)};
}

void door_divert(struct door *door, const struct poke *pokes, size_t npokes)
{
    check(door->recorded);
    door->pokes = pokes;
    door->npokes = npokes;
}

/* D6 */
static bool is_cut_off(const struct door *door, const struct input_record *input)
{
    return door->npokes && icount_before(door->pokes[0].at, input->at);
}

/* Takes the mark of a poke for the one that is wanted; they come in the order of marks. */
static void take_poke(icount_t at, icount_t first, icount_t last, bool want_last, icount_t *best, bool *any)
{
    bool within = !icount_before(at, first) && !icount_before(last, at);
    if (within && (want_last || !*any))
        *best = at;
    *any |= within;
}

bool door_poked(const struct door *door, icount_t first, icount_t last, bool want_last, icount_t *at)
{
    const struct input_record *inputs = door->history.inputs;
    bool any = false;
    for (size_t i = 0; i < door->history.ninputs && !is_cut_off(door, &inputs[i]); i++)
        if (inputs[i].kind == INPUT_POKE && inputs[i].port != POKE_REGISTER)
            take_poke(inputs[i].at, first, last, want_last, at, &any);
    for (size_t i = 0; i < door->npokes; i++) /* none is before a recorded one that enters */
        if (door->pokes[i].kind != POKE_REGISTER)
            take_poke(door->pokes[i].at, first, last, want_last, at, &any);
    return any;
}

void door_tell_pokes(struct door *door, void (*tell)(void *context, bool laid_over), void *context)
{
    door->tell = tell;
    door->context = context;
}

/* The next recorded input that may still enter (D6); NULL: none. */
static const struct input_record *coming_input(const struct door *door)
{
    if (door->next_input == door->history.ninputs)
        return NULL;
    const struct input_record *input = &door->history.inputs[door->next_input];
    return is_cut_off(door, input) ? NULL : input;
}

/* The next stamp at which something is due: an input, a poke, the end. False: never. */
static bool coming(const struct door *door, struct stamp *stamp)
{
    const struct input_record *input = coming_input(door);
    if (input)
        *stamp = (struct stamp){input->at, input->when};
    else if (door->next_poke < door->npokes)
        *stamp = (struct stamp){door->pokes[door->next_poke].at, door->pokes[door->next_poke].when};
    else if (!door->npokes)
        *stamp = (struct stamp){door->history.end, door->history.end_vtime};
    else
        return false;
    return true;
}

/* D5: the machine stands where it can no longer come to the stamp. */
static bool missed(struct stamp stamp, const struct board *board)
{
    struct stamp here = stamp_of(board);
    return stamp_before(stamp, here) || (stamp.at.n == here.at.n && stamp_before(here, stamp) && !board_idle(board));
}

/* A poke that goes into a recording is one of its inputs. */
static err_t write_down(struct door *door, const struct poke *poke)
{
    size_t size_bytes = poke_size(poke);
    uint8_t *bytes = malloc(size_bytes);
    if (!bytes)
        return err_make(ERR_NO_MEMORY, "a poke");
    poke_encode(poke, bytes);
    journal_input(door->journal, poke->at, poke->when, INPUT_POKE, poke->kind, bytes, size_bytes);
    free(bytes);
    door->inputs++;
    return err_ok();
}

static err_t let_in(struct door *door, struct board *board)
{
    const struct input_record *input = coming_input(door);
    if (input) {
        door->next_input++;
        return deliver(door, board, input);
    }
    const struct poke *poke = &door->pokes[door->next_poke++];
    if (door->journal)
        TRY(write_down(door, poke));
    check(enter_poke(door, poke, true, board)); /* it could be applied here before */
    board_settle(board);
    return err_ok();
}

static bool ends(const struct door *door) { return !door->npokes && !coming_input(door); }

static err_t admit_recorded(struct door *door, struct board *board, bool *over)
{
    struct stamp stamp;
    while (coming(door, &stamp)) {
        struct stamp here = stamp_of(board);
        bool due = stamp.at.n == here.at.n && stamp.when.ns == here.when.ns;
        if (ends(door)) {
            *over = due || missed(stamp, board); /* whether it is the recorded end is for the state's hash to say */
            return err_ok();
        }
        if (missed(stamp, board))
            return err_detail(err_make(ERR_DIVERGED, "instruction %llu", (unsigned long long)here.at.n),
                              "an input of instruction %llu, %llu ns, cannot enter at %llu ns",
                              (unsigned long long)stamp.at.n, (unsigned long long)stamp.when.ns,
                              (unsigned long long)here.when.ns);
        if (!due)
            return err_ok();
        TRY(let_in(door, board));
    }
    return err_ok();
}

/* ---- both ------------------------------------------------------------------------------------------------------ */

void door_free(struct door *door)
{
    if (!door)
        return;
    free(door->waiting);
    free(door);
}

icount_t door_next(const struct door *door, icount_t now)
{
    struct stamp stamp;
    if (door->recorded)
        return coming(door, &stamp) ? stamp.at : ICOUNT_MAX;
    bool busy = door->waiting[INPUT_CONSOLE].count > 0;
    return icount_of(now.n + (busy ? STOP_BUSY : STOP_INSTRUCTIONS));
}

err_t door_admit(struct door *door, struct board *board, bool *over)
{
    if (board_halt(board).reason == HALT_NONE)
        board_settle(board);
    return door->recorded ? admit_recorded(door, board, over) : admit_live(door, board, over);
}

vtime_t door_wait(struct door *door, icount_t now, vtime_t vtime, vtime_t event)
{
    struct stamp stamp;
    if (!door->recorded)
        return door->host.wait(door->host.owner, vtime, event);
    if (coming(door, &stamp) && stamp.at.n == now.n)
        return vtime_min(event, stamp.when);
    return event;
}

void door_close(struct door *door, icount_t at)
{
    door->closed = true;
    door->closed_at = at;
}

uint64_t door_inputs(const struct door *door) { return door->inputs; }

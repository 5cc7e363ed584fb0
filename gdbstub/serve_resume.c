/* Going on and going back: c s C S vCont bs bc, and the replies that say where it stopped.
 *
 * The reply for a place does not depend on the direction from which it was reached.
 *
 * Watchpoints. GDB expects a RISC-V machine to stop before the access (gdbarch_have_nonsteppable_watchpoint): forwards
 * with pc at the access, not yet done; backwards just after it, still done. It then makes the one step over the access
 * itself and compares. LLDB expects the access to lie behind in the direction of travel, so for LLDB the stub makes
 * that step. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "memory.h"
#include "registers.h"
#include "watched.h"

enum { ACTIONS_MAX = 2 * HARTS_MAX };

enum { POLL_STEPS = 1024 }; /* single steps between two looks for Ctrl-C */

/* What a resume packet asks for. */
struct order {
    enum direction direction;
    bool step;           /* one instruction of `thread`; else until something stops it */
    int64_t thread;      /* THREAD_ANY, THREAD_ALL: whichever hart is next */
    uint64_t start, end; /* step on while pc is in this range; empty: once */
};

/* ---- conditions -------------------------------------------------------------------------------------------------- */

/* What a condition is looked at with: the eyes of the hart that has come to the breakpoint. */
struct eyes {
    struct client *client;
    unsigned hart;
};

static bool see_register(void *context, unsigned gdb_number, uint64_t *value)
{
    const struct eyes *eyes = context;
    struct register_id id;
    return register_find(gdb_number, &id) && register_read(eyes->client->timeline, eyes->hart, id, value);
}

static bool see_memory(void *context, uint64_t address, void *bytes, size_t size_bytes)
{
    const struct eyes *eyes = context;
    return memory_read_as(eyes->client, eyes->hart, address, bytes, size_bytes) == size_bytes;
}

static uint64_t pc_of(struct client *client, unsigned hart) { return engine_hart(client_engine(client), hart)->pc; }

/* The breakpoint that the hart stands on. */
static enum point_type break_at(struct client *client, unsigned hart)
{
    struct eyes eyes = {client, hart};
    struct ax_view view = {&eyes, see_register, see_memory};
    return points_break_at(&client->points, pc_of(client, hart), &view);
}

static bool is_wanted(void *context, unsigned hart, uint64_t pc)
{
    (void)pc; /* the hart stands there */
    return break_at(context, hart) != POINT_TYPES;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static err_t run(struct client *client, enum direction direction, uint64_t steps, bool probes,
                 struct timeline_stop *stop)
{
    struct points *points = &client->points;
    points_arrange(points);
    struct timeline_resume resume = {
        .direction = direction,
        .steps = steps,
        /* a step leaves the breakpoint that it starts from; where it arrives is looked at afterwards */
        .breaks = points->breaks,
        .nbreaks = probes && steps > 1 ? points->nbreaks : 0,
        .watches = points->watches,
        .nwatches = probes ? points->nwatches : 0,
        .wanted = is_wanted,
        /* one step forwards is over before anybody could look */
        .interrupted = direction == FORWARDS && steps == 1 ? NULL : client_interrupted,
        .context = client,
    };
    return timeline_resume(client->timeline, &resume, stop);
}

/* Whether a step that has been made is all that was asked for. */
static bool arrived(struct client *client, const struct order *order, const struct timeline_stop *stop)
{
    if (stop->reason != STOP_STEPPED)
        return true;
    if (client_has_thread(client, order->thread) && stop->hart != (unsigned)order->thread - 1)
        return false;
    if (break_at(client, stop->hart) != POINT_TYPES)
        return true;
    uint64_t pc = pc_of(client, stop->hart);
    return pc < order->start || pc >= order->end;
}

static err_t step(struct client *client, const struct order *order, struct timeline_stop *stop)
{
    for (unsigned steps = 1;; steps++) {
        TRY(run(client, order->direction, 1, true, stop));
        if (arrived(client, order, stop))
            return err_ok();
        if (client->interrupt_life || (steps % POLL_STEPS == 1 && client_interrupted(client))) {
            stop->reason = STOP_INTERRUPTED;
            return err_ok();
        }
    }
}

static err_t follow(struct client *client, const struct order *order, struct timeline_stop *stop)
{
    if (!order->step)
        points_forget(&client->points);
    if (order->step)
        TRY(step(client, order, stop));
    else
        TRY(run(client, order->direction, UINT64_MAX, true, stop));
    TRY(watched_choose(client, order->direction, stop));
    if (stop->reason != STOP_WATCH || !client->is_lldb)
        return err_ok();
    struct timeline_stop behind;
    return run(client, order->direction, 1, false, &behind);
}

/* ---- saying where it stopped ------------------------------------------------------------------------------------- */

static void describe_break(struct client *client, unsigned hart, char *text, size_t size_bytes)
{
    static const char *const names[] = {[POINT_SOFTWARE] = "swbreak:;", [POINT_HARDWARE] = "hwbreak:;"};
    enum point_type type = break_at(client, hart);
    if (type != POINT_TYPES)
        snprintf(text, size_bytes, "%s", names[type]);
}

static void describe_watch(struct client *client, const struct timeline_stop *stop, char *text, size_t size_bytes)
{
    static const char *const names[] = {[POINT_WRITE] = "watch", [POINT_READ] = "rwatch", [POINT_ACCESS] = "awatch"};
    const struct point *point = points_watch_at(&client->points, stop->kind, stop->vaddr);
    snprintf(text, size_bytes, "%s:%llx;", point ? names[point->type] : "watch", (unsigned long long)stop->vaddr);
}

static void describe(struct client *client, const struct timeline_stop *stop, char *text, size_t size_bytes)
{
    text[0] = 0;
    if (stop->reason == STOP_STEPPED || stop->reason == STOP_BREAK)
        describe_break(client, stop->hart, text, size_bytes);
    else if (stop->reason == STOP_WATCH)
        describe_watch(client, stop, text, size_bytes);
    else if (stop->reason == STOP_BEGIN || stop->reason == STOP_END)
        snprintf(text, size_bytes, "replaylog:%s;", stop->reason == STOP_BEGIN ? "begin" : "end");
}

enum { SIGNAL_NONE = 0, SIGNAL_INT = 2, SIGNAL_TRAP = 5, SIGNAL_ABORT = 6 };

static const char *place_name(uint64_t place, char *text, size_t size_bytes)
{
    snprintf(text, size_bytes, "physical 0x%llx", (unsigned long long)place);
    return place == TIMELINE_NOWHERE ? "nothing" : text;
}

/* A watch means what its address meant when it was set. Where the address means something else, that is said, once. */
static void say_places(struct client *client)
{
    for (size_t i = 0; i < client->points.count; i++) {
        struct point *point = &client->points.list[i];
        char here[32], before[32];
        uint64_t paddr;
        if (!point->nranges || memory_in_window(point->vaddr, &paddr))
            continue;
        uint64_t place = timeline_watch_place(client->timeline, client->hart, &point->ranges[0]);
        if (place != point->place)
            client_say(client, "deja: the watched address 0x%llx is mapped to %s here, before it was to %s\n",
                       (unsigned long long)point->vaddr, place_name(place, here, sizeof here),
                       place_name(point->place, before, sizeof before));
        point->place = place;
    }
}

static void report(struct client *client, const struct timeline_stop *stop, unsigned signal)
{
    char reason[64];
    describe(client, stop, reason, sizeof reason);
    client->hart = stop->hart;
    client->general = (int64_t)stop->hart + 1;
    snprintf(client->stop, sizeof client->stop, "T%02x%sthread:%02x;", signal, reason, stop->hart + 1);
    client_say_diversion(client);
    say_places(client);
    reply_text(&client->reply, client->stop);
}

/* The recording failed us (a damaged page, a divergence): say it and stop where we stand, with a signal that ends
 * whatever loop of steps the debugger is in. */
static void report_failure(struct client *client, err_t error)
{
    char text[512];
    struct timeline_stop stop = {.reason = STOP_INTERRUPTED, .hart = client->hart};
    err_format(error, text, sizeof text);
    client_say(client, "deja: %s\n", text);
    report(client, &stop, SIGNAL_ABORT);
}

/* ---- orders ------------------------------------------------------------------------------------------------------ */

static void resume(struct client *client, const struct order *order)
{
    struct timeline_stop stop = {.reason = STOP_INTERRUPTED, .hart = client->hart};
    client_flush(client);
    err_t error = client->interrupt_life ? err_ok() : follow(client, order, &stop);
    client_rested(client);
    if (stop.reason == STOP_INTERRUPTED)
        client->interrupt_life = 0;
    if (err_is(error))
        report_failure(client, error);
    else
        report(client, &stop, stop.reason == STOP_INTERRUPTED ? SIGNAL_INT : SIGNAL_TRAP);
}

/* c and s may name an address to go on from: that is a write to pc. */
static bool jump(struct client *client, const struct request *request)
{
    unsigned hart = client_hart(client);
    if (!request->has_address || request->address == pc_of(client, hart))
        return true;
    if (request->address % 2)
        return false;
    bool diverted_before = timeline_diverted(client->timeline);
    err_t error = timeline_poke_register(client->timeline, hart, REG_PC, 0, request->address);
    client_wrote(client, diverted_before);
    return !err_is(error);
}

static void resume_forwards(struct client *client, const struct request *request, bool stepping)
{
    struct order order = {.direction = FORWARDS, .step = stepping, .thread = client->resumed};
    if (jump(client, request))
        resume(client, &order);
    else
        reply_error(&client->reply, ERROR_MALFORMED);
}

void serve_go(struct client *client, const struct request *request) { resume_forwards(client, request, false); }

void serve_step(struct client *client, const struct request *request) { resume_forwards(client, request, true); }

/* A machine takes no signals: C and S are c and s. */
void serve_go_signal(struct client *client, const struct request *request) { resume_forwards(client, request, false); }

void serve_step_signal(struct client *client, const struct request *request) { resume_forwards(client, request, true); }

void serve_go_back(struct client *client, const struct request *request)
{
    (void)request;
    resume(client, &(struct order){.direction = BACKWARDS});
}

void serve_step_back(struct client *client, const struct request *request)
{
    (void)request;
    resume(client, &(struct order){.direction = BACKWARDS, .step = true, .thread = client->resumed});
}

void serve_list_actions(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "vCont;c;C;s;S;t;r");
}

/* Harts run together, in the order that the recording has: the first action that is a step decides what is waited for,
 * and any other hart runs along. */
static const struct action *decisive(const struct action *actions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (actions[i].what == 's' || actions[i].what == 'r')
            return &actions[i];
    for (size_t i = 0; i < count; i++)
        if (actions[i].what == 'c')
            return &actions[i];
    return NULL;
}

void serve_actions(struct client *client, const struct request *request)
{
    struct action actions[ACTIONS_MAX];
    size_t count = request_actions(request, actions, ACTIONS_MAX);
    const struct action *action = decisive(actions, count);
    if (!count) {
        reply_error(&client->reply, ERROR_MALFORMED);
    } else if (!action) { /* only t: it stands already */
        struct timeline_stop stop = {.reason = STOP_INTERRUPTED, .hart = client->hart};
        report(client, &stop, SIGNAL_NONE);
    } else {
        struct order order = {FORWARDS, action->what != 'c', action->thread, action->start, action->end};
        resume(client, &order);
    }
}

void serve_why(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, client->stop);
}

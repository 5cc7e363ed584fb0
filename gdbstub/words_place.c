/* Words about where we are, and going elsewhere; see words.h. */
#include <stdio.h>
#include <string.h>

#include "registers.h"
#include "words.h"

/* ---- saying where we are ----------------------------------------------------------------------------------------- */

const char *format_vtime(vtime_t vtime, char buffer[SECONDS_BYTES])
{
    snprintf(buffer, SECONDS_BYTES, "%llu.%09llu s", (unsigned long long)(vtime.ns / 1000000000),
             (unsigned long long)(vtime.ns % 1000000000));
    return buffer;
}

void say_when(struct client *client)
{
    char mark[GROUPED_BYTES], seconds[SECONDS_BYTES], process[PROCESS_BYTES], place[PLACE_BYTES];
    struct board *board = timeline_board(client->timeline);
    unsigned hart = client_hart(client);
    const struct hart_state *state = engine_hart(board_engine(board), hart);
    bool known = word_process(client, process);
    client_say(client, "%s instructions, %s, hart %u, %s%s, pc 0x%llx%s%s%s%s\n",
               format_grouped(timeline_now(client->timeline).n, mark), format_vtime(board_vtime(board), seconds), hart,
               privilege_name(state->priv), state->waiting ? ", waiting" : "", (unsigned long long)state->pc,
               word_place(client, state->pc, place), known ? ", " : "", known ? process : "",
               timeline_diverted(client->timeline) ? ", diverted" : "");
}

/* GDB keeps registers and memory that it has read, and nothing in the protocol tells it to forget them now. LLDB does
 * so too, and has no command for it. */
static void say_moved(struct client *client)
{
    say_when(client);
    if (client->is_lldb)
        client_say(client, "deja: lldb looks again when it stops next: thread step-inst, process continue --reverse\n");
    else if (!client->scripted)
        client_say(client, "deja: gdb must look again: maintenance flush register-cache\n");
}

err_t word_when(struct client *client, const struct arguments *arguments)
{
    (void)arguments;
    say_when(client);
    return err_ok();
}

/* Searches backwards are slower until that is done. */
static void say_followed(struct client *client)
{
    size_t known, all;
    bool done = timeline_followed(client->timeline, &known, &all);
    if (all)
        client_say(client, "index of what was stored to and executed: %zu of %zu intervals%s\n", known, all,
                   done ? "" : ", going on");
}

err_t word_info(struct client *client, const struct arguments *arguments)
{
    (void)arguments;
    char end[GROUPED_BYTES];
    say_when(client);
    if (timeline_diverted(client->timeline))
        client_say(client, "a diverted timeline, without an end; the recording is unchanged\n");
    else
        client_say(client, "history from 0 to %s\n", format_grouped(timeline_end(client->timeline).n, end));
    say_followed(client);
    client_say(client, "harts: %u; gdb's addresses are %s\n", engine_nharts(client_engine(client)),
               client->physical ? "physical" : "virtual");
    return err_ok();
}

/* ---- moving ------------------------------------------------------------------------------------------------------ */

static void let_interrupt(struct client *client)
{
    timeline_set_interrupted(client->timeline, client_interrupted, client);
}

/* Whether it was broken off. */
static bool forbid_interrupt(struct client *client)
{
    timeline_set_interrupted(client->timeline, NULL, NULL);
    return client->interrupt_life || client->state != CLIENT_OPEN;
}

/* It may lie beyond the end. */
static err_t find_mark(struct client *client, const char *text, icount_t *mark, bool *broken)
{
    let_interrupt(client);
    err_t error = timeline_parse_mark(client->timeline, text, mark);
    *broken = forbid_interrupt(client);
    return error;
}

err_t word_find_mark(struct client *client, const char *text, icount_t *mark, bool *broken)
{
    TRY(find_mark(client, text, mark, broken));
    *mark = icount_min(*mark, timeline_end(client->timeline));
    return err_ok();
}

err_t word_visit(struct client *client, icount_t mark, bool *broken)
{
    let_interrupt(client);
    err_t error = timeline_seek(client->timeline, mark);
    *broken = forbid_interrupt(client);
    return error;
}

/* It stands somewhere else, and has not been stopped there by anything. */
static void come(struct client *client)
{
    client_stand(client);
    say_moved(client);
}

static err_t go(struct client *client, icount_t mark)
{
    bool broken;                /* it is where it has come to */
    client->interrupt_life = 0; /* one that came before is not meant */
    err_t error = word_visit(client, mark, &broken);
    client->interrupt_life = 0;
    TRY(error);
    come(client);
    return err_ok();
}

err_t word_move(struct client *client, icount_t mark)
{
    places_leave(&client->places, timeline_now(client->timeline));
    return go(client, mark);
}

void word_moved(struct client *client, icount_t origin)
{
    places_leave(&client->places, origin);
    client_stand(client);
    if (!client->scripted)
        say_moved(client);
}

err_t word_seek(struct client *client, const struct arguments *arguments)
{
    icount_t mark;
    bool broken;                                                      /* then the mark is how far it has come */
    err_t error = find_mark(client, arguments->text, &mark, &broken); /* it may have to be looked for */
    client->interrupt_life = 0;
    client_rested(client);
    TRY(error);
    TRY(word_move(client, mark));
    if (!broken && icount_before(timeline_end(client->timeline), mark))
        client_say(client, "deja: that is the end of the recording\n");
    return err_ok();
}

err_t word_run(struct client *client, const struct arguments *arguments)
{
    return arguments->count ? word_seek(client, arguments) : word_restart(client, arguments);
}

err_t word_back(struct client *client, const struct arguments *arguments)
{
    icount_t mark;
    (void)arguments;
    if (places_back(&client->places, timeline_now(client->timeline), &mark))
        return go(client, mark);
    client_say(client, "deja: there is no place further back; seek, last-write and the like leave one\n");
    return err_ok();
}

err_t word_forward(struct client *client, const struct arguments *arguments)
{
    icount_t mark;
    (void)arguments;
    if (places_forward(&client->places, timeline_now(client->timeline), &mark))
        return go(client, mark);
    client_say(client, "deja: there is no place further forward; back leaves one\n");
    return err_ok();
}

err_t word_recording(struct client *client, const struct arguments *arguments)
{
    (void)arguments;
    bool diverted = timeline_diverted(client->timeline);
    icount_t origin = timeline_now(client->timeline);
    TRY(timeline_undivert(client->timeline));
    client->owes_diversion = false;
    bool moved = timeline_now(client->timeline).n != origin.n;
    client_say(client, moved      ? "deja: back in the recording, where it was left\n"
                       : diverted ? "deja: back in the recording\n"
                                  : "deja: this is the recording\n");
    if (diverted)
        come(client);
    return err_ok();
}

err_t word_restart(struct client *client, const struct arguments *arguments)
{
    (void)arguments;
    TRY(timeline_undivert(client->timeline));
    client->owes_diversion = false;
    return word_move(client, icount_of(0));
}

/* ---- bookmarks --------------------------------------------------------------------------------------------------- */

err_t word_bookmark(struct client *client, const struct arguments *arguments)
{
    char mark[GROUPED_BYTES];
    TRY(timeline_bookmark(client->timeline, arguments->text));
    client_say(client, "deja: %s is %s\n", arguments->text, format_grouped(timeline_now(client->timeline).n, mark));
    return err_ok();
}

err_t word_unbookmark(struct client *client, const struct arguments *arguments)
{
    TRY(timeline_unbookmark(client->timeline, arguments->text));
    client_say(client, "deja: %s is forgotten\n", arguments->text);
    return err_ok();
}

struct listing {
    struct client *client;
    size_t count;
};

static void list_bookmark(void *context, icount_t at, const char *name)
{
    struct listing *listing = context;
    char mark[GROUPED_BYTES];
    listing->count++;
    client_say(listing->client, "%20s  %s%s\n", format_grouped(at.n, mark), name,
               timeline_now(listing->client->timeline).n == at.n ? "  (here)" : "");
}

err_t word_bookmarks(struct client *client, const struct arguments *arguments)
{
    struct listing listing = {client, 0};
    (void)arguments;
    TRY(timeline_bookmarks(client->timeline, list_bookmark, &listing));
    if (!listing.count)
        client_say(client, "deja: there are none; bookmark NAME makes one\n");
    return err_ok();
}

/* Words about what happened: to memory, at an instruction, on the console; see words.h. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "words.h"

/* A list is bounded, and says how to go on. */
enum { LIST_MOST = 20, DIFF_MOST = 32, WORD_BYTES = 8 };

/* ---- arguments ------------------------------------------------------------------------------------------------------- */

bool word_number(const char *text, uint64_t *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    size_t length = 0;
    *number = 0;
    for (const char *at = text + 2 * hex; *at; at++) {
        if (*at == ',' && length && !hex && at[1])
            continue;
        if (!strchr(digits, *at) || __builtin_mul_overflow(*number, hex ? 16 : 10, number) ||
            __builtin_add_overflow(*number, (uint64_t)hex_digit((uint8_t)*at), number))
            return false;
        length++;
    }
    return length > 0;
}

bool word_address(const char *text, uint64_t *address, bool *physical)
{
    static const char prefix[] = "phys:";
    uint64_t paddr;
    *physical = !strncmp(text, prefix, strlen(prefix));
    if (!word_number(text + (*physical ? strlen(prefix) : 0), address))
        return false;
    if (!*physical && memory_in_window(*address, &paddr)) {
        *physical = true;
        *address = paddr;
    }
    return true;
}

/* ADDR [LEN] [== VALUE] [FROM TO] */
struct question {
    const char *word; /* as it was asked */
    uint64_t address, size_bytes, value;
    bool physical, valued, bounded;
    bool broken; /* a bound was being looked for */
    icount_t from, to;
    size_t used;
};

static bool take_value(const struct arguments *arguments, struct question *question)
{
    if (question->used + 2 > arguments->count || strcmp(arguments->list[question->used], "==") != 0)
        return true;
    question->valued = word_number(arguments->list[question->used + 1], &question->value);
    question->used += 2;
    return question->valued;
}

static err_t take_bounds(struct client *client, const struct arguments *arguments, struct question *question)
{
    if (arguments->count - question->used != 2)
        return arguments->count == question->used ? err_ok() : word_usage(question->word);
    TRY(word_find_mark(client, arguments->list[question->used], &question->from, &question->broken));
    if (!question->broken)
        TRY(word_find_mark(client, arguments->list[question->used + 1], &question->to, &question->broken));
    if (!question->broken && icount_before(question->to, question->from))
        return err_detail(err_make(ERR_USAGE, "%s", question->word),
                          "TO lies before FROM; give the earlier mark first");
    question->bounded = true;
    question->used += 2;
    return err_ok();
}

/* ADDR [LEN]: what may follow comes in pairs, so there is a length when there is an even number of arguments. */
static bool take_place(const struct arguments *arguments, struct question *question)
{
    question->size_bytes = WORD_BYTES;
    if (arguments->count > WORDS_ARGUMENTS_MAX || !arguments->count ||
        !word_address(arguments->list[0], &question->address, &question->physical))
        return false;
    question->used = 1 + (arguments->count % 2 == 0);
    return question->used == 1 || word_number(arguments->list[1], &question->size_bytes);
}

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

/* -1 is ffff in two bytes. */
static bool fits(uint64_t value, uint64_t size_bytes)
{
    uint64_t above = size_bytes < WORD_BYTES ? ~UINT64_C(0) << 8 * size_bytes : 0, sign = above | above >> 1;
    return (value & above) == 0 || (value & sign) == sign;
}

static err_t ask_memory(struct client *client, const struct question *question, struct timeline_memory *memory)
{
    bool physical = question->physical || client->physical;
    if (question->valued && question->size_bytes > WORD_BYTES)
        return err_detail(err_make(ERR_USAGE, "%s", question->word), "a value has 1 to %d bytes; give a LEN",
                          WORD_BYTES);
    if (question->valued && !fits(question->value, question->size_bytes))
        return err_detail(err_make(ERR_USAGE, "%s", question->word),
                          "0x%llx is no value of %llu byte%s; give another LEN, or another value",
                          (unsigned long long)question->value, (unsigned long long)question->size_bytes,
                          plural(question->size_bytes));
    return timeline_memory_here(client->timeline, client_hart(client), question->address, question->size_bytes,
                                physical, memory);
}

/* ---- changes of memory ----------------------------------------------------------------------------------------------- */

static void say_change(struct client *client, const struct timeline_memory *memory, const struct timeline_write *write)
{
    client_say(client, "deja: %u byte%s at 0x%llx: 0x%llx -> 0x%llx", write->size_bytes, plural(write->size_bytes),
               (unsigned long long)(memory->address + write->offset), (unsigned long long)write->before,
               (unsigned long long)write->after);
}

static void say_writer(struct client *client, const struct timeline_write *write)
{
    char place[PLACE_BYTES];
    static const char *const pokes[] = {[BY_BRANCH] = "a poke of the branch", [BY_DEBUGGER] = "a poke of this session"};
    if (write->by == BY_INSTRUCTION)
        client_say(client, "pc 0x%llx%s", (unsigned long long)write->pc, word_place(client, write->pc, place));
    else
        client_say(client, "%s", pokes[write->by]);
}

static void say_found(struct client *client, const struct timeline_memory *memory, const struct timeline_write *write,
                      icount_t origin)
{
    char mark[GROUPED_BYTES], seconds[SECONDS_BYTES], far[GROUPED_BYTES];
    bool back = icount_before(write->at, origin);
    uint64_t distance = back ? origin.n - write->at.n : write->at.n - origin.n;
    say_change(client, memory, write);
    client_say(client, " at %s (%s), by ", format_grouped(write->at.n, mark), format_vtime(write->when, seconds));
    say_writer(client, write);
    client_say(client, ", %s instruction%s %s\n", format_grouped(distance, far), plural(distance),
               back || !distance ? "ago" : "ahead");
}

/* Ctrl-C is answered by this; true when it was one. */
static bool say_broken_off(struct client *client)
{
    bool interrupted = client->interrupt_life > 0;
    client->interrupt_life = 0;
    if (interrupted)
        client_say(client, "deja: broken off\n");
    return interrupted;
}

/* Back to where the word was called; says whether it was broken off. */
static err_t go_home(struct client *client, icount_t origin)
{
    TRY(timeline_seek(client->timeline, origin));
    client_rested(client);
    say_broken_off(client);
    return err_ok();
}

/* A second last-write means the one before the one that the first has come to. */
static bool is_again(const struct client *client, const struct timeline_memory *memory)
{
    return client->found.at.n == timeline_now(client->timeline).n && client->found.address == memory->address &&
           client->found.size_bytes == memory->size_bytes;
}

static err_t say_none(struct client *client, const struct question *question, enum direction direction, icount_t origin)
{
    static const char *const none[] = {
        [FORWARDS] = "is not changed any more", [BACKWARDS] = "has not been changed before"};
    TRY(timeline_seek(client->timeline, origin));
    client_rested(client);
    if (!say_broken_off(client))
        client_say(client, "deja: 0x%llx %s%s\n", (unsigned long long)question->address, none[direction],
                   question->valued ? " to this value" : "");
    return err_ok();
}

static err_t find_write(struct client *client, enum direction direction, const struct question *question)
{
    struct timeline_memory memory;
    struct timeline_write writes[CHANGERS];
    size_t count;
    icount_t origin = timeline_now(client->timeline);
    struct timeline_write_search search = {.memory = &memory,
                                           .direction = direction,
                                           .steps = UINT64_MAX,
                                           .valued = question->valued,
                                           .value = question->value,
                                           .interrupted = client_interrupted,
                                           .context = client};
    TRY(ask_memory(client, question, &memory));
    if (question->size_bytes < WORD_BYTES)
        search.value &= ((uint64_t)1 << 8 * question->size_bytes) - 1;
    bool again = direction == BACKWARDS && is_again(client, &memory);
    if (again && origin.n == 0)
        return say_none(client, question, direction, origin);
    if (again)
        TRY(timeline_seek(client->timeline, icount_of(origin.n - 1)));
    TRY(timeline_find_write(client->timeline, &search, writes, &count));
    if (!count)
        return say_none(client, question, direction, origin);
    client->found.at = writes[0].at;
    client->found.address = memory.address;
    client->found.size_bytes = memory.size_bytes;
    client_rested(client);
    for (size_t i = 0; i < count; i++)
        say_found(client, &memory, &writes[i], origin);
    word_moved(client, origin);
    return err_ok();
}

static err_t ask_write(struct client *client, const char *word, enum direction direction,
                       const struct arguments *arguments)
{
    struct question question = {.word = word};
    if (!take_place(arguments, &question) || !take_value(arguments, &question) || question.used != arguments->count)
        return word_usage(word);
    return find_write(client, direction, &question);
}

err_t word_last_write(struct client *client, const struct arguments *arguments)
{
    return ask_write(client, "last-write", BACKWARDS, arguments);
}

err_t word_next_write(struct client *client, const struct arguments *arguments)
{
    return ask_write(client, "next-write", FORWARDS, arguments);
}

/* ---- lists ------------------------------------------------------------------------------------------------------------ */

/* Visits hits from `to` back to `from`, newest first; the timeline stands where the next one is looked for. `visit`
 * finds one, says it, and leaves the timeline before it. */
struct list {
    struct client *client;
    const struct question *question;
    const struct timeline_memory *memory;
    err_t (*visit)(struct list *list, uint64_t steps, bool *found);
    bool over; /* there is nothing before what was visited last */
};

static err_t list_all(struct list *list, icount_t from, size_t *count, bool *more)
{
    bool found = true;
    for (*count = 0, *more = false; found; *count += found) {
        icount_t now = timeline_now(list->client->timeline);
        bool all = from.n == 0; /* what was poked at mark 0 too */
        *more = *count == LIST_MOST && !list->over;
        if (*more || list->over || (!all && !icount_before(from, now)))
            return err_ok();
        TRY(list->visit(list, all ? UINT64_MAX : now.n - from.n, &found));
    }
    return err_ok();
}

static void say_list_end(struct list *list, size_t count, bool more)
{
    char from[GROUPED_BYTES], to[GROUPED_BYTES];
    const struct question *question = list->question;
    struct client *client = list->client;
    if (say_broken_off(client))
        return;
    if (!count)
        client_say(client, "deja: none\n");
    if (!more)
        return;
    client_say(client, "deja: there may be more: %s %s0x%llx ", question->word, question->physical ? "phys:" : "",
               (unsigned long long)question->address);
    if (list->memory)
        client_say(client, "%llu ", (unsigned long long)question->size_bytes);
    client_say(client, "%s %s\n", format_grouped(question->from.n, from),
               format_grouped(timeline_now(client->timeline).n, to));
}

static err_t run_list(struct list *list, icount_t origin)
{
    struct client *client = list->client;
    const struct question *question = list->question;
    icount_t to = question->to;
    size_t count;
    bool more, broken = question->broken;
    if (!question->bounded)
        to = timeline_diverted(client->timeline) ? origin : timeline_end(client->timeline);
    if (!broken)
        TRY(word_visit(client, to, &broken));
    if (broken)
        return go_home(client, origin);
    TRY(list_all(list, question->from, &count, &more));
    client_rested(client);
    say_list_end(list, count, more);
    return timeline_seek(client->timeline, origin);
}

static void list_write(struct list *list, const struct timeline_write *write)
{
    struct client *client = list->client;
    char mark[GROUPED_BYTES], seconds[SECONDS_BYTES];
    client_say(client, "%18s  %s  ", format_grouped(write->at.n, mark), format_vtime(write->when, seconds));
    say_writer(client, write);
    client_say(client, "  0x%llx: 0x%llx -> 0x%llx\n", (unsigned long long)(list->memory->address + write->offset),
               (unsigned long long)write->before, (unsigned long long)write->after);
}

static err_t visit_write(struct list *list, uint64_t steps, bool *found)
{
    struct client *client = list->client;
    struct timeline_write writes[CHANGERS];
    size_t count;
    struct timeline_write_search search = {.memory = list->memory,
                                           .direction = BACKWARDS,
                                           .steps = steps,
                                           .interrupted = client_interrupted,
                                           .context = client};
    TRY(timeline_find_write(client->timeline, &search, writes, &count));
    *found = count > 0;
    if (!*found)
        return err_ok();
    client_rested(client);
    icount_t at = writes[0].at;
    while (count > 0)
        list_write(list, &writes[--count]);
    list->over = at.n == 0;
    return list->over ? err_ok() : timeline_seek(client->timeline, icount_of(at.n - 1));
}

err_t word_writes(struct client *client, const struct arguments *arguments)
{
    struct question question = {.word = "writes"};
    struct timeline_memory memory;
    struct list list = {client, &question, &memory, visit_write, false};
    icount_t origin = timeline_now(client->timeline);
    if (!take_place(arguments, &question))
        return word_usage("writes");
    TRY(ask_memory(client, &question, &memory));
    TRY(take_bounds(client, arguments, &question));
    return run_list(&list, origin);
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

static err_t reach(struct client *client, uint64_t address, uint64_t steps, struct timeline_stop *stop)
{
    struct timeline_resume resume = {.direction = BACKWARDS,
                                     .steps = steps,
                                     .breaks = &address,
                                     .nbreaks = 1,
                                     .interrupted = client_interrupted,
                                     .context = client};
    return timeline_resume(client->timeline, &resume, stop);
}

static err_t visit_call(struct list *list, uint64_t steps, bool *found)
{
    struct client *client = list->client;
    char mark[GROUPED_BYTES], seconds[SECONDS_BYTES], place[PLACE_BYTES];
    struct timeline_stop stop;
    TRY(reach(client, list->question->address, steps, &stop));
    *found = stop.reason == STOP_BREAK;
    if (!*found)
        return err_ok();
    const uint64_t *x = engine_hart(client_engine(client), stop.hart)->x;
    client_rested(client);
    client_say(client, "%18s  %s  from 0x%llx%s  (0x%llx, 0x%llx, 0x%llx, 0x%llx)\n",
               format_grouped(timeline_now(client->timeline).n, mark),
               format_vtime(board_vtime(timeline_board(client->timeline)), seconds), (unsigned long long)x[1],
               word_place(client, x[1], place), (unsigned long long)x[10], (unsigned long long)x[11],
               (unsigned long long)x[12], (unsigned long long)x[13]);
    return err_ok();
}

err_t word_calls(struct client *client, const struct arguments *arguments)
{
    struct question question = {.word = "calls"};
    struct list list = {client, &question, NULL, visit_call, false};
    icount_t origin = timeline_now(client->timeline);
    if (!take_place(arguments, &question) || question.used != 1 || question.physical)
        return word_usage("calls");
    TRY(take_bounds(client, arguments, &question));
    return run_list(&list, origin);
}

static void say_reached(struct client *client, icount_t origin)
{
    char mark[GROUPED_BYTES], seconds[SECONDS_BYTES], far[GROUPED_BYTES];
    icount_t now = timeline_now(client->timeline);
    client_say(client, "deja: at %s (%s), %s instruction%s ago\n", format_grouped(now.n, mark),
               format_vtime(board_vtime(timeline_board(client->timeline)), seconds),
               format_grouped(origin.n - now.n, far), plural(origin.n - now.n));
}

err_t word_last_call(struct client *client, const struct arguments *arguments)
{
    struct question question = {.word = "last-call"};
    struct timeline_stop stop;
    icount_t origin = timeline_now(client->timeline);
    if (!take_place(arguments, &question) || arguments->count != 1 || question.physical)
        return word_usage("last-call");
    TRY(reach(client, question.address, UINT64_MAX, &stop));
    if (stop.reason == STOP_BREAK) {
        client_rested(client);
        say_reached(client, origin);
        word_moved(client, origin);
        return err_ok();
    }
    TRY(timeline_seek(client->timeline, origin));
    client_rested(client);
    if (!say_broken_off(client))
        client_say(client, "deja: 0x%llx has not been reached before\n", (unsigned long long)question.address);
    return err_ok();
}

/* ---- the console ------------------------------------------------------------------------------------------------------ */

static err_t say_unprinted(struct client *client, const char *regex)
{
    struct timeline_text text;
    char mark[GROUPED_BYTES];
    bool found;
    TRY(timeline_find_text(client->timeline, regex, ICOUNT_MAX, true, &text, &found));
    client_rested(client);
    if (found)
        client_say(client, "deja: not before here; first at %s: seek text:%s\n", format_grouped(text.at.n, mark),
                   regex);
    else
        client_say(client, "deja: nothing on the console matches\n");
    return err_ok();
}

err_t word_output(struct client *client, const struct arguments *arguments)
{
    struct timeline_text text;
    icount_t now = timeline_now(client->timeline);
    bool found;
    TRY(timeline_find_text(client->timeline, arguments->text, now, false, &text, &found));
    if (!found)
        return say_unprinted(client, arguments->text);
    client_rested(client);
    client_say(client, "deja: \"%s\"\n", text.line);
    return word_move(client, text.at);
}

/* ---- differences ------------------------------------------------------------------------------------------------------ */

static void say_differences(struct client *client, const struct timeline_memory *memory, const uint8_t *left,
                            const uint8_t *right)
{
    size_t count = 0, size;
    for (uint64_t at = 0; at < memory->size_bytes; at += size) {
        size = memory->size_bytes - at < WORD_BYTES ? (size_t)(memory->size_bytes - at) : WORD_BYTES;
        if (!memcmp(left + at, right + at, size) || count++ >= DIFF_MOST)
            continue;
        uint64_t before = 0, after = 0;
        memcpy(&before, left + at, size);
        memcpy(&after, right + at, size);
        client_say(client, "0x%llx: 0x%llx -> 0x%llx\n", (unsigned long long)(memory->address + at),
                   (unsigned long long)before, (unsigned long long)after);
    }
    if (!count)
        client_say(client, "deja: equal\n");
    if (count > DIFF_MOST)
        client_say(client, "deja: and %zu more words of %d bytes\n", count - DIFF_MOST, WORD_BYTES);
}

static err_t look_at(struct client *client, icount_t mark, const struct timeline_memory *memory, uint8_t *bytes,
                     bool *broken)
{
    TRY(word_visit(client, mark, broken));
    timeline_look(client->timeline, memory, 0, bytes, (size_t)memory->size_bytes);
    return err_ok();
}

static err_t compare(struct client *client, const struct timeline_memory *memory, const icount_t marks[2],
                     icount_t origin)
{
    uint8_t *bytes[2] = {malloc((size_t)memory->size_bytes), malloc((size_t)memory->size_bytes)};
    bool broken = false;
    err_t error = bytes[0] && bytes[1] ? err_ok() : err_make(ERR_NO_MEMORY, "diff");
    for (size_t i = 0; i < 2 && !err_is(error) && !broken; i++)
        error = look_at(client, marks[i], memory, bytes[i], &broken);
    if (!err_is(error))
        error = go_home(client, origin);
    if (!err_is(error) && !broken)
        say_differences(client, memory, bytes[0], bytes[1]);
    free(bytes[0]);
    free(bytes[1]);
    return error;
}

/* The memory is what ADDR means here, at either mark. */
err_t word_diff(struct client *client, const struct arguments *arguments)
{
    struct question question = {.word = "diff", .size_bytes = WORD_BYTES};
    struct timeline_memory memory;
    icount_t marks[2];
    if (arguments->count < 3 || arguments->count > 4 ||
        !word_address(arguments->list[2], &question.address, &question.physical) ||
        (arguments->count == 4 && !word_number(arguments->list[3], &question.size_bytes)))
        return word_usage("diff");
    icount_t origin = timeline_now(client->timeline);
    TRY(ask_memory(client, &question, &memory));
    for (size_t i = 0; i < 2 && !question.broken; i++)
        TRY(word_find_mark(client, arguments->list[i], &marks[i], &question.broken));
    return question.broken ? go_home(client, origin) : compare(client, &memory, marks, origin);
}

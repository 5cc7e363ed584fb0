/* Text on the console: which line, by the recording's table; and which instruction, by running there and listening. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "journal_console.h"
#include "timeline.h"

/* An expression that repeats repetitions makes regcomp() take any amount of memory. */
enum { REGEX_BYTES_MOST = 200, REPEATS_MOST = 1000 };

struct text_search {
    regex_t regex;
    icount_t below; /* lines that begin at or after this do not count */
    bool first;     /* the first line counts; else the last */
    bool found;
    struct listener place; /* of what matches, counted from the mark `at` */
    icount_t at;
    struct timeline_text *text;
};

/* ---- the expression -------------------------------------------------------------------------------------------------- */

static bool modest(const char *regex)
{
    uint64_t product = 1;
    for (const char *at = strchr(regex, '{'); at; at = strchr(at + 1, '{')) {
        const char *comma = at + 1 + strspn(at + 1, "0123456789");
        uint64_t low = strtoull(at + 1, NULL, 10), high = *comma == ',' ? strtoull(comma + 1, NULL, 10) : 0;
        uint64_t most = low > high ? low : high;
        if (__builtin_mul_overflow(product, most ? most : 1, &product) || product > REPEATS_MOST)
            return false;
    }
    return strlen(regex) <= REGEX_BYTES_MOST;
}

static err_t compile(const char *regex, regex_t *compiled)
{
    char why[100] = "too long, or it repeats too much";
    int failure = modest(regex) ? regcomp(compiled, regex, REG_EXTENDED) : REG_ESPACE;
    if (!failure)
        return err_ok();
    if (modest(regex))
        regerror(failure, NULL, why, sizeof why);
    return err_detail(err_make(ERR_USAGE, "regular expression %.100s", regex),
                      "%s; give an extended one of POSIX, as for grep -E", why);
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

static void copy_printable(char *to, size_t capacity, const char *from)
{
    size_t length = 0;
    for (; from[length] && length < capacity - 1; length++)
        to[length] = (unsigned char)from[length] < ' ' ? ' ' : from[length];
    to[length] = '\0';
}

static void visit_line(void *context, const struct console_text *line)
{
    struct text_search *search = context;
    char text[CONSOLE_LINE_BYTES + 1];
    regmatch_t match;
    size_t size = line->size_bytes < CONSOLE_LINE_BYTES ? line->size_bytes : CONSOLE_LINE_BYTES;
    if ((search->first && search->found) || !icount_before(line->at, search->below))
        return;
    for (size_t i = 0; i < size; i++)
        text[i] = line->bytes[i] ? (char)line->bytes[i] : ' ';
    text[size] = '\0';
    if (regexec(&search->regex, text, 1, &match, 0))
        return;
    search->found = true;
    search->at = line->at;
    search->place = (struct listener){.port = line->port, .left = line->skipped + (uint64_t)match.rm_so};
    copy_printable(search->text->line, sizeof search->text->line, text);
}

/* ---- the instruction ------------------------------------------------------------------------------------------------- */

void listener_hear(struct listener *listener, icount_t now, unsigned port, size_t size_bytes)
{
    if (listener->heard || port != listener->port)
        return;
    listener->heard = size_bytes > listener->left;
    listener->at = now;
    listener->left -= listener->heard ? 0 : size_bytes;
}

static bool has_heard(void *context) { return ((const struct listener *)context)->heard; }

/* The part of history that is as recorded. */
static icount_t recorded_part(const struct timeline *timeline, icount_t before)
{
    return timeline->npokes ? icount_min(before, timeline->pokes[0].at) : before;
}

/* Runs from the start of the line until the byte has left. Of a line that begins before a poke it may never leave. */
static err_t listen(struct timeline *timeline, struct text_search *search, bool *broken)
{
    icount_t end = recorded_part(timeline, timeline_end(timeline));
    struct advance advance = {session_mark(end), false, "search", icount_of(0), end, has_heard, &search->place};
    enum session_stop stop;
    TRY(timeline_seek(timeline, search->at));
    timeline->listener = &search->place;
    err_t error = timeline_advance(timeline, &advance, &stop, broken);
    timeline->listener = NULL;
    search->text->at = search->place.heard ? search->place.at : ICOUNT_MAX;
    if (err_is(error) || search->place.heard || *broken || timeline_diverted(timeline))
        return error;
    return err_detail(err_make(ERR_DAMAGED, "%s", recording_name(timeline->recording)),
                      "its table console has a line that does not leave when it says");
}

static err_t search_text(struct timeline *timeline, struct text_search *search, icount_t before, bool *found)
{
    bool broken = false;
    for (*found = false; !*found; search->below = search->at) {
        search->found = false;
        TRY(recording_console(timeline->recording, visit_line, search));
        if (!search->found)
            return err_ok();
        TRY(listen(timeline, search, &broken));
        *found = icount_before(search->text->at, before);
        if (broken)
            return err_ok();
    }
    return err_ok();
}

err_t timeline_find_text(struct timeline *timeline, const char *regex, icount_t before, bool first,
                         struct timeline_text *text, bool *found)
{
    icount_t origin = timeline_now(timeline);
    before = recorded_part(timeline, before);
    struct text_search search = {.below = before, .first = first, .text = text};
    *text = (struct timeline_text){.line = ""};
    *found = false;
    TRY(compile(regex, &search.regex));
    err_t error = search_text(timeline, &search, before, found);
    regfree(&search.regex);
    err_t back = timeline_seek(timeline, origin);
    return err_is(error) ? error : back;
}

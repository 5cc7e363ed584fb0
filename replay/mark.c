#include "mark.h"

#include <ctype.h>
#include <string.h>

static const struct unit {
    const char *name;
    uint64_t ns;
} units[] = {{"h", 3600000000000}, {"min", 60000000000}, {"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};

/* What is left to read. */
struct reader {
    const char *next, *end;
};

static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->next) < length || memcmp(reader->next, word, length) != 0)
        return false;
    reader->next += length;
    return true;
}

/* Digits, with commas in thousands allowed between them; false when there is none or too many. */
static bool take_number(struct reader *reader, uint64_t *value)
{
    const char *first = reader->next;
    *value = 0;
    for (; reader->next < reader->end; reader->next++) {
        unsigned char c = (unsigned char)*reader->next;
        if (c == ',' && reader->next > first && reader->next + 1 < reader->end &&
            isdigit((unsigned char)reader->next[1]))
            continue;
        if (!isdigit(c))
            break;
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, c - '0', value))
            return false;
    }
    return reader->next > first;
}

/* The digits after a decimal point, as a fraction of `unit_ns`; what is finer than a nanosecond is cut off. */
static bool take_fraction(struct reader *reader, uint64_t unit_ns, uint64_t *ns)
{
    const char *first = reader->next;
    *ns = 0;
    for (; reader->next < reader->end && isdigit((unsigned char)*reader->next); reader->next++) {
        unit_ns /= 10;
        *ns += unit_ns * (uint64_t)(*reader->next - '0');
    }
    return reader->next > first;
}

static const struct unit *unit_at_end(const struct reader *reader)
{
    const char *name = reader->end;
    while (name > reader->next && isalpha((unsigned char)name[-1]))
        name--;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == (size_t)(reader->end - name) &&
            memcmp(units[i].name, name, strlen(units[i].name)) == 0)
            return &units[i];
    return NULL;
}

static bool parse_time(struct reader reader, struct mark *mark)
{
    const struct unit *unit = unit_at_end(&reader);
    uint64_t fraction_ns = 0;
    if (!unit || !take_number(&reader, &mark->n) || __builtin_mul_overflow(mark->n, unit->ns, &mark->n))
        return false;
    if (take_word(&reader, ".") && !take_fraction(&reader, unit->ns, &fraction_ns))
        return false;
    mark->kind = MARK_VTIME;
    return !__builtin_add_overflow(mark->n, fraction_ns, &mark->n) && take_word(&reader, unit->name) &&
           reader.next == reader.end;
}

static bool parse_count(struct reader reader, struct mark *mark)
{
    mark->kind = MARK_ICOUNT;
    return take_number(&reader, &mark->n) && reader.next == reader.end;
}

static bool parse_name(struct reader reader, struct mark *mark)
{
    *mark = (struct mark){.kind = MARK_START};
    if (take_word(&reader, "start"))
        return reader.next == reader.end;
    mark->kind = MARK_END;
    if (!take_word(&reader, "end"))
        return false;
    return reader.next == reader.end ||
           (take_word(&reader, "-") && take_number(&reader, &mark->n) && reader.next == reader.end);
}

err_t mark_parse(const char *text, struct mark *mark)
{
    struct reader reader = {text, text + strlen(text)};
    while (reader.next < reader.end && isspace((unsigned char)*reader.next))
        reader.next++;
    while (reader.end > reader.next && isspace((unsigned char)reader.end[-1]))
        reader.end--;
    if (parse_name(reader, mark) || parse_time(reader, mark) || parse_count(reader, mark))
        return err_ok();
    return err_detail(
        err_make(ERR_USAGE, "mark %.100s", text),
        "neither a mark nor a bookmark; give instructions (1,234), time (2h, 9min, 12.5s, 300ms, 40us), start, end, "
        "end-N, text:REGEX or a bookmark");
}

/* values: what an option's argument says. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool value_number(const char *text, uint64_t *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;

    if (!is_digit(text[0]))
        return false; /* strtoull would take spaces and signs */
    errno = 0;
    *number = strtoull(text, &end, hex ? 16 : 10);
    return errno == 0 && *end == '\0' && end > text;
}

/* Digits with commas between them; where they end is left in *end. */
static bool grouped(const char *text, const char **end, uint64_t *number)
{
    *number = 0;
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text) || (*text == ',' && is_digit(text[1])); text++)
        if (*text != ',' &&
            (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, *text - '0', number)))
            return false;
    *end = text;
    return true;
}

bool value_count(const char *text, uint64_t *count)
{
    static const char suffixes[] = "kMG";
    const char *end, *suffix;

    if (!grouped(text, &end, count))
        return false;
    if (*end == '\0')
        return true;
    suffix = strchr(suffixes, *end == 'K' ? 'k' : *end);
    if (suffix == NULL || end[1] != '\0')
        return false;
    for (; suffix >= suffixes; suffix--)
        if (__builtin_mul_overflow(*count, 1000, count))
            return false;
    return true;
}

/* log2 of the unit that a size's suffix names; none: MiB, as for QEMU's -m. -1: no unit. */
static int unit_shift(const char *suffix)
{
    static const char units[] = "bkmgt";
    const char *unit;

    if (*suffix == '\0')
        return 20;
    unit = strchr(units, *suffix | 0x20);
    return unit != NULL && suffix[1] == '\0' ? (int)(unit - units) * 10 : -1;
}

bool value_size(const char *text, uint64_t *size_bytes)
{
    uint64_t whole, fraction = 0, scale = 1;
    const char *end;
    int shift;

    if (strncmp(text, "size=", 5) == 0)
        text += 5;
    if (!grouped(text, &end, &whole) || memchr(text, ',', (size_t)(end - text)) != NULL)
        return false;
    if (*end == '.')
        for (end++; is_digit(*end) && scale < 1000000; end++, scale *= 10)
            fraction = fraction * 10 + (uint64_t)(*end - '0');
    shift = unit_shift(end);
    if (shift < 0 || whole > UINT64_MAX >> shift)
        return false;
    *size_bytes = (whole << shift) + (uint64_t)(((unsigned __int128)fraction << shift) / scale);
    return true;
}

bool value_range(const char *text, uint64_t *first, uint64_t *last)
{
    static const char *const between[] = {"..", "+", "-"};
    char start[24];
    for (unsigned n = 0; n < 3; n++) {
        const char *sign = strstr(text, between[n]);
        uint64_t size_bytes;
        if (!sign || (size_t)(sign - text) >= sizeof start)
            continue;
        memcpy(start, text, (size_t)(sign - text));
        start[sign - text] = '\0';
        if (!value_number(start, first) || !value_number(sign + strlen(between[n]), &size_bytes))
            return false;
        *last = n == 0 ? size_bytes : *first + (size_bytes - 1);
        if (n == 2) {
            *last = *first;
            *first -= size_bytes - 1;
        }
        return *first <= *last && (n == 0 || size_bytes > 0);
    }
    return false;
}

bool value_choice(const char *words, const char *text, uint64_t *which)
{
    size_t length = strlen(text);

    for (*which = 0; words != NULL; (*which)++) {
        size_t word_length = strcspn(words, "|");
        if (word_length == length && memcmp(words, text, length) == 0)
            return true;
        words = words[word_length] == '|' ? words + word_length + 1 : NULL;
    }
    return false;
}

/* Compares our disassembler with objdump: reads a listing (objdump -d -z -M no-aliases) of RISC-V code.
 *
 *     objdump ... | compare
 *
 * Equal text, or a difference is printed; but an instruction of an extension that this machine does not have
 * (foreign.def) is an unknown word to us. Exit status 0: no difference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

enum { LINE_BYTES = 512, SHOWN_MOST = 40 };

struct counts {
    unsigned long same, data, foreign, reserved, different;
};

/* "     1a:\t8082                \tc.jr\tra # comment" */
struct line {
    uint64_t pc;
    uint32_t raw;
    unsigned length;
    char text[LINE_BYTES];
};

static bool parse(const char *line, struct line *result)
{
    char *end, digits[16];
    result->pc = strtoull(line, &end, 16);
    if (end == line || end[0] != ':' || end[1] != '\t')
        return false;
    if (sscanf(end + 2, "%15[0-9a-f]", digits) != 1 || (strlen(digits) != 4 && strlen(digits) != 8))
        return false;
    result->raw = (uint32_t)strtoul(digits, NULL, 16);
    result->length = (unsigned)strlen(digits) / 2;
    const char *text = strchr(end + 2, '\t');
    if (!text)
        return false;
    strcpy(result->text, text + 1);
    return true;
}

/* Without comment, symbol and blanks at the end; branch targets with 0x. */
static void tidy(char *text)
{
    static const char *const ends[] = {"\n", " #", " <"};
    for (size_t n = 0; n < sizeof ends / sizeof ends[0]; n++) {
        char *end = strstr(text, ends[n]);
        if (end)
            *end = 0;
    }
    size_t length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = 0;
}

/* How objdump writes what it does not know: .4byte, or .insn since 2.41. */
static bool is_data(const char *text)
{
    static const char *const names[] = {".2byte", ".4byte", ".short", ".word", ".insn"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        if (strncmp(text, names[n], strlen(names[n])) == 0)
            return true;
    return false;
}

static bool is_foreign(const char *text)
{
    static const char *const names[] = {
#define FOREIGN(name) #name,
#include "foreign.def"
#undef FOREIGN
    };
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        size_t length = strlen(names[n]);
        if (strncmp(text, names[n], length) == 0 && (text[length] == '\t' || text[length] == '.' || !text[length]))
            return true;
    }
    return false;
}

/* objdump writes a target in a section as 1f0, we as 0x1f0. */
static bool same_text(const char *theirs, const char *ours)
{
    if (strcmp(theirs, ours) == 0)
        return true;
    const char *prefix = strstr(ours, "0x");
    size_t before = prefix ? (size_t)(prefix - ours) : 0;
    return prefix && strncmp(theirs, ours, before) == 0 && strcmp(theirs + before, prefix + 2) == 0;
}

/* Fences "must ignore" their reserved fields (unprivileged specification, 2.7 and 6); of a conversion that never rounds
 * the mode means nothing. */
static bool has_reserved_field(uint32_t raw)
{
    static const struct {
        uint32_t match, mask;
    } rows[] = {
        {0x0000000f, 0x0000707f}, {0x0000100f, 0x0000707f}, {0xd2000053, 0xfff0007f}, {0xd2100053, 0xfff0007f},
        {0x42000053, 0xfff0007f}, {0x42200053, 0xfff0007f}, {0x40200053, 0xfff0007f},
    };
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)
        if ((raw & rows[n].mask) == rows[n].match)
            return true;
    return false;
}

/* Newer releases of objdump have names for more CSRs. Those of this machine all of them know. */
static bool same_but_for_csr(const struct line *line, const char *ours)
{
    static const char pieces[] = "%[^\t]\t%[^,],%[^,],%s";
    char a[4][LINE_BYTES], b[4][LINE_BYTES];
    size_t count;
    const struct csr_info *infos = engine_csrs(&count);
    for (size_t n = 0; n < count; n++)
        if (infos[n].number == line->raw >> 20)
            return false;
    return (line->raw & 0x7f) == 0x73 && sscanf(line->text, pieces, a[0], a[1], a[2], a[3]) == 4 &&
           sscanf(ours, pieces, b[0], b[1], b[2], b[3]) == 4 && strcmp(a[0], b[0]) == 0 && strcmp(a[1], b[1]) == 0 &&
           strcmp(a[3], b[3]) == 0 && (a[2][0] == '0' || b[2][0] == '0');
}

static void compare(const struct line *line, struct counts *counts)
{
    char ours[LINE_BYTES];
    unsigned length = engine_disassemble(line->raw, line->pc, ours, sizeof ours);
    bool we_know = !is_data(ours), they_know = !is_data(line->text);
    if (length == line->length && !we_know && !they_know)
        counts->data++;
    else if (length == line->length && !we_know && is_foreign(line->text))
        counts->foreign++;
    else if (length == line->length && we_know && they_know &&
             (same_text(line->text, ours) || same_but_for_csr(line, ours)))
        counts->same++;
    else if (length == line->length && we_know && !they_know && has_reserved_field(line->raw))
        counts->reserved++;
    else if (counts->different++ < SHOWN_MOST)
        printf("%8llx: %0*x  objdump: %s  deja: %s\n", (unsigned long long)line->pc, (int)line->length * 2, line->raw,
               line->text, ours);
}

int main(void)
{
    char text[LINE_BYTES];
    struct line line;
    struct counts counts = {0};
    while (fgets(text, sizeof text, stdin)) {
        if (!parse(text, &line))
            continue;
        tidy(line.text);
        compare(&line, &counts);
    }
    printf("%lu equal, %lu unknown to both, %lu of extensions that we do not have, %lu with reserved fields, %lu "
           "different\n",
           counts.same, counts.data, counts.foreign, counts.reserved, counts.different);
    return counts.different || !counts.same;
}

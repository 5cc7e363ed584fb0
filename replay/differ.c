#include "differ.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the words of memory that differ so many are shown; the rest is counted. */
enum { WORDS_SHOWN = 8, PLACE_BYTES = 60 };

void pen_line(const struct pen *pen, const char *format, ...)
{
    char text[DIFFER_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pen->line(pen->context, text);
}

static void row(const struct pen *pen, const char *place, uint64_t a, uint64_t b)
{
    pen_line(pen, "  %-28s  0x%-18" PRIx64 "  0x%" PRIx64, place, a, b);
}

/* ---- fields ------------------------------------------------------------------------------------------------------- */

/* " (a0)" for an integer or floating-point register of a hart. */
static void add_alias(const struct state_difference *difference, char *text, size_t size_bytes)
{
    bool registers = strcmp(difference->part, "hart") == 0 && difference->is_array && difference->element < 32;
    if (registers && strcmp(difference->field, "x") == 0)
        snprintf(text, size_bytes, " (%s)", engine_x_name(difference->element));
    else if (registers && strcmp(difference->field, "f") == 0)
        snprintf(text, size_bytes, " (%s)", engine_f_name(difference->element));
}

static void tell_field(void *context, const struct state_difference *difference)
{
    char place[PLACE_BYTES], element[16] = "", alias[16] = "";
    if (difference->is_array)
        snprintf(element, sizeof element, "[%u]", difference->element);
    add_alias(difference, alias, sizeof alias);
    snprintf(place, sizeof place, "%.16s %u %.20s%s%s", difference->part, difference->index, difference->field, element,
             alias);
    row(context, place, difference->a, difference->b);
}

static err_t tell_fields(const struct differ_side *a, const struct differ_side *b, const struct pen *pen)
{
    size_t size_bytes = state_size(a->parts, a->nparts);
    uint8_t *bytes = malloc(2 * size_bytes);
    if (!bytes)
        return err_make(ERR_NO_MEMORY, "what differs");
    state_encode(a->parts, a->nparts, bytes);
    state_encode(b->parts, b->nparts, bytes + size_bytes);
    (void)state_diff(a->parts, a->nparts, bytes, size_bytes, bytes + size_bytes, size_bytes, tell_field, (void *)pen);
    free(bytes);
    return err_ok();
}

/* ---- memory ------------------------------------------------------------------------------------------------------- */

static uint64_t word_at(const struct ram *ram, uint64_t offset)
{
    uint64_t word;
    memcpy(&word, ram->bytes + offset, sizeof word);
    return word;
}

static void tell_word(const struct differ_side *a, const struct differ_side *b, uint64_t offset, const struct pen *pen)
{
    char place[PLACE_BYTES];
    snprintf(place, sizeof place, "memory 0x%" PRIx64, a->ram->base + offset);
    row(pen, place, word_at(a->ram, offset), word_at(b->ram, offset));
}

static void tell_memory(const struct differ_side *a, const struct differ_side *b, const struct pen *pen)
{
    uint64_t words = 0;
    for (uint64_t page = 0; page < a->ram->size_bytes; page += PAGE_BYTES) {
        if (memcmp(a->ram->bytes + page, b->ram->bytes + page, PAGE_BYTES) == 0)
            continue;
        for (uint64_t at = page; at < page + PAGE_BYTES; at += sizeof(uint64_t))
            if (word_at(a->ram, at) != word_at(b->ram, at) && words++ < WORDS_SHOWN)
                tell_word(a, b, at, pen);
    }
    if (words > WORDS_SHOWN)
        pen_line(pen, "  and %" PRIu64 " more words of memory", words - WORDS_SHOWN);
}

err_t differ_tell(const struct differ_side *a, const struct differ_side *b, const struct pen *pen)
{
    pen_line(pen, "  %-28s  %-20s  %s", "", a->name, b->name);
    TRY(tell_fields(a, b, pen));
    tell_memory(a, b, pen);
    return err_ok();
}

/* ---- instructions --------------------------------------------------------------------------------------------------- */

static bool fetch(const struct engine *engine, unsigned hart, uint64_t pc, uint32_t *raw)
{
    uint64_t paddr, high;
    uint16_t halves[2] = {0, 0};
    bool there = engine_translate(engine, hart, pc, &paddr) && engine_ram_load(engine, paddr, &halves[0], 2);
    if (there && insn_length(halves[0]) == 4) /* the second half may be in another page */
        there = engine_translate(engine, hart, pc + 2, &high) && engine_ram_load(engine, high, &halves[1], 2);
    *raw = halves[0] | (uint32_t)halves[1] << 16;
    return there;
}

void differ_words(const struct engine *engine, unsigned hart, uint64_t pc, char *text, size_t size_bytes)
{
    uint32_t raw;
    if (fetch(engine, hart, pc, &raw))
        engine_disassemble(raw, pc, text, size_bytes);
    else
        snprintf(text, size_bytes, "(not in memory)");
}

void differ_insn(const struct engine *engine, unsigned hart, uint64_t pc, char text[DIFFER_LINE_BYTES])
{
    char words[80], hex[12] = "";
    uint32_t raw;
    if (fetch(engine, hart, pc, &raw))
        snprintf(hex, sizeof hex, insn_length((uint16_t)raw) == 4 ? "%08" PRIx32 : "%04" PRIx32, raw);
    differ_words(engine, hart, pc, words, sizeof words);
    snprintf(text, DIFFER_LINE_BYTES, "0x%016" PRIx64 "  %-8s  %s", pc, hex, words);
}

/* .debug_frame: DWARF 4, 6.4. Made from the functions' code (unwind.h) and the entry code (saves.h), so that gdb need
 * not guess where frames are, nor where what was interrupted is.
 */
#include "cfi.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "entry.h"
#include "saves.h"
#include "unwind.h"

enum {
    DW_CFA_advance_loc = 0x40,
    DW_CFA_offset = 0x80,
    DW_CFA_restore = 0xc0,
    DW_CFA_nop = 0x00,
    DW_CFA_advance_loc1 = 0x02,
    DW_CFA_advance_loc2 = 0x03,
    DW_CFA_same_value = 0x08,
    DW_CFA_undefined = 0x07,
    DW_CFA_register = 0x09,
    DW_CFA_def_cfa = 0x0c,
    DW_CFA_expression = 0x10,
    DW_OP_breg0 = 0x70,
};

/* DWARF's numbers of registers (RISC-V ELF psABI): x0 to x31, CSRs from 4096 on. At PC, which is no register, is noted
 * where the entry code goes back to: that need not be in ra. */
enum { REGISTERS = 32, PC = 64, CSRS = 4096, CSR_SSCRATCH = 0x140, CSR_SEPC = 0x141 };

enum { CODE_ALIGN = 2, DATA_ALIGN = -8, PIECE_BYTES_MOST = 512 };

/* Where an FDE, from its start on, says how much code it is about. */
enum { RANGE_AT = 16 };

/* Two CIEs: of functions, and of the entry code, which interrupts what has not called it. */
enum { OF_FUNCTIONS, OF_ENTRY, CIES };
static const char *const augmentations[CIES] = {"", "zS"};

struct writer {
    const struct guest_symbols *symbols;
    const struct guest_image *image;
    struct unwinder *unwinder;
    struct saves *saves;
    uint8_t *bytes;
    size_t at, capacity;
    size_t start; /* of the entry being written */
    size_t cies[CIES];
    size_t advanced_to; /* the place in the function that has been reached */
    struct unwind_rule said;
    uint64_t gone_start, gone_end; /* what runs at start-up only */
    size_t saving, framing;        /* functions that save ra; that have a frame pointer as well */
    bool full;                     /* no memory */
};

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static void put(struct writer *writer, uint64_t value, unsigned width)
{
    if (writer->at + width > writer->capacity) {
        size_t capacity = 2 * writer->capacity + PIECE_BYTES_MOST;
        uint8_t *bytes = writer->full ? NULL : realloc(writer->bytes, capacity);
        writer->full = bytes == NULL;
        if (bytes == NULL)
            return;
        writer->bytes = bytes;
        writer->capacity = capacity;
    }
    for (; width > 0; width--, value >>= 8)
        writer->bytes[writer->at++] = (uint8_t)value;
}

/* In the place of what has been put there. */
static void put_over(struct writer *writer, size_t at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width && !writer->full; i++)
        writer->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void put_uleb(struct writer *writer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put(writer, (value & 0x7f) | 0x80, 1);
    put(writer, value, 1);
}

static void put_sleb(struct writer *writer, int64_t value)
{
    for (; value < -0x40 || value >= 0x40; value >>= 7)
        put(writer, ((uint64_t)value & 0x7f) | 0x80, 1);
    put(writer, (uint64_t)value & 0x7f, 1);
}

/* An entry: its length is written when it is known. */
static void begin(struct writer *writer)
{
    writer->start = writer->at;
    put(writer, 0, 4);
}

static void end(struct writer *writer)
{
    while (writer->at % 8 != 0 && !writer->full)
        put(writer, DW_CFA_nop, 1);
    put_over(writer, writer->start, writer->at - writer->start - 4, 4);
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

static void put_cie(struct writer *writer, unsigned which)
{
    writer->cies[which] = writer->at;
    begin(writer);
    put(writer, UINT32_MAX, 4);
    put(writer, 1, 1); /* version */
    for (const char *c = augmentations[which]; *c != '\0'; c++)
        put(writer, (uint8_t)*c, 1);
    put(writer, 0, 1);
    put_uleb(writer, CODE_ALIGN);
    put_sleb(writer, DATA_ALIGN);
    put(writer, which == OF_ENTRY ? PC : RA, 1);
    if (augmentations[which][0] != '\0')
        put_uleb(writer, 0); /* bytes of further augmentation */
    put(writer, DW_CFA_def_cfa, 1);
    put_uleb(writer, SP);
    put_uleb(writer, 0);
    end(writer);
}

static void begin_fde(struct writer *writer, unsigned which, uint64_t vaddr, uint64_t size_bytes)
{
    begin(writer);
    put(writer, writer->cies[which], 4);
    put(writer, vaddr, 8);
    put(writer, size_bytes, 8);
    if (augmentations[which][0] != '\0')
        put_uleb(writer, 0);
    writer->advanced_to = 0;
}

static void advance(struct writer *writer, size_t offset)
{
    size_t delta = (offset - writer->advanced_to) / CODE_ALIGN;
    writer->advanced_to = offset;
    if (delta == 0)
        return;
    if (delta < DW_CFA_advance_loc) {
        put(writer, DW_CFA_advance_loc | delta, 1);
    } else {
        unsigned width = delta <= UINT8_MAX ? 1 : 2; /* a function is looked at as far as that reaches */
        put(writer, width == 1 ? DW_CFA_advance_loc1 : DW_CFA_advance_loc2, 1);
        put(writer, delta, width);
    }
}

/* ---- functions ----------------------------------------------------------------------------------------------------- */

static bool known(const struct unwind_rule *rule)
{
    return rule->fp != UNWIND_UNKNOWN ? rule->fp >= 0 : rule->sp != UNWIND_UNKNOWN && rule->sp >= 0;
}

static void put_beginning(struct writer *writer, const struct unwind_rule *rule)
{
    bool by_fp = rule->fp != UNWIND_UNKNOWN;
    put(writer, DW_CFA_def_cfa, 1);
    put_uleb(writer, by_fp ? FP : SP);
    put_uleb(writer, (uint64_t)(by_fp ? rule->fp : rule->sp));
}

static bool same_beginning(const struct unwind_rule *a, const struct unwind_rule *b)
{
    return a->fp == b->fp && (a->fp != UNWIND_UNKNOWN || a->sp == b->sp);
}

/* What has changed since the rule that was said last. */
static void put_rule(struct writer *writer, size_t offset, const struct unwind_rule *rule)
{
    const struct unwind_rule *said = &writer->said;
    if (same_beginning(rule, said) && memcmp(rule->saved, said->saved, sizeof rule->saved) == 0)
        return;
    advance(writer, offset);
    if (!same_beginning(rule, said))
        put_beginning(writer, rule);
    for (unsigned i = 0; i < UNWIND_REGISTERS; i++) {
        if (rule->saved[i] == said->saved[i])
            continue;
        put(writer, (rule->saved[i] != 0 ? DW_CFA_offset : DW_CFA_restore) | unwind_register(i), 1);
        if (rule->saved[i] != 0)
            put_uleb(writer, (uint64_t)(rule->saved[i] / -DATA_ALIGN));
    }
    writer->said = *rule;
}

/* Up to where the beginning of the frame is not known any more: gdb looks for itself from there on. */
static void put_function(struct writer *writer, uint64_t vaddr, const uint8_t *code, size_t size_bytes)
{
    struct unwinder *unwinder = writer->unwinder;
    size_t size = size_bytes < UNWIND_BYTES_MOST ? size_bytes : UNWIND_BYTES_MOST;
    bool saves = false, frames = false;

    begin_fde(writer, OF_FUNCTIONS, vaddr, size);
    writer->said = (struct unwind_rule){.fp = UNWIND_UNKNOWN};
    unwind_begin(unwinder, code, size);
    while (unwind_step(unwinder)) {
        if (!unwind_changed(unwinder))
            continue;
        saves |= unwind_rule(unwinder)->saved[UNWIND_RA] != 0;
        frames |= unwind_rule(unwinder)->fp != UNWIND_UNKNOWN;
        if (!known(unwind_rule(unwinder))) {
            put_over(writer, writer->start + RANGE_AT, unwind_at(unwinder), 8);
            break;
        }
        put_rule(writer, unwind_at(unwinder), unwind_rule(unwinder));
    }
    end(writer);
    writer->saving += saves;
    writer->framing += saves && frames;
}

/* What runs at start-up only is gone when symbols are looked for, and other things may be in its place. In a kernel
 * with frame pointers it has them as well, and its frames are as the convention has them (psABI, "Frame Pointer
 * Convention"). */
static void put_gone(struct writer *writer, uint64_t vaddr, size_t size_bytes)
{
    struct unwind_rule rule = {.saved = {[UNWIND_RA] = 8, [UNWIND_S0] = 16}};

    if (writer->framing < writer->saving / 2 || writer->framing == 0)
        return;
    begin_fde(writer, OF_FUNCTIONS, vaddr, size_bytes);
    writer->said = (struct unwind_rule){.fp = UNWIND_UNKNOWN};
    put_rule(writer, CODE_ALIGN, &rule);
    end(writer);
}

/* What nothing has called: a thread begins there. */
static void put_outermost(struct writer *writer, uint64_t vaddr, size_t size_bytes)
{
    begin_fde(writer, OF_FUNCTIONS, vaddr, size_bytes);
    put(writer, DW_CFA_undefined, 1);
    put_uleb(writer, RA);
    end(writer);
}

/* ---- the entry code ------------------------------------------------------------------------------------------------ */

/* Where DWARF has a register of what was interrupted. */
static void put_place(struct writer *writer, unsigned index, struct place place)
{
    unsigned x = index == SAVES_PC ? PC : index;
    switch (place.kind) {
    case PLACE_MEMORY:
        put(writer, DW_CFA_expression, 1);
        put_uleb(writer, x);
        put_uleb(writer, place.offset >= -0x40 && place.offset < 0x40 ? 2 : 3); /* bytes of what follows */
        put(writer, DW_OP_breg0 + place.base, 1);
        put_sleb(writer, place.offset);
        break;
    case PLACE_NOWHERE:
        put(writer, DW_CFA_undefined, 1);
        put_uleb(writer, x);
        break;
    default:
        put(writer, place.base == x ? DW_CFA_same_value : DW_CFA_register, 1);
        put_uleb(writer, x);
        if (place.base != x)
            put_uleb(writer, place.kind == PLACE_REGISTER ? place.base
                             : place.kind == PLACE_SEPC   ? CSRS + CSR_SEPC
                                                          : CSRS + CSR_SSCRATCH);
        break;
    }
}

/* The frame is told from others by where the registers are, once they are, rather than by the sp of what was
 * interrupted: sigreturn and exec replace the registers. */
static void put_frame(struct writer *writer, bool done)
{
    put(writer, DW_CFA_def_cfa, 1);
    put_uleb(writer, SP);
    put_uleb(writer, done ? 8 * REGISTERS : 0);
}

static bool same_place(struct place a, struct place b)
{
    return a.kind == b.kind && a.base == b.base && a.offset == b.offset;
}

/* What has changed since the instruction before; in the beginning, everything. */
static void put_changes(struct writer *writer, bool first, bool *done, struct place places[SAVES_REGISTERS])
{
    bool done_now = saves_done(writer->saves);
    if (first || *done != done_now) {
        advance(writer, unwind_at(writer->unwinder));
        put_frame(writer, done_now);
    }
    *done = done_now;
    for (unsigned i = 1; i < SAVES_REGISTERS; i++) {
        struct place place = saves_place(writer->saves, i);
        if (!first && same_place(place, places[i]))
            continue;
        advance(writer, unwind_at(writer->unwinder));
        put_place(writer, i, place);
        places[i] = place;
    }
}

static void put_entry(struct writer *writer, uint64_t vaddr, const uint8_t *code, size_t size_bytes, bool saved)
{
    struct place places[SAVES_REGISTERS];
    bool first = true, done = false;

    begin_fde(writer, OF_ENTRY, vaddr, size_bytes);
    saves_begin(writer->saves, code, size_bytes, saved);
    do {
        put_changes(writer, first, &done, places);
        first = false;
    } while (saves_step(writer->saves));
    end(writer);
}

/* ---- all together -------------------------------------------------------------------------------------------------- */

static bool is_gone(const struct writer *writer, uint64_t vaddr)
{
    return vaddr >= writer->gone_start && vaddr < writer->gone_end;
}

static bool holds(const struct guest_image *image, uint64_t vaddr, uint64_t size_bytes)
{
    uint64_t offset = vaddr - image->vaddr;
    return offset < image->size_bytes && size_bytes <= image->size_bytes - offset;
}

static void put_code(struct writer *writer, uint64_t vaddr, size_t size_bytes, enum entry_kind kind)
{
    const uint8_t *code = writer->image->bytes + (vaddr - writer->image->vaddr);
    if (kind == ENTRY_NONE)
        put_function(writer, vaddr, code, size_bytes);
    else
        put_entry(writer, vaddr, code, size_bytes, kind == ENTRY_HAS_SAVED);
}

static void put_symbol(struct writer *writer, size_t first, size_t next, bool gone)
{
    const struct guest_symbol *rows = writer->symbols->rows;
    uint64_t vaddr = rows[first].vaddr, size = (rows[next].vaddr - vaddr) & ~UINT64_C(1);
    enum entry_kind kind = entry_kind(writer->symbols, first);
    if (!guest_symbol_is_code(writer->symbols, first) || vaddr % 2 != 0 || size == 0 ||
        gone != (kind == ENTRY_NONE && is_gone(writer, vaddr)))
        return;
    if (gone)
        put_gone(writer, vaddr, size);
    else if (kind == ENTRY_OUTERMOST)
        put_outermost(writer, vaddr, size);
    else if (holds(writer->image, vaddr, size))
        put_code(writer, vaddr, size, kind);
}

static void put_symbols(struct writer *writer, bool gone)
{
    const struct guest_symbols *symbols = writer->symbols;
    for (size_t first = 0, next; first < symbols->count && !writer->full; first = next) {
        for (next = first + 1; next < symbols->count && symbols->rows[next].vaddr == symbols->rows[first].vaddr; next++)
            ;
        if (next < symbols->count)
            put_symbol(writer, first, next, gone);
    }
}

/* What is gone comes last: how the others do it is known then. */
static void put_all(struct writer *writer)
{
    if (!guest_symbols_find(writer->symbols, "_sinittext", &writer->gone_start) ||
        !guest_symbols_find(writer->symbols, "_einittext", &writer->gone_end))
        writer->gone_end = 0;
    for (unsigned which = 0; which < CIES; which++)
        put_cie(writer, which);
    put_symbols(writer, false);
    put_symbols(writer, true);
}

err_t cfi_make(const struct guest_symbols *symbols, const struct guest_image *image, uint8_t **bytes,
               size_t *size_bytes)
{
    struct writer writer = {.symbols = symbols, .image = image, .unwinder = unwinder_new()};

    writer.saves = saves_new(writer.unwinder);
    writer.full = writer.unwinder == NULL || writer.saves == NULL;
    put_all(&writer);
    saves_free(writer.saves);
    unwinder_free(writer.unwinder);
    if (writer.full) {
        free(writer.bytes);
        return err_make(ERR_NO_MEMORY, "kernel symbols");
    }
    *bytes = writer.bytes;
    *size_bytes = writer.at;
    return err_ok();
}

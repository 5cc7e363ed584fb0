/* kallsyms: the symbol table that a Linux kernel carries in its image, found by its structure.
 *
 * scripts/kallsyms.c of the kernel's sources writes these, each aligned to 8 bytes (to 4 from 7.0 on):
 *
 *     num_syms      how many; 4 bytes (8 up to 4.19)
 *     names         per symbol a length (7 bits, and 8 more when its top bit is set: 6.1) and so many tokens
 *     markers       offset into names of every 256th symbol; 4 bytes each (8 up to 4.19)
 *     token_table   256 strings; a name is the concatenation of its tokens, behind one letter for the type
 *     token_index   offset into token_table of each; 2 bytes each
 *     addresses     in one of the forms below, ascending
 *     seqs_of_names 3 bytes per symbol (from 6.2 on): the order of the names, which is not needed here
 *
 * 6.4 moved the addresses and seqs_of_names from the front, and from before token_table, to the end.
 *
 * The search begins at token_index, which nothing else looks like, and goes to its neighbours from there. All of it
 * together costs at most `fuel` steps, so that memory that was made to look like many tables holds nobody up.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum {
    TOKENS = 256,
    TOKEN_BYTES_MAX = 512,
    NAME_BYTES_MAX = 2 + 512, /* KSYM_NAME_LEN, and the length before it */
    NAME_BYTES_MIN = 2,
    MARKED = 256, /* symbols per marker */
    MARKERS_MIN = 3,
    SYMBOLS_MAX = 1 << 22,
    ALL_NAMES_BYTES_MAX = 1 << 27,
    SEQ_BYTES = 3,
    ALIGN_MOST = 8,
    ALIGN_LEAST = 4,
};

#define FUEL UINT64_C(0x10000000)

struct finder {
    const uint8_t *bytes;
    size_t size_bytes;
    uint64_t vaddr, anchor;
    uint64_t fuel;
    size_t align;                 /* what is tried: ALIGN_MOST or ALIGN_LEAST */
    uint16_t token_bytes[TOKENS]; /* lengths of the token strings */

    /* offsets of what has been found so far */
    size_t token_index, token_table, markers, names;
    unsigned marker_bytes;
    uint32_t nmarkers, count;
    size_t expanded_bytes; /* of all names, types left out and ends included */
};

static size_t aligned(const struct finder *finder, size_t at)
{
    return (at + finder->align - 1) & ~(finder->align - 1);
}

static bool holds(const struct finder *finder, size_t at, size_t size_bytes)
{
    return at <= finder->size_bytes && size_bytes <= finder->size_bytes - at;
}

/* False when there is no fuel left for `steps`. */
static bool spend(struct finder *finder, uint64_t steps)
{
    bool enough = finder->fuel >= steps;
    finder->fuel = enough ? finder->fuel - steps : 0;
    return enough;
}

static bool all_zero(const struct finder *finder, size_t at, size_t end)
{
    while (at < end && finder->bytes[at] == 0)
        at++;
    return at >= end;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static unsigned token_offset(const struct finder *finder, unsigned token)
{
    return bytes_u16(finder->bytes + finder->token_index + 2 * (size_t)token);
}

/* Cheap enough to be asked everywhere: do the first four offsets ascend from 0? */
static bool may_be_index(const uint8_t *bytes)
{
    uint64_t four = bytes_u64(bytes);
    unsigned one = four >> 16 & 0xffff, two = four >> 32 & 0xffff, three = four >> 48;
    return (four & 0xffff) == 0 && one != 0 && one < two && two < three && three <= 3 * TOKEN_BYTES_MAX;
}

static bool is_index(const struct finder *finder)
{
    for (unsigned token = 1; token < TOKENS; token++) {
        unsigned step = token_offset(finder, token) - token_offset(finder, token - 1);
        if (step == 0 || step > TOKEN_BYTES_MAX)
            return false;
    }
    return true;
}

/* One string without blanks, as long as the index says; *length_bytes is set. */
static bool is_token(struct finder *finder, unsigned token)
{
    size_t at = finder->token_table + token_offset(finder, token), start = at;
    size_t end = token + 1 < TOKENS ? finder->token_table + token_offset(finder, token + 1) : finder->token_index;
    while (at < end && finder->bytes[at] > ' ' && finder->bytes[at] < 0x7f)
        at++;
    finder->token_bytes[token] = (uint16_t)(at - start);
    if (at >= end || finder->bytes[at] != 0)
        return false;
    return token + 1 < TOKENS ? at + 1 == end : end - at <= ALIGN_MOST && all_zero(finder, at, end);
}

static bool is_token_table(struct finder *finder)
{
    for (unsigned token = 0; token < TOKENS; token++)
        if (!is_token(finder, token))
            return false;
    return true;
}

/* The table ends, with its padding, where the index begins; only the length of the last string is not known. */
static bool find_token_table(struct finder *finder)
{
    size_t last = token_offset(finder, TOKENS - 1);
    size_t least = (last + ALIGN_LEAST) & ~(size_t)(ALIGN_LEAST - 1);
    for (size_t size = least; size <= last + TOKEN_BYTES_MAX + ALIGN_MOST; size += ALIGN_LEAST) {
        if (size > finder->token_index || !spend(finder, TOKENS))
            return false;
        finder->token_table = finder->token_index - size;
        if (is_token_table(finder))
            return true;
    }
    return false;
}

/* The next token_index from `at` on, with its table; false when there is none. */
static bool find_tokens(struct finder *finder, size_t at)
{
    for (; holds(finder, at, 2 * TOKENS); at += ALIGN_LEAST) {
        if (!may_be_index(finder->bytes + at))
            continue;
        if (!spend(finder, TOKENS))
            return false;
        finder->token_index = at;
        if (is_index(finder) && find_token_table(finder))
            return true;
    }
    return false;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static uint64_t marker(const struct finder *finder, size_t index)
{
    const uint8_t *at = finder->bytes + finder->markers + index * finder->marker_bytes;
    return finder->marker_bytes == 4 ? bytes_u32(at) : bytes_u64(at);
}

/* Reads the length at *at and moves there to the tokens; false when the name would reach beyond `end`. */
static bool read_length(const struct finder *finder, size_t *at, size_t end, unsigned *tokens)
{
    if (*at >= end)
        return false;
    *tokens = finder->bytes[(*at)++];
    if (*tokens & 0x80) {
        if (*at >= end)
            return false;
        *tokens = (*tokens & 0x7f) | (unsigned)finder->bytes[(*at)++] << 7;
    }
    return *tokens != 0 && *tokens <= end - *at;
}

/* Passes over names from offset `at` on; 0 when they are none. */
static size_t pass_names(struct finder *finder, size_t at, uint32_t names)
{
    unsigned tokens;
    if (!spend(finder, names))
        return 0;
    while (names-- > 0) {
        if (!read_length(finder, &at, finder->markers, &tokens))
            return 0;
        at += tokens;
    }
    return at;
}

/* The names behind the last marker end at the markers. */
static bool last_names_fit(struct finder *finder)
{
    uint64_t last = marker(finder, finder->nmarkers - 1);
    if (last >= finder->markers - finder->names)
        return false;
    size_t end = pass_names(finder, finder->names + last, finder->count - MARKED * (finder->nmarkers - 1));
    return end != 0 && finder->markers - end < finder->align && all_zero(finder, end, finder->markers);
}

/* What a name expands to, the type's letter left out and the end of the string included; 0: it is no name. */
static size_t expanded(const struct finder *finder, const uint8_t *tokens, unsigned ntokens)
{
    size_t length = 0;
    for (unsigned i = 0; i < ntokens; i++)
        length += finder->token_bytes[tokens[i]];
    return length >= 2 ? length : 0;
}

/* Every marker says where its symbol is, and every name is one. */
static bool all_names_fit(struct finder *finder)
{
    size_t at = finder->names, size;
    unsigned tokens;

    finder->expanded_bytes = 0;
    for (uint32_t i = 0; i < finder->count; i++) {
        if (i % MARKED == 0 && (at - finder->names != marker(finder, i / MARKED) || !spend(finder, 8 * MARKED)))
            return false;
        if (!read_length(finder, &at, finder->markers, &tokens) ||
            (size = expanded(finder, finder->bytes + at, tokens)) == 0)
            return false;
        finder->expanded_bytes += size;
        if (finder->expanded_bytes > ALL_NAMES_BYTES_MAX)
            return false;
        at += tokens;
    }
    return true;
}

static uint32_t markers_for(uint32_t count) { return (count + MARKED - 1) / MARKED; }

/* What stands before names that begin at `at`. */
static uint64_t number_before(const struct finder *finder, size_t at)
{
    const uint8_t *number = finder->bytes + at - finder->align;
    return finder->align == ALIGN_MOST ? bytes_u64(number) : bytes_u32(number);
}

/* Looks for the place where names begin, with their number before them. `exact` is that number when it is known. */
static bool find_names(struct finder *finder, uint32_t exact)
{
    uint64_t last = marker(finder, finder->nmarkers - 1);
    size_t align = finder->align;
    if (last > finder->markers)
        return false;
    size_t most = (size_t)last + MARKED * NAME_BYTES_MAX + align;
    size_t low = most < finder->markers ? finder->markers - most : 0;
    for (size_t at = (finder->markers - (size_t)last) & ~(align - 1); at >= low + align; at -= align) {
        uint64_t count = number_before(finder, at);
        if (!spend(finder, 1))
            return false;
        if (count > SYMBOLS_MAX || markers_for((uint32_t)count) != finder->nmarkers || (exact != 0 && count != exact))
            continue;
        finder->names = at;
        finder->count = (uint32_t)count;
        if (last_names_fit(finder) && all_names_fit(finder))
            return true;
    }
    return false;
}

/* ---- markers ----------------------------------------------------------------------------------------------------- */

static bool is_step(uint64_t from, uint64_t to)
{
    return to > from && to - from >= MARKED * NAME_BYTES_MIN && to - from <= MARKED * NAME_BYTES_MAX;
}

/* Whether MARKERS_MIN markers of this width begin at finder->markers. */
static bool may_be_markers(struct finder *finder, unsigned width)
{
    finder->marker_bytes = width;
    if (marker(finder, 0) != 0)
        return false;
    for (unsigned i = 1; i < MARKERS_MIN; i++)
        if (!is_step(marker(finder, i - 1), marker(finder, i)))
            return false;
    return true;
}

static bool find_names_of(struct finder *finder, uint32_t nmarkers, uint32_t exact)
{
    finder->nmarkers = nmarkers;
    return nmarkers >= MARKERS_MIN && find_names(finder, exact);
}

/* Between the markers and the token table are at most seqs_of_names: that gives the number of markers. */
static bool markers_fit(struct finder *finder)
{
    size_t space = finder->token_table - finder->markers, width = finder->marker_bytes;
    for (size_t n = space / width; n > 0 && aligned(finder, n * width) == space; n--)
        if (find_names_of(finder, (uint32_t)n, 0))
            return true;
    size_t guess = space * MARKED / (MARKED * SEQ_BYTES + width);
    for (size_t count = guess > ALIGN_MOST ? guess - ALIGN_MOST : 1;
         count <= guess + ALIGN_MOST && count <= SYMBOLS_MAX; count++) {
        uint32_t n = markers_for((uint32_t)count);
        if (aligned(finder, n * width) + aligned(finder, count * SEQ_BYTES) == space &&
            find_names_of(finder, n, (uint32_t)count))
            return true;
    }
    return false;
}

static bool find_markers(struct finder *finder)
{
    size_t most = (size_t)SYMBOLS_MAX * (SEQ_BYTES + 1),
           low = finder->token_table > most ? finder->token_table - most : 0;
    size_t at = finder->token_table & ~(finder->align - 1);
    while (at >= low + 2 * finder->align && spend(finder, 1)) {
        finder->markers = at -= finder->align;
        for (unsigned width = 4; width <= 8; width += 4)
            if (may_be_markers(finder, width) && markers_fit(finder))
                return true;
    }
    return false;
}

/* ---- addresses --------------------------------------------------------------------------------------------------- */

/* On riscv64 there has been no other: offsets that may be negative (CONFIG_KALLSYMS_ABSOLUTE_PERCPU) are x86's. */
enum meaning {
    ABSOLUTE, /* the address itself */
    RELATIVE, /* to relative_base, which lies behind; unsigned (CONFIG_KALLSYMS_BASE_RELATIVE) */
    PLACED,   /* to the offset's own place; signed */
};

static const struct form {
    bool in_front; /* before num_syms; else behind token_index */
    uint8_t width;
    enum meaning meaning;
} forms[] = {
    {false, 4, RELATIVE}, /* from 6.4 on */
    {true, 4, RELATIVE},  /* 4.6 to 6.3 */
    {false, 4, PLACED},   /* from 7.0 on */
    {true, 8, ABSOLUTE},  /* to 6.3, as configured */
    {false, 8, ABSOLUTE}, /* 6.4 to 6.14, as configured */
};

/* The addresses in one form, wherever the tables that have been found say that they would be. */
struct addresses {
    const struct form *form;
    size_t at;
    uint64_t base;
};

static uint64_t address(const struct finder *finder, const struct addresses *addresses, size_t index)
{
    size_t at = addresses->at + index * addresses->form->width;
    if (addresses->form->meaning == ABSOLUTE)
        return bytes_u64(finder->bytes + at);
    uint32_t offset = bytes_u32(finder->bytes + at);
    if (addresses->form->meaning == RELATIVE)
        return addresses->base + offset;
    return finder->vaddr + at + (uint64_t)(int64_t)(int32_t)offset;
}

static bool place(const struct finder *finder, const struct form *form, struct addresses *addresses)
{
    size_t table = aligned(finder, (size_t)finder->count * form->width);
    size_t base = form->meaning == RELATIVE ? sizeof(uint64_t) : 0, front = finder->names - finder->align;
    *addresses = (struct addresses){.form = form, .at = finder->token_index + 2 * TOKENS};
    if (form->in_front) {
        if (front < table + base)
            return false;
        addresses->at = front - table - base;
    }
    if (!holds(finder, addresses->at, table + base))
        return false;
    if (base != 0)
        addresses->base = bytes_u64(finder->bytes + addresses->at + table);
    return true;
}

/* They ascend, and the trap handler is among them. */
static bool addresses_fit(struct finder *finder, const struct addresses *addresses)
{
    uint64_t last = address(finder, addresses, 0);
    if (last > finder->anchor || !spend(finder, finder->count))
        return false;
    for (size_t i = 1; i < finder->count; i++) {
        uint64_t next = address(finder, addresses, i);
        if (next < last)
            return false;
        last = next;
    }
    return last > finder->anchor;
}

static bool find_addresses(struct finder *finder, struct addresses *addresses)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (place(finder, &forms[i], addresses) && addresses_fit(finder, addresses))
            return true;
    return false;
}

/* Everything around the tokens that have been found; *tables when all but the addresses is there. */
static bool find_tables(struct finder *finder, struct addresses *addresses, bool *tables)
{
    for (finder->align = ALIGN_MOST; finder->align >= ALIGN_LEAST; finder->align /= 2) {
        if (!find_markers(finder))
            continue;
        if (find_addresses(finder, addresses))
            return true;
        *tables = true;
    }
    return false;
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

/* Expands one name to `text`; the letter in front is the type. Returns behind its end. */
static char *expand(const struct finder *finder, const uint8_t *tokens, unsigned ntokens, char *text, char *type)
{
    bool named = false; /* the letter has been taken off */
    for (unsigned i = 0; i < ntokens; i++) {
        const uint8_t *token = finder->bytes + finder->token_table + token_offset(finder, tokens[i]);
        size_t length = finder->token_bytes[tokens[i]], skip = !named && length > 0;
        if (skip)
            *type = (char)token[0];
        named |= skip;
        memcpy(text, token + skip, length - skip);
        text += length - skip;
    }
    *text = '\0';
    return text + 1;
}

static void fill(const struct finder *finder, const struct addresses *addresses, struct guest_symbols *symbols)
{
    size_t at = finder->names;
    char *text = symbols->names;
    unsigned tokens = 0;

    for (size_t i = 0; i < symbols->count; i++) {
        struct guest_symbol *row = &symbols->rows[i];
        check(read_length(finder, &at, finder->markers, &tokens));
        row->vaddr = address(finder, addresses, i);
        row->name = (uint32_t)(text - symbols->names);
        text = expand(finder, finder->bytes + at, tokens, text, &row->type);
        at += tokens;
    }
    check(text == symbols->names + symbols->names_bytes);
}

static err_t make(const struct finder *finder, const struct addresses *addresses, struct guest_symbols *symbols)
{
    symbols->count = finder->count;
    symbols->names_bytes = finder->expanded_bytes;
    symbols->rows = calloc(symbols->count, sizeof *symbols->rows);
    symbols->names = malloc(symbols->names_bytes);
    if (symbols->rows == NULL || symbols->names == NULL) {
        guest_symbols_free(symbols);
        return err_make(ERR_NO_MEMORY, "kernel symbols");
    }
    fill(finder, addresses, symbols);
    return err_ok();
}

err_t guest_symbols_read(const struct guest_image *image, struct guest_symbols *symbols)
{
    struct finder finder = {.bytes = image->bytes,
                            .size_bytes = image->size_bytes,
                            .vaddr = image->vaddr,
                            .anchor = image->anchor,
                            .fuel = FUEL};
    struct addresses addresses;
    bool tables = false;

    *symbols = (struct guest_symbols){0};
    for (size_t at = 0; find_tokens(&finder, at); at = finder.token_index + ALIGN_LEAST)
        if (find_tables(&finder, &addresses, &tables))
            return make(&finder, &addresses, symbols);
    return err_detail(err_make(ERR_UNAVAILABLE, "kernel symbols"), "%s",
                      tables
                          ? "the kernel's table of them has addresses in a form that is not known; give gdb its vmlinux"
                          : "the kernel carries no table of them (CONFIG_KALLSYMS); give gdb its vmlinux");
}

/* Symbols as an ELF without contents: what gdb takes for names, and how to unwind (cfi.h). System V ABI, chapter 4;
 * RISC-V ELF psABI.
 *
 * A symbol must be in a section, or gdb does not believe that it is code. Sections are made where the addresses change
 * between code and data; they occupy no bytes of the file (SHT_NOBITS).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfi.h"

enum {
    EHDR_BYTES = 64,
    SHDR_BYTES = 64,
    SYM_BYTES = 24,
    TYPE_EXEC = 2,
    MACHINE_RISCV = 243,
    FLAG_RVC = 1,
    SHT_PROGBITS = 1,
    SHT_SYMTAB = 2,
    SHT_STRTAB = 3,
    SHT_NOBITS = 8,
    SHF_WRITE = 1,
    SHF_ALLOC = 2,
    SHF_EXEC = 4,
    SHN_ABS = 0xfff1,
    STB_GLOBAL = 1,
    STB_WEAK = 2,
    STT_OBJECT = 1,
    STT_FUNC = 2,
    SECTIONS_MAX = 64, /* of code and data: a kernel has about four */
    SECTION_NAME_BYTES = 16,
};

struct section {
    uint64_t start, end;
    bool code;
};

struct writer {
    const struct guest_symbols *symbols;
    struct section sections[SECTIONS_MAX];
    size_t nsections;
    uint32_t locals;
    uint8_t *frames; /* .debug_frame */
    size_t frames_bytes;
    uint8_t *bytes;
    size_t at, size_bytes;
};

static void put(struct writer *writer, uint64_t value, unsigned width)
{
    check(width <= writer->size_bytes - writer->at);
    for (; width > 0; width--, value >>= 8)
        writer->bytes[writer->at++] = (uint8_t)value;
}

static void put_bytes(struct writer *writer, const void *bytes, size_t size_bytes)
{
    check(size_bytes <= writer->size_bytes - writer->at);
    memcpy(writer->bytes + writer->at, bytes, size_bytes);
    writer->at += size_bytes;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static bool is_absolute(const struct guest_symbol *symbol) { return symbol->type == 'a' || symbol->type == 'A'; }

/* A section reaches to the next one, the last to the end of a page. */
static void find_sections(struct writer *writer)
{
    const struct guest_symbols *symbols = writer->symbols;
    struct section *section = NULL;

    for (size_t i = 0; i < symbols->count; i++) {
        uint64_t vaddr = symbols->rows[i].vaddr;
        bool code = guest_symbol_is_code(symbols, i);
        if (is_absolute(&symbols->rows[i]))
            continue;
        if (section == NULL || (section->code != code && writer->nsections < SECTIONS_MAX)) {
            if (section != NULL)
                section->end = vaddr;
            section = &writer->sections[writer->nsections++];
            *section = (struct section){.start = vaddr, .code = code};
        }
        section->end = (vaddr | (PAGE_BYTES - 1)) + 1;
    }
}

/* nth: 0 is the null section, then ours (.text, .data, .text2, ...), then those of last[]. */
static void name_section(const struct writer *writer, size_t nth, char name[SECTION_NAME_BYTES])
{
    static const char *const last[] = {".symtab", ".strtab", ".debug_frame", ".shstrtab"};
    memset(name, 0, SECTION_NAME_BYTES);
    if (nth > writer->nsections)
        snprintf(name, SECTION_NAME_BYTES, "%s", last[nth - writer->nsections - 1]);
    else if (nth > 0)
        snprintf(name, SECTION_NAME_BYTES, nth > 2 ? "%s%u" : "%s", writer->sections[nth - 1].code ? ".text" : ".data",
                 (unsigned)(nth - 1) / 2 + 1);
}

static size_t count_sections(const struct writer *writer) { return writer->nsections + 5; }

/* In the order of Elf64_Shdr. */
static void put_section(struct writer *writer, size_t nth, uint32_t type, uint64_t flags, uint64_t vaddr,
                        uint64_t offset, uint64_t size, uint32_t link, uint32_t info, uint64_t entry_bytes)
{
    put(writer, nth * SECTION_NAME_BYTES, 4);
    put(writer, type, 4);
    put(writer, flags, 8);
    put(writer, vaddr, 8);
    put(writer, offset, 8);
    put(writer, size, 8);
    put(writer, link, 4);
    put(writer, info, 4);
    put(writer, type == SHT_SYMTAB ? 8 : 1, 8);
    put(writer, entry_bytes, 8);
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

static bool is_weak(const struct guest_symbol *symbol) { return strchr("wWvV", symbol->type) != NULL; }

/* A small letter, as nm prints it. */
static bool is_local(const struct guest_symbol *symbol)
{
    return !is_weak(symbol) && symbol->type >= 'a' && symbol->type <= 'z';
}

static unsigned binding(const struct guest_symbol *symbol)
{
    return is_weak(symbol) ? STB_WEAK : is_local(symbol) ? 0 : STB_GLOBAL;
}

static void put_symbol(struct writer *writer, size_t index, unsigned section, uint64_t size)
{
    const struct guest_symbol *symbol = &writer->symbols->rows[index];
    unsigned type = guest_symbol_is_code(writer->symbols, index) ? STT_FUNC : STT_OBJECT;

    put(writer, symbol->name + 1, 4); /* names begin behind an empty one */
    put(writer, binding(symbol) << 4 | (is_absolute(symbol) ? 0 : type), 1);
    put(writer, 0, 1);
    put(writer, is_absolute(symbol) ? SHN_ABS : section, 2);
    put(writer, symbol->vaddr, 8);
    put(writer, size, 8);
}

/* A symbol ends where the next one begins, the last of a section with it. Of those at one address gdb takes one that
 * has a size. Local ones stand first. */
static void put_symbols(struct writer *writer, bool local)
{
    const struct guest_symbols *symbols = writer->symbols;
    size_t section = 0, next = 0; /* next: the first symbol behind this one's address */

    for (size_t i = 0; i < symbols->count; i++) {
        const struct guest_symbol *symbol = &symbols->rows[i];
        while (section + 1 < writer->nsections && writer->sections[section + 1].start <= symbol->vaddr)
            section++;
        for (next = next > i ? next : i; next < symbols->count && symbols->rows[next].vaddr == symbol->vaddr; next++)
            ;
        uint64_t end = next < symbols->count ? symbols->rows[next].vaddr : writer->sections[section].end;
        bool sized = !is_absolute(symbol) && !guest_symbol_is_border(symbols, i);
        if (is_local(symbol) == local)
            put_symbol(writer, i, (unsigned)section + 1, sized ? end - symbol->vaddr : 0);
    }
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void put_header(struct writer *writer)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */, 1};

    put_bytes(writer, ident, sizeof ident);
    put(writer, TYPE_EXEC, 2);
    put(writer, MACHINE_RISCV, 2);
    put(writer, 1, 4);                         /* version */
    put(writer, writer->sections[0].start, 8); /* entry: a kernel is entered where it begins */
    put(writer, 0, 8);                         /* no program headers */
    put(writer, EHDR_BYTES, 8);                /* section headers */
    put(writer, FLAG_RVC, 4);
    put(writer, EHDR_BYTES, 2);
    put(writer, 0, 4);
    put(writer, SHDR_BYTES, 2);
    put(writer, count_sections(writer), 2);
    put(writer, count_sections(writer) - 1, 2); /* their names */
}

/* Behind the headers: .symtab, .strtab, .debug_frame, .shstrtab. */
static void put_sections(struct writer *writer)
{
    size_t n = writer->nsections, symtab = EHDR_BYTES + count_sections(writer) * SHDR_BYTES;
    size_t symtab_bytes = (writer->symbols->count + 1) * SYM_BYTES, strtab_bytes = writer->symbols->names_bytes + 1;

    put_section(writer, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (size_t i = 0; i < n; i++) {
        const struct section *section = &writer->sections[i];
        put_section(writer, i + 1, SHT_NOBITS, SHF_ALLOC | (section->code ? SHF_EXEC : SHF_WRITE), section->start,
                    symtab, section->end - section->start, 0, 0, 0);
    }
    put_section(writer, n + 1, SHT_SYMTAB, 0, 0, symtab, symtab_bytes, (uint32_t)n + 2, writer->locals + 1, SYM_BYTES);
    put_section(writer, n + 2, SHT_STRTAB, 0, 0, symtab + symtab_bytes, strtab_bytes, 0, 0, 0);
    put_section(writer, n + 3, SHT_PROGBITS, 0, 0, symtab + symtab_bytes + strtab_bytes, writer->frames_bytes, 0, 0, 0);
    put_section(writer, n + 4, SHT_STRTAB, 0, 0, symtab + symtab_bytes + strtab_bytes + writer->frames_bytes,
                count_sections(writer) * SECTION_NAME_BYTES, 0, 0, 0);
}

static void put_contents(struct writer *writer)
{
    char name[SECTION_NAME_BYTES];

    put(writer, 0, 8); /* the null symbol */
    put(writer, 0, 8);
    put(writer, 0, 8);
    put_symbols(writer, true);
    put_symbols(writer, false);
    put(writer, 0, 1);
    put_bytes(writer, writer->symbols->names, writer->symbols->names_bytes);
    put_bytes(writer, writer->frames, writer->frames_bytes);
    for (size_t nth = 0; nth < count_sections(writer); nth++) {
        name_section(writer, nth, name);
        put_bytes(writer, name, sizeof name);
    }
}

static err_t make(struct writer *writer, uint8_t **bytes, size_t *size_bytes)
{
    const struct guest_symbols *symbols = writer->symbols;

    find_sections(writer);
    for (size_t i = 0; i < symbols->count; i++)
        writer->locals += is_local(&symbols->rows[i]);
    writer->size_bytes = EHDR_BYTES + count_sections(writer) * (SHDR_BYTES + SECTION_NAME_BYTES) +
                         (symbols->count + 1) * SYM_BYTES + symbols->names_bytes + 1 + writer->frames_bytes;
    writer->bytes = malloc(writer->size_bytes);
    if (writer->bytes == NULL)
        return err_make(ERR_NO_MEMORY, "kernel symbols");
    put_header(writer);
    put_sections(writer);
    put_contents(writer);
    check(writer->at == writer->size_bytes);
    *bytes = writer->bytes;
    *size_bytes = writer->size_bytes;
    return err_ok();
}

err_t guest_symbols_elf(const struct guest_symbols *symbols, const struct guest_image *image, uint8_t **bytes,
                        size_t *size_bytes)
{
    struct writer writer = {.symbols = symbols};

    TRY(cfi_make(symbols, image, &writer.frames, &writer.frames_bytes));
    err_t error = make(&writer, bytes, size_bytes);
    free(writer.frames);
    return error;
}

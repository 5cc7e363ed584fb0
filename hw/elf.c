#include "elf.h"

#include <string.h>

/* Offsets and values of System V ABI's Elf64_Ehdr, Elf64_Phdr, Elf64_Shdr and Elf64_Sym. */
enum {
    EHDR_BYTES = 64,
    EI_CLASS = 4,
    EI_DATA = 5,
    E_TYPE = 16,
    E_MACHINE = 18,
    E_ENTRY = 24,
    E_PHOFF = 32,
    E_SHOFF = 40,
    E_PHENTSIZE = 54,
    E_PHNUM = 56,
    E_SHENTSIZE = 58,
    E_SHNUM = 60,
    CLASS_64 = 2,
    DATA_LITTLE = 1,
    TYPE_EXEC = 2,
    TYPE_DYN = 3,
    MACHINE_RISCV = 243,
    NUMBER_ELSEWHERE = 0xffff, /* PN_XNUM */

    PHDR_BYTES = 56,
    P_OFFSET = 8,
    P_VADDR = 16,
    P_PADDR = 24,
    P_FILESZ = 32,
    P_MEMSZ = 40,
    PT_LOAD = 1,
    PT_INTERP = 3,

    SHDR_BYTES = 64,
    SH_TYPE = 4,
    SH_OFFSET = 24,
    SH_SIZE = 32,
    SH_LINK = 40,
    SHT_SYMTAB = 2,
    SHT_STRTAB = 3,

    SYM_BYTES = 24,
    ST_SHNDX = 6,
    ST_VALUE = 8,
};

static uint64_t little(const uint8_t *bytes, unsigned size_bytes)
{
    uint64_t value = 0;
    for (unsigned i = size_bytes; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static uint16_t half(const uint8_t *bytes) { return (uint16_t)little(bytes, 2); }
static uint32_t word(const uint8_t *bytes) { return (uint32_t)little(bytes, 4); }
static uint64_t dword(const uint8_t *bytes) { return little(bytes, 8); }

static err_t bad(const struct image *image) { return err_make(ERR_BAD_IMAGE, "%s", image->name); }

static bool inside(const struct image *image, uint64_t offset, uint64_t size_bytes)
{
    return offset <= image->size_bytes && size_bytes <= image->size_bytes - offset;
}

/* `count` entries of `entry_bytes` at `offset`; count is 16 bits wide, so the product does not overflow. */
static bool table_inside(const struct image *image, uint64_t offset, unsigned count, unsigned entry_bytes)
{
    return inside(image, offset, (uint64_t)count * entry_bytes);
}

bool elf_is(const uint8_t *bytes, size_t size_bytes) { return size_bytes >= 4 && memcmp(bytes, "\177ELF", 4) == 0; }

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {{3, "i386"}, {20, "PowerPC"}, {40, "Arm"}, {62, "x86-64"}, {183, "AArch64"}, {258, "LoongArch"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].machine == machine)
            return names[i].name;
    return "another machine";
}

static err_t read_header(const struct image *image)
{
    const uint8_t *header = image->bytes;
    if (image->size_bytes < EHDR_BYTES)
        return err_detail(bad(image), "truncated ELF header; fetch or build the file again");
    unsigned machine = half(header + E_MACHINE), type = half(header + E_TYPE);
    if (machine != MACHINE_RISCV)
        return err_detail(bad(image), "an ELF for %s; give one for riscv64", machine_name(machine));
    if (header[EI_CLASS] != CLASS_64)
        return err_detail(bad(image), "a 32-bit ELF; build it for rv64");
    if (header[EI_DATA] != DATA_LITTLE)
        return err_detail(bad(image), "a big-endian ELF; build it little-endian");
    if (type != TYPE_EXEC && type != TYPE_DYN)
        return err_detail(bad(image), "an ELF of type %u, not a program; link it", type);
    if (half(header + E_PHENTSIZE) != PHDR_BYTES || half(header + E_PHNUM) == NUMBER_ELSEWHERE ||
        !table_inside(image, dword(header + E_PHOFF), half(header + E_PHNUM), PHDR_BYTES))
        return err_detail(bad(image), "its ELF program headers lie outside the file; fetch or build it again");
    return err_ok();
}

static bool file_bytes_meet(const struct elf_segment *a, const struct elf_segment *b)
{
    return a->paddr < b->paddr + b->file_bytes && b->paddr < a->paddr + a->file_bytes;
}

static err_t read_segment(const struct image *image, const uint8_t *header, struct elf *elf)
{
    uint64_t offset = dword(header + P_OFFSET);
    struct elf_segment segment = {
        .vaddr = dword(header + P_VADDR),
        .paddr = dword(header + P_PADDR),
        .file_bytes = dword(header + P_FILESZ),
        .memory_bytes = dword(header + P_MEMSZ),
        .has_headers = offset == 0,
    };
    if (segment.memory_bytes == 0 && segment.file_bytes == 0)
        return err_ok();
    if (elf->nsegments == ELF_SEGMENTS_MAX)
        return err_detail(bad(image), "more than %d ELF segments; link it into fewer", ELF_SEGMENTS_MAX);
    if (!inside(image, offset, segment.file_bytes))
        return err_detail(bad(image), "ELF segment at 0x%llx is cut off; fetch or build the file again",
                          (unsigned long long)segment.paddr);
    if (segment.file_bytes > segment.memory_bytes || segment.memory_bytes > UINT64_MAX - segment.paddr ||
        segment.memory_bytes > UINT64_MAX - segment.vaddr)
        return err_detail(bad(image), "ELF segment at 0x%llx has an impossible size; build the file again",
                          (unsigned long long)segment.paddr);
    segment.bytes = image->bytes + offset;
    for (size_t i = 0; i < elf->nsegments; i++)
        if (file_bytes_meet(&segment, &elf->segments[i]))
            return err_detail(bad(image), "ELF segments at 0x%llx and 0x%llx overlap; mend its linker script",
                              (unsigned long long)elf->segments[i].paddr, (unsigned long long)segment.paddr);
    elf->segments[elf->nsegments++] = segment;
    return err_ok();
}

static err_t read_segments(const struct image *image, struct elf *elf)
{
    const uint8_t *headers = image->bytes + dword(image->bytes + E_PHOFF);
    for (unsigned i = 0; i < half(image->bytes + E_PHNUM); i++) {
        const uint8_t *header = headers + (size_t)i * PHDR_BYTES;
        if (word(header) == PT_INTERP)
            return err_detail(bad(image), "an ELF that wants a dynamic linker; link it with -static");
        if (word(header) == PT_LOAD)
            TRY(read_segment(image, header, elf));
    }
    if (elf->nsegments == 0)
        return err_detail(bad(image), "an ELF with nothing to load; link it as a program");
    return err_ok();
}

/* Addresses in an ELF are virtual; before the guest turns on its MMU only physical ones mean anything. */
static bool to_physical(const struct elf *elf, uint64_t vaddr, uint64_t *paddr)
{
    for (size_t i = 0; i < elf->nsegments; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if (vaddr - segment->vaddr < segment->memory_bytes) {
            *paddr = vaddr - segment->vaddr + segment->paddr;
            return true;
        }
    }
    return false;
}

static err_t read_entry(const struct image *image, struct elf *elf)
{
    uint64_t entry = dword(image->bytes + E_ENTRY);
    if (entry & 1 || !to_physical(elf, entry, &elf->entry))
        return err_detail(bad(image), "its ELF entry 0x%llx is in no segment; name the entry when linking",
                          (unsigned long long)entry);
    return err_ok();
}

/* Remembers the symbol table; `header` is its section header. */
static bool read_symbol_table(const struct image *image, const uint8_t *sections, unsigned nsections,
                              const uint8_t *header, struct elf *elf)
{
    unsigned link = word(header + SH_LINK);
    if (link >= nsections || !inside(image, dword(header + SH_OFFSET), dword(header + SH_SIZE)))
        return false;
    const uint8_t *names = sections + (size_t)link * SHDR_BYTES;
    if (word(names + SH_TYPE) != SHT_STRTAB || !inside(image, dword(names + SH_OFFSET), dword(names + SH_SIZE)))
        return false;
    elf->symbols = image->bytes + dword(header + SH_OFFSET);
    elf->nsymbols = dword(header + SH_SIZE) / SYM_BYTES;
    elf->names = image->bytes + dword(names + SH_OFFSET);
    elf->names_bytes = dword(names + SH_SIZE);
    return true;
}

/* Sections come last in a file: when they are cut off, so is the rest of a download. A stripped file has none. */
static err_t read_symbols(const struct image *image, struct elf *elf)
{
    const uint8_t *header = image->bytes;
    unsigned nsections = half(header + E_SHNUM);
    if (nsections == 0 || dword(header + E_SHOFF) == 0)
        return err_ok();
    if (half(header + E_SHENTSIZE) != SHDR_BYTES ||
        !table_inside(image, dword(header + E_SHOFF), nsections, SHDR_BYTES))
        return err_detail(bad(image), "its ELF section headers are cut off; fetch or build the file again");
    const uint8_t *sections = header + dword(header + E_SHOFF);
    for (unsigned i = 0; i < nsections; i++) {
        const uint8_t *section = sections + (size_t)i * SHDR_BYTES;
        if (word(section + SH_TYPE) != SHT_SYMTAB)
            continue;
        if (!read_symbol_table(image, sections, nsections, section, elf))
            return err_detail(bad(image), "its ELF symbol table is damaged; build it again or strip it");
        break;
    }
    return err_ok();
}

err_t elf_open(const struct image *image, struct elf *elf)
{
    check(elf_is(image->bytes, image->size_bytes));
    *elf = (struct elf){0};
    TRY(read_header(image));
    elf->movable = half(image->bytes + E_TYPE) == TYPE_DYN;
    TRY(read_segments(image, elf));
    TRY(read_entry(image, elf));
    return read_symbols(image, elf);
}

uint64_t elf_start(const struct elf *elf)
{
    uint64_t start = UINT64_MAX;
    for (size_t i = 0; i < elf->nsegments; i++)
        if (elf->segments[i].paddr < start)
            start = elf->segments[i].paddr;
    return start;
}

uint64_t elf_end(const struct elf *elf)
{
    uint64_t end = 0;
    for (size_t i = 0; i < elf->nsegments; i++)
        if (elf->segments[i].paddr + elf->segments[i].memory_bytes > end)
            end = elf->segments[i].paddr + elf->segments[i].memory_bytes;
    return end;
}

bool elf_move(struct elf *elf, uint64_t start)
{
    uint64_t from = elf_start(elf) & ~(uint64_t)(PAGE_BYTES - 1);
    if (elf_end(elf) - from > UINT64_MAX - start)
        return false;
    for (size_t i = 0; i < elf->nsegments; i++)
        elf->segments[i].paddr += start - from;
    elf->entry += start - from;
    return true;
}

static bool has_name(const struct elf *elf, const uint8_t *symbol, const char *name, size_t name_bytes)
{
    uint64_t at = word(symbol);
    return at < elf->names_bytes && name_bytes <= elf->names_bytes - at &&
           memcmp(elf->names + at, name, name_bytes) == 0;
}

bool elf_symbol(const struct elf *elf, const char *name, uint64_t *paddr)
{
    size_t name_bytes = strlen(name) + 1;
    for (uint64_t i = 0; i < elf->nsymbols; i++) {
        const uint8_t *symbol = elf->symbols + i * SYM_BYTES;
        if (half(symbol + ST_SHNDX) != 0 && has_name(elf, symbol, name, name_bytes))
            return to_physical(elf, dword(symbol + ST_VALUE), paddr);
    }
    return false;
}

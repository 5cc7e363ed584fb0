#include "loader.h"

#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "fdt.h"
#include "program.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum { SPANS_MAX = 2 * ELF_SEGMENTS_MAX + 2 };

/* A range of RAM that something occupies. */
struct span {
    const char *name;
    uint64_t start, end;
};

/* What is being put where. */
struct load {
    const struct board_config *config;
    struct engine *engine;
    uint64_t ram_start, ram_end;
    struct placement *placement;
    uint64_t kernel_entry; /* 0: no kernel */
    uint64_t kernel_end;   /* of the kernel, or without one of the firmware */
    struct span spans[SPANS_MAX];
    size_t nspans, nothers; /* spans of all images, and of all but the present one */
};

static bool given(const struct image *image) { return image->bytes != NULL; }
/* Images in memory may come without a name; messages want one. */
static struct image named(const struct image *image, const char *role)
{
    struct image copy = *image;
    if (!copy.name || !copy.name[0])
        copy.name = role;
    return copy;
}

static uint64_t align_down(uint64_t value, uint64_t boundary) { return value & ~(boundary - 1); }
static uint64_t align_up(uint64_t value, uint64_t boundary) { return align_down(value + boundary - 1, boundary); }

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

/* The first span of another image that meets start..end; NULL: none. An ELF's own segments may meet: .bss is zero. */
static const struct span *taken_by(const struct load *load, uint64_t start, uint64_t end)
{
    for (size_t i = 0; i < load->nothers; i++)
        if (start < load->spans[i].end && load->spans[i].start < end)
            return &load->spans[i];
    return NULL;
}

/* A kernel on top of the firmware is most often a program that wants the machine for itself. */
static err_t overlap(const struct load *load, const char *name, uint64_t start, const struct span *other)
{
    bool bare = load->placement->entry && !load->kernel_entry;
    return err_detail(err_make(ERR_USAGE, "%s", name), "would lie at 0x%llx, on top of %.40s at 0x%llx; %s",
                      (unsigned long long)start, other->name, (unsigned long long)other->start,
                      bare ? "give -bios none if it needs no firmware" : "move one, or give more RAM with -m");
}

/* Takes start..start+size for `name`, or says why that cannot be. */
static err_t claim(struct load *load, const char *name, uint64_t start, uint64_t size_bytes)
{
    if (start < load->ram_start)
        return err_detail(err_make(ERR_BAD_IMAGE, "%s", name),
                          "loads at 0x%llx, but RAM starts at 0x%llx; link it there, or give a Linux Image",
                          (unsigned long long)start, (unsigned long long)load->ram_start);
    if (start > load->ram_end || size_bytes > load->ram_end - start)
        return err_detail(err_make(ERR_USAGE, "%s", name),
                          "needs %llu MiB from 0x%llx, but RAM ends at 0x%llx; give more with -m",
                          (unsigned long long)((size_bytes + MIB - 1) / MIB), (unsigned long long)start,
                          (unsigned long long)load->ram_end);
    const struct span *other = taken_by(load, start, start + size_bytes);
    if (other)
        return overlap(load, name, start, other);
    check(load->nspans < SPANS_MAX);
    load->spans[load->nspans++] = (struct span){name, start, start + size_bytes};
    return err_ok();
}

static void store(struct load *load, uint64_t paddr, const uint8_t *bytes, uint64_t size_bytes)
{
    check(engine_ram_store(load->engine, paddr, bytes, size_bytes));
}

/* ---- firmware and kernel ----------------------------------------------------------------------------------------- */

/* An HTIF word that the board can watch; 0 when there is no such symbol, or it is not one. */
static uint64_t htif_word(const struct load *load, const struct elf *elf, const char *name)
{
    uint64_t paddr;
    bool usable = elf_symbol(elf, name, &paddr) && paddr % 8 == 0 && paddr >= load->ram_start && paddr < load->ram_end;
    return usable ? paddr : 0;
}

static void find_htif(struct load *load, const struct elf *elf)
{
    uint64_t tohost = htif_word(load, elf, "tohost");
    if (tohost) {
        load->placement->tohost = tohost;
        load->placement->fromhost = htif_word(load, elf, "fromhost");
    }
}

/* begin_signature to end_signature, as the architecture tests have them. */
static void find_signature(struct load *load, const struct elf *elf)
{
    uint64_t start, end;
    if (!elf_symbol(elf, "begin_signature", &start) || !elf_symbol(elf, "end_signature", &end))
        return;
    if (start >= end || start < load->ram_start || end > load->ram_end)
        return;
    load->placement->signature = start;
    load->placement->signature_end = end;
}

/* -Ttext=0x80000000 puts the ELF's own headers on the page before. Nothing reads them there: QEMU lets that part fall
 * beside RAM, and so do we. */
static void clip_headers(const struct load *load, struct elf_segment *segment)
{
    uint64_t below = load->ram_start - segment->paddr;
    if (!segment->has_headers || segment->paddr >= load->ram_start || below > segment->file_bytes)
        return;
    segment->paddr += below;
    segment->bytes += below;
    segment->file_bytes -= below;
    segment->memory_bytes -= below;
}

/* To how much an image may unpack: what fits into RAM, and no kernel is larger than a GiB. */
static uint64_t unpack_limit(const struct load *load)
{
    uint64_t ram_bytes = load->ram_end - load->ram_start;
    return ram_bytes < GIB ? ram_bytes : GIB;
}

/* A program that has no place of its own in RAM goes to `start`. */
static err_t place_program(struct load *load, struct program *program, uint64_t start)
{
    if (program->elf.movable && program->start < load->ram_start && !program_move(program, start))
        return err_detail(err_make(ERR_BAD_IMAGE, "%s", program->name), "larger than any RAM; build it again");
    load->nothers = load->nspans;
    for (size_t i = 0; i < program->elf.nsegments; i++) {
        struct elf_segment segment = program->elf.segments[i];
        clip_headers(load, &segment);
        TRY(claim(load, program->name, segment.paddr, segment.memory_bytes));
        store(load, segment.paddr, segment.bytes, segment.file_bytes);
    }
    find_htif(load, &program->elf);
    find_signature(load, &program->elf);
    return err_ok();
}

static err_t place_firmware(struct load *load)
{
    struct image image = named(&load->config->firmware, "firmware");
    struct program program;
    TRY(program_open(&image, unpack_limit(load), &program));
    err_t error = place_program(load, &program, load->ram_start);
    load->placement->entry = program.elf.entry;
    load->kernel_end = program.end;
    program_close(&program);
    return error;
}

static err_t place_kernel(struct load *load)
{
    struct image image = named(&load->config->kernel, "kernel");
    struct program program;
    TRY(program_open(&image, unpack_limit(load), &program));
    err_t error = place_program(load, &program, align_up(load->kernel_end, 2 * MIB) + program.text_offset);
    load->placement->kernel = program.start > load->ram_start ? program.start : load->ram_start;
    load->kernel_entry = program.elf.entry;
    load->kernel_end = program.end;
    program_close(&program);
    return error;
}

/* ---- device tree and initrd -------------------------------------------------------------------------------------- */

/* High, to be out of the kernel's way, but where 32 bits reach. Small RAM is not wasted on alignment. */
static err_t place_fdt(struct load *load)
{
    load->nothers = load->nspans;
    uint64_t end = load->ram_end < 3 * GIB ? load->ram_end : 3 * GIB;
    uint64_t highest = align_down(end - FDT_BYTES_MAX, PAGE_BYTES), start = align_down(highest, 2 * MIB);
    if (start < load->ram_start || taken_by(load, start, start + FDT_BYTES_MAX))
        start = highest;
    load->placement->fdt = start;
    return claim(load, "device tree", start, FDT_BYTES_MAX);
}

/* Far enough from the kernel that one which unpacks itself does not reach it; else wherever there is room. */
static err_t place_initrd(struct load *load)
{
    struct image initrd = named(&load->config->initrd, "initrd");
    load->nothers = load->nspans;
    uint64_t base = load->placement->kernel ? load->placement->kernel : load->ram_start;
    uint64_t half = (load->ram_end - load->ram_start) / 2;
    uint64_t start = align_up(base + (half < 128 * MIB ? half : 128 * MIB), PAGE_BYTES);
    uint64_t behind_kernel = align_up(load->kernel_end, PAGE_BYTES);
    bool fits = start <= load->ram_end && initrd.size_bytes <= load->ram_end - start &&
                !taken_by(load, start, start + initrd.size_bytes);
    if (start < behind_kernel || !fits)
        start = behind_kernel;
    TRY(claim(load, initrd.name, start, initrd.size_bytes));
    store(load, start, initrd.bytes, initrd.size_bytes);
    load->placement->initrd_start = start;
    load->placement->initrd_end = start + initrd.size_bytes;
    return err_ok();
}

static err_t write_fdt(struct load *load)
{
    uint8_t *blob = malloc(FDT_BYTES_MAX);
    if (!blob)
        return err_make(ERR_NO_MEMORY, "device tree");
    size_t size_bytes;
    err_t error =
        fdt_build(load->config, load->placement->initrd_start, load->placement->initrd_end, blob, &size_bytes);
    if (!err_is(error))
        store(load, load->placement->fdt, blob, size_bytes);
    free(blob);
    return error;
}

/* ---- reset ROM --------------------------------------------------------------------------------------------------- */

/* The ROM's words. OpenSBI's struct fw_dynamic_info (include/sbi/fw_dynamic.h), version 2, is its tail. */
enum {
    ROM_ENTRY = 24,
    ROM_FDT = 32,
    ROM_INFO = 40, /* magic, version, next_addr, next_mode, options, boot_hart */
    ROM_BYTES = ROM_INFO + 6 * 8,
    INFO_MAGIC = 0x4942534f, /* "OSBI" */
    INFO_VERSION = 2,
};
_Static_assert((int)ROM_BYTES <= (int)LOADER_ROM_BYTES, "the ROM is larger than its place");

enum { REG_ZERO = 0, REG_T0 = 5, REG_A0 = 10, REG_A1 = 11, REG_A2 = 12 };
enum { OP_LD = 0x3003, OP_ADDI = 0x0013, OP_CSRRS = 0x2073, OP_JALR = 0x0067, OP_AUIPC = 0x0017, CSR_MHARTID = 0xf14 };

static uint32_t itype(uint32_t op, uint32_t rd, uint32_t rs1, uint32_t imm)
{
    return op | rd << 7 | rs1 << 15 | imm << 20;
}

static void put(uint8_t *rom, size_t offset, uint64_t value, unsigned size_bytes)
{
    for (unsigned i = 0; i < size_bytes; i++)
        rom[offset + i] = (uint8_t)(value >> 8 * i);
}

static void write_rom(const struct load *load)
{
    const uint32_t code[] = {
        OP_AUIPC | REG_T0 << 7,                         /* auipc t0, 0 */
        itype(OP_ADDI, REG_A2, REG_T0, ROM_INFO),       /* addi  a2, t0, info */
        itype(OP_CSRRS, REG_A0, REG_ZERO, CSR_MHARTID), /* csrr  a0, mhartid */
        itype(OP_LD, REG_A1, REG_T0, ROM_FDT),          /* ld    a1, fdt(t0) */
        itype(OP_LD, REG_T0, REG_T0, ROM_ENTRY),        /* ld    t0, entry(t0) */
        itype(OP_JALR, REG_ZERO, REG_T0, 0),            /* jr    t0 */
    };
    const uint64_t info[] = {INFO_MAGIC, INFO_VERSION, load->kernel_entry, PRIV_S, 0, 0};
    uint8_t *rom = load->placement->rom;
    _Static_assert(sizeof code == ROM_ENTRY && sizeof info == ROM_BYTES - ROM_INFO, "code and words must not overlap");
    for (size_t i = 0; i < sizeof code / 4; i++)
        put(rom, i * 4, code[i], 4);
    put(rom, ROM_ENTRY, load->placement->entry, 8);
    put(rom, ROM_FDT, load->placement->fdt, 8);
    for (size_t i = 0; i < sizeof info / 8; i++)
        put(rom, ROM_INFO + i * 8, info[i], 8);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static err_t place_programs(struct load *load)
{
    const struct board_config *config = load->config;
    if (!given(&config->firmware) && !given(&config->kernel))
        return err_detail(err_make(ERR_USAGE, "%s", ""), "nothing to boot; give a kernel with -kernel");
    if (given(&config->firmware))
        TRY(place_firmware(load));
    if (given(&config->kernel))
        TRY(place_kernel(load));
    if (!given(&config->firmware))
        load->placement->entry = load->kernel_entry;
    return err_ok();
}

err_t loader_place(const struct board_config *config, struct engine *engine, struct placement *placement)
{
    const struct ram *ram = engine_ram(engine);
    struct load load = {
        .config = config,
        .engine = engine,
        .ram_start = ram->base,
        .ram_end = ram->base + ram->size_bytes,
        .placement = placement,
        .kernel_end = ram->base,
    };
    *placement = (struct placement){.reset_pc = BOARD_MROM_BASE};
    TRY(place_programs(&load));
    TRY(place_fdt(&load));
    if (given(&config->initrd))
        TRY(place_initrd(&load));
    TRY(write_fdt(&load));
    write_rom(&load);
    return err_ok();
}

#include "program.h"

#include <stdlib.h>
#include <string.h>

#include "gunzip.h"

/* Linux Documentation/arch/riscv/boot-image-header.rst, little-endian. */
enum {
    HEADER_BYTES = 64,
    TEXT_OFFSET = 8,
    IMAGE_SIZE = 16,
    FLAGS = 24,
    MAGIC2 = 56,
    FLAG_BIG_ENDIAN = 1,
    TEXT_BOUNDARY = 2 << 20,
};

/* Files that people try, and that a CPU would trip over. */
struct stranger {
    unsigned offset;
    const char *magic;
    unsigned magic_bytes;
    const char *what;
};
static const struct stranger strangers[] = {
    {56, "ARM\x64", 4, "a Linux Image for arm64; give one for riscv64"},
    {4, "zimg", 4, "a self-unpacking EFI image (zboot); give the Image that is packed inside"},
    {514, "HdrS", 4, "a Linux kernel for x86; give one for riscv64"},
    {0,
     "\xfd"
     "7zXZ",
     5, "packed with xz; unpack it first (unxz)"},
    {0, "\x28\xb5\x2f\xfd", 4, "packed with zstd; unpack it first (unzstd)"},
    {0, "\x04\x22\x4d\x18", 4, "packed with lz4; unpack it first (unlz4)"},
    {0, "\x02\x21\x4c\x18", 4, "packed with lz4; unpack it first (unlz4)"},
    {0, "BZh", 3, "packed with bzip2; unpack it first (bunzip2)"},
    {0, "\x1f\x8b", 2, "packed with gzip twice; unpack it first (gunzip)"},
    {0, "\x27\x05\x19\x56", 4, "a U-Boot uImage; give the image that is packed inside"},
    {0, "\xd0\x0d\xfe\xed", 4, "a device tree or FIT image; give the kernel itself"},
    {0, "070701", 6, "a cpio archive; give it with -initrd"},
    {0, "MZ", 2, "an EFI program without a riscv64 Linux header; give a Linux Image"},
};

static err_t bad(const char *name) { return err_make(ERR_BAD_IMAGE, "%s", name); }

static bool has_magic(const struct image *image, size_t offset, const char *magic, size_t magic_bytes)
{
    return offset + magic_bytes <= image->size_bytes && memcmp(image->bytes + offset, magic, magic_bytes) == 0;
}

static uint64_t dword(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static bool is_linux(const struct image *image)
{
    return image->size_bytes >= HEADER_BYTES && has_magic(image, MAGIC2, "RSC\x05", 4);
}

/* One segment that holds the whole file at physical 0, entered at its start. */
static void flat(const struct image *image, uint64_t memory_bytes, struct elf *elf)
{
    *elf = (struct elf){.movable = true, .nsegments = 1};
    elf->segments[0] = (struct elf_segment){
        .bytes = image->bytes,
        .file_bytes = image->size_bytes,
        .memory_bytes = memory_bytes,
    };
}

static err_t open_linux(const struct image *image, struct program *program)
{
    uint64_t image_size = dword(image->bytes + IMAGE_SIZE); /* 0: from before the field had a meaning */
    if (dword(image->bytes + FLAGS) & FLAG_BIG_ENDIAN)
        return err_detail(bad(program->name), "a big-endian Linux Image; build it little-endian");
    if (image_size > (uint64_t)INT64_MAX)
        return err_detail(bad(program->name), "its Linux header asks for impossible memory; fetch or build it again");
    program->text_offset = dword(image->bytes + TEXT_OFFSET) % TEXT_BOUNDARY;
    flat(image, image_size > image->size_bytes ? image_size : image->size_bytes, &program->elf);
    return err_ok();
}

static err_t refuse_strangers(const struct image *image)
{
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        if (has_magic(image, strangers[i].offset, strangers[i].magic, strangers[i].magic_bytes))
            return err_detail(bad(image->name), "%s", strangers[i].what);
    return err_ok();
}

static err_t open_unpacked(const struct image *image, struct program *program)
{
    if (image->size_bytes == 0)
        return err_detail(bad(image->name), "an empty file; fetch or build it again");
    if (elf_is(image->bytes, image->size_bytes))
        return elf_open(image, &program->elf);
    if (is_linux(image))
        return open_linux(image, program);
    TRY(refuse_strangers(image));
    flat(image, image->size_bytes, &program->elf);
    return err_ok();
}

static void measure(struct program *program)
{
    program->start = elf_start(&program->elf);
    program->end = elf_end(&program->elf);
}

err_t program_open(const struct image *image, uint64_t limit_bytes, struct program *program)
{
    struct image plain = *image;
    *program = (struct program){.name = image->name};
    if (gunzip_is(image->bytes, image->size_bytes)) {
        TRY(gunzip(image, limit_bytes, &program->unpacked, &plain.size_bytes));
        plain.bytes = program->unpacked;
    }
    err_t error = open_unpacked(&plain, program);
    if (err_is(error))
        program_close(program);
    else
        measure(program);
    return error;
}

void program_close(struct program *program)
{
    free(program->unpacked);
    program->unpacked = NULL;
}

bool program_move(struct program *program, uint64_t start)
{
    if (!elf_move(&program->elf, start))
        return false;
    measure(program);
    return true;
}

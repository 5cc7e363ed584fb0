/* What boots, where it goes, how a hart gets there, and each way an image is refused. */
#include "hw/fdt.h"
#include "hw/gunzip.h"
#include "hw/loader.h"

#include "hw_fixture.h"
#include "hw_images.h"
#include "random.h"

#define MIB       (UINT64_C(1) << 20)
#define RAM_START UINT64_C(0x80000000)

enum { FIRMWARE_BYTES = 115328 }; /* as large as Debian's fw_dynamic.bin */

static uint8_t firmware[FIRMWARE_BYTES], image[GOOD_IMAGE_BYTES], elf[GOOD_ELF_BYTES], flat[64];

static void make_images(void)
{
    memset(firmware, 0x01, sizeof firmware);
    memset(flat, 0x13, sizeof flat);
    make_good_image(image);
    make_good_elf(elf);
}

#define IMAGE(name, array) image_of(name, (array), sizeof(array))

static struct engine *make_engine(uint64_t ram_bytes)
{
    static struct clock clock;
    struct engine_config config = {.nharts = 1,
                                   .ram_base = RAM_START,
                                   .ram_size_bytes = ram_bytes,
                                   .reset_pc = BOARD_MROM_BASE,
                                   .clock = &clock,
                                   .timebase_ns = BOARD_TIMEBASE_NS};
    struct engine *engine;
    ck_assert_int_eq(engine_create(&config, &engine).code, ERR_OK);
    return engine;
}

static struct board_config config_of(uint64_t ram_bytes, struct image firmware_image, struct image kernel)
{
    return (struct board_config){
        .firmware = firmware_image,
        .kernel = kernel,
        .append = "console=ttyS0",
        .ram_size_bytes = ram_bytes,
        .nharts = 1,
        .seed = 1,
    };
}

static const struct image none;

/* Places what must be placeable; destroy the engine. */
static struct engine *place(const struct board_config *config, struct placement *placement)
{
    struct engine *engine = make_engine(config->ram_size_bytes);
    char text[512];
    err_t error = loader_place(config, engine, placement);
    err_format(error, text, sizeof text);
    ck_assert_msg(!err_is(error), "%s", text);
    return engine;
}

static void refuses(const struct board_config *config, enum err_code code, const char *expected)
{
    struct engine *engine = make_engine(config->ram_size_bytes);
    struct placement placement;
    char text[512];
    err_t error = loader_place(config, engine, &placement);
    err_format(error, text, sizeof text);
    ck_assert_msg(error.code == code, "code %d: %s", (int)error.code, text);
    ck_assert_msg(strstr(text, expected) != NULL, "expected '%s', found '%s'", expected, text);
    engine_destroy(engine);
}

static bool ram_is(const struct engine *engine, uint64_t paddr, const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *found = malloc(size_bytes);
    bool same = engine_ram_load(engine, paddr, found, size_bytes) && memcmp(found, bytes, size_bytes) == 0;
    free(found);
    return same;
}

static bool is_tree(const struct engine *engine, uint64_t paddr)
{
    uint8_t magic[4];
    return engine_ram_load(engine, paddr, magic, 4) && memcmp(magic, "\xd0\x0d\xfe\xed", 4) == 0;
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

/* qemu-system-riscv64 7.2 -M virt -m 512M -kernel Image -initrd initrd.gz puts them at these addresses. */
START_TEST(places_are_those_of_qemu)
{
    static uint8_t initrd[12345];
    struct placement placement;
    make_images();
    memset(initrd, 0x77, sizeof initrd);
    struct board_config config = config_of(512 * MIB, IMAGE("fw", firmware), IMAGE("Image", image));
    config.initrd = IMAGE("initrd", initrd);
    struct engine *engine = place(&config, &placement);
    ck_assert_uint_eq(placement.reset_pc, 0x1000);
    ck_assert_uint_eq(placement.entry, 0x80000000);
    ck_assert_uint_eq(placement.kernel, 0x80200000);
    ck_assert_uint_eq(placement.initrd_start, 0x88200000);
    ck_assert_uint_eq(placement.initrd_end, 0x88200000 + sizeof initrd);
    ck_assert_uint_eq(placement.fdt, 0x9fe00000);
    ck_assert_uint_eq(placement.tohost, 0);
    ck_assert(ram_is(engine, 0x80000000, firmware, sizeof firmware));
    ck_assert(ram_is(engine, 0x80200000, image, sizeof image));
    ck_assert(ram_is(engine, 0x88200000, initrd, sizeof initrd));
    ck_assert(is_tree(engine, 0x9fe00000));
    engine_destroy(engine);
}
END_TEST

START_TEST(each_format_goes_to_its_place)
{
    make_images();
    size_t packed_bytes;
    uint8_t *packed = make_gzip(image, sizeof image, &packed_bytes);
    const struct image gz = image_of("Image.gz", packed, packed_bytes), fw = IMAGE("fw", firmware);
    uint8_t m_mode[GOOD_IMAGE_BYTES];
    memcpy(m_mode, image, sizeof m_mode);
    put_le(m_mode, 8, 8, 0); /* text_offset of a kernel for M-mode */
    uint8_t shifted[GOOD_IMAGE_BYTES];
    memcpy(shifted, image, sizeof shifted);
    put_le(shifted, 8, 8, 0x80000);
    uint8_t dyn[GOOD_ELF_BYTES];
    memcpy(dyn, elf, sizeof dyn);
    put_le(dyn, 16, 2, 3);
    put_phdr(dyn, 0, GOOD_TEXT, 0, GOOD_TEXT_BYTES, GOOD_TEXT_BYTES);
    put_le(dyn, GOOD_PHDRS + 24, 8, 0);
    put_le(dyn, GOOD_PHDRS + GOOD_PHDR_BYTES + 24, 8, GOOD_DATA_OFFSET);
    const struct {
        struct image firmware, kernel;
        uint64_t kernel_at, entry;
        const uint8_t *bytes;
        size_t size_bytes;
    } cases[] = {
        {fw, IMAGE("Image", image), 0x80200000, 0x80000000, image, sizeof image},
        {fw, gz, 0x80200000, 0x80000000, image, sizeof image},
        {fw, IMAGE("flat", flat), 0x80200000, 0x80000000, flat, sizeof flat},
        {fw, IMAGE("shifted", shifted), 0x80280000, 0x80000000, shifted, sizeof shifted},
        {none, IMAGE("Image", m_mode), 0x80000000, 0x80000000, m_mode, sizeof m_mode},
        {none, IMAGE("flat", flat), 0x80000000, 0x80000000, flat, sizeof flat},
        {none, IMAGE("elf", elf), GOOD_PADDR, GOOD_PADDR + GOOD_ENTRY_OFFSET, elf + GOOD_TEXT, GOOD_TEXT_BYTES},
        {none, IMAGE("dyn", dyn), 0x80000000, 0x80000000 + GOOD_ENTRY_OFFSET, dyn + GOOD_TEXT, GOOD_TEXT_BYTES},
        {fw, IMAGE("dyn", dyn), 0x80200000, 0x80000000, dyn + GOOD_TEXT, GOOD_TEXT_BYTES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct placement placement;
        struct board_config config = config_of(64 * MIB, cases[i].firmware, cases[i].kernel);
        struct engine *engine = place(&config, &placement);
        ck_assert_msg(placement.kernel == cases[i].kernel_at, "case %zu: kernel at %#llx", i,
                      (unsigned long long)placement.kernel);
        ck_assert_msg(placement.entry == cases[i].entry, "case %zu: entry %#llx", i,
                      (unsigned long long)placement.entry);
        ck_assert_msg(ram_is(engine, cases[i].kernel_at, cases[i].bytes, cases[i].size_bytes), "case %zu", i);
        engine_destroy(engine);
    }
    free(packed);
}
END_TEST

/* As linked with -Ttext=0x80000000: the file's headers belong on the page before RAM. */
START_TEST(headers_may_fall_beside_ram)
{
    struct placement placement;
    make_images();
    put_phdr(elf, 0, 0, 0, GOOD_TEXT + GOOD_TEXT_BYTES, GOOD_TEXT + GOOD_TEXT_BYTES);
    put_le(elf, GOOD_PHDRS + 16, 8, GOOD_VADDR - GOOD_TEXT);
    put_le(elf, GOOD_PHDRS + 24, 8, RAM_START - GOOD_TEXT);
    struct board_config config = config_of(16 * MIB, none, IMAGE("elf", elf));
    struct engine *engine = place(&config, &placement);
    ck_assert_uint_eq(placement.kernel, RAM_START);
    ck_assert_uint_eq(placement.entry, RAM_START + GOOD_ENTRY_OFFSET);
    ck_assert(ram_is(engine, RAM_START, elf + GOOD_TEXT, GOOD_TEXT_BYTES));
    engine_destroy(engine);
    put_le(elf, GOOD_PHDRS + 8, 8, 1); /* whatever else lies there is missed by somebody */
    refuses(&config, ERR_BAD_IMAGE, "elf: loads at 0x7ffffe00, but RAM starts at 0x80000000");
}
END_TEST

START_TEST(a_kernel_keeps_clear_of_large_firmware)
{
    static uint8_t large[3 << 20];
    struct placement placement;
    make_images();
    memset(large, 1, sizeof large);
    struct board_config config = config_of(64 * MIB, IMAGE("fw", large), IMAGE("Image", image));
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.kernel, 0x80400000);
}
END_TEST

START_TEST(firmware_alone_boots)
{
    struct placement placement;
    make_images();
    struct board_config config = config_of(64 * MIB, IMAGE("fw", firmware), none);
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.entry, RAM_START);
    ck_assert_uint_eq(placement.kernel, 0);
    ck_assert_uint_eq(get_le(placement.rom, 56, 8), 0); /* fw_dynamic_info.next_addr */
}
END_TEST

/* An initrd that is too large for the usual place goes right behind the kernel. */
START_TEST(a_large_initrd_still_finds_room)
{
    const size_t size_bytes = 40 * MIB;
    uint8_t *initrd = calloc(1, size_bytes);
    struct placement placement;
    make_images();
    struct board_config config = config_of(64 * MIB, IMAGE("fw", firmware), IMAGE("Image", image));
    config.initrd = image_of("initrd", initrd, size_bytes);
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.initrd_start, 0x80200000 + GOOD_IMAGE_MEMORY);
    config.initrd.size_bytes = 61 * MIB;
    free(initrd);
    initrd = calloc(1, 61 * MIB);
    config.initrd.bytes = initrd;
    refuses(&config, ERR_USAGE, "initrd: would lie at 0x80205000, on top of device tree");
    config.initrd.size_bytes = 64 * MIB;
    free(initrd);
    initrd = calloc(1, 64 * MIB);
    config.initrd.bytes = initrd;
    refuses(&config, ERR_USAGE, "initrd: needs 64 MiB from 0x80205000, but RAM ends at 0x84000000; give more with -m");
    free(initrd);
}
END_TEST

/* image_size counts, not the file: the kernel clears its .bss before it looks at anything else. */
START_TEST(an_initrd_lies_behind_what_the_kernel_will_use)
{
    struct placement placement;
    make_images();
    put_le(image, 16, 8, 48 * MIB);
    struct board_config config = config_of(64 * MIB, IMAGE("fw", firmware), IMAGE("Image", image));
    config.initrd = IMAGE("initrd", flat);
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.initrd_start, 0x80200000 + 48 * MIB);
}
END_TEST

START_TEST(the_device_tree_stays_where_32_bits_reach)
{
    static const struct {
        uint64_t ram_bytes, fdt;
    } cases[] = {
        {1 * MIB, 0x800f0000}, /* too small to align */
        {64 * MIB, 0x83e00000}, {64 * MIB + PAGE_BYTES, 0x83e00000}, {1024 * MIB, 0xbfe00000}, {4096 * MIB, 0xbfe00000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct placement placement;
        make_images();
        struct board_config config = config_of(cases[i].ram_bytes, none, IMAGE("flat", flat));
        struct engine *engine = place(&config, &placement);
        ck_assert_uint_eq(placement.fdt, cases[i].fdt);
        ck_assert(is_tree(engine, cases[i].fdt));
        engine_destroy(engine);
    }
}
END_TEST

START_TEST(htif_words_are_those_of_the_elf)
{
    struct placement placement;
    make_images();
    struct board_config config = config_of(16 * MIB, none, IMAGE("elf", elf));
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.tohost, GOOD_PADDR + GOOD_TOHOST_OFFSET);
    ck_assert_uint_eq(placement.fromhost, GOOD_PADDR + GOOD_TOHOST_OFFSET + 8);
    put_symbol(elf, 1, 1, 1, GOOD_VADDR + GOOD_TOHOST_OFFSET + 4); /* no word that one store could write */
    engine_destroy(place(&config, &placement));
    ck_assert_uint_eq(placement.tohost, 0);
    ck_assert_uint_eq(placement.fromhost, 0);
}
END_TEST

/* ---- the reset ROM, run ------------------------------------------------------------------------------------------------ */

/* Six instructions from power-on, the hart stands at the entry with what the boot protocol wants in a0, a1, a2. */
START_TEST(a_hart_arrives_as_the_boot_protocol_says)
{
    make_images();
    struct board_config config = config_of(64 * MIB, IMAGE("fw", firmware), IMAGE("Image", image));
    config.nharts = 2;
    struct board *board = make_board_of(&config, NULL);
    const struct placement *placement = board_placement(board);
    ck_assert_int_eq(board_run(board, icount_of(12)), BOARD_LIMIT);
    for (unsigned hart = 0; hart < 2; hart++) {
        const struct hart_state *state = engine_hart(board_engine(board), hart);
        if (hart == 1 && state->pc == BOARD_MROM_BASE)
            break; /* harts need not take turns that soon */
        ck_assert_uint_eq(state->x[10], hart);
        ck_assert_uint_eq(state->x[11], placement->fdt);
        ck_assert_uint_eq(state->x[12], BOARD_MROM_BASE + 40);
        ck_assert_uint_ge(state->pc, RAM_START);
    }
    static const uint64_t info[] = {0x4942534f, 2, 0x80200000, 1, 0, 0};
    for (unsigned i = 0; i < 6; i++)
        ck_assert_uint_eq(load(board, BOARD_MROM_BASE + 40 + i * 8, 8), info[i]);
    board_destroy(board);
}
END_TEST

START_TEST(without_firmware_an_elf_starts_at_its_entry_in_m_mode)
{
    make_images();
    struct board_config config = config_of(16 * MIB, none, IMAGE("elf", elf));
    struct board *board = make_board_of(&config, NULL);
    ck_assert_int_eq(board_run(board, icount_of(6)), BOARD_LIMIT);
    const struct hart_state *state = engine_hart(board_engine(board), 0);
    ck_assert_uint_eq(state->pc, GOOD_PADDR + GOOD_ENTRY_OFFSET);
    ck_assert_uint_eq(state->priv, PRIV_M);
    ck_assert_uint_eq(state->x[10], 0);
    ck_assert_uint_eq(state->x[11], board_placement(board)->fdt);
    board_destroy(board);
}
END_TEST

/* ---- refusals ----------------------------------------------------------------------------------------------------------- */

START_TEST(strangers_are_named)
{
    static const struct {
        unsigned offset;
        const char *magic;
        size_t magic_bytes;
        const char *expected;
    } cases[] = {
        {56, "ARM\x64", 4, "for arm64"},
        {4, "zimg", 4, "zboot"},
        {514, "HdrS", 4, "for x86"},
        {0, "\xfd\x37zXZ", 5, "xz"},
        {0, "\x28\xb5\x2f\xfd", 4, "zstd"},
        {0, "BZh9", 4, "bzip2"},
        {0, "\x27\x05\x19\x56", 4, "uImage"},
        {0, "\xd0\x0d\xfe\xed", 4, "device tree"},
        {0, "070701", 6, "give it with -initrd"},
        {0, "MZ", 2, "EFI program"},
        {0, "\x04\x22\x4d\x18", 4, "lz4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t stranger[1024] = {0};
        memcpy(stranger + cases[i].offset, cases[i].magic, cases[i].magic_bytes);
        struct board_config config = config_of(16 * MIB, none, IMAGE("stranger", stranger));
        refuses(&config, ERR_BAD_IMAGE, cases[i].expected);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_refused_with_the_mend)
{
    make_images();
    struct board_config config = config_of(16 * MIB, none, none);
    refuses(&config, ERR_USAGE, "nothing to boot; give a kernel with -kernel (64)");

    config.kernel = image_of("empty", image, 0);
    refuses(&config, ERR_BAD_IMAGE, "empty: an empty file");

    put_le(image, 16, 8, 32 * MIB);
    config.kernel = IMAGE("Image", image);
    refuses(&config, ERR_USAGE, "Image: needs 32 MiB from 0x80000000, but RAM ends at 0x81000000; give more with -m");
    put_le(image, 16, 8, UINT64_MAX);
    refuses(&config, ERR_BAD_IMAGE, "Image: its Linux header asks for impossible memory");
    put_le(image, 16, 8, INT64_MAX);
    refuses(&config, ERR_USAGE, "give more with -m");
    make_good_image(image);
    put_le(image, 24, 8, 1);
    refuses(&config, ERR_BAD_IMAGE, "big-endian");

    config.kernel = IMAGE("vmlinux", elf);
    put_le(elf, GOOD_PHDRS + 24, 8, 0);
    refuses(&config, ERR_BAD_IMAGE, "vmlinux: loads at 0x0, but RAM starts at 0x80000000");
    put_le(elf, GOOD_PHDRS + 24, 8, UINT64_MAX - 0x1000);
    refuses(&config, ERR_USAGE, "vmlinux: needs 1 MiB from 0xffffffffffffefff, but RAM ends");

    make_good_elf(elf);
    config.firmware = IMAGE("fw", firmware);
    refuses(&config, ERR_USAGE, "vmlinux: would lie at 0x80001000, on top of fw at 0x80000000; give -bios none");
    config.kernel.name = NULL;
    refuses(&config, ERR_USAGE, "kernel: would lie at");
}
END_TEST

START_TEST(ram_of_any_size_is_used_or_refused)
{
    make_images();
    for (uint64_t pages = 1; pages < 600; pages += pages < 24 ? 1 : 61) {
        struct board_config config = config_of(pages * PAGE_BYTES, none, IMAGE("flat", flat));
        struct engine *engine = make_engine(config.ram_size_bytes);
        struct placement placement;
        err_t error = loader_place(&config, engine, &placement);
        bool room = pages * PAGE_BYTES >= FDT_BYTES_MAX + PAGE_BYTES;
        ck_assert_msg(room == !err_is(error), "%u pages: %s", (unsigned)pages, error.detail);
        if (room)
            ck_assert(is_tree(engine, placement.fdt));
        engine_destroy(engine);
    }
}
END_TEST

/* ---- gzip ----------------------------------------------------------------------------------------------------------------- */

START_TEST(gzip_members_are_joined)
{
    static const char text[] = "the quick brown fox";
    size_t one_bytes, unpacked_bytes;
    uint8_t *one = make_gzip((const uint8_t *)text, sizeof text, &one_bytes), *unpacked;
    uint8_t *two = malloc(2 * one_bytes + 3);
    memcpy(two, one, one_bytes);
    memcpy(two + one_bytes, one, one_bytes);
    memset(two + 2 * one_bytes, 0, 3); /* padding */
    struct image packed = image_of("two.gz", two, 2 * one_bytes + 3);
    ck_assert_int_eq(gunzip(&packed, MIB, &unpacked, &unpacked_bytes).code, ERR_OK);
    ck_assert_uint_eq(unpacked_bytes, 2 * sizeof text);
    ck_assert(memcmp(unpacked, text, sizeof text) == 0 && memcmp(unpacked + sizeof text, text, sizeof text) == 0);
    free(unpacked);
    free(one);
    free(two);
}
END_TEST

START_TEST(every_truncated_or_flipped_gzip_is_refused)
{
    size_t packed_bytes;
    make_images();
    uint8_t *packed = make_gzip(flat, sizeof flat, &packed_bytes);
    for (size_t size_bytes = 0; size_bytes < packed_bytes; size_bytes++) {
        uint8_t *copy = exact_copy(packed, size_bytes), *unpacked;
        struct image cut = image_of("cut.gz", copy, size_bytes);
        err_t error = gunzip(&cut, MIB, &unpacked, &size_bytes);
        ck_assert_int_eq(error.code, ERR_BAD_IMAGE);
        free(copy);
    }
    for (size_t at = 10; at < packed_bytes; at++) { /* the header's own bytes may be anything */
        uint8_t *copy = exact_copy(packed, packed_bytes), *unpacked;
        copy[at] ^= 0x10;
        size_t unpacked_bytes;
        struct image flipped = image_of("flipped.gz", copy, packed_bytes);
        err_t error = gunzip(&flipped, MIB, &unpacked, &unpacked_bytes);
        if (!err_is(error)) {
            ck_assert_msg(at == 10, "byte %zu", at); /* padding bits of a stored block's header */
            free(unpacked);
        } else {
            ck_assert_int_eq(error.code, ERR_BAD_IMAGE);
        }
        free(copy);
    }
    free(packed);
}
END_TEST

START_TEST(a_bomb_stops_at_the_size_of_ram)
{
    enum { PACKED_BYTES = 1 << 20 }; /* 158 MiB of zeroes */
    uint8_t *packed = calloc(1, PACKED_BYTES);
    make_bomb(packed, PACKED_BYTES);
    struct board_config config = config_of(16 * MIB, none, image_of("bomb.gz", packed, PACKED_BYTES));
    refuses(&config, ERR_BAD_IMAGE,
            "bomb.gz: unpacks to more than 16 MiB, for which there is no room; give more RAM with -m");
    config.ram_size_bytes = 256 * MIB;
    refuses(&config, ERR_BAD_IMAGE, "bomb.gz: its gzip data is cut off");
    free(packed);
}
END_TEST

START_TEST(gzip_within_gzip_is_refused)
{
    size_t once_bytes, twice_bytes;
    make_images();
    uint8_t *once = make_gzip(image, sizeof image, &once_bytes);
    uint8_t *twice = make_gzip(once, once_bytes, &twice_bytes);
    struct board_config config = config_of(16 * MIB, none, image_of("twice", twice, twice_bytes));
    refuses(&config, ERR_BAD_IMAGE, "packed with gzip twice");
    free(once);
    free(twice);
}
END_TEST

/* ---- noise ------------------------------------------------------------------------------------------------------------------ */

/* Damages `bytes` where it hurts and returns how much of it is left. */
static size_t damage(uint64_t *seed, uint8_t *bytes, size_t size_bytes)
{
    for (uint64_t changes = random_below(seed, 5); changes > 0; changes--) {
        unsigned width = 1u << random_below(seed, 4);
        size_t limit = size_bytes > 0xb0 && random_below(seed, 4) ? 0xb0 : size_bytes;
        put_le(bytes, random_below(seed, limit - width + 1), width, random_magnitude(seed));
    }
    return random_below(seed, 4) ? size_bytes : random_below(seed, size_bytes + 1);
}

static void is_sound(const struct placement *placement, uint64_t ram_bytes)
{
    ck_assert(placement->fdt - RAM_START < ram_bytes);
    ck_assert(placement->kernel - RAM_START < ram_bytes);
    ck_assert(placement->entry - RAM_START < ram_bytes);
    ck_assert(placement->initrd_start - RAM_START < ram_bytes && placement->initrd_end - RAM_START <= ram_bytes);
    ck_assert(placement->tohost == 0 || placement->tohost - RAM_START <= ram_bytes - 8);
}

START_TEST(noise_is_refused_or_placed_in_ram)
{
    uint64_t seed = 4711, ram_bytes = 4 * MIB;
    struct engine *engine = make_engine(ram_bytes);
    unsigned placed = 0, rounds = 20000;
    for (unsigned round = 0; round < rounds; round++) {
        make_images();
        size_t size_bytes, packed_bytes;
        uint8_t *bytes = round % 2 ? elf : image;
        size_bytes = damage(&seed, bytes, round % 2 ? sizeof elf : sizeof image);
        uint8_t *copy = exact_copy(bytes, size_bytes);
        if (round % 16 == 0) {
            uint8_t *packed = make_gzip(copy, size_bytes, &packed_bytes);
            free(copy);
            size_bytes = random_below(&seed, 2) ? packed_bytes : damage(&seed, packed, packed_bytes);
            copy = exact_copy(packed, size_bytes);
            free(packed);
        }
        struct placement placement;
        struct image fw = round % 5 ? none : IMAGE("fw", flat);
        struct board_config config = config_of(ram_bytes, fw, image_of("noise", copy, size_bytes));
        config.initrd = IMAGE("initrd", flat);
        err_t error = loader_place(&config, engine, &placement);
        if (err_is(error))
            ck_assert(error.code == ERR_BAD_IMAGE || error.code == ERR_USAGE);
        else
            is_sound(&placement, ram_bytes);
        placed += !err_is(error);
        free(copy);
    }
    ck_assert_msg(placed > rounds / 20 && placed < rounds * 19 / 20, "the noise proves little: %u placed", placed);
    engine_destroy(engine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hw loader");
    TCase *tcase = tcase_create("loader");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, places_are_those_of_qemu);
    tcase_add_test(tcase, each_format_goes_to_its_place);
    tcase_add_test(tcase, headers_may_fall_beside_ram);
    tcase_add_test(tcase, a_kernel_keeps_clear_of_large_firmware);
    tcase_add_test(tcase, firmware_alone_boots);
    tcase_add_test(tcase, a_large_initrd_still_finds_room);
    tcase_add_test(tcase, an_initrd_lies_behind_what_the_kernel_will_use);
    tcase_add_test(tcase, the_device_tree_stays_where_32_bits_reach);
    tcase_add_test(tcase, htif_words_are_those_of_the_elf);
    tcase_add_test(tcase, a_hart_arrives_as_the_boot_protocol_says);
    tcase_add_test(tcase, without_firmware_an_elf_starts_at_its_entry_in_m_mode);
    tcase_add_test(tcase, strangers_are_named);
    tcase_add_test(tcase, what_does_not_fit_is_refused_with_the_mend);
    tcase_add_test(tcase, ram_of_any_size_is_used_or_refused);
    tcase_add_test(tcase, gzip_members_are_joined);
    tcase_add_test(tcase, every_truncated_or_flipped_gzip_is_refused);
    tcase_add_test(tcase, a_bomb_stops_at_the_size_of_ram);
    tcase_add_test(tcase, gzip_within_gzip_is_refused);
    tcase_add_test(tcase, noise_is_refused_or_placed_in_ram);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

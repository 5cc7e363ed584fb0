/* ELF files: what a good one says, and each way a bad one is refused. */
#include "hw/elf.h"

#include <check.h>

#include "hw_images.h"
#include "random.h"

static uint8_t good[GOOD_ELF_BYTES];

static err_t open_bytes(const uint8_t *bytes, size_t size_bytes, struct elf *elf)
{
    struct image image = image_of("test.elf", bytes, size_bytes);
    return elf_open(&image, elf);
}

static struct elf open_good(void)
{
    struct elf elf;
    make_good_elf(good);
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    return elf;
}

static void refuses(const uint8_t *bytes, size_t size_bytes, const char *detail)
{
    struct elf elf;
    err_t error = open_bytes(bytes, size_bytes, &elf);
    ck_assert_int_eq(error.code, ERR_BAD_IMAGE);
    ck_assert_str_eq(error.subject, "test.elf");
    ck_assert_msg(strstr(error.detail, detail) != NULL, "expected '%s', found '%s'", detail, error.detail);
    ck_assert_msg(strstr(error.detail, "; ") != NULL, "no mend in '%s'", error.detail);
}

/* ---- good ------------------------------------------------------------------------------------------------------------ */

START_TEST(a_good_elf_is_described)
{
    struct elf elf = open_good();
    ck_assert_uint_eq(elf.entry, GOOD_PADDR + GOOD_ENTRY_OFFSET);
    ck_assert(!elf.movable);
    ck_assert_uint_eq(elf.nsegments, 2);
    ck_assert_uint_eq(elf.segments[0].paddr, GOOD_PADDR);
    ck_assert_uint_eq(elf.segments[0].vaddr, GOOD_VADDR);
    ck_assert_ptr_eq(elf.segments[0].bytes, good + GOOD_TEXT);
    ck_assert_uint_eq(elf.segments[0].file_bytes, GOOD_TEXT_BYTES);
    ck_assert_uint_eq(elf.segments[1].memory_bytes, GOOD_DATA_MEMORY);
    ck_assert_uint_eq(elf_start(&elf), GOOD_PADDR);
    ck_assert_uint_eq(elf_end(&elf), GOOD_PADDR + GOOD_DATA_OFFSET + GOOD_DATA_MEMORY);
}
END_TEST

START_TEST(symbols_are_physical_and_whole_names)
{
    struct elf elf = open_good();
    uint64_t paddr;
    ck_assert(elf_symbol(&elf, "tohost", &paddr));
    ck_assert_uint_eq(paddr, GOOD_PADDR + GOOD_TOHOST_OFFSET);
    ck_assert(elf_symbol(&elf, "fromhost", &paddr));
    ck_assert_uint_eq(paddr, GOOD_PADDR + GOOD_TOHOST_OFFSET + 8);
    ck_assert(!elf_symbol(&elf, "tohos", &paddr));
    ck_assert(!elf_symbol(&elf, "elsewhere", &paddr)); /* undefined in this file */
}
END_TEST

START_TEST(a_symbol_outside_every_segment_is_not_there)
{
    struct elf elf;
    uint64_t paddr;
    make_good_elf(good);
    put_symbol(good, 1, 1, 1, GOOD_VADDR - 8);
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    ck_assert(!elf_symbol(&elf, "tohost", &paddr));
}
END_TEST

START_TEST(names_do_not_run_past_their_table)
{
    struct elf elf;
    uint64_t paddr;
    make_good_elf(good);
    put_section(good, 2, 3, GOOD_NAMES, 4, 0); /* "\0toh" */
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    ck_assert(!elf_symbol(&elf, "tohost", &paddr));
}
END_TEST

START_TEST(a_stripped_elf_has_no_symbols)
{
    struct elf elf;
    uint64_t paddr;
    make_good_elf(good);
    put_le(good, 40, 8, 0);
    put_le(good, 60, 2, 0);
    ck_assert_int_eq(open_bytes(good, GOOD_SYMBOLS, &elf).code, ERR_OK);
    ck_assert(!elf_symbol(&elf, "tohost", &paddr));
}
END_TEST

START_TEST(empty_and_foreign_headers_are_passed_over)
{
    struct elf elf;
    make_good_elf(good);
    put_phdr(good, 1, GOOD_ELF_BYTES * 2, GOOD_DATA_OFFSET, 0, 0); /* empty, whatever its offset */
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    ck_assert_uint_eq(elf.nsegments, 1);
    put_le(good, GOOD_PHDRS + GOOD_PHDR_BYTES, 4, 0x6474e551); /* PT_GNU_STACK */
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    ck_assert_uint_eq(elf.nsegments, 1);
}
END_TEST

START_TEST(zeroes_may_lie_under_file_bytes)
{
    struct elf elf;
    make_good_elf(good);
    put_phdr(good, 0, GOOD_TEXT, 0, GOOD_TEXT_BYTES, 0x8000); /* a .bss that reaches over the data */
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
}
END_TEST

START_TEST(a_movable_elf_moves_as_a_whole)
{
    struct elf elf;
    uint64_t paddr;
    make_good_elf(good);
    put_le(good, 16, 2, 3); /* ET_DYN */
    ck_assert_int_eq(open_bytes(good, sizeof good, &elf).code, ERR_OK);
    ck_assert(elf.movable);
    ck_assert(elf_move(&elf, 0x90000000));
    ck_assert_uint_eq(elf_start(&elf), 0x90000000);
    ck_assert_uint_eq(elf.entry, 0x90000000 + GOOD_ENTRY_OFFSET);
    ck_assert(elf_symbol(&elf, "tohost", &paddr));
    ck_assert_uint_eq(paddr, 0x90000000 + GOOD_TOHOST_OFFSET);
    ck_assert(!elf_move(&elf, UINT64_MAX - PAGE_BYTES + 1));
    ck_assert_uint_eq(elf_start(&elf), 0x90000000);
}
END_TEST

/* ---- bad ------------------------------------------------------------------------------------------------------------- */

enum { PHDR0 = GOOD_PHDRS, PHDR1 = GOOD_PHDRS + GOOD_PHDR_BYTES, SHDR1 = GOOD_SHDRS + GOOD_SHDR_BYTES };

static const struct {
    unsigned offset, size_bytes;
    uint64_t value;
    const char *detail;
} damages[] = {
    {4, 1, 1, "32-bit"},
    {4, 1, 0, "32-bit"},
    {5, 1, 2, "big-endian"},
    {16, 2, 1, "type 1"},
    {16, 2, 4, "type 4"},
    {18, 2, 62, "x86-64"},
    {18, 2, 183, "AArch64"},
    {18, 2, 9999, "another machine"},
    {24, 8, 0, "entry 0x0 is in no segment"},
    {24, 8, GOOD_PADDR, "is in no segment"},
    {24, 8, GOOD_VADDR + 5, "is in no segment"},
    {32, 8, UINT64_MAX, "program headers"},
    {32, 8, UINT64_MAX - 111, "program headers"},
    {32, 8, GOOD_ELF_BYTES - 111, "program headers"},
    {54, 2, 32, "program headers"},
    {56, 2, 0xffff, "program headers"},
    {56, 2, 0, "nothing to load"},
    {PHDR0, 4, 3, "dynamic linker"},
    {PHDR0 + 8, 8, UINT64_MAX, "cut off"},
    {PHDR0 + 8, 8, GOOD_ELF_BYTES - GOOD_TEXT_BYTES + 1, "cut off"},
    {PHDR0 + 16, 8, UINT64_MAX - GOOD_TEXT_BYTES + 1, "impossible size"},
    {PHDR0 + 24, 8, UINT64_MAX - GOOD_TEXT_BYTES + 1, "impossible size"},
    {PHDR0 + 32, 8, UINT64_MAX, "cut off"},
    {PHDR0 + 32, 8, GOOD_TEXT_BYTES + 1, "impossible size"},
    {PHDR0 + 40, 8, UINT64_MAX, "impossible size"},
    {PHDR1 + 24, 8, GOOD_PADDR, "overlap"},
    {PHDR1 + 24, 8, GOOD_PADDR + GOOD_TEXT_BYTES - 1, "overlap"},
    {PHDR1 + 24, 8, GOOD_PADDR - GOOD_DATA_BYTES + 1, "overlap"},
    {40, 8, UINT64_MAX, "section headers"},
    {40, 8, GOOD_SHDRS + 1, "section headers"},
    {58, 2, 40, "section headers"},
    {60, 2, 4, "section headers"},
    {SHDR1 + 24, 8, UINT64_MAX, "symbol table"},
    {SHDR1 + 32, 8, UINT64_MAX, "symbol table"},
    {SHDR1 + 40, 4, 3, "symbol table"},
    {SHDR1 + 40, 4, UINT32_MAX, "symbol table"},
    {SHDR1 + 40, 4, 1, "symbol table"},
    {SHDR1 + 64 + 24, 8, GOOD_ELF_BYTES, "symbol table"},
    {SHDR1 + 64 + 32, 8, UINT64_MAX, "symbol table"},
};

START_TEST(each_damage_is_named)
{
    make_good_elf(good);
    put_le(good, damages[_i].offset, damages[_i].size_bytes, damages[_i].value);
    uint8_t *copy = exact_copy(good, sizeof good);
    refuses(copy, sizeof good, damages[_i].detail);
    free(copy);
}
END_TEST

/* The section headers come last, so that not even one byte may be missing. */
START_TEST(every_truncation_is_refused)
{
    make_good_elf(good);
    for (size_t size_bytes = 4; size_bytes < sizeof good; size_bytes++) {
        uint8_t *copy = exact_copy(good, size_bytes);
        refuses(copy, size_bytes, "");
        free(copy);
    }
}
END_TEST

START_TEST(segments_are_bounded)
{
    enum { COUNT = ELF_SEGMENTS_MAX + 1, BYTES = GOOD_PHDRS + COUNT * GOOD_PHDR_BYTES };
    uint8_t elf[BYTES] = {0};
    struct elf opened;
    make_good_elf(good);
    memcpy(elf, good, GOOD_PHDRS);
    put_le(elf, 40, 8, 0);
    put_le(elf, 60, 2, 0);
    for (unsigned i = 0; i < COUNT; i++)
        put_phdr(elf, i, 0, i * 0x100, 0x100, 0x100);
    put_le(elf, 56, 2, ELF_SEGMENTS_MAX);
    ck_assert_int_eq(open_bytes(elf, sizeof elf, &opened).code, ERR_OK);
    ck_assert_uint_eq(opened.nsegments, ELF_SEGMENTS_MAX);
    put_le(elf, 56, 2, COUNT);
    refuses(elf, sizeof elf, "more than 64");
}
END_TEST

/* ---- noise ----------------------------------------------------------------------------------------------------------- */

static void is_sound(const struct elf *elf, const uint8_t *bytes, size_t size_bytes)
{
    uint64_t paddr;
    bool entered = false;
    ck_assert(elf->nsegments >= 1 && elf->nsegments <= ELF_SEGMENTS_MAX);
    for (size_t i = 0; i < elf->nsegments; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        ck_assert(segment->bytes >= bytes && segment->bytes <= bytes + size_bytes);
        ck_assert(segment->file_bytes <= (size_t)(bytes + size_bytes - segment->bytes));
        ck_assert(segment->file_bytes <= segment->memory_bytes);
        ck_assert(segment->paddr + segment->memory_bytes >= segment->paddr);
        entered |= elf->entry - segment->paddr < segment->memory_bytes;
    }
    ck_assert(entered);
    if (elf_symbol(elf, "tohost", &paddr))
        ck_assert(paddr >= elf_start(elf) && paddr < elf_end(elf));
}

START_TEST(noise_is_refused_or_sound)
{
    uint64_t seed = 20261123;
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        make_good_elf(good);
        for (uint64_t changes = 1 + random_below(&seed, 4); changes > 0; changes--) {
            unsigned size_bytes = 1u << random_below(&seed, 4);
            size_t limit = random_below(&seed, 4) ? GOOD_PHDRS + 2 * GOOD_PHDR_BYTES : sizeof good;
            put_le(good, random_below(&seed, limit - size_bytes + 1), size_bytes, random_magnitude(&seed));
        }
        memcpy(good, "\177ELF", 4);
        size_t size_bytes = random_below(&seed, 4) ? sizeof good : 4 + random_below(&seed, sizeof good - 4);
        uint8_t *copy = exact_copy(good, size_bytes);
        struct elf elf;
        err_t error = open_bytes(copy, size_bytes, &elf);
        if (err_is(error))
            ck_assert_int_eq(error.code, ERR_BAD_IMAGE);
        else
            is_sound(&elf, copy, size_bytes);
        accepted += !err_is(error);
        free(copy);
    }
    ck_assert_msg(accepted > 100 && accepted < 15000, "the noise proves little: %u accepted", accepted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hw elf");
    TCase *tcase = tcase_create("elf");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_good_elf_is_described);
    tcase_add_test(tcase, symbols_are_physical_and_whole_names);
    tcase_add_test(tcase, a_symbol_outside_every_segment_is_not_there);
    tcase_add_test(tcase, names_do_not_run_past_their_table);
    tcase_add_test(tcase, a_stripped_elf_has_no_symbols);
    tcase_add_test(tcase, empty_and_foreign_headers_are_passed_over);
    tcase_add_test(tcase, zeroes_may_lie_under_file_bytes);
    tcase_add_test(tcase, a_movable_elf_moves_as_a_whole);
    tcase_add_loop_test(tcase, each_damage_is_named, 0, (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(tcase, every_truncation_is_refused);
    tcase_add_test(tcase, segments_are_bounded);
    tcase_add_test(tcase, noise_is_refused_or_sound);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

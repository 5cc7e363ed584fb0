/* The kernel's symbol table is found in every layout it has had, and nothing is found where there is none. */
#include "guest_fixture.h"

#include <check.h>

static struct fixture fixture;

static void build(int layout, unsigned count) { fixture_build(&fixture, &fixture_layouts[layout], count, 11 + count); }

static void assert_found(void)
{
    struct guest_symbols symbols;
    err_t error = guest_symbols_read(&fixture.image, &symbols);
    ck_assert_msg(!err_is(error), "%s: %s", fixture.layout->name, error.detail);
    ck_assert_uint_eq(symbols.count, fixture.count);
    for (unsigned i = 0; i < fixture.count; i++) {
        ck_assert_uint_eq(symbols.rows[i].vaddr, fixture.vaddrs[i]);
        ck_assert_int_eq(symbols.rows[i].type, fixture.names[i][0]);
        ck_assert_str_eq(guest_symbol_name(&symbols, i), fixture.names[i] + 1);
    }
    guest_symbols_free(&symbols);
}

static void assert_none(const char *why)
{
    struct guest_symbols symbols;
    err_t error = guest_symbols_read(&fixture.image, &symbols);
    ck_assert_int_eq(error.code, ERR_UNAVAILABLE);
    ck_assert_msg(strstr(error.detail, why) != NULL, "%s: %s", fixture.layout->name, error.detail);
    ck_assert_ptr_null(symbols.rows);
}

START_TEST(every_layout)
{
    /* around a full marker, odd and even numbers of markers, and so on */
    static const unsigned counts[] = {513, 768, 769, 1023, 1024, 1025, 2221, 3000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        build(_i, counts[i]);
        assert_found();
    }
}
END_TEST

/* Wherever the kernel runs: the addresses are those in memory, which the kernel has moved itself. */
START_TEST(moved_by_kaslr)
{
    build(4, 2000);
    for (unsigned i = 0; i < fixture.count; i++)
        fixture.vaddrs[i] += 0x12600000;
    for (unsigned i = 0; i < 8; i++)
        fixture.bytes[fixture.addresses + 4 * 2000 + i] = (uint8_t)((fixture.base + 0x12600000) >> 8 * i);
    fixture.image.vaddr += 0x12600000;
    fixture.image.anchor += 0x12600000;
    assert_found();
}
END_TEST

START_TEST(what_looks_like_a_table_in_front)
{
    build(_i, 2000);
    memcpy(fixture.bytes + 0x1000, fixture.bytes + fixture.token_table,
           fixture.token_index + 512 - fixture.token_table);
    assert_found();
}
END_TEST

/* Each of these alone makes the table no table. */
START_TEST(ruined)
{
    build(_i, 2000);
    fixture.bytes[fixture.token_index + 101] ^= 0x80;
    assert_none("CONFIG_KALLSYMS");

    build(_i, 2000);
    fixture.bytes[fixture.token_table + 600 % (fixture.token_index - fixture.token_table - 16)] ^= 0x80;
    assert_none("CONFIG_KALLSYMS");

    build(_i, 2000);
    fixture.bytes[fixture.num_syms] ^= 1;
    assert_none("CONFIG_KALLSYMS");

    build(_i, 2000);
    fixture.bytes[fixture.names_at + 3000] ^= 0x55;
    fixture.bytes[fixture.markers + 3 * fixture.layout->marker_bytes] ^= 1;
    assert_none("CONFIG_KALLSYMS");

    build(_i, 2000);
    memset(fixture.bytes + fixture.addresses + 4000, 0x7f, 8);
    assert_none("form");

    build(_i, 2000);
    fixture.image.anchor = 0x80000000; /* the handler is not the kernel's */
    assert_none("form");
}
END_TEST

START_TEST(cut_off)
{
    build(_i, 600);
    size_t end = fixture.at;
    for (size_t size = fixture.token_index; size < end; size += 97) {
        fixture.image.size_bytes = size;
        if (size < fixture.token_index + 512 ||
            (!fixture.layout->addresses_first && size < fixture.addresses + 4 * fixture.count))
            assert_none("");
    }
    fixture.image.size_bytes = 0;
    assert_none("CONFIG_KALLSYMS");
    fixture.image.size_bytes = 511;
    assert_none("CONFIG_KALLSYMS");
}
END_TEST

/* Memory made of nothing but beginnings of tables ends the search, and soon. */
START_TEST(endless_promises)
{
    build(4, 2000);
    size_t size = fixture.token_index + 512 - fixture.token_table;
    for (size_t at = 0; at + size + 1024 < FIXTURE_BYTES; at += (size + 7) & ~(size_t)7)
        memmove(fixture.bytes + at, fixture.bytes + fixture.token_table, size);
    assert_none("CONFIG_KALLSYMS");

    build(4, 2000); /* markers without end, before a good token table */
    for (size_t at = 0; at + 16 <= fixture.token_table; at += 16)
        memcpy(fixture.bytes + at, (const uint32_t[]){0, 0x1000, 0x2000, 0x3000}, 16);
    assert_none("CONFIG_KALLSYMS");

    memset(fixture.bytes, 1, fixture.token_table); /* names without end, before every marker */
    for (size_t at = fixture.token_table - 16; at > fixture.token_table - 0x8000; at -= 16)
        memcpy(fixture.bytes + at, (const uint32_t[]){0, 0x400, 0x800, 0xc00}, 16);
    assert_none("CONFIG_KALLSYMS");
}
END_TEST

/* ---- the table, asked ---------------------------------------------------------------------------------------------- */

START_TEST(asked_by_name_and_address)
{
    struct guest_symbols symbols;
    uint64_t vaddr;
    size_t index;

    build(4, 1000);
    ck_assert(!err_is(guest_symbols_read(&fixture.image, &symbols)));
    ck_assert(guest_symbols_find(&symbols, fixture.names[999] + 1, &vaddr));
    ck_assert_uint_le(vaddr, fixture.vaddrs[999]);
    ck_assert(!guest_symbols_find(&symbols, "no such name", &vaddr));
    ck_assert(!guest_symbols_at(&symbols, fixture.vaddrs[0] - 1, &index));
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert(guest_symbols_at(&symbols, fixture.vaddrs[i], &index));
        ck_assert_uint_eq(fixture.vaddrs[index], fixture.vaddrs[i]);
        ck_assert(index == 0 || fixture.vaddrs[index - 1] < fixture.vaddrs[i]);
    }
    ck_assert(guest_symbols_at(&symbols, UINT64_MAX, &index));
    ck_assert_uint_eq(fixture.vaddrs[index], fixture.vaddrs[999]);
    guest_symbols_free(&symbols);
}
END_TEST

/* Where a part of the kernel begins or ends, there is something else as well, which is what people look for. */
START_TEST(borders)
{
    static char names[] = "_text\0do_it\0__part_end\0_stext\0_end\0y";
    static struct guest_symbol rows[] = {{0x1000, 0, 'T'},  {0x1000, 6, 'T'},  {0x1000, 12, 't'},
                                         {0x1000, 23, 'T'}, {0x2000, 30, 'T'}, {0x3000, 35, 'D'}};
    static const bool border[] = {true, false, true, true, false, false};
    struct guest_symbols symbols = {rows, sizeof rows / sizeof rows[0], names, sizeof names};
    size_t index;
    for (size_t i = 0; i < symbols.count; i++)
        ck_assert_msg(guest_symbol_is_border(&symbols, i) == border[i], "%s", guest_symbol_name(&symbols, i));
    ck_assert(guest_symbols_code_at(&symbols, 0x1234, &index));
    ck_assert_str_eq(guest_symbol_name(&symbols, index), "do_it");
    ck_assert(guest_symbols_code_at(&symbols, 0x2000, &index)); /* there is no other name */
    ck_assert_str_eq(guest_symbol_name(&symbols, index), "_end");
    ck_assert(!guest_symbols_code_at(&symbols, 0xfff, &index));
    ck_assert(!guest_symbols_code_at(&symbols, 0x3000, &index));
}
END_TEST

/* ---- the ELF ------------------------------------------------------------------------------------------------------- */

static uint64_t word(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0;
    while (width-- > 0)
        value = value << 8 | bytes[width];
    return value;
}

/* Every symbol with its address, in a section that holds it, and local ones first. */
START_TEST(as_an_elf)
{
    struct guest_symbols symbols;
    uint8_t *elf;
    size_t size, locals = 0, seen = 0;

    build(4, 1500);
    ck_assert(!err_is(guest_symbols_read(&fixture.image, &symbols)));
    ck_assert(!err_is(guest_symbols_elf(&symbols, &fixture.image, &elf, &size)));
    ck_assert_mem_eq(elf,
                     "\x7f"
                     "ELF\2\1\1",
                     7);
    unsigned nsections = (unsigned)word(elf + 60, 2);
    const uint8_t *headers = elf + word(elf + 40, 8), *symtab = headers + 64 * (size_t)(nsections - 4);
    const uint8_t *rows = elf + word(symtab + 24, 8);
    const char *names = (const char *)elf + word(symtab + 64 + 24, 8);
    size_t nrows = word(symtab + 32, 8) / 24;
    ck_assert_uint_eq(nrows, 1501);
    for (size_t i = 1; i < nrows; i++) {
        const uint8_t *row = rows + 24 * i, *header = headers + 64 * word(row + 6, 2);
        uint64_t vaddr = word(row + 8, 8), end = vaddr + word(row + 16, 8);
        bool local = row[4] >> 4 == 0;
        locals += local;
        ck_assert(!local || i < word(symtab + 44, 4));
        for (unsigned s = 0; s < fixture.count; s++)
            seen += fixture.vaddrs[s] == vaddr && strcmp(fixture.names[s] + 1, names + word(row, 4)) == 0;
        if (word(row + 6, 2) == 0xfff1)
            continue;
        ck_assert_uint_ge(vaddr, word(header + 16, 8));
        ck_assert_uint_le(end, word(header + 16, 8) + word(header + 32, 8));
    }
    ck_assert_uint_ge(seen, 1500);
    ck_assert_uint_eq(locals + 1, word(symtab + 44, 4));
    free(elf);
    guest_symbols_free(&symbols);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest/kallsyms");
    TCase *tests = tcase_create("kallsyms");
    tcase_add_loop_test(tests, every_layout, 0, FIXTURE_LAYOUTS);
    tcase_add_test(tests, moved_by_kaslr);
    tcase_add_loop_test(tests, what_looks_like_a_table_in_front, 0, FIXTURE_LAYOUTS);
    tcase_add_loop_test(tests, ruined, 0, FIXTURE_LAYOUTS);
    tcase_add_loop_test(tests, cut_off, 0, FIXTURE_LAYOUTS);
    tcase_add_test(tests, endless_promises);
    tcase_add_test(tests, asked_by_name_and_address);
    tcase_add_test(tests, borders);
    tcase_add_test(tests, as_an_elf);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

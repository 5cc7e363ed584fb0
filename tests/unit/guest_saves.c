/* Where the entry code has put the registers of what it interrupts is read from it as it stands at each instruction. */
#include "guest/saves.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { GP = 3, TP = 4, T0 = 5, T1 = 6, S1 = 9, A0 = 10, A1 = 11, S11 = 27 };

/* As Linux has it, shortened. */
static const uint16_t entry[] = {
    0x1273, 0x1402, /*  0 csrrw tp, sscratch, tp: swapped with that of the kernel, if it was not there */
    0x1963, 0x0202, /*  4 bnez tp, 54 */
    0x2273, 0x1400, /*  8 csrr tp, sscratch */
    0x3823, 0x02a2, /* 12 sd a0, 48(tp) */
    0x2573, 0x1420, /* 16 csrr a0, scause */
    0x4863, 0x0005, /* 20 bltz a0, 36 */
    0x3503, 0x0302, /* 24 ld a0, 48(tp) */
    0x1073, 0x1400, /* 28 csrw sscratch, zero */
    0x0073, 0x1020, /* 32 sret */
    0x3503, 0x0302, /* 36 ld a0, 48(tp) */
    0x3823, 0x0022, /* 40 sd sp, 16(tp) */
    0x712d,         /* 44 addi sp, sp, -288: is there room? */
    0x5113, 0x00e1, /* 46 srli sp, sp, 14 */
    0x3103, 0x0102, /* 50 ld sp, 16(tp) */
    0x3c23, 0x0022, /* 54 sd sp, 24(tp) */
    0x3103, 0x0102, /* 58 ld sp, 16(tp): the kernel's, if it was not there */
    0x712d,         /* 62 addi sp, sp, -288 */
    0xe406,         /* 64 sd ra, 8(sp) */
    0xe0a2,         /* 66 sd s0, 64(sp) */
    0xe4a6,         /* 68 sd s1, 72(sp) */
    0x3403, 0x0182, /* 70 ld s0, 24(tp) */
    0x24f3, 0x1410, /* 74 csrr s1, sepc */
    0x2973, 0x1400, /* 78 csrr s2, sscratch */
    0xe822,         /* 82 sd s0, 16(sp) */
    0xe026,         /* 84 sd s1, 0(sp) */
    0xf04a,         /* 86 sd s2, 32(sp) */
    0x1073, 0x1400, /* 88 csrw sscratch, zero */
    0x850a,         /* 92 mv a0, sp */
    0x9302,         /* 94 jalr t1 */
    0xa009,         /* 96 j 98 */
};

static const uint16_t back[] = {
    0x6412,         /*  0 ld s0, 256(sp) */
    0x3823, 0x0082, /*  2 sd s0, 16(tp) */
    0x6602,         /*  6 ld a2, 0(sp) */
    0x302f, 0x18c1, /*  8 sc.d zero, a2, (sp) */
    0x1073, 0x1416, /* 12 csrw sepc, a2 */
    0x60a2,         /* 16 ld ra, 8(sp) */
    0x7202,         /* 18 ld tp, 32(sp) */
    0x6406,         /* 20 ld s0, 64(sp) */
    0x6142,         /* 22 ld sp, 16(sp) */
    0x0073, 0x1020, /* 24 sret */
};

static struct unwinder *unwinder;
static struct saves *saves;

static void setup(void)
{
    unwinder = unwinder_new();
    saves = saves_new(unwinder);
    ck_assert_ptr_nonnull(saves);
}

static void teardown(void)
{
    saves_free(saves);
    unwinder_free(unwinder);
}

static void go_to(size_t offset)
{
    while (unwind_at(unwinder) < offset)
        ck_assert(saves_step(saves));
    ck_assert_uint_eq(unwind_at(unwinder), offset);
}

static void assert_place(unsigned index, enum place_kind kind, unsigned base, int offset)
{
    struct place place = saves_place(saves, index);
    ck_assert_msg(place.kind == kind && place.base == base && place.offset == offset,
                  "at %zu register %u: kind %d, base %d, offset %d", unwind_at(unwinder), index, place.kind, place.base,
                  place.offset);
}

static void assert_there(unsigned x) { assert_place(x, PLACE_REGISTER, x, 0); }

START_TEST(from_the_first_on)
{
    saves_begin(saves, (const uint8_t *)entry, sizeof entry, false);
    for (unsigned x = 1; x < 32; x++)
        assert_there(x);
    assert_place(0, PLACE_NOWHERE, 0, 0);
    assert_place(SAVES_PC, PLACE_SEPC, 0, 0);
    ck_assert(!saves_done(saves));
    go_to(4);
    assert_place(TP, PLACE_SSCRATCH, 0, 0);
    go_to(12);
    assert_there(TP);
    go_to(20);
    assert_place(A0, PLACE_MEMORY, TP, 48);
    go_to(36); /* only by the branch: what is before it has put a0 back, and sscratch is empty */
    assert_place(A0, PLACE_MEMORY, TP, 48);
    assert_there(SP);
    go_to(46);
    assert_place(SP, PLACE_MEMORY, TP, 16);
    go_to(54); /* from the first branch, too */
    assert_there(SP);
    assert_there(A0);
    assert_place(TP, PLACE_SSCRATCH, 0, 0);
}
END_TEST

START_TEST(on_the_stack)
{
    saves_begin(saves, (const uint8_t *)entry, sizeof entry, false);
    go_to(58);
    assert_place(SP, PLACE_MEMORY, TP, 24);
    go_to(64);
    assert_place(SP, PLACE_MEMORY, TP, 24);
    assert_there(RA);
    go_to(74);
    assert_place(RA, PLACE_MEMORY, SP, 8);
    assert_place(FP, PLACE_MEMORY, SP, 64);
    assert_place(SP, PLACE_MEMORY, TP, 24);
    go_to(84);
    assert_place(S1, PLACE_MEMORY, SP, 72);
    assert_place(SP, PLACE_MEMORY, SP, 16);
    assert_place(SAVES_PC, PLACE_SEPC, 0, 0);
    ck_assert(!saves_done(saves));
    go_to(86);
    assert_place(SAVES_PC, PLACE_MEMORY, SP, 0);
    assert_place(TP, PLACE_SSCRATCH, 0, 0);
    ck_assert(saves_done(saves));
    go_to(96);
    assert_place(TP, PLACE_MEMORY, SP, 32);
    assert_place(RA, PLACE_MEMORY, SP, 8);
    assert_place(A0, PLACE_NOWHERE, 0, 0); /* this one has not saved it */
    assert_there(S11);
    ck_assert(!saves_step(saves));
}
END_TEST

START_TEST(and_back)
{
    saves_begin(saves, (const uint8_t *)back, sizeof back, true);
    for (unsigned x = 1; x < 32; x++)
        assert_place(x, PLACE_MEMORY, SP, (int)(8 * x));
    assert_place(SAVES_PC, PLACE_MEMORY, SP, 0);
    go_to(22);
    assert_place(RA, PLACE_MEMORY, SP, 8);
    assert_place(GP, PLACE_MEMORY, SP, 24);
    ck_assert(saves_done(saves));
    go_to(24);
    assert_there(RA);
    assert_there(TP);
    assert_there(FP);
    assert_there(SP);
    assert_place(GP, PLACE_NOWHERE, 0, 0); /* this one has forgotten it */
    assert_place(SAVES_PC, PLACE_SEPC, 0, 0);
    ck_assert(!saves_done(saves));
}
END_TEST

/* Stores over what has been saved, of half a register, and relative to what has changed. */
START_TEST(look_alikes)
{
    static const uint16_t code[] = {
        0xec06, /*  0 sd ra, 24(sp) */
        0xe40e, /*  2 sd gp, 8(sp) */
        0x1121, /*  4 addi sp, sp, -24 */
        0xf016, /*  6 sd t0, 32(sp): where gp was */
        0xc02e, /*  8 sw a1, 0(sp) */
        0x4301, /* 10 li t1, 0 */
        0x8096, /* 12 mv ra, t0 */
        0x812a, /* 14 mv sp, a0 */
        0x70a2, /* 16 ld ra, 40(sp) */
    };
    saves_begin(saves, (const uint8_t *)code, sizeof code, false);
    go_to(6);
    assert_place(RA, PLACE_MEMORY, SP, 48);
    assert_place(GP, PLACE_MEMORY, SP, 32);
    assert_place(SP, PLACE_NOWHERE, 0, 0);
    go_to(8);
    assert_there(GP);
    assert_place(T0, PLACE_MEMORY, SP, 32);
    go_to(12);
    assert_there(A1);
    assert_place(T1, PLACE_NOWHERE, 0, 0);
    go_to(16);
    assert_place(RA, PLACE_NOWHERE, 0, 0);
    assert_there(T0);
}
END_TEST

/* Whatever the code is, it is gone through to its end, and places are in reach of an instruction. */
START_TEST(anything)
{
    uint64_t seed = 5;
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t code[300];
        size_t size = random_below(&seed, sizeof code), last = 0;
        random_fill(&seed, code, size);
        for (size_t i = 0; i + 4 < size; i += 2)
            if (random_below(&seed, 4) == 0)
                memcpy(code + i, &entry[random_below(&seed, sizeof entry / sizeof entry[0] - 1)], 4);
        saves_begin(saves, code, size, round % 2 != 0);
        do {
            for (unsigned i = 0; i < SAVES_REGISTERS; i++) {
                struct place place = saves_place(saves, i);
                ck_assert(place.kind <= PLACE_SEPC && place.base < 32 && abs(place.offset) <= 2048);
            }
            ck_assert(last == 0 || unwind_at(unwinder) > last);
            last = unwind_at(unwinder);
        } while (saves_step(saves));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest/saves");
    TCase *tests = tcase_create("saves");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, from_the_first_on);
    tcase_add_test(tests, on_the_stack);
    tcase_add_test(tests, and_back);
    tcase_add_test(tests, look_alikes);
    tcase_add_test(tests, anything);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* Registers, memory, threads, monitor commands and the end, in front of a history that is a formula (fake_timeline.h).
 */
#include "fake_debugger.h"
#include "fake_timeline.h"
#include "gdbstub/registers.h"

#include <check.h>

static void setup(void)
{
    fake_reset();
    fake_connect(&fake);
}

static void teardown(void) { fake_disconnect(); }

static void stand_at(uint64_t mark) { ck_assert(!err_is(timeline_seek(&fake, icount_of(mark)))); }

/* The reply, behind a prefix, in a buffer that the next question leaves alone. */
static __attribute__((noinline)) void keep(char *to, size_t capacity, const char *prefix, const char *reply)
{
    int length = snprintf(to, capacity, "%s%s", prefix, reply);
    ck_assert(length >= 0 && (size_t)length < capacity);
}

/* ---- registers -------------------------------------------------------------------------------------------------------------- */

START_TEST(registers_are_read)
{
    stand_at(7);
    const char *all = ask("g");
    ck_assert_uint_eq(strlen(all), 33 * 16);
    ck_assert(!strncmp(all,
                       "0000000000000000"
                       "0001000000000000",
                       32));
    ck_assert_str_eq(all + 32 * 16, "1c00008000000000");
    ck_assert_str_eq(ask("pa"), "0700000000000000");
    ck_assert_str_eq(ask("p20"), "1c00008000000000");
    fake.harts[0].f[31] = 0xffffffff3f800000;
    ck_assert_str_eq(ask("p40"), "0000803fffffffff");
    ck_assert_str_eq(ask("p42"), "00000000");           /* fflags, 32 bits */
    ck_assert_str_eq(ask("p341"), "0000000000000000");  /* 65 + 0x300: mstatus */
    ck_assert_str_eq(ask("p1041"), "0300000000000000"); /* priv */
    ck_assert_str_eq(ask("p41"), "E22");                /* CSR 0 does not exist */
    ck_assert_str_eq(ask("p1042"), "E22");
    ck_assert_str_eq(ask("pffffffffffffffff"), "E22");
    ck_assert_uint_eq(fake.moves, 0);
    ck_assert(!fake.diverted);
}
END_TEST

START_TEST(writing_a_register_diverts_and_says_so_once)
{
    stand_at(7);
    ck_assert_str_eq(ask("Pa=2a00000000000000"), "OK");
    ck_assert(fake.diverted);
    ck_assert_str_eq(ask("pa"), "2a00000000000000");
    const char *replies = ask("s");
    ck_assert_msg(replies[0] == 'O' && strstr(replies, "\nT05thread:01;"), "%s", replies);
    ck_assert_str_eq(ask("Pb=2a00000000000000"), "OK");
    ck_assert_str_eq(ask("s"), "T05thread:01;");
}
END_TEST

START_TEST(writing_what_is_there_already_changes_nothing)
{
    stand_at(7);
    ck_assert_str_eq(ask("Pa=0700000000000000"), "OK");
    ck_assert_str_eq(ask("P0=0700000000000000"), "OK"); /* x0 stays 0 */
    ck_assert_str_eq(ask("p0"), "0000000000000000");
    char packet[1024];
    keep(packet, sizeof packet, "G", ask("g"));
    ck_assert_str_eq(ask(packet), "OK");
    snprintf(packet, sizeof packet, "X80000000,0:");
    ck_assert_str_eq(ask(packet), "OK");
    ck_assert(!fake.diverted);
}
END_TEST

START_TEST(bad_register_writes_are_refused_whole)
{
    static const char *const bad[] = {"P0",
                                      "P0=",
                                      "Pa=00",
                                      "Pa=000000000000000000",
                                      "Pa=zz00000000000000",
                                      "P20=0100008000000000",
                                      "P1041=0200000000000000",
                                      "P1042=0000000000000000",
                                      "P41=0000000000000000",
                                      "G",
                                      "G00"};
    char packet[1024];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!strcmp(ask(bad[i]), "E22"), "%s", bad[i]);
    keep(packet, sizeof packet, "G", ask("g"));
    packet[1 + 16] = 'f';          /* another ra */
    packet[1 + 32 * 16 + 1] = '1'; /* and an odd pc */
    ck_assert_str_eq(ask(packet), "E22");
    ck_assert(!fake.diverted);
}
END_TEST

START_TEST(all_registers_are_written)
{
    char packet[1024];
    keep(packet, sizeof packet, "G", ask("g"));
    packet[1 + 5 * 16] = 'f';
    ck_assert_str_eq(ask(packet), "OK");
    ck_assert(fake.diverted);
    ck_assert_str_eq(ask("g"), packet + 1);
}
END_TEST

START_TEST(going_on_from_an_address_is_a_write_to_pc)
{
    stand_at(7);
    ck_assert_str_eq(ask("s8000001c"), "T05thread:01;"); /* from where it is */
    ck_assert(!fake.diverted);
    const char *replies = ask("s80000000");
    ck_assert_msg(replies[0] == 'O' && strstr(replies, "\nT05thread:01;"), "%s", replies);
    ck_assert_str_eq(ask("p20"), "0400008000000000");
    ck_assert(fake.diverted);
    ck_assert_str_eq(ask("c80000001"), "E22");
}
END_TEST

/* ---- target.xml --------------------------------------------------------------------------------------------------------------- */

static void undo_escapes(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        *to++ = *from == '}' ? (char)(*++from ^ 0x20) : *from;
    *to = 0;
}

START_TEST(target_xml_comes_whole_in_any_pieces)
{
    static char whole[1 << 16], pieces[1 << 16];
    keep(whole, sizeof whole, "", ask("qXfer:features:read:target.xml:0,fff0"));
    ck_assert_int_eq(whole[0], 'l');
    undo_escapes(whole);
    size_t at = 0;
    for (;;) {
        char packet[64], part[256];
        snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,64", at);
        keep(part, sizeof part, "", ask(packet));
        undo_escapes(part);
        ck_assert(part[0] == 'l' || strlen(part) == 101);
        memcpy(pieces + at, part + 1, strlen(part));
        at += strlen(part) - 1;
        if (part[0] == 'l')
            break;
    }
    ck_assert_str_eq(whole + 1, pieces);
    char past[64];
    snprintf(past, sizeof past, "qXfer:features:read:target.xml:%zx,64", at);
    ck_assert_str_eq(ask(past), "l");
    snprintf(past, sizeof past, "qXfer:features:read:target.xml:%zx,64", at + 1);
    ck_assert_str_eq(ask(past), "E00");
    ck_assert_str_eq(ask("qXfer:features:read:other.xml:0,64"), "E00");
}
END_TEST

START_TEST(target_xml_has_every_register_once)
{
    char *xml = target_xml_make();
    static const char *const wanted[] = {
        "<architecture>riscv:rv64</architecture>\n  <osabi>none</osabi>",
        "<reg name=\"zero\" bitsize=\"64\" type=\"int\" regnum=\"0\"/>",
        "<reg name=\"fp\" bitsize=\"64\" type=\"data_ptr\" regnum=\"8\"/>",
        "<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\" regnum=\"32\"/>",
        "<reg name=\"ft11\" bitsize=\"64\" type=\"riscv_double\" regnum=\"64\"/>",
        "<reg name=\"fcsr\" bitsize=\"32\" type=\"int\" regnum=\"68\"/>",
        "<reg name=\"mstatus\" bitsize=\"64\" type=\"int\" regnum=\"833\"/>",
        "<reg name=\"priv\" bitsize=\"64\" type=\"int\" regnum=\"4161\"/>",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const char *found = strstr(xml, wanted[i]);
        ck_assert_msg(found != NULL, "%s", wanted[i]);
        ck_assert_msg(strstr(found + 1, wanted[i]) == NULL, "twice: %s", wanted[i]);
    }
    unsigned count = 0;
    for (const char *at = xml; (at = strstr(at, "<reg ")) != NULL; at++)
        count++;
    ck_assert_uint_eq(count, 33 + 32 + 7 + 1);
    free(xml);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------------------- */

static const char *hex_of(size_t at, size_t size_bytes)
{
    static char text[2 * FAKE_RAM_BYTES + 1];
    for (size_t i = 0; i < size_bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", fake.ram[at + i]);
    return text;
}

START_TEST(memory_is_read_across_pages_as_far_as_it_goes)
{
    ck_assert_str_eq(ask("m80000000,4"), hex_of(0, 4));
    ck_assert_str_eq(ask("m40000ffe,4"), hex_of(0xffe, 4));
    ck_assert_str_eq(ask("m40002ff0,40"), hex_of(0x2ff0, 16)); /* up to the hole */
    ck_assert_str_eq(ask("m40003000,4"), "E14");
    ck_assert_str_eq(ask("m10000000,4"), "E14"); /* a device is not touched */
    ck_assert_str_eq(ask("mfffffffffffffffe,8"), "E14");
    ck_assert_str_eq(ask("m8000fffe,ffffffffffffffff"), hex_of(0xfffe, 2));
    ck_assert_str_eq(ask("m80000000,0"), "");
    ck_assert_uint_eq(strlen(ask("m80000000,ffffffffffffffff")), 2 * RSP_MEMORY_MAX);
}
END_TEST

START_TEST(memory_is_read_as_bytes)
{
    memcpy(fake.ram, "a#$}*b", 6);
    ck_assert_str_eq(ask("x80000000,6"), "ba}\x03}\x04}]}\x0a"
                                         "b");
    ck_assert_str_eq(ask("x10000000,6"), "E14");
    ck_assert_str_eq(ask("x80000000,0"), "b");
    ask("qHostInfo"); /* LLDB 21: it knows binary-upload+ */
    ck_assert_str_eq(ask("x80000000,1"), "ba");
    ck_assert_str_eq(ask("x0,0"), "OK"); /* older ones */
    ck_assert_str_eq(ask("x80000000,1"), "a");
}
END_TEST

START_TEST(writing_memory_diverts_all_or_nothing)
{
    ck_assert_str_eq(ask("M40002ffe,4:11223344"), "E14");
    ck_assert_str_eq(ask("M10000000,1:11"), "E14");
    ck_assert_str_eq(ask("M80000000,4:112233"), "E22");
    ck_assert_str_eq(ask("M80000000,2:112233"), "E22");
    ck_assert(!fake.diverted);
    ck_assert_str_eq(ask("M40000ffe,4:11223344"), "OK");
    ck_assert(fake.diverted);
    ck_assert_mem_eq(fake.ram + 0xffe, "\x11\x22\x33\x44", 4);
    fake_bytes("$X80000000,3:}\x03}\x04z#f4", 21);
    ck_assert_str_eq(fake_replies(), "OK");
    ck_assert_mem_eq(fake.ram, "#$z", 3);
}
END_TEST

START_TEST(the_diversion_is_told_to_a_monitor_command_too)
{
    ask("M80000000,2:1122");
    ck_assert_ptr_nonnull(strstr(ask_monitor("when"), "diverted timeline"));
    ck_assert_ptr_null(strstr(ask_monitor("when"), "were written"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("recording"), "back in the recording"));
    ck_assert(!fake.diverted);
    ask("M80000000,2:3344");
    ck_assert_ptr_nonnull(strstr(ask_monitor("when"), "were written"));
}
END_TEST

START_TEST(dropping_what_was_written_goes_back_to_where_it_was)
{
    stand_at(40);
    ask("M80000000,2:1122");
    for (int i = 0; i < 3; i++)
        ask("s");
    ck_assert_uint_eq(fake.now, 43);
    const char *said = ask_monitor("recording");
    ck_assert_ptr_nonnull(strstr(said, "back in the recording, where it was left\n40 instructions"));
    ck_assert_uint_eq(fake.now, 40);
    ck_assert_str_eq(ask("?"), "T05thread:01;");
}
END_TEST

START_TEST(physical_addresses_on_request)
{
    ck_assert_str_eq(ask("qqemu.Supported"), "PhyMemMode");
    ck_assert_str_eq(ask("qqemu.PhyMemMode"), "0");
    ck_assert_str_eq(ask("m40000000,4"), hex_of(0, 4));
    ck_assert_str_eq(ask("Qqemu.PhyMemMode:1"), "OK");
    ck_assert_str_eq(ask("qqemu.PhyMemMode"), "1");
    ck_assert_str_eq(ask("m40000000,4"), "E14");
    ck_assert_str_eq(ask("m80003000,4"), hex_of(0x3000, 4));
    ck_assert_str_eq(ask("M40000000,2:1122"), "E14");
    ck_assert(!fake.diverted);
    ck_assert_str_eq(ask("M80003ffe,4:11223344"), "OK");
    ck_assert(fake.diverted);
    ck_assert_mem_eq(fake.ram + 0x3ffe, "\x11\x22\x33\x44", 4);
    ck_assert_str_eq(ask("Qqemu.PhyMemMode:0"), "OK");
    ck_assert_str_eq(ask("m40000000,4"), hex_of(0, 4));
}
END_TEST

START_TEST(memory_is_searched)
{
    memset(fake.ram, 0, sizeof fake.ram);
    memcpy(fake.ram + 0x2ffd, "abc", 3);
    ck_assert_str_eq(ask("qSearch:memory:40000000;3000;abc"), "1,40002ffd");
    ck_assert_str_eq(ask("qSearch:memory:40002ffd;3;abc"), "1,40002ffd");
    ck_assert_str_eq(ask("qSearch:memory:40000000;2fff;abc"), "0");
    ck_assert_str_eq(ask("qSearch:memory:40000000;2;abc"), "0");
    ck_assert_str_eq(ask("qSearch:memory:40002ffe;ffffffffffffffff;abc"), "E14"); /* into the hole */
    ck_assert_str_eq(ask("qSearch:memory:10000000;10;abc"), "E14");
    ck_assert_str_eq(ask("qSearch:memory:80000000;10;"), "E22");
}
END_TEST

START_TEST(checksums_are_those_of_gdb)
{
    memcpy(fake.ram, "123456789", 9);
    ck_assert_str_eq(ask("qCRC:80000000,9"), "C376e6e7"); /* CRC-32/MPEG-2, its check value */
    ck_assert_str_eq(ask("qCRC:80000000,0"), "Cffffffff");
    ck_assert_str_eq(ask("qCRC:40002fff,2"), "E14");
    ck_assert_str_eq(ask("qCRC:80000000,ffffffffffffffff"), "E14");
}
END_TEST

/* ---- threads -------------------------------------------------------------------------------------------------------------------- */

START_TEST(each_hart_is_a_thread)
{
    fake.nharts = 3;
    fake_settle();
    ck_assert_str_eq(ask("qfThreadInfo"), "m01,02,03");
    ck_assert_str_eq(ask("qsThreadInfo"), "l");
    ck_assert_str_eq(ask("T3"), "OK");
    ck_assert_str_eq(ask("T4"), "E22");
    ck_assert_str_eq(ask("T0"), "E22");
    ck_assert_str_eq(ask("Hg3"), "OK");
    ck_assert_str_eq(ask("p5"), "0205000000000000");
    ck_assert_str_eq(ask("Hg4"), "E22");
    ck_assert_str_eq(ask("p5"), "0205000000000000");
    ck_assert_str_eq(ask("qC"), "QC03");
    ck_assert_str_eq(ask("qThreadExtraInfo,2"), "6861727420312c204d2d6d6f6465"); /* hart 1, M-mode */
    ck_assert_str_eq(ask("qThreadExtraInfo,9"), "E22");
}
END_TEST

START_TEST(a_step_is_of_the_chosen_hart)
{
    fake.nharts = 3;
    stand_at(300);
    ask("Hc3");
    ck_assert_str_eq(ask("s"), "T05thread:03;");
    ck_assert_uint_eq(fake.now, 303);
    ask("Hc2");
    ck_assert_str_eq(ask("bs"), "T05thread:02;");
    ck_assert_uint_eq(fake.now, 301);
    ask("Hc0");
    ck_assert_str_eq(ask("bs"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 300);
    ck_assert_str_eq(ask("p5"), "0005000000000000"); /* the hart that stopped is the one that is meant now */
    ck_assert_str_eq(ask("vCont;s:2;c"), "T05thread:02;");
    ck_assert_uint_eq(fake.now, 302);
}
END_TEST

/* ---- monitor ---------------------------------------------------------------------------------------------------------------------- */

START_TEST(monitor_commands)
{
    stand_at(500);
    ck_assert_ptr_nonnull(strstr(ask_monitor("when"), "500 instructions, 0.500000000 s, hart 0, M-mode"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("  seek   7  "), "7 instructions"));
    ck_assert_uint_eq(fake.now, 7);
    ask_monitor("seek end");
    ck_assert_uint_eq(fake.now, FAKE_END);
    ck_assert_ptr_nonnull(strstr(ask_monitor("seek"), "MARK"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("seek nowhere"), "nowhere"));
    ck_assert_uint_eq(fake.now, FAKE_END);
    ck_assert_ptr_nonnull(strstr(ask_monitor("info"), "history from 0 to 1,000"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("info"), "executed: 3 of 4 intervals, going on"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("help"), "seek"));
    ck_assert_ptr_nonnull(strstr(ask_monitor(""), "seek"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("quit"), "monitor help"));
    ck_assert_str_eq(ask_monitor("help") + strlen(ask_monitor("help")) - 2, "OK");
    ask_monitor("restart");
    ck_assert_uint_eq(fake.now, 0);
}
END_TEST

START_TEST(a_monitor_line_that_is_too_long_is_refused)
{
    char line[400];
    memset(line, 'a', sizeof line);
    line[sizeof line - 1] = 0;
    ck_assert_str_eq(ask_monitor(line), "E22");
}
END_TEST

/* ---- the end ------------------------------------------------------------------------------------------------------------------------ */

START_TEST(detaching_and_killing)
{
    ck_assert_int_eq(fake_bytes("$D#44", 5), CLIENT_DETACHED);
    ck_assert_str_eq(fake_replies(), "OK");
    fake_disconnect();
    fake_connect(&fake);
    ck_assert_int_eq(fake_bytes("$k#6b", 5), CLIENT_KILLED);
    ck_assert_str_eq(fake_replies(), "");
    ck_assert_uint_eq(debugger.received, 1); /* only the ack */
    fake_disconnect();
    fake_connect(&fake);
    ck_assert_int_eq(fake_bytes("$vKill;1#6e", 11), CLIENT_KILLED);
    ck_assert_str_eq(fake_replies(), "OK");
}
END_TEST

START_TEST(restarting_goes_to_the_start_of_the_recording)
{
    stand_at(500);
    ask("M80000000,2:3344");
    ask("R00");
    ck_assert_uint_eq(debugger.received, 1);
    ck_assert_uint_eq(fake.now, 0);
    ck_assert(!fake.diverted);
    ck_assert_str_eq(ask("?"), "T05thread:01;");
    ck_assert_str_eq(ask("s"), "T05thread:01;");
}
END_TEST

/* There nothing ends the conversation but hanging up: what was killed or let go can be run or attached to again. */
START_TEST(the_extended_protocol_begins_anew)
{
    stand_at(500);
    ck_assert_str_eq(ask("vRun;"), ""); /* not without ! */
    ck_assert_str_eq(ask("vAttach;1"), "");
    ck_assert_uint_eq(fake.now, 500);
    ck_assert_str_eq(ask("!"), "OK");
    static const char *const ends[] = {"vKill;1", "D", "k"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        ask("Z0,80000010,4");
        ask(ends[i]);
        ck_assert_str_eq(ask("qfThreadInfo"), "l");
        ck_assert_str_eq(ask("vAttach;1"), "T05thread:01;");
        ck_assert_str_eq(ask("qfThreadInfo"), "m01");
        ck_assert_uint_eq(fake.now, 500);
        ck_assert_uint_eq(debugger.client->points.count, 0);
        ask(ends[i]);
        ask("M80000000,2:3344");
        ck_assert_str_eq(ask("vRun;6100;62"), "T05thread:01;");
        ck_assert_str_eq(ask("qfThreadInfo"), "m01");
        ck_assert_uint_eq(fake.now, 0);
        ck_assert(!fake.diverted);
        ask_monitor("back");
        ck_assert_uint_eq(fake.now, 500);
    }
}
END_TEST

static Suite *serve_suite(void)
{
    static const TTest **const tests[] = {
        &registers_are_read,
        &writing_a_register_diverts_and_says_so_once,
        &writing_what_is_there_already_changes_nothing,
        &bad_register_writes_are_refused_whole,
        &all_registers_are_written,
        &going_on_from_an_address_is_a_write_to_pc,
        &target_xml_comes_whole_in_any_pieces,
        &target_xml_has_every_register_once,
        &memory_is_read_across_pages_as_far_as_it_goes,
        &memory_is_read_as_bytes,
        &writing_memory_diverts_all_or_nothing,
        &the_diversion_is_told_to_a_monitor_command_too,
        &dropping_what_was_written_goes_back_to_where_it_was,
        &physical_addresses_on_request,
        &memory_is_searched,
        &checksums_are_those_of_gdb,
        &each_hart_is_a_thread,
        &a_step_is_of_the_chosen_hart,
        &monitor_commands,
        &a_monitor_line_that_is_too_long_is_refused,
        &detaching_and_killing,
        &restarting_goes_to_the_start_of_the_recording,
        &the_extended_protocol_begins_anew,
    };
    Suite *suite = suite_create("gdbstub/serve");
    TCase *cases = tcase_create("serve");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, *tests[i]);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(serve_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

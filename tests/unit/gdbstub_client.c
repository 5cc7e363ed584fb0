/* Packets, going on and going back, and what stops it on the way, in front of a history that is a formula
 * (fake_timeline.h). */
#include "fake_debugger.h"
#include "fake_timeline.h"

#include <check.h>

static void setup(void)
{
    fake_reset();
    fake_connect(&fake);
}

static void teardown(void) { fake_disconnect(); }

static void stand_at(uint64_t mark) { ck_assert(!err_is(timeline_seek(&fake, icount_of(mark)))); }

/* ---- packets and acknowledgments --------------------------------------------------------------------------------- */

START_TEST(packets_are_acknowledged_until_that_is_switched_off)
{
    fake_bytes("$qC#b4", 6);
    ck_assert_mem_eq(debugger.from_stub, "+$QC01#f5", 9);
    ask("QStartNoAckMode");
    ck_assert_mem_eq(debugger.from_stub, "+$OK#9a", 7);
    ask("qC");
    ck_assert_uint_eq(debugger.from_stub[0], '$');
}
END_TEST

START_TEST(a_bad_checksum_is_told_with_and_without_acknowledgments)
{
    fake_bytes("$qC#b5", 6);
    ck_assert_uint_eq(debugger.received, 1);
    ck_assert_uint_eq(debugger.from_stub[0], '-');
    ask("QStartNoAckMode");
    fake_bytes("$qC#b5", 6);
    ck_assert_str_eq(fake_replies(), "E01");
}
END_TEST

START_TEST(a_reply_is_sent_again_when_asked_but_not_without_end)
{
    ask("qC");
    fake_bytes("-", 1);
    ck_assert_str_eq(fake_replies(), "QC01");
    char flood[1000];
    memset(flood, '-', sizeof flood);
    fake_bytes(flood, sizeof flood);
    ck_assert_uint_lt(debugger.received, 100);
}
END_TEST

START_TEST(a_packet_that_is_too_long_is_refused_and_the_next_one_answered)
{
    static char frame[RSP_FRAME_MAX + 100];
    memset(frame, 'a', sizeof frame);
    frame[0] = '$';
    size_t size = RSP_PAYLOAD_MAX + 10;
    snprintf(frame + 1 + size, 10, "#%02x$qC#b4", (unsigned)(size * 'a' & 0xff));
    frame[1 + size + 3] = '$'; /* in place of the NUL */
    fake_bytes(frame, 1 + size + 3 + 6);
    ck_assert_str_eq(fake_replies(), "E22\nQC01");
}
END_TEST

START_TEST(what_is_unknown_gets_an_empty_reply)
{
    static const char *const rows[] = {"vMustReplyEmpty", "QNonStop:1", "qTStatus",   "_",
                                       "jThreadsInfo",    "i",          "vFile:open", "QThreadSuffixSupported"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_str_eq(ask(rows[i]), "");
        ck_assert_mem_eq(debugger.from_stub, "+$#00", 5);
    }
}
END_TEST

START_TEST(what_we_can_do)
{
    const char *features = ask("qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+");
    static const char *const wanted[] = {
        "PacketSize=10000", "ReverseStep+",         "ReverseContinue+",       "swbreak+", "hwbreak+", "vContSupported+",
        "QStartNoAckMode+", "qXfer:features:read+", "ConditionalBreakpoints+"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        ck_assert_msg(strstr(features, wanted[i]) != NULL, "%s in %s", wanted[i], features);
    ck_assert_ptr_null(strstr(features, "QNonStop"));
    ck_assert_str_eq(ask("vCont?"), "vCont;c;C;s;S;t;r");
    ck_assert_str_eq(ask("qAttached"), "1");
    ck_assert_str_eq(ask("qSymbol::"), "OK");
    ck_assert_str_eq(ask("qOffsets"), "Text=0;Data=0;Bss=0");
    ck_assert_str_eq(ask("!"), "OK");
}
END_TEST

/* ---- stepping and going ---------------------------------------------------------------------------------------------- */

START_TEST(a_step_is_one_instruction_either_way)
{
    stand_at(500);
    ck_assert_str_eq(ask("s"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 501);
    ck_assert_uint_eq(debugger.rests, 1);
    ask("g");
    ck_assert_uint_eq(debugger.rests, 1);
    ck_assert_str_eq(ask("bs"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 500);
    ck_assert_str_eq(ask("vCont;s:1"), "T05thread:01;");
    ck_assert_str_eq(ask("vCont;S05:1;c"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 502);
    ck_assert_str_eq(ask("S05"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 503);
}
END_TEST

START_TEST(the_ends_of_history_say_so_as_often_as_asked)
{
    static const char *const back[] = {"bc", "bc", "bs", "bs"};
    static const char *const forth[] = {"c", "c", "s", "vCont;c", "vCont;s:1", "C05", "vCont;r80000000,80000100:1"};
    stand_at(500);
    for (size_t i = 0; i < sizeof back / sizeof back[0]; i++)
        ck_assert_str_eq(ask(back[i]), "T05replaylog:begin;thread:01;");
    ck_assert_uint_eq(fake.now, 0);
    for (size_t i = 0; i < sizeof forth / sizeof forth[0]; i++)
        ck_assert_str_eq(ask(forth[i]), "T05replaylog:end;thread:01;");
    ck_assert_uint_eq(fake.now, FAKE_END);
}
END_TEST

START_TEST(a_range_is_stepped_until_it_is_left)
{
    stand_at(5);
    ck_assert_str_eq(ask("vCont;r80000010,80000028:1"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 10);
    stand_at(5);
    ck_assert_str_eq(ask("vCont;r80000000,80000000"), "T05thread:01;"); /* empty: one step */
    ck_assert_uint_eq(fake.now, 6);
    stand_at(5);
    ask("Z0,80000020,4");
    ck_assert_str_eq(ask("vCont;r80000010,80000028:1"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 8);
}
END_TEST

START_TEST(control_c_stops_a_run_at_a_mark)
{
    stand_at(0);
    debugger.interrupt_after = 5;
    ck_assert_str_eq(ask("c"), "T02thread:01;");
    ck_assert_uint_gt(fake.now, 0);
    ck_assert_uint_lt(fake.now, FAKE_END);
    stand_at(FAKE_END);
    debugger.interrupt_after = 5;
    ck_assert_str_eq(ask("bc"), "T02thread:01;");
    ck_assert_uint_gt(fake.now, 0);
    ck_assert_uint_lt(fake.now, FAKE_END);
}
END_TEST

START_TEST(control_c_behind_a_packet_is_for_that_packet)
{
    stand_at(0);
    fake_bytes("$c#63\x03", 6);
    ck_assert_str_eq(fake_replies(), "T02thread:01;");
    ck_assert_uint_lt(fake.now, FAKE_END);
}
END_TEST

START_TEST(control_c_is_not_lost_in_a_step)
{
    stand_at(500);
    fake_bytes("$bs#d5\x03", 7);
    ck_assert_str_eq(fake_replies(), "T05thread:01;");
    ck_assert_str_eq(ask("bs"), "T02thread:01;");
    ck_assert_uint_eq(fake.now, 499);
    fake_bytes("$vCont;r80000000,80001000:1#5f\x03", 31);
    ck_assert_str_eq(fake_replies(), "T02thread:01;");
    ck_assert_uint_eq(fake.now, 500);
    ck_assert_str_eq(ask("s"), "T05thread:01;");
}
END_TEST

START_TEST(control_c_between_two_steps_stops_the_next_one_only)
{
    stand_at(500);
    ask("bs");
    fake_bytes("\x03", 1);
    ck_assert_uint_eq(debugger.received, 0);
    ask("g");
    ck_assert_str_eq(ask("bs"), "T02thread:01;");
    ck_assert_uint_eq(fake.now, 499);
    ck_assert_str_eq(ask("bs"), "T05thread:01;");
    fake_bytes("\x03", 1);
    for (int i = 0; i < 10; i++)
        ask("g");
    ck_assert_str_eq(ask("bs"), "T05thread:01;"); /* it was long ago */
}
END_TEST

START_TEST(a_debugger_that_is_gone_ends_the_run)
{
    stand_at(0);
    debugger.hang_up_after = 3;
    ck_assert_int_eq(fake_bytes("$c#63", 5), CLIENT_GONE);
    ck_assert_uint_lt(fake.now, FAKE_END);
}
END_TEST

START_TEST(the_reason_is_repeated_when_asked)
{
    ck_assert_str_eq(ask("?"), "T05thread:01;");
    stand_at(500);
    ask("Z1,80000000,4");
    ck_assert_str_eq(ask("c"), "T05hwbreak:;thread:01;");
    ck_assert_str_eq(ask("?"), "T05hwbreak:;thread:01;");
}
END_TEST

START_TEST(a_recording_that_fails_is_told_and_stops_the_debugger)
{
    fake.fails = ERR_DAMAGED;
    const char *replies = ask("bs");
    ck_assert_msg(!strncmp(replies, "O", 1) && strstr(replies, "\nT06thread:01;"), "%s", replies);
    ck_assert_ptr_nonnull(strstr(ask_monitor("seek 5"), "fake.deja"));
}
END_TEST

START_TEST(a_thousand_steps_back_are_one_batch)
{
    static char burst[20000];
    size_t size = 0;
    stand_at(FAKE_END);
    ask("QStartNoAckMode");
    for (int i = 0; i < 1000; i++)
        size += (size_t)snprintf(burst + size, sizeof burst - size, "$bs#d5$g#67");
    fake_bytes(burst, size);
    ck_assert_uint_eq(fake.now, 0);
    ck_assert_uint_eq(fake.moves, 1000);
}
END_TEST

START_TEST(what_is_taken_in_sips_comes_whole)
{
    ask("QStartNoAckMode");
    debugger.sip_bytes = 7;
    debugger.deaf_for = 20;
    const char *whole = ask("g");
    ck_assert_uint_eq(strlen(whole), 33 * 16);
    debugger.deaf_for = 3;
    fake_bytes("$qC#b4$qC#b4", 12);
    ck_assert_str_eq(fake_replies(), "QC01\nQC01");
}
END_TEST

/* ---- breakpoints ------------------------------------------------------------------------------------------------------ */

START_TEST(the_type_of_a_breakpoint_names_the_stop_from_either_side)
{
    stand_at(150);
    ask("Z0,80000028,4"); /* instruction 10 */
    ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 210);
    ck_assert_str_eq(ask("bc"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 110);
    ask("z0,80000028,2"); /* the kind does not matter */
    ask("Z1,80000028,2");
    ck_assert_str_eq(ask("bc"), "T05hwbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 10);
    ck_assert_str_eq(ask("bc"), "T05replaylog:begin;thread:01;");
}
END_TEST

START_TEST(a_step_leaves_the_breakpoint_it_stands_on_and_names_the_one_it_arrives_at)
{
    stand_at(210);
    ask("Z0,80000028,4");
    ask("Z0,8000002c,4");
    ck_assert_str_eq(ask("s"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 211);
    ck_assert_str_eq(ask("s"), "T05thread:01;");
    ck_assert_str_eq(ask("bs"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 211);
}
END_TEST

START_TEST(setting_twice_and_removing_the_unset_change_nothing)
{
    stand_at(150);
    ck_assert_str_eq(ask("Z0,80000028,4"), "OK");
    ck_assert_str_eq(ask("Z0,80000028,4"), "OK");
    ck_assert_str_eq(ask("z1,80000028,4"), "OK");
    ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;");
    ck_assert_str_eq(ask("z0,80000028,4"), "OK");
    ck_assert_str_eq(ask("z0,80000028,4"), "OK");
    ck_assert_str_eq(ask("c"), "T05replaylog:end;thread:01;");
}
END_TEST

/* a0 is the mark. Instruction 10 is at marks 10, 110, ... */
#define A0_IS_410 "X8,26000a23019a1327"
#define A0_IS_610 "X8,26000a2302621327"

START_TEST(a_condition_decides_which_hits_count)
{
    stand_at(150);
    ck_assert_str_eq(ask("Z0,80000028,4;" A0_IS_410), "OK");
    ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 410);
    ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;"); /* gdb steps off by itself */
    ask("s");
    ck_assert_str_eq(ask("c"), "T05replaylog:end;thread:01;");
    ck_assert_str_eq(ask("bc"), "T05swbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 410);
    ck_assert_str_eq(ask("bc"), "T05replaylog:begin;thread:01;");
}
END_TEST

START_TEST(of_several_conditions_one_must_hold)
{
    static const char *const lists[] = {"Z0,80000028,4;" A0_IS_410 ";" A0_IS_610, "Z0,80000028,4;" A0_IS_610 A0_IS_410,
                                        "Z0,80000028,4;" A0_IS_410 A0_IS_610 ";cmds:0,X3,220127"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        stand_at(1000);
        ck_assert_str_eq(ask(lists[i]), "OK"); /* the conditions of before are forgotten */
        ck_assert_str_eq(ask("bc"), "T05swbreak:;thread:01;");
        ck_assert_uint_eq(fake.now, 610);
        ck_assert_str_eq(ask("bc"), "T05swbreak:;thread:01;");
        ck_assert_uint_eq(fake.now, 410);
        ck_assert_str_eq(ask("bc"), "T05replaylog:begin;thread:01;");
    }
    ck_assert_str_eq(ask("Z1,80000028,4"), "OK"); /* one without a condition, at the same place */
    ck_assert_str_eq(ask("c"), "T05hwbreak:;thread:01;");
    ck_assert_uint_eq(fake.now, 10);
    ck_assert_str_eq(ask("z1,80000028,4"), "OK");
    ck_assert_str_eq(ask("Z0,80000028,4"), "OK");
    ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;");
}
END_TEST

START_TEST(a_step_onto_a_breakpoint_that_does_not_count_is_a_step)
{
    stand_at(209);
    ask("Z0,80000028,4;" A0_IS_410);
    ck_assert_str_eq(ask("s"), "T05thread:01;");
    stand_at(411);
    ck_assert_str_eq(ask("bs"), "T05swbreak:;thread:01;");
    stand_at(205);
    ck_assert_str_eq(ask("vCont;r80000000,80000040:1"), "T05thread:01;"); /* walks over it */
    ck_assert_uint_eq(fake.now, 216);
}
END_TEST

START_TEST(a_condition_without_a_value_holds)
{
    static const char *const codes[] = {"X1,27", "X0,", "X3,26ffff", "X4,22011a27" /* no memory at 1 */, "X3,200000"};
    char packet[64];
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        snprintf(packet, sizeof packet, "Z0,80000028,4;%s", codes[i]);
        stand_at(150);
        ck_assert_str_eq(ask(packet), "OK");
        ck_assert_str_eq(ask("c"), "T05swbreak:;thread:01;");
        ck_assert_uint_eq(fake.now, 210);
    }
}
END_TEST

START_TEST(conditions_that_are_cut_or_garbled_are_refused)
{
    static const char *const bad[] = {
        ";X",          ";X3",   ";X3,2200", ";X3,22002", ";X3,22002z",       ";Xf,220027",  ";X3220027",
        ";Y3,220027",  ";cmds", ";cmds:0",  ";cmds:0,Y", ";cmds:,X3,220027", ";X3,220027;", ";X123456789,00",
        ";X3,220027,1"};
    static char packet[2 * CONDITIONS_BYTES_MOST + 100];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(packet, sizeof packet, "Z0,80000028,4%s", bad[i]);
        ck_assert_msg(!strcmp(ask(packet), "E22"), "%s", bad[i]);
    }
    ck_assert_uint_eq(debugger.client->points.count, 0);
    /* too much to keep: taken as "always" */
    int length = snprintf(packet, sizeof packet, "Z0,80000028,4;X%x,", CONDITIONS_BYTES_MOST);
    memset(packet + length, '2', 2 * CONDITIONS_BYTES_MOST);
    ck_assert_str_eq(ask(packet), "OK");
    ck_assert_ptr_null(debugger.client->points.list[0].conditions.bytes);
}
END_TEST

START_TEST(points_have_a_limit_and_hostile_ones_are_refused)
{
    static const char *const bad[] = {"Z5,0,4", "Zff,0,4", "Z2,0,0", "Z0,0", "Z2,80000000,4;X3,220027", "z9,0,0"};
    char packet[64];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_str_eq(ask(bad[i]), "E22");
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(packet, sizeof packet, "Z%u,%x,%x", i % 5, 0x1000 + i, 1 + i % 9);
        ck_assert_str_eq(ask(packet), "OK");
    }
    ck_assert_uint_eq(debugger.client->points.count, 5000);
    for (unsigned i = 0; i < 5000; i += 2) {
        snprintf(packet, sizeof packet, "z%u,%x,%x", i % 5, 0x1000 + i, 1 + i % 9);
        ck_assert_str_eq(ask(packet), "OK");
    }
    ck_assert_uint_eq(debugger.client->points.count, 2500);
    points_arrange(&debugger.client->points);
    ck_assert_uint_eq(debugger.client->points.nbreaks + debugger.client->points.nwatches, 2500);
    struct points points = {0};
    for (uint64_t i = 0; i < POINTS_MAX; i++)
        ck_assert(points_insert(&points, (struct point){.type = POINT_READ, .vaddr = i, .size_bytes = 1}));
    ck_assert(!points_insert(&points, (struct point){.type = POINT_READ, .vaddr = POINTS_MAX, .size_bytes = 1}));
    ck_assert(points_insert(&points, (struct point){.type = POINT_READ, .size_bytes = 1}));
    points_clear(&points);
}
END_TEST

static void insert_meaning(struct points *points, uint64_t satp)
{
    struct point point = {.type = POINT_WRITE, .vaddr = 16, .size_bytes = 8, .nranges = 1};
    point.ranges = calloc(1, sizeof *point.ranges);
    *point.ranges =
        (struct watch_range){.vaddr = 16, .size_bytes = 8, .kinds = ACCESS_STORE, .space = WATCH_SPACE, .satp = satp};
    ck_assert(points_insert(points, point));
    points_arrange(points);
    ck_assert_uint_eq(points->nwatches, 1);
}

/* As gdb does it at each stop: out, a step, and in again, in whatever address space that is. */
START_TEST(a_watch_that_is_taken_out_and_put_in_means_what_it_meant)
{
    const struct point out = {.type = POINT_WRITE, .vaddr = 16, .size_bytes = 8};
    struct points points = {0};
    insert_meaning(&points, 1);
    insert_meaning(&points, 2); /* it is set already */
    ck_assert_uint_eq(points.watches[0].satp, 1);
    for (unsigned i = 0; i < 100; i++) {
        points_remove(&points, out);
        points_arrange(&points);
        ck_assert_uint_eq(points.nwatches, 0);
        insert_meaning(&points, 3);
        ck_assert_uint_eq(points.watches[0].satp, 1);
    }
    points_remove(&points, out);
    points_forget(&points); /* something else was done */
    insert_meaning(&points, 4);
    ck_assert_uint_eq(points.watches[0].satp, 4);
    points_remove(&points, out);
    points_clear(&points);
}
END_TEST

START_TEST(only_going_on_without_it_forgets_a_watch)
{
    ask("Z2,40001010,8");
    ask("z2,40001010,8");
    ck_assert_uint_eq(debugger.client->points.nkept, 1);
    ask("s");
    ask("bs");
    ck_assert_uint_eq(debugger.client->points.nkept, 1);
    ask("c");
    ck_assert_uint_eq(debugger.client->points.nkept, 0);
}
END_TEST

/* ---- watchpoints -------------------------------------------------------------------------------------------------------- */

START_TEST(a_watch_stops_gdb_before_the_access_forwards_and_behind_it_backwards)
{
    stand_at(100);
    ask("Z2,40001012,2"); /* within the 8 bytes that instruction 30 stores */
    ck_assert_str_eq(ask("c"), "T05watch:40001012;thread:01;");
    ck_assert_uint_eq(fake.now, 130);
    stand_at(200);
    ck_assert_str_eq(ask("bc"), "T05watch:40001012;thread:01;");
    ck_assert_uint_eq(fake.now, 131);
    ck_assert_str_eq(ask("bs"), "T05watch:40001012;thread:01;"); /* at once, without moving */
    ck_assert_uint_eq(fake.now, 131);
    ask("z2,40001012,2");
    ck_assert_str_eq(ask("bs"), "T05thread:01;");
    ck_assert_uint_eq(fake.now, 130);
}
END_TEST

START_TEST(a_step_does_not_walk_over_a_watched_access)
{
    stand_at(130);
    ask("Z2,40001010,8");
    ck_assert_str_eq(ask("s"), "T05watch:40001010;thread:01;");
    ck_assert_uint_eq(fake.now, 130);
}
END_TEST

START_TEST(each_kind_of_watch_sees_its_accesses_and_is_named)
{
    stand_at(100);
    ask("Z3,40001010,8"); /* instruction 30 stores there: nothing for a read watch */
    ask("Z3,40001020,1");
    ck_assert_str_eq(ask("c"), "T05rwatch:40001020;thread:01;");
    ck_assert_uint_eq(fake.now, 160);
    ask("z3,40001020,1");
    ask("Z4,40001023,100");
    ck_assert_str_eq(ask("c"), "T05awatch:40001023;thread:01;");
    stand_at(200);
    ck_assert_str_eq(ask("bc"), "T05awatch:40001023;thread:01;");
    ck_assert_uint_eq(fake.now, 161);
}
END_TEST

START_TEST(of_several_watches_the_first_byte_decides_in_whatever_order_they_came)
{
    static const char *const sets[][3] = {{"Z4,40001013,8", "Z2,40001012,1", "Z2,40001017,2"},
                                          {"Z2,40001017,2", "Z4,40001013,8", "Z2,40001012,1"}};
    for (size_t i = 0; i < 2; i++) {
        stand_at(100);
        for (size_t k = 0; k < 3; k++)
            ask(sets[i][k]);
        ck_assert_str_eq(ask("c"), "T05watch:40001012;thread:01;");
        ask("z2,40001012,1");
        ck_assert_str_eq(ask("c"), "T05awatch:40001013;thread:01;");
        ask("z4,40001013,8");
        ask("z2,40001017,2");
    }
}
END_TEST

START_TEST(a_watch_may_have_any_place_and_length)
{
    stand_at(100);
    ck_assert_str_eq(ask("Z2,3fffffff,7000000000000000"), "OK");
    ck_assert_str_eq(ask("c"), "T05watch:40001010;thread:01;");
    ck_assert_str_eq(ask("z2,3fffffff,7000000000000000"), "OK");
    ck_assert_str_eq(ask("Z2,40001011,ffffffffffffffff"), "OK"); /* to the top of the address space, not around it */
    ck_assert_str_eq(ask("c"), "T05watch:40001011;thread:01;");
    ck_assert_str_eq(ask("Z4,0,ffffffffffffffff"), "OK");
    ck_assert_str_eq(ask("c"), "T05awatch:40001010;thread:01;");
}
END_TEST

START_TEST(lldb_is_known_by_its_question_and_gets_its_convention)
{
    ck_assert_ptr_nonnull(strstr(ask("qHostInfo"), "watchpoint_exceptions_received:after;"));
    stand_at(100);
    ask("Z2,40001010,8");
    ck_assert_str_eq(ask("c"), "T05watch:40001010;thread:01;");
    ck_assert_uint_eq(fake.now, 131); /* done */
    ck_assert_str_eq(ask("bc"), "T05watch:40001010;thread:01;");
    ck_assert_uint_eq(fake.now, 130); /* undone */
    ck_assert_str_eq(ask("bc"), "T05watch:40001010;thread:01;");
    ck_assert_uint_eq(fake.now, 30);
}
END_TEST

static Suite *client_suite(void)
{
    static const TTest **const tests[] = {
        &packets_are_acknowledged_until_that_is_switched_off,
        &a_bad_checksum_is_told_with_and_without_acknowledgments,
        &a_reply_is_sent_again_when_asked_but_not_without_end,
        &a_packet_that_is_too_long_is_refused_and_the_next_one_answered,
        &what_is_unknown_gets_an_empty_reply,
        &what_we_can_do,
        &a_step_is_one_instruction_either_way,
        &the_ends_of_history_say_so_as_often_as_asked,
        &a_range_is_stepped_until_it_is_left,
        &control_c_stops_a_run_at_a_mark,
        &control_c_behind_a_packet_is_for_that_packet,
        &control_c_is_not_lost_in_a_step,
        &control_c_between_two_steps_stops_the_next_one_only,
        &a_debugger_that_is_gone_ends_the_run,
        &the_reason_is_repeated_when_asked,
        &a_recording_that_fails_is_told_and_stops_the_debugger,
        &a_thousand_steps_back_are_one_batch,
        &what_is_taken_in_sips_comes_whole,
        &the_type_of_a_breakpoint_names_the_stop_from_either_side,
        &a_step_leaves_the_breakpoint_it_stands_on_and_names_the_one_it_arrives_at,
        &setting_twice_and_removing_the_unset_change_nothing,
        &a_condition_decides_which_hits_count,
        &of_several_conditions_one_must_hold,
        &a_step_onto_a_breakpoint_that_does_not_count_is_a_step,
        &a_condition_without_a_value_holds,
        &conditions_that_are_cut_or_garbled_are_refused,
        &points_have_a_limit_and_hostile_ones_are_refused,
        &a_watch_that_is_taken_out_and_put_in_means_what_it_meant,
        &only_going_on_without_it_forgets_a_watch,
        &a_watch_stops_gdb_before_the_access_forwards_and_behind_it_backwards,
        &a_step_does_not_walk_over_a_watched_access,
        &each_kind_of_watch_sees_its_accesses_and_is_named,
        &of_several_watches_the_first_byte_decides_in_whatever_order_they_came,
        &a_watch_may_have_any_place_and_length,
        &lldb_is_known_by_its_question_and_gets_its_convention,
    };
    Suite *suite = suite_create("gdbstub/client");
    TCase *cases = tcase_create("client");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, *tests[i]);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(client_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* What can be said behind `monitor`, in front of a history that is a formula (fake_timeline.h): each word, what it
 * says, where it leaves the timeline, and what it makes of nonsense. */
#include "fake_debugger.h"
#include "fake_timeline.h"
#include "gdbstub/places.h"
#include "gdbstub/words.h"

#include <check.h>

static void setup(void)
{
    fake_reset();
    fake_bookmark.name[0] = 0;
    fake_kernel.from = 0;
    fake_connect(&fake);
}

static void teardown(void) { fake_disconnect(); }

static void stand_at(uint64_t mark) { ck_assert(!err_is(timeline_seek(&fake, icount_of(mark)))); }

/* Says `line` and compares what is answered (a piece of it), and where one is then. */
static void expect(const char *line, const char *piece, uint64_t mark)
{
    const char *said = ask_monitor(line);
    ck_assert_msg(strstr(said, piece) != NULL, "%s: %s", line, said);
    ck_assert_msg(fake.now == mark, "%s: at %llu", line, (unsigned long long)fake.now);
    ck_assert_str_eq(said + strlen(said) - 2, "OK");
}

START_TEST(numbers_and_addresses)
{
    static const struct {
        const char *text;
        bool good, physical;
        uint64_t value;
    } rows[] = {
        {"0", true, false, 0},
        {"0x10", true, false, 16},
        {"0XfF", true, false, 255},
        {"1,234", true, false, 1234},
        {"0xffffffffffffffff", true, false, UINT64_MAX},
        {"18446744073709551615", true, false, UINT64_MAX},
        {"phys:0x80000000", true, true, 0x80000000},
        {"phys:12", true, true, 12},
        {"0x10000000000000000", false, false, 0},
        {"18446744073709551616", false, false, 0},
        {"", false, false, 0},
        {"0x", false, false, 0},
        {"phys:", false, false, 0},
        {"-1", false, false, 0},
        {"1,", false, false, 0},
        {",1", false, false, 0},
        {"12x", false, false, 0},
        {"0x1,0", false, false, 0},
        {" 1", false, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value;
        bool physical;
        ck_assert_msg(word_address(rows[i].text, &value, &physical) == rows[i].good, "%s", rows[i].text);
        if (rows[i].good)
            ck_assert_msg(value == rows[i].value && physical == rows[i].physical, "%s", rows[i].text);
    }
}
END_TEST

START_TEST(last_write_goes_back_one_change_at_a_time)
{
    stand_at(500);
    expect("last-write 0x40001010",
           "8 bytes at 0x40001010: 0x4 -> 0x5 at 431 (0.000000430 s), by pc 0x80000078, 69 "
           "instructions ago\n",
           431);
    expect("last-write 0x40001010 8", "0x3 -> 0x4 at 331", 331);
    expect("last-write 0x40001010 == 2", "0x1 -> 0x2 at 131", 131);
    expect("last-write 0x40001010 8 == 0x2", "has not been changed before to this value", 131);
    expect("last-write 0x40001010 1 == 255", "has not been changed before to this value", 131);
    expect("last-write 0x40001010 1 == 0xffffffffffffff80", "has not been changed before to this value", 131);
    expect("last-write 0x40001010 1 == 256", "last-write: 0x100 is no value of 1 byte; give another LEN", 131);
    expect("last-write 0x40001010 2 == 0xffffffffffff7fff", "0xffffffffffff7fff is no value of 2 bytes;", 131);
    expect("last-write 0x40001010", "0x0 -> 0x1 at 31", 31);
    expect("last-write 0x40001010", "has not been changed before\n", 31);
    stand_at(431); /* come there in another way: the instruction just before is the one */
    expect("last-write 0x40001010", "0x4 -> 0x5 at 431", 431);
    expect("last-write 0x40001010", "0x3 -> 0x4 at 331", 331);
    expect("last-write 0x40002000", "has not been changed before", 331);
    stand_at(0);
    expect("last-write 0x40001010", "has not been changed before", 0);
    ck_assert(!fake.diverted);
}
END_TEST

START_TEST(next_write_goes_on)
{
    stand_at(500);
    expect("next-write 0x40001010", "0x5 -> 0x6 at 531 (0.000000530 s), by pc 0x80000078, 31 instructions ahead\n",
           531);
    expect("next-write 0x40001010", "0x6 -> 0x7 at 631", 631);
    expect("next-write 0x40001010 8 == 9", "0x8 -> 0x9 at 831", 831);
    expect("next-write 0x40001010 == 9", "is not changed any more to this value", 831);
    stand_at(990);
    expect("next-write 0x40001010", "is not changed any more\n", 990);
}
END_TEST

START_TEST(writes_are_listed_newest_first)
{
    stand_at(500);
    const char *said = ask_monitor("writes 0x40001010");
    const char *newest = strstr(said, " 931  "), *oldest = strstr(said, " 31  ");
    ck_assert_msg(newest && oldest && newest < oldest, "%s", said);
    ck_assert_ptr_null(strstr(said, "more"));
    ck_assert_uint_eq(fake.now, 500);
    said = ask_monitor("writes 0x40001010 8 130 331");
    ck_assert_msg(strstr(said, " 331  ") && strstr(said, " 131  "), "%s", said);
    ck_assert_msg(!strstr(said, " 431  ") && !strstr(said, " 31  "), "%s", said);
    said = ask_monitor("writes 0x40001010 131 331"); /* the change at 130 is not of this stretch */
    ck_assert_msg(strstr(said, " 231  ") && !strstr(said, " 131  "), "%s", said);
    expect("writes 0x40002000", "deja: none\n", 500);
    expect("writes 0x40001010 100 100", "deja: none\n", 500);
    expect("writes 0x40001010 200 100", "deja: writes: TO lies before FROM; give the earlier mark first (64)\n", 500);
    expect("writes 0x40001010 8 0 end 5", "give writes ADDR", 500);
    expect("writes 0x40001010 8 0 nowhere", "nowhere", 500);
}
END_TEST

START_TEST(calls_are_listed_and_gone_to)
{
    stand_at(500);
    expect("last-call 0x80000028", "deja: at 410 (0.410000000 s), 90 instructions ago\n", 410);
    expect("last-call 0x80000028", "at 310", 310);
    stand_at(5);
    expect("last-call 0x80000028", "0x80000028 has not been reached before", 5);
    const char *said = ask_monitor("calls 0x80000028 100 500");
    ck_assert_msg(strstr(said, " 410  0.410000000 s  from 0x100  (0x19a, 0xb00, 0xc00, 0xd00)\n"), "%s", said);
    ck_assert_msg(strstr(said, " 110  ") && !strstr(said, " 10  ") && !strstr(said, " 510  "), "%s", said);
    ck_assert_uint_eq(fake.now, 5);
    expect("calls 0x80000029", "deja: none\n", 5);
    expect("calls phys:0x80000028", "give calls ADDR", 5);
    expect("last-call 0x80000028 4", "give last-call ADDR", 5);
}
END_TEST

START_TEST(output_is_found_on_the_console)
{
    stand_at(500);
    expect("output tick", "deja: \"tick\"\n", 450);
    expect("output tick", "350 instructions", 350);
    stand_at(20);
    expect("output tick", "not before here; first at 50: seek text:tick\n", 20);
    expect("output tock", "nothing on the console matches", 20);
    expect("output (", "deja: (", 20);
    expect("output", "REGEX", 20);
}
END_TEST

START_TEST(memory_at_two_marks)
{
    stand_at(500);
    expect("diff 0 500 0x40001000 64", "0x40001010: 0x0 -> 0x5\n", 500);
    expect("diff 500 0 0x40001010", "0x40001010: 0x5 -> 0x0\n", 500);
    expect("diff 440 500 0x40001000 64", "deja: equal\n", 500);
    expect("diff 440 500", "give diff MARK1", 500);
    expect("diff 440 500 0x40001010 0", "deja: bytes", 500);
    expect("diff 440 500 0x40001010 8 8", "give diff MARK1", 500);
    expect("diff nowhere 500 0x40001010", "nowhere", 500);
}
END_TEST

START_TEST(back_and_forward_go_where_one_has_been)
{
    stand_at(100);
    expect("back", "no place further back", 100);
    expect("forward", "no place further forward", 100);
    ask_monitor("seek 200");
    ask_monitor("run 300");
    ask("s");
    ask_monitor("last-call 0x80000028");
    ck_assert_uint_eq(fake.now, 210);
    expect("back", "301 instructions", 301);
    expect("back", "200 instructions", 200);
    expect("back", "100 instructions", 100);
    expect("back", "no place further back", 100);
    expect("forward", "200 instructions", 200);
    expect("forward", "301 instructions", 301);
    expect("forward", "210 instructions", 210);
    expect("forward", "no place further forward", 210);
    expect("back", "301 instructions", 301);
    ask_monitor("seek 7"); /* another way: 210 is forgotten */
    expect("forward", "no place further forward", 7);
    expect("back", "301 instructions", 301);
    expect("run", "0 instructions", 0);
    expect("seek 5000", "that is the end of the recording", FAKE_END);
    ck_assert_ptr_null(strstr(ask_monitor("seek end"), "that is the end"));
}
END_TEST

START_TEST(places_forget_the_oldest)
{
    static struct places places;
    icount_t to = icount_of(0);
    for (uint64_t mark = 0; mark < 3 * PLACES_MOST; mark++)
        places_leave(&places, icount_of(mark));
    for (uint64_t mark = 3 * PLACES_MOST; mark-- > 2 * PLACES_MOST + 1;) {
        ck_assert(places_back(&places, icount_of(mark + 1), &to));
        ck_assert_uint_eq(to.n, mark);
    }
    ck_assert(!places_back(&places, to, &to));
    for (uint64_t mark = 2 * PLACES_MOST + 2; mark < 3 * PLACES_MOST + 1; mark++) {
        ck_assert(places_forward(&places, to, &to));
        ck_assert_uint_eq(to.n, mark);
    }
    ck_assert(!places_forward(&places, to, &to));
}
END_TEST

START_TEST(bookmarks_are_made_listed_and_forgotten)
{
    expect("bookmarks", "deja: there are none", 0);
    stand_at(500);
    expect("bookmark crash", "deja: crash is 500\n", 500);
    expect("bookmarks", "                 500  crash  (here)\n", 500);
    stand_at(5);
    expect("bookmarks", "                 500  crash\n", 5);
    expect("unbookmark other", "deja: other", 5);
    expect("unbookmark crash", "deja: crash is forgotten\n", 5);
    expect("bookmarks", "deja: there are none", 5);
}
END_TEST

/* ---- the guest's kernel ---------------------------------------------------------------------------------------------- */

START_TEST(processes_are_listed)
{
    static const char listed[] = "      pid     tid  S  hart  name\n"
                                 "        1       1  S     -  init\n"
                                 "        2       2  I     -  [kthreadd]\n"
                                 "       71      71  D     -  crash\n"
                                 "*      71      72  R     0  crash\n"
                                 "OK";
    fake_kernel_boot();
    stand_at(500);
    ck_assert_str_eq(ask_monitor("guest-ps"), listed);
    ck_assert_str_eq(ask_monitor("guest-ps 1"), "      pid     tid  S  hart  name\n"
                                                "        1       1  S     -  init\nOK");
    expect("guest-ps 71", "D     -  crash\n*      71      72  R", 500);
    ck_assert_str_eq(ask_monitor("guest-ps 72"), /* a thread, and no process */
                     "deja: pid 72: not there at this mark; guest-ps lists what is (69)\nOK");
    fake_kernel.running = fake_task(0, 0, 'R', "swapper/0"); /* in no list */
    expect("guest-ps", "name\n*       0       0  R     0  swapper/0\n        1       1  S     -  init\n", 500);
    expect("guest-ps 0", "*       0       0  R     0  swapper/0\n", 500);
    expect("guest-ps", "       71      72  R     -  crash\n", 500);
    fake_kernel.running = fake_task(9, 9, 'R', "ends"); /* in no list any more */
    fake_kernel.ntasks = 0;
    ck_assert_str_eq(ask_monitor("guest-ps"), "deja: the kernel has no tasks yet at this mark; seek a later one\nOK");
}
END_TEST

START_TEST(many_processes_are_one_packet)
{
    fake_kernel_boot();
    for (int32_t i = 0; i < FAKE_TASKS; i++)
        fake_kernel.tasks[i] = fake_task(INT32_MAX - i, INT32_MAX, 'S', "the longest name");
    fake_kernel.ntasks = FAKE_TASKS;
    stand_at(500);
    debugger.client->interrupted = &debugger.signalled;
    ck_assert_ptr_null(strchr(ask("qRcmd,67756573742d7073"), '\n')); /* guest-ps */
    expect("guest-ps", "deja: and 300 more; guest-ps PID shows one process\n", 500);
    expect("guest-ps 2147483647", "deja: and 300 more", 500);
    fake_kernel.npcs = FAKE_FRAMES;
    ck_assert_ptr_null(strchr(ask("qRcmd,67756573742d6274"), '\n')); /* guest-bt */
    expect("guest-bt", "deja: there may be more\n", 500);
}
END_TEST

START_TEST(call_frames_of_a_process)
{
    fake_kernel_boot();
    stand_at(500);
    fake.harts[0].priv = PRIV_S;
    ck_assert_str_eq(ask_monitor("guest-bt"), "pid 71, tid 72 (crash), R\n"
                                              "#0   0xffffffff80000100 in do_a_thing+0x0\n"
                                              "#1   0xffffffff80000200 in do_a_thing+0x100\n"
                                              "#2   0xffffffff80000310 in ??\nOK");
    expect("guest-bt 1", "pid 1 (init), S\n#0 ", 500);
    expect("guest-bt 71", "pid 71 (crash), D\n#0 ", 500);
    expect("guest-bt 72", "pid 71, tid 72 (crash), R\n#0 ", 500);
    expect("guest-bt 73", "deja: pid 73: not there at this mark", 500);
    expect("guest-bt 0", "deja: pid 0: not there at this mark", 500);
    fake_kernel.npcs = 0;
    expect("guest-bt", "R\ndeja: its frames are not known\n", 500);
    fake.harts[0].priv = PRIV_M;
    expect("guest-bt", "R, in the firmware on its behalf: its callers may be missing\ndeja: its frames are not known\n",
           500);
    expect("guest-bt 1", "pid 1 (init), S\n", 500);
    fake.harts[0].priv = PRIV_U;
    ck_assert_str_eq(ask_monitor("guest-bt"),
                     "pid 71, tid 72 (crash), R, in user mode: gdb's own backtrace shows where\nOK");
    expect("guest-bt 1", "S\ndeja: its frames are not known\n", 500);
    fake_kernel.running = fake_task(0, 0, 'R', "swapper/0");
    expect("guest-bt 0", "pid 0 (swapper/0), R", 500);
}
END_TEST

START_TEST(when_names_the_process)
{
    fake_kernel_boot();
    stand_at(500);
    expect("when", "pc 0x80000000, pid 71, tid 72 (crash)\n", 500);
    fake_kernel.running = fake_kernel.tasks[0];
    expect("seek 600", "pc 0x80000000, pid 1 (init)\n", 600);
    ask("P0a=0100000000000000");
    expect("when", "pc 0x80000000, pid 1 (init), diverted\n", 600);
}
END_TEST

START_TEST(code_of_the_kernel_is_named)
{
    fake_kernel_boot();
    stand_at(500);
    fake.harts[0].pc = FAKE_KERNEL + 0x1fe;
    expect("when", "pc 0xffffffff800001fe <do_a_thing+0xfe>, pid 71", 500);
    fake.harts[0].pc = FAKE_KERNEL + 0x304; /* data */
    expect("when", "pc 0xffffffff80000304, pid 71", 500);
}
END_TEST

START_TEST(words_that_take_nothing)
{
    static const char *const words[] = {"when",      "when-ticks", "back",      "forward",
                                        "bookmarks", "info",       "recording", "restart"};
    char line[32], said[64];
    stand_at(500);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        snprintf(line, sizeof line, "%s 3", words[i]);
        snprintf(said, sizeof said, "deja: %s: not understood; give %s alone (64)\nOK", words[i], words[i]);
        ck_assert_str_eq(ask_monitor(line), said);
        ck_assert_uint_eq(fake.now, 500);
    }
}
END_TEST

START_TEST(help_on_one_word)
{
    ck_assert_str_eq(ask_monitor("help unbookmark"), "unbookmark NAME                   forget a bookmark\nOK");
    ck_assert_str_eq(ask_monitor("help no such"), "deja: no monitor command 'no such'; see monitor help\nOK");
    ck_assert_ptr_nonnull(strstr(ask_monitor("help"), "\nguest-ps "));
}
END_TEST

/* Found once, it is kept; before it is up, that is all there is to say. */
START_TEST(a_kernel_that_is_not_up_yet)
{
    fake_kernel_boot();
    stand_at(100);
    expect("when", "pc 0x80000000\n", 100);
    ck_assert_uint_eq(fake_kernel.looks, 0);
    ck_assert_str_eq(ask_monitor("guest-ps"), "deja: kernel symbols: not up; seek a later mark (69)\nOK");
    ck_assert_str_eq(ask_monitor("guest-bt"), "deja: kernel symbols: not up; seek a later mark (69)\nOK");
    expect("seek 300", "pid 71", 300);
    ck_assert_uint_eq(fake_kernel.looks, 3);
    expect("seek 100", "pc 0x80000000\n", 100);
    ck_assert_str_eq(ask_monitor("guest-ps"), "deja: the kernel's tasks: not up; seek a later mark (69)\nOK");
    ck_assert_str_eq(ask_monitor("guest-bt 1"), "deja: the kernel's tasks: not up; seek a later mark (69)\nOK");
    expect("seek 900", "pid 71", 900);
    ck_assert_uint_eq(fake_kernel.looks, 3);
}
END_TEST

/* Looking for what is not there is not done again and again by the way. */
START_TEST(another_system)
{
    fake_kernel_boot();
    fake_kernel.there = false;
    stand_at(500);
    for (uint64_t handler = 0x1000; handler < 0x4000; handler += 0x1000) {
        fake.harts[0].stvec = handler;
        expect("when", "pc 0x80000000\n", 500);
    }
    for (uint64_t handler = 0x1000; handler < 0x4000; handler += 0x1000) {
        fake.harts[0].stvec = handler;
        expect("when", "pc 0x80000000\n", 500);
    }
    ck_assert_uint_eq(fake_kernel.looks, 3);
    expect("guest-ps", "deja: kernel symbols: none; do without (69)\n", 500);
    ck_assert_uint_eq(fake_kernel.looks, 4);
    fake_kernel.there = true; /* asked for, it is looked for */
    expect("guest-ps", "init", 500);
    expect("when", "pid 71", 500);
}
END_TEST

/* gdb has to be told only when nobody does it for the user. */
START_TEST(a_script_is_not_told_to_look_again)
{
    ck_assert_ptr_nonnull(strstr(ask_monitor("seek 100"), "look again"));
    ck_assert_ptr_null(strstr(ask_monitor("deja seek 200"), "look again"));
    ck_assert_uint_eq(fake.now, 200);
    ck_assert_ptr_null(strstr(ask_monitor("deja last-write 0x40001010"), "look again"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("last-write 0x40001010"), "look again"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("deja"), "last-write"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("deja deja when"), "no monitor command 'deja'"));
}
END_TEST

START_TEST(control_c_breaks_a_search_off)
{
    stand_at(500);
    debugger.client->interrupt_life = 5;
    expect("last-call 0x80000029", "deja: broken off\n", 500);
    expect("last-call 0x80000028", "at 410", 410); /* and no more than that one */
    debugger.client->interrupt_life = 5;
    expect("calls 0x80000029", "deja: broken off\n", 410);
}
END_TEST

/* gdb sends nothing then: a signal says it. */
START_TEST(control_c_at_the_shared_terminal_does_too)
{
    stand_at(500);
    debugger.client->interrupted = &debugger.signalled;
    debugger.signal_after = 3;
    expect("last-call 0x80000029", "deja: broken off\n", 500);
    debugger.signal_after = 0;
    ck_assert_ptr_null(strchr(ask("qRcmd,68656c70"), '\n')); /* one packet, whatever it says */
    ck_assert_str_eq(ask("qRcmd,"), ask("qRcmd,68656c70"));
    atomic_store(&debugger.signalled, true); /* an old one */
    expect("last-call 0x80000028", "at 410", 410);
    debugger.signal_after = 3;
    ck_assert_str_eq(ask("bc"), "T05replaylog:begin;thread:01;"); /* there gdb says it by itself */
}
END_TEST

START_TEST(a_recording_that_fails_is_told)
{
    stand_at(500);
    fake.fails = ERR_DAMAGED;
    ck_assert_ptr_nonnull(strstr(ask_monitor("last-write 0x40001010"), "deja: fake.deja: damaged"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("calls 0x80000028"), "deja: fake.deja: damaged"));
    ck_assert_ptr_nonnull(strstr(ask_monitor("diff 1 2 0x40001010"), "deja: fake.deja: damaged"));
}
END_TEST

START_TEST(nonsense_is_answered_in_a_line)
{
    static const char *const lines[] = {"last-write",
                                        "last-write x",
                                        "last-write 0x40001010 8 ==",
                                        "last-write 0x40001010 8 == x",
                                        "last-write 0x40001010 = 5",
                                        "last-write 0x40001010 9 == 5",
                                        "last-write 0x40001010 1 2 3 4 5 6 7 8 9 10",
                                        "next-write 0x40001010 0",
                                        "writes 0x40001010 8 1",
                                        "calls",
                                        "calls x",
                                        "calls 0x80000028 1",
                                        "diff",
                                        "bookmark",
                                        "unbookmark",
                                        "seek",
                                        "run nowhere",
                                        "guest-ps",
                                        "guest-ps x",
                                        "guest-ps 1 2",
                                        "guest-ps -1",
                                        "guest-bt",
                                        "guest-bt x",
                                        "guest-bt 1 2",
                                        "guest-bt 2147483648"};
    stand_at(77);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        expect(lines[i], "deja: ", 77);
}
END_TEST

int main(void)
{
    static const TTest **const tests[] = {
        &numbers_and_addresses,
        &last_write_goes_back_one_change_at_a_time,
        &next_write_goes_on,
        &writes_are_listed_newest_first,
        &calls_are_listed_and_gone_to,
        &output_is_found_on_the_console,
        &memory_at_two_marks,
        &back_and_forward_go_where_one_has_been,
        &places_forget_the_oldest,
        &bookmarks_are_made_listed_and_forgotten,
        &processes_are_listed,
        &many_processes_are_one_packet,
        &call_frames_of_a_process,
        &when_names_the_process,
        &code_of_the_kernel_is_named,
        &words_that_take_nothing,
        &help_on_one_word,
        &a_kernel_that_is_not_up_yet,
        &another_system,
        &a_script_is_not_told_to_look_again,
        &control_c_breaks_a_search_off,
        &control_c_at_the_shared_terminal_does_too,
        &a_recording_that_fails_is_told,
        &nonsense_is_answered_in_a_line,
    };
    Suite *suite = suite_create("gdbstub/words");
    TCase *cases = tcase_create("words");
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, *tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* Every packet of the table is read into its fields, and what is not one is told apart: unknown or malformed. */
#include "gdbstub/request.h"
#include "random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t payload[256];

static struct request parse(const char *text, size_t size_bytes)
{
    struct request request;
    memset(payload, 0, sizeof payload);
    memcpy(payload, text, size_bytes);
    request_parse(payload, size_bytes, &request);
    return request;
}

static struct request parse_text(const char *text) { return parse(text, strlen(text)); }

START_TEST(kinds_are_told_apart)
{
    static const struct {
        const char *text;
        enum request_kind kind;
    } rows[] = {
        {"", REQUEST_UNKNOWN},
        {"?", REQUEST_why},
        {"g", REQUEST_read_registers},
        {"g1", REQUEST_MALFORMED},
        {"c", REQUEST_go},
        {"c80000000", REQUEST_go},
        {"cx", REQUEST_MALFORMED},
        {"C05", REQUEST_go_signal},
        {"C05;80000000", REQUEST_go_signal},
        {"C", REQUEST_MALFORMED},
        {"bs", REQUEST_step_back},
        {"bc", REQUEST_go_back},
        {"b", REQUEST_UNKNOWN},
        {"bsx", REQUEST_MALFORMED},
        {"vCont?", REQUEST_list_actions},
        {"vCont;c", REQUEST_actions},
        {"vCont", REQUEST_MALFORMED},
        {"vContinue", REQUEST_UNKNOWN},
        {"vMustReplyEmpty", REQUEST_UNKNOWN},
        {"vKill;1", REQUEST_kill_process},
        {"Hg1", REQUEST_choose_general},
        {"Hc-1", REQUEST_choose_resumed},
        {"Hc-2", REQUEST_MALFORMED},
        {"Hz1", REQUEST_UNKNOWN},
        {"qC", REQUEST_current_thread},
        {"qCRC:1,2", REQUEST_crc},
        {"qCx", REQUEST_UNKNOWN},
        {"qSupported", REQUEST_supported},
        {"qSupported:multiprocess+;swbreak+", REQUEST_supported},
        {"qSupportedx", REQUEST_UNKNOWN},
        {"qXfer:features:read:target.xml:0,ffb", REQUEST_features},
        {"qXfer:features:read:target.xml:0", REQUEST_MALFORMED},
        {"qXfer:auxv:read::0,1000", REQUEST_UNKNOWN},
        {"qAttached", REQUEST_attached},
        {"qAttached:1", REQUEST_attached},
        {"qThreadExtraInfo,1", REQUEST_thread_extra},
        {"qRcmd,68656c70", REQUEST_monitor},
        {"qRcmd,6", REQUEST_MALFORMED},
        {"qqemu.PhyMemMode", REQUEST_physical_mode},
        {"Qqemu.PhyMemMode:1", REQUEST_set_physical},
        {"D", REQUEST_detach},
        {"D;1", REQUEST_detach},
        {"X80000000,0:", REQUEST_write_binary},
        {"m11111111111111111,1", REQUEST_MALFORMED}, /* 17 digits */
        {"m,1", REQUEST_MALFORMED},
        {"m1", REQUEST_MALFORMED},
        {"m1,1,", REQUEST_MALFORMED},
        {"z0,80000000,4", REQUEST_remove},
        {"Z0,80000000,4;X3,220027", REQUEST_insert},
        {"QNonStop:1", REQUEST_UNKNOWN},
        {"QThreadSuffixSupported", REQUEST_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(parse_text(rows[i].text).kind == rows[i].kind, "%s: %d", rows[i].text,
                      parse_text(rows[i].text).kind);
}
END_TEST

START_TEST(numbers_land_in_their_fields)
{
    struct request request = parse_text("mffffffffFFFFFFFF,1f");
    ck_assert_uint_eq(request.address, UINT64_MAX);
    ck_assert_uint_eq(request.length, 0x1f);
    ck_assert(request.has_address);
    request = parse_text("Z2,80001234,3");
    ck_assert_uint_eq(request.number, 2);
    ck_assert_uint_eq(request.address, 0x80001234);
    ck_assert_uint_eq(request.length, 3);
    ck_assert_uint_eq(request.size_bytes, 0);
    ck_assert(!parse_text("s").has_address);
    ck_assert_int_eq(parse_text("Hg-1").thread, THREAD_ALL);
    ck_assert_int_eq(parse_text("Hg0").thread, THREAD_ANY);
    ck_assert_int_eq(parse_text("T1f").thread, 0x1f);
    ck_assert_int_eq(parse_text("Tffffffffffffffff").kind, REQUEST_MALFORMED);
}
END_TEST

START_TEST(bytes_are_decoded)
{
    struct request request = parse_text("M10,3:00ffA5");
    ck_assert_uint_eq(request.size_bytes, 3);
    ck_assert_mem_eq(request.bytes, "\x00\xff\xa5", 3);
    request = parse("X10,4:\0:,#", 10);
    ck_assert_uint_eq(request.size_bytes, 4);
    ck_assert_mem_eq(request.bytes, "\0:,#", 4);
    request = parse_text("P20=1122");
    ck_assert_uint_eq(request.number, 0x20);
    ck_assert_mem_eq(request.bytes, "\x11\x22", 2);
    request = parse_text("qXfer:features:read:target.xml:10,ffb");
    ck_assert_uint_eq(request.size_bytes, strlen("target.xml"));
    ck_assert_mem_eq(request.bytes, "target.xml", strlen("target.xml"));
    ck_assert_uint_eq(request.address, 0x10);
    ck_assert_int_eq(parse_text("M10,3:00ffA").kind, REQUEST_MALFORMED);
    ck_assert_int_eq(parse_text("M10,3:00xx").kind, REQUEST_MALFORMED);
}
END_TEST

START_TEST(actions_are_read)
{
    struct action actions[3];
    struct request request = parse_text("vCont;s:1;r80000000,80000010:2;C05");
    ck_assert_uint_eq(request_actions(&request, actions, 3), 3);
    ck_assert_int_eq(actions[0].what, 's');
    ck_assert_int_eq(actions[0].thread, 1);
    ck_assert_int_eq(actions[1].what, 'r');
    ck_assert_uint_eq(actions[1].start, 0x80000000);
    ck_assert_uint_eq(actions[1].end, 0x80000010);
    ck_assert_int_eq(actions[1].thread, 2);
    ck_assert_int_eq(actions[2].what, 'c');
    ck_assert_int_eq(actions[2].thread, THREAD_ALL);
    ck_assert_uint_eq(request_actions(&request, actions, 2), 0); /* more than there is room for */
}
END_TEST

START_TEST(what_is_no_list_of_actions_is_refused)
{
    static const char *const rows[] = {"vCont;",    "vCont;x", "vCont;c;", "vCont;;c",  "vCont;r1",
                                       "vCont;r1,", "vCont;S", "vCont;c:", "vCont;c:x", "vCont;cc"};
    struct action actions[4];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request request = parse_text(rows[i]);
        ck_assert_int_eq(request.kind, REQUEST_actions);
        ck_assert_msg(request_actions(&request, actions, 4) == 0, "%s", rows[i]);
    }
}
END_TEST

/* A prefix of a good packet is read in its own bounds: under a sanitizer a step past them is found. */
START_TEST(no_prefix_is_read_past_its_end)
{
    static const char *const rows[] = {"M80000000,4:00112233",
                                       "vCont;r80000000,80000010:1;c",
                                       "qXfer:features:read:target.xml:0,ffb",
                                       "qSearch:memory:0;100;abc",
                                       "Z2,80000000,8;X1,22",
                                       "qThreadExtraInfo,1",
                                       "Hg-1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t size = 0; size <= strlen(rows[i]); size++) {
            uint8_t *exact = malloc(size ? size : 1);
            struct request request;
            struct action actions[4];
            memcpy(exact, rows[i], size);
            request_parse(exact, size, &request);
            ck_assert_uint_lt(request.kind, REQUEST_KINDS);
            ck_assert_uint_le(request.size_bytes, size);
            if (request.kind == REQUEST_actions)
                ck_assert_uint_le(request_actions(&request, actions, 4), 4);
            free(exact);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdbstub/request");
    TCase *tests = tcase_create("request");
    tcase_add_test(tests, kinds_are_told_apart);
    tcase_add_test(tests, numbers_land_in_their_fields);
    tcase_add_test(tests, bytes_are_decoded);
    tcase_add_test(tests, actions_are_read);
    tcase_add_test(tests, what_is_no_list_of_actions_is_refused);
    tcase_add_test(tests, no_prefix_is_read_past_its_end);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* Bytes become packets whatever their pieces, and garbage costs no more than itself. */
#include "gdbstub/rsp.h"
#include "random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rsp_reader reader;

static void setup(void)
{
    memset(&reader, 0xa5, sizeof reader);
    rsp_reader_init(&reader);
}

/* Feeds a text; names of the events that came: P packet, B bad checksum, L too long, I interrupt, + and -. */
static const char *events(const char *bytes, size_t size_bytes, size_t piece)
{
    static char names[64];
    static const char letters[] = {[RSP_PACKET] = 'P',    [RSP_GARBLED] = 'B', [RSP_TOO_LONG] = 'L',
                                   [RSP_INTERRUPT] = 'I', [RSP_ACK] = '+',     [RSP_NAK] = '-'};
    size_t count = 0;
    for (size_t at = 0; at < size_bytes;) {
        size_t size = size_bytes - at < piece ? size_bytes - at : piece;
        enum rsp_event event;
        size_t used = rsp_feed(&reader, (const uint8_t *)bytes + at, size, &event);
        ck_assert_uint_ge(used, 1);
        ck_assert_uint_le(used, size);
        at += used;
        if (event != RSP_NOTHING)
            names[count++] = letters[event];
        ck_assert_uint_lt(count, sizeof names);
    }
    names[count] = 0;
    return names;
}

static const char *text_events(const char *text) { return events(text, strlen(text), SIZE_MAX); }

START_TEST(a_packet_is_a_packet_however_it_is_cut)
{
    static const char bytes[] = "+$g#67-\x03$m1,2#fc";
    for (size_t piece = 1; piece < sizeof bytes; piece++) {
        rsp_reader_init(&reader);
        ck_assert_str_eq(events(bytes, sizeof bytes - 1, piece), "+P-IP");
        ck_assert_str_eq((char *)reader.payload, "m1,2");
        ck_assert_uint_eq(reader.size_bytes, 4);
    }
}
END_TEST

START_TEST(escapes_are_undone)
{
    static const char bytes[] = "$X1:}\x03}\x04}]}\x0a\x03#28";
    ck_assert_str_eq(events(bytes, sizeof bytes - 1, SIZE_MAX), "P");
    ck_assert_uint_eq(reader.size_bytes, 8);
    ck_assert_mem_eq(reader.payload, "X1:#$}*\x03", 8);
}
END_TEST

START_TEST(a_wrong_checksum_is_told)
{
    ck_assert_str_eq(text_events("$g#68"), "B");
    ck_assert_str_eq(text_events("$g#6x"), "B");
    ck_assert_str_eq(text_events("$g#zz"), "B");
    ck_assert_str_eq(text_events("$g}#e4"), "B"); /* an escape of nothing */
    ck_assert_str_eq(text_events("$g#67"), "P");
    ck_assert_str_eq(text_events("$Z0#8A"), "P");
    ck_assert_str_eq(text_events("$#00"), "P");
    ck_assert_uint_eq(reader.size_bytes, 0);
}
END_TEST

START_TEST(after_garbage_comes_the_next_packet)
{
    ck_assert_str_eq(text_events("hello world#00 \x7f$g#67"), "P");
    ck_assert_str_eq(text_events("$lost without an end$g#67"), "P");
    ck_assert_str_eq((char *)reader.payload, "g");
    ck_assert_str_eq(text_events("$lost#$g#67"), "P");
    ck_assert_str_eq(text_events("$lost#1$g#67"), "P");
    ck_assert_str_eq((char *)reader.payload, "g");
}
END_TEST

START_TEST(a_control_c_within_a_packet_is_a_byte_of_it)
{
    ck_assert_str_eq(text_events("$g\x03#6a"), "P");
    ck_assert_uint_eq(reader.size_bytes, 2);
}
END_TEST

START_TEST(the_longest_packet_fits_and_a_longer_one_is_passed_over)
{
    for (size_t extra = 0; extra < 3; extra++) {
        size_t size = RSP_PAYLOAD_MAX + extra;
        char *bytes = malloc(size + 5);
        memset(bytes, 'a', size + 1);
        bytes[0] = '$';
        snprintf(bytes + 1 + size, 4, "#%02x", (unsigned)(size * 'a' & 0xff));
        ck_assert_str_eq(events(bytes, size + 4, 1000), extra ? "L" : "P");
        ck_assert_str_eq(text_events("$g#67"), "P");
        free(bytes);
    }
}
END_TEST

START_TEST(looking_ahead_finds_only_a_control_c_outside_packets)
{
    static const struct {
        const char *bytes;
        size_t found;
    } rows[] = {
        {"\x03", 0},
        {"", SIZE_MAX},
        {"++\x03", 2},
        {"$\x03#03", SIZE_MAX},
        {"$g#67\x03", 5},
        {"$g#6\x03", SIZE_MAX},
        {"$g#67$\x03", SIZE_MAX},
        {"$a$b#62\x03", 7},
        {"$a#$b#62\x03", 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
        ck_assert_uint_eq(rsp_find_interrupt(&reader, bytes, strlen(rows[i].bytes)), rows[i].found);
    }
    text_events("$half of a packet");
    ck_assert_uint_eq(rsp_find_interrupt(&reader, (const uint8_t *)"\x03#00\x03", 5), 4);
}
END_TEST

/* What it finds is what feeding finds. */
START_TEST(looking_ahead_agrees_with_reading)
{
    static const char alphabet[] = "$#g67}\x03+a";
    uint64_t seed = 5;
    for (int round = 0; round < 20000; round++) {
        char bytes[16];
        size_t size = 1 + random_below(&seed, sizeof bytes - 1), at = 0;
        for (size_t i = 0; i < size; i++)
            bytes[i] = alphabet[random_below(&seed, sizeof alphabet - 1)];
        size_t expected = rsp_find_interrupt(&reader, (uint8_t *)bytes, size), found = SIZE_MAX;
        while (at < size && found == SIZE_MAX) {
            enum rsp_event event;
            at += rsp_feed(&reader, (uint8_t *)bytes + at, size - at, &event);
            if (event == RSP_INTERRUPT)
                found = at - 1;
        }
        ck_assert_uint_eq(found, expected);
    }
}
END_TEST

/* ---- replies ------------------------------------------------------------------------------------------------------ */

static struct reply reply;

static const char *framed(void)
{
    static uint8_t frame[RSP_FRAME_MAX + 1];
    frame[rsp_frame(&reply, frame)] = 0;
    return (const char *)frame;
}

START_TEST(replies_are_framed)
{
    reply_clear(&reply);
    ck_assert_str_eq(framed(), "$#00");
    reply_text(&reply, "OK");
    ck_assert_str_eq(framed(), "$OK#9a");
    reply_error(&reply, 14);
    ck_assert_str_eq(framed(), "$E14#aa");
    reply_clear(&reply);
    reply_value(&reply, 0x1234567890abcdef, 8);
    reply_value(&reply, 0xffffff01, 4);
    ck_assert_str_eq(framed(), "$efcdab907856341201ffffff#27");
}
END_TEST

START_TEST(what_is_framed_is_read_again)
{
    uint64_t seed = 1;
    uint8_t bytes[600];
    static uint8_t frame[RSP_FRAME_MAX];
    for (int round = 0; round < 200; round++) {
        size_t size = random_below(&seed, sizeof bytes);
        random_fill(&seed, bytes, size);
        reply_clear(&reply);
        reply_binary(&reply, bytes, size);
        ck_assert_str_eq(events((char *)frame, rsp_frame(&reply, frame), 1 + random_below(&seed, 99)), "P");
        ck_assert_uint_eq(reader.size_bytes, size);
        ck_assert_mem_eq(reader.payload, bytes, size);
    }
}
END_TEST

START_TEST(a_reply_never_overflows)
{
    static uint8_t bytes[RSP_PAYLOAD_MAX];
    memset(bytes, '#', sizeof bytes);
    reply_clear(&reply);
    reply_binary(&reply, bytes, RSP_MEMORY_MAX);
    ck_assert(!reply.overflow);
    reply_clear(&reply);
    reply_hex(&reply, bytes, RSP_MEMORY_MAX);
    ck_assert(!reply.overflow);
    reply_binary(&reply, bytes, sizeof bytes);
    ck_assert(reply.overflow);
    ck_assert_uint_le(reply.size_bytes, RSP_PAYLOAD_MAX);
    reply_clear(&reply);
    reply_hex(&reply, bytes, sizeof bytes);
    ck_assert(reply.overflow);
    ck_assert_uint_eq(reply.size_bytes, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdbstub/rsp");
    TCase *tests = tcase_create("rsp");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_packet_is_a_packet_however_it_is_cut);
    tcase_add_test(tests, escapes_are_undone);
    tcase_add_test(tests, a_wrong_checksum_is_told);
    tcase_add_test(tests, after_garbage_comes_the_next_packet);
    tcase_add_test(tests, a_control_c_within_a_packet_is_a_byte_of_it);
    tcase_add_test(tests, the_longest_packet_fits_and_a_longer_one_is_passed_over);
    tcase_add_test(tests, looking_ahead_finds_only_a_control_c_outside_packets);
    tcase_add_test(tests, looking_ahead_agrees_with_reading);
    tcase_add_test(tests, replies_are_framed);
    tcase_add_test(tests, what_is_framed_is_read_again);
    tcase_add_test(tests, a_reply_never_overflows);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

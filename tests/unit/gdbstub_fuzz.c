/* Whatever comes over the wire, the stub answers in whole frames and lives. Meant for a build with sanitizers.
 *
 * Built with -DDEJA_LIBFUZZER and clang -fsanitize=fuzzer,address it is a libFuzzer target instead of a test. */
#include "fake_debugger.h"
#include "fake_timeline.h"
#include "random.h"

#include <check.h>

enum { PACKETS = 200000, PER_CONNECTION = 50 };

static void begin(unsigned nharts)
{
    fake_reset();
    fake_kernel_boot();
    fake.nharts = nharts;
    fake_settle();
    fake_connect(&fake);
}

/* What must hold after anything: the harts that are meant exist, the lists agree, and what was said is whole. */
static void check_invariants(void)
{
    struct client *client = debugger.client;
    check(client_hart(client) < fake.nharts);
    check(client->hart < fake.nharts);
    points_arrange(&client->points);
    check(client->points.nbreaks + client->points.nwatches == client->points.count);
    check(client->points.count <= POINTS_MAX);
    check(client->out_bytes == 0 && client->reply.size_bytes == 0);
    check(strlen(client->stop) > 3 && client->stop[0] == 'T');
    fake_replies();
}

#ifdef DEJA_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    begin(2);
    fake_bytes(bytes, size_bytes < sizeof debugger.to_stub ? size_bytes : sizeof debugger.to_stub);
    check_invariants();
    fake_disconnect();
    return 0;
}

#else

static const char *const seeds[] = {
    "?",
    "!",
    "g",
    "G00112233",
    "p20",
    "p1041",
    "P5=0011223344556677",
    "P20=0000008000000000",
    "m80000000,40",
    "m40002ff0,40",
    "x80000000,8",
    "M80000000,4:00112233",
    "X40000ffe,4:abcd",
    "c",
    "c80000000",
    "s",
    "s80000004",
    "C05",
    "S05;80000000",
    "bs",
    "bc",
    "vCont?",
    "vCont;c",
    "vCont;s:1;c",
    "vCont;r80000000,80000040:1",
    "vCont;t",
    "Z0,80000010,4",
    "z0,80000010,4",
    "Z0,80000010,4;X8,26000a23019a1327X3,220027;cmds:0,X3,220127",
    "Z1,80000010,4;X7,22011a22051327",
    "Z1,80000020,2",
    "Z2,40001010,8",
    "z2,40001010,8",
    "Z3,40001020,4",
    "Z4,40001000,1000",
    "z4,40001000,1000",
    "Hg1",
    "Hg2",
    "Hc0",
    "Hc-1",
    "Hc2",
    "T1",
    "T3",
    "k",
    "vKill;1",
    "D",
    "R00",
    "vRun;6100;62",
    "vAttach;1",
    "qSupported:swbreak+;hwbreak+",
    "QStartNoAckMode",
    "qC",
    "qfThreadInfo",
    "qsThreadInfo",
    "qThreadExtraInfo,1",
    "qAttached:1",
    "qOffsets",
    "qSymbol::",
    "qXfer:features:read:target.xml:0,ffb",
    "qRcmd,68656c70",
    "qRcmd,7768656e",
    "qRcmd,7365656b20353030",
    "qRcmd,7265636f7264696e67",
    "qRcmd,6c6173742d77726974652030783430303031303130",                         /* last-write 0x40001010 */
    "qRcmd,6c6173742d777269746520706879733a307838303030313031302034203d3d2035", /* last-write phys:0x80001010 4 == 5 */
    "qRcmd,6e6578742d77726974652030783430303031303130",                         /* next-write 0x40001010 */
    "qRcmd,77726974657320307834303030313031302038203020353030",                 /* writes 0x40001010 8 0 500 */
    "qRcmd,63616c6c732030783830303030303238203020393030",                       /* calls 0x80000028 0 900 */
    "qRcmd,6c6173742d63616c6c2030783830303030303238",                           /* last-call 0x80000028 */
    "qRcmd,6f7574707574207469636b",                                             /* output tick */
    "qRcmd,646966662031203530302030783430303031303030203634",                   /* diff 1 500 0x40001000 64 */
    "qRcmd,626f6f6b6d61726b2061",                                               /* bookmark a */
    "qRcmd,626f6f6b6d61726b73",                                                 /* bookmarks */
    "qRcmd,756e626f6f6b6d61726b2061",                                           /* unbookmark a */
    "qRcmd,6261636b",                                                           /* back */
    "qRcmd,666f7277617264",                                                     /* forward */
    "qRcmd,67756573742d7073",                                                   /* guest-ps */
    "qRcmd,67756573742d6274203731",                                             /* guest-bt 71 */
    "qRcmd,64656a612072756e2035",                                               /* deja run 5 */
    "qHostInfo",
    "qSearch:memory:80000000;1000;abc",
    "qCRC:80000000,100",
    "qqemu.PhyMemMode",
    "Qqemu.PhyMemMode:1",
    "Qqemu.PhyMemMode:0",
    "vMustReplyEmpty",
    "",
};

enum { SEEDS = sizeof seeds / sizeof seeds[0], PAYLOAD_BYTES = 512 };

static const char alphabet[] = "0123456789abcdefffffZzmMxXpPgGcsbvqQHT,;:=-#$}*+\x03\x7f";

static void mutate(uint64_t *seed, uint8_t *payload, size_t *size_bytes)
{
    size_t at = random_below(seed, *size_bytes + 1);
    uint8_t byte =
        random_below(seed, 4) ? (uint8_t)alphabet[random_below(seed, sizeof alphabet - 1)] : (uint8_t)random_u64(seed);
    switch (random_below(seed, 4)) {
    case 0: /* another byte */
        if (at < *size_bytes)
            payload[at] = byte;
        break;
    case 1: /* a byte more */
        if (*size_bytes < PAYLOAD_BYTES) {
            memmove(payload + at + 1, payload + at, *size_bytes - at);
            payload[at] = byte;
            ++*size_bytes;
        }
        break;
    case 2: /* cut off */
        *size_bytes = at;
        break;
    case 3: /* the tail of another seed */
    {
        const char *tail = seeds[random_below(seed, SEEDS)];
        tail += random_below(seed, strlen(tail) + 1);
        size_t length = strlen(tail);
        if (at + length < PAYLOAD_BYTES) {
            memcpy(payload + at, tail, length);
            *size_bytes = at + length;
        }
        break;
    }
    }
}

/* Frames the payload, escaped or not, with a checksum that is right most of the time. */
static size_t frame(uint64_t *seed, const uint8_t *payload, size_t size_bytes, uint8_t *bytes)
{
    size_t at = 0;
    uint8_t sum = 0;
    bool escape = random_below(seed, 8) != 0;
    bytes[at++] = '$';
    for (size_t i = 0; i < size_bytes; i++) {
        uint8_t c = payload[i];
        if (escape && strchr("#$}*", c) && c) {
            sum += bytes[at++] = '}';
            c ^= 0x20;
        }
        sum += bytes[at++] = c;
    }
    if (!random_below(seed, 50))
        sum += (uint8_t)random_u64(seed);
    return at + (size_t)snprintf((char *)bytes + at, 4, "#%02x", sum);
}

static size_t make_packet(uint64_t *seed, uint8_t *bytes)
{
    uint8_t payload[PAYLOAD_BYTES];
    const char *text = seeds[random_below(seed, SEEDS)];
    size_t size = strlen(text);
    memcpy(payload, text, size);
    for (uint64_t i = random_below(seed, 5); i > 0; i--)
        mutate(seed, payload, &size);
    return frame(seed, payload, size, bytes);
}

static size_t make_noise(uint64_t *seed, uint8_t *bytes)
{
    size_t size = 1 + random_below(seed, 64);
    for (size_t i = 0; i < size; i++)
        bytes[i] = random_below(seed, 2) ? (uint8_t)random_u64(seed)
                                         : (uint8_t)alphabet[random_below(seed, sizeof alphabet - 1)];
    return size;
}

static enum client_state turn(uint64_t *seed)
{
    static uint8_t bytes[8 * PAYLOAD_BYTES + 64];
    size_t size = random_below(seed, 10) ? make_packet(seed, bytes) : make_noise(seed, bytes);
    if (!random_below(seed, 10))
        size += make_packet(seed, bytes + size);
    debugger.interrupt_after = (unsigned)random_below(seed, 6);
    debugger.hang_up_after = random_below(seed, 100) ? 0 : 1 + (unsigned)random_below(seed, 6);
    return fake_bytes(bytes, size);
}

START_TEST(nothing_that_comes_breaks_it)
{
    uint64_t seed = 1 + (uint64_t)_i;
    for (int packet = 0; packet < PACKETS / 4;) {
        begin(1 + (unsigned)random_below(&seed, 3));
        enum client_state state = CLIENT_OPEN;
        for (int i = 0; i < PER_CONNECTION && state == CLIENT_OPEN; i++, packet++) {
            state = turn(&seed);
            check_invariants();
        }
        /* and it still answers, when it has not been told to end */
        if (state == CLIENT_OPEN) {
            debugger.interrupt_after = debugger.hang_up_after = 0;
            fake_bytes("#00#00$qC#b4", 12);
            ck_assert(strstr(fake_replies(), "QC0") != NULL);
        }
        fake_disconnect();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gdbstub/fuzz");
    TCase *tests = tcase_create("fuzz");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, nothing_that_comes_breaks_it, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

#endif

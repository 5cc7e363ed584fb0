/* Physical memory protection drawn at random, against a model of the manual's section 3.7: first with entries that come
 * and go, then with entries that are locked for good and hold M-mode too. */
#include "lib/probe.h"

enum { ENTRIES = 16, TRIALS = 3000, ACCESSES = 4 };
enum { R = 1, W = 2, X = 4, TOR = 1 << 3, NA4 = 2 << 3, NAPOT = 3 << 3, A = 3 << 3, L = 1 << 7 };
enum { LOAD8, LOAD1, STORE8, STORE1, FETCH, KINDS };

#define ADDRESS_MASK ((1ull << 54) - 1)

static uint32_t cells[16384] __attribute__((aligned(65536))); /* all that entries of ours match: 64 KiB */

/* What the registers should hold. */
static uint64_t addresses[ENTRIES];
static uint8_t configs[ENTRIES];
static unsigned seen[17]; /* outcomes by cause; 16: none */

/* ---- the registers ---- */

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)

static void write_address(unsigned entry, uint64_t value)
{
    switch (entry) {
#define DO(n)                                                                                                          \
    case n:                                                                                                            \
        write_csr(pmpaddr##n, value);                                                                                  \
        break;
        EACH(DO)
#undef DO
    }
    if (configs[entry] & L || (entry + 1 < ENTRIES && (configs[entry + 1] & (L | A)) == (L | TOR)))
        return; /* a locked TOR locks the address below it */
    addresses[entry] = value & ADDRESS_MASK;
}

static uint64_t read_address(unsigned entry)
{
    switch (entry) {
#define DO(n)                                                                                                          \
    case n:                                                                                                            \
        return read_csr(pmpaddr##n);
        EACH(DO)
#undef DO
    }
    return 0;
}

static void write_configs(unsigned from, uint64_t value)
{
    if (from == 0)
        write_csr(pmpcfg0, value);
    else
        write_csr(pmpcfg2, value);
    for (unsigned i = 0; i < 8; i++) {
        uint8_t config = value >> 8 * i & (R | W | X | A | L);
        if ((config & (R | W)) == W)
            config &= ~W; /* reserved; this is what the machine makes of it, any legal value would do */
        if (!(configs[from + i] & L))
            configs[from + i] = config;
    }
}

static void check_registers(void)
{
    for (unsigned entry = 0; entry < ENTRIES; entry++) {
        uint64_t value = entry < 8 ? read_csr(pmpcfg0) : read_csr(pmpcfg2);
        expect_equal(value >> 8 * (entry & 7) & 0xff, configs[entry]);
        expect_equal(read_address(entry), addresses[entry]);
    }
}

/* ---- drawing ---- */

/* An address register whose entry lies in `cells`, whatever the entry's mode. */
static uint64_t draw_address(void)
{
    uint64_t words = (uint64_t)cells >> 2, size_log2 = below(13); /* 8 bytes to 32 KiB */

    if (one_in(2))
        return words + below(16384);
    return (words + (below(16384) & ~((2ull << size_log2) - 1))) | ((1ull << size_log2) - 1);
}

static uint8_t draw_config(unsigned entry)
{
    uint8_t config = (uint8_t)(random64() & (R | W | X | A));

    if (one_in(4))
        config |= R | W | X;
    if ((config & A) == TOR && entry == 0)
        config ^= TOR; /* would begin at address 0 */
    return config;
}

static void draw_entries(void)
{
    uint64_t values[2] = {0, 0};

    for (unsigned entry = 0; entry < ENTRIES - 1; entry++) {
        write_address(entry, draw_address());
        values[entry / 8] |= (uint64_t)draw_config(entry) << 8 * (entry % 8);
    }
    write_configs(0, values[0]);
    write_address(ENTRIES - 1, UINT64_MAX >> 10); /* the last one: everything, or nothing */
    write_configs(8, values[1] | (one_in(3) ? 0ull : (uint64_t)(NAPOT | R | W | X)) << 56);
}

/* ---- the model ---- */

static bool range_of(unsigned entry, uint64_t *first, uint64_t *end)
{
    uint64_t address = addresses[entry], ones = 0;

    switch (configs[entry] & A) {
    case TOR:
        *first = entry == 0 ? 0 : addresses[entry - 1] << 2;
        *end = address << 2;
        return *first < *end;
    case NA4:
        *first = address << 2;
        *end = *first + 4;
        return true;
    case NAPOT:
        while (address >> ones & 1)
            ones++;
        *first = (address >> (ones + 1) << (ones + 1)) << 2;
        *end = *first + (8ull << ones);
        return true;
    }
    return false;
}

static bool allowed(uint64_t address, uint64_t size_bytes, uint8_t need, enum mode mode)
{
    for (unsigned entry = 0; entry < ENTRIES; entry++) {
        uint64_t first, end;
        if (!range_of(entry, &first, &end) || end <= address || first >= address + size_bytes)
            continue;
        if (first > address || end < address + size_bytes)
            return false; /* it must match all of the access */
        return (mode == M_MODE && !(configs[entry] & L)) || configs[entry] & need;
    }
    return mode == M_MODE;
}

/* ---- one access ---- */

/* What the cells hold at an offset, and will hold: stores write it again. */
static uint64_t content(uint64_t offset)
{
    uint64_t cell = PROBE_ECALL | (uint64_t)PROBE_ECALL << 32, shift = 8 * (offset & 3);

    return shift == 0 ? cell : cell >> shift | cell << (64 - shift);
}

static void access(enum mode mode)
{
    static const uint8_t sizes[KINDS] = {8, 1, 8, 1, 4}, needs[KINDS] = {R, R, W, W, X};
    static const uint8_t faults[KINDS] = {LOAD_ACCESS, LOAD_ACCESS, STORE_ACCESS, STORE_ACCESS, FETCH_ACCESS};
    unsigned kind = (unsigned)below(KINDS), page = (unsigned)below(16) * 4096;
    uint64_t offset = below(4096 - 8);
    uint64_t status = (uint64_t)mode << 11, cause, tval;
    struct outcome outcome;

    if (one_in(2)) /* at an edge of something */
        offset = addresses[below(ENTRIES)] << 2 & 4095;
    if (kind == FETCH)
        offset &= ~3ull; /* the cells hold ecall */
    else if (one_in(2))
        offset &= ~7ull;
    if (offset > 4096 - 8)
        offset = 4096 - 8;
    uint64_t address = (uint64_t)cells + page + offset;
    cause = allowed(address, sizes[kind], needs[kind], mode) ? NO_TRAP : faults[kind];
    tval = address;
    if (kind == FETCH && cause == NO_TRAP)
        cause = mode == M_MODE ? ECALL_M : ECALL_U + mode, tval = 0;
    switch (kind) {
    case LOAD8:
        probe_load8(address, status, &outcome);
        break;
    case LOAD1:
        probe_load1(address, status, &outcome);
        break;
    case STORE8:
        probe_store8(address, status, &outcome, content(offset));
        break;
    case STORE1:
        probe_store1(address, status, &outcome, content(offset));
        break;
    default:
        probe_fetch(address, status, &outcome);
    }
    seen[outcome.cause == NO_TRAP ? 16 : outcome.cause & 15]++;
    expect_equal(outcome.cause, cause);
    if (cause != NO_TRAP)
        expect_equal(outcome.tval, tval);
    if (kind == FETCH)
        expect_equal(outcome.epc, address);
    if (kind == LOAD8 && cause == NO_TRAP)
        expect_equal(outcome.value, content(offset));
}

/* ---- */

static void coming_and_going(void)
{
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        draw_entries();
        if (trial % 16 == 0)
            check_registers();
        for (unsigned i = 0; i < ACCESSES; i++)
            access(one_in(3) ? S_MODE : one_in(2) ? U_MODE : M_MODE);
    }
}

/* From the last entry down: each is locked, and what is locked stays, whatever is written. */
static void locked(void)
{
    write_configs(0, 0);
    write_configs(8, 0);
    for (unsigned entry = ENTRIES - 1; entry > 0; entry--) {
        unsigned from = entry & 8;
        write_address(entry, draw_address());
        if (entry > 1)
            write_address(entry - 1, draw_address());
        uint8_t config = draw_config(entry) | L;
        uint64_t value = from ? read_csr(pmpcfg2) : read_csr(pmpcfg0);
        value = (value & ~(0xffull << 8 * (entry & 7))) | (uint64_t)config << 8 * (entry & 7);
        write_configs(from, value);
        check_registers();
        for (unsigned i = 0; i < 100; i++)
            access(one_in(3) ? S_MODE : one_in(2) ? U_MODE : M_MODE);
        for (unsigned again = entry; again < ENTRIES; again++)
            write_address(again, random64());
        write_address(entry - 1, draw_address());
        write_configs(from, value & ~(0xffull << 8 * (entry & 7)));
        check_registers();
    }
}

int main(void)
{
    for (unsigned i = 0; i < sizeof cells / sizeof cells[0]; i++)
        cells[i] = PROBE_ECALL;
    coming_and_going();
    locked();
    for (unsigned cause = 0; cause < 17; cause++)
        line("outcomes", seen[cause]);
    expect(seen[16] > TRIALS && seen[ECALL_S] > TRIALS / 20 && seen[ECALL_U] > TRIALS / 20 &&
           seen[ECALL_M] > TRIALS / 20);
    expect(seen[LOAD_ACCESS] > TRIALS / 10 && seen[STORE_ACCESS] > TRIALS / 10 && seen[FETCH_ACCESS] > TRIALS / 10);
    return 0;
}

/* Physical memory protection: matching, priority, locks. */
#include "lib/guest.h"

enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, TOR = 1 << 3, NA4 = 2 << 3, NAPOT = 3 << 3, LOCK = 1 << 7 };

static uint64_t area[1024] __attribute__((aligned(4096)));

/* Load and store cause of one word, as S. */
static uint64_t touch(uint64_t address)
{
    uint64_t load = CAUSE_OF((void)*(volatile uint32_t *)address);
    uint64_t store = CAUSE_OF(*(volatile uint32_t *)address = 1);

    return (load & 15) << 4 | (store & 15);
}

static void show(const char *name, enum mode mode, const uint64_t *offsets, unsigned n)
{
    put(name);
    for (unsigned i = 0; i < n; i++) {
        uint64_t address = (uint64_t)area + offsets[i];
        uint64_t causes = mode == M_MODE ? touch(address) : in_mode(mode, touch, address);
        put_char(' ');
        put_char("0123456789abcdef"[causes >> 4]);
        put_char("0123456789abcdef"[causes & 15]);
    }
    put_char('\n');
}

static void set_entry(unsigned entry, uint64_t address, uint64_t config)
{
    uint64_t shift = entry * 8, all;

    switch (entry) {
    case 0:
        write_csr(pmpaddr0, address);
        break;
    case 1:
        write_csr(pmpaddr1, address);
        break;
    default:
        write_csr(pmpaddr2, address);
        break;
    }
    all = read_csr(pmpcfg0);
    write_csr(pmpcfg0, (all & ~(0xffull << shift)) | config << shift);
}

static void matching(void)
{
    static const uint64_t offsets[] = {0, 4, 8, 12, 16, 60, 64, 2044, 2048, 4092};
    const unsigned n = sizeof offsets / sizeof offsets[0];
    uint64_t base = (uint64_t)area >> 2;

    write_csr(pmpaddr3, UINT64_MAX >> 10);
    write_csr(pmpcfg0, 0x1full << 24); /* last: everything */
    show("open", S_MODE, offsets, n);
    set_entry(0, base + 1, NA4 | PMP_R);
    show("NA4 R", S_MODE, offsets, n);
    set_entry(0, base | 0, NAPOT | PMP_R); /* 8 bytes */
    show("NAPOT 8", S_MODE, offsets, n);
    set_entry(0, base | 7, NAPOT | PMP_R); /* 64 bytes */
    show("NAPOT 64", S_MODE, offsets, n);
    set_entry(0, base | 7, NAPOT);
    set_entry(1, base | 255, NAPOT | PMP_R);
    show("two", S_MODE, offsets, n); /* the first match decides */
    set_entry(0, base + 2, 0);
    set_entry(1, base + 512, TOR | PMP_R);
    show("TOR", S_MODE, offsets, n);
    set_entry(1, base + 2, TOR | PMP_R); /* empty */
    show("TOR empty", S_MODE, offsets, n);
    set_entry(1, base | 255, NAPOT | PMP_R);
    show("U", U_MODE, offsets, n);
    show("M", M_MODE, offsets, n); /* not locked: not M's */
    set_entry(1, 0, 0);
}

static void locks(void)
{
    static const uint64_t offsets[] = {0, 4, 64};
    uint64_t base = (uint64_t)area >> 2;

    set_entry(0, base | 0, NAPOT | PMP_R | LOCK);
    show("locked, M", M_MODE, offsets, 3);
    set_entry(0, 0, 0);
    line("pmpcfg0 after", read_csr(pmpcfg0) & 0xff);
    line("pmpaddr0 moved", read_csr(pmpaddr0) != (base | 0));
    write_csr(pmpaddr1, base + 8);
    set_entry(2, base + 64, TOR | PMP_R | LOCK); /* a locked TOR locks the address below it */
    write_csr(pmpaddr1, 12345);
    line("pmpaddr1 moved", read_csr(pmpaddr1) != base + 8);
}

static uint64_t nothing(uint64_t ignored) { return ignored; }

int main(void)
{
    write_csr(pmpcfg0, PMP_W | NAPOT); /* W without R is reserved */
    line("pmpcfg0", read_csr(pmpcfg0) & 1);
    write_csr(pmpcfg0, 0);
    matching();
    expect_equal(in_mode(S_MODE, nothing, 7), 7);
    locks();
    return 0;
}

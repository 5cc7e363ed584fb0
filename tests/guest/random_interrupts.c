/* Interrupts drawn at random: which is taken, where it goes and what it leaves, against a model of the manual's
 * sections 3.1.6 to 3.1.9. */
#include "lib/probe.h"

enum { TRIALS = 10000 };

#define MPP  (3ull << 11)
#define MPIE (1ull << 7)
#define SPIE (1ull << 5)

enum { SSI = 1 << 1, MSI = 1 << 3, STI = 1 << 5, MTI = 1 << 7, SEI = 1 << 9, MEI = 1 << 11 };

static uint32_t cells[64] __attribute__((aligned(256))); /* ecalls: where the hart goes, and S-mode's vector */

struct trial {
    enum mode mode;
    uint64_t pending, enabled, delegated;
    bool mie, sie, vectored;
};

/* ---- making it so ---- */

/* The UART has room, which is an interrupt, which the PLIC hands to M-mode, S-mode or neither. */
static void external_lines(bool machine, bool supervisor)
{
    MMIO32(PLIC + 0x2000) = machine ? 1 << 10 : 0;
    MMIO32(PLIC + 0x2080) = supervisor ? 1 << 10 : 0;
}

static void raise(struct trial *trial)
{
    bool by_line = one_in(2);

    MMIO32(CLINT) = trial->pending & MSI ? 1 : 0;
    MMIO64(MTIMECMP) = trial->pending & MTI ? 0 : UINT64_MAX;
    external_lines(trial->pending & MEI, (trial->pending & SEI) && by_line);
    clear_csr(mip, SSI | STI | SEI);
    set_csr(mip, trial->pending & (SSI | STI | (by_line ? 0 : SEI)));
    expect_equal(read_csr(mip), trial->pending);
}

static void draw(struct trial *trial)
{
    static const enum mode modes[] = {U_MODE, S_MODE, M_MODE};
    const uint64_t all = SSI | MSI | STI | MTI | SEI | MEI;

    *trial = (struct trial){.mode = modes[below(3)],
                            .pending = random64() & random64() & all,
                            .enabled = (random64() | random64()) & all,
                            .delegated = random64() & (SSI | STI | SEI),
                            .mie = one_in(2),
                            .sie = one_in(2),
                            .vectored = one_in(2)};
}

/* ---- the model ---- */

/* The interrupt that is taken, and in *to where; 0: none. */
static uint64_t model(const struct trial *trial, enum mode *to)
{
    static const uint64_t order[] = {MEI, MSI, MTI, SEI, SSI, STI};
    uint64_t due = trial->pending & trial->enabled & ~trial->delegated;

    *to = M_MODE;
    if (trial->mode == M_MODE && !trial->mie)
        due = 0;
    if (!due) {
        *to = S_MODE;
        due = trial->pending & trial->enabled & trial->delegated;
        if (trial->mode == M_MODE || (trial->mode == S_MODE && !trial->sie))
            due = 0;
    }
    for (unsigned i = 0; i < 6; i++)
        if (due & order[i])
            return order[i];
    return 0;
}

static uint64_t number_of(uint64_t bit)
{
    uint64_t number = 0;

    while (bit >> number > 1)
        number++;
    return number;
}

/* ---- the comparison ---- */

static unsigned taken[3]; /* none, in S-mode, in M-mode */

static void check_machine(const struct trial *trial, const struct outcome *outcome, uint64_t bit, uint64_t status)
{
    expect_equal(outcome->cause, INTERRUPT | number_of(bit));
    expect_equal(outcome->epc, (uint64_t)cells);
    expect_equal(outcome->tval, 0);
    expect_equal(status >> 7 & 1, trial->mie);
    taken[2]++;
}

static void check_supervisor(const struct trial *trial, const struct outcome *outcome, uint64_t bit, uint64_t status)
{
    uint64_t number = number_of(bit);

    expect_equal(outcome->cause, ECALL_S); /* S-mode's handler is an ecall */
    expect_equal(outcome->epc, (uint64_t)(cells + 16 + (trial->vectored ? number : 0)));
    expect_equal(read_csr(scause), INTERRUPT | number);
    expect_equal(read_csr(sepc), (uint64_t)cells);
    expect_equal(read_csr(stval), 0);
    expect_equal(status >> 5 & 1, trial->sie);            /* SPIE */
    expect_equal(status >> 1 & 1, 0);                     /* SIE */
    expect_equal(status >> 8 & 1, trial->mode == S_MODE); /* SPP */
    taken[1]++;
}

static void run(void)
{
    struct trial trial;
    struct outcome outcome;
    enum mode to;
    uint64_t bit, status;

    draw(&trial);
    bit = model(&trial, &to);
    write_csr(mideleg, trial.delegated);
    write_csr(stvec, (uint64_t)(cells + 16) | trial.vectored);
    clear_csr(mstatus, MPIE | MSTATUS_MIE | SPIE | MSTATUS_SIE | MSTATUS_SPP);
    raise(&trial);
    write_csr(mie, trial.enabled);
    set_csr(mstatus, (trial.mie ? MPIE : 0) | (trial.sie ? MSTATUS_SIE : 0));
    probe_fetch((uint64_t)cells, (uint64_t)trial.mode << 11, &outcome);
    write_csr(mie, 0);
    status = outcome.status;
    if (bit == 0) {
        expect_equal(outcome.cause, trial.mode == M_MODE ? ECALL_M : ECALL_U + trial.mode);
        expect_equal(outcome.epc, (uint64_t)cells);
        taken[0]++;
    } else if (to == M_MODE) {
        check_machine(&trial, &outcome, bit, status);
    } else {
        check_supervisor(&trial, &outcome, bit, status);
    }
}

int main(void)
{
    open_pmp();
    for (unsigned i = 0; i < sizeof cells / sizeof cells[0]; i++)
        cells[i] = PROBE_ECALL;
    MMIO8(UART + 1) = 2; /* IER: room to transmit */
    MMIO32(PLIC + 4 * 10) = 1;
    for (unsigned i = 0; i < TRIALS; i++)
        run();
    external_lines(false, false);
    MMIO8(UART + 1) = 0;
    for (unsigned i = 0; i < 3; i++) {
        line("taken", taken[i]);
        expect(taken[i] > TRIALS / 20);
    }
    return 0;
}

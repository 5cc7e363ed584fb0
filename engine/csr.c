#include "csr.h"

#include "footprint.h"
#include "mmu.h"
#include "pmp.h"
#include "trap.h"

#define MSTATUS_MASK                                                                                                   \
    (MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_MPP | MSTATUS_FS | MSTATUS_MPRV | \
     MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR)
#define SENVCFG_MASK         (ENVCFG_FIOM | ENVCFG_CBIE | ENVCFG_CBCFE | ENVCFG_CBZE)
#define MENVCFG_MASK         (SENVCFG_MASK | ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_STCE)
#define ENVCFG_CBIE_RESERVED (UINT64_C(2) << 4)
#define MEDELEG_MASK         UINT64_C(0xb3ff)
#define MIE_MASK             UINT64_C(0xaaa)
#define MISA_BITS(c)         (UINT64_C(1) << ((c) - 'A'))

/* ---- what rows call ---- */

static void look_for_interrupts(struct hart *hart)
{
    hart->attention = true;
    hart->leave = true;
}

static void fcsr_write(struct hart *hart, uint64_t fflags, uint64_t frm)
{
    hart->s.fflags = (uint8_t)fflags;
    hart->s.frm = (uint8_t)frm;
    hart->s.mstatus |= MSTATUS_FS;
}

static uint64_t mstatus_read(const struct hart *hart)
{
    uint64_t status = hart->s.mstatus;
    return (status & MSTATUS_FS) == MSTATUS_FS ? status | MSTATUS_SD : status;
}

static void mstatus_write(struct hart *hart, uint64_t value, uint64_t view)
{
    uint64_t mask = view & MSTATUS_MASK;
    uint64_t old = hart->s.mstatus;
    if ((value & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT == 2) /* reserved: keep */
        mask &= ~MSTATUS_MPP;
    hart->s.mstatus = (old & ~mask) | (value & mask);
    if ((old ^ hart->s.mstatus) & MSTATUS_MXR)
        mmu_forget(hart);
    uint64_t context = hart->context;
    hart_update_views(hart);
    hart->leave |= hart->context != context;
    if (trap_due(hart))
        look_for_interrupts(hart);
}

static uint64_t mip_read(const struct hart *hart) { return hart->s.mip_soft | hart->s.mip_lines; }

static void mip_write(struct hart *hart, uint64_t value, uint64_t mask)
{
    if (hart->s.menvcfg & ENVCFG_STCE) /* STIP is then the timer's (Sstc, 9.1.1) */
        mask &= ~(uint64_t)MIP_STIP;
    hart->s.mip_soft = (hart->s.mip_soft & ~mask) | (value & mask);
    look_for_interrupts(hart);
}

static void timer_changed(struct hart *hart, icount_t mark)
{
    const struct bus *bus = &hart->engine->config.bus;
    if (bus->timer_changed)
        bus->timer_changed(bus->owner, hart->id, mark);
    hart->leave = true;
}

static void satp_write(struct hart *hart, uint64_t value)
{
    uint64_t mode = value >> 60;
    if ((mode != 0 && mode != 8 && mode != 9) || value == hart->s.satp)
        return; /* an unsupported mode: the whole write has no effect (10.1.11) */
    hart->s.satp = value;
    if (hart->engine->marks)
        footprint_switch(hart->engine, value);
    mmu_switch_space(hart);
    hart->leave = true;
}

/* CBIE of 2 is reserved (19.3): taken as 0. */
static uint64_t legal_envcfg(uint64_t value)
{
    return (value & ENVCFG_CBIE) == ENVCFG_CBIE_RESERVED ? value & ~ENVCFG_CBIE : value;
}

static void senvcfg_write(struct hart *hart, uint64_t value) { hart->s.senvcfg = legal_envcfg(value) & SENVCFG_MASK; }

static void menvcfg_write(struct hart *hart, icount_t mark, uint64_t value)
{
    value = legal_envcfg(value);
    uint64_t changed = (hart->s.menvcfg ^ value) & MENVCFG_MASK;
    hart->s.menvcfg = value & MENVCFG_MASK;
    if (hart->s.menvcfg & ENVCFG_STCE)
        hart->s.mip_soft &= ~(uint64_t)MIP_STIP;
    if (changed & (ENVCFG_ADUE | ENVCFG_PBMTE)) {
        mmu_forget(hart);
        hart->leave = true;
    }
    if (changed & ENVCFG_STCE)
        timer_changed(hart, mark);
}

/* A counter is mark + offset while it counts; while inhibited, the offset is its value. */
static uint64_t counter_read(const struct hart *hart, icount_t mark, uint64_t offset, uint64_t inhibit_bit)
{
    return hart->s.mcountinhibit & inhibit_bit ? offset : mark.n + offset;
}

/* The value holds for the next instruction: the writing one does not count (3.1.10). */
static void counter_write(struct hart *hart, icount_t mark, uint64_t *offset, uint64_t inhibit_bit, uint64_t value)
{
    *offset = hart->s.mcountinhibit & inhibit_bit ? value : value - (mark.n + 1);
}

static void inhibit_counter(struct hart *hart, icount_t mark, uint64_t *offset, uint64_t inhibit_bit, uint64_t bits)
{
    if ((hart->s.mcountinhibit ^ bits) & inhibit_bit)
        *offset = bits & inhibit_bit ? *offset + mark.n + 1 : *offset - (mark.n + 1);
}

static void inhibit_write(struct hart *hart, icount_t mark, uint64_t bits)
{
    inhibit_counter(hart, mark, &hart->s.cycle_offset, 1, bits);
    inhibit_counter(hart, mark, &hart->s.instret_offset, 4, bits);
    hart->s.mcountinhibit = bits;
}

static void pmp_changed(struct hart *hart)
{
    mmu_forget(hart);
    hart->leave = true;
}

static uint64_t pmpcfg_read(const struct hart *hart, unsigned number)
{
    uint64_t value = 0;
    for (unsigned byte = 0; byte < 8; byte++)
        value |= (uint64_t)hart->s.pmpcfg[number * 4 + byte] << 8 * byte;
    return value;
}

static void pmpcfg_write(struct hart *hart, unsigned number, uint64_t value)
{
    for (unsigned byte = 0; byte < 8; byte++)
        pmp_write_cfg(&hart->s, number * 4 + byte, (uint8_t)(value >> 8 * byte));
    pmp_changed(hart);
}

static void pmpaddr_write(struct hart *hart, unsigned entry, uint64_t value)
{
    pmp_write_addr(&hart->s, entry, value);
    pmp_changed(hart);
}

uint64_t csr_time(const struct hart *hart, icount_t mark)
{
    const struct engine_config *config = &hart->engine->config;
    if (config->bus.time)
        return config->bus.time(config->bus.owner, mark);
    return clock_vtime(config->clock, mark).ns / config->timebase_ns;
}

/* ---- the table ---- */

#define S(member)            (h_->s.member)
#define V                    value_
#define PUT(member, mask)    S(member) = (S(member) & ~(uint64_t)(mask)) | (V & (mask))
#define COUNTER(member, bit) counter_read(h_, mark_, S(member), bit)
#define FIXED                ((void)0)
#define READ_ONLY            check(!"a read-only CSR is never written")

#define CSR_ZERO(...)
#define CSR(number, name, read, write)                                                                                 \
    static uint64_t read_##name(const struct hart *h_, icount_t mark_)                                                 \
    {                                                                                                                  \
        (void)h_, (void)mark_;                                                                                         \
        return read;                                                                                                   \
    }                                                                                                                  \
    static void write_##name(struct hart *h_, icount_t mark_, uint64_t value_)                                         \
    {                                                                                                                  \
        (void)h_, (void)mark_, (void)value_;                                                                           \
        write;                                                                                                         \
    }
#include "csr.def"
#undef CSR

struct csr_row {
    uint64_t (*read)(const struct hart *hart, icount_t mark);
    void (*write)(struct hart *hart, icount_t mark, uint64_t value);
};

static uint64_t read_zero(const struct hart *hart, icount_t mark)
{
    (void)hart, (void)mark;
    return 0;
}

static void write_nothing(struct hart *hart, icount_t mark, uint64_t value) { (void)hart, (void)mark, (void)value; }

#define CSR(number, name, ...) ROW_##name,
enum {
    ROW_NONE,
    ROW_ZERO,
    CSR_ROWS_BEGIN_ = ROW_ZERO,
#include "csr.def"
    ROW_COUNT
};
#undef CSR

static const struct csr_row rows[ROW_COUNT] = {
    [ROW_ZERO] = {read_zero, write_nothing},
#define CSR(number, name, ...) [ROW_##name] = {read_##name, write_##name},
#include "csr.def"
#undef CSR
};
#undef CSR_ZERO

/* By CSR number. */
static const uint8_t row_of[4096] = {
#define CSR(number, name, ...)      [number] = ROW_##name,
#define CSR_ZERO(first, last, name) [first... last] = ROW_ZERO,
#include "csr.def"
#undef CSR
#undef CSR_ZERO
};

#define CSR_ZERO(...)
static const struct csr_info infos[] = {
#define CSR(number, name, ...) {#name, number},
#include "csr.def"
#undef CSR
};
#undef CSR_ZERO

/* ---- access ---- */

enum {
    NUMBER_STIMECMP = 0x14d,
    NUMBER_SATP = 0x180,
    NUMBER_SIP = 0x144,
    NUMBER_MIP = 0x344,
    NUMBER_CYCLE = 0xc00,
    NUMBER_HPMCOUNTER31 = 0xc1f
};

static bool counter_enabled(const struct hart *hart, unsigned bit)
{
    uint64_t enabled = hart->s.priv == PRIV_M ? UINT64_MAX : hart->s.mcounteren;
    if (hart->s.priv == PRIV_U)
        enabled &= hart->s.scounteren;
    return enabled >> bit & 1;
}

/* Conditions that the number itself does not tell. */
static bool condition_holds(const struct hart *hart, unsigned number)
{
    if (number >= CSR_FFLAGS && number <= CSR_FCSR)
        return hart->s.mstatus & MSTATUS_FS;
    if (number >= NUMBER_CYCLE && number <= NUMBER_HPMCOUNTER31)
        return counter_enabled(hart, number - NUMBER_CYCLE);
    if (hart->s.priv == PRIV_S && number == NUMBER_SATP)
        return !(hart->s.mstatus & MSTATUS_TVM);
    if (hart->s.priv == PRIV_S && number == NUMBER_STIMECMP)
        return (hart->s.menvcfg & ENVCFG_STCE) && (hart->s.mcounteren & 2);
    return true;
}

static bool accessible(const struct hart *hart, unsigned number, bool writes)
{
    unsigned lowest = number >> 8 & 3;
    bool read_only = number >> 10 == 3;
    return row_of[number] && hart->s.priv >= lowest && !(writes && read_only) && condition_holds(hart, number);
}

/* Setting and clearing bits of mip starts from what software has set, not from the device's line (3.1.9). */
static uint64_t modify_base(const struct hart *hart, unsigned number, uint64_t old)
{
    bool pending = number == NUMBER_MIP || number == NUMBER_SIP;
    return pending ? hart->s.mip_soft : old;
}

bool csr_insn(struct hart *hart, const struct insn *insn, enum csr_how how, uint64_t operand)
{
    unsigned number = (unsigned)insn->imm;
    bool writes = how == CSR_WRITE || insn->rs1 != 0;
    if (!accessible(hart, number, writes)) {
        trap_raise(hart, insn, CAUSE_ILLEGAL, insn->raw);
        return false;
    }
    const struct csr_row *row = &rows[row_of[number]];
    icount_t mark = hart_mark(hart, insn);
    uint64_t old = row->read(hart, mark);
    if (writes) {
        uint64_t base = modify_base(hart, number, old);
        row->write(hart, mark, how == CSR_WRITE ? operand : how == CSR_SET ? base | operand : base & ~operand);
    }
    if (insn->rd)
        hart->s.x[insn->rd] = old;
    return true;
}

void csr_reset(struct hart_state *state, uint64_t reset_pc)
{
    *state = (struct hart_state){
        .pc = reset_pc,
        .priv = PRIV_M,
        .mstatus = MSTATUS_UXL_64 | MSTATUS_SXL_64,
        .misa = UINT64_C(2) << 62 | MISA_BITS('I') | MISA_BITS('M') | MISA_BITS('A') | MISA_BITS('F') | MISA_BITS('D') |
                MISA_BITS('C') | MISA_BITS('B') | MISA_BITS('S') | MISA_BITS('U'),
        .stimecmp = UINT64_MAX,
        .reservation = UINT64_MAX,
    };
}

/* ---- for debuggers ---- */

const struct csr_info *engine_csrs(size_t *count)
{
    *count = sizeof infos / sizeof infos[0];
    return infos;
}

bool engine_csr_read(const struct engine *engine, unsigned hart, unsigned number, uint64_t *value)
{
    if (hart >= engine->config.nharts || number >= 4096 || !row_of[number])
        return false;
    *value = rows[row_of[number]].read(&engine->harts[hart], engine_now(engine));
    return true;
}

bool engine_csr_write(struct engine *engine, unsigned hart, unsigned number, uint64_t value)
{
    if (hart >= engine->config.nharts || number >= 4096 || !row_of[number] || number >> 10 == 3)
        return false;
    rows[row_of[number]].write(&engine->harts[hart], engine_now(engine), value);
    return true;
}

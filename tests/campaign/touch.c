#include "touch.h"

/* ---- page tables (privileged specification, chapter 12: "Supervisor-Level ISA") -------------------------------------- */

enum { PTE_V = 1, PTE_R = 2, PTE_X = 8, MODE_SV39 = 8, MODE_SV57 = 10, VPN_BITS = 9, NAPOT_PAGES = 16 };

#define PTE_N        (UINT64_C(1) << 63)
#define PPN_MASK     ((UINT64_C(1) << 44) - 1)
#define MSTATUS_MPRV (UINT64_C(1) << 17)

static bool load(struct engine *engine, uint64_t paddr, void *bytes, size_t size_bytes)
{
    return engine_ram_load(engine, paddr, bytes, size_bytes);
}

static bool walk(struct engine *engine, uint64_t satp, uint64_t vaddr, uint64_t *paddr)
{
    uint64_t mode = satp >> 60, table = (satp & PPN_MASK) << PAGE_SHIFT, pte;
    if (mode < MODE_SV39 || mode > MODE_SV57)
        return false;
    for (int level = (int)(mode - MODE_SV39) + 2; level >= 0; level--) {
        unsigned shift = PAGE_SHIFT + VPN_BITS * (unsigned)level;
        uint64_t index = vaddr >> shift & ((1 << VPN_BITS) - 1), in_page = (UINT64_C(1) << shift) - 1;
        if (!load(engine, table + 8 * index, &pte, sizeof pte) || !(pte & PTE_V))
            return false;
        if (pte & PTE_N)
            in_page = NAPOT_PAGES * PAGE_BYTES - 1;
        table = (pte >> 10 & PPN_MASK) << PAGE_SHIFT;
        if (pte & (PTE_R | PTE_X)) {
            *paddr = (table & ~in_page) | (vaddr & in_page);
            return true;
        }
    }
    return false;
}

static bool is_paged(const struct hart_state *hart, unsigned priv) { return priv != PRIV_M && hart->satp >> 60; }

static bool translate(struct engine *engine, const struct hart_state *hart, bool paged, uint64_t vaddr, uint64_t *paddr)
{
    *paddr = vaddr;
    return !paged || walk(engine, hart->satp, vaddr, paddr);
}

static unsigned data_priv(const struct hart_state *hart)
{
    bool other = hart->priv == PRIV_M && (hart->mstatus & MSTATUS_MPRV);
    return other ? (unsigned)(hart->mstatus >> 11 & 3) : hart->priv;
}

/* ---- instructions (unprivileged specification, chapters "Instruction Set Listings" and "C Extension") --------------- */

static uint64_t bits(uint64_t word, unsigned from, unsigned count, unsigned to)
{
    return (word >> from & ((UINT64_C(1) << count) - 1)) << to;
}

static bool is_at(struct touch *touch, const struct hart_state *hart, unsigned base, uint64_t offset,
                  unsigned size_bytes, uint8_t kinds)
{
    touch->vaddr = hart->x[base] + offset;
    touch->size_bytes = size_bytes;
    touch->kinds = kinds;
    return true;
}

static bool read_atomic(struct touch *touch, const struct hart_state *hart, uint32_t raw, unsigned width)
{
    enum { LR = 2, SC = 3 };
    unsigned what = raw >> 27;
    uint8_t kinds = what == LR ? ACCESS_LOAD : what == SC ? ACCESS_STORE : ACCESS_LOAD | ACCESS_STORE;
    return is_at(touch, hart, raw >> 15 & 31, 0, 1u << width, kinds);
}

static bool read_word(struct touch *touch, const struct hart_state *hart, uint32_t raw)
{
    enum { LOAD = 0x03, LOAD_FP = 0x07, MISC_MEM = 0x0f, STORE = 0x23, STORE_FP = 0x27, AMO = 0x2f, CBO = 2, ZERO = 4 };
    unsigned opcode = raw & 0x7f, width = raw >> 12 & 7, base = raw >> 15 & 31;
    int64_t offset = (int32_t)raw >> 20;
    switch (opcode) {
    case LOAD:
    case LOAD_FP:
        return is_at(touch, hart, base, (uint64_t)offset, 1u << (width & 3), ACCESS_LOAD);
    case STORE:
    case STORE_FP:
        return is_at(touch, hart, base, (uint64_t)((offset & ~INT64_C(31)) | (raw >> 7 & 31)), 1u << (width & 3),
                     ACCESS_STORE);
    case AMO:
        return read_atomic(touch, hart, raw, width);
    case MISC_MEM:
        if (width != CBO || raw >> 20 != ZERO || !is_at(touch, hart, base, 0, CACHE_BLOCK_BYTES, ACCESS_STORE))
            return false;
        touch->vaddr &= -(uint64_t)CACHE_BLOCK_BYTES;
        return true;
    }
    return false;
}

static bool read_half(struct touch *touch, const struct hart_state *hart, uint32_t raw)
{
    enum { SP = 2 };
    unsigned base = 8 + (raw >> 7 & 7);
    uint64_t w = bits(raw, 10, 3, 3) | bits(raw, 6, 1, 2) | bits(raw, 5, 1, 6);
    uint64_t d = bits(raw, 10, 3, 3) | bits(raw, 5, 2, 6);
    uint64_t lwsp = bits(raw, 12, 1, 5) | bits(raw, 4, 3, 2) | bits(raw, 2, 2, 6);
    uint64_t ldsp = bits(raw, 12, 1, 5) | bits(raw, 5, 2, 3) | bits(raw, 2, 3, 6);
    uint64_t swsp = bits(raw, 9, 4, 2) | bits(raw, 7, 2, 6);
    uint64_t sdsp = bits(raw, 10, 3, 3) | bits(raw, 7, 3, 6);
    switch ((raw & 3) << 4 | raw >> 13) {
    case 0x01: /* c.fld, c.ld */
    case 0x03:
        return is_at(touch, hart, base, d, 8, ACCESS_LOAD);
    case 0x02: /* c.lw */
        return is_at(touch, hart, base, w, 4, ACCESS_LOAD);
    case 0x05: /* c.fsd, c.sd */
    case 0x07:
        return is_at(touch, hart, base, d, 8, ACCESS_STORE);
    case 0x06: /* c.sw */
        return is_at(touch, hart, base, w, 4, ACCESS_STORE);
    case 0x21: /* c.fldsp, c.ldsp */
    case 0x23:
        return is_at(touch, hart, SP, ldsp, 8, ACCESS_LOAD);
    case 0x22: /* c.lwsp */
        return is_at(touch, hart, SP, lwsp, 4, ACCESS_LOAD);
    case 0x25: /* c.fsdsp, c.sdsp */
    case 0x27:
        return is_at(touch, hart, SP, sdsp, 8, ACCESS_STORE);
    case 0x26: /* c.swsp */
        return is_at(touch, hart, SP, swsp, 4, ACCESS_STORE);
    }
    return false;
}

static bool fetch(struct engine *engine, const struct hart_state *hart, uint32_t *raw)
{
    uint16_t halves[2] = {0, 0};
    bool paged = is_paged(hart, hart->priv), more = true;
    for (unsigned n = 0; n < 2 && more; n++) {
        uint64_t paddr;
        if (!translate(engine, hart, paged, hart->pc + 2 * n, &paddr) || !load(engine, paddr, &halves[n], 2))
            return false;
        more = (halves[0] & 3) == 3;
    }
    *raw = halves[0] | (uint32_t)halves[1] << 16;
    return true;
}

static void locate(struct engine *engine, const struct hart_state *hart, struct touch *touch)
{
    unsigned done = 0;
    touch->npieces = 0;
    while (done < touch->size_bytes) {
        uint64_t vaddr = touch->vaddr + done, paddr;
        unsigned room = (unsigned)(PAGE_BYTES - vaddr % PAGE_BYTES), left = touch->size_bytes - done;
        unsigned size_bytes = left < room ? left : room;
        if (!translate(engine, hart, touch->paged, vaddr, &paddr)) {
            touch->npieces = 0;
            return;
        }
        touch->pieces[touch->npieces++] = (struct touch_piece){paddr, size_bytes};
        done += size_bytes;
    }
}

bool touch_next(struct engine *engine, struct touch *touch)
{
    const struct hart_state *hart = engine_hart(engine, 0);
    uint32_t raw;
    if (!fetch(engine, hart, &raw))
        return false;
    bool whole = (raw & 3) == 3;
    if (!(whole ? read_word(touch, hart, raw) : read_half(touch, hart, raw)))
        return false;
    touch->pc = hart->pc;
    touch->length = whole ? 4 : 2;
    touch->paged = is_paged(hart, data_priv(hart));
    touch->satp = hart->satp;
    locate(engine, hart, touch);
    return true;
}

/* It goes on behind the instruction, or an interrupt was taken there. */
bool touch_done(struct engine *engine, const struct touch *touch)
{
    const struct hart_state *hart = engine_hart(engine, 0);
    uint64_t next = touch->pc + touch->length;
    bool machine = hart->priv == PRIV_M && hart->mcause >> 63 && hart->mepc == next;
    bool supervisor = hart->priv == PRIV_S && hart->scause >> 63 && hart->sepc == next;
    return hart->pc == next || machine || supervisor;
}

/* ---- watches ----------------------------------------------------------------------------------------------------------- */

/* Of [a, a + a_bytes) and [b, b + b_bytes), which do not wrap around. */
static unsigned overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes, uint64_t *first)
{
    uint64_t low = a > b ? a : b, high = a + a_bytes < b + b_bytes ? a + a_bytes : b + b_bytes;
    *first = low;
    return high > low ? (unsigned)(high - low) : 0;
}

unsigned touch_watched(const struct touch *touch, const struct watch_range *watch, uint64_t *first)
{
    const uint64_t root = UINT64_C(15) << 60 | PPN_MASK;
    if (!(touch->kinds & watch->kinds))
        return 0;
    if (watch->space == WATCH_SPACE && !(touch->paged && !((touch->satp ^ watch->satp) & root)))
        return 0;
    if (watch->space != WATCH_PHYSICAL)
        return overlap(touch->vaddr, touch->size_bytes, watch->vaddr, watch->size_bytes, first);
    for (unsigned n = 0; n < touch->npieces; n++) {
        unsigned size_bytes =
            overlap(touch->pieces[n].paddr, touch->pieces[n].size_bytes, watch->paddr, watch->size_bytes, first);
        *first += watch->vaddr - watch->paddr;
        if (size_bytes)
            return size_bytes;
    }
    return 0;
}

bool touch_memory(const struct touch *touch, uint64_t paddr, uint64_t size_bytes)
{
    uint64_t first;
    bool any = false;
    for (unsigned n = 0; n < touch->npieces; n++)
        any = any || overlap(touch->pieces[n].paddr, touch->pieces[n].size_bytes, paddr, size_bytes, &first);
    return any;
}

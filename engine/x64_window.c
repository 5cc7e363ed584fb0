/* x64_window: accesses that share a look at the TLB as x86-64 code.
 *
 * The addend of a window's page lies in the frame while the superblock runs. A steady window of a loop keeps its page
 * in one of the hart's slots, from turn to turn and from one run of the loop to the next: its opener then asks the TLB
 * only when the page is another one than before. */
#include "x64_lower.h"

#include <stdlib.h>

static struct x64_mem frame(unsigned number) { return x64_at(RSP, (int32_t)(8 * number)); }

#define SLOT_FIELD(n, member)                                                                                          \
    x64_at(HART_REG,                                                                                                   \
           HART_FIELD(slots).disp + (int32_t)((n) * sizeof(struct page_slot) + offsetof(struct page_slot, member)))

static int32_t size_of(const struct window *window) { return window->end - window->min; }

static bool stores(const struct window *window) { return window->kinds & ACCESS_STORE; }

/* ---- the slots of a loop ---- */

/* Nothing of what was kept is good any more. */
static void cold_generation(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    x64_store(code, SLOT_FIELD(gen->slot, generation), RAX, 8);
    for (unsigned n = 0; n < gen->nwindows; n++)
        if (gen->windows[n].steady)
            x64_store_imm(code, SLOT_FIELD(gen->windows[n].slot, limit), 0, 8);
    x64_aim(x64_jmp(code), cold->back);
}

/* The first slot of a loop holds the generation of the others. */
static bool take_slots(struct gen *gen)
{
    unsigned next = gen->jit->slots_used + 1;
    for (unsigned n = 0; n < gen->nwindows; n++)
        if (gen->windows[n].steady)
            gen->windows[n].slot = (uint16_t)next++;
    if (next == gen->jit->slots_used + 1)
        return false;
    gen->slot = gen->jit->slots_used;
    gen->jit->slots_used = next;
    const struct engine *engine = gen->hart->engine;
    for (unsigned n = 0; n < engine->config.nharts; n++)
        gen->hart->engine->harts[n].slots[gen->slot].generation = UINT64_MAX; /* another loop's, before */
    return true;
}

void x64_begin_windows(struct gen *gen)
{
    struct x64 *code = code_of(gen);
    if (!take_slots(gen))
        return;
    x64_load(code, RAX, HART_FIELD(slot_generation), true);
    x64_alu_rm(code, X64_CMP, RAX, SLOT_FIELD(gen->slot, generation), true);
    struct cold *cold = x64_add_cold(gen, cold_generation, x64_jcc(code, CC_NE));
    cold->back = code->at;
}

/* `limit` addresses from RAX, that of a window, on lie from host address RDX on; RCX is the addend. */
static void fill_slot(struct gen *gen, const struct window *window, int32_t limit)
{
    struct x64 *code = code_of(gen);
    x64_store(code, SLOT_FIELD(window->slot, page), RDX, 8);
    x64_store(code, SLOT_FIELD(window->slot, addend), RCX, 8);
    if (window->min)
        x64_alu_ri(code, X64_SUB, RAX, window->min, true);
    x64_store(code, SLOT_FIELD(window->slot, tag), RAX, 8);
    x64_store_imm(code, SLOT_FIELD(window->slot, limit), limit, 8);
}

/* RCX gets a site of the window. */
static void emit_window_site(struct gen *gen, const struct cold *cold, const struct window *window)
{
    struct jit_site *site = x64_emit_site(gen, cold->insn, (unsigned)size_of(window));
    if (!site)
        return;
    site->kinds = window->kinds;
    site->slot = window->slot;
}

/* What the TLB's sets do not have may be known all the same: with the address of a window in RAX. */
static void open_slot(struct gen *gen, const struct cold *cold, const struct window *window)
{
    struct x64 *code = code_of(gen);
    emit_window_site(gen, cold, window);
    x64_aim(x64_call(code), gen->jit->open_slot);
    uint8_t *unknown = x64_jcc(code, CC_E);
    if (window->min)
        x64_alu_mi(code, X64_SUB, SLOT_FIELD(window->slot, tag), window->min, true);
    x64_aim(x64_jmp(code), cold->found);
    x64_aim(unknown, code->at);
}

void x64_refill_slot(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[gen->window_of[cold->insn->index] - 1];
    x64_address_to_rax(gen, x64_address_of(gen, cold->insn, window->min));
    x64_lea(code, RDX, x64_at(RAX, size_of(window) - 1));
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    x64_aim(x64_call(code), gen->jit->find[stores(window)][gen->block->view]);
    uint8_t *unknown = x64_jcc(code, CC_NE);
    x64_alu_ri(code, X64_AND, RAX, -PAGE_BYTES, true);
    x64_lea(code, RDX, x64_indexed(RAX, RCX, 1, 0));
    fill_slot(gen, window, PAGE_BYTES + 1 - size_of(window));
    x64_aim(x64_jmp(code), cold->found);
    x64_aim(unknown, code->at);
    open_slot(gen, cold, window);
}

/* With the address of a window in RAX: RCX gets the addend of its page, or the interpreter goes on. */
static void ask_or_give_up(struct gen *gen, const struct cold *cold, const struct window *window)
{
    struct x64 *code = code_of(gen);
    emit_window_site(gen, cold, window);
    x64_aim(x64_call(code), gen->jit->window);
    uint8_t *known = x64_jcc(code, CC_NE);
    x64_give_up(gen, cold);
    x64_aim(known, code->at);
}

/* What has to be asked for may be asked for again: the slot is good for this one place. */
static void cold_slot(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[gen->window_of[cold->insn->index] - 1];
    x64_refill_slot(gen, cold);
    ask_or_give_up(gen, cold, window);
    x64_lea(code, RDX, x64_indexed(RAX, RCX, 1, 0));
    fill_slot(gen, window, 1);
    x64_aim(x64_jmp(code), cold->found);
}

/* ---- what the scratch registers still hold of a window ---- */

/* RAX is the address of the window's byte `at`, as the guest has it and RCX its addend, or as the host has it. */
static void hold(struct gen *gen, unsigned number, bool host, int32_t at)
{
    gen->held = (struct held){.window = (uint8_t)(number + 1), .host = host, .at = at};
    code_of(gen)->written = 0;
}

static bool still(struct gen *gen, unsigned number, enum x64_reg reg)
{
    return gen->held.window == number + 1 && !(code_of(gen)->written >> reg & 1);
}

/* The place of an access to a window that is open. */
static struct x64_mem place_in_open(struct gen *gen, unsigned number)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[number];
    const int32_t at = gen->window_at[gen->insn->index] - window->min;
    const struct node base = {.gen = gen, .op = NODE_X, .reg = gen->insn->rs1};
    bool address = still(gen, number, RAX), addend = still(gen, number, RCX) && !gen->held.host;
    if (address && gen->held.host)
        return x64_at(RAX, at - gen->held.at);
    if (address && addend)
        return x64_indexed(RAX, RCX, 1, at - gen->held.at);
    if (!addend)
        x64_load(code, RCX, window->steady ? SLOT_FIELD(window->slot, addend) : frame(number), true);
    enum x64_reg reg = x64_in_reg(gen, &base, RAX);
    hold(gen, number, false, at - gen->insn->imm);
    if (reg != RAX)
        code->written = 1u << RAX;
    return x64_indexed(reg, RCX, 1, gen->insn->imm);
}

/* The opener of a steady window. */
static struct x64_mem place_in_slot(struct gen *gen, unsigned number, uint8_t **miss, uint8_t **found)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[number];
    *found = code->at;
    x64_address_to_rax(gen, x64_address_of(gen, gen->insn, 0));
    x64_alu_rm(code, X64_SUB, RAX, SLOT_FIELD(window->slot, tag), true);
    x64_alu_rm(code, X64_CMP, RAX, SLOT_FIELD(window->slot, limit), true);
    *miss = x64_jcc(code, CC_AE);
    x64_alu_rm(code, X64_ADD, RAX, SLOT_FIELD(window->slot, page), true);
    if (window->members > 1) {
        x64_add_cold(gen, cold_slot, *miss)->found = *found;
        *miss = NULL;
    }
    hold(gen, number, true, 0);
    return x64_at(RAX, gen->insn->imm - window->min);
}

/* ---- places ---- */

static void cold_window(struct gen *gen, const struct cold *cold)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[gen->window_of[cold->insn->index] - 1];
    x64_address_to_rax(gen, cold->address);
    if (!stores(window)) {
        x64_aim(x64_call(code), gen->jit->behind[gen->block->view]);
        x64_aim(x64_jcc(code, CC_E), cold->found);
    }
    ask_or_give_up(gen, cold, window);
    x64_aim(x64_jmp(code), cold->found);
}

struct x64_mem x64_place_in_window(struct gen *gen, unsigned number, uint8_t **miss, uint8_t **found)
{
    struct x64 *code = code_of(gen);
    const struct window *window = &gen->windows[number];
    if (window->first != gen->insn->index)
        return place_in_open(gen, number);
    if (window->steady)
        return place_in_slot(gen, number, miss, found);
    struct address address = x64_address_of(gen, gen->insn, window->min);
    uint8_t *unknown =
        x64_look_up(gen, address.reg, address.offset, (unsigned)size_of(window), stores(window) ? STORES : LOADS);
    struct cold *cold = x64_add_cold(gen, cold_window, unknown);
    cold->address = address;
    cold->found = code->at;
    x64_store(code, frame(number), RCX, 8);
    hold(gen, number, false, 0);
    if (address.reg != RAX)
        code->written = 1u << RAX;
    return x64_indexed(address.reg, RCX, 1, address.offset + gen->insn->imm - window->min);
}

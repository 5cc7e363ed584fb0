/* x64_host: code memory, and the code around translated code: the way in, the ways out, calls to the engine. */
#define _GNU_SOURCE /* mremap */
#include "x64_host.h"
#include "log.h"
#include "mmu.h"
#include "x64_fp.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    CODE_BYTES = 36 << 20,
    COLD_BYTES = 16 << 20, /* of it */
    DATA_BYTES = 48 << 20,
    BLOCK_BYTES_MOST = 64 << 10,
    READY_BYTES = 256 << 10,
    MXCSR_FLAGS = 0x3f, /* SDM 10.2.3 */
    MXCSR_DEFAULT = 0x1f80
};

const uint8_t x64_pinned[32] = {
    [0] = X64_NO_REG,  [1] = R12,         [2] = R13,         [3] = X64_NO_REG,  [4] = X64_NO_REG,  [5] = X64_NO_REG,
    [6] = X64_NO_REG,  [7] = X64_NO_REG,  [8] = R14,         [9] = X64_NO_REG,  [10] = RBX,        [11] = RSI,
    [12] = RDI,        [13] = R8,         [14] = R9,         [15] = R10,        [16] = R11,        [17] = X64_NO_REG,
    [18] = X64_NO_REG, [19] = X64_NO_REG, [20] = X64_NO_REG, [21] = X64_NO_REG, [22] = X64_NO_REG, [23] = X64_NO_REG,
    [24] = X64_NO_REG, [25] = X64_NO_REG, [26] = X64_NO_REG, [27] = X64_NO_REG, [28] = X64_NO_REG, [29] = X64_NO_REG,
    [30] = X64_NO_REG, [31] = X64_NO_REG,
};

static const uint8_t callee_saved[] = {RBX, RBP, R12, R13, R14, R15};
static const uint8_t pinned_caller_saved[] = {RSI, RDI, R8, R9, R10, R11};

/* ---- pieces ---- */

static void load_pinned(struct x64 *code)
{
    for (unsigned x = 0; x < 32; x++)
        if (x64_pinned[x] != X64_NO_REG)
            x64_load(code, x64_pinned[x], x64_at(HART_REG, (int32_t)(8 * x) - HART_BIAS), true);
}

static void store_pinned(struct x64 *code)
{
    for (unsigned x = 0; x < 32; x++)
        if (x64_pinned[x] != X64_NO_REG)
            x64_store(code, x64_at(HART_REG, (int32_t)(8 * x) - HART_BIAS), x64_pinned[x], 8);
}

static void push_all(struct x64 *code, const uint8_t *regs, unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        x64_push(code, regs[n]);
}

static void pop_all(struct x64 *code, const uint8_t *regs, unsigned count)
{
    while (count--)
        x64_pop(code, regs[count]);
}

static void call_c(struct x64 *code, const void *function)
{
    x64_mov_ri64(code, RAX, (uint64_t)function);
    x64_call_r(code, RAX);
}

/* Floating registers go to the hart when they are in the host's. */
static void save_fp(struct x64 *code)
{
    x64_cmp_mem8(code, HART_FIELD(fp_state), FP_LOADED);
    uint8_t *not_loaded = x64_jcc(code, CC_NE);
    fp_emit_save(code);
    x64_aim(not_loaded, code->at);
}

static void restore_fp(struct x64 *code)
{
    x64_cmp_mem8(code, HART_FIELD(fp_state), FP_LOADED);
    uint8_t *not_loaded = x64_jcc(code, CC_NE);
    fp_emit_restore(code);
    x64_aim(not_loaded, code->at);
}

static void emit_load_fp(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->load_fp = code->at;
    fp_emit_restore(code);
    x64_store_imm(code, HART_FIELD(fp_state), FP_LOADED, 1);
    x64_ret(code);
}

/* ---- the way in and the ways out ---- */

/* Stack in translated code: 16-byte aligned, so that a call enters its target 8 off, as the ABI wants it. */
static void emit_enter(struct jit *jit)
{
    struct x64 *code = &jit->code;
    const uint8_t *entry = x64_executed(jit, code->at);
    memcpy(&jit->enter, &entry, sizeof entry);
    push_all(code, callee_saved, sizeof callee_saved);
    x64_alu_ri(code, X64_SUB, RSP, FRAME_BYTES, true);
    x64_mov_rr(code, HART_REG, RDI, true);
    x64_mov_rr(code, RAX, RSI, true);
    x64_mov_rr(code, BUDGET_REG, RDX, true);
    load_pinned(code);
    x64_jmp_r(code, RAX);
}

static void emit_leave(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->leave = code->at;
    x64_load(code, RAX, HART_FIELD(limit), true);
    x64_alu_rr(code, X64_SUB, RAX, BUDGET_REG, true);
    x64_store(code, HART_FIELD(now), RAX, 8);
    jit->leave_marked = code->at;
    save_fp(code);
    store_pinned(code);
    x64_alu_ri(code, X64_ADD, RSP, FRAME_BYTES, true);
    pop_all(code, callee_saved, sizeof callee_saved);
    x64_ret(code);
}

/* An instruction went elsewhere, pc and mark are set: on there, unless the engine is wanted. */
static void emit_elsewhere(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->elsewhere = code->at;
    x64_cmp_mem8(code, HART_FIELD(attention), 0);
    x64_aim(x64_jcc(code, CC_NE), jit->leave_marked);
    x64_cmp_mem8(code, HART_FIELD(probed), 0);
    x64_aim(x64_jcc(code, CC_NE), jit->leave_marked);
    x64_store_imm(code, HART_FIELD(leave), 0, 1);
    x64_load(code, BUDGET_REG, HART_FIELD(limit), true);
    x64_alu_rm(code, X64_SUB, BUDGET_REG, HART_FIELD(now), true);
    x64_load(code, RDX, HART_FIELD(s.pc), true);
    x64_aim(x64_jmp(code), jit->lookup);
}

static void emit_unchained(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->unchained = code->at;
    x64_store(code, HART_FIELD(exited), RAX, 8);
    x64_load(code, RAX, x64_at(RAX, offsetof(struct jit_exit, target)), true);
    x64_store(code, HART_FIELD(s.pc), RAX, 8);
    x64_aim(x64_jmp(code), jit->leave);
}

/* Asks the table of entries for the pc in RDX, bit 0 of which does not count, and goes there; on a miss it goes on
 * behind. */
void x64_emit_lookup(struct x64 *code)
{
    enum { PC = offsetof(struct entry, pc), CODE = offsetof(struct entry, code) };
    x64_mov_rr(code, RCX, RDX, false);
    x64_shift_ri(code, X64_SHR, RCX, PAGE_SHIFT, false);
    x64_alu_rr(code, X64_XOR, RCX, RDX, false);
    x64_alu_ri(code, X64_AND, RCX, (JUMP_ENTRIES - 1) << 1, false); /* halfwords; each is an entry of 16 bytes */
    x64_load(code, RAX, HART_FIELD(entries), true);
    x64_alu_rm(code, X64_CMP, RDX, x64_indexed(RAX, RCX, 8, PC), true);
    uint8_t *other_pc = x64_jcc(code, CC_NE);
    x64_jmp_m(code, x64_indexed(RAX, RCX, 8, CODE));
    x64_aim(other_pc, code->at);
}

_Static_assert(sizeof(struct entry) == 16, "x64_emit_lookup scales by it");

/* RCX gets the entry in the second slot of RDX. */
static void emit_second_entry(struct x64 *code)
{
    x64_mov_rr(code, RCX, RDX, true);
    x64_shift_ri(code, X64_SHR, RCX, 1, true);
    x64_imul_rri(code, RCX, RCX, (int32_t)SPREAD_FACTOR, false);
    x64_shift_ri(code, X64_SHR, RCX, 32 - JUMP_ENTRIES_SHIFT, false);
    x64_shift_ri(code, X64_SHL, RCX, 4, false); /* entries of 16 bytes */
    x64_alu_rm(code, X64_ADD, RCX, HART_FIELD(entries), true);
}

/* RAX gets the entry in the first slot of RDX. */
static void emit_first_entry(struct x64 *code)
{
    x64_mov_rr(code, RAX, RDX, false);
    x64_shift_ri(code, X64_SHR, RAX, PAGE_SHIFT, false);
    x64_alu_rr(code, X64_XOR, RAX, RDX, false);
    x64_alu_ri(code, X64_AND, RAX, (JUMP_ENTRIES - 1) << 1, false);
    x64_shift_ri(code, X64_SHL, RAX, 3, false);
    x64_alu_rm(code, X64_ADD, RAX, HART_FIELD(entries), true);
}

/* The entry at RAX sleeps, and is for the pc in RDX: wakes it, and goes there. */
static void emit_wake(struct x64 *code, struct visited *visited)
{
    x64_store(code, x64_at(RAX, offsetof(struct entry, pc)), RDX, 8);
    x64_shift_ri(code, X64_SHR, RDX, PAGE_SHIFT, true);
    x64_mov_ri64(code, RCX, VISITED_FACTOR);
    x64_imul_rr(code, RDX, RCX, true);
    x64_mov_rr(code, RCX, RDX, true);
    x64_shift_ri(code, X64_SHR, RCX, VISITED_FIRST_SHIFT, true);
    x64_shift_ri(code, X64_SHR, RDX, VISITED_SECOND_SHIFT, true);
    x64_alu_ri(code, X64_AND, RDX, VISITED_BITS - 1, false);
    x64_push(code, RAX);
    x64_mov_ri64(code, RAX, (uint64_t)visited);
    x64_bts_mr(code, x64_at(RAX, 0), RCX);
    x64_bts_mr(code, x64_at(RAX, 0), RDX);
    x64_pop(code, RAX);
    x64_jmp_m(code, x64_at(RAX, offsetof(struct entry, code)));
}

/* Where no entry is awake for the pc in RDX, and RCX is that in its second slot: one that sleeps is woken when the
 * limit is not near. Falls through when there is none. */
static void emit_look_for_sleeping(struct x64 *code, struct visited *visited)
{
    x64_alu_ri(code, X64_CMP, BUDGET_REG, JIT_INSNS_MAX, true);
    uint8_t *near = x64_jcc(code, CC_B);
    emit_first_entry(code);
    x64_alu_ri(code, X64_XOR, RDX, ENTRY_ASLEEP, true);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RAX, offsetof(struct entry, pc)), true);
    uint8_t *first = x64_jcc(code, CC_E);
    x64_mov_rr(code, RAX, RCX, true);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RAX, offsetof(struct entry, pc)), true);
    uint8_t *neither = x64_jcc(code, CC_NE);
    x64_aim(first, code->at);
    x64_alu_ri(code, X64_CMP, RDX, ENTRY_EMPTY, true);
    uint8_t *empty = x64_jcc(code, CC_E);
    x64_alu_ri(code, X64_XOR, RDX, ENTRY_ASLEEP, true);
    emit_wake(code, visited);
    x64_aim(neither, code->at);
    x64_aim(empty, code->at);
    x64_alu_ri(code, X64_XOR, RDX, ENTRY_ASLEEP, true);
    x64_aim(near, code->at);
}

static void emit_lookup(struct jit *jit, struct visited *visited)
{
    struct x64 *code = &jit->code;
    jit->lookup = code->at;
    x64_emit_lookup(code);
    jit->missed = code->at;
    x64_alu_ri(code, X64_AND, RDX, -2, true);
    emit_second_entry(code);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RCX, offsetof(struct entry, pc)), true);
    uint8_t *unknown = x64_jcc(code, CC_NE);
    x64_jmp_m(code, x64_at(RCX, offsetof(struct entry, code)));
    x64_aim(unknown, code->at);
    emit_look_for_sleeping(code, visited);
    x64_store(code, HART_FIELD(s.pc), RDX, 8);
    x64_aim(x64_jmp(code), jit->leave);
}

/* ---- calls to the engine ---- */

/* bool function(hart, site, vaddr, value, left) with the registers of pinned guest registers kept. */
static uint8_t *emit_access(struct jit *jit, const void *function, bool loads)
{
    struct x64 *code = &jit->code;
    uint8_t *start = code->at;
    save_fp(code);
    push_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    x64_alu_ri(code, X64_SUB, RSP, 8, true);
    x64_mov_rr(code, RSI, RCX, true);
    x64_mov_rr(code, RCX, RDX, true);
    x64_mov_rr(code, RDX, RAX, true);
    x64_mov_rr(code, R8, BUDGET_REG, true);
    x64_lea(code, RDI, x64_at(HART_REG, -HART_BIAS));
    call_c(code, function);
    x64_alu_ri(code, X64_ADD, RSP, 8, true);
    pop_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    restore_fp(code);
    x64_test_rr(code, RAX, RAX, false);
    uint8_t *over = x64_jcc(code, CC_E);
    if (loads)
        x64_load(code, RAX, HART_FIELD(value), true);
    x64_ret(code);
    x64_aim(over, code->at);
    x64_alu_ri(code, X64_ADD, RSP, 8, true); /* the return address */
    x64_aim(x64_jmp(code), jit->elsewhere);
    return start;
}

/* RCX gets the place of an address's page in the first level, as an offset from a set. */
static void emit_set_offset(struct x64 *code, enum x64_reg base, int32_t offset)
{
    if (offset)
        x64_lea(code, RCX, x64_at(base, offset));
    else
        x64_mov_rr(code, RCX, base, false);
    x64_shift_ri(code, X64_SHR, RCX, PAGE_SHIFT - 4, false);
    x64_alu_ri(code, X64_AND, RCX, (TLB_ENTRIES - 1) << 4, false);
}

/* A field of the first level's entry that RCX is the place of. */
static struct x64_mem in_set(enum tlb_view view, size_t set_offset, size_t field_offset)
{
    return x64_indexed(HART_REG, RCX, 1, x64_tlb_set(view, set_offset) + (int32_t)field_offset);
}

/* The page of RAX, whose addend is in RCX, into the set for loads. */
static void emit_enter_load(struct x64 *code, enum tlb_view view)
{
    x64_push(code, RCX);
    emit_set_offset(code, RAX, 0);
    x64_mov_rr(code, RDX, RAX, true);
    x64_alu_ri(code, X64_AND, RDX, -PAGE_BYTES, true);
    x64_store(code, in_set(view, LOADS, offsetof(struct tlb_entry, tag)), RDX, 8);
    x64_pop(code, RDX);
    x64_store(code, in_set(view, LOADS, offsetof(struct tlb_entry, addend)), RDX, 8);
    x64_store_imm(code, HART_FIELD(tlb_empty), 0, 1);
    x64_mov_rr(code, RCX, RDX, true);
}

/* Asks the TLB's level behind for a load. */
static void emit_behind(struct jit *jit, enum tlb_view view)
{
    struct x64 *code = &jit->code;
    jit->behind[view] = code->at;
    x64_mov_rr(code, RCX, RAX, true);
    x64_shift_ri(code, X64_SHR, RCX, PAGE_SHIFT, true);
    x64_alu_rm(code, X64_XOR, RCX, HART_FIELD(tlb_mix), false);
    x64_imul_rri(code, RCX, RCX, (int32_t)SPREAD_FACTOR, false);
    x64_shift_ri(code, X64_SHR, RCX, 32 - TLB_BEHIND_SHIFT, false);
    x64_imul_rri(code, RCX, RCX, sizeof(struct tlb_behind), false);
    x64_alu_rr(code, X64_ADD, RCX, HART_REG, true);
    int32_t level = HART_FIELD(tlb_behind).disp;
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RCX, level + (int32_t)offsetof(struct tlb_behind, tag)), true);
    uint8_t *other_page = x64_jcc(code, CC_NE);
    x64_load(code, RDX, HART_FIELD(tlb_generation), true);
    x64_alu_rm(code, X64_CMP, RDX, x64_at(RCX, level + (int32_t)offsetof(struct tlb_behind, generation)), true);
    uint8_t *stale = x64_jcc(code, CC_NE);
    x64_cmp_mem8(code, x64_at(RCX, level + (int32_t)offsetof(struct tlb_behind, load_view)), (uint8_t)view);
    uint8_t *other_view = x64_jcc(code, CC_NE);
    x64_load(code, RCX, x64_at(RCX, level + (int32_t)offsetof(struct tlb_behind, addend)), true);
    emit_enter_load(code, view);
    x64_alu_rr(code, X64_CMP, RCX, RCX, true);
    x64_aim(other_page, code->at);
    x64_aim(stale, code->at);
    x64_aim(other_view, code->at);
    x64_ret(code);
}

/* A question to C about the window of a site: all but RCX, which gets the answer, RDX and the flags, ZF for a 0, is as
 * it was. */
static uint8_t *emit_question(struct jit *jit, const void *function)
{
    struct x64 *code = &jit->code;
    uint8_t *start = code->at;
    x64_push(code, RAX);
    save_fp(code);
    push_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    x64_mov_rr(code, RSI, RCX, true);
    x64_mov_rr(code, RDX, RAX, true);
    x64_mov_rr(code, RCX, BUDGET_REG, true);
    x64_lea(code, RDI, x64_at(HART_REG, -HART_BIAS));
    call_c(code, function);
    x64_mov_rr(code, RCX, RAX, true);
    pop_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    restore_fp(code);
    x64_pop(code, RAX);
    x64_test_rr(code, RCX, RCX, true);
    x64_ret(code);
    return start;
}

uint8_t *x64_emit_tlb(struct x64 *code, enum x64_reg base, int32_t offset, enum tlb_view view, size_t set_offset)
{
    emit_set_offset(code, base, offset);
    x64_alu_rm(code, X64_CMP, RDX, in_set(view, set_offset, offsetof(struct tlb_entry, tag)), true);
    uint8_t *miss = x64_jcc(code, CC_NE);
    x64_load(code, RCX, in_set(view, set_offset, offsetof(struct tlb_entry, addend)), true);
    return miss;
}

_Static_assert(sizeof(struct tlb_entry) == 16, "emit_set_offset scales by it");

/* The level behind does for loads only: a store asks whether its page may be stored to unseen. */
static void emit_find(struct jit *jit, enum tlb_view view, bool stores)
{
    struct x64 *code = &jit->code;
    jit->find[stores][view] = code->at;
    uint8_t *miss = x64_emit_tlb(code, RAX, 0, view, stores ? STORES : LOADS);
    x64_ret(code);
    x64_aim(miss, code->at);
    if (stores)
        x64_ret(code);
    else
        x64_aim(x64_jmp(code), jit->behind[view]);
}

static void emit_interpret(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->interpret = code->at;
    save_fp(code);
    store_pinned(code);
    x64_alu_ri(code, X64_SUB, RSP, 8, true);
    x64_mov_rr(code, RSI, RCX, true);
    x64_mov_rr(code, RDX, BUDGET_REG, true);
    x64_lea(code, RDI, x64_at(HART_REG, -HART_BIAS));
    call_c(code, (const void *)jit_interpret);
    x64_alu_ri(code, X64_ADD, RSP, 8, true);
    load_pinned(code);
    restore_fp(code);
    x64_test_rr(code, RAX, RAX, false);
    uint8_t *over = x64_jcc(code, CC_E);
    x64_ret(code);
    x64_aim(over, code->at);
    x64_alu_ri(code, X64_ADD, RSP, 8, true);
    x64_aim(x64_jmp(code), jit->elsewhere);
}

static void emit_leave_after(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->leave_after = code->at;
    save_fp(code);
    store_pinned(code);
    x64_mov_rr(code, RSI, RCX, true);
    x64_mov_rr(code, RDX, BUDGET_REG, true);
    x64_lea(code, RDI, x64_at(HART_REG, -HART_BIAS));
    call_c(code, (const void *)jit_leave_after);
    load_pinned(code);
    restore_fp(code);
    x64_aim(x64_jmp(code), jit->elsewhere);
}

static void emit_call_alu(struct jit *jit)
{
    struct x64 *code = &jit->code;
    jit->call_alu = code->at;
    x64_push(code, RAX);
    save_fp(code);
    x64_pop(code, RAX);
    push_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    x64_alu_ri(code, X64_SUB, RSP, 8, true);
    x64_mov_rr(code, RDI, RAX, true);
    x64_mov_rr(code, RSI, RDX, true);
    x64_call_r(code, RCX);
    x64_alu_ri(code, X64_ADD, RSP, 8, true);
    pop_all(code, pinned_caller_saved, sizeof pinned_caller_saved);
    restore_fp(code);
    x64_ret(code);
}

void x64_emit_host(struct jit *jit, struct engine *engine)
{
    emit_enter(jit);
    emit_leave(jit);
    emit_unchained(jit);
    emit_lookup(jit, &engine->visited);
    emit_elsewhere(jit);
    for (unsigned view = 0; view < VIEW_COUNT; view++)
        emit_behind(jit, (enum tlb_view)view);
    for (unsigned view = 0; view < 2 * VIEW_COUNT; view++)
        emit_find(jit, (enum tlb_view)(view / 2), view % 2);
    jit->open_slot = emit_question(jit, (const void *)jit_open_slot);
    jit->window = emit_question(jit, (const void *)jit_window);
    jit->slow_load = emit_access(jit, (const void *)jit_slow_load, true);
    jit->slow_store = emit_access(jit, (const void *)jit_slow_store, false);
    emit_interpret(jit);
    emit_leave_after(jit);
    emit_call_alu(jit);
    emit_load_fp(jit);
    jit->first = jit->code.at;
    check(!jit->code.full);
}

/* ---- memory ---- */

/* Two mappings of the same pages: neither is ever writable and executable at once. */
static bool map_code(struct jit *jit)
{
    void *written = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (written == MAP_FAILED)
        return false;
    void *executed = mremap(written, 0, CODE_BYTES, MREMAP_MAYMOVE);
    if (executed == MAP_FAILED || mprotect(executed, CODE_BYTES, PROT_READ | PROT_EXEC) != 0) {
        munmap(written, CODE_BYTES);
        return false;
    }
    jit->written = jit->ready = written;
    jit->executed = executed;
    jit->code_bytes = CODE_BYTES;
    jit->cold_first = jit->cold_ready = jit->written + CODE_BYTES - COLD_BYTES;
    jit->code = (struct x64){.at = jit->written, .end = jit->cold_first};
    jit->cold = (struct x64){.at = jit->cold_first, .end = jit->written + CODE_BYTES};
    return true;
}

static void make_ready(const struct x64 *code, uint8_t **ready)
{
    if (code->at + BLOCK_BYTES_MOST <= *ready || *ready == code->end)
        return;
    memory_ready(*ready, READY_BYTES);
    *ready += READY_BYTES;
}

void x64_make_ready(struct jit *jit)
{
    make_ready(&jit->code, &jit->ready);
    make_ready(&jit->cold, &jit->cold_ready);
}

static void look_at_cpu(struct jit *jit)
{
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        jit->fma = (c & bit_FMA) && (c & bit_OSXSAVE);
        jit->popcnt = c & bit_POPCNT;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        jit->bmi1 = b & bit_BMI;
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        jit->lzcnt = c & bit_LZCNT;
}

/* MXCSR's sticky flags are fflags in another order (SDM 10.2.3). */
static uint8_t fflags_of(unsigned mxcsr)
{
    return (uint8_t)((mxcsr & 1 ? FP_NV : 0) | (mxcsr & 4 ? FP_DZ : 0) | (mxcsr & 8 ? FP_OF : 0) |
                     (mxcsr & 16 ? FP_UF : 0) | (mxcsr & 32 ? FP_NX : 0));
}

struct jit *jit_create(struct engine *engine)
{
    struct jit *jit = calloc(1, sizeof *jit);
    if (!jit)
        return NULL;
    jit->data = memory_get(DATA_BYTES);
    jit->data_bytes = DATA_BYTES;
    if (!jit->data || !map_code(jit)) {
        memory_put(jit->data, DATA_BYTES);
        free(jit);
        return NULL;
    }
    look_at_cpu(jit);
    for (unsigned mxcsr = 0; mxcsr < sizeof jit->fflags_of; mxcsr++)
        jit->fflags_of[mxcsr] = fflags_of(mxcsr);
    x64_make_ready(jit);
    x64_emit_host(jit, engine);
    if (log_wants(engine, LOG_OUT_ASM))
        log_entry_points(engine, jit->executed, (size_t)(jit->first - jit->written));
    return jit;
}

void jit_destroy(struct jit *jit)
{
    if (!jit)
        return;
    munmap(jit->written, jit->code_bytes);
    munmap((void *)jit->executed, jit->code_bytes);
    memory_put(jit->data, DATA_BYTES);
    free(jit);
}

void jit_forget(struct jit *jit)
{
    jit->code.at = jit->first;
    jit->cold.at = jit->cold_first;
    jit->code.full = jit->cold.full = false;
    jit->data_used = 0;
    jit->slots_used = 0;
}

bool jit_full(const struct jit *jit)
{
    return jit->code.end - jit->code.at < BLOCK_BYTES_MOST || jit->cold.end - jit->cold.at < BLOCK_BYTES_MOST ||
           jit->data_bytes - jit->data_used < BLOCK_BYTES_MOST || PAGE_SLOTS - jit->slots_used < GEN_WINDOWS + 1;
}

void *gen_data(struct gen *gen, size_t size_bytes)
{
    struct jit *jit = gen->jit;
    size_t rounded = (size_bytes + 15) & ~(size_t)15;
    if (jit->data_bytes - jit->data_used < rounded) {
        gen->failed = true;
        return NULL;
    }
    void *data = jit->data + jit->data_used;
    jit->data_used += rounded;
    return data;
}

/* ---- in, out and chains ---- */

/* To load another value than is there costs more than all the rest of a way into translated code and out. */
static void set_mxcsr(unsigned mxcsr)
{
    if (__builtin_ia32_stmxcsr() != mxcsr)
        __builtin_ia32_ldmxcsr(mxcsr);
}

void backend_sync_fp(struct hart *hart)
{
    hart->s.fflags |= fflags_of(__builtin_ia32_stmxcsr());
    set_mxcsr(MXCSR_DEFAULT);
}

/* Only between FP_OFF and FP_READY when the host's registers are not in use. */
void backend_update_fp(struct hart *hart)
{
    bool ready = (hart->s.mstatus & MSTATUS_FS) == MSTATUS_FS && hart->s.frm == FP_RNE;
    hart->fp_state = !ready ? FP_OFF : hart->fp_state == FP_LOADED ? FP_LOADED : FP_READY;
}

void jit_enter(struct hart *hart, const uint8_t *entry)
{
    unsigned host_mxcsr = __builtin_ia32_stmxcsr() & ~MXCSR_FLAGS; /* nobody asks for the host's flags */
    set_mxcsr(MXCSR_DEFAULT);
    hart->exited = NULL;
    hart->leave = false;
    hart->fp_state = FP_OFF;
    hart->mxcsr_clear = MXCSR_DEFAULT;
    backend_update_fp(hart);
    hart->engine->jit->enter((struct hart *)((uint8_t *)hart + HART_BIAS), entry, hart->limit.n - hart->now.n);
    hart->s.x[0] = 0;
    backend_sync_fp(hart);
    set_mxcsr(host_mxcsr);
}

const uint8_t *jit_missed(const struct jit *jit) { return x64_executed(jit, jit->missed); }

void jit_chain(struct jit_exit *exit, struct jit_block *to)
{
    exit->to = to;
    x64_aim(exit->patch, to ? to->entry_written : exit->stub);
    if (!to)
        return;
    exit->next_incoming = to->incoming;
    to->incoming = exit;
}

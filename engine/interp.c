/* The interpreter: each row of rv64.def becomes a function that does the row's semantics and goes on with the next
 * instruction of its block by a tail call. This file defines the words of the rows for that reader.
 *
 * A row is compiled twice. op_NAME has the accesses that hit the TLB and nothing that would make it save registers;
 * when one misses, it starts over as slow_NAME, which asks mmu.c. */
#include "interp.h"

#include <string.h>

#include "alu.h"
#include "csr.h"
#include "mmu.h"
#include "system.h"
#include "trap.h"

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* ---- values ---- */
#define RS1     (h_->s.x[i_->rs1])
#define RS2     (h_->s.x[i_->rs2])
#define IMM     ((uint64_t)(int64_t)i_->imm)
#define UIMM    ((uint64_t)i_->rs1)
#define PC      insn_pc(h_, i_)
#define K(n)    UINT64_C(n)
#define FS1     (h_->s.f[i_->rs1])
#define FS2     (h_->s.f[i_->rs2])
#define F1(fmt) fp_unbox(fmt, h_->s.f[i_->rs1])
#define F2(fmt) fp_unbox(fmt, h_->s.f[i_->rs2])
#define F3(fmt) fp_unbox(fmt, h_->s.f[i_->rs3])

/* ---- floating point ---- */
static inline uint64_t sign_bit(enum fp_format format)
{
    return UINT64_C(1) << (format == FP64 ? 63 : format == FP32 ? 31 : 15);
}

#define FNEG(fmt, a)               ((a) ^ sign_bit(fmt))
#define FSIGN(fmt, a, b)           (((a) & ~sign_bit(fmt)) | ((b)&sign_bit(fmt)))
#define FSIGN_NOT(fmt, a, b)       (((a) & ~sign_bit(fmt)) | (~(b)&sign_bit(fmt)))
#define FSIGN_XOR(fmt, a, b)       ((a) ^ ((b)&sign_bit(fmt)))
#define FP1(op, fmt, a)            op(fmt, a, &h_->fp)
#define FP2(op, fmt, a, b)         op(fmt, a, b, &h_->fp)
#define FP3(op, fmt, a, b, c)      op(fmt, a, b, c, &h_->fp)
#define FP_TO_INT(fmt, a, sg, n)   fp_to_int(fmt, a, sg, n, &h_->fp)
#define FP_FROM_INT(fmt, a, sg, n) fp_from_int(fmt, a, sg, n, &h_->fp)
#define FP_CONVERT(from, to, a)    fp_convert(from, to, a, &h_->fp)

static bool fp_begin(struct hart *hart, uint8_t rm)
{
    hart->fp = (struct fp_env){.rm = rm, .flags = 0};
    return hart->s.mstatus & MSTATUS_FS;
}

/* A dynamic rounding mode is resolved here; the reserved ones are illegal (unprivileged specification, 22.2). */
static bool fp_begin_rm(struct hart *hart, const struct insn *insn)
{
    uint8_t rm = insn->raw >> 12 & 7;
    rm = rm == 7 ? hart->s.frm : rm;
    return fp_begin(hart, rm) && rm <= FP_RMM;
}

static inline void fp_end(struct hart *hart)
{
    if (hart->fp.flags) {
        hart->s.fflags |= hart->fp.flags;
        hart->s.mstatus |= MSTATUS_FS;
    }
}

/* ---- memory ---- */
typedef int8_t kind_S8;
typedef int16_t kind_S16;
typedef int32_t kind_S32;
typedef uint8_t kind_U8;
typedef uint16_t kind_U16;
typedef uint32_t kind_U32;
typedef uint64_t kind_U64;

#define START_OVER_UNLESS(hit)                                                                                         \
    if (UNLIKELY(!(hit))) {                                                                                            \
        start_over_(h_, i_);                                                                                           \
        return;                                                                                                        \
    }
#define PAGE_OF(vaddr) ((vaddr) & ~(uint64_t)(PAGE_BYTES - 1))

/* An access that crosses a page looks at its last byte and so misses. */
static inline const struct tlb_entry *entry_in(const struct tlb_entry *set, uint64_t vaddr)
{
    return &set[vaddr >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
}

#define LOAD(kind, address)                                                                                            \
    ({                                                                                                                 \
        uint64_t address_ = (address);                                                                                 \
        const struct tlb_entry *entry_ = entry_in(h_->data_tlb->load, address_);                                       \
        kind_##kind value_;                                                                                            \
        if (fast_) {                                                                                                   \
            START_OVER_UNLESS(entry_->tag == PAGE_OF(address_ + sizeof value_ - 1));                                   \
            memcpy(&value_, (uint8_t *)(address_ + entry_->addend), sizeof value_);                                    \
        } else {                                                                                                       \
            if (!mmu_load(h_, i_, address_, sizeof value_))                                                            \
                return;                                                                                                \
            value_ = (kind_##kind)h_->value;                                                                           \
        }                                                                                                              \
        (uint64_t)(int64_t) value_;                                                                                    \
    })

#define STORE(kind, address, value)                                                                                    \
    do {                                                                                                               \
        uint64_t address_ = (address);                                                                                 \
        const struct tlb_entry *entry_ = entry_in(h_->data_tlb->store, address_);                                      \
        kind_##kind value_ = (kind_##kind)(value);                                                                     \
        if (fast_) {                                                                                                   \
            START_OVER_UNLESS(entry_->tag == PAGE_OF(address_ + sizeof value_ - 1));                                   \
            memcpy((uint8_t *)(address_ + entry_->addend), &value_, sizeof value_);                                    \
        } else if (!mmu_store(h_, i_, address_, sizeof value_, value_))                                                \
            return;                                                                                                    \
    } while (0)

/* Host bytes of an aligned atomic access; leaves the instruction when there are none. */
#define ATOMIC(set, address, size, kinds)                                                                              \
    ({                                                                                                                 \
        const struct tlb_entry *entry_ = entry_in(h_->data_tlb->set, address);                                         \
        uint8_t *host_;                                                                                                \
        if (fast_) {                                                                                                   \
            START_OVER_UNLESS(entry_->tag == PAGE_OF(address) && !((address) & ((size)-1)));                           \
            host_ = (uint8_t *)((address) + entry_->addend);                                                           \
        } else {                                                                                                       \
            host_ = mmu_atomic(h_, i_, address, size, kinds);                                                          \
            if (!host_)                                                                                                \
                return;                                                                                                \
        }                                                                                                              \
        host_;                                                                                                         \
    })

static inline uint64_t paddr_of(const struct hart *hart, const uint8_t *host)
{
    return hart->engine->ram.base + (uint64_t)(host - hart->engine->ram.bytes);
}

#define LOAD_RESERVED(kind, address)                                                                                   \
    ({                                                                                                                 \
        uint64_t address_ = (address);                                                                                 \
        kind_##kind value_;                                                                                            \
        const uint8_t *bytes_ = ATOMIC(load, address_, sizeof value_, ACCESS_LOAD);                                    \
        memcpy(&value_, bytes_, sizeof value_);                                                                        \
        h_->s.reservation = paddr_of(h_, bytes_);                                                                      \
        (uint64_t)(int64_t) value_;                                                                                    \
    })

/* Without a reservation it is still a store as far as protection goes (the manual allows that, and other machines do).
 */
#define STORE_CONDITIONAL(kind, address, value)                                                                        \
    ({                                                                                                                 \
        uint64_t address_ = (address), failed_;                                                                        \
        kind_##kind value_ = (kind_##kind)(value);                                                                     \
        uint8_t *bytes_ = ATOMIC(store, address_, sizeof value_, ACCESS_STORE);                                        \
        failed_ = paddr_of(h_, bytes_) != h_->s.reservation;                                                           \
        if (!failed_)                                                                                                  \
            memcpy(bytes_, &value_, sizeof value_);                                                                    \
        h_->s.reservation = UINT64_MAX;                                                                                \
        failed_;                                                                                                       \
    })

#define AMO(kind, op, address, operand)                                                                                \
    ({                                                                                                                 \
        uint64_t address_ = (address), operand_ = (operand);                                                           \
        kind_##kind old_, new_;                                                                                        \
        uint8_t *bytes_ = ATOMIC(store, address_, sizeof old_, ACCESS_LOAD | ACCESS_STORE);                            \
        memcpy(&old_, bytes_, sizeof old_);                                                                            \
        new_ = (kind_##kind)op((uint64_t)(int64_t)old_, operand_);                                                     \
        memcpy(bytes_, &new_, sizeof new_);                                                                            \
        (uint64_t)(int64_t) old_;                                                                                      \
    })

/* ---- effects ---- */
#define RD(value)                                                                                                      \
    do {                                                                                                               \
        uint64_t rd_ = (value);                                                                                        \
        h_->s.x[i_->rd] = rd_;                                                                                         \
        h_->s.x[0] = 0;                                                                                                \
    } while (0)

#define FD(fmt, value)                                                                                                 \
    do {                                                                                                               \
        uint64_t fd_ = (value);                                                                                        \
        h_->s.f[i_->rd] = fp_box(fmt, fd_);                                                                            \
        h_->s.mstatus |= MSTATUS_FS;                                                                                   \
    } while (0)

#define LINK_AND_JUMP(target)                                                                                          \
    do {                                                                                                               \
        uint64_t target_ = (target);                                                                                   \
        RD(PC + raw_bytes(i_->raw));                                                                                   \
        h_->s.pc = target_;                                                                                            \
        h_->now.n += i_->index + 1u;                                                                                   \
        return;                                                                                                        \
    } while (0)

#define BRANCH(condition)                                                                                              \
    do {                                                                                                               \
        h_->s.pc += 2u * i_->at + ((condition) ? IMM : raw_bytes(i_->raw));                                            \
        h_->now.n += i_->index + 1u;                                                                                   \
        return;                                                                                                        \
    } while (0)

#define CSR(how, value)                                                                                                \
    do {                                                                                                               \
        if (!csr_insn(h_, i_, how, value))                                                                             \
            return;                                                                                                    \
        slow_ = true;                                                                                                  \
    } while (0)

#define SYSTEM(name)                                                                                                   \
    do {                                                                                                               \
        if (!system_##name(h_, i_))                                                                                    \
            return;                                                                                                    \
        slow_ = true;                                                                                                  \
    } while (0)

#define NOTHING  ((void)0)
#define CONTINUE ((void)0)

/* ---- flow and needs ---- */
#define FLOW_SEQ                                                                                                       \
    if (slow_ && UNLIKELY(h_->leave)) {                                                                                \
        leave_after(h_, i_);                                                                                           \
        return;                                                                                                        \
    }                                                                                                                  \
    i_[1].run(h_, i_ + 1)
#define FLOW_END leave_after(h_, i_)

#define ILLEGAL_UNLESS(condition)                                                                                      \
    if (UNLIKELY(!(condition))) {                                                                                      \
        trap_raise(h_, i_, CAUSE_ILLEGAL, i_->raw);                                                                    \
        return;                                                                                                        \
    }
#define BEFORE_ANY  ((void)0)
#define BEFORE_FP   ILLEGAL_UNLESS(fp_begin(h_, 0))
#define BEFORE_FPRM ILLEGAL_UNLESS(fp_begin_rm(h_, i_))
#define AFTER_ANY   ((void)0)
#define AFTER_FP    fp_end(h_)
#define AFTER_FPRM  fp_end(h_)

#define BODY(fast, start_over, flow, needs, ...)                                                                       \
    {                                                                                                                  \
        enum { fast_ = (fast) };                                                                                       \
        run_fn *const start_over_ = (start_over);                                                                      \
        bool slow_ = !fast_;                                                                                           \
        BEFORE_##needs;                                                                                                \
        __VA_ARGS__;                                                                                                   \
        AFTER_##needs;                                                                                                 \
        (void)slow_, (void)start_over_;                                                                                \
        FLOW_##flow;                                                                                                   \
    }
#define INSN(name, format, match, mask, flow, needs, ...)                                                              \
    __attribute__((noinline)) static void slow_##name(struct hart *h_, const struct insn *i_)                          \
        BODY(false, NULL, flow, needs, __VA_ARGS__) static void op_##name(struct hart *h_, const struct insn *i_)      \
            BODY(true, slow_##name, flow, needs, __VA_ARGS__)
#include "rv64.def"
#undef INSN

static void op_illegal(struct hart *hart, const struct insn *insn) { trap_raise(hart, insn, CAUSE_ILLEGAL, insn->raw); }

void interp_leave(struct hart *hart, const struct insn *insn)
{
    hart->now.n += insn->index;
    hart->s.pc += 2u * insn->at;
}

run_fn *const interp_slow_ops[OP_COUNT] = {
#define INSN(name, ...) [OP_##name] = slow_##name,
#include "rv64.def"
#undef INSN
    [OP_illegal] = op_illegal,
};

run_fn *const interp_ops[OP_COUNT] = {
#define INSN(name, ...) [OP_##name] = op_##name,
#include "rv64.def"
#undef INSN
    [OP_illegal] = op_illegal,
};

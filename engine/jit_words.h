/* jit_words: what the words of rv64.def mean to the JIT: trees, and calls of jit.c's effects. Only for jit.c. */
#ifndef DEJA_JIT_WORDS_H
#define DEJA_JIT_WORDS_H

/* ---- values ---- */
#define RS1     first_source(g_)
#define RS2     leaf(g_, NODE_X, i_->rs2, FP64)
#define IMM     constant(g_, (uint64_t)(int64_t)i_->imm)
#define UIMM    constant(g_, i_->rs1)
#define PC      constant(g_, g_->pc)
#define K(n)    constant(g_, UINT64_C(n))
#define FS1     leaf(g_, NODE_F, i_->rs1, FP64)
#define FS2     leaf(g_, NODE_F, i_->rs2, FP64)
#define F1(fmt) leaf(g_, NODE_UNBOX, i_->rs1, fmt)
#define F2(fmt) leaf(g_, NODE_UNBOX, i_->rs2, fmt)
#define F3(fmt) leaf(g_, NODE_UNBOX, i_->rs3, fmt)

/* ---- floating point ---- */
#define FP1(op, fmt, a)            fp_operation(g_, NODE_##op, fmt, a, NULL, NULL)
#define FP2(op, fmt, a, b)         fp_operation(g_, NODE_##op, fmt, a, b, NULL)
#define FP3(op, fmt, a, b, c)      fp_operation(g_, NODE_##op, fmt, a, b, c)
#define fp_classify(fmt, a)        fp_operation(g_, NODE_fp_classify, fmt, a, NULL, NULL)
#define FNEG(fmt, a)               fp_operation(g_, NODE_FNEG, fmt, a, NULL, NULL)
#define FSIGN(fmt, a, b)           fp_operation(g_, NODE_FSIGN, fmt, a, b, NULL)
#define FSIGN_NOT(fmt, a, b)       fp_operation(g_, NODE_FSIGN_NOT, fmt, a, b, NULL)
#define FSIGN_XOR(fmt, a, b)       fp_operation(g_, NODE_FSIGN_XOR, fmt, a, b, NULL)
#define FP_TO_INT(fmt, a, sg, n)   conversion(g_, NODE_FP_TO_INT, fmt, fmt, a, (uint64_t)(sg) << 8 | (n))
#define FP_FROM_INT(fmt, a, sg, n) conversion(g_, NODE_FP_FROM_INT, fmt, fmt, a, (uint64_t)(sg) << 8 | (n))
#define FP_CONVERT(from, to, a)    conversion(g_, NODE_FP_CONVERT, from, to, a, 0)

/* ---- memory and effects ---- */
#define LOAD(k, address)                   load(g_, KIND_##k, address)
#define LOAD_RESERVED(k, address)          atomic(g_, NODE_LOAD_RESERVED, KIND_##k, address, NULL, 0)
#define STORE_CONDITIONAL(k, address, val) atomic(g_, NODE_STORE_CONDITIONAL, KIND_##k, address, val, 0)
#define AMO(k, op, address, operand)       atomic(g_, NODE_AMO, KIND_##k, address, operand, NODE_##op)
#define STORE(k, address, value)           store(g_, KIND_##k, address, value)
#define RD(value)                          set_x(g_, i_->rd, value)
#define FD(fmt, value)                     set_f(g_, i_->rd, fmt, value)
#define BRANCH(condition)                  branch(g_, condition)
#define LINK_AND_JUMP(target)              jump(g_, target)
#define CSR(how, value)                    csr(g_, how, value)
#define SYSTEM(name)                       system_insn(g_)
#define NOTHING                            ((void)0)
#define CONTINUE                           ((void)0)

#endif

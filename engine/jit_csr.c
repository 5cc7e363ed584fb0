/* jit_csr: which CSR instructions are translated; the interpreter does the others. */
#include "backend.h"

/* A CSR that is a field of the hart and nothing more. */
struct field {
    uint16_t number;
    uint32_t offset;
    uint64_t writable;
};

static const struct field fields[] = {
#define CSR(...)
#define CSR_ZERO(...)
#define CSR_FIELD(number, name, writable) {number, offsetof(struct hart, s.name), writable},
#include "csr.def"
#undef CSR
#undef CSR_ZERO
};

static const struct field *find_field(unsigned number)
{
    for (size_t n = 0; n < sizeof fields / sizeof fields[0]; n++)
        if (fields[n].number == number)
            return &fields[n];
    return NULL;
}

/* The view of its accesses tells what privilege a superblock has at least: machine mode may take the others (MPRV). */
static bool may_access(const struct gen *gen, unsigned number)
{
    unsigned view = gen->block->view;
    enum privilege least = view == VIEW_M ? PRIV_M : view == VIEW_U ? PRIV_U : PRIV_S;
    return (unsigned)least >= (number >> 8 & 3);
}

bool csr_translate(struct gen *gen, enum csr_how how, const struct node *value)
{
    unsigned number = (unsigned)gen->insn->imm;
    bool writes = how == CSR_WRITE || gen->insn->rs1 != 0;
    if (number == CSR_FFLAGS && (!writes || how == CSR_WRITE)) { /* compiled code keeps it around comparisons */
        backend_need_fp(gen);
        backend_fflags(gen, gen->insn->rd, writes ? value : NULL);
        return true;
    }
    if (!may_access(gen, number))
        return false;
    if (number == CSR_SSTATUS && !(writes && how == CSR_WRITE)) {
        backend_sstatus(gen, how, writes ? value : NULL);
        gen->fp_checked &= !writes;
        return true;
    }
    const struct field *field = find_field(number);
    return field && backend_csr_field(gen, how, field->offset, field->writable, writes ? value : NULL);
}

/* Register numbers -> registers; see registers.h. */
#include "registers.h"

enum { CSR_FFLAGS = 1, CSR_FCSR = 3 };

static const struct span {
    unsigned first, count;
    enum reg_class reg_class;
    unsigned size_bytes, number;
} spans[] = {
    {0, 32, REG_X, 8, 0},
    {REGISTER_PC, 1, REG_PC, 8, 0},
    {REGISTER_F0, 32, REG_F, 8, 0},
    {REGISTER_CSR0 + CSR_FFLAGS, 3, REG_CSR, 4, CSR_FFLAGS}, /* fflags, frm, fcsr: 32 bits in GDB's feature */
    {REGISTER_CSR0, 4096, REG_CSR, 8, 0},
    {REGISTER_PRIV, 1, REG_PRIV, 8, 0},
};

bool register_find(uint64_t gdb_number, struct register_id *id)
{
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        const struct span *span = &spans[i];
        if (gdb_number >= span->first && gdb_number - span->first < span->count) {
            unsigned number = span->number + (unsigned)(gdb_number - span->first);
            *id = (struct register_id){span->reg_class, number, span->size_bytes};
            return true;
        }
    }
    return false;
}

bool register_read(struct timeline *timeline, unsigned hart, struct register_id id, uint64_t *value)
{
    struct engine *engine = board_engine(timeline_board(timeline));
    const struct hart_state *state = engine_hart(engine, hart);
    switch (id.reg_class) {
    case REG_X:
        *value = state->x[id.number];
        return true;
    case REG_PC:
        *value = state->pc;
        return true;
    case REG_F:
        *value = state->f[id.number];
        return true;
    case REG_PRIV:
        *value = state->priv;
        return true;
    case REG_CSR:
        return engine_csr_read(engine, hart, id.number, value);
    }
    return false;
}

bool register_takes(struct register_id id, uint64_t value)
{
    if (id.reg_class == REG_PC)
        return value % 2 == 0;
    if (id.reg_class == REG_PRIV)
        return value == PRIV_U || value == PRIV_S || value == PRIV_M;
    return true;
}

const char *privilege_name(uint8_t priv)
{
    static const char *const names[] = {[PRIV_U] = "U-mode", [PRIV_S] = "S-mode", [2] = "?", [PRIV_M] = "M-mode"};
    return names[priv & 3];
}

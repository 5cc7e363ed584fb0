#include "poke.h"

#include <stdlib.h>
#include <string.h>

static bool poke_x(struct hart_state *hart, const struct poke *poke)
{
    if (poke->number >= 32)
        return false;
    if (poke->number) /* x0 stays 0, as for an instruction */
        hart->x[poke->number] = poke->value;
    return true;
}

static bool poke_f(struct hart_state *hart, const struct poke *poke)
{
    if (poke->number >= 32)
        return false;
    hart->f[poke->number] = poke->value;
    return true;
}

/* A hart that is sent elsewhere waits no longer. */
static bool poke_pc(struct hart_state *hart, const struct poke *poke)
{
    hart->pc = poke->value & ~(uint64_t)1;
    hart->waiting = 0;
    return true;
}

static bool poke_priv(struct hart_state *hart, const struct poke *poke)
{
    if (poke->value != PRIV_U && poke->value != PRIV_S && poke->value != PRIV_M)
        return false;
    hart->priv = (uint8_t)poke->value;
    return true;
}

static bool poke_register(const struct poke *poke, struct engine *engine)
{
    static bool (*const pokes[])(struct hart_state *, const struct poke *) = {
        [REG_X] = poke_x, [REG_PC] = poke_pc, [REG_F] = poke_f, [REG_PRIV] = poke_priv};
    if (poke->hart >= engine_nharts(engine))
        return false;
    if (poke->reg_class == REG_CSR) {
        if (!engine_csr_write(engine, poke->hart, poke->number, poke->value))
            return false;
    } else if (!pokes[poke->reg_class](engine_hart(engine, poke->hart), poke)) {
        return false;
    }
    engine_forget(engine);
    return true;
}

static bool locate(const struct poke *poke, const struct engine *engine, uint64_t address, uint64_t *paddr)
{
    *paddr = address;
    return poke->kind == POKE_PHYSICAL || engine_translate(engine, poke->hart, address, paddr);
}

/* The stretch of [address, address + size) in one page; false: no memory there. */
static bool stretch(const struct poke *poke, const struct engine *engine, size_t done, uint64_t *paddr,
                    size_t *size_bytes)
{
    uint64_t address = poke->address + done;
    size_t in_page = PAGE_BYTES - (size_t)(address & (PAGE_BYTES - 1));
    *size_bytes = poke->size_bytes - done < in_page ? poke->size_bytes - done : in_page;
    uint8_t probe[PAGE_BYTES];
    return locate(poke, engine, address, paddr) && engine_ram_load(engine, *paddr, probe, *size_bytes);
}

/* Validate, then commit. */
static bool poke_memory(const struct poke *poke, struct engine *engine)
{
    uint64_t paddr;
    size_t part;
    if (poke->hart >= engine_nharts(engine))
        return false;
    for (size_t done = 0; done < poke->size_bytes; done += part)
        if (!stretch(poke, engine, done, &paddr, &part))
            return false;
    for (size_t done = 0; done < poke->size_bytes; done += part) {
        check(stretch(poke, engine, done, &paddr, &part));
        check(engine_ram_store(engine, paddr, poke->bytes + done, part));
    }
    return true;
}

bool poke_apply(const struct poke *poke, struct board *board)
{
    struct engine *engine = board_engine(board);
    return poke->kind == POKE_REGISTER ? poke_register(poke, engine) : poke_memory(poke, engine);
}

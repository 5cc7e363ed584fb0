#include "poke.h"

#include <stdlib.h>
#include <string.h>

#include "format.h"

/* What comes before the bytes of a memory poke: hart, address. And all of a register poke: hart, class, number, value.
 */
enum { HEAD_BYTES = 4 + 8, REGISTER_BYTES = 4 + 4 + 4 + 8 };

/* ---- as an input ----------------------------------------------------------------------------------------------------- */

size_t poke_size(const struct poke *poke)
{
    return poke->kind == POKE_REGISTER ? REGISTER_BYTES : HEAD_BYTES + poke->size_bytes;
}

void poke_encode(const struct poke *poke, uint8_t *bytes)
{
    format_put_u32(bytes, poke->hart);
    if (poke->kind == POKE_REGISTER) {
        format_put_u32(bytes + 4, poke->reg_class);
        format_put_u32(bytes + 8, poke->number);
        format_put_u64(bytes + 12, poke->value);
        return;
    }
    format_put_u64(bytes + 4, poke->address);
    memcpy(bytes + HEAD_BYTES, poke->bytes, poke->size_bytes);
}

bool poke_decode(unsigned port, const uint8_t *bytes, size_t size_bytes, struct poke *poke)
{
    if (port > POKE_PHYSICAL || (port == POKE_REGISTER ? size_bytes != REGISTER_BYTES : size_bytes <= HEAD_BYTES))
        return false;
    *poke = (struct poke){.kind = (enum poke_kind)port, .hart = format_get_u32(bytes)};
    if (port == POKE_REGISTER) {
        uint32_t reg_class = format_get_u32(bytes + 4);
        poke->reg_class = (enum reg_class)reg_class;
        poke->number = format_get_u32(bytes + 8);
        poke->value = format_get_u64(bytes + 12);
        return reg_class <= REG_PRIV;
    }
    poke->address = format_get_u64(bytes + 4);
    poke->bytes = (uint8_t *)bytes + HEAD_BYTES;
    poke->size_bytes = size_bytes - HEAD_BYTES;
    return true;
}

/* ---- as a change ----------------------------------------------------------------------------------------------------- */

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

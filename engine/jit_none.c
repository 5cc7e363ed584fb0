/* jit_none: for hosts without a back end, and for -DDEJA_JIT=OFF. The interpreter does everything. */
#include "jit.h"

struct jit *jit_create(struct engine *engine)
{
    (void)engine;
    return NULL;
}

void jit_destroy(struct jit *jit) { (void)jit; }

struct jit_block *jit_translate(struct hart *hart, const struct jit_source *source)
{
    (void)hart, (void)source;
    return NULL;
}

void jit_enter(struct hart *hart, const uint8_t *entry)
{
    (void)hart, (void)entry;
    check(!"there is no translated code");
}

const uint8_t *jit_missed(const struct jit *jit)
{
    (void)jit;
    return NULL;
}

void jit_chain(struct jit_exit *exit, struct jit_block *to) { (void)exit, (void)to; }

void jit_drop(struct jit *jit, struct jit_block *list) { (void)jit, (void)list; }

void jit_forget(struct jit *jit) { (void)jit; }

bool jit_full(const struct jit *jit)
{
    (void)jit;
    return true;
}

/* state: the walk that encode and hash share. Inner header of snapshot/. */
#ifndef DEJA_STATE_H
#define DEJA_STATE_H

#include "snapshot.h"

/* Hands the encoding of the parts to `emit`, piece by piece and in order. */
void state_emit(const struct state_part *parts, size_t nparts,
                void (*emit)(void *context, const void *bytes, size_t size_bytes), void *context);

#endif

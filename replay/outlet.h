/* outlet: console bytes on their way to a file descriptor, gathered so that the guest is not slowed by tiny writes.
 * Inner header of replay/. */
#ifndef DEJA_OUTLET_H
#define DEJA_OUTLET_H

#include <stdatomic.h>

#include "../icount/icount.h"

enum { OUTLET_BYTES = 32 << 10 };

struct outlet {
    int fd;                  /* -1: nowhere */
    const atomic_bool *quit; /* stops waiting for a reader that does not read; may be NULL */
    int failed;              /* errno of the first failure; what comes later is dropped */
    size_t used;
    uint8_t bytes[OUTLET_BYTES];
};

void outlet_open(struct outlet *outlet, int fd, const atomic_bool *quit);

/* Gathers; flushes when full. */
void outlet_put(struct outlet *outlet, const uint8_t *bytes, size_t size_bytes);

/* Writes what was gathered; waits for a slow reader. */
void outlet_flush(struct outlet *outlet);

/* ERR_OK, or why bytes were lost: ERR_IO. A reader that has gone away (EPIPE) is not an error. */
err_t outlet_error(const struct outlet *outlet);

#endif

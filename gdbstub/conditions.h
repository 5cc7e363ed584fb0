/* conditions: what stands behind the kind in a breakpoint's packet. Pure. Inner header of gdbstub/.
 *
 *   ;X len,bytes X len,bytes ...            expressions (ax.h); the breakpoint counts when one of them holds
 *   ;cmds:persist,X len,bytes ...           commands to be run by the target: passed over, for they are not announced
 *
 * GDB manual, appendix E, E.2 Packets, Z0. */
#ifndef DEJA_GDBSTUB_CONDITIONS_H
#define DEJA_GDBSTUB_CONDITIONS_H

#include "ax.h"

/* What a breakpoint's conditions may take. GDB looks at them once more whenever a breakpoint is reported, so more than
 * that is taken as "always". */
enum { CONDITIONS_BYTES_MOST = 4096 };

/* Expressions one behind another, each behind its length (two bytes, the lower one first). */
struct conditions {
    uint8_t *bytes; /* malloc'ed; NULL: none, it always holds */
    size_t size_bytes;
};

/* False: malformed, or no memory. */
bool conditions_parse(const uint8_t *text, size_t size_bytes, struct conditions *conditions);
void conditions_free(struct conditions *conditions);

/* Whether one of them holds. What has no value (ax.h) holds: GDB will see for itself. */
bool conditions_hold(const struct conditions *conditions, const struct ax_view *view);

#endif

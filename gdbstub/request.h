/* request: a packet's payload -> a typed request. Pure: every length and number in it has been checked against the
 * payload, none against the machine. Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_REQUEST_H
#define DEJA_GDBSTUB_REQUEST_H

#include "../icount/icount.h"

enum request_kind {
    REQUEST_UNKNOWN,   /* no such packet: the reply is empty */
    REQUEST_MALFORMED, /* a known name, and then not what belongs behind it */
#define PACKET(kind, name, shape) REQUEST_##kind,
#include "packets.def"
#undef PACKET
    REQUEST_KINDS
};

enum { THREAD_ALL = -1, THREAD_ANY = 0 };

/* Fields that the shape of the kind does not fill are 0. */
struct request {
    enum request_kind kind;
    bool has_address;
    uint64_t address, length, number;
    int64_t thread;       /* THREAD_ALL, THREAD_ANY, or hart + 1 */
    const uint8_t *bytes; /* decoded; points into the payload */
    size_t size_bytes;
};

/* Decodes hex in place, so the payload changes. */
void request_parse(uint8_t *payload, size_t size_bytes, struct request *request);

/* ---- what stands behind vCont; ----------------------------------------------------------------------------------- */

struct action {
    char what;           /* c s r t; C and S are read as c and s: a machine takes no signals */
    uint64_t start, end; /* of r: step while start <= pc < end */
    int64_t thread;      /* THREAD_ALL when none is named */
};

/* Reads up to `capacity` actions; 0 when the text is not a list of them, or holds more. */
size_t request_actions(const struct request *request, struct action *actions, size_t capacity);

#endif

/* client: one debugger, from its connection to its end. Inner header of gdbstub/.
 *
 * A client knows a timeline and a wire, and nothing of sockets: tests hand it a wire of their own. What it answers to
 * each packet stands in serve_*.c, one function per row of packets.def.
 */
#ifndef DEJA_GDBSTUB_CLIENT_H
#define DEJA_GDBSTUB_CLIENT_H

#include "../replay/replay.h"
#include "places.h"
#include "points.h"
#include "request.h"
#include "rsp.h"

/* Numbers of error replies. GDB prints them; only 14 means something to it (memory that cannot be accessed). */
enum reply_error_number {
    ERROR_GARBLED = 1,    /* a checksum that is wrong, when there is no acknowledgment to say so */
    ERROR_FAILED = 5,     /* the machine or the recording failed */
    ERROR_MEMORY = 14,    /* no memory there, or a device, which looking must not touch */
    ERROR_MALFORMED = 22, /* not understood, or out of range */
};

struct wire {
    void *owner;
    /* Bytes that have come, at most `capacity`: their number, 0 when there are none now, -1 when the debugger is gone
     * or the stub shall end. Never waits. */
    long (*receive)(void *owner, uint8_t *bytes, size_t capacity);
    /* Sends what can be sent without waiting: the number of bytes, -1 when the debugger is gone. */
    long (*send)(void *owner, const uint8_t *bytes, size_t size_bytes);
    /* Waits a little until more can be sent or, with `or_come`, something has come. */
    void (*wait)(void *owner, bool or_come);
};

/* Whom to tell that the timeline has moved and come to rest; NULL: nobody. */
struct rest {
    void (*rested)(void *context);
    void *context;
};

enum client_state { CLIENT_OPEN, CLIENT_KILLED, CLIENT_DETACHED, CLIENT_GONE };

enum { CLIENT_QUEUE_BYTES = 0x20000, CLIENT_REFUSED_MOST = 4 };

struct guest_kernel;

struct client {
    struct timeline *timeline;
    const struct wire *wire;
    struct rest rest;
    enum client_state state;
    struct points points;
    char *target_xml; /* NULL until it is asked for */

    /* what the debugger has chosen */
    bool no_ack;
    bool extended;   /* it stays when it debugs nothing, and may begin anew; see serve_process.c */
    bool idle;       /* it debugs nothing now */
    bool is_lldb;    /* it asked qHostInfo, which GDB never does */
    bool wants_bare; /* x: the bytes and nothing before them; see serve_memory.c */
    bool physical;   /* memory packets mean physical addresses */
    int64_t general; /* thread of register and memory packets */
    int64_t resumed; /* thread of s, bs */

    /* of monitor's words */
    struct places places;
    bool in_word;
    char kept[RSP_PAYLOAD_MAX / 2]; /* what a word has said, when it must go in one packet (serve_monitor.c) */
    size_t kept_bytes;
    atomic_bool *interrupted; /* by Ctrl-C at the terminal that we share; NULL: we share none */
    bool scripted;            /* a script asks, which makes gdb look again */
    struct last_found {
        icount_t at; /* where last-write has come to, and of what; size_bytes 0: nowhere */
        uint64_t address, size_bytes;
    } found;
    struct guest_kernel *kernel;           /* NULL: none has been found yet */
    uint64_t refused[CLIENT_REFUSED_MOST]; /* trap handlers around which there is none; 0 is no handler */
    size_t refusals;

    /* what it has been told */
    unsigned hart;       /* that stopped last */
    char stop[96];       /* the last stop reply */
    bool owes_diversion; /* it has written, and does not know yet that this diverts */
    icount_t diverted_at;
    unsigned interrupt_life; /* packets for which an early Ctrl-C is still good */

    /* the packet in hand */
    struct rsp_reader reader;
    struct reply reply;
    bool silent; /* it gets no reply */

    /* bytes */
    uint8_t in[CLIENT_QUEUE_BYTES]; /* in[in_at .. in_end) waits to be read */
    size_t in_at, in_end;
    uint8_t out[2 * RSP_FRAME_MAX];
    size_t out_bytes;
    uint8_t last[RSP_FRAME_MAX]; /* for -, send again */
    size_t last_bytes;
    unsigned resent;
};

/* malloc'ed; NULL: no memory. Both are borrowed. */
struct client *client_create(struct timeline *timeline, const struct wire *wire, struct rest rest);
void client_free(struct client *client);

/* Answers everything that has come; CLIENT_OPEN when it wants more. */
enum client_state client_turn(struct client *client);

/* For serve_*.c ------------------------------------------------------------------------------------------------------
 */

/* Text for the debugger's console. Legal while the debugger waits for a stop or for the end of a monitor command. */
PRINTF_LIKE(2, 3) void client_say(struct client *client, const char *format, ...);

/* After a write: remembers that the debugger must be told when it has begun a diverted timeline. */
void client_wrote(struct client *client, bool diverted_before);

/* Says that a diverted timeline has begun, if that is owed. */
void client_say_diversion(struct client *client);

/* Call when the timeline has moved, before anything is said about it. */
void client_rested(struct client *client);

/* The same, where nothing has stopped it but that it was told to go there: so the debugger is told when it asks. */
void client_stand(struct client *client);

/* Hands what is to be sent to the wire. */
void client_flush(struct client *client);

/* Polled while the machine runs or a search goes on: Ctrl-C, or the debugger is gone. `context` is the client. */
bool client_interrupted(void *context);

/* The hart that register and memory packets mean. */
unsigned client_hart(const struct client *client);

struct engine *client_engine(const struct client *client);

/* Whether `thread` names a hart. */
bool client_has_thread(const struct client *client, int64_t thread);

#define PACKET(kind, name, shape) void serve_##kind(struct client *client, const struct request *request);
#include "packets.def"
#undef PACKET

#endif

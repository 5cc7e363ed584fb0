/* Listening, and one client after another; see gdbstub.h. */
#include "gdbstub.h"

#include <stdlib.h>

#include "client.h"
#include "socket.h"

enum { WAIT_MS = 200 }; /* between two looks at `quit` */

struct gdbstub {
    struct socket_listener listener;
    struct timeline *timeline;
    struct rest rest;
    atomic_bool *interrupted;
};

struct connection {
    int fd;
    const atomic_bool *quit;
};

err_t gdbstub_listen(const char *address, struct timeline *timeline, struct gdbstub **stub)
{
    *stub = calloc(1, sizeof **stub);
    if (!*stub)
        return err_make(ERR_NO_MEMORY, "gdb stub");
    (*stub)->timeline = timeline;
    err_t error = socket_listen(address, &(*stub)->listener);
    if (err_is(error)) {
        free(*stub);
        *stub = NULL;
    }
    return error;
}

void gdbstub_close(struct gdbstub *stub)
{
    if (!stub)
        return;
    socket_unlisten(&stub->listener);
    free(stub);
}

void gdbstub_on_rest(struct gdbstub *stub, void (*rested)(void *context), void *context)
{
    stub->rest = (struct rest){rested, context};
}

void gdbstub_on_interrupt(struct gdbstub *stub, atomic_bool *interrupted) { stub->interrupted = interrupted; }

const char *gdbstub_target(const struct gdbstub *stub) { return stub->listener.target; }

/* ---- one client -------------------------------------------------------------------------------------------------- */

static bool quitting(const atomic_bool *quit) { return quit && atomic_load(quit); }

static long receive(void *owner, uint8_t *bytes, size_t capacity)
{
    const struct connection *connection = owner;
    return quitting(connection->quit) ? -1 : socket_receive(connection->fd, bytes, capacity);
}

static long transmit(void *owner, const uint8_t *bytes, size_t size_bytes)
{
    const struct connection *connection = owner;
    return quitting(connection->quit) ? -1 : socket_send(connection->fd, bytes, size_bytes);
}

static void wait(void *owner, bool or_come)
{
    const struct connection *connection = owner;
    socket_wait(connection->fd, or_come, true, WAIT_MS);
}

static err_t serve(struct gdbstub *stub, int fd, const atomic_bool *quit)
{
    struct connection connection = {fd, quit};
    struct wire wire = {&connection, receive, transmit, wait};
    struct client *client = client_create(stub->timeline, &wire, stub->rest);
    if (!client)
        return err_make(ERR_NO_MEMORY, "gdb stub");
    client->interrupted = stub->interrupted;
    while (client_turn(client) == CLIENT_OPEN)
        if (!socket_wait(fd, true, false, WAIT_MS))
            socket_refuse(&stub->listener); /* not a moment ago: then the one who is served may just be leaving */
    client_free(client);
    return err_ok();
}

/* ---- one after another ------------------------------------------------------------------------------------------- */

err_t gdbstub_serve(struct gdbstub *stub, bool once, const atomic_bool *quit)
{
    once |= stub->listener.connected; /* there is nowhere to wait for a second one */
    while (!quitting(quit)) {
        int fd;
        TRY(socket_accept(&stub->listener, WAIT_MS, &fd));
        if (fd < 0)
            continue;
        err_t error = serve(stub, fd, quit);
        socket_close(fd);
        if (once || err_is(error))
            return error;
    }
    return err_ok();
}

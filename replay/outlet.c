#include "outlet.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 4096, /* PIPE_BUF: what poll() says can be written without waiting */
    QUIT_POLL_MS = 100,
};

void outlet_open(struct outlet *outlet, int fd, const atomic_bool *quit)
{
    outlet->fd = fd;
    outlet->quit = quit;
    outlet->failed = 0;
    outlet->used = 0;
}

static bool writable(const struct outlet *outlet)
{
    struct pollfd pollfd = {.fd = outlet->fd, .events = POLLOUT};
    for (;;) {
        int ready = poll(&pollfd, 1, QUIT_POLL_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true; /* and write() says what is wrong, if anything */
        if (outlet->quit && atomic_load(outlet->quit))
            return false;
    }
}

/* Returns how many bytes went out; 0: no more will. */
static size_t write_some(struct outlet *outlet, const uint8_t *bytes, size_t size_bytes)
{
    while (writable(outlet)) {
        ssize_t written = write(outlet->fd, bytes, size_bytes < CHUNK_BYTES ? size_bytes : CHUNK_BYTES);
        if (written > 0)
            return (size_t)written;
        if (written < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
            outlet->failed = errno;
            return 0;
        }
    }
    return 0;
}

void outlet_flush(struct outlet *outlet)
{
    size_t done = 0;
    while (outlet->fd >= 0 && !outlet->failed && done < outlet->used) {
        size_t written = write_some(outlet, outlet->bytes + done, outlet->used - done);
        if (!written)
            break;
        done += written;
    }
    outlet->used = 0;
}

void outlet_put(struct outlet *outlet, const uint8_t *bytes, size_t size_bytes)
{
    while (size_bytes) {
        size_t room = OUTLET_BYTES - outlet->used;
        size_t part = size_bytes < room ? size_bytes : room;
        memcpy(outlet->bytes + outlet->used, bytes, part);
        outlet->used += part;
        bytes += part;
        size_bytes -= part;
        if (outlet->used == OUTLET_BYTES)
            outlet_flush(outlet);
    }
}

err_t outlet_error(const struct outlet *outlet)
{
    if (!outlet->failed || outlet->failed == EPIPE)
        return err_ok();
    return err_detail(err_make(ERR_IO, "console output"), "%s", strerror(outlet->failed));
}

/* socket: the only place of gdbstub/ that knows sockets. Inner header. */
#ifndef DEJA_GDBSTUB_SOCKET_H
#define DEJA_GDBSTUB_SOCKET_H

#include "../icount/icount.h"

enum { SOCKET_PATH_BYTES = 108 /* of struct sockaddr_un */, SOCKET_TARGET_BYTES = 128 };

struct socket_listener {
    int fds[2];                   /* -1: none; two, when there is IPv6 */
    bool connected;               /* fds[0] is a connection, given to us */
    char path[SOCKET_PATH_BYTES]; /* of a unix socket that is to be removed again; else "" */
    uint64_t inode;
    char target[SOCKET_TARGET_BYTES]; /* for `target remote` */
};

/* Opens ":PORT", "unix:PATH" or "fd:N": see gdbstub_listen(). */
NODISCARD err_t socket_listen(const char *address, struct socket_listener *listener);

/* Removes the unix socket, if it is still ours. */
void socket_unlisten(struct socket_listener *listener);

/* Waits up to `timeout_ms` for a debugger; *fd is -1 when none came. Close it with socket_close(). */
NODISCARD err_t socket_accept(struct socket_listener *listener, int timeout_ms, int *fd);
void socket_close(int fd);

/* Hangs up on whoever has come meanwhile. */
void socket_refuse(struct socket_listener *listener);

/* Waits up to `timeout_ms` until there is something to receive, or the end; and/or until something can be sent.
 * False when the time was up. */
bool socket_wait(int fd, bool to_receive, bool to_send, int timeout_ms);

/* What has come, without waiting: the number of bytes, 0 when there are none now, -1 at the end. */
long socket_receive(int fd, uint8_t *bytes, size_t capacity);

/* Sends what can be sent without waiting: the number of bytes, -1 when the other end is gone. */
long socket_send(int fd, const uint8_t *bytes, size_t size_bytes);

#endif

/* Sockets; see socket.h. Only the loopback is ever listened on: the protocol knows no passwords. */
#define _GNU_SOURCE /* accept4 */
#include "socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static err_t failed(const char *address)
{
    return err_detail(err_make(ERR_NO_LISTENING, "%s", address), "cannot be listened on: %s", strerror(errno));
}

/* ---- TCP --------------------------------------------------------------------------------------------------------- */

static bool decimal(const char *text, unsigned long maximum, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *value <= maximum;
}

static int bound(int family, const void *address, socklen_t size_bytes)
{
    int one = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (!bind(fd, address, size_bytes) && !listen(fd, 1))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static unsigned bound_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

/* 127.0.0.1, and ::1 with the same port where that can be had: `localhost` may mean either. */
static err_t listen_tcp(const char *address, unsigned port, struct socket_listener *listener)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->fds[0] = bound(AF_INET, &v4, sizeof v4);
    if (listener->fds[0] < 0)
        return failed(address);
    port = bound_port(listener->fds[0]);
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
    listener->fds[1] = bound(AF_INET6, &v6, sizeof v6);
    snprintf(listener->target, sizeof listener->target, "localhost:%u", port);
    return err_ok();
}

/* ---- unix -------------------------------------------------------------------------------------------------------- */

/* A path may take all of sun_path: the kernel needs no NUL there. */
static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path));
    return address;
}

static bool somebody_listens(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool connected = fd >= 0 && (!connect(fd, (const struct sockaddr *)&address, sizeof address) || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return connected;
}

/* A socket that a stub left behind when it was killed may go; nothing else is ever removed. */
static err_t clear_path(const char *path)
{
    struct stat status;
    if (lstat(path, &status))
        return err_ok();
    if (!S_ISSOCK(status.st_mode))
        return err_detail(err_make(ERR_NO_LISTENING, "%s", path), "exists already and is not a socket");
    if (somebody_listens(path))
        return err_detail(err_make(ERR_NO_LISTENING, "%s", path), "somebody listens there already");
    unlink(path);
    return err_ok();
}

/* Created 0600: on Linux a socket takes the mode of its descriptor, so that there is no moment of being open to all. */
static bool bind_private(int fd, const char *path)
{
    struct sockaddr_un address = unix_address(path);
    return !fchmod(fd, S_IRUSR | S_IWUSR) && !bind(fd, (const struct sockaddr *)&address, sizeof address);
}

/* Scripts wait for the path and then connect: it must not be there before somebody listens. So the socket gets another
 * name first, and its own when it listens. */
static bool bind_listening(int fd, const char *path, const char *early, struct stat *status)
{
    if (!bind_private(fd, early))
        return false;
    bool good = !listen(fd, 1) && !lstat(early, status) && !link(early, path);
    int error = errno;
    unlink(early);
    errno = error;
    return good;
}

static err_t listen_unix(const char *path, struct socket_listener *listener)
{
    struct stat status;
    char early[SOCKET_PATH_BYTES + 1];
    size_t length = strlen(path);
    if (!length || length >= SOCKET_PATH_BYTES)
        return err_detail(err_make(ERR_USAGE, "unix:%s", path), "the path of a socket has 1 to %d characters",
                          SOCKET_PATH_BYTES - 1);
    snprintf(early, sizeof early, "%s~", path);
    TRY(clear_path(path));
    TRY(clear_path(early));
    listener->fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener->fds[0] < 0 || !bind_listening(listener->fds[0], path, early, &status))
        return failed(path);
    memcpy(listener->path, path, length + 1);
    listener->inode = status.st_ino;
    snprintf(listener->target, sizeof listener->target, "%s", path);
    return err_ok();
}

/* ---- a descriptor ------------------------------------------------------------------------------------------------ */

static err_t take_fd(const char *number, struct socket_listener *listener)
{
    unsigned long fd;
    struct stat status;
    if (!decimal(number, 1 << 20, &fd) || fstat((int)fd, &status) || !S_ISSOCK(status.st_mode))
        return err_detail(err_make(ERR_USAGE, "fd:%s", number), "not an open socket");
    listener->fds[0] = (int)fd;
    listener->connected = true;
    snprintf(listener->target, sizeof listener->target, "fd:%lu", fd);
    return err_ok();
}

/* ---- addresses --------------------------------------------------------------------------------------------------- */

/* The text behind a prefix; NULL when it has none. */
static const char *behind(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) ? NULL : text + length;
}

static const char *port_text(const char *address)
{
    static const char *const prefixes[] = {
        ":", "localhost:", "127.0.0.1:", "tcp::", "tcp:localhost:", "tcp:127.0.0.1:"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (behind(address, prefixes[i]))
            return behind(address, prefixes[i]);
    return NULL;
}

static err_t open_address(const char *address, struct socket_listener *listener)
{
    unsigned long port;
    if (behind(address, "unix:"))
        return listen_unix(behind(address, "unix:"), listener);
    if (behind(address, "fd:"))
        return take_fd(behind(address, "fd:"), listener);
    if (port_text(address) && decimal(port_text(address), UINT16_MAX, &port))
        return listen_tcp(address, (unsigned)port, listener);
    return err_detail(err_make(ERR_USAGE, "%s", address), "not :PORT (of this machine only), unix:PATH or fd:N");
}

err_t socket_listen(const char *address, struct socket_listener *listener)
{
    *listener = (struct socket_listener){.fds = {-1, -1}};
    err_t error = open_address(address, listener);
    if (err_is(error))
        socket_unlisten(listener);
    return error;
}

void socket_unlisten(struct socket_listener *listener)
{
    struct stat status;
    if (*listener->path && !lstat(listener->path, &status) && S_ISSOCK(status.st_mode) &&
        status.st_ino == listener->inode)
        unlink(listener->path);
    for (size_t i = 0; i < 2; i++)
        socket_close(listener->fds[i]);
    *listener = (struct socket_listener){.fds = {-1, -1}};
}

/* ---- connections ------------------------------------------------------------------------------------------------- */

/* A debugger that has given up meanwhile is no failure. */
static bool passing(int error)
{
    return error == EINTR || error == EAGAIN || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

static err_t accept_one(int listening, int *fd)
{
    int one = 1;
    *fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (*fd < 0)
        return passing(errno) ? err_ok() : err_detail(err_make(ERR_IO, "gdb's socket"), "%s", strerror(errno));
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* means nothing to a unix socket */
    return err_ok();
}

err_t socket_accept(struct socket_listener *listener, int timeout_ms, int *fd)
{
    *fd = -1;
    if (listener->connected) {
        *fd = listener->fds[0];
        listener->fds[0] = -1;
        return err_ok();
    }
    struct pollfd polled[2] = {{listener->fds[0], POLLIN, 0}, {listener->fds[1], POLLIN, 0}};
    if (poll(polled, 2, timeout_ms) <= 0)
        return err_ok();
    return accept_one(polled[0].revents ? polled[0].fd : polled[1].fd, fd);
}

/* It would wait in silence, ask again, and take the late answers for others. */
void socket_refuse(struct socket_listener *listener)
{
    int fd;
    while (!listener->connected && !err_is(socket_accept(listener, 0, &fd)) && fd >= 0)
        close(fd);
}

void socket_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool socket_wait(int fd, bool to_receive, bool to_send, int timeout_ms)
{
    struct pollfd polled = {fd, (short)((to_receive ? POLLIN : 0) | (to_send ? POLLOUT : 0)), 0};
    return poll(&polled, 1, timeout_ms) > 0;
}

long socket_receive(int fd, uint8_t *bytes, size_t capacity)
{
    ssize_t size = recv(fd, bytes, capacity, MSG_DONTWAIT);
    if (size > 0)
        return size;
    return size < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

long socket_send(int fd, const uint8_t *bytes, size_t size_bytes)
{
    ssize_t sent = send(fd, bytes, size_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

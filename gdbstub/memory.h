/* memory: guest memory as a debugger sees it. Looking at it changes nothing and touches no device.
 * Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_MEMORY_H
#define DEJA_GDBSTUB_MEMORY_H

#include "client.h"

/* In this window lies physical memory, whatever is mapped where: no address there is one of a process or of the kernel,
 * whose upper bits are all equal (privileged specification, 10.4 to 10.6). True when `address` is in it. */
#define MEMORY_WINDOW UINT64_C(0x7000000000000000)
bool memory_in_window(uint64_t address, uint64_t *paddr);

/* Reads what is readable from the front: the number of bytes, 0 when not even the first one is. Addresses are virtual
 * (as the client's hart would translate them now), or physical in the client's physical mode. */
size_t memory_read(struct client *client, uint64_t address, void *bytes, size_t size_bytes);

/* The same with the eyes of a hart. */
size_t memory_read_as(struct client *client, unsigned hart, uint64_t address, void *bytes, size_t size_bytes);

/* Writes all or nothing. False when a part of it is not RAM, or the timeline refuses. Writing what is there already is
 * no write: it does not divert. */
bool memory_write(struct client *client, uint64_t address, const void *bytes, size_t size_bytes);

#endif

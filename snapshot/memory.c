/* memory: much of it, in few page faults. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise() */
#include "snapshot.h"

#include <sys/mman.h>

/* Linux 5.14 (madvise(2)); a C library may not have heard of it. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* For the whole pages of [at, at + size_bytes). Where the host cannot, nothing happens. */
static void advise(void *at, size_t size_bytes, int advice)
{
    uintptr_t first = ((uintptr_t)at + PAGE_BYTES - 1) & -(uintptr_t)PAGE_BYTES;
    uintptr_t end = ((uintptr_t)at + size_bytes) & -(uintptr_t)PAGE_BYTES;
    if (first < end)
        madvise((void *)first, end - first, advice);
}

void memory_huge(void *at, size_t size_bytes) { advise(at, size_bytes, MADV_HUGEPAGE); }

void memory_ready(void *at, size_t size_bytes) { advise(at, size_bytes, MADV_POPULATE_WRITE); }

void *memory_get(size_t size_bytes)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    memory_huge(memory, size_bytes); /* where there are none, small ones do */
    return memory;
}

void memory_put(void *memory, size_t size_bytes)
{
    if (memory)
        munmap(memory, size_bytes);
}

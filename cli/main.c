#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>

#include "../snapshot/snapshot.h"
#include "cli.h"

/* Standard streams that the caller has closed: no file of ours shall come to lie there and be written to by mistake.
 * The stand-ins are opened the wrong way round, so that using them fails as using a closed one does. */
static void fill_gaps(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return;
}

/* The journal's thread allocates all the time. A heap of its own would grow a page at a time, and each time the kernel
 * interrupts the processor on which the guest runs: so there is one, and it grows by huge pages. */
enum { HEAP_BYTES = 32 << 20 };
static void tune_malloc(void)
{
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_BYTES);
    mallopt(M_MMAP_THRESHOLD, 2 * HEAP_BYTES);
    void *heap = malloc(HEAP_BYTES);
    if (heap)
        memory_huge(heap, HEAP_BYTES);
    free(heap);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

int main(int argc, char **argv)
{
    fill_gaps();
    tune_malloc();
    return cli_main(argc, argv);
}

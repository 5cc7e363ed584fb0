#include <errno.h>
#include <fcntl.h>

#include "cli.h"

/* Standard streams that the caller has closed: no file of ours shall come to lie there and be written to by mistake.
 * The stand-ins are opened the wrong way round, so that using them fails as using a closed one does. */
static void fill_gaps(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return;
}

int main(int argc, char **argv)
{
    fill_gaps();
    return cli_main(argc, argv);
}

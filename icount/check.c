/* check: our own bugs end here. The one place in a pure folder that speaks to the host, and it never returns. */
#include "icount.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "deja: bug at %s:%d: !(%s); please report it\n", file, line, condition);
    abort();
}

/* mark: what a person calls a mark. Pure. Inner header of replay/. */
#ifndef DEJA_MARK_H
#define DEJA_MARK_H

#include "../icount/icount.h"

enum mark_kind { MARK_ICOUNT, MARK_VTIME, MARK_START, MARK_END };

struct mark {
    enum mark_kind kind;
    uint64_t n; /* MARK_ICOUNT: instructions; MARK_VTIME: nanoseconds; MARK_END: instructions before the end */
};

/* "N", "1,234", "2h", "9min", "12.5s", "300ms", "40us", "5ns", "start", "end", "end-N"; blanks around are allowed.
 * ERR_USAGE. */
NODISCARD err_t mark_parse(const char *text, struct mark *mark);

#endif

/* bookmarks: names for marks, in a file beside the recording, which itself does not change. Inner header of replay/.
 *
 *   REC.bookmarks   a line for each: the mark, a blank, the name
 *
 * Plain text, so that people may write it too; what is in it is not trusted. It is replaced as a whole, or not at all.
 */
#ifndef DEJA_BOOKMARKS_H
#define DEJA_BOOKMARKS_H

#include "../icount/icount.h"

enum { BOOKMARK_NAME_BYTES = 64, BOOKMARKS_MOST = 10000 };

struct bookmark {
    icount_t at;
    char name[BOOKMARK_NAME_BYTES];
};

/* Ordered by mark, then name; no name twice. */
struct bookmarks {
    struct bookmark *list;
    size_t count;
};

/* Letters, digits, _ - and . behind a letter or _, and nothing that is a mark already (start, end-5). */
bool bookmark_name_good(const char *name);

/* Reads the file beside the recording; without one there are no bookmarks. ERR_UNREADABLE, ERR_DAMAGED, ERR_NO_MEMORY.
 * bookmarks_free() is due in any case. */
NODISCARD err_t bookmarks_load(const char *recording, struct bookmarks *bookmarks);
void bookmarks_free(struct bookmarks *bookmarks);

/* ERR_CANNOT_CREATE, ERR_IO: the file is as it was. */
NODISCARD err_t bookmarks_save(const char *recording, const struct bookmarks *bookmarks);

/* NULL: none of that name. */
const struct bookmark *bookmarks_find(const struct bookmarks *bookmarks, const char *name);

/* Adds one, or moves it. ERR_USAGE: the name is not good, or there are too many. */
NODISCARD err_t bookmarks_put(struct bookmarks *bookmarks, const char *name, icount_t at);

/* False: there was none of that name. */
bool bookmarks_remove(struct bookmarks *bookmarks, const char *name);

#endif

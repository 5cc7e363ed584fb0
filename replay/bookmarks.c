#include "bookmarks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mark.h"

/* Longer than any line that is one: 20 digits, a blank, a name. */
enum { LINE_BYTES = 128, PATH_BYTES = 4096 };

/* ---- names ---------------------------------------------------------------------------------------------------------- */

static bool is_letter(char c) { return isalpha((unsigned char)c) || c == '_'; }

bool bookmark_name_good(const char *name)
{
    struct mark mark;
    size_t length = 0;
    while (is_letter(name[length]) ||
           (length && (isdigit((unsigned char)name[length]) || name[length] == '-' || name[length] == '.')))
        length++;
    return length && length < BOOKMARK_NAME_BYTES && !name[length] && err_is(mark_parse(name, &mark));
}

/* ---- the list ------------------------------------------------------------------------------------------------------- */

static size_t index_of(const struct bookmarks *bookmarks, const char *name)
{
    size_t at = 0;
    while (at < bookmarks->count && strcmp(bookmarks->list[at].name, name) != 0)
        at++;
    return at;
}

const struct bookmark *bookmarks_find(const struct bookmarks *bookmarks, const char *name)
{
    size_t at = index_of(bookmarks, name);
    return at < bookmarks->count ? &bookmarks->list[at] : NULL;
}

bool bookmarks_remove(struct bookmarks *bookmarks, const char *name)
{
    size_t at = index_of(bookmarks, name);
    if (at == bookmarks->count)
        return false;
    bookmarks->count--;
    memmove(&bookmarks->list[at], &bookmarks->list[at + 1], (bookmarks->count - at) * sizeof *bookmarks->list);
    return true;
}

static bool before(const struct bookmark *a, const struct bookmark *b)
{
    return a->at.n != b->at.n ? a->at.n < b->at.n : strcmp(a->name, b->name) < 0;
}

static err_t insert(struct bookmarks *bookmarks, const struct bookmark *bookmark)
{
    struct bookmark *list = realloc(bookmarks->list, (bookmarks->count + 1) * sizeof *list);
    if (!list)
        return err_make(ERR_NO_MEMORY, "bookmarks");
    size_t at = bookmarks->count++;
    for (; at > 0 && before(bookmark, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *bookmark;
    bookmarks->list = list;
    return err_ok();
}

err_t bookmarks_put(struct bookmarks *bookmarks, const char *name, icount_t at)
{
    struct bookmark bookmark = {.at = at};
    if (!bookmark_name_good(name))
        return err_detail(err_make(ERR_USAGE, "bookmark %.100s", name),
                          "not a name; give a letter, then letters, digits, _ - and . (at most %d), and no mark",
                          BOOKMARK_NAME_BYTES - 1);
    bookmarks_remove(bookmarks, name);
    if (bookmarks->count == BOOKMARKS_MOST)
        return err_detail(err_make(ERR_USAGE, "bookmark %s", name), "there are %d already; remove some",
                          BOOKMARKS_MOST);
    memcpy(bookmark.name, name, strlen(name));
    return insert(bookmarks, &bookmark);
}

void bookmarks_free(struct bookmarks *bookmarks)
{
    free(bookmarks->list);
    *bookmarks = (struct bookmarks){0};
}

/* ---- the file ------------------------------------------------------------------------------------------------------- */

static bool path_of(const char *recording, const char *suffix, char path[PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s.bookmarks%s", recording, suffix) < PATH_BYTES;
}

/* "1234 name\n" */
static bool parse(char *line, struct bookmarks *bookmarks, err_t *error)
{
    char *end = strchr(line, '\n'), *name;
    if (end)
        *end = '\0';
    errno = 0;
    uint64_t at = strtoull(line, &name, 10);
    if (!end || !isdigit((unsigned char)*line) || errno || *name != ' ' || !bookmark_name_good(name + 1))
        return false;
    *error = bookmarks_put(bookmarks, name + 1, icount_of(at));
    return !err_is(*error);
}

static err_t read_lines(FILE *file, const char *path, struct bookmarks *bookmarks)
{
    char line[LINE_BYTES];
    for (uint64_t number = 1; fgets(line, sizeof line, file); number++) {
        err_t error = err_ok();
        if (!parse(line, bookmarks, &error))
            return err_is(error) ? error
                                 : err_detail(err_make(ERR_DAMAGED, "%s: line %" PRIu64, path, number),
                                              "not a mark and a name; mend the line, or remove the file");
    }
    return ferror(file) ? err_make(ERR_UNREADABLE, "%s", path) : err_ok();
}

/* Something else than a file might keep us waiting. */
static int open_plain(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, &status) || !S_ISREG(status.st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}

err_t bookmarks_load(const char *recording, struct bookmarks *bookmarks)
{
    char path[PATH_BYTES];
    *bookmarks = (struct bookmarks){0};
    if (!path_of(recording, "", path))
        return err_ok(); /* no file has a name that long */
    int fd = open_plain(path);
    if (fd < 0)
        return errno == ENOENT ? err_ok() : err_make(ERR_UNREADABLE, "%s", path);
    FILE *file = fdopen(fd, "r");
    if (!file) {
        close(fd);
        return err_make(ERR_NO_MEMORY, "%s", path);
    }
    err_t error = read_lines(file, path, bookmarks);
    fclose(file);
    return error;
}

static bool write_all(int fd, const struct bookmarks *bookmarks)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return false;
    }
    for (size_t i = 0; i < bookmarks->count; i++)
        fprintf(file, "%" PRIu64 " %s\n", bookmarks->list[i].at.n, bookmarks->list[i].name);
    bool good = !fflush(file) && !ferror(file) && !fchmod(fd, 0644) && !fsync(fd);
    return !fclose(file) && good;
}

/* Written apart and then renamed: whoever reads meanwhile, or after a crash, has the old ones or the new ones. */
err_t bookmarks_save(const char *recording, const struct bookmarks *bookmarks)
{
    char path[PATH_BYTES], apart[PATH_BYTES];
    if (!path_of(recording, "", path) || !path_of(recording, ".XXXXXX", apart))
        return err_detail(err_make(ERR_CANNOT_CREATE, "%.200s", recording), "its name is too long");
    int fd = mkstemp(apart);
    if (fd < 0)
        return err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "%s", strerror(errno));
    if (write_all(fd, bookmarks) && !rename(apart, path))
        return err_ok();
    err_t error = err_detail(err_make(ERR_IO, "%s", path), "%s", strerror(errno));
    unlink(apart);
    return error;
}

/* recording_file: from a path to an open database.
 *
 * A sealed recording is one plain file that nobody writes to: it is opened as unchanging, without locks, and nothing
 * beside it is looked at. One that was broken off (or is being recorded at this moment) has a -wal beside it: sqlite
 * reads both, and makes a -shm if there is none; where it cannot (a read-only directory), a private copy is read. In no
 * case is the recording written to. */
#include "recording_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* https://sqlite.org/fileformat2.html, section 1.3 */
enum {
    HEADER_BYTES = 100,
    HEADER_PAGE_SIZE = 16,
    HEADER_WRITE_VERSION = 18, /* 1: plain, 2: with a -wal */
    HEADER_READ_VERSION = 19,
    HEADER_CHANGES = 24,
    HEADER_PAGES = 28,
    HEADER_USER_VERSION = 60,
    HEADER_APPLICATION = 68,
    HEADER_PAGES_VALID_FOR = 92,
};

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Opens a plain file to read; a pipe or a device is refused without waiting for it. */
static err_t open_plain(const char *path, int *fd, uint64_t *size_bytes)
{
    struct stat status;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return err_make(ERR_NO_INPUT, "%s", path);
    if (*fd < 0)
        return err_detail(err_make(ERR_UNREADABLE, "%s", path), "%s", strerror(errno));
    if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode)) {
        *size_bytes = (uint64_t)status.st_size;
        return err_ok();
    }
    close(*fd);
    return err_detail(err_make(ERR_UNREADABLE, "%s", path), "is not a plain file");
}

static err_t judge_identity(const char *path, const uint8_t *header, size_t got, unsigned *format)
{
    if (got == 0)
        return err_detail(err_make(ERR_ALIEN, "%s", path), "is empty; record anew");
    if (memcmp(header, "SQLite format 3", got < 16 ? got : 16) != 0)
        return err_make(ERR_ALIEN, "%s", path);
    if (got < HEADER_BYTES)
        return err_detail(err_make(ERR_DAMAGED, "%s", path), "cut short");
    if (big_endian(header + HEADER_APPLICATION) != FORMAT_APPLICATION)
        return err_make(ERR_ALIEN, "%s", path);
    uint32_t version = big_endian(header + HEADER_USER_VERSION);
    if (version > FORMAT_VERSION)
        return err_detail(err_make(ERR_NEWER, "%s", path), "has format %u, this deja reads up to %u; update deja",
                          version, FORMAT_VERSION);
    if (version < 1)
        return err_make(ERR_DAMAGED, "%s", path);
    *format = version;
    return err_ok();
}

/* A plain file knows how long it should be. */
static err_t judge_length(const char *path, const uint8_t *header, uint64_t size_bytes)
{
    char is[GROUPED_BYTES], should[GROUPED_BYTES];
    uint64_t page_bytes = big_endian(header + HEADER_PAGE_SIZE) >> 16;
    uint64_t wanted = big_endian(header + HEADER_PAGES) * (page_bytes == 1 ? 65536 : page_bytes);
    bool known = big_endian(header + HEADER_CHANGES) == big_endian(header + HEADER_PAGES_VALID_FOR);
    if (!known || size_bytes >= wanted)
        return err_ok();
    return err_detail(err_make(ERR_DAMAGED, "%s", path), "cut short, %s of %s bytes", format_grouped(size_bytes, is),
                      format_grouped(wanted, should));
}

/* Looks at the file's first bytes. *with_wal: it is not one plain file yet. */
static err_t judge(const char *path, uint64_t *size_bytes, unsigned *format, bool *with_wal)
{
    uint8_t header[HEADER_BYTES];
    int fd;
    TRY(open_plain(path, &fd, size_bytes));
    ssize_t got = pread(fd, header, sizeof header, 0);
    int failure = errno;
    close(fd);
    if (got < 0)
        return err_detail(err_make(ERR_IO, "%s", path), "%s", strerror(failure));
    TRY(judge_identity(path, header, (size_t)got, format));
    *with_wal = header[HEADER_WRITE_VERSION] != 1 || header[HEADER_READ_VERSION] != 1;
    return *with_wal ? err_ok() : judge_length(path, header, *size_bytes);
}

/* Size of the file of this name and ending; 0 when there is none. */
static uint64_t size_beside(const char *path, const char *ending)
{
    char beside[PATH_MAX];
    struct stat status;
    if ((size_t)snprintf(beside, sizeof beside, "%s%s", path, ending) >= sizeof beside || stat(beside, &status) != 0)
        return 0;
    return (uint64_t)status.st_size;
}

/* Opens, and reads so much that sqlite meets whatever is wrong with the files. Leaves a transaction open: all that is
 * read is of one commit, also while somebody records. */
static err_t open_and_begin(const char *path, bool fixed, const char *subject, struct sql **sql)
{
    TRY(sql_open_read(path, fixed, subject, sql));
    err_t error = sql_exec(*sql, "BEGIN; SELECT count(*) FROM sqlite_master;");
    if (err_is(error)) {
        sql_close(*sql);
        *sql = NULL;
    }
    return error;
}

/* ---- a private copy ---------------------------------------------------------------------------------------- */

static err_t copy(const char *from, const char *to)
{
    uint8_t buffer[1 << 14];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t got = -1;
    if (in >= 0 && out >= 0) {
        while ((got = read(in, buffer, sizeof buffer)) > 0) {
            if (write(out, buffer, (size_t)got) != got) {
                got = -1;
                break;
            }
        }
    }
    err_t error = got == 0 ? err_ok() : err_detail(err_make(ERR_IO, "%s", to), "%s", strerror(errno));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return error;
}

/* Copies the file and its -wal, opens the copy and unlinks it: it is gone when it is closed. */
static err_t open_copy(const char *path, struct sql **sql)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    const char *place = getenv("TMPDIR");
    char folder[PATH_MAX - 16], from[PATH_MAX], to[PATH_MAX];
    int length = snprintf(folder, sizeof folder, "%s/deja-XXXXXX", place && *place ? place : "/tmp");
    if (length < 0 || (size_t)length >= sizeof folder || !mkdtemp(folder))
        return err_detail(err_make(ERR_UNREADABLE, "%s", path),
                          "needs its -wal, and there is no room for a copy; set TMPDIR");
    err_t error = err_ok();
    for (size_t i = 0; i < 2 && !err_is(error); i++) {
        snprintf(from, sizeof from, "%s%s", path, endings[i]);
        snprintf(to, sizeof to, "%s/copy%s", folder, endings[i]);
        error = copy(from, to);
    }
    snprintf(to, sizeof to, "%s/copy", folder);
    if (!err_is(error))
        error = open_and_begin(to, false, path, sql);
    for (size_t i = 0; i < 3; i++) {
        snprintf(to, sizeof to, "%s/copy%s", folder, endings[i]);
        unlink(to);
    }
    rmdir(folder);
    return error;
}

err_t recording_file_open(struct recording *recording)
{
    const char *path = recording->path;
    bool with_wal = false;
    recording->unborn = size_beside(path, "-journal") > 0; /* also of a file that is too short yet */
    TRY(judge(path, &recording->file_bytes, &recording->format, &with_wal));
    uint64_t wal_bytes = with_wal ? size_beside(path, "-wal") : 0;
    recording->file_bytes += wal_bytes;
    recording->apart = with_wal;
    err_t error = open_and_begin(path, wal_bytes == 0, path, &recording->sql);
    if (error.code == ERR_UNREADABLE && wal_bytes)
        error = open_copy(path, &recording->sql);
    return error;
}

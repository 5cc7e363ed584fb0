/* The only file that includes sqlite3.h. What each defence is for: https://sqlite.org/security.html */
#define _GNU_SOURCE /* mempcpy */
#include "sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No row of ours comes near: images are chunked, a snapshot's list holds 8 bytes a page. */
enum { ROW_BYTES_MAX = 64 << 20, BUSY_MS = 2000 };

struct sql {
    sqlite3 *db;
    char *subject;
    bool writes;
};

struct sql_query {
    sqlite3_stmt *statement;
    struct sql *sql;
};

/* ---- errors ------------------------------------------------------------------------------------------------ */

static bool out_of_space(int system_errno)
{
    return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

/* The system's reason for the last failed write: sqlite keeps it per file. */
static int write_errno(const struct sql *sql)
{
    static const int files[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
    for (size_t i = 0; i < 2; i++) {
        sqlite3_file *file = NULL;
        int why = 0;
        sqlite3_file_control(sql->db, "main", files[i], &file);
        if (file && file->pMethods)
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &why);
        if (out_of_space(why))
            return why;
    }
    return sqlite3_system_errno(sql->db);
}

static err_t io_failure(const struct sql *sql, int extended)
{
    int why = sql->writes ? write_errno(sql) : sqlite3_system_errno(sql->db);
    if (sql->writes && out_of_space(why))
        return err_make(ERR_DISK_FULL, "%s", sql->subject);
    if (!sql->writes && (extended == SQLITE_IOERR_SHORT_READ || extended == SQLITE_IOERR_CORRUPTFS))
        return err_detail(err_make(ERR_DAMAGED, "%s", sql->subject), "cut short");
    err_t error = err_make(ERR_IO, "%s", sql->subject);
    return why ? err_detail(error, "%s", strerror(why)) : error;
}

/* What sqlite says about the last call, as a row of err.def. */
static err_t failure(const struct sql *sql)
{
    int extended = sqlite3_extended_errcode(sql->db);
    enum err_code code = sql->writes ? ERR_IO : ERR_DAMAGED;
    switch (extended & 0xff) {
    case SQLITE_FULL:
        return err_make(ERR_DISK_FULL, "%s", sql->subject);
    case SQLITE_IOERR:
        return io_failure(sql, extended);
    case SQLITE_NOMEM:
        return err_make(ERR_NO_MEMORY, "%s", sql->subject);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_detail(err_make(ERR_IO, "%s", sql->subject), "in use by another program");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        code = sql->writes ? ERR_CANNOT_CREATE : ERR_UNREADABLE;
        break;
    default:
        break;
    }
    return err_detail(err_make(code, "%s", sql->subject), "%s", sqlite3_errmsg(sql->db));
}

static err_t result(const struct sql *sql, int code)
{
    return code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW ? err_ok() : failure(sql);
}

/* ---- opening ----------------------------------------------------------------------------------------------- */

/* A URI that sqlite takes for exactly this file: neither ":memory:" nor "a?b=c" nor "//host/" means anything special.
 */
static char *uri_of(const char *path, const char *query)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *scheme = path[0] == '/' ? "file://" : "file:./";
    size_t room = strlen(scheme) + 3 * strlen(path) + strlen(query) + 1;
    char *uri = malloc(room);
    if (!uri)
        return NULL;
    char *out = mempcpy(uri, scheme, strlen(scheme));
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/._-", c);
        *out++ = plain ? (char)c : '%';
        if (!plain) {
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
        }
    }
    memcpy(out, query, strlen(query) + 1);
    return uri;
}

static err_t open_database(const char *path, const char *query, int flags, const char *subject, struct sql **sql)
{
    *sql = NULL;
    char *uri = uri_of(path, query);
    struct sql *made = calloc(1, sizeof *made);
    if (made)
        made->subject = strdup(subject);
    err_t error = err_make(ERR_NO_MEMORY, "%s", subject);
    if (uri && made && made->subject) {
        made->writes = flags & SQLITE_OPEN_READWRITE;
        flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
        error = result(made, sqlite3_open_v2(uri, &made->db, flags, NULL));
    }
    free(uri);
    if (err_is(error)) {
        sql_close(made);
        return error;
    }
    sqlite3_busy_timeout(made->db, BUSY_MS);
    *sql = made;
    return err_ok();
}

/* Settings that are on or off. Older libraries may lack one: nothing else leans on any of them alone. */
static void harden(sqlite3 *db)
{
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        sqlite3_db_config(db, settings[i].option, settings[i].value, (int *)NULL);
}

static void limit(sqlite3 *db)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, ROW_BYTES_MAX}, {SQLITE_LIMIT_SQL_LENGTH, 16384},  {SQLITE_LIMIT_COLUMN, 32},
        {SQLITE_LIMIT_EXPR_DEPTH, 50},        {SQLITE_LIMIT_COMPOUND_SELECT, 3}, {SQLITE_LIMIT_VDBE_OP, 25000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},       {SQLITE_LIMIT_ATTACHED, 0},        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 32},   {SQLITE_LIMIT_TRIGGER_DEPTH, 1},   {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        sqlite3_limit(db, limits[i].limit, limits[i].value);
}

err_t sql_open_write(const char *path, struct sql **sql)
{
    return open_database(path, "", SQLITE_OPEN_READWRITE, path, sql);
}

err_t sql_open_read(const char *path, bool fixed, const char *subject, struct sql **sql)
{
    TRY(open_database(path, fixed ? "?immutable=1" : "", SQLITE_OPEN_READONLY, subject, sql));
    harden((*sql)->db);
    limit((*sql)->db);
    err_t error =
        sql_exec(*sql, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON; PRAGMA cache_size=-4096;");
    if (err_is(error)) {
        sql_close(*sql);
        *sql = NULL;
    }
    return error;
}

void sql_close(struct sql *sql)
{
    if (!sql)
        return;
    /* SQLITE_BUSY would mean that a query was not freed. */
    check(sqlite3_close(sql->db) == SQLITE_OK);
    free(sql->subject);
    free(sql);
}

const char *sql_subject(const struct sql *sql) { return sql->subject; }

/* ---- statements -------------------------------------------------------------------------------------------- */

err_t sql_exec(struct sql *sql, const char *text) { return result(sql, sqlite3_exec(sql->db, text, NULL, NULL, NULL)); }

err_t sql_fold(struct sql *sql, bool *plain)
{
    int code = sqlite3_wal_checkpoint_v2(sql->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(sql->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    *plain = code == SQLITE_OK;
    bool busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
    return busy ? err_ok() : result(sql, code);
}

err_t sql_prepare(struct sql *sql, const char *text, struct sql_query **query)
{
    *query = NULL;
    struct sql_query *made = malloc(sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", sql->subject);
    made->sql = sql;
    err_t error = result(sql, sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &made->statement, NULL));
    if (err_is(error)) {
        free(made);
        return error;
    }
    *query = made;
    return err_ok();
}

void sql_free(struct sql_query *query)
{
    if (!query)
        return;
    sqlite3_finalize(query->statement);
    free(query);
}

void sql_bind_u64(struct sql_query *query, int parameter, uint64_t value)
{
    check(sqlite3_bind_int64(query->statement, parameter, (sqlite3_int64)value) == SQLITE_OK);
}

void sql_bind_text(struct sql_query *query, int parameter, const void *bytes, size_t size_bytes)
{
    check(sqlite3_bind_text64(query->statement, parameter, size_bytes ? bytes : "", size_bytes, SQLITE_STATIC,
                              SQLITE_UTF8) == SQLITE_OK);
}

void sql_bind_blob(struct sql_query *query, int parameter, const void *bytes, size_t size_bytes)
{
    check(sqlite3_bind_blob64(query->statement, parameter, size_bytes ? bytes : "", size_bytes, SQLITE_STATIC) ==
          SQLITE_OK);
}

void sql_bind_null(struct sql_query *query, int parameter)
{
    check(sqlite3_bind_null(query->statement, parameter) == SQLITE_OK);
}

err_t sql_step(struct sql_query *query, bool *row)
{
    int code = sqlite3_step(query->statement);
    *row = code == SQLITE_ROW;
    return result(query->sql, code);
}

err_t sql_run(struct sql_query *query)
{
    bool row;
    err_t error = sql_step(query, &row);
    sql_reset(query);
    return error;
}

void sql_reset(struct sql_query *query)
{
    sqlite3_reset(query->statement); /* repeats the error of the last step, which was seen there */
}

bool sql_get_u64(struct sql_query *query, int column, uint64_t *value)
{
    if (sqlite3_column_type(query->statement, column) != SQLITE_INTEGER)
        return false;
    *value = (uint64_t)sqlite3_column_int64(query->statement, column);
    return true;
}

bool sql_get_blob(struct sql_query *query, int column, const uint8_t **bytes, size_t *size_bytes)
{
    if (sqlite3_column_type(query->statement, column) != SQLITE_BLOB)
        return false;
    *bytes = sqlite3_column_blob(query->statement, column);
    *size_bytes = (size_t)sqlite3_column_bytes(query->statement, column);
    return *bytes || *size_bytes == 0;
}

bool sql_get_text(struct sql_query *query, int column, const uint8_t **bytes, size_t *size_bytes)
{
    if (sqlite3_column_type(query->statement, column) != SQLITE_TEXT)
        return false;
    *bytes = sqlite3_column_text(query->statement, column);
    *size_bytes = (size_t)sqlite3_column_bytes(query->statement, column);
    return *bytes != NULL;
}

bool sql_get_null(struct sql_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

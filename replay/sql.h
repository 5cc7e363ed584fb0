/* sql: a thin, typed, suspicious layer over sqlite; sql.c is the one file that includes sqlite3.h.
 * Inner header of replay/.
 *
 * A column has the type that was asked for or the row is damaged. Errors name the file.
 */
#ifndef DEJA_SQL_H
#define DEJA_SQL_H

#include "../icount/icount.h"

struct sql;       /* an open file */
struct sql_query; /* a prepared statement */

/* Opens a file that exists already (it may be empty) to write a recording into it. */
NODISCARD err_t sql_open_write(const char *path, struct sql **sql);

/* Opens to read, all of sqlite's defences up. `fixed`: nobody writes to it and it has no -wal to be replayed: no lock,
 * no journal, no other file is looked at. Otherwise a -wal beside it is read, which may create a -shm. `subject` is
 * what errors call it (the path itself may be that of a private copy). */
NODISCARD err_t sql_open_read(const char *path, bool fixed, const char *subject, struct sql **sql);

/* Also with NULL. Every query must have been freed. */
void sql_close(struct sql *sql);

/* The file's name for messages. */
const char *sql_subject(const struct sql *sql);

/* Runs statements that return nothing that matters. */
NODISCARD err_t sql_exec(struct sql *sql, const char *text);

/* Folds the -wal into the file and leaves one plain file behind; `plain` tells whether that was possible (another
 * program may have it open). */
NODISCARD err_t sql_fold(struct sql *sql, bool *plain);

NODISCARD err_t sql_prepare(struct sql *sql, const char *text, struct sql_query **query);
void sql_free(struct sql_query *query); /* also NULL */

/* Parameters count from 1. Bytes are borrowed until the query is reset. */
void sql_bind_u64(struct sql_query *query, int parameter, uint64_t value);
void sql_bind_text(struct sql_query *query, int parameter, const void *bytes, size_t size_bytes);
void sql_bind_blob(struct sql_query *query, int parameter, const void *bytes, size_t size_bytes);
void sql_bind_null(struct sql_query *query, int parameter);

/* Next row; *row is false after the last one. */
NODISCARD err_t sql_step(struct sql_query *query, bool *row);

/* Runs a query that returns no row, and resets it. */
NODISCARD err_t sql_run(struct sql_query *query);
void sql_reset(struct sql_query *query);

/* Columns count from 0; false when the column has another type. Bytes are borrowed until the next step. */
bool sql_get_u64(struct sql_query *query, int column, uint64_t *value);
bool sql_get_blob(struct sql_query *query, int column, const uint8_t **bytes, size_t *size_bytes);
bool sql_get_text(struct sql_query *query, int column, const uint8_t **bytes, size_t *size_bytes);
bool sql_get_null(struct sql_query *query, int column);

#endif

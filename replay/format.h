/* format: what is in a recording's file, for its writer and its reader alike (docs/FORMAT.md). Inner header of replay/.
 *
 * format.def has one row per column; from it come the structs below, the schema, the statements and the digests.
 *
 * Who vouches for what: machine and image make the first link of every chain; each row of input, snapshot, block and
 * console adds a link to its table's chain; progress holds how many links there are and the last of each, and its own
 * checksum; ending vouches for progress. So a row that was changed, dropped, added, moved or taken from another
 * recording breaks a chain. Bytes that are read on demand are vouched for by a hash in their row.
 */
#ifndef DEJA_FORMAT_H
#define DEJA_FORMAT_H

#include "replay.h"
#include "sql.h"

enum {
    FORMAT_APPLICATION = 0x64656a61, /* "deja" */
    FORMAT_VERSION = 3,              /* the newest, and the one that is written */
    FORMAT_CHUNK_BYTES = 1 << 20,
    FORMAT_BLOCK_VERSIONS = 32,
    FORMAT_CHAIN_VERSIONS = 4,         /* differences in a row, at most */
    FORMAT_VERSION_HEAD_BYTES = 8 + 4, /* a version's hash and base */
    FORMAT_VERSION_BYTES = FORMAT_VERSION_HEAD_BYTES + PAGE_BYTES,
    FORMAT_BLOCK_BYTES = FORMAT_BLOCK_VERSIONS * FORMAT_VERSION_BYTES,
    FORMAT_STATE_BYTES_MAX = 16 << 20,
    FORMAT_PACK_RATIO = 256, /* lz4 never packs better than 255 to 1 */
};

/* A file says what it is from its first commit on. */
#define FORMAT_IDENTITY_PRAGMAS "PRAGMA application_id=1684367969; PRAGMA user_version=3;"

/* What is said of a file whose recorder came to nothing. */
#define FORMAT_UNBORN "it was broken off before anything was recorded; record anew"

/* Version numbers from here on are pages of the images. */
#define FORMAT_IMAGE_VERSION UINT32_C(0x80000000)

#define FORMAT_RAM_BYTES_MAX (UINT64_C(1) << 40)

/* Bytes that are borrowed; at is NULL when there are none. */
struct bytes {
    const uint8_t *at;
    size_t size_bytes;
};

/* struct machine_row, struct image_row, ... */
#define FIELD_ID                      uint64_t
#define FIELD_U64                     uint64_t
#define FIELD_TEXT                    struct bytes
#define FIELD_BLOB                    struct bytes
#define FIELD_FAR                     struct bytes
#define FIELD_CHECK                   uint64_t
#define TABLE(t, text)                struct t##_row {
#define COLUMN(t, column, kind, text) FIELD_##kind column;
#define END                                                                                                            \
    }                                                                                                                  \
    ;
#include "format.def"

enum column_kind { COLUMN_ID, COLUMN_U64, COLUMN_TEXT, COLUMN_BLOB, COLUMN_FAR, COLUMN_CHECK };

struct column {
    const char *name;
    const char *text;
    enum column_kind kind;
    uint32_t offset; /* in the table's row struct */
};

struct table {
    const char *name;
    const char *text;
    const struct column *columns;
    size_t ncolumns;
};

/* TABLE_machine, TABLE_image, ...: the order of format.def. */
enum table_id {
#define TABLE(t, text) TABLE_##t,
#include "format.def"
    TABLE_COUNT
};

/* Those of the newest format. */
extern const struct table format_tables[TABLE_COUNT];

/* The same in an older one: with fewer columns, the last of them. */
const struct table *format_table(unsigned format, enum table_id id);

/* Whether snapshots tell where code was executed. */
static inline bool format_tells_visited(unsigned format) { return format >= 3; }

/* How many of them a file of this format has. */
static inline unsigned format_table_count(unsigned format) { return format == 1 ? TABLE_branch : TABLE_COUNT; }

/* And how many kinds of input, counted from 1. */
static inline unsigned format_input_kinds(unsigned format) { return format == 1 ? INPUT_POWER : INPUT_POKE; }

/* ---- rows -------------------------------------------------------------------------------------------------------- */

enum { FORMAT_SQL_BYTES = 4096 };

/* create table ..., with the column's words as comments. */
void table_create_sql(const struct table *table, char sql[FORMAT_SQL_BYTES]);
/* insert or replace into ... */
void table_insert_sql(const struct table *table, char sql[FORMAT_SQL_BYTES]);
/* select (everything that is not FAR) from ... order by id */
void table_select_sql(const struct table *table, char sql[FORMAT_SQL_BYTES]);
/* select (the one FAR column) from ... where id = ? */
void table_far_sql(const struct table *table, char sql[FORMAT_SQL_BYTES]);

/* Binds every column of an insert. The row's bytes are borrowed until the query is reset. */
void row_bind(const struct table *table, const void *row, struct sql_query *query);

/* Fills the row from the current one of a select; FAR columns are left alone. False when a type is wrong. */
NODISCARD bool row_read(const struct table *table, void *row, struct sql_query *query);

/* The link that this row adds to a chain; of a CHECK column only what stands before it counts. */
uint64_t row_link(const struct table *table, const void *row, uint64_t chain);

/* The first link of a table's chain. */
uint64_t chain_start(uint64_t boot_digest, enum table_id table);

/* ---- the list of a snapshot's pages -------------------------------------------------------------------------------- */

/* A page that a snapshot holds: version 0 is the page of zeroes. */
struct page_entry {
    uint32_t number;
    uint32_t version;
};

/* Writes count * 8 bytes: all numbers, then all versions, each as the difference to the one before. */
void list_encode(const struct page_entry *entries, size_t count, uint8_t *bytes);

/* False unless numbers ascend below `pages`. Versions are not judged. */
NODISCARD bool list_decode(const uint8_t *bytes, size_t count, uint64_t pages, uint32_t *numbers, uint32_t *versions);

void format_put_u32(uint8_t *bytes, uint32_t value); /* little-endian, as everything in the file */
void format_put_u64(uint8_t *bytes, uint64_t value);
uint32_t format_get_u32(const uint8_t *bytes);
uint64_t format_get_u64(const uint8_t *bytes);

/* Unix time -> "2026-11-22 21:40:12 UTC". */
enum { FORMAT_DATE_BYTES = 32 };
void format_date(uint64_t unix_ns, char date[FORMAT_DATE_BYTES]);

/* True for bytes that are UTF-8 (RFC 3629) and hold no NUL. */
bool text_valid(const uint8_t *bytes, size_t size_bytes);

#endif

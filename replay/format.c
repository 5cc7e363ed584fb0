#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- the tables, from format.def --------------------------------------------------------------------------- */

#define TABLE(t, text)                static const struct column t##_columns[] = {
#define COLUMN(t, column, kind, text) {#column, text, COLUMN_##kind, offsetof(struct t##_row, column)},
#define END                                                                                                            \
    }                                                                                                                  \
    ;
#include "format.def"

const struct table format_tables[TABLE_COUNT] = {
#define TABLE(t, text) [TABLE_##t] = {#t, text, t##_columns, sizeof t##_columns / sizeof t##_columns[0]},
#include "format.def"
};

const struct table *format_table(unsigned format, enum table_id id)
{
    static const struct table unvisited = {"snapshot", "the whole state at a mark", snapshot_columns,
                                           sizeof snapshot_columns / sizeof snapshot_columns[0] - 1};
    return id == TABLE_snapshot && !format_tells_visited(format) ? &unvisited : &format_tables[id];
}

/* ---- numbers ------------------------------------------------------------------------------------------------ */

void format_put_u32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

void format_put_u64(uint8_t *bytes, uint64_t value)
{
    format_put_u32(bytes, (uint32_t)value);
    format_put_u32(bytes + 4, (uint32_t)(value >> 32));
}

uint32_t format_get_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint64_t format_get_u64(const uint8_t *bytes)
{
    return format_get_u32(bytes) | (uint64_t)format_get_u32(bytes + 4) << 32;
}

/* ---- statements -------------------------------------------------------------------------------------------- */

/* Appends printf-style text; what is made here is fixed by format.def and always fits. */
static void put(char *sql, const char *format, ...) PRINTF_LIKE(2, 3);
static void put(char *sql, const char *format, ...)
{
    size_t used = strlen(sql);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(sql + used, FORMAT_SQL_BYTES - used, format, arguments);
    va_end(arguments);
    check(length >= 0 && used + (size_t)length < FORMAT_SQL_BYTES);
}

void table_create_sql(const struct table *table, char sql[FORMAT_SQL_BYTES])
{
    static const char *const types[] = {[COLUMN_ID] = "INTEGER PRIMARY KEY",
                                        [COLUMN_U64] = "INTEGER",
                                        [COLUMN_TEXT] = "TEXT",
                                        [COLUMN_BLOB] = "BLOB",
                                        [COLUMN_FAR] = "BLOB",
                                        [COLUMN_CHECK] = "INTEGER"};
    sql[0] = 0;
    put(sql, "CREATE TABLE %s( -- %s\n", table->name, table->text);
    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct column *column = &table->columns[i];
        put(sql, "  %s %s%s -- %s\n", column->name, types[column->kind], i + 1 < table->ncolumns ? "," : "",
            column->text);
    }
    put(sql, ")");
}

void table_insert_sql(const struct table *table, char sql[FORMAT_SQL_BYTES])
{
    sql[0] = 0;
    put(sql, "INSERT OR REPLACE INTO %s VALUES(", table->name);
    for (size_t i = 0; i < table->ncolumns; i++)
        put(sql, "%s?", i ? "," : "");
    put(sql, ")");
}

void table_select_sql(const struct table *table, char sql[FORMAT_SQL_BYTES])
{
    sql[0] = 0;
    put(sql, "SELECT ");
    for (size_t i = 0; i < table->ncolumns; i++) {
        if (table->columns[i].kind != COLUMN_FAR)
            put(sql, "%s%s", i ? "," : "", table->columns[i].name);
    }
    put(sql, " FROM %s ORDER BY id", table->name);
}

void table_far_sql(const struct table *table, char sql[FORMAT_SQL_BYTES])
{
    size_t far = 0;
    while (table->columns[far].kind != COLUMN_FAR)
        check(++far < table->ncolumns);
    sql[0] = 0;
    put(sql, "SELECT %s FROM %s WHERE id=?", table->columns[far].name, table->name);
}

/* ---- rows -------------------------------------------------------------------------------------------------- */

static const void *field(const struct column *column, const void *row) { return (const uint8_t *)row + column->offset; }

static uint64_t number_of(const struct column *column, const void *row)
{
    return *(const uint64_t *)field(column, row);
}

static const struct bytes *bytes_of(const struct column *column, const void *row)
{
    return (const struct bytes *)field(column, row);
}

static void bind_text(struct sql_query *query, int parameter, const struct bytes *bytes)
{
    if (!bytes->at)
        sql_bind_null(query, parameter);
    else if (text_valid(bytes->at, bytes->size_bytes))
        sql_bind_text(query, parameter, bytes->at, bytes->size_bytes);
    else
        sql_bind_blob(query, parameter, bytes->at, bytes->size_bytes);
}

void row_bind(const struct table *table, const void *row, struct sql_query *query)
{
    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct column *column = &table->columns[i];
        const struct bytes *bytes = bytes_of(column, row);
        switch (column->kind) {
        case COLUMN_ID:
        case COLUMN_U64:
        case COLUMN_CHECK:
            sql_bind_u64(query, (int)i + 1, number_of(column, row));
            break;
        case COLUMN_TEXT:
            bind_text(query, (int)i + 1, bytes);
            break;
        case COLUMN_BLOB:
        case COLUMN_FAR:
            sql_bind_blob(query, (int)i + 1, bytes->at, bytes->size_bytes);
            break;
        }
    }
}

/* Text that we would have stored as such, or a blob that we would not, or NULL. */
static bool read_text(struct sql_query *query, int column, struct bytes *bytes)
{
    *bytes = (struct bytes){0};
    if (sql_get_null(query, column))
        return true;
    if (sql_get_text(query, column, &bytes->at, &bytes->size_bytes))
        return text_valid(bytes->at, bytes->size_bytes);
    return sql_get_blob(query, column, &bytes->at, &bytes->size_bytes) && bytes->at &&
           !text_valid(bytes->at, bytes->size_bytes);
}

bool row_read(const struct table *table, void *row, struct sql_query *query)
{
    bool good = true;
    int at = 0;
    for (size_t i = 0; i < table->ncolumns && good; i++) {
        const struct column *column = &table->columns[i];
        void *into = (uint8_t *)row + column->offset;
        struct bytes *bytes = into;
        switch (column->kind) {
        case COLUMN_ID:
        case COLUMN_U64:
        case COLUMN_CHECK:
            good = sql_get_u64(query, at++, into);
            break;
        case COLUMN_TEXT:
            good = read_text(query, at++, bytes);
            break;
        case COLUMN_BLOB:
            good = sql_get_blob(query, at++, &bytes->at, &bytes->size_bytes);
            break;
        case COLUMN_FAR:
            break;
        }
    }
    return good;
}

/* ---- digests ----------------------------------------------------------------------------------------------- */

/* What a link hashes: the chain, then 8 bytes for a number, 16 (size and hash) for bytes. All little-endian. */
struct digest {
    uint8_t bytes[512];
    size_t used;
};

static void digest_u64(struct digest *digest, uint64_t value)
{
    check(digest->used + 8 <= sizeof digest->bytes);
    format_put_u64(digest->bytes + digest->used, value);
    digest->used += 8;
}

uint64_t row_link(const struct table *table, const void *row, uint64_t chain)
{
    struct digest digest = {.used = 0};
    digest_u64(&digest, chain);
    for (size_t i = 0; i < table->ncolumns; i++) {
        const struct column *column = &table->columns[i];
        const struct bytes *bytes = bytes_of(column, row);
        switch (column->kind) {
        case COLUMN_ID:
        case COLUMN_U64:
            digest_u64(&digest, number_of(column, row));
            break;
        case COLUMN_TEXT: /* NULL is not "" */
        case COLUMN_BLOB:
            digest_u64(&digest, column->kind == COLUMN_TEXT && !bytes->at ? UINT64_MAX : bytes->size_bytes);
            digest_u64(&digest, bytes_hash(bytes->size_bytes ? bytes->at : (const uint8_t *)"", bytes->size_bytes));
            break;
        case COLUMN_FAR:
        case COLUMN_CHECK:
            break;
        }
    }
    return bytes_hash(digest.bytes, digest.used);
}

uint64_t chain_start(uint64_t boot_digest, enum table_id table)
{
    const char *name = format_tables[table].name;
    return boot_digest ^ bytes_hash(name, strlen(name));
}

/* ---- lists ------------------------------------------------------------------------------------------------- */

void list_encode(const struct page_entry *entries, size_t count, uint8_t *bytes)
{
    struct page_entry before = {0, 0};
    for (size_t i = 0; i < count; i++) {
        format_put_u32(bytes + 4 * i, entries[i].number - before.number);
        format_put_u32(bytes + 4 * (count + i), entries[i].version - before.version);
        before = entries[i];
    }
}

bool list_decode(const uint8_t *bytes, size_t count, uint64_t pages, uint32_t *numbers, uint32_t *versions)
{
    uint64_t number = 0;
    uint32_t version = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t step = format_get_u32(bytes + 4 * i);
        number += step;
        version += format_get_u32(bytes + 4 * (count + i));
        if (number >= pages || (i && !step))
            return false;
        numbers[i] = (uint32_t)number;
        versions[i] = version;
    }
    return true;
}

void format_date(uint64_t unix_ns, char date[FORMAT_DATE_BYTES])
{
    time_t seconds = (time_t)(unix_ns / 1000000000);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || !strftime(date, FORMAT_DATE_BYTES, "%Y-%m-%d %H:%M:%S UTC", &utc))
        date[0] = 0;
}

/* ---- text -------------------------------------------------------------------------------------------------- */

/* Length of the UTF-8 sequence at `bytes`, 0 when it is none (or a NUL). */
static size_t sequence(const uint8_t *bytes, size_t left)
{
    uint8_t lead = bytes[0];
    if (lead < 0x80)
        return lead != 0;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || left < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, beyond U+10FFFF. */
    bool bad = (lead == 0xe0 && bytes[1] < 0xa0) || (lead == 0xed && bytes[1] > 0x9f) ||
               (lead == 0xf0 && bytes[1] < 0x90) || (lead == 0xf4 && bytes[1] > 0x8f);
    return bad ? 0 : length;
}

bool text_valid(const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes;) {
        size_t length = sequence(bytes + i, size_bytes - i);
        if (!length)
            return false;
        i += length;
    }
    return true;
}

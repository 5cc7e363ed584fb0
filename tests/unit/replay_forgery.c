/* Recordings whose every checksum is right and whose contents are not: checksums find accidents, so whoever forges a
 * recording gets past them. What is behind must bound everything by itself: no crash, no endless loop, no memory
 * without end, whatever it reads. */
#include "recording_fixture.h"

#include <stdarg.h>
#include <time.h>

#include "replay/format.h"

enum { SEED = 51, STEPS = 12, FORGERIES = 600 };

/* ---- making the checksums right ------------------------------------------------------------------------------- */

static void run_sql(struct sql *sql, const char *format, ...) PRINTF_LIKE(2, 3);
static void run_sql(struct sql *sql, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ok(sql_exec(sql, text));
}

union any_row {
    struct machine_row machine;
    struct image_row image;
    struct input_row input;
    struct snapshot_row snapshot;
    struct block_row block;
    struct console_row console;
    struct progress_row progress;
    struct ending_row ending;
    struct branch_row branch;
};

/* Of the format that is forged. */
static unsigned tables = TABLE_branch;

/* Links all rows of a table to a chain; *count is how many there are, *row the last. */
static uint64_t relink(struct sql *sql, enum table_id id, uint64_t chain, uint64_t *count, union any_row *row)
{
    char text[FORMAT_SQL_BYTES];
    struct sql_query *query;
    bool more = true;
    table_select_sql(&format_tables[id], text);
    ok(sql_prepare(sql, text, &query));
    for (*count = 0; !err_is(sql_step(query, &more)) && more && row_read(&format_tables[id], row, query); ++*count)
        chain = row_link(&format_tables[id], row, chain);
    sql_free(query);
    return chain;
}

static void set(struct sql *sql, const char *table, const char *column, uint64_t value)
{
    run_sql(sql, "UPDATE %s SET %s = %lld", table, column, (long long)value);
}

/* Counts the rows anew and makes every chain and checksum fit them. */
static void forge(struct sql *sql)
{
    static const struct {
        enum table_id table;
        const char *rows, *chain;
    } chains[] = {{TABLE_input, "inputs", "input_chain"},
                  {TABLE_snapshot, "snapshots", "snapshot_chain"},
                  {TABLE_block, "blocks", "block_chain"},
                  {TABLE_console, "lines", "line_chain"}};
    union any_row row;
    uint64_t count, boot = relink(sql, TABLE_machine, 0, &count, &row);
    set(sql, "machine", "checksum", boot);
    boot = relink(sql, TABLE_image, boot, &count, &row);
    if (tables == TABLE_COUNT)
        boot = relink(sql, TABLE_branch, boot, &count, &row);
    for (size_t i = 0; i < 4; i++) {
        uint64_t chain = relink(sql, chains[i].table, chain_start(boot, chains[i].table), &count, &row);
        set(sql, "progress", chains[i].rows, count);
        set(sql, "progress", chains[i].chain, chain);
    }
    uint64_t checksum = relink(sql, TABLE_progress, boot, &count, &row);
    set(sql, "progress", "checksum", checksum);
    checksum = relink(sql, TABLE_ending, checksum, &count, &row);
    set(sql, "ending", "checksum", checksum);
}

/* ---- making the contents wrong -------------------------------------------------------------------------------- */

static long long some_number(uint64_t *seed)
{
    static const long long edges[] = {0, 1, 2, 33, 4096, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, INT64_MIN, -1};
    if (random_below(seed, 2))
        return edges[random_below(seed, sizeof edges / sizeof edges[0])];
    return (long long)random_magnitude(seed);
}

/* Some column of some row. */
static void forge_column(struct sql *sql, uint64_t *seed)
{
    const struct table *table = &format_tables[random_below(seed, tables)];
    const struct column *column = &table->columns[random_below(seed, table->ncolumns)];
    char where[200];
    snprintf(where, sizeof where, "WHERE rowid = (SELECT min(rowid) + %d %% count(*) FROM %s)",
             (int)random_below(seed, 1000), table->name);
    switch (column->kind) {
    case COLUMN_ID:
        if (random_below(seed, 2))
            run_sql(sql, "DELETE FROM %s %s", table->name, where);
        else
            run_sql(sql, "UPDATE OR REPLACE %s SET id = %lld %s", table->name, some_number(seed), where);
        break;
    case COLUMN_TEXT:
    case COLUMN_BLOB:
    case COLUMN_FAR:
        run_sql(sql, "UPDATE %s SET %s = CAST(printf('%%.*c', %d, 'x') || x'%016llx' AS BLOB) %s", table->name,
                column->name, (int)random_below(seed, 5000), (unsigned long long)random_u64(seed), where);
        break;
    case COLUMN_U64:
    case COLUMN_CHECK:
        run_sql(sql, "UPDATE %s SET %s = %lld %s", table->name, column->name, some_number(seed), where);
    }
}

/* Reads the packed column of the row, hands its bytes to `twist` and stores them again. */
static void repack(struct sql *sql, uint64_t *seed, const char *table, const char *column, uint64_t id, size_t size,
                   void (*twist)(uint64_t *seed, uint8_t *bytes, size_t size_bytes))
{
    char text[200];
    struct sql_query *query;
    const uint8_t *packed;
    size_t packed_bytes;
    bool row;
    uint8_t *bytes = malloc(size + 1), *again = malloc(pack_bound(size));
    snprintf(text, sizeof text, "SELECT %s FROM %s WHERE id = %d", column, table, (int)id);
    ok(sql_prepare(sql, text, &query));
    ok(sql_step(query, &row));
    ck_assert(row && sql_get_blob(query, 0, &packed, &packed_bytes));
    ck_assert(unpack_bytes(packed, packed_bytes, bytes, size));
    sql_free(query);
    twist(seed, bytes, size);
    packed_bytes = pack_bytes(bytes, size, again, pack_bound(size));
    snprintf(text, sizeof text, "UPDATE %s SET %s = ? WHERE id = %d", table, column, (int)id);
    ok(sql_prepare(sql, text, &query));
    sql_bind_blob(query, 1, again, packed_bytes);
    ok(sql_run(query));
    sql_free(query);
    if (strcmp(table, "block") == 0)
        run_sql(sql, "UPDATE block SET hash = %lld WHERE id = %d", (long long)bytes_hash(again, packed_bytes), (int)id);
    free(bytes), free(again);
}

static uint64_t ask(struct sql *sql, const char *text)
{
    struct sql_query *query;
    uint64_t value = 0;
    bool row;
    ok(sql_prepare(sql, text, &query));
    ok(sql_step(query, &row));
    ck_assert(row && sql_get_u64(query, 0, &value));
    sql_free(query);
    return value;
}

/* Hashes, bases and contents of a block's versions. */
static void twist_block(uint64_t *seed, uint8_t *bytes, size_t size_bytes)
{
    uint8_t *record = bytes + random_below(seed, size_bytes / FORMAT_VERSION_BYTES) * FORMAT_VERSION_BYTES;
    uint32_t base =
        (uint32_t)(random_below(seed, 2) ? random_below(seed, 60) : FORMAT_IMAGE_VERSION + random_below(seed, 30));
    format_put_u32(record + 8, random_below(seed, 4) ? base : (uint32_t)some_number(seed));
    if (random_below(seed, 2))
        format_put_u64(record, random_u64(seed));
}

static void forge_block(struct sql *sql, uint64_t *seed)
{
    uint64_t id = 1 + random_below(seed, ask(sql, "SELECT count(*) FROM block"));
    char text[100];
    snprintf(text, sizeof text, "SELECT versions FROM block WHERE id = %d", (int)id);
    repack(sql, seed, "block", "packed", id, ask(sql, text) * FORMAT_VERSION_BYTES, twist_block);
}

static void twist_list(uint64_t *seed, uint8_t *bytes, size_t size_bytes)
{
    uint8_t *number = bytes + random_below(seed, size_bytes / 4) * 4;
    format_put_u32(number, random_below(seed, 2) ? (uint32_t)random_below(seed, 99) : (uint32_t)some_number(seed));
}

static void forge_list(struct sql *sql, uint64_t *seed)
{
    char text[100];
    uint64_t id = 1 + random_below(seed, STEPS / STORY_SNAPSHOT_STEPS);
    snprintf(text, sizeof text, "SELECT pages FROM snapshot WHERE id = %d", (int)id);
    repack(sql, seed, "snapshot", "list", id, ask(sql, text) * 8, twist_list);
}

static void twist_state(uint64_t *seed, uint8_t *bytes, size_t size_bytes)
{
    random_fill(seed, bytes + random_below(seed, size_bytes - 8), 8);
}

static void forge_state(struct sql *sql, uint64_t *seed)
{
    char text[100];
    uint64_t id = random_below(seed, 1 + STEPS / STORY_SNAPSHOT_STEPS);
    snprintf(text, sizeof text, "SELECT state_bytes FROM snapshot WHERE id = %d", (int)id);
    repack(sql, seed, "snapshot", "state", id, ask(sql, text), twist_state);
}

static void (*const forgeries[])(struct sql *sql, uint64_t *seed) = {forge_column, forge_column, forge_block,
                                                                     forge_list, forge_state};

/* ---- reading all of it ---------------------------------------------------------------------------------------- */

static void read_snapshot(struct recording *recording, size_t index)
{
    uint8_t page[PAGE_BYTES], *state;
    size_t count;
    if (!err_is(recording_state(recording, index, &state, &count)))
        free(state);
    const uint32_t *numbers = recording_pages(recording, index, &count);
    uint64_t pages = recording_config(recording)->ram_size_bytes / PAGE_BYTES;
    for (size_t nth = 0; nth < count; nth++) {
        ck_assert_uint_lt(numbers[nth], pages);
        ck_assert(nth == 0 || numbers[nth] > numbers[nth - 1]);
        err_t error = recording_page(recording, index, nth, page);
        ck_assert(!err_is(error) || error.code == ERR_DAMAGED);
    }
}

static void check_inputs(struct recording *recording)
{
    size_t count;
    const struct input_record *inputs = recording_inputs(recording, &count);
    for (size_t i = 0; i < count; i++) {
        struct poke poke;
        ck_assert(inputs[i].kind == INPUT_CONSOLE || inputs[i].kind == INPUT_POWER ||
                  (tables == TABLE_COUNT && inputs[i].kind == INPUT_POKE &&
                   poke_decode(inputs[i].port, inputs[i].bytes, inputs[i].size_bytes, &poke)));
        ck_assert(inputs[i].at.n <= recording_end(recording).n && (i == 0 || inputs[i].at.n >= inputs[i - 1].at.n));
    }
}

static void check_origins(struct recording *recording)
{
    size_t count;
    const struct recording_origin *origins = recording_origins(recording, &count);
    ck_assert(count == 0 || tables == TABLE_COUNT);
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || origins[i].at.n >= origins[i - 1].at.n);
        for (const char *c = origins[i].name; *c; c++)
            ck_assert((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

/* True when it opened. Whatever is handed out keeps the promises of recording.h. */
static bool read_all(const char *path)
{
    struct recording *recording;
    struct recording_info info;
    size_t count;
    err_t error = recording_open(path, &recording);
    if (err_is(error)) {
        ck_assert_msg(error.code == ERR_DAMAGED || error.code == ERR_NO_MEMORY, "%s", error.detail);
        return false;
    }
    ok(recording_info(recording, &info));
    const struct board_config *config = recording_config(recording);
    ck_assert(config->nharts >= 1 && config->nharts <= HARTS_MAX && config->ns_shift <= 10);
    ck_assert(config->ram_size_bytes && config->ram_size_bytes % PAGE_BYTES == 0);
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    ck_assert(count >= 1 && marks[0].at.n == 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || marks[i].at.n >= marks[i - 1].at.n);
        ck_assert_uint_le(marks[i].at.n, recording_end(recording).n);
        read_snapshot(recording, i);
    }
    check_inputs(recording);
    check_origins(recording);
    error = recording_check(recording, NULL);
    ck_assert(!err_is(error) || error.code == ERR_DAMAGED);
    recording_close(recording);
    return true;
}

static void forge_many(void)
{
    const char *path = fixture_path("good.deja"), *forged = fixture_path("forged.deja");
    uint64_t seed = 3;
    unsigned opened = 0;
    struct file_copy good = file_read(path);
    for (unsigned i = 0; i < FORGERIES; i++) {
        struct sql *sql;
        file_write(forged, good.bytes, good.size_bytes);
        ok(sql_open_write(forged, &sql));
        ok(sql_exec(sql, "PRAGMA synchronous=OFF; BEGIN"));
        forgeries[i % 5](sql, &seed);
        forge(sql);
        ok(sql_exec(sql, "COMMIT"));
        sql_close(sql);
        time_t before = time(NULL);
        opened += read_all(forged);
        ck_assert_int_le(time(NULL) - before, 5);
    }
    /* It is the checksums that were in the way: with them right, what is behind was reached. */
    ck_assert_uint_gt(opened, FORGERIES / 4);
    ck_assert_uint_lt(opened, FORGERIES);
    free(good.bytes);
}

START_TEST(forged_recordings_do_no_harm)
{
    story_record(fixture_path("good.deja"), SEED, STEPS);
    forge_many();
}
END_TEST

START_TEST(forged_branches_do_no_harm)
{
    tables = TABLE_COUNT;
    story_record_branch(fixture_path("good.deja"), SEED, STEPS);
    forge_many();
}
END_TEST

START_TEST(nothing_forged_is_still_the_recording)
{
    const char *path = fixture_path("good.deja");
    struct sql *sql;
    story_record(path, SEED, STEPS);
    ok(sql_open_write(path, &sql));
    forge(sql);
    sql_close(sql);
    struct verdict verdict = judge_file(path, SEED);
    ck_assert_msg(verdict.judgement == IDENTICAL && verdict.complete, "%s %s", verdict.error.detail, verdict.what);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forged recordings");
    fixture_add(suite, "forged", forged_recordings_do_no_harm);
    fixture_add(suite, "forged branches", forged_branches_do_no_harm);
    fixture_add(suite, "not forged", nothing_forged_is_still_the_recording);
    return fixture_run(suite);
}

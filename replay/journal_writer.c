#include "journal_writer.h"

#include <stdlib.h>
#include <string.h>

#include "journal_console.h"
#include "version.h"

struct writer {
    const struct board_config *config;
    struct journal_lineage lineage;
    struct keeper *keeper;
    uint64_t created_ns;
    struct sql *sql;
    struct sql_query *insert[TABLE_COUNT];
    bool begun; /* a transaction is open */
    bool born;  /* a snapshot has been committed */
    bool young; /* see WHILE_YOUNG */
    uint64_t born_ms;
    uint64_t boot_digest;
    struct progress_row progress; /* as of the rows inserted */
    icount_t committed;

    struct version_writer *versions;
    uint64_t npages;
    uint64_t *page_hashes; /* of every page, as of the last page record */
    uint64_t ram_hash;     /* their sum */

    /* The snapshot that is coming in. */
    struct page_entry *list;
    size_t nlist, list_room;
    uint8_t *state;
    size_t state_bytes, state_room;
    struct visited visited;

    struct console_lines lines;
};

#define NO_SYNC "PRAGMA synchronous=OFF;"

/* At first the -wal is folded into the file with each commit, and the disk is not waited for: somebody waits for the
 * end of a short run, and then little is left to fold. In a power cut that may cost the file, of which there is not
 * much yet. Later on so much of a -wal is folded in at once, in 4 KiB, with a wait for the disk. */
enum { YOUNG_MS = 5000 };
#define WHILE_YOUNG   "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=250;"
#define WHILE_RUNNING "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=16000;"

static err_t no_memory(const struct writer *writer) { return err_make(ERR_NO_MEMORY, "%s", sql_subject(writer->sql)); }

/* Makes room for `need` elements in a growing array. */
static bool grow(void **array, size_t *room, size_t need, size_t element_bytes)
{
    if (need <= *room)
        return true;
    size_t larger = need + need / 2 + 64;
    void *grown = reallocarray(*array, larger, element_bytes);
    if (!grown)
        return false;
    *array = grown;
    *room = larger;
    return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------- */

static err_t begin(struct writer *writer)
{
    if (writer->begun)
        return err_ok();
    TRY(sql_exec(writer->sql, "BEGIN"));
    writer->begun = true;
    return err_ok();
}

static err_t insert(struct writer *writer, enum table_id table, const void *row)
{
    TRY(begin(writer));
    row_bind(&format_tables[table], row, writer->insert[table]);
    return sql_run(writer->insert[table]);
}

/* Inserts a row and lengthens its table's chain. */
static err_t link_row(struct writer *writer, enum table_id table, const void *row, uint64_t *chain)
{
    *chain = row_link(&format_tables[table], row, *chain);
    return insert(writer, table, row);
}

/* History is known up to here. */
static void advance(struct writer *writer, uint64_t at, uint64_t when)
{
    if (at > writer->progress.icount)
        writer->progress.icount = at;
    if (when > writer->progress.vtime)
        writer->progress.vtime = when;
}

static err_t emit_block(void *context, const struct block_row *row)
{
    struct writer *writer = context;
    writer->progress.blocks++;
    return link_row(writer, TABLE_block, row, &writer->progress.block_chain);
}

static err_t emit_line(void *context, struct console_row *row, size_t size_bytes)
{
    struct writer *writer = context;
    row->id = ++writer->progress.lines;
    writer->progress.console_bytes += size_bytes;
    return link_row(writer, TABLE_console, row, &writer->progress.line_chain);
}

/* ---- records ----------------------------------------------------------------------------------------------- */

static err_t apply_input(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    struct input_row row = {
        .id = ++writer->progress.inputs,
        .icount = record->at,
        .vtime = record->when,
        .kind = record->detail,
        .port = record->number,
        .bytes = {bytes, record->size_bytes},
    };
    advance(writer, record->at, record->when);
    return link_row(writer, TABLE_input, &row, &writer->progress.input_chain);
}

static err_t apply_output(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    return console_put(&writer->lines, record->at, record->number, bytes, record->size_bytes, emit_line, writer);
}

static err_t apply_page(struct writer *writer, uint32_t number, const uint8_t *bytes)
{
    uint32_t version;
    check(number < writer->npages);
    uint64_t hash = page_hash(number, bytes);
    writer->ram_hash += hash - writer->page_hashes[number];
    writer->page_hashes[number] = hash;
    if (writer->progress.snapshots == 0) { /* the images make these */
        version_begin(writer->versions, number, bytes);
        return err_ok();
    }
    if (!grow((void **)&writer->list, &writer->list_room, writer->nlist + 1, sizeof *writer->list))
        return no_memory(writer);
    TRY(begin(writer));
    TRY(version_put(writer->versions, number, bytes, &version));
    writer->list[writer->nlist++] = (struct page_entry){number, version};
    return err_ok();
}

/* Takes all of them, also when nobody wants them any more: the machine may be waiting for that. */
static err_t take_kept_pages(struct writer *writer, const struct record *record, const uint8_t *bytes, bool wanted)
{
    uint8_t page[PAGE_BYTES];
    err_t error = err_ok();
    for (size_t at = 0; at < record->size_bytes; at += sizeof(uint32_t)) {
        uint32_t number;
        memcpy(&number, bytes + at, sizeof number);
        keeper_take(writer->keeper, number, page);
        if (wanted && !err_is(error))
            error = apply_page(writer, number, page);
    }
    return error;
}

static err_t apply_state(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    size_t need = writer->state_bytes + record->size_bytes;
    check(need <= FORMAT_STATE_BYTES_MAX);
    if (!grow((void **)&writer->state, &writer->state_room, need, 1))
        return no_memory(writer);
    memcpy(writer->state + writer->state_bytes, bytes, record->size_bytes);
    writer->state_bytes = need;
    return err_ok();
}

/* lz4 of `size_bytes` into a malloc'ed buffer; at is NULL without memory. */
static struct bytes packed_copy(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *packed = malloc(pack_bound(size_bytes));
    if (!packed)
        return (struct bytes){0};
    size_t packed_bytes = pack_bytes(bytes, size_bytes, packed, pack_bound(size_bytes));
    check(packed_bytes > 0);
    return (struct bytes){packed, packed_bytes};
}

/* The list of the snapshot that came in, packed. */
static struct bytes packed_list(struct writer *writer)
{
    struct bytes packed = {0};
    uint8_t *bytes = malloc(8 * writer->nlist + 1);
    if (bytes) {
        list_encode(writer->list, writer->nlist, bytes);
        packed = packed_copy(bytes, 8 * writer->nlist);
    }
    free(bytes);
    return packed;
}

static err_t apply_visited(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    check(record->size_bytes == sizeof writer->visited.bytes);
    memcpy(writer->visited.bytes, bytes, sizeof writer->visited.bytes);
    return err_ok();
}

static err_t apply_snapshot(struct writer *writer, const struct record *record)
{
    TRY(version_flush(writer->versions));
    struct snapshot_row row = {
        .id = writer->progress.snapshots++,
        .icount = record->at,
        .vtime = record->when,
        .state_hash = bytes_hash(writer->state, writer->state_bytes),
        .ram_hash = writer->ram_hash,
        .state_bytes = writer->state_bytes,
        .pages = writer->nlist,
        .list = packed_list(writer),
        .state = packed_copy(writer->state, writer->state_bytes),
        .visited = packed_copy(writer->visited.bytes, sizeof writer->visited.bytes),
    };
    err_t error = no_memory(writer);
    if (row.list.at && row.state.at && row.visited.at)
        error = link_row(writer, TABLE_snapshot, &row, &writer->progress.snapshot_chain);
    free((void *)row.list.at);
    free((void *)row.state.at);
    free((void *)row.visited.at);
    writer->nlist = writer->state_bytes = 0;
    advance(writer, record->at, record->when);
    return error;
}

static err_t apply_progress(struct writer *writer, const struct record *record)
{
    TRY(begin(writer));
    advance(writer, record->at, record->when);
    return err_ok();
}

err_t writer_apply(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    switch (record->kind) {
    case RECORD_INPUT:
        return apply_input(writer, record, bytes);
    case RECORD_OUTPUT:
        return apply_output(writer, record, bytes);
    case RECORD_PAGE:
        check(record->size_bytes == PAGE_BYTES);
        return apply_page(writer, record->number, bytes);
    case RECORD_KEPT_PAGES:
        return take_kept_pages(writer, record, bytes, true);
    case RECORD_STATE:
        return apply_state(writer, record, bytes);
    case RECORD_VISITED:
        return apply_visited(writer, record, bytes);
    case RECORD_SNAPSHOT:
        return apply_snapshot(writer, record);
    case RECORD_PROGRESS:
        return apply_progress(writer, record);
    case RECORD_SEAL:
        break; /* ends the thread, is no row */
    }
    return err_ok();
}

void writer_skip(struct writer *writer, const struct record *record, const uint8_t *bytes)
{
    if (record->kind == RECORD_KEPT_PAGES)
        (void)!err_is(take_kept_pages(writer, record, bytes, false));
}

/* ---- commits ----------------------------------------------------------------------------------------------- */

bool writer_pending(const struct writer *writer)
{
    return writer->progress.snapshots && (writer->begun || console_pending(&writer->lines));
}

static err_t store_progress(struct writer *writer)
{
    struct progress_row *row = &writer->progress;
    row->checksum = row_link(&format_tables[TABLE_progress], row, writer->boot_digest);
    return insert(writer, TABLE_progress, row);
}

static err_t commit(struct writer *writer)
{
    TRY(sql_exec(writer->sql, "COMMIT"));
    writer->begun = false;
    writer->born = writer->progress.snapshots > 0;
    writer->committed = icount_of(writer->progress.icount);
    return err_ok();
}

/* From now on a commit survives kill -9 at once, and a power cut except for the last few. */
static err_t grow_up(struct writer *writer)
{
    writer->young = false;
    return sql_exec(writer->sql, WHILE_RUNNING);
}

err_t writer_commit(struct writer *writer, uint64_t now_ms)
{
    TRY(console_flush(&writer->lines, now_ms, emit_line, writer));
    if (!writer->begun)
        return err_ok();
    TRY(store_progress(writer));
    if (!writer->born)
        writer->born_ms = now_ms;
    TRY(commit(writer));
    return writer->young && now_ms - writer->born_ms >= YOUNG_MS ? grow_up(writer) : err_ok();
}

icount_t writer_committed(const struct writer *writer) { return writer->committed; }

bool writer_born(const struct writer *writer) { return writer->born; }

err_t writer_seal(struct writer *writer, const struct ending_row *ending)
{
    struct ending_row row = *ending;
    bool plain;
    TRY(console_flush(&writer->lines, UINT64_MAX, emit_line, writer));
    advance(writer, ending->icount, ending->vtime);
    writer->progress.sealed = 1;
    TRY(store_progress(writer));
    row.checksum = row_link(&format_tables[TABLE_ending], &row, writer->progress.checksum);
    TRY(insert(writer, TABLE_ending, &row));
    TRY(commit(writer));
    TRY(sql_exec(writer->sql, NO_SYNC)); /* somebody waits for the end of the run, and need not wait for the disk */
    return sql_fold(writer->sql, &plain);
}

void writer_abandon(struct writer *writer)
{
    bool plain;
    err_t ignored = sql_exec(writer->sql, "ROLLBACK"); /* there may be nothing left to roll back */
    ignored = sql_fold(writer->sql, &plain);           /* the -wal stays beside the file: as good, less handy */
    (void)ignored;
}

/* ---- creation ---------------------------------------------------------------------------------------------- */

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    version_writer_destroy(writer->versions);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        sql_free(writer->insert[i]);
    sql_close(writer->sql);
    memory_put(writer->page_hashes, writer->npages * sizeof *writer->page_hashes);
    free(writer->list);
    free(writer->state);
    free(writer);
}

static err_t make_tables(struct writer *writer)
{
    char text[FORMAT_SQL_BYTES];
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        table_create_sql(&format_tables[i], text);
        TRY(sql_exec(writer->sql, text));
        table_insert_sql(&format_tables[i], text);
        TRY(sql_prepare(writer->sql, text, &writer->insert[i]));
    }
    return err_ok();
}

static err_t store_chunks(struct writer *writer, uint64_t image_id, const struct image *image, uint64_t *chunk_id)
{
    for (size_t at = 0; at < image->size_bytes; at += FORMAT_CHUNK_BYTES) {
        size_t left = image->size_bytes - at;
        struct chunk_row row = {.id = ++*chunk_id, .image = image_id};
        row.packed = packed_copy(image->bytes + at, left < FORMAT_CHUNK_BYTES ? left : FORMAT_CHUNK_BYTES);
        err_t error = row.packed.at ? insert(writer, TABLE_chunk, &row) : no_memory(writer);
        free((void *)row.packed.at);
        TRY(error);
    }
    return err_ok();
}

/* The images that were given; lengthens the boot digest. */
static err_t store_images(struct writer *writer, const struct board_config *config)
{
    const struct image *images[] = {&config->firmware, &config->kernel, &config->initrd};
    uint64_t id = 0, chunk_id = 0;
    for (size_t i = 0; i < 3; i++) {
        if (!images[i]->bytes)
            continue;
        const char *name = images[i]->name ? images[i]->name : "";
        struct image_row row = {
            .id = ++id,
            .role = i + 1,
            .name = {(const uint8_t *)name, strlen(name)},
            .size_bytes = images[i]->size_bytes,
            .hash = bytes_hash(images[i]->bytes, images[i]->size_bytes),
        };
        TRY(link_row(writer, TABLE_image, &row, &writer->boot_digest));
        TRY(store_chunks(writer, id, images[i], &chunk_id));
    }
    return err_ok();
}

static err_t store_lineage(struct writer *writer)
{
    for (size_t i = 0; i < writer->lineage.count; i++) {
        const struct recording_origin *origin = &writer->lineage.origins[i];
        struct branch_row row = {
            .id = i + 1,
            .name = {(const uint8_t *)origin->name, strlen(origin->name)},
            .icount = origin->at.n,
            .parent = origin->parent,
        };
        TRY(link_row(writer, TABLE_branch, &row, &writer->boot_digest));
    }
    return err_ok();
}

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text ? strlen(text) : 0};
}

static err_t store_machine(struct writer *writer, const struct board_config *config, uint64_t now_ns)
{
    char created[FORMAT_DATE_BYTES];
    format_date(now_ns, created);
    struct machine_row row = {
        .id = 1,
        .creator = text_bytes("deja " DEJA_VERSION),
        .created = text_bytes(created),
        .memory_bytes = config->ram_size_bytes,
        .harts = config->nharts,
        .append = text_bytes(config->append),
        .seed = config->seed,
        .epoch_ns = config->epoch_ns,
        .ns_shift = config->ns_shift,
        .semihosting = config->semihosting_files,
        .images = !!config->firmware.bytes + !!config->kernel.bytes + !!config->initrd.bytes,
    };
    row.checksum = row_link(&format_tables[TABLE_machine], &row, 0);
    writer->boot_digest = row.checksum;
    return insert(writer, TABLE_machine, &row);
}

static void start_chains(struct writer *writer)
{
    struct progress_row *progress = &writer->progress;
    progress->id = 1;
    progress->input_chain = chain_start(writer->boot_digest, TABLE_input);
    progress->snapshot_chain = chain_start(writer->boot_digest, TABLE_snapshot);
    progress->block_chain = chain_start(writer->boot_digest, TABLE_block);
    progress->line_chain = chain_start(writer->boot_digest, TABLE_console);
}

/* What is booted goes straight into the file, in one transaction; from then on a -wal takes the commits. Nothing is
 * synced before the first checkpoint: there is nothing worth it yet. */
static err_t store_boot(struct writer *writer)
{
    TRY(sql_exec(writer->sql, NO_SYNC "PRAGMA page_size=4096; PRAGMA cache_size=-1024;"));
    TRY(begin(writer));
    TRY(sql_exec(writer->sql, FORMAT_IDENTITY_PRAGMAS));
    TRY(make_tables(writer));
    TRY(store_machine(writer, writer->config, writer->created_ns));
    TRY(store_images(writer, writer->config));
    TRY(store_lineage(writer));
    start_chains(writer);
    TRY(store_progress(writer));
    TRY(commit(writer));
    writer->young = true;
    return sql_exec(writer->sql, WHILE_YOUNG);
}

err_t writer_boot(struct writer *writer)
{
    TRY(store_boot(writer));
    return version_writer_create(writer->sql, writer->config, emit_block, writer, &writer->versions);
}

err_t writer_create(const char *path, const struct board_config *config, struct journal_lineage lineage,
                    struct keeper *keeper, uint64_t now_ns, struct writer **writer)
{
    *writer = NULL;
    struct writer *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", path);
    made->config = config;
    made->created_ns = now_ns;
    made->lineage = lineage;
    made->keeper = keeper;
    made->npages = config->ram_size_bytes / PAGE_BYTES;
    made->page_hashes = memory_get(made->npages * sizeof *made->page_hashes);
    err_t error = sql_open_write(path, &made->sql);
    if (!err_is(error) && !made->page_hashes)
        error = no_memory(made);
    if (err_is(error)) {
        writer_destroy(made);
        return error;
    }
    *writer = made;
    return err_ok();
}

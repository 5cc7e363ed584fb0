/* recording_load: a recording's tables, row by row, each judged before it is believed. */
#include "recording_inner.h"

#include <stdlib.h>
#include <string.h>

#include "poke.h"

/* Lists come packed up to 255 to 1: a small file could ask for any amount of memory. */
#define LIST_BYTES_MAX (UINT64_C(2) << 30)

static err_t no_memory(const struct recording *recording) { return err_make(ERR_NO_MEMORY, "%s", recording->path); }

/* ---- scanning ---------------------------------------------------------------------------------------------- */

static err_t scan_rows(struct recording *recording, enum table_id table, uint64_t first_id, uint64_t count,
                       uint64_t *chain, void *row, row_visit *visit, struct sql_query *query)
{
    const struct table *columns = format_table(recording->format, table);
    uint64_t done = 0;
    for (;; done++) {
        bool more;
        TRY(sql_step(query, &more));
        if (!more)
            break;
        /* Every row starts with its id. */
        if (done == count || !row_read(columns, row, query) || *(uint64_t *)row != first_id + done)
            return recording_damaged(recording, "row %llu of its table %s is wrong", (unsigned long long)done + 1,
                                     columns->name);
        *chain = row_link(columns, row, *chain);
        if (visit)
            TRY(visit(recording, row));
    }
    return done == count ? err_ok() : recording_damaged(recording, "rows of its table %s are missing", columns->name);
}

err_t recording_scan(struct recording *recording, enum table_id table, uint64_t first_id, uint64_t count,
                     uint64_t *chain, void *row, row_visit *visit)
{
    char text[FORMAT_SQL_BYTES];
    struct sql_query *query;
    table_select_sql(format_table(recording->format, table), text);
    TRY(sql_prepare(recording->sql, text, &query));
    err_t error = scan_rows(recording, table, first_id, count, chain, row, visit, query);
    sql_free(query);
    return error;
}

/* ---- the schema -------------------------------------------------------------------------------------------- */

/* Drops comments: from -- to the end of the line. What is left must be ours to the letter, so that no comment can start
 * in a place where sqlite would not see one. */
static size_t strip(const uint8_t *text, size_t size_bytes, char *stripped)
{
    size_t used = 0;
    bool comment = false;
    for (size_t i = 0; i < size_bytes; i++) {
        if (text[i] == '\n')
            comment = false;
        else if (text[i] == '-' && i + 1 < size_bytes && text[i + 1] == '-')
            comment = true;
        if (!comment)
            stripped[used++] = (char)text[i];
    }
    return used;
}

static bool ours(const struct table *table, const uint8_t *text, size_t size_bytes)
{
    char wanted[FORMAT_SQL_BYTES], stripped[FORMAT_SQL_BYTES];
    if (size_bytes > sizeof stripped)
        return false;
    table_create_sql(table, wanted);
    size_t wanted_bytes = strip((const uint8_t *)wanted, strlen(wanted), wanted);
    size_t stripped_bytes = strip(text, size_bytes, stripped);
    return stripped_bytes == wanted_bytes && memcmp(stripped, wanted, wanted_bytes) == 0;
}

static err_t check_schema(struct recording *recording, struct sql_query *query)
{
    err_t alien = recording_damaged(recording, "has not the tables of a recording");
    for (unsigned table = 0;; table++) {
        const uint8_t *kind, *text;
        size_t kind_bytes, text_bytes;
        bool row;
        TRY(sql_step(query, &row));
        if (!row)
            return table == format_table_count(recording->format) ? err_ok() : alien;
        bool good = table < format_table_count(recording->format) && sql_get_text(query, 0, &kind, &kind_bytes) &&
                    kind_bytes == 5 && memcmp(kind, "table", 5) == 0 && sql_get_text(query, 1, &text, &text_bytes) &&
                    ours(format_table(recording->format, table), text, text_bytes);
        if (!good)
            return alien;
    }
}

/* No table, index, view or trigger but ours, in our order. */
static err_t load_schema(struct recording *recording)
{
    struct sql_query *query;
    TRY(sql_prepare(recording->sql, "SELECT type, sql FROM sqlite_master ORDER BY rowid", &query));
    err_t error = check_schema(recording, query);
    sql_free(query);
    return error;
}

/* ---- what was booted --------------------------------------------------------------------------------------- */

/* Text for people: cut to size, without commands to a terminal. */
static void copy_text(char *into, size_t room, const struct bytes *text)
{
    size_t length = text->size_bytes < room - 1 ? text->size_bytes : room - 1;
    for (size_t i = 0; i < length; i++)
        into[i] = text->at[i] < 0x20 || text->at[i] == 0x7f ? '?' : (char)text->at[i];
    into[length] = 0;
}

static err_t copy_append(struct recording *recording, const struct bytes *append)
{
    if (!append->at)
        return err_ok();
    if (memchr(append->at, 0, append->size_bytes))
        return recording_damaged(recording, "its command line is wrong");
    recording->append = strndup((const char *)append->at, append->size_bytes);
    recording->config.append = recording->append;
    return recording->append ? err_ok() : no_memory(recording);
}

static err_t visit_machine(struct recording *recording, const void *visited)
{
    const struct machine_row *row = visited;
    if (row->checksum != row_link(&format_tables[TABLE_machine], row, 0))
        return recording_damaged(recording, "its table machine fails its checksum");
    bool sane = row->memory_bytes && row->memory_bytes % PAGE_BYTES == 0 && row->memory_bytes <= FORMAT_RAM_BYTES_MAX &&
                row->harts >= 1 && row->harts <= HARTS_MAX && row->ns_shift <= 10 && row->semihosting <= 1 &&
                row->images <= IMAGES_MAX;
    if (!sane)
        return recording_damaged(recording, "it describes no machine that there is");
    copy_text(recording->creator, sizeof recording->creator, &row->creator);
    copy_text(recording->created, sizeof recording->created, &row->created);
    struct board_config *config = &recording->config;
    config->ram_size_bytes = row->memory_bytes;
    config->nharts = (unsigned)row->harts;
    config->seed = row->seed;
    config->epoch_ns = row->epoch_ns;
    config->ns_shift = (uint32_t)row->ns_shift;
    config->semihosting_files = row->semihosting;
    return copy_append(recording, &row->append);
}

static struct image *image_of(struct recording *recording, uint64_t role)
{
    struct image *images[] = {&recording->config.firmware, &recording->config.kernel, &recording->config.initrd};
    return images[role - 1];
}

static err_t visit_image(struct recording *recording, const void *visited)
{
    const struct image_row *row = visited;
    if (row->role < 1 || row->role > IMAGES_MAX || recording->images[row->role - 1] ||
        row->size_bytes / FORMAT_PACK_RATIO > recording->file_bytes)
        return recording_damaged(recording, "its table image is wrong");
    size_t index = row->role - 1;
    recording->names[index] = malloc(row->name.size_bytes + 1);
    if (!recording->names[index] || !(recording->images[index] = memory_get(row->size_bytes + 1)))
        return no_memory(recording);
    copy_text(recording->names[index], row->name.size_bytes + 1, &row->name);
    recording->image_hashes[index] = row->hash;
    *image_of(recording, row->role) = (struct image){
        .name = recording->names[index], .bytes = recording->images[index], .size_bytes = row->size_bytes};
    return err_ok();
}

static err_t load_chunk(struct recording *recording, struct sql_query *query, uint64_t id, uint8_t *into, size_t size)
{
    const uint8_t *packed;
    size_t packed_bytes;
    bool row, good;
    sql_bind_u64(query, 1, id);
    TRY(sql_step(query, &row));
    good = row && sql_get_blob(query, 0, &packed, &packed_bytes) && packed &&
           unpack_bytes(packed, packed_bytes, into, size);
    sql_reset(query);
    return good ? err_ok() : recording_damaged(recording, "its images fail their checksums");
}

static uint64_t chunks_of(const struct image *image)
{
    return image->bytes ? (image->size_bytes + FORMAT_CHUNK_BYTES - 1) / FORMAT_CHUNK_BYTES : 0;
}

/* The row of the table image that this chunk belongs to; one that is not there, when it belongs to none. */
static uint64_t chunk_owner(struct recording *recording, uint64_t id)
{
    uint64_t before = 0, owner = 0;
    for (unsigned role = 1; role <= IMAGES_MAX && id > before; role++) {
        const struct image *image = image_of(recording, role);
        before += chunks_of(image);
        owner += image->bytes != NULL;
    }
    return id > before ? 0 : owner;
}

static err_t visit_chunk(struct recording *recording, const void *visited)
{
    const struct chunk_row *row = visited;
    return row->image == chunk_owner(recording, row->id)
               ? err_ok()
               : recording_damaged(recording, "row %llu of its table chunk is wrong", (unsigned long long)row->id);
}

/* No chunk is missing, and none too many. */
static err_t check_chunks(struct recording *recording)
{
    struct chunk_row row;
    uint64_t count = 0, chain = 0;
    for (unsigned role = 1; role <= IMAGES_MAX; role++)
        count += chunks_of(image_of(recording, role));
    return recording_scan(recording, TABLE_chunk, 1, count, &chain, &row, visit_chunk);
}

/* Unpacks the images from the chunks and holds them against their hashes. */
static err_t load_chunks(struct recording *recording, struct sql_query *query)
{
    uint64_t id = 0;
    for (unsigned role = 1; role <= IMAGES_MAX; role++) {
        const struct image *image = image_of(recording, role);
        if (!image->bytes)
            continue;
        for (size_t at = 0; at < image->size_bytes; at += FORMAT_CHUNK_BYTES) {
            size_t left = image->size_bytes - at;
            size_t size = left < FORMAT_CHUNK_BYTES ? left : FORMAT_CHUNK_BYTES;
            TRY(load_chunk(recording, query, ++id, recording->images[role - 1] + at, size));
        }
        if (bytes_hash(image->bytes, image->size_bytes) != recording->image_hashes[role - 1])
            return recording_damaged(recording, "its image %s fails its checksum", image->name);
    }
    return err_ok();
}

/* ---- what it was branched from ----------------------------------------------------------------------------- */

static err_t visit_branch(struct recording *recording, const void *visited)
{
    const struct branch_row *row = visited;
    struct recording_origin *origin = &recording->origins[row->id - 1];
    if (row->id > 1 && row->icount < origin[-1].at.n)
        return recording_damaged(recording, "its table branch is wrong");
    char *name = malloc(row->name.size_bytes + 1);
    if (!name)
        return no_memory(recording);
    copy_text(name, row->name.size_bytes + 1, &row->name);
    *origin = (struct recording_origin){name, icount_of(row->icount), row->parent};
    recording->norigins = row->id;
    return err_ok();
}

static err_t count_branches(struct recording *recording, uint64_t *count)
{
    struct sql_query *query;
    bool row;
    TRY(sql_prepare(recording->sql, "SELECT count(*) FROM branch", &query));
    err_t error = sql_step(query, &row);
    /* A row takes more than a byte of the file. */
    if (!err_is(error) && (!row || !sql_get_u64(query, 0, count) || *count > recording->file_bytes))
        error = recording_damaged(recording, "its table branch is wrong");
    sql_free(query);
    return error;
}

/* How many there are the boot digest vouches for: it runs through them. */
static err_t load_branches(struct recording *recording)
{
    struct branch_row row;
    uint64_t count = 0;
    if (format_table_count(recording->format) <= TABLE_branch)
        return err_ok();
    TRY(count_branches(recording, &count));
    recording->origins = calloc(count + 1, sizeof *recording->origins);
    if (!recording->origins)
        return no_memory(recording);
    return recording_scan(recording, TABLE_branch, 1, count, &recording->boot_digest, &row, visit_branch);
}

static err_t load_boot(struct recording *recording)
{
    struct machine_row machine;
    struct image_row image;
    struct sql_query *query;
    char text[FORMAT_SQL_BYTES];
    TRY(recording_scan(recording, TABLE_machine, 1, 1, &recording->boot_digest, &machine, visit_machine));
    TRY(recording_scan(recording, TABLE_image, 1, machine.images, &recording->boot_digest, &image, visit_image));
    TRY(load_branches(recording));
    TRY(check_chunks(recording));
    table_far_sql(&format_tables[TABLE_chunk], text);
    TRY(sql_prepare(recording->sql, text, &query));
    err_t error = load_chunks(recording, query);
    sql_free(query);
    return error;
}

/* ---- how far, and how it ended ----------------------------------------------------------------------------- */

static err_t load_ending(struct recording *recording)
{
    struct ending_row *row = &recording->ending;
    const struct progress_row *progress = &recording->progress;
    uint64_t chain = 0;
    TRY(recording_scan(recording, TABLE_ending, 1, progress->sealed, &chain, row, NULL));
    if (!progress->sealed)
        return err_ok();
    if (row->checksum != row_link(&format_tables[TABLE_ending], row, progress->checksum))
        return recording_damaged(recording, "its table ending fails its checksum");
    if (row->icount != progress->icount || row->vtime != progress->vtime || row->halt_reason > HALT_SEMIHOSTING)
        return recording_damaged(recording, "its table ending is wrong");
    return err_ok();
}

static err_t load_progress(struct recording *recording)
{
    struct progress_row *row = &recording->progress;
    uint64_t chain = 0;
    TRY(recording_scan(recording, TABLE_progress, 1, 1, &chain, row, NULL));
    if (row->checksum != row_link(&format_tables[TABLE_progress], row, recording->boot_digest))
        return recording_damaged(recording, "its table progress fails its checksum");
    /* A row takes more than a byte of the file. */
    uint64_t most = recording->file_bytes;
    if (row->inputs > most || row->snapshots > most || row->blocks > most || row->lines > most || row->sealed > 1)
        return recording_damaged(recording, "its table progress is wrong");
    if (row->snapshots == 0)
        return recording_damaged(recording, FORMAT_UNBORN);
    return load_ending(recording);
}

/* ---- inputs, snapshots, blocks ----------------------------------------------------------------------------- */

static bool after_end(const struct recording *recording, uint64_t at, uint64_t when)
{
    return at > recording->progress.icount || when > recording->progress.vtime;
}

static err_t visit_input(struct recording *recording, const void *visited)
{
    const struct input_row *row = visited;
    struct input_record *input = &recording->inputs[row->id - 1];
    bool kind = row->kind >= 1 && row->kind <= format_input_kinds(recording->format);
    struct poke poke;
    if (row->kind == INPUT_POKE && kind && row->port <= UINT32_MAX)
        kind = poke_decode((unsigned)row->port, row->bytes.at, row->bytes.size_bytes, &poke);
    bool late = row->id > 1 && (row->icount < input[-1].at.n || row->vtime < input[-1].when.ns);
    if (!kind || late || row->port > UINT32_MAX || after_end(recording, row->icount, row->vtime))
        return recording_damaged(recording, "input %llu is wrong", (unsigned long long)row->id);
    uint8_t *bytes = malloc(row->bytes.size_bytes + 1);
    if (!bytes)
        return no_memory(recording);
    if (row->bytes.size_bytes)
        memcpy(bytes, row->bytes.at, row->bytes.size_bytes);
    *input = (struct input_record){
        .at = icount_of(row->icount),
        .when = vtime_of(row->vtime),
        .kind = (enum input_kind)row->kind,
        .port = (unsigned)row->port,
        .bytes = bytes,
        .size_bytes = row->bytes.size_bytes,
    };
    recording->inputs_by_kind[0]++;
    recording->inputs_by_kind[row->kind]++;
    return err_ok();
}

/* Every entry is a page that there is, in a version that there is. */
static bool decode_list(const struct recording *recording, const uint8_t *bytes, struct page_list *list)
{
    uint64_t npages = recording->config.ram_size_bytes / PAGE_BYTES;
    if (!list_decode(bytes, list->count, npages, list->numbers, list->versions))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        if (!versions_known(recording->versions, list->versions[i]))
            return false;
    }
    return true;
}

static err_t load_list(struct recording *recording, const struct snapshot_row *row)
{
    struct page_list *list = &recording->lists[row->id];
    uint64_t size = 8 * row->pages;
    recording->list_bytes += size;
    if (size / FORMAT_PACK_RATIO > row->list.size_bytes)
        return recording_spoilt(recording, row->id, "the list of pages");
    if (recording->list_bytes > LIST_BYTES_MAX)
        return no_memory(recording);
    uint8_t *bytes = malloc(size + 1);
    list->numbers = malloc(size / 2 + 1);
    list->versions = malloc(size / 2 + 1);
    list->count = row->pages;
    bool room = bytes && list->numbers && list->versions;
    bool good = room && row->list.at && unpack_bytes(row->list.at, row->list.size_bytes, bytes, size) &&
                decode_list(recording, bytes, list);
    free(bytes);
    if (!room)
        return no_memory(recording);
    return good ? err_ok() : recording_spoilt(recording, row->id, "the list of pages");
}

/* Kept packed: most are asked for never. */
static err_t load_visited(struct recording *recording, const struct snapshot_row *row)
{
    struct visited visited;
    const struct bytes *from = &row->visited;
    if (!format_tells_visited(recording->format))
        return err_ok();
    if (!from->at || !unpack_bytes(from->at, from->size_bytes, visited.bytes, sizeof visited.bytes))
        return recording_spoilt(recording, row->id, "the set of pages executed");
    uint8_t *kept = malloc(from->size_bytes);
    if (!kept)
        return no_memory(recording);
    memcpy(kept, from->at, from->size_bytes);
    recording->visited[row->id] = (struct bytes){kept, from->size_bytes};
    return err_ok();
}

static err_t visit_snapshot(struct recording *recording, const void *visited)
{
    const struct snapshot_row *row = visited;
    struct snapshot_mark *mark = &recording->snapshots[row->id];
    *mark = (struct snapshot_mark){.at = icount_of(row->icount),
                                   .when = vtime_of(row->vtime),
                                   .state_hash = row->state_hash,
                                   .ram_hash = row->ram_hash};
    bool late = row->id ? row->icount < mark[-1].at.n || row->vtime < mark[-1].when.ns : row->icount || row->pages;
    if (late || after_end(recording, row->icount, row->vtime) || row->state_bytes > FORMAT_STATE_BYTES_MAX ||
        row->pages > recording->config.ram_size_bytes / PAGE_BYTES)
        return recording_damaged(recording, "snapshot %llu is wrong", (unsigned long long)row->id);
    recording->state_bytes[row->id] = row->state_bytes;
    TRY(load_visited(recording, row));
    return load_list(recording, row);
}

static err_t visit_block(struct recording *recording, const void *visited)
{
    const struct block_row *row = visited;
    if (row->versions < 1 || row->versions > FORMAT_BLOCK_VERSIONS ||
        row->first != versions_last(recording->versions) + 1 || row->first + row->versions - 1 > UINT32_MAX)
        return recording_damaged(recording, "block %llu is wrong", (unsigned long long)row->id);
    return versions_know(recording->versions, (unsigned)row->versions, row->hash);
}

/* Scans one of the chained tables and compares where its chain ends. */
static err_t load_chained(struct recording *recording, enum table_id table, uint64_t count, uint64_t expected,
                          void *row, row_visit *visit)
{
    uint64_t chain = chain_start(recording->boot_digest, table);
    TRY(recording_scan(recording, table, table == TABLE_snapshot ? 0 : 1, count, &chain, row, visit));
    if (chain != expected)
        return recording_damaged(recording, "its table %s fails its checksum", format_tables[table].name);
    return err_ok();
}

static err_t load_rows(struct recording *recording)
{
    const struct progress_row *progress = &recording->progress;
    union {
        struct input_row input;
        struct snapshot_row snapshot;
        struct block_row block;
    } row;
    recording->inputs = calloc(progress->inputs + 1, sizeof *recording->inputs);
    recording->snapshots = calloc(progress->snapshots, sizeof *recording->snapshots);
    recording->lists = calloc(progress->snapshots, sizeof *recording->lists);
    recording->state_bytes = calloc(progress->snapshots, sizeof *recording->state_bytes);
    recording->visited = calloc(progress->snapshots, sizeof *recording->visited);
    if (!recording->inputs || !recording->snapshots || !recording->lists || !recording->state_bytes ||
        !recording->visited)
        return no_memory(recording);
    TRY(load_chained(recording, TABLE_input, progress->inputs, progress->input_chain, &row, visit_input));
    TRY(load_chained(recording, TABLE_block, progress->blocks, progress->block_chain, &row, visit_block));
    return load_chained(recording, TABLE_snapshot, progress->snapshots, progress->snapshot_chain, &row, visit_snapshot);
}

err_t recording_load(struct recording *recording)
{
    char text[FORMAT_SQL_BYTES];
    TRY(load_schema(recording));
    TRY(load_boot(recording));
    TRY(load_progress(recording));
    TRY(versions_create(recording->sql, &recording->config, &recording->versions));
    TRY(load_rows(recording));
    table_far_sql(&format_tables[TABLE_snapshot], text);
    TRY(sql_prepare(recording->sql, text, &recording->fetch_state));
    return sql_exec(recording->sql, "COMMIT"); /* what is read on demand is never changed by a recorder */
}

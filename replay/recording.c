#include "recording_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

err_t recording_damaged(const struct recording *recording, const char *format, ...)
{
    char words[sizeof(((err_t *)0)->detail)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return err_detail(err_make(ERR_DAMAGED, "%s", recording->path), "%s", words);
}

err_t recording_spoilt(const struct recording *recording, size_t index, const char *what)
{
    char mark[GROUPED_BYTES];
    return recording_damaged(recording, "%s of snapshot %zu fails its checksum; marks before %s replay", what, index,
                             format_grouped(recording->snapshots[index].at.n, mark));
}

/* ---- open and close ---------------------------------------------------------------------------------------- */

/* A broken-off file without its other half cannot be told from a damaged one; say what to look for. */
static err_t explain(const struct recording *recording, err_t error)
{
    if (error.code != ERR_DAMAGED || recording->progress.sealed || strstr(error.detail, "; "))
        return error;
    if (recording->unborn)
        return recording_damaged(recording, FORMAT_UNBORN);
    if (!recording->apart)
        return error;
    char what[sizeof error.detail];
    snprintf(what, sizeof what, "%s", error.detail[0] ? error.detail : "damaged recording");
    return err_detail(error, "%.90s; it was broken off: is the -wal that belongs to it beside it?", what);
}

err_t recording_open(const char *path, struct recording **recording)
{
    *recording = NULL;
    struct recording *made = calloc(1, sizeof *made);
    if (made)
        made->path = strdup(path);
    if (!made || !made->path) {
        free(made);
        return err_make(ERR_NO_MEMORY, "%s", path);
    }
    err_t error = recording_file_open(made);
    if (!err_is(error))
        error = recording_load(made);
    if (err_is(error)) {
        error = explain(made, error);
        recording_close(made);
        return error;
    }
    *recording = made;
    return err_ok();
}

static void free_rows(struct recording *recording)
{
    for (uint64_t i = 0; recording->inputs && i < recording->progress.inputs; i++)
        free((void *)recording->inputs[i].bytes);
    for (uint64_t i = 0; recording->lists && i < recording->progress.snapshots; i++) {
        free(recording->lists[i].numbers);
        free(recording->lists[i].versions);
    }
    for (uint64_t i = 0; recording->visited && i < recording->progress.snapshots; i++)
        free((void *)recording->visited[i].at);
    free(recording->visited);
    free(recording->inputs);
    free(recording->snapshots);
    free(recording->lists);
    free(recording->state_bytes);
}

void recording_close(struct recording *recording)
{
    if (!recording)
        return;
    free_rows(recording);
    versions_destroy(recording->versions);
    sql_free(recording->fetch_state);
    sql_close(recording->sql);
    const struct board_config *config = &recording->config;
    const struct image *images[IMAGES_MAX] = {&config->firmware, &config->kernel, &config->initrd};
    for (size_t i = 0; i < IMAGES_MAX; i++) {
        free(recording->names[i]);
        memory_put(recording->images[i], images[i]->size_bytes + 1);
    }
    for (size_t i = 0; i < recording->norigins; i++)
        free((void *)recording->origins[i].name);
    free(recording->origins);
    free(recording->append);
    free(recording->path);
    free(recording);
}

/* ---- what it says ------------------------------------------------------------------------------------------ */

/* Bytes of packed pages and states: what the snapshots take of the file. */
static err_t snapshot_bytes(struct recording *recording, uint64_t *size_bytes)
{
    struct sql_query *query;
    bool row;
    TRY(sql_prepare(recording->sql,
                    format_tells_visited(recording->format)
                        ? "SELECT (SELECT ifnull(sum(length(packed)),0) FROM block) + "
                          "(SELECT ifnull(sum(length(list) + length(state) + length(visited)),0) FROM snapshot)"
                        : "SELECT (SELECT ifnull(sum(length(packed)),0) FROM block) + "
                          "(SELECT ifnull(sum(length(list) + length(state)),0) FROM snapshot)",
                    &query));
    err_t error = sql_step(query, &row);
    if (!err_is(error) && (!row || !sql_get_u64(query, 0, size_bytes)))
        error = recording_damaged(recording, "its snapshots are wrong");
    sql_free(query);
    return error;
}

err_t recording_info(struct recording *recording, struct recording_info *info)
{
    const struct progress_row *progress = &recording->progress;
    *info = (struct recording_info){
        .format = recording->format,
        .complete = progress->sealed,
        .config = recording->config,
        .firmware_hash = recording->image_hashes[0],
        .kernel_hash = recording->image_hashes[1],
        .initrd_hash = recording->image_hashes[2],
        .end = icount_of(progress->icount),
        .end_vtime = vtime_of(progress->vtime),
        .halt = {(enum halt_reason)recording->ending.halt_reason, recording->ending.halt_status},
        .snapshots = progress->snapshots,
        .console_bytes = progress->console_bytes,
        .file_bytes = recording->file_bytes,
    };
    memcpy(info->created, recording->created, sizeof info->created);
    memcpy(info->creator, recording->creator, sizeof info->creator);
    memcpy(info->inputs, recording->inputs_by_kind, sizeof info->inputs);
    return snapshot_bytes(recording, &info->snapshot_bytes);
}

const struct recording_origin *recording_origins(const struct recording *recording, size_t *count)
{
    *count = recording->norigins;
    return recording->origins;
}

uint64_t recording_digest(const struct recording *recording) { return recording->progress.checksum; }

const char *recording_name(const struct recording *recording) { return recording->path; }

const struct input_record *recording_inputs(const struct recording *recording, size_t *count)
{
    *count = recording->progress.inputs;
    return recording->inputs;
}

icount_t recording_end(const struct recording *recording) { return icount_of(recording->progress.icount); }

vtime_t recording_end_vtime(const struct recording *recording) { return vtime_of(recording->progress.vtime); }

const struct board_config *recording_config(const struct recording *recording) { return &recording->config; }

void recording_tune(struct recording *recording, struct engine_tuning tuning) { recording->config.tuning = tuning; }

/* ---- snapshots --------------------------------------------------------------------------------------------- */

const struct snapshot_mark *recording_snapshots(const struct recording *recording, size_t *count)
{
    *count = recording->progress.snapshots;
    return recording->snapshots;
}

/* Unpacks and verifies the state in the current row of the query. */
static err_t unpack_state(struct recording *recording, size_t index, uint8_t **bytes)
{
    const uint8_t *packed;
    size_t packed_bytes, size = recording->state_bytes[index];
    bool row;
    TRY(sql_step(recording->fetch_state, &row));
    if (!row || !sql_get_blob(recording->fetch_state, 0, &packed, &packed_bytes) || !packed ||
        size / FORMAT_PACK_RATIO > packed_bytes)
        return recording_spoilt(recording, index, "the state");
    *bytes = malloc(size + 1);
    if (!*bytes)
        return err_make(ERR_NO_MEMORY, "%s", recording->path);
    if (!unpack_bytes(packed, packed_bytes, *bytes, size) ||
        bytes_hash(*bytes, size) != recording->snapshots[index].state_hash)
        return recording_spoilt(recording, index, "the state");
    return err_ok();
}

err_t recording_state(struct recording *recording, size_t index, uint8_t **bytes, size_t *size_bytes)
{
    check(index < recording->progress.snapshots);
    *bytes = NULL;
    *size_bytes = recording->state_bytes[index];
    sql_bind_u64(recording->fetch_state, 1, index);
    err_t error = unpack_state(recording, index, bytes);
    sql_reset(recording->fetch_state);
    if (err_is(error)) {
        free(*bytes);
        *bytes = NULL;
    }
    return error;
}

bool recording_visited(const struct recording *recording, size_t index, struct visited *visited)
{
    check(index < recording->progress.snapshots);
    const struct bytes *packed = &recording->visited[index];
    if (!packed->at)
        return false;
    check(unpack_bytes(packed->at, packed->size_bytes, visited->bytes, sizeof visited->bytes)); /* it did before */
    return true;
}

const uint32_t *recording_pages(const struct recording *recording, size_t index, size_t *count)
{
    check(index < recording->progress.snapshots);
    *count = recording->lists[index].count;
    return recording->lists[index].numbers;
}

uint32_t recording_version(const struct recording *recording, size_t index, size_t nth)
{
    check(index < recording->progress.snapshots && nth < recording->lists[index].count);
    return recording->lists[index].versions[nth];
}

err_t recording_page(struct recording *recording, size_t index, size_t nth, uint8_t bytes[PAGE_BYTES])
{
    check(index < recording->progress.snapshots && nth < recording->lists[index].count);
    err_t error = versions_get(recording->versions, recording->lists[index].versions[nth], bytes);
    if (error.code != ERR_DAMAGED)
        return error;
    char number[GROUPED_BYTES], what[GROUPED_BYTES + 8];
    snprintf(what, sizeof what, "page %s", format_grouped(recording->lists[index].numbers[nth], number));
    return recording_spoilt(recording, index, what);
}

/* recording_check: everything that a file can be checked for without running it. Opening has judged the small tables;
 * what is left is sqlite's own structure and the bytes that are read on demand. */
#include "recording_inner.h"

#include <stdlib.h>
#include <string.h>

/* Ask sqlite whether its pages hang together. */
static err_t check_structure(struct recording *recording)
{
    struct sql_query *query;
    const uint8_t *text;
    size_t size;
    bool row;
    TRY(sql_prepare(recording->sql, "PRAGMA quick_check(1)", &query));
    err_t error = sql_step(query, &row);
    if (!err_is(error)) {
        bool good = row && sql_get_text(query, 0, &text, &size) && size == 2 && memcmp(text, "ok", 2) == 0;
        if (!good)
            error = recording_damaged(recording, "sqlite finds its pages in disorder");
    }
    sql_free(query);
    return error;
}

static err_t check_console(struct recording *recording)
{
    const struct progress_row *progress = &recording->progress;
    struct console_row row;
    uint64_t chain = chain_start(recording->boot_digest, TABLE_console);
    TRY(recording_scan(recording, TABLE_console, 1, progress->lines, &chain, &row, NULL));
    return chain == progress->line_chain ? err_ok()
                                         : recording_damaged(recording, "its table console fails its checksum");
}

static err_t check_snapshot(struct recording *recording, size_t index)
{
    uint8_t page[PAGE_BYTES];
    uint8_t *state;
    size_t state_bytes;
    TRY(recording_state(recording, index, &state, &state_bytes));
    free(state);
    for (size_t nth = 0; nth < recording->lists[index].count; nth++)
        TRY(recording_page(recording, index, nth, page));
    return err_ok();
}

/* Versions that no snapshot holds: of a snapshot that was on its way when the recording was broken off. They are the
 * last ones; whole blocks, as a snapshot ends with a block. */
static err_t check_loose(struct recording *recording)
{
    uint64_t held = 0;
    for (size_t index = 0; index < recording->progress.snapshots; index++) {
        const struct page_list *list = &recording->lists[index];
        for (size_t nth = 0; nth < list->count; nth++)
            held = list->versions[nth] > held ? list->versions[nth] : held;
    }
    for (size_t block = versions_blocks(recording->versions); block-- > 0;) {
        if (versions_before(recording->versions, block) < held)
            break;
        TRY(versions_check(recording->versions, block));
    }
    return err_ok();
}

static bool tick(const struct progress *progress, struct recording *recording, size_t index)
{
    if (!progress || !progress->tick)
        return true;
    icount_t at = recording->snapshots[index].at;
    return progress->tick(progress->context, "verify", at, icount_of(recording->progress.icount), at.n);
}

err_t recording_check(struct recording *recording, const struct progress *progress)
{
    TRY(check_structure(recording));
    TRY(check_console(recording));
    for (size_t index = 0; index < recording->progress.snapshots; index++) {
        TRY(check_snapshot(recording, index));
        if (!tick(progress, recording, index))
            return err_ok();
    }
    return check_loose(recording);
}

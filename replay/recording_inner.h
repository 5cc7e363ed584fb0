/* recording_inner: an open recording, for the files recording*.c alone. Inner header of replay/. */
#ifndef DEJA_RECORDING_INNER_H
#define DEJA_RECORDING_INNER_H

#include "format.h"
#include "recording.h"
#include "version.h"

enum { IMAGES_MAX = 3 };

/* The pages that a snapshot holds. */
struct page_list {
    uint32_t *numbers;
    uint32_t *versions;
    size_t count;
};

struct recording {
    char *path;
    struct sql *sql;
    uint64_t file_bytes; /* with its -wal, if there is one */
    bool apart;          /* was not folded into one plain file: a -wal belongs to it */
    bool unborn;         /* it was broken off while what is booted was being stored */

    unsigned format;
    char creator[32], created[32];
    struct board_config config; /* points into what follows */
    char *append;
    char *names[IMAGES_MAX];
    uint8_t *images[IMAGES_MAX];
    uint64_t image_hashes[IMAGES_MAX];
    uint64_t boot_digest;

    struct recording_origin *origins;
    size_t norigins;

    struct progress_row progress;
    struct ending_row ending; /* when progress.sealed */

    struct input_record *inputs;
    uint64_t inputs_by_kind[INPUT_POKE + 1];

    struct snapshot_mark *snapshots;
    struct page_list *lists;
    uint64_t *state_bytes;
    struct bytes *visited; /* packed; none where the format does not tell */
    uint64_t list_bytes;   /* memory that the lists take */
    struct sql_query *fetch_state;

    struct versions *versions;
};

/* Opens the file, or a private copy of it, as a reader that believes nothing. */
NODISCARD err_t recording_file_open(struct recording *recording);

/* Reads all tables into the recording, except what is read on demand. */
NODISCARD err_t recording_load(struct recording *recording);

/* ERR_DAMAGED about this file, in printf-style words. */
err_t recording_damaged(const struct recording *recording, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for bytes of a snapshot that are read on demand: says which marks can still be reached. */
err_t recording_spoilt(const struct recording *recording, size_t index, const char *what);

/* Reads the `count` rows of a table, whose ids count up from `first_id`, into *row; calls `visit` for each. `chain` is
 * lengthened by every row. ERR_DAMAGED for a row too few, too many, out of order or of wrong types. */
typedef err_t row_visit(struct recording *recording, const void *row);
NODISCARD err_t recording_scan(struct recording *recording, enum table_id table, uint64_t first_id, uint64_t count,
                               uint64_t *chain, void *row, row_visit *visit);

#endif

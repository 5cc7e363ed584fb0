/* recording: reads what journal.h wrote; trusts nothing. Inner header of replay/. */
#ifndef DEJA_RECORDING_H
#define DEJA_RECORDING_H

#include "replay.h"

/* The file's name for messages. */
const char *recording_name(const struct recording *recording);

/* Every input, in order of (at, when, sequence); held in memory, borrowed. */
const struct input_record *recording_inputs(const struct recording *recording, size_t *count);

/* A line that left the machine, without its end; borrowed while it is visited. */
struct console_text {
    icount_t at; /* at which its first byte left */
    unsigned port;
    uint64_t skipped; /* bytes of this port that left at the same mark, before it */
    const uint8_t *bytes;
    size_t size_bytes;
};

/* Visits every line, in order. ERR_DAMAGED, ERR_IO. */
NODISCARD err_t recording_console(struct recording *recording,
                                  void (*visit)(void *context, const struct console_text *line), void *context);

/* Where the recorded history ends. */
icount_t recording_end(const struct recording *recording);
vtime_t recording_end_vtime(const struct recording *recording);
const struct board_config *recording_config(const struct recording *recording);

struct snapshot_mark {
    icount_t at;
    vtime_t when;
    uint64_t state_hash; /* of the encoded parts */
    uint64_t ram_hash;   /* sum over all pages of page_hash() */
};

/* All snapshots, ordered by mark; [0] is power-on. The last one may be the end of the recording. */
const struct snapshot_mark *recording_snapshots(const struct recording *recording, size_t *count);

/* The encoded parts of snapshot `index`; malloc'ed, caller frees. ERR_DAMAGED, ERR_IO. */
NODISCARD err_t recording_state(struct recording *recording, size_t index, uint8_t **bytes, size_t *size_bytes);

/* The page numbers (of RAM: 0 is ram base) that snapshot `index` holds, ascending; borrowed. Empty for [0]. */
const uint32_t *recording_pages(const struct recording *recording, size_t index, size_t *count);

/* The version (version.h) of the `nth` of those pages: pages whose versions are near are read in one go. */
uint32_t recording_version(const struct recording *recording, size_t index, size_t nth);

/* The pages in which instructions began between the snapshot before and snapshot `index`. False: it is of an older
 * format and does not tell. */
bool recording_visited(const struct recording *recording, size_t index, struct visited *visited);

/* The content of the `nth` of those pages, its checksum verified. */
NODISCARD err_t recording_page(struct recording *recording, size_t index, size_t nth, uint8_t bytes[PAGE_BYTES]);

#endif

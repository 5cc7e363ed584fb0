/* journal_queue: records on their way from the hart's thread to the writer's. Inner header of replay/.
 *
 * One thread puts, one takes. What is put lands in chunks; the taker gets a whole chunk at a time and works on it
 * without a lock. At most `limit_bytes` wait, and nothing is put behind what has waited for half a second: then
 * queue_put() blocks.
 */
#ifndef DEJA_JOURNAL_QUEUE_H
#define DEJA_JOURNAL_QUEUE_H

#include "../icount/icount.h"

enum record_kind {
    RECORD_INPUT,
    RECORD_OUTPUT,
    RECORD_PAGE,
    RECORD_KEPT_PAGES, /* followed by their numbers; their bytes are the keeper's */
    RECORD_STATE,
    RECORD_VISITED,
    RECORD_SNAPSHOT,
    RECORD_PROGRESS,
    RECORD_SEAL
};

struct record {
    enum record_kind kind;
    uint32_t number;     /* page number, port */
    uint32_t detail;     /* input kind, halt reason */
    uint32_t size_bytes; /* that follow */
    uint64_t at, when;
    uint64_t status;
};

enum { QUEUE_CHUNK_BYTES = 1 << 18, RECORD_BYTES_MAX = QUEUE_CHUNK_BYTES - sizeof(struct record) };

struct queue;

NODISCARD struct queue *queue_create(size_t limit_bytes); /* NULL without memory */
void queue_destroy(struct queue *queue);                  /* also NULL */

/* Copies a record and the size_bytes (at most RECORD_BYTES_MAX) that belong to it. Records that are urgent or many wake
 * the taker; the others wait for it to look. */
void queue_put(struct queue *queue, const struct record *record, const void *bytes, bool urgent);

/* The oldest chunk that waits, NULL when there is none after `wait_ms` (UINT_MAX: wait as long as it takes). Give it
 * back before the next. */
struct queue_chunk *queue_take(struct queue *queue, unsigned wait_ms);
void queue_give_back(struct queue *queue, struct queue_chunk *chunk);

/* Walks through a chunk: the record at *cursor (0 at first) and its bytes; NULL after the last. */
const struct record *chunk_next(const struct queue_chunk *chunk, size_t *cursor, const uint8_t **bytes);

/* Milliseconds of the clock by which it waits, which only goes forwards. */
uint64_t queue_now_ms(void);

/* Bytes put and not yet given back. */
size_t queue_backlog(const struct queue *queue);

#endif

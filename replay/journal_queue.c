#include "journal_queue.h"

#include "../snapshot/snapshot.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The taker lets small records gather for this long, or until this much waits. */
enum { GATHER_MS = 100, GATHER_BYTES = QUEUE_CHUNK_BYTES / 2 };

/* What is older than this is not let wait behind more: all that waits is lost when the process is killed. */
enum { AGE_MS_MAX = 500 };

struct queue_chunk {
    struct queue_chunk *next;
    uint64_t since_ms; /* when it was put to use */
    size_t used;
    _Alignas(16) uint8_t bytes[QUEUE_CHUNK_BYTES];
};

/* Chunks wait in a list, oldest first; free ones in another. The putter fills the youngest one that waits. */
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    struct queue_chunk *oldest, *youngest, *spare;
    size_t chunks, chunks_max; /* allocated */
    size_t waiting_bytes;
    bool urgent;
    atomic_size_t backlog_bytes;
};

struct queue *queue_create(size_t limit_bytes)
{
    struct queue *queue = calloc(1, sizeof *queue);
    pthread_condattr_t monotonic;
    if (!queue)
        return NULL;
    queue->chunks_max = limit_bytes / QUEUE_CHUNK_BYTES;
    check(queue->chunks_max >= 2);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->filled, &monotonic);
    pthread_cond_init(&queue->emptied, NULL);
    pthread_condattr_destroy(&monotonic);
    return queue;
}

static void free_list(struct queue_chunk *chunk)
{
    while (chunk) {
        struct queue_chunk *next = chunk->next;
        memory_put(chunk, sizeof *chunk);
        chunk = next;
    }
}

void queue_destroy(struct queue *queue)
{
    if (!queue)
        return;
    free_list(queue->oldest);
    free_list(queue->spare);
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->emptied);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static struct queue_chunk *make_chunk(void)
{
    struct queue_chunk *made = memory_get(sizeof *made);
    if (made)
        memory_ready(made, sizeof *made);
    return made;
}

uint64_t queue_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- putting ----------------------------------------------------------------------------------------------- */

/* An empty chunk: one that was given back, a new one while there may be more, else the next that is given back. */
static struct queue_chunk *fresh_chunk(struct queue *queue)
{
    struct queue_chunk *made = NULL;
    while (!queue->spare) {
        if (queue->chunks < queue->chunks_max && (made = make_chunk())) {
            queue->chunks++;
            made->next = NULL;
            queue->spare = made;
        } else {
            check(queue->chunks > 0); /* not a megabyte of memory: nothing would ever be given back */
            pthread_cond_signal(&queue->filled);
            pthread_cond_wait(&queue->emptied, &queue->lock);
        }
    }
    struct queue_chunk *chunk = queue->spare;
    queue->spare = chunk->next;
    chunk->next = NULL;
    chunk->used = 0;
    chunk->since_ms = queue_now_ms();
    return chunk;
}

static void wait_for_the_old(struct queue *queue)
{
    while (queue->oldest && queue_now_ms() - queue->oldest->since_ms > AGE_MS_MAX) {
        pthread_cond_signal(&queue->filled);
        pthread_cond_wait(&queue->emptied, &queue->lock);
    }
}

/* Where `size` bytes can be put. */
static uint8_t *reserve(struct queue *queue, size_t size)
{
    struct queue_chunk *chunk = queue->youngest;
    if (!chunk || QUEUE_CHUNK_BYTES - chunk->used < size) {
        chunk = fresh_chunk(queue);
        /* While this waited for a chunk, the taker may have taken all the others. */
        if (queue->oldest)
            queue->youngest->next = chunk;
        else
            queue->oldest = chunk;
        queue->youngest = chunk;
    }
    uint8_t *place = chunk->bytes + chunk->used;
    chunk->used += size;
    return place;
}

static size_t padded(size_t size_bytes) { return (size_bytes + 15) / 16 * 16; }

void queue_put(struct queue *queue, const struct record *record, const void *bytes, bool urgent)
{
    check(record->size_bytes <= RECORD_BYTES_MAX);
    size_t size = padded(sizeof *record + record->size_bytes);
    pthread_mutex_lock(&queue->lock);
    wait_for_the_old(queue);
    uint8_t *place = reserve(queue, size);
    memcpy(place, record, sizeof *record);
    if (record->size_bytes)
        memcpy(place + sizeof *record, bytes, record->size_bytes);
    bool first = queue->waiting_bytes == 0;
    bool many = queue->waiting_bytes < GATHER_BYTES && queue->waiting_bytes + size >= GATHER_BYTES;
    queue->waiting_bytes += size;
    queue->urgent |= urgent;
    atomic_fetch_add(&queue->backlog_bytes, size);
    if (first || many || urgent)
        pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

/* ---- taking ------------------------------------------------------------------------------------------------ */

static struct timespec after_ms(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

/* Waits until at least `bytes` wait or the time is over. */
static void wait_for(struct queue *queue, size_t bytes, unsigned wait_ms)
{
    struct timespec deadline = after_ms(wait_ms == UINT_MAX ? 0 : wait_ms);
    int timed_out = 0;
    while (queue->waiting_bytes < bytes && !queue->urgent && !timed_out) {
        if (wait_ms == UINT_MAX)
            pthread_cond_wait(&queue->filled, &queue->lock);
        else
            timed_out = pthread_cond_timedwait(&queue->filled, &queue->lock, &deadline);
    }
}

struct queue_chunk *queue_take(struct queue *queue, unsigned wait_ms)
{
    pthread_mutex_lock(&queue->lock);
    wait_for(queue, 1, wait_ms);
    if (queue->waiting_bytes)
        wait_for(queue, GATHER_BYTES, GATHER_MS);
    struct queue_chunk *chunk = queue->oldest;
    if (chunk) {
        queue->oldest = chunk->next;
        if (!queue->oldest)
            queue->youngest = NULL;
        chunk->next = NULL;
        queue->waiting_bytes -= chunk->used;
        if (!queue->waiting_bytes)
            queue->urgent = false;
    }
    pthread_mutex_unlock(&queue->lock);
    return chunk;
}

void queue_give_back(struct queue *queue, struct queue_chunk *chunk)
{
    pthread_mutex_lock(&queue->lock);
    atomic_fetch_sub(&queue->backlog_bytes, chunk->used);
    chunk->next = queue->spare;
    queue->spare = chunk;
    pthread_cond_signal(&queue->emptied);
    pthread_mutex_unlock(&queue->lock);
}

const struct record *chunk_next(const struct queue_chunk *chunk, size_t *cursor, const uint8_t **bytes)
{
    if (*cursor >= chunk->used)
        return NULL;
    const struct record *record = (const struct record *)(chunk->bytes + *cursor);
    *bytes = chunk->bytes + *cursor + sizeof *record;
    *cursor += padded(sizeof *record + record->size_bytes);
    return record;
}

size_t queue_backlog(const struct queue *queue) { return atomic_load(&queue->backlog_bytes); }

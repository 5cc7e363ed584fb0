/* seek_tool REC [SEED [MARKS]]: stands at random marks of a recording, first in order, then in any order, forwards,
 * backwards and step by step, and compares the whole state each time. Silent when all is equal. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "replay/replay.h"

enum { MARKS_MAX = 256 };

struct stand {
    icount_t at;
    uint64_t hash;
};

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static _Noreturn void fail(err_t error)
{
    char line[640];

    err_format(error, line, sizeof line);
    fprintf(stderr, "seek_tool: %s\n", line);
    exit(1);
}

static void must(err_t error)
{
    if (err_is(error))
        fail(error);
}

/* Registers, devices, clock and all of memory. */
static uint64_t whole_state(struct timeline *timeline)
{
    struct board *board = timeline_board(timeline);
    struct state_part parts[BOARD_PARTS_MAX];
    const struct ram *ram = engine_ram(board_engine(board));
    uint64_t hash = state_hash(parts, board_parts(board, parts));

    for (uint64_t page = 0; page < ram->size_bytes / PAGE_BYTES; page++)
        hash += page_hash(page, ram->bytes + page * PAGE_BYTES);
    return hash;
}

static void expect_hash(struct timeline *timeline, const struct stand *stand, const char *how)
{
    uint64_t hash = whole_state(timeline);

    if (timeline_now(timeline).n == stand->at.n && hash == stand->hash)
        return;
    fprintf(stderr,
            "seek_tool: %s: wanted mark %" PRIu64 " with %016" PRIx64 ", stand at %" PRIu64 " with %016" PRIx64 "\n",
            how, stand->at.n, stand->hash, timeline_now(timeline).n, hash);
    exit(1);
}

static int by_mark(const void *a, const void *b)
{
    icount_t left = ((const struct stand *)a)->at, right = ((const struct stand *)b)->at;

    return (left.n > right.n) - (left.n < right.n);
}

static size_t choose(struct timeline *timeline, uint64_t *random, struct stand *stands, size_t n)
{
    uint64_t end = timeline_end(timeline).n;

    stands[0].at = icount_of(0);
    stands[1].at = icount_of(end);
    for (size_t i = 2; i < n; i++)
        stands[i].at = icount_of(next_random(random) % (end + 1));
    qsort(stands, n, sizeof stands[0], by_mark);
    return n;
}

static void step_there_and_back(struct timeline *timeline, const struct stand *stand, uint64_t steps)
{
    struct timeline_resume resume = {.steps = steps};
    struct timeline_stop stop;

    if (stand->at.n < steps)
        return;
    resume.direction = BACKWARDS;
    must(timeline_resume(timeline, &resume, &stop));
    if (timeline_now(timeline).n != stand->at.n - steps) {
        fprintf(stderr, "seek_tool: %" PRIu64 " steps back from %" PRIu64 " lead to %" PRIu64 "\n", steps, stand->at.n,
                timeline_now(timeline).n);
        exit(1);
    }
    resume.direction = FORWARDS;
    must(timeline_resume(timeline, &resume, &stop));
    expect_hash(timeline, stand, "steps back and forth");
}

int main(int argc, char **argv)
{
    uint64_t random = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    size_t n = argc > 3 ? strtoul(argv[3], NULL, 0) : 16;
    struct stand stands[MARKS_MAX];
    struct recording *recording;
    struct timeline *timeline;

    if (argc < 2 || n < 2 || n > MARKS_MAX)
        return 64;
    must(recording_open(argv[1], &recording));
    must(timeline_open(recording, &timeline));
    n = choose(timeline, &random, stands, n);
    for (size_t i = 0; i < n; i++) {
        must(timeline_seek(timeline, stands[i].at));
        stands[i].hash = whole_state(timeline);
    }
    for (size_t i = 0; i < 2 * n; i++) {
        const struct stand *stand = &stands[next_random(&random) % n];
        must(timeline_seek(timeline, stand->at));
        expect_hash(timeline, stand, "seek");
        step_there_and_back(timeline, stand, 1 + next_random(&random) % 3);
    }
    timeline_close(timeline);
    recording_close(recording);
    return 0;
}

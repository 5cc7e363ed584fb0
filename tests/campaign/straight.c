#include "straight.h"

#include <stdio.h>
#include <stdlib.h>

/* Every so often the sum that is kept up is held against one of every page. */
enum { LOOK_AT_ALL_EVERY = 256 };

void must(err_t error)
{
    char text[512];
    if (!err_is(error))
        return;
    err_format(error, text, sizeof text);
    fprintf(stderr, "campaign: %s\n", text);
    exit(1);
}

void straight_open(struct straight *straight, struct recording *recording, bool interpreter_only)
{
    struct board_config config = *recording_config(recording);
    struct board_world world = {.owner = NULL, .output = NULL};
    config.tuning.interpreter_only = interpreter_only;
    straight->hashed = 0;
    must(board_create(&config, world, &straight->session.board));
    must(door_open_recording(recording, &straight->session.door));
    must(ram_hash_begin(&straight->ram, engine_ram(straight_engine(straight))));
    engine_clean(straight_engine(straight));
    straight_go(straight, 0);
}

void straight_close(struct straight *straight)
{
    ram_hash_end(&straight->ram);
    door_free(straight->session.door);
    board_destroy(straight->session.board);
}

void straight_go(struct straight *straight, uint64_t mark)
{
    enum session_stop stop;
    must(session_run(&straight->session, session_mark(icount_of(mark)), &stop));
    if (board_now(straight->session.board).n == mark)
        return;
    fprintf(stderr, "campaign: mark %llu is not reached\n", (unsigned long long)mark);
    exit(1);
}

uint64_t parts_hash(struct board *board)
{
    struct state_part parts[BOARD_PARTS_MAX];
    return state_hash(parts, board_parts(board, parts));
}

uint64_t whole_hash(struct board *board)
{
    const struct ram *ram = engine_ram(board_engine(board));
    uint64_t sum = parts_hash(board);
    for (uint64_t page = 0; page < ram->size_bytes / PAGE_BYTES; page++)
        sum += page_hash(page, ram->bytes + page * PAGE_BYTES);
    return sum;
}

uint64_t straight_hash(struct straight *straight)
{
    struct board *board = straight->session.board;
    ram_hash_update(&straight->ram, engine_ram(straight_engine(straight)));
    engine_clean(straight_engine(straight));
    uint64_t hash = parts_hash(board) + straight->ram.sum;
    if (straight->hashed++ % LOOK_AT_ALL_EVERY == 0 && hash != whole_hash(board)) {
        fprintf(stderr, "campaign: memory has changed and no page was flagged\n");
        exit(1);
    }
    return hash;
}

#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char please[] = "please report it with this file";

/* The first difference, in words, and how many there are. */
struct findings {
    size_t count;
    char first[96];
};

static void note(void *context, const struct state_difference *difference)
{
    struct findings *findings = context;
    if (findings->count++)
        return;
    char element[16] = "";
    if (difference->is_array)
        snprintf(element, sizeof element, "[%u]", difference->element);
    snprintf(findings->first, sizeof findings->first, "%.16s %u %.20s%s is 0x%llx, recorded 0x%llx", difference->part,
             difference->index, difference->field, element, (unsigned long long)difference->a,
             (unsigned long long)difference->b);
}

static err_t compare_states(struct recording *recording, size_t index, struct board *board, struct findings *findings)
{
    uint8_t *recorded;
    size_t size_bytes;
    struct machine_state now;
    struct state_part parts[BOARD_PARTS_MAX];
    size_t nparts = board_parts(board, parts);
    TRY(recording_state(recording, index, &recorded, &size_bytes));
    err_t error = machine_encode(board, &now);
    if (!err_is(error)) {
        if (state_diff(parts, nparts, now.bytes, now.size_bytes, recorded, size_bytes, note, findings) == SIZE_MAX)
            *findings = (struct findings){1, "its parts are not those that this deja makes"};
        free(now.bytes);
    }
    free(recorded);
    return error;
}

/* Of the pages that the snapshot holds. Another one can differ too: then only the sum tells. */
static err_t compare_pages(struct recording *recording, size_t index, struct board *board, struct findings *findings)
{
    const struct ram *ram = engine_ram(board_engine(board));
    size_t count;
    const uint32_t *pages = recording_pages(recording, index, &count);
    uint8_t recorded[PAGE_BYTES];
    for (size_t i = 0; i < count; i++) {
        TRY(recording_page(recording, index, i, recorded));
        const uint8_t *now = ram->bytes + ((uint64_t)pages[i] << PAGE_SHIFT);
        if (memcmp(now, recorded, PAGE_BYTES) == 0 || findings->count++)
            continue;
        size_t byte = 0;
        while (now[byte] == recorded[byte])
            byte++;
        snprintf(findings->first, sizeof findings->first, "the byte at physical 0x%llx is 0x%02x, recorded 0x%02x",
                 (unsigned long long)(ram->base + ((uint64_t)pages[i] << PAGE_SHIFT) + byte), now[byte],
                 recorded[byte]);
    }
    return err_ok();
}

/* "diverged between 340,000,000 and 360,000,000: ..." */
static err_t diverged(const struct recording *recording, size_t index, const struct findings *findings)
{
    size_t count;
    const struct snapshot_mark *marks = recording_snapshots(recording, &count);
    char from[GROUPED_BYTES], to[GROUPED_BYTES], more[40] = "";
    if (findings->count > 1)
        snprintf(more, sizeof more, " (and %zu more)", findings->count - 1);
    return err_detail(err_make(ERR_DIVERGED, "%s", recording_name(recording)), "diverged between %s and %s: %s%s; %s",
                      format_grouped(index ? marks[index - 1].at.n : 0, from), format_grouped(marks[index].at.n, to),
                      findings->first, more, please);
}

err_t verdict_snapshot(struct recording *recording, size_t index, struct board *board, const struct ram_hash *ram_hash)
{
    size_t count;
    const struct snapshot_mark *mark = &recording_snapshots(recording, &count)[index];
    check(index < count && board_now(board).n == mark->at.n);
    bool same_state = machine_state_hash(board) == mark->state_hash;
    bool same_ram = !ram_hash || ram_hash->sum == mark->ram_hash;
    if (same_state && same_ram)
        return err_ok();
    struct findings findings = {0};
    if (!same_state)
        TRY(compare_states(recording, index, board, &findings));
    if (!same_ram)
        TRY(compare_pages(recording, index, board, &findings));
    if (!findings.count)
        snprintf(findings.first, sizeof findings.first, "the hash of %s is 0x%llx, recorded 0x%llx",
                 same_state ? "RAM" : "the state",
                 (unsigned long long)(same_state ? ram_hash->sum : machine_state_hash(board)),
                 (unsigned long long)(same_state ? mark->ram_hash : mark->state_hash));
    return diverged(recording, index, &findings);
}

err_t verdict_visited(const struct recording *recording, size_t index, const struct visited *visited)
{
    struct visited recorded;
    if (!recording_visited(recording, index, &recorded) ||
        memcmp(visited->bytes, recorded.bytes, sizeof recorded.bytes) == 0)
        return err_ok();
    struct findings findings = {.count = 1, .first = "not the same pages of code were executed"};
    return diverged(recording, index, &findings);
}

err_t verdict_stopped(const struct recording *recording, const struct board *board, icount_t expected)
{
    char at[GROUPED_BYTES], to[GROUPED_BYTES];
    const char *how = board_halt(board).reason != HALT_NONE ? "ended"
                      : board_idle(board)                   ? "idles for ever"
                                                            : "stopped";
    return err_detail(err_make(ERR_DIVERGED, "%s", recording_name(recording)),
                      "diverged: the machine %s at %s, the recording goes on to %s; %s", how,
                      format_grouped(board_now(board).n, at), format_grouped(expected.n, to), please);
}

err_t verdict_end(struct recording *recording, const struct board *board, uint64_t console_bytes)
{
    struct recording_info info;
    TRY(recording_info(recording, &info));
    if (board_now(board).n != info.end.n)
        return verdict_stopped(recording, board, info.end);
    struct board_halt halt = board_halt(board);
    err_t error = err_make(ERR_DIVERGED, "%s", recording_name(recording));
    if (info.complete && (halt.reason != info.halt.reason || halt.status != info.halt.status))
        return err_detail(error, "the guest ends with status %llu (reason %d), recorded %llu (reason %d)",
                          (unsigned long long)halt.status, (int)halt.reason, (unsigned long long)info.halt.status,
                          (int)info.halt.reason);
    if (info.complete && console_bytes != info.console_bytes)
        return err_detail(error, "%llu console bytes, recorded %llu", (unsigned long long)console_bytes,
                          (unsigned long long)info.console_bytes);
    return err_ok();
}

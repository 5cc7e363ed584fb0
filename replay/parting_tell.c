/* In what two recordings, or two machines that stand somewhere, differ: words for people. */
#include <inttypes.h>
#include <string.h>

#include "differ.h"
#include "parting.h"

/* ---- what was booted ----------------------------------------------------------------------------------------------- */

static void tell_number(const struct pen *pen, const char *what, uint64_t a, uint64_t b)
{
    if (a != b)
        pen_line(pen, "%s 0x%" PRIx64 " / 0x%" PRIx64, what, a, b);
}

static void tell_image(const struct pen *pen, const char *what, const struct image *a, const struct image *b)
{
    bool same = !a->bytes == !b->bytes && a->size_bytes == b->size_bytes &&
                (!a->bytes || memcmp(a->bytes, b->bytes, a->size_bytes) == 0);
    if (same)
        return;
    const char *none[] = {a->bytes ? a->name : "none", b->bytes ? b->name : "none"};
    pen_line(pen, "%s %.70s (%zu bytes) / %.70s (%zu bytes)", what, none[0], a->size_bytes, none[1], b->size_bytes);
}

void parting_machines(struct recording *a, struct recording *b, void (*line)(void *context, const char *text),
                      void *context)
{
    const struct board_config *x = recording_config(a), *y = recording_config(b);
    const struct pen pen = {context, line};
    const char *append[] = {x->append ? x->append : "", y->append ? y->append : ""};
    tell_number(&pen, "bytes of memory", x->ram_size_bytes, y->ram_size_bytes);
    tell_number(&pen, "harts", x->nharts, y->nharts);
    tell_image(&pen, "firmware", &x->firmware, &y->firmware);
    tell_image(&pen, "kernel", &x->kernel, &y->kernel);
    tell_image(&pen, "initrd", &x->initrd, &y->initrd);
    if (strcmp(append[0], append[1]) != 0)
        pen_line(&pen, "append \"%.80s\" / \"%.80s\"", append[0], append[1]);
    tell_number(&pen, "seed", x->seed, y->seed);
    tell_number(&pen, "nanoseconds of epoch", x->epoch_ns, y->epoch_ns);
    tell_number(&pen, "shift of an instruction's nanosecond", x->ns_shift, y->ns_shift);
    tell_number(&pen, "semihosting", x->semihosting_files, y->semihosting_files);
}

/* ---- where they stand ------------------------------------------------------------------------------------------------ */

struct side {
    struct state_part parts[BOARD_PARTS_MAX];
    struct differ_side words;
};

static void look(struct side *side, struct timeline *timeline, const char *name)
{
    struct board *board = timeline_board(timeline);
    side->words = (struct differ_side){
        .name = name,
        .parts = side->parts,
        .nparts = board_parts(board, side->parts),
        .ram = engine_ram(board_engine(board)),
    };
}

err_t parting_tell(struct timeline *a, const char *a_name, struct timeline *b, const char *b_name,
                   void (*line)(void *context, const char *text), void *context)
{
    struct side sides[2];
    const struct pen pen = {context, line};
    look(&sides[0], a, a_name);
    look(&sides[1], b, b_name);
    return differ_tell(&sides[0].words, &sides[1].words, &pen);
}

/* partings A B: where two recorded runs part, found the slow way and by parting_find(), which `deja diff` prints.
 *
 * Both runs are gone through side by side from power-on, interpreted an instruction at a time (straight.h); after each,
 * every register, device and byte of memory is compared. What parting_find() and parting_tell() say must be that: the
 * marks, the instruction, every register and the words of memory, the first input that differs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"
#include "straight.h"

enum { STATE_BYTES = 1 << 16, DIFFERENCES_MOST = 256, WORDS_TOLD = 8 };

/* ---- the slow way ---------------------------------------------------------------------------------------------------- */

struct difference {
    const char *field;
    unsigned element;
    uint64_t a, b;
};

struct plain {
    struct recording *recordings[2];
    struct straight sides[2];
    uint64_t common, last; /* marks: to which both come, and that can be compared last */
    bool *differs;         /* pages */
    size_t npages, ndiffer;
    uint64_t pcs[2], pcs_before[2];

    bool parted, harts_parted;
    uint64_t at, harts_at;
    uint64_t inputs[2]; /* numbers of the first that differ, from 1; 0: none */
    uint64_t inputs_at[2];
};

static struct engine *engine_of(struct plain *plain, unsigned side) { return straight_engine(&plain->sides[side]); }

static bool same_bytes(struct plain *plain, bool harts_alone)
{
    static uint8_t bytes[2][STATE_BYTES];
    size_t sizes[2];
    for (unsigned side = 0; side < 2; side++) {
        struct state_part parts[BOARD_PARTS_MAX];
        struct board *board = plain->sides[side].session.board;
        size_t nparts = harts_alone ? engine_parts(board_engine(board), parts) : board_parts(board, parts);
        sizes[side] = state_size(parts, nparts);
        check(sizes[side] <= STATE_BYTES);
        state_encode(parts, nparts, bytes[side]);
    }
    return sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0;
}

static void compare_page(struct plain *plain, size_t page)
{
    const uint8_t *a = engine_ram(engine_of(plain, 0))->bytes, *b = engine_ram(engine_of(plain, 1))->bytes;
    bool differs = memcmp(a + page * PAGE_BYTES, b + page * PAGE_BYTES, PAGE_BYTES) != 0;
    plain->ndiffer += differs - (size_t)plain->differs[page];
    plain->differs[page] = differs;
}

static void compare_stored(struct plain *plain)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct ram *ram = engine_ram(engine_of(plain, side));
        for (size_t page = machine_next_dirty(ram, 0); page < plain->npages; page = machine_next_dirty(ram, page + 1))
            compare_page(plain, page);
    }
    for (unsigned side = 0; side < 2; side++)
        engine_clean(engine_of(plain, side));
}

static void compare_here(struct plain *plain, uint64_t mark)
{
    compare_stored(plain);
    for (unsigned side = 0; side < 2; side++) {
        plain->pcs_before[side] = plain->pcs[side];
        plain->pcs[side] = straight_hart(&plain->sides[side])->pc;
    }
    if (!plain->parted && (plain->ndiffer || !same_bytes(plain, false))) {
        plain->parted = true;
        plain->at = mark;
    }
    if (plain->parted && !same_bytes(plain, true)) {
        plain->harts_parted = true;
        plain->harts_at = mark;
    }
}

static void go_both(struct plain *plain, uint64_t mark)
{
    for (unsigned side = 0; side < 2; side++)
        straight_go(&plain->sides[side], mark);
}

static void open_both(struct plain *plain)
{
    for (unsigned side = 0; side < 2; side++)
        straight_open(&plain->sides[side], plain->recordings[side], true);
}

static void close_both(struct plain *plain)
{
    for (unsigned side = 0; side < 2; side++)
        straight_close(&plain->sides[side]);
}

/* Where a run ends in idling it is not settled. */
static bool ends_idle(struct plain *plain)
{
    struct straight straight;
    bool idle = false;
    for (unsigned side = 0; side < 2; side++) {
        straight_open(&straight, plain->recordings[side], false);
        straight_go(&straight, plain->common);
        idle = idle || board_idle(straight.session.board);
        straight_close(&straight);
    }
    return idle && plain->common;
}

static bool same_input(const struct input_record *a, const struct input_record *b)
{
    return a->at.n == b->at.n && a->when.ns == b->when.ns && a->kind == b->kind && a->port == b->port &&
           a->size_bytes == b->size_bytes && !memcmp(a->bytes, b->bytes, a->size_bytes);
}

static void find_inputs(struct plain *plain)
{
    size_t counts[2], n = 0;
    const struct input_record *inputs[2];
    for (unsigned side = 0; side < 2; side++)
        inputs[side] = recording_inputs(plain->recordings[side], &counts[side]);
    while (n < counts[0] && n < counts[1] && same_input(&inputs[0][n], &inputs[1][n]))
        n++;
    for (unsigned side = 0; side < 2; side++) {
        bool any = n < counts[side] && inputs[side][n].at.n <= plain->common;
        plain->inputs[side] = any ? n + 1 : 0;
        plain->inputs_at[side] = any ? inputs[side][n].at.n : 0;
    }
}

static void find_plainly(struct plain *plain)
{
    uint64_t ends[] = {recording_end(plain->recordings[0]).n, recording_end(plain->recordings[1]).n};
    plain->common = ends[0] < ends[1] ? ends[0] : ends[1];
    plain->last = plain->common - ends_idle(plain);
    find_inputs(plain);
    open_both(plain);
    plain->npages = machine_npages(engine_ram(engine_of(plain, 0)));
    plain->differs = calloc(plain->npages, sizeof *plain->differs);
    check(plain->differs != NULL);
    for (size_t page = 0; page < plain->npages; page++)
        compare_page(plain, page);
    for (uint64_t mark = 0; mark <= plain->last && !plain->harts_parted; mark++) {
        go_both(plain, mark);
        compare_here(plain, mark);
    }
}

/* ---- what the harts differ in ---------------------------------------------------------------------------------------- */

static void add(struct difference *list, size_t *count, struct difference one)
{
    if (one.a == one.b)
        return;
    check(*count < DIFFERENCES_MOST);
    list[(*count)++] = one;
}

static size_t list_differences(struct plain *plain, struct difference list[DIFFERENCES_MOST])
{
    const struct hart_state *a = straight_hart(&plain->sides[0]), *b = straight_hart(&plain->sides[1]);
    size_t count = 0;
#define ONE(field) add(list, &count, (struct difference){#field, 0, a->field, b->field})
#define EACH(field)                                                                                                    \
    for (unsigned i = 0; i < sizeof a->field / sizeof a->field[0]; i++)                                                \
    add(list, &count, (struct difference){#field, i, a->field[i], b->field[i]})
    EACH(x);
    EACH(f);
    EACH(pmpaddr);
    EACH(pmpcfg);
    ONE(pc), ONE(mstatus), ONE(misa), ONE(medeleg), ONE(mideleg), ONE(mie), ONE(mtvec), ONE(mscratch), ONE(mepc);
    ONE(mcause), ONE(mtval), ONE(mip_soft), ONE(mip_lines), ONE(mcounteren), ONE(mcountinhibit), ONE(menvcfg);
    ONE(senvcfg), ONE(cycle_offset), ONE(instret_offset), ONE(stvec), ONE(sscratch), ONE(sepc), ONE(scause), ONE(stval);
    ONE(satp), ONE(scounteren), ONE(stimecmp), ONE(reservation), ONE(fflags), ONE(frm), ONE(priv), ONE(waiting);
#undef ONE
#undef EACH
    return count;
}

/* ---- comparing ------------------------------------------------------------------------------------------------------- */

static unsigned failures;

static void expect(const char *what, uint64_t wanted, uint64_t got)
{
    if (wanted == got)
        return;
    printf("FAILED: %s: %" PRIu64 " (%#" PRIx64 ") instead of %" PRIu64 " (%#" PRIx64 ")\n", what, got, got, wanted,
           wanted);
    failures++;
}

static bool is_listed(const struct difference *list, size_t count, const struct state_difference *one)
{
    bool listed = false;
    for (size_t i = 0; i < count; i++)
        listed = listed || (!strcmp(list[i].field, one->field) && (!one->is_array || list[i].element == one->element) &&
                            list[i].a == one->a && list[i].b == one->b);
    return listed;
}

static void compare_registers(struct plain *plain, const struct parting *parting)
{
    static struct difference list[DIFFERENCES_MOST];
    size_t count = list_differences(plain, list), shown = count < PARTING_SHOWN ? count : PARTING_SHOWN;
    expect("the number of registers that differ", count, parting->differences);
    for (size_t i = 0; i < shown; i++)
        if (!is_listed(list, count, &parting->shown[i])) {
            printf("FAILED: %s[%u] does not differ like that\n", parting->shown[i].field, parting->shown[i].element);
            failures++;
        }
}

static void compare_partings(struct plain *plain, const struct parting *parting)
{
    expect("the mark to which both come", plain->common, parting->common.n);
    expect("whether the machines part", plain->parted, parting->parted);
    expect("whether the harts part", plain->harts_parted, parting->harts_parted);
    for (unsigned side = 0; side < 2; side++)
        expect("the first input that differs", plain->inputs[side], parting->inputs[side].number);
    if (failures || !plain->parted)
        return;
    expect("where the machines part", plain->at, parting->at.n);
    if (!plain->harts_parted)
        return;
    bool by_input = false;
    for (unsigned side = 0; side < 2; side++)
        by_input = by_input || (plain->inputs[side] && plain->inputs_at[side] == plain->harts_at);
    bool before = plain->harts_at && !by_input;
    expect("where the harts part", plain->harts_at, parting->harts_at.n);
    expect("whether an input parts them", by_input, parting->by_input);
    for (unsigned side = 0; side < 2; side++)
        expect("the pc", before ? plain->pcs_before[side] : plain->pcs[side], parting->pcs[side]);
    expect("whether an instruction is named", before, parting->insn[0] != '\0');
    compare_registers(plain, parting);
}

/* ---- what is told ---------------------------------------------------------------------------------------------------- */

struct words {
    uint64_t told, more, address[WORDS_TOLD], a[WORDS_TOLD], b[WORDS_TOLD], fields;
};

static void read_line(void *context, const char *text)
{
    struct words *words = context;
    uint64_t address, a, b;
    if (sscanf(text, " memory 0x%" SCNx64 " 0x%" SCNx64 " 0x%" SCNx64, &address, &a, &b) == 3) {
        check(words->told < WORDS_TOLD);
        words->address[words->told] = address;
        words->a[words->told] = a;
        words->b[words->told++] = b;
    } else if (sscanf(text, " and %" SCNu64 " more", &a) == 1) {
        words->more = a;
    } else if (strncmp(text, "  hart 0 ", 9) == 0) {
        words->fields++;
    }
}

static uint64_t word_at(const struct ram *ram, uint64_t offset)
{
    uint64_t word;
    memcpy(&word, ram->bytes + offset, sizeof word);
    return word;
}

/* Every word of memory, and that every field of the hart is told. */
static void compare_words(struct plain *plain, const struct words *words)
{
    static struct difference list[DIFFERENCES_MOST];
    const struct ram *a = engine_ram(engine_of(plain, 0)), *b = engine_ram(engine_of(plain, 1));
    uint64_t count = 0;
    for (uint64_t at = 0; at < a->size_bytes; at += 8) {
        if (word_at(a, at) == word_at(b, at))
            continue;
        if (count < words->told && count < WORDS_TOLD) {
            expect("the address of a word", a->base + at, words->address[count]);
            expect("the word in the first", word_at(a, at), words->a[count]);
            expect("the word in the second", word_at(b, at), words->b[count]);
        }
        count++;
    }
    expect("words of memory that differ", count, words->told + words->more);
    expect("fields of the hart that are told", list_differences(plain, list), words->fields);
}

static struct recording *opened(const char *path)
{
    struct recording *recording;
    must(recording_open(path, &recording));
    return recording;
}

int main(int argc, char **argv)
{
    struct plain plain = {0};
    struct timeline *timelines[2];
    struct parting parting;
    struct words words = {0};
    if (argc != 3)
        return 64;
    for (unsigned side = 0; side < 2; side++) {
        plain.recordings[side] = opened(argv[1 + side]);
        must(timeline_open(plain.recordings[side], &timelines[side]));
    }
    find_plainly(&plain);
    must(parting_find(timelines[0], timelines[1], &parting));
    compare_partings(&plain, &parting);
    if (plain.parted && !plain.harts_parted) { /* it has gone on to the end */
        close_both(&plain);
        open_both(&plain);
        go_both(&plain, plain.at);
    }
    must(parting_tell(timelines[0], "a", timelines[1], "b", read_line, &words));
    if (!failures)
        compare_words(&plain, &words);
    printf("%s: common %" PRIu64 ", machines %s %" PRIu64 ", harts %s %" PRIu64 ", %u failed\n", argv[2], plain.common,
           plain.parted ? "part at" : "do not part", plain.at, plain.harts_parted ? "part at" : "do not part",
           plain.harts_at, failures);
    close_both(&plain);
    free(plain.differs);
    for (unsigned side = 0; side < 2; side++) {
        timeline_close(timelines[side]);
        recording_close(plain.recordings[side]);
    }
    return failures != 0;
}

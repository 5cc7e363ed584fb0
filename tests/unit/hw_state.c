/* Every part's state is all of its state: save, change, restore, and nobody can tell.
 *
 * The parts are those of board_parts(), whatever they are: a new part, or a new field of one, fails here until it is
 * exercised too.
 */
#include "hw_fixture.h"
#include "random.h"

#include <stdio.h>

enum { HARTS = 2, ROUNDS = 400, STEPS = 200 };

static const uint64_t TOHOST = 0x80401000, FROMHOST = 0x80401040, BLOCK = 0x80402000;

/* The only RAM that is stored to here. */
enum { RAM_OFFSET = 0x400000, RAM_BYTES = 0x4000 };

static struct board *make(struct output *output)
{
    static const uint32_t spin = 0x0000006f;
    struct board_config config = fixture_config(&spin, sizeof spin);
    config.nharts = HARTS;
    struct board *board = make_board_of(&config, output);
    board->placement.tohost = TOHOST;
    board->placement.fromhost = FROMHOST;
    htif_ops.reset(board_device(board, PART_HTIF));
    return board;
}

/* ---- snapshots, with what there is in RAM ------------------------------------------------------------------------------------------- */

struct saved {
    uint8_t *parts, *ram;
    size_t size_bytes;
};

static uint8_t *ram_of(struct board *board) { return engine_ram(board_engine(board))->bytes + RAM_OFFSET; }

static struct saved save(struct board *board)
{
    struct state_part parts[BOARD_PARTS_MAX];
    size_t count = board_parts(board, parts);
    struct saved saved = {.size_bytes = state_size(parts, count)};
    saved.parts = malloc(saved.size_bytes);
    saved.ram = malloc(RAM_BYTES);
    ck_assert(saved.parts && saved.ram);
    state_encode(parts, count, saved.parts);
    memcpy(saved.ram, ram_of(board), RAM_BYTES);
    return saved;
}

static void restore(struct board *board, const struct saved *saved)
{
    struct state_part parts[BOARD_PARTS_MAX];
    size_t count = board_parts(board, parts);
    memcpy(ram_of(board), saved->ram, RAM_BYTES);
    ck_assert(!err_is(state_decode(parts, count, saved->parts, saved->size_bytes)));
    board_restored(board);
}

static void discard(struct saved *saved)
{
    free(saved->parts);
    free(saved->ram);
}

static void report(void *context, const struct state_difference *difference)
{
    (void)context;
    fprintf(stderr, "%s %u %s[%u]: %#llx and %#llx\n", difference->part, difference->index, difference->field,
            difference->element, (unsigned long long)difference->a, (unsigned long long)difference->b);
}

static void assert_equal(struct board *a, struct board *b)
{
    struct state_part parts[BOARD_PARTS_MAX];
    struct saved of_a = save(a), of_b = save(b);
    ck_assert_uint_eq(of_a.size_bytes, of_b.size_bytes);
    size_t differences = state_diff(parts, board_parts(a, parts), of_a.parts, of_a.size_bytes, of_b.parts,
                                    of_b.size_bytes, report, NULL);
    ck_assert_uint_eq(differences, 0);
    ck_assert_mem_eq(of_a.ram, of_b.ram, RAM_BYTES);
    discard(&of_a);
    discard(&of_b);
}

/* ---- noise ------------------------------------------------------------------------------------------------------------- */

/* Where something is to be found, and how far from there. */
static const struct {
    uint64_t base, bytes;
} places[] = {
    {BOARD_UART_BASE, 9},
    {BOARD_UART_BASE, 9},
    {BOARD_RTC_BASE, 0x28},
    {BOARD_CLINT_BASE, 12},
    {BOARD_CLINT_BASE + 0x4000, 24},
    {BOARD_CLINT_BASE + 0xbff8, 16},
    {BOARD_PLIC_BASE + 4 * 10, 8}, /* priorities of the two lines that there are */
    {BOARD_PLIC_BASE + 0x1000, 16},
    {BOARD_PLIC_BASE + 0x2000, 4},
    {BOARD_PLIC_BASE + 0x2180, 4},
    {BOARD_PLIC_BASE + 0x200000, 8},
    {BOARD_PLIC_BASE + 0x203000, 8},
    {BOARD_PLIC_BASE, 0x4000},
    {BOARD_MROM_BASE, 256},
    {BOARD_FINISHER_BASE + 4, 16},
    {0, UINT64_C(1) << 32},
};

static uint64_t mix(uint64_t digest, uint64_t value) { return (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15) + 1; }

static uint64_t access(struct board *board, uint64_t *seed)
{
    size_t place = random_below(seed, sizeof places / sizeof places[0]);
    unsigned size_bytes = 1u << random_below(seed, 4);
    uint64_t address = places[place].base + random_below(seed, places[place].bytes);
    uint64_t value = random_below(seed, 2) ? random_u64(seed) : random_below(seed, 32), found = 0;
    if (random_below(seed, 4))
        address &= ~(uint64_t)(size_bytes - 1);
    if (ram_holds(engine_ram(board_engine(board)), address, size_bytes))
        return 0;
    if (random_below(seed, 2))
        return try_store(board, address, size_bytes, value);
    return try_load(board, address, size_bytes, &found) ? mix(found, 1) : 2;
}

static uint64_t semihosting(struct board *board, uint64_t *seed)
{
    struct bus bus = bus_of(board);
    unsigned hart = (unsigned)random_below(seed, HARTS);
    struct hart_state *state = engine_hart(board_engine(board), hart);
    uint64_t words[3] = {random_below(seed, 6), random_below(seed, 3) ? BLOCK + 64 : random_below(seed, 6),
                         random_below(seed, 300)};
    store_ram(board, BLOCK, words, sizeof words);
    static const uint8_t often[] = {0x06, 0x07, 0x0a}; /* READ, READC, SEEK */
    state->x[10] = random_below(seed, 2) ? random_below(seed, 0x32) : often[random_below(seed, 3)];
    state->x[11] = random_below(seed, 8) ? BLOCK : 8;
    enum host_call call = bus.host_call(bus.owner, hart, board_now(board));
    state->waiting = call == HOST_CALL_WAIT; /* as the engine does */
    return mix(state->x[10], call);
}

static uint64_t htif(struct board *board, uint64_t *seed)
{
    static const uint64_t words[] = {UINT64_C(0x0101) << 48 | 'h', UINT64_C(0x0100) << 48, 0x80402000, 0};
    struct bus bus = bus_of(board);
    bool answer = random_below(seed, 3) == 0;
    uint64_t address = answer ? FROMHOST : TOHOST, word = answer ? 0 : words[random_below(seed, 4)];
    store_ram(board, address, &word, sizeof word);
    bus.trapped(bus.owner, board_now(board), address, 8);
    return load_ram_u64(board, FROMHOST);
}

/* What noise alone hardly ever does: a UART set up with sense. */
static uint64_t driver(struct board *board, uint64_t *seed)
{
    store(board, BOARD_UART_BASE + 3, 1, 0x80); /* LCR: the divisor */
    store(board, BOARD_UART_BASE + random_below(seed, 2), 1, random_below(seed, 4));
    store(board, BOARD_UART_BASE + 3, 1, random_below(seed, 32));
    store(board, BOARD_UART_BASE + 1, 1, random_below(seed, 16)); /* IER */
    store(board, BOARD_UART_BASE + 2, 1, random_below(seed, 4) << 6 | random_below(seed, 4) | 1);
    store(board, BOARD_UART_BASE + 4, 1, 0);
    return load(board, BOARD_UART_BASE + 2, 1);
}

static uint64_t world(struct board *board, uint64_t *seed)
{
    uint8_t bytes[20];
    unsigned port = (unsigned)random_below(seed, 3);
    random_fill(seed, bytes, sizeof bytes);
    board_input(board, INPUT_CONSOLE, port, bytes, random_below(seed, sizeof bytes + 1));
    return board_input_room(board, INPUT_CONSOLE, port);
}

static uint64_t waiting(struct board *board, uint64_t *seed)
{
    pass(board, random_u64(seed) >> (32 + random_below(seed, 32)));
    return board_vtime(board).ns;
}

static uint64_t ending(struct board *board, uint64_t *seed)
{
    if (random_below(seed, 20) == 0)
        store(board, BOARD_FINISHER_BASE, 4, 0x3333 | random_below(seed, 100) << 16);
    return board_halt(board).status;
}

/* What can be seen from outside without touching anything. */
static uint64_t look(struct board *board)
{
    uint64_t digest = mix(board_next_event(board).ns, board_vtime(board).ns);
    for (unsigned hart = 0; hart < HARTS; hart++)
        digest =
            mix(mix(digest, engine_mip(board_engine(board), hart)), engine_hart(board_engine(board), hart)->waiting);
    for (unsigned port = 0; port < 2; port++)
        digest = mix(digest, board_input_room(board, INPUT_CONSOLE, port));
    return mix(mix(digest, board_halt(board).reason), board_halt(board).status);
}

/* Does something; a digest of all that came of it. */
static uint64_t step(struct board *board, uint64_t *seed)
{
    static uint64_t (*const kinds[])(struct board *, uint64_t *) = {
        access, access, access, access, access, semihosting, htif, driver, world, waiting, ending,
    };
    uint64_t digest = kinds[random_below(seed, sizeof kinds / sizeof kinds[0])](board, seed);
    board_settle(board);
    return mix(digest, look(board));
}

static void steps(struct board *board, uint64_t seed)
{
    for (int i = 0; i < STEPS; i++)
        step(board, &seed);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------- */

START_TEST(a_restored_board_cannot_be_told_apart)
{
    struct output output_a = {0}, output_b = {0};
    struct board *a = make(&output_a), *b = make(&output_b);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        steps(a, 1000 + round);
        struct saved saved = save(a);
        steps(b, 2000 + round); /* b is somewhere else entirely */
        restore(b, &saved);
        assert_equal(a, b);
        output_a.length = output_b.length = 0;
        uint64_t seed_a = round, seed_b = round;
        for (int i = 0; i < STEPS; i++)
            ck_assert_msg(step(a, &seed_a) == step(b, &seed_b), "round %d, step %d", (int)round, i);
        ck_assert_uint_eq(output_a.length, output_b.length);
        ck_assert_mem_eq(output_a.text, output_b.text, output_a.length);
        assert_equal(a, b);
        restore(a, &saved); /* and back to where one has been oneself */
        restore(b, &saved);
        assert_equal(a, b);
        discard(&saved);
    }
    board_destroy(a);
    board_destroy(b);
}
END_TEST

/* ---- ... and the noise reaches every field ------------------------------------------------------------------------------ */

enum { FIELDS_MAX = 256 };
struct seen {
    const char *part, *field;
} seen[FIELDS_MAX];
static size_t nseen;

static bool has_seen(const char *part, const char *field)
{
    for (size_t i = 0; i < nseen; i++)
        if (strcmp(seen[i].part, part) == 0 && strcmp(seen[i].field, field) == 0)
            return true;
    return false;
}

static void note(void *context, const struct state_difference *difference)
{
    (void)context;
    if (has_seen(difference->part, difference->field))
        return;
    ck_assert_uint_lt(nseen, FIELDS_MAX);
    seen[nseen++] = (struct seen){difference->part, difference->field};
}

START_TEST(every_field_is_exercised)
{
    struct state_part parts[BOARD_PARTS_MAX];
    struct board *board = make(NULL);
    size_t count = board_parts(board, parts);
    struct saved before = save(board);
    engine_set_now(board_engine(board), icount_of(1));
    for (uint64_t round = 0; round < ROUNDS / 4; round++) {
        steps(board, round);
        for (uint64_t i = 0, seed = round; i < 40; i++) {
            step(board, &seed);
            struct saved after = save(board);
            state_diff(parts, count, before.parts, before.size_bytes, after.parts, after.size_bytes, note, NULL);
            discard(&after);
        }
    }
    store(board, BOARD_FINISHER_BASE, 4, 0x73333);
    struct saved after = save(board);
    state_diff(parts, count, before.parts, before.size_bytes, after.parts, after.size_bytes, note, NULL);
    for (size_t i = HARTS; i < count; i++) /* harts are the engine's */
        for (size_t j = 0; j < parts[i].desc->nfields; j++)
            ck_assert_msg(has_seen(parts[i].desc->name, parts[i].desc->fields[j].name), "%s %s never changes",
                          parts[i].desc->name, parts[i].desc->fields[j].name);
    discard(&before);
    discard(&after);
    board_destroy(board);
}
END_TEST

START_TEST(every_byte_of_every_part_is_described)
{
    struct state_part parts[BOARD_PARTS_MAX];
    struct board *board = make(NULL);
    size_t count = board_parts(board, parts);
    for (unsigned i = 0; i < PARTS; i++) {
        const struct device *device = board_device(board, (enum part)i);
        size_t listed = 0, bytes = 0;
        for (size_t j = 0; j < count; j++)
            listed += parts[j].object == device->state && parts[j].desc == device->ops->desc;
        for (size_t j = 0; device->ops->desc && j < device->ops->desc->nfields; j++)
            bytes += device->ops->desc->fields[j].size_bytes;
        ck_assert_uint_eq(listed, device->ops->desc != NULL);
        /* all of the struct is described */
        ck_assert_msg(bytes == device->ops->state_bytes, "%s: %zu of %zu bytes", part_table[i].id, bytes,
                      device->ops->state_bytes);
    }
    board_destroy(board);
}
END_TEST

/* A recording is hostile input: whatever the validators let through must be lived with. */
START_TEST(hostile_states)
{
    struct state_part parts[BOARD_PARTS_MAX];
    struct board *board = make(NULL);
    size_t count = board_parts(board, parts);
    uint64_t seed = 7;
    unsigned accepted = 0, refused = 0;
    steps(board, 1);
    struct saved good = save(board);
    uint8_t *bytes = malloc(good.size_bytes);
    for (int round = 0; round < 400; round++) {
        memcpy(bytes, good.parts, good.size_bytes);
        for (uint64_t flips = 1 + random_below(&seed, 6); flips > 0; flips--)
            bytes[random_below(&seed, good.size_bytes)] = (uint8_t)(random_below(&seed, 2) ? 0xff : random_u64(&seed));
        if (err_is(state_decode(parts, count, bytes, good.size_bytes))) {
            refused++;
            continue;
        }
        accepted++;
        board_restored(board);
        for (int i = 0; i < 60; i++)
            step(board, &seed);
        restore(board, &good);
    }
    ck_assert_uint_gt(accepted, 50);
    ck_assert_uint_gt(refused, 50);
    free(bytes);
    discard(&good);
    board_destroy(board);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_restored_board_cannot_be_told_apart,
        every_field_is_exercised,
        every_byte_of_every_part_is_described,
        hostile_states,
    };
    return RUN_SUITE("state", tests);
}

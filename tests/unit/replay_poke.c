/* Pokes as inputs of a branch: their bytes, the door that delivers them, and the recording that holds them. */
#include "recording_fixture.h"

#include "replay/door.h"
#include "replay/format.h"
#include "replay/session.h"

static void round_trip(struct poke poke)
{
    uint8_t bytes[100];
    struct poke again;
    size_t size_bytes = poke_size(&poke);
    ck_assert_uint_le(size_bytes, sizeof bytes);
    poke_encode(&poke, bytes);
    ck_assert(poke_decode(poke.kind, bytes, size_bytes, &again));
    ck_assert(again.kind == poke.kind && again.hart == poke.hart);
    if (poke.kind == POKE_REGISTER) {
        ck_assert(again.reg_class == poke.reg_class && again.number == poke.number && again.value == poke.value);
    } else {
        ck_assert(again.address == poke.address && again.size_bytes == poke.size_bytes);
        ck_assert_mem_eq(again.bytes, poke.bytes, poke.size_bytes);
    }
    for (size_t shorter = 0; shorter < size_bytes; shorter++) /* a memory poke may be shorter, down to one byte */
        ck_assert(!poke_decode(poke.kind, bytes, shorter, &again) || (poke.kind != POKE_REGISTER && shorter > 12));
}

START_TEST(what_is_written_is_read)
{
    uint8_t content[] = {9, 8, 7};
    round_trip((struct poke){.kind = POKE_REGISTER, .hart = 3, .reg_class = REG_CSR, .number = 0x180, .value = ~0ull});
    round_trip((struct poke){.kind = POKE_REGISTER, .reg_class = REG_PRIV, .value = 1});
    round_trip((struct poke){
        .kind = POKE_MEMORY, .hart = 1, .address = 0xffffffff80000001, .bytes = content, .size_bytes = 3});
    round_trip((struct poke){.kind = POKE_PHYSICAL, .address = 0x80000000, .bytes = content, .size_bytes = 1});
}
END_TEST

START_TEST(other_bytes_are_refused)
{
    uint8_t bytes[40] = {0};
    struct poke poke;
    ck_assert(!poke_decode(POKE_PHYSICAL + 1, bytes, 20, &poke));
    ck_assert(!poke_decode(UINT32_MAX, bytes, 20, &poke));
    ck_assert(!poke_decode(POKE_REGISTER, bytes, 21, &poke));
    ck_assert(!poke_decode(POKE_MEMORY, bytes, 12, &poke));
    ck_assert(!poke_decode(POKE_PHYSICAL, NULL, 0, &poke));
    ck_assert(poke_decode(POKE_REGISTER, bytes, 20, &poke));
    format_put_u32(bytes + 4, REG_PRIV + 1);
    ck_assert(!poke_decode(POKE_REGISTER, bytes, 20, &poke));
    format_put_u32(bytes + 4, UINT32_MAX);
    ck_assert(!poke_decode(POKE_REGISTER, bytes, 20, &poke));
}
END_TEST

/* ---- through the door ---------------------------------------------------------------------------------------------- */

/* j . */
static const uint8_t program[] = {0x6f, 0, 0, 0};

static struct session session_of(const struct input_record *inputs, size_t count)
{
    struct board_config config = {
        .kernel = {"kernel", program, sizeof program}, .ram_size_bytes = 4 << 20, .nharts = 1};
    struct board_world world = {.owner = NULL, .output = NULL};
    struct door_history history = {inputs, count, icount_of(5000), vtime_of(5000)};
    struct session session;
    ok(board_create(&config, world, &session.board));
    ok(door_open_recorded(history, &session.door));
    return session;
}

static struct input_record input(uint64_t at, const struct poke *poke, uint8_t *bytes)
{
    poke_encode(poke, bytes);
    return (struct input_record){icount_of(at), vtime_of(at), INPUT_POKE, poke->kind, bytes, poke_size(poke)};
}

static err_t run(const struct session *session, uint64_t mark)
{
    enum session_stop stop;
    return session_run(session, session_mark(icount_of(mark)), &stop);
}

static void close_session(struct session *session)
{
    door_free(session->door);
    board_destroy(session->board);
}

START_TEST(a_poke_enters_at_its_stamp)
{
    uint8_t content[] = {0xaa, 0xbb}, bytes[2][40], seen[2];
    struct poke pokes[] = {
        {.kind = POKE_REGISTER, .reg_class = REG_X, .number = 10, .value = 42},
        {.kind = POKE_PHYSICAL, .address = 0x80100fff, .bytes = content, .size_bytes = 2}, /* across pages */
    };
    struct input_record inputs[] = {input(1000, &pokes[0], bytes[0]), input(1500, &pokes[1], bytes[1])};
    struct session session = session_of(inputs, 2);
    struct engine *engine = board_engine(session.board);
    ok(run(&session, 999));
    ck_assert_uint_eq(engine_hart(engine, 0)->x[10], 0);
    ok(run(&session, 1000));
    ck_assert_uint_eq(engine_hart(engine, 0)->x[10], 42);
    ok(run(&session, 1499));
    ck_assert(engine_ram_load(engine, 0x80100fff, seen, 2) && seen[0] == 0 && seen[1] == 0);
    ok(run(&session, 1500));
    ck_assert(engine_ram_load(engine, 0x80100fff, seen, 2) && seen[0] == 0xaa && seen[1] == 0xbb);
    ck_assert_uint_eq(door_inputs(session.door), 2);
    close_session(&session);
}
END_TEST

/* What no branch has written: the recording lies. */
START_TEST(a_poke_of_what_is_not_there_is_damage)
{
    uint8_t content[] = {1}, bytes[40];
    struct poke pokes[] = {
        {.kind = POKE_REGISTER, .hart = 1, .reg_class = REG_X, .number = 10},
        {.kind = POKE_REGISTER, .reg_class = REG_X, .number = 32},
        {.kind = POKE_REGISTER, .reg_class = REG_F, .number = UINT32_MAX},
        {.kind = POKE_REGISTER, .reg_class = REG_CSR, .number = 0x7ff},
        {.kind = POKE_REGISTER, .reg_class = REG_CSR, .number = UINT32_MAX},
        {.kind = POKE_REGISTER, .reg_class = REG_PRIV, .value = 2},
        {.kind = POKE_MEMORY, .hart = 7, .address = 0x80000000, .bytes = content, .size_bytes = 1},
        {.kind = POKE_PHYSICAL, .address = 0x10000000, .bytes = content, .size_bytes = 1},
        {.kind = POKE_PHYSICAL, .address = UINT64_MAX, .bytes = content, .size_bytes = 1},
    };
    for (size_t i = 0; i < sizeof pokes / sizeof pokes[0]; i++) {
        struct input_record inputs[] = {input(1000, &pokes[i], bytes)};
        struct session session = session_of(inputs, 1);
        ck_assert_msg(run(&session, 2000).code == ERR_DAMAGED, "%zu", i);
        close_session(&session);
    }
}
END_TEST

/* ---- in a recording -------------------------------------------------------------------------------------------------- */

START_TEST(a_branch_says_what_it_comes_from)
{
    const char *path = fixture_path("branch.deja");
    struct recording *recording;
    struct recording_info info;
    size_t count;
    story_record_branch(path, 5, 30);
    ok(recording_open(path, &recording));
    ok(recording_info(recording, &info));
    ok(recording_check(recording, NULL));
    ck_assert_uint_eq(info.format, FORMAT_VERSION);
    ck_assert_uint_eq(info.inputs[INPUT_POKE], 10);
    const struct recording_origin *origins = recording_origins(recording, &count);
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(origins[i].name, STORY_ORIGINS[i].name);
        ck_assert_uint_eq(origins[i].at.n, STORY_ORIGINS[i].at.n);
        ck_assert_uint_eq(origins[i].parent, STORY_ORIGINS[i].parent);
    }
    recording_close(recording);
}
END_TEST

/* A row of a branch's own table, a poke or the number of the format that is not what was written is found. */
START_TEST(no_other_branch_is_believed)
{
    static const char *const edits[] = {
        "DELETE FROM branch",
        "DELETE FROM branch WHERE id = 2",
        "UPDATE branch SET name = 'x' WHERE id = 1",
        "UPDATE branch SET name = NULL WHERE id = 1",
        "UPDATE branch SET icount = icount + 1 WHERE id = 2",
        "UPDATE branch SET icount = 'x' WHERE id = 2",
        "UPDATE branch SET parent = 0 WHERE id = 1",
        "UPDATE branch SET id = 3 WHERE id = 2",
        "INSERT INTO branch VALUES(3, 'x', 2000, 1)",
        "DROP TABLE branch",
        "CREATE TABLE more(a)",
        "UPDATE input SET kind = 1 WHERE kind = 3",
        "UPDATE input SET port = 9 WHERE kind = 3",
        "UPDATE input SET bytes = x'00' WHERE kind = 3",
        "UPDATE input SET kind = 4 WHERE kind = 3",
        "PRAGMA user_version=1",
        "PRAGMA user_version=2",
    };
    const char *path = fixture_path("good.deja"), *edited = fixture_path("edited.deja");
    story_record_branch(path, 5, 12);
    struct file_copy good = file_read(path);
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct recording *recording;
        struct sql *sql;
        file_write(edited, good.bytes, good.size_bytes);
        ok(sql_open_write(edited, &sql));
        ok(sql_exec(sql, edits[i]));
        sql_close(sql);
        err_t error = recording_open(edited, &recording);
        ck_assert_msg(error.code == ERR_DAMAGED, "%s: %d", edits[i], (int)error.code);
    }
    free(good.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pokes");
    fixture_add(suite, "round trip", what_is_written_is_read);
    fixture_add(suite, "refused", other_bytes_are_refused);
    fixture_add(suite, "stamp", a_poke_enters_at_its_stamp);
    fixture_add(suite, "not there", a_poke_of_what_is_not_there_is_damage);
    fixture_add(suite, "origins", a_branch_says_what_it_comes_from);
    fixture_add(suite, "edited", no_other_branch_is_believed);
    return fixture_run(suite);
}

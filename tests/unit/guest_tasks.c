/* A kernel that is made up, with page tables, symbols, a description of its types and tasks: who runs, who waits where,
 * and rings that have no end. */
#include "btf_fixture.h"
#include "guest/kernel.h"
#include "guest_fixture.h"

#include <check.h>

enum { RAM_BYTES = 16 << 20, SYMBOLS = 600, TASK_BYTES = 0x1000, THREAD_RINGS = 8 };
#define RAM_BASE  UINT64_C(0x80000000)
#define UPPER     UINT64_C(0xffffffff00000000) /* added to a physical address: the kernel's mapping */
#define ROOT      UINT64_C(0x80001000)
#define IMAGE     UINT64_C(0x80200000)
#define ENTRY     UINT64_C(0xffffffff80400000)
#define A         UINT64_C(0xffffffff80410010) /* in functions that have made their frames */
#define B         UINT64_C(0xffffffff80420010)
#define C         UINT64_C(0xffffffff80430010)
#define LEAF      UINT64_C(0xffffffff80440000) /* the first instruction of one that makes none */
#define INIT_TASK UINT64_C(0xffffffff80500000)
#define RUNQUEUES UINT64_C(0xffffffff80510000)
#define OFFSETS   UINT64_C(0xffffffff80518000)
#define HART_IDS  UINT64_C(0xffffffff80519000)
#define BTF       UINT64_C(0xffffffff80520000)
#define TASKS     UINT64_C(0xffffffff80600000)
#define STACK     UINT64_C(0xffffffff80700000)

static struct fixture fixture;
static struct engine *engine;
static struct guest_kernel *kernel;
static struct clock virtual_clock;

/* ---- a kernel ------------------------------------------------------------------------------------------------------ */

static void store(uint64_t vaddr, uint64_t value, unsigned width)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    ck_assert(engine_ram_store(engine, vaddr - UPPER, bytes, width));
}

/* Where the made-up kernel keeps a member. */
static uint64_t offset(enum kernel_field field) { return 64 + 32 * (uint64_t)field; }

/* A struct with a bit-field of every wished name's first letter in front, and its members. */
static void put_struct(struct description *btf, const char *name)
{
    unsigned count = 1;
    for (int i = 0; i < KERNEL_FIELDS; i++)
        count += strcmp(kernel_fields[i].type, name) == 0;
    btf_put_type(btf, name, BTF_STRUCT, count, true, 0);
    btf_put_member(btf, "bits", 1, 3 << 24 | 5);
    for (int i = 0; i < KERNEL_FIELDS; i++)
        if (strcmp(kernel_fields[i].type, name) == 0)
            btf_put_member(btf, kernel_fields[i].formerly != NULL ? kernel_fields[i].formerly : kernel_fields[i].member,
                           1, (uint32_t)offset((enum kernel_field)i) * 8);
}

/* The run queue of a kernel from 6.18 on, as types 14 and 15: who runs is in a nameless union. */
static void put_newer_rq(struct description *btf)
{
    btf_put_type(btf, "", BTF_UNION, 2, false, 0);
    btf_put_member(btf, "donor", 1, 0);
    btf_put_member(btf, "curr", 1, 0);
    btf_put_type(btf, "rq", BTF_STRUCT, 2, false, 0);
    btf_put_member(btf, "nr_running", 1, 0);
    btf_put_member(btf, "", 14, (uint32_t)offset(RQ_CURR) * 8);
}

static size_t describe(uint8_t *bytes, bool newer)
{
    struct description btf = {.strings_bytes = 1};

    btf_put_type(&btf, "int", BTF_INT, 0, false, 1);
    btf_put_type(&btf, "", BTF_ARRAY, 0, false, 3);
    btf_put_type(&btf, "task_struct", BTF_FORWARD, 0, false, 0); /* only declared */
    btf_put_type(&btf, "an_enum", 6, 3, false, 6);
    btf_put_type(&btf, "", 13, 2, false, 4);
    btf_put_type(&btf, "a_union", BTF_UNION, 2, false, 6);
    btf_put_type(&btf, "wide", 19, 2, false, 6);
    btf_put_type(&btf, "section", 15, 2, false, 6);
    put_struct(&btf, "task_struct");
    put_struct(&btf, "thread_struct");
    put_struct(&btf, "pt_regs");
    btf_put_type(&btf, "tag", 17, 0, false, 1);
    put_struct(&btf, "signal_struct");
    if (newer)
        put_newer_rq(&btf);
    else
        put_struct(&btf, "rq");
    return btf_finish(&btf, bytes);
}

static void start_engine(void)
{
    struct engine_config config = {
        .nharts = 2, .ram_base = RAM_BASE, .ram_size_bytes = RAM_BYTES, .clock = &virtual_clock, .timebase_ns = 100};
    ck_assert(!err_is(engine_create(&config, &engine)));
    for (unsigned hart = 0; hart < 2; hart++) {
        struct hart_state *state = engine_hart(engine, hart);
        state->satp = UINT64_C(8) << 60 | ROOT >> 12;
        state->stvec = fixture.image.anchor & ~UINT64_C(3);
        state->priv = PRIV_S;
        state->pmpcfg[0] = 0x1f; /* everything, to everybody */
        state->pmpaddr[0] = (UINT64_C(1) << 54) - 1;
    }
    store(ROOT + UPPER + 8 * 510, (RAM_BASE >> 12 << 10) | 0xcf, 8); /* one GiB, readable, writable, executable */
    engine_forget(engine);
}

/* addi sp, sp, -32; sd ra, 24(sp); sd s0, 16(sp); addi s0, sp, 32; nops. */
static void put_function(uint64_t vaddr)
{
    store(vaddr, UINT64_C(0x1000e822ec061101), 8);
    for (unsigned i = 8; i < 0x20; i += 2)
        store(vaddr + i, 1, 2);
}

static void build_kernel(bool newer)
{
    static uint8_t btf[2 * BTF_BYTES + BTF_HEADER_BYTES];
    uint64_t btf_bytes = describe(btf, newer);
    const struct fixture_named named[] = {
        {"Thandle_exception", ENTRY},
        {"Tret_from_exception", ENTRY + 0x100},
        {"Tnext_function", ENTRY + 0x200},
        {"tret_from_fork", ENTRY + 0x300},
        {"ta", A - 0x10},
        {"tb", B - 0x10},
        {"tc", C - 0x10},
        {"tleaf", LEAF},
        {"tbeyond", LEAF + 0x100},
        {"Binit_task", INIT_TASK},
        {"drunqueues", RUNQUEUES},
        {"D__per_cpu_offset", OFFSETS},
        {"D__cpuid_to_hartid_map", HART_IDS},
        {"R__start_BTF", BTF},
        {"R__stop_BTF", BTF + btf_bytes},
    };

    fixture_build_named(&fixture, &fixture_layouts[4], SYMBOLS, 3, named, sizeof named / sizeof named[0]);
    start_engine();
    ck_assert(engine_ram_store(engine, IMAGE, fixture.bytes, FIXTURE_BYTES));
    ck_assert(engine_ram_store(engine, BTF - UPPER, btf, btf_bytes));
    put_function(A - 0x10);
    put_function(B - 0x10);
    put_function(C - 0x10);
    store(OFFSETS, 0x2000, 8); /* processor 0 is hart 1, and the other way round */
    store(OFFSETS + 8, 0x4000, 8);
    store(HART_IDS, 1, 8);
    store(HART_IDS + 8, 0, 8);
}

static uint64_t task_vaddr(unsigned i) { return i == 0 ? INIT_TASK : TASKS + (uint64_t)i * TASK_BYTES; }

static uint64_t signal_vaddr(unsigned i) { return task_vaddr(i) + TASK_BYTES / 2; }

/* Links `from`'s node to `to`'s; a ring is n of these. */
static void link_tasks(unsigned from, unsigned to)
{
    store(task_vaddr(from) + offset(TASK_TASKS), task_vaddr(to) + offset(TASK_TASKS), 8);
}

static void make_task(unsigned i, const char *comm, uint32_t state)
{
    uint64_t vaddr = task_vaddr(i);
    store(vaddr + offset(TASK_PID), i, 4);
    store(vaddr + offset(TASK_TGID), i, 4);
    store(vaddr + offset(TASK_STATE), state, 4);
    store(vaddr + offset(TASK_MM), i > 2 ? TASKS : 0, 8);
    store(vaddr + offset(TASK_SIGNAL), signal_vaddr(i), 8);
    for (size_t c = 0; c <= strlen(comm); c++)
        store(vaddr + offset(TASK_COMM) + c, (uint8_t)comm[c], 1);
    store(signal_vaddr(i) + offset(SIGNAL_THREAD_HEAD), vaddr + offset(TASK_THREAD_NODE), 8);
    store(vaddr + offset(TASK_THREAD_NODE), signal_vaddr(i) + offset(SIGNAL_THREAD_HEAD), 8);
}

/* init_task, and 1, 2 and 3 in a ring with it; 3 has another thread, 4. */
static void make_tasks(void)
{
    static const char *const names[] = {"swapper/0", "init", "kthreadd", "crash", "its\x1bthread"};
    static const uint32_t states[] = {0, 1, 0x402, 2, 8};
    for (unsigned i = 0; i < 5; i++)
        make_task(i, names[i], states[i]);
    for (unsigned i = 0; i < 4; i++)
        link_tasks(i, (i + 1) % 4);
    store(task_vaddr(4) + offset(TASK_TGID), 3, 4);
    store(task_vaddr(3) + offset(TASK_THREAD_NODE), task_vaddr(4) + offset(TASK_THREAD_NODE), 8);
    store(task_vaddr(4) + offset(TASK_THREAD_NODE), signal_vaddr(3) + offset(SIGNAL_THREAD_HEAD), 8);
    store(RUNQUEUES + 0x4000 + offset(RQ_CURR), task_vaddr(3), 8); /* of hart 0 */
    store(RUNQUEUES + 0x2000 + offset(RQ_CURR), task_vaddr(0), 8);
}

static void begin(bool newer)
{
    build_kernel(newer);
    make_tasks();
    err_t error = guest_kernel_open(engine, 0, &kernel);
    ck_assert_msg(!err_is(error), "%s", error.detail);
    ck_assert_msg(!err_is(kernel->tasks), "%s", kernel->tasks.detail);
}

static void setup(void) { begin(false); }

static void teardown(void)
{
    guest_kernel_close(kernel);
    kernel = NULL;
    engine_destroy(engine);
}

static void reopen(void)
{
    guest_kernel_close(kernel);
    kernel = NULL;
    ck_assert(!err_is(guest_kernel_open(engine, 0, &kernel)));
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

START_TEST(all_tasks)
{
    static const struct {
        int pid, tgid;
        char state;
        bool of_kernel;
        const char *comm;
    } rows[] = {{1, 1, 'S', true, "init"},
                {2, 2, 'I', true, "kthreadd"},
                {3, 3, 'D', false, "crash"},
                {4, 3, 't', false, "its?thread"}};
    struct guest_task *tasks;
    size_t count;

    ck_assert(!err_is(guest_tasks(kernel, 0, &tasks, &count)));
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(tasks[i].pid, rows[i].pid);
        ck_assert_int_eq(tasks[i].tgid, rows[i].tgid);
        ck_assert_int_eq(tasks[i].state, rows[i].state);
        ck_assert_int_eq(tasks[i].of_kernel, rows[i].of_kernel);
        ck_assert_str_eq(tasks[i].comm, rows[i].comm);
    }
    free(tasks);
}
END_TEST

START_TEST(the_running_one)
{
    struct guest_task task;
    ck_assert(!err_is(guest_current(kernel, 0, &task)));
    ck_assert_int_eq(task.pid, 3);
    ck_assert(!err_is(guest_current(kernel, 1, &task)));
    ck_assert_int_eq(task.pid, 0);
    engine_hart(engine, 0)->priv = PRIV_M; /* firmware runs on behalf of it */
    ck_assert(!err_is(guest_current(kernel, 0, &task)));
    ck_assert_int_eq(task.pid, 3);
    store(RUNQUEUES + 0x4000 + offset(RQ_CURR), 0, 8);
    ck_assert_int_eq(guest_current(kernel, 0, &task).code, ERR_UNAVAILABLE);
    store(RUNQUEUES + 0x4000 + offset(RQ_CURR), UINT64_MAX - 3, 8);
    ck_assert_int_eq(guest_current(kernel, 0, &task).code, ERR_UNAVAILABLE);
    store(HART_IDS + 8, 77, 8);
    ck_assert_int_eq(guest_current(kernel, 0, &task).code, ERR_UNAVAILABLE);
}
END_TEST

START_TEST(the_running_one_in_a_nameless_union)
{
    struct guest_task task;
    teardown();
    begin(true);
    ck_assert_uint_eq(kernel->offsets[RQ_CURR], offset(RQ_CURR));
    ck_assert(!err_is(guest_current(kernel, 0, &task)));
    ck_assert_int_eq(task.pid, 3);
}
END_TEST

static void assert_no_list(void)
{
    struct guest_task *tasks;
    size_t count;
    ck_assert_int_eq(guest_tasks(kernel, 0, &tasks, &count).code, ERR_UNAVAILABLE);
}

START_TEST(rings_without_end)
{
    link_tasks(3, 1);
    assert_no_list();
    make_tasks();
    link_tasks(2, 2);
    assert_no_list();
    make_tasks();
    store(task_vaddr(3) + offset(TASK_THREAD_NODE), task_vaddr(3) + offset(TASK_THREAD_NODE), 8);
    assert_no_list();
    make_tasks();
    store(task_vaddr(2) + offset(TASK_TASKS), 0x1234, 8);
    assert_no_list();
    make_tasks();
    store(task_vaddr(2) + offset(TASK_SIGNAL), UINT64_MAX, 8);
    assert_no_list();
    make_tasks();
    engine_hart(engine, 0)->satp = 0;
    assert_no_list();
}
END_TEST

/* ---- frames -------------------------------------------------------------------------------------------------------- */

/* A frame record below `fp`. */
static void frame(uint64_t fp, uint64_t caller_fp, uint64_t ra)
{
    store(fp - 8, ra, 8);
    store(fp - 16, caller_fp, 8);
}

static void assert_frames(unsigned task, size_t n, const uint64_t *expected)
{
    uint64_t pcs[8];
    size_t count;
    ck_assert(!err_is(guest_frames(kernel, 0, task_vaddr(task), pcs, 8, &count)));
    ck_assert_uint_eq(count, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(pcs[i], expected[i]);
}

static void sleep_at(uint64_t pc, uint64_t sp, uint64_t fp)
{
    uint64_t thread = task_vaddr(1) + offset(TASK_THREAD);
    store(thread + offset(THREAD_RA), pc, 8);
    store(thread + offset(THREAD_SP), sp, 8);
    store(thread + offset(THREAD_S), fp, 8);
}

START_TEST(frames_of_one_that_sleeps)
{
    sleep_at(A, STACK + 0xe0, STACK + 0x100);
    frame(STACK + 0x100, STACK + 0x200, B);
    frame(STACK + 0x200, 0, C);
    assert_frames(1, 3, (const uint64_t[]){A, B, C});
    frame(STACK + 0x200, STACK + 0x100, C); /* a ring: as many as are asked for */
    assert_frames(1, 8, (const uint64_t[]){A, B, C, B, C, B, C, B});
    frame(STACK + 0x100, STACK + 0x200, 0x5a0000); /* back to the program */
    assert_frames(1, 1, (const uint64_t[]){A});
    frame(STACK + 0x100, STACK + 0x200, INIT_TASK + 8); /* data, at the stack's end */
    frame(STACK + 0x200, 0, C);
    assert_frames(1, 1, (const uint64_t[]){A});
    frame(STACK + 0x100, STACK + 0x200, UINT64_C(0xffffffff01000000)); /* a module, below all symbols */
    assert_frames(1, 3, (const uint64_t[]){A, UINT64_C(0xffffffff01000000), C});
    frame(STACK + 0x100, STACK + 0x200, ENTRY + 0x304); /* a thread begins there */
    assert_frames(1, 2, (const uint64_t[]){A, ENTRY + 0x304});
    sleep_at(A, STACK + 0xe0, STACK + 0x101);
    assert_frames(1, 1, (const uint64_t[]){A});
    sleep_at(ENTRY + 0x300, STACK + 0xe0, STACK + 0x100); /* it has not run yet */
    assert_frames(1, 1, (const uint64_t[]){ENTRY + 0x300});
}
END_TEST

static void run_at(uint64_t pc, uint64_t ra, uint64_t sp, uint64_t fp)
{
    struct hart_state *state = engine_hart(engine, 0);
    state->pc = pc;
    state->x[1] = ra;
    state->x[2] = sp;
    state->x[8] = fp;
}

START_TEST(frames_of_the_running_one)
{
    frame(STACK + 0x100, STACK + 0x200, B);
    frame(STACK + 0x200, 0, 0);
    run_at(A, C, STACK + 0xe0, STACK + 0x100);
    assert_frames(3, 2, (const uint64_t[]){A, B});
    run_at(A - 0x10, C, STACK, STACK + 0x100); /* nothing has been saved yet */
    assert_frames(3, 3, (const uint64_t[]){A - 0x10, C, B});
    run_at(A - 0xc, C, STACK - 0x20, STACK + 0x100); /* ra has been, s0 has not */
    store(STACK - 8, C, 8);
    assert_frames(3, 3, (const uint64_t[]){A - 0xc, C, B});
    run_at(A - 0xa, 0, STACK - 0x20, STACK + 0x100); /* both have been, s0 is still the caller's */
    store(STACK - 16, STACK + 0x100, 8);
    assert_frames(3, 3, (const uint64_t[]){A - 0xa, C, B});
    run_at(LEAF + 8, C, STACK, STACK + 0x100); /* it saves nothing, ever */
    assert_frames(3, 3, (const uint64_t[]){LEAF + 8, C, B});
    engine_hart(engine, 0)->priv = PRIV_U;
    run_at(0x10000, C, STACK, STACK + 0x100);
    assert_frames(3, 0, NULL);
    engine_hart(engine, 0)->priv = PRIV_M;
    engine_hart(engine, 0)->mepc = A;
    frame(STACK + 0x100, STACK + 0x180, B);
    frame(STACK + 0x180, 0, C);
    run_at(0x80000000, 0, 0x80001000, STACK + 0x100); /* s0 is left to the kernel */
    assert_frames(3, 3, (const uint64_t[]){A, B, C});
}
END_TEST

/* A kernel without frame pointers: sp only. */
START_TEST(frames_by_sp)
{
    store(A - 0x10, 0x0001e822ec061101, 8);
    store(B - 0x10, 0x0001e022e4061141, 8); /* addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp) */
    store(STACK + 0x18, B, 8);
    store(STACK + 0x28, C, 8);
    store(STACK + 0x30 + 24, 0, 8);
    run_at(A, 0, STACK, 0x1234);
    store(C - 0x10, 0x0001e822ec061101, 8);
    assert_frames(3, 3, (const uint64_t[]){A, B, C});
}
END_TEST

/* An interrupt's handler, and what it has interrupted: the registers are where the handler's frame begins. */
START_TEST(frames_through_a_trap)
{
    uint64_t regs = STACK + 0x200;

    run_at(A, 0, regs - 0x20, regs);
    frame(regs, STACK + 0x7f0, ENTRY + 0x42); /* what was s0 does not matter */
    store(regs + offset(REGS_EPC), LEAF + 2, 8);
    store(regs + offset(REGS_RA), C, 8);
    store(regs + offset(REGS_SP), STACK + 0x700, 8);
    store(regs + offset(REGS_S0), STACK + 0x800, 8);
    frame(STACK + 0x800, 0, B);
    assert_frames(3, 5, (const uint64_t[]){A, ENTRY + 0x42, LEAF + 2, C, B});
    store(regs + offset(REGS_EPC), C - 0xe, 8); /* its frame is not there yet, only room for it */
    store(regs + offset(REGS_RA), A, 8);
    assert_frames(3, 5, (const uint64_t[]){A, ENTRY + 0x42, C - 0xe, A, B});
    frame(regs, 0, ENTRY + 0x100); /* older kernels return there */
    assert_frames(3, 5, (const uint64_t[]){A, ENTRY + 0x100, C - 0xe, A, B});
    store(regs + offset(REGS_EPC), 0x10000, 8); /* a program */
    assert_frames(3, 2, (const uint64_t[]){A, ENTRY + 0x100});
    frame(regs, 0, ENTRY + 0x200); /* no entry code */
    assert_frames(3, 2, (const uint64_t[]){A, ENTRY + 0x200});
    frame(regs, regs, ENTRY + 0x42); /* registers that lead back to their handler: as many as are asked for */
    store(regs + offset(REGS_EPC), A, 8);
    store(regs + offset(REGS_SP), regs - 0x20, 8);
    store(regs + offset(REGS_S0), regs, 8);
    assert_frames(3, 8, (const uint64_t[]){A, ENTRY + 0x42, A, ENTRY + 0x42, A, ENTRY + 0x42, A, ENTRY + 0x42});
    run_at(ENTRY + 0x42, 0, regs, regs); /* in the entry code itself */
    assert_frames(3, 1, (const uint64_t[]){ENTRY + 0x42});
}
END_TEST

/* In the entry code itself, at work on the registers. */
START_TEST(frames_from_within_the_entry_code)
{
    static const uint32_t code[] = {
        0x00223c23, /*  0 sd sp, 24(tp) */
        0x01023103, /*  4 ld sp, 16(tp) */
        0xe022e406, /*  8 sd ra, 8(sp); sd s0, 0(sp): for a while, where pc will be */
        0x14102473, /* 12 csrr s0, sepc */
        0x0001e022, /* 16 sd s0, 0(sp) */
        0x00000513, /* 20 li a0, 0 */
    };
    struct hart_state *state = engine_hart(engine, 0);
    uint64_t regs = STACK + 0x200, thread = TASKS + 0x80;

    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++)
        store(ENTRY + 4 * i, code[i], 4);
    frame(STACK + 0x800, 0, B);
    state->sepc = LEAF + 2;
    state->x[4] = thread;
    run_at(ENTRY, C, STACK + 0x700, STACK + 0x800);
    assert_frames(3, 4, (const uint64_t[]){ENTRY, LEAF + 2, C, B});
    store(thread + 24, STACK + 0x700, 8);
    run_at(ENTRY + 8, C, regs, STACK + 0x800);
    assert_frames(3, 4, (const uint64_t[]){ENTRY + 8, LEAF + 2, C, B});
    store(regs + 8, C, 8);
    store(regs, STACK + 0x800, 8);
    run_at(ENTRY + 16, A, regs, LEAF + 2);
    assert_frames(3, 4, (const uint64_t[]){ENTRY + 16, LEAF + 2, C, B});
    run_at(ENTRY + 20, A, regs, LEAF + 2); /* where s0 was is overwritten: nothing is made up */
    store(regs, LEAF + 2, 8);
    assert_frames(3, 1, (const uint64_t[]){ENTRY + 20});
    state->sepc = 0x10000; /* a program */
    run_at(ENTRY + 4, C, STACK + 0x700, STACK + 0x800);
    assert_frames(3, 1, (const uint64_t[]){ENTRY + 4});
    run_at(ENTRY + 0x100, 0, regs, regs); /* on the way back, nothing has been put back yet */
    store(regs, LEAF + 2, 8);
    store(regs + 8, C, 8);
    store(regs + 16, STACK + 0x700, 8);
    store(regs + 64, STACK + 0x800, 8);
    assert_frames(3, 4, (const uint64_t[]){ENTRY + 0x100, LEAF + 2, C, B});
}
END_TEST

/* ---- what a kernel may lack ------------------------------------------------------------------------------------------ */

static void assert_unknown(const char *why)
{
    struct guest_task task;
    reopen();
    ck_assert(guest_kernel_symbols(kernel)->count == SYMBOLS);
    ck_assert_int_eq(guest_current(kernel, 0, &task).code, ERR_UNAVAILABLE);
    assert_no_list();
    ck_assert_msg(strstr(kernel->tasks.detail, why) != NULL, "%s", kernel->tasks.detail);
}

START_TEST(types_that_are_not_described)
{
    store(BTF, 0xeb9e, 2);
    assert_unknown("damaged");
    store(BTF, 0xeb9f, 2);
    reopen();
    ck_assert(!err_is(kernel->tasks));
    store(BTF + 12, 0xffffff00, 4); /* types_bytes */
    assert_unknown("damaged");
    store(BTF + 12, 12, 4); /* too few */
    assert_unknown("damaged");
    store(BTF + 12, 0, 4); /* none */
    assert_unknown("structures");
}
END_TEST

START_TEST(any_damage)
{
    uint64_t seed = 9;
    struct guest_task task, *tasks;
    size_t count;
    uint64_t pcs[16];

    for (int round = 0; round < 2000; round++) {
        uint64_t where[] = {BTF + random_below(&seed, 1300),
                            task_vaddr((unsigned)random_below(&seed, 5)) + random_below(&seed, 600),
                            signal_vaddr((unsigned)random_below(&seed, 5)) + random_below(&seed, 600),
                            RUNQUEUES + random_below(&seed, 0x5000)};
        store(where[random_below(&seed, 4)], random_magnitude(&seed), 1 + (unsigned)random_below(&seed, 8));
        if (round % 100 == 0) {
            teardown();
            setup();
        }
        if (round % 10 == 0)
            reopen();
        if (!err_is(guest_current(kernel, 0, &task)))
            ck_assert(!err_is(guest_frames(kernel, 0, task.vaddr, pcs, 16, &count)));
        err_t error = guest_frames(kernel, 0, random_u64(&seed), pcs, 16, &count);
        ck_assert(error.code == ERR_OK || error.code == ERR_UNAVAILABLE);
        if (!err_is(guest_tasks(kernel, 0, &tasks, &count)))
            free(tasks);
    }
}
END_TEST

START_TEST(no_kernel)
{
    struct guest_kernel *none = NULL;
    engine_hart(engine, 1)->stvec = 0x1000;
    ck_assert_int_eq(guest_kernel_open(engine, 1, &none).code, ERR_UNAVAILABLE);
    engine_hart(engine, 1)->satp = 0;
    ck_assert_int_eq(guest_kernel_open(engine, 1, &none).code, ERR_UNAVAILABLE);
    ck_assert_ptr_null(none);
    guest_kernel_close(none);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest/tasks");
    TCase *tests = tcase_create("tasks");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, all_tasks);
    tcase_add_test(tests, the_running_one);
    tcase_add_test(tests, the_running_one_in_a_nameless_union);
    tcase_add_test(tests, rings_without_end);
    tcase_add_test(tests, frames_of_one_that_sleeps);
    tcase_add_test(tests, frames_of_the_running_one);
    tcase_add_test(tests, frames_by_sp);
    tcase_add_test(tests, frames_through_a_trap);
    tcase_add_test(tests, frames_from_within_the_entry_code);
    tcase_add_test(tests, types_that_are_not_described);
    tcase_add_test(tests, any_damage);
    tcase_add_test(tests, no_kernel);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

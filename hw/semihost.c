/* semihost: operations of the host that a program asks for with a marked ebreak.
 *
 * "RISC-V Semihosting" 0.4 on top of Arm's "Semihosting for AArch32 and AArch64" (operations, modes, extensions). a0
 * holds the operation and gets the result; a1 is its argument, for most a block of 64-bit words. Pointers are virtual
 * addresses of the calling hart. The only files are the console, ":tt", and ":semihosting-features"; the host's files
 * are out of reach. A read of the console waits until there is input: the hart makes the call again then.
 */
#include "device.h"

#include <string.h>

enum { PORT = 1, QUEUE_BYTES = 256, OUT_BYTES_MAX = 1 << 20, FEATURES_BYTES = 5 };
enum handle { HANDLE_STDIN = 1, HANDLE_STDOUT, HANDLE_STDERR, HANDLE_FEATURES };
enum guest_errno { GUEST_ENOENT = 2, GUEST_EBADF = 9, GUEST_EACCES = 13, GUEST_EFAULT = 14, GUEST_EINVAL = 22 };
enum { APPLICATION_EXIT = 0x20026, TICKS_HZ = 1000000000 };

static const uint64_t FAILED = UINT64_MAX;

/* The magic, then: SYS_EXIT_EXTENDED is there, and stdout is apart from stderr. */
static const uint8_t features[FEATURES_BYTES] = {'S', 'H', 'F', 'B', 3};

struct semihost {
    uint8_t queue[QUEUE_BYTES]; /* console input, a ring */
    uint16_t head, count;
    uint32_t waiting; /* harts that wait for input, a bit each */
    uint32_t features_at;
    uint32_t error; /* of the last operation that failed */
};
_Static_assert(HARTS_MAX <= 32, "a bit for each hart");

static bool valid(const void *object)
{
    const struct semihost *semihost = object;
    return semihost->head < QUEUE_BYTES && semihost->count <= QUEUE_BYTES && semihost->features_at <= FEATURES_BYTES;
}

static const struct state_field fields[] = {
    STATE_U8(struct semihost, queue),    STATE_U16(struct semihost, head),        STATE_U16(struct semihost, count),
    STATE_U32(struct semihost, waiting), STATE_U32(struct semihost, features_at), STATE_U32(struct semihost, error),
};
static const struct state_desc desc = STATE_DESC("semihost", fields, valid);

/* ---- input ------------------------------------------------------------------------------------------------------- */

static size_t input_room(const struct device *device)
{
    const struct semihost *semihost = device->state;
    return QUEUE_BYTES - semihost->count;
}

static void input(struct device *device, vtime_t now, const uint8_t *bytes, size_t size_bytes)
{
    struct semihost *semihost = device->state;
    (void)now;
    for (size_t i = 0; i < size_bytes && semihost->count < QUEUE_BYTES; i++)
        semihost->queue[(semihost->head + semihost->count++) % QUEUE_BYTES] = bytes[i];
    if (semihost->count == 0)
        return;
    htif_input(board_device(device->board, PART_HTIF));
    for (unsigned hart = 0; hart < engine_nharts(board_engine(device->board)); hart++)
        if (semihost->waiting >> hart & 1)
            engine_wake(board_engine(device->board), hart);
    semihost->waiting = 0;
}

bool semihost_reads(const struct device *device)
{
    const struct semihost *semihost = device->state;
    return semihost->waiting != 0;
}

int semihost_take(struct device *device)
{
    struct semihost *semihost = device->state;
    if (semihost->count == 0)
        return -1;
    uint8_t byte = semihost->queue[semihost->head];
    semihost->head = (uint16_t)((semihost->head + 1) % QUEUE_BYTES);
    semihost->count--;
    return byte;
}

/* ---- the guest's memory ------------------------------------------------------------------------------------------ */

struct call {
    struct device *device;
    struct engine *engine;
    unsigned hart;
    vtime_t now;
    uint64_t argument;
    bool waits; /* set by an operation that must be made again */
};

/* Physical address of vaddr and how many of `size_bytes` lie in its page; 0: no such memory. */
static size_t span(const struct call *call, uint64_t vaddr, size_t size_bytes, uint64_t *paddr)
{
    size_t in_page = PAGE_BYTES - vaddr % PAGE_BYTES;
    if (!engine_translate(call->engine, call->hart, vaddr, paddr))
        return 0;
    size_t count = size_bytes < in_page ? size_bytes : in_page;
    return ram_holds(engine_ram(call->engine), *paddr, count) ? count : 0;
}

static bool copy_in(const struct call *call, uint64_t vaddr, void *bytes, size_t size_bytes)
{
    for (size_t done = 0, count; done < size_bytes; done += count) {
        uint64_t paddr;
        count = span(call, vaddr + done, size_bytes - done, &paddr);
        if (count == 0 || !engine_ram_load(call->engine, paddr, (uint8_t *)bytes + done, count))
            return false;
    }
    return true;
}

static bool copy_out(const struct call *call, uint64_t vaddr, const void *bytes, size_t size_bytes)
{
    for (size_t done = 0, count; done < size_bytes; done += count) {
        uint64_t paddr;
        count = span(call, vaddr + done, size_bytes - done, &paddr);
        if (count == 0 || !engine_ram_store(call->engine, paddr, (const uint8_t *)bytes + done, count))
            return false;
    }
    return true;
}

static uint64_t fail(const struct call *call, enum guest_errno error)
{
    struct semihost *semihost = call->device->state;
    semihost->error = error;
    return FAILED;
}

/* Reads the argument's block of words. */
static bool words_in(const struct call *call, uint64_t *words, size_t count)
{
    uint8_t bytes[8 * 4];
    check(count * 8 <= sizeof bytes);
    if (!copy_in(call, call->argument, bytes, count * 8))
        return false;
    for (size_t i = 0; i < count; i++) {
        words[i] = 0;
        for (unsigned j = 0; j < 8; j++)
            words[i] |= (uint64_t)bytes[i * 8 + j] << 8 * j;
    }
    return true;
}

static bool word_out(const struct call *call, uint64_t vaddr, uint64_t word)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
    return copy_out(call, vaddr, bytes, sizeof bytes);
}

/* ---- output ------------------------------------------------------------------------------------------------------ */

/* Puts out guest memory up to `size_bytes`, or up to a zero byte; how many bytes were put out. */
static uint64_t put_out(const struct call *call, uint64_t vaddr, uint64_t size_bytes, bool to_zero)
{
    uint8_t piece[512];
    uint64_t done = 0;
    if (size_bytes > OUT_BYTES_MAX)
        size_bytes = OUT_BYTES_MAX;
    while (done < size_bytes) {
        uint64_t paddr;
        size_t want = size_bytes - done < sizeof piece ? (size_t)(size_bytes - done) : sizeof piece;
        size_t count = span(call, vaddr + done, want, &paddr);
        if (count == 0 || !engine_ram_load(call->engine, paddr, piece, count))
            break;
        const uint8_t *zero = to_zero ? memchr(piece, 0, count) : NULL;
        if (zero)
            count = (size_t)(zero - piece);
        board_output(call->device->board, PORT, piece, count);
        done += count;
        if (zero)
            break;
    }
    return done;
}

static uint64_t sys_writec(struct call *call) { return put_out(call, call->argument, 1, false) == 1 ? 0 : FAILED; }

static uint64_t sys_write0(struct call *call)
{
    put_out(call, call->argument, OUT_BYTES_MAX, true);
    return 0;
}

/* Results are the bytes that were not written or read. */
static uint64_t sys_write(struct call *call)
{
    uint64_t words[3]; /* handle, bytes, size */
    if (!words_in(call, words, 3))
        return fail(call, GUEST_EFAULT);
    if (words[0] != HANDLE_STDOUT && words[0] != HANDLE_STDERR) {
        fail(call, GUEST_EBADF);
        return words[2];
    }
    return words[2] - put_out(call, words[1], words[2], false);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint64_t wait_for_input(struct call *call)
{
    struct semihost *semihost = call->device->state;
    semihost->waiting |= 1u << call->hart;
    call->waits = true;
    return 0;
}

static uint64_t sys_readc(struct call *call)
{
    int byte = semihost_take(call->device);
    return byte < 0 ? wait_for_input(call) : (uint64_t)byte;
}

/* What has come, but at least one byte. */
static uint64_t read_console(struct call *call, uint64_t vaddr, uint64_t size_bytes)
{
    struct semihost *semihost = call->device->state;
    if (semihost->count == 0 && size_bytes)
        return wait_for_input(call);
    for (; size_bytes && semihost->count; vaddr++, size_bytes--) {
        if (!copy_out(call, vaddr, &semihost->queue[semihost->head], 1)) {
            fail(call, GUEST_EFAULT);
            break;
        }
        semihost_take(call->device);
    }
    return size_bytes;
}

static uint64_t read_features(struct call *call, uint64_t vaddr, uint64_t size_bytes)
{
    struct semihost *semihost = call->device->state;
    size_t left = FEATURES_BYTES - semihost->features_at;
    size_t count = size_bytes < left ? (size_t)size_bytes : left;
    if (!copy_out(call, vaddr, features + semihost->features_at, count)) {
        fail(call, GUEST_EFAULT);
        return size_bytes;
    }
    semihost->features_at += (uint32_t)count;
    return size_bytes - count;
}

static uint64_t sys_read(struct call *call)
{
    uint64_t words[3]; /* handle, room, size */
    if (!words_in(call, words, 3))
        return fail(call, GUEST_EFAULT);
    if (words[0] == HANDLE_STDIN)
        return read_console(call, words[1], words[2]);
    if (words[0] == HANDLE_FEATURES)
        return read_features(call, words[1], words[2]);
    fail(call, GUEST_EBADF);
    return words[2];
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool is_console(uint64_t handle) { return handle >= HANDLE_STDIN && handle <= HANDLE_STDERR; }

static uint64_t open_features(struct call *call)
{
    struct semihost *semihost = call->device->state;
    semihost->features_at = 0;
    return HANDLE_FEATURES;
}

/* Modes 0..3 read, 4..7 write, 8..11 append, which for the console mean in, out and error. */
static uint64_t sys_open(struct call *call)
{
    static const char feature_file[] = ":semihosting-features";
    char name[sizeof feature_file];
    uint64_t words[3]; /* name, mode, length of the name */
    if (!words_in(call, words, 3))
        return fail(call, GUEST_EFAULT);
    if (words[1] > 11)
        return fail(call, GUEST_EINVAL);
    if (words[2] >= sizeof name)
        return fail(call, GUEST_EACCES);
    if (!copy_in(call, words[0], name, (size_t)words[2]))
        return fail(call, GUEST_EFAULT);
    name[words[2]] = 0;
    if (strcmp(name, ":tt") == 0)
        return HANDLE_STDIN + words[1] / 4;
    if (strcmp(name, feature_file) == 0)
        return words[1] < 4 ? open_features(call) : fail(call, GUEST_EACCES);
    return fail(call, name[0] ? GUEST_EACCES : GUEST_ENOENT);
}

/* Reads the handle that a block begins with; 0 when it is none. */
static uint64_t handle_in(const struct call *call, uint64_t *words, size_t count)
{
    if (!words_in(call, words, count))
        return fail(call, GUEST_EFAULT), 0;
    if (!is_console(words[0]) && words[0] != HANDLE_FEATURES)
        return fail(call, GUEST_EBADF), 0;
    return words[0];
}

static uint64_t sys_close(struct call *call)
{
    uint64_t words[1];
    return handle_in(call, words, 1) ? 0 : FAILED;
}

static uint64_t sys_istty(struct call *call)
{
    uint64_t words[1];
    uint64_t handle = handle_in(call, words, 1);
    return handle ? is_console(handle) : FAILED;
}

static uint64_t sys_seek(struct call *call)
{
    struct semihost *semihost = call->device->state;
    uint64_t words[2]; /* handle, place */
    uint64_t handle = handle_in(call, words, 2);
    if (!handle)
        return FAILED;
    if (handle != HANDLE_FEATURES || words[1] > FEATURES_BYTES)
        return fail(call, GUEST_EINVAL);
    semihost->features_at = (uint32_t)words[1];
    return 0;
}

static uint64_t sys_flen(struct call *call)
{
    uint64_t words[1];
    uint64_t handle = handle_in(call, words, 1);
    if (!handle)
        return FAILED;
    return handle == HANDLE_FEATURES ? FEATURES_BYTES : fail(call, GUEST_EINVAL);
}

static uint64_t sys_refused(struct call *call) { return fail(call, GUEST_EACCES); }

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static uint64_t sys_iserror(struct call *call)
{
    uint64_t words[1];
    return words_in(call, words, 1) ? words[0] >> 63 : fail(call, GUEST_EFAULT);
}

static uint64_t sys_errno(struct call *call)
{
    const struct semihost *semihost = call->device->state;
    return semihost->error;
}

static uint64_t sys_clock(struct call *call) { return call->now.ns / 10000000; }

static uint64_t sys_time(struct call *call)
{
    return (board_fixed_config(call->device->board)->epoch_ns + call->now.ns) / 1000000000;
}

static uint64_t sys_elapsed(struct call *call)
{
    return word_out(call, call->argument, call->now.ns) ? 0 : fail(call, GUEST_EFAULT);
}

static uint64_t sys_tickfreq(struct call *call)
{
    (void)call;
    return TICKS_HZ;
}

/* What a program is to take for argv: a name, which is no file's, and what -append said. */
static uint64_t sys_get_cmdline(struct call *call)
{
    static const char name[] = "kernel ";
    const char *append = board_fixed_config(call->device->board)->append;
    uint64_t words[2]; /* room, size */
    size_t name_bytes = *append ? sizeof name - 1 : sizeof name - 2, append_bytes = strlen(append);
    if (!words_in(call, words, 2))
        return fail(call, GUEST_EFAULT);
    if (words[1] <= name_bytes + append_bytes)
        return fail(call, GUEST_EINVAL);
    bool done = copy_out(call, words[0], name, name_bytes) &&
                copy_out(call, words[0] + name_bytes, append, append_bytes + 1) &&
                word_out(call, call->argument + 8, name_bytes + append_bytes);
    return done ? 0 : fail(call, GUEST_EFAULT);
}

/* Heap and stack, base and limit each: 0, the program knows better. */
static uint64_t sys_heapinfo(struct call *call)
{
    static const uint8_t unknown[32];
    uint64_t words[1];
    bool done = words_in(call, words, 1) && copy_out(call, words[0], unknown, sizeof unknown);
    return done ? 0 : fail(call, GUEST_EFAULT);
}

/* On a 64-bit machine the argument is a block: reason, exit status. A program that was written for 32 bits gives the
 * reason itself, which is no address of memory. */
static uint64_t sys_exit(struct call *call)
{
    uint64_t words[2] = {call->argument, 0};
    (void)words_in(call, words, 2);
    board_end(call->device->board, HALT_SEMIHOSTING, words[0] == APPLICATION_EXIT ? words[1] : 1);
    return 0;
}

static const struct {
    uint8_t number;
    uint64_t (*run)(struct call *call);
} operations[] = {
    {0x01, sys_open}, {0x02, sys_close},   {0x03, sys_writec},  {0x04, sys_write0},      {0x05, sys_write},
    {0x06, sys_read}, {0x07, sys_readc},   {0x08, sys_iserror}, {0x09, sys_istty},       {0x0a, sys_seek},
    {0x0c, sys_flen}, {0x0d, sys_refused}, {0x0e, sys_refused}, {0x0f, sys_refused},     {0x10, sys_clock},
    {0x11, sys_time}, {0x12, sys_refused}, {0x13, sys_errno},   {0x15, sys_get_cmdline}, {0x16, sys_heapinfo},
    {0x18, sys_exit}, {0x20, sys_exit},    {0x30, sys_elapsed}, {0x31, sys_tickfreq},
};

enum host_call semihost_call(struct device *device, unsigned hart, vtime_t now)
{
    struct engine *engine = board_engine(device->board);
    uint64_t *x = engine_hart(engine, hart)->x;
    struct call call = {.device = device, .engine = engine, .hart = hart, .now = now, .argument = x[11]};
    struct semihost *semihost = device->state;
    uint64_t result = FAILED;
    semihost->waiting &= ~(1u << hart); /* until it says so again */
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (operations[i].number == x[10])
            result = operations[i].run(&call);
    if (call.waits)
        return HOST_CALL_WAIT;
    x[10] = result;
    return HOST_CALL_DONE;
}

const struct device_ops semihost_ops = {
    .desc = &desc,
    .state_bytes = sizeof(struct semihost),
    .input = input,
    .input_room = input_room,
};

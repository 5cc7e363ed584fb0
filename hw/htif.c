/* htif: the host-target interface of Berkeley's tools. Two words in RAM, which an ELF names tohost and fromhost.
 *
 * A store to tohost is a command: device in bits 63:56, command in 55:48, payload below. It is taken at once and the
 * word cleared; answers go to fromhost as soon as the guest has cleared that. Spike (fesvr/htif.cc, syscall.cc,
 * device.cc) is the documentation. Where Spike looks at the word now and then, here every store counts; a word that is
 * stored in halves is a command with its low half, and so may be stored high half first, or without it.
 */
#include "device.h"

enum htif_device { SYSCALL_PROXY = 0, CONSOLE = 1 };
enum console_command { CONSOLE_READ = 0, CONSOLE_WRITE = 1 };
enum syscall { SYS_write = 64, SYS_exit = 93 };
enum guest_errno { GUEST_EBADF = 9, GUEST_EFAULT = 14, GUEST_ENOSYS = 38 };
enum { PORT = 1, WRITE_BYTES_MAX = 1 << 20 };

struct htif {
    uint64_t response; /* waits until fromhost is 0; 0: none */
    uint64_t reading;  /* 1: the guest has asked for a byte */
};

static bool valid(const void *object)
{
    const struct htif *htif = object;
    return htif->reading <= 1;
}

static const struct state_field fields[] = {STATE_U64(struct htif, response), STATE_U64(struct htif, reading)};
static const struct state_desc desc = STATE_DESC("htif", fields, valid);

/* ---- words in RAM ------------------------------------------------------------------------------------------------ */

static uint64_t get(const struct device *device, uint64_t paddr)
{
    uint8_t bytes[8];
    uint64_t word = 0;
    if (!engine_ram_load(board_engine(device->board), paddr, bytes, sizeof bytes))
        return 0;
    for (unsigned i = 0; i < sizeof bytes; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

static void put(const struct device *device, uint64_t paddr, uint64_t word)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
    (void)engine_ram_store(board_engine(device->board), paddr, bytes, sizeof bytes);
}

static void reset(struct device *device)
{
    const struct placement *placement = board_placement(device->board);
    if (placement->tohost)
        engine_trap_page(board_engine(device->board), placement->tohost);
    if (placement->fromhost)
        engine_trap_page(board_engine(device->board), placement->fromhost);
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void deliver(struct device *device)
{
    struct htif *htif = device->state;
    uint64_t fromhost = board_placement(device->board)->fromhost;
    if (!htif->response || !fromhost || get(device, fromhost) != 0)
        return;
    put(device, fromhost, htif->response);
    htif->response = 0;
}

static void respond(struct device *device, enum htif_device from, unsigned command, uint64_t payload)
{
    struct htif *htif = device->state;
    htif->response = (uint64_t)from << 56 | (uint64_t)command << 48 | payload;
    deliver(device);
}

bool htif_reads(const struct device *device)
{
    const struct htif *htif = device->state;
    return htif->reading;
}

void htif_input(struct device *device)
{
    struct htif *htif = device->state;
    if (!htif->reading)
        return;
    int byte = semihost_take(board_device(device->board, PART_SEMIHOST));
    if (byte < 0)
        return;
    htif->reading = 0;
    respond(device, CONSOLE, CONSOLE_READ, 0x100 | (uint64_t)byte);
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

/* write(2) of physical memory. Writes less than was asked for when that is much, as write(2) may. */
static uint64_t write_out(const struct device *device, uint64_t fd, uint64_t paddr, uint64_t size_bytes)
{
    uint8_t piece[512];
    uint64_t done = 0;
    if (fd != 1 && fd != 2)
        return (uint64_t)-GUEST_EBADF;
    if (size_bytes > WRITE_BYTES_MAX)
        size_bytes = WRITE_BYTES_MAX;
    while (done < size_bytes) {
        size_t count = size_bytes - done < sizeof piece ? (size_t)(size_bytes - done) : sizeof piece;
        if (!engine_ram_load(board_engine(device->board), paddr + done, piece, count))
            return done ? done : (uint64_t)-GUEST_EFAULT;
        board_output(device->board, PORT, piece, count);
        done += count;
    }
    return done;
}

/* The block holds the number and up to seven arguments; the result replaces the number. */
static void call(struct device *device, uint64_t block)
{
    uint64_t number = get(device, block), result = (uint64_t)-GUEST_ENOSYS;
    if (number == SYS_write)
        result = write_out(device, get(device, block + 8), get(device, block + 16), get(device, block + 24));
    else if (number == SYS_exit)
        board_end(device->board, HALT_HTIF, get(device, block + 8));
    put(device, block, result);
    respond(device, SYSCALL_PROXY, 0, 1);
}

static void console(struct device *device, unsigned number, uint64_t payload)
{
    struct htif *htif = device->state;
    uint8_t byte = (uint8_t)payload;
    if (number == CONSOLE_WRITE)
        board_output(device->board, PORT, &byte, 1);
    if (number == CONSOLE_READ) {
        htif->reading = 1;
        htif_input(device);
    }
}

/* The word of a command that ends the run stays, to be looked at. */
static void command(struct device *device, uint64_t word)
{
    uint64_t payload = word & ((UINT64_C(1) << 48) - 1);
    if (word >> 56 == SYSCALL_PROXY && (word & 1)) {
        board_end(device->board, HALT_HTIF, word >> 1);
        return;
    }
    put(device, board_placement(device->board)->tohost, 0);
    if (word >> 56 == SYSCALL_PROXY)
        call(device, payload);
    if (word >> 56 == CONSOLE)
        console(device, word >> 48 & 0xff, payload);
}

static bool overlaps(uint64_t paddr, unsigned size_bytes, uint64_t word, unsigned word_bytes)
{
    return paddr < word + word_bytes && word < paddr + size_bytes;
}

void htif_stored(struct device *device, uint64_t paddr, unsigned size_bytes)
{
    uint64_t tohost = board_placement(device->board)->tohost;
    if (tohost && overlaps(paddr, size_bytes, tohost, 8)) {
        uint64_t word = get(device, tohost);
        if (word && (overlaps(paddr, size_bytes, tohost, 4) || (uint32_t)word))
            command(device, word);
    }
    deliver(device);
}

const struct device_ops htif_ops = {.desc = &desc, .state_bytes = sizeof(struct htif), .reset = reset};

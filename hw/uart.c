/* uart: a 16550A.
 *
 * After the data sheets of National's PC16550D and TI's TL16C550. Characters leave at once, so that the transmitter is
 * always empty; characters come in without line errors. What takes time is the receive timeout only: four characters.
 */
#include "device.h"

enum uart_register { RBR_THR_DLL, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR, UART_REGISTERS };

enum ier_bit { IER_RDA = 1, IER_THRE = 2, IER_RLS = 4, IER_MS = 8, IER_MASK = 0x0f };
enum iir_value {
    IIR_NONE = 1,
    IIR_MS = 0,
    IIR_THRE = 2,
    IIR_RDA = 4,
    IIR_RLS = 6,
    IIR_TIMEOUT = 0xc,
    IIR_FIFOS = 0xc0
};
enum fcr_bit { FCR_ENABLE = 1, FCR_CLEAR_RX = 2, FCR_STICKS = 0xc9, FCR_TRIGGER_SHIFT = 6 };
enum lcr_bit { LCR_DATA_BITS = 3, LCR_STOP = 4, LCR_PARITY = 8, LCR_DLAB = 0x80 };
enum mcr_bit { MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 0x10, MCR_MASK = 0x1f };
enum lsr_bit { LSR_DR = 1, LSR_OE = 2, LSR_THRE = 0x20, LSR_TEMT = 0x40 };
enum msr_bit { MSR_DELTAS = 0xf, MSR_TERI = 4, MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80 };

enum { FIFO_BYTES = 16, PORT = 0, LOOK = 2, SEND = 3, POLLS = 24, LOOKS_MAX = 32 };

struct uart {
    uint8_t fifo[FIFO_BYTES]; /* a ring; without FIFOs its first place is the RBR */
    uint8_t head, count;
    uint8_t ier, fcr, lcr, mcr, msr, scr;
    uint8_t overrun;      /* LSR_OE */
    uint8_t thre_pending; /* the transmitter has become empty, and IIR has not told yet */
    uint8_t timed_out;    /* characters have lain in the FIFO for the time of four */
    uint8_t dll, dlm;     /* the divisor's halves */
    uint8_t looks;        /* how much the guest has looked lately, see look() */
};

static bool valid(const void *object)
{
    const struct uart *uart = object;
    unsigned capacity = uart->fcr & FCR_ENABLE ? FIFO_BYTES : 1;
    return uart->head < capacity && uart->count <= capacity && !(uart->ier & ~IER_MASK) && !(uart->fcr & ~FCR_STICKS) &&
           !(uart->mcr & ~MCR_MASK) && uart->overrun <= 1 && uart->thre_pending <= 1 && uart->timed_out <= 1 &&
           uart->looks <= LOOKS_MAX;
}

static const struct state_field fields[] = {
    STATE_U8(struct uart, fifo),    STATE_U8(struct uart, head),         STATE_U8(struct uart, count),
    STATE_U8(struct uart, ier),     STATE_U8(struct uart, fcr),          STATE_U8(struct uart, lcr),
    STATE_U8(struct uart, mcr),     STATE_U8(struct uart, msr),          STATE_U8(struct uart, scr),
    STATE_U8(struct uart, overrun), STATE_U8(struct uart, thre_pending), STATE_U8(struct uart, timed_out),
    STATE_U8(struct uart, dll),     STATE_U8(struct uart, dlm),          STATE_U8(struct uart, looks),
};
static const struct state_desc desc = STATE_DESC("uart", fields, valid);

/* The other end is there: carrier, ready, clear to send. */
static void reset(struct device *device)
{
    struct uart *uart = device->state;
    uart->msr = MSR_DCD | MSR_DSR | MSR_CTS;
    uart->dll = BOARD_UART_CLOCK_HZ / 16 / 115200;
}

/* ---- interrupts -------------------------------------------------------------------------------------------------- */

static unsigned capacity_of(const struct uart *uart) { return uart->fcr & FCR_ENABLE ? FIFO_BYTES : 1; }

static unsigned trigger_of(const struct uart *uart)
{
    static const uint8_t triggers[] = {1, 4, 8, 14};
    return uart->fcr & FCR_ENABLE ? triggers[uart->fcr >> FCR_TRIGGER_SHIFT] : 1;
}

/* The pending interrupt of the highest priority. */
static unsigned interrupt_of(const struct uart *uart)
{
    if (uart->ier & IER_RLS && uart->overrun)
        return IIR_RLS;
    if (uart->ier & IER_RDA && uart->count >= trigger_of(uart))
        return IIR_RDA;
    if (uart->ier & IER_RDA && uart->timed_out)
        return IIR_TIMEOUT;
    if (uart->ier & IER_THRE && uart->thre_pending)
        return IIR_THRE;
    if (uart->ier & IER_MS && uart->msr & MSR_DELTAS)
        return IIR_MS;
    return IIR_NONE;
}

static void update(struct device *device)
{
    board_irq(device->board, part_table[device->part].irq, interrupt_of(device->state) != IIR_NONE);
}

/* ---- receiver ---------------------------------------------------------------------------------------------------- */

/* Start, data, parity and stop bits at 16 clocks times the divisor each; no divisor counts as 1. */
static uint64_t character_ns(const struct uart *uart)
{
    uint64_t bits =
        1 + 5 + (uart->lcr & LCR_DATA_BITS) + (uart->lcr & LCR_PARITY ? 1 : 0) + (uart->lcr & LCR_STOP ? 2 : 1);
    uint64_t divisor = (uint64_t)uart->dlm << 8 | uart->dll;
    return bits * 16 * (divisor ? divisor : 1) * UINT64_C(1000000000) / BOARD_UART_CLOCK_HZ;
}

/* Every character that comes or is read starts the time anew; an empty FIFO does not time out. */
static void restart_timeout(struct device *device, vtime_t now)
{
    struct uart *uart = device->state;
    bool runs = uart->fcr & FCR_ENABLE && uart->count;
    uart->timed_out = 0;
    board_wake(device->board, device->part, runs ? vtime_of(now.ns + 4 * character_ns(uart)) : VTIME_NEVER);
}

static void wake(struct device *device, vtime_t now)
{
    struct uart *uart = device->state;
    (void)now;
    uart->timed_out = uart->fcr & FCR_ENABLE && uart->count;
    update(device);
}

static void clear_rx(struct device *device, vtime_t now)
{
    struct uart *uart = device->state;
    uart->head = uart->count = 0;
    restart_timeout(device, now);
}

/* Without room a FIFO keeps what it has; the RBR is overwritten. */
static void receive(struct uart *uart, uint8_t byte)
{
    unsigned capacity = capacity_of(uart);
    if (uart->count < capacity)
        uart->fifo[(uart->head + uart->count++) % capacity] = byte;
    else
        uart->overrun = 1;
    if (capacity == 1)
        uart->fifo[0] = byte;
}

static void input(struct device *device, vtime_t now, const uint8_t *bytes, size_t size_bytes)
{
    struct uart *uart = device->state;
    if (uart->mcr & MCR_LOOP || size_bytes == 0)
        return;
    for (size_t i = 0; i < size_bytes; i++)
        receive(uart, bytes[i]);
    restart_timeout(device, now);
    update(device);
}

/* A guest polls when it looks clearly more often than it sends. Sending a character takes one look, and a line one or
 * two more, which must not count; a start-up looks a few times. */
static void look(struct uart *uart)
{
    uart->looks = (uint8_t)(uart->looks + LOOK < LOOKS_MAX ? uart->looks + LOOK : LOOKS_MAX);
}

static void look_away(struct uart *uart) { uart->looks = (uint8_t)(uart->looks > SEND ? uart->looks - SEND : 0); }

/* A guest listens when it has the interrupt enabled, or polls. Until then characters had better wait outside, since a
 * driver that starts throws away what it finds. In loopback the receiver does not hear the line. */
static size_t input_room(const struct device *device)
{
    const struct uart *uart = device->state;
    bool listens = (uart->ier & IER_RDA || uart->looks >= POLLS) && !(uart->mcr & MCR_LOOP);
    return listens ? capacity_of(uart) - uart->count : 0;
}

static uint8_t read_rbr(struct device *device, vtime_t now)
{
    struct uart *uart = device->state;
    uint8_t byte = uart->fifo[uart->head];
    look(uart);
    if (uart->count == 0)
        return uart->fcr & FCR_ENABLE ? 0 : byte;
    uart->head = (uint8_t)((uart->head + 1) % capacity_of(uart));
    uart->count--;
    restart_timeout(device, now);
    update(device);
    return byte;
}

/* ---- transmitter and modem lines --------------------------------------------------------------------------------- */

static void write_thr(struct device *device, vtime_t now, uint8_t byte)
{
    struct uart *uart = device->state;
    if (uart->mcr & MCR_LOOP) {
        receive(uart, byte);
        restart_timeout(device, now);
    } else {
        board_output(device->board, PORT, &byte, 1);
    }
    uart->thre_pending = 1;
    look_away(uart);
    update(device);
}

/* Enabling the interrupt of an empty transmitter raises it, each time. */
static void write_ier(struct device *device, uint8_t value)
{
    struct uart *uart = device->state;
    if ((uart->ier ^ value) & IER_THRE)
        uart->thre_pending = value & IER_THRE ? 1 : 0;
    uart->ier = value & IER_MASK;
    update(device);
}

static void write_fcr(struct device *device, vtime_t now, uint8_t value)
{
    struct uart *uart = device->state;
    bool toggles = (uart->fcr ^ value) & FCR_ENABLE;
    uart->fcr = value & FCR_ENABLE ? value & FCR_STICKS : 0; /* the other bits count with FIFOs only */
    if (toggles || (value & FCR_CLEAR_RX && value & FCR_ENABLE))
        clear_rx(device, now);
    update(device);
}

/* The four inputs, from the line or in loopback from the four outputs; what changes leaves a mark. */
static void write_mcr(struct device *device, uint8_t value)
{
    static const struct {
        uint8_t output, input;
    } loops[] = {{MCR_DTR, MSR_DSR}, {MCR_RTS, MSR_CTS}, {MCR_OUT1, MSR_RI}, {MCR_OUT2, MSR_DCD}};
    struct uart *uart = device->state;
    uint8_t lines = value & MCR_LOOP ? 0 : MSR_DCD | MSR_DSR | MSR_CTS;
    for (unsigned i = 0; value & MCR_LOOP && i < 4; i++)
        if (value & loops[i].output)
            lines |= loops[i].input;
    uint8_t deltas = (uint8_t)((uart->msr ^ lines) >> 4);
    if (lines & MSR_RI)
        deltas &= (uint8_t)~MSR_TERI; /* of RI only the end counts */
    uart->msr = (uint8_t)(lines | (uart->msr & MSR_DELTAS) | deltas);
    uart->mcr = value & MCR_MASK;
    update(device);
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

static uint8_t read_iir(struct device *device)
{
    struct uart *uart = device->state;
    unsigned id = interrupt_of(uart);
    look(uart);
    if (id == IIR_THRE) {
        uart->thre_pending = 0;
        update(device);
    }
    return (uint8_t)(id | (uart->fcr & FCR_ENABLE ? IIR_FIFOS : 0));
}

static uint8_t read_lsr(struct device *device)
{
    struct uart *uart = device->state;
    unsigned value = LSR_THRE | LSR_TEMT | (uart->overrun ? LSR_OE : 0) | (uart->count ? LSR_DR : 0);
    uart->overrun = 0;
    look(uart);
    update(device);
    return (uint8_t)value;
}

static uint8_t read_msr(struct device *device)
{
    struct uart *uart = device->state;
    uint8_t value = uart->msr;
    uart->msr &= (uint8_t)~MSR_DELTAS;
    update(device);
    return value;
}

static uint8_t read_register(struct device *device, vtime_t now, enum uart_register reg)
{
    const struct uart *uart = device->state;
    switch (reg) {
    case RBR_THR_DLL:
        return uart->lcr & LCR_DLAB ? uart->dll : read_rbr(device, now);
    case IER_DLM:
        return uart->lcr & LCR_DLAB ? uart->dlm : uart->ier;
    case IIR_FCR:
        return read_iir(device);
    case LCR:
        return uart->lcr;
    case MCR:
        return uart->mcr;
    case LSR:
        return read_lsr(device);
    case MSR:
        return read_msr(device);
    case SCR:
        return uart->scr;
    default:
        return 0;
    }
}

static void write_latched(struct device *device, vtime_t now, enum uart_register reg, uint8_t value)
{
    struct uart *uart = device->state;
    bool high = reg == IER_DLM;
    if (uart->lcr & LCR_DLAB)
        *(high ? &uart->dlm : &uart->dll) = value;
    else if (high)
        write_ier(device, value);
    else
        write_thr(device, now, value);
}

static void write_register(struct device *device, vtime_t now, enum uart_register reg, uint8_t value)
{
    struct uart *uart = device->state;
    switch (reg) {
    case RBR_THR_DLL:
    case IER_DLM:
        write_latched(device, now, reg, value);
        break;
    case IIR_FCR:
        write_fcr(device, now, value);
        break;
    case LCR:
        uart->lcr = value;
        break;
    case MCR:
        write_mcr(device, value);
        break;
    case SCR:
        uart->scr = value;
        break;
    default:
        break;
    }
}

/* An access of any width is one of the register that it starts at, as on QEMU's board. */
static bool load(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value)
{
    (void)size_bytes;
    *value = offset < UART_REGISTERS ? read_register(device, now, (enum uart_register)offset) : 0;
    return offset < UART_REGISTERS;
}

static bool store(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    (void)size_bytes;
    if (offset < UART_REGISTERS)
        write_register(device, now, (enum uart_register)offset, (uint8_t)value);
    return offset < UART_REGISTERS;
}

const struct device_ops uart_ops = {
    .desc = &desc,
    .state_bytes = sizeof(struct uart),
    .access_sizes = 1 + 2 + 4 + 8,
    .reset = reset,
    .load = load,
    .store = store,
    .wake = wake,
    .input = input,
    .input_room = input_room,
};

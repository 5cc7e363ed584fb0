/* finisher: SiFive's test finisher. One register ends the run; QEMU's hw/misc/sifive_test.c is the documentation. */
#include "device.h"

enum finisher_value { FINISHER_FAIL = 0x3333, FINISHER_PASS = 0x5555, FINISHER_RESET = 0x7777 };

static bool load(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value)
{
    (void)device, (void)now, (void)offset, (void)size_bytes;
    *value = 0;
    return true;
}

/* The low half says what, the high half with which code. A failure with code 0 (OpenSBI's, of a panic) is one still. */
static bool store(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    (void)now, (void)size_bytes;
    uint64_t code = value >> 16 & 0xffff;
    if (offset != 0)
        return true;
    switch (value & 0xffff) {
    case FINISHER_FAIL:
        board_end(device->board, HALT_FAIL, code ? code : 1);
        break;
    case FINISHER_PASS:
        board_end(device->board, HALT_POWEROFF, 0);
        break;
    case FINISHER_RESET:
        board_end(device->board, HALT_RESET, 0);
        break;
    default:
        break;
    }
    return true;
}

const struct device_ops finisher_ops = {.access_sizes = 2 + 4, .load = load, .store = store};

/* rtc: Goldfish real-time clock. Nanoseconds since the epoch: what was recorded for power-on, plus virtual time.
 *
 * Registers: Android's GOLDFISH-VIRTUAL-HARDWARE.TXT, IX; what is left open there is as QEMU's goldfish_rtc.c does it.
 */
#include "device.h"

enum rtc_register {
    TIME_LOW = 0x00, /* reading it holds the high half still for TIME_HIGH */
    TIME_HIGH = 0x04,
    ALARM_LOW = 0x08, /* writing it arms the alarm */
    ALARM_HIGH = 0x0c,
    IRQ_ENABLED = 0x10,
    CLEAR_ALARM = 0x14,
    ALARM_STATUS = 0x18,
    CLEAR_INTERRUPT = 0x1c,
    RTC_END = 0x24,
};

struct rtc {
    uint64_t offset_ns; /* time = virtual time + offset, modulo 2^64 */
    uint64_t alarm_ns;
    uint32_t held_high;
    uint32_t alarm_running, irq_pending, irq_enabled; /* 0 or 1 */
};

static bool valid(const void *object)
{
    const struct rtc *rtc = object;
    return rtc->alarm_running <= 1 && rtc->irq_pending <= 1 && rtc->irq_enabled <= 1;
}

static const struct state_field fields[] = {
    STATE_U64(struct rtc, offset_ns),     STATE_U64(struct rtc, alarm_ns),    STATE_U32(struct rtc, held_high),
    STATE_U32(struct rtc, alarm_running), STATE_U32(struct rtc, irq_pending), STATE_U32(struct rtc, irq_enabled),
};
static const struct state_desc desc = STATE_DESC("rtc", fields, valid);

static void reset(struct device *device)
{
    struct rtc *rtc = device->state;
    rtc->offset_ns = board_fixed_config(device->board)->epoch_ns;
}

static uint64_t with_low(uint64_t word, uint64_t low) { return (word & ~UINT64_C(0xffffffff)) | (uint32_t)low; }
static uint64_t with_high(uint64_t word, uint64_t high) { return (word & 0xffffffff) | high << 32; }

static void update(struct device *device)
{
    struct rtc *rtc = device->state;
    board_irq(device->board, part_table[device->part].irq, rtc->irq_pending && rtc->irq_enabled);
}

static void stop(struct device *device)
{
    struct rtc *rtc = device->state;
    rtc->alarm_running = 0;
    board_wake(device->board, device->part, VTIME_NEVER);
}

static void fire(struct device *device)
{
    struct rtc *rtc = device->state;
    stop(device);
    rtc->irq_pending = 1;
    update(device);
}

static void arm(struct device *device, vtime_t now)
{
    struct rtc *rtc = device->state;
    uint64_t time = now.ns + rtc->offset_ns;
    if (rtc->alarm_ns <= time) {
        fire(device);
        return;
    }
    uint64_t wait_ns = rtc->alarm_ns - time;
    rtc->alarm_running = 1;
    board_wake(device->board, device->part, wait_ns > UINT64_MAX - now.ns ? VTIME_NEVER : vtime_of(now.ns + wait_ns));
}

static void set_time(struct device *device, vtime_t now, uint64_t time)
{
    struct rtc *rtc = device->state;
    rtc->offset_ns = time - now.ns;
    if (rtc->alarm_running)
        arm(device, now);
}

static bool load(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value)
{
    struct rtc *rtc = device->state;
    uint64_t time = now.ns + rtc->offset_ns;
    (void)size_bytes;
    *value = 0;
    switch (offset) {
    case TIME_LOW:
        rtc->held_high = (uint32_t)(time >> 32);
        *value = (uint32_t)time;
        break;
    case TIME_HIGH:
        *value = rtc->held_high;
        break;
    case ALARM_LOW:
        *value = (uint32_t)rtc->alarm_ns;
        break;
    case ALARM_HIGH:
        *value = rtc->alarm_ns >> 32;
        break;
    case IRQ_ENABLED:
        *value = rtc->irq_enabled;
        break;
    case ALARM_STATUS:
        *value = rtc->alarm_running;
        break;
    default:
        break;
    }
    return offset < RTC_END;
}

static bool store(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value)
{
    struct rtc *rtc = device->state;
    uint64_t time = now.ns + rtc->offset_ns;
    (void)size_bytes;
    switch (offset) {
    case TIME_LOW:
        set_time(device, now, with_low(time, value));
        break;
    case TIME_HIGH:
        set_time(device, now, with_high(time, value));
        break;
    case ALARM_LOW:
        rtc->alarm_ns = with_low(rtc->alarm_ns, value);
        arm(device, now);
        break;
    case ALARM_HIGH:
        rtc->alarm_ns = with_high(rtc->alarm_ns, value);
        break;
    case IRQ_ENABLED:
        rtc->irq_enabled = value & 1;
        update(device);
        break;
    case CLEAR_ALARM:
        stop(device);
        break;
    case CLEAR_INTERRUPT:
        rtc->irq_pending = 0;
        update(device);
        break;
    default:
        break;
    }
    return offset < RTC_END;
}

static void wake(struct device *device, vtime_t now)
{
    (void)now;
    fire(device);
}

const struct device_ops rtc_ops = {
    .desc = &desc,
    .state_bytes = sizeof(struct rtc),
    .access_sizes = 4,
    .reset = reset,
    .load = load,
    .store = store,
    .wake = wake,
};

/* clock: instructions <-> guest nanoseconds. Saturates at VTIME_NEVER and ICOUNT_MAX, so that a hostile or absurd
 * number is far away and never wraps into the past. */
#include "icount.h"

enum { NS_SHIFT_MAX = 10 };

static uint64_t add_saturating(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

static uint64_t shift_saturating(uint64_t n, unsigned shift)
{
    return n > UINT64_MAX >> shift ? UINT64_MAX : n << shift;
}

vtime_t clock_vtime(const struct clock *clock, icount_t at)
{
    check(clock->ns_shift <= NS_SHIFT_MAX);
    return vtime_of(add_saturating(shift_saturating(at.n, clock->ns_shift), clock->idle_ns));
}

icount_t clock_icount(const struct clock *clock, vtime_t when)
{
    check(clock->ns_shift <= NS_SHIFT_MAX);
    if (when.ns == VTIME_NEVER.ns)
        return ICOUNT_MAX;
    if (when.ns <= clock->idle_ns)
        return icount_of(0);
    uint64_t executing_ns = when.ns - clock->idle_ns;
    uint64_t whole = executing_ns >> clock->ns_shift;
    return icount_of(whole + (whole << clock->ns_shift != executing_ns));
}

void clock_idle_until(struct clock *clock, icount_t at, vtime_t when)
{
    vtime_t now = clock_vtime(clock, at);
    if (vtime_before(now, when))
        clock->idle_ns += when.ns - now.ns; /* ends at `when` minus the executing time: cannot wrap */
}

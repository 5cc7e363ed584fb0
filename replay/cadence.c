#include "cadence.h"

static const uint64_t FIRST = 10000000;
static const uint64_t SHORTEST = 5000000;
static const uint64_t LONGEST = 400000000;
static const uint64_t REACH_NS = 50000000; /* to run an interval; re-executed from cold it takes up to twice that */
static const uint64_t COST_SHARE = 50;     /* a snapshot may cost 1/50 of the time between snapshots */
static const uint64_t INSTRUCTIONS_PAGE = 10000; /* and one page per so many instructions */

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static uint64_t max(uint64_t a, uint64_t b) { return a > b ? a : b; }

struct cadence cadence_begin(uint64_t every)
{
    return (struct cadence){.fixed = every != 0, .interval = every ? every : FIRST};
}

void cadence_adapt(struct cadence *cadence, const struct cadence_cost *cost)
{
    if (cadence->fixed || !cost->instructions)
        return;
    double per_ns = (double)cost->instructions / (double)max(cost->run_ns, 1);
    uint64_t reach = (uint64_t)(per_ns * (double)REACH_NS);
    uint64_t afford = (uint64_t)(per_ns * (double)(cost->snapshot_ns * COST_SHARE));
    uint64_t wanted = max(max(reach, afford), cost->pages * INSTRUCTIONS_PAGE);
    if (cost->behind)
        wanted = max(wanted, cadence->interval * 2);
    /* one odd interval, say a pause of the host, does not upset it; growing is the hurry, while snapshots cost much */
    wanted = clamp(wanted, cadence->interval / 2, cadence->interval * 4);
    cadence->interval = clamp(wanted, SHORTEST, LONGEST);
}

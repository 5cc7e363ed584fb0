#include "cadence.h"

static const uint64_t STRIDE = 2000000; /* between two looks at the clock */
static const uint64_t LONGEST = 1000000000;
static const double REACH_NS = 25e6;   /* to run an interval */
static const double COST_SHARE = 66;   /* snapshots may cost 1/66 of the run */
static const double PAGE_SHARE = 1e4;  /* and hold one page per so many instructions */
static const double CHANGED_NS = 1200; /* such a store is seen, and the page's lines come back from another processor */
static const double SPREAD = 8;        /* intervals over which a debt is paid back */
static const double SAVED_NS = 10e6, SAVED_PAGES = 1e4;

static double max(double a, double b) { return a > b ? a : b; }

/* It begins with all that can be saved: almost every guest begins with a burst. */
struct cadence cadence_begin(uint64_t every)
{
    return (struct cadence){.every = every, .wait_ns = REACH_NS, .debt_ns = -SAVED_NS, .debt_pages = -SAVED_PAGES};
}

uint64_t cadence_stride(const struct cadence *cadence, uint64_t instructions)
{
    if (!cadence->every)
        return STRIDE;
    return instructions < cadence->every ? cadence->every - instructions : 0;
}

bool cadence_due(const struct cadence *cadence, uint64_t instructions, uint64_t run_ns, bool reading)
{
    if (cadence->every)
        return instructions >= cadence->every;
    double wait_ns = reading ? 2 * cadence->wait_ns : cadence->wait_ns;
    bool waited = (double)run_ns >= wait_ns && (double)instructions >= cadence->wait_instructions;
    return instructions >= LONGEST || (instructions >= STRIDE && waited);
}

void cadence_adapt(struct cadence *cadence, const struct cadence_cost *cost)
{
    double run_ns = (double)cost->run_ns, instructions = (double)cost->instructions;
    double cost_ns = (double)cost->snapshot_ns + (double)cost->changed * CHANGED_NS;
    cadence->debt_ns = max(cadence->debt_ns + cost_ns - run_ns / COST_SHARE, -SAVED_NS);
    cadence->debt_pages = max(cadence->debt_pages + (double)cost->pages - instructions / PAGE_SHARE, -SAVED_PAGES);
    double wait_ns = max(REACH_NS, cadence->debt_ns * COST_SHARE / SPREAD);
    cadence->wait_ns = cost->behind ? max(wait_ns, 2 * cadence->wait_ns) : wait_ns;
    cadence->wait_instructions = cadence->debt_pages * PAGE_SHARE / SPREAD;
}

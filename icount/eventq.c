/* eventq: the wake-ups that parts have asked for.
 *
 * One slot per source, so that the whole queue is flat state: a snapshot copies it, a hash reads it. A slot that is not
 * pending is {UINT64_MAX, 0}, so that two queues that behave alike also hash alike. With so few sources a scan beats a
 * heap, and cannot be out of order.
 */
#include "icount.h"

void eventq_init(struct eventq *queue)
{
    for (unsigned i = 0; i < EVENTQ_SOURCES; i++) {
        queue->when_ns[i] = VTIME_NEVER.ns;
        queue->sequence[i] = 0;
    }
    queue->next_sequence = 0;
}

void eventq_set(struct eventq *queue, unsigned source, vtime_t when)
{
    check(source < EVENTQ_SOURCES);
    queue->when_ns[source] = when.ns;
    queue->sequence[source] = when.ns == VTIME_NEVER.ns ? 0 : queue->next_sequence++;
}

static bool before(const struct eventq *queue, unsigned a, unsigned b)
{
    if (queue->when_ns[a] != queue->when_ns[b])
        return queue->when_ns[a] < queue->when_ns[b];
    return queue->sequence[a] < queue->sequence[b];
}

static unsigned earliest(const struct eventq *queue)
{
    unsigned first = 0;
    for (unsigned i = 1; i < EVENTQ_SOURCES; i++)
        if (before(queue, i, first))
            first = i;
    return first;
}

vtime_t eventq_next(const struct eventq *queue) { return vtime_of(queue->when_ns[earliest(queue)]); }

int eventq_take(struct eventq *queue, vtime_t now)
{
    unsigned first = earliest(queue);
    if (queue->when_ns[first] == VTIME_NEVER.ns || queue->when_ns[first] > now.ns)
        return -1;
    eventq_set(queue, first, VTIME_NEVER);
    return (int)first;
}

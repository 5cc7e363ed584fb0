/* Dependent loads without locality: one cycle through all nodes, in random order. */
#include "kernel.h"

enum { NODES = 512 * 1024 };

static struct node {
    struct node *next;
    uint64_t value;
} nodes[NODES];

static uint32_t order[NODES];

void kernel_prepare(void)
{
    uint64_t state = 8;

    for (uint32_t i = 0; i < NODES; i++)
        order[i] = i;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(mix_next(&state) % (i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    for (uint32_t i = 0; i < NODES; i++)
        nodes[order[i]] = (struct node){.next = &nodes[order[(i + 1) % NODES]], .value = i};
}

struct sums kernel_run(uint64_t rounds)
{
    const struct node *node = nodes;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds * NODES; i++) {
        sum = sum * 31 + node->value;
        node = node->next;
    }
    return sums_both(sum);
}

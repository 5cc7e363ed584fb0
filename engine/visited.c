#include "hart.h"

static unsigned first_bit(uint64_t product) { return (unsigned)(product >> VISITED_FIRST_SHIFT); }

static unsigned second_bit(uint64_t product)
{
    return (unsigned)(product >> VISITED_SECOND_SHIFT) & (VISITED_BITS - 1);
}

static bool holds(const struct visited *visited, unsigned bit) { return visited->bytes[bit / 8] >> bit % 8 & 1; }

static void add(struct visited *visited, unsigned bit) { visited->bytes[bit / 8] |= (uint8_t)(1u << bit % 8); }

void visited_add(struct visited *visited, uint64_t pc)
{
    uint64_t product = (pc >> PAGE_SHIFT) * VISITED_FACTOR;
    add(visited, first_bit(product));
    add(visited, second_bit(product));
}

bool visited_holds(const struct visited *visited, uint64_t pc)
{
    uint64_t product = (pc >> PAGE_SHIFT) * VISITED_FACTOR;
    return holds(visited, first_bit(product)) && holds(visited, second_bit(product));
}

/* Never ends: counts aloud, computing a while in between, and writes all over its memory. */
#include "lib/guest.h"

static volatile uint64_t field[1 << 16];

int main(void)
{
    uint64_t hash = FOLD_BEGIN;

    for (uint64_t n = 0;; n++) {
        for (unsigned i = 0; i < 20000; i++) {
            hash = fold(hash, n + i);
            field[hash % (sizeof field / sizeof field[0])] = hash;
        }
        line("tick", hash);
    }
}

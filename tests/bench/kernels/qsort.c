/* Quicksort: branches that nothing predicts. */
#include "kernel.h"

enum { NUMBERS = 512 * 1024, FEW = 12 };

static uint32_t numbers[NUMBERS];

void kernel_prepare(void) {}

static void insertion_sort(uint32_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t x = v[i];
        size_t j = i;
        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static uint32_t middle(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t low = a < b ? a : b, high = a < b ? b : a;

    return c < low ? low : c > high ? high : c;
}

static void sort(uint32_t *v, size_t n)
{
    while (n > FEW) {
        uint32_t pivot = middle(v[0], v[n / 2], v[n - 1]);
        size_t i = 0, j = n - 1;
        for (;; i++, j--) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            uint32_t kept = v[i];
            v[i] = v[j];
            v[j] = kept;
        }
        sort(v, j + 1);
        v += j + 1;
        n -= j + 1;
    }
    insertion_sort(v, n);
}

struct sums kernel_run(uint64_t rounds)
{
    uint64_t state = 1, sum = 0;

    for (uint64_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < NUMBERS; i++)
            numbers[i] = (uint32_t)mix_next(&state);
        sort(numbers, NUMBERS);
        for (size_t i = 0; i < NUMBERS; i++)
            sum = sum * 31 + numbers[i];
    }
    return sums_both(sum);
}

/* The textbook's triple loop. The numbers are small integers, so that no order or contraction changes the result. */
#include "kernel.h"

enum { N = 200 };

static double a[N][N], b[N][N], c[N][N];

void kernel_prepare(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (i * 7 + j * 3) % 31;
            b[i][j] = (i * 5 + j * 11) % 29;
        }
}

static void multiply(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

struct sums kernel_run(uint64_t rounds)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        a[i % N][0] += 1;
        multiply();
        for (int j = 0; j < N; j++)
            sum = sum * 31 + (uint64_t)c[j][(i + (uint64_t)j) % N];
    }
    return sums_both(sum);
}

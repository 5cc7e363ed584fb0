/* A kernel as a program of the host. */
#include <inttypes.h>
#include <stdio.h>

#include "../kernels/kernel.h"

int main(void)
{
    struct sums sums;

    setvbuf(stdout, NULL, _IONBF, 0);
    kernel_prepare();
    puts("start");
    sums = kernel_run(ROUNDS);
    printf("end %016" PRIx64 " %016" PRIx64 "\n", sums.portable, sums.exact);
    return 0;
}

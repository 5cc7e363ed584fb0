/* A program for picolibc's semihosting: printf, the clock, and an exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(void)
{
    int numbers[100];
    unsigned state = 1;

    for (int i = 0; i < 100; i++)
        numbers[i] = (int)((state = state * 1103515245 + 12345) >> 16 & 0x7fff);
    qsort(numbers, 100, sizeof numbers[0], compare);
    for (int i = 0; i < 100; i += 11)
        printf("%d%c", numbers[i], i == 99 ? '\n' : ' ');
    printf("%s: %g %.17g\n", "floats", 0.1, 1.0 / 3.0);
    char *text = malloc(1000);
    memset(text, 'x', 999);
    text[999] = '\0';
    printf("%zu\n", strlen(text));
    puts("ends with 7");
    exit(7);
}

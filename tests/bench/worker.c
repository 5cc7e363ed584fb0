/* What travel.py goes back through: a program that does much, and some things only once. A phase takes about a billion
 * instructions. The words that are written once lie beside one that is written all the time, and the functions that run
 * once beside one that runs all the time: no interval can be left out for their sakes. Others, alone, have pages of
 * their own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

enum { CALLS = 1300000, SYSTEM_CALL_EVERY = 4096 };

volatile uint64_t word_first __attribute__((aligned(64), section(".data.words"))) = 1;
volatile uint64_t word_last __attribute__((section(".data.words"))) = 1;
volatile uint64_t word_never __attribute__((section(".data.words"))) = 1;
volatile uint64_t counter __attribute__((section(".data.words"))) = 1;

enum { WORDS = 512 };
volatile uint64_t alone_last[WORDS] __attribute__((aligned(4096))) = {1};
volatile uint64_t alone_never[WORDS] __attribute__((aligned(4096))) = {1};

/* Behind it, up to the end of the page, is nothing. */
NOINLINE __attribute__((aligned(4096), section(".text.alone"))) void rare_alone(void) { alone_last[0] = counter + 2; }
__asm__(".pushsection .text.alone, \"ax\"\n.balign 4096\n.popsection");

NOINLINE void rare_first(void) { word_first = counter + 2; }
NOINLINE void rare_last(void) { word_last = counter + 2; }

NOINLINE uint64_t often(uint64_t n)
{
    counter += n | 1;
    return n * 0x9e3779b97f4a7c15 ^ n >> 7;
}

/* About 700 instructions, with a frame of its own. */
NOINLINE uint64_t step(uint64_t n)
{
    uint64_t words[24];
    for (unsigned i = 0; i < 24; i++)
        words[i] = n * (i + 3);
    for (unsigned round = 0; round < 4; round++)
        for (unsigned i = 0; i < 23; i++)
            words[i] = words[i + 1] ^ (words[i] >> 3);
    return often(words[n % 24]);
}

/* About a million. */
NOINLINE uint64_t million(uint64_t n)
{
    for (unsigned i = 0; i < 1000; i++)
        n = step(n + i);
    return n;
}

NOINLINE uint64_t phase(uint64_t n)
{
    for (unsigned i = 0; i < CALLS; i++) {
        n = step(n);
        if (i % SYSTEM_CALL_EVERY == 0)
            n += (uint64_t)getppid();
    }
    return n;
}

NOINLINE void done(uint64_t n) { counter = n; }

int main(int argc, char **argv)
{
    unsigned phases = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    uint64_t n = 1;
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("worker: begins");
    rare_first();
    for (unsigned i = 0; i < phases; i++) {
        if (i + 1 == phases)
            rare_last(), rare_alone();
        n = phase(n);
    }
    n = million(n);
    puts("worker: ends");
    done(n);
    return 0;
}

/* What loops.py measures: what a kernel does for programs, over and over.
 *
 *     loops NAME TURNS
 *
 * prints `start NAME`, does it so often, and prints `end NAME DONE`, DONE being counted where it was done. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 256, PROOF = 42 };

static void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

static void wait_for(pid_t child, int status)
{
    int how;
    must(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == status, "waitpid");
}

/* A system call that does next to nothing. */
static long do_syscall(long turns)
{
    long done = 0, parent = getppid();
    for (long n = 0; n < turns; n++)
        done += syscall(SYS_getppid) == parent;
    return done;
}

/* A byte goes to another process and comes back: two switches a turn. */
static long do_pipe(long turns)
{
    int there[2], back[2];
    uint8_t byte = 0;
    long done = 0;
    must(pipe(there) == 0 && pipe(back) == 0, "pipe");
    pid_t child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1) {
            byte++;
            must(write(back[1], &byte, 1) == 1, "write");
        }
        _exit(PROOF);
    }
    for (long n = 0; n < turns; n++) {
        uint8_t sent = (uint8_t)n;
        must(write(there[1], &sent, 1) == 1 && read(back[0], &byte, 1) == 1, "pipe");
        done += byte == (uint8_t)(sent + 1);
    }
    close(there[1]);
    wait_for(child, PROOF);
    return done;
}

/* Two processes that each let the other run. */
static long do_yield(long turns)
{
    long done = 0;
    pid_t child = fork();
    must(child >= 0, "fork");
    for (long n = 0; n < turns; n++)
        done += sched_yield() == 0;
    if (child == 0)
        _exit(done == turns ? PROOF : 1);
    wait_for(child, PROOF);
    return done;
}

/* A process is made, becomes another program, ends. */
static long do_fork(long turns)
{
    long done = 0;
    for (; done < turns; done++) {
        pid_t child = fork();
        must(child >= 0, "fork");
        if (child == 0) {
            execl("/proc/self/exe", "loops", "nothing", "0", (char *)NULL);
            _exit(1);
        }
        wait_for(child, PROOF);
    }
    return done;
}

static uint8_t *map(size_t size_bytes)
{
    uint8_t *bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(bytes != MAP_FAILED, "mmap");
    return bytes;
}

/* A turn is a page that is touched first; they are mapped and given back by the megabyte. */
static long do_fault(long turns)
{
    long done = 0;
    while (done < turns) {
        uint8_t *bytes = map(PAGES * PAGE);
        for (long page = 0; page < PAGES; page++) {
            volatile uint8_t *byte = bytes + page * PAGE;
            done += *byte == 0;
            *byte = 1;
        }
        must(munmap(bytes, PAGES * PAGE) == 0, "munmap");
    }
    return done;
}

/* Memory that nobody touches comes and goes. */
static long do_mmap(long turns)
{
    long done = 0;
    for (long n = 0; n < turns; n++)
        done += munmap(map(16 * PAGE), 16 * PAGE) == 0;
    return done;
}

static const struct {
    const char *name;
    long (*run)(long turns);
} loops[] = {
    {"syscall", do_syscall}, {"pipe", do_pipe},   {"yield", do_yield},
    {"fork", do_fork},       {"fault", do_fault}, {"mmap", do_mmap},
};

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "nothing") == 0)
        return PROOF;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t n = 0; argc == 3 && n < sizeof loops / sizeof loops[0]; n++) {
        if (strcmp(loops[n].name, argv[1]) != 0)
            continue;
        printf("start %s\n", argv[1]);
        printf("end %s %ld\n", argv[1], loops[n].run(strtol(argv[2], NULL, 0)));
        return 0;
    }
    fprintf(stderr, "usage: loops NAME TURNS\n");
    return 64;
}

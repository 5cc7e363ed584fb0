#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debugger.h"

extern char **environ;
extern const char deja_gdb[]; /* the text of deja.gdb; CMakeLists.txt makes it */

enum { OWN_MAX = 16 }; /* arguments of ours */

/* The texts of those that depend on the session. */
struct own {
    char attach[160];
    char load[160];
    char source[160];
};

static bool make_directory(struct debugger *debugger, const char *base)
{
    int length;

    if (base == NULL)
        return false;
    length = snprintf(debugger->directory, sizeof debugger->directory, "%s/deja-XXXXXX", base);
    return length < (int)sizeof debugger->directory && mkdtemp(debugger->directory) != NULL;
}

err_t debugger_prepare(struct debugger *debugger)
{
    *debugger = (struct debugger){0};
    if (!make_directory(debugger, getenv("XDG_RUNTIME_DIR")) && !make_directory(debugger, getenv("TMPDIR")) &&
        !make_directory(debugger, "/tmp")) {
        debugger->directory[0] = '\0';
        return err_detail(err_make(ERR_CANNOT_CREATE, "/tmp/deja-XXXXXX"), "%s", strerror(errno));
    }
    snprintf(debugger->socket, sizeof debugger->socket, "%s/gdb", debugger->directory);
    snprintf(debugger->symbols, sizeof debugger->symbols, "%s/kernel.elf", debugger->directory);
    snprintf(debugger->script, sizeof debugger->script, "%s/deja.gdb", debugger->directory);
    return err_ok();
}

/* gdb shall have the signals that we ignore. */
static int spawn(pid_t *process, const char *program, char *const *arguments)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int failure;

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    failure = posix_spawnp(process, program, NULL, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

static size_t count(char *const *arguments)
{
    size_t n = 0;

    while (arguments != NULL && arguments[n] != NULL)
        n++;
    return n;
}

/* An ELF for riscv64 that is entered in the upper half of the address space, where kernels live: System V ABI, 4. */
static bool is_kernel(const char *path)
{
    enum { MACHINE = 18, MACHINE_RISCV = 243, ENTRY = 24, HEADER_BYTES = 32 };
    static const unsigned char magic[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */};
    unsigned char header[HEADER_BYTES];
    FILE *file = fopen(path, "re");
    bool whole = file != NULL && fread(header, 1, sizeof header, file) == sizeof header;

    if (file != NULL)
        fclose(file);
    return whole && memcmp(header, magic, sizeof magic) == 0 && header[MACHINE] == MACHINE_RISCV &&
           header[ENTRY + 7] >= 0x80;
}

bool debugger_knows_kernel(char *const *arguments)
{
    for (size_t n = count(arguments); n > 0; n--)
        if (is_kernel(arguments[n - 1]))
            return true;
    return false;
}

/* Puts the arguments that are ours into `all`; returns how many. gdb would ask before it adds symbols. */
static size_t put_own(const struct debugger *debugger, const char *target, struct own *own, const char **all)
{
    size_t n = 0;

    snprintf(own->attach, sizeof own->attach, "target extended-remote %s", target);
    snprintf(own->load, sizeof own->load, "with confirm off -- add-symbol-file \"%s\"", debugger->symbols);
    all[n++] = "gdb";
    all[n++] = "-q";
    /* No operating system's habits: with Linux's, gdb looks for a dynamic linker wherever the machine happens to be. */
    all[n++] = "-iex";
    all[n++] = "set osabi none";
    if (access(debugger->symbols, R_OK) == 0) {
        all[n++] = "-ex";
        all[n++] = own->load;
    }
    snprintf(own->source, sizeof own->source, "source %s", debugger->script);
    all[n++] = "-ex";
    all[n++] = own->source;
    all[n++] = "-ex";
    all[n++] = own->attach;
    return n;
}

static err_t write_script(const char *path)
{
    FILE *file = fopen(path, "wex");
    bool good = file != NULL && fputs(deja_gdb, file) >= 0;

    if (file != NULL)
        good &= fclose(file) == 0;
    return good ? err_ok() : err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "%s", strerror(errno));
}

err_t debugger_start(struct debugger *debugger, const char *target, char *const *arguments)
{
    static const char *const programs[] = {"gdb-multiarch", "gdb"};
    struct own own;
    size_t n = count(arguments), nown;
    char **all;
    int failure = ENOENT;

    TRY(write_script(debugger->script));
    all = calloc(OWN_MAX + n + 1, sizeof *all);
    if (all == NULL)
        return err_make(ERR_NO_MEMORY, "gdb");
    nown = put_own(debugger, target, &own, (const char **)all);
    if (n > 0)
        memcpy(all + nown, arguments, n * sizeof *all);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0] && failure != 0; i++)
        failure = spawn(&debugger->process, programs[i], all);
    free(all);
    if (failure == 0)
        return err_ok();
    debugger->process = 0;
    return err_detail(err_make(ERR_UNAVAILABLE, "gdb-multiarch"), "%s", strerror(failure));
}

int debugger_end(struct debugger *debugger, bool ask)
{
    int status = 0;

    if (debugger->process != 0) {
        if (ask)
            kill(debugger->process, SIGTERM);
        while (waitpid(debugger->process, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (debugger->directory[0] != '\0') {
        unlink(debugger->socket);
        unlink(debugger->symbols);
        unlink(debugger->script);
        rmdir(debugger->directory);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

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

err_t debugger_start(struct debugger *debugger, const char *target, char *const *arguments)
{
    static const char *const programs[] = {"gdb-multiarch", "gdb"};
    char attach[160];
    /* No operating system's habits: with Linux's, gdb looks for a dynamic linker wherever the machine happens to be. */
    const char *own[] = {"gdb", "-q", "-iex", "set osabi none", "-ex", attach};
    size_t nown = sizeof own / sizeof own[0], n = count(arguments);
    char **all = calloc(nown + n + 1, sizeof *all);
    int failure = ENOENT;

    if (all == NULL)
        return err_make(ERR_NO_MEMORY, "gdb");
    snprintf(attach, sizeof attach, "target remote %s", target);
    memcpy(all, own, sizeof own);
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
        rmdir(debugger->directory);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

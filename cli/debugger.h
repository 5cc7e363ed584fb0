/* debugger: the gdb that deja debug starts, and the private place where it finds us. */
#ifndef DEJA_CLI_DEBUGGER_H
#define DEJA_CLI_DEBUGGER_H

#include <sys/types.h>

#include "../icount/icount.h"

struct debugger {
    char directory[88]; /* ours alone, mode 0700; "" when there is none */
    char socket[104];   /* fits sockaddr_un */
    char symbols[104];  /* an ELF with the kernel's symbols, in the directory, for gdb to load if it is there */
    char script[104];   /* deja.gdb, in the directory */
    pid_t process;      /* 0: not started */
};

/* Makes the private directory and names the socket in it. ERR_CANNOT_CREATE. */
NODISCARD err_t debugger_prepare(struct debugger *debugger);

/* Whether one of gdb's arguments is a kernel's ELF, with symbols of its own. */
bool debugger_knows_kernel(char *const *arguments);

/* Starts gdb-multiarch, or gdb, attached to `target`; `arguments` (NULL-terminated, or NULL) are added to its own.
 * ERR_UNAVAILABLE. */
NODISCARD err_t debugger_start(struct debugger *debugger, const char *target, char *const *arguments);

/* Waits for its end (asking for it with SIGTERM when `ask`), removes the directory with what is in it. Returns its exit
 * status. */
int debugger_end(struct debugger *debugger, bool ask);

#endif

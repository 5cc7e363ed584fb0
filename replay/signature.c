#include "signature.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signature {
    FILE *file;
    const char *path; /* borrowed */
};

err_t signature_create(const char *path, const struct board *board, struct signature **signature)
{
    uint64_t paddr, size_bytes;
    *signature = NULL;
    if (!board_signature(board, &paddr, &size_bytes))
        return err_detail(err_make(ERR_USAGE, "--signature %s", path),
                          "nothing to write; give -kernel an ELF with the symbols begin_signature and end_signature");
    struct signature *made = calloc(1, sizeof *made);
    if (!made)
        return err_make(ERR_NO_MEMORY, "signature");
    made->path = path;
    made->file = fopen(path, "we");
    if (!made->file) {
        free(made);
        return err_detail(err_make(ERR_CANNOT_CREATE, "%s", path), "%s; check the directory and its permissions",
                          strerror(errno));
    }
    *signature = made;
    return err_ok();
}

/* The last word may be cut short: what is beyond it reads 0. */
static void write_word(FILE *file, const struct engine *engine, uint64_t paddr, uint64_t left_bytes)
{
    uint8_t bytes[4] = {0};
    check(engine_ram_load(engine, paddr, bytes, left_bytes < sizeof bytes ? left_bytes : sizeof bytes));
    fprintf(file, "%02x%02x%02x%02x\n", bytes[3], bytes[2], bytes[1], bytes[0]);
}

err_t signature_write(struct signature *signature, struct board *board)
{
    uint64_t paddr, size_bytes;
    check(board_signature(board, &paddr, &size_bytes));
    for (uint64_t done = 0; done < size_bytes; done += 4)
        write_word(signature->file, board_engine(board), paddr + done, size_bytes - done);
    if (fflush(signature->file) == 0 && !ferror(signature->file))
        return err_ok();
    return err_detail(err_make(errno == ENOSPC ? ERR_DISK_FULL : ERR_IO, "%s", signature->path),
                      "%s; free some space and run it again", strerror(errno));
}

void signature_close(struct signature *signature)
{
    if (!signature)
        return;
    fclose(signature->file);
    free(signature);
}

/* deja symbols: the names that the guest's kernel has for its own addresses. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../guest/guest.h"
#include "../replay/replay.h"
#include "cli.h"
#include "symbols.h"

err_t symbols_here(struct timeline *timeline, struct guest_symbols *symbols)
{
    struct guest_image image;

    TRY(guest_image_find(board_engine(timeline_board(timeline)), 0, &image));
    return guest_symbols_read(&image, symbols);
}

static err_t cannot_write(const char *path)
{
    return err_detail(err_make(errno == ENOSPC ? ERR_DISK_FULL : ERR_CANNOT_CREATE, "%s", path),
                      "%s; check the directory and its permissions", strerror(errno));
}

err_t symbols_write(struct timeline *timeline, const struct guest_symbols *symbols, const char *path)
{
    struct guest_image image;
    uint8_t *bytes;
    size_t size_bytes;
    FILE *file;
    bool written;

    TRY(guest_image_find(board_engine(timeline_board(timeline)), 0, &image));
    TRY(guest_symbols_elf(symbols, &image, &bytes, &size_bytes));
    file = fopen(path, "we");
    written = file != NULL && fwrite(bytes, 1, size_bytes, file) == size_bytes;
    if (file != NULL && fclose(file) != 0)
        written = false;
    free(bytes);
    return written ? err_ok() : cannot_write(path);
}

/* Names come from the guest's memory, but a token holds nothing that a terminal would obey (kallsyms.c). */
static err_t print(const struct guest_symbols *symbols)
{
    for (size_t i = 0; i < symbols->count; i++)
        printf("%016" PRIx64 " %c %s\n", symbols->rows[i].vaddr, symbols->rows[i].type, guest_symbol_name(symbols, i));
    return stdout_flushed();
}

static err_t give(const struct options *options, struct timeline *timeline, const struct guest_symbols *symbols)
{
    const char *path = options_text(options, OPTION_O_ELF, NULL);
    char count[GROUPED_BYTES];

    if (path == NULL)
        return print(symbols);
    TRY(symbols_write(timeline, symbols, path));
    say("%s: %s symbols of the guest's kernel", path, format_grouped(symbols->count, count));
    return err_ok();
}

static err_t look(const struct options *options, struct timeline *timeline, int *status)
{
    struct guest_symbols symbols;
    icount_t mark;
    err_t error;

    *status = 0;
    TRY(timeline_parse_mark(timeline, options_text(options, OPTION_AT, "end"), &mark));
    TRY(timeline_seek(timeline, mark));
    TRY(symbols_here(timeline, &symbols));
    error = give(options, timeline, &symbols);
    guest_symbols_free(&symbols);
    return error;
}

err_t command_symbols(const struct options *options, int *status) { return with_timeline(options, look, status); }

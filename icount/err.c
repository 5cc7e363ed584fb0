/* err: errors as values; what a person reads is in err.def. */
#include "icount.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    int exit_status;
    const char *text, *mend;
};

static const struct err_row err_rows[ERR_COUNT] = {
    [ERR_OK] = {0, "no error", "nothing to do"},
#define ERR(name, exit_status, text, mend) [ERR_##name] = {exit_status, text, mend},
#include "err.def"
#undef ERR
};

/* Subjects quote files, recordings and packets: an error stays one line and gives a terminal no commands. */
static void defuse(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        if (*at < 0x20 || *at == 0x7f)
            *at = '?';
        else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* a control character of two bytes in UTF-8 */
            at[0] = at[1] = '?';
    }
}

static const struct err_row *row_of(err_t error)
{
    check((unsigned)error.code < ERR_COUNT);
    return &err_rows[error.code];
}

err_t err_make(enum err_code code, const char *subject_format, ...)
{
    err_t error = {.code = code};
    va_list args;
    va_start(args, subject_format);
    vsnprintf(error.subject, sizeof error.subject, subject_format, args);
    va_end(args);
    defuse(error.subject);
    return error;
}

err_t err_detail(err_t error, const char *detail_format, ...)
{
    va_list args;
    va_start(args, detail_format);
    vsnprintf(error.detail, sizeof error.detail, detail_format, args);
    va_end(args);
    defuse(error.detail);
    return error;
}

int err_exit_status(err_t error) { return row_of(error)->exit_status; }

size_t err_format(err_t error, char *buffer, size_t size_bytes)
{
    const struct err_row *row = row_of(error);
    bool mended = strstr(error.detail, "; ") != NULL;
    int needed = snprintf(buffer, size_bytes, "%s%s%s%s%s (%d)", error.subject, error.subject[0] ? ": " : "",
                          error.detail[0] ? error.detail : row->text, mended ? "" : "; ", mended ? "" : row->mend,
                          row->exit_status);
    check(needed >= 0);
    return (size_t)needed;
}

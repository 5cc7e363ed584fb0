/* recording_console: the console's lines, for whoever looks for text. Nothing is replayed from them. */
#include "journal_console.h"
#include "recording_inner.h"

struct reader {
    struct console_row row; /* first: a visitor of rows is handed its address */
    void (*visit)(void *context, const struct console_text *line);
    void *context;
    struct {
        uint64_t at, bytes; /* that left at this mark */
    } port[CONSOLE_PORTS];
};

static err_t visit_row(struct recording *recording, const void *row)
{
    struct reader *reader = (struct reader *)row;
    const struct console_row *line = row;
    if (line->port >= CONSOLE_PORTS || line->eol > 2)
        return recording_damaged(recording, "its table console is wrong");
    bool same = reader->port[line->port].bytes && reader->port[line->port].at == line->icount;
    uint64_t skipped = same ? reader->port[line->port].bytes : 0;
    reader->port[line->port].at = line->icount;
    reader->port[line->port].bytes = skipped + line->text.size_bytes + line->eol;
    struct console_text text = {icount_of(line->icount), (unsigned)line->port, skipped, line->text.at,
                                line->text.size_bytes};
    reader->visit(reader->context, &text);
    return err_ok();
}

err_t recording_console(struct recording *recording, void (*visit)(void *context, const struct console_text *line),
                        void *context)
{
    struct reader reader = {.visit = visit, .context = context};
    uint64_t chain = 0;
    return recording_scan(recording, TABLE_console, 1, recording->progress.lines, &chain, &reader.row, visit_row);
}

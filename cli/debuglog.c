#include "debuglog.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const struct item {
    const char *name;
    enum log_kind kind;
    const char *help;
} items[] = {
#define ITEM(KIND, name, help) {#name, LOG_##KIND, help},
#include "debuglog.def"
#undef ITEM
};
enum { ITEMS = sizeof items / sizeof items[0] };

static const char priv_names[] = {[PRIV_U] = 'U', [PRIV_S] = 'S', [2] = '?', [PRIV_M] = 'M'};

/* ---- printing ----------------------------------------------------------------------------------------------------- */

static void print_in_asm(FILE *file, const struct log_event *event)
{
    char text[120];
    fprintf(file, "----------------\nIN: %c 0x%016" PRIx64 " (0x%" PRIx64 "), %s\n", priv_names[event->priv], event->pc,
            event->paddr, event->translated ? "translated" : "interpreted");
    for (size_t at = 0; at + 2 <= event->size_bytes;) {
        uint32_t raw = event->bytes[at] | (uint32_t)event->bytes[at + 1] << 8;
        unsigned size_bytes = insn_length((uint16_t)raw);
        if (size_bytes == 4)
            raw |= (uint32_t)event->bytes[at + 2] << 16 | (uint32_t)event->bytes[at + 3] << 24;
        engine_disassemble(raw, event->pc + at, text, sizeof text);
        fprintf(file, "0x%016" PRIx64 ":  %0*" PRIx32 "%*s  %s\n", event->pc + at, (int)size_bytes * 2, raw,
                8 - (int)size_bytes * 2, "", text);
        at += size_bytes;
    }
}

static void print_out_asm(FILE *file, const struct log_event *event)
{
    enum { LINE_BYTES = 32 };
    if (event->translated)
        fprintf(file, "----------------\nOUT: [size=%zu] %c 0x%016" PRIx64, event->size_bytes, priv_names[event->priv],
                event->pc);
    else
        fprintf(file, "----------------\nOUT: [size=%zu] entry points", event->size_bytes);
    for (size_t at = 0; at < event->size_bytes; at++) {
        if (at % LINE_BYTES == 0)
            fprintf(file, "\n0x%016" PRIxPTR ": ", (uintptr_t)event->bytes + at);
        fprintf(file, " %02x", event->bytes[at]);
    }
    fputc('\n', file);
}

static void print_exec(FILE *file, const struct log_event *event)
{
    fprintf(file, "exec %u: %" PRIu64 " %c 0x%016" PRIx64 " %s\n", event->hart, event->now.n, priv_names[event->priv],
            event->pc, event->translated ? "translated" : "interpreted");
}

static void print_int(FILE *file, const struct log_event *event)
{
    fprintf(file, "int %u: %" PRIu64 " %s %" PRIu64 " (%s), epc 0x%016" PRIx64 ", tval 0x%" PRIx64 ", %c -> %c\n",
            event->hart, event->now.n, event->interrupt ? "interrupt" : "exception", event->cause,
            engine_cause_name(event->cause, event->interrupt), event->pc, event->tval, priv_names[event->priv],
            priv_names[event->to]);
}

static void print_mmu(FILE *file, const struct log_event *event)
{
    static const char *const accesses[] = {[ACCESS_FETCH] = "fetch", [ACCESS_LOAD] = "load", [ACCESS_STORE] = "store"};
    fprintf(file, "mmu %u: %" PRIu64 " %s %c 0x%016" PRIx64, event->hart, event->now.n, accesses[event->access],
            priv_names[event->priv], event->vaddr);
    if (event->fault)
        fprintf(file, " -> %s, block 0x%016" PRIx64 "\n", engine_cause_name(event->cause, false), event->pc);
    else
        fprintf(file, " -> 0x%" PRIx64 " %c%c%c, block 0x%016" PRIx64 "\n", event->paddr,
                event->kinds & ACCESS_LOAD ? 'r' : '-', event->kinds & ACCESS_STORE ? 'w' : '-',
                event->kinds & ACCESS_FETCH ? 'x' : '-', event->pc);
}

/* ---- perf's map: "START SIZE NAME" a line, the numbers in hexadecimal ---------------------------------------------- */

static void print_map(FILE *file, const struct log_event *event)
{
    fprintf(file, "%" PRIxPTR " %zx ", (uintptr_t)event->bytes, event->size_bytes);
    if (event->translated)
        fprintf(file, "guest_%c_0x%016" PRIx64 "\n", priv_names[event->priv], event->pc);
    else
        fprintf(file, "deja_entry_points\n");
}

/* ---- the sink ----------------------------------------------------------------------------------------------------- */

static bool in_ranges(const struct debuglog *log, const struct log_event *event)
{
    uint64_t address = event->kind == LOG_MMU ? event->vaddr : event->pc;
    for (size_t n = 0; n < log->nranges; n++)
        if (address >= log->ranges[n].first && address <= log->ranges[n].last)
            return true;
    return log->nranges == 0;
}

static void print(FILE *file, const struct log_event *event)
{
    static const struct {
        enum log_kind kind;
        void (*print)(FILE *file, const struct log_event *event);
    } printers[] = {{LOG_IN_ASM, print_in_asm},
                    {LOG_OUT_ASM, print_out_asm},
                    {LOG_EXEC, print_exec},
                    {LOG_INT, print_int},
                    {LOG_MMU, print_mmu}};
    for (size_t n = 0; n < sizeof printers / sizeof printers[0]; n++)
        if (printers[n].kind == event->kind)
            printers[n].print(file, event);
}

static void take(void *context, const struct log_event *event)
{
    const struct debuglog *log = context;
    if (log->map && event->kind == LOG_OUT_ASM)
        print_map(log->map, event);
    if ((log->kinds & event->kind) && in_ranges(log, event))
        print(log->file, event);
}

/* ---- options ------------------------------------------------------------------------------------------------------ */

/* Calls `read` with each of the words between commas. */
static err_t each_word(const char *words, struct debuglog *log, err_t (*read)(struct debuglog *, const char *word))
{
    char word[80];
    while (*words) {
        size_t length = strcspn(words, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), words);
        TRY(read(log, word));
        words += length + (words[length] == ',');
    }
    return err_ok();
}

static err_t read_item(struct debuglog *log, const char *word)
{
    char there[100] = "";
    for (size_t n = 0; n < ITEMS; n++) {
        if (strcmp(items[n].name, word) == 0) {
            log->kinds |= items[n].kind;
            return err_ok();
        }
        size_t used = strlen(there);
        snprintf(there + used, sizeof there - used, "%s%s", n ? ", " : "", items[n].name);
    }
    return err_detail(err_make(ERR_USAGE, "-d %s", word), "nothing of that name is logged; there is %s", there);
}

static err_t read_range(struct debuglog *log, const char *word)
{
    if (log->nranges == DEBUGLOG_RANGES)
        return err_detail(err_make(ERR_USAGE, "-dfilter"), "too many ranges; give at most %d", DEBUGLOG_RANGES);
    struct range *range = &log->ranges[log->nranges++];
    if (value_range(word, &range->first, &range->last))
        return err_ok();
    return err_detail(err_make(ERR_USAGE, "-dfilter %s", word),
                      "no range of addresses; give START..END, START+SIZE or START-SIZE");
}

static err_t open_file(const char *option, const char *path, FILE **file)
{
    *file = fopen(path, "we");
    return *file ? err_ok() : err_detail(err_make(ERR_CANNOT_CREATE, "%s %s", option, path), "%s", strerror(errno));
}

static err_t open_map(struct debuglog *log)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid()); /* where perf looks for it */
    return open_file("--perfmap", path, &log->map);
}

static err_t open_log(struct debuglog *log, const struct options *options)
{
    const char *path = options_text(options, OPTION_LOG_FILE, NULL);
    if (!options_flag(options, OPTION_LOG)) {
        const char *without = path ? "-D" : options_flag(options, OPTION_LOG_FILTER) ? "-dfilter" : NULL;
        return without ? err_detail(err_make(ERR_USAGE, "%s", without), "nothing is logged; say what with -d")
                       : err_ok();
    }
    TRY(each_word(options_text(options, OPTION_LOG, ""), log, read_item));
    TRY(each_word(options_text(options, OPTION_LOG_FILTER, ""), log, read_range));
    log->file = stderr;
    return path ? open_file("-D", path, &log->file) : err_ok();
}

err_t debuglog_open(struct debuglog *log, struct options *options)
{
    *log = (struct debuglog){.file = NULL};
    TRY(open_log(log, options));
    if (options_flag(options, OPTION_PERFMAP))
        TRY(open_map(log));
    log->sink = (struct engine_log){
        .context = log, .kinds = log->kinds | (log->map ? (unsigned)LOG_OUT_ASM : 0), .event = take};
    options->log = log->sink.kinds ? &log->sink : NULL;
    return err_ok();
}

static err_t close_file(FILE *file, const char *option)
{
    if (!file || file == stderr)
        return err_ok();
    bool good = !ferror(file);
    good &= fclose(file) == 0;
    return good ? err_ok() : err_detail(err_make(ERR_IO, "%s", option), "not all could be written; check the disk");
}

err_t debuglog_close(struct debuglog *log)
{
    err_t file = close_file(log->file, "-D"), map = close_file(log->map, "--perfmap");
    return err_is(file) ? file : map;
}

void debuglog_help(void (*write)(void *context, const char *text), void *context)
{
    char line[120];
    write(context, "-d takes these, with commas between them:\n");
    for (size_t n = 0; n < ITEMS; n++) {
        snprintf(line, sizeof line, "  %-8s %s\n", items[n].name, items[n].help);
        write(context, line);
    }
}

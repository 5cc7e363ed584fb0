#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "report.h"

enum { BAR_CELLS = 24 };

/* Slower than anybody reads, and nothing that a terminal far away would notice. */
static const double REDRAW_S = 0.1;

static double host_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A time of nearly nothing makes any speed, also one that no integer holds. */
static uint64_t millions_a_second(uint64_t executed, double elapsed_s)
{
    double speed = (double)executed / elapsed_s / 1e6;

    return speed < 1e15 ? (uint64_t)speed : UINT64_C(1000000000000000);
}

void progress_format(const char *what, uint64_t first, uint64_t done, uint64_t total, uint64_t executed,
                     double elapsed_s, char line[PROGRESS_BYTES])
{
    uint64_t shown = total == 0 || done > total ? total : done;
    double share = total == 0 ? 1 : (double)shown / (double)total;
    double per_second = elapsed_s > 0 && shown > first ? (double)(shown - first) / elapsed_s : 0;
    char bar[BAR_CELLS + 1], at[GROUPED_BYTES], of[GROUPED_BYTES], speed[GROUPED_BYTES];
    int used;

    for (int cell = 0; cell < BAR_CELLS; cell++)
        bar[cell] = cell < (int)(share * BAR_CELLS) ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    used = snprintf(line, PROGRESS_BYTES, "%-7.20s %3d %% %s  %s M of %s M", what, (int)(share * 100), bar,
                    format_grouped(shown / 1000000, at), format_grouped(total / 1000000, of));
    if (executed > 0 && elapsed_s > 0)
        used += snprintf(line + used, PROGRESS_BYTES - (size_t)used, "  %s M/s",
                         format_grouped(millions_a_second(executed, elapsed_s), speed));
    if (per_second > 0)
        snprintf(line + used, PROGRESS_BYTES - (size_t)used, "  %.1f s left", (double)(total - shown) / per_second);
}

static void wipe(struct progress_bar *bar)
{
    if (bar->shown)
        fputs("\r\033[K", bar->terminal);
    bar->shown = false;
}

static bool tick(void *context, const char *what, icount_t done, icount_t total, uint64_t executed)
{
    struct progress_bar *bar = context;
    char line[PROGRESS_BYTES];
    double now = host_seconds();

    if (bar->what == NULL || strcmp(bar->what, what) != 0 || done.n < bar->first_done) {
        wipe(bar);
        bar->what = what;
        bar->began_s = now;
        bar->first_done = done.n;
    }
    if (bar->terminal != NULL && now - bar->began_s > 0.5 && now - bar->drawn_s > REDRAW_S) {
        bar->drawn_s = now;
        progress_format(what, bar->first_done, done.n, total.n, executed, now - bar->began_s, line);
        fprintf(bar->terminal, "\r%s\033[K", line);
        fflush(bar->terminal);
        bar->shown = true;
    }
    return bar->quit == NULL || !atomic_load(bar->quit);
}

struct progress progress_begin(struct progress_bar *bar, const atomic_bool *quit)
{
    *bar = (struct progress_bar){.terminal = isatty(STDERR_FILENO) ? stderr : NULL, .quit = quit};
    return (struct progress){.context = bar, .tick = tick};
}

void progress_end(struct progress_bar *bar)
{
    if (bar->terminal != NULL)
        wipe(bar);
    bar->what = NULL;
}

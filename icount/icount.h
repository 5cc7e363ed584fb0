/* icount: when, and the words that every other folder shares.
 *
 * Glossary
 *   mark      a point in the run: the number of instructions executed since power-on, all harts together
 *   settled   the one state that belongs to a mark: every event due has been handled, every input stamped with
 *             the mark has been delivered, an interrupt that is pending and enabled has been taken
 *   idle      every hart sits in wfi: virtual time moves, the mark does not
 *   offer     an input that has not entered the machine; input: one that has
 *   interval  the run between two snapshots
 *   diverge   a replay that differs from the recording (our bug); divert: a what-if from a mark (wanted)
 */
#ifndef DEJA_ICOUNT_H
#define DEJA_ICOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD              __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* ---- time ------------------------------------------------------------------------------------------------ */

/* Instructions executed since power-on. A trapping instruction counts; taking an interrupt does not. */
typedef struct {
    uint64_t n;
} icount_t;

/* Guest nanoseconds since power-on. */
typedef struct {
    uint64_t ns;
} vtime_t;

#define ICOUNT_MAX  ((icount_t){UINT64_MAX})
#define VTIME_NEVER ((vtime_t){UINT64_MAX})

static inline icount_t icount_of(uint64_t n) { return (icount_t){n}; }
static inline vtime_t vtime_of(uint64_t ns) { return (vtime_t){ns}; }
static inline bool icount_before(icount_t a, icount_t b) { return a.n < b.n; }
static inline bool vtime_before(vtime_t a, vtime_t b) { return a.ns < b.ns; }
static inline icount_t icount_min(icount_t a, icount_t b) { return a.n < b.n ? a : b; }
static inline vtime_t vtime_min(vtime_t a, vtime_t b) { return a.ns < b.ns ? a : b; }

/* Virtual time is instructions scaled by a recorded ratio, plus the idle time that wfi has skipped. */
struct clock {
    uint64_t idle_ns;  /* part of the machine's state */
    uint32_t ns_shift; /* one instruction is 1 << ns_shift ns; 0..10, fixed for the whole recording */
};

vtime_t clock_vtime(const struct clock *clock, icount_t at);

/* The first mark at which clock_vtime() is not before `when`; ICOUNT_MAX when that is never. */
icount_t clock_icount(const struct clock *clock, vtime_t when);

/* Lets idle time pass at mark `at` until virtual time is `when`; a `when` in the past changes nothing. */
void clock_idle_until(struct clock *clock, icount_t at, vtime_t when);

/* ---- events ---------------------------------------------------------------------------------------------- */

enum { EVENTQ_SOURCES = 32 };

/* One pending wake-up per source, ordered by (when, sequence): never by pointer. All of it is machine state. */
struct eventq {
    uint64_t when_ns[EVENTQ_SOURCES]; /* UINT64_MAX: not pending */
    uint64_t sequence[EVENTQ_SOURCES];
    uint64_t next_sequence;
};

void eventq_init(struct eventq *queue);

/* (Re)schedules the one event of `source` (0..EVENTQ_SOURCES-1); VTIME_NEVER cancels it. */
void eventq_set(struct eventq *queue, unsigned source, vtime_t when);

/* When the earliest event is due; VTIME_NEVER when none is pending. */
vtime_t eventq_next(const struct eventq *queue);

/* Takes the earliest event due at or before `now` off the queue; its source, or -1 when none is due. */
int eventq_take(struct eventq *queue, vtime_t now);

/* ---- errors ---------------------------------------------------------------------------------------------- */

/* Our own bug: check(), always on. The world failed: an err_t. The guest failed: a trap, which is a value. */
#define check(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))
_Noreturn void check_failed(const char *condition, const char *file, int line);

enum err_code {
    ERR_OK,
#define ERR(name, exit_status, text, mend) ERR_##name,
#include "err.def"
#undef ERR
    ERR_COUNT
};

/* An error as a value: what failed (a file, a page, a packet), and which row of err.def says why and the mend. */
typedef struct {
    enum err_code code;
    char subject[256]; /* "boot.deja", "boot.deja: page 4,211 of snapshot 17" */
    char detail[160];  /* replaces the row's text when not empty */
} err_t;

static inline err_t err_ok(void) { return (err_t){.code = ERR_OK}; }
static inline bool err_is(err_t error) { return error.code != ERR_OK; }

/* An error of row `code` about the printf-style subject. */
err_t err_make(enum err_code code, const char *subject_format, ...) PRINTF_LIKE(2, 3);

/* The same error with its row's text replaced by a printf-style detail. A detail of the form "what; mend" replaces the
 * row's mend too. */
err_t err_detail(err_t error, const char *detail_format, ...) PRINTF_LIKE(2, 3);

/* Process exit status of an error, after sysexits.h; 0 for ERR_OK. */
int err_exit_status(err_t error);

/* Writes "subject: what; the mend (status)" without a newline; returns the length that was needed, as snprintf. */
size_t err_format(err_t error, char *buffer, size_t size_bytes);

/* if (something fails) return its error */
#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        err_t try_error_ = (expression);                                                                               \
        if (err_is(try_error_))                                                                                        \
            return try_error_;                                                                                         \
    } while (0)

/* ---- numbers for people ------------------------------------------------------------------------------------ */

/* 912345678 -> "912,345,678" into `buffer`; returns buffer. */
enum { GROUPED_BYTES = 28 };
const char *format_grouped(uint64_t value, char buffer[GROUPED_BYTES]);

#endif

/* replay: the world. The only folder that touches the outside: terminal, files, wall clock, entropy.
 *
 *   files  ->  boot        what to boot, read from the host
 *   live                   runs a machine with the world attached, recording or not
 *   recording              a sealed or broken-off recording, opened to be read
 *   timeline               a recording in which one can stand at any mark
 */
#ifndef DEJA_REPLAY_H
#define DEJA_REPLAY_H

#include <stdatomic.h>

#include "../hw/hw.h"
#include "../icount/icount.h"

/* ---- boot: command line -> board_config ------------------------------------------------------------------------ */

struct boot_files {
    const char *bios;   /* NULL or "default": Debian's opensbi; "none"; or a path */
    const char *kernel; /* paths; NULL: not given */
    const char *initrd;
};

/* Owns the bytes that a board_config borrows. */
struct boot;

/* Reads the files (ERR_NO_INPUT, ERR_UNREADABLE; the subject names file and option). */
NODISCARD err_t boot_read(const struct boot_files *files, struct boot **boot);
void boot_free(struct boot *boot);

/* Points the config's three images at the bytes read. */
void boot_images(const struct boot *boot, struct board_config *config);

/* Sources of the two recorded choices, when the command line makes none. */
uint64_t host_entropy(void);
uint64_t host_epoch_ns(void);

/* ---- progress ----------------------------------------------------------------------------------------------------- */

/* Called from anything long every few ten million instructions, without a look at any clock: a tick that draws decides
 * by its own how often. Return false to break it off. */
struct progress {
    void *context;
    bool (*tick)(void *context, const char *what, icount_t done, icount_t total, uint64_t executed);
};

/* ---- live: run and record ------------------------------------------------------------------------------------------- */

struct live_options {
    const char *record_path;    /* NULL: run without recording */
    bool force;                 /* replace an existing file */
    uint64_t snapshot_every;    /* instructions; 0: chosen by cost */
    icount_t max_icount;        /* ICOUNT_MAX: no bound */
    bool pace_real;             /* the guest's clock does not run ahead of the wall's */
    int console_in;             /* file descriptor, -1: none */
    int console_out;            /* file descriptor, -1: none */
    bool escape_keys;           /* Ctrl-A x quits, Ctrl-A h helps; console_in is a terminal */
    const atomic_bool *quit;    /* set by a signal handler: end the run now */
    const char *signature_path; /* of a file for what an architecture test leaves behind; NULL: none */
};

enum run_end { RUN_HALTED, RUN_MAX_ICOUNT, RUN_QUIT, RUN_IDLE_FOREVER, RUN_RECORDING_ENDS };

struct run_report {
    enum run_end end;
    struct board_halt halt;
    icount_t icount;
    vtime_t vtime;
    double host_seconds; /* of a live run; a replay looks at no clock */
    uint64_t inputs;
    uint64_t snapshots;  /* recorded or checked */
    uint64_t compared;   /* lockstep: stops at which the engines were equal */
    uint64_t file_bytes; /* of the recording; 0 when there is none */
};

/* Runs to the end. The report is filled in also when an error is returned (ERR_DISK_FULL: what was recorded stays). */
NODISCARD err_t live_run(const struct board_config *config, const struct live_options *options,
                         struct run_report *report);

/* ---- recording: what a file says of itself ------------------------------------------------------------------------- */

struct recording;

/* Opens for reading; nothing in the file is trusted. ERR_NO_INPUT, ERR_ALIEN, ERR_NEWER, ERR_DAMAGED. */
NODISCARD err_t recording_open(const char *path, struct recording **recording);
void recording_close(struct recording *recording);

/* How it is executed from now on; the recorded machine is the same. */
void recording_tune(struct recording *recording, struct engine_tuning tuning);

struct recording_info {
    char created[32]; /* "2026-11-22 21:40:12 UTC" */
    char creator[32]; /* "deja 0.1.0" */
    unsigned format;
    bool complete;                                    /* sealed: the run ended; else it was broken off */
    struct board_config config;                       /* borrowed from the recording */
    uint64_t firmware_hash, kernel_hash, initrd_hash; /* bytes_hash() */
    icount_t end;
    vtime_t end_vtime;
    struct board_halt halt;
    uint64_t inputs[3]; /* by enum input_kind; [0] is their sum */
    uint64_t snapshots, snapshot_bytes, console_bytes, file_bytes;
};

NODISCARD err_t recording_info(struct recording *recording, struct recording_info *info);

/* Everything a file can be checked for without running it: every page's checksum, every size, order and reference. */
NODISCARD err_t recording_check(struct recording *recording, const struct progress *progress);

/* Runs the recording from its start to its end, comparing every recorded state hash, console bytes to console_out
 * (-1: nowhere). Reads no clock, terminal or entropy. ERR_DIVERGED names mark, expected, found and the fields. */
NODISCARD err_t replay_run(struct recording *recording, int console_out, const struct progress *progress,
                           struct run_report *report);

/* ---- lockstep: two engines side by side ---------------------------------------------------------------------------- */

struct lockstep_options {
    uint64_t stride; /* instructions from one comparison to the next, at most */
    const struct progress *progress;
    void (*line)(void *context, const char *text); /* the report of a difference, line by line */
    void *context;
};

/* Runs the recording with the interpreter and, beside it, as recording_tune() says, and compares the whole of both
 * machines at every stop, and with the recorded hashes. ERR_DIVERGED: the report names the first instruction after
 * which they differ, and in what. */
NODISCARD err_t lockstep_run(struct recording *recording, const struct lockstep_options *options,
                             struct run_report *report);

/* ---- timeline: stand anywhere ------------------------------------------------------------------------------------------ */

struct timeline;

/* Borrows the recording. Stands at mark 0. */
NODISCARD err_t timeline_open(struct recording *recording, struct timeline **timeline);
void timeline_close(struct timeline *timeline);

icount_t timeline_now(const struct timeline *timeline);
icount_t timeline_end(const struct timeline *timeline);  /* where history ends; ICOUNT_MAX when diverted */
struct board *timeline_board(struct timeline *timeline); /* to look at; poke only through the calls below */
void timeline_set_progress(struct timeline *timeline, const struct progress *progress); /* borrowed; NULL: none */

/* Where guest console bytes go when instructions run forwards for the first time from where one stood (as `continue`
 * does; a seek prints nothing). NULL: nowhere. */
void timeline_set_console(struct timeline *timeline, void (*console)(void *context, const uint8_t *, size_t),
                          void *context);

/* Moves to a mark (clipped to history). Any probe is off on the way. Broken off by progress it stands, settled, where
 * it had come to. After an error too: ERR_DAMAGED, ERR_IO, ERR_NO_MEMORY, ERR_DIVERGED. */
NODISCARD err_t timeline_seek(struct timeline *timeline, icount_t mark);

/* Reads MARK: "N", "1,234", "12.5s", "300ms", "40us", "start", "end", "end-N". ERR_USAGE. */
NODISCARD err_t timeline_parse_mark(struct timeline *timeline, const char *text, icount_t *mark);

enum direction { FORWARDS, BACKWARDS };

struct timeline_resume {
    enum direction direction;
    uint64_t steps;         /* instructions; UINT64_MAX: until something stops it */
    const uint64_t *breaks; /* virtual addresses */
    size_t nbreaks;
    const struct watch_range *watches;
    size_t nwatches;
    /* Asked at each hit of a breakpoint (a condition): false, and it was none. The machine stands settled before the
     * instruction; its registers and memory may be read, nothing may be changed. NULL: every hit counts. */
    bool (*wanted)(void *context, unsigned hart, uint64_t pc);
    /* polled about every 10 ms: true breaks it off (Ctrl-C) at a settled mark. May be NULL. */
    bool (*interrupted)(void *context);
    void *context; /* of `wanted` and `interrupted` */
};

enum stop_reason { STOP_STEPPED, STOP_BREAK, STOP_WATCH, STOP_BEGIN, STOP_END, STOP_INTERRUPTED };

struct timeline_stop {
    enum stop_reason reason;
    unsigned hart;
    enum access_kind kind; /* STOP_WATCH: which access */
    uint64_t vaddr;        /* STOP_WATCH: the first watched byte that was touched */
};

/* Goes on or back. Break forwards: pc at the breakpoint, also when standing on it already (gdb steps off by itself).
 * Break backwards: the latest hit strictly before now. Watch forwards: at the access, not yet done. Watch backwards:
 * just after the access, which is still applied; when the instruction just before now is the one, without moving. */
NODISCARD err_t timeline_resume(struct timeline *timeline, const struct timeline_resume *resume,
                                struct timeline_stop *stop);

/* Pokes divert: from this mark on the timeline is a what-if, without the inputs recorded later and without an end (it
 * stops when nothing can happen any more). Marks before it are as recorded; whoever passes it again meets the poke
 * again; a poke before it replaces it. The recording is never written. ERR_USAGE: no such register or memory. */
enum reg_class { REG_X, REG_PC, REG_F, REG_CSR, REG_PRIV };
NODISCARD err_t timeline_poke_register(struct timeline *timeline, unsigned hart, enum reg_class reg_class,
                                       unsigned number, uint64_t value);
NODISCARD err_t timeline_poke_memory(struct timeline *timeline, unsigned hart, uint64_t vaddr, const void *bytes,
                                     size_t size_bytes);
/* The same by physical address; RAM only. */
NODISCARD err_t timeline_poke_physical(struct timeline *timeline, uint64_t paddr, const void *bytes, size_t size_bytes);
bool timeline_diverted(const struct timeline *timeline);

/* Drops every poke: back to the recording, at the same mark. */
NODISCARD err_t timeline_undivert(struct timeline *timeline);

#endif

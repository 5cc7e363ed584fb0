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
    uint64_t inputs[INPUT_POKE + 1]; /* by enum input_kind; [0] is their sum */
    uint64_t snapshots, snapshot_bytes, console_bytes, file_bytes;
};

/* What entered, as it was written down; the bytes are the recording's. */
struct input_record {
    icount_t at;
    vtime_t when;
    enum input_kind kind;
    unsigned port;
    const uint8_t *bytes;
    size_t size_bytes;
};

NODISCARD err_t recording_info(struct recording *recording, struct recording_info *info);

/* Another recording, with which a branch shares its history up to a mark. */
struct recording_origin {
    const char *name; /* as it was given; no byte of it commands a terminal */
    icount_t at;
    uint64_t parent; /* recording_digest() of it */
};

/* What it was branched from: the eldest first, the immediate one last; borrowed. None: it was recorded from power-on.
 */
const struct recording_origin *recording_origins(const struct recording *recording, size_t *count);

/* Tells this content from any other recording's. */
uint64_t recording_digest(const struct recording *recording);

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

/* From now on a thread of low priority finds out what each interval of the recording has stored to and executed, the
 * newest first: searches backwards pass over more of them then. They find the same. ERR_NO_MEMORY. */
NODISCARD err_t timeline_follow(struct timeline *timeline);

/* Of how many intervals it knows that, and how many there are. True: it knows all that it will. */
bool timeline_followed(const struct timeline *timeline, size_t *known, size_t *all);

icount_t timeline_now(const struct timeline *timeline);
icount_t timeline_end(const struct timeline *timeline);  /* where history ends; ICOUNT_MAX when diverted */
struct board *timeline_board(struct timeline *timeline); /* to look at; poke only through the calls below */
void timeline_set_progress(struct timeline *timeline, const struct progress *progress); /* borrowed; NULL: none */

/* Who may break off a seek besides, polled about every 10 ms; NULL: nobody. */
void timeline_set_interrupted(struct timeline *timeline, bool (*interrupted)(void *context), void *context);

/* Where guest console bytes go when instructions run forwards for the first time from where one stood (as `continue`
 * does; a seek prints nothing). NULL: nowhere. */
void timeline_set_console(struct timeline *timeline, void (*console)(void *context, const uint8_t *, size_t),
                          void *context);

/* Moves to a mark (clipped to history). Any probe is off on the way. Broken off it stands, settled, where
 * it had come to. After an error too: ERR_DAMAGED, ERR_IO, ERR_NO_MEMORY, ERR_DIVERGED. */
NODISCARD err_t timeline_seek(struct timeline *timeline, icount_t mark);

/* Reads MARK: "N", "1,234", "2h", "9min", "12.5s", "300ms", "40us", "start", "end", "end-N", "text:REGEX" (the first
 * line of the console that matches), or the name of a bookmark. N may lie beyond the end, and what is a time after the
 * end is ICOUNT_MAX: timeline_seek() goes to the end then. ERR_USAGE. */
NODISCARD err_t timeline_parse_mark(struct timeline *timeline, const char *text, icount_t *mark);

enum direction { FORWARDS, BACKWARDS };

/* Bookmarks: names for marks, in the file REC.bookmarks; the recording does not change. ERR_USAGE: no good name, or the
 * timeline is diverted; and what the file may meet. */
NODISCARD err_t timeline_bookmark(struct timeline *timeline, const char *name); /* for where it stands */
NODISCARD err_t timeline_unbookmark(struct timeline *timeline, const char *name);
NODISCARD err_t timeline_bookmarks(struct timeline *timeline,
                                   void (*visit)(void *context, icount_t at, const char *name), void *context);

/* What the recorded run has put out on the console. */
struct timeline_text {
    icount_t at; /* of the instruction that put out the first byte of what matches, before it */
    char line[256];
};

/* Finds a line by a regular expression (POSIX, extended): the last one that matches strictly before a mark, or the
 * first one there is. The timeline stands where it stood. ERR_USAGE: no regular expression. */
NODISCARD err_t timeline_find_text(struct timeline *timeline, const char *regex, icount_t before, bool first,
                                   struct timeline_text *text, bool *found);

/* Bytes of RAM: those that an address means where the timeline stands, wherever it goes from there. */
enum { TIMELINE_MEMORY_MOST = 0x10000, TIMELINE_PIECES_MOST = TIMELINE_MEMORY_MOST / PAGE_BYTES + 1 };
struct timeline_memory {
    uint64_t address, size_bytes;
    size_t npieces;
    struct timeline_piece {
        uint64_t paddr, size_bytes;
    } pieces[TIMELINE_PIECES_MOST];
};

/* A virtual address is translated as `hart` would now. ERR_USAGE: none, too many, or not all of them RAM. */
NODISCARD err_t timeline_memory_here(struct timeline *timeline, unsigned hart, uint64_t address, uint64_t size_bytes,
                                     bool physical, struct timeline_memory *memory);

/* Reads what they hold where the timeline stands now; offset + size_bytes is at most memory->size_bytes. */
void timeline_look(struct timeline *timeline, const struct timeline_memory *memory, uint64_t offset, void *bytes,
                   size_t size_bytes);

/* Who changed some of the bytes: an instruction, the pokes with which a branch begins, or those made in this timeline.
 * In this order, when it is at one mark. */
enum changer { BY_INSTRUCTION, BY_BRANCH, BY_DEBUGGER, CHANGERS };

struct timeline_write {
    icount_t at; /* just after it; of pokes, where they entered */
    vtime_t when;
    enum changer by;
    unsigned hart; /* these two are the instruction's, else 0 */
    uint64_t pc;
    uint64_t offset;     /* of what follows, in the memory */
    unsigned size_bytes; /* 1 to 8 */
    uint64_t before, after;
};

struct timeline_write_search {
    const struct timeline_memory *memory;
    enum direction direction;
    uint64_t steps; /* instructions; UINT64_MAX: all there are */
    bool valued;    /* only what leaves this value in all of the memory, 1 to 8 bytes, counts */
    uint64_t value;
    bool (*interrupted)(void *context);
    void *context;
};

/* Finds the nearest mark with a change, by whatever address; a store of what is there already is none. The timeline
 * stands there, or where it stood. `writes` has room for CHANGERS. *count: how many changes at that mark count, in the
 * order in which they happened; 0: none was found. */
NODISCARD err_t timeline_find_write(struct timeline *timeline, const struct timeline_write_search *search,
                                    struct timeline_write *writes, size_t *count);

/* What a watch means that a debugger sets on an address where the timeline stands, wherever it goes from there:
 *
 *   an address                                    watches
 *   that is physical                              that memory, by whatever address it is accessed
 *   of memory, while the hart does not translate  the same
 *   that is mapped to itself                      the same (a kernel that lives in the lower half)
 *   in the upper half (a kernel's, the same in    the memory that it is mapped to, by whatever address it is accessed
 *   every address space)
 *   in the lower half (a process's)               the address, in the address space that is in force
 *   that is none of these: not mapped in the      the address, in any address space
 *   upper half, no memory without translation
 *
 * Writes ranges of the wanted one's kinds, in the order of their addresses, and tells how many: at least 1. */
enum { TIMELINE_WATCH_MOST = 16 };
size_t timeline_watch_here(struct timeline *timeline, unsigned hart, const struct watch_range *wanted, bool physical,
                           struct watch_range ranges[TIMELINE_WATCH_MOST]);

/* What the first byte of such a range is mapped to where the timeline stands: a physical address, TIMELINE_NOWHERE when
 * it is not mapped. The same wherever one asks when a range does not depend on a mapping. */
#define TIMELINE_NOWHERE UINT64_MAX
uint64_t timeline_watch_place(struct timeline *timeline, unsigned hart, const struct watch_range *range);

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

/* Drops every poke: back to the recording, at the mark of the first one (T3), up to which both are the same run; at the
 * mark where it stands when that is before it. */
NODISCARD err_t timeline_undivert(struct timeline *timeline);

/* ---- branch: go on from the past, live ------------------------------------------------------------------------------------ */

/* A new recording that is the old one's up to where the timeline stands, with the pokes made there, and live from then
 * on. The history is executed again from power-on, held against the old recording's hashes on the way and written down:
 * the same inputs, snapshots at the same marks. `progress` is for that part. ERR_USAGE: the guest has ended the run
 * there, the recording would overwrite itself, or a poke is not where the timeline stands. */
NODISCARD err_t branch_run(struct timeline *timeline, const struct live_options *options,
                           const struct progress *progress, struct run_report *report);

/* ---- parting: where two recorded runs stop being one ----------------------------------------------------------------- */

/* An input of a recording; number 0: there is none. */
struct parting_input {
    uint64_t number; /* counted from 1 */
    struct input_record record;
};

enum { PARTING_SHOWN = 4, PARTING_INSN_BYTES = 96 };

struct parting {
    bool quit;            /* progress broke the search off: nothing below is known */
    bool machines_differ; /* what was booted: parting_machines() tells */
    bool alien;           /* even in memory size or harts: nothing else was compared */
    icount_t common;      /* both recordings come to this mark */

    bool parted; /* the machines are the same before `at` and not at it: harts, devices, clock or memory */
    icount_t at;

    bool harts_parted; /* what the harts hold differs from `harts_at` on */
    icount_t harts_at; /* equal before, different at it */
    bool by_input;     /* and it is not the instruction before it that made the difference but what entered there */
    unsigned hart;     /* the first that differs */
    uint64_t pcs[2];   /* where it stood: before that instruction; by_input: after the input, which may have moved it */
    char insn[PARTING_INSN_BYTES];                /* that instruction, "lbu t0,0(a0)" */
    struct state_difference shown[PARTING_SHOWN]; /* the first registers that differ */
    size_t differences;                           /* how many do */

    struct parting_input inputs[2]; /* of either: the first that differs as long as both run; both 0: none does */
};

/* Finds where two recordings part; afterwards both timelines stand where the harts have parted, or else the machines,
 * or else at the common end. */
NODISCARD err_t parting_find(struct timeline *a, struct timeline *b, struct parting *parting);

/* Tells in what the two machines that were booted differ, a line each. */
void parting_machines(struct recording *a, struct recording *b, void (*line)(void *context, const char *text),
                      void *context);

/* Tells in what the two differ where they stand: every field, the first words of memory, under the names `a_name` and
 * `b_name`. */
NODISCARD err_t parting_tell(struct timeline *a, const char *a_name, struct timeline *b, const char *b_name,
                             void (*line)(void *context, const char *text), void *context);

#endif

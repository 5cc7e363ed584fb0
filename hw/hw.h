/* hw: the parts of QEMU's `virt` machine, and the board that they sit on.
 *
 * A part knows registers, lines and virtual time. It may be asked for reset, load, store, wake and input; it may ask
 * for an interrupt line, a wake-up, memory, and to put bytes out. It never polls, never sees the host, has no global.
 * Every byte of it that outlives an instruction is in its field table.
 */
#ifndef DEJA_HW_H
#define DEJA_HW_H

#include "../engine/engine.h"
#include "../icount/icount.h"
#include "../snapshot/snapshot.h"

/* ---- what to boot -------------------------------------------------------------------------------------------- */

/* A file's content, borrowed. name is for messages. */
struct image {
    const char *name;
    const uint8_t *bytes; /* NULL: not given */
    size_t size_bytes;
};

/* Everything that the machine is made from; a recording holds exactly this. */
struct board_config {
    struct image firmware; /* absent: -bios none, the kernel runs in M-mode from its entry */
    struct image kernel;   /* Linux Image, Image.gz, ELF or flat binary */
    struct image initrd;
    const char *append; /* kernel command line, may be NULL */
    uint64_t ram_size_bytes;
    unsigned nharts;
    uint64_t seed;               /* entropy: /chosen/rng-seed and every entropy device */
    uint64_t epoch_ns;           /* Unix time at power-on, nanoseconds */
    uint32_t ns_shift;           /* see struct clock */
    struct engine_tuning tuning; /* not part of the machine */
    bool semihosting_files;      /* --semihosting: SYS_OPEN may name host files (not offered yet: reads as refused) */
};

/* ---- the world that the board puts bytes out to, and asks nothing of ------------------------------------------- */

enum input_kind {
#define INPUT(name, number, text) INPUT_##name = number,
#include "input.def"
#undef INPUT
};

struct board_world {
    void *owner;
    /* Console bytes leave the machine at mark `now`. port 0: the UART; 1: semihosting and HTIF. */
    void (*output)(void *owner, icount_t now, unsigned port, const uint8_t *bytes, size_t size_bytes);
};

/* ---- the board -------------------------------------------------------------------------------------------------- */

struct board;

/* Makes the machine and loads the images: settled at mark 0. Errors name the image: ERR_BAD_IMAGE, ERR_USAGE (RAM too
 * small), ERR_NO_MEMORY. */
NODISCARD err_t board_create(const struct board_config *config, struct board_world world, struct board **board);
void board_destroy(struct board *board);

enum board_stop {
    BOARD_LIMIT,  /* settled at `until` */
    BOARD_IDLE,   /* every hart waits; only board_idle_until() or board_input() gets on from here */
    BOARD_HALTED, /* the guest has ended the run: board_halt() */
    BOARD_PROBE,  /* a probe stopped it, settled, before the instruction */
};

/* Runs from board_now() to at most `until`, handling events and interrupts on the way. At `until` itself the state is
 * settled; BOARD_IDLE and BOARD_HALTED win over BOARD_LIMIT. */
enum board_stop board_run(struct board *board, icount_t until);

/* Handles the events that are due and takes interrupts: after an input, after idling. Idempotent. */
void board_settle(struct board *board);

icount_t board_now(const struct board *board);
vtime_t board_vtime(const struct board *board);

/* When the earliest event is due; VTIME_NEVER: none, only an input can end the idling. */
vtime_t board_next_event(const struct board *board);

/* While idle: lets virtual time pass to min(`when`, the next event) and settles. */
void board_idle_until(struct board *board, vtime_t when);

/* True while every hart waits. */
bool board_idle(const struct board *board);

/* Delivers an input to the part behind (kind, port). Settle afterwards. A part that has no room drops what a real one
 * would drop. The power button ends the run with HALT_POWEROFF, as a held one does on a real machine. */
void board_input(struct board *board, enum input_kind kind, unsigned port, const uint8_t *bytes, size_t size_bytes);

/* "console bytes"; of a kind that there is. */
const char *board_input_name(enum input_kind kind);

/* How many bytes of this kind the part can take now; the door offers no more than that at once. 0 also while the guest
 * does not listen, so that what was typed ahead waits outside instead of being thrown away by a driver that starts. */
size_t board_input_room(const struct board *board, enum input_kind kind, unsigned port);

/* The port of INPUT_CONSOLE at which the guest reads right now: 1 while it asks through semihosting or HTIF, else 0,
 * the UART. Where typed bytes should go. */
unsigned board_console_port(const struct board *board);

/* Why the guest ended the run. status: 0 success, else the guest's own code, unclipped. */
enum halt_reason { HALT_NONE, HALT_POWEROFF, HALT_RESET, HALT_FAIL, HALT_HTIF, HALT_SEMIHOSTING };
struct board_halt {
    enum halt_reason reason;
    uint64_t status;
};
struct board_halt board_halt(const struct board *board);

struct engine *board_engine(struct board *board);

/* The RAM between the symbols begin_signature and end_signature of the ELF that was loaded: what the RISC-V
 * architecture tests leave to be compared. False: it names none. */
bool board_signature(const struct board *board, uint64_t *paddr, uint64_t *size_bytes);

/* Reads physical memory for a debugger: RAM and ROM, and no device, which looking could change. False: anything else.
 */
bool board_look(const struct board *board, uint64_t paddr, void *bytes, size_t size_bytes);
struct clock *board_clock(struct board *board);

/* Every part that a snapshot must hold besides RAM: harts, clock, events, devices. Returns how many;
 * `parts` holds BOARD_PARTS_MAX. The machine must stand still. */
enum { BOARD_PARTS_MAX = 48 };
size_t board_parts(struct board *board, struct state_part *parts);

/* Call after the parts were decoded: recomputes what is derived (lines, the mark, caches). */
void board_restored(struct board *board);

/* The same when memory was replaced by engine_ram_store() alone: code of pages that stayed as they were is kept. */
void board_moved(struct board *board);

#endif

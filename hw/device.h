/* device: the contract between the board and its parts. Inside hw/ only.
 *
 * A part type is one constant table, struct device_ops, in one file. A part is a struct device: its place on the board
 * and its state, which is flat and described field by field. Time comes in as an argument. A part keeps nothing
 * outside its state that a later instruction could see.
 */
#ifndef DEJA_HW_DEVICE_H
#define DEJA_HW_DEVICE_H

#include "hw.h"
#include "loader.h"

/* ---- board.def as constants and as a table ---------------------------------------------------------------------- */

enum part {
#define PART(id, kind, base, size_bytes, irq, node, compatible, text) PART_##id,
#include "board.def"
    PARTS
};

/* BOARD_UART_BASE, BOARD_UART_BYTES */
#define MEMORY(id, base, size_bytes, node, text)                                                                       \
    static const uint64_t BOARD_##id##_BASE __attribute__((unused)) = (base);                                          \
    static const uint64_t BOARD_##id##_BYTES __attribute__((unused)) = (size_bytes);
#define PART(id, kind, base, size_bytes, irq, node, compatible, text) MEMORY(id, base, size_bytes, node, text)
#include "board.def"

enum board_constant {
    BOARD_PLIC_SOURCES = 96,       /* with source 0, which is none */
    BOARD_PLIC_PRIORITY_MAX = 7,   /* three bits */
    BOARD_UART_CLOCK_HZ = 3686400, /* 16 times the fastest baud rate */
    BOARD_TIMEBASE_HZ = 10000000,  /* of mtime and the time CSR */
    BOARD_TIMEBASE_NS = 100,
};

struct part_info {
    const char *id, *node, *compatible, *text;
    size_t compatible_bytes; /* all strings, each with its \0 */
    uint64_t base, size_bytes;
    unsigned irq;
};
extern const struct part_info part_table[PARTS];

/* ---- a part ------------------------------------------------------------------------------------------------------ */

struct device;

struct device_ops {
    const struct state_desc *desc; /* NULL: the part has no state */
    size_t state_bytes;            /* all of them described: the struct has no padding */

    /* Sizes of accesses that the bus lets through, as a sum (1 + 2 + 4 + 8). They are naturally aligned. */
    unsigned access_sizes;

    /* Power-on, virtual time 0. The state is all zeroes. */
    void (*reset)(struct device *device);

    /* False: access fault. `offset` is inside the window. */
    bool (*load)(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t *value);
    bool (*store)(struct device *device, vtime_t now, uint64_t offset, unsigned size_bytes, uint64_t value);

    /* The wake-up that the part asked for is due. It may ask for the next one, later than `now`. */
    void (*wake)(struct device *device, vtime_t now);

    /* Bytes from the world; how many fit without a loss. */
    void (*input)(struct device *device, vtime_t now, const uint8_t *bytes, size_t size_bytes);
    size_t (*input_room)(const struct device *device);
};

struct device {
    const struct device_ops *ops;
    struct board *board;
    enum part part;
    void *state; /* ops->state_bytes of it */
};

#define PART(id, kind, base, size_bytes, irq, node, compatible, text) extern const struct device_ops kind##_ops;
#include "board.def"

/* ---- what a part may ask of its board ---------------------------------------------------------------------------- */

/* Drives an input of the interrupt controller, 1..BOARD_PLIC_SOURCES-1. */
void board_irq(struct board *board, unsigned irq, bool level);

/* Drives lines of a hart, see engine_set_lines(). */
void board_lines(struct board *board, unsigned hart, uint64_t mask, uint64_t levels);

/* Asks for the part's one wake-up; it replaces an earlier one, VTIME_NEVER cancels. A `when` not after the present is
 * handled before the next instruction. */
void board_wake(struct board *board, enum part part, vtime_t when);

/* Puts bytes out to the world at the present mark. */
void board_output(struct board *board, unsigned port, const uint8_t *bytes, size_t size_bytes);

/* Ends the run after the instruction in progress. The first reason stays. */
void board_end(struct board *board, enum halt_reason reason, uint64_t status);

/* Fixed from power-on: what was asked for (no image, append never NULL), and where the loader put it. */
const struct board_config *board_fixed_config(const struct board *board);
const struct placement *board_placement(const struct board *board);

struct device *board_device(struct board *board, enum part part);

/* ---- calls from part to part, which the board passes on ---------------------------------------------------------- */

void plic_drive(struct device *plic, unsigned irq, bool level);

/* mtime in ticks, as the time CSR shows it. */
uint64_t clint_mtime(const struct device *clint, vtime_t now);

/* stimecmp or menvcfg.STCE of this hart has changed. */
void clint_timer_changed(struct device *clint, unsigned hart, vtime_t now);

/* After a store to the page of tohost or fromhost. */
void htif_stored(struct device *htif, uint64_t paddr, unsigned size_bytes);

/* There is input for semihost_take(). */
void htif_input(struct device *htif);

/* The hart's a0 and a1 ask for an operation of the host. */
enum host_call semihost_call(struct device *semihost, unsigned hart, vtime_t now);

/* A program asks for console input that has not come yet. */
bool htif_reads(const struct device *htif);
bool semihost_reads(const struct device *semihost);

/* Input to port 1 is one queue, semihosting's: takes its first byte, -1 when it is empty. */
int semihost_take(struct device *semihost);

#endif

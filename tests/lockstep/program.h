/* program: random machine contents for lockstep runs. A page of trap handler, page tables that map memory several
 * times, pages of generated code, data with hard values. All of it follows from a seed. */
#ifndef DEJA_TEST_PROGRAM_H
#define DEJA_TEST_PROGRAM_H

#include "engine/engine.h"
#include "words.h"

enum { RAM_BASE = 0x80000000, RAM_PAGES = 48, MMIO_BASE = 0x10000000, PLACES = 8, POINTERS = 24 };

/* Pages of RAM by purpose. */
enum {
    PAGE_M_HANDLER,
    PAGE_TABLES, /* what the handler draws from */
    PAGE_ROOT,
    PAGE_MIDDLE,
    PAGE_LEAVES, /* identity */
    PAGE_MIDDLE_ALIAS,
    PAGE_LEAVES_ALIAS,
    PAGE_S_HANDLER,
    PAGE_CODE_FIRST,
    PAGE_CODE_END = PAGE_CODE_FIRST + 6,
    PAGE_DATA = 16,
};

enum { SV39 = 8, PTE_U = 0x10 };

/* Registers of a device at MMIO_BASE, at multiples of 8. */
enum { MMIO_RAISE, MMIO_LOWER, MMIO_KICK, MMIO_DMA, MMIO_FAULT, MMIO_WAKE, MMIO_REGISTERS = 8 };

struct program {
    struct taste taste;
    bool user; /* its pages are for user mode */
    uint8_t pages[RAM_PAGES][PAGE_BYTES];
    struct hart_state state; /* to start from */
    uint64_t places[PLACES]; /* addresses of code */
    uint64_t pointers[POINTERS];
    uint64_t trap_page_paddr; /* 0: none */
};

/* Of one theme, or of any when that is NULL. */
void program_make(struct program *program, uint64_t seed, const enum theme *theme);

/* What a debugger, a device or a test could put somewhere: pointers to things, page table entries, instructions, values
 * that are hard for arithmetic. */
uint64_t program_value(uint64_t *seed);
uint64_t program_pointer(uint64_t *seed);
uint64_t program_pte(uint64_t *seed);

#endif

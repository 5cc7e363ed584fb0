#include "keeper.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../snapshot/snapshot.h"

/* What is known of a page: one of these, or where its content lies aside. BUSY: the other thread copies it. */
enum { NOT_KEPT, IN_RAM, BUSY, ASIDE_FIRST };

enum { SPINS = 100 };

enum { ASIDE_PAGES = KEEPER_ASIDE_BYTES / PAGE_BYTES };

struct keeper {
    const uint8_t *ram;
    atomic_uintptr_t *pages; /* untouched, they cost no memory */
    uint64_t npages;
    atomic_size_t kept;
    uint64_t changed; /* the machine's thread's own */
    /* What lies aside, and the places that are free. */
    uint8_t *aside;
    pthread_mutex_t lock;
    pthread_cond_t room;
    uint8_t *spare[ASIDE_PAGES];
    unsigned nspare;
};

struct keeper *keeper_create(uint64_t npages)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return NULL;
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->room, NULL);
    keeper->npages = npages;
    keeper->pages = memory_get(npages * sizeof *keeper->pages);
    keeper->aside = memory_get(KEEPER_ASIDE_BYTES); /* the same */
    if (!keeper->pages || !keeper->aside) {
        keeper_destroy(keeper);
        return NULL;
    }
    for (size_t n = ASIDE_PAGES; n-- > 0;)
        keeper->spare[keeper->nspare++] = keeper->aside + n * PAGE_BYTES;
    return keeper;
}

void keeper_destroy(struct keeper *keeper)
{
    if (!keeper)
        return;
    memory_put(keeper->aside, KEEPER_ASIDE_BYTES);
    pthread_cond_destroy(&keeper->room);
    pthread_mutex_destroy(&keeper->lock);
    memory_put(keeper->pages, keeper->npages * sizeof *keeper->pages);
    free(keeper);
}

void keeper_prepare(struct keeper *keeper, size_t size_bytes)
{
    memory_ready(keeper->aside, size_bytes < KEEPER_ASIDE_BYTES ? size_bytes : KEEPER_ASIDE_BYTES);
}

/* ---- aside --------------------------------------------------------------------------------------------------------- */

static uint8_t *get_room(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    while (keeper->nspare == 0)
        pthread_cond_wait(&keeper->room, &keeper->lock);
    uint8_t *page = keeper->spare[--keeper->nspare];
    pthread_mutex_unlock(&keeper->lock);
    return page;
}

static void put_room(struct keeper *keeper, uint8_t *page)
{
    pthread_mutex_lock(&keeper->lock);
    keeper->spare[keeper->nspare++] = page;
    pthread_cond_signal(&keeper->room);
    pthread_mutex_unlock(&keeper->lock);
}

/* ---- one page ------------------------------------------------------------------------------------------------------ */

/* Waits while the other thread copies the page: half a microsecond, when it has a processor. */
static uintptr_t settled(const atomic_uintptr_t *page)
{
    uintptr_t now;
    for (unsigned spins = 0; (now = atomic_load_explicit(page, memory_order_acquire)) == BUSY; spins++)
        if (spins >= SPINS)
            sched_yield();
    return now;
}

/* Only one thread can: the other one finds it busy. */
static bool seize(atomic_uintptr_t *page)
{
    uintptr_t in_ram = IN_RAM;
    return atomic_compare_exchange_strong_explicit(page, &in_ram, BUSY, memory_order_acquire, memory_order_acquire);
}

static void settle(atomic_uintptr_t *page, uintptr_t now) { atomic_store_explicit(page, now, memory_order_release); }

static const uint8_t *in_ram(const struct keeper *keeper, uint64_t number)
{
    return keeper->ram + (number << PAGE_SHIFT);
}

bool keeper_keep(struct keeper *keeper, const struct ram *ram, uint64_t number)
{
    atomic_uintptr_t *page = &keeper->pages[number];
    if (atomic_load_explicit(page, memory_order_acquire) != NOT_KEPT)
        return false;
    if (keeper->ram != ram->bytes) /* at the first: the other thread reads it */
        keeper->ram = ram->bytes;
    atomic_fetch_add_explicit(&keeper->kept, 1, memory_order_relaxed);
    settle(page, IN_RAM);
    return true;
}

/* The room first: to wait for it while the page is busy would be to wait for each other. */
static void put_aside(struct keeper *keeper, uint64_t number)
{
    uint8_t *aside = get_room(keeper);
    if (!seize(&keeper->pages[number])) {
        put_room(keeper, aside);
        return;
    }
    memcpy(aside, in_ram(keeper, number), PAGE_BYTES);
    settle(&keeper->pages[number], (uintptr_t)aside);
}

void keeper_change(struct keeper *keeper, uint64_t number)
{
    keeper->changed++;
    if (settled(&keeper->pages[number]) != IN_RAM)
        return;
    put_aside(keeper, number);
    (void)settled(&keeper->pages[number]); /* the writer may have been quicker, and not be done */
}

uint64_t keeper_take_changed(struct keeper *keeper)
{
    uint64_t changed = keeper->changed;
    keeper->changed = 0;
    return changed;
}

void keeper_take(struct keeper *keeper, uint64_t number, uint8_t page[PAGE_BYTES])
{
    if (seize(&keeper->pages[number])) {
        memcpy(page, in_ram(keeper, number), PAGE_BYTES);
        settle(&keeper->pages[number], NOT_KEPT);
    } else {
        uintptr_t aside = settled(&keeper->pages[number]);
        check(aside >= ASIDE_FIRST);
        memcpy(page, (uint8_t *)aside, PAGE_BYTES);
        settle(&keeper->pages[number], NOT_KEPT);
        put_room(keeper, (uint8_t *)aside);
    }
    atomic_fetch_sub_explicit(&keeper->kept, 1, memory_order_relaxed);
}

size_t keeper_backlog(const struct keeper *keeper)
{
    return atomic_load_explicit(&keeper->kept, memory_order_relaxed) * PAGE_BYTES;
}

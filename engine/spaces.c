/* spaces: what was found by address in one address space is found again when it comes back. Contexts and epochs are
 * explained in hart.h. */
#include <string.h>

#include "code.h"
#include "hart.h"
#include "pmp.h"
#include "tables.h"
#include "walk.h"

/* Translated code knows the view of its accesses. */
void hart_set_context(struct hart *hart)
{
    uint64_t epoch = hart->s.priv == PRIV_U ? hart->user_epoch : hart->epoch;
    hart->context = epoch << 4 | (uint64_t)hart->data_view << 2 | hart->s.priv;
    code_choose_entries(hart);
}

/* The pages known of the hart's data are this address space's. */
static struct space *remember_space(struct hart *hart)
{
    struct spaces *spaces = &hart->spaces;
    struct space *space = &spaces->kept[spaces->next];
    spaces->current = spaces->next;
    spaces->next = (spaces->next + 1) % SPACES_KEPT;
    spaces->count += spaces->count < SPACES_KEPT;
    hart->user_epoch = ++hart->user_epochs;
    *space = (struct space){
        .satp = hart->s.satp, .epoch = hart->epoch, .user_epoch = hart->user_epoch, .generation = hart->tlb_generation};
    hart_set_context(hart);
    return space;
}

void hart_new_epoch(struct hart *hart)
{
    hart->spaces.count = hart->spaces.next = 0;
    hart->fetched_low = false;
    hart->epoch = ++hart->epochs;
    remember_space(hart);
}

/* That of a space not in force is given out when it is. */
void hart_new_user_epoch(struct hart *hart)
{
    struct spaces *spaces = &hart->spaces;
    if (hart->fetched_low) {
        hart_new_epoch(hart);
        return;
    }
    for (unsigned n = 0; n < spaces->count; n++)
        spaces->kept[n].user_epoch = 0;
    hart->user_epoch = spaces->kept[spaces->current].user_epoch = ++hart->user_epochs;
    hart_set_context(hart);
}

/* What supervisor mode has executed in the lower half is true in one space only. */
static void come_back(struct hart *hart, struct space *space)
{
    if (space->shares_epoch && hart->fetched_low) {
        space->epoch = ++hart->epochs;
        space->shares_epoch = false;
    }
    if (!space->user_epoch)
        space->user_epoch = ++hart->user_epochs;
    hart->epoch = space->epoch;
    hart->user_epoch = space->user_epoch;
    hart_set_context(hart);
}

/* The kernel's half of the root table, if walks may read all of it. */
static const uint8_t *upper_half(const struct hart *hart, uint64_t satp)
{
    const struct ram *ram = &hart->engine->ram;
    uint64_t root = walk_root(satp);
    unsigned kinds;
    if (!walk_levels(satp) || !ram_holds(ram, root, PAGE_BYTES) || !pmp_page_allowed(&hart->s, PRIV_S, root, &kinds) ||
        !(kinds & ACCESS_LOAD))
        return NULL;
    return ram->bytes + (root - ram->base) + PAGE_BYTES / 2;
}

/* The processes of a kernel translate its half alike: what supervisor mode has found there stays, as long as nothing
 * is written to that half of any root in force. */
static bool share_epoch(struct hart *hart, struct space *left)
{
    const uint8_t *left_half = upper_half(hart, left->satp), *half = upper_half(hart, hart->s.satp);
    if (hart->fetched_low || !left_half || !half || walk_levels(left->satp) != walk_levels(hart->s.satp) ||
        memcmp(left_half, half, PAGE_BYTES / 2) != 0)
        return false;
    unsigned levels = walk_levels(hart->s.satp);
    if (!tables_watch_root(hart->engine, walk_root(left->satp), levels) ||
        !tables_watch_root(hart->engine, walk_root(hart->s.satp), levels))
        return false;
    left->shares_epoch = true;
    return true;
}

bool hart_switch_epoch(struct hart *hart)
{
    struct spaces *spaces = &hart->spaces;
    for (unsigned n = 0; n < spaces->count; n++) {
        if (spaces->kept[n].satp == hart->s.satp) {
            spaces->current = n;
            come_back(hart, &spaces->kept[n]);
            return true;
        }
    }
    bool shares = share_epoch(hart, &spaces->kept[spaces->current]);
    if (!shares)
        hart->epoch = ++hart->epochs;
    remember_space(hart)->shares_epoch = shares;
    return false;
}

static void forget_space(struct space *space)
{
    space->satp = SATP_NEVER;
    space->generation = 0;
}

void hart_unshare_epochs(struct hart *hart)
{
    struct spaces *spaces = &hart->spaces;
    for (unsigned n = 0; n < spaces->count; n++)
        if (n != spaces->current && spaces->kept[n].shares_epoch)
            forget_space(&spaces->kept[n]);
}

void hart_forget_spaces(struct hart *hart, uint64_t root_paddr)
{
    struct spaces *spaces = &hart->spaces;
    for (unsigned n = 0; n < spaces->count; n++)
        if (walk_begins_at(spaces->kept[n].satp, root_paddr))
            forget_space(&spaces->kept[n]);
}

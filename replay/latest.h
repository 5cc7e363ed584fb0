/* latest: what pages were when they were stored last, as far as there is room: what a page has become is stored as the
 * difference to that, and nothing has to be read back and unpacked. Inner header of replay/.
 *
 * A page has one place, which others share with it: whichever comes takes it. There come to be more places, up to 32
 * MiB of them, when pages are asked for that had to go; a small run touches little memory.
 */
#ifndef DEJA_LATEST_H
#define DEJA_LATEST_H

#include "../snapshot/snapshot.h"

struct latest;

struct latest *latest_create(void);         /* NULL: out of memory */
void latest_destroy(struct latest *latest); /* also NULL */

/* The content of page `number` at `version`, or NULL when it had to go. Valid until the next latest_put(). */
const uint8_t *latest_get(struct latest *latest, uint32_t number, uint32_t version);

/* Page `number` is stored as `version`, which is not 0. */
void latest_put(struct latest *latest, uint32_t number, uint32_t version, const uint8_t page[PAGE_BYTES]);

#endif

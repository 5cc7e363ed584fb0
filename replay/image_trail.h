/* image_trail: pages of memory as it was loaded, found again in the images. Inner header of replay/.
 *
 * Most of an image is loaded as one piece, at a page's beginning: whoever has the images need not keep those pages too.
 */
#ifndef DEJA_IMAGE_TRAIL_H
#define DEJA_IMAGE_TRAIL_H

#include "../hw/hw.h"

struct image_trail {
    struct image images[3];
    const struct image *found; /* where the last one was; NULL: none yet */
    size_t first;              /* the page of memory where that image begins */
};

/* Borrows the images' bytes. */
struct image_trail image_trail_begin(const struct board_config *config);

/* The bytes of an image that are page `number` of memory, asked for in ascending order; NULL: not found. */
const uint8_t *image_trail_find(struct image_trail *trail, size_t number, const uint8_t page[PAGE_BYTES]);

#endif

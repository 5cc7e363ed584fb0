#include "image_trail.h"

#include <string.h>

struct image_trail image_trail_begin(const struct board_config *config)
{
    return (struct image_trail){.images = {config->kernel, config->initrd, config->firmware}};
}

/* Page `index` of an image, when it is this one. */
static const uint8_t *page_of(const struct image *image, size_t index, const uint8_t *page)
{
    if (!image->bytes || index >= image->size_bytes / PAGE_BYTES)
        return NULL;
    const uint8_t *bytes = image->bytes + index * PAGE_BYTES;
    return memcmp(bytes, page, PAGE_BYTES) == 0 ? bytes : NULL;
}

const uint8_t *image_trail_find(struct image_trail *trail, size_t number, const uint8_t page[PAGE_BYTES])
{
    const uint8_t *found = trail->found ? page_of(trail->found, number - trail->first, page) : NULL;
    for (size_t i = 0; !found && i < 3; i++) {
        found = page_of(&trail->images[i], 0, page);
        if (found) {
            trail->found = &trail->images[i];
            trail->first = number;
        }
    }
    return found;
}

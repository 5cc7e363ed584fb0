/* pagebook: which recorded snapshot holds the content that a page had at a mark. Inner header of replay/. */
#ifndef DEJA_PAGEBOOK_H
#define DEJA_PAGEBOOK_H

#include "recording.h"

struct page_place {
    uint32_t snapshot; /* 0: the image of mark 0 */
    uint32_t nth;      /* of the snapshot's pages */
};

struct pagebook {
    size_t npages;
    uint64_t *first;           /* of page p: places[first[p]..first[p + 1]) */
    struct page_place *places; /* of each page, by ascending snapshot */
    uint32_t *image_slot;      /* of page p at mark 0: 1.. into image; 0: zeroes */
    uint8_t *image;
};

/* `ram` is as it was loaded: pages that are not dirty are zero. ERR_NO_MEMORY, ERR_DAMAGED. */
NODISCARD err_t pagebook_open(struct pagebook *book, struct recording *recording, const struct ram *ram);
void pagebook_close(struct pagebook *book);

/* Where page `page` is found as it was at recorded snapshot `snapshot`. */
struct page_place pagebook_find(const struct pagebook *book, uint32_t page, size_t snapshot);

/* The content of a page at mark 0. */
const uint8_t *pagebook_image(const struct pagebook *book, uint32_t page);

#endif

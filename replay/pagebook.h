/* pagebook: which recorded snapshot holds the content that a page had at a mark. Inner header of replay/. */
#ifndef DEJA_PAGEBOOK_H
#define DEJA_PAGEBOOK_H

#include "recording.h"

struct page_place {
    uint32_t snapshot; /* 0: the image of mark 0 */
    uint32_t nth;      /* of the snapshot's pages */
};

enum { PAGE_COPIES = 255 };

struct page_copies {
    struct page_copies *next;
    size_t count;
    uint8_t pages[PAGE_COPIES][PAGE_BYTES];
};

struct pagebook {
    size_t npages;
    uint64_t *first;           /* of page p: places[first[p]..first[p + 1]) */
    struct page_place *places; /* of each page, by ascending snapshot */
    const uint8_t **images;    /* of page p at mark 0; NULL: zeroes */
    struct page_copies *copies;
};

/* `ram` is as it was loaded: pages that are not dirty are zero. Refers to the recording's images. ERR_NO_MEMORY,
 * ERR_DAMAGED. */
NODISCARD err_t pagebook_open(struct pagebook *book, struct recording *recording, const struct ram *ram);
void pagebook_close(struct pagebook *book);

/* Where page `page` is found as it was at recorded snapshot `snapshot`. */
struct page_place pagebook_find(const struct pagebook *book, uint32_t page, size_t snapshot);

/* The content of a page at mark 0; borrowed. */
const uint8_t *pagebook_image(const struct pagebook *book, uint32_t page);

#endif

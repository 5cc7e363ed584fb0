/* gunzip: gzip files -> bytes, for Image.gz. Inside hw/ only; zlib is fenced in gunzip.c.
 * Source: RFC 1952.
 */
#ifndef DEJA_HW_GUNZIP_H
#define DEJA_HW_GUNZIP_H

#include "hw.h"

bool gunzip_is(const uint8_t *bytes, size_t size_bytes);

/* Unpacks all members of a gzip file; what follows the last one is ignored. `*unpacked` is the caller's to free.
 * ERR_BAD_IMAGE when it is damaged, cut off, empty or unpacks to more than `limit_bytes` (a bomb stops there), naming
 * the image; ERR_NO_MEMORY. */
NODISCARD err_t gunzip(const struct image *image, uint64_t limit_bytes, uint8_t **unpacked, size_t *unpacked_bytes);

#endif

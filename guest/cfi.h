/* cfi: how to unwind the kernel's functions, as gdb reads it. Inner header of guest/. */
#ifndef DEJA_GUEST_CFI_H
#define DEJA_GUEST_CFI_H

#include "guest.h"

/* The contents of a .debug_frame section for all functions in the image; malloc'ed. ERR_NO_MEMORY. */
NODISCARD err_t cfi_make(const struct guest_symbols *symbols, const struct guest_image *image, uint8_t **bytes,
                         size_t *size_bytes);

#endif

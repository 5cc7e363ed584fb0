/* btf: where the members of the kernel's structures are. Inner header of guest/. */
#ifndef DEJA_GUEST_BTF_H
#define DEJA_GUEST_BTF_H

#include "guest.h"

struct btf_wish {
    const char *type, *member;
    const char *formerly; /* what the member was called in older kernels; NULL: the same */
};

/* Looks for every wish among the types described by `bytes` (a kernel's .BTF section). offsets[i] is in bytes from the
 * beginning of the structure, UINT32_MAX when it has no such member or no such place. A member of a nameless structure
 * or union inside counts as the structure's own. ERR_UNAVAILABLE: this is no BTF. ERR_NO_MEMORY. */
NODISCARD err_t btf_offsets(const uint8_t *bytes, size_t size_bytes, const struct btf_wish *wishes, size_t nwishes,
                            uint32_t *offsets);

#endif

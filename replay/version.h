/* version: the contents that pages have had, stored once each. Inner header of replay/.
 *
 * Versions are numbered from 1 in the order in which they were met; version 0 is the page of zeroes. Up to 32
 * neighbours make a block, packed together. A version is either whole or the XOR with an earlier one, its base, of an
 * earlier block or of the images; FORMAT_CHAIN_VERSIONS of them in a row at most. Every version carries the hash of the
 * content that must come out.
 */
#ifndef DEJA_VERSION_H
#define DEJA_VERSION_H

#include "format.h"

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* The blocks of a file, the latest used ones unpacked. */
struct versions;

/* Borrows the file and the bytes of the images in `config`. */
NODISCARD err_t versions_create(struct sql *sql, const struct board_config *config, struct versions **versions);
void versions_destroy(struct versions *versions); /* also NULL */

/* Makes the next block known: its versions follow those of the one before. */
NODISCARD err_t versions_know(struct versions *versions, unsigned count, uint64_t packed_hash);

uint64_t versions_last(const struct versions *versions);
size_t versions_blocks(const struct versions *versions);

/* Is there such a version? */
bool versions_known(const struct versions *versions, uint32_t version);

/* The content of a known version, verified. ERR_DAMAGED, ERR_IO, ERR_NO_MEMORY. */
NODISCARD err_t versions_get(struct versions *versions, uint32_t version, uint8_t page[PAGE_BYTES]);

/* Versions in the blocks before block `index`. */
uint64_t versions_before(const struct versions *versions, size_t index);

/* Verifies every version in block `index`. */
NODISCARD err_t versions_check(struct versions *versions, size_t index);

/* The images end to end, each begun on a page of its own and filled up with zeroes: how many pages, and page `index` of
 * them. */
uint32_t image_pages(const struct image images[3]);
void image_page(const struct image images[3], uint32_t index, uint8_t page[PAGE_BYTES]);

/* a ^= b, a page each. */
void page_xor(uint8_t a[PAGE_BYTES], const uint8_t b[PAGE_BYTES]);

/* ---- writing ------------------------------------------------------------------------------------------------------- */

struct version_writer;

/* `emit` stores a block's row. Borrows the file, which errors name, and the bytes of the images in `config`. */
NODISCARD err_t version_writer_create(struct sql *sql, const struct board_config *config,
                                      err_t (*emit)(void *context, const struct block_row *row), void *context,
                                      struct version_writer **writer);
void version_writer_destroy(struct version_writer *writer); /* also NULL */

/* What page `number` is at power-on: nothing is stored, but an image that it comes from is what it will differ from. */
void version_begin(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES]);

/* The version of this content, which page `number` has now: a new one unless it was met before. Errors: those of
 * `emit`. */
NODISCARD err_t version_put(struct version_writer *writer, uint32_t number, const uint8_t page[PAGE_BYTES],
                            uint32_t *version);

/* Stores the block that is being filled, at the end of a snapshot: no page's base is in the same block. */
NODISCARD err_t version_flush(struct version_writer *writer);

#endif

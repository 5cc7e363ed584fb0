/* tracks: what each interval of a recording has stored to and executed, to the word, found out behind the back of
 * whoever looks at that recording. Inner header of replay/.
 *
 * A thread of low priority runs the recording a second time, with a machine and a door of its own, interval by
 * interval, the newest first, and keeps their footprints. An interval whose footprint is not known yet, or never will
 * be (the file is damaged there, memory is short), is searched by running it: what is known makes a search faster, and
 * changes nothing of what it finds. */
#ifndef DEJA_TRACKS_H
#define DEJA_TRACKS_H

#include "recording.h"

struct tracks;

/* Begins. The recording is opened a second time, by its name. ERR_NO_MEMORY. */
NODISCARD err_t tracks_start(const struct recording *recording, struct tracks **tracks);

/* Ends the thread, and frees all. NULL is allowed. */
void tracks_stop(struct tracks *tracks);

/* The footprint of the interval that begins at recorded snapshot `index`, up to the next one or the end of history;
 * NULL: not known (yet). Borrowed. */
const struct footprint *tracks_of(const struct tracks *tracks, size_t index);

/* How many intervals are known, of how many. True: no more will be. */
bool tracks_progress(const struct tracks *tracks, size_t *known, size_t *all);

#endif

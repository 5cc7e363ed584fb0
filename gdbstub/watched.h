/* watched: which watched byte a stop names, where one store touches several watchpoints. Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_WATCHED_H
#define DEJA_GDBSTUB_WATCHED_H

#include "client.h"

/* A stop reply has room for one address, and GDB looks at no other watchpoint than those which hold it: of two fields
 * that are written with one store it would pass over the one that is not named. So `stop`, at or behind a store in the
 * direction of travel, is made to name a byte of what GDB will tell: an access watchpoint, or one whose bytes change.
 * What changes is found by going over the store and back again. An error leaves the timeline wherever it had come. */
NODISCARD err_t watched_choose(struct client *client, enum direction direction, struct timeline_stop *stop);

#endif

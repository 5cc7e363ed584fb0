/* paging.c again, with four levels. */
#define LEVELS 4
#include "paging.c"

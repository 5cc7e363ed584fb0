/* words: what a person can say behind gdb's `monitor` (words.def). Inner header of gdbstub/. */
#ifndef DEJA_GDBSTUB_WORDS_H
#define DEJA_GDBSTUB_WORDS_H

#include "client.h"

enum { WORDS_ARGUMENTS_MAX = 8 };

/* A word's arguments: the text, and the same split at blanks. */
struct arguments {
    const char *text;
    const char *list[WORDS_ARGUMENTS_MAX]; /* what there are more of is not counted, and makes count > MAX */
    size_t count;
};

#define WORD(name, function, syntax, text) err_t word_##function(struct client *, const struct arguments *);
#include "words.def"
#undef WORD

/* The process that the hart runs, "pid 71 (crash)"; false: no Linux kernel is there, or it does not say. */
enum { PROCESS_BYTES = 64 };
bool word_process(struct client *client, char buffer[PROCESS_BYTES]);

/* " <do_sys_open+0x12>", when it is code of the guest's Linux kernel, and that is there; else "". */
enum { PLACE_BYTES = 256 };
const char *word_place(struct client *client, uint64_t pc, char buffer[PLACE_BYTES]);

/* "N instructions, ... s, hart 0, ...": where we are. */
void say_when(struct client *client);

/* Goes to a mark, remembers the place that is left (places.h), and says where we are then. */
NODISCARD err_t word_move(struct client *client, icount_t mark);

/* Reads a MARK, or goes there, for a word that returns to where it was called. A timeline that is diverted has no end:
 * what is sought there may never come, so Ctrl-C, or the debugger's end, breaks it off. *broken then: the timeline
 * stands somewhere, and client->interrupt_life says so until it is told. */
NODISCARD err_t word_find_mark(struct client *client, const char *text, icount_t *mark, bool *broken);
NODISCARD err_t word_visit(struct client *client, icount_t mark, bool *broken);

/* Call when the timeline has moved by itself from `origin`: the same without moving. */
void word_moved(struct client *client, icount_t origin);

/* "0x80001000", "1,234": false when it is anything else. */
bool word_number(const char *text, uint64_t *number);

/* "0x80001000" (virtual), "phys:0x80001000". */
bool word_address(const char *text, uint64_t *address, bool *physical);

/* ERR_USAGE: not what belongs behind `word`; see its help. */
NODISCARD err_t word_usage(const char *word);

/* "1.234567890 s" */
enum { SECONDS_BYTES = 40 };
const char *format_vtime(vtime_t vtime, char buffer[SECONDS_BYTES]);

#endif

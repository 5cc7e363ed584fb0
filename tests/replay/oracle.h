/* oracle: the slow and simple way. A machine is run once from start to end of a recording, one instruction at a time,
 * and all of it is noted: what a timeline says is compared with that. */
#ifndef DEJA_TESTS_ORACLE_H
#define DEJA_TESTS_ORACLE_H

#include "replay/recording.h"
#include "replay/session.h"
#include "replay/timeline.h"

/* One access to memory, by the instruction at a mark. */
struct access {
    uint64_t mark, vaddr;
    enum access_kind kind;
    unsigned size_bytes;
};

struct oracle {
    uint64_t end;
    uint64_t *pcs;    /* by mark, 0..end */
    uint64_t *hashes; /* of the state, by mark; RAM left out */
    vtime_t *vtimes;
    struct access *accesses; /* to the watched places, in order */
    size_t naccesses, room;
    const struct watch_range *watches;
    size_t nwatches;
    /* hash of the bytes of each watch, by mark, where RAM has its address: contents[mark * nwatches + watch] */
    uint64_t *contents;
};

/* Everything that is asserted is asserted with Check. `watches` are borrowed. */
void oracle_run(struct oracle *oracle, struct recording *recording, const struct watch_range *watches, size_t nwatches);
void oracle_free(struct oracle *oracle);

/* What the straight run says of the next stop from `from`. */
struct oracle_stop {
    uint64_t mark;
    enum stop_reason reason;
    const struct access *access; /* STOP_WATCH */
};

struct oracle_stop oracle_back(const struct oracle *oracle, uint64_t from, const uint64_t *breaks, size_t nbreaks,
                               const struct watch_range *ranges, size_t nranges);
struct oracle_stop oracle_ahead(const struct oracle *oracle, uint64_t from, const uint64_t *breaks, size_t nbreaks,
                                const struct watch_range *ranges, size_t nranges);

/* Whether one of the breakpoints is at the instruction at `mark`. */
bool oracle_broken(const struct oracle *oracle, uint64_t mark, const uint64_t *breaks, size_t nbreaks);

/* The first watched access of the instruction at `mark`, or NULL. */
const struct access *oracle_access(const struct oracle *oracle, uint64_t mark, const struct watch_range *ranges,
                                   size_t nranges);

/* The timeline stands at `mark` as the straight run was there. */
void oracle_expect(const struct oracle *oracle, struct timeline *timeline, uint64_t mark);

/* Not a matter of time but of work: how far a timeline's machine has gone forwards since effort_begin(), summed up from
 * one look to the next. effort_look() is for whoever asks whether to break off, and never does. */
struct effort {
    struct timeline *timeline;
    uint64_t last, gone;
};

void effort_begin(struct effort *effort);
bool effort_look(void *context);

/* The whole of RAM. */
uint64_t ram_sum(struct board *board);
uint64_t parts_hash(struct board *board);

void must(err_t error);

/* What a guest is recorded with: options.console_in is where `typed` comes from, a byte every `delay_us`, and then the
 * end of input; NULL: nothing is typed and the input does not end. */
struct take {
    const char *elf, *typed;
    unsigned delay_us;
    struct live_options options;
};

struct take take_of(const char *elf, const char *path, const char *typed);
NODISCARD err_t take_run(const struct take *take, struct run_report *report);

/* A name for a recording that does not exist yet; static. */
const char *scratch(void);

#endif

/* thread: one beside that which runs the guest. Inner header of replay/. */
#ifndef DEJA_THREAD_H
#define DEJA_THREAD_H

#include "../icount/icount.h"

struct thread;

/* Starts one that takes no signal: those are for whoever starts it. *thread is the caller's to join. `subject` is for
 * the error, ERR_NO_MEMORY. */
NODISCARD err_t thread_start(struct thread **thread, void *(*run)(void *context), void *context, const char *subject);

/* Waits for its end. */
void thread_join(struct thread *thread);

#endif

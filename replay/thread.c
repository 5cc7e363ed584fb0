#include "thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct thread {
    pthread_t handle;
};

err_t thread_start(struct thread **thread, void *(*run)(void *context), void *context, const char *subject)
{
    struct thread *made = malloc(sizeof *made);
    sigset_t all, before;
    if (!made)
        return err_make(ERR_NO_MEMORY, "%s", subject);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&made->handle, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure) {
        free(made);
        return err_detail(err_make(ERR_NO_MEMORY, "%s", subject), "%s", strerror(failure));
    }
    *thread = made;
    return err_ok();
}

void thread_join(struct thread *thread)
{
    pthread_join(thread->handle, NULL);
    free(thread);
}

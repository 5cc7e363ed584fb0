/* The end, and a new beginning. What a debugger takes for a process is the recorded machine: it cannot be killed, and
 * to run it is to go to the start of the recording.
 *
 * In the extended protocol (target extended-remote) the debugger stays when it has killed the machine or has let go of
 * it, and may run it then or attach to it: that finds it where it was left. */
#include "client.h"
#include "registers.h"

void serve_extend(struct client *client, const struct request *request)
{
    (void)request;
    client->extended = true;
    reply_text(&client->reply, "OK");
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

/* The debugger holds none of its points for set any more. */
static void leave(struct client *client, enum client_state state)
{
    points_clear(&client->points);
    client->idle = client->extended;
    if (!client->extended)
        client->state = state;
}

void serve_kill(struct client *client, const struct request *request)
{
    (void)request;
    client->silent = true;
    leave(client, CLIENT_KILLED);
}

void serve_kill_process(struct client *client, const struct request *request)
{
    (void)request;
    leave(client, CLIENT_KILLED);
    reply_text(&client->reply, "OK");
}

void serve_detach(struct client *client, const struct request *request)
{
    (void)request;
    leave(client, CLIENT_DETACHED);
    reply_text(&client->reply, "OK");
}

/* ---- a new beginning --------------------------------------------------------------------------------------------- */

/* Where one has been before is a place to go back to. */
static err_t restart(struct client *client)
{
    client->idle = false;
    client->owes_diversion = false;
    client->hart = 0;
    client->general = client->resumed = THREAD_ANY;
    TRY(timeline_undivert(client->timeline));
    places_leave(&client->places, timeline_now(client->timeline));
    TRY(timeline_seek(client->timeline, icount_of(0)));
    client_stand(client);
    return err_ok();
}

/* Of the extended protocol; it has no reply, not even an error. */
void serve_restart(struct client *client, const struct request *request)
{
    (void)request;
    client->silent = true;
    err_t error = restart(client);
    (void)error;
}

/* Which program, and with what arguments, the recording has decided. */
void serve_run(struct client *client, const struct request *request)
{
    (void)request;
    if (!client->extended)
        return;
    if (err_is(restart(client)))
        reply_error(&client->reply, ERROR_FAILED);
    else
        reply_text(&client->reply, client->stop);
}

void serve_attach(struct client *client, const struct request *request)
{
    (void)request;
    if (!client->extended)
        return;
    client->idle = false;
    client_stand(client);
    reply_text(&client->reply, client->stop);
}

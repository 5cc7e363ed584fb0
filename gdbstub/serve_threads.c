/* Harts as threads: hart n is thread n + 1. */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "registers.h"

static void choose(struct client *client, const struct request *request, int64_t *thread)
{
    if (request->thread > 0 && !client_has_thread(client, request->thread)) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    *thread = request->thread;
    reply_text(&client->reply, "OK");
}

void serve_choose_general(struct client *client, const struct request *request)
{
    choose(client, request, &client->general);
}

void serve_choose_resumed(struct client *client, const struct request *request)
{
    choose(client, request, &client->resumed);
}

void serve_alive(struct client *client, const struct request *request)
{
    if (client_has_thread(client, request->thread))
        reply_text(&client->reply, "OK");
    else
        reply_error(&client->reply, ERROR_MALFORMED);
}

void serve_current_thread(struct client *client, const struct request *request)
{
    (void)request;
    reply_format(&client->reply, "QC%02x", client_hart(client) + 1);
}

void serve_first_threads(struct client *client, const struct request *request)
{
    (void)request;
    unsigned nharts = client->idle ? 0 : engine_nharts(client_engine(client));
    if (!nharts)
        reply_text(&client->reply, "l");
    for (unsigned hart = 0; hart < nharts; hart++)
        reply_format(&client->reply, "%c%02x", hart ? ',' : 'm', hart + 1);
}

void serve_more_threads(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "l");
}

void serve_thread_extra(struct client *client, const struct request *request)
{
    char text[64];
    if (!client_has_thread(client, request->thread)) {
        reply_error(&client->reply, ERROR_MALFORMED);
        return;
    }
    unsigned hart = (unsigned)request->thread - 1;
    const struct hart_state *state = engine_hart(client_engine(client), hart);
    snprintf(text, sizeof text, "hart %u, %s%s", hart, privilege_name(state->priv), state->waiting ? ", waiting" : "");
    reply_hex(&client->reply, text, strlen(text));
}

/* Who we are and what we can do. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "registers.h"

void serve_supported(struct client *client, const struct request *request)
{
    (void)request;
    reply_format(&client->reply,
                 "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;ReverseStep+;ReverseContinue+;swbreak+;hwbreak+;"
                 "vContSupported+;binary-upload+;ConditionalBreakpoints+",
                 RSP_PAYLOAD_MAX);
}

void serve_no_ack(struct client *client, const struct request *request)
{
    (void)request;
    client->no_ack = true;
    reply_text(&client->reply, "OK");
}

static void reply_part(struct client *client, const char *text, const struct request *request)
{
    size_t length = strlen(text);
    if (request->address > length) {
        reply_error(&client->reply, 0);
        return;
    }
    size_t size = length - (size_t)request->address;
    bool last = size <= request->length && size <= RSP_MEMORY_MAX;
    if (!last)
        size = request->length < RSP_MEMORY_MAX ? (size_t)request->length : RSP_MEMORY_MAX;
    reply_text(&client->reply, last ? "l" : "m");
    reply_binary(&client->reply, text + request->address, size);
}

void serve_features(struct client *client, const struct request *request)
{
    static const char annex[] = "target.xml";
    if (!client->target_xml)
        client->target_xml = target_xml_make();
    bool known = request->size_bytes == strlen(annex) && !memcmp(request->bytes, annex, strlen(annex));
    if (known && client->target_xml)
        reply_part(client, client->target_xml, request);
    else
        reply_error(&client->reply, 0);
}

/* We were there before the debugger: when it quits it shall detach, not kill. */
void serve_attached(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "1");
}

void serve_offsets(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "Text=0;Data=0;Bss=0");
}

void serve_symbol(struct client *client, const struct request *request)
{
    (void)request;
    reply_text(&client->reply, "OK");
}

/* Only LLDB asks this, which tells the two clients apart: see serve_resume.c. */
void serve_host_info(struct client *client, const struct request *request)
{
    static const char triple[] = "riscv64-unknown-unknown";
    (void)request;
    client->is_lldb = true;
    reply_text(&client->reply, "triple:");
    reply_hex(&client->reply, triple, strlen(triple));
    reply_text(&client->reply, ";ptrsize:8;endian:little;watchpoint_exceptions_received:after;");
}

/* g G p P. */
#include "client.h"
#include "registers.h"
#include "rsp.h"

static uint64_t get(struct client *client, unsigned gdb_number)
{
    struct register_id id;
    uint64_t value = 0;
    check(register_find(gdb_number, &id));
    check(register_read(client->timeline, client_hart(client), id, &value));
    return value;
}

void serve_read_registers(struct client *client, const struct request *request)
{
    (void)request;
    for (unsigned i = 0; i < REGISTERS_GENERAL; i++)
        reply_value(&client->reply, get(client, i), 8);
}

void serve_read_register(struct client *client, const struct request *request)
{
    struct register_id id;
    uint64_t value;
    if (register_find(request->number, &id) && register_read(client->timeline, client_hart(client), id, &value))
        reply_value(&client->reply, value, id.size_bytes);
    else
        reply_error(&client->reply, ERROR_MALFORMED);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static uint64_t little_endian(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = size_bytes; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static bool is_zero_register(struct register_id id) { return id.reg_class == REG_X && id.number == 0; }

/* Writing to x0 does nothing, as on the machine; writing what is there already is no write, and does not divert. */
static bool put(struct client *client, struct register_id id, uint64_t value)
{
    unsigned hart = client_hart(client);
    uint64_t old;
    if (!register_takes(id, value) || !register_read(client->timeline, hart, id, &old))
        return false;
    if (old == value || is_zero_register(id))
        return true;
    bool diverted_before = timeline_diverted(client->timeline);
    err_t error = timeline_poke_register(client->timeline, hart, id.reg_class, id.number, value);
    client_wrote(client, diverted_before);
    return !err_is(error);
}

void serve_write_register(struct client *client, const struct request *request)
{
    struct register_id id;
    if (register_find(request->number, &id) && request->size_bytes == id.size_bytes &&
        put(client, id, little_endian(request->bytes, id.size_bytes)))
        reply_text(&client->reply, "OK");
    else
        reply_error(&client->reply, ERROR_MALFORMED);
}

void serve_write_registers(struct client *client, const struct request *request)
{
    bool good = request->size_bytes == 8 * REGISTERS_GENERAL;
    const uint8_t *pc = request->bytes + 8 * REGISTER_PC;
    good = good && *pc % 2 == 0; /* checked first, so that all is written or nothing */
    for (unsigned i = 0; good && i < REGISTERS_GENERAL; i++) {
        struct register_id id;
        good = register_find(i, &id) && put(client, id, little_endian(request->bytes + 8 * i, 8));
    }
    if (good)
        reply_text(&client->reply, "OK");
    else
        reply_error(&client->reply, ERROR_MALFORMED);
}

/* Words about the Linux kernel in the guest's memory, if there is one; see words.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../guest/guest.h"
#include "words.h"

/* A list is bounded, so that it fits one packet (client.h). */
enum { ROWS_MOST = 500, FRAMES_MOST = 64, NAME_MOST = 200 };

/* ---- the kernel -------------------------------------------------------------------------------------------------- */

/* What has been found stays true wherever the timeline goes: a kernel keeps its addresses. */
static err_t open_kernel(struct client *client)
{
    if (client->kernel)
        return err_ok();
    return guest_kernel_open(client_engine(client), client_hart(client), &client->kernel);
}

/* Looking through the memory of a machine without Linux takes its time: what is said by the way looks once for each
 * trap handler that it meets with page tables turned on. */
static bool has_kernel(struct client *client)
{
    uint64_t stvec = engine_hart(client_engine(client), client_hart(client))->stvec;
    if (client->kernel)
        return true;
    if (!guest_is_paging(client_engine(client), client_hart(client)))
        return false;
    for (size_t i = 0; i < CLIENT_REFUSED_MOST; i++)
        if (client->refused[i] == stvec)
            return false;
    client->refused[client->refusals++ % CLIENT_REFUSED_MOST] = stvec;
    return !err_is(open_kernel(client));
}

/* "pid 71 (crash)": the thread is named where it is not its process's first. */
static const char *format_task(const struct guest_task *task, char buffer[PROCESS_BYTES])
{
    int length = snprintf(buffer, PROCESS_BYTES, "pid %d", task->tgid);
    if (task->pid != task->tgid)
        length += snprintf(buffer + length, PROCESS_BYTES - (size_t)length, ", tid %d", task->pid);
    snprintf(buffer + length, PROCESS_BYTES - (size_t)length, " (%s)", task->comm);
    return buffer;
}

bool word_process(struct client *client, char buffer[PROCESS_BYTES])
{
    struct guest_task task;
    if (!has_kernel(client) || err_is(guest_current(client->kernel, client_hart(client), &task)))
        return false;
    format_task(&task, buffer);
    return true;
}

const char *word_place(struct client *client, uint64_t pc, char buffer[PLACE_BYTES])
{
    size_t index;
    buffer[0] = 0;
    if (!has_kernel(client))
        return buffer;
    const struct guest_symbols *symbols = guest_kernel_symbols(client->kernel);
    if (guest_symbols_code_at(symbols, pc, &index))
        snprintf(buffer, PLACE_BYTES, " <%.*s+0x%llx>", NAME_MOST, guest_symbol_name(symbols, index),
                 (unsigned long long)(pc - symbols->rows[index].vaddr));
    return buffer;
}

static bool take_pid(const struct arguments *arguments, int32_t *pid)
{
    uint64_t number;
    if (arguments->count != 1 || !word_number(arguments->list[0], &number) || number > INT32_MAX)
        return false;
    *pid = (int32_t)number;
    return true;
}

static err_t no_task(int32_t pid)
{
    return err_detail(err_make(ERR_UNAVAILABLE, "pid %d", pid), "not there at this mark; guest-ps lists what is");
}

/* ---- all tasks --------------------------------------------------------------------------------------------------- */

/* The tasks that are listed, and what the harts run, of which an idle hart's is in no list. */
struct tasks {
    struct guest_task *rows;
    size_t count;
    struct guest_task running[HARTS_MAX];
    bool known[HARTS_MAX];
};

static err_t read_tasks(struct client *client, struct tasks *tasks)
{
    *tasks = (struct tasks){0};
    TRY(open_kernel(client));
    for (unsigned hart = 0; hart < engine_nharts(client_engine(client)); hart++)
        tasks->known[hart] = !err_is(guest_current(client->kernel, hart, &tasks->running[hart]));
    return guest_tasks(client->kernel, client_hart(client), &tasks->rows, &tasks->count);
}

/* The hart that runs it; HARTS_MAX: none. */
static unsigned running_on(const struct tasks *tasks, const struct guest_task *task)
{
    unsigned hart = 0;
    while (hart < HARTS_MAX && !(tasks->known[hart] && tasks->running[hart].vaddr == task->vaddr))
        hart++;
    return hart;
}

static void say_task(struct client *client, const struct tasks *tasks, const struct guest_task *task, bool first)
{
    char on[12] = "-";
    unsigned hart = running_on(tasks, task);
    if (first)
        client_say(client, "%9s %7s  %c  %4s  %s\n", "pid", "tid", 'S', "hart", "name");
    if (hart < HARTS_MAX)
        snprintf(on, sizeof on, "%u", hart);
    client_say(client, "%c %7d %7d  %c  %4s  %s%s%s\n", hart == client_hart(client) ? '*' : ' ', task->tgid, task->pid,
               task->state, on, task->of_kernel ? "[" : "", task->comm, task->of_kernel ? "]" : "");
}

static bool is_idle(const struct tasks *tasks, unsigned hart)
{
    return tasks->known[hart] && tasks->running[hart].pid == 0;
}

/* Says them, and how many there are: all of them, or (`chosen`) those of process `pid`. */
static size_t say_tasks(struct client *client, const struct tasks *tasks, bool chosen, int32_t pid)
{
    size_t count = 0;
    for (unsigned hart = 0; hart < HARTS_MAX && (!chosen || pid == 0); hart++)
        if (is_idle(tasks, hart))
            say_task(client, tasks, &tasks->running[hart], !count++);
    for (size_t i = 0; i < tasks->count; i++)
        if ((!chosen || tasks->rows[i].tgid == pid) && count++ < ROWS_MOST)
            say_task(client, tasks, &tasks->rows[i], count == 1);
    if (count > ROWS_MOST)
        client_say(client, "deja: and %zu more; guest-ps PID shows one process\n", count - ROWS_MOST);
    return count;
}

err_t word_guest_ps(struct client *client, const struct arguments *arguments)
{
    struct tasks tasks;
    int32_t pid = 0;
    if (arguments->count && !take_pid(arguments, &pid))
        return word_usage("guest-ps");
    TRY(read_tasks(client, &tasks));
    size_t count = say_tasks(client, &tasks, arguments->count, pid);
    free(tasks.rows);
    if (!count && arguments->count)
        return no_task(pid);
    if (!count)
        client_say(client, "deja: the kernel has no tasks yet at this mark; seek a later one\n");
    return err_ok();
}

/* ---- where one is ------------------------------------------------------------------------------------------------ */

/* What runs is looked for first: it is known also when the list is not, and an idle hart's is in no list. */
static err_t find_task(struct client *client, int32_t pid, struct guest_task *task)
{
    struct tasks tasks;
    err_t error = read_tasks(client, &tasks), found = no_task(pid);
    for (size_t i = 0; i < HARTS_MAX + tasks.count; i++) {
        const struct guest_task *row = i < HARTS_MAX ? &tasks.running[i] : &tasks.rows[i - HARTS_MAX];
        if ((i >= HARTS_MAX || tasks.known[i]) && row->pid == pid) {
            *task = *row;
            found = err_ok();
            break;
        }
    }
    free(tasks.rows);
    return err_is(found) && err_is(error) ? error : found;
}

/* The privilege with which the hart runs it; PRIV_S when it does not. */
static unsigned privilege_of(struct client *client, const struct guest_task *task)
{
    struct guest_task running;
    unsigned hart = client_hart(client);
    if (err_is(guest_current(client->kernel, hart, &running)) || running.vaddr != task->vaddr)
        return PRIV_S;
    return engine_hart(client_engine(client), hart)->priv;
}

/* A return address may be the first one behind its function, if that never returns. */
static void say_frame(struct client *client, size_t number, uint64_t pc, bool returns)
{
    const struct guest_symbols *symbols = guest_kernel_symbols(client->kernel);
    size_t index;
    client_say(client, "#%-3zu 0x%016llx in ", number, (unsigned long long)pc);
    if (guest_symbols_code_at(symbols, pc - returns, &index))
        client_say(client, "%.*s+0x%llx\n", NAME_MOST, guest_symbol_name(symbols, index),
                   (unsigned long long)(pc - symbols->rows[index].vaddr));
    else
        client_say(client, "??\n");
}

static err_t say_frames(struct client *client, const struct guest_task *task)
{
    static const char *const modes[] = {
        [PRIV_U] = ", in user mode: gdb's own backtrace shows where",
        [PRIV_S] = "",
        [PRIV_M] = ", in the firmware on its behalf: its callers may be missing",
    };
    uint64_t pcs[FRAMES_MOST];
    char process[PROCESS_BYTES];
    size_t count;
    unsigned privilege = privilege_of(client, task);
    TRY(guest_frames(client->kernel, client_hart(client), task->vaddr, pcs, FRAMES_MOST, &count));
    client_say(client, "%s, %c%s\n", format_task(task, process), task->state, modes[privilege]);
    for (size_t i = 0; i < count; i++)
        say_frame(client, i, pcs[i], i > 0);
    if (count == FRAMES_MOST)
        client_say(client, "deja: there may be more\n");
    else if (!count && privilege != PRIV_U)
        client_say(client, "deja: its frames are not known\n");
    return err_ok();
}

err_t word_guest_bt(struct client *client, const struct arguments *arguments)
{
    struct guest_task task;
    int32_t pid = 0;
    if (arguments->count && !take_pid(arguments, &pid))
        return word_usage("guest-bt");
    TRY(open_kernel(client));
    if (arguments->count)
        TRY(find_task(client, pid, &task));
    else
        TRY(guest_current(client->kernel, client_hart(client), &task));
    return say_frames(client, &task);
}

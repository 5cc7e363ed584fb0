/* target.xml: which registers there are, for the debugger.
 *
 * GDB manual, appendix G "Target Descriptions", G.5.12 RISC-V Features. <osabi>none</osabi> keeps a GDB built for Linux
 * from planting breakpoints in order to step. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registers.h"

struct text {
    char *bytes;
    size_t size_bytes, capacity;
    bool failed;
};

struct description {
    const char *name, *type;
};

static const struct description general[REGISTERS_GENERAL] = {
    {"zero", "int"}, {"ra", "code_ptr"}, {"sp", "data_ptr"}, {"gp", "data_ptr"}, {"tp", "data_ptr"}, {"t0", "int"},
    {"t1", "int"},   {"t2", "int"},      {"fp", "data_ptr"}, {"s1", "int"},      {"a0", "int"},      {"a1", "int"},
    {"a2", "int"},   {"a3", "int"},      {"a4", "int"},      {"a5", "int"},      {"a6", "int"},      {"a7", "int"},
    {"s2", "int"},   {"s3", "int"},      {"s4", "int"},      {"s5", "int"},      {"s6", "int"},      {"s7", "int"},
    {"s8", "int"},   {"s9", "int"},      {"s10", "int"},     {"s11", "int"},     {"t3", "int"},      {"t4", "int"},
    {"t5", "int"},   {"t6", "int"},      {"pc", "code_ptr"},
};

static const char *const floating[32] = {"ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
                                         "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
                                         "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

PRINTF_LIKE(2, 3) static void add(struct text *text, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    check(length >= 0 && (size_t)length < sizeof line);
    if (text->failed)
        return;
    if (text->size_bytes + (size_t)length >= text->capacity) {
        char *bytes = realloc(text->bytes, 2 * text->capacity + sizeof line);
        text->failed = !bytes;
        if (!bytes)
            return;
        text->bytes = bytes;
        text->capacity = 2 * text->capacity + sizeof line;
    }
    memcpy(text->bytes + text->size_bytes, line, (size_t)length + 1);
    text->size_bytes += (size_t)length;
}

static void add_register(struct text *text, const char *name, unsigned gdb_number, const char *type)
{
    struct register_id id;
    check(register_find(gdb_number, &id));
    add(text, "    <reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"/>\n", name, 8 * id.size_bytes, type,
        gdb_number);
}

static void open_feature(struct text *text, const char *name)
{
    add(text, "  <feature name=\"org.gnu.gdb.riscv.%s\">\n", name);
}

static void close_feature(struct text *text) { add(text, "  </feature>\n"); }

static void add_general(struct text *text)
{
    open_feature(text, "cpu");
    for (unsigned i = 0; i < REGISTERS_GENERAL; i++)
        add_register(text, general[i].name, i, general[i].type);
    close_feature(text);
}

/* fflags, frm and fcsr belong to the feature of the floating-point registers. */
static bool is_floating(const struct csr_info *csr) { return csr->number >= 1 && csr->number <= 3; }

static void add_csrs(struct text *text, bool of_floating)
{
    size_t count;
    const struct csr_info *csrs = engine_csrs(&count);
    for (size_t i = 0; i < count; i++)
        if (is_floating(&csrs[i]) == of_floating)
            add_register(text, csrs[i].name, REGISTER_CSR0 + csrs[i].number, "int");
}

static void add_floating(struct text *text)
{
    open_feature(text, "fpu");
    add(text, "    <union id=\"riscv_double\">\n"
              "      <field name=\"float\" type=\"ieee_single\"/>\n"
              "      <field name=\"double\" type=\"ieee_double\"/>\n"
              "    </union>\n");
    for (unsigned i = 0; i < 32; i++)
        add_register(text, floating[i], REGISTER_F0 + i, "riscv_double");
    add_csrs(text, true);
    close_feature(text);
}

static void add_system(struct text *text)
{
    open_feature(text, "csr");
    add_csrs(text, false);
    close_feature(text);
    open_feature(text, "virtual");
    add_register(text, "priv", REGISTER_PRIV, "int");
    close_feature(text);
}

char *target_xml_make(void)
{
    struct text text = {0};
    add(&text, "<?xml version=\"1.0\"?>\n"
               "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
               "<target version=\"1.0\">\n"
               "  <architecture>riscv:rv64</architecture>\n"
               "  <osabi>none</osabi>\n");
    add_general(&text);
    add_floating(&text);
    add_system(&text);
    add(&text, "</target>\n");
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

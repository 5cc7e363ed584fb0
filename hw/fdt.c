#include "fdt.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

/* Interrupts of a hart's own controller, by their number in mcause (privileged specification, table "mcause"). */
enum { CAUSE_SSI = 1, CAUSE_MSI = 3, CAUSE_MTI = 7, CAUSE_SEI = 9, CAUSE_MEI = 11 };

/* Phandles: two per hart, then the two that devices point to. */
enum { PHANDLE_PLIC = 1, PHANDLE_TEST, PHANDLE_CPU };
enum { PHANDLES_PER_HART = 2 };

static uint32_t cpu_phandle(unsigned hart) { return PHANDLE_CPU + PHANDLES_PER_HART * hart; }
static uint32_t intc_phandle(unsigned hart) { return cpu_phandle(hart) + 1; }

/* What the finisher's register takes (sifive,test0). */
enum { TEST_POWEROFF = 0x5555, TEST_RESET = 0x7777 };

enum { RNG_SEED_BYTES = 32 };

/* libfdt's sequential writer with a sticky error: no check after every property. */
struct tree {
    void *blob;
    int error; /* the first libfdt error; 0: none */
};

static void note(struct tree *tree, int result)
{
    if (tree->error == 0 && result < 0)
        tree->error = result;
}

static void begin(struct tree *tree, const char *name) { note(tree, fdt_begin_node(tree->blob, name)); }
static void end(struct tree *tree) { note(tree, fdt_end_node(tree->blob)); }
static void flag(struct tree *tree, const char *name) { note(tree, fdt_property(tree->blob, name, NULL, 0)); }

static void bytes(struct tree *tree, const char *name, const void *value, size_t size_bytes)
{
    note(tree, fdt_property(tree->blob, name, value, (int)size_bytes));
}

static void string(struct tree *tree, const char *name, const char *value)
{
    bytes(tree, name, value, strlen(value) + 1);
}

static void cell(struct tree *tree, const char *name, uint32_t value)
{
    note(tree, fdt_property_u32(tree->blob, name, value));
}

static void two_cells(struct tree *tree, const char *name, uint64_t value)
{
    note(tree, fdt_property_u64(tree->blob, name, value));
}

/* #address-cells and #size-cells of the children. */
static void sizes(struct tree *tree, uint32_t address_cells, uint32_t size_cells)
{
    cell(tree, "#address-cells", address_cells);
    cell(tree, "#size-cells", size_cells);
}

static void reg(struct tree *tree, uint64_t base, uint64_t size_bytes)
{
    fdt64_t range[2] = {cpu_to_fdt64(base), cpu_to_fdt64(size_bytes)};
    bytes(tree, "reg", range, sizeof range);
}

static void begin_at(struct tree *tree, const char *name, uint64_t address)
{
    char full[64];
    snprintf(full, sizeof full, "%s@%llx", name, (unsigned long long)address);
    begin(tree, full);
}

/* ---- cpus ---------------------------------------------------------------------------------------------------- */

static const char *const isa_names[] = {
#define ISA(name, text) #name,
#include "isa.def"
#undef ISA
};

enum { ISA_NAMES = sizeof isa_names / sizeof isa_names[0], ISA_TEXT_BYTES = 512 };

/* The old way to say it, one string, and the new one, a base and a list (riscv/extensions.yaml). */
static void isa(struct tree *tree)
{
    char joined[ISA_TEXT_BYTES] = "rv64", list[ISA_TEXT_BYTES];
    size_t joined_bytes = strlen(joined), list_bytes = 0;
    for (size_t i = 0; i < ISA_NAMES; i++) {
        const char *name = isa_names[i], *separator = name[1] ? "_" : "";
        joined_bytes += (size_t)snprintf(joined + joined_bytes, sizeof joined - joined_bytes, "%s%s", separator, name);
        list_bytes += (size_t)snprintf(list + list_bytes, sizeof list - list_bytes, "%s", name) + 1;
        check(joined_bytes < sizeof joined && list_bytes <= sizeof list);
    }
    string(tree, "riscv,isa", joined);
    string(tree, "riscv,isa-base", "rv64i");
    bytes(tree, "riscv,isa-extensions", list, list_bytes);
}

static void cpu(struct tree *tree, unsigned hart)
{
    begin_at(tree, "cpu", hart);
    cell(tree, "phandle", cpu_phandle(hart));
    string(tree, "device_type", "cpu");
    cell(tree, "reg", hart);
    string(tree, "status", "okay");
    string(tree, "compatible", "riscv");
    isa(tree);
    string(tree, "mmu-type", "riscv,sv48");
    cell(tree, "riscv,cbom-block-size", CACHE_BLOCK_BYTES);
    cell(tree, "riscv,cboz-block-size", CACHE_BLOCK_BYTES);
    begin(tree, "interrupt-controller");
    cell(tree, "#address-cells", 0);
    cell(tree, "#interrupt-cells", 1);
    flag(tree, "interrupt-controller");
    string(tree, "compatible", "riscv,cpu-intc");
    cell(tree, "phandle", intc_phandle(hart));
    end(tree);
    end(tree);
}

static void cpu_map(struct tree *tree, unsigned nharts)
{
    begin(tree, "cpu-map");
    begin(tree, "cluster0");
    for (unsigned hart = 0; hart < nharts; hart++) {
        char name[16];
        snprintf(name, sizeof name, "core%u", hart);
        begin(tree, name);
        cell(tree, "cpu", cpu_phandle(hart));
        end(tree);
    }
    end(tree);
    end(tree);
}

static void cpus(struct tree *tree, unsigned nharts)
{
    begin(tree, "cpus");
    sizes(tree, 1, 0);
    cell(tree, "timebase-frequency", BOARD_TIMEBASE_HZ);
    for (unsigned hart = 0; hart < nharts; hart++)
        cpu(tree, hart);
    cpu_map(tree, nharts);
    end(tree);
}

/* ---- parts: what their nodes have besides name, compatible, reg and interrupts --------------------------------- */

/* Two interrupts of every hart. */
static void drives_harts(struct tree *tree, unsigned nharts, uint32_t first, uint32_t second)
{
    fdt32_t wires[HARTS_MAX][4];
    for (unsigned hart = 0; hart < nharts; hart++) {
        wires[hart][0] = wires[hart][2] = cpu_to_fdt32(intc_phandle(hart));
        wires[hart][1] = cpu_to_fdt32(first);
        wires[hart][3] = cpu_to_fdt32(second);
    }
    bytes(tree, "interrupts-extended", wires, nharts * sizeof wires[0]);
}

static void finisher_extra(struct tree *tree, unsigned nharts)
{
    (void)nharts;
    cell(tree, "phandle", PHANDLE_TEST);
}

static void clint_extra(struct tree *tree, unsigned nharts) { drives_harts(tree, nharts, CAUSE_MSI, CAUSE_MTI); }

static void plic_extra(struct tree *tree, unsigned nharts)
{
    cell(tree, "phandle", PHANDLE_PLIC);
    cell(tree, "#address-cells", 0);
    cell(tree, "#interrupt-cells", 1);
    flag(tree, "interrupt-controller");
    cell(tree, "riscv,ndev", BOARD_PLIC_SOURCES - 1);
    drives_harts(tree, nharts, CAUSE_MEI, CAUSE_SEI);
}

static void uart_extra(struct tree *tree, unsigned nharts)
{
    (void)nharts;
    cell(tree, "clock-frequency", BOARD_UART_CLOCK_HZ);
}

static void (*const extras[PARTS])(struct tree *tree, unsigned nharts) = {
    [PART_FINISHER] = finisher_extra,
    [PART_CLINT] = clint_extra,
    [PART_PLIC] = plic_extra,
    [PART_UART] = uart_extra,
};

static void part(struct tree *tree, enum part which, unsigned nharts)
{
    const struct part_info *info = &part_table[which];
    begin_at(tree, info->node, info->base);
    bytes(tree, "compatible", info->compatible, info->compatible_bytes);
    reg(tree, info->base, info->size_bytes);
    if (info->irq) {
        cell(tree, "interrupt-parent", PHANDLE_PLIC);
        cell(tree, "interrupts", info->irq);
    }
    if (extras[which])
        extras[which](tree, nharts);
    end(tree);
}

static void soc(struct tree *tree, unsigned nharts)
{
    begin(tree, "soc");
    sizes(tree, 2, 2);
    string(tree, "compatible", "simple-bus");
    flag(tree, "ranges");
    for (enum part which = 0; which < PARTS; which++)
        if (part_table[which].node[0])
            part(tree, which, nharts);
    end(tree);
}

/* A store of `value` to the finisher, for a kernel that has no SBI to ask. */
static void syscon(struct tree *tree, const char *name, const char *compatible, uint32_t value)
{
    begin(tree, name);
    string(tree, "compatible", compatible);
    cell(tree, "regmap", PHANDLE_TEST);
    cell(tree, "offset", 0);
    cell(tree, "value", value);
    end(tree);
}

/* ---- memory and chosen ----------------------------------------------------------------------------------------- */

static void memory(struct tree *tree, uint64_t size_bytes)
{
    begin_at(tree, "memory", BOARD_RAM_BASE);
    string(tree, "device_type", "memory");
    reg(tree, BOARD_RAM_BASE, size_bytes);
    end(tree);
}

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), started from the recorded
 * seed and this use's own tag, so that no other device draws the same numbers. */
static void rng_seed(struct tree *tree, uint64_t seed)
{
    uint64_t state = seed ^ 0x726e672d73656564; /* "rng-seed" */
    fdt64_t words[RNG_SEED_BYTES / 8];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        uint64_t mixed = state += 0x9e3779b97f4a7c15;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        words[i] = cpu_to_fdt64(mixed ^ mixed >> 31);
    }
    bytes(tree, "rng-seed", words, sizeof words);
}

static void chosen(struct tree *tree, const struct board_config *config, uint64_t initrd_start, uint64_t initrd_end)
{
    char console[64];
    snprintf(console, sizeof console, "/soc/%s@%llx", part_table[PART_UART].node, (unsigned long long)BOARD_UART_BASE);
    begin(tree, "chosen");
    if (config->append && config->append[0])
        string(tree, "bootargs", config->append);
    if (initrd_start != initrd_end) {
        two_cells(tree, "linux,initrd-start", initrd_start);
        two_cells(tree, "linux,initrd-end", initrd_end);
    }
    string(tree, "stdout-path", console);
    rng_seed(tree, config->seed);
    end(tree);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void root(struct tree *tree, const struct board_config *config, uint64_t initrd_start, uint64_t initrd_end)
{
    begin(tree, "");
    sizes(tree, 2, 2);
    string(tree, "compatible", "riscv-virtio");
    string(tree, "model", "riscv-virtio,deja");
    chosen(tree, config, initrd_start, initrd_end);
    memory(tree, config->ram_size_bytes);
    cpus(tree, config->nharts);
    soc(tree, config->nharts);
    syscon(tree, "poweroff", "syscon-poweroff", TEST_POWEROFF);
    syscon(tree, "reboot", "syscon-reboot", TEST_RESET);
    end(tree);
}

err_t fdt_build(const struct board_config *config, uint64_t initrd_start, uint64_t initrd_end,
                uint8_t blob[FDT_BYTES_MAX], size_t *size_bytes)
{
    if (config->nharts < 1 || config->nharts > HARTS_MAX)
        return err_detail(err_make(ERR_USAGE, "%u harts", config->nharts), "not possible; give 1 to %d", HARTS_MAX);
    if (config->append && strlen(config->append) > FDT_APPEND_MAX)
        return err_detail(err_make(ERR_USAGE, "-append"), "longer than %d bytes; shorten it", FDT_APPEND_MAX);
    memset(blob, 0, FDT_BYTES_MAX);
    struct tree tree = {.blob = blob};
    note(&tree, fdt_create(blob, FDT_BYTES_MAX));
    note(&tree, fdt_finish_reservemap(blob));
    root(&tree, config, initrd_start, initrd_end);
    note(&tree, fdt_finish(blob));
    check(tree.error == 0); /* the bounds above leave room for every tree there can be */
    *size_bytes = fdt_totalsize(blob);
    return err_ok();
}

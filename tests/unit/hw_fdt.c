/* The device tree, read back by a reader of its own (Devicetree Specification 0.4, chapter 5) and by dtc. */
#include "hw/device.h"
#include "hw/fdt.h"

#include "random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a reader -------------------------------------------------------------------------------------------------------- */

static uint8_t blob[FDT_BYTES_MAX];
static size_t blob_bytes;

static uint32_t big(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

struct property {
    const uint8_t *bytes; /* NULL: not there */
    uint32_t size_bytes;
};

/* The property `name` of the node at `path` ("", "/soc/serial@10000000"); name NULL: is there such a node? */
static struct property find(const char *path, const char *name)
{
    enum { BEGIN = 1, END = 2, PROP = 3, NOP = 4, FINISH = 9 };
    const uint8_t *at = blob + big(blob + 8);
    const char *names = (const char *)blob + big(blob + 12);
    char here[256] = "";
    for (;;) {
        uint32_t token = big(at);
        at += 4;
        ck_assert(at < blob + blob_bytes && token != NOP);
        if (token == FINISH)
            return (struct property){0};
        if (token == BEGIN) {
            size_t length = strlen((const char *)at);
            if (length) {
                ck_assert(strlen(here) + length + 2 < sizeof here);
                strcat(strcat(here, "/"), (const char *)at);
            }
            at += (length + 4) & ~(size_t)3;
            if (!name && strcmp(here, path) == 0)
                return (struct property){at, 0};
        } else if (token == END) {
            if (here[0])
                *strrchr(here, '/') = 0;
        } else {
            ck_assert_uint_eq(token, PROP);
            uint32_t size_bytes = big(at);
            if (name && strcmp(here, path) == 0 && strcmp(names + big(at + 4), name) == 0)
                return (struct property){at + 8, size_bytes};
            at += 8 + ((size_bytes + 3) & ~UINT32_C(3));
        }
    }
}

static bool has_node(const char *path) { return find(path, NULL).bytes != NULL; }

static uint64_t number(const char *path, const char *name)
{
    struct property property = find(path, name);
    ck_assert_msg(property.bytes && (property.size_bytes == 4 || property.size_bytes == 8), "%s %s", path, name);
    uint64_t high = property.size_bytes == 8 ? big(property.bytes) : 0;
    return high << 32 | big(property.bytes + property.size_bytes - 4);
}

static uint32_t cell_of(const char *path, const char *name, unsigned index)
{
    struct property property = find(path, name);
    ck_assert_msg(property.bytes && property.size_bytes >= 4 * (index + 1), "%s %s", path, name);
    return big(property.bytes + 4 * index);
}

static const char *text(const char *path, const char *name)
{
    struct property property = find(path, name);
    ck_assert_msg(property.bytes && property.size_bytes && property.bytes[property.size_bytes - 1] == 0, "%s %s", path,
                  name);
    return (const char *)property.bytes;
}

/* ---- building -------------------------------------------------------------------------------------------------------- */

static struct board_config config_of(unsigned nharts)
{
    return (struct board_config){.append = "console=ttyS0 quiet",
                                 .ram_size_bytes = UINT64_C(6) << 30,
                                 .nharts = nharts,
                                 .seed = 1,
                                 .epoch_ns = 1};
}

static void build(const struct board_config *config, uint64_t initrd_start, uint64_t initrd_end)
{
    memset(blob, 0xee, sizeof blob);
    ck_assert_int_eq(fdt_build(config, initrd_start, initrd_end, blob, &blob_bytes).code, ERR_OK);
    ck_assert_uint_eq(big(blob), 0xd00dfeed);
    ck_assert_uint_eq(big(blob + 4), blob_bytes);
}

/* ---- tests ----------------------------------------------------------------------------------------------------------- */

/* Every row of board.def that has a node says where it is, what it is and which interrupt it drives. */
START_TEST(every_part_is_described)
{
    struct board_config config = config_of(1);
    build(&config, 0, 0);
    for (unsigned i = 0; i < PARTS; i++) {
        const struct part_info *info = &part_table[i];
        char path[64];
        snprintf(path, sizeof path, "/soc/%s@%llx", info->node, (unsigned long long)info->base);
        if (!info->node[0])
            continue;
        ck_assert_msg(has_node(path), "%s", path);
        struct property compatible = find(path, "compatible"), reg = find(path, "reg");
        ck_assert_uint_eq(compatible.size_bytes, info->compatible_bytes);
        ck_assert_int_eq(memcmp(compatible.bytes, info->compatible, info->compatible_bytes), 0);
        ck_assert_uint_eq(reg.size_bytes, 16);
        ck_assert_uint_eq(cell_of(path, "reg", 1), info->base);
        ck_assert_uint_eq(cell_of(path, "reg", 3), info->size_bytes);
        ck_assert_int_eq(find(path, "interrupts").bytes != NULL, info->irq != 0);
        if (info->irq) {
            ck_assert_uint_eq(number(path, "interrupts"), info->irq);
            ck_assert_uint_eq(number(path, "interrupt-parent"), number("/soc/plic@c000000", "phandle"));
        }
    }
}
END_TEST

/* What Linux and OpenSBI look for in the tree of QEMU's virt, at QEMU's addresses. */
START_TEST(the_map_is_that_of_qemu)
{
    static const char *const nodes[] = {
        "/cpus/cpu@0/interrupt-controller",
        "/memory@80000000",
        "/soc/test@100000",
        "/soc/rtc@101000",
        "/soc/clint@2000000",
        "/soc/plic@c000000",
        "/soc/serial@10000000",
        "/chosen",
        "/cpus/cpu-map/cluster0/core0",
        "/poweroff",
        "/reboot",
    };
    struct board_config config = config_of(1);
    build(&config, 0, 0);
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
        ck_assert_msg(has_node(nodes[i]), "%s", nodes[i]);
    ck_assert(!has_node("/cpus/cpu@1"));
    ck_assert_str_eq(text("", "compatible"), "riscv-virtio");
    ck_assert_uint_eq(number("/cpus", "timebase-frequency"), 10000000);
    ck_assert_str_eq(text("/chosen", "stdout-path"), "/soc/serial@10000000");
    ck_assert_uint_eq(number("/soc/serial@10000000", "clock-frequency"), 3686400);
    ck_assert_uint_eq(number("/soc/plic@c000000", "riscv,ndev"), 95);
    uint64_t test = number("/soc/test@100000", "phandle");
    ck_assert_uint_eq(number("/poweroff", "regmap"), test);
    ck_assert_uint_eq(number("/poweroff", "value"), 0x5555);
    ck_assert_uint_eq(number("/reboot", "regmap"), test);
    ck_assert_uint_eq(number("/reboot", "value"), 0x7777);
}
END_TEST

START_TEST(memory_is_as_large_as_asked)
{
    struct board_config config = config_of(1);
    build(&config, 0, 0);
    ck_assert_str_eq(text("/memory@80000000", "device_type"), "memory");
    static const uint32_t reg[] = {0, 0x80000000, 1, 0x80000000};
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(cell_of("/memory@80000000", "reg", i), reg[i]);
}
END_TEST

START_TEST(chosen_holds_what_was_asked_for)
{
    struct board_config config = config_of(1);
    build(&config, UINT64_C(0x188200000), UINT64_C(0x188345678));
    ck_assert_str_eq(text("/chosen", "bootargs"), "console=ttyS0 quiet");
    ck_assert_uint_eq(number("/chosen", "linux,initrd-start"), UINT64_C(0x188200000));
    ck_assert_uint_eq(number("/chosen", "linux,initrd-end"), UINT64_C(0x188345678));
    config.append = NULL;
    build(&config, 0, 0);
    ck_assert_ptr_null(find("/chosen", "bootargs").bytes);
    ck_assert_ptr_null(find("/chosen", "linux,initrd-start").bytes);
    ck_assert_ptr_null(find("/chosen", "linux,initrd-end").bytes);
}
END_TEST

/* The old string and the new list name the same extensions, each known by its canonical place. */
START_TEST(the_isa_is_said_twice_and_the_same)
{
    static const char expected[] = "rv64imafdc_zicbom_zicboz_zicntr_zicsr_zifencei_zihpm_zfh_zfhmin_zba_zbb_zbc_zbs_"
                                   "sstc_svade_svadu_svinval_svnapot_svpbmt";
    struct board_config config = config_of(1);
    build(&config, 0, 0);
    ck_assert_str_eq(text("/cpus/cpu@0", "riscv,isa"), expected);
    ck_assert_str_eq(text("/cpus/cpu@0", "riscv,isa-base"), "rv64i");
    struct property list = find("/cpus/cpu@0", "riscv,isa-extensions");
    char joined[512] = "rv64";
    for (const char *name = (const char *)list.bytes; name < (const char *)list.bytes + list.size_bytes;
         name += strlen(name) + 1)
        strcat(strcat(joined, name[1] ? "_" : ""), name);
    ck_assert_str_eq(joined, expected);
    ck_assert_str_eq(text("/cpus/cpu@0", "mmu-type"), "riscv,sv48");
    ck_assert_uint_eq(number("/cpus/cpu@0", "riscv,cbom-block-size"), 64);
    ck_assert_uint_eq(number("/cpus/cpu@0", "riscv,cboz-block-size"), 64);
}
END_TEST

START_TEST(every_hart_is_wired)
{
    struct board_config config = config_of(HARTS_MAX);
    build(&config, 0, 0);
    for (unsigned hart = 0; hart < HARTS_MAX; hart++) {
        char cpu[64], intc[96], core[64];
        snprintf(cpu, sizeof cpu, "/cpus/cpu@%u", hart);
        snprintf(intc, sizeof intc, "%s/interrupt-controller", cpu);
        snprintf(core, sizeof core, "/cpus/cpu-map/cluster0/core%u", hart);
        ck_assert_uint_eq(number(cpu, "reg"), hart);
        ck_assert_uint_eq(number(core, "cpu"), number(cpu, "phandle"));
        uint64_t phandle = number(intc, "phandle");
        static const struct {
            const char *path;
            uint32_t first, second;
        } wires[] = {{"/soc/clint@2000000", 3, 7}, {"/soc/plic@c000000", 11, 9}};
        for (unsigned i = 0; i < 2; i++) {
            ck_assert_uint_eq(cell_of(wires[i].path, "interrupts-extended", 4 * hart), phandle);
            ck_assert_uint_eq(cell_of(wires[i].path, "interrupts-extended", 4 * hart + 1), wires[i].first);
            ck_assert_uint_eq(cell_of(wires[i].path, "interrupts-extended", 4 * hart + 2), phandle);
            ck_assert_uint_eq(cell_of(wires[i].path, "interrupts-extended", 4 * hart + 3), wires[i].second);
        }
    }
}
END_TEST

/* A recording keeps the seed, not the tree: the same seed must make the same bytes for ever. */
START_TEST(entropy_is_the_seeds_and_nothing_elses)
{
    struct board_config config = config_of(1);
    uint8_t first[FDT_BYTES_MAX];
    uint64_t state = UINT64_C(1) ^ UINT64_C(0x726e672d73656564);
    build(&config, 0, 0);
    memcpy(first, blob, sizeof first);
    struct property seed = find("/chosen", "rng-seed");
    ck_assert_uint_eq(seed.size_bytes, 32);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t expected = random_u64(&state);
        ck_assert_uint_eq(big(seed.bytes + 8 * i), expected >> 32);
        ck_assert_uint_eq(big(seed.bytes + 8 * i + 4), expected & 0xffffffff);
    }
    build(&config, 0, 0);
    ck_assert_int_eq(memcmp(first, blob, sizeof first), 0);
    config.seed = 2;
    build(&config, 0, 0);
    ck_assert_int_ne(memcmp(first, blob, sizeof first), 0);
}
END_TEST

START_TEST(the_largest_tree_fits_and_no_larger_is_asked_for)
{
    char append[FDT_APPEND_MAX + 2];
    struct board_config config = config_of(HARTS_MAX);
    memset(append, 'a', sizeof append);
    append[FDT_APPEND_MAX] = 0;
    config.append = append;
    build(&config, 1, 2);
    ck_assert_uint_lt(blob_bytes, FDT_BYTES_MAX / 2);
    append[FDT_APPEND_MAX] = 'a';
    append[FDT_APPEND_MAX + 1] = 0;
    ck_assert_int_eq(fdt_build(&config, 0, 0, blob, &blob_bytes).code, ERR_USAGE);
    config = config_of(0);
    ck_assert_int_eq(fdt_build(&config, 0, 0, blob, &blob_bytes).code, ERR_USAGE);
    config = config_of(HARTS_MAX + 1);
    ck_assert_int_eq(fdt_build(&config, 0, 0, blob, &blob_bytes).code, ERR_USAGE);
}
END_TEST

/* dtc knows rules that this file does not: it must have nothing to say. */
START_TEST(dtc_has_nothing_to_say)
{
    char command[128], said[4096] = "";
    if (system("command -v dtc >/dev/null 2>&1") != 0)
        return; /* device-tree-compiler is not installed */
    struct board_config config = config_of(2);
    build(&config, 0x88200000, 0x88300000);
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(blob, 1, blob_bytes, file), blob_bytes);
    rewind(file);
    snprintf(command, sizeof command, "dtc -I dtb -O dts -o /dev/null - 2>&1 <&%d", fileno(file));
    FILE *dtc = popen(command, "r");
    size_t length = fread(said, 1, sizeof said - 1, dtc);
    int status = pclose(dtc);
    fclose(file);
    ck_assert_msg(length == 0 && status == 0, "%s", said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hw fdt");
    TCase *tcase = tcase_create("fdt");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_part_is_described);
    tcase_add_test(tcase, the_map_is_that_of_qemu);
    tcase_add_test(tcase, memory_is_as_large_as_asked);
    tcase_add_test(tcase, chosen_holds_what_was_asked_for);
    tcase_add_test(tcase, the_isa_is_said_twice_and_the_same);
    tcase_add_test(tcase, every_hart_is_wired);
    tcase_add_test(tcase, entropy_is_the_seeds_and_nothing_elses);
    tcase_add_test(tcase, the_largest_tree_fits_and_no_larger_is_asked_for);
    tcase_add_test(tcase, dtc_has_nothing_to_say);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

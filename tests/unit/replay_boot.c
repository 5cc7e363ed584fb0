/* Reading what is to be booted: files, pipes, and what a person reads when there is none. */
#include "replay/replay.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/deja-boot-XXXXXX", base ? base : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void drop_folder(void)
{
    static const char *const names[] = {"kernel", "initrd", "empty", "directory", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        remove(names[i]);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void write_file(const char *name, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size_bytes, file), size_bytes);
    ck_assert_int_eq(fclose(file), 0);
}

static void fails(struct boot_files files, const char *expected)
{
    struct boot *boot = NULL;
    char line[600];
    err_t error = boot_read(&files, &boot);
    err_format(error, line, sizeof line);
    ck_assert_str_eq(line, expected);
    ck_assert_ptr_null(boot);
}

START_TEST(files_are_read_whole)
{
    enum { LARGE = 3 << 20 };
    uint8_t *large = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        large[i] = (uint8_t)(i * 7 >> 3);
    write_file("kernel", large, LARGE);
    write_file("initrd", "ramdisk", 7);
    struct boot *boot;
    struct board_config config = {.ram_size_bytes = 1};
    ck_assert_int_eq(boot_read(&(struct boot_files){"none", "kernel", "initrd"}, &boot).code, ERR_OK);
    boot_images(boot, &config);
    ck_assert_ptr_null(config.firmware.bytes);
    ck_assert_uint_eq(config.kernel.size_bytes, LARGE);
    ck_assert_int_eq(memcmp(config.kernel.bytes, large, LARGE), 0);
    ck_assert_str_eq(config.kernel.name, "kernel");
    ck_assert_uint_eq(config.initrd.size_bytes, 7);
    ck_assert_int_eq(memcmp(config.initrd.bytes, "ramdisk", 7), 0);
    ck_assert_uint_eq(config.ram_size_bytes, 1);
    boot_free(boot);
    free(large);
}
END_TEST

/* deja run -initrd <(make-initramfs ...) */
START_TEST(a_pipe_is_read_to_its_end)
{
    enum { BYTES = 200000 };
    int ends[2];
    char path[32];
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    pid_t writer = fork();
    if (writer == 0) {
        char bytes[1000];
        memset(bytes, 'p', sizeof bytes);
        for (size_t left = BYTES; left > 0; left -= sizeof bytes)
            if (write(ends[1], bytes, sizeof bytes) != sizeof bytes)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    struct boot *boot;
    struct board_config config = {0};
    ck_assert_int_eq(boot_read(&(struct boot_files){"none", path, NULL}, &boot).code, ERR_OK);
    boot_images(boot, &config);
    ck_assert_uint_eq(config.kernel.size_bytes, BYTES);
    ck_assert_int_eq(config.kernel.bytes[BYTES - 1], 'p');
    boot_free(boot);
    close(ends[0]);
}
END_TEST

START_TEST(an_empty_file_is_given_but_empty)
{
    struct boot *boot;
    struct board_config config = {0};
    write_file("empty", "", 0);
    ck_assert_int_eq(boot_read(&(struct boot_files){"none", "empty", NULL}, &boot).code, ERR_OK);
    boot_images(boot, &config);
    ck_assert_ptr_nonnull(config.kernel.bytes);
    ck_assert_uint_eq(config.kernel.size_bytes, 0);
    boot_free(boot);
}
END_TEST

START_TEST(what_cannot_be_read_is_named_with_its_option)
{
    write_file("kernel", "k", 1);
    ck_assert_int_eq(mkdir("directory", 0700), 0);
    fails((struct boot_files){"none", "kernel", "initrd.gz"},
          "initrd.gz: no such file; give -initrd the path of an initramfs (66)");
    fails((struct boot_files){"none", "kernel/Image", NULL},
          "kernel/Image: no such file; give -kernel the path of a Linux Image, Image.gz, ELF or flat binary (66)");
    fails((struct boot_files){"fw.bin", "kernel", NULL},
          "fw.bin: no such file; give -bios the path of a firmware (66)");
    fails((struct boot_files){"none", "directory", NULL},
          "directory: is a directory; give -kernel the path of a Linux Image, Image.gz, ELF or flat binary (66)");
    write_file("initrd", "i", 1);
    ck_assert_int_eq(truncate("initrd", ((off_t)1 << 30) + 1), 0);
    fails((struct boot_files){"none", "kernel", "initrd"},
          "initrd: larger than 1 GiB; give -initrd the path of an initramfs (66)");
    fails((struct boot_files){NULL, NULL, NULL}, "nothing to boot; give a kernel with -kernel (64)");
    if (geteuid() != 0) { /* root may read everything */
        ck_assert_int_eq(chmod("kernel", 0), 0);
        fails((struct boot_files){"none", "kernel", NULL},
              "kernel: Permission denied; give -kernel the path of a Linux Image, Image.gz, ELF or flat binary (66)");
    }
}
END_TEST

/* With opensbi installed its firmware comes; without, the line says how to get it. */
START_TEST(the_default_firmware_is_opensbi)
{
    struct boot *boot = NULL;
    struct board_config config = {0};
    char line[600];
    write_file("kernel", "k", 1);
    err_t error = boot_read(&(struct boot_files){"default", "kernel", NULL}, &boot);
    if (err_is(error)) {
        err_format(error, line, sizeof line);
        ck_assert_str_eq(line, "OpenSBI: not found; apt install opensbi, or give a firmware with -bios (66)");
        return;
    }
    boot_images(boot, &config);
    ck_assert_ptr_nonnull(strstr(config.firmware.name, "fw_dynamic.bin"));
    ck_assert_uint_gt(config.firmware.size_bytes, 50000);
    boot_free(boot);
}
END_TEST

START_TEST(entropy_and_the_clock_come_from_the_host)
{
    ck_assert_uint_ne(host_entropy(), host_entropy());
    ck_assert_uint_gt(host_epoch_ns(), UINT64_C(1700000000000000000));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay boot");
    TCase *tcase = tcase_create("boot");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, make_folder, drop_folder);
    tcase_add_test(tcase, files_are_read_whole);
    tcase_add_test(tcase, a_pipe_is_read_to_its_end);
    tcase_add_test(tcase, an_empty_file_is_given_but_empty);
    tcase_add_test(tcase, what_cannot_be_read_is_named_with_its_option);
    tcase_add_test(tcase, the_default_firmware_is_opensbi);
    tcase_add_test(tcase, entropy_and_the_clock_come_from_the_host);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

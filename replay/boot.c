/* boot: the files of a command line -> bytes in memory, and the two choices that only the host can make. */
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Larger than any image that boots; a bound for pipes and devices that never end. */
#define FILE_BYTES_MAX ((size_t)1 << 30)

enum { FIRST_BYTES = 1 << 16 };

/* One image to be: which option names it, and what that option wants. */
struct file {
    const char *option, *what;
    char *path; /* owned; NULL: not given */
    uint8_t *bytes;
    size_t size_bytes;
};

struct boot {
    struct file firmware, kernel, initrd;
};

/* OpenSBI as distributions install it, and as QEMU bundles it. */
static const char *const firmware_places[] = {
    "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin", /* Debian, Ubuntu: opensbi */
    "/usr/share/opensbi/generic/firmware/fw_dynamic.bin",
    "/usr/share/opensbi/lp64/generic/firmware/fw_dynamic.bin",
    "/usr/share/opensbi/generic/fw_dynamic.bin",
    "/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin", /* qemu-system-data */
    "/usr/local/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin",
};

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static err_t not_found(const struct file *file)
{
    return err_detail(err_make(ERR_NO_INPUT, "%s", file->path), "no such file; give %s the path of %s", file->option,
                      file->what);
}

static err_t unreadable(const struct file *file, const char *why)
{
    return err_detail(err_make(ERR_UNREADABLE, "%s", file->path), "%s; give %s the path of %s", why, file->option,
                      file->what);
}

static err_t resize(struct file *file, size_t capacity)
{
    uint8_t *bytes = realloc(file->bytes, capacity);
    if (!bytes)
        return err_make(ERR_NO_MEMORY, "%s", file->path);
    file->bytes = bytes;
    memory_ready(bytes + file->size_bytes, capacity - file->size_bytes);
    return err_ok();
}

/* Reads to the end, which is where fstat() says or, for a pipe, where it closes. */
static err_t read_all(struct file *file, int fd, size_t expected_bytes)
{
    size_t capacity = expected_bytes + 1; /* one more, to see the end without growing */
    TRY(resize(file, capacity));
    for (;;) {
        ssize_t got = read(fd, file->bytes + file->size_bytes, capacity - file->size_bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unreadable(file, strerror(errno));
        if (got == 0)
            return err_ok();
        file->size_bytes += (size_t)got;
        if (file->size_bytes > FILE_BYTES_MAX)
            return unreadable(file, "larger than 1 GiB");
        if (file->size_bytes == capacity)
            TRY(resize(file, capacity *= 2));
    }
}

static err_t read_open(struct file *file, int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return unreadable(file, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return unreadable(file, "is a directory");
    if (!S_ISREG(info.st_mode))
        return read_all(file, fd, FIRST_BYTES);
    if ((uint64_t)info.st_size > FILE_BYTES_MAX)
        return unreadable(file, "larger than 1 GiB");
    return read_all(file, fd, (size_t)info.st_size);
}

static err_t read_file(struct file *file, const char *path)
{
    file->path = strdup(path);
    if (!file->path)
        return err_make(ERR_NO_MEMORY, "%s", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? not_found(file) : unreadable(file, strerror(errno));
    err_t error = read_open(file, fd);
    close(fd);
    return error;
}

/* ---- boot ---------------------------------------------------------------------------------------------------------- */

static err_t read_default_firmware(struct file *file, const char *kernel)
{
    if (!kernel)
        return err_detail(err_make(ERR_USAGE, "%s", ""), "nothing to boot; give a kernel with -kernel");
    for (size_t i = 0; i < sizeof firmware_places / sizeof firmware_places[0]; i++)
        if (access(firmware_places[i], R_OK) == 0)
            return read_file(file, firmware_places[i]);
    return err_detail(err_make(ERR_NO_INPUT, "OpenSBI"),
                      "not found; apt install opensbi, or give a firmware with -bios");
}

static err_t read_firmware(struct file *file, const struct boot_files *files)
{
    if (!files->bios || strcmp(files->bios, "default") == 0)
        return read_default_firmware(file, files->kernel);
    if (strcmp(files->bios, "none") == 0)
        return err_ok();
    return read_file(file, files->bios);
}

static err_t read_files(struct boot *boot, const struct boot_files *files)
{
    TRY(read_firmware(&boot->firmware, files));
    if (files->kernel)
        TRY(read_file(&boot->kernel, files->kernel));
    if (files->initrd)
        TRY(read_file(&boot->initrd, files->initrd));
    return err_ok();
}

err_t boot_read(const struct boot_files *files, struct boot **boot)
{
    *boot = calloc(1, sizeof **boot);
    if (!*boot)
        return err_make(ERR_NO_MEMORY, "images");
    **boot = (struct boot){
        .firmware = {.option = "-bios", .what = "a firmware"},
        .kernel = {.option = "-kernel", .what = "a Linux Image, Image.gz, ELF or flat binary"},
        .initrd = {.option = "-initrd", .what = "an initramfs"},
    };
    err_t error = read_files(*boot, files);
    if (err_is(error)) {
        boot_free(*boot);
        *boot = NULL;
    }
    return error;
}

static void free_file(struct file *file)
{
    free(file->path);
    free(file->bytes);
}

void boot_free(struct boot *boot)
{
    if (!boot)
        return;
    free_file(&boot->firmware);
    free_file(&boot->kernel);
    free_file(&boot->initrd);
    free(boot);
}

static struct image image_of(const struct file *file)
{
    return (struct image){.name = file->path, .bytes = file->bytes, .size_bytes = file->size_bytes};
}

void boot_images(const struct boot *boot, struct board_config *config)
{
    config->firmware = image_of(&boot->firmware);
    config->kernel = image_of(&boot->kernel);
    config->initrd = image_of(&boot->initrd);
}

/* ---- what only the host knows ---------------------------------------------------------------------------------------- */

uint64_t host_entropy(void)
{
    uint64_t value;
    check(getrandom(&value, sizeof value, 0) == (ssize_t)sizeof value); /* up to 256 bytes come whole */
    return value;
}

uint64_t host_epoch_ns(void)
{
    struct timespec now;
    check(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

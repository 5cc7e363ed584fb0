"""The boot of Debian that the benchmarks beside this file record: the kernel and busybox of examples/fetch-debian.sh."""
import os
import subprocess

here = os.path.dirname(os.path.abspath(__file__))
examples = os.path.join(here, "..", "..", "examples")
APPEND = "console=ttyS0"
CHOICES = ["--seed", "1", "--epoch", "1700000000"]  # so that every recording is of the same run


def boot_files(work, commands, extra=()):
    """What deja and QEMU boot: `commands` are run, then it powers off. The extra files are in the guest's /bin."""
    debian = subprocess.run([f"{examples}/fetch-debian.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    initrd = f"{work}/initrd.gz"
    asked = [word for command in commands for word in ("-c", command)]
    subprocess.run([f"{examples}/make-initramfs.sh"] + asked + [initrd] + list(extra), check=True,
                   env=dict(os.environ, DEJA_BUSYBOX=f"{debian}/busybox"))
    return ["-kernel", f"{debian}/vmlinux", "-initrd", initrd, "-append", APPEND, "-m", "512M"]


def engines(deja, files, recording):
    """Name -> the command that boots these files."""
    qemu = ["qemu-system-riscv64", "-M", "virt", "-nographic", "-no-reboot"] + files
    return {
        "record": [deja, "record", "--force", "-o", recording] + files + CHOICES,
        "run": [deja, "run"] + files + CHOICES,
        "icount": qemu + ["-icount", "shift=0,sleep=off"],
        "qemu": qemu,
        "interp": [deja, "run", "--engine", "interp"] + files + CHOICES,
    }

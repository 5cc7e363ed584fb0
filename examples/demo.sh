#!/bin/bash
# The whole story in one go, on a fresh Debian or Ubuntu machine, as root or with sudo:
#
#     examples/demo.sh
#
# installs what is missing, builds deja, fetches Debian's riscv64 kernel and busybox (once; they are kept), boots them with
# a small program that crashes, records that, replays it, proves the replay equal, and goes backwards in gdb from the
# crash to the source line that caused it. Everything made stays in build/demo.
#
#     DEJA        another deja than the one that would be built
#     DEJA_DEMO   another place than build/demo
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/lib/packages.sh

build=build
deja=${DEJA:-$build/deja}
demo=${DEJA_DEMO:-$build/demo}
crash_c=examples/crash/crash.c

step() {
    printf '\n=== %s\n' "$1"
}

# Prints a command to the terminal, whatever its output is piped into, and runs it.
shown() {
    printf '$ %s\n' "$*" >&3
    "$@"
}
exec 3>&1

line_with() {
    grep -n -F "$1" "$crash_c" | head -n 1 | cut -d: -f1
}

step "Installing what is missing"
# shellcheck disable=SC2086
packages_need $packages_build gcc-riscv64-linux-gnu libc6-dev-riscv64-cross gdb-multiarch cpio debian-archive-keyring
echo "all there"

if [ -z "${DEJA:-}" ]; then
    step "Building deja"
    cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=OFF >/dev/null
    ninja -C "$build" deja | tail -n 1
fi
mkdir -p "$demo"

step "Building a program that crashes, for riscv64"
# The program stands at an address where no other program of the guest is: a breakpoint is a virtual address, and busybox,
# linked statically too, would otherwise run into it.
shown riscv64-linux-gnu-gcc -g -O0 -static -no-pie -Wl,-Ttext-segment=0x5a000000 "$crash_c" -o "$demo/crash"

step "Fetching Debian's riscv64 kernel and busybox"
debian=$(examples/fetch-debian.sh)
cat "$debian/versions"
DEJA_BUSYBOX=$debian/busybox examples/make-initramfs.sh -c crash "$demo/initrd.gz" "$demo/crash"

step "Recording: the machine boots, the program crashes, the machine switches itself off"
shown "$deja" record --force -o "$demo/crash.deja" -m 256M -kernel "$debian/vmlinux" \
    -initrd "$demo/initrd.gz" -append "console=ttyS0" </dev/null | tee "$demo/recorded.txt"

step "Replaying: the same again, bit for bit; every recorded state hash is compared"
shown "$deja" replay "$demo/crash.deja" >"$demo/replayed.txt"
cmp "$demo/recorded.txt" "$demo/replayed.txt"
echo "and the console is equal, all $(wc -c <"$demo/replayed.txt") bytes of it"
shown "$deja" info "$demo/crash.deja"

step "Going back from the crash to its cause, in gdb"
"$deja" debug "$demo/crash.deja" -- -batch "$demo/crash" \
    -ex "set \$dies = $(line_with 'dies here')" \
    -ex "set \$follows = $(line_with 'follows the ruined link')" \
    -x examples/crash/backwards.gdb 2>&1 | tee "$demo/gdb.txt"
grep -q 'black_out.*crash.c:' "$demo/gdb.txt" ||
    { echo "demo: gdb did not come back to black_out(); see $demo/gdb.txt" >&2; exit 1; }

grep -q "main () at .*crash.c:$(line_with 'adding up their ages')\$" "$demo/gdb.txt" ||
    { echo "demo: gdb did not find the way from the kernel back to main(); see $demo/gdb.txt" >&2; exit 1; }

step "Done. The same by hand"
cat <<END
$deja debug $demo/crash.deja -- $demo/crash
    (gdb) break crash.c:$(line_with 'dies here')
    (gdb) reverse-continue
END

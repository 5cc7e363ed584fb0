#!/bin/bash
# A kernel that moves itself: its symbols are those that it lists, moved by one distance, and gdb speaks them. Debian's
# riscv64 kernels, up to 7.2 at least, do not move, so this wants one that does:
#
#     DEJA_KASLR_KERNEL   an Image with CONFIG_RANDOMIZE_BASE, CONFIG_KALLSYMS_ALL, CONFIG_DEBUG_INFO_BTF, a console, procfs
#                         and initramfs
#
# It takes the distance from /chosen/kaslr-seed, 8 bytes (arch/riscv/kernel/pi/fdt_early.c). Our device tree has none: where
# the kernel is entered, the tree is poked so that its command line, 8 bytes as well, has that name.
. "$(dirname "$0")/lib.sh"
examples=$here/../../examples
[ -n "${DEJA_KASLR_KERNEL:-}" ] || { echo "skipped: DEJA_KASLR_KERNEL names no kernel that moves"; exit 77; }
kernel=$(realpath "$DEJA_KASLR_KERNEL")
debian=$("$examples/fetch-debian.sh") || exit 1
cd "$work" || exit 1
DEJA_BUSYBOX=$debian/busybox "$examples/make-initramfs.sh" -c 'echo BEGIN' -c 'gzip -c /proc/kallsyms | busybox base64' \
    -c 'echo END' initrd.gz || exit 1
gdb=(-nx -batch -iex "set width 0")

# Compares what a recording's guest listed, which is in ./out, with what is found in its memory.
compare() {
    tr -d '\r' <out | sed -n '/^BEGIN$/,/^END$/p' | sed '1d;$d' | grep -v '^\[' | base64 -d | gunzip >listed
    run 0 "$deja" symbols "$1"
    cmp listed out || fail "$1: $(diff listed out | grep -c '^[<>]') lines differ from the guest's own /proc/kallsyms"
    cp out "$1.symbols"
}

run 0 "$deja" record -o still -kernel "$kernel" -initrd initrd.gz -m 128M --seed 7 --epoch 1700000000 -append console
compare still
run 0 "$deja" debug still -- "${gdb[@]}" -ex 'last-call *0x80200000' -ex 'printf "tree %lu\n", $a1' \
    -ex 'dump binary memory tree $a1 $a1+8192'
mark=$(sed -n 's/^deja: at \([0-9,]*\) .*/\1/p' err | tr -d ,)
tree=$(sed -n 's/^tree //p' out)

# The name is written over that of a property that may be missing.
cat >pokes.py <<'PYTHON'
import struct, sys
bytes, base = open("tree", "rb").read(), int(sys.argv[1])
strings = struct.unpack(">I", bytes[12:16])[0]
spare = bytes.index(b"riscv,cbom-block-size\0", strings)
value = bytes.index(b"console\0")
name = b"kaslr-seed\0\0\0\0\0\0"
for at, piece in (spare, name[:8]), (spare + 8, name[8:12]), (value - 4, struct.pack(">I", spare - strings)), \
        (value, struct.pack(">I", int(sys.argv[2]))), (value + 4, struct.pack(">I", int(sys.argv[3]))):
    print(f"--poke phys:{base + at:#x}={int.from_bytes(piece, 'little'):#x}:{len(piece)}")
PYTHON

for seed in "0 1" "287454020 1432778632"; do
    # shellcheck disable=SC2046,SC2086
    run 0 "$deja" branch still --at "$mark" -o moved --force $(python3 pokes.py "$tree" $seed)
    compare moved
    paste -d' ' still.symbols moved.symbols | python3 -c '
import sys
rows = [line.split() for line in sys.stdin]
distances = {int(row[3], 16) - int(row[0], 16) for row in rows if row[1:3] == row[4:6]}
print(f"{len(rows)} symbols moved by", *map(hex, distances))
sys.exit(len(distances) != 1 or distances == {0} or next(iter(distances)) % 0x200000)' || fail "not one distance: seed $seed"
done

run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug moved -- "${gdb[@]}" -ex 'break do_sys_openat2' -ex reverse-continue -ex bt \
    -ex guest-bt -ex guest-ps -ex 'last-write jiffies_64 8'
grep -Eq '^#0 +0x[0-9a-f]+ in do_sys_openat2 ' out || fail "gdb does not know where it is"
grep -Eq '^#[1-4] .* in do_trap_ecall_u ' out || fail "no backtrace"
grep -Eq '^#[1-4] .* in do_trap_ecall_u\+0x' out || fail "no backtrace of deja's own"
grep -Eq '^ +1 +1 +S +- +init$' out || fail "no processes"
grep -Eq 'by pc 0x[0-9a-f]+ <[a-z0-9_]+\+0x' out || fail "what changed memory has no name"
[ $failures -eq 0 ] || tail -n 60 out
finish

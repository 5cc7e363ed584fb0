#!/bin/bash
# Debian boots, the recording of it replays with equal state, whatever the way, and another run with the same choices is the
# same run.
. "$(dirname "$0")/lib.sh"
examples=$here/../../examples
debian=$("$examples/fetch-debian.sh") || exit 1
cd "$work" || exit 1
DEJA_BUSYBOX=$debian/busybox "$examples/make-initramfs.sh" -c 'echo the guest is up' -c 'uname -m' -c 'md5sum /bin/busybox' \
    -c 'head -c 16 /dev/urandom | od -x' initrd.gz || exit 1
machine=(-kernel "$debian/vmlinux" -initrd initrd.gz -append "console=ttyS0" -m 256M --seed 7 --epoch 1700000000)

run 0 "$deja" record -o boot "${machine[@]}"
cp out recorded
grep -q 'the guest is up' recorded || fail "no sign of life"
grep -q 'riscv64' recorded || fail "no uname"
grep -q 'Power down' recorded || fail "no power-off"
says 'instructions, .* snapshots'
size=$(wc -c <boot)
[ "$size" -lt 120000000 ] || fail "the recording takes $size bytes"

run 0 "$deja" replay boot
cmp recorded out || fail "the replay's console differs"
says '([0-9]+) of \1 state hashes equal'
grep -o 'replayed.*' err

run 0 "$deja" verify --lockstep boot
says 'by both engines, equal at 1,[0-9]{3} stops, ([0-9]+) of \1 state hashes equal'
run 0 "$deja" replay --engine interp boot
cmp recorded out || fail "the interpreter's console differs"

run 0 "$deja" run "${machine[@]}"
cmp recorded out || fail "the same seed and epoch made another run"

run 0 "$seek_tool" boot 1 4
run 0 "$deja" info --json boot
grep -q '"complete": true' out || fail "info does not call it complete"
if command -v sqlite3 >/dev/null; then
    sqlite3 -readonly boot "select count(*) from console where cast(text as text) like '%the guest is up%'" >rows 2>&1 ||
        fail "the query of docs/FORMAT.md fails: $(cat rows)"
    grep -qx '[1-9][0-9]*' rows || fail "sqlite3 does not find the guest's words: $(cat rows)"
fi
finish

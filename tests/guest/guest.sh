#!/bin/sh
# Runs one guest program in every way there is, and compares console and exit status:
#
#     guest.sh DEJA SEEK_TOOL QEMU PROGRAM STATUS [INPUT]
#
# live, recorded, replayed, replayed by the other engine, by both side by side (translated blocks of several lengths),
# replayed through random seeks; and on QEMU, unless QEMU is "none" (QEMU is its command line,
# the program excluded). INPUT is a file of console input. The program is expected to end with STATUS.
deja=$1 seek_tool=$2 qemu=$3 program=$4 status=$5 input=${6:-/dev/null}

[ -x "$deja" ] || { echo "$deja: not built"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
machine="-bios none -m 16M --seed 1 --epoch 1700000000 --max-icount 4G"
failed=0

# try NAME STATUS COMMAND...: console to NAME.out
try() {
    name=$1 wanted=$2
    shift 2
    "$@" <"$input" >"$work/$name.out" 2>"$work/$name.err"
    got=$?
    [ $got -eq "$wanted" ] && return
    echo "FAILED: $name: exit status $got instead of $wanted: $*"
    tail -n 20 "$work/$name.out" "$work/$name.err"
    failed=1
}

same() {
    [ -e "$work/$2.out" ] || return
    cmp -s "$work/$1.out" "$work/$2.out" && return
    echo "FAILED: the console differs between $1 (<) and $2 (>)"
    diff "$work/$1.out" "$work/$2.out" | head -n 20
    failed=1
}

clipped=$status
[ "$status" -gt 63 ] && clipped=63
# shellcheck disable=SC2086
try live $clipped "$deja" run $machine -kernel "$program"
# shellcheck disable=SC2086
try recorded $clipped "$deja" record -o "$work/rec" --snapshot-every 20k $machine -kernel "$program"
try replayed $clipped "$deja" replay "$work/rec"
try interpreted $clipped "$deja" replay --engine interp "$work/rec"
try verified 0 "$deja" verify "$work/rec"
for block in 1 2 16 64; do
    try lockstep$block 0 "$deja" verify --lockstep --stride 5k --hot 1 --block $block "$work/rec"
done
for seed in 1 2; do
    try seek$seed 0 "$seek_tool" "$work/rec" $seed 12
done
same live recorded
same recorded replayed
same recorded interpreted
if [ "$qemu" != none ]; then
    # shellcheck disable=SC2086
    try qemu $((status & 255)) sh -c "exec timeout 30 $qemu -kernel '$program' 2>&1" # semihosting speaks on stderr
    same live qemu
fi
if [ $failed -eq 0 ]; then
    grep '^deja:.*equal' "$work/replayed.err"
fi
exit $failed

#!/bin/sh
# What an architecture test leaves in memory, in a file; and what is said when there is nothing to leave, or nowhere:
#
#     signature.sh DEJA PROGRAM OTHER-PROGRAM
deja=$1 program=$2 other=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# expect STATUS COMMAND...
expect() {
    wanted=$1
    shift
    "$@" </dev/null >"$work/out" 2>"$work/err"
    got=$?
    [ $got -eq "$wanted" ] && return
    echo "FAILED: exit status $got instead of $wanted: $*"
    cat "$work/err"
    failed=1
}

says() {
    grep -q "$1" "$work/err" && return
    echo "FAILED: does not say \"$1\""
    cat "$work/err"
    failed=1
}

same() {
    cmp -s "$work/expected" "$1" && return
    echo "FAILED: the signature differs"
    diff "$work/expected" "$1"
    failed=1
}

printf '%s\n' 89abcdef 01234567 0000beef >"$work/expected"
expect 0 "$deja" run -bios none -m 16M -kernel "$program" --signature "$work/signature"
same "$work/signature"
echo "something longer that was there before, over several lines" >"$work/signature2"
expect 0 "$deja" record -o "$work/rec" -bios none -m 16M -kernel "$program" --signature "$work/signature2"
same "$work/signature2"
expect 0 "$deja" verify "$work/rec"

expect 64 "$deja" run -bios none -m 16M -kernel "$other" --signature "$work/none"
says 'begin_signature'
[ ! -e "$work/none" ] || { echo "FAILED: an empty file is left behind"; failed=1; }
expect 73 "$deja" run -bios none -m 16M -kernel "$program" --signature "$work/no/such/directory"
if [ -w /dev/full ]; then
    expect 74 "$deja" run -bios none -m 16M -kernel "$program" --signature /dev/full
    says '/dev/full'
fi
exit $failed

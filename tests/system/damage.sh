#!/bin/bash
# Damaged recordings through the command: refused (65), or found different (70), or as good as new; never a crash and never
# silently wrong.
#
#     damage.sh DEJA GUESTS SEEK_TOOL [ROUNDS]
. "$(dirname "$0")/lib.sh"
rounds=${4:-100}
cd "$work" || exit 1
RANDOM=815

# shellcheck disable=SC2046
run 0 "$deja" record -o good --snapshot-every 50k $(guest integer)
run 0 "$deja" replay good
cp out good.console
size=$(wc -c <good)
refused=0

for round in $(seq "$rounds"); do
    cp good bad
    case $((round % 3)) in
    0) # one byte
        offset=$(((RANDOM << 15 | RANDOM) % size))
        printf "\\x$(printf %02x $((RANDOM % 256)))" | dd of=bad bs=1 seek=$offset conv=notrunc status=none
        ;;
    1) # a stretch of noise
        offset=$(((RANDOM << 15 | RANDOM) % size))
        head -c $((RANDOM % 3000 + 1)) good | rev 2>/dev/null | head -c 3000 |
            dd of=bad bs=1 seek=$offset conv=notrunc status=none
        ;;
    2) truncate -s $(((RANDOM << 15 | RANDOM) % size)) bad ;;
    esac
    timeout 60 "$deja" replay bad >replayed 2>err </dev/null
    got=$?
    case $got in
    0) cmp -s replayed good.console || fail "round $round: replayed, but another console" ;;
    65 | 66 | 70) refused=$((refused + 1)) ;;
    *) fail "round $round: exit status $got: $(tail -n 1 err)" ;;
    esac
    timeout 60 "$deja" verify bad >/dev/null 2>err </dev/null
    got=$?
    case $got in
    0) cmp -s bad good || cmp -s replayed good.console || fail "round $round: verified, but wrong" ;;
    65 | 66 | 70) ;;
    *) fail "round $round: verify: exit status $got: $(tail -n 1 err)" ;;
    esac
done
echo "$refused of $rounds refused"
[ $refused -gt $((rounds / 4)) ] || fail "hardly any damage was noticed"
finish

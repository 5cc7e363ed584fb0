#!/bin/bash
# kill -9 at random moments of a recording: at most the last second is lost, and the rest replays.
#
#     kill9.sh DEJA GUESTS SEEK_TOOL [ROUNDS]
. "$(dirname "$0")/lib.sh"
rounds=${4:-50}
cd "$work" || exit 1
RANDOM=4711

lines() { grep -c tick "$1"; }

for round in $(seq "$rounds"); do
    rm -f rec rec-wal rec-shm
    # shellcheck disable=SC2046
    "$deja" record -o rec $(guest ticker) --pace real >out 2>err </dev/null &
    pid=$!
    ms=$((RANDOM % 1800))
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    before=$(lines out)
    kill -9 $pid
    wait $pid 2>/dev/null
    "$deja" replay rec >replayed 2>err </dev/null
    got=$?
    # In its first second a recording may hold nothing yet; then that is what is said.
    if [ $got -ne 0 ] && [ $ms -lt 1300 ]; then
        [ $got -eq 65 ] || [ $got -eq 66 ] || fail "round $round: exit status $got: $(tail -n 1 err)"
        continue
    fi
    [ $got -eq 0 ] || { fail "round $round: exit status $got: $(tail -n 1 err)"; continue; }
    grep -q 'equal' err || fail "round $round: no word of equal hashes"
    # What was replayed is a beginning of what was seen.
    head -c "$(wc -c <replayed)" out | cmp -s - replayed || fail "round $round: another console"
    # At most the last second is missing, and what the machine's load adds to it.
    [ $((before - $(lines replayed))) -le 300 ] ||
        fail "round $round: $before lines were printed, $(lines replayed) are left"
    rounds_replayed=$((rounds_replayed + 1))
done
[ "${rounds_replayed:-0}" -gt $((rounds / 4)) ] || fail "only ${rounds_replayed:-0} of $rounds recordings held anything"
echo "${rounds_replayed:-0} of $rounds recordings replayed"
finish

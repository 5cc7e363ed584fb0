#!/bin/bash
# A run that is told to end, ends cleanly: what was recorded is sealed and replays.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

for signal in TERM INT HUP; do
    # a shell's background job ignores SIGINT unless it has a session of its own
    # shellcheck disable=SC2046
    env --default-signal=INT,HUP "$deja" record -o "$signal" $(guest endless) >out 2>err </dev/null &
    pid=$!
    sleep 0.7
    kill -$signal $pid
    wait $pid
    got=$?
    [ $got -eq 0 ] || fail "exit status $got after SIG$signal"
    grep -q 'instructions' err || fail "no closing line after SIG$signal"
    run 0 "$deja" replay "$signal"
    says 'state hashes equal'
    cmp -s out "$work/out" || fail "the console differs after SIG$signal"
    run 0 "$deja" info "$signal"
    grep -q complete "$work/out" || fail "not sealed after SIG$signal"
    [ ! -e "$signal-wal" ] || fail "a -wal was left after SIG$signal"
done
finish

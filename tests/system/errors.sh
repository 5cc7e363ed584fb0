#!/bin/bash
# Every way to fail: the exit status, and one line that says what, where, and the mend.
. "$(dirname "$0")/lib.sh"

# Nothing but one line "deja: ...; ... (status)".
one_line() {
    [ "$(wc -l <"$work/err")" -eq 1 ] && grep -Eq "^deja: .*; .* \($1\)\$" "$work/err" && return
    fail "not one line that says what, the mend and ($1):"
    cat "$work/err"
}

# refused STATUS PATTERN ARGUMENTS...
refused() {
    local status=$1 pattern=$2
    shift 2
    run "$status" "$deja" "$@"
    one_line "$status"
    says "$pattern"
    [ ! -s "$work/out" ] || fail "something on stdout: deja $*"
}

cd "$work" || exit 1
program=$guests/integer.elf
echo "this is no machine's code at all" >text
mkdir directory
: >empty

# 64: the command line
refused 64 'no command; give run'
refused 64 'frob: no such command' frob
refused 64 'nothing to boot; give -kernel' run
refused 64 '-frob: deja run has no such option' run -frob
refused 64 '--gdb: belongs to deja debug' run --gdb :1
refused 64 '-kernel: belongs to deja run' replay x -kernel y
refused 64 '-smp 4: not offered; give 1' run -smp 4 -kernel "$program"
refused 64 '-M spike: not offered' run -M spike -kernel "$program"
refused 64 '-m lots: wants a size' run -m lots -kernel "$program"
refused 64 '-m: wants an argument' run -m
refused 64 '--pace slow: not offered; give fast.real' run --pace slow -kernel "$program"
refused 64 '--engine fast: not offered' run --engine fast -kernel "$program"
refused 64 '--epoch .*too far' run --epoch 99999999999999 -kernel "$program"
refused 64 'no recording named' record -kernel "$program"
refused 64 'no recording named' replay
refused 64 'extra: one argument too many' run extra
refused 64 '.-m.' run -bios none -m 0 -kernel "$program"

# 65: what is there is not what it should be
run 0 "$deja" record -o good $(guest integer)
cp "$program" alien
refused 65 'alien: not a deja recording' replay alien
refused 65 'alien: not a deja recording' info alien
refused 65 'alien: not a deja recording' verify alien
refused 65 'alien: not a deja recording' debug alien --gdb :0
refused 65 'empty: ' replay empty
head -c 20000 good >short
refused 65 'short: ' replay short
if command -v sqlite3 >/dev/null; then
    sqlite3 other 'create table t(x); insert into t values(1);'
    refused 65 'other: not a deja recording' replay other
    cp good newer
    sqlite3 newer 'pragma user_version = 999;'
    refused 65 'newer: has format 999' replay newer
    says 'update deja'
fi

# 66: what is missing
refused 66 '/nowhere: no such file; .*-kernel' run -kernel /nowhere
refused 66 '/nowhere: no such file; .*-initrd' run -kernel "$program" -initrd /nowhere
refused 66 '/nowhere: no such file; .*-bios' run -kernel "$program" -bios /nowhere
refused 66 'directory: is a directory' run -kernel directory
refused 66 'nowhere: no such file' replay nowhere
refused 66 'nowhere: no such file' info nowhere

# 73: cannot create
refused 73 'good: already exists; .*--force' record -o good $(guest integer)
refused 73 'nowhere/x: ' record -o nowhere/x $(guest integer)
refused 73 'directory: ' record -o directory $(guest integer)
refused 73 'directory: ' record --force -o directory $(guest integer)
[ -d directory ] || fail "--force replaced a directory"
run 0 "$deja" replay good
run 0 "$deja" record --force -o good $(guest integer)

# 74: it cannot be written
for arguments in "info good" "info --json good" "help" "--version" "record -h" "replay good" "run $(guest integer)"; do
    # shellcheck disable=SC2086
    "$deja" $arguments >/dev/full 2>"$work/err" </dev/null
    got=$?
    [ $got -eq 74 ] || fail "exit status $got instead of 74: deja $arguments >/dev/full"
    says 'No space left'
done
# A file size limit is met as a full disk: the run ends cleanly, and what is there replays.
(ulimit -f 6000 && exec timeout 60 "$deja" record -o limited $(guest endless) --snapshot-every 100k --max-icount 3G \
    >/dev/null 2>"$work/err" </dev/null)
got=$?
[ $got -eq 74 ] || fail "exit status $got instead of 74 at the file size limit"
one_line 74
run 0 "$deja" replay limited

# Closed standard streams are closed, and nothing of ours takes their place.
run 0 "$deja" record --force -o closed $(guest integer)
"$deja" record --force -o closed $(guest integer) <&- >&- 2>&-
[ $? -eq 74 ] || fail "no complaint about a closed console"
"$deja" info good >&- 2>"$work/err"
[ $? -eq 74 ] || fail "no complaint about a closed stdout"
run 0 "$deja" replay good

# A guest that waits for what cannot come has not succeeded.
run 66 "$deja" record -o waiting $(guest waiting)
says 'waits for ever.*\(66\)'
run 0 "$deja" replay waiting

# A pipe that closes is nobody's failure to die of.
"$deja" run $(guest integer) 2>"$work/err" </dev/null | head -n 1 >/dev/null
got=${PIPESTATUS[0]}
[ "$got" -lt 128 ] || fail "a closed pipe killed deja: $got"
{ sleep 0.3; exec "$deja" info good 2>"$work/err"; } | true
got=${PIPESTATUS[0]}
[ "$got" -eq 0 ] && [ ! -s "$work/err" ] || fail "exit status $got, and a complaint about a reader who has seen enough"

# No name is no file.
run 64 "$deja" record -o "" $(guest integer)
says 'no recording named'
run 64 "$deja" branch good -o "" --at 10
says 'no recording named'

# A guest's own status is passed on, 63 at most.
run 42 "$deja" run $(guest tohost)
says 'status 42'
run 63 "$deja" run $(guest status300)
says 'status 300.*63'
run 0 "$deja" run $(guest endless) --max-icount 1,000,000
says '1,000,000 instructions'

# Help is no failure.
run 0 "$deja" --help
run 0 "$deja" help record
run 0 "$deja" record -h
grep -q 'usage: deja record' "$work/out" || fail "no help on stdout"
for command in debug symbols branch; do # a MARK in all its forms, wherever one is taken
    run 0 "$deja" "$command" -h
    grep -q '2h, 9min, 12.5s, 300ms, 40us, start, end, end-N, text:REGEX or a bookmark' "$work/out" ||
        fail "$command -h does not say what a MARK is"
done
run 0 "$deja" --version
grep -Eqx 'deja [0-9.]+' "$work/out" || fail "no version on stdout"
finish

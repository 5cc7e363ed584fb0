#!/bin/bash
# deja diff from outside: exit statuses, what it names first, and that people and machines are told the same.
#
#     diff.sh DEJA GUESTS SEEK_TOOL
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# recorded NAME GUEST OPTIONS...: what is typed comes from the file `typed`, which is all there from the start
recorded() {
    local name=$1 program=$2
    shift 2
    run_typed "$deja" record --force -o "$name" -bios none -kernel "$guests/$program.elf" --seed 1 --epoch 1 -m 16M "$@"
}
run_typed() {
    timeout 60 "$@" <typed >out 2>err || fail "exit status $?: $*: $(tail -n 1 err)"
}
told() { grep -q "$1" out || fail "not told: $1: $(head -5 out)"; }

# One run, recorded twice: snapshots at other marks change nothing.
: >typed
recorded a trap --snapshot-every 5k
recorded b trap --snapshot-every 7,777
run 0 "$deja" diff a b
told '^equal: [0-9,]* instructions, 0 inputs$'
[ "$(wc -l <out)" -eq 1 ] || fail "more than one line for equal runs"
run 0 "$deja" diff a a --json
told '"equal": true'

# The beginning of a run is not the run.
recorded c trap --max-icount 3,000
run 1 "$deja" diff a c
told '^equal for 3,000 instructions, where c ends; a goes on to [0-9,]*$'
run 1 "$deja" diff c a
told '^equal for 3,000 instructions, where c ends; a goes on to [0-9,]*$'

# Other machines are named, and compared as far as they can be.
recorded d trap --seed 2
run 1 "$deja" diff a d
told '^different machines: seed 0x1 / 0x2$'
recorded e trap -m 32M
run 1 "$deja" diff a e
told '^different machines: bytes of memory 0x1000000 / 0x2000000$'
recorded f timer
run 1 "$deja" diff a f
told '^different machines: kernel .*trap.elf .*timer.elf'

# Somebody typed something else.
printf 'hello\nq' >typed
recorded g echo
printf 'hellp\nq' >typed
recorded h echo
run 1 "$deja" diff g h
told '^equal for [0-9,]* instructions, then hart 0 at 0x[0-9a-f]* (.*): .* 0x6f / 0x70'
told '^the first input that differs: [0-9]*, console bytes "o" at [0-9,]* / [0-9]*, console bytes "p" at [0-9,]*$'
told 'uart 0 fifo'
run 1 "$deja" diff g h --json
if command -v python3 >/dev/null; then
    python3 - out <<'END' || fail "not the JSON that it should be"
import json, sys
d = json.load(open(sys.argv[1]))
assert d["equal"] is False and d["same_machine"] is True and d["hart"] == 0
a, b = d["inputs"]
assert bytes.fromhex(a["bytes"]) == b"o" and bytes.fromhex(b["bytes"]) == b"p"
assert a["instructions"] == d["machines_part_at"] <= d["equal_instructions"]
assert any((r["a"], r["b"]) == ("0x6f", "0x70") for r in d["registers"])
END
fi

# Both engines find the same place.
run 1 "$deja" diff g h
cp out jit
run 1 "$deja" diff g h --engine interp
cmp -s out jit || fail "another engine, another answer"

run 64 "$deja" diff a
says 'two recordings are compared'
run 66 "$deja" diff a nowhere
run 65 "$deja" diff a typed
finish

#!/bin/bash
# Pairs of recordings that part somewhere: what deja diff finds must be what stepping through both finds.
#
#     partings.sh DEJA PARTINGS GUESTS WORLDS
deja=$1 partings=$2 guests=$3 worlds=$4
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
RANDOM=815
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
# recorded NAME ELF TYPED OPTIONS...
recorded() {
    local name=$1 program=$2 typed=$3
    shift 3
    printf "$typed" | timeout 60 "$deja" record --force -o "$name" -bios none -kernel "$program" --epoch 1 -m 16M \
        --max-icount 100000 "$@" >out 2>err
    [ -s "$name" ] || fail "$name is not recorded: $(tail -n 1 err)"
}
# compared WHETHER A B: whether their harts part, or only their machines, or neither
compared() {
    "$partings" "$2" "$3" >out || fail "$2 $3: $(cat out)"
    grep -q "$1" out || fail "$2 $3: not $1: $(cat out)"
}
noise() { echo $((RANDOM << 15 | RANDOM)); }

# Somebody types something else, sooner or later, or nothing.
recorded a "$guests/echo.elf" 'hello\nq' --seed 1
recorded b "$guests/echo.elf" 'hellp\nq' --seed 1
recorded c "$guests/echo.elf" 'hello\nyou\nq' --seed 1
compared 'machines part at .*, harts part at' a b
compared 'machines part at' a c
compared 'machines do not part' a a

# Other machines, and runs of other lengths.
recorded b "$guests/echo.elf" 'hello\nq' --seed 2
compared 'machines part at 0,' a b
recorded b "$guests/echo.elf" 'hello\nq' --seed 1 --snapshot-every 777
"$partings" a b >out || fail "the same, typed again: $(cat out)"
recorded a "$guests/paging.elf" '' --seed 1
recorded b "$guests/paging_sv48.elf" '' --seed 1
compared 'machines part at 0, harts part at' a b
recorded b "$guests/paging.elf" '' --seed 1 --max-icount 5000
compared 'machines do not part' a b

# Branches that begin with a change: a register, or some bytes of memory.
registers=(ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 t3 t4 t5 t6)
parted=0
for program in "$guests/echo.elf" "$guests/trap.elf" "$guests/paging.elf" "$worlds/tour.elf" "$guests/random_interrupts.elf"; do
    recorded a "$program" 'hi\nq' --seed 1 --snapshot-every 9000
    end=$("$deja" info --json a | grep -o '"instructions": [0-9]*' | grep -o '[0-9]*$')
    for round in 1 2 3; do
        mark=$(($(noise) % (end - 2) + 1))
        if [ $((round % 2)) -eq 0 ]; then
            change=${registers[RANDOM % ${#registers[@]}]}=$(noise)
        else
            change=phys:$((0x80000000 + $(noise) % 0x10000 / 8 * 8))=$((RANDOM % 256)):1
        fi
        printf 'hi\nq' | timeout 60 "$deja" branch a -o b --force --at $mark --poke "$change" --max-icount 100000 >out 2>err
        [ -s b ] || fail "no branch at $mark: $(tail -n 1 err)"
        "$partings" a b >out || fail "$program, at $mark $change: $(cat out)"
        grep -q 'harts part at' out && parted=$((parted + 1))
    done
done
[ $parted -gt 4 ] || fail "only $parted branches part"
exit $((failures > 0))

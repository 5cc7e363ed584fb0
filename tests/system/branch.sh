#!/bin/bash
# deja branch from outside: what was recorded up to the mark stays, what comes after is another run, and the whole of it
# is a recording like any other.
#
#     branch.sh DEJA GUESTS SEEK_TOOL
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
RANDOM=404

# typed TEXT COMMAND...: runs it with that on its standard input
typed() {
    local text=$1
    shift
    printf "$text" | timeout 60 "$@" >out 2>err || fail "exit status $?: $*: $(tail -n 1 err)"
}
told() { grep -Eq "$1" out || fail "not told: $1: $(head -5 out)"; }
# field NAME: a number of the JSON in `out`
field() { grep -o "\"$1\": [0-9]*" out | grep -o '[0-9]*$'; }
# whole REC: verifies, seeks anywhere and back with equal hashes, and stands where it should
whole() {
    run 0 "$deja" verify "$1"
    says "^deja: $1: replayed .* state hashes equal"
    run 0 "$seek_tool" "$1" 815 24
}

typed 'hello\nthere\nq' "$deja" record -o old $(guest echo) --snapshot-every 10k
cp out old.console
cp old old.copy
run 0 "$deja" info old
told '^snapshots  [0-9]+, about every [1-9][0-9,]* instructions, '
run 0 "$deja" info old --json
end=$(field instructions)

# At any mark; something else is typed from there on.
for round in $(seq 6); do
    mark=$(((RANDOM << 15 | RANDOM) % end))
    typed 'Oh\nq' "$deja" branch old --at $mark -o new --force --snapshot-every 9k
    whole new
    run 0 "$deja" info new
    told "^branched   from old at $(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<<$mark)\$"
    # What the old one holds up to the mark is in the new one, and the rest is not.
    if command -v sqlite3 >/dev/null; then
        for rows in 'select * from input where icount <= ' \
            'select icount, vtime, state_hash, ram_hash from snapshot where icount < '; do
            for file in old new; do
                sqlite3 -readonly $file "$rows $mark order by id" >$file.rows || fail "sqlite3"
            done
            cmp -s old.rows <(head -n "$(wc -l <old.rows)" new.rows) || fail "at $mark: other rows: $rows"
        done
    fi
    run 1 "$deja" diff old new --json
    parted=$(field machines_part_at) equal=$(field equal_instructions)
    [ "$parted" -ge "$mark" ] || fail "branched at $mark, and differs at $parted already"
    [ "$equal" -ge "$((parted - 1))" ] || fail "$equal instructions equal, machines part at $parted"
    typed 'Oh\nq' "$deja" replay new
done
cmp -s old old.copy || fail "the old recording was written to"

# Branches of branches; a branch before its own beginning leaves what came between out of its lineage.
typed 'a\nq' "$deja" branch old --at 45,000 -o one
typed 'b\nq' "$deja" branch one --at 60,000 -o two
whole two
run 0 "$deja" info two
told '^branched   from one at 60,000$'
told '^           which is from old at 45,000$'
typed 'b\nq' "$deja" branch two --at 50,000 -o three
run 0 "$deja" info three
told '^branched   from two at 50,000$'
told '^           which is from old at 45,000$'
told ', format 3, complete$'

# Pokes are part of the history.
typed 'q' "$deja" branch old --at 65,000 -o poked --poke a0=5 --poke phys:0x80100000=0xabcd:2 --poke 0x80100008=1
whole poked
run 0 "$deja" info poked
told '^inputs .*, 3 pokes$'
if command -v gdb-multiarch >/dev/null; then
    asks() { run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug poked --at "$1" -- -nx -batch -ex "monitor $2"; }
    asks end 'last-write phys:0x80100000 2'
    told '^deja: 2 bytes at 0x80100000: 0x0 -> 0xabcd at 65,000 \([0-9.]* s\), by a poke of the branch, [0-9,]* instructions ago$'
    asks 65000 'last-write phys:0x80100000 2 == 0xabcd'
    told ' -> 0xabcd at 65,000 .*, by a poke of the branch, 0 instructions ago$'
    asks 64999 'last-write phys:0x80100000 2'
    told '^deja: 0x80100000 has not been changed before$'
    asks 64999 'next-write phys:0x80100000 16'
    told '^deja: 8 bytes at 0x80100000: 0x0 -> 0xabcd at 65,000 .*, by a poke of the branch, 1 instruction ahead$'
    asks start 'next-write 0x80100008 8 == 1'
    told '^deja: 8 bytes at 0x80100008: 0x0 -> 0x1 at 65,000 '
    asks end 'writes phys:0x80100000 16 64,999 65,000'
    told '^ *65,000 .* a poke of the branch  0x80100000: 0x0 -> 0xabcd$'
    asks end 'writes phys:0x80100000 16 65,000 66,000'
    told '^deja: none$'

    # Those of a session are changes too, until it goes back to the recording; they cut off what was recorded later.
    session() { run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug "$1" --at "$2" -- -nx -batch "${@:3}"; }
    session poked 64990 -ex 'set var *(long *)0x80100000 = 0x77' -ex 'stepi 30' -ex 'monitor last-write phys:0x80100000' \
        -ex 'stepi 30' -ex 'monitor writes phys:0x80100000' -ex 'monitor recording' -ex 'monitor seek 65,020' \
        -ex 'monitor last-write phys:0x80100000 2'
    told ': 0x0 -> 0x77 at 64,990 .*, by a poke of this session, 30 instructions ago$'
    told '^ *64,990 .* a poke of this session  0x80100000: 0x0 -> 0x77$'
    told ': 0x0 -> 0xabcd at 65,000 .*, by a poke of the branch, 20 instructions ago$'
    [ "$(grep -c 'a poke of the branch' out)" = 1 ] || fail "a poke that does not happen any more: $(grep poke out)"

    # One stands just after a store, and takes it back: that hides neither from the other.
    asks 65000 'last-write phys:0x80000000 65536'
    word=$(printf '0x%x' $(($(sed -n 's/^deja: .* at \(0x[0-9a-f]*\): .*/\1/p' out) & ~7)))
    asks 65000 "last-write phys:$word"
    was=$(sed -n 's/^deja: .*: \(0x[0-9a-f]*\) -> .*/\1/p' out) is=$(sed -n 's/^deja: .* -> \(0x[0-9a-f]*\) at .*/\1/p' out)
    mark=$(sed -n 's/^deja: .* -> .* at \([0-9,]*\) (.*/\1/p' out)
    session old "$mark" -ex "set var *(unsigned long *)$word = $was" -ex 'stepi' -ex "monitor last-write phys:$word"
    told "^deja: 8 bytes at $word: $was -> $is at $mark .*, by pc 0x[0-9a-f]*.*, 1 instruction ago\$"
    told "^deja: 8 bytes at $word: $is -> $was at $mark .*, by a poke of this session, 1 instruction ago\$"
fi
run 1 "$deja" diff old poked
told '^the first input that differs: .* / [0-9]*, poke at 65,000$'
told 'memory 0x80100000 .* 0xabcd$'
told 'x\[10\] \(a0\) .* 0x5$'
typed 'q' "$deja" branch poked --at 70,000 -o poked2
whole poked2
run 0 "$deja" info poked2
told '^inputs .*, 3 pokes$'
run 1 "$deja" diff poked poked2 --json
[ "$(field machines_part_at)" -gt 70000 ] || fail "the pokes of the past are another"
# One that decides how the guest ends: it goes to the finisher's address with what the finisher wants.
typed '' "$deja" branch old --at end-1 -o same
run 0 "$deja" diff old same
told '^equal: '

# Of a recording that was broken off, up to its end.
mkfifo line
"$deja" record -o broken $(guest echo) <line >broken.out 2>/dev/null &
pid=$!
exec 3>line
printf 'abc\n' >&3
for _ in $(seq 100); do
    sleep 0.1
    "$deja" info broken --json 2>/dev/null | grep -q '"console_inputs": [1-9]' && break
done
kill -9 $pid
wait $pid 2>/dev/null
exec 3>&-
typed 'next\nq' "$deja" branch broken -o mended
grep -q '^heard' out || fail "the mended run did not get to its end"
whole mended
run 1 "$deja" diff broken mended

# What cannot be, and says so before there is a file.
refused() {
    run 64 "$deja" branch "$@" -o never
    [ ! -e never ] || fail "a file was made: $*"
}
refused old
says 'the guest has ended the run at'
refused old --at 0 --poke a0=1
says 'mark 0 is what was booted'
refused old --at 100 --poke 0x10=1
says '0x10=1: no such memory at this mark'
refused old --at 100 --poke zz=1
says 'not understood; give ADDR=VALUE'
refused old --at 100 --poke 0x80100000=256:1
says 'give a greater size'
refused old --at 100 --poke 0x80100000=1:3
says 'give 1, 2, 4 or 8'
refused old --at nowhere
run 64 "$deja" branch old --at 100 -o old --force
says 'is what is branched from'
run 64 "$deja" branch old --at 100
says 'give -o and a path'
run 73 "$deja" branch old --at 100 -o one
says 'already exists'
cmp -s old old.copy || fail "the old recording was written to"
finish

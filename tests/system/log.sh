#!/bin/bash
# -d, -D, -dfilter, --perfmap: what is logged is true, and logging leaves the run as it is.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
all=in_asm,out_asm,exec,int,mmu

for name in paging trap selfmod; do
    # law 7: recorded with a log and without, replayed with and without: every hash is compared
    run 0 "$deja" record -o plain --force --snapshot-every 10k $(guest $name)
    run 0 "$deja" record -o logged --force --snapshot-every 10k --hot 1 -d $all -D record.log $(guest $name)
    run 0 "$deja" replay plain -d $all -D jit.log --hot 1
    says 'state hashes equal'
    run 0 "$deja" replay --engine interp logged -d $all -D interp.log --block 1
    run 0 "$deja" replay logged
    run 0 "$deja" verify --lockstep --stride 5k plain -d $all -D lockstep.log
    for log in record jit interp lockstep; do [ -s $log.log ] || fail "$name: $log.log is empty"; done

    # marks, modes and pcs of the blocks that were entered are right, and no chain was followed unseen
    python3 "$here/log.py" blocks interp.log jit.log || fail "$name: the blocks entered"

    # the same traps in the same places, whatever executes
    diff <(grep '^int' interp.log) <(grep '^int' jit.log) || fail "$name: the traps differ between engines"
    diff <(grep '^int' interp.log) <(grep '^int' record.log) || fail "$name: the traps differ from those recorded"
done
# what paging is about
run 0 "$deja" record -o paging --force $(guest paging)
run 0 "$deja" replay paging -d int,mmu -D log
grep -Eq '^int 0: [0-9]+ exception 13 \(load page fault\), epc 0x[0-9a-f]{16}, tval 0x140000000, S -> M$' log || fail "no load page fault"
grep -Eq '^mmu 0: [0-9]+ load S 0x0000000140000000 -> load page fault, block 0x' log || fail "no walk that fails"
grep -Eq '^mmu 0: [0-9]+ store S 0x[0-9a-f]{16} -> 0x[0-9a-f]+ .w., block 0x' log || fail "no walk that succeeds"
grep -Evq '^(int|mmu) ' log && fail "more than was asked for"
run 0 "$deja" record -o trap --force $(guest trap)
run 0 "$deja" replay trap -d int -D log
grep -q '^int .*exception 2 (illegal instruction), epc' log || fail "no illegal instruction in the log"
run 0 "$deja" record -o timer --force $(guest timer)
run 0 "$deja" replay timer -d int -D log
grep -q '^int .*interrupt 7 (machine timer interrupt)' log || fail "no timer interrupt"

# the filter
run 0 "$deja" replay paging -d in_asm,exec -D log --hot 1 -dfilter 0x80000000+0x40,0x80000200..0x800002ff
python3 "$here/log.py" inside log 0x80000000..0x8000003f 0x80000200..0x800002ff || fail "the filter"

# the host's code: as many bytes as it says, and none that objdump cannot read
run 0 "$deja" replay paging -d out_asm -D log --hot 1
if grep -q '^OUT: .* 0x' log; then
    python3 "$here/log.py" host_code log code || fail "sizes of host code"
    objdump -D -b binary -m i386:x86-64 code >listing
    [ "$(wc -l <listing)" -gt 1000 ] || fail "objdump sees little in the host code"
    grep -n '(bad)' listing | head -n 3 | grep . && fail "objdump cannot read all of the host code"

    # perf's map
    "$deja" replay paging --perfmap --hot 1 >/dev/null 2>&1 &
    child=$!
    wait $child || fail "--perfmap: exit status $?"
    map=/tmp/perf-$child.map
    python3 "$here/log.py" perf_map "$map" || fail "$map"
    grep -q ' guest_S_' "$map" || fail "no superblock in S-mode in $map"
    rm -f "$map"
else
    echo "this build does not translate: no host code to look at"
fi

# words
run 0 "$deja" run -d help
for item in in_asm out_asm exec int mmu; do grep -q "^  $item " out || fail "-d help does not list $item"; done
run 64 "$deja" replay paging -d exec,frob
says '^deja: -d frob: nothing of that name is logged; there is in_asm, out_asm, exec, int, mmu \(64\)$'
for range in 5 5..4 x..9 1+ 1+0 +1 .. 0x1-0x3 0xffffffffffffffff+2 99999999999999999999..1; do
    run 64 "$deja" replay paging -d exec -dfilter "$range"
    says '^deja: -dfilter .*: no range of addresses; give START..END, START.SIZE or START-SIZE \(64\)$'
done
run 64 "$deja" replay paging -D log
says '^deja: -D: nothing is logged; say what with -d'
run 73 "$deja" replay paging -d int -D "$work/nowhere/log"
says 'nowhere/log: No such file or directory; '
[ -c /dev/full ] && { run 74 "$deja" replay paging -d int -D /dev/full; says '^deja: -D: not all could be written'; }
finish

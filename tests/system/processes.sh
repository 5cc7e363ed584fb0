#!/bin/bash
# The processes that deja finds in a kernel's memory are those that the guest's own ps lists at that moment, and their call
# frames are where they must be.
. "$(dirname "$0")/lib.sh"
command -v gdb-multiarch >/dev/null || exit 77
examples=$here/../../examples
debian=$("$examples/fetch-debian.sh") || exit 1
cd "$work" || exit 1
mkdir private
export TMPDIR=$work/private
unset XDG_RUNTIME_DIR
DEJA_BUSYBOX=$debian/busybox "$examples/make-initramfs.sh" -c 'sleep 1000 &' -c 'sleep 0.1' -c 'ps -o pid,comm' \
    -c 'echo that was all' initrd.gz || exit 1
run 0 "$deja" record -o boot -kernel "$debian/vmlinux" -initrd initrd.gz -m 256M --seed 7 --epoch 1700000000 \
    -append "console=ttyS0 quiet"
tr -d '\r' <out | awk '/^ *PID +COMMAND *$/ { on = 1; next } /^that was all$/ { exit } on { print $1, $2 }' >listed
[ "$(wc -l <listed)" -gt 20 ] || fail "the guest lists $(wc -l <listed) processes only"
sleeper=$(sed -n 's/ sleep$//p' listed)

# asks COMMAND...: what gdb and the stub say to each, to $work/answer0, answer1, ...
asks() {
    local arguments=(-nx -batch -iex "set width 0" -iex "set confirm off") count=0 command
    for command; do
        arguments+=(-ex "echo \\n-- answer $((count++))\\n" -ex "$command")
    done
    run 0 sh -c 'exec "$@" 2>&1' sh "$deja" debug "$recording" -- "${arguments[@]}"
    rm -f answer*
    awk '/^-- answer [0-9]+$/ { name = "answer" $3; printf "" >name; next } /^$|^\[Inferior / { next } name { print >name }' out
}

# has N PATTERN: the answer to command N has a line that matches
has() {
    grep -Eq -- "$2" "answer$1" && return
    fail "answer $1 has no line like: $2"
    cat "answer$1"
}

# is N PATTERN: it is one line, and matches
is() {
    has "$1" "$2"
    [ "$(grep -c . "answer$1")" -eq 1 ] || fail "answer $1 is not one line: $(cat "answer$1")"
}

# At the moment when ps has written its own line, the last one, the two lists are the same. In /proc a kworker's name says
# more than its own.
recording=boot
asks 'output ^ *[0-9]+ ps' guest-ps guest-bt "guest-ps $sleeper" when
sed -n 's/^[* ] *[0-9]* *\([0-9]*\)  [A-Z]  .\{6\}\[\{0,1\}\([^]]*\).*/\1 \2/p' answer1 >found
names() { sed 's:kworker/.*:a kworker:' "$1" | sort; }
cmp <(names listed) <(names found) || diff <(names listed) <(names found) || fail "the guest's ps and guest-ps differ"
echo "$(wc -l <found) processes are those that the guest lists"
has 1 '^ +1 +1  S +-  init$'
has 1 '^ +2 +2  S +-  \[kthreadd\]$'
[ "$(grep -c '^\*' answer1)" -eq 1 ] || fail "not one of them runs"
running=$(sed -n 's/^\* *[0-9]* *\([0-9]*\)  R     0  .*/\1/p' answer1)
has 2 "^pid $running \(.*\), R"
has 3 "^ +$sleeper +$sleeper  S +-  sleep$"
[ "$(grep -c . answer3)" -eq 2 ] || fail "guest-ps PID shows more than one process"
is 4 "^[0-9,]+ instructions, .*, pid $running \(.*\)$"

# Where they are: in a handler of a system call, asleep in one, and in an interrupt of something else.
asks 'break do_sys_openat2' reverse-continue guest-bt when "guest-bt $sleeper" delete 'break riscv_timer_interrupt' \
    'reverse-continue' guest-bt 'guest-bt 99999' 'guest-bt soon'
has 2 '^pid [0-9]+ \([a-z]+\), R$'
has 2 '^#0 +0xffffffff[0-9a-f]+ in do_sys_openat2\+0x'
has 2 '^#1 +0xffffffff[0-9a-f]+ in (__riscv_)?sys_openat\+0x'
tail -n 1 answer2 | grep -Eq '^#[0-9]+ .* in (handle_exception|ret_from_[a-z]+)\+0x' || fail "it does not end in the entry code"
[ "$(sed -n '1s/, R$//p' answer2)" = "$(sed 's/.*, pid/pid/' answer3)" ] || fail "when and guest-bt disagree"
has 4 "^pid $sleeper \(sleep\), S$"
has 4 '^#0 +.* in __schedule\+0x'
has 4 ' in [a-z_]*nanosleep'
tail -n 1 answer4 | grep -Eq '^#[0-9]+ .* in (handle_exception|ret_from_[a-z]+)\+0x' || fail "it does not end in the entry code"
has 8 '^#0 +.* in riscv_timer_interrupt\+0x'
sed -n '/ in handle_exception+/,$p' answer8 | sed 1d >interrupted
grep -q '^#.* in [a-z]' interrupted || fail "nothing is said of what was interrupted: $(cat answer8)"
is 9 '^deja: pid 99999: not there at this mark; guest-ps lists what is \(69\)$'
is 10 '^deja: guest-bt: not understood; give guest-bt \[PID\] \(64\)$'

# The firmware runs on behalf of somebody, who has called it.
asks 'break *$mtvec' reverse-continue when guest-bt
is 2 ' M-mode, pc 0x8[0-9a-f]{7}, pid [0-9]+ \(.*\)$'
has 3 '^pid [0-9]+ \(.*\), R, in the firmware on its behalf: its callers may be missing$'
has 3 '^#0 +0xffffffff[0-9a-f]+ in [a-z_]*sbi_ecall\+0x'
has 3 '^#1 +0xffffffff[0-9a-f]+ in [a-z]'

# A variable of which only the name is known: gdb must be told how big it is, or what.
asks 'last-write jiffies_64' 'last-write jiffies_64 8' 'last-write * (long *) & jiffies_64' 'diff start end jiffies_64' \
    'diff start end jiffies_64 8'
has 0 '^gdb does not know how big that is: give a LEN$'
has 1 '^deja: 8 bytes at 0x[0-9a-f]+: 0x[0-9a-f]+ -> 0x[0-9a-f]+ at '
has 2 '^deja: 8 bytes at 0x[0-9a-f]+: 0x[0-9a-f]+ -> 0x[0-9a-f]+ at '
is 3 '^gdb does not know how big that is: give a LEN$'
is 4 '^0x[0-9a-f]+: 0x[0-9a-f]+ -> 0x[0-9a-f]+$'

# Before there is a kernel, before it is found as after, one line says so; and no process is named.
asks 'seek end' 'seek start' when guest-ps guest-bt 'seek 30ms' guest-ps guest-bt 'seek end' guest-ps
has 0 ', pid [0-9]+ \('
is 2 '^0 instructions, .*, pc 0x1000$'
is 3 '^deja: the kernel.s tasks: .* page tables .*; seek a later one \(69\)$'
is 4 '^deja: the kernel.s tasks: .* page tables .*; seek a later one \(69\)$'
is 6 '^deja: .*; seek a later one( \(69\))?$'
is 7 '^deja: .*; seek a later one \(69\)$'
has 9 '^ +1 +1  S +-  init$'
run 0 "$deja" debug boot --at start -- -nx -batch -ex when -ex guest-ps -ex guest-bt
says '^0 instructions, .*, pc 0x1000$'
says '^deja: kernel symbols: no kernel has turned its page tables on .*\(69\)$'

# In a bare program there never is one.
# shellcheck disable=SC2046
run 0 "$deja" record -o bare $(guest integer)
recording=bare
asks when guest-ps guest-bt
is 0 '^[0-9,]+ instructions, [0-9.]+ s, hart 0, M-mode, pc 0x[0-9a-f]+$'
is 1 '^deja: kernel symbols: no kernel has turned its page tables on .*\(69\)$'
is 2 '^deja: kernel symbols: no kernel has turned its page tables on .*\(69\)$'
[ -z "$(ls private)" ] || fail "something was left behind"
finish

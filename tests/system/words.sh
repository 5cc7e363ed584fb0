#!/bin/bash
# deja debug gives its words to the gdb that it starts, and --at takes what they leave: bookmarks, and text on the console.
. "$(dirname "$0")/lib.sh"
command -v gdb-multiarch >/dev/null || exit 77
cd "$work" || exit 1
mkdir private
export TMPDIR=$work/private
unset XDG_RUNTIME_DIR
gdb=(-nx -batch -iex "set width 0" -iex "set confirm on")

# shellcheck disable=SC2046
run 0 "$deja" record -o rec.deja $(guest uart)
sum=$(sha256sum <rec.deja)
run 0 "$deja" debug rec.deja -- "${gdb[@]}" -ex 'help last-write' -ex 'seek 1000' -ex 'bookmark early' -ex 'seek end' -ex back \
    -ex bookmarks -ex 'show confirm'
grep -q '^Go back to just after the instruction that last changed memory' out || fail "no words"
says '^1,000 instructions'
says '^ +1,000  early  \(here\)$'
grep -q 'redefine' out err && fail "gdb was asked whether it may"
grep -q '^Whether to confirm potentially dangerous operations is on' out || fail "gdb does not ask any more what it asked before"
[ -z "$(ls private)" ] || fail "a script was left behind"
[ "$(cat rec.deja.bookmarks)" = "1000 early" ] || fail "the file of bookmarks is $(cat rec.deja.bookmarks)"
[ "$(sha256sum <rec.deja)" = "$sum" ] || fail "a bookmark changed the recording"

run 0 "$deja" debug rec.deja --at early -- "${gdb[@]}" -ex when
says 'rec.deja: at 1,000 of '
run 64 "$deja" debug rec.deja --at late -- "${gdb[@]}"
says 'mark late: neither a mark nor a bookmark; .*\(64\)'
echo 'late 5' >>rec.deja.bookmarks
run 65 "$deja" debug rec.deja --at early -- "${gdb[@]}"
says 'rec.deja.bookmarks: line 2: not a mark and a name; mend the line, or remove the file \(65\)'
rm rec.deja.bookmarks
run 64 "$deja" debug rec.deja --at 'text:no such text' -- "${gdb[@]}"
says 'mark text:no such text: the console has no such line; .*\(64\)'
run 64 "$deja" debug rec.deja --at 'text:(' -- "${gdb[@]}"
says 'regular expression \(: .*\(64\)'
run 64 "$deja" debug rec.deja --at 'text:(a{999}){999}' -- "${gdb[@]}"
says 'too long, or it repeats too much'
# Ctrl-C at the terminal reaches both; gdb itself has no packet for it while it waits for a word's answer.
# shellcheck disable=SC2046
run 0 "$deja" record -o long.deja --max-icount 1G --force $(guest endless)
# By interpreting, so that it takes longer than the key; in the page that is executed, so that nothing is passed over.
run 0 "$deja" debug long.deja --engine interp -- "${gdb[@]}" \
    -ex 'shell (sleep 0.2; kill -INT $(ps -o ppid= -p $PPID)) &' \
    -ex 'monitor last-call 0x80000001' -ex 'monitor when'
says 'deja: broken off'
says '^1,000,000,000 instructions'
finish

#!/bin/sh
# A rule that cannot fail proves nothing: each is shown a tree that keeps it, and trees that break it in one place.
#   rules_can_fail.sh [CC]
here=$(cd "$(dirname "$0")" && pwd)
cc=${1:-cc}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

complain() {
    printf '%s\n' "$*"
    failures=$((failures + 1))
}

# A small house that keeps every rule.
build_house() {
    rm -rf "$tree/house"
    mkdir -p "$tree/house"
    cd "$tree/house" || exit 1
    mkdir icount snapshot engine hw replay gdbstub cli tests docs
    cp "$here/../../.clang-format" .
    for room in icount snapshot engine hw replay gdbstub; do
        printf '/* %s */\n#include <stdint.h>\n' $room >$room/$room.h
    done
    printf '\n#include "../icount/icount.h"\n' >>snapshot/snapshot.h
    cat >icount/err.def <<'END'
/* ERR(name, text) */
ERR(ONE, "one, of two")
ERR(TWO, "two (2)")
END
    printf '#include "err.def"\n#include "icount.h"\n' >icount/err.c
    cat >snapshot/pack.c <<'END'
/* while replaying, strcpy(a, b) is only words here */
#include "snapshot.h"

#include <lz4.h>

const char *const name = "replaying \" strcpy(a, b)"; /* and " here: strcpy(a, b) */
END
    printf '#include "door.h"\nint replaying;\n' >replay/door.c
    printf '#include "../hw/hw.h"\n' >replay/door.h
    printf '#include "../gdbstub/gdbstub.h"\n#include <unistd.h>\n' >cli/main.c
}

# keeps RULE: the house as it stands is fine
keeps() {
    found=$(sh "$here/$1.sh" "$tree/house" 2>&1)
    case $? in
    0) ;;
    77) echo "$1: skipped" ;;
    *) complain "$1 refuses a house that keeps it: $found" ;;
    esac
}

# breaks RULE WORDS: the house as it stands breaks it, and the finding has these words
breaks() {
    found=$(sh "$here/$1.sh" "$tree/house" 2>&1)
    case $?/$found in
    77/*) ;;
    1/*"$2"*) ;;
    *) complain "$1 misses: $2; says: $found" ;;
    esac
    build_house
}

build_house
for rule in layers sizes door banned places format tables machine; do
    keeps $rule
done

# layers
echo '#include "../engine/engine.h"' >>snapshot/pack.c; breaks layers "not to its left"
echo '#include "../replay/replay.h"' >>hw/hw.h; breaks layers "not to its left"
echo '#include "hw/hw.h"' >>engine/engine.h; breaks layers "not to its left"
echo '#include "../replay/door.h"' >>gdbstub/gdbstub.h; breaks layers "not the public header"
echo '#include "../icount/err.def"' >>cli/main.c; breaks layers "not the public header"
echo '#include "../../etc/passwd"' >>cli/main.c; breaks layers "a path through folders"
echo '#include "pack.c"' >>snapshot/snapshot.h; breaks layers "includes a .c file"
echo '#include "nowhere.h"' >>hw/hw.h; breaks layers "is not in hw"
echo '#include SOMETHING' >>hw/hw.h; breaks layers "computed"
echo ' #  include <time.h>' >>engine/engine.h; breaks layers "in a pure folder"
echo '#include <sys/socket.h>' >>cli/main.c; breaks layers "fenced in gdbstub"
echo '#include <sqlite3.h>' >>replay/replay.h; breaks layers "in a header"
for file in one two; do echo '#include <lz4.h>' >snapshot/$file.c; done; breaks layers "by 3 files"

# sizes
yes '' | head -801 >hw/uart.c; breaks sizes "801 lines"
{ echo 'void f(void)'; echo '{'; yes '    f();' | head -121; echo '}'; } >hw/uart.c; breaks sizes "121 lines: void f(void)"

# door
echo 'void f(void) { if (replaying) f(); }' >replay/live.c; breaks door "live.c"
echo 'void f(struct door *d) { if (d->recorded) f(d); }' >replay/live.c; breaks door "live.c"
echo 'static bool is_replay;' >hw/uart.c; breaks door "uart.c"

# banned
echo 'void f(char *a) { strcpy(a, "x"); }' >cli/one.c; breaks banned "strcpy"
echo 'int f(void) { return system ("x"); }' >cli/one.c; breaks banned "system"

# places
printf 'cd %s\n' "$tree/house" >tests/run.sh; breaks places "tests/run.sh:1"
printf 'see /ho%s/someone/x\n' me >docs/x.md; breaks places "docs/x.md:1"
printf 'fetch htt%s://mirror.example/x\n' p >tests/run.sh; breaks places "mirror.example"
printf 'apt from deb.mirror.exam%s.org\n' ple >tests/run.sh; breaks places "deb.mirror"

# format
printf 'int  f(void){return 1;}\n' >hw/uart.c; breaks format "uart.c"

# tables
echo 'ERR(THREE, "three", 3)' >>icount/err.def; breaks tables "has 3 columns"
echo 'ERR(ONE, "again")' >>icount/err.def; breaks tables "ERR(ONE) is also in line 2"
echo 'OOPS(THREE, "three")' >>icount/err.def; breaks tables "not explained"
echo 'x = 1' >>icount/err.def; breaks tables "not a row"
echo 'ERR(THREE, "three"' >>icount/err.def; breaks tables "does not end"
echo 'ROW(A, 1)' >hw/x.def; breaks tables "nobody reads it"
sed -i 1d icount/err.def; breaks tables "opens without a comment"

# machine
board() {
    printf 'MEMORY(RAM, 0x80000000, 0x00000000, "memory", "RAM")\nPART(U, u, 0x10000000, 0x00000100, 10, "serial", "a\\0b", "a (uart)")\n' >hw/board.def
    printf '| a | b | c | d | e |\n|---|---|---|---|---|\n| 0x80000000 | -m | | memory | RAM |\n' >docs/MACHINE.md
}
board; breaks machine "< 0x10000000 0x00000100 10 serial a (uart)"
board; echo '| 0x10000000 | 0x00000100 | 11 | serial | a (uart) |' >>docs/MACHINE.md; breaks machine "10 serial"
board; echo '| 0x10000000 | 0x00000100 | 10 | serial | a (uart) |' >>docs/MACHINE.md; keeps machine; build_house
board; rm docs/MACHINE.md; breaks machine "RAM"

# docs
printf 'see `pack.c`, `replay/door.c` and `tests`\n' >docs/x.md; keeps docs; build_house
printf 'see `nowhere.c`\n' >docs/x.md; breaks docs "nowhere.c is not there"
printf 'shown by `unit.nothing`\n' >docs/x.md; breaks docs "unit.nothing is not there"
printf 'in `replay/gate.c`\n' >docs/x.md; breaks docs "replay/gate.c is not there"

# purity: archives of one function each
archive() { # room, C text
    printf '%s\n' "$2" >"$tree/one.c"
    "$cc" -O1 -w -c "$tree/one.c" -o "$tree/one.o" && rm -f "$tree/lib$1.a" && ar rc "$tree/lib$1.a" "$tree/one.o"
}
purity() { sh "$here/purity.sh" "$here/purity.allow" "$tree/libicount.a" "$tree/libhw.a" 2>&1; }
impure() {
    archive hw "$2"
    found=$(purity)
    case $?/$found in
    1/*"$1"*) ;;
    *) complain "purity misses $1; says: $found" ;;
    esac
}
archive icount 'int shared(void) { return 1; }'
archive hw '#include <stdlib.h>
int shared(void); static const char *const t[] = {"a", "b"}; const char *f(int i) { return t[i]; }
void *g(void) { return malloc((size_t)shared()); }'
found=$(purity) || complain "purity refuses what it allows: $found"
impure 'hw: takes time from' '#include <time.h>
long f(void) { return time(0); }'
impure 'hw: takes open from' 'int open(const char *, int); int f(void) { return open("x", 0); }'
impure 'hw: takes getrandom from' 'long getrandom(void *, unsigned long, unsigned); long f(void *p) { return getrandom(p, 1, 0); }'
impure 'hw: takes pthread_create from' 'int pthread_create(); int f(void) { return pthread_create(); }'
impure 'hw: takes abort from' 'void abort(void); void f(void) { abort(); }'
impure 'hw: counter can be written' 'int counter = 1; int f(void) { return counter++; }'
impure 'can be written' 'int f(void) { static int calls; return calls++; }'
printf 'abort hw\n' >"$tree/allow"
case $(sh "$here/purity.sh" "$tree/allow" "$tree/libicount.a" 2>&1) in
*"no reason"*) ;;
*) complain "purity takes a row without a reason" ;;
esac

[ "$failures" -eq 0 ] || { echo "$failures of the rules' own tests failed"; exit 1; }
echo "every rule can fail"

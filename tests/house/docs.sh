#!/bin/sh
# What documents name is there: `unit.name`, `house.name`, `tests/path`, `room/file`, and files that stand alone, `name.c`.
#   docs.sh ROOT
root=$1
. "$(dirname "$0")/house.sh"

for file in "$root"/docs/*.md "$root"/README.md; do
    [ -f "$file" ] || continue
    for name in $(grep -o '`[^` ]*`' "$file" | tr -d '`' | sort -u); do
        case $name in
        unit.*) [ -f "$root/tests/unit/${name#unit.}.c" ] || breach "$file: $name is not there" ;;
        house.*) [ -f "$root/tests/house/${name#house.}.sh" ] || breach "$file: $name is not there" ;;
        *[*\<\{\$]*) ;;
        tests/* | replay/* | guest/* | engine/* | hw/* | gdbstub/* | cli/* | snapshot/* | icount/* | docs/* | examples/*)
            [ -e "$root/$name" ] || breach "$file: $name is not there" ;;
        */*) ;;
        *.c | *.h | *.def)
            [ -n "$(find "$root" -type d -name 'build*' -prune -o -type f -name "$name" -print)" ] ||
                breach "$file: $name is not there" ;;
        esac
    done
done
verdict

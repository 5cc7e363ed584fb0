#!/bin/sh
# docs/MACHINE.md shows the board as it is: every row of hw/board.def, and no other.
#   machine.sh ROOT
root=$1
. "$(dirname "$0")/house.sh"

doc=$root/docs/MACHINE.md
[ -f "$root/hw/board.def" ] || verdict
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# address, bytes, irq, node, text of each row, "-" for what it has not
awk -F, '
    function bare(s) { gsub(/^[ ")]+|[ ")]+$/, "", s); return s == "" ? "-" : s }
    /^(MEMORY|PART)\(/ {
        sub(/^[A-Z]+\(/, "")
        sub(/\)[ ]*$/, "")
        memory = NF == 5
        text = $0
        sub(/"[ ]*$/, "", text); sub(/.*"/, "", text)
        if (memory) print bare($2), bare($3), "-", bare($4), text
        else print bare($3), bare($4), bare($5), bare($6), text
    }' "$root/hw/board.def" | sed -e 's/^0x00000000 0x00000000 0 /- - - /' -e 's/^\(0x[0-9a-f]* 0x[0-9a-f]*\) 0 /\1 - /' -e 's/^\(0x80000000\) 0x00000000/\1 -m/' |
    sort >"$rows"

# The first table of the document.
shown=$(awk -F'|' '
    function bare(s) { gsub(/^[ `]+|[ `]+$/, "", s); return s == "" ? "-" : s }
    /^\|/ { if (++n > 2) print bare($2), bare($3), bare($4), bare($5), bare($6); next }
    n { exit }' "$doc" 2>/dev/null | sort)

differences=$(printf '%s\n' "$shown" | diff "$rows" -)
[ -z "$differences" ] || breach "docs/MACHINE.md is not hw/board.def (<: the board has, >: the page has):
$differences"
verdict

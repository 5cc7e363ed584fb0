#!/bin/sh
# Code is read by people: no file over 800 lines, no function over 120.
#   sizes.sh ROOT
# Functions are found by the house format: their braces stand alone in the first column.
root=$1
. "$(dirname "$0")/house.sh"

for file in $(files "$rooms tests examples" '*.c' '*.h'); do
    findings=$(code_of "$file" | awk -v file="$file" '
        /^\{$/ { start = NR; name = last }
        /^\}/ && start { if (NR - start - 1 > 120) print file ":" start ": " NR - start - 1 " lines: " name; start = 0 }
        !/^[ \t]*$/ { last = $0 }
        END { if (NR > 800) print file ": " NR " lines" }')
    [ -n "$findings" ] && breach "$findings"
done
verdict

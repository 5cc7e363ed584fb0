#!/bin/sh
# Code has one layout, that of .clang-format.
#   format.sh ROOT [CLANG_FORMAT]
# Versions of clang-format disagree, so that only the one that the tree is laid out with may judge it; exit 77: skipped.
root=$1
. "$(dirname "$0")/house.sh"

tool=
for candidate in $2 clang-format-14 clang-format; do
    "$candidate" --version 2>/dev/null | grep -q 'version 14\.' && tool=$candidate && break
done
[ -n "$tool" ] || { echo "clang-format 14 is not here: skipped"; exit 77; }

for file in $(files "$rooms tests examples" '*.c' '*.h'); do
    findings=$("$tool" --dry-run -Werror --style=file "$file" 2>&1 | grep -c 'error:')
    [ "$findings" -eq 0 ] || breach "$file: $findings places differ: $tool -i $file"
done
verdict

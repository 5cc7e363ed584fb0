#!/bin/sh
# Tables are the program: each .def says what its columns are, is read by somebody, and its rows are rows.
#   tables.sh ROOT
# All rows of a macro have equally many columns, and the header comment shows what they are. No two rows begin alike:
# they differ in the first column or, where that groups the rows (a table of a file, say), in the first two, or at
# least somewhere.
root=$1
. "$(dirname "$0")/house.sh"

for file in $(files "$rooms tests" '*.def'); do
    name=$(basename "$file")
    files "$rooms tests" '*' | grep -vxF "$file" | xargs grep -qE "[\"'/]$name[\"')]" /dev/null ||
        breach "$file: nobody reads it"
    findings=$(awk -f "$here/tables.awk" "$file")
    [ -n "$findings" ] && breach "$findings"
done
verdict

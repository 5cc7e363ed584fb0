#!/bin/sh
# One straight line: a folder includes its own files and the public headers of folders to its left, nothing else.
# Foreign headers are fenced (fences.allow), and the pure folders see only the parts of libc that cannot look outside.
#   layers.sh ROOT
root=$1
. "$(dirname "$0")/house.sh"

left_of() {
    case $1 in
    icount) echo "" ;;
    snapshot) echo "icount" ;;
    engine) echo "icount snapshot" ;;
    hw) echo "icount snapshot engine" ;;
    guest) echo "icount snapshot engine hw" ;;
    replay) echo "$pure" ;;
    gdbstub | trace) echo "$pure replay" ;;
    cli) echo "$pure replay gdbstub trace" ;;
    esac
}

pure_libc="inttypes.h limits.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h"

# Prints "line kind name": kind is q for "..", a for <..>, x for an include that cannot be read here.
includes() {
    awk -v keep_strings=1 -f "$here/code.awk" "$1" | awk '
        /^[ \t]*#[ \t]*include/ {
            sub(/^[ \t]*#[ \t]*include[ \t]*/, "")
            kind = /^"[^"]+"/ ? "q" : /^<[^>]+>/ ? "a" : "x"
            gsub(/[<>"]/, "")
            print NR, kind, $1
        }'
}

check_quoted() { # file, line, room, name
    case $4 in
    ../*/*/* | */../*) breach "$1:$2: \"$4\": a path through folders" ;;
    ../*) check_neighbour "$1" "$2" "$3" "${4#../}" ;;
    */*) check_neighbour "$1" "$2" "$3" "$4" ;;
    *.c) breach "$1:$2: \"$4\": includes a .c file" ;;
    *) [ -f "$root/$3/$4" ] || breach "$1:$2: \"$4\" is not in $3/" ;;
    esac
}

check_neighbour() { # file, line, room, folder/header
    folder=${4%%/*}
    if ! in_list "$folder" "$(left_of "$3")"; then
        breach "$1:$2: $3 includes $4, which is not to its left"
    elif [ "$4" != "$folder/$folder.h" ]; then
        breach "$1:$2: $4 is not the public header of $folder"
    fi
}

check_foreign() { # file, line, room, name
    fence=$(awk -v name="$4" '$1 == name { print $2 }' "$here/fences.allow")
    if [ -n "$fence" ]; then
        in_list "$3" "$(echo "$fence" | tr , ' ')" || breach "$1:$2: <$4> is fenced in $fence"
        case $1 in *.h) breach "$1:$2: <$4> in a header gets everywhere" ;; esac
    elif in_list "$3" "$pure" && ! in_list "$4" "$pure_libc"; then
        breach "$1:$2: <$4> in a pure folder"
    fi
}

for room in $rooms; do
    for file in $(files "$room" '*.c' '*.h' '*.def'); do
        while read -r line kind name; do
            case $kind in
            q) check_quoted "$file" "$line" "$room" "$name" ;;
            a) check_foreign "$file" "$line" "$room" "$name" ;;
            x) breach "$file:$line: an include that is computed" ;;
            esac
        done <<END
$(includes "$file")
END
    done
done

# Each fenced header in few files.
while read -r header folders most reason; do
    case $header in '' | '#'*) continue ;; esac
    for room in $(echo "$folders" | tr , ' '); do
        users=$(files "$room" '*.c' '*.h' | xargs grep -l "include *<$header>" /dev/null | wc -l)
        [ "$users" -le "$most" ] || breach "<$header> is included by $users files of $room: $most may"
    done
done <"$here/fences.allow"
verdict

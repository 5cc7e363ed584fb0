#!/bin/sh
# Pure rooms compute from what they are handed: no clock, file, thread or entropy, and no memory of their own.
#   purity.sh ALLOW ARCHIVE...     archives from left to right; ALLOW lists what each may take from outside (purity.allow)
# What an archive takes from those to its left is free. A data section that can be written is global state, and refused.
root=.
. "$(dirname "$0")/house.sh"
LC_ALL=C
export LC_ALL

allow=$1
shift
known=$(mktemp)
trap 'rm -f "$known"' EXIT

# Hardened builds call __memcpy_chk for memcpy, and guard the stack; the offset table is the linker's.
plain() {
    sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/^__isoc(99|23)_//; /^(__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$/d'
}

# May room $1 use symbol $2?
allowed() {
    while read -r pattern who reason; do
        case $pattern in '' | '#'*) continue ;; esac
        in_list "$1" "$(echo "$who" | tr , ' ')" || continue
        case $2 in $pattern) return 0 ;; esac
    done <"$allow"
    return 1
}

while read -r pattern who reason; do
    case $pattern in '' | '#'*) continue ;; esac
    [ -n "$reason" ] || breach "$allow: $pattern has no reason"
done <"$allow"

for archive; do
    room=$(basename "$archive" .a)
    room=${room#lib}
    [ -f "$archive" ] || { breach "$archive: not built"; continue; }
    nm -P --defined-only "$archive" 2>/dev/null | awk 'NF > 1 { print $1 }' >>"$known"
    for symbol in $(nm -P -u "$archive" 2>/dev/null | awk 'NF > 1 { print $1 }' | plain | sort -u | grep -vxFf "$known"); do
        allowed "$room" "$symbol" || breach "$room: takes $symbol from outside"
    done
    for state in $(nm -f sysv "$archive" 2>/dev/null |
        awk -F'|' '{ gsub(/ /, "") } $4 == "OBJECT" && $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ { print $1 }'); do
        breach "$room: $state can be written: global state"
    done
done
verdict

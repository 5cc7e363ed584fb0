#!/bin/sh
# with_symbols.sh NM ELF TEST: runs TEST with GUEST_<name>=<hex address> for each symbol of the ELF.
nm=$1 elf=$2 test=$3
for pair in $("$nm" "$elf" | awk '$2 ~ /^[BbDdTt]$/ && $3 ~ /^[a-z_]+$/ { print "GUEST_" $3 "=" $1 }'); do
    export "${pair?}"
done
exec "$test"

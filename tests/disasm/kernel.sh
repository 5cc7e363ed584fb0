#!/bin/sh
# kernel.sh FETCH-DEBIAN [first arguments of disasm.sh...]
# All code of Debian's riscv64 kernel: the section .text of the PE image that it also is (Microsoft's PE format, COFF file
# header and section table).
set -eu
image=$("$1")/vmlinux
shift
number() { od -A n -t u"$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
pe=$(number 60 4)
table=$((pe + 24 + $(number $((pe + 20)) 2)))
[ "$(tail -c +$((table + 1)) "$image" | head -c 5)" = .text ] || { echo "$image: its first section is not .text"; exit 1; }
"$(dirname "$0")/disasm.sh" "$@" "$image" "$(number $((table + 20)) 4)" "$(number $((table + 16)) 4)"

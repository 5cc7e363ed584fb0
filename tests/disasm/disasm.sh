#!/bin/sh
# disasm.sh AS STRIP OBJDUMP COMPARE FILE [OFFSET SIZE]
# Compares our disassembly of the bytes of FILE with objdump's. They are wrapped in an object, whose attribute tells objdump
# which extensions there are, and whose symbols are taken away, so that all of it is code.
set -eu
as=$1 strip=$2 objdump=$3 compare=$4 file=$5 offset=${6:-0} size=${7:-$(wc -c <"$5")}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/code.s" <<END
.attribute arch, "rv64imafdc_zicsr_zifencei_zicbom_zicboz_zba_zbb_zbc_zbs_zfh_svinval"
.text
.incbin "$file", $offset, $size
END
"$as" "$dir/code.s" -o "$dir/code.o"
"$strip" "$dir/code.o"
"$objdump" -d -z -w -M no-aliases "$dir/code.o" >"$dir/listing"
"$compare" <"$dir/listing"

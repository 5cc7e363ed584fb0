#!/bin/sh
# compare.sh DEJA QEMU STREAM RUNTIME FIRST LAST COUNT
# Runs the streams with seeds FIRST to LAST, COUNT instructions each, on deja and on qemu, and compares their digests.
set -eu
deja=$1 qemu=$2 stream=$3 runtime=$4 first=$5 last=$6 count=$7
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

differing=0
seed=$first
while [ "$seed" -le "$last" ]; do
    { cat "$runtime"; "$stream" "$seed" "$count"; } >"$dir/program.bin"
    timeout 60 "$qemu" -M virt -cpu rv64,Zfh=true -m 128M -nographic -bios "$dir/program.bin" \
        >"$dir/qemu.txt" 2>"$dir/qemu.err" </dev/null || { cat "$dir/qemu.err"; exit 1; }
    timeout 60 "$deja" run -bios none -kernel "$dir/program.bin" -m 128M ${DEJA_TEST_OPTIONS:-} \
        >"$dir/deja.txt" 2>"$dir/deja.err" </dev/null || { cat "$dir/deja.err"; exit 1; }
    if ! cmp -s "$dir/qemu.txt" "$dir/deja.txt"; then
        echo "seed $seed: the digests differ: $(cmp "$dir/qemu.txt" "$dir/deja.txt" 2>&1 || true)"
        differing=$((differing + 1))
    elif [ ! -s "$dir/deja.txt" ]; then
        echo "seed $seed: no digest was printed"
        differing=$((differing + 1))
    fi
    seed=$((seed + 1))
done
echo "$((last - first + 1)) streams of $count instructions, $differing differ"
[ "$differing" -eq 0 ]

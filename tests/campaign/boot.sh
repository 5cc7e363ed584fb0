#!/bin/bash
# Random pairs on a recording of Debian's boot; the plain search looks at each instruction of a stretch of it.
#
#     boot.sh DEJA CAMPAIGN COUNT SEED...
#
# All of it, ten thousand pairs, takes an hour; by hand: campaign REC --count 10000
deja=$1 campaign=$2 count=$3
shift 3
examples=$(dirname "$0")/../../examples
debian=$("$examples/fetch-debian.sh") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
DEJA_BUSYBOX=$debian/busybox "$examples/make-initramfs.sh" -c 'uname -m' -c 'md5sum /bin/busybox' "$work/initrd.gz" || exit 1
"$deja" record -o "$work/boot" -kernel "$debian/vmlinux" -initrd "$work/initrd.gz" -append console=ttyS0 -m 256M \
    --seed 7 --epoch 1700000000 </dev/null >"$work/out" 2>"$work/err" || { tail -n 3 "$work/err"; exit 1; }
failures=0
for seed; do
    "$campaign" "$work/boot" --count "$count" --seed "$seed" --stepped 3000000 || failures=1
done
exit $failures

#!/bin/bash
# Makes an initramfs out of Debian's static busybox that runs a list of commands and powers the machine off:
#
#     examples/make-initramfs.sh [-c COMMAND]... OUT.cpio.gz [FILE | FILE:PATH]...
#
#     -c COMMAND   a line for the guest's shell; the lines run in order, each to its end, whatever becomes of the
#                  others. Without any: a shell on the console, power-off when it is left.
#     FILE         is put into the guest's /bin, or at PATH
#
# The same inputs give the same bytes. No root is needed. DEJA_BUSYBOX names another busybox for riscv64; else
# fetch-debian.sh beside this script brings Debian's.
set -euo pipefail

# The applets that get a name of their own; every other one is there as `busybox NAME`.
applets="[ ash awk basename cat chmod chown chroot clear cmp cp cttyhack cut date dd df dirname dmesg du echo env expr
    false find free grep gunzip gzip head hexdump hostname id ifconfig ip kill less ln logger ls lsmod md5sum mkdir
    mknod mktemp modprobe more mount mv nc od ping poweroff printf ps pwd readlink reboot rm rmdir route sed seq setsid
    sh sha256sum sleep sort stat strings stty sync sysctl tail tar tee test time top touch tr true umount uname uniq
    uptime usleep vi wc which xargs yes"

fail() {
    echo "make-initramfs: $1" >&2
    exit "${2:-1}"
}

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0"
}

# Where FILE or FILE:PATH goes, without the leading slash.
guest_path() {
    case $1 in
    *:/*) echo "${1#*:/}" ;;
    *) echo "bin/${1##*/}" ;;
    esac
}

write_init() {
    cat <<'INIT'
#!/bin/sh
export PATH=/bin HOME=/ TERM=linux
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
INIT
    if [ ${#commands[@]} -gt 0 ]; then
        echo 'sh /etc/commands'
        mkdir -p "$root/etc"
        printf '%s\n' "${commands[@]}" >"$root/etc/commands"
    else
        echo 'setsid cttyhack sh'
    fi
    echo 'poweroff -f'
}

commands=()
while [ $# -gt 0 ]; do
    case $1 in
    -c) [ $# -ge 2 ] || fail "-c wants a command" 64; commands+=("$2"); shift 2 ;;
    -h | --help) usage; exit ;;
    --) shift; break ;;
    -*) fail "$1: not understood; see --help" 64 ;;
    *) break ;;
    esac
done
[ $# -ge 1 ] || fail "no output named; see --help" 64
command -v cpio >/dev/null || fail "cpio is missing; apt install cpio" 69
out=$1
shift
busybox=${DEJA_BUSYBOX:-$("$(dirname "$0")/fetch-debian.sh")/busybox}
[ -f "$busybox" ] || fail "$busybox: no such file; DEJA_BUSYBOX must name a static busybox for riscv64" 66

root=$(mktemp -d)
trap 'rm -rf "$root" "$out.new.$$"' EXIT
chmod 755 "$root"
umask 022
mkdir -p "$root"/{bin,dev,proc,sys,tmp}
chmod 1777 "$root/tmp"
install -m 755 "$busybox" "$root/bin/busybox"
for applet in $applets; do
    ln -s busybox "$root/bin/$applet"
done
write_init >"$root/init"
chmod 755 "$root/init"
for extra in "$@"; do
    file=${extra%%:/*}
    [ -f "$file" ] || fail "$file: no such file" 66
    mkdir -p "$(dirname "$root/$(guest_path "$extra")")"
    rm -f "$root/$(guest_path "$extra")"
    install -m "$([ -x "$file" ] && echo 755 || echo 644)" "$file" "$root/$(guest_path "$extra")"
done

# Order, times, owners and inode numbers are all that could differ between two runs.
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
    cpio --quiet --null --create --format=newc --reproducible --owner=0:0) | gzip -9n >"$out.new.$$"
mv "$out.new.$$" "$out"

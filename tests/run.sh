#!/bin/bash
# Installs what is missing (Debian, Ubuntu; as root or with sudo), builds everything, runs every test:
#
#     tests/run.sh
#
# built by gcc, then by clang, warnings being errors, once more with the address and undefined-behaviour sanitizers, and
# as it is on a host that has no back end of the JIT.
# The last lines are the summary. DEJA_BUILD names where to build; else build-tests here.
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/lib/packages.sh

builds=${DEJA_BUILD:-build-tests}
jobs=$(nproc)

# shellcheck disable=SC2086
packages_need $packages_build clang 'clang-format-14|clang-format' binutils python3 sqlite3 cpio expect procps \
    gdb-multiarch 'qemu-system-riscv|qemu-system-misc' 'qemu-user|qemu-user-static' gcc-riscv64-linux-gnu \
    libc6-dev-riscv64-cross gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf debian-archive-keyring

# build NAME COMPILER [cmake arguments]
build() {
    local name=$1 compiler=$2
    shift 2
    echo "=== $name: building with $compiler"
    cmake -S . -B "$builds/$name" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DDEJA_WERROR=ON "$@" >"$builds/$name.log" 2>&1 ||
        { cat "$builds/$name.log"; exit 1; }
    ninja -C "$builds/$name" -j "$jobs" >>"$builds/$name.log" 2>&1 || { tail -n 60 "$builds/$name.log"; exit 1; }
}

# run NAME [ctest arguments]; remembers a failure and goes on
failed=""
run() {
    local name=$1
    shift
    echo "=== $name: testing"
    ctest --test-dir "$builds/$name" -j "$jobs" --output-on-failure "$@" || failed="$failed $name"
}

mkdir -p "$builds"
export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
# Once, before several tests want it at the same time; when it fails, those tests will say so.
examples/fetch-debian.sh >/dev/null || true

build sanitized gcc -DDEJA_SANITIZE=address,undefined
build clang clang
build interpreted gcc -DDEJA_JIT=OFF
build gcc gcc
run sanitized -LE long -E '^house'
run clang -R '^(unit|guest)'
run interpreted -R '^(unit|guest)'
run gcc

if [ -n "$failed" ]; then
    echo "FAILED:$failed" >&2
    exit 1
fi

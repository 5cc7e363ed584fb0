#!/bin/bash
# Fetches Debian's riscv64 kernel and static busybox, and prints the directory that holds them:
#
#     vmlinux    the kernel, a Linux Image          busybox    a static riscv64 program
#     versions   which packages they came from
#
#     examples/fetch-debian.sh [--refresh]
#
# The packages come through apt, checked against Debian's archive key, with lists and state of their own: nothing on
# this machine is reconfigured and no root is needed. They are kept in a cache directory; the network is used once,
# or again with --refresh.
#
#     DEJA_CACHE           the cache; else $XDG_CACHE_HOME/deja, else ~/.cache/deja
#     DEJA_DEBIAN_MIRROR   a Debian mirror; else the one in this machine's apt sources
set -euo pipefail

suite=trixie
# Under which names a mirror may have it. While a mirror copies a new point release, what it says of the suite under one
# name may already speak of lists that it does not have yet; under another it is still as before.
suite_names="$suite stable oldstable"
caches=${XDG_CACHE_HOME:-~/.cache} # bash finds the home directory without HOME too
cache=$(realpath -m "${DEJA_CACHE:-$caches/deja}")
result=$cache/debian-$suite

fail() {
    echo "fetch-debian: $1" >&2
    exit "${2:-1}"
}

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0"
}

need() {
    command -v "$1" >/dev/null || fail "$1 is missing; apt install $2" 69
}

find_keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [ -e "$file" ] && echo "$file" && return
    done
    fail "Debian's archive key is missing; apt install debian-archive-keyring" 69
}

# Where a Debian mirror is named on this machine, best first: its own apt sources (apt reads both of their formats for
# us), then the defaults of tools that know one. On Ubuntu only the latter have one.
list_mirrors() {
    if [ -n "${DEJA_DEBIAN_MIRROR:-}" ]; then
        echo "$DEJA_DEBIAN_MIRROR"
        return
    fi
    {
        apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)' 2>/dev/null |
            awk '$1 == "Packages" && $2 == "main" && $4 !~ /security|ubuntu/ &&
                 $3 ~ /^(bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/ { print $4 }' || true
        sed -n 's/^DEF_MIRROR="\(.*\/debian\)"$/\1/p' /usr/sbin/debootstrap 2>/dev/null || true
        sed -n 's/^BaseURI: *\(.*\/debian\/\)$/\1/p' /usr/share/python-apt/templates/Debian.info 2>/dev/null || true
    } | sed 's:/*$::' | awk '!seen[$0]++'
}

# A whole apt of our own under $1: of the host's settings it keeps those of the network only (proxies, retries), and
# none of its hooks.
make_apt() {
    local apt=$1
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/archives/partial"
    : >"$apt/status"
    : >"$apt/main"
    apt-config dump | grep '^Acquire::' |
        grep -vE '^Acquire::(IndexTargets|Languages|GzipIndexes|CompressionTypes|Changelogs)' >"$apt/parts/network" || true
    cat >"$apt/config" <<CONFIG
APT::Architecture "riscv64";
APT::Architectures { "riscv64"; };
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::main "$apt/main";
Dir::Etc::parts "$apt/parts";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
CONFIG
}

# Updates from the mirror $3, by the suite's name $4; false when that has no lists, or those of another release.
update_from() {
    local apt=$1 keyring=$2 mirror=$3 name=$4
    rm -rf "$apt/lists"
    mkdir -p "$apt/lists/partial"
    echo "deb [arch=riscv64 signed-by=$keyring] $mirror $name main" >"$apt/sources.list"
    echo "fetch-debian: reading the package lists of $name from $mirror" >&2
    APT_CONFIG=$apt/config apt-get -qq update >&2 && grep -qx "Codename: $suite" "$apt"/lists/*_InRelease
}

# Updates from the first mirror that answers.
update_lists() {
    local apt=$1 keyring=$2 mirrors=$3 mirror name
    for name in $suite_names; do
        for mirror in $mirrors; do
            if update_from "$apt" "$keyring" "$mirror" "$name"; then
                return
            fi
        done
    done
    fail "no Debian mirror answered; check the network, or set DEJA_DEBIAN_MIRROR=<URL of a Debian mirror>" 69
}

# Downloads package $2 into the cache directory; prints the file's path.
download() {
    local apt=$1 package=$2 version file
    version=$(APT_CONFIG=$apt/config apt-cache --no-all-versions show "$package" | sed -n 's/^Version: //p' | head -n 1)
    [ -n "$version" ] || fail "the mirror's $suite has no $package; set DEJA_DEBIAN_MIRROR to another" 69
    file=$apt/archives/${package}_${version//:/%3a}_riscv64.deb
    if [ ! -e "$file" ]; then
        (cd "$apt/archives/partial" && APT_CONFIG=$apt/config apt-get -qq download "$package=$version" >&2) ||
            fail "$package could not be downloaded; check the network and the space in $apt" 74
        mv "$apt/archives/partial/${package}_"*.deb "$file"
    fi
    echo "$file"
}

# Writes the one file of package $1 that matches $2 to $3.
extract() {
    dpkg-deb --fsys-tarfile "$1" | tar -x --to-stdout --wildcards "$2" >"$3"
    [ -s "$3" ] || fail "$1 holds no $2; try --refresh" 65
}

fetch() {
    local apt=$cache/apt keyring mirrors meta kernel busybox made
    keyring=$(find_keyring)
    mirrors=$(list_mirrors)
    [ -n "$mirrors" ] ||
        fail "this machine's apt sources name no Debian mirror; set DEJA_DEBIAN_MIRROR=<URL of a Debian mirror>" 69
    make_apt "$apt"
    update_lists "$apt" "$keyring" "$mirrors"
    meta=$(APT_CONFIG=$apt/config apt-cache depends linux-image-riscv64 |
        sed -n 's/^ *Depends: \(linux-image-.*-riscv64\)$/\1/p' | head -n 1)
    [ -n "$meta" ] || fail "the mirror's $suite has no riscv64 kernel; set DEJA_DEBIAN_MIRROR to another" 69
    echo "fetch-debian: fetching $meta and busybox-static" >&2
    kernel=$(download "$apt" "$meta")
    busybox=$(download "$apt" busybox-static)

    # What interrupted runs left behind; the one in use stays.
    for made in "$cache/$suite".??????; do
        [ "$made" = "$(readlink -f "$result")" ] || rm -rf "$made"
    done
    made=$(mktemp -d "$cache/$suite.XXXXXX")
    extract "$kernel" './boot/vmlinu*-riscv64' "$made/vmlinux"
    extract "$busybox" './*bin/busybox' "$made/busybox"
    chmod 755 "$made" "$made/busybox"
    printf '%s\n' "${kernel##*/}" "${busybox##*/}" >"$made/versions"
    # Whoever reads the old directory may go on: the link moves in one step, and what was read stays until next time.
    rm -rf "$cache/$suite.old"
    [ ! -d "$result" ] || mv -T "$(readlink -f "$result")" "$cache/$suite.old"
    ln -sfn "${made##*/}" "$result.new"
    mv -T "$result.new" "$result"
}

case ${1:-} in
--help | -h) usage && exit ;;
"" | --refresh) ;;
*) fail "$1: not understood; give --refresh or nothing" 64 ;;
esac

if [ "${1:-}" = --refresh ] || [ ! -e "$result/versions" ]; then
    need apt-get apt
    need dpkg-deb dpkg
    need flock util-linux
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    # Somebody else may have fetched it while we waited.
    if [ "${1:-}" = --refresh ] || [ ! -e "$result/versions" ]; then
        fetch
    fi
fi
echo "$result"

# packages.sh: installs what is missing, by the names of Debian's and Ubuntu's packages. To be sourced.
#
#     packages_need cmake gcc 'qemu-system-riscv|qemu-system-misc'
#
# With a|b the first that the distribution has is taken. Installed packages are left alone; when none is missing, neither
# root nor the network is needed.

packages_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

packages_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Which of a|b|c apt would install.
packages_choose() {
    local candidate policy
    for candidate in ${1//|/ }; do
        policy=$(apt-cache policy "$candidate" 2>/dev/null)
        if [[ $policy == *"Candidate: "[^\(]* ]]; then
            echo "$candidate"
            return
        fi
    done
    echo "${1%%|*}" # apt will say that it does not know it
}

packages_need() {
    local wanted candidate found packages_missing="" chosen="" log
    for wanted; do
        found=""
        for candidate in ${wanted//|/ }; do
            if packages_installed "$candidate"; then found=yes; fi
        done
        if [ -z "$found" ]; then packages_missing="$packages_missing $wanted"; fi
    done
    if [ -z "$packages_missing" ]; then return 0; fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        for wanted in $packages_missing; do
            chosen="$chosen $(packages_choose "$wanted")"
        done
        echo "packages: here is neither root nor sudo; have root run: apt-get install$chosen" >&2
        return 69
    fi

    echo "installing:$packages_missing" >&2
    log=$(mktemp)
    # A third-party source that does not answer must not stop us: what we need is Debian's.
    packages_as_root apt-get -qq update >"$log" 2>&1 || tail -n 3 "$log" >&2
    for wanted in $packages_missing; do
        chosen="$chosen $(packages_choose "$wanted")"
    done
    # shellcheck disable=SC2086
    if ! packages_as_root apt-get -qq install -y --no-install-recommends $chosen >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        echo "packages: apt-get could not install what is missing; the whole of what it said is in $log" >&2
        return 69
    fi
    rm -f "$log"
}

# What building deja takes.
packages_build="gcc libc6-dev cmake ninja-build pkg-config|pkgconf libsqlite3-dev liblz4-dev libxxhash-dev libfdt-dev
    zlib1g-dev check opensbi"

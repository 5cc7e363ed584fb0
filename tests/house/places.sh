#!/bin/sh
# The tree names no place: not where it was written, nor a host on the network that a build or a test would lean on.
#   places.sh ROOT
# Documents may cite the public; which hosts, and why, is in places.allow.
root=$(cd "$1" && pwd)
. "$(dirname "$0")/house.sh"

texts() {
    find "$root" -type d \( -name .git -o -name 'build*' -o -name .cache -o -path "$root/tests/house" \) -prune -o -type f -print | sort |
        while read -r file; do
            grep -Iq . "$file" 2>/dev/null && printf '%s\n' "$file"
        done
}

# The checkout, the home of whoever works in it, the machine's name.
own_places() {
    case $root in /?*/?*) printf '%s\n' "$root" ;; esac
    case $HOME in /home/?* | /Users/?*) printf '%s\n' "$HOME" ;; esac
    name=$(hostname 2>/dev/null || uname -n)
    case $name in '' | localhost | debian | ubuntu | runner | deja | ????) ;; *-* | *[0-9]*) printf '%s\n' "$name" ;; esac
}

hosts='https?://[A-Za-z0-9.-]+|(^|[^A-Za-z0-9._/-])([a-z0-9-]+\.)+(com|org|net|dev|cloud|internal|corp|lan)([^A-Za-z0-9_(-]|$)'
places='/home/[a-z]+|/Users/[A-Za-z]+|/build/[a-z]+/'

list=$(mktemp)
trap 'rm -f "$list"' EXIT
own_places >"$list"

texts | while read -r file; do
    short=${file#"$root"/}
    grep -nFf "$list" "$file" | sed "s|^|$short:|"
    grep -nEo "$places" "$file" | sed "s|^|$short:|"
    grep -nEo "$hosts" "$file" | while read -r hit; do
        host=$(printf '%s\n' "${hit#*:}" | sed -E 's|^https?://||; s|^[^a-z0-9]||; s|[^A-Za-z0-9]*$||')
        awk -v host="$host" '$1 == host { found = 1 } END { exit !found }' "$here/places.allow" || printf '%s:%s\n' "$short" "$hit"
    done
done >"$list.found"
while read -r finding; do
    breach "$finding"
done <"$list.found"
rm -f "$list.found"
verdict

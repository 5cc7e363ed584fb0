# What the house rules share. Sourced; the caller has set $root to the tree that is to be checked.
# A rule calls `breach` for each finding and ends with `verdict`.

here=$(cd "$(dirname "$0")" && pwd)
breaches=0

# The rooms from left to right (docs/ARCHITECTURE.md), and the pure ones among them.
rooms="icount snapshot engine hw guest replay gdbstub trace cli"
pure="icount snapshot engine hw guest"

breach() {
    printf '%s\n' "$*"
    breaches=$((breaches + 1))
}

verdict() {
    [ "$breaches" -eq 0 ] && exit 0
    printf '%s: %s\n' "$(basename "$0" .sh)" "$breaches to mend"
    exit 1
}

# Files below $root/<folder>.. whose names match the patterns: files "$rooms tests" '*.c' '*.h'
files() {
    folders=$1
    shift
    set -f
    names=
    for pattern; do
        names="$names${names:+ -o }-name $pattern"
    done
    for folder in $folders; do
        [ -d "$root/$folder" ] && find "$root/$folder" -type d -name 'build*' -prune -o -type f \( $names \) -print
    done | sort
    set +f
}

# A C file with its comments and the contents of its strings blanked, line for line.
code_of() {
    awk -f "$here/code.awk" "$1"
}

# Is word $1 in the list $2?
in_list() {
    case " $2 " in *" $1 "*) return 0 ;; esac
    return 1
}

# lib.sh: what the tests of the whole command share. To be sourced; $1 deja, $2 the directory of guest programs, $3 seek_tool.
deja=$1 guests=$2 seek_tool=$3
here=$(dirname "$0")
[ -x "$deja" ] || { echo "$deja: not built"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# run STATUS COMMAND...: stdout and stderr to $work/out and $work/err
run() {
    wanted=$1
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ $got -eq "$wanted" ] && return
    fail "exit status $got instead of $wanted: $*"
    tail -n 5 "$work/err"
}

# says PATTERN: the last command's stderr has a line that matches
says() {
    grep -Eq -- "$1" "$work/err" && return
    fail "no line like: $1"
    tail -n 5 "$work/err"
}

# A guest program, as options of deja run and record.
guest() {
    echo "-bios none -m 16M --seed 1 --epoch 1700000000 -kernel $guests/$1.elf"
}

finish() {
    [ $failures -eq 0 ] && echo "all as it should be"
    exit $((failures > 0))
}

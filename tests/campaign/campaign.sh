#!/bin/bash
# Random pairs on recordings of guest programs that trap, are interrupted and change their page tables.
#
#     campaign.sh DEJA CAMPAIGN COUNT SEED ELF...
deja=$1 campaign=$2 count=$3 seed=$4
shift 4
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

# Programs of the guest's library are recorded with many snapshots, so that there is much to leave out, and with few.
for program; do
    for every in 700 40000; do
        "$deja" record --force -o "$work/rec" -bios none -kernel "$program" -m 16M --seed 1 --epoch 1700000000 \
            --snapshot-every $every --max-icount 1500000 </dev/null >"$work/out" 2>"$work/err"
        [ -s "$work/rec" ] || { echo "FAILED: $program is not recorded: $(tail -n 1 "$work/err")"; exit 1; }
        echo "== $(basename "$program"), a snapshot every $every"
        "$campaign" "$work/rec" --count "$count" --seed "$seed" || failures=$((failures + 1))
    done
done

# What must fail does.
"$campaign" "$work/rec" --count "$count" --seed "$seed" --careless >"$work/out"
[ $? -eq 1 ] && grep -q '^FAILED: ' "$work/out" || { echo "FAILED: a wrong answer is not noticed"; failures=1; }
exit $((failures > 0))

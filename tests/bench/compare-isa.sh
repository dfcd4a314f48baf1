#!/bin/bash
# compare-isa.sh  the same work with each kernel set that this machine runs, side by side
# usage: tests/bench/compare-isa.sh [OPTION OF BENCH]...     (such as --model FILE, --rounds 5)
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

sets=
for isa in portable avx2 avx512; do
    MUTAGREE_ISA=$isa "$MUTAGREE" bench --parts 'forward scan methods agreement window naive' \
        --json "$folder/$isa.json" "$@" >"$folder/$isa.txt" 2>"$folder/$isa.err" || {
        grep -q 'does not run that instruction set' "$folder/$isa.err" && continue
        fail "$(cat "$folder/$isa.err")"
    }
    sets="$sets $isa"
done
sed -n '1,/^  rounds/p' "$folder/${sets##* }.txt"
for isa in $sets; do
    list_parts "$folder/$isa.json" | sed "s/^/$isa\t/"
done | awk -F '\t' '
    !($1 in seen) { seen[$1] = ++n; name[n] = $1 }
    !($2 in place) { place[$2] = ++rows; label[rows] = $2 }
    { ms[$1, $2] = $3; ratio[$1, $2] = $4 }
    END {
        printf "%-32s", "ms a window (naive is)"
        for (i = 1; i <= n; i++) printf " %20s", name[i]
        print ""
        for (r = 1; r <= rows; r++) {
            printf "%-32s", label[r]
            for (i = 1; i <= n; i++) printf " %11.4f %8s", ms[name[i], label[r]], sprintf("(%.1f)", ratio[name[i], label[r]])
            print ""
        }
    }'

#!/bin/bash
# side-by-side.sh  two builds of mutagree on one core, in turns: how long each part of a window takes, and the ratio
# usage: tests/bench/side-by-side.sh OLD NEW [OPTION OF BENCH]...     (OLD, NEW: programs, or folders with build/mutagree)
#   CORE=N      the core; 0 when not given       ROUNDS=N   how often both are run in turns [6]
#   COUNT=no    leave out the instructions that callgrind.sh counts
#
# A round of each is a run of bench with many short rounds of its own; of all these the least lower quartile is told: what
# else the machine does only adds time. Instructions, of the AVX2 kernels, depend on nothing but the program.
# The first two arguments are programs, so common.sh gets the newer one.
set -eu
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 64; }
program() { if [ -d "$1" ]; then echo "$1/build/mutagree"; else echo "$1"; fi; }
old=$(program "$1") new=$(program "$2")
shift 2
export MUTAGREE=$new
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
[ -x "$old" ] || fail "there is no $old"
core=${CORE:-0} rounds=${ROUNDS:-6}

measure() { # PROGRAM FILE: bench on that core
    taskset -c "$core" "$1" bench --parts 'forward scan methods agreement window' --rounds 41 --sample 4 --threads 1 \
        --json "$2" "${@:3}" >"$folder/bench.txt" 2>"$folder/bench.err" || fail "$1: $(tail -n 3 "$folder/bench.err")"
}

# part, lower quartile of its milliseconds
lower_quartiles() {
    awk '
        function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
        /^ *"part":/ { part = value($0); gsub(/"/, "", part) }
        /^ *"milliseconds":/ { inside = 1 }
        /^ *"q25":/ && inside { print part "\t" value($0); inside = 0 }
    ' "$1"
}

for ((round = 0; round < rounds; round++)); do
    measure "$old" "$folder/old.$round.json" "$@"
    measure "$new" "$folder/new.$round.json" "$@"
done
sed -n '2,/^  machine/p' "$folder/bench.txt"
for which in old new; do
    for ((round = 0; round < rounds; round++)); do
        lower_quartiles "$folder/$which.$round.json" | sed "s/^/$which\t/"
    done
done | awk -F '\t' '
    !($2 in place) { place[$2] = ++n; name[n] = $2 }
    !(($1, $2) in best) || $3 < best[$1, $2] { best[$1, $2] = $3 }
    END {
        printf "%-34s %10s %10s %8s\n", "ms a window, least of all rounds", "old", "new", "new/old"
        for (i = 1; i <= n; i++)
            printf "%-34s %10.4f %10.4f %8.3f\n", name[i], best["old", name[i]], best["new", name[i]],
                best["new", name[i]] / best["old", name[i]]
    }'

[ "${COUNT:-yes}" = yes ] || exit 0
command -v valgrind >/dev/null || fail "valgrind is not installed (COUNT=no does without)"
for which in old new; do
    MUTAGREE=${!which} "$here/callgrind.sh" "$@" | sed -n '/^function /,$p' >"$folder/$which.counts"
done
echo
awk '
    FNR == 1 { file++; next }
    { n = $NF; $NF = ""; $(NF - 1) = ""; sub(/ *$/, "") }
    file == 1 { old[$0] = n; next }
    { printf "%-34s %10d %10d %8.3f\n", $0, old[$0], n, old[$0] > 0 ? n / old[$0] : 0 }
    BEGIN { printf "%-34s %10s %10s %8s\n", "instructions a call, AVX2", "old", "new", "new/old" }
' "$folder/old.counts" "$folder/new.counts"

#!/bin/bash
# callgrind.sh  instructions a window of forward pass, mutation scan, each method and agreement, counted by valgrind
# usage: tests/bench/callgrind.sh [OPTION OF BENCH]...     (such as --methods 'lrp saliency', --model FILE)
#
# Counts do not depend on what else the machine does. valgrind knows no AVX-512, so the AVX2 kernels are counted.
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
command -v valgrind >/dev/null || fail "valgrind is not installed"

out=$folder/callgrind.out
MUTAGREE_ISA=avx2 valgrind --tool=callgrind --callgrind-out-file="$out" --compress-strings=no --compress-pos=no \
    "$MUTAGREE" bench --parts 'forward scan methods agreement window' --rounds 1 --sample 2 "$@" \
    >"$folder/bench.txt" 2>"$folder/bench.err" || fail "$(tail -n 5 "$folder/bench.err")"
sed -n '1,/^$/p' "$folder/bench.txt"

# A call is the lines "cfi=file", "cfn=function", "calls=N ..." and "line cost"; the file is left out where it is that of
# the caller.
awk '
    /^f[lie]=/ { file = substr($0, 4); if (/^fl=/) home = file; next }
    /^fn=/ { sub(/^fn=/, ""); callee_file = home; next }
    /^cfi=|^cfl=/ { callee_file = substr($0, 5); next }
    /^cfn=/ { callee = substr($0, 5); next }
    /^calls=/ {
        n = substr($1, 7); getline
        if (callee_file == "") callee_file = home
        where = callee_file; sub(/^.*\//, "", where); sub(/\.c$/, "", where)
        sub(/\x27[0-9]+$/, "", callee)
        key = callee == "explain" ? "method: " where : callee
        calls[key] += n; cost[key] += $2
        callee_file = ""
        next
    }
    END {
        for (key in calls)
            if (key ~ /^method: |^mg_(scan_window|pass_forward|pass_backward|worker_window|truth_set|truth_compare)$/)
                printf "%-36s %10d %16.0f\n", key, calls[key], cost[key] / calls[key]
    }' "$out" | sort >"$folder/counts"
printf '%-36s %10s %16s\n' 'function' 'calls' 'instructions'
cat "$folder/counts"

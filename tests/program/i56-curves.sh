#!/bin/bash
# i56  points of perturbation curves: a table with bands, no ranks, places or tests of their own, and no passes more
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
scan() { "$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --quiet --bootstrap 50 --threads 2 --methods 'lrp saliency input_x_gradient' "$@"; }
rows() { grep -v '^#' "$1" | tail -n +2; }

check "a run with curves in every window" scan --metrics curves --out "$folder/run.h5"
check "its report" "$MUTAGREE" report "$folder/run.h5" --group all --out "$folder/report" --vega none
curves=$folder/report/curves.tsv
check "two orders and five points of three methods and three baselines" test "$(rows "$curves" | wc -l)" -eq 60
check_output "in the order they are told" '^morf lrp 1 2 5 10 20 lerf lrp 1 2 5 10 20 $' \
    bash -c "grep lrp '$curves' | awk '{ if (\$1 != last) printf \"%s %s \", \$1, \$2; last = \$1; printf \"%s \", \$3 }'"

# --- means are those of the windows, bands those of the summary ---
check "the windows as a table" "$MUTAGREE" export "$folder/run.h5" --format windows --out "$folder/windows.tsv"
means() { # of the windows, a line "METHOD METRIC n mean", each distinct window once
    awk -F '\t' 'NR == 1 { for (k = 1; k <= NF; k++) name[k] = $k; next } !seen[$8]++ { for (k in name) if (name[k] ~ /_at_/ && $k != "nan") { n[k]++; s[k] += $k } }
        END { for (k in n) { split(name[k], of, "."); print of[1], of[2], n[k], s[k] / n[k] } }' "$folder/windows.tsv" | sort
}
of_summary() { awk -F '\t' '$2 ~ /_at_/ && $3 == "all" { print $1, $2, $4, $7, $9, $10 }' "$folder/report/summary.tsv" | sort; }
told() { rows "$curves" | awk -F '\t' '{ print $2, $1 "_at_" $3, $4, $6, $7, $8 }' | sort; } # six digits
same_numbers() { # WANTED TOLD: the same lines, the numbers to six digits; those of WANTED that have a line, at least so many as there are
    awk 'function off(x, y) { return (x > y ? x - y : y - x) > 2e-5 * (y < 0 ? -y : y) + 1e-7 }
        NR == FNR { for (k = 3; k <= NF; k++) v[$1 " " $2 " " k] = $k; n++; next }
        { for (k = 3; k <= NF; k++) { key = $1 " " $2 " " k; if (key in v) { got++; if (off($k, v[key])) { print "not the same:", key, $k, v[key]; bad = 1 } } } }
        END { print n, got; exit bad || n == 0 || got < 2 * n }' <(echo "$1") <(echo "$2")
}
check "means are those of the windows: $(means | wc -l) of methods" same_numbers "$(means)" "$(told)"
check "of three methods, five points, two orders" test "$(means | wc -l)" -eq 30
check "means and bands are those of the summary" same_numbers "$(of_summary)" "$(told)"

# --- they are no measures of their own ---
check_output "a point has no mean rank, an area has one" '^30 0 0 3$' awk -F '\t' '$3 == "all" && $1 !~ /^(random|profile|ceiling)$/ {
    if ($2 ~ /_at_/) { points++; ranked += $14 != "nan" } if ($2 == "area_20") { if ($14 == "nan") none++; else areas++ } }
    END { print points, ranked + 0, none + 0, areas }' "$folder/report/summary.tsv"
for table in mean_ranks friedman places differences; do
    check_output "$table.tsv has none of them" '^0$' bash -c "grep -c '_at_' '$folder/report/$table.tsv'; true"
done
pairs() { tr -d ' \n' <"$folder/report/summary.json" | sed 's/{"method":/\n&/g' | grep '"other":' | grep "$1"; }
check "their pairs have no p" test "$(pairs '"metric":"[a-z]*_at_' | wc -l)" -gt 100 -a "$(pairs '"metric":"[a-z]*_at_' | grep -vc '"p":null,"p_holm":null')" -eq 0
check "others do" test "$(pairs '"metric":"area_20"' | grep -c '"p_holm":[0-9]')" -gt 5
check "a run with areas alone" scan --metrics 'morf_20 lerf_20 area_20 share_20' --out "$folder/areas.h5"
check "and its report" "$MUTAGREE" report "$folder/areas.h5" --group all --out "$folder/areas" --vega none
tests_of() { grep -o '"claims":{[^}]*}' "$1/report.json"; }
check "has as many tests: $(tests_of "$folder/report")" test "$(tests_of "$folder/areas")" = "$(tests_of "$folder/report")"
check_output "verify works them out again" 'agree|same' "$MUTAGREE" verify "$folder/run.h5"

# --- a run without them says so ---
check_output "no points, no table" '"curves":\[\]' grep -o '"curves":.\{4\}' "$folder/areas/report.json"
check_output "and the report says why" '"section":"curves","why":"the run has no points' grep -o '"missing":.*' "$folder/areas/report.json"
check "which has no file" test ! -e "$folder/areas/curves.tsv"
finish

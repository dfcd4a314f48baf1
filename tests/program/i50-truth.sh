#!/bin/bash
# i50  --truth: a run's own effects out to a table and in as measured ones give the same metrics; what does not fit is told
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
tool change_to_truth
example=share/example/transcripts.fa.gz
annotation=(--annotation share/example/annotation.gtf.gz --candidates annotated)
truth() { "$BUILD/tests/tools/change_to_truth" "$@"; }
scan() { "$MUTAGREE" scan --transcripts "$example" "${annotation[@]}" --methods 'lrp saliency' --metrics single --bootstrap 50 --threads 1 "$@" 2>"$folder/said"; }
scan --store hypothetical --out "$folder/first.h5" >"$folder/out"

# Round trip.
n=$(h5ls "$folder/first.h5/windows/score" | grep -o "{[0-9]*" | tr -d "{")
half=$(((n + 1) / 2))
check "the effects of a run as a table" truth "$folder/first.h5" "$folder/all.tsv"
check "a scan takes them as measured" scan --store hypothetical --truth "$folder/all.tsv" --out "$folder/own.h5"
check_output "... and says what was found" "truth  *[0-9,]+ lines with standard errors; $n windows of the run with [0-9,]+ measured substitutions\$" cat "$folder/said"
bits() { h5dump -b LE -o "$folder/$2" -d "$1" "$folder/own.h5" >/dev/null; }
same() { # METHOD: every measured metric is the metric of the network's own effects
    local set
    for set in $(h5ls "$folder/own.h5/agreement/$1" | awk '/^measured_/ { print $1 }'); do
        bits "/agreement/$1/$set" one
        bits "/agreement/$1/${set#measured_}" other
        if ! cmp "$folder/one" "$folder/other"; then
            echo "$set differs"
            return 1
        fi
        echo "$set"
    done
}
check_output "the metrics of lrp are the same against both" '^measured_substitution_spearman$' same lrp
check_output "... in the regions too" '^measured_pearson_codon_2$' same lrp
check_output "those of saliency" '^measured_kendall$' same saliency
check "... as before" h5diff -q "$folder/own.h5" "$folder/first.h5" /agreement/lrp/spearman /agreement/lrp/spearman
check "the effects are kept, and standard errors" h5ls "$folder/own.h5/truth/se"
row() { awk -F '\t' -v m="$2" -v k="$3" '$1 == m && $2 == k && $3 == "all" { print $4, $5, $7; exit }' "$folder/$1.summary.tsv"; }
check_output "the network agrees with itself" "^$n 0 1\$" row own network measured_spearman
check_output "... in single substitutions" "^$n 0 1\$" row own network measured_substitution_pearson
check_output "... and says nothing else" "^0 $n nan\$" row own network spearman
check "no call, no completeness" test "$(grep -cE 'measured_(flip|complete)' "$folder/own.summary.tsv")" -eq 0
check_output "the sum of the file is in the provenance" "truth .*all.tsv $(sha256sum "$folder/all.tsv" | cut -c 1-64)" h5dump -a /provenance/inputs "$folder/own.h5"
check_output "verify works them out again" 'own +truth, as the run has it' "$MUTAGREE" verify "$folder/own.h5" --all --summary
check "a report of them" "$MUTAGREE" report "$folder/own.h5" --out "$folder/report"
check_output "... has the rows" 'measured_spearman' cat "$folder/report/summary.tsv"
# The network has a value against measured effects; where it has none it has no row, and once it is said what they cover.
on_terminal() { "$MUTAGREE" report "$1"; }
check "... on the terminal no row of the network among the methods" test "$(on_terminal "$folder/own.h5" | grep -c 'the network itself  ')" -eq 0
check_output "... and once what measured effects are of" '^1$' bash -c "'$MUTAGREE' report '$folder/own.h5' | grep -c 'measured effects (--truth) are of single mutations'"
check_output "... of runs without them nothing" '^0$' bash -c "'$MUTAGREE' report '$folder/first.h5' | grep -c -e '--truth'; true"
check_output "tables have rows of the network where it has a value only" '^mean_ranks.tsv measured places.tsv measured summary.tsv ' \
    bash -c "cd '$folder/report'; grep -lw network *.tsv | while read -r f; do case \$f in summary.tsv) echo \$f other;; mean_ranks.tsv) echo \$f \$(grep -w network \$f | cut -f 1 | cut -d _ -f 1 | sort -u);;
        *) echo \$f \$(grep -w network \$f | cut -f 2 | cut -d ' ' -f 1 | sort -u);; esac; done | tr '\n' ' '"
check "no windows 'in 1 windows'" test "$(grep -c ' 1 windows' "$folder/report/report.json")" -eq 0
OMP_NUM_THREADS=1 check "the same on two ranks" ranks 2 "$MUTAGREE" scan --transcripts "$example" "${annotation[@]}" --methods 'lrp saliency' --metrics single --bootstrap 50 \
    --threads 1 --quiet --truth "$folder/all.tsv" --out "$folder/ranks.h5"
check "... gives the same aggregates" cmp "$folder/own.summary.tsv" "$folder/ranks.summary.tsv"

# A part of them, and lines that do not fit.
truth "$folder/first.h5" "$folder/some.tsv" 2
awk -F '\t' -v OFS='\t' 'NR == 1 { print; next } NR % 5 == 2 { $5 = "NA" } NR == 4 { print; $5 = ""; $3 = "N" }
    NR == 8 { a = $0; $3 = $3 == "A" ? "C" : "A" } { print } END { $1 = toupper($1); gsub(/./, "A", $1); $5 = 1; print; print a }' "$folder/some.tsv" >"$folder/odd.tsv"
check "half of the windows, with gaps" scan --truth "$folder/odd.tsv" --out "$folder/odd.h5"
check_output "... are told" "; $half windows of the run with [0-9,]* measured substitutions; [0-9,]* without a value \(first in line 2\); 1 in no window of the run \(first in line [0-9]*\)" cat "$folder/said"
check_output "... and a base that is another" '1 lines of .*odd.tsv have another reference base than the run, or one where it has none; line 9 is the first' cat "$folder/said"
check_output "metrics are of windows with effects" "^$half $((n - half)) " row odd lrp measured_pearson
check_output "... of the network as well" "^$half $((n - half)) 1\$" row odd network measured_spearman
check "a run that keeps none of them" scan --store summary --truth "$folder/all.tsv" --out "$folder/less.h5"
check "... has the same aggregates" cmp "$folder/own.summary.tsv" "$folder/less.summary.tsv"
expect_failure 1 'compared with measured effects, but keeps none' "... but cannot be verified" "$MUTAGREE" verify "$folder/less.h5"

# Refused.
tool change_to_own
"$BUILD/tests/tools/change_to_own" "$folder/first.h5" lrp contribution "$folder/lrp.h5" all
refused() { # FILE REGEX [STATUS]
    absent=$folder/bad.h5 expect_failure "${3:-1}" "$2" "refused: $2" "$MUTAGREE" scan --transcripts "$example" "${annotation[@]}" --quiet --methods lrp --metrics single \
        --truth "$1" --out "$folder/bad.h5"
}
printf 'chromosome\tposition\talt\tvalue\n20\t100\tA\t1\n' >"$folder/chromosome.tsv"
printf 'window\tposition\talt\tvalue\nACG\t0\tA\t1\n' >"$folder/short.tsv"
head -1 "$folder/all.tsv" >"$folder/empty.tsv"
refused "$folder/chromosome.tsv" 'none of its 1 lines with a value is of a position'
expect_failure 1 'does not know where its transcripts lie' "chromosomes without an annotation" "$MUTAGREE" scan --transcripts "$example" --quiet \
    --methods lrp --truth "$folder/chromosome.tsv" --out "$folder/bad.h5"
refused "$folder/short.tsv" 'short.tsv line 2: the window has 3 letters, those of the network have 203'
refused "$folder/empty.tsv" 'has no line with a value'
refused "$folder/never.tsv" 'cannot open .*never.tsv'
refused "$folder/first.h5" 'first.h5'
expect_failure 2 'a row is called network' "a method of that name" "$MUTAGREE" scan --transcripts "$example" "${annotation[@]}" --quiet --methods lrp \
    --attribution "network=$folder/lrp.h5" --truth "$folder/all.tsv" --out "$folder/bad.h5"
finish

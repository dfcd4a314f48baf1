#!/bin/bash
# i37  what intervals and tests go by: copies of a window are one, --clusters takes the place of genes, words say which
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
example=share/example/transcripts.fa.gz
scan() { "$MUTAGREE" scan --methods 'saliency lrp' --store summary --bootstrap 50 --threads 2 "$@" 2>"$folder/said"; }

# Forty transcripts of the same bases: one window in one cluster, and no claim.
sequence=$(gzip -dc "$example" | awk '/^>/ { n++; next } n == 1' | tr -d '\n' | cut -c 1-400)
start=$(awk -v s="$sequence" 'BEGIN { print index(substr(s, 120), "ATG") + 118 }')
for k in $(seq 40); do
    printf '>copy%d\n%s\n' "$k" "$sequence"
    printf 'copy%d\t%d\t%d\n' "$k" "$start" $((start + 3)) >>"$folder/one.bed"
done >"$folder/copies.fa"
scan --transcripts "$folder/copies.fa" --candidates "$folder/one.bed" --out "$folder/copies.h5" >"$folder/copies.out"
check_output "forty copies are one window of one cluster: no claim" '^n = 1 window of 1 cluster of transcripts: too few for a claim' \
    cat "$folder/copies.out"
check_output "... and the plan says so" '^  distinct     40 windows, 1 distinct,' cat "$folder/said"

# Clusters of two transcripts; one that is not named, one that is not there, and what is no table.
gzip -dc "$example" | sed -n 's/^>\([^ |]*\).*/\1/p' >"$folder/names"
awk 'BEGIN { OFS = "\t"; print "# a comment" } NR > 1 { print $1, "family" int(NR / 2), "more" }
    END { print "nobody", "family1" }' "$folder/names" >"$folder/fam.tsv"
scan --transcripts "$example" --clusters "$folder/fam.tsv" --out "$folder/fam.h5" >"$folder/fam.out"
check_output "given clusters are counted" '^  clusters     13 of 14 transcripts are in one that was given; 1 line of that file' \
    cat "$folder/said"
check_output "... in the plan, and the one that swallows a third of the windows, through shared windows" '^  clusters     5 by cluster of fam.tsv; one of them holds 99 of the 268 distinct windows' cat "$folder/said"
check_output "... in the table on the screen" 'mean and 95% interval by cluster of fam.tsv$' cat "$folder/fam.out"
check_output "... and under it" '^n = [0-9,]+ windows of 5 clusters of fam.tsv: too few' cat "$folder/fam.out"
check_output "... and in its file" '95% bootstrap interval of the mean, by cluster of fam.tsv;' cat "$folder/fam.summary.tsv"
check_output "the file is among the inputs" 'clusters fam.tsv|clusters .*fam.tsv' cat "$folder/fam.summary.tsv"
check "a report" "$MUTAGREE" report "$folder/fam.h5" --out "$folder/report"
check_output "says it too" 'fewer than 30 clusters of fam.tsv are too few' grep -o 'fewer than 30[^.]*.tsv[^.]*' "$folder/report/report.json"
scan --transcripts "$example" --out "$folder/plain.h5" >"$folder/plain.out"
value() { awk -v r="$2" -F '\t' '$1 == "saliency" && $2 == "spearman" && $3 == "all" { print $r }' "$1"; }
check_output "means do not depend on clusters" "^$(value "$folder/plain.summary.tsv" 7)\$" value "$folder/fam.summary.tsv" 7
check "intervals do" test "$(value "$folder/plain.summary.tsv" 9)" != "$(value "$folder/fam.summary.tsv" 9)"
printf 'a b\n' >"$folder/blank.tsv"
printf '%s\tx\n%s\ty\n' "$(head -n 1 "$folder/names")" "$(head -n 1 "$folder/names")" >"$folder/two.tsv"
printf '%s\t\n' "$(head -n 1 "$folder/names")" >"$folder/empty.tsv"
printf 'nobody\tx\n' >"$folder/none.tsv"
for fault in 'blank.tsv line 1: a transcript and its cluster are wanted' "two.tsv line 2: transcript '.*' is in cluster 'x' and in 'y'" \
    'empty.tsv line 1: the name of the cluster is empty' 'none.tsv: it names none of the 14 transcripts' \
    'never.tsv'; do
    file=${fault%%[: ]*}
    absent=$folder/$file.h5 expect_failure 1 "$fault" "$file is refused" \
        "$MUTAGREE" scan --transcripts "$example" --clusters "$folder/$file" --quiet --out "$folder/$file.h5"
done
check_output "evaluate goes by clusters" 'interval by cluster of fam.tsv$' "$MUTAGREE" evaluate --quiet --bootstrap 50 \
    --transcripts "$example" --annotation share/example/annotation.gtf.gz --clusters "$folder/fam.tsv"
finish

#!/bin/bash
# i48  --attribution: our own methods out to a file and in as foreign ones say the same; rows that match no window, windows without rows
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
tool change_to_own
example=share/example/transcripts.fa.gz
own() { "$BUILD/tests/tools/change_to_own" "$@"; }
scan() { "$MUTAGREE" scan --transcripts "$example" --store hypothetical --bootstrap 50 --threads 2 "$@" 2>"$folder/said"; }
scan --methods 'lrp saliency' --out "$folder/first.h5" >"$folder/out"

# Round trip: hypothetical contributions as HDF5 (N, L, 4) and .npz (N, 4, L); contributions alone.
check "a method as HDF5" own "$folder/first.h5" lrp hypothetical "$folder/lrp.h5" all
check "... as .npz, bases before positions" own "$folder/first.h5" lrp first "$folder/lrp.npz" twice
check "... without hypothetical contributions" own "$folder/first.h5" saliency contribution "$folder/sal.npz" all
given=(--methods 'lrp saliency' --attribution "mine=$folder/lrp.h5" --attribution "turned=$folder/lrp.npz" --attribution "plain=$folder/sal.npz")
check "a scan takes them" scan "${given[@]}" --out "$folder/own.h5"
check_output "... and says what was found" "attribution  turned: 269 rows of lrp.npz, hypothetical contributions; windows of the run with one: 268, without: 0; rows of no window of the run: 0, given again: 1" cat "$folder/said"
same() { # METHOD FOREIGN: every metric but the sum, which a foreign method does not claim
    local set
    for set in $(h5ls "$folder/own.h5/agreement/$1" | awk '$1 != "completeness_error" && $1 != "max_sensitivity" && $1 != "spread" { print $1 }'); do
        h5diff -q "$folder/own.h5" "$folder/own.h5" "/agreement/$1/$set" "/agreement/$2/$set" || { echo "$set differs"; return 1; }
        echo "$set"
    done
    h5diff -q "$folder/own.h5" "$folder/own.h5" "/attribution/$1/contribution" "/attribution/$2/contribution"
}
check_output "the metrics of lrp come back from HDF5" '^substitution_spearman$' same lrp mine
check "... and from .npz" same lrp turned
check_output "those of saliency too" '^spearman$' same saliency plain
means() { awk -F '\t' -v m="$1" '$1 == m && $2 !~ /^(completeness_error|max_sensitivity|spread)$/ { $1 = ""; print }' "$folder/own.summary.tsv"; }
means lrp >"$folder/lrp.means"
means mine >"$folder/mine.means"
check "the aggregates as well" cmp "$folder/lrp.means" "$folder/mine.means"
check_output "... which are some" '[1-9]' wc -l "$folder/mine.means"
sum=$(sha256sum "$folder/lrp.h5" | cut -c 1-64)
check_output "the sum of the file is in the provenance" "attribution .*lrp.h5 $sum" h5dump -a /provenance/inputs "$folder/own.h5"
check_output "... and the method is a foreign one" "foreign:name=mine,sha256=$sum" h5dump -d /methods/spec "$folder/own.h5"
check_output "the substitutions of plain are not defined" '^0$' awk -F '\t' '$1 == "plain" && $2 == "substitution_spearman" && $3 == "all" { print $6; exit }' "$folder/own.summary.tsv"
check "a report of all" "$MUTAGREE" report "$folder/own.h5" --out "$folder/report"
check_output "... has the method" '"mine"' grep -o '"mine"' "$folder/report/report.json"
check "an export of its hypothetical contributions" "$MUTAGREE" export "$folder/own.h5" --format modisco --method turned --out "$folder/turned.h5"
OMP_NUM_THREADS=1 check "the same on two ranks" ranks 2 "$MUTAGREE" scan --transcripts "$example" --store hypothetical --bootstrap 50 \
    --threads 1 --quiet "${given[@]}" --out "$folder/ranks.h5"
check "... gives the same aggregates" cmp "$folder/own.summary.tsv" "$folder/ranks.summary.tsv"
for set in attribution agreement; do check "... and the same /$set" h5diff -q "$folder/own.h5" "$folder/ranks.h5" "/$set"; done
check_output "verify reads their files again" 'own +turned, read again from its file' "$MUTAGREE" verify "$folder/own.h5" --all
mv "$folder/lrp.npz" "$folder/moved.npz"
check_output "... takes them from the run when one is not there" 'own +turned, as the run has them' "$MUTAGREE" verify "$folder/own.h5"
check_output "... or from where it is told" 'own +turned, read again' "$MUTAGREE" verify "$folder/own.h5" --attribution "turned=$folder/moved.npz"
expect_failure 1 'lrp.h5 is not the file that .* was made with' "... and no other file" "$MUTAGREE" verify "$folder/own.h5" \
    --attribution "turned=$folder/lrp.h5"
check "a run without hypothetical contributions" "$MUTAGREE" scan --transcripts "$example" --quiet --methods lrp \
    --attribution "turned=$folder/moved.npz" --out "$folder/less.h5"
check "... is verified with the file" "$MUTAGREE" verify "$folder/less.h5"
mv "$folder/moved.npz" "$folder/lrp.npz"
expect_failure 1 'own attributions turned of .*moved.npz, which is not there' "... and refused without" "$MUTAGREE" verify "$folder/less.h5"

# Half of the windows, and a row of none.
own "$folder/first.h5" lrp hypothetical "$folder/half.npz" half
check "half of the windows" scan --methods lrp --attribution "half=$folder/half.npz" --out "$folder/half.h5"
check_output "... are told" "half: 135 rows of half.npz, hypothetical contributions; windows of the run with one: 134, without: 134; rows of no window of the run: 1," cat "$folder/said"
check_output "... with a warning" '134 of the run.s 268 windows have no row; their metrics of it are undefined' cat "$folder/said"
check_output "... and its means are of the others" '^134 ' awk -F '\t' '$1 == "half" && $2 == "pearson" && $3 == "all" { print $4, $7 }' "$folder/half.summary.tsv"
check "a report of them" "$MUTAGREE" report "$folder/half.h5" --out "$folder/half"
check_output "... has sums by position over those, not over none" '^12 -?[0-9]' awk -F '\t' '$1 == 5 && $2 == "half" { print $3, $4 }' "$folder/half/profile.tsv"
check_output "... and knows that it has hypothetical contributions" '^half.d' cat "$folder/half/auroc.tsv"
check "figures of them" "$MUTAGREE" report "$folder/half.h5" --out "$folder/figures" --figures svg
expect_failure 1 'own attributions may have no row' "modisco wants all windows" "$MUTAGREE" export "$folder/half.h5" --format modisco \
    --method half --out "$folder/none.h5"

# Of 25 windows nothing is claimed, whatever the others have.
awk 'BEGIN { for (w = 0; w < 50; w++) { line = ""; for (i = 0; i < 203; i++) { x = (x * 1103515245 + 12345) % 2147483648
    line = line substr("ACGT", 1 + int(x / 65536) % 4, 1) } print substr(line, 1, 60) "ATG" substr(line, 64) } }' >"$folder/w.pos"
few() { "$MUTAGREE" scan --windows "$folder/w.pos" --metrics single --bootstrap 0 --threads 2 --quiet "$@"; }
check "fifty windows" few --methods 'lrp saliency' --store hypothetical --out "$folder/fifty.h5"
for method in lrp saliency; do own "$folder/fifty.h5" "$method" contribution "$folder/few_$method.npz" half; done
check "a run with a method in half of them" few --methods lrp --attribution "few=$folder/few_saliency.npz" --out "$folder/few.h5"
check "... is reported" "$MUTAGREE" report "$folder/few.h5" --group all --out "$folder/few" --vega none
check_output "... which says who beats the mean profile, and not of all methods" \
    'LRP .gamma 0.05. beats the mean profile of positions, so it has read the windows; too few windows have a value to say so of few' \
    cat "$folder/few/report.json"
check "a run where that one has the best mean" few --methods saliency --attribution "few=$folder/few_lrp.npz" --out "$folder/lead.h5"
check_output "... is told to be too few for a claim" 'n = 50 windows of 50 transcripts; of few 25 transcripts: too few for a claim' \
    "$MUTAGREE" report "$folder/lead.h5" --group all --out "$folder/lead" --vega none

# Refused.
own "$folder/first.h5" lrp hypothetical "$folder/clash.h5" clash
head -c 5000 "$folder/lrp.npz" >"$folder/cut.npz"
printf 'no file of ours\n' >"$folder/text.npz"
refused() { # NAME=FILE REGEX
    absent=$folder/bad.h5 expect_failure "${3:-1}" "$2" "refused: ${1##*/}" \
        "$MUTAGREE" scan --transcripts "$example" --quiet --methods lrp --attribution "$1" --out "$folder/bad.h5"
}
refused "x=$folder/clash.h5" 'rows 0 and 268 have the same window and different numbers'
refused "x=$folder/cut.npz" 'cut.npz'
refused "x=$folder/text.npz" 'neither HDF5 nor a .npz'
refused "x=$folder/never.npz" 'never.npz'
refused "x=$folder/first.h5" 'no dataset attribution'
refused "lrp=$folder/lrp.h5" 'a method is called lrp already' 2
refused "a/b=$folder/lrp.h5" 'no name for a method' 2
refused "$folder/lrp.h5" 'NAME=FILE' 2

# An interrupted run goes on with the same file alone.
tool slow_disk.so
begun=(--transcripts "$example" --quiet --methods lrp --shard-size 4 --threads 1 --out "$folder/stop.h5")
"${slow_disk[@]}" "$MUTAGREE" scan "${begun[@]}" --attribution "m=$folder/lrp.h5" >/dev/null 2>&1 &
job=$!
has_shards() { ls "$folder/stop.h5.parts"/shard-*.h5 >/dev/null 2>&1; }
await "$job" has_shards
kill -TERM "$job"
wait "$job"
check "a run is stopped" test $? -eq 75
expect_failure 1 'stop.h5.parts' "another file does not go on with what was begun" "$MUTAGREE" scan "${begun[@]}" \
    --attribution "m=$folder/half.npz"
check "the same does" "$MUTAGREE" scan "${begun[@]}" --attribution "m=$folder/lrp.h5"
finish

#!/bin/bash
# i14  report: statistics, biology and single windows of a finished run, as a document, as tables and in words
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz --quiet --bootstrap 100)
report() { "$MUTAGREE" report "$@"; }

check "a run with hypothetical contributions" "$MUTAGREE" scan "${data[@]}" --store hypothetical --out "$folder/run.h5"
run=$folder/run.h5
check "its report" report "$run" --out "$folder/one"
for file in report.json summary.tsv summary.json friedman.tsv mean_ranks.tsv differences.tsv sensitivity.tsv profile.tsv \
    bases.tsv kozak.tsv kozak_effects.tsv kozak_features.tsv kozak_changes.tsv classes.tsv predicted.tsv codons.tsv \
    auroc.tsv auroc_pairs.tsv flips_by_class.tsv flips_by_position.tsv flips_by_base.tsv flips_published.tsv \
    completeness.tsv; do
    check "$file is there" test -s "$folder/one/$file"
    grep -qF "$file" docs/report-json.md || [[ $file == summary.tsv ]] || not_ok "docs/report-json.md knows $file"
done

# --- same input, same bits ---
check "the report on 3 ranks" ranks 3 "$MUTAGREE" report "$run" --out "$folder/three"
OMP_NUM_THREADS=1 check "the report with 1 thread" report "$run" --out "$folder/thread"
check "3 ranks give the same bytes" diff -r "$folder/one" "$folder/three"
check "1 thread gives the same bytes" diff -r "$folder/one" "$folder/thread"

# --- the numbers hang together ---
# The value of one column where others have given values: FILE COLUMN KEY=VALUE...
cell() {
    local file=$1 column=$2
    shift 2
    awk -F '\t' -v column="$column" -v wanted="$*" '
        /^#/ { next }
        !n { for (i = 1; i <= NF; i++) at[$i] = i; n = split(wanted, pair, " "); next }
        { for (i = 1; i <= n; i++) { split(pair[i], kv, "="); if ($at[kv[1]] != kv[2]) next } print $at[column] }' "$file"
}
check_output "passes of a method stand beside it" '^101$' cell "$folder/one/costs.tsv" passes method=integrated_gradients
check_output "... and its time" '^[0-9.e-]+$' cell "$folder/one/costs.tsv" ms method=integrated_gradients
check_output "... on the terminal too" '^integrated gradients .50 steps. +101 +[0-9.e-]+$' "$MUTAGREE" report "$run"
same() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && (a - b) ^ 2 <= (1e-5 * b) ^ 2) }'; }
for method in saliency deeplift lrp; do
    for column in mean lo hi mean_rank; do
        check "the first choice of the sensitivity is the summary: $method $column" same \
            "$(cell "$folder/one/sensitivity.tsv" $column choice=1 method=$method)" \
            "$(cell "$folder/one/summary.tsv" $column metric=spearman group=annotated method=$method)"
    done
done
worst=(measure=spearman sign=signed reduction=worst method=lrp)
check "worst substitutions stand in one order on either scale" same \
    "$(cell "$folder/one/sensitivity.tsv" mean scale=log-odds "${worst[@]}")" \
    "$(cell "$folder/one/sensitivity.tsv" mean scale=probability "${worst[@]}")"
check "nonsense does the largest damage of the coding part" \
    test "$(awk -F '\t' '$3 == "true" && $6 != "nan" { print $6 "\t" $1 }' "$folder/one/classes.tsv" | sort -g | head -n 1 | cut -f 2)" = nonsense
sum=$(awk -F '\t' '$1 == "lost" { n += $6 } END { print n }' "$folder/one/flips_by_class.tsv")
positions=$(awk -F '\t' '$1 == "lost" { n += $4 } END { print n }' "$folder/one/flips_by_position.tsv")
check "flips by class and by position are as many ($sum)" test "$sum" -gt 0 -a "$sum" = "$positions"
check "no file holds the place it was made in" bash -c "! grep -rlF '$folder' '$folder/one'/*.tsv"
# A pipe that nobody reads, as after "| head".
mkfifo "$folder/pipe"
(exec 3<>"$folder/pipe" 4>"$folder/pipe" 3<&- && report "$run" --out "$folder/head" >&4)
check "the files are there whoever reads what is printed" diff -r "$folder/one" "$folder/head"
check_output "few transcripts make no claim" 'too few for a claim' report "$run" --out "$folder/words"
if command -v python3 >/dev/null; then
    check "report.json is JSON" python3 -c "import json, sys; json.load(open(sys.argv[1]), parse_constant=lambda x: 1 / 0)" \
        "$folder/one/report.json"
fi

# --- choices ---
check "report of another group" report "$run" --group called --out "$folder/called" --examples 2
check_output "the sensitivity is of that group" "^$(cell "$folder/called/summary.tsv" n metric=spearman group=called method=lrp)\$" \
    cell "$folder/called/sensitivity.tsv" n choice=1 method=lrp
check "another genetic code" report "$run" --genetic-code 6 --out "$folder/ciliate" --examples 0
check "has fewer stops" test "$(cell "$folder/ciliate/classes.tsv" n class=nonsense)" -lt "$(cell "$folder/one/classes.tsv" n class=nonsense)"
expect_failure 2 "NCBI's numbers known here are 1 2 3" "an unknown genetic code" report "$run" --genetic-code 7
expect_failure 1 'one/report.html is there already' "nothing is replaced unasked" report "$run" --out "$folder/one"
check "but when asked" report "$run" --out "$folder/one" --force

# --- what is not there is said ---
check "a run that keeps the summary only" "$MUTAGREE" scan "${data[@]}" --store summary --methods "saliency deeplift lrp" --out "$folder/small.h5"
check "has a report" report "$folder/small.h5" --out "$folder/small"
check_output "that says what cannot be told" 'keeps no effects' cat "$folder/small/report.json"
check "and has ranks" test -s "$folder/small/friedman.tsv" -a ! -e "$folder/small/classes.tsv"
expect_failure 1 'scan again with --store contribution' "no window of it can be shown" report "$folder/small.h5" \
    --window ENST00000513300.5
check "contributions alone" "$MUTAGREE" scan "${data[@]}" --store contribution --methods lrp --out "$folder/a.h5"
check "are enough for a report" report "$folder/a.h5" --out "$folder/a"
check_output "which tells that d is not there" '^a$' cell "$folder/a/auroc.tsv" what source=lrp
check_output "... and names no winner of one" 'no other method to compare LRP .gamma 0.05. with' cat "$folder/a/report.json"
check "logits" "$MUTAGREE" scan "${data[@]}" --store contribution --methods lrp --score logit --out "$folder/logit.h5"
check "have a report" report "$folder/logit.h5" --out "$folder/logit"
check "without probabilities" bash -c "! grep -q probability\$'\\t' <(tail -n +3 '$folder/logit/sensitivity.tsv')"

mkdir "$folder/unfinished.h5.parts"
printf '{"number of windows": 1000, "shard size": 64}' >"$folder/unfinished.h5.parts/plan.json"
touch "$folder/unfinished.h5.parts/shard-0000000"{1,2,3}.h5 "$folder/unfinished.h5.parts/shard-00000004.h5.tmp"
expect_failure 1 'is not finished.* 3 of 16 shards of a run of 1,000 windows; run the same scan again' \
    "an interrupted run tells how far it is" report "$folder/unfinished.h5"
printf 'no json' >"$folder/unfinished.h5.parts/plan.json"
expect_failure 1 'holds 3 finished shards' "even without a plan" report "$folder/unfinished.h5" --out "$folder/never"

"$MUTAGREE" scan --transcripts share/example/transcripts.fa.gz --candidates atg --methods saliency --quiet --bootstrap 0 \
    --out "$folder/plain.h5" >/dev/null
expect_failure 1 "group 'annotated'" "an empty group is told" report "$folder/plain.h5" --group annotated
absent=$folder/never expect_failure 1 "group 'annotated' is empty" "and nothing is written for it" report "$folder/plain.h5" \
    --group annotated --out "$folder/never"
printf '>none\nCCCCCCCCCCCC\n' >"$folder/none.fa"
"$MUTAGREE" scan --transcripts "$folder/none.fa" --quiet --out "$folder/empty.h5" >/dev/null
check "a run without windows has a report" report "$folder/empty.h5" --out "$folder/empty"

# Damage a copy of the run with a line of Python in which `run` is the file.
damage() { # COPY CODE
    cp "$folder/a.h5" "$1"
    python3 -c "import h5py, numpy; run = h5py.File('$1', 'r+'); $2; run.close()"
    "$BUILD/tests/tools/change_seal" "$folder/a.h5" "$1"
}
tool change_number
tool change_seal
cp "$folder/a.h5" "$folder/d.h5"
"$BUILD/tests/tools/change_number" "$folder/d.h5" /windows/cluster 5 1000000000000
expect_failure 1 'd.h5: the checksums at its end are missing: .*changed by another program' \
    "what another program has changed" report "$folder/d.h5" --out "$folder/never"
"$BUILD/tests/tools/change_seal" "$folder/a.h5" "$folder/d.h5"
expect_failure 1 'd.h5: window 5 is of cluster 1000000000000, which is not there' "clusters that are not there" \
    report "$folder/d.h5" --out "$folder/never"
if python3 -c 'import h5py' 2>/dev/null; then
    damage "$folder/d.h5" "del run['attribution/lrp/contribution']"
    expect_failure 1 'd.h5: there is no dataset /attribution/lrp/contribution' "a method that is missing" \
        report "$folder/d.h5" --out "$folder/never"
    damage "$folder/d.h5" "run.attrs['version'] = numpy.int64(99)"
    expect_failure 1 'd.h5: written in version 99' "another version" report "$folder/d.h5" --out "$folder/never"
    damage "$folder/d.h5" "run['mutation/effect'][:] = numpy.nan; run['windows/score'][:] = numpy.inf"
    check "effects that are no numbers are no failure" report "$folder/d.h5" --out "$folder/nan"
    check "and are not defined" test "$(cell "$folder/nan/classes.tsv" mean class=nonsense)" = nan
else
    skip "damaged runs" "h5py is not here"
fi

# --- single windows ---
check_output "a window by its transcript" '^ENST00000513300.5 +[A-Z0-9]+ +codon at 93 .*annotated start' report "$run" \
    --window ENST00000513300.5
check_output "a window by its start" 'codon at 325 .*not annotated' report "$run" --window ENST00000513300.5:325
expect_failure 1 "no transcript or gene 'nobody'$" "no such transcript" report "$run" --window nobody
expect_failure 1 "no transcript or gene 'ENST00000513300'; did you mean 'ENST00000513300.5'\\?" "a name without its version" \
    report "$run" --window ENST00000513300:325
expect_failure 1 'no window at 7; it has windows at 93 325 381' "no such window" report "$run" --window ENST00000513300.5:7
bases=$(gzip -dc share/example/transcripts.fa.gz | grep -v '>' | head -n 5 | tr -d '\n')
names=('two words' gene gene:60 'only: 7:8' ' "東": x' --help)
for k in "${!names[@]}"; do printf '%s\t%s\n' "${names[k]}" "${bases:k:203}"; done >"$folder/names.txt"
check "windows with odd names" "$MUTAGREE" scan --windows "$folder/names.txt" --methods lrp --quiet --out "$folder/names.h5"
for k in "${!names[@]}"; do
    score=$("$MUTAGREE" export "$folder/names.h5" --format windows --out - --quiet | awk -F '\t' -v k="$k" 'NR == k + 2 { printf "%.2f", $4 }')
    for wanted in "${names[k]}" "${names[k]}:60"; do
        [ "$wanted" = gene:60 ] && [ "$k" -eq 2 ] && continue # is the one at 60 of 'gene'
        check_output "'$wanted' is found" ", F = ${score%?}[0-9]*, " report "$folder/names.h5" "--window=$wanted"
    done
done
expect_failure 1 "no window 'two  words'; did you mean 'two words'\\?" "blanks count" \
    report "$folder/names.h5" --window 'two  words:60'
globin=../shared/data/tisrover_plus
if [ -r $globin/beta_globin.pos ] && [ -r $globin/tis_rover_plus.safetensors ]; then
    check "beta-globin" "$MUTAGREE" scan --model $globin/tis_rover_plus.safetensors --arch tisrover+ \
        --windows $globin/beta_globin.pos --quiet --out "$folder/beta.h5"
    report "$folder/beta.h5" --window line1 >"$folder/beta.txt"
    check_output "its strongest mutations are the known stops" 'c.19G>T c.48G>A c.52A>T c.25A>T c.47G>A c.22G>T' \
        awk '$1 ~ /^c\./ { printf "%s ", $1 }' "$folder/beta.txt"
    # Probabilities by brute force with PyTorch. Codons 15 and 17 of those who do not count Met are Trp16 and Lys18; the
    # stop at 17 is the beta-zero thalassaemia of Chang and Kan 1979, PNAS 76:2886.
    while read -r hgvs protein probability; do
        check "$hgvs $protein leaves a probability of $probability" awk -v name="$hgvs" -v protein="$protein" \
            -v wanted="$probability" '$1 == name && $2 == protein { d = $4 - wanted; ok = d * d < 3e-7 } END { exit !ok }' \
            "$folder/beta.txt"
    done <<'MUTATIONS'
c.19G>T p.(Glu7Ter) 0.042
c.48G>A p.(Trp16Ter) 0.060
c.52A>T p.(Lys18Ter) 0.070
c.25A>T p.(Lys9Ter) 0.139
c.47G>A p.(Trp16Ter) 0.175
c.22G>T p.(Glu8Ter) 0.208
c.2T>G p.(Met1?) 0.398
MUTATIONS
    check_output "all that comes before the start codon's loss is a stop" '^6$' awk '/^c.2T>G/ { print n } /nonsense/ { n++ }' \
        "$folder/beta.txt"
    check "its report with figures" report "$folder/beta.h5" --out "$folder/beta" --figures svg --window line1
    for hgvs in c.48G c.52A; do
        check_output "the figure of the window names $hgvs" "^$hgvs&gt;[AT]\$" cat "$folder/beta/figures/window-line1-60.svg"
    done
    check_output "c.52A>T takes the call away" '^c\.52A>T +p\.\(Lys18Ter\) +-5\.54.* 0\.0702 .*nonsense.*flips the call' \
        cat "$folder/beta.txt"
else
    skip "beta-globin" "the published network is not here"
fi
finish

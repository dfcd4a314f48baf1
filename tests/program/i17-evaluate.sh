#!/bin/bash
# i17  mutagree evaluate: figures that are known, files that it writes, what it refuses
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
example=(--transcripts "$PWD/share/example/transcripts.fa.gz" --annotation "$PWD/share/example/annotation.gtf.gz")

# --- small ---

check_output "the example" '^ +area under the ROC curve +[01]\.[0-9]{4}  \[[01]\.[0-9]{4}, [01]\.[0-9]{4}\]$' \
    "$MUTAGREE" evaluate "${example[@]}" --bootstrap 100
"$MUTAGREE" evaluate "${example[@]}" --threads 1 --seed 5 --bootstrap 100 --json "$folder/1.json" --curve "$folder/1.tsv" \
    --quiet >"$folder/1.txt"
"$MUTAGREE" evaluate "${example[@]}" --threads 3 --seed 5 --bootstrap 100 --json "$folder/3.json" --curve "$folder/3.tsv" \
    --quiet >"$folder/3.txt"
for ending in json tsv txt; do
    check "the same $ending for any number of threads" cmp "$folder/1.$ending" "$folder/3.$ending"
done
check_output "the curve ends where all are called" '^[^#]*	1	1	0\.[0-9]+$' tail -n 1 "$folder/1.tsv"
# shellcheck disable=SC2016 # awk expands them
check "the curve only rises" awk -F'\t' '/^[-0-9]/ { if ($2 < t || $3 < f) bad = 1; t = $2; f = $3 } END { exit bad }' \
    "$folder/1.tsv"
check_output "JSON has what the screen has" '"auroc"' cat "$folder/1.json"
name=$(zcat share/example/transcripts.fa.gz | sed -n 's/^>\([^ |]*\).*/\1/p' | sed -n 3p)
check_output "one transcript only" '^[0-9]+ distinct windows of 1 (transcript|gene|cluster of (transcripts|genes)),' \
    "$MUTAGREE" evaluate "${example[@]}" --only "$name" --quiet
check "... has no interval" bash -c "! '$MUTAGREE' evaluate ${example[*]} --only '$name' --quiet | grep -F '['"
chromosome=$(zcat share/example/annotation.gtf.gz | grep -v '^#' | cut -f 1 | head -n 1)
check_output "by the annotation's chromosome" 'annotated starts' \
    "$MUTAGREE" evaluate "${example[@]}" --only "$chromosome" --bootstrap 0 --quiet

# --- ready windows ---

"$MUTAGREE" windows "${example[@]}" --quiet | grep -v '^#' | awk -v to="$folder/w" '{ print $7 > (to ($4 == 1 ? ".pos" : ".neg")) }'
check_output "ready windows in two files" '^268 distinct windows of' \
    "$MUTAGREE" evaluate --windows "$folder/w.pos" --others "$folder/w.neg" --bootstrap 0 --quiet
"$MUTAGREE" evaluate --windows "$folder/w.pos" --others "$folder/w.neg" --bootstrap 0 --quiet | grep ROC >"$folder/ready.txt"
"$MUTAGREE" evaluate "${example[@]}" --bootstrap 0 --quiet | grep ROC >"$folder/cut.txt"
check "... give the same figures" cmp "$folder/ready.txt" "$folder/cut.txt"

# --- refused ---

expect_failure 2 '--others goes with --windows' "--others without --windows" \
    "$MUTAGREE" evaluate "${example[@]}" --others "$folder/w.neg" --quiet
expect_failure 1 'of 14 windows 14 are|of 13 windows 13 are' "nothing but ready starts" \
    "$MUTAGREE" evaluate --windows "$folder/w.pos" --quiet
expect_failure 2 'windows of a .pos file are starts' "starts given as others" \
    "$MUTAGREE" evaluate --windows "$folder/w.pos" --others "$folder/w.pos" --quiet

expect_failure 2 'Give --annotation' "no labels" "$MUTAGREE" evaluate --transcripts "${example[1]}" --quiet
expect_failure 1 "'chr99' is no file" "an unknown chromosome" "$MUTAGREE" evaluate "${example[@]}" --only chr99 --quiet
expect_failure 1 '1.json is there already' "a file that is there, before anything is read" \
    "$MUTAGREE" evaluate --transcripts "$folder/never.fa" --json "$folder/1.json" --bootstrap 0 --quiet
expect_failure 1 'cannot write to folder .*/never' "a folder that is not" \
    "$MUTAGREE" evaluate --transcripts "$folder/never.fa" --curve "$folder/never/1.tsv" --bootstrap 0 --quiet
expect_failure 1 'both kinds are needed' "nothing but starts" \
    "$MUTAGREE" evaluate "${example[@]}" --candidates annotated --quiet

# --- real: what is known of two networks on human chromosome 20 ---

data=../shared/data/human
if [ -r $data/chr20.transcripts.fa.gz ] && [ -r ../shared/model/tis_human_ref.safetensors ]; then
    real=(--transcripts "$data/chr20.transcripts.fa.gz" --annotation "$data/chr20.starts.bed" --arch tisrover+ --bootstrap 0 --quiet)
    "$MUTAGREE" evaluate "${real[@]}" --model ../shared/model/tis_human_ref.safetensors >"$folder/ref.txt"
    check_output "chromosome 20: windows" '^72,184 distinct windows of .* 1,367 of them' cat "$folder/ref.txt"
    check_output "reference network: AUROC" 'ROC curve +0\.9571' cat "$folder/ref.txt"
    check_output "reference network: AUPRC" 'precision-recall curve +0\.4561' cat "$folder/ref.txt"
    check_output "reference network: FPR at TPR 0.80" 'positive rate 0.80 +0\.069' cat "$folder/ref.txt"
    "$MUTAGREE" evaluate "${real[@]}" --model ../shared/data/tisrover_plus/tis_rover_plus.pth >"$folder/pub.txt"
    check_output "published TISRover+: AUROC" 'ROC curve +0\.9727' cat "$folder/pub.txt"
    check_output "published TISRover+: AUPRC" 'precision-recall curve +0\.531[78]' cat "$folder/pub.txt"
    check_output "published TISRover+: FPR at TPR 0.80" 'positive rate 0.80 +0\.0447' cat "$folder/pub.txt"
else
    skip "chromosome 20" "../shared is not here"
fi
finish

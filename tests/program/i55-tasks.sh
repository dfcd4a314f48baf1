#!/bin/bash
# i55  tasks: a regression meets no word of starts anywhere; splice sites have their kinds, regions and sections
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
onnx=tests/data/onnx
report() { "$MUTAGREE" report "$@"; }
to() { # FILE COMMAND...: what it says goes there
    local file=$1
    shift
    "$@" >"$file" 2>&1
}
scan() { "$MUTAGREE" scan --methods 'saliency deeplift' --bootstrap 50 "$@"; }

# Windows NAME TAB BASES of a length, in whose middle stands MIDDLE.
windows() { # N LENGTH SEED [MIDDLE]
    awk -v n="$1" -v l="$2" -v seed="$3" -v m="${4:-}" 'BEGIN {
        srand(seed)
        for (w = 0; w < n; w++) {
            s = ""
            for (i = 0; i < l; i++) s = s substr("ACGT", 1 + int(4 * rand()), 1)
            at = int(l / 2)
            print "win" seed "x" w "\t" substr(s, 1, at - 3) m substr(s, at - 2 + length(m))
        }
    }'
}

# --- a regression: a network without a head ---
windows 16 120 3 >"$folder/w.tsv"
net=(--model "$onnx/01_bpnet_residual_dilated.onnx")
text=$folder/text
mkdir "$text"
check "a network without a head is scanned as it is" to "$text/scan" scan "${net[@]}" --windows "$folder/w.tsv" --store hypothetical --out "$folder/run.h5"
cp "$folder/run.summary.tsv" "$folder/run.summary.json" "$text"
check_output "its own number is explained" 'explaining value' cat "$text/scan"
check_output "the task is told, and said" '^  task +windows: ' cat "$text/scan"
check_output "and kept" 'windows' "$MUTAGREE" info "$folder/run.h5"
check "its summary on the terminal" to "$text/summary.txt" report "$folder/run.h5"
check "a window of it" to "$text/window.txt" report "$folder/run.h5" --window win3x4
check "its report" to "$text/report.txt" report "$folder/run.h5" --out "$folder/out" --vega none --figures pdf --window win3x4
cp "$folder"/out/*.tsv "$folder"/out/*.json "$text"
for format in windows effects bedgraph vcf; do
    check "export $format" "$MUTAGREE" export "$folder/run.h5" --format "$format" --quiet --out "$text/export.$format"
done
check "predict" "$MUTAGREE" predict "${net[@]}" --windows "$folder/w.tsv" --quiet --out "$text/predict.tsv"
report "$folder/run.h5" --group nobody >"$text/error.group" 2>&1
report "$folder/run.h5" --window nobody >"$text/error.window" 2>&1
"$MUTAGREE" export "$folder/run.h5" --format windows --group nobody --out "$folder/none" >"$text/error.export" 2>&1
check_output "groups are those of the task" 'groups of .* are all, positive' cat "$text/error.group"
if command -v pdftotext >/dev/null; then
    for figure in "$folder"/out/figures/*.pdf; do pdftotext "$figure" "$text/$(basename "$figure").txt"; done
fi

# Words of starts, and of a score with a probability. The names of people's files, and what the user typed, are not ours.
words='start codon|annotated|\bcalled\b|the call\b|kozak|\bcodons?\b|premature|\bATG\b|hgvs|nonsense|missense|amino acid|\bP = |P after|sigmoid|log-odds|\bstarts?\b'
meets() { # FILE...: lines that meet one of the words
    sed -E 's/--candidates atg//g; s/"start": ?"[^"]*"//g' "$@" | grep -iE "$words"
}
for file in "$text"/*; do
    hit=$(meets "$file" | head -n 1 | cut -c 1-200)
    check "no word of starts in $(basename "$file")${hit:+: $hit}" test -z "$hit"
done
hit=$(sed 's/addEventListener[^;]*//g' "$folder/out/report.html" | grep -oiE ".{0,40}(start codon|annotated|\bcalled\b|the call\b|kozak|\bcodons?\b|premature|\bATG\b|hgvs|nonsense|missense|amino acid|sigmoid).{0,40}" | head -n 1)
check "none in the page, scripts and all${hit:+: $hit}" test -z "$hit"
check "sections of starts have no table" test ! -e "$folder/out/kozak.tsv" -a ! -e "$folder/out/classes.tsv"
check "the strongest stretches have" test -s "$folder/out/seqlets_found.tsv"
check_output "as many rows as methods" '^2$' bash -c "grep -cvE '^(#|method)' '$folder/out/seqlets_found.tsv'"
check_output "no probability where there is none" 'explain|score' head -n 12 "$text/predict.tsv"
check "predict has no such column" bash -c "! grep -q probability '$text/predict.tsv'"
check_output "verify makes it again" 'the same, bit by bit' "$MUTAGREE" verify "$folder/run.h5"

# --- the task by name ---
windows 24 120 5 AATGAG >"$folder/starts.tsv"
check_output "windows that all have ATG at the anchor are starts" '^  task +starts: ' bash -c "'$MUTAGREE' scan ${net[*]} --anchor 58 --windows '$folder/starts.tsv' --dry-run 2>/dev/null"
check_output "unless the user says otherwise" '^  task +regions: ' bash -c "'$MUTAGREE' scan ${net[*]} --anchor 58 --windows '$folder/starts.tsv' --task regions --dry-run 2>/dev/null"
expect_failure 2 'did you mean splice' "a task that is not there" "$MUTAGREE" scan "${net[@]}" --windows "$folder/w.tsv" --task splise --dry-run
expect_failure 2 'give --windows' "windows around codons are starts" "$MUTAGREE" scan "${net[@]}" --transcripts tests/data/small.spliced.fa --task regions --dry-run

# --- splice sites: donors and acceptors in one file ---
{ windows 12 120 7 CAGGTAAGT; windows 12 120 8 CAGATC; } >"$folder/splice.tsv"
check_output "kinds are told from the bases" '12 donors, 12 acceptors' bash -c "'$MUTAGREE' scan ${net[*]} --windows '$folder/splice.tsv' --task splice --dry-run 2>/dev/null"
check "a scan of them" scan "${net[@]}" --head softmax --classes "no yes" --windows "$folder/splice.tsv" --task splice --quiet --store hypothetical --out "$folder/splice.h5"
check "has a report" to /dev/null report "$folder/splice.h5" --out "$folder/splice" --vega none --figures svg
check_output "with a consensus of donors" '^donor	-3	A	mutations' cat "$folder/splice/splice_consensus.tsv"
check_output "and of acceptors" '^acceptor	-20	A	mutations' cat "$folder/splice/splice_consensus.tsv"
check_output "classes of substitutions by kind" '^acceptor	new_exon	makes a GT or AG in the exon	mutations	D' cat "$folder/splice/splice_classes.tsv"
check_output "agreement in the exon" '^deeplift	spearman	all:exon' cat "$folder/splice.summary.tsv"
check "figures of them" to "$folder/figures.txt" report "$folder/splice.h5" --out "$folder/splice" --force --vega none --figures svg
check "... have the consensus, and nothing of starts" test -s "$folder/splice/figures/splice.svg" -a ! -e "$folder/splice/figures/kozak.svg"
check "... of which no word is lost" bash -c "! grep -q kozak '$folder/figures.txt'"
check_output "verify knows kinds" 'the same, bit by bit' "$MUTAGREE" verify "$folder/splice.h5"
check "two ranks give the same" ranks 2 "$MUTAGREE" scan --methods 'saliency deeplift' --bootstrap 50 "${net[@]}" --head softmax --classes "no yes" --windows "$folder/splice.tsv" --task splice --quiet --store hypothetical --shard-size 7 --out "$folder/two.h5"
check "... bit by bit" "$MUTAGREE" diff --quiet "$folder/splice.h5" "$folder/two.h5"
finish

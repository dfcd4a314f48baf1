#!/bin/bash
# i25  predict: scores are those of a scan; table and BED, in transcripts and on the genome; what is refused
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=(--transcripts share/example/transcripts.fa.gz --annotation share/example/annotation.gtf.gz)
genome=(--genome tests/data/small.genome.fa --annotation tests/data/small.gtf --model tests/data/small.pth --candidates annotated)
predict() { "$MUTAGREE" predict --quiet "$@"; }

# --- the scores of a scan ---
check "a scan" "$MUTAGREE" scan "${data[@]}" --store summary --bootstrap 0 --methods saliency --quiet --out "$folder/run.h5"
"$MUTAGREE" export "$folder/run.h5" --format windows --out "$folder/windows.tsv" --quiet
predict "${data[@]}" >"$folder/table"
# Columns by name, of both: a window has the same label, score and probability.
cells() {
    awk -F '\t' -v names="transcript start label score probability" '/^##/ { next }
        !n { sub("#", ""); for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " "); next }
        { line = ""; for (i = 1; i <= n; i++) line = line "\t" $at[name[i]]; print line }' "$1"
}
check "all windows are there" test "$(cells "$folder/table" | wc -l)" -eq 338
check "scores and probabilities are those of the scan" cmp <(cells "$folder/table") <(cells "$folder/windows.tsv")

# --- threads, files, choices ---
predict "${data[@]}" --threads 1 -o "$folder/one.tsv"
predict "${data[@]}" --threads 3 --out "$folder/three.tsv.gz"
check "the same bytes for any number of threads" cmp "$folder/one.tsv" <(zcat "$folder/three.tsv.gz")
check "the table is a list of candidates" cmp <(grep -v '^#' "$folder/table") \
    <(predict "${data[@]}" --candidates "$folder/one.tsv" | grep -v '^#')
check "called ones only" cmp <(awk -F '\t' '/^#/ || $7 > 0' "$folder/table") <(predict "${data[@]}" --called)
"$MUTAGREE" windows "${data[@]}" --quiet | grep -v '^#' | cut -f 7 >"$folder/ready"
check "ready windows" cmp <(grep -v '^#' "$folder/table" | cut -f 7,8) <(predict --windows "$folder/ready" | grep -v '^#' | cut -f 7,8)

# --- the order of the bases, where nobody says it ---
said() { "$MUTAGREE" predict --transcripts "tests/data/small.spliced.fa" --annotation "tests/data/small.starts.bed" --model "tests/data/small.pth" "$@" 2>&1 >/dev/null; }
check_output "the order of the bases is assumed, and that is said" '^  bases        ACGT .assumed; --bases says otherwise.$' said
check_output "... and not when it is told" '^0$' bash -c "grep -c assumed <<<'$(said --bases ACGT)' || true"

# --- BED ---
predict "${data[@]}" --out "$folder/p.bed"
check "BED has a line a window" cmp <(grep -v '^#' "$folder/table" | awk -F '\t' -v OFS='\t' '{ print $1, $2, $3, $1 ":" $2, sprintf("%.0f", 1000 * $8), "+" }') "$folder/p.bed"
check "BED of split codons on the genome" predict "${genome[@]}" --on-genome --out "$folder/g.bed"
check_output "... over two exons of the forward strand" $'^chrA\t658\t701\tplus3:58\t[0-9]+\t\\+\t658\t701\t0\t2\t2,1,\t0,42,$' cat "$folder/g.bed"
check_output "... over three of the reverse strand" $'^chrA\t1499\t1541\tminus4:79\t[0-9]+\t-\t1499\t1541\t0\t3\t1,1,1,\t0,21,41,$' cat "$folder/g.bed"

# --- a network whose outputs are no probabilities ---
sed 's/^classes.*/head none/' tests/data/small.arch >"$folder/none.arch"
none=(--transcripts tests/data/small.spliced.fa --model tests/data/small.pth --arch "$folder/none.arch" --score logit)
check_output "a head of none has no column of probabilities" '7 7$' bash -c \
    "'$MUTAGREE' predict ${none[*]} --quiet | awk -F '\t' '/^#t/ { n = NF } { m = NF } END { print n, m }'"
expect_failure 2 "is 'none', so it calls nothing" "... and calls nothing" "$MUTAGREE" predict "${none[@]}" --called

# --- what is refused ---
expect_failure 2 'give a name that ends in .bed' "a table on the genome" "$MUTAGREE" predict "${genome[@]}" --on-genome
expect_failure 2 'needs the exons' "no annotation for the genome" \
    "$MUTAGREE" predict "${data[@]:0:2}" --on-genome --out "$folder/x.bed"
expect_failure 1 'holds no exons' "BED has no exons" "$MUTAGREE" predict --transcripts tests/data/small.spliced.fa \
    --annotation tests/data/small.starts.bed --model tests/data/small.pth --on-genome --out "$folder/x.bed"
expect_failure 1 'one.tsv is there already' "a file that is there" "$MUTAGREE" predict "${data[@]}" --quiet --out "$folder/one.tsv"
expect_failure 2 'give one of --transcripts' "no sequences" "$MUTAGREE" predict
check "nothing is left behind" test -z "$(find "$folder" -name '*.part' -o -name 'x.bed')"
finish

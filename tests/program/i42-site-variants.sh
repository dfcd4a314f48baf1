#!/bin/bash
# i42  score --vcf on sites and regions of a genome: effects are those of a scan, windows after indels those of an oracle
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=tests/data/sites # made by tests/oracle/sites.py
input=(--model tis-human --genome "$data/genome.fa")
score() { "$MUTAGREE" score --quiet "${input[@]}" "$@"; }
vcf() { printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' && cat; }

# --- substitutions: the effects of a scan ---
"$MUTAGREE" scan "${input[@]}" --regions $data/some.bed --methods saliency --bootstrap 0 --quiet --out "$folder/run.h5"
"$MUTAGREE" export "$folder/run.h5" --format effects --quiet --out "$folder/effects"
"$MUTAGREE" export "$folder/run.h5" --format vcf --quiet --out "$folder/all.vcf"
grep -v '^#' "$folder/all.vcf" | cut -f 1-5 | awk -v OFS='\t' '{ print $0, ".", ".", "." }' | vcf >"$folder/in.vcf"
check "all substitutions of all windows" score --regions $data/some.bed --vcf "$folder/in.vcf" --out "$folder/scored.tsv"
awk -F '\t' '!/^#/ && $6 == "scored" { print $7, $1 ":g." $2 $4 ">" $5, $9, $11 }' "$folder/scored.tsv" | LC_ALL=C sort >"$folder/a"
awk -F '\t' 'NR > 1 { print $1, $10, $7, $11 }' "$folder/effects" | LC_ALL=C sort >"$folder/b"
check "are those of a scan, on both strands" cmp <(cut -d ' ' -f 1-3 "$folder/a") <(cut -d ' ' -f 1-3 "$folder/b")
# A scan adds in float32 in another order: six digits of scores of up to 20.
check "have its effects" awk 'NR == FNR { e[$1 $2] = $4; n++; next } { d = $4 - e[$1 $2]; if (d > 1e-4 || d < -1e-4) exit 1 } END { if (n < 5000) exit 1 }' "$folder/a" "$folder/b"
check_output "columns without words of starts" '^#chromosome	position	id	ref	alt	state	site	strand	place	label	effect	score	score_after	probability	probability_after	call	gene$' cat "$folder/scored.tsv"

# --- insertions and deletions, in repeats, over edges of windows and chromosomes, over the site ---
score --regions $data/some.bed --vcf $data/indels.vcf --sort input --out "$folder/indels.tsv"
grep -v '^#' "$folder/indels.tsv" | awk -F '\t' -v OFS='\t' '$6 == "scored" { print $3, $7, $9, $12, $13 }' | sort >"$folder/rows"
check "the windows that they change, and where they lie" cmp <(cut -f 1-3 "$folder/rows") <(cut -f 1-3 $data/indels.tsv | sort)
cut -f 4 $data/indels.tsv >"$folder/before.txt"
cut -f 5 $data/indels.tsv >"$folder/after.txt"
for when in before after; do
    "$MUTAGREE" predict --model tis-human --windows "$folder/$when.txt" --quiet | grep -v '^#' | cut -f 7 >"$folder/$when"
done
check "score before and after are those of the oracle's windows" cmp <(sort "$folder/rows") \
    <(paste <(cut -f 1-3 $data/indels.tsv) "$folder/before" "$folder/after" | sort)
check "the same bytes for any number of threads" cmp <(score --regions $data/some.bed --vcf $data/indels.vcf --threads 1) <(score --regions $data/some.bed --vcf $data/indels.vcf --threads 3)

# --- splice sites ---
printf 'A\t460\tx\t%s\tG,T\t.\t.\tDP=3\n' "$(awk '!/^>/ { s = s toupper($0) } END { print substr(s, 460, 1) }' $data/genome.fa)" | vcf >"$folder/one.vcf"
check "sites of an annotation, into the VCF" score --annotation $data/genes.gtf --sites donor,acceptor --vcf "$folder/one.vcf" --skip-mismatch --out "$folder/out.vcf"
check_output "... with kinds, genes and labels" 'DP=3;MUTAGREE=.*(donor|acceptor):chrA:[^|]*\|[+-]\|-?[0-9]+\|[01]\|.*\|g[0-9]' cat "$folder/out.vcf"
check "... and no classes" bash -c "! grep -q MUTAGREE_CLASS '$folder/out.vcf'"

# --- what is not scored ---
sequence() { awk -v from="$2" -v n="$3" '/^>/ { on = $1 == ">'"$1"'" } on && !/^>/ { s = s toupper($0) } END { print substr(s, from, n) }' $data/genome.fa; }
{
    printf 'chrA\t1400\tfar\t%s\t%s\t.\t.\t.\n' "$(sequence chrA 1400 1)" "$(sequence chrA 1400 1 | tr ACGT CGTA)"
    printf 'chrQ\t14\tq\tA\tC\t.\t.\t.\nchrA\t100\ts\tA\t<DEL>\t.\t.\t.\n'
} | vcf >"$folder/odd.vcf"
printf 'chrA\t100\t101\n' >"$folder/r.bed"
check "outside of all windows, another chromosome, no sequence" test "$(score --regions "$folder/r.bed" --vcf "$folder/odd.vcf" --sort input | grep -v '^#' | cut -f 6 | tr '\n' ' ')" = "outside_windows unknown_chromosome symbolic "
printf 'chrA\t101\tm\t%s\tA\t.\t.\t.\n' "$(sequence chrA 101 1 | tr ACGT CGTA)" | sed 's/A\t\.\t\.\t\.$/'"$(sequence chrA 101 1)"'\t.\t.\t./' | vcf >"$folder/wrong.vcf"
expect_failure 1 "REF has [ACGT] at chrA:101, but the sequence has" "a REF of another genome" score --regions "$folder/r.bed" --vcf "$folder/wrong.vcf"

printf 'chrA\t99999999\tfar\tA\tC\t.\t.\t.\n' | vcf >"$folder/far.vcf"
expect_failure 1 "line 3: chrA:99999999 with REF A lies beyond the end of the chromosome, which has [0-9]* nt" "a place beyond the chromosome" score --regions "$folder/r.bed" --vcf "$folder/far.vcf"
check "... is passed over when asked" test "$(score --regions "$folder/r.bed" --vcf "$folder/far.vcf" --skip-mismatch | grep -v '^#' | cut -f 6)" = ref_mismatch

# --- a network without a head: its value, and no word of a probability ---
printf 'chrA\t131\tone\t%s\t%s\t.\t.\t.\n' "$(sequence chrA 131 1)" "$(sequence chrA 131 1 | tr ACGT CGTA)" | vcf >"$folder/one.vcf"
printf 'chrA\t100\t160\n' >"$folder/one.bed"
"$MUTAGREE" score --vcf "$folder/one.vcf" --genome tests/data/sites/genome.fa --regions "$folder/one.bed" --model tests/data/onnx/05_gelu.onnx --quiet >"$folder/value.tsv" 2>&1
check "without --score it is the value" grep -q '^## score and effect in value' "$folder/value.tsv"
check "... which has neither probability nor call" test "$(grep -v '^#' "$folder/value.tsv" | cut -f 6,14-16)" = "$(printf 'scored\t.\t.\t.')"

finish

#!/bin/bash
# i31  score: insertions and deletions at the ends of exons, written leftmost and rightmost, on both strands: the same results,
# and those of an oracle that knows every way to write them (tests/oracle/exon_edges.py)
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
data=tests/data/edges
score() { "$MUTAGREE" score --quiet --sort input "$@" | grep -v '^##' | cut -f 3,6-; } # all but the way it is written
# What was found, against lines of "ID transcript inside|partly names": no line more, none less.
agree() {
    awk -F '\t' 'NR == FNR { wanted[$1 " " $2] = $3 " " $4; next } $1 == "id" || $3 == "." { next }
        { key = $1 " " $3; n++; split(wanted[key], want, " "); seen[key] = 1
          place = $2 == "partly_outside" ? "partly" : "inside"
          if (place != want[1] || ($2 == "scored" && index("," want[2] ",", "," $6 ",") == 0)) { bad++; print key, "is", $2, $6, "should be", wanted[key] } }
        END { for (key in wanted) if (!(key in seen)) { bad++; print "missing:", key, wanted[key] } exit bad || n == 0 }' "$1" "$2"
}
on=(--genome "$data.genome.fa" --annotation "$data.gtf")
score --vcf $data.left.vcf "${on[@]}" >"$folder/left"
score --vcf $data.right.vcf "${on[@]}" >"$folder/right"
check "leftmost or rightmost, it is the same" cmp "$folder/left" "$folder/right"
check "as by the oracle" agree $data.tsv "$folder/left"
check "some are scored on either strand, and some reach over the end however they are written" \
    test "$(awk '$2 == "scored" { print $3 } $2 == "partly_outside" { print "partly" }' "$folder/left" | sort -u | tr '\n' ' ')" = \
    "one0 one1 one2 one3 partly two0 two1 two2 two3 "
check "the oracle's events are other spellings" test "$(diff <(cut -f 2 $data.left.vcf) <(cut -f 2 $data.right.vcf) | grep -c '^<')" -gt 200
score --vcf $data.right.vcf "${on[@]}" --threads 3 >"$folder/three"
check "for any number of threads" cmp "$folder/right" "$folder/three"

# --- on the transcript itself ---
cat >"$folder/t.fa" <<'END'
>T
AACCATGGCTGCTCGTTAACCGG
END
printf 'T\t4\t7\n' >"$folder/t.bed"
vcf() { printf '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' && cat; }
# shellcheck disable=SC2059 # a record is a format: its tabs
name() { printf "$1" | vcf | score --vcf - --transcripts "$folder/t.fa" --annotation "$folder/t.bed" | tail -n 1 | cut -f 2,6; }
check "before the first base, as inside" test "$(name 'T\t1\t.\tA\tAA\t.\t.\t.\n')" = "$(name 'T\t2\t.\tA\tAA\t.\t.\t.\n')"
check "... which is scored" test "$(name 'T\t1\t.\tA\tAA\t.\t.\t.\n')" = $'scored\tc.-3dup'
check "behind the last base, as inside" test "$(name 'T\t23\t.\tG\tGG\t.\t.\t.\n')" = $'scored\tc.*4dup'
check "not what is no base of it" test "$(name 'T\t1\t.\tA\tCA\t.\t.\t.\n')" = $'partly_outside\t.'

# --- a repeat of 3 kb, from one exon over the intron into the next: the event stands in the last, from whichever end ---
awk 'BEGIN { r = ""; for (i = 0; i < 1500; i++) r = r "CA"; print ">far\nGTTGATGGC" r "TTGATCC" }' >"$folder/far.fa"
gtf() { printf 'far\tx\texon\t3\t30\t.\t%s\t.\ttranscript_id "F";\nfar\tx\texon\t2971\t3014\t.\t%s\t.\ttranscript_id "F";\n' "$1" "$1"; }
{ gtf + && printf 'far\tx\tstart_codon\t5\t7\t.\t+\t0\ttranscript_id "F";\n'; } >"$folder/far.gtf"
at() { printf 'far\t%s\t.\t%s\t%s\t.\t.\t.\n' "$@" | vcf | score --vcf - --genome "$folder/far.fa" --annotation "$folder/far.gtf" --candidates annotated | tail -n 1; }
last=$(at 3006 CAC C)
for position in 10 11 1000 2500 2971; do
    [ $((position % 2)) -eq 0 ] && way=(CAC C) || way=(ACA A)
    check "a deletion at $position of a long repeat" test "$(at $position "${way[@]}")" = "$last"
done
check_output "... is named in the last exon" '^\.	scored	F	.*c\.64_65del' echo "$last"
last=$(at 3007 A ACA)
for position in 11 12 1001 2970; do
    [ $((position % 2)) -eq 0 ] && way=(C CAC) || way=(A ACA)
    check "an insertion at $position" test "$(at $position "${way[@]}")" = "$last"
done

# --- yeast: every 17th end of an exon; without EVERY, 444,244 events and as many pairs, of which none differs ---
yeast=../shared/data/yeast/Saccharomyces_cerevisiae.R64-1-1
if [ -r $yeast.dna.toplevel.fa.gz ] && command -v python3 >/dev/null; then
    on=(--genome "$yeast.dna.toplevel.fa.gz" --annotation "$yeast.96.gtf.gz")
    python3 tests/oracle/exon_edges.py sweep "${on[1]}" "${on[3]}" "$folder/l.vcf" "$folder/r.vcf" "$folder/wanted" "${EVERY:-17}"
    score --vcf "$folder/l.vcf" "${on[@]}" >"$folder/l"
    score --vcf "$folder/r.vcf" "${on[@]}" >"$folder/r"
    check "yeast: leftmost or rightmost, it is the same" cmp "$folder/l" "$folder/r"
    check "yeast: as by the oracle" agree "$folder/wanted" "$folder/l"
else
    skip "yeast: leftmost or rightmost, it is the same" "no $yeast, or no python3"
fi
finish

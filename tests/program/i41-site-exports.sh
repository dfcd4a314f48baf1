#!/bin/bash
# i41  exports of a run of sites: genome coordinates without an annotation, and no word of codons
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
export MUTAGREE_SHARE=$PWD/share
data=tests/data/sites
scan() { "$MUTAGREE" scan --model tis-human --genome $data/genome.fa --methods lrp --bootstrap 0 --store hypothetical --quiet "$@"; }
run=$folder/run.h5
check "a scan of peaks on both strands, over the edges" scan --regions $data/peaks.narrowPeak --out "$run"
write() { "$MUTAGREE" export "$run" --quiet --format "$@"; }
sorted() { LC_ALL=C sort -c -s -k1,1 -k2,2n "$1"; }

write windows --out "$folder/windows"
write effects --out "$folder/effects"
write bed --out "$folder/run.bed"
write bedgraph --out "$folder/run.bg"
write vcf --out "$folder/run.vcf"
check "BED: sorted" sorted "$folder/run.bed"
check "... the windows, named after their places, the base of the site thick" cmp <(sort "$folder/run.bed" | cut -f 1-4,6,7) \
    <("$MUTAGREE" windows --length 203 --anchor 60 --genome $data/genome.fa --regions $data/peaks.narrowPeak --quiet | grep -v '^#' |
        awk -F '\t' -v OFS='\t' '{ split($4, at, /[:()]/); n = split(at[2], ends, "-"); begin = n == 3 ? -ends[2] : ends[1]
            print $1, $2, $3, $4, $6, $6 == "+" ? begin + 60 : begin + 142 }' | sort)
check "bedGraph: sorted, without overlaps" sorted "$folder/run.bg"
check "... a line a known base" test "$(wc -l <"$folder/run.bg")" -eq "$(awk -F '\t' 'NR > 1 { print $2, $6 }' "$folder/effects" | sort -u | wc -l)"
# chromosome, position, REF of each record, and what the genome has there
genome_has() {
    awk 'NR == FNR { if (/^>/) name = substr($1, 2); else base[name] = base[name] toupper($0); next }
        !/^#/ { print $1, $2, substr(base[$1], $2, 1) }' $data/genome.fa "$1"
}
check "VCF: REF is what the genome has" cmp <(grep -v '^#' "$folder/run.vcf" | awk '{ print $1, $2, $4 }') <(genome_has "$folder/run.vcf")
check_output "... with the lengths of the chromosomes" '##contig=<ID=chrA,length=3000>' cat "$folder/run.vcf"
# Of variants in one window: name by HGVS, place seen from the site, effect.
check "... and the effects of the table, on either strand" cmp \
    <(awk -F '\t' '!/^#/ && $8 !~ /SITE=[^;]*,/ { split($8, i, /[;=]/); print $1 ":g." $2 $4 ">" substr($5, 1, 1), $8 }' "$folder/run.vcf" | sed -E 's/ .*;EFFECT=([^;]*);.*POSITION=([^;]*).*/ \2 \1/; s/ STRONGEST[^ ]*EFFECT=([^;]*).*/ \1/' | sort) \
    <(awk -F '\t' 'NR > 1 { n[$10]++; line[$10] = $10 " " $7 " " $11 } END { for (k in n) if (n[k] == 1) print line[k] }' "$folder/effects" | sort)
check "no word of codons" bash -c "! grep -iE 'codon|start|transcript|HGVSC|CLASS' <(head -n 1 '$folder/windows' | cut -f 1-11) <(head -n 1 '$folder/effects') <(grep '^#' '$folder/run.vcf')"
check "the input of TF-MoDISco" write modisco --method lrp --out "$folder/run.npz"
expect_failure 2 "a run of sites knows where they lie" "an annotation for what has its places" write bed --annotation $data/genes.gtf --out -

# --- splice sites: labels of decoys, names of kinds ---
check "a scan of splice sites" scan --annotation $data/genes.gtf --sites donor,acceptor --out "$run" --force
write windows --out "$folder/windows" --force
check "labels of sites and decoys" test "$(cut -f 1,5 "$folder/windows" | awk '{ sub(/:.*/, "", $1); k = $1 ":" $2; if (!seen[k]++) list[++n] = k } END { print list[1]; for (i = 2; i <= n; i++) print list[i] | "sort" }' | tr '\n' ' ')" = "site:label acceptor:0 acceptor:1 donor:0 donor:1 "
check_output "gene of each" $'^donor:chrA:.*\tg0\t' cat "$folder/windows"
expect_failure 2 "no group 'called'|has no group" "a group that is not there" write windows --group nonsense --out -

# --- genetic codes: a mitochondrion's transcripts are read with its own, though their windows are those of others ---
coding=CCACCATGGCTTGGAAAGCTTGGGCTAAATAAGC # TGG at 11 of the transcript
for c in 1 MT; do printf '>%s\n%s\n' $c $coding; done >"$folder/mt.fa"
for c in 1 MT X; do
    [ $c = X ] && table=';transl_table=2' name=1 || table='' name=$c
    printf '%s\tx\tmRNA\t1\t34\t.\t+\t.\tID=t%s\n%s\tx\texon\t1\t34\t.\t+\t.\tParent=t%s\n%s\tx\tCDS\t6\t32\t.\t+\t0\tID=c%s;Parent=t%s%s\n' $name $c $name $c $name $c $c "$table"
done >"$folder/mt.gff3"
"$MUTAGREE" scan --model tis-human --genome "$folder/mt.fa" --annotation "$folder/mt.gff3" --candidates annotated --methods saliency --bootstrap 0 --quiet --out "$folder/mt.h5"
classes() { "$MUTAGREE" export "$folder/mt.h5" --format effects --quiet --out - "$@" | awk -F '\t' '$4 == 13 && $7 == "A" { printf "%s:%s ", $1, $11 }'; }
check "TGG to TGA: a stop, but of MT, and where transl_table says so, Trp as before" test "$(classes)" = "t1:nonsense tMT:silent tX:silent "
check "... whatever is asked for the others" test "$(classes --genetic-code 4)" = "t1:silent tMT:silent tX:silent "
check_output "... in VCF as well" 'TRANSCRIPT=t1,tX.*|CLASS=nonsense,silent' bash -c "'$MUTAGREE' export '$folder/mt.h5' --format vcf --annotation '$folder/mt.gff3' --quiet --out - | grep -P '^1\t14\t.*\tA\t' | grep 'CLASS=nonsense,silent'"
for c in 1 MT; do
    grep -P "^$c\t" "$folder/mt.gff3" | grep -v 'X' >"$folder/$c.gff3"
    "$MUTAGREE" scan --model tis-human --genome "$folder/mt.fa" --annotation "$folder/$c.gff3" --candidates annotated --methods saliency --bootstrap 0 --quiet --out "$folder/only$c.h5"
done
"$MUTAGREE" report "$folder/onlyMT.h5" -o "$folder/mt" >/dev/null 2>&1
"$MUTAGREE" report "$folder/only1.h5" -o "$folder/code2" --genetic-code 2 >/dev/null 2>&1
"$MUTAGREE" report "$folder/only1.h5" -o "$folder/code1" >/dev/null 2>&1
for table in classes codons auroc; do
    check "a report of MT: $table as by code 2" cmp "$folder/mt/$table.tsv" "$folder/code2/$table.tsv"
done
check "... which are others than by code 1" bash -c "! cmp -s '$folder/mt/classes.tsv' '$folder/code1/classes.tsv'"
finish

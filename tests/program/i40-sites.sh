#!/bin/bash
# i40  sites and regions of a genome: windows as bedtools and htslib cut them; strands, decoys, edges, blacklist; what is refused
# shellcheck source=tests/program/tap.sh
. "$(dirname "$0")/tap.sh"
data=tests/data/sites # made by tests/oracle/sites.py with bedtools and samtools
windows() { "$MUTAGREE" windows --length 61 --anchor 30 --genome $data/genome.fa "$@"; }
# Name, label and sequence.
cells() { windows --quiet "$@" | grep -v '^#' | cut -f 4,8,13; }
same() {
    local name=$1 expected=$2
    shift 2
    check "$name" cmp <(cells "$@") "$expected"
}

# --- held to other programs ---
same "centres of BED12, both strands, edges, N runs: as bedtools getfasta -s and samtools faidx" $data/regions.tsv --regions $data/regions.bed
same "summits of a narrowPeak" $data/peaks.tsv --regions $data/peaks.narrowPeak
same "maxima of a bedGraph" $data/signal.tsv --regions $data/signal.bedGraph
check "sites of an annotation, each once" cmp <(cells --annotation $data/genes.gtf --sites donor,acceptor,tss,tes --decoys 0 | sort) <(sort $data/genes.tsv)

# --- decoys ---
splice=(--annotation "$data/genes.gtf" --sites "donor,acceptor")
windows --quiet "${splice[@]}" --decoys 3 >"$folder/decoys"
column() { grep -v '^#' "$folder/decoys" | awk -F '\t' -v kind="$1" -v at="$2" '$7 == kind && $8 == 0 { print substr($13, at, 2) }' | sort -u; }
check "decoys of donors are GT, of acceptors AG before the site" test "$(column donor 31) $(column acceptor 29)" = "GT AG"
check "three a site" test "$(cut -f 7,8 "$folder/decoys" | grep -c 0)" -eq "$(($(cut -f 7,8 "$folder/decoys" | grep -c 1) * 3))"
check "none is a site" test -z "$(comm -12 <(awk -F '\t' '$8 == 0 { print $4 }' "$folder/decoys" | sort) <(cut -f 1 $data/genes.tsv | sort))"
check "the same each time" cmp "$folder/decoys" <(windows --quiet "${splice[@]}" --decoys 3)
check "others by another seed" bash -c "! cmp -s '$folder/decoys' <('$MUTAGREE' windows --length 61 --anchor 30 --genome $data/genome.fa --quiet ${splice[*]} --decoys 3 --decoy-seed 2)"
check "genes, and windows that overlap, are clusters" test "$(grep -v '^#' "$folder/decoys" | awk -F '\t' '{ print $10 "\t" $9 }' | sort -u | cut -f 1 | uniq -d | wc -l)" -eq 0
check_output "what was found is said" '[0-9]+ donor and [0-9]+ decoys, [0-9]+ acceptor and [0-9]+ decoys, 7 genes' bash -c "'$MUTAGREE' windows --length 61 --anchor 30 --genome $data/genome.fa ${splice[*]} 2>&1 >/dev/null"

# --- start and stop codons, whether the CDS has its stop codon or not, in one exon or over two, on either strand ---
printf '>c\nCCATGAAATAGCC''GGCTATTTCATGG''CATGAAAT''GTCCCCAG''AGCC\n' >"$folder/c.fa"
exon() { printf 'c\tx\t%s\t%s\t%s\t.\t%s\t0\ttranscript_id "%s";\n' "$4" "$2" "$3" "$5" "$1"; }
exons() { exon f 1 13 exon +; exon r 14 26 exon -; exon s 27 34 exon +; exon s 43 46 exon +; }
{ exons; exon f 3 11 CDS +; exon r 16 24 CDS -; exon s 28 34 CDS +; exon s 43 44 CDS +; } >"$folder/with.gtf"
{ exons; exon f 3 8 CDS +; exon r 19 24 CDS -; exon s 28 33 CDS +; } >"$folder/without.gtf"
spots() { "$MUTAGREE" windows --length 3 --anchor 0 --quiet --genome "$folder/c.fa" --annotation "$folder/$1" --sites start,stop | grep -v '^#' | cut -f 4,13 | sort; }
check "start and stop codons, one of them over two exons" cmp <(spots with.gtf) <(sort <<'END'
start:c:2-5(+)	ATG
start:c:21-24(-)	ATG
start:c:27-30(+)	ATG
stop:c:8-11(+)	TAG
stop:c:15-18(-)	TAG
stop:c:33-36(+)	TGT
END
)
check "the same, where the CDS ends before the stop codon" cmp <(spots with.gtf) <(spots without.gtf)

# --- strands, lower case, names, blacklist, clusters ---
printf 'A\t100\t161\nA\t130\t191\nA\t1000\t1061\nchrZ\t1\t9\n' >"$folder/r.bed"
cells --regions "$folder/r.bed" --strand both | cut -f 1 >"$folder/both"
check "both strands, and a chromosome with and without chr" cmp "$folder/both" <(printf 'chrA:%s\n' '100-161(+)' '100-161(-)' '130-191(+)' '130-191(-)' '1000-1061(+)' '1000-1061(-)')
check "overlapping windows are one cluster" test "$(windows --quiet --regions "$folder/r.bed" --strand both | grep -v '^#' | cut -f 9 | tr '\n' ' ')" = "0 0 0 0 4 4 "
check_output "a chromosome that the genome lacks is said" "1 left out: the genome lacks their chromosome, the first 'chrZ'" bash -c "'$MUTAGREE' windows --length 61 --anchor 30 --genome $data/genome.fa --regions '$folder/r.bed' 2>&1"
printf 'chrA\t1030\t1031\n' >"$folder/black.bed"
check "a window that touches the blacklist is left out" test "$(cells --regions "$folder/r.bed" --blacklist "$folder/black.bed" | wc -l)" -eq 2
check "lower case as unknown" cmp <(cells --regions $data/regions.bed --soft-mask unknown --edges skip | cut -f 3) \
    <("$MUTAGREE" windows --length 61 --anchor 30 --quiet --regions $data/regions.bed --edges skip --genome <(sed '/^>/!s/[acgt]/N/g' $data/genome.fa) | grep -v '^#' | cut -f 13)
check "blanks, carriage returns, and what browsers put there" cmp <(cells --regions <(printf 'browser position chrA\ntrack type=bed name="a\tb"\nchrA 100 161 x 0 -\r\n')) <(cells --regions <(printf 'chrA\t100\t161\tx\t0\t-\n'))
check "a track line tells bedGraph" test "$(cells --regions <(printf 'track type=bedGraph\nchrA 100 110 0\nchrA 110 121 2.5\n') | cut -f 1)" = "chrA:85-146(+)"

# --- the commands ---
model=(--model tis-human --genome "$data/genome.fa")
export MUTAGREE_SHARE=$PWD/share
check "a scan of regions" "$MUTAGREE" scan "${model[@]}" --regions $data/peaks.narrowPeak --methods saliency --bootstrap 0 --quiet --out "$folder/run.h5"
check "the same bytes on two ranks" bash -c "OMP_NUM_THREADS=1 timeout 100 mpirun --oversubscribe --bind-to none -n 2 '$MUTAGREE' scan ${model[*]} --regions $data/peaks.narrowPeak --methods saliency --bootstrap 0 --quiet --shard-size 3 --out '$folder/two.h5' && cmp '$folder/run.summary.tsv' '$folder/two.summary.tsv'"
check "predict gives them scores, and BED of the genome" "$MUTAGREE" predict "${model[@]}" --regions $data/peaks.narrowPeak --quiet --on-genome --out "$folder/p.bed"
check "... a line a window" test "$(wc -l <"$folder/p.bed")" -eq 19
check "... the lines of the run's own BED" cmp <(sort "$folder/p.bed") <("$MUTAGREE" export "$folder/run.h5" --format bed --out - --quiet | sort)
check "BED of sites is that of the genome without a word more" cmp <("$MUTAGREE" predict "${model[@]}" --regions $data/peaks.narrowPeak --quiet --out "$folder/q.bed" && cat "$folder/q.bed") "$folder/p.bed"
"$MUTAGREE" predict "${model[@]}" --regions $data/peaks.narrowPeak --quiet >"$folder/p.tsv"
check "a table of sites has their places and no word of codons" cmp <(grep -v '^##' "$folder/p.tsv" | cut -f 1-5,8,9 | sed 1s/#//) \
    <("$MUTAGREE" export "$folder/run.h5" --format windows --out - --quiet | cut -f 1-7)
printf 'chrB\t899\t900\nchrB\t0\t1\nchrB\t0\t1\tx\t0\t-\n' >"$folder/ends.bed"
check "the first and the last base of a chromosome are sites like others" cmp <(printf '899 +\n0 +\n0 -\n') \
    <("$MUTAGREE" predict "${model[@]}" --regions "$folder/ends.bed" --quiet | grep -v '^#' | cut -f 3,4 | tr '\t' ' ')
check "without --anchor the site is in the middle" cmp <("$MUTAGREE" windows --length 61 --genome $data/genome.fa --regions $data/regions.bed --quiet) <(windows --regions $data/regions.bed --quiet)
check_output "donors beside other sites are told of as sites" 'task +ends: .*several kinds of site' bash -c "'$MUTAGREE' windows --length 61 --genome $data/genome.fa --annotation $data/genes.gtf --sites donor,tss 2>&1 >/dev/null"

"$MUTAGREE" scan "${model[@]}" --annotation $data/genes.gtf --sites donor --decoys 0 --methods saliency --metrics single --bootstrap 0 --quiet --out "$folder/no.h5"
check_output "a page about sites that the network calls none of says so" 'The network calls none of these [0-9]+ annotated splice sites' "$MUTAGREE" report "$folder/no.h5" --out "$folder/no"

# --- both strands ---
network=tests/data/onnx/05_gelu.onnx # 60 nt, two outputs
windows --quiet --length 60 --anchor 30 --regions $data/some.bed --edges skip | grep -v '^#' | cut -f 13 >"$folder/w"
rev <"$folder/w" | tr ACGT TGCA >"$folder/rc"
scores() { "$MUTAGREE" predict --model $network --score logit --quiet --windows "$@" | grep -v '^#' | cut -f 7; }
scores "$folder/w" >"$folder/one"
scores "$folder/rc" >"$folder/other"
scores "$folder/w" --both-strands >"$folder/mean"
check "--both-strands is the mean of the two" awk '{ d = ($1 + $2) / 2 - $3; if (d > 2e-5 || d < -2e-5) exit 1; n++ } END { if (n < 5) exit 1 }' <(paste "$folder/one" "$folder/other" "$folder/mean")
check "... and the same for a window and its reverse complement" awk '{ d = $1 - $2; if (d > 2e-5 || d < -2e-5) exit 1 }' <(paste "$folder/mean" <(scores "$folder/rc" --both-strands))
check "a scan of it" "$MUTAGREE" scan --model $network --both-strands --score logit --genome $data/genome.fa --regions $data/some.bed --methods 'saliency deeplift' --bootstrap 0 --quiet --out "$folder/both.h5"
check "... which verify works out again" "$MUTAGREE" verify "$folder/both.h5" --quiet
expect_failure 2 "not for networks of printed layers" "printed layers on both strands" "$MUTAGREE" predict "${model[@]}" --regions $data/some.bed --both-strands

# --- a pipe that nobody writes into ---
mkfifo "$folder/pipe"
check_output "info refuses a pipe" 'is no regular file' bash -c "timeout 20 '$MUTAGREE' info '$folder/pipe' 2>&1 || true"
"$MUTAGREE" scan "${model[@]}" --regions "$folder/pipe" --quiet --out "$folder/waits.h5" --status "$folder/status.json" 2>"$folder/said" &
job=$!
await $job grep -q '"state": "reading"' "$folder/status.json" 2>/dev/null
sleep 1 # until it waits: a signal that comes before is heard as well
kill -TERM $job
wait $job
check "a scan that waits for one hears that it is to stop" test $? -eq 75
check "... and says so" grep -q "stopped by SIGTERM" "$folder/said"
(sleep 0.3; cat $data/peaks.narrowPeak >"$folder/pipe") &
check "one that is written into later is read" test "$(timeout 60 "$MUTAGREE" windows --length 61 --anchor 30 --genome $data/genome.fa --quiet --regions "$folder/pipe" | wc -l)" -eq 19
wait

# --- what is refused ---
expect_failure 2 "--regions is given twice, 'a.bed' and 'b.bed'; it takes one" "an input twice" windows --regions a.bed --regions b.bed
expect_failure 2 "--transcripts is given twice" "transcripts twice" "$MUTAGREE" windows --transcripts a.fa --transcripts b.fa
refuse() {
    local regex=$1 name=$2
    shift 2
    expect_failure 1 "$regex" "$name" windows "$@"
}
bad() {
    printf "$3" >"$folder/bad.bed"
    refuse "bad.bed line $1" "$2" --regions "$folder/bad.bed"
}
bad '1: the begin is -5; positions of a BED count from 0' "a negative begin" 'chrA\t-5\t20\n'
bad '2: the interval 50 to 20 is reversed' "a reversed interval" '# x\nchrA\t50\t20\n'
bad '1: the interval 20 to 20 is empty' "an empty interval" 'chrA\t20\t20\n'
bad '1: the end is 99999999999999999999; no chromosome is that long' "a huge end" 'chrA\t20\t99999999999999999999\n'
bad "1: the begin is 'x'; a whole number is wanted in column 2" "no number" 'chrA\tx\t20\n'
bad '1: 2 columns' "two columns" 'chrA\t20\n'
bad "1: the strand is 'x'" "a strand that is none" 'chrA\t1\t20\tn\t0\tx\n'
bad '1: a zero byte' "a zero byte" 'chrA\t1\t20\tn\0\t0\n'
bad "1: chromosome chrB ends at 900 but this region reaches to 990" "past the end of the chromosome" 'chrB\t900\t990\n'
printf 'chrA\t1\t20\tn\t0\t+\t1\t1\t1\t19\n' >"$folder/bad.narrowPeak"
refuse "bad.narrowPeak line 1: the summit is '19'; a number below 19" "a summit outside its peak" --regions "$folder/bad.narrowPeak"
printf 'chrA\t1\t20\t1\nchrA\t10\t30\t1\n' >"$folder/bad.bg"
refuse "bad.bg line 2: this interval begins before the one of line 1 ends" "a bedGraph that overlaps" --regions "$folder/bad.bg"
printf 'X\t1\t20\n' >"$folder/x.bed"
refuse "none of its chromosomes is in .*genome.fa; it names for example 'X', the genome 'chrA'" "another genome" --regions "$folder/x.bed"
: >"$folder/none.bed"
refuse "holds no region" "an empty file" --regions "$folder/none.bed"
expect_failure 2 "needs the genome" "regions without a genome" "$MUTAGREE" windows --regions "$folder/r.bed"
expect_failure 2 "there is no 'dono'" "an unknown kind of site" windows --annotation $data/genes.gtf --sites dono
expect_failure 2 "not both" "regions and sites" windows --annotation $data/genes.gtf --sites donor --regions "$folder/r.bed"
expect_failure 2 "goes with sites of a genome" "a blacklist of transcripts" "$MUTAGREE" windows --transcripts share/example/transcripts.fa.gz --blacklist "$folder/r.bed"
finish
